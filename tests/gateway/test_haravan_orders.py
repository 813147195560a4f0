"""An order in a push: its state, its times, its worth and its buyer."""

import json

import msgspec
import pytest

from gateway.haravan import BadPush
from rules.facts import Item
from tests.gateway.ordering import (
    CREATED_AT,
    ENVELOPE,
    OCCURRED_AT,
    ORDER,
    RECEIVED_AT,
    UPDATED_AT,
    order,
    purchase,
    push,
    push_bytes,
    without,
)


class TestState:
    @pytest.mark.parametrize("status", ["confirmed", "Confirmed", "CONFIRMED", "confirmed_"])
    def test_confirmed_by_its_status(self, status: str) -> None:
        seen = order(confirmed_status=status)
        assert (seen.confirmed, seen.confirmed_at) == (True, None)

    def test_confirmed_by_its_time(self) -> None:
        seen = order(confirmed_at="2026-01-05T03:04:05.6Z")
        assert (seen.confirmed, seen.confirmed_at) == (True, UPDATED_AT)

    @pytest.mark.parametrize(
        "state",
        [
            {},
            {"confirmed_status": None},
            {"confirmed_status": 1},
            {"confirmed_at": "0001-01-01T00:00:00Z"},
            {"confirmed_at": ""},
        ],
    )
    def test_else_unconfirmed(self, state: dict[str, object]) -> None:
        assert not order(**state).confirmed

    @pytest.mark.parametrize(
        "state",
        [{"cancelled_status": "cancelled"}, {"cancelled_status": "Canceled"}, {"cancelled_at": "2026-01-05T03:04:05Z"}],
    )
    def test_cancelled_by_status_or_time(self, state: dict[str, object]) -> None:
        assert order(**state).cancelled

    def test_says_nothing_of_a_cancellation_without_either_field(self) -> None:
        silent = push(without("cancelled_status", "cancelled_at")).order
        assert (silent.cancelled, silent.tells_cancellation) == (False, False)
        assert order(cancelled_status="uncancelled").tells_cancellation
        assert order(cancelled_status=None, cancelled_at=None).tells_cancellation

    @pytest.mark.parametrize(
        "state",
        [
            {"financial_status": "refunded"},
            {"fulfillments": [{"status": "success", "return_date": "2026-01-05T03:04:05Z"}]},
        ],
    )
    def test_returned_by_refund_or_parcel(self, state: dict[str, object]) -> None:
        assert order(**state).returned
        assert not order(financial_status="partially_refunded").returned

    @pytest.mark.parametrize("topic", ["orders/create", "orders/cancelled", "orders/paid", "orders/new_topic", None])
    def test_the_body_decides_not_the_topic(self, topic: str | None) -> None:
        assert order(topic) == order()

    def test_a_deleted_order_is_a_cancelled_one_even_if_only_its_id_is_left(self) -> None:
        deleted = push({"id": "1225410593"}, "orders/delete").order
        assert (deleted.order_id, deleted.cancelled, deleted.updated_at) == ("1225410593", True, RECEIVED_AT)


class TestShipped:
    @staticmethod
    def shipped_at(*fulfillments: object) -> int | None:
        return order(fulfillments=fulfillments).shipped_at

    def test_when_the_earliest_live_fulfillment_was_created(self) -> None:
        dead = {"status": "cancelled", "created_at": "2026-01-05T03:04:05.1Z"}
        late = {"status": "success", "created_at": "2026-01-07T03:04:05Z"}
        first = {"status": "success", "created_at": "2026-01-05T03:04:05.6Z", "cancel_date": None}
        assert self.shipped_at(dead, late, first) == UPDATED_AT

    @pytest.mark.parametrize("status", ["success", "pending", None, "", "something new"])
    def test_whatever_a_live_status_is_called(self, status: object) -> None:
        assert self.shipped_at({"status": status, "created_at": "2026-01-05T03:04:05.1Z"}) == CREATED_AT

    def test_when_the_order_was_updated_where_the_fulfillment_does_not_say(self) -> None:
        assert self.shipped_at({"status": "success"}) == UPDATED_AT

    @pytest.mark.parametrize(
        "fulfillment",
        [
            {"status": "cancelled"},
            {"status": "Canceled"},
            {"status": "failure"},
            {"status": "error"},
            {"status": "success", "cancel_date": "2026-01-05T03:04:05Z"},
            None,
            "success",
        ],
    )
    def test_not_by_a_dead_one(self, fulfillment: object) -> None:
        assert self.shipped_at(fulfillment) is None

    @pytest.mark.parametrize("fulfillments", [None, [], {}, "fulfilled"])
    def test_not_without_any(self, fulfillments: object) -> None:
        assert order(fulfillments=fulfillments, fulfillment_status="fulfilled").shipped_at is None


class TestTimes:
    def test_of_vietnam_are_read_by_their_offset(self) -> None:
        assert order(created_at="2026-01-05T10:04:05.1+07:00").created_at == CREATED_AT

    def test_an_update_without_a_time_is_when_the_push_occurred(self) -> None:
        assert push({**ENVELOPE, "order": without("updated_at")}).order.updated_at == OCCURRED_AT

    def test_or_else_when_it_was_received(self) -> None:
        assert push(without("updated_at")).order.updated_at == RECEIVED_AT

    def test_a_new_order_without_a_time_was_created_when_the_push_occurred(self) -> None:
        assert push({**ENVELOPE, "order": without("created_at")}, "Orders/Create").order.created_at == OCCURRED_AT

    @pytest.mark.parametrize("created_at", [None, "", "yesterday", "0001-01-01T00:00:00Z", {}, 0])
    def test_any_other_order_must_say_when_it_was_created(self, created_at: object) -> None:
        with pytest.raises(BadPush, match=r"^order\.created_at: "):
            push({**ENVELOPE, "order": {**ORDER, "created_at": created_at}}, "orders/updated")


