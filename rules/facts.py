"""Facts: what happened in a conversation. Every `at` is Unix milliseconds (UTC) of the act, never of its arrival."""

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Author: TypeAlias = Literal["customer", "page"]
Via: TypeAlias = Literal["message", "get_started", "postback"]


class ConversationId(Struct, frozen=True, order=True):
    """One customer on one Facebook page. Both ids are opaque strings."""

    page_id: str
    psid: str


class Referral(Struct, frozen=True, tag="referral", omit_defaults=True):
    """The customer came through a link or an ad. Rule 1 decides whether it is a TikTok click."""

    at: int
    received_at: int
    ref: str | None = None
    source: str | None = None
    suspect: bool = False


class Message(Struct, frozen=True, tag="message", omit_defaults=True):
    """A message of either side. `via` tells a Get Started press and other postbacks from typed messages."""

    at: int
    received_at: int
    mid: str
    author: Author
    via: Via = "message"
    standby: bool = False
    suspect: bool = False


class Item(Struct, frozen=True, omit_defaults=True):
    """One line of an order. `price` is a decimal number as text, for one unit."""

    content_id: str
    name: str
    quantity: int
    price: str


class Purchase(Struct, frozen=True, omit_defaults=True, gc=False):
    """What TikTok is told of an order's worth and its buyer. `value` is decimal text; phone and e-mail are SHA-256."""

    value: str
    currency: str
    items: tuple[Item, ...] = ()
    phone_sha256: str | None = None
    email_sha256: str | None = None

    @property
    def worth(self) -> "Purchase":
        """What it is worth, without what was bought and by whom."""
        return Purchase(self.value, self.currency)


class OrderSeen(Struct, frozen=True, tag="order", omit_defaults=True):
    """An order as one push showed it. `shipped_at` is when its first live fulfilment was created (rule 9).

    `tells_cancellation` is false where the push says neither that the order is cancelled nor that it is not. `earlier`
    are pushes that came before it was known whose order it is: nothing is judged before all of them are learned.
    """

    at: int
    received_at: int
    order_id: str
    created_at: int
    updated_at: int
    org_id: str = ""
    order_number: str = ""
    confirmed: bool = False
    confirmed_at: int | None = None
    cancelled: bool = False
    tells_cancellation: bool = True
    returned: bool = False
    shipped_at: int | None = None
    purchase: Purchase | None = None
    earlier: tuple["OrderSeen", ...] = ()


Fact: TypeAlias = Referral | Message | OrderSeen


def without_buyer(fact: Fact) -> Fact:
    """Return a fact as it may be kept for people to read: of an order's worth and buyer nothing, not even hashed."""
    if not isinstance(fact, OrderSeen):
        return fact
    return replace(fact, purchase=None, earlier=tuple(replace(each, purchase=None) for each in fact.earlier))


class Addressed(Struct, frozen=True):
    """A fact and the conversation it happened in."""

    conversation: ConversationId
    fact: Fact
