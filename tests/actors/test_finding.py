"""Finding a conversation or a delivery by whatever support was given."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from actors import keys
from actors.committer import Committer
from actors.connections import Connections
from actors.conversations import Conversations
from actors.finding import MOST_FOUND, Finder, Found
from actors.lookups import LONGEST_VALUE
from rules.clicks import Policy
from rules.facts import ConversationId
from tests.actors.conversing import CONNECTION, addressed, connected, conversations
from tests.rules.stories import BEGINNING, CONVERSATION, click, ms, order, says
from tests.stores import Store

NUMBER = keys.partition(CONVERSATION.page_id)


def json(member: dict[str, str]) -> bytes:
    """Write a member without what is empty."""
    return msgspec.json.encode({field: value for field, value in member.items() if value})


async def a_conversation(store: Store) -> None:
    """Let a customer come through an ad, write and order."""
    told = await conversations(store)
    await told.tell(addressed(click(0), says(1), replace(order(2, "51"), order_number="#1001")))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("7101", Found("psid", "900", "7101", at=ms(0))),
        ("51", Found("order_id", "900", "7101", at=ms(2))),
        ("#51", Found("order_id", "900", "7101", at=ms(2))),
        ("#1001", Found("order_number", "900", "7101", at=ms(2))),
        ("1001", Found("order_number", "900", "7101", at=ms(2))),
        (" tt-1\n", Found("tracking_id", "900", "7101", at=ms(0))),
        ("900", Found("page_id", "900", at=ms(0))),
    ],
)
async def test_each_kind_of_value_leads_to_its_place(store: Store, asked: str, expected: Found) -> None:
    await a_conversation(store)

    assert await Finder(store).find(asked) == (expected,)


async def test_a_ref_and_the_tracking_id_in_it_are_both_found(store: Store) -> None:
    policy = Policy(re.compile("^(?P<tracking_id>[^.]+)"))
    told = Conversations(Committer(store), await connected(store), policy)
    await told.tell(addressed(click(0, "tt-7.summer")))

    assert [each.by for each in await Finder(store).find("tt-7")] == ["tracking_id"]
    assert [each.by for each in await Finder(store).find("tt-7.summer")] == ["ref"]


async def test_an_event_and_a_request_lead_to_the_delivery_longer_than_their_conversation_lives(store: Store) -> None:
    await a_conversation(store)
    [event_id] = [text.decode() for text in await store.zrange(keys.events("900"), 0, 0)]
    await store.zadd(keys.index(NUMBER, "req-1"), {event_id: ms(9)})
    await store.pexpire(keys.index(NUMBER, "req-1"), 60_000)
    await store.delete(keys.conversation(CONVERSATION))

    assert await Finder(store).find(event_id) == (Found("event_id", "900", "7101", event_id, ms(1)),)
    assert await Finder(store).find("req-1") == (Found("request_id", "900", "7101", event_id, ms(9)),)


async def test_what_an_earlier_version_wrote_is_found_once_beside_what_this_one_writes(store: Store) -> None:
    """While processes of both are running; its members said as what a value leads there."""
    await a_conversation(store)
    [event_id] = [text.decode() for text in await store.zrange(keys.events("900"), 0, 0)]
    request = {"by": "request_id", "page_id": "900", "psid": "7101", "event_id": event_id}
    for value, by, at in (("7101", "psid", ms(0)), ("51", "order_id", ms(2)), ("tt-1", "tracking_id", ms(0))):
        await store.zadd(keys.index(NUMBER, value), {json(request | {"by": by, "event_id": ""}): at})
    await store.zadd(keys.index(NUMBER, event_id), {json(request | {"by": "event_id"}): ms(1)})
    await store.zadd(keys.index(NUMBER, "req-1"), {json(request): ms(9)})
    await store.pexpire(keys.index(NUMBER, "req-1"), 60_000)

    find = Finder(store).find
    assert await find("7101") == (Found("psid", "900", "7101", at=ms(0)),)
    assert await find("51") == (Found("order_id", "900", "7101", at=ms(2)),)
    assert await find("tt-1") == (Found("tracking_id", "900", "7101", at=ms(0)),)
    assert await find(event_id) == (Found("event_id", "900", "7101", event_id, ms(1)),)
    assert await find("req-1") == (Found("request_id", "900", "7101", event_id, ms(9)),)


async def test_a_value_that_is_two_things_of_a_conversation_is_found_as_both(store: Store) -> None:
    told = await conversations(store)
    await told.tell(addressed(click(0, "51"), order(2, "51")))

    assert await Finder(store).find("51") == (
        Found("order_id", "900", "7101", at=ms(2)),
        Found("tracking_id", "900", "7101", at=ms(0)),
    )


async def test_a_ref_that_names_an_event_of_somebody_else_leads_to_whose_ref_it_is(store: Store) -> None:
    """Anybody can write any ref."""
    await a_conversation(store)
    [event_id] = [text.decode() for text in await store.zrange(keys.events("900"), 0, 0)]
    other = ConversationId("900", "7102")
    await (await conversations(store)).tell(addressed(click(5, event_id), conversation=other))

    assert await Finder(store).find(event_id) == (
        Found("tracking_id", "900", "7102", at=ms(5)),
        Found("event_id", "900", "7101", event_id, ms(1)),
    )


async def test_a_conversation_that_cannot_be_read_is_still_found(store: Store) -> None:
    """By whatever it was known; as what, nobody knows any more."""
    await a_conversation(store)
    await store.hset(keys.conversation(CONVERSATION), "state", "{broken")

    assert await Finder(store).find("#1001") == (Found("unreadable", "900", "7101", at=ms(2)),)


async def test_what_the_state_let_go_is_not_found(store: Store) -> None:
    """An earlier version's member may outlive it."""
    await a_conversation(store)
    await store.zadd(keys.index(NUMBER, "gone"), {'{"by":"ref","page_id":"900","psid":"7101"}': ms(0)})
    await store.pexpire(keys.index(NUMBER, "gone"), 60_000)

    assert await Finder(store).find("gone") == ()


