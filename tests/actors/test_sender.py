"""The sender's loop: everything due goes out, once, whatever stops, dies or is away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice

import pytest
import structlog
from msgspec.structs import replace

from actors import keys
from actors.bucket import Limiter, Rate
from actors.claims import Claims
from actors.errors import StoreUnavailable
from actors.outbox import OutboxEntry
from actors.scripts import Argument, Script
from actors.sender import Pace, Sender
from rules.delivery import Reply
from tests.actors.delivering import (
    BROKEN,
    FAST,
    OK,
    PAGE,
    TikTok,
    connected,
    fired,
    lease_ends,
    now_ms,
    row,
    tools,
)
from tests.stores import Store
from tests.waiting import eventually

BRISK = Pace(workers=16, idle_s=0.01, longest_backoff_s=0.05, drain_s=10)


@asynccontextmanager
async def running(*senders: Sender) -> AsyncIterator[None]:
    """Run senders, and stop them as an operator would."""
    tasks = [asyncio.create_task(sender.run()) for sender in senders]
    try:
        yield
    finally:
        for sender in senders:
            sender.stop()
        await asyncio.gather(*tasks)


async def waiting(store: Store, page_id: str = PAGE) -> int:
    return int(await store.zcard(keys.outbox(page_id)))


async def test_everything_due_goes_out_once(store: Store) -> None:
    tiktok = TikTok()
    pages = [str(number) for number in range(900, 930)]
    for page_id in pages:
        await connected(store, page_id)
        await fired(store, 3, page_id=page_id, first=int(page_id) * 10)
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: len(tiktok.accepted) == 90)
    assert set(tiktok.accepted.values()) == {1}
    assert [await waiting(store, page_id) for page_id in pages] == [0] * 30


async def test_many_pages_are_served_from_few_looks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look asks all partitions, so it must pay for more than one round."""
    looks = 0
    look = Claims.due_pages

    async def counted(claims: Claims, per_partition: int) -> list[str]:
        nonlocal looks
        looks += 1
        return await look(claims, per_partition)

    monkeypatch.setattr(Claims, "due_pages", counted)
    tiktok = TikTok()
    for number in range(300):
        await connected(store, f"page-{number}")
        await fired(store, page_id=f"page-{number}", first=number)
    async with running(Sender(tools(store, tiktok), Pace(workers=8, breath_s=0.001, idle_s=60))):
        await eventually(lambda: len(tiktok.accepted) == 300)
    assert set(tiktok.accepted.values()) == {1}
    # 192 pages are seen at once, three of each partition.
    assert looks <= 10


async def test_a_page_with_more_than_one_claim_waiting_is_served_without_a_pause(store: Store) -> None:
    tiktok = TikTok()
    await connected(store)
    await fired(store, 1_000)
    async with running(Sender(tools(store, tiktok), Pace(idle_s=60))):
        await eventually(lambda: len(tiktok.accepted) == 1_000)


async def test_senders_side_by_side_never_post_the_same_event(store: Store) -> None:
    tiktok = TikTok()
    await connected(store)
    await fired(store, 1_500)
    async with running(*(Sender(tools(store, tiktok), BRISK) for _ in range(3))):
        await eventually(lambda: len(tiktok.accepted) == 1_500)
    assert tiktok.overlaps == 0
    assert set(tiktok.accepted.values()) == {1}


async def test_a_long_queue_of_one_page_does_not_delay_another_page(store: Store) -> None:
    tiktok = TikTok()
    await connected(store)
    await connected(store, "901")
    await fired(store, 6_000, ago_ms=60_000)
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: len(tiktok.accepted) >= 300)
        posted = len(tiktok.requests)
        await fired(store, 1, page_id="901", first=99_999)
        await eventually(lambda: "e-99999" in tiktok.accepted)
        assert len(tiktok.requests) - posted < 40


async def test_one_page_whose_requests_hang_leaves_workers_for_the_others(store: Store) -> None:
    release = asyncio.Event()

    async def answer(entries: tuple[OutboxEntry, ...]) -> Reply:
        if entries[0].conversation.page_id == PAGE:
            await release.wait()
        return OK

    tiktok = TikTok(answer)
    await connected(store)
    await connected(store, "901")
    await fired(store, 3_000)
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: len(tiktok.requests) == 4)
        await fired(store, 1, page_id="901", first=99_999)
        await eventually(lambda: "e-99999" in tiktok.accepted)
        assert len(tiktok.requests) == 5
        release.set()


