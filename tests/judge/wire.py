"""Deliveries as Meta and HaraSocial send them: bodies of webhooks, with the vendors' names."""

from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from tests.judge.facts import Clicked, Pushed, Said
from tests.judge.histories import Delivery


class Customer(NamedTuple):
    """Whose conversation it is: one person on one page."""

    page_id: str
    psid: str


def messenger_body(dice: Random, items: list[tuple[Customer, Delivery]]) -> dict[str, Any]:
    """Put items of several conversations into one POST, an entry for each, in `messaging` or in `standby`."""
    entries = []
    for customer, delivery in items:
        array = dice.choice(("messaging", "messaging", "messaging", "standby"))
        entries.append(
            {"id": customer.page_id, "time": 0, array: [_item(customer, delivery, standby=array == "standby")]}
        )
    return {"object": "page", "entry": entries}


def order_body(customer: Customer, push: Pushed) -> dict[str, Any]:
    """Write a push of an order in HaraSocial's envelope, or bare where it does not say whose it is."""
    order: dict[str, Any] = {
        "id": int(push.order_id),
        "order_number": f"#{push.order_id}",
        "created_at": _iso(push.created_at),
        "updated_at": _iso(push.updated_at),
        "confirmed_status": "confirmed" if push.confirmed else "unconfirmed",
        "confirmed_at": None if push.confirmed_at is None else _iso(push.confirmed_at),
        "cancelled_status": "cancelled" if push.cancelled else "uncancelled",
        "fulfillments": [] if push.shipped_at is None else [{"status": "success", "created_at": _iso(push.shipped_at)}],
        "currency": "VND",
        "total_price": 600000.0,
        "customer": {"phone": "0909090909", "email": "a@b.vn"},
    }
    place = {"channel": "messenger", "page_id": customer.page_id, "psid": customer.psid}
    return {"conversation": place, "order": order} if push.linked else order


def _item(customer: Customer, delivery: Delivery, *, standby: bool) -> dict[str, Any]:
    click = next((fact for fact in delivery if isinstance(fact, Clicked)), None)
    said = next((fact for fact in delivery if isinstance(fact, Said)), None)
    from_page = said is not None and said.by == "page"
    ends = [{"id": customer.psid}, {"id": customer.page_id}]
    item: dict[str, Any] = {"sender": ends[from_page], "recipient": ends[not from_page]}
    content: dict[str, Any] = {}
    if said is not None and said.how == "message":
        content = item["message"] = {"mid": said.mid, "text": "x"} | ({"is_echo": True} if from_page else {})
    elif said is not None:
        title, payload = ("Bắt đầu", "GET_STARTED") if said.how == "get_started" else ("Menu", "MENU")
        # Meta leaves the payload of a postback out in standby.
        content = item["postback"] = {"mid": said.mid, "title": title} | ({} if standby else {"payload": payload})
    if click is not None:
        (content if said else item)["referral"] = {"source": click.source, "type": "OPEN_THREAD"} | (
            {} if click.ref is None else {"ref": click.ref}
        )
    first = said or click
    assert first is not None
    return item | {"timestamp": first.at}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
