"""What holds for every history, not only for the rule book's cases."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.clicks import Policy
from rules.decide import Outcome, Rulebook, decide
from rules.facts import Fact, Message, OrderSeen, Referral
from rules.messages import digest, with_seen
from rules.orders import Choice, Terms
from rules.state import CLICK_LIVES_MS, MAX_CLICKS, MAX_ORDERS, MAX_SEEN, MAX_WAITING, Conversation
from tests.rules.stories import BEGINNING, CONVERSATION, PURCHASE, click, talk, tell

BOOKS = [Rulebook(Policy(), Terms((Choice(0, choice),))) for choice in ("order_confirmed", "order_shipped")]
MOMENTS = st.one_of(
    st.integers(0, 60).map(lambda second: second * 1_000),
    st.sampled_from([CLICK_LIVES_MS - 1, CLICK_LIVES_MS, CLICK_LIVES_MS + 1]),
).map(lambda offset: BEGINNING + offset)
DELIVERED = BEGINNING + CLICK_LIVES_MS + 3_600_000

messages = st.builds(
    Message,
    at=MOMENTS,
    received_at=st.just(DELIVERED),
    mid=st.sampled_from([f"m_{i}" for i in range(12)]),
    author=st.sampled_from(["customer", "page"]),
)
referrals = st.builds(
    Referral,
    at=MOMENTS,
    received_at=st.just(DELIVERED),
    ref=st.sampled_from(["tt-1", "tt-2"]),
    source=st.just("SHORTLINK"),
)
presses = st.builds(
    Message,
    at=MOMENTS,
    received_at=st.just(DELIVERED),
    mid=st.sampled_from(["m_press_1", "m_press_2"]),
    author=st.just("customer"),
    via=st.just("get_started"),
)


@st.composite
def orders(draw: st.DrawFn, *, cancelled: st.SearchStrategy[bool]) -> OrderSeen:
    """Draw a push of one of two orders, which were created at fixed times."""
    number = draw(st.sampled_from([1, 2]))
    created_at = BEGINNING + number * 7_000
    updated_at = draw(MOMENTS)
    return OrderSeen(
        at=updated_at,
        received_at=DELIVERED,
        order_id=str(number),
        created_at=created_at,
        updated_at=updated_at,
        confirmed=draw(st.booleans()),
        cancelled=draw(cancelled),
        shipped_at=draw(st.none() | MOMENTS),
        purchase=PURCHASE,
    )


facts = st.lists(st.one_of(messages, referrals, presses, orders(cancelled=st.booleans())), max_size=30)
books = st.sampled_from(BOOKS)


def fold(history: list[Fact], book: Rulebook, state: Conversation | None = None) -> list[Outcome]:
    """Decide a history fact by fact."""
    outcomes = []
    state = state or Conversation()
    for fact in history:
        outcomes.append(decide(CONVERSATION, state, fact, book))
        state = outcomes[-1].state
    return outcomes


def fired_ids(outcomes: list[Outcome]) -> list[str]:
    """Return the ids of all that fired."""
    return [event.event_id for outcome in outcomes for event in outcome.events]


@st.composite
def one_click_and_what_followed(draw: st.DrawFn) -> list[Fact]:
    """Draw a history in which no message overtakes a click while an older one is alive, in any order of delivery.

    Message ids are unique here: a different message under a known id is not a history that Messenger can tell.
    """
    click = Referral(BEGINNING, DELIVERED, "tt-1", "SHORTLINK")
    said = draw(st.lists(messages, max_size=10, unique_by=lambda message: message.mid))
    pushes = draw(st.lists(monotone_orders(), max_size=6))
    return draw(st.permutations([click, *said, *pushes]))


@st.composite
def monotone_orders(draw: st.DrawFn) -> OrderSeen:
    """Draw a push of an order that only ever gets further: what is true at one time stays true."""
    push = draw(orders(cancelled=st.just(value=False)))
    confirmed_from, shipped_at = push.created_at + 10_000, push.created_at + 20_000
    return replace(
        push,
        confirmed=push.updated_at >= confirmed_from,
        shipped_at=shipped_at if push.updated_at >= shipped_at else None,
    )


@given(one_click_and_what_followed(), st.randoms(use_true_random=False), books)
def test_order_of_delivery_does_not_matter(history: list[Fact], random: object, book: Rulebook) -> None:
    """Rule 7: whether an event fires does not depend on the order of arrival."""
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert sorted(fired_ids(fold(history, book))) == sorted(fired_ids(fold(shuffled, book)))


@given(facts, books, st.data())
def test_duplicates_change_nothing(history: list[Fact], book: Rulebook, data: st.DataObject) -> None:
    """Rule 12: what was delivered before, delivered again at the end, fires nothing and leaves the state alone."""
    state = fold([*history], book)[-1].state if history else Conversation()
    again = data.draw(st.lists(st.sampled_from(history), max_size=10)) if history else []
    repeats = [fact for fact in again if not isinstance(fact, Referral) or fact.ref]

    for outcome in fold(repeats, book, state):
        assert outcome.events == ()
        assert outcome.state == state


@given(facts, books)
def test_nothing_fires_twice(history: list[Fact], book: Rulebook) -> None:
    """Once per click, once per order."""
    ids = fired_ids(fold(history, book))

    assert len(ids) == len(set(ids))


@given(facts, books)
def test_nothing_fires_outside_the_window(history: list[Fact], book: Rulebook) -> None:
    """Rule 5: every trigger time is within 7 days of the event's click, which is never later."""
    for outcome in fold(history, book):
        for event in outcome.events:
            assert event.at - event.click_at <= CLICK_LIVES_MS
            assert event.name == "CompletePayment" or event.at >= event.click_at


