"""One node of a cluster is not all of it, and one Redis is no cluster: both are refused, with what to write instead."""

import msgspec
import pytest

from tests.end_to_end.world import World
from tests.ports import free_port
from tests.redis_cluster import RedisCluster

NODE = "REDIS_URL cannot be used: this Redis is a node of a Redis Cluster: write redis+cluster:// instead of redis://"
SINGLE = (
    "REDIS_URL cannot be used: this Redis is no node of a Redis Cluster: write redis:// instead of redis+cluster://"
)


@pytest.fixture(params=["node", "node, database 1", "single"])
def mistaken(request: pytest.FixtureRequest, redis_url: str) -> tuple[str, str]:
    """Give a URL that takes one kind of Redis for the other, and what is to be said of it."""
    if request.param == "single":
        return redis_url.replace("redis://", "redis+cluster://"), SINGLE
    cluster: RedisCluster = request.getfixturevalue("cluster")
    url = cluster.url.replace("redis+cluster://", "redis://")
    return (f"{url}/1" if "database" in request.param else url), NODE


@pytest.mark.parametrize("command", [(), ("sender",)])
@pytest.mark.parametrize("eviction", ["no", "yes"])
def test_the_start_is_refused(world: World, mistaken: tuple[str, str], command: tuple[str, ...], eviction: str) -> None:
    url, words = mistaken
    process = world.start(*command, REDIS_URL=url, REDIS_ALLOW_EVICTION=eviction, PORT=str(free_port()))
    assert process.end() == 1
    assert msgspec.json.decode(process.log.splitlines()[-1])["why"] == words


def test_check_says_so(world: World, mistaken: tuple[str, str]) -> None:
    url, words = mistaken
    process = world.start("check", REDIS_URL=url)
    assert process.end() == 1
    assert f"problem Redis: {words}" in process.output()
