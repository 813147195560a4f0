"""Forgetting a customer: nothing of it is left, everything of the others is."""

import itertools
from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from actors import keys
from actors.aside import SCANNED, set_aside
from actors.errors import StoreUnavailable
from actors.forget import FORGOTTEN, Forgetting
from actors.together import Together
from rules.facts import ConversationId
from rules.state import Conversation
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, DAY, click, order, says, talk
from tests.stores import Store

OTHER = ConversationId(CONVERSATION.page_id, "7102")
NAMESAKE = next(
    ConversationId(page_id, CONVERSATION.psid)
    for page_id in map(str, itertools.count(901))
    if keys.partition(page_id) == keys.partition(CONVERSATION.page_id)
)
"""Of the same number, on another page whose facts are set aside in the same place."""


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


async def test_nothing_names_the_customer_any_more(store: Store) -> None:
    """Neither a key, nor anything in one: looked for everywhere, with what another customer shares left as it is."""
    told = await conversations(store)
    await told.tell(addressed(click(0), order(5, "50"), conversation=OTHER))
    for number in range(55):
        await told.tell(addressed(click(10 * number, f"ref-{number}"), says(10 * number + 1)))
    await told.tell(addressed(click(600), replace(order(601, "51"), order_number="#1001"), order(602, "52")))
    await requested(store)
    await Forgetting(store).forget(CONVERSATION)
    assert [key for key in await names(store) if "7101" in key or b"7101" in await contents(store, key)] == []
    assert [key for key in await names(store) if "first-" in key or "last-" in key] == []
    assert await store.zrange(keys.problem("900", "40002"), 0, -1) == [b"another's"]
    assert await store.zcard(keys.index(keys.partition("900"), "tt-1")) == 1
    assert await store.zrange(keys.page_conversations("900"), 0, -1) == [b"7102"]
    assert await store.zrange(keys.waiting_orders(keys.partition("900")), 0, -1) == [b'["900","7102","50"]']


async def test_of_a_request_only_the_customers_events_are_forgotten(store: Store) -> None:
    """One request may take events of many."""
    await (await conversations(store)).tell(addressed(click(0), says(1)))
    [event_id] = await store.zrange(keys.events("900"), 0, -1)
    await store.hset(keys.event("900", event_id.decode()), "request_id", "r-1")
    index = keys.index(keys.partition("900"), "r-1")
    await store.zadd(index, {event_id: 1, "another's": 1})
    await store.pexpire(index, 60_000)
    await Forgetting(store).forget(CONVERSATION)
    assert await store.zrange(index, 0, -1) == [b"another's"]


async def test_what_an_earlier_version_wrote_is_forgotten_as_well(store: Store) -> None:
    """Its members of the indexes, and what only its entry of the timeline still names."""
    told = await conversations(store)
    connected = await names(store)
    await told.tell(addressed(click(0), replace(order(5, "51"), order_number="#1001")))
    for value in ("7101", "tt-1", "51", "#1001", "tt-0"):
        index = keys.index(keys.partition("900"), value)
        await store.zadd(index, {'{"by":"ref","page_id":"900","psid":"7101"}': 1})
        await store.pexpire(index, 60_000)
    entry = {"kind": "fact", "at": 1, "fact": {"type": "referral", "at": 1, "ref": "tt-0"}, "answers": []}
    await store.xadd(keys.timeline(CONVERSATION), {"entry": msgspec.json.encode(entry)})
    await Forgetting(store).forget(CONVERSATION)
    assert await names(store) == {*connected, keys.counts(CONVERSATION.page_id, "2026-09-21")}


