"""One turn of delivery: every answer of TikTok leads to where it must, and nothing is sent that may not be."""

import time

import pytest
import structlog
from msgspec.structs import replace
from prometheus_client import REGISTRY

from actors import keys
from actors.bucket import Limiter, Rate
from actors.claims import Claims
from actors.delivery_turn import DeliveryTurn
from actors.outbox import OutboxEntry
from actors.store_clock import StoreClock
from rules.codes import UNOPENED
from rules.delivery import Reply
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS
from tests.actors.delivering import (
    ADVERTISER_THROTTLED,
    BAD_ITEM,
    BROKEN,
    FAST,
    NO_PERMISSION,
    OK,
    PAGE,
    REFUSED,
    THROTTLED,
    TIMED_OUT,
    TikTok,
    connected,
    due_in_ms,
    fired,
    lease_ends,
    now_ms,
    row,
    tools,
    turn,
)
from tests.stores import Store


async def statuses(store: Store, *event_ids: str) -> list[str]:
    return [(await row(store, event_id))["status"] for event_id in event_ids]


async def test_waiting_events_of_a_page_go_in_one_request(store: Store) -> None:
    await connected(store)
    event_ids = await fired(store, 3)
    tiktok = TikTok()
    await turn(store, tiktok)
    assert tiktok.requests == [tuple(event_ids)]
    assert await statuses(store, *event_ids) == ["sent"] * 3


async def test_an_event_alone_goes_alone(store: Store) -> None:
    await connected(store)
    await fired(store)
    tiktok = TikTok()
    await turn(store, tiktok)
    assert tiktok.requests == [("e-0",)]


async def test_one_bad_item_is_found_by_halving_and_the_rest_is_sent(store: Store) -> None:
    await connected(store)
    event_ids = await fired(store, 9)
    tiktok = TikTok(lambda entries: BAD_ITEM if "e-4" in [entry.event.event_id for entry in entries] else OK)
    await turn(store, tiktok)
    assert await statuses(store, "e-4") == ["rejected"]
    assert sorted(tiktok.accepted) == sorted(set(event_ids) - {"e-4"})
    assert set(tiktok.accepted.values()) == {1}
    assert ("e-4",) in tiktok.requests
    assert (await row(store, "e-4"))["attempts"] == "1", "batches that were split are no attempts"
    assert await store.zrange(keys.dead(PAGE), 0, -1) == [b"e-4"]
    assert not await store.exists(keys.outbox(PAGE))


async def test_a_batch_that_is_too_large_is_halved_without_a_request_or_a_token(store: Store) -> None:
    await connected(store)
    event_ids = await fired(store, 5)
    tiktok = TikTok()
    tiktok.unsendable = lambda entries: "too_large" if len(entries) > 2 else None
    await turn(store, tiktok, limiter=Limiter(store, FAST, Rate(0.001, 3)))
    assert tiktok.requests == [("e-0", "e-1"), ("e-2",), ("e-3", "e-4")]
    assert await statuses(store, *event_ids) == ["sent"] * 5


async def test_what_is_future_is_told_by_the_time_of_the_store(store: Store) -> None:
    await connected(store)
    await fired(store)
    tiktok = TikTok()
    behind = StoreClock(store, lambda: time.time() - 86_400)
    with_them = replace(tools(store, tiktok), clock=behind, claims=Claims(store, behind))
    await behind.refresh()
    await DeliveryTurn(with_them, await with_them.claims.claim(PAGE), lambda: False).run()
    assert tiktok.times == [pytest.approx(now_ms(), abs=5_000)]


async def test_every_half_takes_its_own_token(store: Store) -> None:
    await connected(store)
    await fired(store, 2)
    tiktok = TikTok(lambda entries: BAD_ITEM if len(entries) > 1 else OK)
    # Tokens for the batch and its first half; the second half has to wait in the outbox.
    await turn(store, tiktok, limiter=Limiter(store, FAST, Rate(0.001, 2)))
    assert tiktok.requests == [("e-0", "e-1"), ("e-0",)]
    assert await statuses(store, "e-0", "e-1") == ["sent", "rate_limited"]


