"""What rules 2, 3 and 12 need of a Messenger webhook: clicks in their place, ids and times that stay the same."""

import json
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messenger import decode
from rules.facts import Fact, Message, Referral
from tests.gateway.messaging import (
    AD,
    AT,
    PAGE,
    PSID,
    RECEIVED_AT,
    body,
    facts,
    item,
    only_message,
    pressed,
    read,
    said,
)
from tests.gateway.service import serve
from tests.gateway.web import click, conversation, messenger_body, messenger_item, now_ms, post_messenger


class TestClicks:
    def test_come_alone(self) -> None:
        assert facts(item(referral=AD)) == [Referral(AT, RECEIVED_AT, "tt-abc_1", "SHORTLINK")]

    def test_come_inside_a_message_and_go_before_it(self) -> None:
        assert facts(item(**said(referral=AD))) == [
            Referral(AT, RECEIVED_AT, "tt-abc_1", "SHORTLINK"),
            Message(AT, RECEIVED_AT, "m_A1", "customer"),
        ]

    def test_do_not_come_inside_an_echo(self) -> None:
        assert only_message(item(**said(is_echo=True, referral=AD))).author == "page"

    def test_go_before_a_message_of_the_same_millisecond(self) -> None:
        other, hi, click = item(sender="7102", **said(mid="m_0")), item(**said()), item(referral=AD)
        later, hi_again = item(AT + 1, referral=AD), item(**said(mid="m_A2"))
        decoded = read(other, hi, later, hi_again, click)
        found = [(each.conversation.psid, type(each.fact), each.fact.at - AT) for each in decoded.facts]
        assert found == [
            ("7102", Message, 0),
            (PSID, Referral, 0),
            (PSID, Message, 0),
            (PSID, Referral, 1),
            (PSID, Message, 0),
        ]

    def test_of_meta_ads_keep_their_source(self) -> None:
        assert facts(item(referral={"ref": "x", "source": "ADS", "ad_id": "1"})) == [
            Referral(AT, RECEIVED_AT, "x", "ADS")
        ]

    @pytest.mark.parametrize("ref", [None, "", [], 1.5, True])
    def test_may_lack_a_ref(self, ref: object) -> None:
        assert facts(item(referral={"ref": ref, "source": "SHORTLINK"})) == [
            Referral(AT, RECEIVED_AT, None, "SHORTLINK")
        ]

    def test_keep_2083_characters_of_their_ref(self) -> None:
        (referral,) = facts(item(referral={"ref": "x" * 3_000}))
        assert isinstance(referral, Referral)
        assert referral.ref == "x" * 2_083

    def test_survive_broken_text_beside_the_ref(self) -> None:
        """Meta cuts titles of ads in the middle of an emoji."""
        raw = body(item(**said(text="CUT", referral={**AD, "ads_context_data": {"ad_title": "CUT"}})))
        decoded = decode(raw.replace(b"CUT", b"\\ud83d"), received_at=RECEIVED_AT)
        assert [type(each.fact) for each in decoded.facts] == [Referral, Message]


def act(kind: str, at: int, number: int) -> dict[str, object]:
    """Make an item of what the customer does, with an id of its own."""
    contents: dict[str, dict[str, object]] = {
        "click": {"referral": {**AD, "ref": f"tt-{number}"}},
        "message": said(mid=f"m_{number}"),
        "Get Started": pressed(mid=f"m_{number}", payload="GET_STARTED"),
        "menu": pressed(mid=f"m_{number}", payload="SIZES"),
    }
    return item(AT + at, **contents.get(kind, {}))


Acts: TypeAlias = list[tuple[str, int]]
acts = st.lists(st.tuples(st.sampled_from(["click", "message", "Get Started", "menu"]), st.integers(0, 2)), max_size=8)
"""What one customer does, within three milliseconds."""


def told(done: Acts, *, count_postbacks: bool = False) -> list[Fact]:
    """Give the facts of a POST with these acts, without presses that do not count."""
    raw = body(*(act(kind, at, number) for number, (kind, at) in enumerate(done)))
    decoded = decode(raw, received_at=RECEIVED_AT, count_postbacks=count_postbacks)
    found = [each.fact for each in decoded.facts]
    return [fact for fact in found if count_postbacks or not isinstance(fact, Message) or fact.via != "postback"]


class TestOrder:
    @given(acts, st.booleans())
    def test_a_click_goes_before_every_message_of_its_millisecond(self, done: Acts, count_postbacks: bool) -> None:  # noqa: FBT001  hypothesis draws it
        found = told(done, count_postbacks=count_postbacks)
        for place, fact in enumerate(found):
            earlier = {each.at for each in found[:place] if isinstance(each, Message)}
            assert not isinstance(fact, Referral) or fact.at not in earlier

    @given(acts)
    def test_clicks_of_one_millisecond_stay_in_their_order(self, done: Acts) -> None:
        clicks = [(fact.at, fact.ref) for fact in told(done) if isinstance(fact, Referral)]
        sent = [(AT + at, f"tt-{number}") for number, (kind, at) in enumerate(done) if kind == "click"]
        for at in range(AT, AT + 3):
            assert [click for click in clicks if click[0] == at] == [click for click in sent if click[0] == at]

    @given(acts)
    def test_a_press_that_does_not_count_changes_no_order(self, done: Acts) -> None:
        without = [(kind, at) if kind != "menu" else ("no act", at) for kind, at in done]
        assert told(done) == told(without)


