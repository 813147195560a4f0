"""One item of a Messenger webhook: the facts in it, or the kind under which it is ignored."""

import hashlib
import unicodedata
from typing import Literal, TypeAlias

import msgspec
from msgspec import Raw, Struct

from gateway.messenger import wire
from gateway.messenger.wire import text_id
from gateway.timestamps import is_suspect, read_time
from rules.facts import Addressed, Author, ConversationId, Message, Referral, Via

WebhookField: TypeAlias = Literal["messages", "message_echoes", "messaging_postbacks", "messaging_referrals", "standby"]
"""The webhook fields of Meta that bring facts, as they are called where a page subscribes to them."""

IgnoredKind: TypeAlias = Literal[
    "account_linking",
    "change",
    "dashboard_test",
    "deleted",
    "delivery",
    "edit",
    "foreign_object",
    "game_play",
    "handover",
    "malformed",
    "message_request",
    "optin",
    "policy",
    "reaction",
    "read",
    "unattributable",
    "unknown",
]
"""What is not a fact, as a closed set that is fit for a metric's label: nothing in it comes from outside."""

_KINDS: dict[str, IgnoredKind] = {
    "account_linking": "account_linking",
    "app_roles": "handover",
    "delivery": "delivery",
    "game_play": "game_play",
    "message": "deleted",
    "message_edit": "edit",
    "message_request": "message_request",
    "optin": "optin",
    "pass_thread_control": "handover",
    "policy-enforcement": "policy",
    "policy_enforcement": "policy",
    "reaction": "reaction",
    "read": "read",
    "request_thread_control": "handover",
    "take_thread_control": "handover",
}

_MAX_REF = 2_083  # Meta's own limit for an m.me link
_TRUE = (True, "true")


class GetStarted(Struct, frozen=True):
    """How the Get Started button is told from other buttons: by its payload or, where that is missing, by its title."""

    payloads: tuple[str, ...] = ("GET_STARTED",)
    titles: tuple[str, ...] = ("Get Started", "Bắt đầu", "Bat dau")

    def matches(self, payload: object, title: object) -> bool:
        """Tell whether a postback is a press of it. Case does not matter, nor do underscores in the payload."""
        if payload in (None, ""):
            return isinstance(title, str) and _plain(title) in map(_plain, self.titles)
        return isinstance(payload, str) and _bare(payload) in map(_bare, self.payloads)


class ItemPlace(Struct, frozen=True):
    """Where an item stands, and what reading it depends on. Times are Unix ms, UTC."""

    page_id: str
    entry_at: int | None
    received_at: int
    standby: bool
    get_started: GetStarted


class ItemFacts(Struct, frozen=True):
    """The facts of one item: a click goes before the message that it came with (rule 2)."""

    field: WebhookField
    facts: list[Addressed]


class _Said(Struct, frozen=True):
    """An item that is a message, a click or both. `via` is None where there is a click only."""

    field: WebhookField
    author: Author = "customer"
    via: Via | None = None
    mid: object = None
    referral: wire.Referral | None = None


def read_item(raw: Raw, place: ItemPlace) -> ItemFacts | IgnoredKind:
    """Read one item; never raises."""
    try:
        item = wire.ITEM.decode(raw)
    except wire.UNREADABLE:
        return "malformed"
    said = _said(item, place.get_started)
    if said is None:
        return _ignored_kind(raw)
    psid = _psid(item, place.page_id, said.author)
    if psid is None:
        return "unattributable"
    stamped = read_time(item.timestamp) or place.entry_at
    at = stamped or place.received_at
    suspect = is_suspect(at, place.received_at)
    conversation = ConversationId(place.page_id, psid)
    facts: list[Addressed] = []
    if said.referral is not None:
        ref, source = text_id(said.referral.ref, _MAX_REF), text_id(said.referral.source)
        facts.append(Addressed(conversation, Referral(at, place.received_at, ref, source, suspect)))
    if said.via is not None:
        mid = text_id(said.mid) or _stable_mid(raw, psid, said.via, stamped)
        message = Message(at, place.received_at, mid, said.author, said.via, place.standby, suspect)
        facts.append(Addressed(conversation, message))
    return ItemFacts("standby" if place.standby else said.field, facts)


def _said(item: wire.Item, get_started: GetStarted) -> _Said | None:
    referral = wire.read_referral(item.referral)
    if (message := item.message) is not None:
        if message.is_deleted in _TRUE:
            return None
        if message.is_echo in _TRUE:
            return _Said("message_echoes", "page", "message", message.mid)
        referral = referral or wire.read_referral(message.referral)
        return _Said("messages", "customer", "message", message.mid, referral)
    if (postback := item.postback) is not None:
        referral = referral or wire.read_referral(postback.referral)
        pressed = referral is not None or get_started.matches(postback.payload, postback.title)
        via: Via = "get_started" if pressed else "postback"
        return _Said("messaging_postbacks", "customer", via, postback.mid, referral)
    return _Said("messaging_referrals", referral=referral) if referral is not None else None


def _ignored_kind(raw: Raw) -> IgnoredKind:
    try:
        return next((_KINDS[key] for key in wire.KEYS.decode(raw) if key in _KINDS), "unknown")
    except wire.UNREADABLE:
        return "unknown"


def _psid(item: wire.Item, page_id: str, author: Author) -> str | None:
    """Return the end that is not the page. Some echoes come with their ends not swapped, hence the second choice.

    Where the customer's end is missing (a guest of the chat plugin, a notice of Meta's) there is nobody to count for:
    the other end is the page, even if it shows another id than the entry.
    """
    first, second = (item.sender, item.recipient) if author == "customer" else (item.recipient, item.sender)
    psid = text_id(first.id) if first is not None else None
    if psid == page_id:
        psid = text_id(second.id) if second is not None else None
    return psid if psid != page_id else None


def _stable_mid(raw: Raw, psid: str, via: Via, stamped: int | None) -> str:
    """Make up the id of a message that has none; the same on every delivery (rule 12)."""
    if via != "message" and stamped is not None:
        # Not from the body: in standby the same press comes without its payload.
        return f"postback:{psid}:{stamped}"
    try:
        body = msgspec.json.encode(wire.ANYTHING.decode(raw), order="deterministic")
    except wire.UNREADABLE:
        body = bytes(raw)
    return f"item:{hashlib.sha256(body).hexdigest()}"


def _bare(payload: str) -> str:
    return payload.replace("_", "").casefold()


def _plain(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip().casefold()
