"""One page's connection: how it stands, and to pause, resume or end it, after saying what that means."""

from typing import Final

from aiohttp import web
from msgspec import Struct

from actors.connection import Connection
from actors.sessions import SessionPage
from gateway.clock import now_ms
from gateway.pages.drafts import Draft, keep_draft, known_connection
from gateway.pages.errors import NOT_FOUND, PageError
from gateway.pages.glance import glance, recent
from gateway.pages.paths import ROOT, page_path
from gateway.pages.rendering import render
from gateway.pages.session import redirect, require_change, require_page, require_session
from gateway.parts import PARTS, Parts
from gateway.running_out import running_out

_CONFLICT: Final = 409


class Owned(Struct, frozen=True):
    """A page that this store has connected."""

    page: SessionPage
    connection: Connection


async def require_connection(request: web.Request) -> Owned:
    """Return the page that the path names, with its connection. Raises the PageError of one that has none of ours."""
    page = require_page(request)
    connection = await known_connection(request, page.id)
    if connection is None:
        raise PageError("not_connected", _CONFLICT, ROOT, name=page.name)
    return Owned(page, connection)


async def get_connection(request: web.Request) -> web.Response:
    """Show how the page is connected and how it does, and what can be changed."""
    parts, owned, now = request.config_dict[PARTS], await require_connection(request), now_ms()
    (seen,) = await glance(parts, require_session(request), [owned.page], now)
    return render(
        request,
        "connection.html.j2",
        page=owned.page,
        connection=owned.connection,
        seen=seen,
        days=(await recent(parts, [owned.page.id], now))[owned.page.id],
        waiting=(await parts.depths.page(owned.page.id)).waiting,
        orders=(await running_out(parts, now, {owned.page.id})).orders,
        now=now,
    )


async def ask(request: web.Request) -> web.Response:
    """Say what pausing, resuming or disconnecting means, and ask whether it is wanted."""
    require_change(request)
    owned = await require_connection(request)
    return render(
        request,
        "confirm.html.j2",
        act=_act(request),
        page=owned.page,
        connection=owned.connection,
        waiting=(await request.config_dict[PARTS].depths.page(owned.page.id)).waiting,
    )


async def do(request: web.Request) -> web.Response:
    """Pause, resume or disconnect the page."""
    parts, act = request.config_dict[PARTS], _act(request)
    page = (await require_connection(request)).page
    await _perform(parts, act, page.id)
    return redirect(f"{ROOT}?notice=disconnected" if act == "disconnect" else f"{page_path(page.id)}?notice={act}d")


async def change(request: web.Request) -> web.Response:
    """Go back to a step of connecting, with the authorisation that is there; without one, authorise first."""
    require_change(request)
    owned = await require_connection(request)
    connection = owned.connection
    if not connection.authorised:
        return redirect(page_path(owned.page.id, "connect"))
    draft = Draft(
        access_token=connection.access_token,
        advertiser_id=connection.advertiser_id,
        advertiser_name=connection.advertiser_name,
        event_set_id=connection.event_set_id,
        event_set_name=connection.event_set_name,
        keeps_token=True,
    )
    await keep_draft(request, owned.page.id, draft)
    return redirect(page_path(owned.page.id, "connect", request.match_info["step"]))


async def _perform(parts: Parts, act: str, page_id: str) -> None:
    if act == "pause":
        await parts.connections.pause(page_id, now_ms())
    elif act == "resume":
        await parts.connections.resume(page_id, now_ms())
    else:
        await parts.connections.delete(page_id)
        await parts.page_checks.forget(page_id)


def _act(request: web.Request) -> str:
    act = request.match_info["act"]
    if act not in {"pause", "resume", "disconnect"}:
        raise NOT_FOUND.error()
    return act


_PAGE: Final = "/pages/{page_id}"
_ACT: Final = "/pages/{page_id}/{act:pause|resume|disconnect}"

ROUTES: Final = (
    web.get(_PAGE, get_connection),
    web.get(_ACT, ask),
    web.post(_ACT, do),
    web.get("/pages/{page_id}/change/{step:advertiser|choice}", change),
)
