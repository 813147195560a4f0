"""What failures of Redis mean: words of ours that quote nothing, and whether repeating can help."""

from ssl import SSLCertVerificationError, SSLError
from typing import Any

import pytest
from redis.asyncio.connection import DefaultParser
from redis.exceptions import ClusterError, InvalidResponse, MaxConnectionsError, RedisClusterException, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from actors.errors import StoreUnavailable, WrongStoreUrl
from actors.failures import describe

SECRET = "hunter2"


def said(reply: str) -> Exception:
    """Return what redis-py makes of an error of Redis."""
    parser: Any = DefaultParser
    error: Exception = parser.parse_error(reply)
    return error


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("NOAUTH Authentication required.", "password (NOAUTH)"),
        ("NOAUTH HELLO must be called with the client already authenticated, hunter2", "password (NOAUTH)"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "(WRONGPASS)"),
        ("ERR invalid password", "does not take this user and password"),
        ("NOPERM User hunter2 has no permissions to run the 'info' command", "(NOPERM)"),
        ("DENIED Redis is running in protected mode because hunter2", "protected mode"),
        ("ERR DB index is out of range", "no database of this number"),
        ("ERR SELECT is not allowed in cluster mode", "redis+cluster://"),
        ("ERR This instance has cluster support disabled", "redis:// instead"),
    ],
)
def test_what_repeating_cannot_help_is_told_from_the_rest(reply: str, words: str) -> None:
    found = describe(said(reply))
    assert isinstance(found, WrongStoreUrl)
    assert words in str(found)
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("LOADING Redis is loading the dataset in memory", "(LOADING)"),
        ("READONLY You can't write against a read only replica. script: hunter2", "(READONLY)"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "(OOM)"),
        ("MISCONF Errors writing to the AOF file: hunter2", "(MISCONF)"),
        ("NOREPLICAS Not enough good replicas to write.", "(NOREPLICAS)"),
        ("BUSY Redis is busy running a script.", "(BUSY)"),
        ("MASTERDOWN Link with MASTER is down", "(MASTERDOWN)"),
        ("CLUSTERDOWN The cluster is down", "(CLUSTERDOWN)"),
        ("MOVED 7 10.0.0.1:6379", "another node"),
        ("ERR max number of clients reached", "maxclients"),
        ("WRONGTYPE Operation against hunter2", "(WRONGTYPE)"),
        ("ERR unknown command 'hunter2'", "(ERR)"),
        ("hunter2", "(ResponseError)"),
    ],
)
def test_what_may_pass_is_named_without_a_word_of_redis(reply: str, words: str) -> None:
    found = describe(said(reply))
    assert type(found) is StoreUnavailable
    assert words in str(found)
    assert SECRET not in str(found)


def wrapped(outer: Exception, inner: BaseException) -> Exception:
    """Put an error around another, as redis-py does."""
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (RedisTimeoutError("hunter2"), StoreUnavailable, "in time"),
        (TimeoutError(), StoreUnavailable, "in time"),
        (MaxConnectionsError("hunter2"), StoreUnavailable, "in use"),
        (RedisConnectionError("Error 111 connecting to hunter2"), StoreUnavailable, "no connection"),
        (ConnectionResetError("hunter2"), StoreUnavailable, "no connection"),
        (ClusterError("TTL exhausted."), StoreUnavailable, "cluster"),
        (RedisClusterException("hunter2"), StoreUnavailable, "cluster"),
        (RedisError("hunter2"), StoreUnavailable, "(RedisError)"),
        (InvalidResponse("Protocol error, got hunter2"), WrongStoreUrl, "does not speak as Redis"),
        (wrapped(RedisConnectionError("x"), SSLCertVerificationError("hunter2")), WrongStoreUrl, "certificate"),
        (
            wrapped(RedisConnectionError("x"), SSLError(1, "[SSL: WRONG_VERSION_NUMBER] hunter2")),
            WrongStoreUrl,
            "no TLS",
        ),
        (wrapped(RedisConnectionError("x"), ConnectionRefusedError()), StoreUnavailable, "no connection"),
        (wrapped(RedisClusterException("x"), RedisTimeoutError("x")), StoreUnavailable, "in time"),
    ],
)
def test_who_says_nothing_is_known_by_how_it_fails(error: Exception, kind: type[StoreUnavailable], words: str) -> None:
    found = describe(error)
    assert type(found) is kind
    assert words in str(found)
    assert SECRET not in str(found)
