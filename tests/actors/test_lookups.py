"""Look-ups: what a turn adds, what the commit makes of it, and how long it lives."""

import pytest
from msgspec.structs import replace
from redis.crc import key_slot

from actors import keys
from actors.commits import Commit, Committed, Snapshot, script_keys
from actors.committer import Committer
from actors.lookups import LONGEST_VALUE, Lookups, Member, index, lookups, member, read_event_id, read_member
from rules.facts import ConversationId, Fact, OrderSeen
from rules.state import CLICK_LIVES_MS, KEPT_WITH_CLICK_MS, MAX_CLICKS, Conversation
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import BEGINNING, CONVERSATION, DAY, click, ms, order, says, tell
from tests.stores import Store

NUMBER = keys.partition(CONVERSATION.page_id)
OTHER = ConversationId(CONVERSATION.page_id, "7102")
PATTERN = "^(?P<tracking_id>[^.]+)"


def state(*facts: Fact, ref_pattern: str = ".+") -> Conversation:
    """Return the state after these facts."""
    return tell(facts, ref_pattern=ref_pattern).state


def turn(before: Conversation, after: Conversation) -> Lookups:
    """Return what the turn between two states changes."""
    return lookups(CONVERSATION, before, after)


async def life(store: Store, value: str) -> int:
    """Return for how long a value can be looked up (ms)."""
    return int(await store.pttl(keys.index(NUMBER, value)))


async def members(store: Store, value: str) -> list[Member | None]:
    """Return where a value leads."""
    return [read_member(text) for text in await store.zrange(keys.index(NUMBER, value), 0, -1)]


def test_a_conversation_without_a_click_adds_nothing() -> None:
    """As little as possible for the many who never came through an ad."""
    assert turn(Conversation(), state(says(1), order(2))) == Lookups()


def test_the_first_click_makes_the_conversation_known_by_all_its_values() -> None:
    found = turn(Conversation(), state(order(5), click(0, "tt-7.summer", arrives=6), ref_pattern=PATTERN))

    assert found.index == {
        ("7101", "psid"): ms(0),
        ("tt-7", "tracking_id"): ms(0),
        ("tt-7.summer", "ref"): ms(0),
        ("1", "order_id"): ms(5),
    }
    assert found.last_click == ms(0)
    assert found.waiting == {"1": ms(0) + CLICK_LIVES_MS}


def test_a_turn_that_only_counts_a_message_adds_nothing() -> None:
    before = state(click(0), order(1))

    assert turn(before, state(click(0), order(1), says(2))) == Lookups()


def test_a_newer_click_writes_everything_again_and_an_older_one_only_itself() -> None:
    """All values live as long as the conversation, which only a newer click lengthens."""
    before = state(click(100, "tt-1"), order(101))

    newer = turn(before, state(click(100, "tt-1"), order(101), click(200, "tt-2")))
    older = turn(before, state(click(100, "tt-1"), order(101), click(50, "tt-0")))

    assert {value for value, _ in newer.index} == {"7101", "tt-1", "tt-2", "1"}
    assert older == Lookups(index={("tt-0", "tracking_id"): ms(50)})


def test_an_older_click_that_pushes_out_the_oldest_is_noticed() -> None:
    """As many clicks as before, and the same newest one."""
    clicks = [click(10 * number, f"tt-{number}") for number in range(MAX_CLICKS)]
    before = state(*clicks)

    assert turn(before, state(*clicks, click(15, "late"))).index == {
        ("tt-0", "tracking_id"): None,
        ("late", "tracking_id"): ms(15),
    }


def test_an_order_number_that_is_learned_later_is_added_alone() -> None:
    before = state(click(0), order(1))
    after = state(click(0), order(1), replace(order(1, updated=5), order_number="#1001"))

    assert turn(before, after) == Lookups(index={("#1001", "order_number"): ms(1)})


@pytest.mark.parametrize("ref", ["x" * (LONGEST_VALUE + 1), "  "])
def test_what_nobody_could_ask_for_is_not_indexed(ref: str) -> None:
    assert {by for _, by in index(CONVERSATION, state(click(0, ref)))} == {"psid"}


@pytest.mark.parametrize("push", [order(1, updated=20, confirmed=20), order(1, updated=20, cancelled=True)])
def test_an_order_that_fires_or_is_cancelled_waits_no_more(push: OrderSeen) -> None:
    before = state(click(0), order(1))

    assert turn(before, state(click(0), order(1), push)).waiting == {"1": None}


def test_an_order_before_every_click_waits_for_nothing() -> None:
    assert turn(Conversation(), state(click(10_000), order(1))).waiting == {}


async def test_an_event_leads_to_itself(store: Store) -> None:
    """As long as its row lives."""
    await (await conversations(store)).tell(addressed(click(0), says(1)))

    [event_id] = [text.decode() for text in await store.zrange(keys.events("900"), 0, -1)]
    assert await members(store, event_id) == [Member("900", "7101")]
    assert await life(store, event_id) == pytest.approx(await store.pttl(keys.event("900", event_id)), abs=2_000)


async def test_values_live_as_long_as_their_conversation(store: Store) -> None:
    """A later click lengthens the life of all of them."""
    told = await conversations(store)
    await told.tell(addressed(click(0), order(1, "51"), says(2)))
    await told.tell(addressed(says(7 * DAY)))
    at_first = await store.pttl(keys.conversation(CONVERSATION))
    assert await life(store, "51") == pytest.approx(KEPT_WITH_CLICK_MS, abs=60_000)

    await told.tell(addressed(click(8 * DAY, "tt-2", arrives=2)))

    lives = await store.pttl(keys.conversation(CONVERSATION))
    assert lives > at_first
    for key in (*(keys.index(NUMBER, value) for value in ("7101", "tt-1", "tt-2", "51")), "conversations:{18}:900"):
        assert await store.pttl(key) == pytest.approx(lives, abs=5_000)


