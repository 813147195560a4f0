"""The commit script: all or nothing, once, and only on top of what it started from."""

import pytest
from msgspec.structs import replace
from redis.crc import key_slot

from actors import keys
from actors.commits import Commit, Committed, Conflicted, Damaged, Failed, Snapshot, script_keys
from actors.committer import Committer
from actors.views import EventFilter, Views
from rules.clicks import Policy
from rules.decide import Outcome, Rulebook, decide
from rules.facts import ConversationId, Fact
from rules.orders import Choice, Terms
from rules.state import Conversation
from tests.rules.stories import BEGINNING, CONVERSATION, click, order, says
from tests.stores import Store

BOOK = Rulebook(Policy(), Terms((Choice(0, "order_confirmed"),)))


def commit_of(
    *facts: Fact, expected: Snapshot | None = None, commit_id: str = "c-1", conversation: ConversationId = CONVERSATION
) -> Commit:
    """Return the commit of a turn that decides these facts."""
    start = expected or Snapshot()
    outcomes: list[Outcome] = []
    state = start.state
    for fact in facts:
        outcomes.append(decide(conversation, state, fact, BOOK))
        state = outcomes[-1].state
    return Commit(
        conversation,
        start,
        commit_id,
        state,
        tuple(event for outcome in outcomes for event in outcome.events),
        tuple(told for outcome in outcomes for told in outcome.told),
        BEGINNING,
    )


async def test_one_step_stores_state_timeline_and_events(store: Store) -> None:
    """After one call everything a turn changed is there."""
    commit = commit_of(click(0), says(1))

    assert await Committer(store).commit(commit) == Committed()

    views = Views(store)
    assert await views.conversation(CONVERSATION) == commit.state
    assert [entry.at for _, entry in (await views.timeline(CONVERSATION)).entries] == [BEGINNING + 1000, BEGINNING]
    assert [row.event for row in (await views.events("900", EventFilter())).events] == ["Conversation"]
    assert await store.zcard(keys.outbox("900")) == 1
    assert await store.zrange(keys.due(keys.partition("900")), 0, -1) == [b"900"]


async def test_a_commit_whose_reply_was_lost_is_recognised(store: Store) -> None:
    """The client repeats the call by itself: the second one changes nothing and is no conflict (F12, F13)."""
    commit = commit_of(click(0), says(1))
    committer = Committer(store)
    await committer.commit(commit)

    assert await committer.commit(commit) == Committed()

    assert await store.hget(keys.conversation(CONVERSATION), "version") == b"1"
    assert await store.xlen(keys.timeline(CONVERSATION)) == 2
    assert await store.zcard(keys.outbox("900")) == 1


async def test_of_two_writers_with_the_same_version_exactly_one_wins(store: Store) -> None:
    """The loser's events are absent, and it is told the current state."""
    first = commit_of(click(0), says(1), commit_id="c-1")
    second = commit_of(click(5, "tt-other"), says(6), commit_id="c-2")
    committer = Committer(store)

    assert await committer.commit(first) == Committed()
    assert await committer.commit(second) == Conflicted(Snapshot(first.state, 1, "c-1"))

    assert await store.zcard(keys.outbox("900")) == 1


async def test_a_stale_commit_does_not_revive_a_forgotten_conversation(store: Store) -> None:
    """Orleans' case: the state expired or was deleted while this process still remembered it."""
    committer = Committer(store)
    first = commit_of(click(0))
    await committer.commit(first)
    await store.delete(keys.conversation(CONVERSATION))

    late = commit_of(says(1), expected=Snapshot(first.state, 1, "c-1"), commit_id="c-2")

    assert await committer.commit(late) == Conflicted(Snapshot())
    assert not await store.exists(keys.conversation(CONVERSATION))


async def test_the_same_version_of_another_life_is_a_conflict(store: Store) -> None:
    """Forgotten and begun anew up to the same version: the commit id tells the two lives apart."""
    committer = Committer(store)
    old = commit_of(click(0), commit_id="old")
    await committer.commit(old)
    await store.delete(keys.conversation(CONVERSATION))
    new = commit_of(click(50), commit_id="new")
    await committer.commit(new)

    late = commit_of(says(1), expected=Snapshot(old.state, 1, "old"), commit_id="late")

    assert await committer.commit(late) == Conflicted(Snapshot(new.state, 1, "new"))


OWN_KEYS = (keys.conversation(CONVERSATION), keys.timeline(CONVERSATION))
SHARED_KEYS = (keys.outbox("900"), keys.events("900"), keys.due(keys.partition("900")))


