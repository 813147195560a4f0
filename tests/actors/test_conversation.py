"""The actor: one turn at a time, mail waits, conflicts are folded again, nothing half-done."""

import asyncio

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from actors import keys
from actors.committer import Committer
from actors.connections import Connections
from actors.conversation import MAILBOX
from actors.conversations import Conversations
from actors.errors import Overloaded, StoredDamage, StoreUnavailable
from actors.timeline import Happened
from actors.views import EventFilter, Views
from rules.clicks import Policy
from rules.facts import Addressed, ConversationId, Fact, Purchase
from tests.actors.conversing import CONNECTION, addressed, connected, conversations
from tests.rules.stories import BEGINNING, CONVERSATION, click, order, says, talk
from tests.stores import Store


async def test_what_is_told_is_committed(store: Store) -> None:
    """When `tell` returns, the store has it."""
    told = await (await conversations(store)).tell(addressed(click(0), says(1)))

    assert told == 2
    assert [row.event for row in (await Views(store).events("900", EventFilter())).events] == ["Conversation"]


async def test_mail_that_waits_goes_into_one_turn(store: Store) -> None:
    """Sixty concurrent letters cost a handful of commits."""
    here = await conversations(store)
    await here.tell(addressed(click(0)))

    await asyncio.gather(*(here.tell(addressed(message)) for message in talk(1, "cp" * 30)))

    state = await Views(store).conversation(CONVERSATION)
    assert state is not None
    assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (30, 30)
    assert int(await store.hget(keys.conversation(CONVERSATION), "version") or 0) <= 4


async def test_a_message_may_be_committed_before_its_click(store: Store) -> None:
    """Rule 7 across two webhooks: the message waits in Redis, not in this process."""
    await (await conversations(store)).tell(addressed(says(5, arrives=6)))
    await (await conversations(store)).tell(addressed(click(4, arrives=7)))

    assert [row.event for row in (await Views(store).events("900", EventFilter())).events] == ["Conversation"]


async def test_what_counts_for_nothing_is_told_in_the_timeline_by_a_process_that_has_just_started(store: Store) -> None:
    """It knows nothing of the conversation yet, so it cannot know that there is no timeline."""
    await (await conversations(store)).tell(addressed(click(0)))

    await (await conversations(store)).tell(addressed(says(1, via="postback")))

    newest = (await Views(store).timeline(CONVERSATION)).entries[0][1]
    assert isinstance(newest, Happened)
    assert [answer.reason for answer in newest.answers] == ["not_a_message"]


async def test_what_a_turn_logs_bears_the_id_of_the_request_that_began_it(store: Store) -> None:
    """Not that of the turn before, although its end began this one."""
    here = await conversations(store)

    async def request(name: str, *facts: Fact) -> None:
        with bound_contextvars(request_id=name):
            await here.tell(addressed(*facts))

    with capture_logs(processors=[merge_contextvars]) as logs:
        await asyncio.gather(request("one", click(0)), request("two", says(1)))

    assert [(line["event"], line["request_id"]) for line in logs] == [("event.fired", "two")]


async def test_a_damaged_connection_refuses_no_fact_of_another_page(store: Store) -> None:
    """Its own facts come again; those of the others are committed at once."""
    here = await conversations(store)
    await Connections(store).put(replace(CONNECTION, page_id="901"), BEGINNING)
    await store.hset(keys.connection("901"), "choices", "[{broken")
    theirs = addressed(click(0), conversation=ConversationId("901", "7102"))

    with pytest.raises(StoredDamage, match="page 901"):
        await here.tell([*theirs, *addressed(click(0), says(1))])

    assert [row.event for row in (await Views(store).events("900", EventFilter())).events] == ["Conversation"]


async def test_a_duplicate_is_told_in_the_timeline_and_changes_nothing_else(store: Store) -> None:
    """Support sees that Messenger delivered twice; the state does not."""
    here = await conversations(store)
    await here.tell(addressed(click(0), says(1, "m")))
    before = await Views(store).conversation(CONVERSATION)

    await here.tell(addressed(says(1, "m")))

    newest = (await Views(store).timeline(CONVERSATION)).entries[0][1]
    assert isinstance(newest, Happened)
    assert [answer.reason for answer in newest.answers] == ["duplicate"]
    assert await Views(store).conversation(CONVERSATION) == before


async def test_what_decides_nothing_and_tells_nothing_is_not_written(store: Store) -> None:
    """A repeat in a conversation without a click costs no commit."""
    here = await conversations(store)
    await here.tell(addressed(says(1, "m")))

    await here.tell(addressed(says(1, "m")))

    assert await store.hget(keys.conversation(CONVERSATION), "version") == b"1"


