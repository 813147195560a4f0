"""Failures of Redis in words of ours: those of Redis and of redis-py may quote keys, addresses or a password."""

import re
from ssl import SSLCertVerificationError, SSLError
from typing import Final, TypeAlias

from redis.exceptions import (
    AuthenticationError,
    ClusterError,
    InvalidResponse,
    MaxConnectionsError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from actors.errors import StoreUnavailable, WrongStoreUrl

NODE_OF_A_CLUSTER: Final = "this Redis is a node of a Redis Cluster: write redis+cluster:// instead of redis://"

Meaning: TypeAlias = tuple[type[StoreUnavailable], str]

_BY_REPLY: Final[tuple[tuple[str, Meaning], ...]] = (
    ("NOAUTH", (WrongStoreUrl, "Redis wants a password (NOAUTH)")),
    ("WRONGPASS", (WrongStoreUrl, "Redis knows no such user with this password (WRONGPASS)")),
    ("NOPERM", (WrongStoreUrl, "Redis does not permit this user what we need (NOPERM)")),
    ("DENIED", (WrongStoreUrl, "Redis lets in nobody from another machine: it is in protected mode (DENIED)")),
    ("ERR DB index is out of range", (WrongStoreUrl, "Redis has no database of this number")),
    ("ERR SELECT is not allowed in cluster mode", (WrongStoreUrl, NODE_OF_A_CLUSTER)),
    (
        "ERR This instance has cluster support disabled",
        (WrongStoreUrl, "this Redis is no node of a Redis Cluster: write redis:// instead of redis+cluster://"),
    ),
    ("[SSL: WRONG_VERSION_NUMBER]", (WrongStoreUrl, "Redis speaks no TLS there: write redis:// instead of rediss://")),
    ("ERR max number of clients reached", (StoreUnavailable, "Redis takes no more connections (maxclients)")),
    ("LOADING", (StoreUnavailable, "Redis is still loading its data (LOADING)")),
    ("READONLY", (StoreUnavailable, "Redis refuses writes: it is a replica (READONLY)")),
    ("OOM", (StoreUnavailable, "Redis refuses writes: its memory is full (OOM)")),
    ("MISCONF", (StoreUnavailable, "Redis refuses writes: it cannot save them (MISCONF)")),
    ("NOREPLICAS", (StoreUnavailable, "Redis refuses writes: too few replicas are there (NOREPLICAS)")),
    ("BUSY ", (StoreUnavailable, "Redis is busy with a script (BUSY)")),
    ("MASTERDOWN", (StoreUnavailable, "Redis is a replica that has lost its primary (MASTERDOWN)")),
    ("CLUSTERDOWN", (StoreUnavailable, "the cluster does not serve all slots (CLUSTERDOWN)")),
    ("MOVED", (StoreUnavailable, "another node of the cluster has the key (MOVED)")),
)
"""How what is said of it begins, by Redis or by OpenSSL, and what it means."""

_BY_KIND: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Meaning], ...]] = (
    (AuthenticationError, (WrongStoreUrl, "Redis does not take this user and password")),
    (InvalidResponse, (WrongStoreUrl, "what answers there does not speak as Redis does")),
    (SSLCertVerificationError, (WrongStoreUrl, "the certificate of Redis is not trusted, or names another host")),
    ((RedisTimeoutError, TimeoutError), (StoreUnavailable, "Redis does not answer in time")),
    (MaxConnectionsError, (StoreUnavailable, "all connections to Redis are in use")),
    ((RedisConnectionError, OSError), (StoreUnavailable, "no connection to Redis")),
    ((ClusterError, RedisClusterException), (StoreUnavailable, "the cluster has no node for it just now")),
)
"""What it means where Redis has said nothing, or nothing that is listed above."""

_CODE: Final = re.compile("[A-Z]+")


def describe(error: BaseException) -> StoreUnavailable:
    """Return what a failure means to us: a WrongStoreUrl where repeating cannot help."""
    kind, words = _meaning(_root(error))
    return kind(words)


def _meaning(error: BaseException) -> Meaning:
    # redis-py cuts off the codes that it knows.
    reply = f"{getattr(error, 'status_code', None) or ''} {error}".strip()
    for start, meaning in _BY_REPLY:
        if reply.startswith(start):
            return meaning
    for kind, meaning in _BY_KIND:
        if isinstance(error, kind):
            return meaning
    code = _CODE.match(reply) if isinstance(error, ResponseError) else None
    return StoreUnavailable, f"Redis refuses a command ({code[0] if code else type(error).__name__})"


def _root(error: BaseException) -> BaseException:
    """Return what it really was: the cluster client, and redis-py where it connects, put their own around it."""
    inner = error.__cause__ or error.__context__
    wraps = type(error) in {RedisClusterException, RedisConnectionError}
    return _root(inner) if wraps and isinstance(inner, RedisError | RedisClusterException | SSLError) else error
