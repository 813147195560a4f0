"""The timeline: what happened in a conversation, each with its answers, as it is stored and read back.

A fact is stored with its answers by event beside its own fields, and how long after the act it was received instead of
another time with its twin: nothing is said twice, since a timeline is most of what a conversation takes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias

import msgspec
import structlog
from msgspec import Struct
from msgspec.json import Decoder

from actors import codec
from rules.catalogue import DeliveryCode, ReasonCode
from rules.decide import Told
from rules.events import EventName
from rules.facts import ConversationId, Fact, without_buyer
from rules.reasons import Answer

log = structlog.get_logger()


class Happened(Struct, frozen=True, tag_field="kind", tag="fact"):
    """A fact and what the rules answered."""

    fact: Fact
    answers: tuple[Answer, ...]

    @property
    def at(self) -> int:
        """When it happened (ms, UTC)."""
        return self.fact.at


class Delivered(Struct, frozen=True, tag_field="kind", tag="delivery", omit_defaults=True):
    """One attempt to deliver an event, or the end of trying. `given_up`: it was the last, and not accepted.

    It says of which order the event is, else of which click; entries of earlier versions say neither.
    """

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
    given_up: bool = False
    order_id: str | None = None
    order_number: str | None = None
    click_at: int | None = None
    click_at_utc: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the event was given up. Entries of earlier versions only say so of an end without an attempt."""
        return self.given_up or not self.attempt


Entry: TypeAlias = Happened | Delivered

LENGTH = 1_000
"""Most entries of a timeline, as `lua/commit.lua` keeps them; the oldest go first."""


StreamEntries: TypeAlias = list[tuple[bytes, dict[bytes, bytes]]]
"""Entries as Redis gives them: id, and fields."""


class TimelinePage(Struct, frozen=True):
    """Entries in the order asked for, each with its id; `next` continues in that order, None at the end."""

    entries: tuple[tuple[str, Entry], ...]
    next: str | None


class _Grounds(Struct, frozen=True):
    """A reason with the numbers that it was decided on."""

    reason: ReasonCode
    numbers: dict[str, int]


_FACT: Final = "fact"
"""Under this name stands the reason that concerns the fact itself, not one event."""

_Stored: TypeAlias = dict[EventName | Literal["fact"], ReasonCode | _Grounds]


class _Frame(Struct, frozen=True):
    """What an entry says of every fact, whatever it is."""

    at: int
    received_after_ms: int
    answers: _Stored


_frame = Decoder(_Frame)
_of_a_kind: Decoder[Entry] = Decoder(Entry)


def encode(told: Told) -> bytes:
    """Write an entry as JSON text. Of an order's buyer nothing is kept, not even hashed."""
    fact = without_buyer(told.fact)
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    received_after_ms = fields.pop("received_at") - fact.at
    return codec.encode(fields | {"received_after_ms": received_after_ms, "answers": _stored(told.answers)})


def decode(text: bytes) -> Entry:
    """Read an entry back. Raises msgspec.MsgspecError when it is damaged."""
    # A delivery; or a fact as it was written before, inside of an entry that repeated its time.
    if text.startswith(b'{"kind":'):
        return _of_a_kind.decode(text)
    frame, fields = _frame.decode(text), msgspec.json.decode(text)
    fact = msgspec.convert(fields | {"received_at": frame.at + frame.received_after_ms}, Fact)
    return Happened(fact, tuple(_answers(frame.answers)))


def read_page(conversation: ConversationId, found: StreamEntries, limit: int) -> TimelinePage:
    """Read the first `limit` entries. A damaged one is left out, and named in the log: it must not hide the others."""
    read = ((entry_id.decode(), _read(conversation, entry_id, fields)) for entry_id, fields in found[:limit])
    entries = tuple((entry_id, entry) for entry_id, entry in read if entry is not None)
    return TimelinePage(entries, found[limit - 1][0].decode() if len(found) > limit else None)


def _read(conversation: ConversationId, entry_id: bytes, fields: dict[bytes, bytes]) -> Entry | None:
    try:
        return decode(fields[b"entry"])
    except (KeyError, msgspec.MsgspecError) as error:
        named = {"page_id": conversation.page_id, "psid": conversation.psid, "entry": entry_id.decode()}
        log.warning("timeline.unreadable", **named, error=str(error))
        return None


def _stored(answers: Iterable[Answer]) -> _Stored:
    return {
        answer.event or _FACT: _Grounds(answer.reason, answer.numbers) if answer.numbers else answer.reason
        for answer in answers
    }


def _answers(stored: _Stored) -> Iterator[Answer]:
    for name, found in stored.items():
        event = None if name == _FACT else name
        if isinstance(found, _Grounds):
            yield Answer(event, found.reason, found.numbers)
        else:
            yield Answer(event, found)
