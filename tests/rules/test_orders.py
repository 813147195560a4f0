"""What is learned of an order push by push, and what its events carry."""

from msgspec.structs import replace

from rules.facts import OrderSeen, Purchase
from rules.orders import learn
from tests.rules.stories import Step, click, ms, order, tell

CHEAP, DEAR = Purchase("100000", "VND"), Purchase("250000", "VND")


def worth(push: OrderSeen, purchase: Purchase) -> OrderSeen:
    """Return the push with another worth."""
    return replace(push, purchase=purchase)


def test_each_event_carries_what_the_order_was_worth_by_then() -> None:
    """An order may grow between its creation and its confirmation."""
    created, confirmed = worth(order(5), CHEAP), worth(order(5, updated=9, confirmed=9), DEAR)

    events = tell([click(0), created, confirmed]).events

    assert [event.purchase for event in events] == [CHEAP, DEAR]


def test_an_older_push_does_not_bring_back_an_older_worth() -> None:
    """It may still show in what state the order was."""
    newer, older = worth(order(5, updated=9), DEAR), worth(order(5, updated=7, confirmed=7), CHEAP)

    event = tell([newer, older, click(4, arrives=10)]).events[-1]

    assert (event.name, event.purchase) == ("CompletePayment", DEAR)


def test_an_order_that_waits_for_its_click_keeps_its_worth_and_then_lets_it_go() -> None:
    """What TikTok needs of a customer is kept only while it may still be sent."""
    waiting = tell([worth(order(5), DEAR)])
    bound = tell([worth(order(5), DEAR), click(4, arrives=6)])

    assert waiting.state.orders[0].purchase == DEAR
    assert bound.events[0].purchase == DEAR
    assert bound.state.orders[0].purchase is None


def test_the_newest_name_of_an_order_is_shown() -> None:
    """Numbers are given by hand in some shops."""
    first = learn(None, replace(order(5, updated=6), order_number="#1"))

    assert learn(first, replace(order(5, updated=9), order_number="#2")).order_number == "#2"
    assert learn(first, replace(order(5, updated=5), order_number="#0")).order_number == "#1"
    assert learn(first, replace(order(5, updated=9), order_number="")).order_number == "#1"


def test_of_two_pushes_of_the_same_time_the_cancellation_is_believed() -> None:
    """Rule 9: "known to be cancelled". In whichever order they come."""
    live, cancelled = order(5, updated=9), order(5, updated=9, cancelled=True)

    assert learn(learn(None, live), cancelled).cancelled
    assert learn(learn(None, cancelled), live).cancelled


def test_an_order_that_is_taken_up_again_can_fire() -> None:
    """What the newest push says of the cancellation counts."""
    story: list[Step] = [click(0), order(5, updated=6, cancelled=True), order(5, updated=9)]

    assert tell(story).fired == [("InitiateCheckout", 5)]


def test_events_of_an_order_name_it_and_its_click() -> None:
    """TikTok gets the order's id; support finds the click."""
    event = tell([click(1), order(5, "1225410593")]).events[0]

    assert (event.order_id, event.click_at) == ("1225410593", ms(1))
