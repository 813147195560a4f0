"""Finding what there is of a customer: on every page that holds anything, and on no other."""

import itertools
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from actors import keys
from actors.aside import set_aside
from actors.forget import Forgetting
from actors.lookups import member
from actors.together import Together
from actors.traces import EVENTS_AT_ONCE, PAGES_AT_ONCE, Traces
from rules.facts import ConversationId
from rules.times import MINUTE_MS
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, click, says
from tests.stores import Store

PAGE, PSID = CONVERSATION.page_id, CONVERSATION.psid
OTHER = ConversationId(PAGE, "7102")
_NUMBERS = (str(number) for number in itertools.count(1_000) if keys.partition(str(number)) == keys.partition(PAGE))
STRANGERS = ("elsewhere", *itertools.islice(_NUMBERS, PAGES_AT_ONCE))
"""Pages without the customer: more than one call looks at, on the partition of the customer's page."""


async def a_conversation(store: Store) -> str:
    """Let the customer have written without a click."""
    await store.hset(keys.conversation(CONVERSATION), "version", "1")
    return keys.conversation(CONVERSATION)


async def a_timeline(store: Store) -> str:
    """Let the conversation's row be gone."""
    await store.xadd(keys.timeline(CONVERSATION), {"entry": "{}"})
    return keys.timeline(CONVERSATION)


async def a_place_among_the_customers(store: Store) -> str:
    """Let the page list the customer."""
    await store.zadd(keys.page_conversations(PAGE), {PSID: 1})
    return keys.page_conversations(PAGE)


async def a_lead(store: Store) -> str:
    """Let support find the customer, and one whose order has the same number."""
    another = ConversationId(STRANGERS[1], OTHER.psid)
    await store.zadd(keys.index(keys.partition(PAGE), PSID), {member(CONVERSATION): 1, member(another): 1})
    return keys.index(keys.partition(PAGE), PSID)


async def something_set_aside(store: Store) -> str:
    """Let something of the customer wait for an operator."""
    await set_aside(Together(store), CONVERSATION, (click(0),), "why")
    return keys.aside(keys.partition(PAGE))


def an_event(listing: Callable[[str], str]) -> Callable[[Store], Awaitable[str]]:
    """Let one event of the customer be left, and be listed by this among the events of others."""

    async def leave(store: Store) -> str:
        others = {f"e-{number}": number for number in range(EVENTS_AT_ONCE)}
        await store.zadd(listing(PAGE), {**others, "theirs": EVENTS_AT_ONCE})
        await store.hset(keys.event(PAGE, "e-0"), "psid", OTHER.psid)
        await store.hset(keys.event(PAGE, "theirs"), "psid", PSID)
        for key in (keys.event(PAGE, "e-0"), keys.event(PAGE, "theirs")):
            await store.pexpire(key, MINUTE_MS)
        return listing(PAGE)

    return leave


@pytest.mark.parametrize(
    "leave",
    [
        a_conversation,
        a_timeline,
        a_place_among_the_customers,
        a_lead,
        something_set_aside,
        an_event(keys.events),
        an_event(keys.outbox),
        an_event(keys.dead),
    ],
    ids=["conversation", "timeline", "listed", "lead", "aside", "logged", "waiting", "given up"],
)
async def test_a_page_is_found_by_anything_that_is_left(store: Store, leave: Callable[[Store], Awaitable[str]]) -> None:
    """Each alone, since all end at different times; and once it is forgotten, nothing is found."""
    await store.pexpire(await leave(store), MINUTE_MS)
    traces, pages = Traces(store), [*STRANGERS, PAGE]

    assert await traces.pages(PSID, pages) == (PAGE,)
    assert await traces.pages(f"{PSID}0", pages) == ()

    assert await Forgetting(store).forget_everywhere(PSID, pages) == 1
    assert await traces.pages(PSID, pages) == ()


async def test_what_has_another_type_hides_nothing(store: Store) -> None:
    """What is damaged is never the customer's alone, but for their own two keys, which are forgotten as they are."""
    await store.set(keys.conversation(CONVERSATION), "something else", px=MINUTE_MS)
    for page_id in ("901", "902"):
        for key in (keys.page_conversations(page_id), keys.events(page_id), keys.dead(page_id)):
            await store.set(key, "something else", px=MINUTE_MS)
    await store.zadd(keys.outbox("902"), {"theirs": 1})
    await store.hset(keys.event("902", "theirs"), "psid", PSID)
    for key in (keys.outbox("902"), keys.event("902", "theirs")):
        await store.pexpire(key, MINUTE_MS)

    assert await Traces(store).pages(PSID, ["901", "902", PAGE]) == (PAGE, "902")


async def test_a_page_that_nobody_knows_of_is_found_while_the_conversation_lives(store: Store) -> None:
    await (await conversations(store)).tell(addressed(click(0), says(1)))

    assert await Traces(store).pages(PSID, []) == (PAGE,)


async def test_a_page_without_the_customer_costs_next_to_nothing(real_redis_url: str) -> None:
    """Forgetting on each of ten thousand pages would take longer than whoever asked for it waits."""
    pages = [str(number) for number in range(2_000)]
    most_calls = len(pages) // PAGES_AT_ONCE + keys.PARTITIONS
    async with Redis.from_url(real_redis_url) as store:
        await store.config_resetstat()
        assert await Forgetting(store).forget_everywhere(PSID, pages) == 0
        called = await store.info("commandstats")

    assert called["cmdstat_evalsha"]["calls"] <= most_calls