async def requested(store: Store) -> None:
    """Let every event of the customer have failed twice, with request ids by which it can be looked up."""
    number, problem = keys.partition("900"), keys.problem("900", "40002")
    await store.zadd(problem, {"another's": 1})
    await store.pexpire(problem, 60_000)
    for text in await store.zrange(keys.events("900"), 0, -1):
        event_id = text.decode()
        if await store.hget(keys.event("900", event_id), "psid") != b"7101":
            continue
        await store.rpush(keys.attempts("900", event_id), f'{{"request_id":"first-{event_id}"}}', "{broken")
        await store.pexpire(keys.attempts("900", event_id), 60_000)
        await store.hset(keys.event("900", event_id), "request_id", f"last-{event_id}")
        await store.hset(keys.event("900", event_id), "problem", "40002")
        await store.zadd(problem, {event_id: 1})
        for which in ("first", "last"):
            index = keys.index(number, f"{which}-{event_id}")
            await store.zadd(index, {event_id: 1})
            await store.pexpire(index, 60_000)


async def contents(store: Store, key: str) -> bytes:
    """Return what a key holds."""
    match await store.type(key):
        case b"hash":
            return repr(await store.hgetall(key)).encode()
        case b"zset":
            return repr(await store.zrange(key, 0, -1)).encode()
        case b"stream":
            return repr(await store.xrange(key)).encode()
        case b"list":
            return repr(await store.lrange(key, 0, -1)).encode()
        case b"string":
            return await store.get(key) or b""
        case _:
            return repr(await store.smembers(key)).encode()


async def test_a_conversation_that_cannot_be_read_is_forgotten_by_its_timeline(store: Store) -> None:
    told = await conversations(store)
    connected = await names(store)
    await told.tell(addressed(click(0), order(5, "51")))
    await store.hset(keys.conversation(CONVERSATION), "state", "{broken")
    await Forgetting(store).forget(CONVERSATION)
    assert await names(store) == {*connected, keys.counts(CONVERSATION.page_id, "2026-09-21")}


@pytest.mark.parametrize("name", ["tt-1", "7101"])
async def test_a_look_up_of_another_type_does_not_keep_the_customer(store: Store, name: str) -> None:
    told = await conversations(store)
    await store.set(keys.index(keys.partition("900"), name), "something else", px=60_000)
    await told.tell(addressed(click(0)))
    await Forgetting(store).forget(CONVERSATION)
    assert not await store.exists(keys.conversation(CONVERSATION), keys.page_conversations("900"))


@pytest.mark.parametrize("key", [keys.conversation(CONVERSATION), keys.timeline(CONVERSATION)])
async def test_something_else_under_a_customers_keys_is_forgotten_too(store: Store, key: str) -> None:
    """That is how an operator deletes a conversation whose facts were set aside."""
    told = await conversations(store)
    connected = await names(store)
    await store.set(key, "something else", px=60_000)
    await told.tell(addressed(click(0), order(5, "51")))
    assert await store.xlen(keys.aside(keys.partition("900"))) == 1
    await Forgetting(store).forget(CONVERSATION)
    assert await names(store) - {keys.aside(keys.partition("900"))} == connected
    assert await store.xlen(keys.aside(keys.partition("900"))) == 0


@pytest.mark.parametrize("damaged", ["another's row", "own attempts", "dead", "aside"])
async def test_what_is_damaged_elsewhere_keeps_no_customer(store: Store, damaged: str) -> None:
    """Meta asks once for all pages: one damaged row must not keep everybody's data."""
    page_id = CONVERSATION.page_id
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1), conversation=OTHER))
    [others] = await store.zrange(keys.events(page_id), 0, -1)
    await told.tell(addressed(click(0), *talk(1, "cpcpcpc")))
    await attempted(store)
    own = await store.zrange(keys.events(page_id), 0, -1)
    own.remove(others)
    key = {
        "another's row": keys.event(page_id, others.decode()),
        "own attempts": keys.attempts(page_id, own[0].decode()),
        "dead": keys.dead(page_id),
        "aside": keys.aside(keys.partition(page_id)),
    }[damaged]
    await store.delete(key)
    await store.sadd(key, "something else")
    for name in (key, keys.buried(keys.partition(page_id))):
        await store.pexpire(name, 60_000)

    await Forgetting(store).forget(CONVERSATION)

    assert own
    gone = [keys.conversation(CONVERSATION), *(keys.event(page_id, event_id.decode()) for event_id in own)]
    assert await names(store) & {*gone} == set()
    assert await store.zrange(keys.events(page_id), 0, -1) == [others]


