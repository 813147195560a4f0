"""How Redis and the way to it break, and that every way ends in StoreUnavailable, nothing lost, nothing doubled."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import ClusterError, ResponseError, SlotNotCoveredError, TryAgainError

from actors import keys
from actors.committer import Committer
from actors.connect import open_store, store_errors
from actors.conversations import Conversations
from actors.errors import StoreUnavailable
from actors.views import Views
from rules.clicks import Policy
from tests.actors.conversing import addressed, connected, conversations
from tests.proxy import proxy_to
from tests.redis_server import redis_server
from tests.rules.stories import CONVERSATION, click, says, talk
from tests.stores import Store
from tests.waiting import eventually


@pytest.fixture
async def redis(real_redis_url: str) -> AsyncIterator[Store]:
    """Give the client that production uses, on the session's server."""
    async with open_store(real_redis_url) as client:
        yield client


async def test_a_lost_reply_is_no_conflict_and_no_second_write(real_redis_url: str) -> None:
    """F12, F13: the client repeats the script by itself, and the script recognises its commit."""
    async with proxy_to(real_redis_url) as (proxy, url), open_store(url) as store:
        here = await conversations(store)
        await here.tell(addressed(click(0)))
        proxy.replies_to_lose = 2

        await here.tell(addressed(*talk(1, "cpcpcc")))

        assert proxy.lost == 2
        state = await Views(store).conversation(CONVERSATION)
        assert state is not None
        assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (4, 2)
        assert await store.hget(keys.conversation(CONVERSATION), "version") == b"2"
        assert await store.xlen(keys.timeline(CONVERSATION)) == 7


async def test_when_every_reply_is_lost_the_fact_is_refused_and_counts_once_later(real_redis_url: str) -> None:
    """The slow repeat, by Messenger, finds the fact in the state."""
    async with proxy_to(real_redis_url) as (proxy, url), open_store(url, retries=0) as store:
        here = await conversations(store)
        await here.tell(addressed(click(0)))
        proxy.replies_to_lose = 1
        mail = addressed(says(1, "m_once"))

        with pytest.raises(StoreUnavailable):
            await here.tell(mail)
        await here.tell(mail)

        state = await Views(store).conversation(CONVERSATION)
        assert state is not None
        assert state.clicks[0].from_customer == 1


async def test_a_forgotten_script_is_loaded_again(redis: Store) -> None:
    """F9: SCRIPT FLUSH, or a failover to a node that never saw it."""
    here = await conversations(redis)
    await here.tell(addressed(click(0)))
    await redis.script_flush()

    assert await here.tell(addressed(says(1))) == 1


@contextmanager
def expecting_recovery() -> Iterator[None]:
    """Say what the block shows: while the fault lasts, refusal."""
    with pytest.raises(StoreUnavailable):
        yield


async def test_out_of_memory_writes_nothing_and_recovers(redis: Store) -> None:
    """F2: `noeviction` refuses the script's first write."""
    here = await conversations(redis)
    await redis.config_set("maxmemory", "1mb")
    try:
        with expecting_recovery():
            await here.tell(addressed(click(0), says(1)))
        assert await redis.exists(keys.conversation(CONVERSATION), keys.outbox("900")) == 0
    finally:
        await redis.config_set("maxmemory", "0")

    assert await here.tell(addressed(click(0), says(1))) == 2


async def test_too_few_replicas_refuse(redis: Store) -> None:
    """F4: NOREPLICAS is a refusal like the others."""
    here = await conversations(redis)
    await redis.config_set("min-replicas-to-write", "1")
    try:
        with expecting_recovery():
            await here.tell(addressed(click(0)))
    finally:
        await redis.config_set("min-replicas-to-write", "0")

    assert await here.tell(addressed(click(0))) == 1


async def test_a_demoted_primary_refuses(redis: Store) -> None:
    """READONLY: a failover has made this node a replica."""
    here = await conversations(redis)
    await redis.replicaof("127.0.0.1", "1")
    try:
        with expecting_recovery():
            await here.tell(addressed(click(0)))
    finally:
        await redis.replicaof("NO", "ONE")

    assert await here.tell(addressed(click(0))) == 1


