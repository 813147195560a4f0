"""A small language for the rule book's cases: stories of one conversation, in seconds since their beginning."""

import itertools
import re
from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from rules.clicks import Policy
from rules.decide import Rulebook, Told, decide
from rules.events import Event
from rules.facts import Author, ConversationId, Fact, Message, OrderSeen, Purchase, Referral, Via
from rules.orders import Choice, CompletePaymentOn, Terms
from rules.reasons import Answer
from rules.state import Conversation

BEGINNING = 1_790_000_000_000
CONVERSATION = ConversationId("900", "7101")
MINUTE, HOUR, DAY, MS = 60.0, 3_600.0, 86_400.0, 0.001
PURCHASE = Purchase("450000", "VND")

_mids = itertools.count()


class Choose(Struct, frozen=True):
    """The seller's choice for CompletePayment, from a moment on."""

    at: int
    complete_payment_on: CompletePaymentOn


Step: TypeAlias = Fact | Choose
Story: TypeAlias = Sequence[Step | tuple[Step, ...]]


class Ending(Struct, frozen=True):
    """How a story ended: what fired and when (seconds), what was told of its last fact, the state."""

    fired: list[tuple[str, float]]
    events: list[Event]
    told: tuple[Told, ...]
    state: Conversation

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers to the last fact itself."""
        return self.told[0].answers if self.told else ()

    def reason(self, event: str | None = None) -> str:
        """Return the last reason for an event, or for the fact itself."""
        return next(answer.reason for answer in self.answers if answer.event == event)


def ms(at: float) -> int:
    """Return a moment of a story in Unix milliseconds."""
    return BEGINNING + round(at * 1000)


def click(at: float, ref: str | None = "tt-1", *, source: str = "SHORTLINK", arrives: float | None = None) -> Referral:
    """The customer comes through a link."""
    return Referral(ms(at), ms(at if arrives is None else arrives), ref, source)


def says(
    at: float, mid: str | None = None, *, by: Author = "customer", via: Via = "message", arrives: float | None = None
) -> Message:
    """The customer writes."""
    return Message(ms(at), ms(at if arrives is None else arrives), mid or f"m_{next(_mids):06d}", by, via)


def replies(at: float, mid: str | None = None, *, arrives: float | None = None) -> Message:
    """The page writes."""
    return says(at, mid, by="page", arrives=arrives)


def presses(at: float, mid: str | None = None, *, arrives: float | None = None) -> Message:
    """The customer presses Get Started."""
    return says(at, mid, via="get_started", arrives=arrives)


def presses_with_ref(at: float, ref: str = "tt-1", *, arrives: float | None = None) -> tuple[Step, ...]:
    """The customer presses Get Started, and the press carries the referral: click first, then the press (rule 2)."""
    return (click(at, ref, arrives=arrives), presses(at, arrives=arrives))


def talk(start: float, authors: str) -> tuple[Message, ...]:
    """Messages a second apart: `c` by the customer, `p` by the page."""
    return tuple(says(start + i, by="customer" if who == "c" else "page") for i, who in enumerate(authors))


def order(
    created: float,
    number: str = "1",
    *,
    updated: float | None = None,
    confirmed: float | bool | None = None,
    shipped: float | None = None,
    cancelled: bool = False,
    arrives: float | None = None,
) -> OrderSeen:
    """A push shows an order. `confirmed` is a moment, or True where the push does not say when."""
    changed = created if updated is None else updated
    return OrderSeen(
        at=ms(changed),
        received_at=ms(changed if arrives is None else arrives),
        order_id=number,
        created_at=ms(created),
        updated_at=ms(changed),
        confirmed=confirmed is not None,
        confirmed_at=ms(confirmed) if isinstance(confirmed, float | int) and confirmed is not True else None,
        cancelled=cancelled,
        shipped_at=None if shipped is None else ms(shipped),
        purchase=PURCHASE,
    )


def chooses(at: float, complete_payment_on: CompletePaymentOn) -> Choose:
    """The seller changes when CompletePayment fires."""
    return Choose(ms(at), complete_payment_on)


def tell(
    story: Story,
    *,
    first_choice: CompletePaymentOn = "order_confirmed",
    ref_pattern: str = ".+",
    count_postbacks: bool = False,
) -> Ending:
    """Let the rules decide a story in the order in which it is told."""
    policy = Policy(re.compile(ref_pattern), count_postbacks)
    choices = [Choice(0, first_choice)]
    state = Conversation()
    events: list[Event] = []
    told: tuple[Told, ...] = ()
    for step in flat(story):
        if isinstance(step, Choose):
            choices.append(Choice(step.at, step.complete_payment_on))
            continue
        outcome = decide(CONVERSATION, state, step, Rulebook(policy, Terms(tuple(choices))))
        state = outcome.state
        events.extend(outcome.events)
        told = outcome.told
    fired: list[tuple[str, float]] = [(event.name, round((event.at - BEGINNING) / 1000, 3)) for event in events]
    return Ending(fired, events, told, state)


def flat(story: Story) -> list[Step]:
    """Return the steps of a story one after another."""
    return [step for part in story for step in (part if isinstance(part, tuple) else (part,))]