async def test_what_many_customers_share_leads_to_all_of_them_newest_first(store: Store) -> None:
    """On all pages, whatever their partition; a hundred at most."""
    here = await connected(store)
    await here.put(replace(CONNECTION, page_id="901"), BEGINNING)
    told = Conversations(Committer(store), here, Policy(), 300)
    people = [ConversationId(page_id, str(psid)) for psid in range(60) for page_id in ("900", "901")]
    for number, person in enumerate(people):
        await told.tell(addressed(click(number), conversation=person))

    found = await Finder(store).find("tt-1")

    assert keys.partition("900") != keys.partition("901")
    newest = reversed(people[-MOST_FOUND:])
    assert [(each.page_id, each.psid) for each in found] == [(each.page_id, each.psid) for each in newest]


async def test_a_conversation_that_has_ended_is_not_found(store: Store) -> None:
    """The shared value outlives it."""
    told = await conversations(store)
    await told.tell(addressed(click(0)))
    await told.tell(addressed(click(1), conversation=ConversationId("900", "7102")))
    await store.delete(keys.conversation(CONVERSATION))

    assert [each.psid for each in await Finder(store).find("tt-1")] == ["7102"]


async def test_a_customer_without_a_click_is_found_on_whatever_connected_page(store: Store) -> None:
    """No index knows them: there may be very many of them."""
    told = await conversations(store)
    await told.tell(addressed(says(1)))
    for page_id in ("901", "902", "903"):
        await store.sadd(keys.connections(keys.partition(page_id)), page_id)
    await store.sadd(keys.connections(NUMBER), "another page of the same partition")

    assert not await store.exists(keys.index(NUMBER, "7101"))
    assert await Finder(store).find("7101") == (Found("psid", "900", "7101"),)


async def test_a_page_is_found_without_conversations_and_without_a_connection(store: Store) -> None:
    await a_conversation(store)
    here = Connections(store)
    await here.put(replace(CONNECTION, page_id="901"), BEGINNING)
    await here.delete("900")

    assert await Finder(store).find("900") == (Found("page_id", "900", at=ms(0)),)
    assert await Finder(store).find("901") == (Found("page_id", "901"),)


@pytest.mark.parametrize("asked", ["", " \t", "#", "x" * (LONGEST_VALUE + 1), "unknown", "\ud800", "7101*", "{18}"])
async def test_what_is_empty_too_long_or_unknown_leads_nowhere(store: Store, asked: str) -> None:
    await a_conversation(store)

    assert await Finder(store).find(asked) == ()


async def test_what_is_damaged_hides_nothing_else(store: Store) -> None:
    """A broken member beside a good one, and a key of another type in another partition."""
    await a_conversation(store)
    await store.zadd(keys.index(NUMBER, "tt-1"), {"{broken": ms(5), '{"by":"ref"}': ms(6)})
    await store.set(keys.index(0, "tt-1"), "something else", px=60_000)

    assert [each.psid for each in await Finder(store).find("tt-1")] == ["7101"]