@pytest.mark.parametrize("key", [*OWN_KEYS, *SHARED_KEYS])
async def test_a_key_of_another_type_fails_the_commit_and_changes_nothing(store: Store, key: str) -> None:
    """Scripts do not roll back, so every check comes before the first write (F8)."""
    await store.set(key, "something else", px=60_000)
    before = {name: await store.dump(name) for name in await store.keys()}

    result = await Committer(store).commit(commit_of(click(0), says(1)))

    assert result == Damaged(key) if key in SHARED_KEYS else isinstance(result, Failed)
    assert {name: await store.dump(name) for name in await store.keys()} == before


async def test_one_bad_commit_never_fails_its_neighbours(store: Store) -> None:
    """They travel in one call."""
    other = ConversationId("900", "7102")
    await store.set(keys.conversation(CONVERSATION), "something else", px=60_000)
    good = commit_of(click(0), says(1), conversation=other, commit_id="c-2")

    bad_result, good_result = await Committer(store).run([commit_of(click(0), says(1)), good])

    assert isinstance(bad_result, Failed)
    assert good_result == Committed()
    assert await Views(store).conversation(other) == good.state


async def test_an_event_that_was_decided_twice_stays_one(store: Store) -> None:
    """A conversation that is forgotten and lives again decides the same event; its row and its delivery stay."""
    committer = Committer(store)
    await committer.commit(commit_of(click(0), order(5)))
    row = keys.event("900", commit_of(click(0), order(5)).events[0].event_id)
    await store.hset(row, "status", "sent")
    await store.delete(keys.conversation(CONVERSATION), keys.outbox("900"))

    await committer.commit(commit_of(click(0), order(5), commit_id="c-2"))

    assert await store.hget(row, "status") == b"sent"
    assert not await store.exists(keys.outbox("900"))


async def test_the_row_of_an_orders_event_bears_the_number_that_people_know(store: Store) -> None:
    """Under the same id, whether the number was known or not; and a row that was written without it is read as well."""
    bare, named = commit_of(click(0), order(5)), commit_of(click(0), replace(order(5), order_number="#1001"))
    assert [each.event_id for each in named.events] == [each.event_id for each in bare.events]
    event_id, views = named.events[0].event_id, Views(store)
    await Committer(store).commit(named)

    row, entry = await views.event("900", event_id), await views.entry("900", event_id)
    assert (row and row.order_number, entry and entry.event.order_number) == ("#1001", "#1001")

    await store.hdel(keys.event("900", event_id), "order_number")
    row, entry = await views.event("900", event_id), await views.entry("900", event_id)
    assert (row and row.order_id, entry and entry.event) == (order(5).order_id, bare.events[0])


async def test_a_conversation_without_a_click_has_no_timeline_and_a_short_life(store: Store) -> None:
    """As little as possible for the many who never came through an ad."""
    await Committer(store).commit(commit_of(says(1)))

    assert await store.keys() == [keys.conversation(CONVERSATION).encode()]
    assert 3_590_000 < await store.pttl(keys.conversation(CONVERSATION)) <= 3_600_000


async def test_a_conversation_lives_seven_days_and_48_hours_after_its_last_click(store: Store) -> None:
    """contract.md, "Redis, as support sees it"."""
    await Committer(store).commit(commit_of(click(0)))

    nine_days = 9 * 86_400_000
    assert nine_days - 60_000 < await store.pttl(keys.conversation(CONVERSATION)) <= nine_days
    assert nine_days - 60_000 < await store.pttl(keys.timeline(CONVERSATION)) <= nine_days


async def test_support_can_read_it_with_redis_cli(store: Store) -> None:
    """Hashes and JSON text, ISO times beside milliseconds."""
    await Committer(store).commit(commit_of(click(0), says(1)))

    row = await store.hgetall(keys.conversation(CONVERSATION))
    assert set(row) == {b"version", b"commit", b"state"}
    assert b'"at":1790000000000,"at_utc":"2026-09-21T14:13:20.000Z"' in row[b"state"]


async def test_of_a_buyer_only_the_unsent_event_knows(store: Store) -> None:
    """Hashed, and neither in the state of a bound order nor in the timeline."""
    bought = order(5)
    assert bought.purchase is not None
    purchase = replace(bought.purchase, phone_sha256="ab" * 32)
    commit = commit_of(click(0), replace(bought, purchase=purchase))
    await Committer(store).commit(commit)

    assert b"abab" in await store.hget(keys.event("900", commit.events[0].event_id), "purchase")
    assert b"abab" not in await store.hget(keys.conversation(CONVERSATION), "state")
    assert all(b"abab" not in fields[b"entry"] for _, fields in await store.xrange(keys.timeline(CONVERSATION)))


def test_all_keys_of_a_commit_share_a_slot() -> None:
    """What Redis Cluster demands, and fakeredis does not check (F19)."""
    slots = {key_slot(key.encode()) for key in script_keys(commit_of(click(0), says(1), order(5)))}

    assert len(slots) == 1


def test_the_empty_conversation_is_the_state_of_a_missing_one() -> None:
    """A new conversation needs no read before its first commit."""
    assert Snapshot().state == Conversation()
