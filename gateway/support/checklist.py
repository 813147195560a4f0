"""The four events as a checklist: what fired and what became of it, or the one thing that is missing. Pure."""

from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.api.shapes import ClickShape, ConversationShape, OrderShape, StandingShape
from gateway.pages.event_log import Kind, badge
from rules.events import CLICK_EVENTS, ORDER_EVENTS

Mark: TypeAlias = Literal["done", "under_way", "failed", "possible", "lost"]
"""How an event stands: accepted by TikTok, on its way, given up, not fired but still possible, or not any more."""

_MARKS: dict[Kind, Mark] = {
    "good": "done",
    "waiting": "under_way",
    "paused": "under_way",
    "trouble": "failed",
    "off": "failed",
}


class Point(Struct, frozen=True, kw_only=True):
    """One event of the checklist. `badge` is its delivery's kind; `left_ms` is for how long it can still happen."""

    standing: StandingShape
    mark: Mark
    badge: Kind | None
    left_ms: int | None


class Subject(Struct, frozen=True, kw_only=True):
    """What two of the events are about: a click or an order; neither where there is none yet."""

    points: tuple[Point, ...]
    click: ClickShape | None = None
    order: OrderShape | None = None


class Checklist(Struct, frozen=True, kw_only=True):
    """The newest click and the newest order, and the older ones, newest first."""

    click: Subject
    order: Subject
    older_clicks: tuple[Subject, ...]
    older_orders: tuple[Subject, ...]


def checklist(told: ConversationShape, now: int) -> Checklist:
    """Sort what is told of a conversation by what it is about. `now` is ms, UTC."""
    of_clicks = _pairs(told, CLICK_EVENTS[0], now)
    of_orders = _pairs(told, ORDER_EVENTS[0], now)
    clicks = [
        Subject(points=points, click=click) for points, click in zip(of_clicks, told.clicks or (None,), strict=True)
    ]
    orders = [
        Subject(points=points, order=order) for points, order in zip(of_orders, told.orders or (None,), strict=True)
    ]
    return Checklist(click=clicks[0], order=orders[0], older_clicks=tuple(clicks[1:]), older_orders=tuple(orders[1:]))


def _pairs(told: ConversationShape, first: str, now: int) -> list[tuple[Point, Point]]:
    """Return each event of this name with its companion, which stands behind it."""
    starts = [place for place, each in enumerate(told.events) if each.event == first]
    return [(_point(told.events[place], now), _point(told.events[place + 1], now)) for place in starts]


def _point(standing: StandingShape, now: int) -> Point:
    delivery = standing.delivery
    kind = badge(delivery.status, delivery.reason, ended=delivery.settled_at is not None) if delivery else None
    if standing.fired:
        # Of an event whose row has expired only its firing is known.
        mark: Mark = _MARKS[kind] if kind else "done"
    else:
        mark = "possible" if standing.possible else "lost"
    left_ms = None if standing.until is None else max(0, standing.until - now)
    return Point(standing=standing, mark=mark, badge=kind, left_ms=left_ms)