@pytest.mark.parametrize(
    ("reply", "status", "unconfirmed"),
    [
        (BROKEN, "retrying", False),
        (REFUSED, "retrying", False),
        (TIMED_OUT, "outcome_unknown", True),
        (THROTTLED, "rate_limited", False),
        (ADVERTISER_THROTTLED, "rate_limited", False),
    ],
)
async def test_what_may_pass_later_is_tried_again(
    store: Store, reply: Reply, status: str, *, unconfirmed: bool
) -> None:
    await connected(store)
    await fired(store, 2)
    await turn(store, TikTok(reply))
    for event_id in ("e-0", "e-1"):
        found = await row(store, event_id)
        assert (found["status"], found["reason"], found["attempts"]) == (status, status, "1")
        assert ("unconfirmed_since" in found) is unconfirmed
        assert int(found["next_attempt_at"]) == await store.zscore(keys.outbox(PAGE), event_id)
        assert 0 < int(found["next_attempt_at"]) - now_ms() <= 2_000


async def test_retries_follow_the_schedule(store: Store) -> None:
    """2, 4, 8, ... seconds, spread by the jitter (here 0.5: three quarters of it)."""
    await connected(store)
    await fired(store)
    for delay in (1_500, 3_000, 6_000, 12_000):
        before = now_ms()
        await turn(store, TikTok(BROKEN))
        ended = now_ms()
        # The store's clock is ahead by up to what asking for its time took, which is less than the turn took.
        latest = ended + (ended - before) + 2
        next_attempt_at = int((await row(store, "e-0"))["next_attempt_at"])
        assert before - 2 <= next_attempt_at - delay <= latest
        await lease_ends(store, "e-0")
    await turn(store, TikTok())
    assert (await row(store, "e-0"))["attempts"] == "5"
    assert await store.llen(keys.attempts(PAGE, "e-0")) == 5


async def test_a_throttling_answer_shuts_the_bucket_for_all(store: Store) -> None:
    await connected(store)
    await fired(store)
    await store.hset(keys.BUCKET, "rounds", 1)
    await turn(store, TikTok(THROTTLED))
    await fired(store, first=1)

    other_sender = TikTok()
    await turn(store, other_sender)

    assert other_sender.requests == []
    found = await row(store, "e-1")
    assert (found["status"], found["reason"], found["attempts"]) == ("rate_limited", "rate_limited", "0")
    assert "unconfirmed_since" not in found, "no attempt was made"
    five_minutes_and_a_spread = pytest.approx(315_000, abs=1_000)
    assert int(found["next_attempt_at"]) - now_ms() == five_minutes_and_a_spread
    assert await due_in_ms(store) == five_minutes_and_a_spread


@pytest.mark.parametrize(
    ("changes", "reason"), [({"paused": True}, "page_paused"), ({"authorised": False}, "authorisation_needed")]
)
async def test_events_of_a_page_that_may_not_send_wait(store: Store, changes: dict[str, bool], reason: str) -> None:
    await connected(store, PAGE, **changes)
    await fired(store)
    tiktok = TikTok()
    await turn(store, tiktok)
    found = await row(store, "e-0")
    assert (found["status"], found["reason"], found["attempts"]) == ("queued", reason, "0")
    assert await due_in_ms(store) == pytest.approx(HOUR_MS, abs=1_000)

    await connected(store, paused=False, authorised=True)
    await turn(store, tiktok)
    assert tiktok.requests == [("e-0",)]


async def test_events_of_a_page_that_was_disconnected_wait(store: Store) -> None:
    await fired(store)
    await turn(store, TikTok())
    assert (await row(store, "e-0"))["reason"] == "page_not_connected"
    assert await due_in_ms(store) == pytest.approx(HOUR_MS, abs=1_000)


