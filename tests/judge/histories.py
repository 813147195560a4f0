"""Invented histories of one conversation: acts at the times that matter, delivered as badly as Meta and HaraSocial may.

The same inventor serves long seeded runs (`random.Random`) and Hypothesis (`st.randoms`), which then can shrink.

Clicks are up to eight days old, so that seven days end within the history. Everything that may fire is younger than
seven days, so that it is still sent; that older events are not is a named case of its own.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias

from tests.judge.facts import Chose, Clicked, Fact, Pushed, Said
from tests.judge.judge import SEVEN_DAYS, TEN_MINUTES

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DAY = 24 * HOUR
OLDEST_CLICK = 8 * DAY
OLDEST_ACT = 7 * DAY - 4 * HOUR
AFTER_CLICK = (0, 1, 2, SECOND, MINUTE, HOUR, DAY, 3 * DAY, SEVEN_DAYS - 1, SEVEN_DAYS, SEVEN_DAYS + 1)
REFS = ("tt-1", "tt-1", "tt-1", "tt-2", "tt-2", "tt-chào/=", "fb-1", "", None)
STEPS = ("confirmed", "confirmed", "shipped", "cancelled", "reopened")
SOURCES = ("SHORTLINK", "SHORTLINK", "SHORTLINK", "SHORTLINK", "MESSENGER_CODE", "ADS")

MANNERS: tuple[dict[str, Any], ...] = (
    {"by": "customer"},
    {"by": "customer"},
    {"by": "page"},
    {"by": "page"},
    {"how": "get_started"},
    {"how": "postback"},
)

Delivery: TypeAlias = tuple[Fact, ...]
"""Facts that travel as one item or one push: nearly always one, but a press or a message may carry its click."""


class Scene(NamedTuple):
    """Where a history plays: nothing happens after `now` (ms). `gaps` (ms) lie between deliveries."""

    now: int
    choices: tuple[Chose, ...] = (Chose(0, "order_confirmed"),)
    gaps: tuple[int, ...] = (0, 0, 0, SECOND, 5 * MINUTE, TEN_MINUTES - 1, TEN_MINUTES, TEN_MINUTES + 1)
    unlinked: bool = False


def invent(dice: Random, scene: Scene) -> list[Delivery]:
    """Invent a history, in the order of its delivery. The page's choices are not in it."""
    clicks = sorted(scene.now - dice.choice((*AFTER_CLICK, OLDEST_CLICK)) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    acts: list[Delivery] = [_click(dice, at) for at in clicks]
    for talk in range(dice.choice((0, 1, 1, 2))):
        acts += _talk(dice, clicks, scene.now, talk)
    for number in range(dice.choice((0, 0, 1, 2))):
        acts += _order(dice, clicks, scene, number)
    young = [_young(act, scene.now - OLDEST_ACT) for act in acts]
    return _delivered(dice, [act for act in young if act], scene.gaps)


def facts_of(deliveries: Sequence[Delivery], choices: tuple[Chose, ...]) -> list[Fact]:
    """Return a history as the judge wants it: the choices first, then fact by fact."""
    return [*choices, *(fact for delivery in deliveries for fact in delivery)]


def _click(dice: Random, at: int) -> Delivery:
    click = Clicked(at, 0, dice.choice(REFS), dice.choice(SOURCES))
    door = dice.choice(("alone", "alone", "get_started", "message"))
    if door == "alone":
        return (click,)
    press = Said(at, 0, f"m_door_{at}_{dice.randrange(3)}", how="get_started")
    return (click, press if door == "get_started" else press._replace(how="message"))


def _talk(dice: Random, clicks: list[int], now: int, number: int) -> Iterator[Delivery]:
    """Some messages, a moment apart, that begin at a click, at the end of its seven days, or before it."""
    start = _after(dice, clicks, now) - dice.choice((0, 0, 0, 1, 5, HOUR))
    step = dice.choice((0, 1, SECOND))
    for place in range(dice.choice((1, 2, 6, 7, 9))):
        said = Said(min(start + place * step, now), 0, f"m_{number}_{dice.randrange(10_000)}")
        yield (said._replace(**dice.choice(MANNERS)),)


def _order(dice: Random, clicks: list[int], scene: Scene, number: int) -> Iterator[Delivery]:
    """An order's life: created, and some of what may follow, each told by a push or passed over."""
    at = created_at = _after(dice, clicks, scene.now) - dice.choice((0, 0, 0, 1, HOUR))
    state = Pushed(0, f"{created_at}{number}", created_at, created_at)
    unlinked = scene.unlinked and dice.random() < 0.3
    steps = dice.sample(STEPS, dice.choice((0, 1, 2, 3)))
    moments = [each.since + by for each in scene.choices for by in (-SECOND, 0, 1)]
    for step in ("created", *steps):
        later = [at, *(at + by for by in AFTER_CLICK), *(moment for moment in moments if moment > at)]
        at = min(scene.now, dice.choice(later))
        if step == "confirmed":
            state = state._replace(confirmed=True, confirmed_at=dice.choice((at, None)))
        elif step == "shipped":
            state = state._replace(shipped_at=at)
        elif step == "cancelled":
            state = state._replace(cancelled=True)
        elif step == "reopened":
            state = state._replace(cancelled=False)
        state = state._replace(updated_at=created_at if step == "created" else at, linked=not unlinked)
        if dice.random() < 0.8:
            yield (state,)
        unlinked = unlinked and dice.random() < 0.5


def _after(dice: Random, clicks: list[int], now: int) -> int:
    """Choose a moment at a telling distance from a click, or any if there is no click."""
    moments = [click + by for click in clicks for by in AFTER_CLICK if click + by <= now]
    return dice.choice(moments or [now - DAY])


def _young(act: Delivery, oldest: int) -> Delivery:
    """Leave out what would fire an event too old to be sent. A click may be as old as it likes."""
    return tuple(
        fact
        for fact in act
        if isinstance(fact, Clicked) or (fact.created_at if isinstance(fact, Pushed) else _at(fact)) >= oldest
    )


def _at(fact: Fact) -> int:
    return fact.since if isinstance(fact, Chose) else fact.updated_at if isinstance(fact, Pushed) else fact.at


def _delivered(dice: Random, acts: list[Delivery], gaps: tuple[int, ...]) -> list[Delivery]:
    """Put acts into the order of their delivery: roughly by time, some late, some twice."""
    acts.sort(key=lambda act: _at(act[0]))
    late = [(place + dice.choice((0, 0, 0, 1, 2, 5, 20)), act) for place, act in enumerate(acts)]
    again = [(place + dice.choice((0, 1, 3, 20)), act) for place, act in enumerate(acts) if dice.random() < 0.15]
    order = [act for _, act in sorted([*late, *again], key=lambda each: each[0])]
    arrives = max((_at(act[0]) for act in acts), default=0)
    deliveries = []
    for act in order:
        arrives += dice.choice(gaps)
        deliveries.append(tuple(fact if isinstance(fact, Chose) else fact._replace(arrives=arrives) for fact in act))
    return deliveries
