"""What support sees at a terminal: why each event fired or did not, in a width that every terminal has."""

import io
import re

import pytest
from msgspec.structs import replace
from rich.console import Console, RenderableType

from actors.connection import Connection
from actors.depth import Depth
from actors.finding import Found
from actors.timeline import Delivered, Entry, Happened
from actors.views import EventRow
from gateway.api.differences import (
    AlternativeShape,
    EventSumShape,
    PageWhatIfShape,
    WhatIfShape,
    tell_difference,
    tell_recognition,
)
from gateway.api.findings import tell_found
from gateway.api.shapes import TIKTOK_NAMES
from gateway.api.telling import tell_conversation, tell_entry
from gateway.explain import (
    draw_conversation,
    draw_found,
    draw_outbox,
    draw_page_what_if,
    draw_timeline,
    draw_what_if,
)
from gateway.pages.words import PHRASES
from gateway.time_zones import shop_time
from rules.catalogue import Language
from rules.clicks import Policy
from rules.decide import Rulebook
from rules.events import EVENT_NAMES
from rules.facts import Fact
from rules.orders import Choice, Terms
from rules.reasons import Answer
from rules.replay import beside, compare_clicks, replay
from rules.standing import standings
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


@pytest.mark.parametrize("language", ["vi", "en"])
def test_without_a_click_everything_is_still_possible_and_waiting_messages_are_counted(language: Language) -> None:
    shape = tell_conversation(CONVERSATION, tell([says(0), says(1)]).state, CONNECTION, {}, ms(HOUR))
    text = printed(draw_conversation(shape, language, ms(HOUR)), 160)
    assert (text.count("○"), text.count("✘")) == (4, 0)
    assert f"{PHRASES['conversation.waiting'].say(language)} 2" in text


def test_messages_that_a_click_counts_do_not_wait() -> None:
    assert PHRASES["conversation.waiting"].en not in explained([click(0), says(1)])


def test_an_order_is_named_with_its_events() -> None:
    text = explained([click(0), says(1), order(10, "77")])
    assert "Initiate Order" in text
    assert "order 77" in text
    assert "Waiting for the order to be confirmed." in text


def test_an_orders_events_bear_its_number_with_its_id_beside() -> None:
    bought: Story = [click(0), replace(order(10, "77", confirmed=20), order_number="#1001")]
    assert explained(bought).count("order #1001 (77)") == 2
    assert printed(draw_what_if(supposed(bought), "en"), 120).count("order #1001 (77)") == 2


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


def test_an_unknown_outcome_is_under_way_until_the_event_is_given_up() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    unknown = row(event.event_id, status="outcome_unknown", reason="outcome_unknown", attempts=1)
    text = explained(story, rows={event.event_id: unknown})
    assert "… Conversation" in text
    assert "its id is tried again for 47 hours only" in text
    text = explained(story, rows={event.event_id: replace(unknown, settled_at=ms(5))})
    assert "✘ Conversation" in text
    assert "TikTok may or may not have got it; it is not sent again" in text


def test_an_attempt_that_failed_says_what_came_instead_of_an_answer_and_when_it_is_tried_again() -> None:
    story: Story = [click(0), says(1)]
    (event,) = tell(story).events
    redirected = "HTTP 302 without an answer of the API"
    failed = row(event.event_id, status="retrying", reason="retrying", attempts=1, message=redirected)
    text = explained(story, rows={event.event_id: replace(failed, next_attempt_at=ms(60))})
    assert f"TikTok: {redirected}" in text
    assert "Next attempt 21 Sep 2026, 21:14:20" in text
    partial = replace(failed, status="sent", reason="sent", code=20001, message="partially successful")
    assert "✔ Conversation" in explained(story, rows={event.event_id: partial})
    assert "TikTok 20001: partially successful" in explained(story, rows={event.event_id: partial})


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
        Happened(message, (Answer("Conversation", "fired"),)),
        Happened(said_click, (Answer("Conversation", "awaiting_customer_message"),)),
        Delivered(ms(2), utc(ms(2)), "Conversation", "e", "retrying", "retrying", 1, 50000, "busy", "R"),
    ]
    shapes = [tell_entry(f"{number}-0", entry) for number, entry in enumerate(entries)]
    text = printed(draw_timeline(shapes, "en"))
    assert text.index("The customer clicked the TikTok ad") < text.index("The customer wrote") < text.index("attempt 1")
    assert "✔ Conversation: The event fired." in text
    assert "TikTok 50000: busy" in text


