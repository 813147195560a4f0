"""A Redis Cluster under faults: slots move and a primary dies while traffic runs."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession

from actors import keys
from actors.connect import open_store
from actors.views import EventFilter, Views
from rules.facts import ConversationId
from tests.chaos.trial import EMPTY_WITHIN_S, PAGES, report, run
from tests.end_to_end.world import World
from tests.redis_cluster import RedisCluster, redis_cluster
from tests.stores import Store
from tests.waiting import eventually

SECONDS = float(os.environ.get("CHAOS_SECONDS", "0")) or 8.0
NODE_TIMEOUT_MS = 1_500
LONGEST_S = int(SECONDS) + EMPTY_WITHIN_S + 240


class ClusterStage:
    """Two gateways and two senders before a cluster of six nodes."""

    def __init__(self, world: World, http: ClientSession, cluster: RedisCluster) -> None:
        self.world = world
        self.http = http
        self.cluster = cluster
        self.urls: list[str] = []
        self._dead = False

    async def open(self) -> None:
        """Start all processes of ours."""
        self.world.settings |= {
            "REDIS_URL": self.cluster.url,
            "TIKTOK_EVENTS_PER_SECOND": "500",
            "TIKTOK_EVENTS_BURST": "500",
        }
        for _ in range(2):
            await self.world.start_web()
            self.urls.append(self.world.url)
            self.world.start("sender")

    async def nothing_waits(self) -> bool:
        """Whether all outboxes are empty."""
        return not any(node.client.keys("outbox:*") for node in self.cluster.nodes if node.alive)

    async def move_a_slot(self, dice: Random) -> None:
        """Move the slot of one page to another primary, with all its keys, as resharding does."""
        key = keys.outbox(dice.choice(PAGES))
        source = self.cluster.owner(key)
        target = dice.choice([node for node in self.cluster.nodes if node.alive and node.is_primary and node != source])
        self.cluster.move_slot(self.cluster.slot(key), source, target)

    async def kill_a_primary(self, _dice: Random) -> None:
        """Kill the primary of a page; once, for it has one replica."""
        if not self._dead:
            self._dead = True
            node = self.cluster.owner(keys.outbox(PAGES[0]))
            node.kill()
            await eventually(lambda: self.cluster.has_recovered, within=30)


@pytest.fixture
def cluster(tmp_path: Path, redis_url: str) -> Iterator[RedisCluster]:
    """Give a cluster that may be broken. Asks for `redis_url` to be skipped, or fail, where there is no Redis."""
    assert redis_url
    with redis_cluster(tmp_path / "cluster", NODE_TIMEOUT_MS) as running_cluster:
        yield running_cluster


@pytest.fixture
async def stage(world: World, http: ClientSession, cluster: RedisCluster) -> ClusterStage:
    """Set the stage."""
    stage = ClusterStage(world, http, cluster)
    await stage.open()
    return stage


@pytest.mark.timeout(LONGEST_S)
async def test_slots_move_while_traffic_runs(stage: ClusterStage) -> None:
    """Half-moved keys, MOVED, ASK and TRYAGAIN: nothing is lost."""
    line = await run(stage, {"slot_moved": ClusterStage.move_a_slot}, SECONDS, "cluster_slots_moved")
    report(line)
    assert (line.lost, line.doubled) == (0, 0), line
    assert line.times


@pytest.mark.timeout(LONGEST_S)
async def test_a_primary_dies_and_what_is_left_agrees(stage: ClusterStage) -> None:
    """What the failover itself lost is counted and reported; state, dedupe and outbox lost it together."""
    line = await run(stage, {"primary_killed": ClusterStage.kill_a_primary}, SECONDS, "cluster_primary_killed")
    report(line._replace(times=1))  # however often it was asked for
    assert line.doubled == 0, line
    assert line.lost <= line.events // 20, line
    async with open_store(stage.cluster.url) as client:
        store: Store = client
        views = Views(client)
        for key in await store.keys("conversation:*"):
            _, _, page_id, psid = key.decode().split(":")
            state = await views.conversation(ConversationId(page_id, psid))
            assert state is not None
            fired = [each.event for click in state.clicks for each in click.fired]
            fired += [each.event for order in state.orders for each in order.fired]
            logged = await views.events(page_id, EventFilter(psid=psid), limit=1_000)
            assert sorted(fired) == sorted(row.event for row in logged.events), key
