"""Orders and the conversations they belong to."""

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from actors import keys
from actors.order_links import MOST_UNLINKED, Linked, OrderLinks
from rules.facts import ConversationId
from tests.rules.stories import CONVERSATION, order
from tests.stores import Store

DAY_MS = 86_400_000
FOUND = Linked(CONVERSATION, ())


async def test_a_push_that_says_its_conversation_teaches_it(store: Store) -> None:
    """Later pushes of the same order find it."""
    links = OrderLinks(store)

    assert await links.link(order(5), CONVERSATION) == Linked(CONVERSATION, ())
    assert await links.find_or_park(order(5, updated=6)) == CONVERSATION


async def test_the_first_conversation_of_an_order_stays(store: Store) -> None:
    """Whatever a later push says; and each keeps the link alive."""
    links = OrderLinks(store)
    await links.link(order(5), CONVERSATION)
    await store.pexpire(keys.order("", "1"), 1_000)

    assert await links.link(order(5, updated=6), ConversationId(CONVERSATION.page_id, "7102")) == FOUND
    assert await links.find_or_park(order(5, updated=7)) == CONVERSATION
    assert await store.pttl(keys.order("", "1")) > DAY_MS


async def test_an_order_of_a_known_shop_stays_even_when_another_page_is_named(store: Store) -> None:
    """A shop's order is one order, whichever of its pages a push names."""
    links, first = OrderLinks(store), replace(order(5), org_id="1000")
    await links.link(first, CONVERSATION)

    assert await links.link(replace(first, updated_at=6), ConversationId("901", "7102")) == FOUND


async def test_the_same_number_on_pages_of_unnamed_shops_is_two_orders(store: Store) -> None:
    """Nothing says that they are one shop's, so each goes to its own conversation, again and again."""
    links, theirs = OrderLinks(store), ConversationId("901", "7102")
    await links.link(order(5), CONVERSATION)

    assert await links.link(order(5), theirs) == Linked(theirs, ())
    assert await links.link(order(5, updated=6), CONVERSATION) == FOUND
    assert await links.find_or_park(order(5, updated=7)) == CONVERSATION


async def test_an_order_that_was_created_at_another_time_is_another(store: Store) -> None:
    """A number that is used again says nothing of whose order it is: the push does."""
    links, theirs = OrderLinks(store), ConversationId(CONVERSATION.page_id, "7102")
    first = replace(order(5), org_id="1000")
    await links.link(first, CONVERSATION)
    again = replace(first, created_at=first.created_at + 1)

    assert await links.link(again, theirs) == Linked(theirs, ())
    assert await links.link(replace(again, updated_at=7), CONVERSATION) == Linked(theirs, ())


async def test_another_shops_order_of_the_same_number_is_another(store: Store) -> None:
    """The link is by shop and order."""
    links = OrderLinks(store)
    await links.link(order(5), CONVERSATION)

    assert await links.find_or_park(order(5, "2")) is None


async def test_a_push_without_a_link_is_kept_a_day_for_it_to_come(store: Store) -> None:
    """All pushes that waited come back, oldest first."""
    links = OrderLinks(store)
    first, second = order(5), order(5, updated=9, confirmed=9)
    assert await links.find_or_park(first) is None
    assert await links.find_or_park(second) is None
    ttl = await store.pttl(keys.unlinked_order("", "1"))

    assert await links.link(order(5, updated=12), CONVERSATION) == Linked(CONVERSATION, (first, second))
    assert DAY_MS - 60_000 < ttl <= DAY_MS


async def test_pushes_wait_until_they_are_committed(store: Store) -> None:
    """A crash between the link and the commit loses nothing: the sender repeats, and they are still there."""
    links = OrderLinks(store)
    await links.find_or_park(order(5))

    assert (await links.link(order(6), CONVERSATION)).waiting == (order(5),)
    assert (await links.link(order(6), CONVERSATION)).waiting == (order(5),)
    await links.unpark(order(6))
    assert (await links.link(order(6), CONVERSATION)).waiting == ()


async def test_the_same_push_waits_once_and_a_flood_is_bounded(store: Store) -> None:
    """Bare pushes of shops that never use HaraSocial must not fill the memory."""
    links = OrderLinks(store)
    for _ in range(3):
        await links.find_or_park(order(5))
    assert await store.llen(keys.unlinked_order("", "1")) == 1

    for i in range(2 * MOST_UNLINKED):
        await links.find_or_park(order(5, updated=6.0 + i))
    assert await store.llen(keys.unlinked_order("", "1")) == MOST_UNLINKED


@pytest.mark.parametrize("damaged", [b"{broken", b"\xff", b"[]", b'{"type":"order","secret":1}'], ids=str)
async def test_a_push_that_cannot_be_read_holds_up_no_other(store: Store, damaged: bytes) -> None:
    """It is told of without what is in it, and goes with the others."""
    links = OrderLinks(store)
    await links.find_or_park(order(5))
    await store.lpush(keys.unlinked_order("", "1"), damaged)

    with capture_logs() as logs:
        assert await links.link(order(6), CONVERSATION) == Linked(CONVERSATION, (order(5),))
    unreadable = {"event": "order.parked_push_unreadable", "log_level": "error", "org_id": "", "order_id": "1"}
    assert logs == [unreadable]
