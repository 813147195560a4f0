"""One page of whichever store: how it is connected, its numbers of the last days, and its newest conversations."""

import re
from http import HTTPStatus
from typing import Final

from aiohttp import web
from msgspec import Struct

from actors.errors import StoredDamage
from gateway.clock import now_ms
from gateway.pages.errors import PageError
from gateway.pages.numbers import numbers
from gateway.pages.rendering import render
from gateway.pages.session import language
from gateway.parts import PARTS, Parts
from gateway.support.access import audited
from rules.days import day

MOST: Final = 50
"""Conversations on one page of the list: however many there are, no more are read."""

DAYS: Final = 7

_NUMBER: Final = re.compile("[0-9]{1,6}")


class Listing(Struct, frozen=True, kw_only=True):
    """One page of the list, and the way through it. A line is the customer and their last click (ms, UTC)."""

    lines: tuple[tuple[str, int], ...]
    found: int
    number: int
    last: int


async def get_page(request: web.Request) -> web.Response:
    """Show a page; one that is not connected (any more) too, as long as anything of it is left."""
    parts, page_id, today = request.config_dict[PARTS], request.match_info["page_id"], day(now_ms())
    try:
        connection, damaged = await parts.connections.read(page_id), False
    except StoredDamage:
        connection, damaged = None, True
    listing = await _list(parts, page_id, request.query.get("page", ""))
    last_event_at = (await parts.views.last_events([page_id])).get(page_id)
    await audited(request, "page", page_id=page_id)
    if connection is None and not damaged and not listing.found and last_event_at is None:
        # Conversations lead here for as long as they are kept, whatever became of their page.
        raise PageError("page_unknown", HTTPStatus.NOT_FOUND, page_id=page_id)
    return render(
        request,
        "support/page.html.j2",
        page_id=page_id,
        connection=connection,
        damaged=damaged,
        check=await parts.page_checks.get(page_id),
        numbers=numbers(await parts.counts.of_page(page_id, today, DAYS), language(request)),
        depth=await parts.depths.page(page_id),
        last_event_at=last_event_at,
        listing=listing,
    )


async def _list(parts: Parts, page_id: str, asked: str) -> Listing:
    found = await parts.page_conversations.count(page_id)
    last = max(1, -(-found // MOST))
    number = min(max(1, int(asked)), last) if _NUMBER.fullmatch(asked) else 1
    lines = await parts.page_conversations.newest(page_id, (number - 1) * MOST, MOST)
    return Listing(lines=lines, found=found, number=number, last=last)


ROUTES: Final = (web.get("/pages/{page_id}", get_page),)