async def test_a_process_alone_with_a_conversation_has_no_conflicts(store: Store) -> None:
    """It knows what it has stored; only the first commit after a start may have to learn."""
    here = await conversations(store)
    before = conflicts()
    for message in talk(1, "cpcp"):
        await here.tell(addressed(message))

    assert conflicts() == before


async def test_every_answer_is_counted_by_its_reason(store: Store) -> None:
    """For the metrics: the catalogue's codes."""
    labels = {"event": "Conversation", "reason": "fired"}
    before = REGISTRY.get_sample_value("answers_total", labels) or 0

    await (await conversations(store)).tell(addressed(click(0), says(1)))

    assert REGISTRY.get_sample_value("answers_total", labels) == before + 1


async def test_two_processes_on_one_conversation_are_as_good_as_one(store: Store) -> None:
    """Neither knows of the other; compare-and-set makes them agree."""
    here, there = await conversations(store), await conversations(store)
    await here.tell(addressed(click(0)))
    messages = talk(1, "cp" * 10)

    for i in range(0, len(messages), 2):
        await asyncio.gather(here.tell(addressed(messages[i])), there.tell(addressed(messages[i + 1])))

    state = await Views(store).conversation(CONVERSATION)
    assert state is not None
    assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (10, 10)
    fired = [row.event for row in (await Views(store).events("900", EventFilter())).events]
    assert sorted(fired) == ["Conversation", "ValidConversation"]


async def test_the_same_mail_in_two_processes_counts_once(store: Store) -> None:
    """Messenger delivers at least once, and the load balancer sends the repeat elsewhere (rule 12)."""
    here, there = await conversations(store), await conversations(store)
    mail = addressed(click(0), *talk(1, "cpcpcc"))

    await asyncio.gather(here.tell(mail), there.tell(mail))

    state = await Views(store).conversation(CONVERSATION)
    assert state is not None
    assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (4, 2)


async def test_a_full_mailbox_refuses_and_keeps_nothing(store: Store) -> None:
    """503 for that request only: nothing of it is half-done. One letter is being read, and the box is full."""
    here = await conversations(store)
    crowd = [asyncio.ensure_future(here.tell(addressed(says(i)))) for i in range(1 + MAILBOX + 1)]
    other = ConversationId("900", "7999")
    late = asyncio.ensure_future(here.tell([*addressed(says(500)), *addressed(click(1), says(2), conversation=other)]))

    results = await asyncio.gather(*crowd, late, return_exceptions=True)

    assert isinstance(results[-1], Overloaded)
    assert sum(isinstance(result, Overloaded) for result in results) == 2
    assert await Views(store).conversation(other) is None


async def test_idle_actors_are_forgotten_and_known_again(store: Store) -> None:
    """The cache is bounded and disposable: a forgotten conversation goes on where it stood."""
    here = await conversations(store, cached=10)
    for psid in range(50):
        await here.tell(addressed(click(0), conversation=ConversationId("900", str(psid))))
    for psid in range(50):
        await here.tell(addressed(says(1), conversation=ConversationId("900", str(psid))))

    assert len(here._actors) <= 10  # noqa: SLF001  the bound is the promise
    assert len((await Views(store).events("900", EventFilter(), limit=100)).events) == 50


async def test_a_page_that_is_not_connected_fires_nothing(store: Store) -> None:
    """Rule 13: nothing is stored either."""
    here = await conversations(store)

    told = await here.tell([Addressed(ConversationId("901", "7101"), fact) for fact in (click(0), says(1))])

    assert told == 0
    assert await Views(store).conversation(ConversationId("901", "7101")) is None


async def test_items_of_many_conversations_travel_together(store: Store) -> None:
    """A POST of a thousand items is a few script calls, and every conversation gets its own."""
    here = await conversations(store, cached=2_000)
    people = [ConversationId("900", str(psid)) for psid in range(300)]

    told = await here.tell([Addressed(person, fact) for person in people for fact in (click(0), says(1), says(2))])

    assert told == 900
    assert await store.zcard(keys.events("900")) == 300


