"""Where each event stands now, as support reads it."""

import pytest

from rules.events import EVENT_NAMES, EventName
from rules.orders import Choice, Terms
from rules.standing import Standing, standings
from rules.state import CLICK_LIVES_MS
from tests.rules.stories import BEGINNING, CONVERSATION, DAY, Step, Story, click, ms, order, presses, says, talk, tell

TERMS = Terms((Choice(0, "order_confirmed"),))


def stand(story: Story, *, now: float = 100, terms: Terms | None = TERMS) -> dict[EventName, Standing]:
    """Return the standing of each event after a story, of the newest click or order."""
    found = standings(CONVERSATION, tell(story).state, terms, ms(now))
    newest = {each.event: each for each in reversed(found)}
    return {name: newest[name] for name in EVENT_NAMES}


@pytest.mark.parametrize(
    ("story", "now", "reasons"),
    [
        ([], 0, ["no_click", "no_click", "no_click", "no_click"]),
        ([says(1)], 2, ["no_click", "no_click", "no_click", "no_click"]),
        ([presses(1)], 2, ["no_click"] * 4),
        ([click(0, source="ADS")], 2, ["ref_not_tiktok"] * 4),
        ([click(0, source="ADS"), presses(0), says(1)], 2, ["ref_not_tiktok"] * 4),
        ([click(0)], 2, ["awaiting_customer_message", "awaiting_messages", "awaiting_order", "awaiting_order"]),
        (
            [presses(1), click(0, arrives=2)],
            3,
            ["get_started_before_click", "awaiting_messages"] + ["awaiting_order"] * 2,
        ),
        ([click(0)], 7 * DAY, ["awaiting_customer_message", "awaiting_messages", "awaiting_order", "awaiting_order"]),
        ([click(0)], 7 * DAY + 1, ["click_expired"] * 4),
        (
            [click(0), talk(1, "cpcpp")],
            9,
            ["fired", "awaiting_customer_after_five", "awaiting_order", "awaiting_order"],
        ),
        ([click(0), talk(1, "cpcppc"), order(8)], 9, ["fired", "fired", "fired", "awaiting_confirmation"]),
        ([click(0), order(8)], 7 * DAY + 1, ["click_expired", "click_expired", "fired", "click_expired"]),
        (
            [click(0), order(8, cancelled=True)],
            9,
            ["awaiting_customer_message", "awaiting_messages"] + ["order_cancelled"] * 2,
        ),
        ([click(9), order(8)], 10, ["awaiting_customer_message", "awaiting_messages"] + ["order_before_click"] * 2),
        ([order(8)], 10, ["no_click"] * 4),
        (
            [order(8), click(7, arrives=620)],
            620,
            ["awaiting_customer_message", "awaiting_messages"] + ["order_delivered_too_early"] * 2,
        ),
        (
            [click(0), order(8), order(8, updated=9, cancelled=True)],
            10,
            ["awaiting_customer_message", "awaiting_messages", "reversed_after_firing", "order_cancelled"],
        ),
    ],
)
def test_every_event_has_a_standing(story: Story, now: float, reasons: list[str]) -> None:
    """Fired, or the one thing that is missing."""
    assert [each.answer.reason for each in stand(story, now=now).values()] == reasons


def test_until_when_it_can_still_happen() -> None:
    """Seven days after the click, for what has not fired."""
    found = stand([click(0), says(1)])

    assert found["ValidConversation"].until == BEGINNING + CLICK_LIVES_MS
    assert found["Conversation"].until is None


def test_what_can_no_longer_happen_has_no_until() -> None:
    """A cancelled order, or one of no click: the seller need not wait."""
    assert stand([click(0), order(8, cancelled=True)])["InitiateCheckout"].until is None
    assert stand([click(9), order(8)])["CompletePayment"].until is None
    assert stand([click(0), order(8)])["CompletePayment"].until == BEGINNING + CLICK_LIVES_MS


def test_an_order_confirmed_in_the_past_says_so_although_the_click_is_alive() -> None:
    """Rule 11: before the choice."""
    story: list[Step] = [click(0), order(5, updated=6, confirmed=6)]
    found = standings(
        CONVERSATION,
        tell(story, first_choice="order_shipped").state,
        Terms((Choice(0, "order_shipped"), Choice(ms(8), "order_confirmed"))),
        ms(9),
    )

    payment = next(each for each in found if each.event == "CompletePayment")
    assert (payment.answer.reason, payment.until) == ("before_choice", None)


def test_what_would_fire_only_if_it_came_again_has_not_fired() -> None:
    """The page was connected anew with the other choice: nothing fires for the past by itself (rule 11)."""
    told = tell([click(0), order(1, updated=2, confirmed=2)], first_choice="order_shipped").state
    standing = next(each for each in standings(CONVERSATION, told, TERMS, ms(9)) if each.event == "CompletePayment")
    assert (standing.answer.reason, standing.fired, standing.until) == ("before_choice", None, None)


def test_what_fired_is_linked_to_its_event() -> None:
    """The same id as in the delivery log."""
    ending = tell([click(0), says(1)])
    found = stand([click(0), says(1)])

    assert found["Conversation"].event_id == ending.events[0].event_id


def test_a_page_that_is_not_connected_says_so_for_what_has_not_fired() -> None:
    """Rule 13."""
    found = stand([click(0), says(1), order(5)], terms=None)

    assert [each.answer.reason for each in found.values()] == [
        "fired",
        "page_not_connected",
        "fired",
        "page_not_connected",
    ]


def test_the_newest_click_comes_first() -> None:
    """A returning customer's clicks are all shown."""
    found = standings(CONVERSATION, tell([click(0), click(50), says(51)]).state, TERMS, ms(60))

    assert [each.click_at for each in found if each.event == "Conversation"] == [ms(50), ms(0)]