class TestPurchase:
    @pytest.mark.parametrize(
        ("total", "value"),
        [
            ("600000", "600000"),
            ("13200000.0000", "13200000"),
            ("0", "0"),
            ("-0.0", "0"),
            ("12.50", "12.5"),
            ("0.1", "0.1"),
            ("1e5", "100000"),
            ("9007199254740.993", "9007199254740.993"),
            ('"600000.00"', "600000"),
        ],
    )
    def test_money_is_exact(self, total: str, value: str) -> None:
        body = json.dumps({**ORDER, "total_price": "TOTAL"}).replace('"TOTAL"', total)
        bought = push_bytes(body.encode()).order.purchase
        assert bought is not None
        assert bought.value == value

    @pytest.mark.parametrize(
        "total", ["-1", "1e15", "1e400", '"NaN"', '"a lot"', '"600,000"', '"1_000"', "true", "[]", "9" * 100]
    )
    def test_a_total_that_makes_no_sense_is_refused(self, total: str) -> None:
        body = json.dumps({**ORDER, "total_price": "TOTAL"}).replace('"TOTAL"', total)
        with pytest.raises(BadPush, match=r"^order\.total_price: "):
            push_bytes(body.encode())

    def test_without_a_total_it_is_the_sum_of_the_lines(self) -> None:
        lines = [{"sku": "A", "quantity": 2, "price": 150000.5}, {"sku": "B", "quantity": 1, "price": "99"}]
        assert purchase(total_price=None, line_items=lines).value == "300100"
        assert purchase(total_price=None, line_items=None).value == "0"

    @pytest.mark.parametrize("currency", [None, "", "vnd", " VND "])
    def test_the_currency_is_dong_unless_said(self, currency: object) -> None:
        assert purchase(currency=currency).currency == "VND"
        assert purchase(currency="usd").currency == "USD"

    @pytest.mark.parametrize("currency", ["dong", "₫₫₫", 704, []])
    def test_a_currency_that_makes_no_sense_is_refused(self, currency: object) -> None:
        with pytest.raises(BadPush, match=r"^order\.currency: "):
            order(currency=currency)

    @pytest.mark.parametrize(
        ("ids", "content_id"),
        [
            ({"sku": "A", "variant_id": 3, "product_id": 2}, "A"),
            ({"sku": "", "variant_id": 3, "product_id": 2}, "3"),
            ({"sku": None, "variant_id": None, "product_id": 2}, "2"),
        ],
    )
    def test_an_item_is_known_by_its_sku_or_else_variant_or_product(
        self, ids: dict[str, object], content_id: str
    ) -> None:
        (item,) = purchase(line_items=[{**ids, "title": "Áo", "price": 1}]).items
        assert item == Item(content_id, "Áo", 1, "1")

    @pytest.mark.parametrize(
        "line",
        [
            None,
            "A",
            {},
            {"sku": "A"},
            {"sku": "A", "price": -1},
            {"sku": "A", "price": "?"},
            {"sku": "A", "price": 1, "quantity": 0},
            {"sku": "A", "price": 1, "quantity": 1.5},
            {"sku": "A", "price": 1, "quantity": None},
            {"price": 1, "quantity": 1},
        ],
    )
    def test_a_line_that_cannot_be_read_is_left_out(self, line: object) -> None:
        assert purchase(line_items=[line, {"sku": "B", "price": 2}]).items == (Item("B", "", 1, "2"),)

    def test_items_and_their_names_are_bounded(self) -> None:
        items = purchase(line_items=[{"sku": "A" * 300, "name": "n" * 300, "price": 1}] * 150).items
        assert len(items) == 100
        assert items[0] == Item("A" * 100, "n" * 200, 1, "1")


class TestBuyer:
    @pytest.mark.parametrize(
        "holders",
        [
            {"customer": {"phone": "0901234567"}},
            {"customer": {"phone": 901234567}},
            {"customer": {"phone": ""}, "shipping_address": {"phone": "0901 234 567"}},
            {"customer": {"phone": "none"}, "shipping_address": None, "billing_address": {"phone": "+84901234567"}},
            {"customer": None, "phone": "84901234567"},
        ],
    )
    def test_the_first_phone_that_is_one_is_hashed(self, holders: dict[str, object]) -> None:
        assert purchase(**holders).phone_sha256 == "0c450d4175db5d08e888c726767096ac29c6dfa0cc8e755e42af0629a1d7ca4c"

    @pytest.mark.parametrize(
        "holders",
        [
            {"customer": {"email": "Alice_ABC@gmail.com"}},
            {"customer": {"email": " "}, "email": "alice_abc@gmail.com"},
            {"customer": [], "email": None, "contact_email": "alice_abc@gmail.com"},
        ],
    )
    def test_the_first_email_is_hashed(self, holders: dict[str, object]) -> None:
        assert purchase(**holders).email_sha256 == "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"

    @pytest.mark.parametrize("customer", [None, {}, {"phone": None, "email": ""}, "Lan"])
    def test_a_buyer_may_be_unknown(self, customer: object) -> None:
        bought = purchase(customer=customer)
        assert (bought.phone_sha256, bought.email_sha256) == (None, None)

    def test_nothing_of_a_buyer_is_kept_in_clear(self) -> None:
        customer = {"phone": "0901234567", "email": "lan@b.vn", "first_name": "Lan", "note": "giao buổi tối"}
        kept = msgspec.json.encode(push({**ENVELOPE, "order": {**ORDER, "customer": customer}})).decode()
        assert not any(secret in kept for secret in ("901234567", "lan@b.vn", "Lan", "giao"))
