"""What can go wrong on a page: each its own plain page, which says what to do next."""

from http import HTTPStatus
from typing import Final

from msgspec import Struct

from gateway.pages.paths import SUPPORT


class PageError(Exception):
    """Ends a request with a page of its own.

    `kind` names its words: ``error.KIND.title`` and ``error.KIND.text``, filled with `values`; where there is
    ``error.KIND.next``, a button with these words leads to `following` (a path), else to the overview.
    """

    def __init__(self, kind: str, status: int, following: str = "", **values: str | int) -> None:
        """Say it by its kind."""
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.following = following
        self.values = values


class Refusal(Struct, frozen=True):
    """A PageError that needs nothing but its kind."""

    kind: str
    status: int
    following: str = ""

    def error(self) -> PageError:
        """Make the error, to raise."""
        return PageError(self.kind, self.status, self.following)


NO_SESSION: Final = Refusal("no_session", HTTPStatus.UNAUTHORIZED)
LINK_FORGED: Final = Refusal("link_forged", HTTPStatus.UNAUTHORIZED)
LINK_EXPIRED: Final = Refusal("link_expired", HTTPStatus.UNAUTHORIZED)
LINK_USED: Final = Refusal("link_used", HTTPStatus.UNAUTHORIZED)
ROLE: Final = Refusal("role", HTTPStatus.FORBIDDEN)
SELLERS_ONLY: Final = Refusal("sellers_only", HTTPStatus.FORBIDDEN, SUPPORT)
FORM: Final = Refusal("form", HTTPStatus.FORBIDDEN)
NOT_FOUND: Final = Refusal("not_found", HTTPStatus.NOT_FOUND)
"""Also for another store's page: nobody learns whether it exists."""
