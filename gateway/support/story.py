"""The timeline as support reads it: each entry with what counts about it at a glance, and what it rests on. Pure."""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct, structs

from gateway.api.shapes import AttemptedShape, DecisionShape, EntryShape, TikTokName
from gateway.pages.event_log import Kind, badge
from rules.catalogue import CATALOGUE, ReasonCode
from rules.facts import Fact, Message, OrderSeen, Referral
from rules.times import MINUTE_MS

Sort: TypeAlias = Literal["click", "link", "customer", "page", "order", "delivery"]

LATE_MS: Final = MINUTE_MS
"""What arrived later than this after it happened is marked: order of arrival explains much."""

_NOT_SHOWN: Final = frozenset({"purchase", "earlier", "click_at_utc"})
_SAID_OTHERWISE: Final = frozenset({"fired", "already_fired"})


class Progress(Struct, frozen=True):
    """How many messages of the click there are of those that ValidConversation needs before its own."""

    messages: int
    needed: int


class Ground(Struct, frozen=True, kw_only=True):
    """A decision with what it was taken on: the rule's number (0: delivery, which has no rule)."""

    decision: DecisionShape
    rule: int


class Line(Struct, frozen=True, kw_only=True):
    """One entry. `late_ms` is how much later than it happened it arrived, where that is worth telling.

    `counted` is whether a message counts for a click (None: it is no message, or a repeated one); `notes` are the
    decisions to be seen at a glance; `facts` are all fields of what happened, by name.
    """

    id: str
    entry: EntryShape
    sort: Sort
    late_ms: int | None
    counted: bool | None
    progress: Progress | None
    badge: Kind | None
    fired: tuple[TikTokName, ...]
    notes: tuple[DecisionShape, ...]
    grounds: tuple[Ground, ...]
    facts: tuple[tuple[str, str | int | bool | None], ...]


def tell_line(entry: EntryShape) -> Line:
    """Tell one entry."""
    fact, delivery, sort = entry.fact, entry.delivery, _sort(entry)
    counted = _counted(entry) if isinstance(fact, Message) else None
    return Line(
        id=f"entry-{entry.id}",
        entry=entry,
        sort=sort,
        late_ms=_late(fact),
        counted=counted,
        progress=next((each for each in map(_progress, entry.decisions) if each), None),
        badge=badge(delivery.status, entry.decisions[0].reason, ended=delivery.given_up) if delivery else None,
        fired=tuple(each.tiktok_name for each in entry.decisions if each.fired and each.tiktok_name),
        notes=tuple(_notes(entry, all_events=sort == "order" or counted is False)),
        grounds=tuple(Ground(decision=each, rule=CATALOGUE[each.reason].rule) for each in entry.decisions),
        facts=tuple(_fields(fact or delivery)),
    )


def _sort(entry: EntryShape) -> Sort:
    match entry.fact:
        case None:
            return "delivery"
        case Referral():
            return "link" if _reasons(entry) == {"ref_not_tiktok"} else "click"
        case Message():
            return entry.fact.author
        case OrderSeen():
            return "order"
        case _:  # pragma: no cover
            assert_never(entry.fact)


def _late(fact: Fact | None) -> int | None:
    late_ms = 0 if fact is None else fact.received_at - fact.at
    return late_ms if late_ms > LATE_MS else None


def _counted(entry: EntryShape) -> bool | None:
    if _reasons(entry) == {"duplicate"}:
        return None
    # Whatever counts is one of the messages that ValidConversation waits for.
    return any(each.event == "ValidConversation" for each in entry.decisions)


def _notes(entry: EntryShape, *, all_events: bool) -> Iterator[DecisionShape]:
    for decision in entry.decisions:
        if entry.delivery:
            # The badge says the status; only what else holds it back is news, and that nobody will ever know more.
            never_known = entry.delivery.given_up and decision.reason == "outcome_unknown"
            if never_known or decision.reason != entry.delivery.status:
                yield decision
        elif decision.reason not in _SAID_OTHERWISE and (all_events or not decision.event):
            yield decision


def _progress(decision: DecisionShape) -> Progress | None:
    needed = decision.numbers.get("needed")
    return Progress(decision.numbers.get("messages", needed), needed) if needed else None


def _reasons(entry: EntryShape) -> set[ReasonCode]:
    return {each.reason for each in entry.decisions}


def _fields(told: Fact | AttemptedShape | None) -> Iterator[tuple[str, str | int | bool | None]]:
    if told is not None:
        yield from ((name, value) for name, value in structs.asdict(told).items() if name not in _NOT_SHOWN)
