"""The outbox: claimed by one sender at a time, settled once, and nothing is ever lost from it."""

from collections.abc import Sequence
from typing import Literal

import pytest
import structlog
from redis.asyncio import Redis
from redis.crc import key_slot

from actors import keys
from actors.depth import Depth, Depths
from actors.errors import StoredDamage
from actors.outbox import Claim, Rest, Settlement
from actors.resend import Resender
from actors.scripts import Argument, Script
from actors.store_clock import StoreClock
from actors.timeline import Delivered
from actors.views import Views
from rules.catalogue import DeliveryCode
from rules.facts import ConversationId
from rules.times import DAY_MS, HOUR_MS
from tests.actors.delivering import (
    BAD_ITEM,
    OK,
    PAGE,
    PSID,
    TIMED_OUT,
    claims_of,
    connected,
    due_in_ms,
    everything,
    fired,
    lease_ends,
    now_ms,
    row,
)
from tests.stores import Store

NUMBER = keys.partition(PAGE)
CONVERSATION = ConversationId(PAGE, PSID)


@pytest.fixture(autouse=True)
def one_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script call of these tests must stay within one slot of a cluster."""
    run = Script.__call__

    async def checked(script: Script, touched: Sequence[str], args: Sequence[Argument]) -> object:
        assert len({key_slot(key.encode()) for key in touched}) == 1
        return await run(script, touched, args)

    monkeypatch.setattr(Script, "__call__", checked)


@pytest.fixture
def replies_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script runs twice, as redis-py runs it when the first reply is lost."""
    run = Script.__call__

    async def twice(script: Script, touched: Sequence[str], args: Sequence[Argument]) -> object:
        await run(script, touched, args)
        return await run(script, touched, args)

    monkeypatch.setattr(Script, "__call__", twice)


def ids(claim: Claim) -> list[str]:
    return [entry.event.event_id for entry in claim.entries]


def sent(claim: Claim) -> list[Settlement]:
    return [Settlement(entry, "sent", "sent", "sent", reply=OK) for entry in claim.entries]


async def test_a_claimed_event_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    await fired(store, 3)
    ours, theirs = await claims_of(store), await claims_of(store)

    first = await ours.claim(PAGE, 2)
    assert ids(first) == ["e-0", "e-1"]
    assert ids(await theirs.claim(PAGE)) == ["e-2"]
    assert ids(await theirs.claim(PAGE)) == []

    await lease_ends(store, "e-0", "e-1")
    stolen = await theirs.claim(PAGE)
    assert ids(stolen) == ["e-0", "e-1"]
    assert stolen.ends_at - now_ms() == pytest.approx(30_000, abs=1_000)


async def test_an_event_comes_out_as_it_went_in(store: Store) -> None:
    await fired(store, event_ago_ms=5_000)
    [entry] = (await (await claims_of(store)).claim(PAGE)).entries
    assert entry.conversation == CONVERSATION
    assert (entry.event.name, entry.event.order_id, entry.event.tracking_id) == ("CompletePayment", "o-1", "t-1")
    assert entry.event.purchase is not None
    assert entry.event.purchase.value == "120000"
    assert (entry.attempts, entry.unconfirmed_since, entry.status) == (0, None, "queued")
    assert entry.fired_at - entry.event.at == 5_000


async def test_a_paused_sender_cannot_undo_anothers_work(store: Store) -> None:
    """The fence: whoever lost the lease changes nothing, whatever it says."""
    await fired(store)
    ours, theirs = await claims_of(store), await claims_of(store)
    old = await ours.claim(PAGE)
    await lease_ends(store, "e-0")
    new = await theirs.claim(PAGE)
    before = await everything(store)

    await ours.settle(old, sent(old))
    await ours.settle(old, [Settlement(old.entries[0], "dead", "rejected", "rejected", reply=BAD_ITEM)])
    await ours.settle(old, [Settlement(old.entries[0], "waiting", "queued", "queued")], Rest(HOUR_MS))
    assert await everything(store) == before

    await theirs.settle(new, sent(new))
    assert (await row(store, "e-0"))["status"] == "sent"
    before = await everything(store)
    await ours.settle(old, [Settlement(old.entries[0], "waiting", "retrying", "retrying", reply=TIMED_OUT)])
    assert await everything(store) == before


