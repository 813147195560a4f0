"""The shapes that Meta sends, with Meta's own names, and only what is read of them.

Types are loose on purpose: fixtures and bug reports show integers for ids, text for times, odd values in odd places.
What is not named here (texts, attachments) is skipped without being decoded, so that it neither costs nor breaks much.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not the JSON asked for."""

Array: TypeAlias = list[Raw] | dict[str, Raw] | str | float | bool | None
"""An array of items. A wrong shape here must not hide the other arrays of the entry."""


class Envelope(Struct):
    """A POST body."""

    object: Any = None
    entry: list[Raw] | None = None


class Entry(Struct):
    """What happened on one page. It may hold `messaging` and `standby` at once."""

    id: Any = None
    time: Any = None
    messaging: Array = None
    standby: Array = None
    changes: Array = None


class Party(Struct):
    """Either end of an item: the page or the customer. Guests of the chat plugin have a `user_ref` and no `id`."""

    id: Any = None


class Message(Struct):
    """A message, or its echo when the page sent it."""

    mid: Any = None
    is_echo: Any = None
    is_deleted: Any = None
    referral: Raw | UnsetType = UNSET


class Postback(Struct):
    """The press of a button. In standby it has no `payload`."""

    mid: Any = None
    title: Any = None
    payload: Any = None
    referral: Raw | UnsetType = UNSET


class Referral(Struct):
    """How the customer came to the conversation."""

    ref: Any = None
    source: Any = None


class Item(Struct):
    """One thing that happened in one conversation."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Any = None
    message: Message | None = None
    postback: Postback | None = None
    referral: Raw | UnsetType = UNSET


ENVELOPE = msgspec.json.Decoder(Envelope)
# `float` reads 1e400 as infinity, where msgspec alone would refuse the whole item for it.
ENTRY = msgspec.json.Decoder(Entry, float_hook=float)
ITEM = msgspec.json.Decoder(Item, float_hook=float)
KEYS = msgspec.json.Decoder(dict[str, Raw])
ANYTHING = msgspec.json.Decoder(float_hook=float)
_REFERRAL = msgspec.json.Decoder(Referral | None, float_hook=float)


def read_referral(raw: Raw | UnsetType) -> Referral | None:
    """Read a referral wherever it stands; None when there is none, or nothing in it. Never raises."""
    if raw is UNSET:
        return None
    try:
        referral = _REFERRAL.decode(raw)
    except UNREADABLE:
        return None
    return referral if referral != Referral() else None


def text_id(value: object, longest: int = 512) -> str | None:
    """Return an opaque id as text of at most `longest` characters, integers exactly; None when there is none."""
    if isinstance(value, str):
        return value[:longest] or None
    return str(value)[:longest] if isinstance(value, int) and not isinstance(value, bool) else None