async def test_a_shared_value_never_lives_shorter_for_another_customer(store: Store) -> None:
    """An advertisement's ref is the same for everybody; here the second click arrives five days late."""
    told = await conversations(store)
    await told.tell(addressed(click(5 * DAY)))
    before = await life(store, "tt-1")

    await told.tell(addressed(click(0, arrives=5 * DAY), conversation=OTHER))

    assert await life(store, "tt-1") == pytest.approx(before, abs=5_000)
    assert await store.pttl(keys.page_conversations("900")) == pytest.approx(before, abs=5_000)
    assert [each.psid for each in await members(store, "tt-1") if each] == ["7102", "7101"]


async def test_of_a_shared_value_the_newest_hundred_are_kept(store: Store) -> None:
    told = await conversations(store, cached=200)
    for psid in range(103):
        await told.tell(addressed(click(psid), conversation=ConversationId("900", str(psid))))

    found = [each.psid for each in await members(store, "tt-1") if each]
    assert found == [str(psid) for psid in range(3, 103)]


async def test_conversations_and_orders_that_are_over_leave_the_lists(store: Store) -> None:
    """With the next one that comes: nobody needs to sweep."""
    told = await conversations(store)
    await told.tell(addressed(click(0), order(1, "51")))

    await told.tell(addressed(click(9.1 * DAY), order(9.1 * DAY + 1, "52"), conversation=OTHER))

    assert await store.zrange(keys.page_conversations("900"), 0, -1) == [b"7102"]
    assert await store.zrange(keys.waiting_orders(NUMBER), 0, -1) == [b'["900","7102","52"]']


async def test_a_commit_whose_reply_was_lost_adds_nothing_twice(store: Store) -> None:
    """The client repeats the call by itself."""
    after = state(click(0), order(1))
    repeated = Commit(CONVERSATION, Snapshot(), "c-1", after, (), (), BEGINNING, lookups=turn(Conversation(), after))
    committer = Committer(store)
    await committer.commit(repeated)
    await store.delete(keys.index(NUMBER, "tt-1"), keys.waiting_orders(NUMBER))

    assert await committer.commit(repeated) == Committed()

    assert not await store.exists(keys.index(NUMBER, "tt-1"), keys.waiting_orders(NUMBER))


@pytest.mark.parametrize(
    "key", [keys.index(NUMBER, "tt-1"), keys.page_conversations("900"), keys.waiting_orders(NUMBER)]
)
async def test_a_look_up_of_another_type_fails_nothing(store: Store, key: str) -> None:
    """Only that look-up is lost."""
    await store.set(key, "something else", px=60_000)

    await (await conversations(store)).tell(addressed(click(0), says(1), order(2, "51")))

    assert await store.get(key) == b"something else"
    assert await store.zcard(keys.events("900")) == 2
    assert await members(store, "51") == [Member("900", "7101")]


async def test_what_the_state_lets_go_leaves_the_index(store: Store) -> None:
    """So that whoever forgets the state knows all that leads to it."""
    told = await conversations(store)
    for number in range(MAX_CLICKS + 1):
        await told.tell(addressed(click(number, f"tt-{number}")))

    assert await members(store, "tt-0") == []
    assert await members(store, "tt-1") == [Member("900", "7101")]


def test_all_keys_of_a_commit_with_look_ups_share_a_slot() -> None:
    """What Redis Cluster demands."""
    after = state(click(0, "{tag}:9"), order(1))
    commit = Commit(CONVERSATION, Snapshot(), "c-1", after, (), (), BEGINNING, lookups=turn(Conversation(), after))

    found = script_keys(commit)
    assert len(found) == 2 + 5
    assert len({key_slot(key.encode()) for key in found}) == 1


def test_a_damaged_member_is_none() -> None:
    assert read_member(b"{broken") is None
    assert read_event_id(b"{broken") is None


def test_a_request_leads_to_an_event_and_not_to_people() -> None:
    """Whose it is the event's own id leads to; all of it would not be short enough."""
    written = b"ValidConversation-1"

    assert (read_member(written), read_event_id(written)) == (None, "ValidConversation-1")


def test_a_member_is_short_enough_for_the_compact_form() -> None:
    """Of a sorted set whose members take at most 64 bytes each; with ids as long as Meta's."""
    written = member(ConversationId("1098765432109876", "71012345678901234"))

    assert written == b'{"page_id":"1098765432109876","psid":"71012345678901234"}'
    assert len(written) <= 64


def test_a_member_of_an_earlier_version_is_read() -> None:
    """It said as what the value leads there, and named every event."""
    assert read_member(b'{"by":"ref","page_id":"900","psid":"7101"}') == Member("900", "7101")
    event = b'{"by":"event_id","page_id":"900","psid":"7101","event_id":"e-1"}'
    assert read_member(event) == Member("900", "7101", "e-1")


def test_a_value_that_is_known_as_two_things_stays_while_it_is_one_of_them() -> None:
    """Both are the same member."""
    click_and_number = state(click(0, "51"), replace(order(1, "9"), order_number="51"))
    only_click = replace(click_and_number, orders=(replace(click_and_number.orders[0], order_number="52"),))

    assert turn(click_and_number, only_click).index == {("52", "order_number"): ms(1)}
