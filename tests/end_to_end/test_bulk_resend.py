"""Sending many again while senders die: each event comes to TikTok's count once."""

import signal
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.end_to_end.running import Running
from tests.end_to_end.world import PAGE, World, now_ms
from tests.waiting import eventually

CUSTOMERS = 30
LEASE_ENDS_WITHIN_S = 60


@pytest.mark.timeout(300)
async def test_all_that_was_rejected_is_sent_again_once_although_senders_are_killed(
    world: World, http: ClientSession, real_redis_url: str
) -> None:
    """A sender dies with a request that TikTok has recorded; the next one dies, too; the third one finishes."""
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    await world.connect_page()
    await world.sandbox("script", [{"action": "code", "code": 40002, "times": 10_000}])
    assert await customers_come_and_write(world) == 200
    first = world.start("sender")
    await eventually(lambda: statuses_are(world, http, "rejected"), within=30)
    stop(first)
    await world.sandbox("reset")
    await world.sandbox("script", [{"action": "hang", "commit": True}])

    resend = ("resend", PAGE, "--status", "rejected", "--why", "event set mended", "--yes")
    killed = world.start("sender")
    resending = world.start(*resend)
    await eventually(lambda: accepted_by(world), within=30)
    kill(killed)
    assert resending.end() == 0
    assert world.start(*resend).end() == 1, "nothing is given up any more"
    killed = world.start("sender")
    await eventually(lambda: "sender.started" in killed.log)
    kill(killed)
    world.start("sender")

    await eventually(lambda: statuses_are(world, http, "sent"), within=LEASE_ENDS_WITHIN_S)
    accepted = await accepted_by(world)
    assert await copies_dropped(world) > 0, "nothing was sent twice, so nothing was put to the test"
    assert len(accepted) == CUSTOMERS
    assert set(accepted) == {event["event_id"] for event in await events(world, http)}
    problems = world.start("resend", "--problem", "40002", "--why", "is any left?", "--yes")
    assert problems.end() == 1
    assert problems.log.startswith("0 match")


async def customers_come_and_write(world: World) -> int:
    """Send, as Meta, clicks and messages of many customers in one POST; return the status."""
    items: list[dict[str, Any]] = []
    for number in range(CUSTOMERS):
        party = {"sender": {"id": f"71{number:02d}"}, "recipient": {"id": PAGE}}
        items.append(party | {"timestamp": now_ms() - 60_000, "referral": {"ref": "tt-ad-1", "source": "SHORTLINK"}})
        items.append(party | {"timestamp": now_ms(), "message": {"mid": f"m-{number}", "text": "x"}})
    return await world.messenger(PAGE, *items)


async def accepted_by(world: World) -> list[str]:
    """Return the ids that TikTok counts, each as often as it does."""
    return [each["event_id"] for each in (await world.sandbox_tells("accepted"))["accepted"]]


async def copies_dropped(world: World) -> int:
    """Return how many copies TikTok got of what it counts already."""
    return int((await world.sandbox_tells("accepted"))["duplicates"])


async def events(world: World, http: ClientSession) -> list[dict[str, Any]]:
    """Return the page's delivery log."""
    async with http.get(f"{world.url}/api/pages/{PAGE}/events?limit=100", headers=world.operator) as answer:
        found: list[dict[str, Any]] = (await answer.json())["events"]
    return found


async def statuses_are(world: World, http: ClientSession, status: str) -> bool:
    """Tell whether all events have come to this."""
    found = await events(world, http)
    return len(found) == CUSTOMERS and {event["status"] for event in found} == {status}


def kill(process: Running) -> None:
    """Leave it no time for anything."""
    process.signal(signal.SIGKILL)
    process.end()


def stop(process: Running) -> None:
    """Let it finish what it does."""
    process.signal(signal.SIGTERM)
    process.end()
