"""Finding a conversation or a delivery by whatever support was given. Exact look-ups; nothing is scanned."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from actors import keys
from actors.asking import ask_all, replies_of
from actors.commits import Unreadable, read_state
from actors.lookups import LONGEST_VALUE, By, index, read_event_id, read_member
from actors.scripts import Store
from rules.facts import ConversationId

MOST_FOUND = 100
"""Most places that one value leads to, the newest ones."""


class Found(Struct, frozen=True):
    """One place that a value leads to: a page, a conversation or, with an event id, a delivery.

    `by` says what kind of value it is there; of a conversation that cannot be read nobody knows (`unreadable`). `at` is
    when it was last met (ms, UTC), 0 when that is not known.
    """

    by: By | Literal["page_id", "unreadable"]
    page_id: str
    psid: str | None = None
    event_id: str | None = None
    at: int = 0


class _Lead(Struct, frozen=True):
    """What stands under a value in the index of a partition, and when the value was last met (ms, UTC)."""

    number: int
    value: str
    text: bytes
    at: int


class _Place(Struct, frozen=True):
    """Where a value leads by the index. A value that leads to a conversation may be the id of an event of it."""

    value: str
    conversation: ConversationId
    event_id: str
    at: int


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

        asked = [(number, value) for number in range(keys.PARTITIONS) for value in values]
        leads = [
            _Lead(number, value, text, int(at))
            for (number, value), entries in zip(asked, await ask_all(self._store, ask), strict=True)
            for text, at in entries or ()
        ]
        leads.sort(key=lambda each: -each.at)
        return await self._present(await self._places(leads[:MOST_FOUND]))

    async def _places(self, leads: Sequence[_Lead]) -> list[_Place]:
        """Read where they lead. Whose the events of a request are, the same index says under their ids."""
        of_requests = [(lead, event_id) for lead in leads if (event_id := read_event_id(lead.text))]
        pipeline = self._store.pipeline(transaction=False)
        for lead, event_id in of_requests:
            pipeline.zrange(keys.index(lead.number, event_id), 0, -1)
        owners: list[list[bytes] | None] = await replies_of(pipeline)
        leading = [(lead, "", lead.text) for lead in leads]
        for (lead, event_id), texts in zip(of_requests, owners, strict=True):
            leading += [(lead, event_id, text) for text in texts or ()]
        return [
            _Place(lead.value, member.conversation, event_id or member.event_id, lead.at)
            for lead, event_id, text in leading
            if (member := read_member(text)) is not None
        ]

    async def _present(self, places: Sequence[_Place]) -> list[Found]:
        """Say what is there now: an index that conversations share lives as long as the last of them."""
        pipeline = self._store.pipeline(transaction=False)
        for place in places:
            pipeline.hget(keys.event(place.conversation.page_id, place.event_id or place.value), "psid")
            pipeline.hget(keys.conversation(place.conversation), "state")
        replies: list[bytes | None] = await replies_of(pipeline)
        looked_at = zip(places, replies[::2], replies[1::2], strict=True)
        # During an upgrade a value may lead to the same place by a member of either version.
        return list(dict.fromkeys(found for each in looked_at for found in _found(*each)))

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


def _found(place: _Place, event_psid: bytes | None, state: bytes | None) -> Iterator[Found]:
    """Say what a place is, by whose the event is, if there is one, and by the conversation's state."""
    page_id, psid = place.conversation.page_id, place.conversation.psid
    event_id = place.event_id or place.value
    if event_psid == psid.encode():
        yield Found("event_id" if event_id == place.value else "request_id", page_id, psid, event_id, place.at)
    elif state and not place.event_id:
        try:
            known = index(place.conversation, read_state(state))
        except Unreadable:
            yield Found("unreadable", page_id, psid, at=place.at)
            return
        for (value, by), at in known.items():
            if value == place.value:
                yield Found(by, page_id, psid, at=at)


def _spellings(asked: str) -> tuple[str, ...]:
    """Return what was asked for, and the same with the number sign that people add to order numbers or leave out."""
    # What is no Unicode text, a lone surrogate, cannot be in the store.
    value = asked.encode(errors="ignore").decode().strip()
    if not value.strip("#") or len(value) > LONGEST_VALUE:
        return ()
    return (value, value[1:].strip() if value.startswith("#") else f"#{value}")
