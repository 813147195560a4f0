"""Stores for tests: every test of `store` runs on fakeredis and on a real redis-server."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis import HealthCheck, settings
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from tests.redis_server import redis_server, redis_server_installed

# A machine that is busy elsewhere makes an example slow, and no property false.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

KEPT_FOR_EVER = (b"connection:", b"connections:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take long, which has a time-out of its own: in the end nobody waits for it alone."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the session's redis-server; without one installed skip, but fail in CI."""
    if not redis_server_installed():
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("redis-server is not installed")
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def real_redis_url(redis_url: str) -> str:
    """Give the URL of the session's redis-server, emptied."""
    with BlockingRedis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


@pytest.fixture(params=["fake", "real"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    """Give an empty Redis, fake or real, that speaks bytes; afterwards no key but a connection may live for ever."""
    client: Redis
    if request.param == "fake":
        client = FakeAsyncRedis(server=FakeServer())
    else:
        client = Redis.from_url(request.getfixturevalue("real_redis_url"))
    async with client:
        yield client
        immortal = [key async for key in client.scan_iter() if await client.ttl(key) == -1]
        assert [key for key in immortal if not key.startswith(KEPT_FOR_EVER)] == []
