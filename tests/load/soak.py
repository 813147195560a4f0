"""``python -m tests.load.soak --minutes 30`` (``make soak``): nothing may grow but what the contract's expiry keeps.

Whole conversations, every tenth with a click and an order, at half of what web, sender and Redis can do together here,
or at `--rate`. The table goes to `--report` as it grows. Ends with 1 if something grew, got lost or was doubled.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from redis.asyncio import Redis

from tests.end_to_end.running import Running
from tests.load.client import Seen, Wanted
from tests.load.service import Service, load, maximum, memory_mib, open_files, service
from tests.load.webhooks import ACTS, BLOCK, CLICKED_EVERY, EVENTS, begun
from tests.stores import Store
from tests.waiting import eventually

PAGES: Final = 20
CONNECTIONS: Final = 64
SAMPLES_AT_LEAST: Final = 12
EMPTY_WITHIN_S: Final = 60
SCAN: Final = 2_000

MORE: Final = 1.05
"""So much more memory, or keys a conversation, in the last quarter than in the second is no growth."""

MORE_KEYS: Final = 0.001
"""Keys a conversation: an outbox is there while something waits in it."""

MORE_FILES: Final = 8
"""Connections to Redis are counted apart: a pool grows in a crowd, to its limit and no further."""

MORE_TASKS: Final = 2 * CONNECTIONS
"""Each connection may have a request in flight when it is looked at or not, and that has two tasks."""


class Sample(NamedTuple):
    """One look at everything."""

    seconds: float
    web_mib: float
    sender_mib: float
    files: int
    redis_connections: int
    tasks: int
    redis_mib: float
    keys: Counter[str]

    @property
    def conversations(self) -> int:
        """How many conversations Redis holds."""
        return self.keys["conversation"]

    def row(self) -> str:
        """Write it as a row of the table."""
        minutes = f"{int(self.seconds) // 60}:{int(self.seconds) % 60:02d}"
        sizes = [f"{size:.0f}" for size in (self.web_mib, self.sender_mib, self.redis_mib)]
        counts = [self.files, self.redis_connections, self.tasks]
        keys = ", ".join(f"{kind} {number}" for kind, number in sorted(self.keys.items()))
        return "| " + " | ".join(map(str, [minutes, *sizes, *counts, keys])) + " |"


HEAD: Final = """| min | web MiB | sender MiB | Redis MiB | other files | Redis connections | web tasks | keys |
|---|---|---|---|---|---|---|---|
"""


async def soak(minutes: float, rate: float, every_s: float, report: Path) -> list[str]:
    """Lead conversations for so long; return what is wrong, nothing if all is well."""
    rate = rate or await _half_load()
    _write(report, f"{minutes:g} minutes at {rate:.0f} webhooks/s, {PAGES} pages\n\n{HEAD}")
    async with service(PAGES) as running:
        sender = running.world.start("sender")
        samples: list[Sample] = []
        looking = asyncio.create_task(_keep_looking(running, sender, every_s, (samples, report)))
        seen = await load(Wanted(running.port, minutes * 60, CONNECTIONS, rate, kind="life", pages=PAGES))
        looking.cancel()
        wrong = _grown(samples) + await _lost_or_doubled(running, seen)
    answers = f"200: {seen.ok}, 503: {seen.refused}, p50 {seen.from_due.p50_ms} ms, p99 {seen.from_due.p99_ms} ms"
    _write(report, f"\n{answers}\n\n{_verdict(samples)}\n{'; '.join(wrong) or 'all is well'}\n")
    return wrong


async def _half_load() -> float:
    async with service(PAGES) as running:
        running.world.start("sender")
        return await maximum(running, CONNECTIONS, kind="life", pages=PAGES) / 2


async def _keep_looking(running: Service, sender: Running, every_s: float, into: tuple[list[Sample], Path]) -> None:
    samples, report = into
    began = time.monotonic()
    while True:
        await asyncio.sleep(every_s)
        samples.append(await _look(running, sender, time.monotonic() - began))
        _write(report, samples[-1].row() + "\n")


async def _look(running: Service, sender: Running, seconds: float) -> Sample:
    async with Redis.from_url(running.redis_url) as client:
        store: Store = client
        keys = Counter([key.partition(b":")[0].decode() async for key in store.scan_iter(count=SCAN)])
        info = await store.info()
    return Sample(
        seconds=seconds,
        web_mib=memory_mib(running.web),
        sender_mib=memory_mib(sender),
        files=open_files(running.web) + open_files(sender) - (info["connected_clients"] - 1),
        redis_connections=info["connected_clients"] - 1,
        tasks=int(await running.world.measure("asyncio_tasks")),
        redis_mib=info["used_memory"] / 2**20,
        keys=keys,
    )


def _quarters(samples: list[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """Return the medians of the second and the last quarter: the first is for warming up."""
    quarter = len(samples) // 4
    return median(map(of, samples[quarter : 2 * quarter])), median(map(of, samples[-quarter:]))


def _sizes(samples: list[Sample]) -> dict[str, tuple[Callable[[Sample], float], float, float]]:
    """Name what may not grow: how to read it, by which factor it may differ, and by how many beyond that."""
    a_conversation = {
        f"`{kind}` keys a conversation": (lambda each, kind=kind: each.keys[kind] / each.conversations, MORE, MORE_KEYS)
        for kind in samples[-1].keys
    }
    return {
        "web MiB": (lambda each: each.web_mib, MORE, 0.0),
        "sender MiB": (lambda each: each.sender_mib, MORE, 0.0),
        "files of both beside connections to Redis": (lambda each: each.files, 1.0, MORE_FILES),
        "web tasks": (lambda each: each.tasks, 1.0, MORE_TASKS),
        "Redis KiB a conversation": (lambda each: each.redis_mib * 1024 / each.conversations, MORE, 0.0),
        **a_conversation,
    }


def _grown(samples: list[Sample]) -> list[str]:
    grown = []
    for name, (of, factor, more) in _sizes(samples).items():
        second, last = _quarters(samples, of)
        if last > second * factor + more:
            grown.append(f"{name} grew from {second:g} to {last:g}")
    return grown


def _verdict(samples: list[Sample]) -> str:
    rows = ["| median of | second quarter | last quarter |", "|---|---|---|"]
    for name, (of, _, _) in _sizes(samples).items():
        second, last = _quarters(samples, of)
        rows.append(f"| {name} | {second:.4g} | {last:.4g} |")
    return "\n".join(rows) + "\n"


async def _lost_or_doubled(running: Service, seen: Seen) -> list[str]:
    wrong = []
    if seen.other or seen.cut:
        wrong.append(f"{seen.other} strange answers, {seen.cut} connections cut")
    async with Redis.from_url(running.redis_url) as client:
        store: Store = client

        async def nothing_waits() -> bool:
            return [key async for key in store.scan_iter("outbox:*", count=SCAN)] == []

        await eventually(nothing_waits, within=EMPTY_WITHIN_S)
        keys = Counter([key.partition(b":")[0].decode() async for key in store.scan_iter(count=SCAN)])
    accepted = len(await running.world.accepted())
    posts = seen.ok + seen.refused
    if not begun(posts) - seen.refused <= keys["conversation"] <= begun(posts):
        wrong.append(f"{begun(posts)} conversations were begun, {keys['conversation']} are stored")
    whole = EVENTS * (posts // (BLOCK * ACTS)) * BLOCK // CLICKED_EVERY
    started = EVENTS * begun(posts) // CLICKED_EVERY
    if not whole - EVENTS * seen.refused <= keys["event"] <= started:
        wrong.append(f"{whole} to {started} events were due, {keys['event']} are stored")
    if accepted != keys["event"]:
        wrong.append(f"{keys['event']} events are stored, TikTok has {accepted}")
    return wrong


def _write(report: Path, text: str) -> None:
    with report.open("a") as file:
        file.write(text)


def main() -> int:
    """Soak, and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=0, help="webhooks a second; half of the maximum if not given")
    parser.add_argument("--every", type=float, default=30, metavar="S", help="seconds between two looks")
    parser.add_argument("--report", type=Path, default=Path("/dev/stdout"), help="a file for the table")
    wanted = parser.parse_args()
    if wanted.minutes * 60 < SAMPLES_AT_LEAST * wanted.every:
        parser.error(f"--minutes must be enough for {SAMPLES_AT_LEAST} looks")
    wrong = asyncio.run(soak(wanted.minutes, wanted.rate, wanted.every, wanted.report))
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())
