"""The outbox as structs: what waits, and what became of sending something again. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from actors.bulk_resend import Estimate
from actors.depth import Depth
from actors.resend import Resent
from gateway.api.shapes import Words
from gateway.api.telling import iso, why_not_resent
from rules.catalogue import DELIVERY_CODES, PAGE_CODES


class DepthShape(Struct, frozen=True, kw_only=True):
    """How much of a page waits, when the oldest of it fired, and how many events were given up."""

    page_id: str
    waiting: int
    oldest_fired_at: int | None
    oldest_fired_at_utc: str | None
    dead: int


class OutboxShape(Struct, frozen=True, kw_only=True):
    """The outbox, the fullest page first."""

    pages: tuple[DepthShape, ...]


class ResentShape(Struct, frozen=True, kw_only=True):
    """What became of sending an event again; `sentence` says why it was refused, where there is a reason for that."""

    page_id: str
    event_id: str
    requeued: bool
    outcome: Resent
    sentence: Words | None


class ResentManyShape(Struct, frozen=True, kw_only=True):
    """What became of sending many again: how many matched, how many wait now, how many were refused and why."""

    matching: int
    requeued: int
    refused: dict[Resent, int]
    more: bool


def tell_estimate(done: Estimate) -> ResentManyShape:
    """Tell what became of sending many again."""
    return ResentManyShape(matching=done.matching, requeued=done.resendable, refused=done.refused, more=done.more)


def tell_outbox(depths: Sequence[Depth]) -> OutboxShape:
    """Tell what waits on some pages."""
    return OutboxShape(
        pages=tuple(
            DepthShape(
                page_id=depth.page_id,
                waiting=depth.waiting,
                oldest_fired_at=depth.oldest_fired_at,
                oldest_fired_at_utc=iso(depth.oldest_fired_at),
                dead=depth.dead,
            )
            for depth in depths
        )
    )


def tell_resent(page_id: str, event_id: str, outcome: Resent) -> ResentShape:
    """Tell what became of sending an event again."""
    why = next((code for code in (*DELIVERY_CODES, *PAGE_CODES) if code == outcome), None)
    return ResentShape(
        page_id=page_id,
        event_id=event_id,
        requeued=outcome == "requeued",
        outcome=outcome,
        sentence=why_not_resent(why) if why else None,
    )
