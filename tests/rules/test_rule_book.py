"""The rule book, sentence by sentence. Each case quotes its rule, tells a story and says what must have fired.

Times are seconds since the story's beginning. `why` is the reason that the last fact of the story got, by event (or
None where the reason concerns the fact itself).
"""

from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.rules.stories import (
    DAY,
    HOUR,
    MINUTE,
    MS,
    Step,
    Story,
    chooses,
    click,
    order,
    presses,
    presses_with_ref,
    replies,
    says,
    talk,
    tell,
)

WEEK = 7 * DAY
VALID_TALK = "cpcpcc"


class Case(Struct, frozen=True):
    """One sentence of the rule book, as a story."""

    rule: str
    promise: str
    story: Story
    fires: list[tuple[str, float]]
    why: dict[str | None, str] = {}
    given: dict[str, Any] = {}


def conversation(at: float) -> tuple[str, float]:
    return ("Conversation", at)


def valid(at: float) -> tuple[str, float]:
    return ("ValidConversation", at)


def checkout(at: float) -> tuple[str, float]:
    return ("InitiateCheckout", at)


def payment(at: float) -> tuple[str, float]:
    return ("CompletePayment", at)


CASES = [
    # Rule 1: what a TikTok click is
    Case("1", "a referral with any ref is a click by default", [click(0), says(5)], [conversation(5)]),
    Case("1", "source ADS is Meta's own ad", [click(0, source="ADS"), says(5)], [], {None: "no_click"}),
    Case("1", "the reason for Meta's ad is kept", [click(0, source="ADS")], [], {None: "ref_not_tiktok"}),
    Case("1", "an empty ref is no click", [click(0, ref="")], [], {None: "ref_not_tiktok"}),
    Case("1", "a missing ref is no click", [click(0, ref=None)], [], {None: "ref_not_tiktok"}),
    Case(
        "1",
        "a ref that the recogniser does not know is no click",
        [click(0, ref="facebook-7"), says(5)],
        [],
        given={"ref_pattern": "^tt-"},
    ),
    Case(
        "1",
        "sources other than ADS are not judged",
        [click(0, source="CUSTOMER_CHAT_PLUGIN"), says(5)],
        [conversation(5)],
    ),
    # Rule 2: the three doors
    Case("2", "alone, then a message", [click(0), says(1)], [conversation(1)]),
    Case("2", "inside a Get Started press", [presses_with_ref(0)], [conversation(0)]),
    Case("2", "inside a message", [click(3), says(3)], [conversation(3)]),
    # Rule 3: one click or two
    Case("3", "the same click twice is one", [click(0), says(1), click(0), says(2)], [conversation(1)]),
    Case("3", "the second is told so", [click(0), click(0)], [], {None: "duplicate"}),
    Case(
        "3",
        "another time is another click",
        [click(0), says(1), click(10), says(11)],
        [conversation(1), conversation(11)],
    ),
    Case(
        "3",
        "another ref at the same time is another click",
        [click(0, "tt-1"), click(0, "tt-2"), says(1)],
        [conversation(1)],
    ),
    Case(
        "3",
        "a returning customer goes through all events again",
        [click(0), talk(1, VALID_TALK), click(DAY), talk(DAY + 1, VALID_TALK)],
        [conversation(1), valid(6), conversation(DAY + 1), valid(DAY + 6)],
    ),
    # Rule 4: belonging
    Case(
        "4",
        "a message belongs to the newest click not later than it",
        [click(0), click(10), says(11), says(5)],
        [conversation(11), conversation(5)],
    ),
    Case("4", "a message at the very time of the click belongs to it", [click(5), says(5)], [conversation(5)]),
    Case("4", "a message before the click does not", [click(5), says(5 - MS)], [], {None: "no_click"}),
    Case(
        "4",
        "an order belongs to the newest click not later than its creation",
        [click(0, "tt-1"), click(10, "tt-2"), order(9)],
        [checkout(9)],
    ),
    Case(
        "4",
        "an order keeps its click when a newer one comes",
        [click(0), order(5), click(10), order(5, updated=20, confirmed=20)],
        [checkout(5), payment(20)],
    ),
    # Rule 5: seven days
    Case("5", "7 days minus 1 ms is in time", [click(0), says(WEEK - MS)], [conversation(WEEK - MS)]),
    Case("5", "exactly 7 days is in time", [click(0), says(WEEK)], [conversation(WEEK)]),
    Case("5", "7 days plus 1 ms is not", [click(0), says(WEEK + MS)], [], {None: "click_expired"}),
    Case(
        "5",
        "late delivery of what happened in time still fires",
        [click(0), says(WEEK, arrives=WEEK + 36 * HOUR)],
        [conversation(WEEK)],
    ),
    Case(
        "5",
        "after seven days nothing fires, whatever happens",
        [click(0), talk(WEEK + 1, VALID_TALK), order(WEEK + 9, confirmed=WEEK + 9)],
        [],
        {"InitiateCheckout": "click_expired", "CompletePayment": "click_expired"},
    ),
    Case(
        "5",
        "ValidConversation at exactly 7 days",
        [click(0), talk(1, "cpcpc"), says(WEEK)],
        [conversation(1), valid(WEEK)],
    ),
    Case("5", "and not 1 ms later", [click(0), talk(1, "cpcpc"), says(WEEK + MS)], [conversation(1)]),
    # The table of events
    Case("table", "Conversation needs the customer: page messages alone do not", [click(0), talk(1, "pppppp")], []),
    Case(
        "table",
        "the reason then",
        [click(0), replies(1)],
        [],
        {"Conversation": "awaiting_customer_message", "ValidConversation": "awaiting_messages"},
    ),
    Case("table", "Conversation fires once per click", [click(0), talk(1, "cc")], [conversation(1)]),
    Case(
        "table",
        "and says so the second time",
        [click(0), talk(1, "cc")],
        [conversation(1)],
        {"Conversation": "already_fired"},
    ),
    Case(
        "table",
        "both sides count for ValidConversation",
        [click(0), talk(1, "cppppc")],
        [conversation(1), valid(6)],
    ),
    Case(
        "table",
        "ValidConversation fires once per click",
        [click(0), talk(1, "cccccccc")],
        [conversation(1), valid(6)],
    ),
    Case("table", "InitiateCheckout fires when the order is created", [click(0), order(9)], [checkout(9)]),
    Case(
        "table",
        "every order of the conversation fires its own",
        [click(0), order(9, "1"), order(10, "2")],
        [checkout(9), checkout(10)],
    ),
    Case(
        "table",
        "CompletePayment when the order is confirmed, if that was chosen",
        [click(0), order(9), order(9, updated=20, confirmed=19)],
        [checkout(9), payment(19)],
    ),
    Case(
        "table",
        "CompletePayment when the order is shipped, if that was chosen",
        [click(0), order(9), order(9, updated=20, shipped=19)],
        [checkout(9), payment(19)],
        given={"first_choice": "order_shipped"},
    ),
    Case(
        "table",
        "no message is needed for an order's events",
        [click(0), order(9, confirmed=9)],
        [checkout(9), payment(9)],
    ),
    # Rule 6: Get Started
    Case(
        "6",
        "a press that arrives before the click does not count",
        [presses(5), click(4)],
        [],
        {"Conversation": "get_started_before_click"},
    ),
    Case("6", "whatever its time", [presses(5), click(6)], [], {"Conversation": "get_started_before_click"}),
    Case("6", "the customer has to send one more message", [presses(5), click(4), says(7)], [conversation(7)]),
    Case(
        "6",
        "and the press is not among the five",
        [presses(5), click(4), talk(7, "cpcpc"), says(20)],
        [conversation(7), valid(20)],
    ),
    Case("6", "a press after the click counts", [click(4), presses(5)], [conversation(5)]),
    Case("6", "a press that carries the referral counts at once", [presses_with_ref(5)], [conversation(5)]),
    Case(
        "6",
        "the same press delivered again after the click still does not count",
        [presses(5, "m_press"), click(4), presses(5, "m_press", arrives=60)],
        [],
        {None: "duplicate"},
    ),
    Case("6", "without a click the press is told why", [presses(5)], [], {None: "get_started_before_click"}),
    # Rule 7: out of order
    Case(
        "7",
        "a message delivered before its click's webhook counts once the click is recorded",
        [says(5, arrives=6), click(4, arrives=6 + 9 * MINUTE)],
        [conversation(5)],
    ),
    Case(
        "7",
        "up to exactly 10 minutes",
        [says(5, arrives=6), click(4, arrives=6 + 10 * MINUTE)],
        [conversation(5)],
    ),
    Case("7", "not 1 ms more", [says(5, arrives=6), click(4, arrives=6 + 10 * MINUTE + MS)], []),
    Case("7", "a message that happened before the click does not", [says(3, arrives=6), click(4, arrives=7)], []),
    Case(
        "7",
        "a whole conversation may overtake its click",
        [talk(5, VALID_TALK), click(4, arrives=20)],
        [conversation(5), valid(10)],
    ),
    Case(
        "7",
        "an order may overtake its click",
        [order(5, confirmed=5, arrives=6), click(4, arrives=7)],
        [checkout(5), payment(5)],
    ),
    Case(
        "7",
        "by up to exactly 10 minutes",
        [order(5, arrives=6), click(4, arrives=6 + 10 * MINUTE)],
        [checkout(5)],
    ),
    Case(
        "7",
        "but not by more than 10 minutes",
        [order(5, confirmed=5, arrives=6), click(4, arrives=6 + 10 * MINUTE + MS)],
        [],
    ),
    Case(
        "7",
        "a message that an older living click has counted stays there",
        [click(0, "tt-1"), says(11), click(10, "tt-2", arrives=12)],
        [conversation(11)],
        {"Conversation": "awaiting_customer_message"},
    ),
    Case(
        "7",
        "a message that one late click has counted is not counted by the next",
        [says(11, arrives=12), click(5, "tt-1", arrives=13), click(10, "tt-2", arrives=14)],
        [conversation(11)],
        {"Conversation": "awaiting_customer_message"},
    ),
    Case(
        "6",
        "a press that came too early for one click is not held against the next",
        [presses(5), click(4, arrives=6), click(10)],
        [],
        {"Conversation": "awaiting_customer_message"},
    ),
    Case(
        "7",
        "a message after an older click's 7 days goes to the click it overtook",
        [click(0, "tt-1"), says(WEEK + 11), click(WEEK + 10, "tt-2", arrives=WEEK + 12)],
        [conversation(WEEK + 11)],
    ),
    Case(
        "7",
        "two clicks in the wrong order: each message goes to its own",
        [click(10, "tt-2"), says(11), says(5, arrives=12), click(4, "tt-1", arrives=13)],
        [conversation(11), conversation(5)],
    ),
    # Rule 8: five before it
    Case(
        "8",
        "the earliest is the 6th message",
        [click(0), talk(1, "ccccc")],
        [conversation(1)],
        {"ValidConversation": "awaiting_customer_after_five"},
    ),
    Case("8", "and fires with it", [click(0), talk(1, "cccccc")], [conversation(1), valid(6)]),
    Case(
        "8",
        "the 6th by the page does not fire",
        [click(0), talk(1, "cccccp")],
        [conversation(1)],
        {"ValidConversation": "awaiting_customer_after_five"},
    ),
    Case("8", "the customer's next one does", [click(0), talk(1, "cccccppc")], [conversation(1), valid(8)]),
    Case(
        "8",
        "the Get Started press is among the five",
        [presses_with_ref(0), talk(1, "pcpc"), says(9)],
        [conversation(0), valid(9)],
    ),
    Case(
        "8",
        "n of 5 is told",
        [click(0), talk(1, "cpc")],
        [conversation(1)],
        {"ValidConversation": "awaiting_messages"},
    ),
    Case(
        "8",
        "before it means by timestamp, not by arrival",
        [click(0), says(9), talk(1, "ppppp")],
        [conversation(9), valid(9)],
    ),
    Case(
        "8",
        "ties go by message id",
        [click(0), *(replies(1, f"m_{i}") for i in range(5)), says(1, "m_9")],
        [conversation(1), valid(1)],
    ),
    Case(
        "8",
        "a customer message that ties first is not the 6th",
        [click(0), says(1, "m_0"), *(replies(1, f"m_{i}") for i in range(1, 6))],
        [conversation(1)],
    ),
    # Rule 9: orders
    Case(
        "9",
        "an order created before every click never fires",
        [click(10), order(9, confirmed=20, updated=20)],
        [],
        {"InitiateCheckout": "order_before_click", "CompletePayment": "order_before_click"},
    ),
    Case("9", "nor without any click", [order(9)], [], {"InitiateCheckout": "no_click"}),
    Case(
        "9",
        "nothing fires for an order known to be cancelled",
        [click(0), order(9, cancelled=True, confirmed=9)],
        [],
        {"InitiateCheckout": "order_cancelled", "CompletePayment": "order_cancelled"},
    ),
    Case(
        "9",
        "a cancelled order does not complete",
        [click(0), order(9), order(9, updated=15, cancelled=True), order(9, updated=20, cancelled=True, confirmed=20)],
        [checkout(9)],
    ),
    Case("9", "created at exactly 7 days", [click(0), order(WEEK)], [checkout(WEEK)]),
    Case(
        "9",
        "created 1 ms later",
        [click(0), order(WEEK + MS)],
        [],
        {"InitiateCheckout": "click_expired"},
    ),
    Case(
        "9",
        "confirmed at exactly 7 days",
        [click(0), order(9), order(9, updated=WEEK, confirmed=WEEK)],
        [checkout(9), payment(WEEK)],
    ),
    Case(
        "9",
        "confirmed 1 ms later",
        [click(0), order(9), order(9, updated=WEEK + 1, confirmed=WEEK + MS)],
        [checkout(9)],
        {"CompletePayment": "click_expired"},
    ),
    Case(
        "9",
        "the time is the confirmation's, not the push's",
        [click(0), order(9), order(9, updated=WEEK + DAY, confirmed=WEEK)],
        [checkout(9), payment(WEEK)],
    ),
    Case(
        "9",
        "without confirmed_at it is the push in which it was first seen confirmed",
        [click(0), order(9), order(9, updated=30, confirmed=True), order(9, updated=40, confirmed=True)],
        [checkout(9), payment(30)],
    ),
    Case(
        "9",
        "a push in which it was confirmed earlier, delivered late, is in time",
        [
            click(0),
            order(9, updated=WEEK + 9, confirmed=True),
            order(9, updated=WEEK - 9, confirmed=True, arrives=WEEK + 10),
        ],
        [checkout(9), payment(WEEK - 9)],
    ),
    Case(
        "9",
        "shipped counts from its first live fulfilment",
        [click(0), order(9), order(9, updated=WEEK + 9, shipped=WEEK)],
        [checkout(9), payment(WEEK)],
        given={"first_choice": "order_shipped"},
    ),
    Case(
        "9",
        "what is missing is told: confirmation",
        [click(0), order(9)],
        [checkout(9)],
        {"CompletePayment": "awaiting_confirmation"},
    ),
    Case(
        "9",
        "what is missing is told: shipment",
        [click(0), order(9, confirmed=9)],
        [checkout(9)],
        {"CompletePayment": "awaiting_shipment"},
        {"first_choice": "order_shipped"},
    ),
    # Rule 10: pushes in any order
    Case(
        "10",
        "first seen confirmed fires both",
        [click(0), order(9, confirmed=12, updated=12)],
        [checkout(9), payment(12)],
    ),
    Case(
        "10",
        "first seen shipped fires both",
        [click(0), order(9, shipped=12, updated=12)],
        [checkout(9), payment(12)],
        given={"first_choice": "order_shipped"},
    ),
    Case(
        "10",
        "shipped before it is confirmed",
        [click(0), order(9, updated=12, shipped=12), order(9, updated=20, shipped=12, confirmed=20)],
        [checkout(9), payment(20)],
    ),
    Case(
        "10",
        "an older push never undoes a newer state",
        [click(0), order(9, updated=30, cancelled=True), order(9, updated=20, confirmed=20, arrives=40)],
        [],
        {"InitiateCheckout": "order_cancelled", "CompletePayment": "order_cancelled"},
    ),
    Case(
        "10",
        "what an older push shows to have happened did happen, though it is delivered late",
        [click(0), order(9, updated=30), order(9, updated=20, confirmed=20, arrives=40)],
        [checkout(9), payment(20)],
    ),
    Case(
        "10",
        "confirming twice fires once",
        [click(0), order(9, updated=20, confirmed=20), order(9, updated=30, confirmed=30)],
        [checkout(9), payment(20)],
    ),
    Case(
        "10",
        "three parcels fire once",
        [click(0), *(order(9, updated=20.0 + i, shipped=20) for i in range(3))],
        [checkout(9), payment(20)],
        given={"first_choice": "order_shipped"},
    ),
    Case(
        "10",
        "changing the choice in between fires once",
        [
            click(0),
            order(9, updated=20, confirmed=20),
            chooses(30, "order_shipped"),
            order(9, updated=40, confirmed=20, shipped=40),
        ],
        [checkout(9), payment(20)],
        {"CompletePayment": "already_fired"},
    ),
    # Rule 11: the choice
    Case(
        "11",
        "nothing fires for the past: confirmed before the choice",
        [
            click(0),
            order(9, updated=20, confirmed=20),
            chooses(30, "order_confirmed"),
            order(9, updated=40, confirmed=20, shipped=40),
        ],
        [checkout(9)],
        {"CompletePayment": "before_choice"},
        {"first_choice": "order_shipped"},
    ),
    Case(
        "11",
        "the new choice holds for what happens from then on",
        [click(0), order(9), chooses(30, "order_confirmed"), order(9, updated=40, confirmed=40)],
        [checkout(9), payment(40)],
        given={"first_choice": "order_shipped"},
    ),
    Case(
        "11",
        "what happened under the old choice and is delivered late fires by it",
        [click(0), order(9), chooses(30, "order_shipped"), order(9, updated=20, confirmed=20, arrives=40)],
        [checkout(9), payment(20)],
    ),
    Case(
        "11",
        "an order cancelled after it completed is not taken back",
        [click(0), order(9, updated=20, confirmed=20), order(9, updated=30, confirmed=20, cancelled=True)],
        [checkout(9), payment(20)],
        {"CompletePayment": "reversed_after_firing"},
    ),
    Case(
        "11",
        "nor is one that was returned, but it is told",
        [
            click(0),
            order(9, updated=20, confirmed=20),
            replace(order(9, updated=30, confirmed=20), returned=True),
        ],
        [checkout(9), payment(20)],
        {"CompletePayment": "reversed_after_firing"},
    ),
    # Rule 12: duplicates
    Case(
        "12",
        "the same message twice counts once",
        [click(0), says(1, "m"), says(1, "m")],
        [conversation(1)],
        {None: "duplicate"},
    ),
    Case(
        "12",
        "the same id by an echo counts once",
        [click(0), talk(1, "cpcp"), says(5, "m"), replies(5, "m"), replies(6)],
        [conversation(1)],
        {"ValidConversation": "awaiting_customer_after_five"},
    ),
    Case(
        "12",
        "a duplicate 36 hours later",
        [click(0), says(1, "m"), says(1, "m", arrives=36 * HOUR)],
        [conversation(1)],
        {None: "duplicate"},
    ),
    Case("12", "the same push twice", [click(0), order(9), order(9)], [checkout(9)], {None: "duplicate"}),
    # Words: what is a message
    Case("words", "other postbacks are not messages", [click(0), says(1, via="postback")], [], {None: "not_a_message"}),
    Case(
        "words",
        "unless COUNT_POSTBACKS=all",
        [click(0), says(1, via="postback")],
        [conversation(1)],
        given={"count_postbacks": True},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"rule {case.rule}: {case.promise}")
def test_rule(case: Case) -> None:
    """The story ends as the rule book says."""
    ending = tell(case.story, **case.given)

    assert ending.fired == case.fires
    assert {event: ending.reason(event) for event in case.why} == case.why


def test_events_carry_the_tracking_id_of_their_click() -> None:
    """Rules 1 and 4: the group `tracking_id` of the ref, or else the whole ref; an order keeps its click's."""
    story: list[Step] = [
        click(0, "a=1&ttclid=E.C.P_1"),
        order(5),
        click(10, "ttclid=other"),
        order(5, updated=20, confirmed=20),
        says(21),
    ]

    ending = tell(story, ref_pattern=r"ttclid=(?P<tracking_id>[^&]+)")

    assert [event.tracking_id for event in ending.events] == ["E.C.P_1", "E.C.P_1", "other"]
    assert [event.tracking_id for event in tell([click(0, "whole-ref"), says(1)]).events] == ["whole-ref"]


def test_the_raw_ref_is_kept() -> None:
    """Rule 1: whatever the recogniser takes from it."""
    ending = tell([click(0, "x-tt-7")], ref_pattern=r"tt-(?P<tracking_id>\d+)")

    assert (ending.state.clicks[0].ref, ending.state.clicks[0].tracking_id) == ("x-tt-7", "7")


def test_numbers_behind_a_reason() -> None:
    """Every reason brings the numbers it was decided on, and says them in both languages."""
    three = tell([click(0), talk(1, "cpc")]).answers[1]
    late = tell([click(0), says(7 * DAY + 2 * HOUR)]).answers[0]

    assert three.numbers == {"messages": 3, "needed": 5}
    assert three.sentence("en") == "3 of 5 messages of this click so far."
    assert three.sentence("vi") == "Mới có 3 trên 5 tin nhắn của lượt nhấp này."
    assert late.sentence("en") == "The click is older than 7 days (7 d 2 h)."


def test_a_click_counts_both_sides() -> None:
    """Support sees how many messages each side wrote for the click, Get Started included, duplicates not."""
    story: list[Step | tuple[Step, ...]] = [presses_with_ref(0), *talk(1, "cppc"), says(9, "m"), says(9, "m")]

    counted = tell(story).state.clicks[0]

    assert (counted.from_customer, counted.from_page) == (4, 2)


def test_clicks_are_kept_as_long_as_late_deliveries_may_come() -> None:
    """7 days and 48 hours before the newest click, to the millisecond."""
    nine_days = 9 * DAY

    assert len(tell([click(0), click(nine_days)]).state.clicks) == 2
    assert len(tell([click(0), click(nine_days + MS)]).state.clicks) == 1


def test_a_click_that_claims_to_be_of_the_future_pushes_no_live_one_out() -> None:
    """Somebody's clock is wrong by weeks: the customer's real click still counts."""
    ending = tell([click(0), click(30 * DAY, "tt-2", arrives=1), says(2)])
    assert ending.fired == [("Conversation", 2)]


def test_a_click_older_than_all_that_is_kept_says_so() -> None:
    """It is not recorded, and nothing can fire for it."""
    ending = tell([click(20 * DAY), click(0, arrives=20 * DAY)])

    assert ending.reason() == "click_expired"
    assert ending.answers[0].sentence("en") == "The click is older than 7 days (20 d 0 h)."
    assert len(ending.state.clicks) == 1


def test_a_click_with_fifty_newer_ones_says_so() -> None:
    """It is not recorded, however young it is; one that is also too old says that."""
    fifty, arrives = [click(9 * DAY + number) for number in range(50)], 9 * DAY + 50
    young = tell([*fifty, click(9 * DAY - MS, arrives=arrives)])
    assert young.reason() == "too_many_clicks"
    assert young.answers[0].sentence("en").startswith("There are 50 newer clicks")
    assert young.state == tell(fifty).state
    assert tell([*fifty, click(2 * DAY, arrives=arrives)]).reason() == "click_expired"
    assert tell([*fifty[1:], click(9 * DAY - MS)]).reason("Conversation") == "awaiting_customer_message"


def test_an_order_that_overtook_its_click_is_told_as_it_was() -> None:
    """Its timeline entry comes with the click, since there was none before."""
    push = order(5, confirmed=7, updated=7)

    told = tell([push, click(4, arrives=8)]).told

    assert [each.fact for each in told[1:]] == [replace(push, purchase=None)]