@pytest.mark.parametrize(
    "damage",
    [
        {"choices": b"gAAAA-ciphertext"},
        {"choices": b'[{"since":"yesterday"}]'},
        {"choices": None},
        {"paused": None},
        {"store_id": b"\xff\xfe"},
    ],
)
async def test_events_of_a_page_whose_connection_is_damaged_wait_until_it_is_mended(
    store: Store, damage: dict[str, bytes | None]
) -> None:
    """Claiming opens an attempt; one that was never made must not count as perhaps arrived, hours later."""
    await connected(store)
    await fired(store, 2)
    kept = await store.hgetall(keys.connection(PAGE))
    for field, value in damage.items():
        await (
            store.hdel(keys.connection(PAGE), field)
            if value is None
            else store.hset(keys.connection(PAGE), field, value)
        )
    tiktok = TikTok()
    with structlog.testing.capture_logs() as logs:
        await turn(store, tiktok)
    for event_id in ("e-0", "e-1"):
        found = await row(store, event_id)
        assert (found["status"], found["attempts"]) == ("queued", "0")
        assert not {"unconfirmed_since", "lease"} & set(found)
    assert await due_in_ms(store) == pytest.approx(MINUTE_MS, abs=1_000)
    (told,) = (line for line in logs if line["log_level"] == "error")
    assert (told["event"], told["page_id"]) == ("connection.unreadable", PAGE)
    assert "ciphertext" not in str(logs)

    await store.hset(keys.connection(PAGE), mapping=kept)
    await lease_ends(store, "e-0", "e-1")
    await turn(store, tiktok)
    assert tiktok.requests == [("e-0", "e-1")]


async def test_a_pause_holds_from_the_next_claim_on_and_so_does_its_end(store: Store) -> None:
    """Nothing of the connection is remembered between two claims."""
    tiktok = TikTok()
    with_them = tools(store, tiktok)
    await with_them.clock.refresh()
    await fired(store, 3)
    for paused in (False, True, False):
        await connected(store, paused=paused)
        await DeliveryTurn(with_them, await with_them.claims.claim(PAGE, 1), lambda: False).run()
    assert tiktok.requests == [("e-0",), ("e-1",)]


async def test_a_refused_token_holds_the_page_until_there_is_another(store: Store) -> None:
    connections = await connected(store)
    await fired(store, 2)
    tiktok = TikTok(NO_PERMISSION)
    await turn(store, tiktok)
    connection = await connections.read(PAGE)
    assert connection is not None
    assert not connection.authorised
    found = await row(store, "e-0")
    assert (found["status"], found["reason"], found["attempts"]) == ("queued", "authorisation_needed", "1")
    assert await due_in_ms(store) == pytest.approx(HOUR_MS, abs=1_000)

    await connected(store, access_token="gAAAA-newer")
    tiktok.answer = OK
    await turn(store, tiktok)
    assert tiktok.tokens == ["gAAAA-ciphertext", "gAAAA-newer"]
    assert await statuses(store, "e-0", "e-1") == ["sent", "sent"]


async def test_a_token_that_cannot_be_opened_holds_the_page_without_a_request_or_a_token_of_the_bucket(
    store: Store,
) -> None:
    """Its events are told as what they are, and go out once the key is back, or the seller has connected again."""
    await connected(store)
    await fired(store, 2)
    tiktok = TikTok()
    tiktok.unsendable = lambda _: "token_unreadable"
    with structlog.testing.capture_logs() as logs:
        await turn(store, tiktok)
    assert (tiktok.requests, await store.exists(keys.BUCKET)) == ([], 0)
    found = await row(store, "e-0")
    assert (found["status"], found["reason"], found["attempts"]) == ("queued", "authorisation_needed", "0")
    assert found["problem"] == UNOPENED
    assert not {"unconfirmed_since", "lease"} & set(found)
    assert await store.zrange(keys.problem(PAGE, UNOPENED), 0, -1) == [b"e-0", b"e-1"]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["connection.token_unreadable"]
    assert await due_in_ms(store) == pytest.approx(MINUTE_MS, abs=1_000)

    tiktok.unsendable = lambda _: None
    await lease_ends(store, "e-0", "e-1")
    await turn(store, tiktok)
    assert await statuses(store, "e-0", "e-1") == ["sent", "sent"]
    assert "problem" not in await row(store, "e-0")
    assert not await store.exists(keys.problem(PAGE, UNOPENED))


async def test_a_token_that_was_replaced_meanwhile_is_not_withdrawn_and_the_page_goes_on(store: Store) -> None:
    connections = await connected(store)
    await fired(store)

    async def answer(_: tuple[OutboxEntry, ...]) -> Reply:
        await connected(store, access_token="gAAAA-newer")
        return NO_PERMISSION

    await turn(store, TikTok(answer))
    connection = await connections.read(PAGE)
    assert connection is not None
    assert connection.authorised
    assert await due_in_ms(store) <= 0


