"""Event identity: made from business keys only, the same everywhere."""

from rules.events import Event, click_event_id, order_event_id
from rules.facts import ConversationId


def test_an_id_never_changes() -> None:
    """TikTok drops repeats by id for 48 hours, so a release must not change it: these two are fixed for ever."""
    conversation = ConversationId("900", "7101")

    assert click_event_id(conversation, "Conversation", 1_790_000_000_000, "tt-1") == (
        "Conversation-d77d939574a4dbcaa28e7db3fe108761"
    )
    assert (
        order_event_id(conversation, "CompletePayment", "1225410593")
        == "CompletePayment-28d40a7b035a42ad26dd7e81d2e60aa2"
    )


def test_every_part_counts() -> None:
    """Another page, customer, event, click time or ref is another event."""
    ids = {
        click_event_id(ConversationId("900", "7101"), "Conversation", 1, "r"),
        click_event_id(ConversationId("901", "7101"), "Conversation", 1, "r"),
        click_event_id(ConversationId("900", "7102"), "Conversation", 1, "r"),
        click_event_id(ConversationId("900", "7101"), "ValidConversation", 1, "r"),
        click_event_id(ConversationId("900", "7101"), "Conversation", 2, "r"),
        click_event_id(ConversationId("900", "7101"), "Conversation", 1, "s"),
    }

    assert len(ids) == 6


def test_parts_cannot_run_into_each_other() -> None:
    """Ids are opaque strings: moving a character from one to the next makes another event."""
    assert order_event_id(ConversationId("90", "07101"), "CompletePayment", "1") != order_event_id(
        ConversationId("900", "7101"), "CompletePayment", "1"
    )


def test_event_time_is_whole_seconds() -> None:
    """TikTok wants Unix seconds; the part of a second is cut off, never rounded into the future."""
    assert Event("Conversation", "id", 1_790_000_000_999, 0, "").event_time == 1_790_000_000
