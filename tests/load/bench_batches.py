"""Batches: POSTs of 50 events of 50 conversations each."""

from typing import Final

from tests.load.bench_seeds import seed
from tests.load.bench_site import MICRO, Figures, Scale, once_round, port_of, site, take
from tests.load.client import Wanted

ITEMS: Final = 50
CONNECTIONS: Final = 8
AHEAD_A_SECOND: Final = 2_000


async def measure(scale: Scale) -> Figures:
    """Measure conversations with a click and without, of one page."""
    figures: Figures = {}
    for kind in ("plain", "clicked"):
        async with site() as here:
            await seed(here, 1, scale.conversations, kind)
            web = await here.world.start_web()
            await take(once_round(scale, port_of(here.world), items=ITEMS), web, here.redis_pid)
            wanted = Wanted(
                port_of(here.world),
                scale.seconds,
                CONNECTIONS,
                ahead=int(AHEAD_A_SECOND * scale.seconds),
                conversations=scale.conversations,
                items=ITEMS,
            )
            taken = await take(wanted, web, here.redis_pid)
        figures |= {
            f"{kind} /s": taken.rate,
            f"{kind} /s a core": MICRO / taken.gateway_us,
            f"{kind} gateway µs": taken.gateway_us,
            f"{kind} redis µs": taken.redis_us,
            f"{kind} p99 ms": taken.seen.from_sent.p99_ms,
        }
    return figures
