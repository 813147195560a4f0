"""How long a conversation is kept: by its last click, as the contract says."""

from rules.state import KEPT_WITH_CLICK_MS, KEPT_WITHOUT_CLICK_MS, Click, Conversation, keep_for
from rules.times import DAY_MS, HOUR_MS, utc

NOW = 1_790_000_000_000


def clicked(at: int) -> Conversation:
    """Make a conversation with a click at a time (ms, UTC)."""
    return Conversation(clicks=(Click(at, utc(at), "tt-1", "tt-1"),))


def test_a_conversation_is_kept_nine_days_after_its_last_click() -> None:
    assert keep_for(clicked(NOW), NOW) == 9 * DAY_MS == KEPT_WITH_CLICK_MS
    assert keep_for(clicked(NOW - 2 * DAY_MS), NOW) == 7 * DAY_MS


def test_without_a_click_or_with_one_long_past_it_is_kept_an_hour() -> None:
    assert keep_for(Conversation(), NOW) == HOUR_MS == KEPT_WITHOUT_CLICK_MS
    assert keep_for(clicked(NOW - 9 * DAY_MS), NOW) == HOUR_MS


def test_a_click_of_the_future_keeps_it_no_longer_than_one_of_now() -> None:
    """Its time is kept as it came, and may be nonsense; the store must not keep it for as many years."""
    assert keep_for(clicked(NOW + 70 * 365 * DAY_MS), NOW) == KEPT_WITH_CLICK_MS
