"""A page of the store at a glance: how it is connected, how it does, and what it sent of late."""

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from actors.connection import Connection
from actors.counts import Days
from actors.page_checks import PageCheck
from actors.sessions import Session, SessionPage
from gateway.parts import Parts
from rules.days import day

Health: TypeAlias = Literal[
    "sending", "waiting_for_click", "paused", "authorisation_withdrawn", "check_failing", "not_connected", "elsewhere"
]
"""How a page does. ``elsewhere``: another store has connected it."""

Filter: TypeAlias = Literal["all", "attention", "sending", "waiting_for_click", "paused", "not_connected"]
FILTERS: tuple[Filter, ...] = get_args(Filter)

_SHOWN_UNDER: dict[Health, Filter] = {
    "sending": "sending",
    "waiting_for_click": "waiting_for_click",
    "paused": "paused",
    "authorisation_withdrawn": "attention",
    "check_failing": "attention",
    "not_connected": "not_connected",
    "elsewhere": "not_connected",
}

_RANKS: dict[Filter, int] = {"attention": 0, "not_connected": 2}

DAYS = 7


class Glance(Struct, frozen=True, kw_only=True):
    """One page. `connection` is None where it is not this store's; `last_event_at` is ms, UTC."""

    page: SessionPage
    health: Health
    connection: Connection | None
    check: PageCheck | None
    last_event_at: int | None

    def is_under(self, wanted: Filter) -> bool:
        """Tell whether the filter shows it."""
        return wanted in {"all", _SHOWN_UNDER[self.health]}

    def is_called(self, words: str) -> bool:
        """Tell whether its name has these words, however they are accented, or its id is this."""
        return plain(words) in plain(self.page.name) or words == self.page.id


async def glance(parts: Parts, session: Session, pages: Sequence[SessionPage], now: int) -> tuple[Glance, ...]:
    """Look at pages of the seller's store: what needs attention first, then what is connected, each by its name.

    Raises StoreUnavailable.
    """
    page_ids = [page.id for page in pages]
    connections = await parts.connections.read_all(page_ids)
    own = [page_id for page_id in page_ids if _owned(connections.get(page_id), session)]
    checks = await parts.page_checks.get_many(own)
    last_events = await parts.views.last_events(own)
    silent = [page_id for page_id in own if page_id not in last_events]
    clicked = {page_id for page_id, days in (await recent(parts, silent, now)).items() if any(d.clicks for d in days)}
    found = []
    for page in sorted(pages, key=lambda page: (plain(page.name), page.id)):
        connection, check = connections.get(page.id), checks.get(page.id)
        active = page.id in last_events or page.id in clicked
        found.append(
            Glance(
                page=page,
                health=_health(connection, session, check, active=active),
                connection=connection if page.id in own else None,
                check=check,
                last_event_at=last_events.get(page.id),
            )
        )
    return tuple(sorted(found, key=lambda each: _RANKS.get(_SHOWN_UNDER[each.health], 1)))


async def recent(parts: Parts, page_ids: Sequence[str], now: int) -> dict[str, Days]:
    """Return the numbers of the last days, by page. Raises StoreUnavailable."""
    return await parts.counts.of_pages(page_ids, day(now), DAYS)


def _owned(connection: Connection | None, session: Session) -> bool:
    return connection is not None and connection.store_id == session.store_id


def _health(connection: Connection | None, session: Session, check: PageCheck | None, *, active: bool) -> Health:
    if connection is None:
        return "not_connected"
    if not _owned(connection, session):
        return "elsewhere"
    if not connection.authorised:
        return "authorisation_withdrawn"
    if connection.paused:
        return "paused"
    if check is not None and check.failing:
        return "check_failing"
    return "sending" if active else "waiting_for_click"


def plain(words: str) -> str:
    """Return words as people search for them and sort them: without case and accents."""
    # Sellers type names without their accents; đ is a letter of its own, and does not come apart.
    apart = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()
