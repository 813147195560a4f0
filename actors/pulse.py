"""The pulse of a process: what it does in each minute, by page, written to Redis for the charts of all processes.

Counting only adds to a dictionary in memory: it is in the way of every webhook. A write that fails is tried again with
the next one; one that is lost for good costs the charts some of their height, and nothing else.
"""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import islice
from typing import Final, TypeAlias, get_args

import structlog
from msgspec import Struct, field

from actors import keys
from actors.background import in_background, until
from actors.errors import StoreUnavailable
from actors.metrics import ACT_TO_ACCEPTANCE_S
from actors.scripts import Argument, Script, Store
from rules.delivery import AnswerClass
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, utc

WRITTEN_S: Final = 5.0
"""How often a process writes what it has counted, in seconds."""

LAST_WRITE_S: Final = 2.0
"""How long the end of a process waits for its last write."""

KEPT_MS: Final = 26 * HOUR_MS
LAST_KEPT_MS: Final = 30 * DAY_MS

MOST_COUNTS: Final = 20_000
"""Most counts that are kept for later while Redis is away; what comes on top is given up."""

MOST_UNWRITTEN: Final = 100_000
"""Most counts between two writes, however long the second takes: a process does not run out of memory for a chart."""

AT_ONCE: Final = 100
"""Most hashes in one script call, so that webhooks never wait long for it."""

SORTED_AT_ONCE: Final = 1_000
"""Counts that are sorted at one stretch, for the same reason."""

IN: Final = "in"
"""Facts committed."""

FIRED: Final = "fired"
SENT: Final = "sent"

CONFLICTS: Final = "conflicts"
"""Commits that another process was faster than."""

BUCKET_WAIT_MS: Final = "bucket_wait_ms"
"""How long requests have waited for a token, in all."""

POSTPONED: Final = "postponed"
"""Events that went back to the outbox because a bucket was shut."""

ATTEMPT: Final[dict[AnswerClass, str]] = {answer: f"attempt:{answer}" for answer in get_args(AnswerClass)}
"""Requests to TikTok, by what the answer means."""

LAGS: Final = (*(f"lag:{bound:g}" for bound in ACT_TO_ACCEPTANCE_S), "lag:+Inf")
"""Accepted events by the time from the act to the acceptance, each in the first bound (s) that it is within."""

log = structlog.get_logger()

_Minute: TypeAlias = tuple[str | None, int, str]
"""Whose it is (a page id, or None: all pages together), the minute, and what was counted."""

_Heard: TypeAlias = tuple[str | None, str]


class _Counted(Struct):
    """What is still to be written: counts, and when something was last heard (ms, UTC)."""

    minutes: defaultdict[_Minute, int] = field(default_factory=lambda: defaultdict(int))
    last: dict[_Heard, int] = {}

    def hear(self, heard: _Heard, at: int) -> None:
        """Note a time, unless a later one is known."""
        self.last[heard] = max(at, self.last.get(heard, 0))


class _Hash(Struct, frozen=True):
    """One hash of the charts: its key, what the script shall do with it, and what of the counts that writes."""

    key: str
    arguments: list[Argument]
    holds: _Counted


