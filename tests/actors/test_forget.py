"""Forgetting a customer: nothing of it is left, everything of the others is."""

from actors import keys
from actors.forget import FORGOTTEN, Forgetting
from rules.facts import ConversationId
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, click, order, says, talk
from tests.stores import Store

OTHER = ConversationId(CONVERSATION.page_id, "7102")


async def names(store: Store) -> set[str]:
    """Return every key."""
    return {key.decode() async for key in store.scan_iter()}


async def attempted(store: Store) -> None:
    """Let every event of the customer have been attempted, and one of them given up."""
    page_id = CONVERSATION.page_id
    for event_id in await store.zrange(keys.events(page_id), 0, -1):
        if await store.hget(keys.event(page_id, event_id.decode()), "psid") == CONVERSATION.psid.encode():
            await store.rpush(keys.attempts(page_id, event_id.decode()), "{}")
            await store.zadd(keys.dead(page_id), {event_id: 1})
    await store.zadd(keys.buried(keys.partition(page_id)), {page_id: 1})


async def test_everything_of_the_customer_goes_and_everything_of_another_stays(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), *talk(1, "cpcpcp"), order(20, "51"), conversation=OTHER))
    others = await names(store)
    rows = await store.zcard(keys.events(CONVERSATION.page_id))
    await told.tell(addressed(click(0), *talk(1, "cpcpcpc"), order(20, "52", confirmed=30)))
    await attempted(store)
    await Forgetting(store).forget(CONVERSATION)
    assert await names(store) == others
    assert await store.zcard(keys.events(CONVERSATION.page_id)) == rows
    assert await store.zcard(keys.outbox(CONVERSATION.page_id)) == rows


async def test_the_last_customer_of_a_page_leaves_only_its_connection_and_numbers(store: Store) -> None:
    """Numbers by day name nobody."""
    told = await conversations(store)
    connected = await names(store)
    await told.tell(addressed(click(0), says(1)))
    for _ in range(2):
        await Forgetting(store).forget(CONVERSATION)
    numbers = keys.counts(CONVERSATION.page_id, "2026-09-21")
    assert await names(store) == {*connected, numbers}
    assert await store.hgetall(numbers) == {b"clicks": b"1", b"messages": b"1", b"Conversation": b"1"}


async def test_more_events_than_one_script_call_takes_are_forgotten_too(store: Store) -> None:
    told = await conversations(store)
    connected = await names(store)
    for number in range(FORGOTTEN // 2 + 5):
        await told.tell(addressed(click(10 * number), says(10 * number + 1), order(10 * number + 2, str(number))))
    assert await store.zcard(keys.events(CONVERSATION.page_id)) > FORGOTTEN
    await Forgetting(store).forget(CONVERSATION)
    # Only the newest fifty clicks, and a hundred orders, are remembered; the log knows the events of all.
    assert await names(store) == {*connected, keys.counts(CONVERSATION.page_id, "2026-09-21")}


async def test_a_process_that_still_remembers_the_customer_starts_from_nothing(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), *talk(1, "cpc")))
    await Forgetting(store).forget(CONVERSATION)
    await told.tell(addressed(click(100, "tt-2"), says(101)))
    state = (await store.hget(keys.conversation(CONVERSATION), "state")).decode()
    assert '"ref":"tt-2"' in state
    assert '"ref":"tt-1"' not in state
    assert await store.zcard(keys.events(CONVERSATION.page_id)) == 1


async def test_the_link_of_an_order_is_forgotten(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), order(10, "51")))
    await store.hset(keys.order("", "51"), mapping={"page_id": "900", "psid": "7101"})
    await Forgetting(store).forget(CONVERSATION)
    assert not await store.exists(keys.order("", "51"))
