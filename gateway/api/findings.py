"""What was found, as structs. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from actors.finding import Found
from gateway.api.telling import iso


class FoundShape(Struct, frozen=True, kw_only=True):
    """One place: a page, a conversation, or with an event id a delivery. `by`: as what it was found. `at`: last met."""

    by: str
    page_id: str
    psid: str | None
    event_id: str | None
    at: int | None
    at_utc: str | None


class FindingsShape(Struct, frozen=True, kw_only=True):
    """All that something leads to, newest first."""

    found: tuple[FoundShape, ...]


def tell_found(found: Iterable[Found]) -> FindingsShape:
    """Tell what was found."""
    return FindingsShape(
        found=tuple(
            FoundShape(
                by=each.by,
                page_id=each.page_id,
                psid=each.psid,
                event_id=each.event_id,
                at=each.at or None,
                at_utc=iso(each.at or None),
            )
            for each in found
        )
    )