def test_an_attempt_says_of_which_order_or_click_its_event_is() -> None:
    """A click's time is on the shop's clock; what was stored before it was kept with the attempt does without."""
    of_click = Delivered(ms(2), utc(ms(2)), "Conversation", "e", "sent", "sent", 1, click_at=ms(0))
    of_order = replace(of_click, event="InitiateCheckout", order_id="77", order_number="#1001", click_at=None)
    without_number, earlier = replace(of_order, order_number=None), replace(of_click, click_at=None)
    given_up = replace(of_order, status="expired_unsent", reason="expired_unsent", attempt=0)
    entries = (of_click, of_order, without_number, earlier, given_up)
    shapes = [tell_entry(f"{number}-0", entry) for number, entry in enumerate(entries)]
    text = printed(draw_timeline(shapes, "en", shop_time("Asia/Tokyo")), 120)
    assert "Conversation to TikTok, attempt 1 (click 21 Sep 2026, 23:13:20) ✔" in text
    assert "Initiate Order to TikTok, attempt 1 (order #1001) ✔" in text
    assert "Initiate Order to TikTok, attempt 1 (order 77) ✔" in text
    assert "Conversation to TikTok, attempt 1 ✔" in text
    assert "Event Initiate Order (order #1001) ·" in text
    text = printed(draw_timeline(shapes, "vi", shop_time("Asia/Tokyo")), 120)
    assert "Gửi Conversation tới TikTok, lần 1 (lượt nhấp 21/09/2026 23:13:20) ✔" in text
    assert "Gửi Initiate Order tới TikTok, lần 1 (đơn hàng #1001) ✔" in text


def test_the_outbox_says_what_waits_how_old_it_is_and_what_was_given_up() -> None:
    text = printed(draw_outbox([Depth("900", 3, ms(0), 2)], "en", ms(HOUR)))
    assert "900 │ 3 │ 1 h 0 min │ 2" in text
    assert printed(draw_outbox([Depth("900", 0, None, 0)], "en", ms(0))) == "Nothing waits, nothing was given up."


def test_times_are_told_on_the_shops_clock_with_utc_beside() -> None:
    """The story begins at 14:13:20 UTC, 21:13:20 in Vietnam, 23:13:20 in Tokyo."""
    said_at = says(1)
    shape = tell_entry("1-0", Happened(said_at, ()))
    assert "21:13:21 │14:13:21 ◀" in printed(draw_timeline([shape], "vi"))
    state = tell([click(0), said_at]).state
    told = tell_conversation(CONVERSATION, state, CONNECTION, {}, ms(HOUR))
    assert "23:13:21 (14:13:21 UTC)" in printed(draw_conversation(told, "en", ms(HOUR), shop_time("Asia/Tokyo")))


def test_a_day_begins_at_the_shops_midnight_and_utc_is_marked_while_it_is_a_day_behind() -> None:
    late, later = says(2.7 * HOUR), says(2.8 * HOUR)
    shapes = [tell_entry(f"{n}-0", Happened(m, ())) for n, m in enumerate((late, later))]
    text = printed(draw_timeline(shapes, "en"))
    assert re.search(
        r"21 Sep 2026 UTC\+7 .* 23:55:20 │16:55:20 ◀ .* 22 Sep 2026 UTC\+7 .* 00:01:20 │17:01:20 -1 ◀", text
    )


