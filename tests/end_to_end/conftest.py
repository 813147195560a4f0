"""A service of real processes: redis-server, TikTok's sandbox, `web` and `sender`."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession
from redis import Redis

from tests.end_to_end.running import Running, python, running
from tests.end_to_end.world import World, settings_with
from tests.redis_cluster import RedisCluster, redis_cluster

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[RedisCluster]:
    """Start the session's Redis Cluster. Asks for `redis_url` to be skipped, or fail, where there is no Redis."""
    assert redis_url
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as running_cluster:
        yield running_cluster


@pytest.fixture(params=["single", "cluster"])
def real_redis_url(request: pytest.FixtureRequest, redis_url: str) -> str:
    """Give an emptied Redis, and an emptied Redis Cluster: every test of the processes runs on both."""
    if request.param == "cluster":
        nodes: RedisCluster = request.getfixturevalue("cluster")
        nodes.empty()
        return nodes.url
    with Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes that end with the test. Takes the command and its environment.

    What they did not expect is repeated at the end, so that a failing test shows it.
    """
    started: list[Running] = []
    with ExitStack() as stack:

        def begin(*command: str, environment: dict[str, str] | None = None) -> Running:
            log = tmp_path / f"{len(started)}.log"
            started.append(stack.enter_context(running(*command, environment=environment or {}, log=log)))
            return started[-1]

        yield begin
    unexpected = [line for process in started for line in process.log.splitlines() if "request.failed" in line]
    sys.stderr.write("\n".join(unexpected))


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """Give the outside world's HTTP client."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def world(start: Start, http: ClientSession) -> World:
    """Give a world with TikTok's sandbox in it, and settings that lead there; no process of ours runs yet."""
    tiktok = start(*python("gateway.sandbox")).first_line()
    return World(http, tiktok, settings_with(tiktok), start)
