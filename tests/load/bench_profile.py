"""Where the gateway's CPU time goes, for single events and for batches: samples of a process under full load."""

import signal
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from tests.load import bench_batches
from tests.load.bench_seeds import seed
from tests.load.bench_site import AHEAD_A_SECOND, Figures, Scale, once_round, port_of, site, take
from tests.load.client import Wanted

NEEDED: Final = frozenset({"decoding", "hashing", "HTTP", "Redis protocol"})
CASES: Final = {"plain": (1, 64), "clicked": (1, 64), "batches": (bench_batches.ITEMS, bench_batches.CONNECTIONS)}


async def measure(scale: Scale) -> Figures:
    """Sample single events without a click, with one, and batches without."""
    figures: Figures = {}
    for case, (items, connections) in CASES.items():
        shares = await _sample(scale, items, connections, clicked=case == "clicked")
        figures |= {f"{case} {kind}": share for kind, share in shares.items()}
        figures[f"{case} not needed"] = sum(share for kind, share in shares.items() if kind not in NEEDED)
    return figures


async def _sample(scale: Scale, items: int, connections: int, *, clicked: bool) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.json"
        async with site() as here:
            await seed(here, 1, scale.conversations, "clicked" if clicked else "plain")
            web = await here.world.start_web("tests.load.sampled", SAMPLES_TO=str(samples))
            await take(once_round(scale, port_of(here.world), items=items), web, here.redis_pid)
            ahead = int(AHEAD_A_SECOND * scale.seconds / items)
            wanted = Wanted(
                port_of(here.world),
                2 * scale.seconds,
                connections,
                ahead=ahead,
                conversations=scale.conversations,
                items=items,
            )
            web.signal(signal.SIGUSR1)
            await take(wanted, web, here.redis_pid)
            web.signal()
            web.end()
        counts = msgspec.json.decode(samples.read_bytes(), type=dict[str, int])
    total = sum(counts.values())
    return {kind: number / total for kind, number in counts.items()}
