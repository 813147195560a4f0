"""Orders that are about to be lost."""

from msgspec.structs import replace

from actors import keys
from actors.conversations import Conversations
from actors.forget import Forgetting
from actors.waiting_orders import WaitingOrder, WaitingOrders
from rules.facts import ConversationId
from rules.times import DAY_MS
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, DAY, click, ms, order
from tests.stores import Store

OTHER = ConversationId("900", "7102")


async def two_orders(store: Store) -> Conversations:
    """Let two customers order, the second a day later."""
    told = await conversations(store)
    await told.tell(addressed(click(0), order(1, "51")))
    await told.tell(addressed(click(DAY), order(DAY + 1, "52"), conversation=OTHER))
    return told


async def waiting(store: Store) -> list[str]:
    """Return the orders that wait, soonest first."""
    return [each.order_id for each in await WaitingOrders(store).within(ms(2), 8 * DAY_MS)]


async def test_orders_whose_click_runs_out_are_listed_soonest_first(store: Store) -> None:
    await two_orders(store)
    orders = WaitingOrders(store)

    assert await orders.within(ms(6.5 * DAY), DAY_MS) == (WaitingOrder("900", "7101", "51", ms(7 * DAY)),)
    assert await orders.count(ms(6.5 * DAY), DAY_MS) == 1
    assert await waiting(store) == ["51", "52"]
    assert await orders.count(ms(2), 8 * DAY_MS) == 2


async def test_exactly_seven_days_is_in_time(store: Store) -> None:
    """Rule 5."""
    await two_orders(store)

    assert await WaitingOrders(store).count(ms(7 * DAY), 0) == 1
    assert await WaitingOrders(store).count(ms(7 * DAY) + 1, 0) == 0


async def test_an_order_leaves_when_it_fires(store: Store) -> None:
    told = await two_orders(store)
    await told.tell(addressed(order(1, "51", updated=DAY, confirmed=DAY)))

    assert await waiting(store) == ["52"]


async def test_an_order_leaves_when_it_is_cancelled_and_comes_back_when_that_was_a_mistake(store: Store) -> None:
    told = await two_orders(store)
    await told.tell(addressed(order(1, "51", updated=DAY, cancelled=True)))
    assert await waiting(store) == ["52"]

    await told.tell(addressed(order(1, "51", updated=DAY + 1)))
    assert await waiting(store) == ["51", "52"]


async def test_an_order_leaves_when_its_customer_is_forgotten(store: Store) -> None:
    await two_orders(store)
    await Forgetting(store).forget(CONVERSATION)

    assert await waiting(store) == ["52"]


async def test_an_order_that_is_confirmed_at_once_never_waits(store: Store) -> None:
    told = await two_orders(store)
    await told.tell(addressed(replace(order(2, "53"), confirmed=True)))

    assert await waiting(store) == ["51", "52"]


async def test_what_is_damaged_hides_nothing_else(store: Store) -> None:
    await two_orders(store)
    await store.zadd(keys.waiting_orders(keys.partition("900")), {"[broken": ms(5)})
    await store.set(keys.waiting_orders(0), "something else", px=60_000)

    assert await waiting(store) == ["51", "52"]
    assert await WaitingOrders(store).count(ms(6), 8 * DAY_MS) == 2
