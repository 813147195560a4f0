"""A whole Messenger webhook: every entry and every item of it, none of which can spoil the others."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Literal, TypeAlias

import msgspec
from msgspec import Raw, Struct

from gateway.messenger import wire
from gateway.messenger.items import GetStarted, IgnoredKind, ItemFacts, ItemPlace, WebhookField, read_item
from gateway.surrogates import mend_surrogates
from gateway.timestamps import read_time
from rules.facts import Addressed, ConversationId, Message, Referral

BodyProblem: TypeAlias = Literal["malformed_json", "unexpected_shape"]

_DASHBOARD_PAGE = "0"  # the page id of the samples that the App Dashboard's "Test" button sends
_GET_STARTED = GetStarted()


class Decoded(Struct, frozen=True):
    """What one POST holds: facts, which webhook fields of which page brought them, and how much was ignored.

    `problem` says why the body as a whole could not be read; then there is nothing else.
    """

    facts: tuple[Addressed, ...] = ()
    heard: frozenset[tuple[str, WebhookField]] = frozenset()
    ignored: Mapping[IgnoredKind, int] = {}
    problem: BodyProblem | None = None


def decode(
    body: bytes, *, received_at: int, get_started: GetStarted = _GET_STARTED, count_postbacks: bool = False
) -> Decoded:
    """Read a POST body; never raises. `received_at` (ms, UTC) stands in where Meta gives no time.

    Facts keep their order, but a click goes before a message of the same conversation and millisecond (rule 2).
    """
    try:
        envelope = _read_envelope(body)
    except msgspec.ValidationError:
        return Decoded(problem="unexpected_shape")
    except wire.UNREADABLE:
        return Decoded(problem="malformed_json")
    entries = envelope.entry or []
    if envelope.object != "page":
        return Decoded(ignored={"foreign_object": len(entries) or 1})
    facts: list[Addressed] = []
    heard: set[tuple[str, WebhookField]] = set()
    ignored: dict[IgnoredKind, int] = {}
    for found in chain.from_iterable(_read_entry(raw, received_at, get_started) for raw in entries):
        if isinstance(found, ItemFacts):
            heard.add((found.facts[0].conversation.page_id, found.field))
            facts.extend(found.facts)
        else:
            ignored[found] = ignored.get(found, 0) + 1
    return Decoded(_clicks_first(facts, count_postbacks=count_postbacks), frozenset(heard), ignored)


def _read_envelope(body: bytes) -> wire.Envelope:
    try:
        return wire.ENVELOPE.decode(body)
    except wire.UNREADABLE:
        return wire.ENVELOPE.decode(mend_surrogates(body))


def _read_entry(raw: Raw, received_at: int, get_started: GetStarted) -> Iterator[ItemFacts | IgnoredKind]:
    try:
        entry = wire.ENTRY.decode(raw)
    except wire.UNREADABLE:
        yield "malformed"
        return
    page_id = wire.text_id(entry.id)
    if page_id == _DASHBOARD_PAGE:
        yield "dashboard_test"
        return
    if page_id is None:
        yield "unattributable"
        return
    entry_at = read_time(entry.time)
    for array, standby in ((entry.messaging, False), (entry.standby, True)):
        if isinstance(array, list):
            place = ItemPlace(page_id, entry_at, received_at, standby, get_started)
            for item in array:
                yield read_item(item, place)
        elif array is not None:
            yield "malformed"
    for _ in entry.changes if isinstance(entry.changes, list) else ():
        yield "change"


def _clicks_first(facts: list[Addressed], *, count_postbacks: bool) -> tuple[Addressed, ...]:
    if not any(isinstance(each.fact, Referral) for each in facts):
        return tuple(facts)
    earliest: dict[tuple[ConversationId, int], int] = {}
    for place, each in enumerate(facts):
        # Nothing goes before a press that is no message: on its way it might pass another click.
        if count_postbacks or not isinstance(each.fact, Message) or each.fact.via != "postback":
            earliest.setdefault((each.conversation, each.fact.at), place)

    def order(placed: tuple[int, Addressed]) -> tuple[int, bool]:
        place, each = placed
        if isinstance(each.fact, Referral):
            return (earliest[each.conversation, each.fact.at], False)
        return (place, True)

    return tuple(each for _, each in sorted(enumerate(facts), key=order))
