"""What a history is made of. The judge's own words, so that it shares none with the product. Times are Unix ms, UTC."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

Chosen: TypeAlias = Literal["order_confirmed", "order_shipped"]


class Clicked(NamedTuple):
    """A Messenger referral, as it was delivered at `arrives`."""

    at: int
    arrives: int
    ref: str | None = "tt-1"
    source: str = "SHORTLINK"


class Said(NamedTuple):
    """A message of either side, or the press of a button."""

    at: int
    arrives: int
    mid: str
    by: Literal["customer", "page"] = "customer"
    how: Literal["message", "get_started", "postback"] = "message"


class Pushed(NamedTuple):
    """An order as one push shows it. `linked`: the push says which conversation it belongs to.

    `waited` is the judge's own note: it came before that was known.
    """

    arrives: int
    order_id: str
    created_at: int
    updated_at: int
    confirmed: bool = False
    confirmed_at: int | None = None
    shipped_at: int | None = None
    cancelled: bool = False
    linked: bool = True
    waited: bool = False


class Chose(NamedTuple):
    """The seller's choice for CompletePayment, in force from `since` on; the first one also before it."""

    since: int
    chosen: Chosen


Fact: TypeAlias = Clicked | Said | Pushed | Chose
History: TypeAlias = Sequence[Fact]
"""One conversation's facts in the order in which they were delivered, and its page's choices where they were made."""
