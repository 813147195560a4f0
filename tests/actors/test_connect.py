"""The Redis client: what it writes is what redis-py writes, only packed faster; what fails can be repeated."""

import asyncio
import sys
from typing import Any

import pytest
from redis.asyncio.connection import Connection
from redis.exceptions import ConnectionError as RedisConnectionError

from actors.connect import open_store

WORDS = ("SCRIPT LOAD", "key", b"\xff\x00", 1_722_222_222_222, -1, 0.5, "", "tiếng Việt", "x" * 10_000)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_commands_of_a_single_redis_are_packed_as_redis_py_packs_them(scheme: str) -> None:
    store: Any = open_store(f"{scheme}://127.0.0.1:1")
    connection = store.connection_pool.make_connection()
    assert b"".join(connection.pack_command(*WORDS)) == b"".join(Connection().pack_command(*WORDS))
    assert len(connection.pack_command(*WORDS)) == 1, "in one piece: not by redis-py's packer in Python"


def test_commands_of_every_node_of_a_cluster_are_packed_so() -> None:
    cluster: Any = open_store("redis+cluster://127.0.0.1:1")
    kinds = [cluster.connection_kwargs["connection_class"], *(node.connection_class for node in cluster.startup_nodes)]
    assert len(kinds) == 2
    for kind in kinds:
        assert len(kind().pack_command(*WORDS)) == 1


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="asyncio.wait_for begins no task: nobody can come between")
async def test_a_connection_that_is_closed_while_it_sends_is_lost_like_any_other(redis_url: str) -> None:
    """A cluster client does that to connections of a node that is away; whoever uses one must be free to repeat."""
    async with open_store(redis_url) as store:
        opened: Any = store
        connection = opened.connection_pool.make_connection()
        await connection.connect()
        sending = asyncio.create_task(connection.send_packed_command(connection.pack_command("PING")))
        await asyncio.sleep(0)
        await connection.disconnect(nowait=True)
        with pytest.raises(RedisConnectionError):
            await sending
