"""The delivery log of a page, and sending again what was given up."""

from http import HTTPStatus

from aiohttp import web
from msgspec import structs

from actors.audit import AuditEntry
from actors.connection import page_trouble
from actors.resend import Resent
from actors.views import EventFilter, EventRow, Views
from gateway.api.access import OPERATOR
from gateway.api.answers import answer, answer_page
from gateway.api.problems import ProblemError, read_query
from gateway.api.requests import EventQuery
from gateway.api.shapes import TIKTOK_NAMES, AttemptShape, EventShape, EventsShape
from gateway.api.telling import tell_delivery, why_not_resent
from gateway.clock import now_ms
from gateway.parts import PARTS
from rules.catalogue import PageCode
from rules.times import SECOND_MS

UNKNOWN = "The page has no event of this id; an event is kept for 30 days after it was sent or given up."


async def get_events(request: web.Request) -> web.Response:
    """List the page's events with their attempts, newest first."""
    parts, page_id = request.config_dict[PARTS], request.match_info["page_id"]
    query = read_query(request, EventQuery)
    day = query.day.isoformat() if query.day else None
    wanted = EventFilter(query.status, query.name, query.order_id, query.psid, day)
    page = await parts.views.events(page_id, wanted, query.after, query.limit)
    trouble = page_trouble(await parts.connections.read(page_id))
    events = [await read_event(parts.views, row, trouble) for row in page.events]
    return answer_page(request, EventsShape(events=tuple(events), next=page.next), "after", page.next)


async def post_resend(request: web.Request) -> web.Response:
    """Send an event again, under its id; refuse with the reason what can no longer count."""
    parts, page_id = request.config_dict[PARTS], request.match_info["page_id"]
    event_id = request.match_info["event_id"]
    row = await _require_row(parts.views, page_id, event_id)
    await parts.audit.write(
        AuditEntry(at=now_ms(), who=OPERATOR, action="resend", page_id=page_id, psid=row.psid, event_id=event_id)
    )
    trouble = page_trouble(await parts.connections.read(page_id))
    resent = await parts.resender.resend(page_id, event_id)
    if resent != "requeued":
        raise _refusal(resent)
    row = await _require_row(parts.views, page_id, event_id)
    return answer(await read_event(parts.views, row, trouble), HTTPStatus.ACCEPTED)


async def _require_row(views: Views, page_id: str, event_id: str) -> EventRow:
    row = await views.event(page_id, event_id)
    if row is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, UNKNOWN)
    return row


def _refusal(resent: Resent) -> ProblemError:
    match resent:
        case "not_found":
            return ProblemError(HTTPStatus.NOT_FOUND, UNKNOWN)
        case "requeued" | "unreadable":
            return ProblemError(HTTPStatus.CONFLICT, "What is stored of the event is damaged, so it cannot be sent.")
        case reason:
            why = why_not_resent(reason)
            return ProblemError(HTTPStatus.CONFLICT, f"It is not sent again: {why.en}", reason=reason, sentence=why)


async def read_event(views: Views, row: EventRow, trouble: PageCode | None) -> EventShape:
    """Return an event with its attempts. `trouble` is what holds its page back. Raises StoreUnavailable."""
    attempts = await views.attempts(row.page_id, row.event_id) if row.attempts else ()
    return EventShape(
        **structs.asdict(tell_delivery(row, trouble)),
        event=row.event,
        tiktok_name=TIKTOK_NAMES[row.event],
        event_id=row.event_id,
        page_id=row.page_id,
        psid=row.psid,
        order_id=row.order_id,
        order_number=row.order_number,
        tracking_id=row.tracking_id,
        click_at=row.click_at,
        click_at_utc=row.click_at_utc,
        event_time=row.event_at // SECOND_MS,
        event_at=row.event_at,
        event_at_utc=row.event_at_utc,
        fired_at=row.fired_at,
        fired_at_utc=row.fired_at_utc,
        attempt_log=tuple(AttemptShape(**structs.asdict(attempt)) for attempt in attempts),
    )
