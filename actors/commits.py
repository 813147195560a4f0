"""A commit: everything one turn of a conversation changes, and its way into the commit script."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from actors import codec, keys, timeline
from actors.lookups import NOTHING, Lookups, member, waiting_member
from actors.scripts import Argument
from rules.days import day
from rules.decide import Told
from rules.events import Event
from rules.facts import ConversationId
from rules.state import Conversation, keep_for
from rules.tallies import Tally

Sums: TypeAlias = dict[tuple[str, str], int]
"""Amounts by day and field."""


class Snapshot(Struct, frozen=True, gc=False):
    """A conversation as stored: its state, and the version and commit id that guard it."""

    state: Conversation = Conversation()
    version: int = 0
    commit: str = ""


class Commit(Struct, frozen=True):
    """One turn's changes. `now` is when its newest fact arrived (ms, UTC).

    `sums` go to the page's numbers, `lookups` to the indexes by which support finds the conversation.
    """

    conversation: ConversationId
    expected: Snapshot
    commit_id: str
    state: Conversation
    events: tuple[Event, ...]
    told: tuple[Told, ...]
    now: int
    sums: Sums = {}
    lookups: Lookups = NOTHING


class Committed(Struct, frozen=True):
    """The store has it."""


class Conflicted(Struct, frozen=True):
    """Somebody else was faster; this is what they stored."""

    current: Snapshot


class Failed(Struct, frozen=True):
    """The store holds something unexpected under one of the conversation's own keys; nothing was changed."""

    error: str


class Damaged(Struct, frozen=True):
    """A key that the whole page or partition uses holds something unexpected; nothing was changed."""

    key: str


Result: TypeAlias = Committed | Conflicted | Failed | Damaged
CommitReply: TypeAlias = Sequence[bytes]

_decoder = msgspec.json.Decoder(Conversation)


def script_keys(commit: Commit) -> list[str]:
    """Return the keys that the commit touches, all of one partition."""
    page_id = commit.conversation.page_id
    found = [keys.conversation(commit.conversation), keys.timeline(commit.conversation)]
    if commit.events:
        number = keys.partition(page_id)
        found += [keys.outbox(page_id), keys.due(number), keys.events(page_id)]
        for event in commit.events:
            found += [
                keys.event(page_id, event.event_id),
                keys.counts(page_id, day(event.at)),
                keys.index(number, event.event_id),
            ]
    found += [keys.counts(page_id, of_day) for of_day, _ in commit.sums]
    return found if commit.lookups is NOTHING else found + _lookup_keys(page_id, commit.lookups)


def _lookup_keys(page_id: str, lookups: Lookups) -> list[str]:
    number = keys.partition(page_id)
    return [
        *([keys.page_conversations(page_id)] if lookups.last_click is not None else []),
        *(keys.index(number, value) for value, _ in lookups.index),
        *([keys.waiting_orders(number)] if lookups.waiting else []),
    ]


def script_arguments(commit: Commit) -> list[Argument]:
    """Return the commit as the script wants it."""
    # A conversation without a click costs as little as possible: it has no timeline.
    entries = [timeline.encode(told) for told in commit.told] if commit.state.clicks else []
    arguments: list[Argument] = [
        commit.expected.version,
        commit.expected.commit,
        commit.commit_id,
        codec.encode_state(commit.state),
        keep_for(commit.state, commit.now),
        commit.conversation.page_id,
        len(entries),
        *entries,
        len(commit.events),
    ]
    for event in commit.events:
        row = event_row(commit.conversation, event, commit.now)
        found_by = member(commit.conversation)
        arguments += [event.event_id, event.name, commit.now, event.at, found_by, len(row)]
        for field, value in row.items():
            arguments += [field, value]
    arguments.append(len(commit.sums))
    for (_, field), amount in commit.sums.items():
        arguments += [field, amount]
    return arguments + _lookup_arguments(commit)


def _lookup_arguments(commit: Commit) -> list[Argument]:
    conversation, lookups = commit.conversation, commit.lookups
    if lookups is NOTHING:
        return [0]
    last_click = "" if lookups.last_click is None else lookups.last_click
    arguments: list[Argument] = [1, commit.now, conversation.psid, last_click, len(lookups.index)]
    for at in lookups.index.values():
        arguments += [member(conversation), "" if at is None else at]
    arguments.append(len(lookups.waiting))
    for order_id, until in lookups.waiting.items():
        arguments += [waiting_member(conversation, order_id), "" if until is None else until]
    return arguments


def sum_up(tallies: Iterable[Tally]) -> Sums:
    """Add up what a turn adds to the page's numbers, by the day of the act and field."""
    sums: Sums = {}
    for tally in tallies:
        place = (day(tally.at), tally.field)
        sums[place] = sums.get(place, 0) + tally.amount
    return sums


def read_result(reply: CommitReply) -> Result:
    """Read the script's answer to one commit."""
    match reply[0]:
        case b"committed" | b"already":
            return Committed()
        case b"conflict":
            return _conflict(reply)
        case b"damaged":
            return Damaged(reply[1].decode())
        case _:
            return Failed(reply[1].decode(errors="replace"))


def _conflict(reply: CommitReply) -> Result:
    try:
        return Conflicted(read_snapshot(reply[1], reply[2], reply[3]))
    except Unreadable as error:
        return Failed(f"the stored conversation is unreadable: {error}")


class Unreadable(Exception):  # noqa: N818  names what is stored
    """What is stored of a conversation is not what we write. Says what is wrong with it."""


def read_snapshot(version: bytes | None, commit: bytes | None, state: bytes | None) -> Snapshot:
    """Read a conversation as stored; a missing one is the empty one. Raises Unreadable when it is damaged."""
    if not state and not commit and version in {None, b"0"}:
        return Snapshot()
    try:
        return Snapshot(read_state(state or b""), int(version or b""), (commit or b"").decode())
    except ValueError as error:
        raise Unreadable("its version is no number, or its commit id no text") from error


def read_state(state: bytes) -> Conversation:
    """Read the state alone. Raises Unreadable when it is damaged."""
    try:
        return _decoder.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error


def event_row(conversation: ConversationId, event: Event, fired_at: int) -> dict[str, str]:
    """Return a fired event as its row in Redis: text only, absent rather than empty."""
    row = {
        "event": event.name,
        "event_id": event.event_id,
        "page_id": conversation.page_id,
        "psid": conversation.psid,
        "tracking_id": event.tracking_id,
        **codec.moment("click_at", event.click_at),
        **codec.moment("event_at", event.at),
        **codec.moment("fired_at", fired_at),
        "status": "queued",
        "reason": "queued",
        "attempts": "0",
    }
    if event.order_id is not None:
        row["order_id"] = event.order_id
    if event.order_number is not None:
        row["order_number"] = event.order_number
    if event.purchase is not None:
        row["purchase"] = codec.encode(event.purchase).decode()
    return row
