"""REDIS_DURABILITY=replica: nothing is acknowledged that a failover would lose (F4)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from redis.asyncio import Redis

from actors import keys
from actors.committer import Committer
from actors.connect import open_store
from actors.conversations import Conversations
from actors.errors import StoreUnavailable
from actors.order_links import OrderLinks
from actors.server import probe
from actors.views import Views
from rules.clicks import Policy
from rules.facts import Fact
from tests.actors.conversing import addressed, connected
from tests.redis_server import redis_server
from tests.rules.stories import CONVERSATION, click, order, says
from tests.stores import Store
from tests.waiting import eventually


class Pair:
    """A primary, as production reaches it, and its replica."""

    def __init__(self, primary: Store, replica: Store) -> None:
        self.primary, self.replica = primary, replica

    async def join(self) -> None:
        """Let the replica follow, and wait until it does."""
        where = self.primary.get_connection_kwargs()
        await self.replica.replicaof(where["host"], where["port"])
        await eventually(self._follows)

    async def part(self) -> None:
        """Let the primary be alone, with all that was written up to now on the other side, too."""
        await self.replica.replicaof("NO", "ONE")

    async def _follows(self) -> bool:
        return bool(await self.primary.wait(1, 100))


@pytest.fixture
async def pair(tmp_path: Path, redis_url: str) -> AsyncIterator[Pair]:
    """Give a pair that is joined. Asks for `redis_url` to be skipped, or fail, where there is no Redis."""
    assert redis_url
    folders = tmp_path / "primary", tmp_path / "replica"
    for folder in folders:
        folder.mkdir()
    with redis_server(folders[0]) as primary_url, redis_server(folders[1]) as replica_url:
        async with open_store(primary_url) as primary, Redis.from_url(replica_url) as replica:
            pair = Pair(primary, replica)
            await pair.join()
            yield pair


async def test_a_commit_waits_for_a_replica_and_refuses_without_one(pair: Pair) -> None:
    """WAIT on the very connection that committed; who repeats is told when it has arrived."""
    committer = Committer(pair.primary, durable_on_replica=True)
    here = Conversations(committer, await connected(pair.primary), Policy())
    await eventually(lambda: _told(here, click(0)))
    assert await pair.replica.exists(keys.conversation(CONVERSATION)) == 1

    await pair.part()
    with pytest.raises(StoreUnavailable):
        await here.tell(addressed(says(1, "m_w")))

    await pair.join()
    await eventually(lambda: _told(here, says(1, "m_w")))
    state = await Views(pair.replica).conversation(CONVERSATION)
    assert state is not None
    assert state.clicks[0].from_customer == 1


async def _told(here: Conversations, fact: Fact) -> bool:
    """Tell, as who repeats: a busy machine may need more than a second for its replica."""
    try:
        return await here.tell(addressed(fact)) == 1
    except StoreUnavailable:
        return False


WRITES: Final[dict[str, tuple[str, Callable[[Store], Awaitable[object]]]]] = {
    "a parked push": (
        keys.unlinked_order("", "1"),
        lambda store: OrderLinks(store, durable_on_replica=True).find_or_park(order(5)),
    ),
    "a link": (
        keys.order("", "1"),
        lambda store: OrderLinks(store, durable_on_replica=True).link(order(5), CONVERSATION),
    ),
    "facts set aside": (
        keys.aside(keys.partition("900")),
        lambda store: Committer(store, durable_on_replica=True).set_aside(CONVERSATION, (click(0),), "why"),
    ),
    "readiness": ("probe", lambda store: probe(store, durable_on_replica=True)),
}
"""What is answered only with a replica besides commits: the key that is written, and how."""


@pytest.mark.parametrize(("key", "write"), WRITES.values(), ids=WRITES)
async def test_what_is_acknowledged_is_on_a_replica(
    pair: Pair, key: str, write: Callable[[Store], Awaitable[object]]
) -> None:
    await pair.part()
    with pytest.raises(StoreUnavailable):
        await write(pair.primary)
    await pair.join()

    async def repeated() -> bool:
        try:
            await write(pair.primary)
        except StoreUnavailable:
            return False
        return True

    await eventually(repeated)
    assert await pair.replica.exists(key) == 1


async def test_a_burst_of_pushes_waits_together(pair: Pair) -> None:
    """More than there are connections in the pool."""
    links = OrderLinks(pair.primary, durable_on_replica=True)
    numbers = range(400)
    await asyncio.gather(*(links.find_or_park(order(5, str(number))) for number in numbers))
    parked = [keys.unlinked_order("", str(number)) for number in numbers]
    assert await pair.replica.exists(*parked) == len(numbers)
