"""Signed webhooks by the hundred thousand, whole with their headers, without end."""

import base64
import hashlib
import hmac
import itertools
import time
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

Kind: TypeAlias = Literal["message", "click", "life"]

MESSENGER_SECRET: Final = b"messenger-app-secret"
HARASOCIAL_SECRET: Final = b"harasocial-webhook-secret"
TEXT: Final = "Chào shop, mẫu này còn hàng không ạ?"
BEFORE_MS: Final = 60_000
"""How long ago the click of every conversation was."""

FIRST_ORDER: Final = 10_000_000

BLOCK: Final = 100
"""Conversations of `life` that are led at the same time."""

CLICKED_EVERY: Final = 10
EVENTS: Final = 4
"""Events of a whole conversation of `life` that has a click: all that there are."""

CLICK, FIRST_MESSAGE, ORDER, REPEATED_MESSAGE, REPEATED_ORDER, ACTS = 0, 1, 7, 8, 9, 10
"""What is sent of a conversation of `life`: a click, six messages, an order, and one message and the order again."""


class Mix(NamedTuple):
    """What is sent: which pages and how many conversations of them, and how many items in one POST.

    `message` and `click` go round the conversations. `life` leads one new conversation after another to its end, every
    tenth with a click and an order.
    """

    kind: Kind = "message"
    pages: int = 1
    conversations: int = 20_000
    items: int = 1


def page_ids(number: int) -> list[str]:
    """Name the pages."""
    return [f"9{page:05d}" for page in range(number)]


def requests(mix: Mix, first: int = 0) -> Iterator[bytes]:
    """Make POSTs. `first` numbers the messages, or the conversations of `life`, so that none is a repetition."""
    pages = page_ids(mix.pages)
    if mix.kind == "life":
        yield from _lives(pages, first)
        return
    for number in itertools.count(first):
        page_id = pages[number % len(pages)]
        items = [_item(mix, page_id, number * mix.items + each) for each in range(mix.items)]
        yield _messenger(page_id, items)


def begun(posts: int) -> int:
    """Count the conversations of `life` that the first so many POSTs have begun."""
    whole, rest = divmod(posts, BLOCK * ACTS)
    return whole * BLOCK + min(rest, BLOCK)


def _lives(pages: list[str], first: int) -> Iterator[bytes]:
    for block in itertools.count(first // BLOCK):
        at = now_ms()
        for act in range(ACTS):
            for number in range(block * BLOCK, (block + 1) * BLOCK):
                yield _act(pages[number % len(pages)], number, act, at)


def _act(page_id: str, number: int, act: int, at: int) -> bytes:
    psid = f"{number:016d}"
    clicked = number % CLICKED_EVERY == 0
    if clicked and act == CLICK:
        return _messenger(page_id, [_click(page_id, psid, at - BEFORE_MS)])
    if clicked and act in {ORDER, REPEATED_ORDER}:
        return _order(page_id, psid, FIRST_ORDER + number, at)
    # Who has no click only writes; the last two acts repeat what was sent before, to the byte.
    said = {REPEATED_MESSAGE: FIRST_MESSAGE, REPEATED_ORDER: ORDER}.get(act, act)
    return _messenger(page_id, [_message(page_id, psid, f"m_{number}_{said}", at + said)])


def _item(mix: Mix, page_id: str, number: int) -> dict[str, Any]:
    psid, now = f"{number % mix.conversations:016d}", now_ms()
    if mix.kind == "click":
        return _click(page_id, psid, now - BEFORE_MS)
    return _message(page_id, psid, f"m_{number}_{now}", now)


def _click(page_id: str, psid: str, at: int) -> dict[str, Any]:
    referral = {"ref": f"tt-{psid}", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    return {"sender": {"id": psid}, "recipient": {"id": page_id}, "timestamp": at, "referral": referral}


def _message(page_id: str, psid: str, mid: str, at: int) -> dict[str, Any]:
    message = {"mid": mid, "text": TEXT}
    return {"sender": {"id": psid}, "recipient": {"id": page_id}, "timestamp": at, "message": message}


def _messenger(page_id: str, items: list[dict[str, Any]]) -> bytes:
    body = msgspec.json.encode({"object": "page", "entry": [{"id": page_id, "time": now_ms(), "messaging": items}]})
    signature = hmac.digest(MESSENGER_SECRET, body, hashlib.sha256).hex()
    return _post("messenger", f"X-Hub-Signature-256: sha256={signature}", body)


def _order(page_id: str, psid: str, order_id: int, at: int) -> bytes:
    utc = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at / 1000))
    order = {"id": order_id, "created_at": utc, "updated_at": utc, "confirmed_status": "confirmed", "confirmed_at": utc}
    place = {"channel": "messenger", "page_id": page_id, "psid": psid}
    body = msgspec.json.encode({"conversation": place, "order": order | {"currency": "VND", "total_price": 600_000.0}})
    signature = base64.b64encode(hmac.digest(HARASOCIAL_SECRET, body, hashlib.sha256)).decode()
    headers = f"X-Haravan-Topic: orders/create\r\nX-Haravan-Org-Id: 2\r\nX-Haravan-HmacSha256: {signature}"
    return _post("harasocial", headers, body)


def _post(source: str, headers: str, body: bytes) -> bytes:
    head = (
        f"POST /webhooks/{source} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"{headers}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def now_ms() -> int:
    """Return the time (ms, UTC)."""
    return time.time_ns() // 1_000_000
