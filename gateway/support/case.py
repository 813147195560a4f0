"""What support does with a conversation's case: tries it under other rules, takes it away for a ticket at TikTok."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.clock import now_ms
from gateway.packet import Packets
from gateway.pages.session import language
from gateway.parts import PARTS
from gateway.recogniser import PatternRefusedError
from gateway.support.access import audited
from gateway.support.conversation import Asked, Tried, gone, named, require_known, show
from gateway.what_if import Alternative, WhatIf
from rules.clicks import Policy
from rules.facts import ConversationId
from rules.orders import CompletePaymentOn

_CHOICES: Final[tuple[CompletePaymentOn, ...]] = ("order_confirmed", "order_shipped")


async def get_what_if(request: web.Request) -> web.Response:
    """Show the conversation, and how its events would stand with another choice or recogniser. Changes nothing."""
    conversation, alternative = named(request), read_alternative(request.query)
    await audited(request, "what_if", page_id=conversation.page_id, psid=conversation.psid)
    told = await require_known(request, conversation)
    return await show(request, told, Asked(), await _try(request, conversation, alternative))


def read_alternative(query: Mapping[str, str]) -> Alternative:
    """Read the form; what is left empty stays as it is."""
    choice = next((each for each in _CHOICES if each == query.get("choice")), None)
    return Alternative(choice, query.get("ref_pattern") or None)


async def _try(request: web.Request, conversation: ConversationId, alternative: Alternative) -> Tried:
    parts = request.config_dict[PARTS]
    policy = Policy(parts.settings.ref_pattern, parts.settings.count_all_postbacks)
    try:
        result = await WhatIf(parts.views, parts.connections, policy).conversation(conversation, alternative, now_ms())
    except PatternRefusedError as error:
        return Tried(alternative=alternative, wrong=error.why.say(language(request)))
    return Tried(alternative=alternative, result=result)


async def get_packet(request: web.Request) -> web.Response:
    """Hand out the conversation's case as a file, to be attached to a ticket at TikTok."""
    parts, conversation = request.config_dict[PARTS], named(request)
    await audited(request, "packet", page_id=conversation.page_id, psid=conversation.psid)
    packets = Packets(parts.views, parts.connections, parts.settings.wire_profile)
    packet = await packets.make(conversation, now_ms())
    if packet is None:
        raise gone(conversation)
    headers = {"Content-Disposition": f'attachment; filename="{packet.file_name}"'}
    return web.Response(body=packet.content, content_type="application/json", headers=headers)


_CONVERSATION: Final = "/conversations/{page_id}/{psid}"

ROUTES: Final = (
    web.get(f"{_CONVERSATION}/what-if", get_what_if),
    web.get(f"{_CONVERSATION}/packet", get_packet),
)
