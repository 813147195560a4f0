"""Events in: single-event POSTs, the whole path on, beside a bare aiohttp handler and the obvious implementation."""

from typing import Final

from tests.end_to_end.running import Running
from tests.load.bench_seeds import seed
from tests.load.bench_site import AHEAD_A_SECOND, Figures, Scale, Site, Taken, once_round, port_of, site, take
from tests.load.client import Wanted

CONNECTIONS: Final = 64
KINDS: Final = ("plain", "clicked")
OBVIOUS_AHEAD_A_SECOND: Final = 10_000


async def measure(scale: Scale) -> Figures:
    """Measure every number of pages, for conversations with a click and without."""
    figures: Figures = {}
    for pages in scale.pages:
        for kind in KINDS:
            case = f"{pages} {kind}"
            async with site() as here:
                figures |= await _ours(here, scale, pages, kind)
                figures |= _named(f"bare {case}", await _other(here, "bare", scale, pages))
            async with site() as here:
                await seed(here, pages, scale.conversations, kind)
                figures |= _named(f"obvious {case}", await _other(here, "obvious", scale, pages))
            figures[f"share of bare {case}"] = figures[f"ours {case} /s"] / figures[f"bare {case} /s"]
            figures[f"times obvious {case}"] = figures[f"ours {case} /s"] / figures[f"obvious {case} /s"]
    return figures


async def _ours(here: Site, scale: Scale, pages: int, kind: str) -> Figures:
    await seed(here, pages, scale.conversations, kind)
    web = await here.world.start_web()
    case, port = f"ours {pages} {kind}", port_of(here.world)
    most = _wanted(scale, port, pages, AHEAD_A_SECOND)
    await take(once_round(scale, port, pages), web, here.redis_pid)
    taken = await take(most, web, here.redis_pid)
    half = _wanted(scale, port, pages, taken.rate / 2, first=10**7, rate=taken.rate / 2)
    calm = await take(half, web, here.redis_pid)
    web.close()
    return _named(case, taken) | {
        f"{case} half p50 ms": calm.seen.from_due.p50_ms,
        f"{case} half p99 ms": calm.seen.from_due.p99_ms,
        f"{case} refused": taken.seen.refused + calm.seen.refused,
    }


async def _other(here: Site, module: str, scale: Scale, pages: int) -> Taken:
    server: Running = here.world.start_module(f"tests.load.{module}")
    ahead = OBVIOUS_AHEAD_A_SECOND if module == "obvious" else AHEAD_A_SECOND
    port = int(server.first_line())
    await take(once_round(scale, port, pages), server, here.redis_pid)
    taken = await take(_wanted(scale, port, pages, ahead), server, here.redis_pid)
    server.close()
    return taken


def _wanted(scale: Scale, port: int, pages: int, ahead_a_second: float, *, first: int = 0, rate: float = 0) -> Wanted:
    ahead = int(ahead_a_second * scale.seconds)
    return Wanted(
        port, scale.seconds, CONNECTIONS, rate, ahead, first=first, pages=pages, conversations=scale.conversations
    )


def _named(name: str, taken: Taken) -> Figures:
    return {
        f"{name} /s": taken.rate,
        f"{name} gateway µs": taken.gateway_us,
        f"{name} redis µs": taken.redis_us,
        f"{name} client load": taken.seen.cpu_s / taken.seen.seconds,
        f"{name} p99 ms": taken.seen.from_sent.p99_ms,
    }