async def test_a_late_settlement_holds_while_nobody_else_has_claimed(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await lease_ends(store, "e-0")
    await claims.settle(claim, sent(claim))
    assert (await row(store, "e-0"))["status"] == "sent"


@pytest.mark.usefixtures("replies_lost")
async def test_a_claim_whose_reply_was_lost_gets_the_same_events(store: Store) -> None:
    await fired(store, 3)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE, 2)
    assert ids(claim) == ["e-0", "e-1"]
    assert all(entry.unconfirmed_since is None for entry in claim.entries)
    assert ids(await claims.claim(PAGE)) == ["e-2"]


@pytest.mark.usefixtures("replies_lost")
async def test_a_settlement_whose_reply_was_lost_counts_once(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    await store.xadd(keys.timeline(CONVERSATION), {"entry": "{}"})
    await store.pexpire(keys.timeline(CONVERSATION), DAY_MS)
    claim = await claims.claim(PAGE)
    again = Settlement(claim.entries[0], "waiting", "retrying", "retrying", now_ms() + 4_000, reply=BAD_ITEM)
    with structlog.testing.capture_logs() as logs:
        await claims.settle(claim, [again])
    assert [line["event"] for line in logs] == ["event.settled"]
    assert (await row(store, "e-0"))["attempts"] == "1"
    assert await store.llen(keys.attempts(PAGE, "e-0")) == 1
    assert await store.xlen(keys.timeline(CONVERSATION)) == 2


async def test_a_sent_event_leaves_the_outbox_and_its_buyer_is_forgotten(store: Store) -> None:
    await fired(store)
    await store.xadd(keys.timeline(CONVERSATION), {"entry": "{}"})
    await store.pexpire(keys.timeline(CONVERSATION), DAY_MS)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await claims.settle(claim, sent(claim))

    found = await row(store, "e-0")
    assert "purchase" not in found
    assert "unconfirmed_since" not in found
    assert "lease" not in found
    assert (found["status"], found["attempts"], found["code"], found["request_id"]) == ("sent", "1", "0", "r-1")
    assert found["settled_at_utc"].endswith("Z")
    assert await store.zcard(keys.outbox(PAGE)) == 0
    assert await store.zcard(keys.due(NUMBER)) == 0
    assert await store.pttl(keys.event(PAGE, "e-0")) == pytest.approx(30 * DAY_MS, abs=5_000)
    [attempt] = await Views(store).attempts(PAGE, "e-0")
    assert (attempt.attempt, attempt.status, attempt.code) == (1, "sent", 0)
    newest = (await store.xrevrange(keys.timeline(CONVERSATION), count=1))[0][1][b"entry"]
    assert b'"kind":"delivery"' in newest
    assert b'"status":"sent"' in newest


@pytest.mark.parametrize("end", ["expired_unsent", "outcome_unknown"])
async def test_the_buyer_of_an_event_that_can_never_be_sent_again_is_forgotten(
    store: Store, end: Literal["expired_unsent", "outcome_unknown"]
) -> None:
    """One whose outcome is unknown, but which is still tried, needs its buyer."""
    await fired(store, 2)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    gone, tried = claim.entries
    soon = Settlement(tried, "waiting", "outcome_unknown", "outcome_unknown", now_ms() + 1_000, unconfirmed=True)
    await claims.settle(claim, [Settlement(gone, "dead", end, end), soon])
    assert "purchase" not in await row(store, "e-0")
    assert "purchase" in await row(store, "e-1")


async def test_a_sent_event_takes_the_compact_form_although_its_purchase_was_long(real_redis_url: str) -> None:
    """It is kept for thirty days, and would take twice the space; all else of it stays."""
    async with Redis.from_url(real_redis_url) as client:
        store: Store = client
        await fired(store)
        claims = await claims_of(store)
        claim = await claims.claim(PAGE)
        before = await row(store, "e-0")
        assert await store.object("encoding", keys.event(PAGE, "e-0")) == b"hashtable"
        await claims.settle(claim, sent(claim))
        after = await row(store, "e-0")
        assert await store.object("encoding", keys.event(PAGE, "e-0")) == b"listpack"
        assert before.keys() - after.keys() == {"purchase", "lease", "unconfirmed_since"}
        assert {"event_id", "psid", "tracking_id", "fired_at_utc", "settled_at"} <= after.keys()


async def test_the_timeline_says_after_which_attempt_an_event_was_given_up(store: Store) -> None:
    """A status alone does not: an outcome may be unknown while the event is still tried, and for good."""
    await fired(store, 2)
    await store.xadd(keys.timeline(CONVERSATION), {"entry": "{}"})
    await store.pexpire(keys.timeline(CONVERSATION), DAY_MS)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    over, tried = claim.entries
    unknown: DeliveryCode = "outcome_unknown"
    await claims.settle(
        claim,
        [
            Settlement(over, "dead", unknown, unknown, reply=BAD_ITEM),
            Settlement(tried, "waiting", unknown, unknown, now_ms() + 1_000, reply=BAD_ITEM),
        ],
    )
    told = (await Views(store).timeline_forwards(CONVERSATION)).entries
    assert [(each.attempt, each.given_up) for _, each in told if isinstance(each, Delivered)] == [(1, True), (1, False)]


async def test_a_timeline_that_is_gone_is_not_made_again(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await claims.settle(claim, sent(claim))
    assert not await store.exists(keys.timeline(CONVERSATION))


async def test_an_attempt_is_open_from_the_claim_to_its_settlement(store: Store) -> None:
    """A sender that dies between posting and settling leaves an attempt of unknown outcome behind."""
    await fired(store)
    await (await claims_of(store)).claim(PAGE)
    opened = int((await row(store, "e-0"))["unconfirmed_since"])
    await lease_ends(store, "e-0")

    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    assert claim.entries[0].unconfirmed_since == opened

    again = Settlement(claim.entries[0], "waiting", "outcome_unknown", "outcome_unknown", now_ms(), reply=BAD_ITEM)
    await claims.settle(claim, [again])
    assert (await row(store, "e-0"))["unconfirmed_since"] == str(opened)


@pytest.mark.parametrize(("unconfirmed", "kept"), [(True, True), (False, False)])
async def test_a_definite_failure_closes_only_the_attempt_it_belongs_to(
    store: Store, *, unconfirmed: bool, kept: bool
) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    again = Settlement(
        claim.entries[0], "waiting", "retrying", "retrying", now_ms(), unconfirmed=unconfirmed, reply=TIMED_OUT
    )
    await claims.settle(claim, [again])
    assert ("unconfirmed_since" in await row(store, "e-0")) is kept


async def test_what_waits_until_later_is_claimed_no_sooner(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    at = now_ms() + 60_000
    await claims.settle(claim, [Settlement(claim.entries[0], "waiting", "retrying", "retrying", at, reply=BAD_ITEM)])
    assert (await row(store, "e-0"))["next_attempt_at"] == str(at)
    assert await due_in_ms(store) == pytest.approx(30_000, abs=1_000)
    assert await claims.due_pages(1) == []
    await store.zadd(keys.due(NUMBER), {PAGE: now_ms()})
    assert ids(await claims.claim(PAGE)) == []
    assert await due_in_ms(store) == pytest.approx(60_000, abs=1_000)
    await lease_ends(store, "e-0")
    assert await claims.due_pages(1) == [PAGE]
    assert ids(await claims.claim(PAGE)) == ["e-0"]


async def test_a_partition_whose_due_pages_are_damaged_hides_no_other(store: Store) -> None:
    damaged = next(number for number in range(keys.PARTITIONS) if number != NUMBER)
    await store.set(keys.due(damaged), "what was here", px=DAY_MS)
    await fired(store)
    claims = await claims_of(store)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            assert await claims.due_pages(1) == [PAGE]
    assert logs == [{"event": "due.unreadable", "redis_key": keys.due(damaged), "log_level": "error"}]


async def test_a_page_with_a_long_queue_lets_a_fresh_event_of_another_page_through(store: Store) -> None:
    await fired(store, 5_000, ago_ms=60_000)
    claims = await claims_of(store)
    for _ in range(3):
        assert len((await claims.claim(PAGE)).entries) == 100
    neighbour = next(str(n) for n in range(10_000) if str(n) != PAGE and keys.partition(str(n)) == NUMBER)
    await claims.claim(PAGE)
    await fired(store, 1, page_id=neighbour, first=50_000)
    await claims.claim(PAGE)
    assert await claims.due_pages(1) == [neighbour]
    assert ids(await claims.claim(neighbour)) == ["e-50000"]
    assert await claims.due_pages(1) == [PAGE]


@pytest.mark.parametrize(
    "damage",
    [
        "missing",
        "wrong_type",
        "no_json",
        "no_number",
        "no_date",
        "no_utf8",
        "other_id",
        "no_value",
        "endless",
        "no_price",
    ],
)
async def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(store: Store, damage: str) -> None:
    await fired(store, 3)
    key = keys.event(PAGE, "e-1")
    changes: dict[str, dict[str, bytes]] = {
        "no_json": {"purchase": b"{"},
        "no_number": {"event_at": b"soon"},
        "no_date": {"event_at": b"9000000000000000"},
        "no_value": {"purchase": b'{"value":"abc","currency":"VND"}'},
        "endless": {"purchase": b'{"value":"1e-999999","currency":"VND"}'},
        "no_price": {
            "purchase": b'{"value":"1","currency":"VND","items":[{"content_id":"","name":"","quantity":1,"price":"x"}]}'
        },
        "no_utf8": {"psid": b"\xff"},
        "other_id": {"event_id": b"e-2"},
    }
    if damage in changes:
        await store.hset(key, mapping=changes[damage])
    else:
        await store.delete(key)
    if damage == "wrong_type":
        await store.set(key, "what was here", px=DAY_MS)

    assert ids(await (await claims_of(store)).claim(PAGE)) == ["e-0", "e-2"]

    assert await store.zrange(keys.dead(PAGE), 0, -1) == [b"e-1"]
    assert await store.zscore(keys.outbox(PAGE), "e-1") is None
    if damage == "wrong_type":
        assert await store.get(key) == b"what was here"
    elif damage in changes:
        kept = await store.hgetall(key)
        assert all(kept[field.encode()] == value for field, value in changes[damage].items())
        assert kept[b"status"] == b"queued"


@pytest.mark.parametrize("name", ["due", "outbox", "dead", "buried"])
async def test_a_key_of_a_wrong_type_changes_nothing(store: Store, name: str) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await lease_ends(store, "e-0")
    key = {
        "due": keys.due(NUMBER),
        "outbox": keys.outbox(PAGE),
        "dead": keys.dead(PAGE),
        "buried": keys.buried(NUMBER),
    }[name]
    await store.delete(key)
    await store.set(key, "no zset", px=DAY_MS)
    before = await everything(store)
    await claims.settle(claim, sent(claim))
    with pytest.raises(StoredDamage):
        await claims.claim(PAGE)
    assert await everything(store) == before


async def test_attempts_and_timeline_of_a_wrong_type_do_not_keep_an_event_from_being_settled(store: Store) -> None:
    """Otherwise it would be posted again with every lease."""
    await fired(store)
    for key in (keys.attempts(PAGE, "e-0"), keys.timeline(CONVERSATION)):
        await store.set(key, "neither", px=DAY_MS)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await claims.settle(claim, sent(claim))
    assert (await row(store, "e-0"))["status"] == "sent"


async def test_scripts_survive_a_flushed_script_cache(real_redis_url: str) -> None:
    store: Store
    async with Redis.from_url(real_redis_url) as store:
        await fired(store)
        claims = await claims_of(store)
        await store.script_flush()
        claim = await claims.claim(PAGE)
        await store.script_flush()
        await claims.settle(claim, sent(claim))
        assert (await row(store, "e-0"))["status"] == "sent"


async def test_a_held_page_is_looked_at_again_in_an_hour_and_once_it_is_mended(store: Store) -> None:
    connections = await connected(store, paused=True)
    await fired(store, 2)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    held = [Settlement(entry, "waiting", "queued", "page_paused") for entry in claim.entries]
    await claims.settle(claim, held, Rest(HOUR_MS, until_mended=True))
    found = await row(store, "e-0")
    assert (found["status"], found["reason"], found["attempts"]) == ("queued", "page_paused", "0")
    assert "unconfirmed_since" not in found
    assert await due_in_ms(store) == pytest.approx(HOUR_MS, abs=1_000)
    assert await claims.due_pages(1) == []

    connection = await connections.get(PAGE)
    assert connection is not None
    await connected(store, paused=False)
    assert await claims.due_pages(1) == [PAGE]
    assert ids(await claims.claim(PAGE)) == ["e-0", "e-1"]


async def test_a_page_mended_in_the_middle_of_a_hold_is_not_held(store: Store) -> None:
    await connected(store, paused=False)
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    held = [Settlement(claim.entries[0], "waiting", "queued", "page_paused")]
    await claims.settle(claim, held, Rest(HOUR_MS, until_mended=True))
    assert await claims.due_pages(1) == [PAGE]


async def test_only_the_token_that_was_refused_is_withdrawn(store: Store) -> None:
    connections = await connected(store)
    old = await connections.read(PAGE)
    assert old is not None
    claims = await claims_of(store)
    await connected(store, access_token="gAAAA-newer")
    await claims.withdraw(old)
    newer = await connections.read(PAGE)
    assert newer is not None
    assert newer.authorised
    await claims.withdraw(newer)
    withdrawn = await connections.read(PAGE)
    assert withdrawn is not None
    assert not withdrawn.authorised


async def test_what_lies_impossibly_far_ahead_is_due(store: Store) -> None:
    """Scores written before Redis's clock stepped back must not stop a page."""
    await fired(store)
    far = now_ms() + 5 * HOUR_MS
    await store.zadd(keys.outbox(PAGE), {"e-0": far})
    await store.zadd(keys.due(NUMBER), {PAGE: far})
    claims = await claims_of(store)
    assert await claims.due_pages(1) == [PAGE]
    assert ids(await claims.claim(PAGE)) == ["e-0"]


async def rejected(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await claims.settle(claim, [Settlement(claim.entries[0], "dead", "rejected", "rejected", reply=BAD_ITEM)])


async def test_a_rejected_event_is_kept_with_its_reason_and_can_be_resent(store: Store) -> None:
    await rejected(store)
    found = await row(store, "e-0")
    assert (found["status"], found["code"], found["message"]) == ("rejected", "40002", BAD_ITEM.message)
    assert "purchase" in found
    assert await store.zcard(keys.dead(PAGE)) == 1
    assert await store.zcard(keys.due(NUMBER)) == 0

    assert await Resender(store, StoreClock(store)).resend(PAGE, "e-0") == "requeued"

    assert await store.zcard(keys.dead(PAGE)) == 0
    found = await row(store, "e-0")
    assert (found["status"], found["reason"], found["attempts"]) == ("queued", "queued", "1")
    assert "settled_at" not in found
    assert "code" not in found
    claims = await claims_of(store)
    assert await claims.due_pages(1) == [PAGE]
    assert ids(await claims.claim(PAGE)) == ["e-0"]


@pytest.mark.usefixtures("replies_lost")
async def test_a_resend_whose_reply_was_lost_is_recognised(store: Store) -> None:
    await rejected(store)
    assert await Resender(store, StoreClock(store)).resend(PAGE, "e-0") == "requeued"


async def test_a_resend_says_why_an_event_can_no_longer_count(store: Store) -> None:
    resend = Resender(store, StoreClock(store)).resend
    assert await resend(PAGE, "e-9") == "not_found"
    await connected(store)
    await fired(store)
    assert await resend(PAGE, "e-0") == "queued"
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    assert await resend(PAGE, "e-0") == "queued"
    await claims.settle(claim, sent(claim))
    assert await resend(PAGE, "e-0") == "sent"

    key = keys.event(PAGE, "e-0")
    await store.hset(key, mapping={"status": "rejected", "unconfirmed_since": now_ms() - 47 * HOUR_MS - 1_000})
    assert await resend(PAGE, "e-0") == "outcome_unknown"
    await store.hdel(key, "unconfirmed_since")
    await store.hset(key, mapping={"event_at": now_ms() - 7 * DAY_MS - 1_000})
    assert await resend(PAGE, "e-0") == "expired_unsent"
    await store.hset(key, "event_at", "soon")
    assert await resend(PAGE, "e-0") == "unreadable"


async def test_a_resend_says_what_holds_back_the_page_of_an_event_that_waits(store: Store) -> None:
    await fired(store)
    resend = Resender(store, StoreClock(store)).resend
    assert await resend(PAGE, "e-0") == "page_not_connected"
    await connected(store, authorised=False)
    assert await resend(PAGE, "e-0") == "authorisation_needed"
    await connected(store, authorised=False, paused=True)
    assert await resend(PAGE, "e-0") == "page_paused"
    await connected(store)
    assert await resend(PAGE, "e-0") == "queued"


async def test_a_resend_into_a_damaged_outbox_changes_nothing(store: Store) -> None:
    await rejected(store)
    await store.set(keys.outbox(PAGE), "no zset", px=DAY_MS)
    before = await everything(store)
    with pytest.raises(StoredDamage, match="outbox"):
        await Resender(store, StoreClock(store)).resend(PAGE, "e-0")
    assert await everything(store) == before


async def test_depth_tells_what_waits_and_what_is_dead(store: Store) -> None:
    await rejected(store)
    await fired(store, 3, first=10, ago_ms=9_000)
    await fired(store, 1, page_id="901")
    depths = Depths(store)
    found = await depths.page(PAGE)
    oldest = int((await row(store, "e-10"))["fired_at"])
    assert found == Depth(PAGE, waiting=3, oldest_fired_at=oldest, dead=1)
    assert [(depth.page_id, depth.waiting, depth.dead) for depth in await depths.all_pages()] == [
        (PAGE, 3, 1),
        ("901", 1, 0),
    ]
    assert await depths.page("nobody") == Depth("nobody", 0, None, 0)


async def test_a_page_with_only_dead_events_is_still_told_of(store: Store) -> None:
    await rejected(store)
    assert await Depths(store).all_pages() == (Depth(PAGE, 0, None, 1),)


@pytest.mark.parametrize("damaged", [keys.outbox("901"), keys.dead("901"), keys.event("901", "e-9")])
async def test_depth_of_a_page_is_told_although_another_is_damaged(store: Store, damaged: str) -> None:
    await fired(store, 3)
    await fired(store, 1, first=9, page_id="901")
    await store.delete(damaged)
    await store.set(damaged, "something else", px=DAY_MS)
    found = {depth.page_id: depth.waiting for depth in await Depths(store).all_pages()}
    assert found == {PAGE: 3, "901": 0 if damaged == keys.outbox("901") else 1}
