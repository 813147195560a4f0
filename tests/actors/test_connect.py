"""The Redis client: what it writes is what redis-py writes, only packed faster."""

from typing import Any

import pytest
from redis.asyncio.connection import Connection

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
