"""Replaying what is remembered of a conversation: under its own book nothing changes, under another what it decides."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.clicks import Policy
from rules.decide import Rulebook, Told, decide
from rules.facts import Fact, OrderSeen
from rules.orders import Choice, CompletePaymentOn, Terms
from rules.replay import Difference, Recognition, beside, compare, compare_clicks, remembered, replay
from rules.standing import Standing, standings
from rules.state import OVERTAKING_MS, Conversation, Fired
from rules.times import utc
from tests.rules.stories import (
    BEGINNING,
    CONVERSATION,
    HOUR,
    MS,
    Choose,
    Story,
    chooses,
    click,
    flat,
    ms,
    order,
    presses,
    presses_with_ref,
    says,
    talk,
)
from tests.rules.test_properties import BOOKS, facts

NOW = ms(HOUR)


def book(choice: CompletePaymentOn = "order_confirmed", pattern: str = "tt-.+") -> Rulebook:
    """Return a rule book."""
    return Rulebook(Policy(re.compile(pattern)), Terms((Choice(0, choice),)))


def live(history: list[Fact], own: Rulebook) -> tuple[Conversation, list[Told]]:
    """Live a history; return the state and the timeline, which is written from the first click on."""
    state = Conversation()
    timeline: list[Told] = []
    for fact in history:
        outcome = decide(CONVERSATION, state, fact, own)
        state = outcome.state
        timeline += outcome.told if state.clicks else ()
    return state, timeline


def what_if(story: Story, other: Rulebook, own: Rulebook | None = None) -> dict[str, str]:
    """Live a story under its own book; return what another would do to which event."""
    own = own or book()
    return {each.event: each.effect for each in differences(story, other, own)}


def differences(story: Story, other: Rulebook, own: Rulebook) -> tuple[Difference, ...]:
    """Live a story under its own book, and compare with another."""
    state, timeline = live([step for step in flat(story) if not isinstance(step, Choose)], own)
    replayed = replay(CONVERSATION, remembered(state, timeline), other)
    return compare(stand(state, own), stand(replayed, other))


def stand(state: Conversation, own: Rulebook) -> tuple[Standing, ...]:
    """Return where the events of a conversation stand."""
    return standings(CONVERSATION, state, own.terms, NOW)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Draw a history in the order of its arrival, with short and long gaps."""
    drawn = draw(facts)
    gaps = draw(st.lists(st.sampled_from([1, 1_000, OVERTAKING_MS, OVERTAKING_MS + 1]), min_size=30, max_size=30))
    arrival = BEGINNING
    history: list[Fact] = []
    for fact, gap in zip(drawn, gaps, strict=False):
        arrival += gap
        history.append(replace(fact, received_at=arrival))
    return history


def is_remembered(history: list[Fact], own: Rulebook) -> bool:
    """Tell whether no order was pushed before the first click and again after it."""
    first = next((n for n in range(len(history)) if live(history[: n + 1], own)[0].clicks), len(history))
    before = {fact.order_id for fact in history[:first] if isinstance(fact, OrderSeen)}
    return not any(isinstance(fact, OrderSeen) and fact.order_id in before for fact in history[first:])


@given(histories(), st.sampled_from([*BOOKS, book("order_confirmed", "tt-1"), book("order_shipped", "tt-2")]))
def test_its_own_facts_under_its_own_book_give_its_own_standings(history: list[Fact], own: Rulebook) -> None:
    """Whatever arrived, in whatever order: nothing is a difference that no rule has made.

    Not so where nobody remembers what decided: what an order showed before the first click, and no longer after it.
    """
    assume(is_remembered(history, own))
    state, timeline = live(history, own)
    replayed = replay(CONVERSATION, remembered(state, timeline), own)

    assert [each for each in beside(stand(state, own), stand(replayed, own)) if each.was != each.would_be] == []
    assert compare_clicks(state, replayed) == ()


