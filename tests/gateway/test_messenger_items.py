"""One item of a Messenger webhook: who said it, and what counts as a message."""

import json

import pytest

from gateway.messenger import GetStarted, decode
from rules.facts import Addressed, ConversationId, Message, Referral
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


class TestWhoSaidIt:
    def test_a_message_is_the_customers(self) -> None:
        assert read(item(**said())).facts == (
            Addressed(ConversationId(PAGE, PSID), Message(AT, RECEIVED_AT, "m_A1", "customer")),
        )

    def test_an_echo_is_the_pages(self) -> None:
        (only,) = read(item(sender=PAGE, recipient=PSID, **said(is_echo=True))).facts
        assert only == Addressed(ConversationId(PAGE, PSID), Message(AT, RECEIVED_AT, "m_A1", "page"))

    def test_an_echo_whose_ends_are_not_swapped_is_the_pages_too(self) -> None:
        (only,) = read(item(**said(is_echo=True))).facts
        assert only == Addressed(ConversationId(PAGE, PSID), Message(AT, RECEIVED_AT, "m_A1", "page"))

    @pytest.mark.parametrize("is_echo", [True, "true", 1])
    def test_an_echo_may_be_spelled_in_several_ways(self, is_echo: object) -> None:
        assert only_message(item(**said(is_echo=is_echo))).author == "page"

    @pytest.mark.parametrize("is_echo", [False, None, "false", 0, [], {}])
    def test_anything_else_is_no_echo(self, is_echo: object) -> None:
        assert only_message(item(**said(is_echo=is_echo))).author == "customer"

    @pytest.mark.parametrize("content", [said(), pressed(), {"referral": AD}])
    @pytest.mark.parametrize(
        "ends",
        [
            {"recipient": {"id": PAGE}},
            {"recipient": {"id": "another page"}},
            {"sender": {"user_ref": 5}, "recipient": {"id": PAGE}},
            {"sender": {"id": PAGE}, "recipient": {"id": PAGE}},
            {"sender": {"id": ""}, "recipient": {"id": PAGE}},
            {"sender": {"id": True}, "recipient": {"id": PAGE}},
            {"sender": None},
            {},
        ],
    )
    def test_without_a_customer_nothing_counts(self, ends: dict[str, object], content: dict[str, object]) -> None:
        decoded = read({**ends, "timestamp": AT, **content})
        assert decoded.facts == ()
        assert decoded.ignored == {"unattributable": 1}

    def test_ids_may_be_integers_and_stay_exact(self) -> None:
        page, psid = 90071992547409931, 123456789012345678901234567890
        (only,) = read(item(sender=psid, recipient=page, **said(mid=12)), id=page).facts
        assert only.conversation == ConversationId(str(page), str(psid))
        assert isinstance(only.fact, Message)
        assert only.fact.mid == "12"

    @pytest.mark.parametrize("page_id", [None, "", {}, 1.5, False])
    def test_an_entry_without_a_page_is_ignored(self, page_id: object) -> None:
        assert read(item(**said()), id=page_id).ignored == {"unattributable": 1}


class TestWhatIsAMessage:
    @pytest.mark.parametrize("extra", [{}, {"quick_reply": {"payload": "RED"}}, {"is_unsupported": True}])
    def test_whatever_the_customer_sends(self, extra: dict[str, object]) -> None:
        assert only_message(item(**said(**extra))).via == "message"

    def test_a_deleted_message_is_not(self) -> None:
        decoded = read(item(**said(is_deleted=True)))
        assert (decoded.facts, decoded.ignored) == ((), {"deleted": 1})

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("account_linking", "account_linking"),
            ("app_roles", "handover"),
            ("delivery", "delivery"),
            ("game_play", "game_play"),
            ("message_edit", "edit"),
            ("message_request", "message_request"),
            ("optin", "optin"),
            ("pass_thread_control", "handover"),
            ("policy_enforcement", "policy"),
            ("reaction", "reaction"),
            ("read", "read"),
            ("request_thread_control", "handover"),
            ("take_thread_control", "handover"),
            ("something_new", "unknown"),
        ],
    )
    def test_other_items_are_not(self, key: str, kind: str) -> None:
        decoded = read(item(**{key: {"mid": "m_1"}}))
        assert (decoded.facts, decoded.ignored) == ((), {kind: 1})

    def test_changes_are_not(self) -> None:
        assert read(changes=[{"field": "feed"}, {"field": "messages"}]).ignored == {"change": 2}

    @pytest.mark.parametrize("vendor_object", ["instagram", "whatsapp_business_account", None, 1])
    def test_nothing_of_another_object_is(self, vendor_object: object) -> None:
        decoded = decode(
            json.dumps({"object": vendor_object, "entry": [{"id": PAGE, "messaging": [item(**said())]}]}).encode(),
            received_at=RECEIVED_AT,
        )
        assert (decoded.facts, decoded.ignored) == ((), {"foreign_object": 1})

    def test_the_dashboards_samples_are_not(self) -> None:
        decoded = read(item(recipient="0", **said()), id="0")
        assert (decoded.facts, decoded.ignored) == ((), {"dashboard_test": 1})


class TestGetStarted:
    @pytest.mark.parametrize("payload", ["GET_STARTED", "__GET_STARTED__", "get_started", "GetStarted", "getstarted"])
    def test_is_known_by_its_payload(self, payload: str) -> None:
        assert only_message(item(**pressed(title="whatever", payload=payload))).via == "get_started"

    @pytest.mark.parametrize("title", ["Get Started", "get started", " Bắt đầu", "BẮT ĐẦU", "Bat dau", "Bắt đầu"])
    @pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": ""}])
    def test_is_known_by_its_title_where_the_payload_is_missing(self, title: str, payload: dict[str, object]) -> None:
        assert only_message(item(**pressed(title=title, **payload))).via == "get_started"

    def test_is_known_by_the_referral_in_it_and_the_click_goes_first(self) -> None:
        assert facts(item(**pressed(title="Xin chao", payload="HELLO", referral=AD))) == [
            Referral(AT, RECEIVED_AT, "tt-abc_1", "SHORTLINK"),
            Message(AT, RECEIVED_AT, "m_A5", "customer", "get_started"),
        ]

    @pytest.mark.parametrize(
        "postback",
        [
            {"payload": "MENU"},
            {"title": "Get Started", "payload": "MENU"},
            {"title": "Gia"},
            {"title": "Get Started", "payload": {"a": 1}},
            {"title": ["Get Started"]},
            {"referral": {}, "payload": "MENU"},
            {"referral": None, "payload": "MENU"},
            {"referral": [], "payload": "MENU"},
            {},
        ],
    )
    def test_other_buttons_are_not_it(self, postback: dict[str, object]) -> None:
        assert only_message(item(**pressed(**postback))).via == "postback"

    def test_payload_and_titles_can_be_the_pages_own(self) -> None:
        own = GetStarted(payloads=("START_HERE",), titles=("Chào",))
        presses = [
            item(**pressed(payload="start_here")),
            item(**pressed(title="chào")),
            item(**pressed(payload="GET_STARTED")),
        ]
        decoded = decode(body(*presses), received_at=RECEIVED_AT, get_started=own)
        vias = [each.fact.via for each in decoded.facts if isinstance(each.fact, Message)]
        assert vias == ["get_started", "get_started", "postback"]
