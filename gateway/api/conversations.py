"""One conversation: where it stands, what happened, and forgetting it."""

from http import HTTPStatus

import structlog
from aiohttp import web

from actors.audit import AuditEntry
from gateway.api.access import OPERATOR
from gateway.api.answers import answer, answer_page
from gateway.api.connection import NOT_CONNECTED
from gateway.api.problems import ProblemError, read_query
from gateway.api.reading import read_conversation, read_timeline
from gateway.api.requests import TimelineQuery
from gateway.api.shapes import RetoldShape
from gateway.clock import now_ms
from gateway.parts import PARTS
from rules.facts import ConversationId

log = structlog.get_logger()

UNKNOWN = (
    "Nothing is known of this conversation: without a TikTok click it is kept for 1 hour after its last message, with"
    " one until 9 days after the last click, and nothing is recorded while its page is not connected."
)


async def get_conversation(request: web.Request) -> web.Response:
    """Tell where the conversation stands, and for every event whether it fired or why not."""
    parts = request.config_dict[PARTS]
    found = await read_conversation(parts.views, parts.connections, _conversation(request), now_ms())
    if found is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, UNKNOWN)
    return answer(found)


async def get_timeline(request: web.Request) -> web.Response:
    """Tell everything that happened, each with its decisions and reasons, newest first."""
    query = read_query(request, TimelineQuery)
    parts, conversation = request.config_dict[PARTS], _conversation(request)
    page = await read_timeline(parts.views, conversation, query.before, query.limit)
    if not page.entries and await parts.views.conversation(conversation) is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, UNKNOWN)
    return answer_page(request, page, "before", page.next)


async def post_retell(request: web.Request) -> web.Response:
    """Store what was set aside of the conversation, now that its keys are repaired."""
    parts, conversation = request.config_dict[PARTS], _conversation(request)
    if await parts.connections.get(conversation.page_id) is None:
        raise ProblemError(HTTPStatus.CONFLICT, NOT_CONNECTED, reason="page_not_connected")
    about = AuditEntry(at=now_ms(), who=OPERATOR, action="retell", page_id=conversation.page_id, psid=conversation.psid)
    await parts.audit.write(about)
    retold = await parts.retelling.retell(conversation)
    log.info("facts.retold", page_id=conversation.page_id, psid=conversation.psid, stored=retold.stored)
    return answer(RetoldShape(stored=retold.stored, aside=retold.aside, error=retold.error))


async def delete_conversation(request: web.Request) -> web.Response:
    """Forget the customer: the conversation, its timeline, its events and their attempts. Nobody to forget is fine."""
    await request.config_dict[PARTS].forgetting.forget(_conversation(request))
    log.info("customer.forgotten", pages=1)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _conversation(request: web.Request) -> ConversationId:
    return ConversationId(request.match_info["page_id"], request.match_info["psid"])
