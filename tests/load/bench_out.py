"""Events out: a sender against the sandbox, with the buckets wide open, beside a bare aiohttp client."""

import asyncio
import signal
from itertools import islice
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from actors import keys
from actors.views import EventFilter
from rules.facts import ConversationId
from tests.end_to_end.running import Running
from tests.end_to_end.world import READY_WITHIN_S
from tests.load.bench_seeds import connect, conversations, talks, tell
from tests.load.bench_site import Figures, Scale, Site, cpu_s, site
from tests.load.poster import Posted
from tests.load.service import memory_mib
from tests.load.webhooks import now_ms, page_ids
from tests.waiting import eventually

FEW_PAGES: Final = 20
FRESH: Final = 10
WITHIN_S: Final = 300
FRESH_EVERY_S: Final = 0.2
LOOK_EVERY_S: Final = 0.5
LOOK_AT: Final = 10_000


class Request(Struct, frozen=True):
    """One request that the sandbox got."""

    arrived_at: int
    events: int


class _Requests(Struct, frozen=True):
    requests: list[Request]


class Sent(NamedTuple):
    """What a sender did: events and seconds, and CPU time (s)."""

    events: int
    seconds: float
    sender_s: float
    redis_s: float
    tiktok_s: float
    memory_mib: float


async def measure(scale: Scale) -> Figures:
    """Measure batches, single events beside the bare client, and a full outbox."""
    async with site() as here:
        batches = await _drain(here, FEW_PAGES, scale.events)
    async with site() as here:
        lone = await _drain(here, scale.lone_events, scale.lone_events)
    async with site() as here:
        bare = await _bare(here, scale.lone_events)
    figures = _named("batches", batches) | _named("one by one", lone)
    figures["bare /s"] = scale.lone_events / bare.seconds
    figures["bare µs"] = bare.cpu_s / scale.lone_events * 1e6
    figures["share of bare"] = figures["one by one /s"] / figures["bare /s"]
    async with site() as here:
        return figures | await _full(here, scale)


def _named(name: str, sent: Sent) -> Figures:
    return {
        f"{name} /s": sent.events / sent.seconds,
        f"{name} /s a core": sent.events / sent.sender_s,
        f"{name} sender µs": sent.sender_s / sent.events * 1e6,
        f"{name} redis µs": sent.redis_s / sent.events * 1e6,
        f"{name} sandbox load": sent.tiktok_s / sent.seconds,
        f"{name} MiB": sent.memory_mib,
    }


async def _drain(here: Site, pages: int, events: int) -> Sent:
    await connect(here, page_ids(pages))
    sender = await _stopped_sender(here)
    await tell(here, talks(islice(conversations(pages, events), events), 1))
    pids = (sender.pid, here.redis_pid, here.tiktok.pid)
    before = [cpu_s(pid) for pid in pids]
    sender.signal(signal.SIGCONT)
    await eventually(lambda: nothing_waits(here), within=WITHIN_S)
    sender_s, redis_s, tiktok_s = (cpu_s(pid) - then for pid, then in zip(pids, before, strict=True))
    requests = await _requests(here)
    number, last = sum(each.events for each in requests), requests[-1].arrived_at
    assert number == events, f"{number} of {events} arrived"
    seconds = (last - requests[0].arrived_at) / 1000
    return Sent(events, seconds, sender_s, redis_s, tiktok_s, memory_mib(sender, "VmHWM"))


async def _stopped_sender(here: Site) -> Running:
    """Start a sender, and stop it as it waits for work: so its start is not measured, nor is what it sends too soon."""
    sender = here.world.start("sender")
    await eventually(lambda: "sender.started" in sender.log, within=READY_WITHIN_S)
    sender.signal(signal.SIGSTOP)
    return sender


async def _bare(here: Site, number: int) -> Posted:
    await connect(here, page_ids(1))
    bare: Running = here.world.start_module("tests.load.poster", f"{here.tiktok_url}/event/track/", str(number))
    told = await asyncio.to_thread(bare.output)
    return msgspec.json.decode(told, type=Posted)


async def _full(here: Site, scale: Scale) -> Figures:
    """Let one page have many events waiting, and see how long fresh events of others take."""
    await connect(here, page_ids(1 + FRESH))
    full, *others = page_ids(1 + FRESH)
    sender = await _stopped_sender(here)
    await tell(here, talks((ConversationId(full, str(each)) for each in range(scale.waiting)), 1))
    sender.signal(signal.SIGCONT)
    await eventually(lambda: _something_came(here), within=READY_WITHIN_S)
    told_at = []
    for page in others:
        told_at.append(now_ms())
        await tell(here, talks([ConversationId(page, "fresh")], 1))
        await asyncio.sleep(FRESH_EVERY_S)
    waits = await here.store.zcard(keys.outbox(full))
    took = [await _sent_at(here, page) - at for page, at in zip(others, told_at, strict=True)]
    return {
        "full MiB": memory_mib(sender, "VmHWM"),
        "full events": scale.waiting,
        "full still waiting": waits,
        "fresh median ms": sorted(took)[len(took) // 2],
        "fresh most ms": max(took),
    }


async def _sent_at(here: Site, page_id: str) -> int:
    async def is_sent() -> int | None:
        (row,) = (await here.parts.views.events(page_id, EventFilter())).events
        return row.settled_at

    await eventually(is_sent, within=WITHIN_S)
    return await is_sent() or 0


async def nothing_waits(here: Site) -> bool:
    """Look, not too often, whether all events have left."""
    await asyncio.sleep(LOOK_EVERY_S)  # each look costs Redis something
    return not [key async for key in here.store.scan_iter("outbox:*", count=LOOK_AT)]


async def _something_came(here: Site) -> bool:
    return bool(await _requests(here))


async def _requests(here: Site) -> list[Request]:
    async with here.http.get(here.sandbox("requests")) as answer:
        return msgspec.json.decode(await answer.read(), type=_Requests).requests
