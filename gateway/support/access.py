"""Who may see support's pages: people with the role `support`, and each of their steps is written down beforehand.

Every request passes `admit`: nobody has to remember it. Who is not let in is written down as well.
"""

from http import HTTPStatus
from typing import Final, TypedDict, Unpack

from aiohttp import web
from aiohttp.typedefs import Handler

from actors.audit import AuditEntry
from actors.sessions import Session
from gateway.clock import now_ms
from gateway.pages.entry import begin, read_entry
from gateway.pages.errors import PageError, Refusal
from gateway.pages.links import Link, SupportLink
from gateway.pages.paths import ROOT as SELLERS_ROOT
from gateway.pages.session import ENTER, SESSION, changes, require_meant
from gateway.parts import PARTS
from gateway.support.paths import ROOT

HOME: Final = "home"
"""The name of the route that a link in the query leads to: with one, it is open to everybody."""

NOBODY: Final = "nobody"
"""Who comes without a session."""

NO_SESSION: Final = Refusal("no_session", HTTPStatus.FORBIDDEN)
SUPPORT_ONLY: Final = Refusal("support_only", HTTPStatus.FORBIDDEN, SELLERS_ROOT)

_MOST_ID: Final = 128


class About(TypedDict, total=False):
    """What a line of the audit stream is about. Never what somebody typed: it may be a customer's phone number."""

    page_id: str
    psid: str
    event_id: str
    why: str
    detail: str


def require_support(request: web.Request) -> Session:
    """Return the session of somebody of support. Raises the PageError of everybody else."""
    session: Session | None = request.get(SESSION)
    if session is None:
        raise NO_SESSION.error()
    if not session.is_support:
        raise SUPPORT_ONLY.error()
    return session


async def audited(request: web.Request, action: str, **about: Unpack[About]) -> None:
    """Write down what somebody of support is about to see or do; nothing may be shown before.

    Raises StoreUnavailable when it cannot be written: then it is not shown either.
    """
    entry = AuditEntry(at=now_ms(), who=require_support(request).sub, action=action, **about)
    await request.config_dict[PARTS].audit.write(entry)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody through but support, and changes only when they were meant. Writes down who is refused."""
    if not _comes_in(request):
        try:
            session = require_support(request)
            if changes(request):
                await require_meant(request, session)
        except PageError as error:
            await _refused(request, request.get(SESSION), error)
            raise
    return await handler(request)


async def enter(request: web.Request) -> web.Response:
    """Let somebody of support in by their signed link, which is written down."""
    link: Link | None = None
    try:
        link = await read_entry(request)
        if not isinstance(link, SupportLink):
            raise SUPPORT_ONLY.error()
        response = await begin(request, link, ROOT)
    except PageError as error:
        await _refused(request, link, error)
        raise
    await request.config_dict[PARTS].audit.write(AuditEntry(at=now_ms(), who=link.sub, action="came_in"))
    return response


def _comes_in(request: web.Request) -> bool:
    name = request.match_info.route.name
    return name == ENTER or (name == HOME and "session" in request.query)


async def _refused(request: web.Request, who: Session | Link | None, error: PageError) -> None:
    resource, named = request.match_info.route.resource, request.match_info
    entry = AuditEntry(
        at=now_ms(),
        who=who.sub if who else NOBODY,
        # The pattern, never the path: it may hold whatever somebody has typed.
        action=f"{request.method} {resource.canonical if resource else 'none'}",
        allowed=False,
        page_id=named.get("page_id", "")[:_MOST_ID],
        psid=named.get("psid", "")[:_MOST_ID],
        event_id=named.get("event_id", "")[:_MOST_ID],
        why=error.kind,
        detail=f"role {who.role}" if who else "",
    )
    await request.config_dict[PARTS].audit.write(entry)