async def test_the_hourly_look_buries_what_has_become_too_old(store: Store) -> None:
    await connected(store, paused=True)
    await fired(store, event_ago_ms=7 * DAY_MS + 1)
    await fired(store, first=1, event_ago_ms=7 * DAY_MS - 60_000)
    await turn(store, TikTok())
    assert await statuses(store, "e-0", "e-1") == ["expired_unsent", "queued"]
    assert (await row(store, "e-0"))["attempts"] == "0"
    assert await store.zrange(keys.outbox(PAGE), 0, -1) == [b"e-1"]


async def test_an_unconfirmed_event_is_not_sent_after_47_hours(store: Store) -> None:
    await connected(store)
    await fired(store, 2, ago_ms=48 * HOUR_MS)
    for event_id, since in (("e-0", 47 * HOUR_MS + 1_000), ("e-1", 47 * HOUR_MS - 60_000)):
        await store.hset(keys.event(PAGE, event_id), "unconfirmed_since", now_ms() - since)
    tiktok = TikTok()
    await turn(store, tiktok)
    assert await statuses(store, "e-0", "e-1") == ["outcome_unknown", "sent"]
    assert tiktok.requests == [("e-1",)]


async def test_a_sender_that_died_after_posting_leaves_an_unknown_outcome(store: Store) -> None:
    """Its event is sent again under the same id, and from then on counts as perhaps recorded."""
    await connected(store)
    await fired(store)
    with_them = tools(store, TikTok())
    await with_them.clock.refresh()
    await with_them.claims.claim(PAGE)
    opened = (await row(store, "e-0"))["unconfirmed_since"]
    await lease_ends(store, "e-0")
    await turn(store, TikTok(BROKEN))
    found = await row(store, "e-0")
    assert (found["status"], found["unconfirmed_since"]) == ("outcome_unknown", opened)


async def test_nothing_is_posted_when_the_lease_might_end_meanwhile(store: Store) -> None:
    await connected(store)
    await fired(store)
    tiktok = TikTok()
    with_them = tools(store, tiktok)
    await with_them.clock.refresh()
    claim = await with_them.claims.claim(PAGE)
    soon = replace(claim, ends_at=now_ms() + 9_000)
    await DeliveryTurn(with_them, soon, lambda: False).run()
    assert tiktok.requests == []
    found = await row(store, "e-0")
    assert (found["status"], found["attempts"]) == ("queued", "0")
    assert "unconfirmed_since" not in found
    assert await due_in_ms(store) <= 0


async def test_a_turn_that_is_stopped_gives_back_what_it_has_not_posted(store: Store) -> None:
    await connected(store)
    await fired(store, 4)
    stopping: list[bool] = []

    def answer(entries: tuple[OutboxEntry, ...]) -> Reply:
        if len(entries) == 2:
            stopping.append(True)
        return BAD_ITEM if len(entries) > 2 else OK

    tiktok = TikTok(answer)
    with_them = tools(store, tiktok)
    await with_them.clock.refresh()
    await DeliveryTurn(with_them, await with_them.claims.claim(PAGE), lambda: bool(stopping)).run()
    assert tiktok.requests == [("e-0", "e-1", "e-2", "e-3"), ("e-0", "e-1")]
    assert await statuses(store, "e-0", "e-1", "e-2", "e-3") == ["sent", "sent", "queued", "queued"]
    assert await due_in_ms(store) <= 0
    assert "lease" not in await row(store, "e-2")


async def test_attempts_and_outcomes_are_counted(store: Store) -> None:
    samples: list[tuple[str, dict[str, str]]] = [
        ("attempts_total", {"answer": "accepted"}),
        ("events_settled_total", {"event": "CompletePayment", "status": "sent"}),
        ("sender_lag_seconds_count", {}),
        ("bucket_wait_seconds_count", {}),
        ("claims_total", {}),
    ]

    def counted() -> list[float]:
        return [REGISTRY.get_sample_value(name, labels) or 0 for name, labels in samples]

    await connected(store)
    await fired(store, 2)
    before = counted()
    await turn(store, TikTok())
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 2, 2, 1, 1]
