"""What is counted of a history: on the day it happened, once, and whatever the order of arrival."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.clicks import Policy
from rules.days import day, days_until, local
from rules.decide import Rulebook, decide
from rules.facts import Fact
from rules.orders import Choice, CompletePaymentOn, Terms
from rules.state import CLICK_LIVES_MS, Conversation
from rules.tallies import OBSTACLES, tallies
from tests.rules.stories import (
    CONVERSATION,
    DAY,
    HOUR,
    MINUTE,
    Choose,
    Story,
    click,
    flat,
    ms,
    order,
    presses,
    replies,
    says,
    talk,
)
from tests.rules.test_properties import books, facts


def counted(story: Story, first_choice: CompletePaymentOn = "order_confirmed") -> dict[str, int]:
    """Decide a story and add its tallies up, whatever their day."""
    return dict(+_sums(story, first_choice, lambda _at, field: field))


def by_day(story: Story) -> dict[str, int]:
    """The same by day and field."""
    return dict(+_sums(story, "order_confirmed", lambda at, field: f"{day(at)} {field}"))


def _sums(story: Story, first_choice: CompletePaymentOn, place: Callable[[int, str], str]) -> Counter[str]:
    choices, state = [Choice(0, first_choice)], Conversation()
    sums: Counter[str] = Counter()
    for step in flat(story):
        if isinstance(step, Choose):
            choices.append(Choice(step.at, step.complete_payment_on))
            continue
        terms = Terms(tuple(choices))
        outcome = decide(CONVERSATION, state, step, Rulebook(Policy(), terms))
        for tally in tallies(state, outcome, terms):
            sums[place(tally.at, tally.field)] += tally.amount
        state = outcome.state
    return sums


def test_a_days_border_is_vietnams() -> None:
    """17:00 UTC is midnight in Vietnam."""
    midnight = 1_790_009_999_000 // 86_400_000 * 86_400_000 + 17 * 3_600_000
    assert (day(midnight - 1), day(midnight)) == ("2026-09-21", "2026-09-22")
    assert local(midnight) == "2026-09-22 00:00:00"
    assert days_until("2026-03-01", 3) == ("2026-02-27", "2026-02-28", "2026-03-01")


def test_clicks_and_the_messages_that_count_for_them_are_counted() -> None:
    assert counted([click(0), says(1), replies(2), click(50, "tt-2"), says(51)]) == {"clicks": 2, "messages": 3}


def test_messages_without_a_click_are_not_counted() -> None:
    """As little as possible for the many who never came through an ad."""
    assert counted([says(0), replies(1), presses(2), order(3)]) == {}


def test_what_overtook_its_click_is_counted_with_it() -> None:
    story: Story = [says(1, arrives=1), order(2, arrives=2), click(0, arrives=3)]
    assert counted(story) == {"clicks": 1, "messages": 1, "orders": 1}


def test_each_act_counts_on_its_own_day_not_on_that_of_its_arrival() -> None:
    late: Story = [click(0), says(1), says(86_400, arrives=3 * DAY)]
    assert by_day(late) == {"2026-09-21 clicks": 1, "2026-09-21 messages": 1, "2026-09-22 messages": 1}


def test_a_link_that_is_no_tiktok_click_is_counted_once() -> None:
    ad = click(0, "promo", source="ADS")
    assert counted([ad, ad]) == {"reason:ref_not_tiktok": 1}
    assert counted([click(-60), says(-50), ad, ad]) == {"clicks": 1, "messages": 1, "reason:ref_not_tiktok": 1}


def test_a_press_before_its_click_is_counted_once_however_much_follows() -> None:
    story: Story = [presses(1, arrives=1), click(0, arrives=2), replies(3), replies(4), says(5)]
    assert counted(story) == {"clicks": 1, "messages": 3, "reason:get_started_before_click": 1}


def test_what_comes_after_seven_days_is_counted_as_too_late() -> None:
    late = 7 * DAY + 1
    assert counted([click(0), says(late)]) == {"clicks": 1, "reason:click_expired": 1}
    assert counted([click(0), order(late)]) == {"clicks": 1, "reason:click_expired": 1}


def test_what_only_waits_is_no_loss() -> None:
    assert counted([click(0), *talk(1, "cpc"), order(9)]) == {"clicks": 1, "messages": 3, "orders": 1}


def test_an_order_counts_once_in_each_number_however_often_it_is_pushed() -> None:
    pushes: list[Fact] = [
        order(10, updated=u, confirmed=20 if u >= 20 else None, shipped=30 if u >= 30 else None)
        for u in (10, 20, 25, 30, 40, 50)
    ]
    expected = {"clicks": 1, "orders": 1, "orders_confirmed_in_time": 1, "orders_shipped_in_time": 1}
    assert counted([click(0), *pushes, *pushes]) == expected
    assert counted([click(0), *reversed(pushes)]) == expected


@pytest.mark.parametrize(("moment", "ending"), [(7 * DAY, "in_time"), (7 * DAY + 0.001, "late")])
def test_whether_an_order_is_in_time_is_decided_by_its_clicks_seven_days(moment: float, ending: str) -> None:
    found = counted([click(0), order(HOUR, updated=8 * DAY, confirmed=moment, shipped=moment)])
    assert found[f"orders_confirmed_{ending}"] == found[f"orders_shipped_{ending}"] == 1
    assert found.get("reason:click_expired", 0) == (ending == "late")


def test_an_older_push_corrects_what_was_counted() -> None:
    """Only then does it turn out that the order was confirmed in time."""
    late = order(10, updated=8 * DAY, confirmed=8 * DAY)
    older = order(10, updated=HOUR, confirmed=HOUR, arrives=8 * DAY + 60)
    found = counted([click(0), late, older])
    assert found["orders_confirmed_in_time"] == 1
    assert "orders_confirmed_late" not in found


def test_an_order_that_stays_cancelled_is_counted_once_though_it_lacks_both_events() -> None:
    pushes = [order(10, updated=u, cancelled=True, shipped=u if u > 20 else None) for u in (20, 30, 40)]
    assert counted([click(0), *pushes])["reason:order_cancelled"] == 1


def test_an_order_that_is_cancelled_between_its_events_is_counted_once() -> None:
    pushes = [order(10), order(10, updated=20, cancelled=True), order(10, updated=30, confirmed=30, cancelled=True)]
    assert counted([click(0), *pushes])["reason:order_cancelled"] == 1


def test_two_cancelled_orders_are_counted_as_two() -> None:
    pushes = [order(10, each, cancelled=True) for each in ("o-1", "o-2")]
    assert counted([click(0), *pushes])["reason:order_cancelled"] == 2


def test_an_order_is_counted_for_each_reason_that_stops_an_event_of_it() -> None:
    """It was confirmed too late, and then cancelled."""
    pushes = [
        order(10),
        order(10, updated=8 * DAY, confirmed=8 * DAY),
        order(10, updated=9 * DAY, confirmed=8 * DAY, cancelled=True),
    ]
    found = counted([click(0), *pushes])
    assert (found["reason:click_expired"], found["reason:order_cancelled"]) == (1, 1)


def test_what_a_changed_choice_leaves_behind_is_counted_once() -> None:
    """It waited for its shipment when the seller chose the confirmation, which had been before."""
    story: Story = [
        click(0),
        order(10, updated=20, confirmed=20),
        Choose(ms(30), "order_confirmed"),
        order(10, updated=40, confirmed=20),
        order(10, updated=50, confirmed=20),
    ]
    assert counted(story, first_choice="order_shipped")["reason:before_choice"] == 1


def test_an_order_before_its_click_is_counted_once_though_it_lacks_both_events() -> None:
    story: Story = [click(MINUTE), order(0, updated=70), order(0, updated=80, confirmed=80)]
    assert counted(story) == {"clicks": 1, "reason:order_before_click": 1}


@given(facts, books)
def test_the_numbers_equal_a_recount_of_where_a_history_ends(history: list[Fact], book: Rulebook) -> None:
    """Counted fact by fact, or once at the end: the same."""
    state, sums = Conversation(), Counter[tuple[str, str]]()
    for fact in history:
        outcome = decide(CONVERSATION, state, fact, book)
        for tally in tallies(state, outcome, book.terms):
            sums[day(tally.at), tally.field] += tally.amount
        state = outcome.state

    recount = Counter((day(each.at), "clicks") for each in state.clicks)
    for each in state.orders:
        if each.click_at is None:
            continue
        recount[day(each.created_at), "orders"] += 1
        for at, name in ((each.confirmed_at, "confirmed"), (each.shipped_at, "shipped")):
            if at is not None:
                ending = "in_time" if at - each.click_at <= CLICK_LIVES_MS else "late"
                recount[day(at), f"orders_{name}_{ending}"] += 1
    shown = {place: number for place, number in sums.items() if number and not place[1].startswith(("reason", "mess"))}
    assert shown == recount
    messages = sum(number for (_, field), number in sums.items() if field == "messages")
    assert messages == sum(each.from_customer + each.from_page for each in state.clicks)
    assert {field for _, field in sums if field.startswith("reason:")} <= {f"reason:{each}" for each in OBSTACLES}


@given(facts, books, st.data())
def test_what_is_delivered_again_adds_nothing(history: list[Fact], book: Rulebook, data: st.DataObject) -> None:
    state = Conversation()
    for fact in history:
        state = decide(CONVERSATION, state, fact, book).state
    for fact in data.draw(st.lists(st.sampled_from(history), max_size=10)) if history else []:
        outcome = decide(CONVERSATION, state, fact, book)
        assert tallies(state, outcome, book.terms) == ()
        state = outcome.state