async def test_a_paused_server_times_out_and_counts_once(redis: Store) -> None:
    """CLIENT PAUSE: the commit may happen after we gave up; told again it counts once."""
    here = await conversations(redis)
    await here.tell(addressed(click(0)))
    mail = addressed(says(1, "m_paused"))
    async with open_store(_url(redis), retries=0) as impatient:
        there = Conversations(Committer(impatient), await connected(redis), Policy())
        await redis.client_pause(6_000)

        with pytest.raises(StoreUnavailable):
            await there.tell(mail)

    await eventually(redis.ping)
    await here.tell(mail)
    state = await Views(redis).conversation(CONVERSATION)
    assert state is not None
    assert state.clicks[0].from_customer == 1


HANGS_FOR_S = 9.0
"""Longer than a command and its three repetitions may take, 1.5 s each; tries within tries took 11 and 26 s."""


@pytest.mark.parametrize("idle", [False, True])
async def test_a_server_that_hangs_is_given_up_in_time(tmp_path: Path, idle: bool) -> None:  # noqa: FBT001
    """Also where redis-py looks first whether the connection still works."""
    with redis_server(tmp_path) as url, BlockingRedis.from_url(url) as redis:
        process: Any = redis.info("server")
        async with open_store(url) as store:
            if idle:
                single: Any = store
                connection = await single.connection_pool.get_connection()
                connection.next_health_check = 0  # it has been for a while
                await single.connection_pool.release(connection)
            os.kill(process["process_id"], signal.SIGSTOP)
            async with asyncio.timeout(HANGS_FOR_S):
                with pytest.raises(StoreUnavailable), store_errors():
                    await store.ping()


async def test_a_busy_server_refuses(redis: Store) -> None:
    """F7: somebody else's endless script; the server answers BUSY until it is killed."""
    here = await conversations(redis)
    await redis.config_set("busy-reply-threshold", "50")
    async with Redis.from_url(_url(redis), socket_timeout=None) as other:
        endless = asyncio.ensure_future(other.eval("while true do end", 0))
        try:
            await eventually(lambda: _busy(redis))
            with expecting_recovery():
                await here.tell(addressed(click(0)))
        finally:
            await eventually(lambda: _killed(redis))
            await redis.config_set("busy-reply-threshold", "5000")
            await asyncio.gather(endless, return_exceptions=True)

    assert await here.tell(addressed(click(0))) == 1


async def test_a_full_pool_refuses(real_redis_url: str) -> None:
    """F16: more turns than connections is overload, not a hang."""
    async with Redis.from_url(real_redis_url, max_connections=1) as tiny:
        here = await conversations(tiny)
        async with tiny.pipeline() as holder:
            await holder.watch("anything")
            with expecting_recovery():
                await here.tell(addressed(click(0)))

        assert await here.tell(addressed(click(0))) == 1


async def test_a_dead_server_refuses_and_its_return_is_noticed(tmp_path: Path) -> None:
    """Connections refused, then a new server on the same port would do; here the proxy plays the network."""
    with redis_server(tmp_path) as url:
        async with proxy_to(url) as (proxy, proxied), open_store(proxied) as store:
            here = await conversations(store)
            await here.tell(addressed(click(0)))
            proxy.cut()

            assert await here.tell(addressed(says(1))) == 1


async def _busy(redis: Store) -> bool:
    try:
        await redis.ping()
    except ResponseError:  # BUSY
        return True
    return False


async def _killed(redis: Store) -> bool:
    try:
        await redis.script_kill()
    except ResponseError:  # NOTBUSY: it is gone
        return True
    return False


def _url(redis: Store) -> str:
    options = redis.get_connection_kwargs()
    return f"redis://{options['host']}:{options['port']}/0"


@pytest.mark.parametrize("error", [SlotNotCoveredError("slot 7"), ClusterError("TTL exhausted"), TryAgainError("x")])
def test_every_error_of_the_cluster_client_means_that_the_store_is_away(error: Exception) -> None:
    """F10: while a slot moves or nobody covers it, whoever sent the webhook repeats it. Not all are RedisErrors."""
    with pytest.raises(StoreUnavailable), store_errors():
        raise error
