"""The `state` that goes to TikTok and comes back: bound to the session, good for one return, for ten minutes."""

import secrets
from hashlib import sha256
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.clock import now_ms
from gateway.pages.drafts import has_draft
from gateway.pages.errors import NO_SESSION, PageError
from gateway.pages.paths import page_path
from gateway.pages.session import require_session
from gateway.parts import PARTS
from rules.times import MINUTE_MS

LIVES_MS: Final = 10 * MINUTE_MS

_OPEN: Final = "state:"
_USED: Final = "state_used:"


class _State(Struct, frozen=True):
    page_id: str
    expires_at: int


async def issue_state(request: web.Request, page_id: str) -> str:
    """Make a state for a page. Raises the PageError of a session that has ended."""
    state = secrets.token_urlsafe(32)
    note = msgspec.json.encode(_State(page_id, now_ms() + LIVES_MS))
    sessions = request.config_dict[PARTS].sessions
    if not await sessions.keep(require_session(request).id, _OPEN + _digest(state), note):
        raise NO_SESSION.error()
    return state


async def use_state(request: web.Request, state: str) -> str:
    """Use a state up, and return its page's id.

    Raises the PageError of one that is not this session's, was used before, or has expired.
    """
    sessions, session_id, digest = request.config_dict[PARTS].sessions, require_session(request).id, _digest(state)
    note = await sessions.kept(session_id, _OPEN + digest)
    if note is None:
        used = await sessions.kept(session_id, _USED + digest)
        raise (
            PageError("state_foreign", HTTPStatus.BAD_REQUEST) if used is None else await _used(request, used.decode())
        )
    known = msgspec.json.decode(note, type=_State)
    # First that it was used, then that it is gone: whoever comes in between is told the truth.
    await sessions.keep(session_id, _USED + digest, known.page_id.encode())
    if not await sessions.drop(session_id, _OPEN + digest):
        raise await _used(request, known.page_id)
    if now_ms() > known.expires_at:
        raise PageError("state_expired", HTTPStatus.GONE, page_path(known.page_id, "connect"))
    return known.page_id


async def _used(request: web.Request, page_id: str) -> PageError:
    # After a double click the first one may have brought the seller on already.
    if await has_draft(request, page_id):
        return PageError("state_used", HTTPStatus.CONFLICT, page_path(page_id, "connect", "advertiser"))
    return PageError("state_lost", HTTPStatus.CONFLICT, page_path(page_id, "connect"))


def _digest(state: str) -> str:
    return sha256(state.encode(errors="replace")).hexdigest()