@pytest.mark.parametrize(
    "stored",
    [
        {b"version": b"3", b"commit": b"x", b"state": b"{broken"},
        {b"version": b"3", b"commit": b"x", b"state": b"[1]"},
        {b"version": b"three", b"commit": b"x", b"state": b"{}"},
        {b"version": b"3", b"commit": b"\xff", b"state": b"{}"},
        {b"version": b"3", b"commit": b"x", b"state": b'{"unrecognised_ref":{"at":1,"ref":"\xff"}}'},
        {b"version": b"3", b"commit": b"x"},
        {b"commit": b"x"},
    ],
)
async def test_a_damaged_conversation_is_set_aside_and_holds_up_nobody(
    store: Store, stored: dict[bytes, bytes]
) -> None:
    """Unreadable bytes under one conversation's key stay as they are, its facts are kept, its neighbours go on."""
    here = await conversations(store)
    neighbour = ConversationId("900", "7102")
    await store.hset(keys.conversation(CONVERSATION), mapping=stored)
    await store.pexpire(keys.conversation(CONVERSATION), 60_000)

    await here.tell([*addressed(click(0)), *addressed(click(0), says(1), conversation=neighbour)])

    assert await store.hgetall(keys.conversation(CONVERSATION)) == stored
    with pytest.raises(StoredDamage):
        await Views(store).conversation(CONVERSATION)
    [(_, kept)] = await store.xrange(keys.aside(keys.partition("900")))
    assert kept[b"psid"] == b"7101"
    assert b'"type":"referral"' in kept[b"facts"]
    assert await Views(store).conversation(neighbour) is not None


async def test_damage_of_a_whole_page_refuses_its_facts_until_it_is_repaired(store: Store) -> None:
    """Set aside would be everything that fires on the page; refused, Messenger brings it again for 36 hours."""
    here = await conversations(store)
    await store.set(keys.outbox("900"), "something else", px=60_000)

    with pytest.raises(StoredDamage, match="outbox"):
        await here.tell(addressed(click(0), says(1)))
    assert await store.xlen(keys.aside(keys.partition("900"))) == 0
    await store.delete(keys.outbox("900"))
    await here.tell(addressed(click(0), says(1)))

    assert [row.event for row in (await Views(store).events("900", EventFilter())).events] == ["Conversation"]


async def test_an_order_is_set_aside_without_its_buyer(store: Store) -> None:
    """It stays there for a month, and no event comes of it."""
    here = await conversations(store)
    await store.set(keys.conversation(CONVERSATION), "something else", px=60_000)
    buyer = Purchase("1", "VND", phone_sha256="a-digest", email_sha256="another-digest")

    await here.tell(addressed(replace(order(5), purchase=buyer)))

    [(_, kept)] = await store.xrange(keys.aside(keys.partition("900")))
    assert b'"order_id":"1"' in kept[b"facts"]
    assert b"digest" not in kept[b"facts"]


class CannotWriteDown(Committer):
    """Facts that cannot even be set aside, for whatever reason."""

    async def set_aside(self, conversation: ConversationId, facts: tuple[Fact, ...], error: str) -> None:
        """Fail as nobody expects."""
        raise ValueError(f"{conversation.psid}, {len(facts)} facts: {error}")


async def test_facts_that_cannot_be_set_aside_end_their_turn_all_the_same(store: Store) -> None:
    """Whoever told them hears so, and the conversation goes on once it is mended."""
    here = Conversations(CannotWriteDown(store), await connected(store), Policy())
    await store.set(keys.conversation(CONVERSATION), "something else", px=60_000)

    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="WRONGTYPE"):
            await here.tell(addressed(click(0)))
        await store.delete(keys.conversation(CONVERSATION))
        assert await here.tell(addressed(click(0))) == 1


def conflicts() -> float:
    """Return how many conflicts this test process has counted."""
    return REGISTRY.get_sample_value("commit_conflicts_total") or 0


async def test_when_redis_is_away_it_says_so_and_recovers(store: Store) -> None:
    """Nothing is acknowledged that is not stored; what is told again afterwards counts once."""
    away = Redis(host="127.0.0.1", port=1)
    gone = Conversations(Committer(away), await connected(store), Policy())

    with pytest.raises(StoreUnavailable):
        await gone.tell(addressed(click(0)))
    await away.aclose()

    assert await (await conversations(store)).tell(addressed(click(0))) == 1


async def test_connections_that_cannot_be_read_are_not_mistaken_for_missing_ones() -> None:
    """A page is dropped only when Redis says that it is not connected."""
    away = Redis(host="127.0.0.1", port=1)
    gone = Conversations(Committer(away), Connections(away), Policy())

    with pytest.raises(StoreUnavailable):
        await gone.tell(addressed(click(0)))
    await away.aclose()
