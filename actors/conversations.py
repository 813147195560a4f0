"""All conversations of this process: actors on demand, a bounded number of them, idle ones forgotten first."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from contextvars import copy_context
from typing import TypeAlias

from actors import metrics
from actors.committer import Committer
from actors.connections import Connections
from actors.conversation import ConversationActor, Letter
from actors.errors import Overloaded, StoredDamage, for_each
from actors.pulse import Pulse
from rules.clicks import Policy
from rules.decide import Rulebook
from rules.facts import Addressed, ConversationId, Fact

CACHED = 20_000
"""Most actors kept in memory."""

_Mail: TypeAlias = tuple[ConversationActor, list[Fact], Rulebook]


class Conversations:
    """The door to the actors: hand in facts, get them committed."""

    def __init__(
        self,
        committer: Committer,
        connections: Connections,
        policy: Policy,
        cached: int = CACHED,
        *,
        pulse: Pulse | None = None,
    ) -> None:
        """Keep at most `cached` actors, beyond those that are at work. `pulse`: where they count what they do."""
        self._committer = committer
        self._connections = connections
        self._policy = policy
        self._cached = cached
        self._pulse = pulse or Pulse()
        self._actors: OrderedDict[ConversationId, ConversationActor] = OrderedDict()

    async def tell(self, addressed: Iterable[Addressed]) -> int:
        """Commit facts, those of one conversation in their order; return how many belong to connected pages.

        Raises Overloaded (nothing was taken in), StoreUnavailable (some may be stored; telling again is safe), or
        StoredDamage, of a page's connection, once the other pages' facts are stored.
        """
        letters = _by_conversation(addressed)
        books, damage = await self._books({conversation.page_id for conversation in letters})
        wanted = [
            (self._actor(conversation), facts, books[conversation.page_id])
            for conversation, facts in letters.items()
            if conversation.page_id in books
        ]
        if not all(actor.has_room for actor, _, _ in wanted):
            raise Overloaded("too much is waiting for one conversation")
        if wanted:
            await self._post(wanted)
        if damage:
            raise damage
        taken = sum(len(facts) for _, facts, _ in wanted)
        if not_taken := sum(map(len, letters.values())) - taken:
            metrics.DROPPED.inc(not_taken)
        return taken

    async def _post(self, letters: list[_Mail]) -> None:
        settling, context = _Settling(len(letters)), copy_context()
        for actor, facts, book in letters:
            actor.post(Letter(tuple(facts), book, settling.settle, context))
        await settling.all_settled

    async def _books(self, page_ids: set[str]) -> tuple[dict[str, Rulebook], StoredDamage | None]:
        books, damage = {}, None
        for page_id in page_ids:
            try:
                connection = await self._connections.get(page_id)
            except StoredDamage as error:
                damage = error
                continue
            if connection is not None:
                books[page_id] = Rulebook(self._policy, connection.terms)
        return books, damage

    def _actor(self, conversation: ConversationId) -> ConversationActor:
        actor = self._actors.get(conversation)
        if actor is None:
            self._forget_idle()
            actor = self._actors[conversation] = ConversationActor(conversation, self._committer, self._pulse)
        else:
            self._actors.move_to_end(conversation)
        return actor

    def _forget_idle(self) -> None:
        # Those at work are skipped by being moved to the end; about as many as there are requests in flight.
        for _ in range(min(len(self._actors), 8)):
            if len(self._actors) < self._cached:
                return
            conversation, oldest = next(iter(self._actors.items()))
            if oldest.idle:
                del self._actors[conversation]
            else:
                self._actors.move_to_end(conversation)


class _Settling:
    """The letters of one POST, on their way. `all_settled` raises the first error, but waits for all of them."""

    def __init__(self, letters: int) -> None:
        self.all_settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unsettled = letters
        self._error: Exception | None = None

    def settle(self, error: Exception | None) -> None:
        self._unsettled -= 1
        self._error = self._error or error
        if self._unsettled or self.all_settled.done():
            return
        if self._error is None:
            self.all_settled.set_result(None)
        else:
            self.all_settled.set_exception(for_each(self._error))


def _by_conversation(addressed: Iterable[Addressed]) -> dict[ConversationId, list[Fact]]:
    letters: dict[ConversationId, list[Fact]] = {}
    for each in addressed:
        letters.setdefault(each.conversation, []).append(each.fact)
    return letters
