"""What if, for all of a page's conversations with a TikTok click of late. Reads only; nothing is changed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Final

from msgspec import Struct

from actors.errors import StoredDamage
from actors.page_conversations import PageConversations
from gateway.api.differences import MOST_CHANGED, EventSumShape, PageWhatIfShape, WhatIfShape
from gateway.api.shapes import TIKTOK_NAMES
from gateway.what_if import Alternative, Replayed, Replaying, WhatIf, tell_alternative, tell_replayed
from rules.events import EVENT_NAMES
from rules.facts import ConversationId
from rules.times import utc

AT_ONCE = 16
"""Conversations that are read at the same time."""

_CLICKS: Final = ("clicks_gained", "clicks_lost", "clicks_renamed")
_OF_EVENT: Final = ("was", "would_be", "gained", "lost", "moved")


class PageAsked(Struct, frozen=True):
    """Which conversations to replay: those of the page whose last click was at `since` (ms, UTC) or later, and how."""

    page_id: str
    since: int
    alternative: Alternative


async def replay_page(
    what_if: WhatIf, conversations: PageConversations, asked: PageAsked, now: int, progress: Callable[[int], object]
) -> PageWhatIfShape:
    """Replay a page's conversations as of `now` (ms, UTC); `progress` is told of every few that are done.

    A conversation without any TikTok click is not among them: no page's list has it, and it ends within the hour.
    Raises PatternRefusedError, StoreUnavailable or StoredDamage.
    """
    replaying = await what_if.replaying(asked.page_id, asked.alternative, now)
    sums = _Sums(asked)
    async for some in _in_batches(conversations, asked):
        for found in await asyncio.gather(*(_replay(replaying, each) for each in some)):
            sums.add(found)
        progress(len(some))
    return sums.tell()


async def _in_batches(conversations: PageConversations, asked: PageAsked) -> AsyncIterator[list[ConversationId]]:
    # One that is clicked meanwhile comes again, and may not count twice.
    seen: set[str] = set()
    some: list[ConversationId] = []
    async for psid, _ in conversations.since(asked.page_id, asked.since):
        if psid not in seen:
            seen.add(psid)
            some.append(ConversationId(asked.page_id, psid))
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


async def _replay(replaying: Replaying, conversation: ConversationId) -> Replayed | StoredDamage | None:
    try:
        return await replaying.replay(conversation)
    except StoredDamage as damage:
        return damage


class _Sums:
    """What was found over the conversations so far."""

    def __init__(self, asked: PageAsked) -> None:
        self._asked = asked
        self._counts: Counter[str] = Counter()
        self._changed: list[WhatIfShape] = []

    def add(self, found: Replayed | StoredDamage | None) -> None:
        """Add one conversation; None is one that has ended meanwhile."""
        if isinstance(found, Replayed):
            self._counts.update(replayed=1, changed=found.changed, cut=found.cut)
            self._count_each(found)
            if found.changed and len(self._changed) < MOST_CHANGED:
                self._changed.append(tell_replayed(found, self._asked.alternative))
        elif found is not None:
            self._counts["unreadable"] += 1

    def tell(self) -> PageWhatIfShape:
        """Tell all of it."""
        return PageWhatIfShape(
            page_id=self._asked.page_id,
            alternative=tell_alternative(self._asked.alternative),
            since=self._asked.since,
            since_utc=utc(self._asked.since),
            **{name: self._counts[name] for name in ("replayed", "changed", "cut", "unreadable", *_CLICKS)},
            events=tuple(
                EventSumShape(
                    event=event,
                    tiktok_name=TIKTOK_NAMES[event],
                    **{each: self._counts[f"{event} {each}"] for each in _OF_EVENT},
                )
                for event in EVENT_NAMES
            ),
            conversations=tuple(self._changed),
        )

    def _count_each(self, found: Replayed) -> None:
        for click in found.clicks:
            gained, lost, renamed = _CLICKS
            self._counts[gained if click.was is None else lost if click.would_be is None else renamed] += 1
        for each in found.events:
            self._counts[f"{each.event} {each.effect}"] += 1
            self._counts[f"{each.event} was"] += bool(each.was and each.was.fired)
            self._counts[f"{each.event} would_be"] += bool(each.would_be and each.would_be.fired)
