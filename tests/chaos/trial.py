"""A trial: traffic under faults, healing, and the judge's word against what TikTok counts. Seeded.

`CHAOS_SEED` begins elsewhere; `CHAOS_REPORT` names a file to which each line of the table is added.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, Protocol, TypeVar

from aiohttp import ClientSession

from tests.end_to_end.world import World, now_ms
from tests.judge.facts import Chose, Pushed
from tests.judge.histories import SECOND, Delivery, Scene, facts_of, invent
from tests.judge.judge import judge
from tests.judge.traffic import Traffic, event_set
from tests.judge.wire import Customer
from tests.waiting import eventually

SEED: Final = int(os.environ.get("CHAOS_SEED", "20261124"))
REPORT: Final = os.environ.get("CHAOS_REPORT")

CUSTOMERS: Final = 60
"""Conversations of one wave of traffic."""

REST_S: Final = (0.2, 1.5)
"""Between two faults, in seconds."""

EMPTY_WITHIN_S: Final = 300
"""A killed sender's lease ends after 30 s; an event that met TikTok's maintenance again waits two minutes and more."""

PAGES: Final = ("901", "902", "903")
TERMS: Final = (Chose(0, "order_confirmed"),)


class Place(Protocol):
    """Where a trial is held."""

    world: World
    http: ClientSession

    @property
    def urls(self) -> list[str]:
        """Where the gateways listen, dead or alive."""

    async def nothing_waits(self) -> bool:
        """Whether all outboxes are empty."""


PlaceT = TypeVar("PlaceT", bound=Place)


class Line(NamedTuple):
    """What came of a run: a line of the table."""

    fault: str
    times: int
    events: int
    lost: int
    doubled: int
    longest_silence_s: float
    emptied_in_s: float

    def __str__(self) -> str:
        """Write it as a row of Markdown."""
        cells = [self.fault.replace("_", " "), self.times, self.events, self.lost, self.doubled]
        return "| " + " | ".join(map(str, cells)) + f" | {self.longest_silence_s:.1f} s | {self.emptied_in_s:.0f} s |"


async def run(
    stage: PlaceT, faults: Mapping[str, Callable[[PlaceT, Random], Awaitable[None]]], seconds: float, name: str
) -> Line:
    """Let traffic run under faults, heal everything, and compare what TikTok counts with what the judge says."""
    dice = Random(f"{SEED} {name}")
    traffic = Traffic(stage.world, stage.http, stage.urls, dice)
    await traffic.register([*PAGES])
    for page_id in PAGES:
        await traffic.connect(page_id, "order_confirmed")
    stories: dict[Customer, list[Delivery]] = {}
    times = 0
    until = time.monotonic() + seconds

    async def inject() -> None:
        nonlocal times
        while time.monotonic() < until:
            await asyncio.sleep(dice.uniform(*REST_S))
            await faults[dice.choice([*faults])](stage, dice)
            times += 1

    injecting = asyncio.create_task(inject())
    wave = 0
    while time.monotonic() < until or not injecting.done():
        fresh = _stories(dice, wave)
        await traffic.deliver(fresh)
        stories |= fresh
        wave += 1
    await injecting

    healed = time.monotonic()
    await eventually(stage.nothing_waits, within=EMPTY_WITHIN_S)
    emptied_in = time.monotonic() - healed
    due = _due(stories)
    counted = [
        (each["event_source_id"], each["event"], each["event_id"], each["event_time"])
        for each in await traffic.accepted()
    ]
    lost, ids = due - set(counted), [event_id for _, _, event_id, _ in counted]
    strange = set(ids) - {event_id for _, _, event_id, _ in due}
    doubled = len(ids) - len(set(ids)) + len(strange)
    return Line(name, times, len(due), len(lost), doubled, traffic.longest_silence_s, emptied_in)


def _stories(dice: Random, wave: int) -> dict[Customer, list[Delivery]]:
    scene = Scene(now_ms(), TERMS, gaps=(0,), unlinked=True)
    stories = {}
    for number in range(CUSTOMERS):
        own = f"{wave}{number:03d}"
        story = [
            tuple(f._replace(order_id=f"{f.order_id}{own}") if isinstance(f, Pushed) else f for f in act)
            for act in invent(dice, scene)
        ]
        stories[Customer(dice.choice(PAGES), own)] = story
    return stories


def _due(stories: dict[Customer, list[Delivery]]) -> set[tuple[str, str, str, int]]:
    return {
        (event_set(customer.page_id), due.event, due.event_id, due.at // SECOND)
        for customer, story in stories.items()
        for due in judge(*customer, facts_of(story, TERMS))
    }


def report(line: Line) -> None:
    """Add a line to the table, if there is one."""
    if REPORT:
        with Path(REPORT).open("a") as table:
            table.write(f"{line}\n")
