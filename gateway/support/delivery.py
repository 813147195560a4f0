"""The delivery of one event: every attempt with TikTok's answer, what the answer means, and to send it again."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from actors.connection import page_trouble
from actors.resend import Resent
from actors.views import EventRow
from gateway.clock import now_ms
from gateway.pages.errors import NOT_FOUND
from gateway.pages.event_log import tell_line
from gateway.pages.rendering import render
from gateway.pages.session import redirect
from gateway.parts import PARTS
from gateway.support import paths
from gateway.support.access import audited
from gateway.support.naming import clock_of, page_name
from gateway.support.troubles import trouble_of
from gateway.support.why import read_why, refusal
from rules.delivery import may_send


async def get_delivery(request: web.Request) -> web.Response:
    """Show one event on its way to TikTok."""
    row = await _require_row(request)
    await audited(request, "delivery", page_id=row.page_id, psid=row.psid, event_id=row.event_id)
    return await _show(request, row)


async def post_resend(request: web.Request) -> web.Response:
    """Send it again, under its id; the second press finds it in the queue, and changes nothing."""
    row, why = await _require_row(request), read_why(await request.post())
    if not why:
        return await _show(request, row, wrong=True)
    await audited(request, "resend", page_id=row.page_id, psid=row.psid, event_id=row.event_id, why=why)
    resent = await request.config_dict[PARTS].resender.resend(row.page_id, row.event_id)
    if resent == "requeued":
        return redirect(f"{paths.delivery(row.page_id, row.event_id)}?notice=resent")
    return await _show(request, await _require_row(request), refused=resent)


async def _require_row(request: web.Request) -> EventRow:
    named = request.match_info
    row = await request.config_dict[PARTS].views.event(named["page_id"], named["event_id"])
    if row is None:
        raise NOT_FOUND.error()
    return row


async def _show(
    request: web.Request, row: EventRow, *, wrong: bool = False, refused: Resent | None = None
) -> web.Response:
    parts = request.config_dict[PARTS]
    connection = await parts.connections.readable(row.page_id)
    attempts = await parts.views.attempts(row.page_id, row.event_id)
    too_late = may_send(now=now_ms(), event_at=row.event_at, unconfirmed_since=row.unconfirmed_since)
    given_up = row.settled_at is not None and row.status != "sent"
    return render(
        request,
        "support/delivery.html.j2",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        page_id=row.page_id,
        page_name=page_name(connection, row.page_id),
        page_trouble=page_trouble(connection),
        shop=clock_of(connection),
        line=tell_line(row, connection),
        attempts=attempts[::-1],
        trouble=trouble_of(row, attempts),
        given_up=given_up,
        too_late=refusal(too_late) if given_up and too_late else None,
        refused=refusal(refused) if refused else None,
        wrong=wrong,
    )


ROUTES: Final = (
    web.get("/deliveries/{page_id}/{event_id}", get_delivery),
    web.post("/deliveries/{page_id}/{event_id}/resend", post_resend),
)
