"""What a failure means to people: a problem by its name, with what to do about it."""

import re
from collections.abc import Sequence
from typing import Final, get_args

from aiohttp import web
from msgspec import Struct

from actors.views import Attempt, EventRow
from gateway.api.shapes import Words
from gateway.pages.errors import NOT_FOUND
from rules.codes import UNOPENED, meaning, problem_name
from rules.delivery import Reply, ReplyKind

# Names also come in addresses, and are written down: nothing that could be a phone number is one.
_NAME: Final = re.compile(
    "[0-9]{1,6}|http_[0-9]{3}|timeout|cut|not_json|not_sent|token_unreadable|expired_unsent|outcome_unknown|rejected"
)

_KINDS: Final[tuple[ReplyKind, ...]] = get_args(ReplyKind)


class Trouble(Struct, frozen=True):
    """A problem in words."""

    name: str
    meaning: Words
    remedy: Words


def explain(name: str) -> Trouble:
    """Put a problem into words."""
    vi, en = meaning(name, "vi"), meaning(name, "en")
    return Trouble(name, Words(vi.sentence, en.sentence), Words(vi.remedy, en.remedy))


def trouble_of(row: EventRow, attempts: Sequence[Attempt]) -> Trouble | None:
    """Explain what last went wrong with an event; None when nothing did, or it was sent. `attempts`: oldest first."""
    if row.status == "sent":
        return None
    if row.reason == "authorisation_needed" and row.problem == UNOPENED:
        return explain(UNOPENED)
    if row.settled_at is not None and row.status != "rejected":
        return explain(row.status)
    last = attempts[-1] if attempts else None
    if last is None:
        return None
    kind: ReplyKind = next((kind for kind in _KINDS if kind == last.kind), "timeout")
    return explain(problem_name(Reply(kind, last.code, last.http_status), row.status))


def require_name(request: web.Request) -> str:
    """Return the problem that the path names. Raises the PageError of what cannot be one."""
    name = request.match_info["name"]
    if not _NAME.fullmatch(name):
        raise NOT_FOUND.error()
    return name