BOUGHT: Story = [click(0), *talk(1, "cpcpcpc"), order(10, confirmed=20, shipped=30, updated=30)]


def test_the_other_choice_fires_at_the_other_time() -> None:
    (moved,) = differences(BOUGHT, book("order_shipped"), book())
    assert (moved.event, moved.effect) == ("CompletePayment", "moved")
    assert moved.was is not None
    assert moved.would_be is not None
    assert (moved.was.fired, moved.would_be.fired) == (
        Fired("CompletePayment", ms(20), utc(ms(20))),
        Fired("CompletePayment", ms(30), utc(ms(30))),
    )
    assert moved.was.event_id == moved.would_be.event_id


def test_the_other_choice_would_not_fire_yet() -> None:
    story: Story = [click(0), says(1), order(10, confirmed=20)]
    assert what_if(story, book("order_shipped")) == {"CompletePayment": "lost"}
    assert what_if(story, book(), own=book("order_shipped")) == {"CompletePayment": "gained"}


def test_what_only_waits_for_something_else_is_another_reason() -> None:
    assert what_if([click(0), says(1), order(10)], book("order_shipped")) == {"CompletePayment": "reason"}


def test_a_choice_that_was_changed_in_between_is_tried_as_if_it_had_always_held() -> None:
    """Rule 11 fires nothing for the past; what if asks what would have been."""
    own = Rulebook(book().policy, Terms((Choice(0, "order_confirmed"), Choice(ms(25), "order_shipped"))))
    story: Story = [click(0), says(1), order(10, confirmed=20), chooses(25, "order_shipped")]
    assert what_if(story, book("order_shipped"), own) == {"CompletePayment": "lost"}


def test_another_recogniser_loses_the_click_and_all_that_was_its() -> None:
    effects = what_if(BOUGHT, book(pattern="other"))
    assert effects == dict.fromkeys(
        ("Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"), "lost"
    )


@pytest.mark.parametrize("opened", [[click(0, "fb-1"), says(1)], list(presses_with_ref(0, "fb-1"))])
def test_a_link_that_was_no_click_would_be_one_though_there_is_no_timeline(opened: Story) -> None:
    """Without a click nothing but the state tells of the conversation."""
    story: Story = [*opened, says(2)]
    state, timeline = live([step for step in flat(story) if not isinstance(step, Choose)], book())
    assert timeline == []
    replayed = replay(CONVERSATION, remembered(state, timeline), book(pattern="fb-(?P<tracking_id>.+)"))
    assert compare_clicks(state, replayed) == (Recognition(ms(0), "fb-1", None, "1"),)
    gained = {each.event: each.effect for each in compare(stand(state, book()), stand(replayed, book()))}
    assert gained["Conversation"] == "gained"


def test_get_started_before_the_link_still_does_not_count() -> None:
    """Rule 6 holds in a replay too."""
    story: Story = [presses(0), click(1, "fb-1"), *talk(2, "p")]
    assert what_if(story, book(pattern="fb-.+"))["Conversation"] == "reason"


def test_another_tracking_id_is_told_though_the_same_events_fire() -> None:
    own, other = book(), book(pattern="tt-(?P<tracking_id>.+)")
    state, timeline = live([click(0, "tt-9"), says(1)], own)
    replayed = replay(CONVERSATION, remembered(state, timeline), other)
    assert compare(stand(state, own), stand(replayed, other)) == ()
    assert compare_clicks(state, replayed) == (Recognition(ms(0), "tt-9", "tt-9", "9"),)


def test_a_longer_or_shorter_time_left_is_no_difference() -> None:
    later: Story = [click(0), says(1), click(MS, "fb-2")]
    assert "InitiateCheckout" not in what_if(later, book(pattern=".+"))


def test_an_order_from_before_every_click_is_not_forgotten() -> None:
    """It was pushed when there was no timeline yet; the state has it."""
    story: Story = [order(-10), click(0, arrives=700), says(1, arrives=701)]
    assert what_if(story, book()) == {}
