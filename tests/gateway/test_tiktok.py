"""Events out to TikTok and answers back, as bytes and values."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.outbox import OutboxEntry
from gateway.tiktok import build_request
from gateway.tiktok_api import read_reply, redact
from gateway.wire_profile import WireProfile, load_wire_profile
from rules.delivery import Reply
from rules.facts import Purchase
from tests.gateway.wire import EMAIL, EVENT_SET, ORDER, PHONE, USER_123, entry

PROFILE = load_wire_profile(None)
NOW_S = 1_790_000_100


def request(*entries: OutboxEntry, profile: WireProfile = PROFILE) -> dict[str, Any]:
    """Build a request and read it as TikTok would."""
    return msgspec.json.decode(build_request(profile, EVENT_SET, entries, NOW_S), type=dict[str, Any])


def test_a_conversation_is_sent_as_documented() -> None:
    """The PSID goes out only as its SHA-256."""
    assert request(entry()) == {
        "event_source": PROFILE.event_source,
        "event_source_id": EVENT_SET,
        "data": [
            {
                "event": "Conversation",
                "event_time": 1_790_000_000,
                "event_id": "e-1",
                "user": {"external_id": [USER_123]},
                "ad": {"callback": "ad-click-7"},
            }
        ],
    }


def test_a_purchase_is_sent_as_documented() -> None:
    (item,) = request(ORDER)["data"]
    assert item["user"] == {"external_id": [USER_123], "phone": [PHONE], "email": [EMAIL]}
    assert item["properties"] == {
        "order_id": "100245",
        "content_type": "product",
        "currency": "VND",
        "value": 450000.5,
        "contents": [{"content_id": "SKU-1", "content_name": "Áo thun", "quantity": 2, "price": 225000.25}],
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("450000", b"450000"),
        ("450000.00", b"450000"),
        ("0", b"0"),
        ("0.10", b"0.1"),
        ("4.5E+5", b"450000"),
        ("-12.5", b"-12.5"),
        ("90071992547409931.07", b"90071992547409931.07"),
    ],
)
def test_money_is_a_json_number_with_every_digit(text: str, number: bytes) -> None:
    body = build_request(PROFILE, EVENT_SET, (entry(order_id="1", purchase=Purchase(text, "VND")),), NOW_S)
    assert b'"value":' + number + b"}" in body


def test_what_is_unknown_of_an_order_is_left_out() -> None:
    unpriced, empty = request(entry(order_id="1"), entry(order_id="1", purchase=Purchase("0", "VND")))["data"]
    assert unpriced["properties"] == {"order_id": "1", "content_type": "product"}
    assert empty["properties"] == {"order_id": "1", "content_type": "product", "currency": "VND", "value": 0}
    assert set(empty["user"]) == {"external_id"}


def test_no_event_lies_in_the_future() -> None:
    items = request(entry(at=(NOW_S + 60) * 1000), entry(at=NOW_S * 1000), entry(at=NOW_S * 1000 - 1))["data"]
    assert [item["event_time"] for item in items] == [NOW_S, NOW_S, NOW_S - 1]


def test_the_profile_decides_what_tiktok_does_not_publish() -> None:
    profile = replace(
        PROFILE,
        event_source="crm",
        event_names={**PROFILE.event_names, "Conversation": "Valid Conversation"},
        tracking_id_paths=("user.ttclid", "click_id", "context.ad.callback"),
        send_external_id=False,
    )
    sent = request(entry(), profile=profile)
    assert sent["event_source"] == "crm"
    assert sent["data"] == [
        {
            "event": "Valid Conversation",
            "event_time": 1_790_000_000,
            "event_id": "e-1",
            "user": {"ttclid": "ad-click-7"},
            "click_id": "ad-click-7",
            "context": {"ad": {"callback": "ad-click-7"}},
        }
    ]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"code":0,"message":"OK","request_id":"R","data":{}}', Reply("code", 0, 200, "OK", "R")),
        (200, b'{"code":0,"message":null,"data":null}', Reply("code", 0, 200, "", "LOG")),
        (500, b'{"code":50000,"message":"oops","request_id":"R"}', Reply("code", 50000, 500, "oops", "R")),
        (404, b'{"code":40400}', Reply("code", 40400, 404, "", "LOG")),
        (502, b"<html>user alice</html>", Reply("not_json", None, 502, "HTTP 502 without an answer of the API", "LOG")),
        (200, b"[]", Reply("not_json", None, 200, "HTTP 200 without an answer of the API", "LOG")),
        (200, b'{"code":"0"}', Reply("not_json", None, 200, "HTTP 200 without an answer of the API", "LOG")),
        (200, b"\xff", Reply("not_json", None, 200, "HTTP 200 without an answer of the API", "LOG")),
        (404, b"", Reply("http_error", None, 404, "HTTP 404 without an answer of the API", "LOG")),
        (307, b"", Reply("http_error", None, 307, "HTTP 307 without an answer of the API", "LOG")),
    ],
)
def test_only_an_envelope_is_an_answer(status: int, body: bytes, expected: Reply) -> None:
    assert read_reply(status, {"X-TT-LOGID": "LOG"}, body) == expected


def test_an_answer_without_any_request_id_is_read() -> None:
    assert read_reply(200, {}, b'{"code":0}') == Reply("code", 0, 200)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Batch.0.event_id: Not a valid string", "Batch.0.event_id: Not a valid string"),
        ("Batch.12.properties.contents.3.price", "Batch.12.properties.contents.3.price"),
        ("phone +84901234567 is not hashed", "phone <digits> is not hashed"),
        ("phone 090 123 45-67 is not hashed", "phone <digits> is not hashed"),
        ("event set 7351234567890123456", "event set <digits>"),
        (f"Unknown {PHONE}, {PHONE.upper()}", "Unknown <hash>, <hash>"),
        ("email Alice_abc@gmail.com, b@c.vn", "email <email> <email>"),
        ("Can't use 'Nguyễn Văn An' here", "Can't use <value> here"),
        ("Can't use 'O'Brien' here", "Can't use <value> here"),
        ('Value "Áo thun" or `x` or “y” refused', "Value <value> or <value> or <value> refused"),
        ("cut off: 'Nguyễn Vă", "cut off: <value>"),
        ("x " * 400, "x " * 150),
    ],
)
def test_what_tiktok_quotes_is_taken_out(said: str, kept: str) -> None:
    """TikTok's messages may repeat the value that they refuse."""
    assert redact(said) == kept
    assert read_reply(200, {}, msgspec.json.encode({"code": 40002, "message": said})).message == kept
