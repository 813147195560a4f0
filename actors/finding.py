"""Finding a conversation or a delivery by whatever support was given. Exact look-ups; nothing is scanned."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, Literal

import msgspec
from msgspec import Struct

from actors import keys
from actors.asking import ask_all, replies_of
from actors.commits import read_snapshot
from actors.lookups import LONGEST_VALUE, By, Member, index, read_member
from actors.scripts import Store
from rules.facts import ConversationId

MOST_FOUND = 100
"""Most places that one value leads to, the newest ones."""


class Found(Struct, frozen=True):
    """One place that a value leads to: a page, a conversation or, with an event id, a delivery.

    `by` says as what the value was found, which of a conversation that is `unreadable` nobody knows; `at` when it was
    last met (ms, UTC), 0 when that is not known.
    """

    by: By | Literal["page_id", "unreadable"]
    page_id: str
    psid: str | None = None
    event_id: str | None = None
    at: int = 0


class _Lead(Struct, frozen=True):
    """Where a value leads by the index, and when it was last met (ms, UTC)."""

    value: str
    member: Member
    at: int

    @property
    def event_id(self) -> str:
        """The event that it leads to, if it leads to one: a value may be an event's own id."""
        return self.member.event_id or self.value


class Finder:
    """Looks values up on all pages."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store

    async def find(self, asked: str) -> tuple[Found, ...]:
        """Return what a psid, order id or number, event id, request id, tracking id, ref or page id leads to.

        Newest first, at most `MOST_FOUND`; nothing for what is empty or longer than any value that can be looked up.
        White space around it does not matter, nor whether it begins with a number sign. Raises StoreUnavailable.
        """
        values = _spellings(asked)
        if not values:
            return ()
        found = [*await self._pages(values), *await self._indexed(values)]
        found.sort(key=lambda each: -each.at)
        return tuple(found[:MOST_FOUND]) or await self._without_click(values[0])

    async def _indexed(self, values: Sequence[str]) -> list[Found]:
        def ask(pipeline: Any, number: int) -> None:  # noqa: ANN401  redis-py has no one type for its pipelines
            for value in values:
                pipeline.zrevrange(keys.index(number, value), 0, MOST_FOUND - 1, withscores=True)

        leads = [
            _Lead(value, member, int(at))
            for value, entries in zip(cycle(values), await ask_all(self._store, ask), strict=False)
            for text, at in entries or ()
            if (member := read_member(text)) is not None
        ]
        leads.sort(key=lambda each: -each.at)
        return await self._followed(leads[:MOST_FOUND])

    async def _followed(self, leads: Sequence[_Lead]) -> list[Found]:
        """Say what they lead to now: an index that conversations share lives as long as the last of them."""
        pipeline = self._store.pipeline(transaction=False)
        for lead in leads:
            pipeline.hget(keys.event(lead.member.page_id, lead.event_id), "psid")
            pipeline.hget(keys.conversation(lead.member.conversation), "state")
        replies: list[bytes | None] = await replies_of(pipeline)
        followed = zip(leads, replies[::2], replies[1::2], strict=True)
        # During an upgrade a value may lead to the same place by a member of either version.
        return list(dict.fromkeys(each for found in followed for each in _found(*found)))

    async def _pages(self, values: Sequence[str]) -> list[Found]:
        """Find pages: those that are connected, and those that were and still have conversations."""
        pipeline = self._store.pipeline(transaction=False)
        for page_id in values:
            pipeline.exists(keys.connection(page_id))
            pipeline.zrevrange(keys.page_conversations(page_id), 0, 0, withscores=True)
        replies = await replies_of(pipeline)
        return [
            Found("page_id", page_id, at=int(newest[0][1]) if newest else 0)
            for page_id, connected, newest in zip(values, replies[::2], replies[1::2], strict=True)
            if connected or newest
        ]

    async def _without_click(self, psid: str) -> tuple[Found, ...]:
        """Find a customer who never came through an ad: no index knows them, but their page may."""
        connected: list[set[bytes] | None] = await ask_all(
            self._store, lambda pipeline, number: pipeline.smembers(keys.connections(number))
        )
        # The pages of a partition share a slot, so that one command can ask for the customer on all of them.
        asked = [[ConversationId(page_id.decode(), psid) for page_id in page_ids] for page_ids in connected if page_ids]
        pipeline = self._store.pipeline(transaction=False)
        for people in asked:
            pipeline.exists(*(keys.conversation(each) for each in people))
        counts: list[int] = await replies_of(pipeline)
        possible = [each for people, count in zip(asked, counts, strict=True) if count for each in people]
        present = await self._exist([keys.conversation(each) for each in possible])
        found = [Found("psid", each.page_id, each.psid) for each in possible if keys.conversation(each) in present]
        return tuple(found[:MOST_FOUND])

    async def _exist(self, wanted: Sequence[str]) -> set[str]:
        pipeline = self._store.pipeline(transaction=False)
        for key in wanted:
            pipeline.exists(key)
        return {key for key, exists in zip(wanted, await replies_of(pipeline), strict=True) if exists}


def _found(lead: _Lead, event_psid: bytes | None, state: bytes | None) -> Iterator[Found]:
    """Say what a lead leads to, by whose its event is, if it is one, and by the conversation's state."""
    conversation = lead.member.conversation
    if event_psid == conversation.psid.encode():
        by: By = "event_id" if lead.event_id == lead.value else "request_id"
        yield Found(by, conversation.page_id, conversation.psid, lead.event_id, lead.at)
    elif state and not lead.member.event_id:
        try:
            known = index(conversation, read_snapshot(None, None, state).state)
        except msgspec.DecodeError:
            yield Found("unreadable", conversation.page_id, conversation.psid, at=lead.at)
            return
        for (value, by), at in known.items():
            if value == lead.value:
                yield Found(by, conversation.page_id, conversation.psid, at=at)


def _spellings(asked: str) -> tuple[str, ...]:
    """Return what was asked for, and the same with the number sign that people add to order numbers or leave out."""
    # What is no Unicode text, a lone surrogate, cannot be in the store.
    value = asked.encode(errors="ignore").decode().strip()
    if not value.strip("#") or len(value) > LONGEST_VALUE:
        return ()
    return (value, value[1:].strip() if value.startswith("#") else f"#{value}")