class Pulse:
    """Counts of one process that are not written yet."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counts: defaultdict[tuple[str, int, str], int] = defaultdict(int)
        self._last: dict[tuple[str, str], int] = {}
        self._late = _Counted()

    def count(self, page_id: str, at: int, what: str, amount: int = 1) -> None:
        """Add to one of the counts above, in the minute of `at` (ms, UTC)."""
        counted = (page_id, at // MINUTE_MS, what)
        if len(self._counts) < MOST_UNWRITTEN or counted in self._counts:
            self._counts[counted] += amount

    def accepted(self, page_id: str, at: int, lag_ms: int) -> None:
        """Count an event that TikTok has accepted so long after its act."""
        self.count(page_id, at, SENT)
        self.count(page_id, at, LAGS[bisect_left(ACT_TO_ACCEPTANCE_S, lag_ms / SECOND_MS)])

    def hear(self, page_id: str, field: str, at: int) -> None:
        """Note that a webhook field brought something for the page."""
        if len(self._last) < MOST_UNWRITTEN or (page_id, field) in self._last:
            self._last[page_id, field] = at

    async def write(self, store: Store) -> None:
        """Write what was counted since the last time. What Redis does not take is kept for the next time."""
        beat = Script(store, "beat")
        async for hashes in _calls(await self._take()):
            try:
                await beat([each.key for each in hashes], [word for each in hashes for word in each.arguments])
            except StoreUnavailable:
                # The others may lie on other nodes.
                self._keep(hashes)

    async def _take(self) -> _Counted:
        """Return all that is to be written, that of all pages together first."""
        counts, self._counts = self._counts, defaultdict(int)
        last, self._last = self._last, {}
        taken, self._late = self._late, _Counted()
        for number, ((page_id, minute, what), amount) in enumerate(counts.items()):
            if number % SORTED_AT_ONCE == 0:
                await asyncio.sleep(0)
            taken.minutes[None, minute, what] += amount
            taken.minutes[page_id, minute, what] += amount
        for number, ((page_id, named), at) in enumerate(last.items()):
            if number % SORTED_AT_ONCE == 0:
                await asyncio.sleep(0)
            taken.hear((None, named), at)
            taken.hear((page_id, named), at)
        return taken

    def _keep(self, hashes: list[_Hash]) -> None:
        for each in hashes:
            if len(self._late.minutes) + len(self._late.last) < MOST_COUNTS:
                self._late.minutes.update(each.holds.minutes)
                self._late.last.update(each.holds.last)


def written(pulse: Pulse, store: Store) -> AbstractAsyncContextManager[None]:
    """Write the pulse every few seconds for as long as the block lasts, and once more at its end."""
    return in_background(partial(_write, pulse, store), "pulse", LAST_WRITE_S)


async def _write(pulse: Pulse, store: Store, stopping: asyncio.Event) -> None:
    while True:
        await until(stopping, WRITTEN_S)
        last = stopping.is_set()
        try:
            await pulse.write(store)
        except Exception:  # loop top: what could not be written is lost, and what is counted next is written again
            log.exception("pulse.not_written")
        if last:
            return


async def _calls(taken: _Counted) -> AsyncIterator[list[_Hash]]:
    """Sort what there is to write into script calls: each is of one slot and not too long."""
    slots: defaultdict[int | None, _Counted] = defaultdict(_Counted)
    for number, ((page_id, minute, what), amount) in enumerate(taken.minutes.items()):
        if number % SORTED_AT_ONCE == 0:
            await asyncio.sleep(0)
        slots[_slot(page_id)].minutes[page_id, minute, what] = amount
    for number, ((page_id, named), at) in enumerate(taken.last.items()):
        if number % SORTED_AT_ONCE == 0:
            await asyncio.sleep(0)
        slots[_slot(page_id)].last[page_id, named] = at
    for slot, counted in slots.items():
        hashes = iter(_hashes(counted))
        # Of all pages together each is in a slot of its own.
        while some := list(islice(hashes, 1 if slot is None else AT_ONCE)):
            yield some


def _slot(page_id: str | None) -> int | None:
    return None if page_id is None else keys.partition(page_id)


def _hashes(counted: _Counted) -> list[_Hash]:
    hours: defaultdict[str, _Counted] = defaultdict(_Counted)
    for (page_id, minute, what), amount in counted.minutes.items():
        hour = keys.hour(minute * MINUTE_MS)
        key = keys.pulse_of_all(hour) if page_id is None else keys.pulse(page_id, hour)
        hours[key].minutes[page_id, minute, what] = amount
    heard: defaultdict[str, _Counted] = defaultdict(_Counted)
    for (page_id, named), at in counted.last.items():
        key = keys.PULSE_LAST_OF_ALL if page_id is None else keys.pulse_last(page_id)
        heard[key].last[page_id, named] = at
    return [
        *(_Hash(key, _adding(holds), holds) for key, holds in hours.items()),
        *(_Hash(key, _setting(holds), holds) for key, holds in heard.items()),
    ]


def _adding(counted: _Counted) -> list[Argument]:
    fields: list[Argument] = []
    for (_, minute, what), amount in counted.minutes.items():
        fields += [f"{minute % 60:02d} {what}", amount]
    return ["HINCRBY", KEPT_MS, len(fields) // 2, *fields]


def _setting(counted: _Counted) -> list[Argument]:
    fields: list[Argument] = []
    for (_, named), at in counted.last.items():
        fields += [named, at, f"{named}_utc", utc(at)]
    return ["HSET", LAST_KEPT_MS, len(fields) // 2, *fields]
