"""The timeline: what happened in a conversation, each with its answers, as it is stored and read back."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.json import Decoder
from msgspec.structs import replace

from actors import codec
from rules.catalogue import DeliveryCode, ReasonCode
from rules.decide import Told
from rules.events import EventName
from rules.facts import Fact, OrderSeen
from rules.reasons import Answer
from rules.times import utc


class Happened(Struct, frozen=True, tag_field="kind", tag="fact", omit_defaults=True):
    """A fact and what the rules answered."""

    at: int
    at_utc: str
    fact: Fact
    answers: tuple[Answer, ...]


class Delivered(Struct, frozen=True, tag_field="kind", tag="delivery", omit_defaults=True):
    """One attempt to deliver an event, or the end of trying."""

    at: int
    at_utc: str
    event: EventName
    event_id: str
    status: DeliveryCode
    reason: ReasonCode
    attempt: int = 0
    code: int | None = None
    message: str = ""
    request_id: str | None = None


Entry: TypeAlias = Happened | Delivered

LENGTH = 1_000
"""Most entries of a timeline, as `lua/commit.lua` keeps them; the oldest go first."""

_decoder: Decoder[Entry] = Decoder(Entry)


def encode(told: Told) -> bytes:
    """Write an entry as JSON text. Of an order's buyer nothing is kept, not even hashed."""
    fact = replace(told.fact, purchase=None) if isinstance(told.fact, OrderSeen) else told.fact
    return codec.encode(Happened(fact.at, utc(fact.at), fact, told.answers))


def decode(text: bytes) -> Entry:
    """Read an entry back."""
    return _decoder.decode(text)
