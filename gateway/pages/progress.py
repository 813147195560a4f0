"""How far a new connection has come: the first click, message and event, and that TikTok has taken one."""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from actors.counts import total
from gateway.parts import Parts
from rules.days import day

StepName: TypeAlias = Literal["click", "message", "event", "sent"]

DAYS: Final = 30
"""Over how many days what has happened is shown."""


class Step(Struct, frozen=True):
    """One thing that must happen once, and how often it has."""

    name: StepName
    number: int


Steps: TypeAlias = tuple[Step, ...]


async def progress(parts: Parts, page_id: str, now: int) -> Steps:
    """Return the steps of a page, in the order in which they happen. Raises StoreUnavailable."""
    sums = total(await parts.counts.of_page(page_id, day(now), DAYS))
    return (
        Step("click", sums.clicks),
        Step("message", sums.messages),
        Step("event", sums.events),
        Step("sent", sums.ended("sent")),
    )


def complete(steps: Steps) -> bool:
    """Tell whether everything has happened."""
    return all(step.number for step in steps)
