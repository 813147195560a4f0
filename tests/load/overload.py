"""``python -m tests.load.overload`` (``make overload``): what becomes of the service at twice what it can do.

Finds the maximum of webhooks answered 200 with a closed loop, then offers twice that at fixed times, whatever the
answers are, and looks on. Ends with 1 if a goal is missed.
"""

import argparse
import asyncio
import sys
import time
from itertools import count
from typing import Final, NamedTuple

from aiohttp import ClientError

from tests.load.client import Seen, Wanted
from tests.load.service import TRIES_APART, Service, load, maximum, memory_mib, service

CLOSED: Final = (32, 64, 128)
"""Connections of the tries for the maximum, of which the best counts."""

P99_MS: Final = 1_000

EARLY_MS: Final = 500
"""Longest that a 503 may take (p99)."""

IN_TIME: Final = 0.95
"""Least share of what was offered that must be answered meanwhile; otherwise the rest waited in the client."""

MEMORY_MIB: Final = 300
"""Most that the web process may ever hold."""

QUICK_S: Final = 0.1
QUICK_ONES: Final = 10
"""So many quick answers running are a recovery."""

ASK_EVERY_S: Final = 0.05
LOOK_ON_S: Final = 5.0


class Asked(NamedTuple):
    """A request of somebody who has nothing to do with the flood: when (monotonic), and what came of it."""

    at: float
    seconds: float
    ok: bool

    @property
    def quick(self) -> bool:
        """Whether all was as ever."""
        return self.ok and self.seconds < QUICK_S


class Measured(NamedTuple):
    """What was found."""

    maximum: float
    offered: float
    flood: Seen
    before_mib: float
    peak_mib: float
    after_mib: float
    recovered_in_s: float | None

    @property
    def answered(self) -> float:
        """How many were answered in a second."""
        return (self.flood.ok + self.flood.refused) / self.flood.seconds

    @property
    def missed(self) -> list[str]:
        """Name the goals that were missed."""
        goals = {
            "every 503 carries Retry-After": not self.flood.refused_without_retry_after,
            "no other answer, none missing": not self.flood.other + self.flood.cut,
            "some are refused": self.flood.refused > 0,
            f"a 503 within {EARLY_MS} ms (p99)": self.flood.refusal.p99_ms < EARLY_MS,
            f"{IN_TIME:.0%} of what was offered answered": self.answered > IN_TIME * self.offered,
            f"p99 of what was accepted below {P99_MS} ms from when it was due": self.flood.from_due.p99_ms < P99_MS,
            f"memory below {MEMORY_MIB} MiB": self.peak_mib < MEMORY_MIB,
            "recovers by itself": self.recovered_in_s is not None,
        }
        return [goal for goal, met in goals.items() if not met]

    def table(self) -> str:
        """Write it as Markdown."""
        flood = self.flood
        recovered = "not" if self.recovered_in_s is None else f"{self.recovered_in_s:.2f} s"
        rows = {
            "maximum, closed loop": f"{self.maximum:.0f}/s",
            "offered": f"{self.offered:.0f}/s for {flood.seconds:.0f} s",
            "answered": f"{self.answered:.0f}/s",
            "accepted (200)": f"{flood.ok / flood.seconds:.0f}/s",
            "refused (503)": f"{flood.refused / max(flood.ok + flood.refused, 1):.0%} of answers",
            "503 without Retry-After, other answers, cut": f"{flood.refused_without_retry_after}, "
            f"{flood.other}, {flood.cut}",
            "accepted, from when sent": f"p50 {flood.from_sent.p50_ms:.0f} ms, p99 {flood.from_sent.p99_ms:.0f} ms",
            "accepted, from when due": f"p50 {flood.from_due.p50_ms:.0f} ms, p99 {flood.from_due.p99_ms:.0f} ms",
            "503, from when sent": f"p50 {flood.refusal.p50_ms:.0f} ms, p99 {flood.refusal.p99_ms:.0f} ms",
            "memory of web before, peak, after": f"{self.before_mib:.0f}, {self.peak_mib:.0f}, "
            f"{self.after_mib:.0f} MiB",
            f"{QUICK_ONES} ordinary requests running below {QUICK_S * 1_000:.0f} ms after": recovered,
        }
        return "\n".join(["| what | measured |", "|---|---|", *(f"| {name} | {is_} |" for name, is_ in rows.items())])


async def measure(seconds: float, connections: int) -> Measured:
    """Measure all of it, which takes three times as long as the flood."""
    async with service() as running:
        most = await maximum(running, *CLOSED)
        before = memory_mib(running.web)
        asked: list[Asked] = []
        asking = asyncio.create_task(_keep_asking(running, asked))
        offered = 2 * most
        first = len(CLOSED) * TRIES_APART
        flood = Wanted(running.port, seconds, connections, offered, int(offered * seconds), first)
        seen = await load(flood)
        await asyncio.sleep(LOOK_ON_S)
        asking.cancel()
        peak, after = memory_mib(running.web, "VmHWM"), memory_mib(running.web)
    return Measured(most, offered, seen, before, peak, after, _recovery(asked, seen.ended_at))


async def _keep_asking(running: Service, asked: list[Asked]) -> None:
    for number in count():
        at = time.monotonic()
        try:
            ok = await running.world.customer_comes_and_writes(f"m-{number}") == 200
        except ClientError:
            ok = False
        asked.append(Asked(at, time.monotonic() - at, ok))
        await asyncio.sleep(ASK_EVERY_S)


def _recovery(asked: list[Asked], ended_at: float) -> float | None:
    after = [each for each in asked if each.at + each.seconds >= ended_at]
    for start in range(len(after) - QUICK_ONES + 1):
        if all(each.quick for each in after[start : start + QUICK_ONES]):
            return max(0.0, after[start].at + after[start].seconds - ended_at)
    return None


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long the flood lasts")
    parser.add_argument("--connections", type=int, default=2_000, help="of the flood")
    wanted = parser.parse_args()
    measured = asyncio.run(measure(wanted.seconds, wanted.connections))
    missed = measured.missed
    sys.stdout.write(f"{measured.table()}\n\n{'all goals met' if not missed else 'missed: ' + '; '.join(missed)}\n")
    return min(len(missed), 1)


if __name__ == "__main__":
    sys.exit(main())
