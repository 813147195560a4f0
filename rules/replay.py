"""Replay: the rules run again over what is remembered of a conversation, to see what another rule would have decided.

What is remembered is the timeline and the state. What happened before the first click has no timeline, so of that the
state alone tells: the last link that was no TikTok click, the messages that still waited for one, and each order as its
last push left it. Of a link that was no click nobody noted when it arrived; it is taken to have arrived as it happened.

So a replay under the book by which it was decided ends where the conversation stands, but for corners: an order that
was pushed before the first click and again after it; arrivals within one millisecond; and a choice that the seller
changed in the very second of the act.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from rules.decide import Rulebook, Told, decide, order_retold, retold
from rules.events import EVENT_NAMES, EventName
from rules.facts import ConversationId, Fact, Referral
from rules.standing import Standing
from rules.state import Conversation

Effect: TypeAlias = Literal["same", "gained", "lost", "moved", "reason"]


class Difference(Struct, frozen=True):
    """One event of a click or an order, as it was and as it would be. None: there is, or would be, no such standing."""

    event: EventName
    was: Standing | None
    would_be: Standing | None

    @property
    def effect(self) -> Effect:
        """What the other rule does: let it fire, keep it from firing, at another time, or only for another reason.

        Only until when it can still happen is no difference.
        """
        if _endless(self.was) == _endless(self.would_be):
            return "same"
        was, would_be = self.was and self.was.fired, self.would_be and self.would_be.fired
        if was is None or would_be is None:
            return "gained" if would_be else "lost" if was else "reason"
        return "moved" if was != would_be else "reason"


class Recognition(Struct, frozen=True):
    """A click that would be recognised otherwise, by its tracking id. None: it is, or would be, no click."""

    at: int
    ref: str
    was: str | None
    would_be: str | None


def remembered(state: Conversation, timeline: Iterable[Told]) -> tuple[Fact, ...]:
    """Return the facts that are remembered of a conversation, by its timeline (in its order) and by its state.

    What was a duplicate then is left out: it changed nothing, and the first of it may be older than the timeline.
    """
    told = [each.fact for each in timeline if not _repeated(each)]
    return (*told, *_of_state(state, told))


def replay(conversation: ConversationId, facts: Iterable[Fact], book: Rulebook) -> Conversation:
    """Return the conversation as the rules would have it, had the facts arrived under this book.

    They are told in the order of their arrival; what arrived in the same millisecond in the order of the acts. Hence a
    Get Started press that came before its click (rule 6) is told after it where both arrived in one millisecond.
    """
    state = Conversation()
    for fact in sorted(facts, key=lambda fact: (fact.received_at, fact.at)):
        state = decide(conversation, state, fact, book).state
    return state


def compare(was: tuple[Standing, ...], would_be: tuple[Standing, ...]) -> tuple[Difference, ...]:
    """Return where two sets of standings differ, event by event, newest click or order first."""
    return tuple(each for each in beside(was, would_be) if each.effect != "same")


def beside(was: tuple[Standing, ...], would_be: tuple[Standing, ...]) -> tuple[Difference, ...]:
    """Put each standing beside the other of its event and subject, those that are the same as well.

    A standing from before there was a click or an order stands beside each that takes its place.
    """
    return tuple(each for name in EVENT_NAMES for each in _of_event(name, was, would_be))


def compare_clicks(was: Conversation, would_be: Conversation) -> tuple[Recognition, ...]:
    """Return the clicks that only one of the two has, or that carry another tracking id, oldest first."""
    old = {click.place: click.tracking_id for click in was.clicks}
    new = {click.place: click.tracking_id for click in would_be.clicks}
    places = sorted(place for place in {*old, *new} if old.get(place) != new.get(place))
    return tuple(Recognition(*place, old.get(place), new.get(place)) for place in places)


def _endless(standing: Standing | None) -> Standing | None:
    return replace(standing, until=None) if standing else None


def _repeated(told: Told) -> bool:
    return all(answer.reason == "duplicate" for answer in told.answers)


def _of_state(state: Conversation, told: list[Fact]) -> Iterator[Fact]:
    link = state.unrecognised_ref
    if link is not None and not any(
        isinstance(fact, Referral) and (fact.at, fact.ref) == (link.at, link.ref) for fact in told
    ):
        yield Referral(link.at, link.at, link.ref, link.source)
    yield from map(retold, state.waiting)
    # Also those with pushes in the timeline: an earlier push, from before the click, may have shown more.
    yield from map(order_retold, state.orders)


def _of_event(name: EventName, was: tuple[Standing, ...], would_be: tuple[Standing, ...]) -> Iterator[Difference]:
    old = {each.event_id: each for each in was if each.event == name}
    new = {each.event_id: each for each in would_be if each.event == name}
    named: list[str | None] = [event_id for event_id in dict.fromkeys((*new, *old)) if event_id]
    for subject in named or [None]:
        yield Difference(name, old.get(subject, old.get(None)), new.get(subject, new.get(None)))
