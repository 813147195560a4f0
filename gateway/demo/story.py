"""The story: a customer comes through a TikTok ad, talks and buys, told as Meta and HaraSocial would tell it."""

import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gateway.api.shapes import Words
from gateway.demo.seller import ADVERTISER, PAGE_ID, SHOP, STORE
from gateway.demo.stage import EVENT_SET, Stage
from rules.times import MINUTE_MS, SECOND_MS, utc

PSID: Final = "7101234567890123"
CUSTOMER: Final = "Nguyễn Thị Mai"
REF: Final = "tt-E.C.P.v1-Qm9vdHN0cmFw"
ORDER_ID: Final = 1225410593
PRICE: Final = 850_000

_PAGE_INBOX: Final = 263902037430900

LASTS_MS: Final = 14 * MINUTE_MS
"""The whole story, so that none of it lies in the future when it begins that long ago."""

Source: TypeAlias = Literal["messenger", "harasocial"]
Json: TypeAlias = dict[str, Any]


class Step(Struct, frozen=True):
    """One webhook: when it happens (ms), who acts, what a person would see, and what is posted, perhaps twice."""

    at: int
    actor: str
    seen: Words
    source: Source
    document: Json
    repeated: bool = False


_CLICKS: Final = Words("nhấp quảng cáo TikTok, bấm Bắt đầu", "clicks the TikTok ad, presses Get Started")
_DECISION: Final = "Vậy chị lấy 1 cái, giao về Quận 3 giúp chị nhé."
_LINES: Final = (
    (21, CUSTOMER, "Chào shop, áo dài lụa đỏ còn size M không ạ?"),
    (54, SHOP, "Dạ chào chị Mai, mẫu này bên em còn size M ạ."),
    (83, CUSTOMER, "Giá bao nhiêu vậy shop?"),
    (107, SHOP, "Dạ 850.000đ, miễn phí giao hàng toàn quốc ạ."),
    (152, CUSTOMER, _DECISION),
    (176, SHOP, "Dạ em lên đơn ngay ạ. Cảm ơn chị!"),
)
_CREATES: Final = Words("tạo đơn hàng #100522, 850.000đ", "creates order #100522, 850,000 VND")
_CONFIRMS: Final = Words("xác nhận đơn hàng #100522", "confirms order #100522")


class StoryError(Exception):
    """The service refused a step; says which and how."""


def tell(start: int) -> Iterator[Step]:
    """Tell the story, from `start` on (ms, UTC)."""
    yield _item(start, CUSTOMER, _CLICKS, _press())
    for second, actor, text in _LINES:
        step = _item(start + second * SECOND_MS, actor, Words(f"“{text}”", f"“{text}”"), _message(actor, text))
        yield replace(step, repeated=text == _DECISION)
    created, confirmed = start + 4 * MINUTE_MS, start + 11 * MINUTE_MS
    yield _order(created, _CREATES, created, None)
    yield replace(_order(confirmed, _CONFIRMS, created, confirmed), repeated=True)


async def connect(stage: Stage) -> None:
    """Connect the page, as an operator does. Raises StoryError."""
    document = {
        "store_id": STORE,
        "advertiser_id": ADVERTISER,
        "event_set_id": EVENT_SET,
        "access_token": stage.access_token,
        "complete_payment_on": "order_confirmed",
        "paused": False,
    }
    headers = {"Authorization": f"Bearer {stage.settings.admin_token.reveal()}"}
    async with stage.http.put(f"/api/pages/{PAGE_ID}/connection", json=document, headers=headers) as response:
        if not response.ok:
            raise StoryError(f"connecting the page: HTTP {response.status}")


async def play(stage: Stage, step: Step) -> None:
    """Post a step, signed as its source signs. Raises StoryError."""
    body = json.dumps(step.document).encode()
    headers = {"Content-Type": "application/json"}
    if step.source == "messenger":
        secret = stage.settings.messenger_app_secrets.reveal()[0]
        headers["X-Hub-Signature-256"] = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    else:
        secret = stage.settings.harasocial_webhook_secrets.reveal()[0]
        headers["X-Haravan-HmacSha256"] = b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
        headers |= {"X-Haravan-Topic": "orders/updated", "X-Haravan-Org-Id": STORE}
    async with stage.http.post(f"/webhooks/{step.source}", data=body, headers=headers) as response:
        if not response.ok:
            raise StoryError(f"{step.source} at {utc(step.at)}: HTTP {response.status}")


def _item(at: int, actor: str, seen: Words, content: Json) -> Step:
    customer, page = {"id": PSID}, {"id": PAGE_ID}
    sender, recipient = (page, customer) if actor == SHOP else (customer, page)
    item = {"sender": sender, "recipient": recipient, "timestamp": at, **content}
    document = {"object": "page", "entry": [{"id": PAGE_ID, "time": at + 412, "messaging": [item]}]}
    return Step(at, actor, seen, "messenger", document)


def _press() -> Json:
    referral = {"ref": REF, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    return {"postback": {"mid": _mid(), "title": "Bắt đầu", "payload": "GET_STARTED", "referral": referral}}


def _message(actor: str, text: str) -> Json:
    echo = {"is_echo": True, "app_id": _PAGE_INBOX} if actor == SHOP else {}
    return {"message": {"mid": _mid(), "text": text, **echo}}


def _mid() -> str:
    return f"m_{secrets.token_urlsafe(60)}"


def _order(at: int, seen: Words, created: int, confirmed: int | None) -> Step:
    item = {"id": 1, "product_id": 1051, "variant_id": 1052, "sku": "AD-LUA-DO-M", "name": "Áo dài lụa đỏ, size M"}
    order = {
        "id": ORDER_ID,
        "order_number": "#100522",
        "source_name": "harasocial",
        "created_at": utc(created),
        "updated_at": utc(at),
        "confirmed_status": "confirmed" if confirmed else "unconfirmed",
        "confirmed_at": utc(confirmed) if confirmed else None,
        "cancelled_status": "uncancelled",
        "financial_status": "pending",
        "fulfillment_status": "notfulfilled",
        "fulfillments": [],
        "currency": "VND",
        "total_price": PRICE,
        "line_items": [{**item, "quantity": 1, "price": PRICE}],
        "customer": {"id": 5, "phone": "0901234567", "email": "mai.nguyen@example.com"},
    }
    document = {
        "event_id": secrets.token_hex(8),
        "occurred_at": utc(at),
        "conversation": {"channel": "messenger", "page_id": PAGE_ID, "psid": PSID},
        "order": order,
    }
    return Step(at, SHOP, seen, "harasocial", document)
