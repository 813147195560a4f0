"""What is learned of an order push by push, and what its events carry."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.facts import Fact, Item, OrderSeen, Purchase
from rules.orders import learn
from tests.rules.stories import HOUR, MINUTE, MS, Step, click, ms, order, says, tell

CHEAP = Purchase("100000", "VND", (Item("SKU-1", "Dress", 1, "100000"),), "phone", "email")
DEAR = Purchase("250000", "VND", (Item("SKU-1", "Dress", 2, "125000"),), "phone", "email")


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


def test_pushes_that_waited_for_their_conversation_are_judged_together() -> None:
    """What one of them fires is no more than what all of them say."""
    cancelled, confirmed = order(5, updated=9, cancelled=True), worth(order(5, updated=8, confirmed=7), DEAR)

    assert tell([click(4), replace(order(5, updated=7), earlier=(order(5), cancelled))]).events == []
    events = tell([click(4), replace(worth(order(5, updated=6), CHEAP), earlier=(confirmed,))]).events
    assert [(event.name, event.at, event.purchase) for event in events] == [
        ("InitiateCheckout", ms(5), DEAR),
        ("CompletePayment", ms(7), DEAR),
    ]


@pytest.mark.parametrize(
    "story",
    [
        [click(4), worth(order(5, updated=9), DEAR), worth(order(5, updated=7, confirmed=7), CHEAP)],
        [
            worth(order(5, updated=9, confirmed=9), DEAR),
            worth(order(5, updated=7, arrives=11 * MINUTE), CHEAP),
            click(4, arrives=15 * MINUTE),
        ],
        [
            click(4),
            worth(order(5, updated=9, cancelled=True), DEAR),
            worth(order(5, updated=10, cancelled=False), DEAR),
            worth(order(5, updated=7, confirmed=7), CHEAP),
        ],
    ],
    ids=["after its click", "after ten minutes", "after it was cancelled"],
)
def test_an_older_push_that_comes_late_never_tells_what_the_order_is_worth(story: list[Step]) -> None:
    """Rule 10; also when the buyer has been let go, which the older push may tell again."""
    events = [event for event in tell(story).events if event.order_id]

    assert events
    assert {event.purchase.value for event in events if event.purchase} == {DEAR.value}
    assert {event.purchase.phone_sha256 for event in events if event.purchase} == {"phone"}


def test_an_order_that_waits_for_its_click_keeps_its_buyer_and_then_lets_it_go() -> None:
    """What TikTok needs of a customer is kept only while it may still be sent."""
    waiting = tell([worth(order(5), DEAR)])
    bound = tell([worth(order(5), DEAR), click(4, arrives=6)])

    assert waiting.state.orders[0].purchase == DEAR
    assert bound.events[0].purchase == DEAR
    assert bound.state.orders[0].purchase == DEAR.worth


@pytest.mark.parametrize("touch", [says, click, lambda at: order(at, "2")], ids=["a message", "a click", "an order"])
def test_an_order_lets_its_buyer_go_when_no_click_can_overtake_it_any_more(touch: Callable[[float], Fact]) -> None:
    """Rule 7's ten minutes, from when it was last delivered; whatever touches the conversation after them."""
    before_every_click = worth(order(5), DEAR)

    in_time = tell([click(8), before_every_click, touch(5 + 10 * MINUTE)]).state.orders[0]
    too_late = tell([click(8), before_every_click, touch(5 + 10 * MINUTE + MS)]).state.orders[0]

    assert (in_time.purchase, too_late.purchase) == (DEAR, DEAR.worth)
    assert replace(in_time, purchase=DEAR.worth) == too_late


def test_a_click_at_the_end_of_the_ten_minutes_still_finds_the_buyer() -> None:
    """Nothing is let go before it."""
    events = tell([worth(order(5), DEAR), says(60), click(4, arrives=5 + 10 * MINUTE)]).events

    assert [(event.name, event.purchase) for event in events if event.order_id] == [("InitiateCheckout", DEAR)]


def test_an_order_pushed_again_later_has_its_buyer_again() -> None:
    """Each delivery opens its ten minutes anew."""
    pushed, again = worth(order(5), DEAR), worth(order(5, arrives=HOUR), DEAR)

    events = tell([pushed, says(1800), again, click(4, arrives=HOUR + 60)]).events

    assert [(event.name, event.purchase) for event in events if event.order_id] == [("InitiateCheckout", DEAR)]


def test_a_cancelled_order_keeps_no_buyer_and_one_that_comes_back_brings_it() -> None:
    """Nothing fires while it is cancelled; only a newer push can take that back."""
    cancelled, revived = worth(order(5, updated=6, cancelled=True), CHEAP), worth(order(5, updated=7), DEAR)

    assert tell([cancelled]).state.orders[0].purchase == CHEAP.worth
    assert tell([cancelled, revived, click(4, arrives=8)]).events[-1].purchase == DEAR


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


def test_a_push_that_says_nothing_of_a_cancellation_takes_none_back() -> None:
    """Rule 9: it is still known to be cancelled."""
    silent = replace(order(5, updated=9, confirmed=9), tells_cancellation=False)
    story: list[Step] = [click(0), order(5, updated=6, cancelled=True), silent]

    assert tell(story).fired == []


def test_a_cancellation_counts_although_a_newer_push_that_says_nothing_of_it_came_first() -> None:
    """Rule 10: pushes come in any order."""
    silent = replace(order(5, updated=9, confirmed=9), tells_cancellation=False)

    assert learn(learn(None, silent), order(5, updated=6, cancelled=True)).cancelled
    assert not learn(learn(learn(None, order(5, updated=7)), silent), order(5, updated=6, cancelled=True)).cancelled


@given(st.data())
def test_whether_it_is_cancelled_does_not_depend_on_the_order_of_pushes(data: st.DataObject) -> None:
    """Rules 9 and 10: what the newest push says that says anything of it; of two at the same time the cancellation."""
    says = st.sampled_from(("nothing", "live", "cancelled"))
    told = data.draw(st.lists(st.tuples(st.integers(5, 9), says), min_size=1, max_size=6))
    pushes = [
        replace(order(5, updated=at, cancelled=what == "cancelled"), tells_cancellation=what != "nothing")
        for at, what in told
    ]

    known = None
    for push in data.draw(st.permutations(pushes)):
        known = learn(known, push)

    newest = max((at for at, what in told if what != "nothing"), default=0)
    assert known is not None
    assert known.cancelled == ((newest, "cancelled") in told)


def test_events_of_an_order_name_it_and_its_click() -> None:
    """TikTok gets the order's id; support finds the click."""
    event = tell([click(1), order(5, "1225410593")]).events[0]

    assert (event.order_id, event.click_at) == ("1225410593", ms(1))
