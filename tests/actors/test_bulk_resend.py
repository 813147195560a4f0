"""Sending many again: what would be done is said first, what is done is done once."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from actors import bulk_resend, keys
from actors.bulk_resend import BulkResend, Estimate, Selection
from actors.connect import MAX_CONNECTIONS, open_store
from actors.store_clock import StoreClock
from rules.days import day
from rules.times import DAY_MS
from tests.actors.delivering import BAD_ITEM, BROKEN, OK, PAGE, TikTok, connected, fired, now_ms, row, turn
from tests.stores import Store

ELSEWHERE = "901"
REJECTED = Selection(page_id=PAGE, status="rejected")


def bulk(store: Store) -> BulkResend:
    """Bind to a store, as a process does."""
    return BulkResend(store, StoreClock(store, time.time))


async def given_up(store: Store, count: int, *, page_id: str = PAGE, first: int = 0, event_ago_ms: int = 0) -> None:
    """Let TikTok refuse some events for good."""
    await connected(store, page_id)
    await fired(store, count, page_id=page_id, first=first, event_ago_ms=event_ago_ms)
    await turn(store, TikTok(BAD_ITEM), page_id=page_id)


async def test_it_says_what_would_be_done_and_changes_nothing(store: Store) -> None:
    await given_up(store, 3)
    assert await bulk(store).estimate(REJECTED) == Estimate(3, 3, {})
    assert await bulk(store).estimate(REJECTED) == Estimate(3, 3, {})
    assert (await row(store, "e-0"))["status"] == "rejected"


async def test_what_can_no_longer_count_is_refused_with_its_reason(store: Store) -> None:
    """Past seven days, and past 47 hours of not knowing."""
    await given_up(store, 2)
    for event_id, field, ago in (("e-0", "event_at", 8 * DAY_MS), ("e-1", "unconfirmed_since", 2 * DAY_MS)):
        await store.hset(keys.event(PAGE, event_id), field, now_ms() - ago)
    expected = Estimate(2, 0, {"expired_unsent": 1, "outcome_unknown": 1})
    found = await bulk(store).estimate(REJECTED)
    assert replace(found, refused=dict(sorted(found.refused.items()))) == expected
    assert (await bulk(store).resend(REJECTED)).resendable == 0


async def test_all_that_match_go_out_again_once_under_their_ids(store: Store) -> None:
    await given_up(store, 5)
    both = await asyncio.gather(bulk(store).resend(REJECTED), bulk(store).resend(REJECTED))
    assert sum(done.resendable for done in both) == 5
    assert all(set(done.refused) <= {"queued"} for done in both)

    tiktok = TikTok(OK)
    await turn(store, tiktok)

    assert tiktok.accepted == dict.fromkeys((f"e-{number}" for number in range(5)), 1)
    assert await bulk(store).resend(REJECTED) == Estimate(0, 0, {})


async def test_a_problem_is_sent_again_on_all_its_pages_or_on_one(store: Store) -> None:
    await given_up(store, 2)
    await given_up(store, 1, page_id=ELSEWHERE)
    assert (await bulk(store).estimate(Selection(problem="40002"))).matching == 3
    assert (await bulk(store).resend(Selection(problem="40002", page_id=ELSEWHERE))).resendable == 1
    assert (await bulk(store).estimate(Selection(problem="40002"))).matching == 2


async def test_what_still_waits_is_none_of_it(store: Store) -> None:
    """It is tried again without anybody's help."""
    await connected(store)
    await fired(store)
    await turn(store, TikTok(BROKEN))
    assert (await bulk(store).estimate(Selection(problem="50000"))).matching == 0


async def test_a_selection_is_narrowed_by_status_event_and_day(store: Store) -> None:
    await given_up(store, 2)
    today = day(int((await row(store, "e-0"))["event_at"]))
    for narrower, matching in (
        (replace(REJECTED, day=today, event="CompletePayment"), 2),
        (replace(REJECTED, status="expired_unsent"), 0),
        (replace(REJECTED, event="Conversation"), 0),
        (replace(REJECTED, day="2020-01-01"), 0),
        (Selection(), 0),
    ):
        assert (await bulk(store).estimate(narrower)).matching == matching, narrower


async def test_more_than_fit_are_done_in_several_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await given_up(store, 5)
    monkeypatch.setattr(bulk_resend, "MOST", 2)
    assert await bulk(store).estimate(REJECTED) == Estimate(2, 2, {}, more=True)
    gone = [(await bulk(store).resend(REJECTED)) for _ in range(3)]
    assert [(done.resendable, done.more) for done in gone] == [(2, True), (2, True), (1, False)]


async def test_a_process_has_connections_left_while_it_sends_more_than_it_has_connections(real_redis_url: str) -> None:
    """With the client that the product opens: webhooks use the same connections."""
    store = open_store(real_redis_url)
    try:
        for first in (0, 100):
            await given_up(store, 100, first=first)
        assert MAX_CONNECTIONS < 200
        resending = asyncio.create_task(bulk(store).resend(REJECTED))
        while not resending.done():
            await asyncio.gather(*(store.ping() for _ in range(MAX_CONNECTIONS // 2)))
        assert resending.result() == Estimate(200, 200, {})
    finally:
        await store.aclose()