async def test_a_failed_event_is_tried_again_by_itself(store: Store) -> None:
    tiktok = TikTok(lambda _: BROKEN if len(tiktok.requests) == 1 else OK)
    await connected(store)
    await fired(store)
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: tiktok.accepted == {"e-0": 1})
    assert (await row(store, "e-0"))["attempts"] == "2"


async def test_stopping_waits_for_requests_under_way_and_claims_nothing_more(store: Store) -> None:
    release = asyncio.Event()

    async def answer(_: tuple[OutboxEntry, ...]) -> Reply:
        await release.wait()
        return OK

    tiktok = TikTok(answer)
    await connected(store)
    await fired(store)
    sender = Sender(tools(store, tiktok), BRISK)
    running_sender = asyncio.create_task(sender.run())
    await eventually(lambda: tiktok.requests)
    sender.stop()
    await fired(store, first=1)
    release.set()
    await running_sender
    assert (await row(store, "e-0"))["status"] == "sent"
    assert (await row(store, "e-1"))["status"] == "queued"
    assert tiktok.requests == [("e-0",)]


async def test_a_request_that_outlasts_the_drain_is_left_to_its_lease(store: Store) -> None:
    async def answer(_: tuple[OutboxEntry, ...]) -> Reply:
        await asyncio.Event().wait()
        return OK

    tiktok = TikTok(answer)
    await connected(store)
    await fired(store)
    sender = Sender(tools(store, tiktok), Pace(idle_s=0.01, drain_s=0.01))
    running_sender = asyncio.create_task(sender.run())
    await eventually(lambda: tiktok.requests)
    sender.stop()
    await running_sender
    found = await row(store, "e-0")
    assert "unconfirmed_since" in found
    await lease_ends(store, "e-0")
    again = TikTok()
    async with running(Sender(tools(store, again), BRISK)):
        await eventually(lambda: again.accepted == {"e-0": 1})


async def test_a_turn_that_breaks_does_not_end_the_sender(store: Store) -> None:
    def answer(entries: tuple[OutboxEntry, ...]) -> Reply:
        if entries[0].conversation.page_id == PAGE:
            raise RuntimeError("a bug in the channel")
        return OK

    tiktok = TikTok(answer)
    await connected(store)
    await connected(store, "901")
    await fired(store)
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: tiktok.requests)
        await fired(store, page_id="901", first=1)
        await eventually(lambda: tiktok.accepted == {"e-1": 1})
    assert await waiting(store) == 1


@pytest.mark.parametrize(
    "damaged", [keys.outbox(PAGE), keys.dead(PAGE), keys.buried(keys.partition(PAGE)), keys.connection(PAGE)]
)
async def test_a_page_whose_keys_are_damaged_does_not_stop_the_others(store: Store, damaged: str) -> None:
    """Nor does it fill the log: it is claimed once, and then left out for a while."""
    tiktok, loop = TikTok(), asyncio.get_running_loop()
    await connected(store, "901")
    await fired(store)
    await store.set(damaged, "something else", px=60_000)
    with structlog.testing.capture_logs() as logs:
        async with running(Sender(tools(store, tiktok), BRISK)):
            await eventually(lambda: logs)
            await fired(store, page_id="901", first=1)
            await eventually(lambda: tiktok.accepted == {"e-1": 1})
            twenty_looks_later = loop.time() + 20 * BRISK.idle_s
            await eventually(lambda: loop.time() > twenty_looks_later)
    told = [(line["event"], line["log_level"], line["page_id"]) for line in logs]
    assert told == [("claim.failed", "error", PAGE), ("event.settled", "info", "901")]


async def test_a_page_that_was_left_out_is_served_once_its_keys_are_mended(store: Store) -> None:
    tiktok = TikTok()
    await connected(store)
    await fired(store)
    await store.set(keys.dead(PAGE), "something else", px=60_000)
    with structlog.testing.capture_logs() as logs:
        async with running(Sender(tools(store, tiktok), replace(BRISK, left_out_s=0.05))):
            await eventually(lambda: len(logs) == 2)
            await store.delete(keys.dead(PAGE))
            await eventually(lambda: tiktok.accepted == {"e-0": 1})


async def test_many_pages_that_are_left_out_hide_no_page_behind_them(store: Store) -> None:
    """Theirs are the oldest events of the partition, and a look takes only a few pages of each."""
    number = keys.partition(PAGE)
    *damaged, behind = islice((page for page in map(str, count(1_000)) if keys.partition(page) == number), 9)
    for first, page_id in enumerate((*damaged, behind)):
        await connected(store, page_id)
        await fired(store, page_id=page_id, first=first, ago_ms=1_000 - first)
    for page_id in damaged:
        await store.set(keys.dead(page_id), "something else", px=60_000)
    tiktok = TikTok()
    async with running(Sender(tools(store, tiktok), BRISK)):
        await eventually(lambda: tiktok.accepted == {"e-8": 1})


