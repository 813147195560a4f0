"""Growth: what ten or a hundred times as many conversations with a click change, and what each costs in Redis."""

import time
from collections import defaultdict
from itertools import islice
from statistics import fmean
from typing import Final

from actors import keys
from rules.facts import Referral
from tests.load.bench_seeds import connect, conversations, talks, tell
from tests.load.bench_site import AHEAD_A_SECOND, FAR, ROUND_WITHIN_S, Figures, Scale, Site, port_of, site, take
from tests.load.client import Wanted
from tests.load.service import memory_mib
from tests.load.webhooks import page_ids

MESSAGES: Final = 9
"""With the click that makes ten entries of the timeline."""

WAITING: Final = (1, 3, MESSAGES)
"""Messages of a conversation without a click, all of which wait for one."""

KNOWN: Final = 5_000
"""Conversations that the gateway remembers while they are measured: a part of what its cache holds."""

FIRST_MET: Final = 10_000
"""Conversations that are written to once each by a gateway that has just started, and remembers none."""

STARTS: Final = 3
SAMPLE: Final = 200
CONNECTIONS: Final = 64


async def measure(scale: Scale) -> Figures:
    """Measure each number of conversations, one page, and what a conversation without a click costs."""
    figures: Figures = {}
    for number in scale.growth:
        async with site() as here:
            await connect(here, page_ids(1))
            before = await here.redis_memory()
            await tell(here, talks(conversations(1, number), MESSAGES))
            figures[f"{number} bytes"] = (await here.redis_memory() - before) / number
            if number == scale.growth[0]:
                figures |= await _by_key(here, number)
            figures |= await _under_load(here, scale, number)
    fewest = scale.growth[0]
    for number in scale.growth[1:]:
        for case in ("known", "first met"):
            figures[f"share {number} {case}"] = figures[f"{number} {case} /s"] / figures[f"{fewest} {case} /s"]
    for waiting in WAITING:
        figures[f"without click {waiting} bytes"] = await _without_click(fewest, waiting)
    return figures


async def _under_load(here: Site, scale: Scale, number: int) -> Figures:
    figures = await _first_met(here, number)
    web = await here.world.start_web()
    known = min(KNOWN, number)
    port, ahead = port_of(here.world), int(AHEAD_A_SECOND * scale.seconds)
    await take(Wanted(port, most=known, conversations=known), web, here.redis_pid)
    again = Wanted(port, scale.seconds, CONNECTIONS, ahead=ahead, first=known, conversations=known)
    figures[f"{number} known /s"] = (await take(again, web, here.redis_pid)).rate
    return figures | {f"{number} gateway MiB": memory_mib(web, "VmHWM")}


async def _first_met(here: Site, number: int) -> Figures:
    """Start a gateway, which remembers nobody, let each of some conversations be written to once, and that again."""
    some = min(FIRST_MET, number)
    events = seconds = starting_s = 0.0
    for start in range(STARTS):
        began = time.monotonic()
        web = await here.world.start_web()
        starting_s += time.monotonic() - began
        port, first = port_of(here.world), FAR + start * some
        once = Wanted(port, ROUND_WITHIN_S, CONNECTIONS, ahead=some, most=some, first=first, conversations=number)
        taken = await take(once, web, here.redis_pid)
        events, seconds = events + taken.seen.ok, seconds + taken.seen.seconds
        web.signal()
        web.end()
    return {f"{number} start s": starting_s / STARTS, f"{number} first met /s": events / seconds}


async def _by_key(here: Site, number: int) -> Figures:
    """Take every so many keys of a kind, and say how many bytes all of them take for each conversation."""
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    async for key in here.store.scan_iter(count=10_000):
        found[key.partition(b":")[0].decode()].append(key)
    figures: Figures = {}
    for kind, those in found.items():
        some = those[:: max(1, len(those) // SAMPLE)]
        sizes = [await here.store.memory_usage(key, samples=0) for key in some]
        figures[f"key {kind} bytes"] = fmean(sizes)
        figures[f"key {kind} number"] = len(those) / number
    for field in ("version", "commit", "state"):
        names = [keys.conversation(each) for each in islice(conversations(1, number), SAMPLE)]
        figures[f"field {field} bytes"] = fmean([await here.store.hstrlen(name, field) for name in names])
    streams = [keys.timeline(each) for each in islice(conversations(1, number), SAMPLE)]
    entries = [await here.store.xrange(stream) for stream in streams]
    of_a_conversation = ("conversation", "timeline", "index")
    figures["with click bytes"] = sum(
        figures[f"key {kind} bytes"] * figures[f"key {kind} number"] for kind in of_a_conversation
    )
    figures["field entry bytes"] = fmean(len(each[b"entry"]) for entry in entries for _, each in entry)
    return figures


async def _without_click(number: int, messages: int) -> float:
    async with site() as here:
        await connect(here, page_ids(1))
        before = await here.redis_memory()
        spoken = talks(conversations(1, number), messages)
        await tell(here, (each for each in spoken if not isinstance(each.fact, Referral)))
        return (await here.redis_memory() - before) / number
