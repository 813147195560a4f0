"""A real Redis Cluster for tests: three primaries, a replica each, nothing kept, ended with the session."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from tests.ports import free_port
from tests.redis_server import dies_with_its_parent

PRIMARIES, REPLICAS = 3, 3
SLOTS = 16_384
NODE_TIMEOUT_MS = 10_000
"""How long a node may be silent before the others call it dead. A failover takes about twice as long.

Where nobody is to die it is longer than a busy machine keeps a node waiting.
"""

FORMS_WITHIN_S = 60
POLL_S = 0.02


class Node:
    """One node: its process and a client for what only tests do to it."""

    def __init__(self, folder: Path, timeout_ms: int) -> None:
        """Start it, in a folder of its own."""
        folder.mkdir(parents=True)
        self.port, bus = free_port(), free_port()
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--cluster-port": str(bus),
            "--cluster-enabled": "yes",
            "--cluster-node-timeout": str(timeout_ms),
            "--dir": str(folder),
            "--logfile": str(folder / "redis.log"),
            "--save": "",
            "--appendonly": "no",
            "--maxmemory-policy": "noeviction",
            "--repl-diskless-sync-delay": "0",
        }
        self._bus = bus
        self._command = dies_with_its_parent("redis-server", *(word for option in options.items() for word in option))
        self._process = subprocess.Popen(self._command)
        self.client: Any = _client(self.port)
        _until(self._answers)
        self.id: str = self.client.execute_command("CLUSTER MYID")

    def meet(self, other: "Node") -> None:
        """Make the two know each other."""
        self.client.execute_command("CLUSTER MEET", "127.0.0.1", other.port, other._bus)  # noqa: SLF001  its own kind

    def info(self, section: str) -> dict[str, Any]:
        """Return what INFO says of itself."""
        told: dict[str, Any] = self.client.info(section)
        return told

    @property
    def is_primary(self) -> bool:
        """Whether it is one now."""
        return bool(self.info("replication")["role"] == "master")

    @property
    def is_synced(self) -> bool:
        """Whether it is a replica that has all its primary had when it joined."""
        told = self.info("replication")
        return bool(told["role"] == "slave" and told["master_link_status"] == "up")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it: nothing of it is left."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Be sure that it is gone."""
        self.client.close()
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            assert self._process.poll() is None, "redis-server did not start"
            return False


class RedisCluster:
    """Six nodes that form a cluster."""

    def __init__(self, folder: Path, node_timeout_ms: int) -> None:
        """Start the nodes, and wait until all of them agree that all is well."""
        self.nodes = [Node(folder / str(number), node_timeout_ms) for number in range(PRIMARIES + REPLICAS)]
        first, *others = self.nodes
        for other in others:
            first.meet(other)
        _until(lambda: all(_known(node) == len(self.nodes) for node in self.nodes))
        step = -(-SLOTS // PRIMARIES)
        for number, node in enumerate(self.nodes[:PRIMARIES]):
            last = min(SLOTS, (number + 1) * step) - 1
            node.client.execute_command("CLUSTER ADDSLOTSRANGE", number * step, last)
        for primary, replica in zip(self.nodes[:PRIMARIES], self.nodes[PRIMARIES:], strict=True):
            _until(lambda: _replicates(replica, primary))  # noqa: B023  called at once
        self.await_health()

    @property
    def url(self) -> str:
        """The address for our settings."""
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port}"

    def slot(self, key: str) -> int:
        """Return the slot of a key."""
        return int(self._alive()[0].client.execute_command("CLUSTER KEYSLOT", key))

    def owner(self, key: str) -> Node:
        """Return the primary that holds a key now."""
        slot = self.slot(key)
        for node in self._alive():
            if node.is_primary and any(first <= slot <= last for first, last in _slots(node)):
                return node
        raise LookupError(key)

    @property
    def has_recovered(self) -> bool:
        """Whether all slots have a living primary, and every living node knows."""
        alive = self._alive()
        return sum(node.is_primary for node in alive) == PRIMARIES and all(_state(node) == "ok" for node in alive)

    def await_health(self) -> None:
        """Wait until every living node calls the cluster well, and every living replica is synced."""
        _until(lambda: self.has_recovered)
        _until(lambda: all(node.is_primary or node.is_synced for node in self._alive()))

    def empty(self) -> None:
        """Remove every key."""
        for node in self._alive():
            if node.is_primary:
                node.client.flushall()

    def move_slot(self, slot: int, source: Node, target: Node) -> None:
        """Move one slot with its keys from one primary to another, as `redis-cli --cluster reshard` does."""
        target.client.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", source.id)
        source.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", target.id)
        while keys := source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
            source.client.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "REPLACE", "KEYS", *keys)
        for node in (target, source, *(each for each in self._alive() if each.is_primary)):
            node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", target.id)

    def close(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            node.close()

    def _alive(self) -> list[Node]:
        return [node for node in self.nodes if node.alive]


@contextmanager
def redis_cluster(folder: Path, node_timeout_ms: int = NODE_TIMEOUT_MS) -> Iterator[RedisCluster]:
    """Run a cluster for as long as the block lasts."""
    cluster = RedisCluster(folder, node_timeout_ms)
    try:
        yield cluster
    finally:
        cluster.close()


def _client(port: int) -> Any:  # noqa: ANN401  redis-py types each command for both of its clients at once
    return Redis(port=port, decode_responses=True, socket_timeout=5)


def _known(node: Node) -> int:
    return int(node.client.cluster("info")["cluster_known_nodes"])


def _replicates(replica: Node, primary: Node) -> bool:
    """Make it a replica, once it has met the other."""
    try:
        replica.client.execute_command("CLUSTER REPLICATE", primary.id)
    except ResponseError:
        return False
    return True


def _state(node: Node) -> str:
    return str(node.client.cluster("info")["cluster_state"])


def _slots(node: Node) -> Iterator[tuple[int, int]]:
    with Redis(port=node.port) as client:
        told: Any = client.execute_command("CLUSTER SLOTS")  # redis-py rewrites what CLUSTER NODES says
    for first, last, (_, port, *_), *_ in told:
        if port == node.port:
            yield first, last


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + FORMS_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "the cluster did not come to it in time"
        time.sleep(POLL_S)
