"""From act to TikTok: how long from the sending of the webhook until the sandbox has accepted the event."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from rules.facts import ConversationId
from tests.load.bench_out import nothing_waits
from tests.load.bench_seeds import clicks, connect, conversations, talks, tell
from tests.load.bench_site import AHEAD_A_SECOND, Figures, Scale, Site, port_of, site, take
from tests.load.client import Wanted
from tests.load.webhooks import CLICKED_EVERY, page_ids
from tests.waiting import eventually

PAGES: Final = 20
CONNECTIONS: Final = 64
LOADS: Final = (10, 50, 90)
WITHIN_S: Final = 60


class Arrival(Struct, frozen=True):
    """An event that the sandbox counts."""

    arrived_at: int
    event_id: str


class _Arrivals(Struct, frozen=True):
    accepted: list[Arrival]


async def measure(scale: Scale) -> Figures:
    """Measure the most that gateway and sender can do together, then parts of it, each in a world of its own."""
    figures: Figures = {}
    async with site() as here:
        most = await _load(here, scale, 0)
    figures["most /s"] = most
    for percent in LOADS:
        async with site() as here:
            rate = await _load(here, scale, most * percent / 100)
            await eventually(lambda: nothing_waits(here), within=WITHIN_S)
            took = sorted(await _took_ms(here))
            figures |= {
                f"{percent} /s": rate,
                f"{percent} events": len(took),
                f"{percent} p50 ms": took[len(took) // 2],
                f"{percent} p99 ms": took[len(took) * 99 // 100],
            }
    return figures


async def _load(here: Site, scale: Scale, rate: float) -> float:
    await connect(here, page_ids(PAGES))
    number = scale.conversations
    every = (each for each in conversations(PAGES, number) if int(each.psid) % CLICKED_EVERY == 0)
    await tell(here, clicks(every))
    web = await here.world.start_web()
    here.world.start("sender")
    await _until_it_sends(here)
    # What is sent at a rate is made when it is sent, so that its timestamp is that of the sending.
    ahead = 0 if rate else int(AHEAD_A_SECOND * scale.seconds)
    wanted = Wanted(port_of(here.world), scale.seconds, CONNECTIONS, rate, ahead, pages=PAGES, conversations=number)
    return (await take(wanted, web, here.redis_pid)).rate


async def _until_it_sends(here: Site) -> None:
    await tell(here, talks([ConversationId(page_ids(1)[0], "first")], 1))
    await eventually(lambda: nothing_waits(here), within=WITHIN_S)
    async with here.http.post(here.sandbox("reset")) as answer:  # that one is not measured
        answer.raise_for_status()


async def _took_ms(here: Site) -> list[int]:
    async with here.http.get(here.sandbox("accepted")) as answer:
        arrived = {
            each.event_id: each.arrived_at for each in msgspec.json.decode(await answer.read(), type=_Arrivals).accepted
        }
    assert arrived, "nothing has arrived"
    pipeline: Any = here.store.pipeline(transaction=False)
    found = [key async for key in here.store.scan_iter("event:*", count=10_000)]
    for key in found:
        pipeline.hmget(key, "event_id", "event_at")
    rows = await pipeline.execute()
    assert len(rows) == len(arrived) + 1, f"{len(rows)} events, {len(arrived)} arrived"
    return [arrived[event_id.decode()] - int(at) for event_id, at in rows if event_id.decode() in arrived]
