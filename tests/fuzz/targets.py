"""What is fuzzed: from bytes to facts, and what must hold whatever the bytes are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import msgspec

from gateway.haravan import BadPush, decode_push, is_order_topic
from gateway.messenger import decode
from gateway.ref_pattern import compile_ref_pattern
from rules.clicks import Policy, recognise
from rules.facts import Addressed, Message, OrderSeen, Referral
from tests.gateway.ordering import ENVELOPE, ORDER

RECEIVED_AT = 1_767_582_250_000
LONGEST_REF = 2_083
LONGEST_MESSENGER_ID = 512
LONGEST_ORDER_ID = 100
LONGEST_STORED = 128 * 1024
"""Bytes of one fact as JSON: a hundred items with the longest names and prices, and then some."""

EARLIEST, LATEST = 100_000_000_000, 4_102_444_800_000
FIXTURES = Path(__file__).parents[1] / "fixtures" / "messenger"
CASES = Path(__file__).parent / "cases"


def read_messenger(data: bytes) -> None:
    """Read a Messenger body: no exception, every id bounded, and the same facts again when it is repeated."""
    decoded = decode(data, received_at=RECEIVED_AT)
    assert decoded == decode(data, received_at=RECEIVED_AT)
    assert len(decoded.facts) <= len(data), "a body cannot say more than it has bytes"
    for addressed in decoded.facts:
        _is_bounded(addressed)


def read_haravan(data: bytes) -> None:
    """Read a push (topic, shop, then the body, a line each): no exception but BadPush, which quotes no value."""
    headers, body = split_push(data)
    topic, org_id = headers
    assert is_order_topic(topic) in {True, False}
    try:
        push = decode_push(body, org_id_header=org_id, topic_header=topic, received_at=RECEIVED_AT)
    except BadPush as bad:
        _quotes_nothing(bad)
        return
    assert len(push.org_id) <= LONGEST_ORDER_ID
    _order_is_bounded(push.order)
    if push.conversation is not None:
        assert 0 < len(push.conversation.page_id) <= LONGEST_ORDER_ID
        assert 0 < len(push.conversation.psid) <= LONGEST_ORDER_ID


def read_ref(data: bytes) -> None:
    """Recognise a ref (pattern, then ref, a line each): a pattern is refused in words or answers, in linear time."""
    pattern, _, ref = data.decode(errors="replace").partition("\n")
    try:
        recogniser = compile_ref_pattern(pattern[:LONGEST_MESSENGER_ID])
    except ValueError as refused:
        assert "\n" not in str(refused)  # noqa: PT017  both ends are looked at
        return
    found = recognise(ref[:LONGEST_REF], None, Policy(recogniser))
    assert found is None or found in ref


TARGETS: MappingProxyType[str, Callable[[bytes], None]] = MappingProxyType(
    {"messenger": read_messenger, "haravan": read_haravan, "recogniser": read_ref}
)


def split_push(data: bytes) -> tuple[tuple[str | None, str | None], bytes]:
    """Take headers and body apart; an empty header is one that is missing."""
    topic, _, rest = data.partition(b"\n")
    org_id, _, body = rest.partition(b"\n")
    return (_header(topic), _header(org_id)), body


def seeds(target: str) -> Iterator[bytes]:
    """Give what a target usually reads, to be mutated."""
    if target == "messenger":
        yield from (path.read_bytes() for path in sorted(FIXTURES.glob("*.json")) if path.name != "manifest.json")
    elif target == "haravan":
        for topic in ("orders/create", "orders/delete", ""):
            for body in (ORDER, ENVELOPE, {"data": {"order": ORDER}}):
                yield f"{topic}\n200000000001\n".encode() + msgspec.json.encode(body)
    else:
        refs = ("tt-abc_1", "a=1&ttclid=E.C.P.123&b=2", "đầm-đỏ", "a" * 300 + "!")
        for pattern in (
            ".+",
            "^tt-",
            r"ttclid=(?P<tracking_id>[^&]+)",
            "(a+)+$",
            r"(?i)\bđ[^x]*\d{0,5}",
            "(a|(b?)){1,9}",
        ):
            yield from (f"{pattern}\n{ref}".encode() for ref in refs)


def cases(target: str) -> list[Path]:
    """Give what fuzzing has found so far."""
    return sorted(path for path in (CASES / target).glob("*") if path.is_file())


def _header(raw: bytes) -> str | None:
    # As aiohttp hands headers over.
    return raw.decode("utf-8", "surrogateescape") or None


def _quotes_nothing(bad: BadPush) -> None:
    assert len(bad.field) + len(bad.why) < LONGEST_ORDER_ID


def _is_bounded(addressed: Addressed) -> None:
    assert 0 < len(addressed.conversation.page_id) <= LONGEST_MESSENGER_ID
    assert 0 < len(addressed.conversation.psid) <= LONGEST_MESSENGER_ID
    fact = addressed.fact
    assert EARLIEST <= fact.at <= LATEST
    if isinstance(fact, Referral):
        assert len(fact.ref or "") <= LONGEST_REF
        assert len(fact.source or "") <= LONGEST_MESSENGER_ID
    if isinstance(fact, Message):
        assert 0 < len(fact.mid) <= LONGEST_MESSENGER_ID + 32
    assert len(msgspec.json.encode(fact)) < LONGEST_STORED


def _order_is_bounded(order: OrderSeen) -> None:
    assert 0 < len(order.order_id) <= LONGEST_ORDER_ID
    assert len(order.order_number) <= LONGEST_ORDER_ID
    times = (order.at, order.created_at, order.updated_at, order.confirmed_at, order.shipped_at)
    assert all(at is None or EARLIEST <= at <= LATEST for at in times)
    assert len(msgspec.json.encode(order)) < LONGEST_STORED
