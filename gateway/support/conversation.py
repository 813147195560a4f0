"""One conversation on one page: who, in what state, the four events as a checklist, and everything that happened."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from gateway.api.differences import WhatIfShape
from gateway.api.reading import read_conversation, read_timeline, read_timeline_forwards
from gateway.api.requests import is_entry_id
from gateway.api.shapes import ConversationShape, TimelineShape
from gateway.clock import now_ms
from gateway.pages.errors import PageError
from gateway.pages.rendering import render
from gateway.parts import PARTS, Parts
from gateway.support import paths
from gateway.support.access import audited
from gateway.support.checklist import checklist
from gateway.support.naming import clock_of
from gateway.support.story import tell_line
from gateway.what_if import Alternative
from rules.facts import ConversationId

ENTRIES: Final = 100
"""Entries on one page of the timeline."""


class Asked(Struct, frozen=True):
    """Which part of the timeline somebody wants to see: in which order, and what follows which entry."""

    oldest_first: bool = False
    beyond: str | None = None

    @property
    def live(self) -> bool:
        """Whether what happens next would be seen on this part."""
        return not self.oldest_first and self.beyond is None

    def query(self, beyond: str | None = None) -> str:
        """Return the address's query for this order, from an entry on."""
        fields = {"order": "oldest" if self.oldest_first else None, "beyond": beyond}
        return urlencode({name: value for name, value in fields.items() if value})


class Tried(Struct, frozen=True, kw_only=True):
    """Other rules, as they stand in the form, and what would be under them, or why they were not tried."""

    alternative: Alternative
    result: WhatIfShape | None = None
    wrong: str = ""


async def get_conversation(request: web.Request) -> web.Response:
    """Show the conversation."""
    conversation = named(request)
    await audited(request, "conversation", page_id=conversation.page_id, psid=conversation.psid)
    told = await require_known(request, conversation)
    return await show(request, told, read_asked(request.query))


async def show(request: web.Request, told: ConversationShape, asked: Asked, tried: Tried | None = None) -> web.Response:
    """Show the page of a conversation, with what would be under other rules where that was `tried`."""
    context = await story(request, told, asked)
    return render(request, "support/conversation.html.j2", tried=tried, **context)


async def story(request: web.Request, told: ConversationShape, asked: Asked) -> dict[str, Any]:
    """Return what the templates of a conversation know."""
    parts, now = request.config_dict[PARTS], now_ms()
    conversation = ConversationId(told.page_id, told.psid)
    connection = await parts.connections.get(told.page_id)
    timeline = await _timeline(parts, conversation, asked)
    return {
        "told": told,
        "page_id": told.page_id,
        "connection": connection,
        "shop": clock_of(connection),
        "now": now,
        "checklist": checklist(told, now),
        "lines": [tell_line(entry) for entry in timeline.entries],
        "next": timeline.next,
        "asked": asked,
        "here": paths.conversation(told.page_id, told.psid),
    }


async def require_known(request: web.Request, conversation: ConversationId) -> ConversationShape:
    """Return where a conversation stands. Raises the PageError of one that is not known (any more)."""
    parts = request.config_dict[PARTS]
    told = await read_conversation(parts.views, parts.connections, conversation, now_ms())
    if told is None:
        raise gone(conversation)
    return told


def gone(conversation: ConversationId) -> PageError:
    """Return the error of a conversation that is not known (any more), which says why that may be."""
    return PageError("conversation_gone", HTTPStatus.NOT_FOUND, paths.page(conversation.page_id))


def named(request: web.Request) -> ConversationId:
    """Return the conversation that the path names."""
    return ConversationId(request.match_info["page_id"], request.match_info["psid"])


def read_asked(query: Mapping[str, str]) -> Asked:
    """Read an address's query. What makes no sense is not asked: an old link must not end in an error."""
    beyond = query.get("beyond", "")
    return Asked(query.get("order") == "oldest", beyond if is_entry_id(beyond) else None)


async def _timeline(parts: Parts, conversation: ConversationId, asked: Asked) -> TimelineShape:
    read = read_timeline_forwards if asked.oldest_first else read_timeline
    return await read(parts.views, conversation, asked.beyond, ENTRIES)


ROUTES: Final = (web.get("/conversations/{page_id}/{psid}", get_conversation),)
