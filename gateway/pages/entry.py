"""Coming in: HaraSocial's signed link becomes a session, and disappears from the address."""

import secrets
from math import ceil

from aiohttp import web

from actors.sessions import Session, SessionPage
from gateway.clock import now_ms
from gateway.pages.errors import LINK_FORGED, LINK_USED
from gateway.pages.links import Link, LinkedPage, read_link
from gateway.pages.paths import ROOT
from gateway.pages.session import cookie_name, give_cookie, redirect
from gateway.parts import PARTS
from gateway.vault import Vault
from rules.times import SECOND_MS


async def enter(request: web.Request) -> web.Response:
    """Open a session by the link in the query, or in a form: an address has too little room for a large store."""
    parts, now = request.config_dict[PARTS], now_ms()
    given = (await request.post()).get("session") if request.method == "POST" else request.query["session"]
    if not isinstance(given, str):
        raise LINK_FORGED.error()
    link = read_link(given, parts.settings.harasocial_session_secret.reveal(), now / SECOND_MS)
    session = _session(link, parts.vault, now)
    if not await parts.sessions.open(session, link.jti, ceil(link.exp - now / SECOND_MS)):
        raise LINK_USED.error()
    before = request.cookies.get(cookie_name(parts.settings))
    if before:
        await parts.sessions.close(before)
    response = redirect(ROOT)
    give_cookie(request, response, session.id)
    return response


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
