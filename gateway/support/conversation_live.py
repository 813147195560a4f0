"""A conversation while somebody looks: when it changes, its checklist and the newest part of its timeline are told."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from gateway.api.reading import read_conversation
from gateway.api.shapes import ConversationShape, DeliveryShape
from gateway.clock import now_ms
from gateway.pages.rendering import render, say
from gateway.pages.session import language
from gateway.pages.streams import DONE, stream
from gateway.parts import PARTS
from gateway.support.access import audited
from gateway.support.conversation import Asked, named, require_known, story


async def get_live(request: web.Request) -> web.StreamResponse:
    """Tell the browser of every change. The opening is written down, not each change."""
    conversation = named(request)
    await audited(request, "conversation_live", page_id=conversation.page_id, psid=conversation.psid)
    await require_known(request, conversation)
    parts = request.config_dict[PARTS]
    seen: tuple[Any, ...] | None = None

    async def look() -> Mapping[str, str]:
        nonlocal seen
        told = await read_conversation(parts.views, parts.connections, conversation, now_ms())
        if told is None:
            return {DONE: ""}
        newest = await parts.views.timeline(conversation, limit=1)
        before, seen = seen, (_essence(told), newest.entries)
        if seen == before:
            return {}
        news = {"progress": await _parts(request, told)}
        # Nothing has changed for who has just come.
        return news if before is None else news | {"said": say(language(request), "conversation.updated")}

    return await stream(request, look)


def _essence(told: ConversationShape) -> tuple[Any, ...]:
    """Return what has to be told when it changes: no ages, for they change all the time."""
    trouble = told.page.reason if told.page else None
    events = tuple((each.reason, each.until, each.fired, _delivery(each.delivery)) for each in told.events)
    return (trouble, told.state, told.counters, told.clicks, told.orders, told.unrecognised_ref, events)


def _delivery(delivery: DeliveryShape | None) -> tuple[Any, ...] | None:
    if delivery is None:
        return None
    return (delivery.status, delivery.reason, delivery.attempts, delivery.next_attempt_at, delivery.code)


async def _parts(request: web.Request, told: ConversationShape) -> str:
    return render(request, "support/conversation_parts.html.j2", **await story(request, told, Asked())).text or ""


# A stream has a body whatever the method.
ROUTES: Final = (web.get("/conversations/{page_id}/{psid}/live", get_live, allow_head=False),)
