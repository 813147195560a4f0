"""What TikTok documents of a request: each wrong field is refused with its code and its place."""

import pytest

from gateway.sandbox.checks import Answer, first_fault
from tests.gateway.wire import PHONE, envelope, item, without

SOURCES = ("web", "crm")


def test_a_request_as_documented_has_no_fault() -> None:
    assert first_fault(envelope(item(), without(item(), "event_id")), SOURCES) is None
    assert first_fault(envelope(*[item()] * 1000, event_source="crm"), SOURCES) is None


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (without(envelope(item()), "event_source"), 40002, "event_source: Missing data"),
        (without(envelope(item()), "event_source_id"), 40002, "event_source_id: Missing data"),
        (envelope(item(), event_source="telepathy"), 40002, "event_source: Must be one of"),
        (envelope(item(), event_source_id=7351234567890123456), 40002, "event_source_id: Not a valid string"),
        (envelope(item(), partner_name="Someone"), 40063, "partner_name"),
        (envelope(), 40002, "data: Not a valid list"),
        (without(envelope(), "data"), 40002, "data: Not a valid list"),
        (envelope(*[item()] * 1001), 40061, "Invalid batch size 1001"),
        ([], 40002, "not a JSON object"),
        (envelope("event"), 40002, "Batch.0: Not a valid object"),
        (envelope(without(item(), "event")), 40002, "Batch.0.event: Missing data"),
        (envelope(without(item(), "event_time")), 40002, "Batch.0.event_time: Missing data"),
        (envelope(item(event_time="1790000000")), 40002, "Batch.0.event_time: Not a valid Unix timestamp"),
        (envelope(item(event_time=1_790_000_000.5)), 40002, "Batch.0.event_time: Not a valid Unix timestamp"),
        (envelope(item(event_time=1_790_000_000_000)), 40002, "Batch.0.event_time: Not a valid Unix timestamp"),
        (envelope(item(), item(event_id=12)), 40002, "Batch.1.event_id: Not a valid string"),
        (envelope(item(user=None)), 40002, "Batch.0.user: Not a valid object"),
        (envelope(item(user={"ip": 7})), 40002, "Batch.0.user.ip: Not a valid string"),
        (envelope(item(user={"phone": ["+84901234567"]})), 40062, "Batch.0.user.phone: PII"),
        (envelope(item(user={"email": "alice_abc@gmail.com"})), 40062, "Batch.0.user.email: PII"),
        (envelope(item(user={"external_id": [PHONE, PHONE.upper()]})), 40062, "Batch.0.user.external_id: PII"),
        (envelope(item(properties={"value": "450000"})), 40002, "Batch.0.properties.value: Not a valid number"),
        (envelope(item(properties={"value": True})), 40002, "Batch.0.properties.value: Not a valid number"),
        (envelope(item(properties={"currency": "vnd"})), 40002, "Batch.0.properties.currency: Not a valid ISO"),
        (envelope(item(properties={"order_id": 100245})), 40002, "Batch.0.properties.order_id: Not a valid string"),
        (envelope(item(properties={"content_type": "shoe"})), 40002, "Batch.0.properties.content_type: Must be"),
        (envelope(item(properties={"contents": {}})), 40002, "Batch.0.properties.contents: Not a valid list"),
        (envelope(item(properties={"contents": ["SKU"]})), 40002, "Batch.0.properties.contents.0: Not a valid object"),
    ],
)
def test_a_wrong_request_is_refused_with_its_place(body: object, code: int, message: str) -> None:
    fault = first_fault(body, SOURCES)
    assert fault
    assert fault.code == code
    assert message in fault.message


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("content_id", 7, "Not a valid string"),
        ("quantity", "2", "Not a valid integer"),
        ("quantity", 2.5, "Not a valid integer"),
        ("price", "225000", "Not a valid number"),
    ],
)
def test_a_wrong_content_is_refused_with_its_place(field: str, value: object, fault: str) -> None:
    contents = [{"content_id": "SKU-1", "quantity": 2, "price": 225000}, {"content_id": "SKU-2", field: value}]
    answer = first_fault(envelope(item(properties={"contents": contents})), SOURCES)
    assert answer == Answer(40002, f"Batch.0.properties.contents.1.{field}: {fault}")
