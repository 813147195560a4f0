"""When does `CompletePayment` fire: the last question, and with its answer the page is connected, or changed."""

from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from msgspec.structs import replace

from actors.connection import Connection
from actors.counts import DayCounts, total
from actors.errors import ConnectionRenewed
from gateway.clock import now_ms
from gateway.pages.drafts import Way, drop_draft, require_way
from gateway.pages.errors import PageError
from gateway.pages.paths import page_path
from gateway.pages.rendering import render
from gateway.pages.session import redirect, require_session
from gateway.parts import PARTS
from rules.days import day
from rules.orders import CompletePaymentOn

DAYS: Final = 30

log = structlog.get_logger()


async def get_choice(request: web.Request) -> web.Response:
    """Explain both choices, with what each would have meant for the page's orders."""
    return await _show(request, await _require_event_set(request))


async def post_choice(request: web.Request) -> web.Response:
    """Connect the page, or change how it is. Raises the PageError of one authorised anew after the seller began.

    One that was disconnected meanwhile is connected again, with the token that the seller began with: this is what they
    ask for now, and if TikTok no longer takes that token, it is withdrawn like any other.
    """
    way = await _require_event_set(request)
    wanted = _read((await request.post()).get("complete_payment_on"))
    if wanted is None:
        return await _show(request, way, wrong=True)
    store_id = require_session(request).store_id
    connection = Connection(
        page_id=way.page.id,
        store_id=store_id,
        advertiser_id=way.draft.advertiser_id,
        event_set_id=way.draft.event_set_id,
        access_token=way.draft.access_token,
        complete_payment_on=wanted,
        advertiser_name=way.draft.advertiser_name,
        event_set_name=way.draft.event_set_name,
        page_name=way.page.name,
    )
    if way.known:
        connection = replace(connection, paused=way.known.paused, time_zone=way.known.time_zone)
    await _put(request, way, connection)
    await drop_draft(request, way.page.id)
    log.info("connection.made", page_id=way.page.id, store_id=store_id, advertiser_id=connection.advertiser_id)
    return redirect(_after(way, wanted))


def _after(way: Way, chosen: CompletePaymentOn) -> str:
    before = way.changes_choice
    if before is None:
        # There is something to do at TikTok: the event set has to be chosen there.
        return page_path(way.page.id, "connect", "done")
    changed = chosen != before.complete_payment_on
    return f"{page_path(way.page.id)}?notice=choice_{chosen if changed else 'kept'}"


async def _put(request: web.Request, way: Way, connection: Connection) -> None:
    connections, kept_token = request.config_dict[PARTS].connections, way.draft.kept_token
    try:
        await connections.put(connection, now_ms(), kept_token=kept_token, keeps_pause=way.known is not None)
    except ConnectionRenewed as error:
        # It would be refused for ever.
        await drop_draft(request, way.page.id)
        raise PageError("renewed", HTTPStatus.CONFLICT, page_path(way.page.id), name=way.page.name) from error


async def _require_event_set(request: web.Request) -> Way:
    way = await require_way(request)
    if not way.draft.event_set_id:
        raise web.HTTPSeeOther(page_path(way.page.id, "connect", "event-set"))
    return way


async def _show(request: web.Request, way: Way, *, wrong: bool = False) -> web.Response:
    return render(
        request,
        "connect_choice.html.j2",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        page=way.page,
        draft=way.draft,
        known=way.known,
        only=way.changes_choice is not None,
        chosen=way.known.complete_payment_on if way.known else "order_confirmed",
        numbers=await _numbers(request, way),
        wrong=wrong,
    )


async def _numbers(request: web.Request, way: Way) -> DayCounts:
    return total(await request.config_dict[PARTS].counts.of_page(way.page.id, day(now_ms()), DAYS))


def _read(given: object) -> CompletePaymentOn | None:
    match given:
        case "order_confirmed" | "order_shipped":
            return given
    return None


_PATH: Final = "/pages/{page_id}/connect/choice"

ROUTES: Final = (web.get(_PATH, get_choice), web.post(_PATH, post_choice))
