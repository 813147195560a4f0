"""What if: the rules run again over what is stored, with another choice, another recogniser, or as they are now.

Reads only; nothing is changed.
"""

from msgspec import Struct, structs

from actors.connections import Connections
from actors.timeline import LENGTH, Happened
from actors.views import Views
from gateway.api.differences import AlternativeShape, WhatIfShape, tell_difference, tell_recognition
from gateway.recogniser import compile_recogniser
from rules.clicks import Policy
from rules.decide import Rulebook, Told
from rules.facts import ConversationId
from rules.orders import Choice, CompletePaymentOn, Terms
from rules.replay import Difference, Recognition, beside, compare_clicks, remembered, replay
from rules.standing import standings


class Alternative(Struct, frozen=True):
    """What to try: another choice, as if it had always held; another recogniser. Neither: the rules as they are now."""

    complete_payment_on: CompletePaymentOn | None = None
    ref_pattern: str | None = None


class Replayed(Struct, frozen=True):
    """One conversation as it is and as it would be. `cut`: its timeline is full, so the beginning may be missing."""

    conversation: ConversationId
    facts: int
    cut: bool
    clicks: tuple[Recognition, ...]
    events: tuple[Difference, ...]

    @property
    def changed(self) -> bool:
        """Whether anything would be otherwise."""
        return bool(self.clicks) or any(each.effect != "same" for each in self.events)


class Replaying:
    """Replays conversations of one page, as of one moment."""

    def __init__(self, views: Views, terms: Terms, book: Rulebook, now: int) -> None:
        """Take the terms that hold, the book that is tried, and the moment (ms, UTC)."""
        self._views = views
        self._terms = terms
        self._book = book
        self._now = now

    async def replay(self, conversation: ConversationId) -> Replayed | None:
        """Replay one, None when nothing is known of it. Raises StoreUnavailable or StoredDamage."""
        state = await self._views.conversation(conversation)
        if state is None:
            return None
        page = await self._views.timeline_forwards(conversation, limit=LENGTH)
        told = [Told(entry.fact, entry.answers) for _, entry in page.entries if isinstance(entry, Happened)]
        facts = remembered(state, told)
        would_be = replay(conversation, facts, self._book)
        return Replayed(
            conversation,
            facts=len(facts),
            cut=len(page.entries) == LENGTH,
            clicks=compare_clicks(state, would_be),
            events=beside(
                standings(conversation, state, self._terms, self._now),
                standings(conversation, would_be, self._book.terms, self._now),
            ),
        )


class WhatIf:
    """Runs the rules again. `policy` is the operator's, which holds where nothing else is tried."""

    def __init__(self, views: Views, connections: Connections, policy: Policy) -> None:
        """Take what it reads from."""
        self._views = views
        self._connections = connections
        self._policy = policy

    async def conversation(
        self, conversation: ConversationId, alternative: Alternative, now: int
    ) -> WhatIfShape | None:
        """Replay one conversation as of `now` (ms, UTC), None when nothing is known of it.

        Raises PatternRefusedError, StoreUnavailable or StoredDamage.
        """
        replaying = await self.replaying(conversation.page_id, alternative, now)
        replayed = await replaying.replay(conversation)
        return tell_replayed(replayed, alternative) if replayed else None

    async def replaying(self, page_id: str, alternative: Alternative, now: int) -> Replaying:
        """Prepare to replay conversations of a page. Raises PatternRefusedError, StoreUnavailable or StoredDamage."""
        chosen, pattern = alternative.complete_payment_on, alternative.ref_pattern
        recogniser = self._policy.ref_pattern if pattern is None else compile_recogniser(pattern)
        terms = await self._connections.terms_of(page_id)
        book = Rulebook(
            Policy(recogniser, self._policy.count_postbacks), Terms((Choice(0, chosen),)) if chosen else terms
        )
        return Replaying(self._views, terms, book, now)


def tell_replayed(replayed: Replayed, alternative: Alternative) -> WhatIfShape:
    """Tell one conversation as it is and as it would be."""
    return WhatIfShape(
        page_id=replayed.conversation.page_id,
        psid=replayed.conversation.psid,
        alternative=tell_alternative(alternative),
        facts=replayed.facts,
        cut=replayed.cut,
        changed=replayed.changed,
        clicks=tuple(map(tell_recognition, replayed.clicks)),
        events=tuple(map(tell_difference, replayed.events)),
    )


def tell_alternative(alternative: Alternative) -> AlternativeShape:
    """Tell what is tried."""
    return AlternativeShape(**structs.asdict(alternative))