async def test_a_connection_that_cannot_be_read_does_not_stop_the_others(store: Store) -> None:
    tiktok = TikTok()
    await connected(store, "901")
    await store.hset(keys.connection(PAGE), "page_id", PAGE)
    await fired(store)
    with structlog.testing.capture_logs() as logs:
        async with running(Sender(tools(store, tiktok), BRISK)):
            await eventually(lambda: logs)
            await fired(store, page_id="901", first=1)
            await eventually(lambda: tiktok.accepted == {"e-1": 1})
    assert [line["event"] for line in logs] == ["connection.unreadable", "events.held", "event.settled"]


async def test_no_more_is_claimed_than_tokens_come_for(store: Store) -> None:
    """What is claimed and gets no token in time has cost Redis something, and stands as rate limited for nothing."""
    pages = [f"page-{number}" for number in range(100)]
    for page_id in pages:
        await connected(store, page_id)
        await fired(store, page_id=page_id, first=int(page_id.removeprefix("page-")))
    tiktok = TikTok()
    slow = Rate(per_second=40, burst=1)
    async with running(Sender(tools(store, tiktok, Limiter(store, slow, slow)))):
        await eventually(lambda: len(tiktok.accepted) >= 30)
        pipeline = store.pipeline()  # of one moment
        for number, page_id in enumerate(pages):
            pipeline.hgetall(keys.event(page_id, f"e-{number}"))
        rows = await pipeline.execute()
    assert {found[b"status"] for found in rows} == {b"queued", b"sent"}
    assert sum(b"lease" in found for found in rows) <= 30


async def test_while_the_bucket_is_shut_the_outbox_is_left_alone(store: Store) -> None:
    """Otherwise everything that waits would be claimed and postponed for nothing."""
    pages = [str(number) for number in range(900, 1_000)]
    for page_id in pages:
        await connected(store, page_id)
        await fired(store, page_id=page_id, first=int(page_id))
    await store.hset(keys.BUCKET, "shut_until_us", (now_ms() + 60_000) * 1_000)
    await store.pexpire(keys.BUCKET, 60_000)
    limiter, tiktok = Limiter(store, FAST, FAST), TikTok()
    loop = asyncio.get_running_loop()
    async with running(Sender(tools(store, tiktok, limiter), BRISK)):
        await eventually(lambda: not limiter.room)
        twenty_polls_later = loop.time() + 20 * BRISK.idle_s
        await eventually(lambda: loop.time() > twenty_polls_later)
    untouched = [page for page in pages if (await row(store, f"e-{page}", page))["status"] == "queued"]
    assert len(untouched) >= 100 - 2 * BRISK.workers
    assert tiktok.requests == []


async def test_an_outage_is_waited_out_and_told_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No busy loop, no flood of log lines, and everything goes out afterwards."""
    tiktok = TikTok()
    await connected(store)
    await fired(store)
    rounds = 0
    plugged = False
    run = Script.__call__

    async def unplugged(script: Script, touched: Sequence[str], args: Sequence[Argument]) -> object:
        nonlocal rounds
        if plugged:
            return await run(script, touched, args)
        rounds += 1
        raise StoreUnavailable("ConnectionError: refused")

    monkeypatch.setattr(Script, "__call__", unplugged)
    loop = asyncio.get_running_loop()
    began = loop.time()
    with structlog.testing.capture_logs() as logs:
        async with running(Sender(tools(store, tiktok), BRISK)):
            await eventually(lambda: rounds >= 6)
            took = loop.time() - began
            plugged = True
            await eventually(lambda: tiktok.accepted == {"e-0": 1})
    # 3/4 of 20, 40 and then 50 ms: the pauses grow up to their limit.
    assert took >= 0.15
    told = [line["event"] for line in logs if line["event"].startswith("sender.")]
    assert told == ["sender.store_unavailable", "sender.store_back"]


async def test_an_idle_sender_polls_and_does_not_spin(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(tools(store, TikTok()), Pace(idle_s=0.05))
    rounds = 0
    pipeline = store.pipeline

    def counted(*, transaction: bool) -> object:
        nonlocal rounds
        rounds += 1
        return pipeline(transaction=transaction)

    monkeypatch.setattr(store, "pipeline", counted)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with running(sender):
        await eventually(lambda: rounds >= 4)
    assert loop.time() - began >= 0.15
