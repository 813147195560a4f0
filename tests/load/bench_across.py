"""Across processes: one gateway and two on one Redis, and both on the same conversations."""

import asyncio
import tempfile
from itertools import count
from pathlib import Path
from typing import Final

from tests.end_to_end.running import Running
from tests.load.bench_seeds import connect
from tests.load.bench_site import AHEAD_A_SECOND, MICRO, Figures, Scale, Site, cpu_s, port_of, site
from tests.load.client import Wanted
from tests.load.service import load
from tests.load.webhooks import page_ids
from tests.redis_cluster import redis_cluster

PAGES: Final = 100
CONNECTIONS: Final = 32
MANY: Final = 10_000_000
APART: Final = 500_000
"""So far apart do clients begin that none comes to a conversation of another."""

CONTESTED: Final = 500
CONFLICTS: Final = "commit_conflicts_total"


async def measure(scale: Scale) -> Figures:
    """Measure on a single Redis and on a cluster of three."""
    figures: Figures = {}
    async with site() as here:
        await connect(here, page_ids(PAGES))
        figures |= await _gateways(here, scale, "redis")
    with tempfile.TemporaryDirectory() as folder, redis_cluster(Path(folder) / "cluster") as cluster:
        async with site(cluster.url) as here:
            await connect(here, page_ids(PAGES))
            figures |= await _gateways(here, scale, "cluster")
    return figures


async def _gateways(here: Site, scale: Scale, where: str) -> Figures:
    first = await here.world.start_web(), port_of(here.world)
    second = await here.world.start_web(), port_of(here.world)
    figures: Figures = {}
    numbers = count()
    for case, gateways, conversations in (
        ("1", [first], MANY),
        ("2", [first, second], MANY),
        ("2 contested", [first, second], CONTESTED),
    ):
        clients = [
            Wanted(
                port,
                scale.seconds,
                CONNECTIONS,
                ahead=int(AHEAD_A_SECOND * scale.seconds / 2),
                first=APART * next(numbers),
                pages=PAGES,
                conversations=conversations,
            )
            for _, port in gateways
        ]
        figures |= await _load(here, f"{where} {case}", gateways, clients)
    for web, _ in (first, second):
        web.close()
    return figures


async def _load(here: Site, case: str, gateways: list[tuple[Running, int]], clients: list[Wanted]) -> Figures:
    async def conflicts() -> float:
        return sum([await _conflicts(here, port) for _, port in gateways])

    def cpu() -> float:
        return sum(cpu_s(web.pid) for web, _ in gateways)

    conflicts_before, cpu_before = await conflicts(), cpu()
    seen = await asyncio.gather(*map(load, clients))
    events, seconds = sum(each.ok for each in seen), clients[0].seconds
    assert not sum(each.other + each.cut for each in seen)
    return {
        f"{case} /s": events / seconds,
        f"{case} conflicts /s": (await conflicts() - conflicts_before) / seconds,
        f"{case} refused": sum(each.refused for each in seen),
        f"{case} gateway µs": (cpu() - cpu_before) / events * MICRO,
    }


async def _conflicts(here: Site, port: int) -> float:
    here.world.url = f"http://127.0.0.1:{port}"
    return await here.world.measure(CONFLICTS)
