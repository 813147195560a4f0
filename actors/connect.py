"""The Redis client: one place that knows the topology, the time-outs, and which errors mean that the store is away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError

from actors.failures import describe

SOCKET_TIMEOUT_S = 1.5
CONNECT_TIMEOUT_S = 1.0
HEALTH_CHECK_S = 15
MAX_CONNECTIONS = 64
RETRIES = 3
CLUSTER_SCHEME = "redis+cluster://"

Kind = TypeVar("Kind", bound=AbstractConnection)


def open_store(url: str, *, retries: int = RETRIES) -> Redis | RedisCluster:
    """Build the client for a `redis://`, `rediss://`, `unix://` or `redis+cluster://` URL. Connects lazily.

    The client repeats a command whose reply was lost, so every script recognises its own repetition.
    Raises ValueError for a URL that redis-py does not take; its text quotes nothing of the URL.
    """
    retry = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), retries)
    try:
        return _open_cluster(url, retry) if url.startswith(CLUSTER_SCHEME) else _open_single(url, retry)
    except (AttributeError, RedisClusterException, RedisError, TypeError, ValueError):
        # All of these, by what is wrong. Not redis-py's words, and not chained: they could quote a password.
        raise ValueError("has an option, or a value of one, that the Redis client does not take") from None


def _open_cluster(url: str, retry: Retry) -> RedisCluster:
    cluster = RedisCluster.from_url(
        "redis://" + url.removeprefix(CLUSTER_SCHEME),
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        health_check_interval=HEALTH_CHECK_S,
        max_connections=MAX_CONNECTIONS,
        retry=retry,
    )
    kind = _mended(cluster.connection_kwargs["connection_class"])
    cluster.connection_kwargs["connection_class"] = kind
    for node in cluster.startup_nodes:
        node.connection_class = kind
    return cluster


def _open_single(url: str, retry: Retry) -> Redis:
    single = Redis.from_url(
        url,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        health_check_interval=HEALTH_CHECK_S,
        max_connections=MAX_CONNECTIONS,
        retry=retry,
    )
    pool = single.connection_pool
    pool.connection_class = _mended(pool.connection_class)
    # The pool looks at the options of its connections no earlier than when it makes one; making does not connect.
    pool.make_connection()  # type: ignore[no-untyped-call]
    return single


class _Mended(AbstractConnection):
    """What redis-py's asyncio connections lack."""

    def pack_command(self, *words: Any) -> list[bytes]:  # noqa: ANN401  whatever redis-py sends
        """Pack a command in C, as redis-py's blocking connections do; its asyncio ones do it in Python."""
        packed: bytes = pack_command((*words[0].split(), *words[1:]))
        return [packed]

    async def check_health(self) -> None:
        """See whether a connection that nobody has used for a while still works.

        Once: redis-py tries that as often as the command or the connecting that it is a part of, so with a Redis that
        hangs the tries multiplied, to 26 seconds.
        """
        if self.health_check_interval and asyncio.get_running_loop().time() > self.next_health_check:
            await self._send_ping()  # type: ignore[no-untyped-call]

    async def send_packed_command(self, *command: Any, **options: Any) -> None:  # noqa: ANN401  as redis-py calls it
        """Send a command. Raises redis-py's ConnectionError also when somebody closes the connection meanwhile.

        A cluster client that has lost a node closes its free connections, one of which may just have been taken:
        whoever took it would fail with an AttributeError, which nobody repeats.
        """
        try:
            await super().send_packed_command(*command, **options)
        except AttributeError as error:
            raise RedisConnectionError("closed while a command was on its way") from error


def _mended(kind: type[Kind]) -> type[Kind]:
    return type(kind.__name__, (_Mended, kind), {})


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn every failure of Redis or of the way to it into StoreUnavailable.

    That is lost and refused connections, time-outs, a full pool, LOADING, BUSY, READONLY, OOM, NOREPLICAS, CLUSTERDOWN
    and the cluster client's own errors, not all of which are RedisErrors: for the sender of a webhook
    all mean the same, repeat later.
    """
    try:
        yield
    except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
        raise describe(error) from error
