"""Faults while it runs. Seeded; short here, long by `make chaos`, which prints a line of the table for each fault.

`CHAOS_SECONDS` is how long traffic runs under each fault.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.chaos.clock import Clock, faketime_installed
from tests.chaos.disk import Disk, strace_installed
from tests.chaos.faults import AHEAD_S, ON_CLOCK, ON_DISK, ON_HOST, ON_REPLICA, SET_BY_S, Fault
from tests.chaos.redis_pair import KEPT, Start
from tests.chaos.stage import STARTS_WITHIN_S, Stage
from tests.chaos.trial import CUSTOMERS, EMPTY_WITHIN_S, Line, report, run
from tests.end_to_end.world import World
from tests.proxy import proxy_to
from tests.waiting import eventually

SECONDS = float(os.environ.get("CHAOS_SECONDS", "0"))
SHORT_S = 12.0
LONGEST_S = int(max(SECONDS, SHORT_S)) + EMPTY_WITHIN_S + 240


@asynccontextmanager
async def staged(
    world: World,
    http: ClientSession,
    start: Start,
    folder: Path,
    *,
    replica: bool = False,
    disk: Disk | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Stage]:
    """Set the stage, with a Redis on disk, or with one that has a replica."""
    stage = Stage(world, http, start, folder, disk, clock)
    await stage.primary.run(*(() if replica else KEPT))
    if replica:
        world.settings["REDIS_DURABILITY"] = "replica"
        await stage.replica.run()
        stage.replica.follow(stage.primary)
        await eventually(lambda: stage.replica.is_synced, within=STARTS_WITHIN_S)
    async with proxy_to(stage.primary.url) as (stage.proxy, url):
        await stage.open(url)
        yield stage


async def lose_nothing(stage: Stage, faults: Mapping[str, Fault], name: str) -> Line:
    """Hold a trial under faults, add its line to the table, and see that nothing was lost or doubled."""
    line = await run(stage, faults, SECONDS or SHORT_S, name)
    report(line)
    assert (line.lost, line.doubled) == (0, 0), line
    return line


@pytest.mark.timeout(LONGEST_S)
async def test_all_faults_together(world: World, http: ClientSession, start: Start, tmp_path: Path) -> None:
    """Any fault after any other, at any moment."""
    async with staged(world, http, start, tmp_path) as stage:
        line = await lose_nothing(stage, ON_DISK, "all_together")
    assert line.events > CUSTOMERS // 2
    assert line.times


@pytest.mark.timeout(LONGEST_S)
async def test_a_replica_takes_over(world: World, http: ClientSession, start: Start, tmp_path: Path) -> None:
    """`REDIS_DURABILITY=replica`: what was answered 200 is on the replica."""
    async with staged(world, http, start, tmp_path, replica=True) as stage:
        line = await lose_nothing(stage, ON_REPLICA, "redis_failed_over")
    assert line.times


@pytest.mark.skipif(not strace_installed(), reason="needs strace, which `make chaos` installs")
@pytest.mark.timeout(LONGEST_S)
async def test_a_host_crashes(world: World, http: ClientSession, start: Start, tmp_path: Path) -> None:
    """`appendfsync always`: what was answered 200 is on the disk."""
    async with staged(world, http, start, tmp_path, disk=Disk(tmp_path / "primary")) as stage:
        line = await lose_nothing(stage, ON_HOST, "host_crashed")
    assert line.times


@pytest.mark.skipif(not faketime_installed(), reason="needs faketime")
@pytest.mark.timeout(LONGEST_S)
@pytest.mark.parametrize("name", ON_CLOCK if SECONDS else ["redis_clock_stepped"])
async def test_redis_clock_steps(world: World, http: ClientSession, start: Start, tmp_path: Path, name: str) -> None:
    """Leases, due times, buckets and expiry are by it: a step back may delay what waits by as much, and no more."""
    async with staged(world, http, start, tmp_path, clock=Clock(tmp_path, AHEAD_S)) as stage:
        line = await lose_nothing(stage, {name: ON_CLOCK[name]}, name)
    assert line.times
    assert line.emptied_in_s < SET_BY_S + STARTS_WITHIN_S, line


@pytest.mark.skipif(not SECONDS, reason="one by one they are run by `make chaos`")
@pytest.mark.timeout(LONGEST_S)
@pytest.mark.parametrize("name", ON_DISK)
async def test_each_fault_alone(world: World, http: ClientSession, start: Start, tmp_path: Path, name: str) -> None:
    """The same fault again and again."""
    async with staged(world, http, start, tmp_path) as stage:
        await lose_nothing(stage, {name: ON_DISK[name]}, name)