async def test_where_every_press_counts_the_click_of_its_millisecond_has_it() -> None:
    """Although the press was delivered first, while an older click was alive."""
    async with serve(COUNT_POSTBACKS="all") as service:
        await service.connect()
        at = now_ms() - 1_000
        menu = messenger_item(timestamp=at, **pressed(payload="SIZES"))
        new = messenger_item(timestamp=at, referral=AD)
        assert await post_messenger(service.client, messenger_body(click("older"))) == 200
        assert await post_messenger(service.client, messenger_body(menu, new)) == 200
        found = await conversation(service.client)
    counted = {each["ref"]: each["messages_from_customer"] for each in (found or {})["clicks"]}
    assert counted == {AD["ref"]: 1, "older": 0}


class TestMessageIds:
    def test_are_cut_at_512_characters(self) -> None:
        assert only_message(item(**said(mid="m" * 600))).mid == "m" * 512

    @pytest.mark.parametrize("mid", [None, "", {}, True])
    def test_are_made_up_from_the_item_where_missing(self, mid: object) -> None:
        first = only_message(item(**said(mid=mid)))
        assert first.mid.startswith("item:")
        assert only_message(item(**said(text="khac", mid=mid))).mid != first.mid

    def test_made_up_ones_do_not_depend_on_how_the_item_is_written(self) -> None:
        plain = item(message={"text": "giá?", "seq": 1})
        turned = dict(reversed(plain.items()))
        as_utf8 = json.dumps(
            {"entry": [{"messaging": [turned], "id": PAGE}], "object": "page"}, ensure_ascii=False, indent=2
        ).encode()
        (again,) = decode(as_utf8, received_at=RECEIVED_AT + 3_600_000).facts
        assert isinstance(again.fact, Message)
        assert again.fact.mid == only_message(plain).mid

    def test_a_press_has_the_same_in_standby_where_its_payload_is_missing(self) -> None:
        press = only_message(item(postback={"title": "Get Started", "payload": "GET_STARTED"}))
        standby = only_message(standby=[item(postback={"title": "Get Started"})])
        assert press.mid == standby.mid
        assert only_message(item(AT + 1, postback={"payload": "GET_STARTED"})).mid != press.mid

    def test_a_press_without_any_time_has_the_same_on_every_delivery(self) -> None:
        press = item(None, postback={"payload": "GET_STARTED"})
        mids = [
            each.fact.mid
            for received_at in (RECEIVED_AT, RECEIVED_AT + 60_000)
            for each in decode(body(press, time=None), received_at=received_at).facts
            if isinstance(each.fact, Message)
        ]
        assert len(mids) == 2
        assert len(set(mids)) == 1


class TestTimes:
    @pytest.mark.parametrize("at", [1_760_000_001, "1760000001", "1760000001000", "2025-10-09T08:53:21Z"], ids=repr)
    def test_are_the_items_own(self, at: object) -> None:
        assert only_message(item(at, **said())).at == 1_760_000_001_000

    @pytest.mark.parametrize("at", [None, 0, -1, True, "soon", [], 1e300, 10**40])
    def test_are_the_entrys_where_the_item_has_none(self, at: object) -> None:
        assert only_message(item(at, **said()), time=1_760_000_002).at == 1_760_000_002_000

    def test_are_the_entrys_where_the_items_is_beyond_every_number(self) -> None:
        raw = body(item(7, **said())).replace(b'"timestamp": 7', b'"timestamp": 1e400')
        assert decode(raw, received_at=RECEIVED_AT).facts[0].fact.at == AT

    def test_of_an_entry_beyond_every_number_spoil_nothing(self) -> None:
        raw = body(item(**said()), time=7).replace(b'"time": 7', b'"time": 1e400')
        assert decode(raw, received_at=RECEIVED_AT).facts[0].fact.at == AT

    def test_are_the_receive_clocks_where_nobody_says(self) -> None:
        message = only_message(item(0, **said()), time=12_341)
        assert (message.at, message.suspect) == (RECEIVED_AT, False)

    @pytest.mark.parametrize(
        ("distance", "suspect"),
        [(600_000, False), (600_001, True), (-691_200_000, False), (-691_200_001, True)],
    )
    def test_are_kept_and_marked_where_they_cannot_be(self, distance: int, suspect: bool) -> None:  # noqa: FBT001
        at = RECEIVED_AT + distance
        assert [
            (each.at, each.suspect)
            for each in facts(item(at, **said(referral=AD)))
            if isinstance(each, Message | Referral)
        ] == [
            (at, suspect),
            (at, suspect),
        ]
