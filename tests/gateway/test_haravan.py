"""A push becomes an order and its conversation, or an error that names the field."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.haravan import BadPush, Push, is_order_topic, signature_matches
from gateway.hashing import email_sha256, phone_sha256
from rules.facts import Item, OrderSeen, Purchase
from tests.gateway.ordering import (
    CONVERSATION,
    CREATED_AT,
    ENVELOPE,
    ORDER,
    RECEIVED_AT,
    UPDATED_AT,
    order,
    push,
    push_bytes,
    without,
)

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["900", "0001-01-01"]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["phone", "email", "status", "price", "sku", "name", "value", "page_id"]), inner
        )
    ),
    max_leaves=20,
)


class TestPush:
    def test_the_envelope_of_harasocial(self) -> None:
        bought = Purchase(
            "600000", "VND", (Item("A", "Dam", 1, "600000"),), phone_sha256("+84909090909"), email_sha256("a@b.vn")
        )
        assert push(ENVELOPE, "orders/create") == Push(
            "200000000001",
            OrderSeen(
                at=UPDATED_AT,
                received_at=RECEIVED_AT,
                order_id="1225410593",
                created_at=CREATED_AT,
                updated_at=UPDATED_AT,
                org_id="200000000001",
                order_number="#100522",
                purchase=bought,
            ),
            CONVERSATION,
        )

    @pytest.mark.parametrize(
        "wrapped",
        [
            ORDER,
            {"order": ORDER},
            {"data": ORDER},
            {"data": {"order": ORDER}},
            {"order": ORDER, "data": {"x": 1}},
            {"order": None, "data": {"order": ORDER}},
        ],
        ids=["bare", "order", "data", "data.order", "order beside data", "data.order beside null"],
    )
    def test_every_wrapping_of_haravan(self, wrapped: dict[str, Any]) -> None:
        assert push(wrapped) == Push("200000000001", order())

    def test_the_conversation_may_stand_inside_data(self) -> None:
        inner = {"conversation": ENVELOPE["conversation"], "occurred_at": ENVELOPE["occurred_at"], "order": ORDER}
        assert push({"data": inner}).conversation == CONVERSATION

    @pytest.mark.parametrize("header", [None, "", " "])
    def test_the_shop_may_be_missing(self, header: str | None) -> None:
        assert push(ORDER, org_id=header).org_id == ""

    def test_half_an_emoji_in_a_name_spoils_nothing(self) -> None:
        body = json.dumps({**ORDER, "note": "CUT"}).encode().replace(b"CUT", b"\\ud83d")
        assert push_bytes(body).order == order()

    @pytest.mark.parametrize(
        ("topic", "about"),
        [
            (None, True),
            ("", True),
            ("orders/create", True),
            ("Orders/Something_New", True),
            ("products/update", False),
            ("app/uninstalled", False),
            ("fulfillments/create", False),
        ],
    )
    def test_only_orders_are_orders(self, topic: str | None, about: bool) -> None:  # noqa: FBT001
        assert is_order_topic(topic) is about


class TestConversation:
    @pytest.mark.parametrize(
        "block",
        [
            {"page_id": "900", "psid": "7101"},
            {"page_id": 900, "psid": 7101},
            {"channel": "Messenger", "page_id": " 900 ", "psid": "7101"},
            {"channel": "facebook", "page_id": "900", "psid": "7101"},
            {"channel": None, "page_id": "900", "psid": "7101"},
        ],
    )
    def test_is_named_by_its_block(self, block: dict[str, object]) -> None:
        assert push({**ENVELOPE, "conversation": block}).conversation == CONVERSATION

    @pytest.mark.parametrize(
        ("page_name", "psid_name"), [("page_id", "psid"), ("Page ID", "PSID"), ("facebook_page_id", "fb-psid")]
    )
    @pytest.mark.parametrize("block", [None, {}, {"page_id": None, "psid": ""}, {"page_id": "900"}])
    def test_is_else_named_by_the_orders_notes(self, block: object, page_name: str, psid_name: str) -> None:
        notes = [
            {"name": "gift", "value": "yes"},
            {"name": page_name, "value": "900"},
            {"name": psid_name, "value": 7101},
        ]
        noted = {**ENVELOPE, "conversation": block, "order": {**ORDER, "note_attributes": notes}}
        assert push(noted).conversation == CONVERSATION

    def test_its_block_goes_before_the_notes(self) -> None:
        notes = [{"name": "page_id", "value": "1"}, {"name": "psid", "value": "2"}]
        assert push({**ENVELOPE, "order": {**ORDER, "note_attributes": notes}}).conversation == CONVERSATION

    @pytest.mark.parametrize(
        "notes",
        [
            None,
            "text",
            [],
            [None, 1, "page_id"],
            [{"name": "page_id", "value": "900"}],
            [{"name": "page_id", "value": "900"}, {"name": "psid", "value": None}],
            [{"name": "page_id", "value": "900"}, {"name": "psid", "value": "7" * 101}],
            [{"name": 1, "value": "900"}, {"value": "7101"}],
        ],
    )
    def test_is_none_where_nothing_names_both(self, notes: object) -> None:
        assert push({**ORDER, "note_attributes": notes}).conversation is None

    def test_of_another_channel_is_none_of_ours(self) -> None:
        notes = [{"name": "page_id", "value": "1"}, {"name": "psid", "value": "2"}]
        zalo = {"channel": "zalo", "page_id": "900", "psid": "7101"}
        assert push({"conversation": zalo, "order": {**ORDER, "note_attributes": notes}}).conversation is None


class TestBadPushes:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"\xff", b'{"id":NaN}', b"[" * 100_000, b'{"x":1e99999999999999999999}']
    )
    def test_what_is_no_json_is_refused(self, body: bytes) -> None:
        with pytest.raises(BadPush) as refused:
            push_bytes(body)
        assert (refused.value.field, refused.value.why) == ("body", "must be readable JSON")

    @pytest.mark.parametrize(
        ("value", "field"),
        [
            ([], "body"),
            (None, "body"),
            ("order", "body"),
            ({}, "order.id"),
            ({"order": None}, "order.id"),
            ({"order": []}, "order"),
            ({"order": "1"}, "order"),
            ({"data": [ORDER]}, "data"),
            ({"data": {"order": 1}}, "order"),
            (without("id"), "order.id"),
            ({**ORDER, "id": None}, "order.id"),
            ({**ORDER, "id": " "}, "order.id"),
            ({**ORDER, "id": 1.5}, "order.id"),
            ({**ORDER, "id": True}, "order.id"),
            ({**ORDER, "id": "9" * 101}, "order.id"),
            ({**ENVELOPE, "conversation": "7101"}, "conversation"),
            ({**ENVELOPE, "conversation": {"page_id": {}, "psid": "7101"}}, "conversation.page_id"),
            ({**ENVELOPE, "conversation": {"page_id": "900", "psid": 1.5}}, "conversation.psid"),
        ],
    )
    def test_the_error_names_the_field(self, value: object, field: str) -> None:
        with pytest.raises(BadPush) as refused:
            push(value)
        assert refused.value.field == field
        assert str(refused.value) == f"{field}: {refused.value.why}"

    def test_the_error_quotes_no_value(self) -> None:
        with pytest.raises(BadPush) as refused:
            order(total_price="0901234567x")
        assert "0901234567" not in str(refused.value)

    def test_an_overlong_shop_is_refused(self) -> None:
        with pytest.raises(BadPush, match="X-Haravan-Org-Id"):
            push(ORDER, org_id="9" * 101)

    @given(st.binary())
    def test_arbitrary_bytes_are_refused(self, body: bytes) -> None:
        with pytest.raises(BadPush):
            push_bytes(body)

    @given(
        st.dictionaries(st.sampled_from([*ORDER, "note_attributes", "cancelled_at"]), ANYTHING),
        st.booleans(),
    )
    def test_arbitrary_orders_are_read_or_refused(self, strange: dict[str, object], deleted: bool) -> None:  # noqa: FBT001
        try:
            seen = push({"conversation": strange, "order": {**ORDER, **strange}}, "orders/delete" if deleted else None)
        except BadPush:
            return
        assert seen.order.order_id


class TestSignature:
    BODY = json.dumps(ENVELOPE).encode()

    @staticmethod
    def sign(secret: str, signed: bytes) -> str:
        return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()

    def test_matches_the_raw_bytes_under_any_of_the_secrets(self) -> None:
        for secret in ("old", "new"):
            assert signature_matches(("new", "old"), self.sign(secret, self.BODY), self.BODY)

    @pytest.mark.parametrize("header", [None, "", "sha256=", "AAAA", "é", "\udcff"])
    def test_does_not_match_what_is_no_signature(self, header: str | None) -> None:
        assert not signature_matches(("s3cret",), header, self.BODY)

    def test_does_not_match_another_secret_body_or_form(self) -> None:
        right = self.sign("s3cret", self.BODY)
        assert not signature_matches(("other",), right, self.BODY)
        assert not signature_matches((), right, self.BODY)
        assert not signature_matches(("s3cret",), right, self.BODY + b" ")
        assert not signature_matches(("s3cret",), base64.b64decode(right).hex(), self.BODY)
