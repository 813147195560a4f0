"""Coming in: HaraSocial's signed link becomes a session, and disappears from the address."""

import secrets
from http import HTTPStatus
from math import ceil

from aiohttp import web
from yarl import URL

from actors.sessions import Session, SessionPage
from gateway.clock import now_ms
from gateway.pages.errors import LINK_FORGED, LINK_USED
from gateway.pages.links import Link, LinkedPage, SupportLink, read_link
from gateway.pages.paths import ROOT, SUPPORT
from gateway.pages.session import give_cookie, given_session_id, redirect
from gateway.parts import PARTS
from gateway.vault import Vault
from rules.times import SECOND_MS


async def enter(request: web.Request) -> web.Response:
    """Let a seller in by a link in the query, or in a form: an address has too little room for a large store."""
    link = await read_entry(request)
    if isinstance(link, SupportLink):
        # 307: what came by a form goes on as one. Support's own address opens it, and writes down who came.
        return web.Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": _on_to_support(request)})
    return await begin(request, link, ROOT)


async def read_entry(request: web.Request) -> Link:
    """Return the link that the request brings. Raises the PageError of one that is forged, unreadable or expired."""
    given = (await request.post()).get("session") if request.method == "POST" else request.query["session"]
    if not isinstance(given, str):
        raise LINK_FORGED.error()
    secret = request.config_dict[PARTS].settings.harasocial_session_secret
    return read_link(given, secret.reveal(), now_ms() / SECOND_MS)


async def begin(request: web.Request, link: Link, path: str) -> web.Response:
    """Open a session by a link, and lead to its first page. Raises the PageError of a link that was used before."""
    parts, now = request.config_dict[PARTS], now_ms()
    session = _session(link, parts.vault, now)
    if not await parts.sessions.open(session, link.jti, ceil(link.exp - now / SECOND_MS)):
        raise LINK_USED.error()
    before = given_session_id(request)
    if before:
        await parts.sessions.close(before)
    response = redirect(path)
    give_cookie(request, response, session.id)
    return response


def _on_to_support(request: web.Request) -> str:
    return str(URL(SUPPORT).with_query(request.query))


def _session(link: Link, vault: Vault, now: int) -> Session:
    return Session(
        id=secrets.token_urlsafe(32),
        sub=link.sub,
        store_id=link.store_id,
        role=link.role,
        lang="en" if link.lang == "en" else "vi",
        csrf=secrets.token_urlsafe(32),
        pages=tuple(_page(page, vault) for page in link.pages),
        began_at=now,
    )


def _page(page: LinkedPage, vault: Vault) -> SessionPage:
    picture = page.picture if page.picture and page.picture.startswith("https://") else ""
    return SessionPage(page.id, page.name or page.id, picture, vault.encrypt(page.token) if page.token else None)
