"""Whose request this is: the cookie, the session behind it, and the proof that a change was meant (CSRF).

Every request passes `recognise`, and every POST of a seller `guard`: nobody has to remember it.
"""

import hmac
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from actors.sessions import Session, SessionPage
from gateway.clock import now_ms
from gateway.forms import require_form
from gateway.pages.errors import FORM, NO_SESSION, NOT_FOUND, ROLE, SELLERS_ONLY
from gateway.parts import PARTS
from gateway.settings import Settings
from rules.catalogue import Language

ENTER: Final = "enter"
"""The name of the route by which a form brings a link: it makes the session, so it has none to check."""

CSRF: Final = "csrf"
"""The field of every form that changes something."""

SESSION: Final = web.RequestKey("SESSION", Session)

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})
_MOST_ID: Final = 128


def require_session(request: web.Request) -> Session:
    """Return the seller's session. Raises the PageError of a request that has none, and of support's."""
    session: Session | None = request.get(SESSION)
    if session is None:
        raise NO_SESSION.error()
    if session.is_support:
        raise SELLERS_ONLY.error()
    return session


def require_change(request: web.Request) -> Session:
    """Return the session of a seller who may change connections. Raises the PageError of one who may not."""
    session = require_session(request)
    if not session.may_change:
        raise ROLE.error()
    return session


def require_page(request: web.Request) -> SessionPage:
    """Return the page that the path names. Raises the PageError of a page that is not of the seller's store."""
    page = require_session(request).page(request.match_info["page_id"])
    if page is None:
        raise NOT_FOUND.error()
    return page


def language(request: web.Request) -> Language:
    """Return the language to answer in: as asked for, as before, or as the browser likes it; Vietnamese by default."""
    asked = request.query.get("lang")
    if asked in {"vi", "en"}:
        return "en" if asked == "en" else "vi"
    session: Session | None = request.get(SESSION)
    if session is not None:
        return session.lang
    return "en" if request.headers.get("Accept-Language", "").strip().lower().startswith("en") else "vi"


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the session, where there is one; read no form but one of ours."""
    if request.method not in _SAFE:
        await require_form(request)
    if request.match_info.route.name == ENTER:
        return await handler(request)
    session_id = given_session_id(request)
    if session_id:
        session = await request.config_dict[PARTS].sessions.use(session_id, now_ms())
        if session is not None:
            request[SESSION] = session
    return await handler(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a change through only when it was meant, and meant by a seller who may."""
    if changes(request):
        await require_meant(request, require_session(request))
        require_change(request)
    return await handler(request)


@web.middleware
async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Remember the language that the seller asks for."""
    session, asked = request.get(SESSION), language(request)
    if session is not None and asked != session.lang:
        await request.config_dict[PARTS].sessions.speak(session.id, asked)
    return await handler(request)


def give_cookie(request: web.Request, response: web.Response, session_id: str) -> None:
    """Hand the browser its session. Lax, not Strict: TikTok sends the seller back by a link."""
    settings = request.config_dict[PARTS].settings
    response.set_cookie(
        cookie_name(settings), session_id, path="/", secure=_secure(settings), httponly=True, samesite="Lax"
    )


def given_session_id(request: web.Request) -> str:
    """Return what the cookie says; empty without one, and for what can be no id of ours."""
    given = request.cookies.get(cookie_name(request.config_dict[PARTS].settings), "")
    # Bytes that are no UTF-8 come as lone surrogates, which no store takes.
    return given if len(given) <= _MOST_ID and given.isascii() else ""


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; over https the browser refuses it from any other host (`__Host-`)."""
    return "__Host-seller" if _secure(settings) else "seller"


def redirect(path: str) -> web.Response:
    """Send the browser on to a path of ours with GET."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})


def changes(request: web.Request) -> bool:
    """Whether the request may change something, so that it has to prove that it was meant."""
    return request.method not in _SAFE and request.match_info.route.name != ENTER


async def require_meant(request: web.Request, session: Session) -> None:
    """See that a form of ours, made for this session, has sent the request. Raises the PageError of any other."""
    if not _from_here(request):
        raise FORM.error()
    given = (await request.post()).get(CSRF, "")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(errors="replace"), session.csrf.encode()):
        raise FORM.error()


def _from_here(request: web.Request) -> bool:
    # A browser that speaks of the fetch's site cannot be made to lie; an older one names the origin at least.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("Origin")
    ours = urlsplit(request.config_dict[PARTS].settings.public_url)
    return origin is None or origin == f"{ours.scheme}://{ours.netloc}"


def _secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
