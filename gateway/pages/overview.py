"""The overview: all pages of the store, with what each sends to TikTok; to search, to filter, to go on from."""

import re
from typing import Final

from aiohttp import web
from msgspec import Struct

from actors.counts import Days
from actors.sessions import Session
from gateway.clock import now_ms
from gateway.pages.entry import enter
from gateway.pages.glance import FILTERS, Filter, Glance, glance, recent
from gateway.pages.rendering import render
from gateway.pages.session import require_session
from gateway.parts import PARTS
from gateway.running_out import RunningOut, running_out

MOST: Final = 20
"""Pages on one page of the list."""

_NUMBER: Final = re.compile("[0-9]{1,5}")


class Line(Struct, frozen=True):
    """One page in the list, with its numbers by day."""

    glance: Glance
    days: Days


class Listing(Struct, frozen=True, kw_only=True):
    """One page of the list, and the way through it.

    `counts` says how many pages each filter shows, `running_out` what is about to be lost on any page of the store.
    """

    lines: tuple[Line, ...]
    found: int
    number: int
    last: int
    counts: dict[Filter, int]
    running_out: RunningOut


async def get_overview(request: web.Request) -> web.Response:
    """List the pages of the store."""
    if "session" in request.query:
        return await enter(request)
    session = require_session(request)
    words, wanted = request.query.get("q", "").strip()[:100], _filter(request.query.get("show", ""))
    listing = await _list(request, session, words, wanted)
    return render(request, "overview.html.j2", listing=listing, words=words, wanted=wanted, filters=FILTERS)


async def _list(request: web.Request, session: Session, words: str, wanted: Filter) -> Listing:
    parts, now = request.config_dict[PARTS], now_ms()
    seen = await glance(parts, session, session.pages, now)
    called = [each for each in seen if each.is_called(words)]
    found = [each for each in called if each.is_under(wanted)]
    last = max(1, -(-len(found) // MOST))
    number = min(_number(request.query.get("page", "")), last)
    shown = found[(number - 1) * MOST : number * MOST]
    numbers = await recent(parts, [each.page.id for each in shown if each.connection], now)
    return Listing(
        lines=tuple(Line(each, numbers.get(each.page.id, ())) for each in shown),
        found=len(found),
        number=number,
        last=last,
        counts={name: sum(each.is_under(name) for each in called) for name in FILTERS},
        running_out=await running_out(parts, now, {each.page.id for each in seen if each.connection}),
    )


def _filter(text: str) -> Filter:
    return next((name for name in FILTERS if name == text), "all")


def _number(text: str) -> int:
    return max(1, int(text)) if _NUMBER.fullmatch(text) else 1


ROUTES: Final = (web.get("", get_overview),)
