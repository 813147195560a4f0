"""A push: the order in it, however it is wrapped, and the conversation that the order comes from, if it says so."""

from msgspec import Struct

from gateway.haravan.fields import LONGEST_ID, BadPush, Fields, as_text, objects, read_body, read_id, read_object
from gateway.haravan.orders import Circumstances, read_order
from gateway.timestamps import read_time
from rules.facts import ConversationId, OrderSeen

_CHANNELS = {"", "messenger", "facebook"}
_PAGE_NAMES = {"pageid", "fbpageid", "facebookpageid", "messengerpageid"}
_PSID_NAMES = {"psid", "fbpsid", "facebookpsid", "messengerpsid"}


class Push(Struct, frozen=True):
    """What one push says. `conversation` is None where it names none: the order may be known from an earlier push.

    `org_id` is the shop, empty where the header is missing. `orders/delete` counts as the order's cancellation.
    """

    org_id: str
    order: OrderSeen
    conversation: ConversationId | None = None


def is_order_topic(topic_header: str | None) -> bool:
    """Tell whether ``X-Haravan-Topic`` announces an order. A missing one does; the body will show."""
    topic = _topic(topic_header)
    return not topic or topic.startswith("orders/")


def decode_push(body: bytes, *, org_id_header: str | None, topic_header: str | None, received_at: int) -> Push:
    """Read a push: HaraSocial's envelope, or a bare or wrapped Haravan order. Raises `BadPush`.

    `received_at` is our clock (ms, UTC), used where the push gives no time.
    """
    layers = _unwrap(read_body(body))
    occurred_at = next((at for layer in layers if (at := read_time(layer.get("occurred_at"))) is not None), None)
    org_id = _org_id(org_id_header)
    order = read_order(layers[-1], Circumstances(_topic(topic_header), org_id, occurred_at, received_at))
    return Push(org_id, order, _conversation(layers))


def _org_id(header: str | None) -> str:
    if header is not None and not header.isascii():
        # Bytes that are no UTF-8 come as lone surrogates, which cannot be stored.
        raise BadPush("X-Haravan-Org-Id", "must be ASCII")
    return read_id(header, "X-Haravan-Org-Id") or ""


def _unwrap(envelope: Fields) -> list[Fields]:
    """Return what wraps the order, outermost first, and last the order itself.

    Seen with Haravan: the bare order, ``{"order": …}``, ``{"data": …}`` and ``{"data": {"order": …}}``.
    """
    layers = [envelope]
    if envelope.get("order") is None and (inner := read_object(envelope.get("data"), "data")) is not None:
        layers.append(inner)
    if (inner := read_object(layers[-1].get("order"), "order")) is not None:
        layers.append(inner)
    return layers


def _conversation(layers: list[Fields]) -> ConversationId | None:
    for layer in layers:
        block = read_object(layer.get("conversation"), "conversation")
        if block is not None:
            if (as_text(block.get("channel")) or "").lower() not in _CHANNELS:
                return None
            page_id = read_id(block.get("page_id"), "conversation.page_id")
            psid = read_id(block.get("psid"), "conversation.psid")
            if page_id and psid:
                return ConversationId(page_id, psid)
    return _noted_conversation(layers[-1])


def _noted_conversation(order: Fields) -> ConversationId | None:
    """Look in the order's `note_attributes`, where apps keep what Haravan has no field for."""
    notes = {_bare(note.get("name")): as_text(note.get("value")) for note in objects(order.get("note_attributes"))}
    page_id, psid = (_first_id(notes, names) for names in (_PAGE_NAMES, _PSID_NAMES))
    return ConversationId(page_id, psid) if page_id and psid else None


def _first_id(notes: dict[str, str | None], names: set[str]) -> str | None:
    # Anybody may write these notes, so what is no id is no error either.
    return next((value for name, value in notes.items() if name in names and value and len(value) <= LONGEST_ID), None)


def _bare(name: object) -> str:
    return "".join(filter(str.isalnum, name.lower())) if isinstance(name, str) else ""


def _topic(header: str | None) -> str:
    return (header or "").strip().lower()
