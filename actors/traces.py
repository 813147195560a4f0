"""Traces: where anything of a customer is stored. Reads only, and leaves the rows of others where they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from actors import keys
from actors.aside import pages_aside
from actors.asking import ask_all, replies_of
from actors.lookups import read_member
from actors.scripts import Script, Store
from rules.facts import ConversationId

PAGES_AT_ONCE = 100
"""Pages that one script call looks at."""

EVENTS_AT_ONCE = 500
"""Events of which Redis says in one go which are the customer's."""

_Events: TypeAlias = list[tuple[str, str]]
"""Page id and event id of each."""


class Traces:
    """Finds what there is of a customer. Every method raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._look = Script(store, "traces")
        self._match = Script(store, "matching")

    async def pages(self, psid: str, page_ids: Iterable[str]) -> tuple[str, ...]:
        """Return those of the pages that hold anything of the customer, and others that are known to."""
        of_partition: defaultdict[int, list[str]] = defaultdict(list)
        for page_id in page_ids:
            of_partition[keys.partition(page_id)].append(page_id)
        found = await self._leads(psid) | await self._aside(psid)
        for pages in of_partition.values():
            for start in range(0, len(pages), PAGES_AT_ONCE):
                found |= await self._among(psid, pages[start : start + PAGES_AT_ONCE])
        return tuple(sorted(found))

    async def events(self, conversation: ConversationId) -> list[str]:
        """Return the ids of all events of the customer on a page, whether or not a conversation is left."""
        listed = await self._listed([conversation.page_id])
        return [event_id for _, event_id in await self._theirs(conversation.psid, listed)]

    async def _leads(self, psid: str) -> set[str]:
        replies: list[list[bytes] | None] = await ask_all(
            self._store, lambda pipeline, number: pipeline.zrange(keys.index(number, psid), 0, -1)
        )
        leads = (read_member(member) for members in replies for member in members or ())
        return {lead.page_id for lead in leads if lead is not None and lead.psid == psid}

    async def _aside(self, psid: str) -> set[str]:
        exist = await ask_all(self._store, lambda pipeline, number: pipeline.exists(keys.aside(number)))
        found: set[str] = set()
        for number, exists in enumerate(exist):
            if exists:
                found |= await pages_aside(self._store, number, psid)
        return found

    async def _among(self, psid: str, page_ids: Sequence[str]) -> set[str]:
        """Return which of some pages of one partition hold anything."""
        looked: list[bytes] = await self._look([key for each in page_ids for key in _keys(each, psid)], [psid])
        told = list(zip(page_ids, looked, strict=True))
        listed = await self._listed([page_id for page_id, found in told if found == b"events"])
        theirs = {page_id for page_id, _ in await self._theirs(psid, listed)}
        return theirs | {page_id for page_id, found in told if found == b"customer"}

    async def _listed(self, page_ids: Sequence[str]) -> _Events:
        # The log alone would not do: an event that was given up late outlives its place there.
        lists = [(page_id, make) for page_id in page_ids for make in (keys.events, keys.outbox, keys.dead)]
        pipeline = self._store.pipeline(transaction=False)
        for page_id, make in lists:
            pipeline.zrange(make(page_id), 0, -1)
        found: list[list[bytes] | None] = await replies_of(pipeline)
        named = zip(lists, found, strict=True)
        return list(dict.fromkeys((page_id, each.decode()) for (page_id, _), ids in named for each in ids or ()))

    async def _theirs(self, psid: str, listed: _Events) -> _Events:
        # A damaged row is nobody's: it ends by itself, and must not keep anybody's own from going.
        theirs: _Events = []
        for start in range(0, len(listed), EVENTS_AT_ONCE):
            some = listed[start : start + EVENTS_AT_ONCE]
            places = await self._match([keys.event(*each) for each in some], ["psid", psid, ""])
            theirs += [some[place - 1] for place in places]
        return theirs


def _keys(page_id: str, psid: str) -> list[str]:
    """Return the keys of a page that the script looks at."""
    conversation = ConversationId(page_id, psid)
    return [
        keys.conversation(conversation),
        keys.timeline(conversation),
        keys.page_conversations(page_id),
        keys.events(page_id),
        keys.outbox(page_id),
        keys.dead(page_id),
    ]
