"""A page's numbers: written with the commit and the settlement, each thing once."""

import random
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from redis.crc import key_slot

from actors import keys
from actors.commits import Committed, script_keys
from actors.committer import Committer
from actors.counts import KEPT_DAYS, Counts, DayCounts, total
from actors.outbox import Settlement
from actors.resend import Resender
from actors.scripts import Argument, Script
from actors.store_clock import StoreClock
from actors.timeline import Happened
from actors.views import EventFilter, Views
from rules.days import day, local
from rules.facts import ConversationId, Fact, Message, OrderSeen, Referral
from rules.times import DAY_MS
from tests.actors.conversing import addressed, conversations
from tests.actors.delivering import BAD_ITEM, OK, PAGE, claims_of, fired, now_ms
from tests.actors.test_commit import commit_of
from tests.rules.stories import BEGINNING, CONVERSATION, PURCHASE, click, ms, order, presses, says, talk
from tests.stores import Store

DAY = day(BEGINNING)
STORY: list[Fact] = [click(0), *talk(1, "cpcpcpc"), order(20, updated=30, confirmed=30)]


@pytest.fixture
def replies_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script runs twice, as redis-py runs it when the first reply is lost."""
    run = Script.__call__

    async def twice(script: Script, touched: Sequence[str], args: Sequence[Argument]) -> object:
        await run(script, touched, args)
        return await run(script, touched, args)

    monkeypatch.setattr(Script, "__call__", twice)


async def of_day(store: Store, of: str = DAY) -> DayCounts:
    """Return one day of page 900."""
    return (await Counts(store).of_page(PAGE, of, days=1))[0]


@pytest.mark.usefixtures("replies_lost")
async def test_a_turn_is_counted_with_its_commit_once(store: Store) -> None:
    """Whether its reply is lost, or its webhook delivered again, here or at another process."""
    one, other = await conversations(store), await conversations(store)
    await one.tell(addressed(*STORY))
    await one.tell(addressed(*STORY))
    await other.tell(addressed(*STORY))
    found = await of_day(store)
    assert (found.clicks, found.messages, found.orders, found.orders_confirmed_in_time) == (1, 7, 1, 1)
    assert found.fired == dict.fromkeys(("Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"), 1)
    assert found.events == 4
    assert found.reasons == {}


async def test_whoever_loses_a_race_counts_only_what_it_commits_in_the_end(store: Store) -> None:
    """The other process holds a stale state: its first attempt conflicts, and the mail is folded again."""
    one, other = await conversations(store), await conversations(store)
    await one.tell(addressed(click(0)))
    await other.tell(addressed(click(0)))
    await one.tell(addressed(says(1, "m_1")))
    await other.tell(addressed(says(1, "m_1"), says(2, "m_2")))
    found = await of_day(store)
    assert (found.clicks, found.messages, found.fired["Conversation"]) == (1, 2, 1)


async def test_a_conflicting_commit_counts_nothing(store: Store) -> None:
    committer = Committer(store)
    await committer.commit(commit_of(click(0), says(1), commit_id="c-1"))
    before = await store.hgetall(keys.counts(PAGE, DAY))
    await committer.commit(commit_of(click(5, "tt-2"), says(6), commit_id="c-2"))
    assert await store.hgetall(keys.counts(PAGE, DAY)) == before


async def test_an_event_whose_row_exists_is_not_counted_again(store: Store) -> None:
    """A conversation that is forgotten and lives again decides the same event."""
    committer = Committer(store)
    await committer.commit(commit_of(click(0), order(5)))
    await store.delete(keys.conversation(CONVERSATION))
    await committer.commit(commit_of(click(0), order(5), commit_id="c-2"))
    assert (await of_day(store)).fired["InitiateCheckout"] == 1


async def test_an_event_counts_on_its_own_day(store: Store) -> None:
    """Not on the day on which it was learned of."""
    told = await conversations(store)
    await told.tell(addressed(click(0), order(86_400, arrives=3 * 86_400)))
    one, two, three, four = await Counts(store).of_page(PAGE, day(ms(3 * 86_400)), days=4)
    assert (one.clicks, one.events, one.orders) == (1, 0, 0)
    assert (two.day, two.events, two.orders) == (day(ms(86_400)), 1, 1)
    assert [three.events, four.events] == [0, 0]


@pytest.mark.usefixtures("replies_lost")
async def test_what_became_of_an_event_is_counted_with_its_settlement_once(store: Store) -> None:
    await fired(store, 3)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    good, bad, again = claim.entries
    settlements = [
        Settlement(good, "sent", "sent", "sent", reply=OK),
        Settlement(bad, "dead", "rejected", "rejected", reply=BAD_ITEM),
        Settlement(again, "waiting", "retrying", "retrying", now_ms() + 4_000, reply=BAD_ITEM),
    ]
    await claims.settle(claim, settlements)
    await claims.settle(claim, settlements)
    found = await of_day(store, day(good.event.at))
    assert found.settled == {("sent", "CompletePayment"): 1, ("rejected", "CompletePayment"): 1}
    assert (found.ended("sent"), found.ended("rejected"), found.given_up) == (1, 1, 1)


async def test_what_is_sent_again_by_hand_is_not_given_up_any_more(store: Store) -> None:
    await fired(store)
    claims = await claims_of(store)
    claim = await claims.claim(PAGE)
    await claims.settle(claim, [Settlement(claim.entries[0], "dead", "rejected", "rejected", reply=BAD_ITEM)])
    resender = Resender(store, StoreClock(store, time.time))
    assert await resender.resend(PAGE, "e-0") == "requeued"
    assert await resender.resend(PAGE, "e-0") == "page_not_connected"
    assert (await of_day(store, day(claim.entries[0].event.at))).settled == {}
    claim = await claims.claim(PAGE)
    await claims.settle(claim, [Settlement(claim.entries[0], "sent", "sent", "sent", reply=OK)])
    found = await of_day(store, day(claim.entries[0].event.at))
    assert found.settled == {("sent", "CompletePayment"): 1}


@pytest.mark.parametrize("damage", ["key", "field"])
async def test_a_damaged_count_fails_no_commit(store: Store, damage: str) -> None:
    """Numbers are only shown; what they count must not depend on them."""
    if damage == "key":
        await store.set(keys.counts(PAGE, DAY), "something else", px=60_000)
    else:
        await store.hset(keys.counts(PAGE, DAY), "Conversation", "many")
        await store.pexpire(keys.counts(PAGE, DAY), 60_000)
    assert await Committer(store).commit(commit_of(click(0), says(1))) == Committed()
    assert await store.zcard(keys.outbox(PAGE)) == 1


async def test_a_damaged_day_is_empty_and_spoils_no_other(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0)))
    await store.set(keys.counts(PAGE, day(BEGINNING - DAY_MS)), "something else", px=60_000)
    assert [each.clicks for each in await Counts(store).of_page(PAGE, DAY, days=2)] == [0, 1]


async def test_a_days_numbers_are_kept_forty_days(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1)))
    left = await store.pttl(keys.counts(PAGE, DAY))
    assert KEPT_DAYS * DAY_MS - 60_000 < left <= KEPT_DAYS * DAY_MS


async def test_a_click_only_page_costs_nothing_for_customers_who_never_clicked(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(says(1), order(2), presses(3)))
    assert not await store.exists(keys.counts(PAGE, DAY))


async def test_many_pages_are_read_in_one_round_trip(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0)))
    found = await Counts(store).of_pages([PAGE, "901"], DAY, days=30)
    assert {page: len(days) for page, days in found.items()} == {PAGE: 30, "901": 30}
    assert [total(days).clicks for days in found.values()] == [1, 0]
    assert found[PAGE][-1].clicks == 1
    assert await Counts(store).of_pages([], DAY) == {}


async def test_numbers_can_be_read_with_redis_cli(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1), says(7 * 86_400 + 1)))
    assert await store.hgetall(f"counts:{{{keys.partition(PAGE):02d}}}:{PAGE}:{DAY}") == {
        b"clicks": b"1",
        b"messages": b"1",
        b"Conversation": b"1",
    }
    later = day(ms(7 * 86_400 + 1))
    assert await store.hgetall(keys.counts(PAGE, later)) == {b"reason:click_expired": b"1"}


def test_the_numbers_lie_in_the_slot_of_their_page() -> None:
    """What Redis Cluster demands of one script call."""
    touched = script_keys(commit_of(click(0), says(1), order(5)))
    assert len({key_slot(key.encode()) for key in touched}) == 1
    assert keys.counts(PAGE, DAY) in touched


@pytest.mark.parametrize("seed", range(4))
async def test_the_numbers_equal_a_recount_of_the_timelines(store: Store, seed: int) -> None:
    """Random histories of several customers, told by two processes, twice and in any order."""
    chance = random.Random(seed)
    processes = [await conversations(store), await conversations(store)]
    customers = [ConversationId(PAGE, f"71{number}") for number in range(3)]
    for customer in customers:
        history = [_fact(chance) for _ in range(25)]
        for fact in [*history, *chance.sample(history, 10)]:
            await chance.choice(processes).tell(addressed(fact, conversation=customer))
    days = {each.day: each for each in await Counts(store).of_page(PAGE, day(ms(20 * 86_400)), days=25)}

    views, recount = Views(store), Counter[tuple[str, str]]()
    for row in (await views.events(PAGE, EventFilter(), limit=1000)).events:
        recount[day(row.event_at), row.event] += 1
    for customer in customers:
        for _, entry in (await views.timeline(customer, limit=1000)).entries:
            assert isinstance(entry, Happened)
            if any(answer.event == "ValidConversation" for answer in entry.answers):
                recount[day(entry.at), "clicks" if isinstance(entry.fact, Referral) else "messages"] += 1
    shown = Counter[tuple[str, str]]()
    for each in days.values():
        shown += Counter({(each.day, name): number for name, number in each.fired.items()})
        shown += Counter({(each.day, "clicks"): each.clicks, (each.day, "messages"): each.messages})
    assert shown == recount
    assert sum(recount.values()) > 20


def _fact(chance: random.Random) -> Fact:
    at = BEGINNING + chance.choice([chance.randrange(60_000), chance.randrange(9 * DAY_MS)])
    arrives = BEGINNING + 9 * DAY_MS
    match chance.randrange(4):
        case 0:
            return Referral(at, arrives, chance.choice(["tt-1", "tt-2"]), "SHORTLINK")
        case 1:
            number = chance.randrange(3)
            created = BEGINNING + number * 20_000
            confirmed = chance.choice([None, at])
            return OrderSeen(
                at=at,
                received_at=arrives,
                order_id=str(number),
                created_at=created,
                updated_at=at,
                confirmed=confirmed is not None,
                confirmed_at=confirmed,
                purchase=PURCHASE,
            )
        case _:
            author = chance.choice(["customer", "page"])
            return Message(
                at, arrives, f"m_{chance.randrange(100_000)}", "customer" if author == "customer" else "page"
            )


def test_times_are_shown_as_on_a_wall_in_vietnam() -> None:
    assert local(BEGINNING) == "2026-09-21 21:13:20"