@given(facts, books)
def test_every_fact_gets_an_answer(history: list[Fact], book: Rulebook) -> None:
    """Every answer has a reason, and each event that fires is told once, where it is due."""
    for outcome in fold(history, book):
        said = [answer.event for told in outcome.told for answer in told.answers if answer.reason == "fired"]
        assert outcome.told
        assert all(told.answers for told in outcome.told)
        assert sorted(str(name) for name in said) == sorted(event.name for event in outcome.events)


@given(facts, books)
def test_deciding_is_a_function(history: list[Fact], book: Rulebook) -> None:
    """The same input gives the same outcome, also after the state has been to Redis and back."""
    for before, outcome, fact in zip(
        [Conversation(), *(each.state for each in fold(history, book))], fold(history, book), history, strict=False
    ):
        stored = msgspec.json.decode(msgspec.json.encode(before), type=Conversation)
        assert decide(CONVERSATION, stored, fact, book) == outcome


def test_state_stays_bounded_however_long_the_conversation() -> None:
    """Ten thousand facts of every kind leave a state of bounded size."""
    state = Conversation()
    for i in range(10_000):
        at = BEGINNING + i * 1_000
        kind: Fact = Message(at, at, f"m_{i:08d}_{'x' * 80}", "customer" if i % 3 else "page")
        if i % 20 == 0:
            kind = Referral(at, at, f"tt-{i}", "SHORTLINK")
        elif i % 7 == 0:
            kind = OrderSeen(at, at, str(i), at, at, purchase=PURCHASE)
        state = decide(CONVERSATION, state, kind, BOOKS[0]).state

    assert len(state.clicks) <= MAX_CLICKS
    assert len(state.orders) <= MAX_ORDERS
    assert len(state.seen) <= MAX_SEEN
    assert len(msgspec.json.encode(state)) < 100_000


def test_a_burst_without_a_click_stays_bounded_and_keeps_the_customers_newest() -> None:
    """Rule 7 asks to remember as little as makes it true: a flood by the page does not push the customer out."""
    state = Conversation()
    said = Message(BEGINNING, BEGINNING, "m_customer", "customer")
    flood: list[Fact] = [Message(BEGINNING + i, BEGINNING + i, f"m_{i}", "page") for i in range(1, 500)]
    state = fold([said, *flood], BOOKS[0], state)[-1].state

    assert len(state.waiting) <= MAX_WAITING
    assert [each.mid for each in state.waiting if each.author == "customer"] == ["m_customer"]


@pytest.mark.parametrize("authors", ["c" * 100, "c" * 6 + "p" * 94, "cp" * 50, "p" * 94 + "cccccc"])
@pytest.mark.parametrize("clicked_at", [0, 94.5])
def test_a_burst_does_not_change_what_a_click_before_or_near_its_end_fires(authors: str, clicked_at: float) -> None:
    """Rule 7: the messages in the middle decide nothing for a click before all of them, or for one just now."""
    said = talk(1, authors)

    assert tell([said, click(clicked_at, arrives=102)]).fired == tell([click(clicked_at), said]).fired


def test_the_newest_ids_are_remembered() -> None:
    """Rule 12: a conversation of more messages than are remembered still knows the newest."""
    state = Conversation()
    for i in range(MAX_SEEN + 50):
        state = with_seen(state, digest(f"m_{i}"))
    newest = Message(BEGINNING, BEGINNING, f"m_{MAX_SEEN + 49}", "customer")

    assert decide(CONVERSATION, state, newest, BOOKS[0]).told[0].answers[0].reason == "duplicate"
