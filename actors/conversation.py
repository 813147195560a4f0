"""The actor: one conversation's mailbox and cached state. One turn takes all its mail, decides, and commits.

The cache is disposable and may be stale: the commit's compare-and-set finds out, brings the current state, and the same
mail is folded again. That is all there is to do, because deciding is pure.
"""

import asyncio
import itertools
import secrets
from collections import deque

import structlog
from msgspec import Struct

from actors import metrics
from actors.commits import Commit, Conflicted, Failed, Snapshot, sum_up
from actors.committer import Committer
from actors.errors import Overloaded, StoreUnavailable, for_each
from actors.lookups import lookups
from actors.pulse import CONFLICTS, FIRED, IN, Pulse
from rules.decide import Rulebook, Told, decide
from rules.events import Event
from rules.facts import ConversationId, Fact
from rules.state import Conversation
from rules.tallies import Tally, tallies

MAILBOX = 64
"""Most letters that may wait for one conversation. A letter is what one POST says of it."""

CONFLICTS_TOLERATED = 10

log = structlog.get_logger()

_process = secrets.token_hex(6)
_serial = itertools.count(1)


class Letter(Struct, frozen=True):
    """Facts of one conversation that arrived together, and the book to decide them by."""

    facts: tuple[Fact, ...]
    book: Rulebook
    committed: "asyncio.Future[None]"


class Fold(Struct, frozen=True):
    """What a mailbox full of facts led to."""

    state: Conversation
    events: tuple[Event, ...]
    told: tuple[Told, ...]
    now: int
    tallies: tuple[Tally, ...]


class ConversationActor:
    """One conversation in this process. Other processes may have one of their own at the same time."""

    def __init__(self, conversation: ConversationId, committer: Committer, pulse: Pulse) -> None:
        """Start with nothing known; the first commit brings what is stored."""
        self.conversation = conversation
        self._committer = committer
        self._pulse = pulse
        self._known = Snapshot()
        self._mailbox: deque[Letter] = deque()
        self._turning: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._mailbox and (self._turning is None or self._turning.done())

    @property
    def has_room(self) -> bool:
        """Whether another letter may wait."""
        return len(self._mailbox) < MAILBOX

    def post(self, facts: tuple[Fact, ...], book: Rulebook) -> "asyncio.Future[None]":
        """Put a letter into the mailbox; the future resolves once all of it is committed.

        Raises Overloaded when the mailbox is full.
        """
        if not self.has_room:
            raise Overloaded("mailbox is full")
        letter = Letter(facts, book, asyncio.get_running_loop().create_future())
        self._mailbox.append(letter)
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._turn_until_empty(), name="conversation.turn")
        return letter.committed

    async def _turn_until_empty(self) -> None:
        while self._mailbox:
            letters = tuple(self._mailbox)
            self._mailbox.clear()
            try:
                await self._turn(letters)
            except Exception as error:  # noqa: BLE001  loop top: whatever it was, no letter may wait for ever
                self._known = Snapshot()
                for letter in letters:
                    _settle(letter, error)
            else:
                for letter in letters:
                    _settle(letter, None)

    async def _turn(self, letters: tuple[Letter, ...]) -> None:
        for _ in range(CONFLICTS_TOLERATED + 1):
            fold = self._fold(letters)
            if fold.state == self._known.state and not (fold.told and fold.state.clicks):
                return
            commit_id = f"{_process}-{next(_serial)}"
            result = await self._committer.commit(self._commit(fold, commit_id))
            if isinstance(result, Failed):
                await self._set_aside(letters, result.error)
                return
            if isinstance(result, Conflicted):
                metrics.CONFLICTS.inc()
                self._pulse.count(self.conversation.page_id, fold.now, CONFLICTS)
                self._known = result.current
                continue
            self._known = Snapshot(fold.state, self._known.version + 1, commit_id)
            self._report(fold)
            facts = sum(len(letter.facts) for letter in letters)
            self._pulse.count(self.conversation.page_id, fold.now, IN, facts)
            return
        raise StoreUnavailable("other processes keep being faster with this conversation")

    def _commit(self, fold: Fold, commit_id: str) -> Commit:
        return Commit(
            conversation=self.conversation,
            expected=self._known,
            commit_id=commit_id,
            state=fold.state,
            events=fold.events,
            told=fold.told,
            now=fold.now,
            sums=sum_up(fold.tallies),
            lookups=lookups(self.conversation, self._known.state, fold.state),
        )

    def _fold(self, letters: tuple[Letter, ...]) -> Fold:
        state, now = self._known.state, 0
        events: list[Event] = []
        told: list[Told] = []
        counted: list[Tally] = []
        for letter in letters:
            for fact in letter.facts:
                outcome = decide(self.conversation, state, fact, letter.book)
                counted.extend(tallies(state, outcome, letter.book.terms))
                state, now = outcome.state, max(now, fact.received_at)
                events.extend(outcome.events)
                told.extend(outcome.told)
        return Fold(state, tuple(events), tuple(told), now, tuple(counted))

    async def _set_aside(self, letters: tuple[Letter, ...], error: str) -> None:
        facts = tuple(fact for letter in letters for fact in letter.facts)
        await self._committer.set_aside(self.conversation, facts, error)
        metrics.SET_ASIDE.inc(len(facts))
        log.error("facts.set_aside", page_id=self.conversation.page_id, psid=self.conversation.psid, error=error)

    def _report(self, fold: Fold) -> None:
        for told in fold.told:
            for answer in told.answers:
                metrics.ANSWERS.labels(answer.event or "", answer.reason).inc()
        for event in fold.events:
            metrics.FIRED.labels(event.name).inc()
            self._pulse.count(self.conversation.page_id, fold.now, FIRED)
            log.info(
                "event.fired",
                page_id=self.conversation.page_id,
                psid=self.conversation.psid,
                event_id=event.event_id,
                event_at=event.at,
            )


def _settle(letter: Letter, error: Exception | None) -> None:
    if letter.committed.done():
        return
    if error is None:
        letter.committed.set_result(None)
    else:
        letter.committed.set_exception(for_each(error))