async def test_a_conversation_that_nobody_can_read_is_forgotten_too(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1)))
    await store.hset(keys.conversation(CONVERSATION), mapping={"version": "many", "commit": b"\xff"})

    await Forgetting(store).forget(CONVERSATION)

    assert await names(store) & {keys.conversation(CONVERSATION), keys.timeline(CONVERSATION)} == set()


async def test_of_what_was_set_aside_only_the_customers_goes(store: Store) -> None:
    """However much there is, and whatever else lies there."""
    together, stream = Together(store), keys.aside(keys.partition("900"))
    await store.xadd(stream, {"by": "hand"})
    for number in range(SCANNED // 2 + 1):
        for conversation in (CONVERSATION, OTHER, NAMESAKE):
            await set_aside(together, conversation, (click(number),), "why")
    before = await store.xlen(stream)
    await Forgetting(store).forget(CONVERSATION)
    left = [(fields.get(b"page_id"), fields.get(b"psid")) for _, fields in await store.xrange(stream)]
    assert len(left) == before - (SCANNED // 2 + 1)
    assert {*left} == {(None, None), (b"900", b"7102"), (NAMESAKE.page_id.encode(), b"7101")}


async def test_events_are_forgotten_for_as_long_as_their_rows_live(store: Store) -> None:
    """37 days after they fired: other customers' events do not push them out of the log before."""
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1)))
    for days, left in ((36.9, 1), (37.1, 0)):
        await told.tell(addressed(click(days * DAY), says(days * DAY + 1), conversation=OTHER))
        logged = await store.zrange(keys.events("900"), 0, -1)
        owners = [await store.hget(keys.event("900", each.decode()), "psid") for each in logged]
        assert owners.count(b"7101") == left


@pytest.mark.parametrize("kept_by", [keys.outbox, keys.dead], ids=["waiting", "given up"])
async def test_an_event_that_the_log_does_not_list_any_more_is_forgotten(
    store: Store, kept_by: Callable[[str], str]
) -> None:
    """A sender that was down gives it up late, and its row is kept for 30 days from then."""
    page_id = CONVERSATION.page_id
    await (await conversations(store)).tell(addressed(click(0), says(1)))
    [event_id] = await store.zrange(keys.events(page_id), 0, -1)
    await store.delete(keys.events(page_id), keys.outbox(page_id), keys.conversation(CONVERSATION))
    await store.zadd(kept_by(page_id), {event_id: 1})
    await Forgetting(store).forget(CONVERSATION)
    assert not await store.exists(keys.event(page_id, event_id.decode()), kept_by(page_id))


class WritesMeanwhile(Forgetting):
    """A customer who writes each time between reading the conversation and removing it."""

    def __init__(self, store: Store, times: int) -> None:
        """Write this many times."""
        super().__init__(store)
        self._writes = iter(range(times))

    async def _forget_order_links(self, state: Conversation) -> None:
        await super()._forget_order_links(state)
        for number in self._writes:
            told = await conversations(self._store)
            await told.tell(addressed(click(50 + number, f"late-{number}")))
            return


async def test_a_click_that_comes_in_between_is_forgotten_with_all_that_leads_to_it(store: Store) -> None:
    told = await conversations(store)
    connected = await names(store)
    await told.tell(addressed(click(0)))
    await WritesMeanwhile(store, 3).forget(CONVERSATION)
    assert await names(store) == {*connected, keys.counts(CONVERSATION.page_id, "2026-09-21")}


async def test_a_customer_who_never_stops_writing_is_not_said_to_be_forgotten(store: Store) -> None:
    await (await conversations(store)).tell(addressed(click(0)))
    with pytest.raises(StoreUnavailable):
        await WritesMeanwhile(store, 1_000).forget(CONVERSATION)
