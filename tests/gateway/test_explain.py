"""What support sees at a terminal: why each event fired or did not, in a width that every terminal has."""

import io

import pytest
from rich.console import Console, RenderableType

from actors.connections import Connection
from actors.depth import Depth
from actors.timeline import Delivered, Entry, Happened
from actors.views import EventRow
from gateway.api.telling import tell_conversation, tell_entry
from gateway.explain import draw_conversation, draw_outbox, draw_timeline
from rules.catalogue import Language
from rules.orders import Choice
from rules.reasons import Answer
from rules.times import utc
from tests.rules.stories import CONVERSATION, DAY, HOUR, Story, click, ms, order, presses, says, talk, tell

CONNECTION = Connection("900", "1", "2", "3", "ciphertext", "order_confirmed", choices=(Choice(0, "order_confirmed"),))


def printed(picture: RenderableType, width: int = 80) -> str:
    """Print a picture on a terminal of this width."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(picture)
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    assert max(map(len, text.splitlines())) <= width
    return " ".join(text.split())


def explained(
    story: Story,
    *,
    language: Language = "en",
    at: float = HOUR,
    connection: Connection | None = CONNECTION,
    rows: dict[str, EventRow] | None = None,
) -> str:
    """Tell a story, and print where its conversation stands then."""
    state = tell(story).state
    shape = tell_conversation(CONVERSATION, state, connection, rows or {}, ms(at))
    return printed(draw_conversation(shape, language, ms(at)))


def row(event_id: str, **changes: object) -> EventRow:
    """Make the row of a fired event."""
    at = ms(1)
    fields: dict[str, object] = {
        "event": "Conversation",
        "event_id": event_id,
        "page_id": "900",
        "psid": "7101",
        "event_at": at,
        "event_at_utc": utc(at),
        "fired_at": at,
        "fired_at_utc": utc(at),
        "click_at": ms(0),
        "click_at_utc": utc(ms(0)),
        "tracking_id": "tt-1",
        "status": "queued",
        "reason": "queued",
        "attempts": 0,
    }
    return EventRow(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of a row


def test_what_is_missing_is_said_with_what_to_do_and_until_when() -> None:
    text = explained([click(0), *talk(1, "cpc")])
    assert "3 of 5 messages of this click so far." in text
    assert "→ Keep the conversation going." in text
    assert "Time left: 6 d 23 h" in text
    assert "Customer messages 2 · Page messages 1" in text


def test_the_same_is_said_in_vietnamese() -> None:
    text = explained([click(0), *talk(1, "cpc")], language="vi")
    assert "Mới có 3 trên 5 tin nhắn của lượt nhấp này." in text
    assert "→ Tiếp tục trò chuyện với khách." in text
    assert "Còn 6 ngày 23 giờ" in text


def test_a_get_started_press_before_the_click_says_that_one_more_message_is_needed() -> None:
    text = explained([presses(0), click(1)])
    assert "The customer pressed Get Started before the click was recorded" in text


def test_a_click_that_has_run_out_leaves_nothing_open() -> None:
    text = explained([click(0)], at=8 * DAY)
    assert "The click has run out" in text
    assert "○" not in text
    assert text.count("✘") == 4


def test_an_order_is_named_with_its_events() -> None:
    text = explained([click(0), says(1), order(10, "77")])
    assert "Initiate Order" in text
    assert "order 77" in text
    assert "Waiting for the order to be confirmed." in text


def test_what_became_of_a_fired_event_is_said() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    sent = row(event.event_id, status="sent", reason="sent", attempts=2, settled_at=ms(5), request_id="R1")
    text = explained(story, rows={event.event_id: sent})
    assert "✔ Conversation" in text
    assert "TikTok accepted the event. attempts 2" in text
    assert "request_id R1" in text


def test_a_rejection_is_said_with_tiktoks_code_and_what_to_do() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    rejected = row(
        event.event_id, status="rejected", reason="rejected", attempts=1, settled_at=ms(5), code=40002, message="bad"
    )
    text = explained(story, rows={event.event_id: rejected})
    assert "✘ Conversation" in text
    assert "TikTok 40002: bad" in text
    assert "→ See TikTok's code" in text


def test_a_page_that_may_not_send_is_the_first_thing_said() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    paused = Connection("900", "1", "2", "3", "x", "order_confirmed", paused=True, choices=CONNECTION.choices)
    text = explained(story, connection=paused, rows={event.event_id: row(event.event_id)})
    assert "‖ The page is paused" in text
    assert "‖ Conversation" in text
    assert "The page is not connected to TikTok." in explained(story, connection=None)


def test_what_was_sent_stays_sent_when_the_page_is_paused_later() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    paused = Connection("900", "1", "2", "3", "x", "order_confirmed", paused=True, choices=CONNECTION.choices)
    sent = row(event.event_id, status="sent", reason="sent", attempts=1, settled_at=ms(5))
    assert "✔ Conversation" in explained(story, connection=paused, rows={event.event_id: sent})


def test_another_link_is_shown_for_whoever_wonders_where_the_click_is() -> None:
    text = explained([click(0, "news", source="ADS")])
    assert "Last other link: ref news, ADS" in text
    assert "No click of a TikTok ad" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_width_is_enough(width: int) -> None:
    story: Story = [click(0, "tt-" + "x" * 60), *talk(1, "cpcpcpc"), order(10, "77", confirmed=20)]
    shape = tell_conversation(CONVERSATION, tell(story).state, CONNECTION, {}, ms(HOUR))
    assert "Valid Conversation" in printed(draw_conversation(shape, "vi", ms(HOUR)), width)


def test_a_timeline_tells_what_happened_in_its_order_with_what_followed() -> None:
    message, said_click = says(1), click(0)
    entries: list[Entry] = [
        Happened(message.at, utc(message.at), message, (Answer("Conversation", "fired"),)),
        Happened(said_click.at, utc(said_click.at), said_click, (Answer("Conversation", "awaiting_customer_message"),)),
        Delivered(ms(2), utc(ms(2)), "Conversation", "e", "retrying", "retrying", 1, 50000, "busy", "R"),
    ]
    shapes = [tell_entry(f"{number}-0", entry) for number, entry in enumerate(entries)]
    text = printed(draw_timeline(shapes, "en"))
    assert text.index("The customer clicked the TikTok ad") < text.index("The customer wrote") < text.index("attempt 1")
    assert "✔ Conversation: The event fired." in text
    assert "TikTok 50000: busy" in text


def test_the_outbox_says_what_waits_how_old_it_is_and_what_was_given_up() -> None:
    text = printed(draw_outbox([Depth("900", 3, ms(0), 2)], "en", ms(HOUR)))
    assert "900 │ 3 │ 1 h 0 min │ 2" in text
    assert printed(draw_outbox([Depth("900", 0, None, 0)], "en", ms(0))) == "Nothing waits, nothing was given up."
