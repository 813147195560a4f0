"""``python -m tests.load.poster URL REQUESTS``: the least that aiohttp's client can do with our requests to TikTok.

Makes the bodies first, one event in each, then posts them with as many workers as a sender has, and prints as JSON how
long that took and how much CPU time (s).
"""

import asyncio
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop
from aiohttp import ClientSession
from msgspec import Struct

from actors.outbox import OutboxEntry
from actors.sender import Pace
from gateway.tiktok import build_request
from gateway.wire_profile import load_wire_profile
from rules.events import Event
from rules.facts import ConversationId
from tests.end_to_end.world import EVENT_SET, TOKEN
from tests.load.webhooks import now_ms


class Posted(Struct, frozen=True):
    """How long it took, and how much CPU time, in seconds."""

    seconds: float
    cpu_s: float


async def post(url: str, number: int) -> Posted:
    """Post so many."""
    now = now_ms()
    profile = load_wire_profile(None)
    bodies = iter([build_request(profile, EVENT_SET, (_entry(each, now),), now // 1000) for each in range(number)])
    async with ClientSession() as session:
        cpu_s, began = time.process_time(), time.monotonic()
        await asyncio.gather(*(_work(session, url, bodies) for _ in range(Pace().workers)))
        return Posted(time.monotonic() - began, time.process_time() - cpu_s)


async def _work(session: ClientSession, url: str, bodies: Iterator[bytes]) -> None:
    headers = {"Access-Token": TOKEN, "Content-Type": "application/json"}
    for body in bodies:
        async with session.post(url, data=body, headers=headers) as answer:
            assert (await answer.json())["code"] == 0


def _entry(number: int, now: int) -> OutboxEntry:
    event = Event("Conversation", f"bare-{number}", now, now - 60_000, f"tt-{number}")
    return OutboxEntry(ConversationId("900000", f"{number:016d}"), event)


if __name__ == "__main__":
    posted = uvloop.run(post(sys.argv[1], int(sys.argv[2])))
    sys.stdout.write(msgspec.json.encode(posted).decode() + "\n")