def test_the_newest_can_be_on_top() -> None:
    newest: list[tuple[int, Fact]] = [(1, says(1)), (0, click(0))]
    shapes = [tell_entry(f"{n}-0", Happened(m, ())) for n, m in newest]
    text = printed(draw_timeline(shapes, "en", newest_first=True))
    assert text.index("The customer wrote") < text.index("clicked")


def supposed(story: Story, pattern: str = ".+") -> WhatIfShape:
    """Tell a story, and what it would be with another choice and recogniser."""
    state, own = tell(story).state, CONNECTION.terms
    facts = [step for step in story if not isinstance(step, tuple)]
    book = Rulebook(Policy(re.compile(pattern)), Terms((Choice(0, "order_shipped"),)))
    would_be = replay(CONVERSATION, facts, book)  # type: ignore[arg-type]  # no choice is made in these stories
    now = ms(HOUR)
    events = beside(standings(CONVERSATION, state, own, now), standings(CONVERSATION, would_be, book.terms, now))
    return WhatIfShape(
        page_id="900",
        psid="7101",
        alternative=AlternativeShape(complete_payment_on="order_shipped", ref_pattern=pattern),
        facts=len(facts),
        cut=True,
        changed=True,
        clicks=tuple(map(tell_recognition, compare_clicks(state, would_be))),
        events=tuple(map(tell_difference, events)),
    )


BOUGHT: Story = [click(0), says(1), order(10, "77", confirmed=20)]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_if_marks_the_differences_and_only_those(width: int) -> None:
    text = printed(draw_what_if(supposed(BOUGHT), "en"), width)
    assert text.count("= the same") == 3
    assert re.search(r" - Shopping", text)


def test_what_if_tells_what_was_and_what_would_be() -> None:
    text = printed(draw_what_if(supposed(BOUGHT), "en"), 200)
    assert re.search(r"- Shopping ✔ .*21:13:40 ○ Waiting for the order to have a delivery note", text)
    text = printed(draw_what_if(supposed(BOUGHT, "(?P<tracking_id>[0-9]+)"), "en"), 120)
    assert re.search(r"tt-1 tt-1 1", text)


def test_what_if_of_a_page_counts_and_names_the_command_that_goes_on() -> None:
    sums = tuple(
        EventSumShape(event=name, tiktok_name=TIKTOK_NAMES[name], was=12, would_be=9, gained=1, lost=4, moved=2)
        for name in EVENT_NAMES
    )
    told = supposed(BOUGHT)
    shape = PageWhatIfShape(
        page_id="900",
        alternative=told.alternative,
        since=ms(0),
        since_utc=utc(ms(0)),
        replayed=12,
        changed=30,
        cut=1,
        unreadable=1,
        clicks_gained=3,
        clicks_lost=0,
        clicks_renamed=1,
        events=sums,
        conversations=(told,) * 30,
    )
    for width in (40, 80, 120):
        printed(draw_page_what_if(shape, "vi", shop_time("Asia/Tokyo")), width)
    text = printed(draw_page_what_if(shape, "en"), 120)
    assert "Shopping 12 9 1 4 2" in text
    assert "+ 3 → 1" in text
    assert "7101 - Shopping" in text
    assert "… and 10 more" in text
    assert "whatif 900 7101 --choice order_shipped --ref-pattern .+" in text


def test_what_was_found_is_named_with_the_command_that_goes_on() -> None:
    found = tell_found([Found("event_id", "900", "7101", "Conversation-1", ms(0)), Found("page_id", "9 0 0")])
    text = printed(draw_found(found, "en"))
    assert "Event id page 900 · customer 7101 21 Sep 2026, 21:13:20 UTC+7 (14:13:20 UTC)" in text
    assert "event Conversation-1 → python -m gateway explain 900 7101" in text
    assert "Page page 9 0 0 → python -m gateway outbox '9 0 0'" in text
