"""The actor: one conversation's mailbox and cached state. One turn takes all its mail, decides, and commits.

The cache is disposable and may be stale: the commit's compare-and-set finds out, brings the current state, and the same
mail is folded again. That is all there is to do, because deciding is pure.
"""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable
from contextvars import Context
from functools import partial

import structlog
from msgspec import Struct

from actors import metrics
from actors.commits import Commit, Committed, Conflicted, Damaged, Failed, Result, Snapshot, sum_up
from actors.committer import Committer
from actors.errors import Overloaded, StoredDamage, StoreUnavailable
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
    """Facts of one conversation that arrived together, and the book to decide them by.

    `settled` is called once: with None when all of it is committed, or with why it is not. A turn runs in the `context`
    of its first letter, so that what it logs bears that one's request id, and not that of the turn before.
    """

    facts: tuple[Fact, ...]
    book: Rulebook
    settled: Callable[[Exception | None], None]
    context: Context


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
        self._turn: tuple[Letter, ...] = ()
        self._conflicts = 0
        self._setting_aside: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._turn and not self._mailbox

    @property
    def has_room(self) -> bool:
        """Whether another letter may wait."""
        return len(self._mailbox) < MAILBOX

    def post(self, letter: Letter) -> None:
        """Put a letter into the mailbox. Raises Overloaded when that is full."""
        if not self.has_room:
            raise Overloaded("mailbox is full")
        self._mailbox.append(letter)
        if not self._turn:
            self._begin()

    # Not a coroutine: most turns hold one message, and a task would cost more than deciding it. A turn begins with the
    # first letter, and goes on when the store has answered; what comes meanwhile makes the next one.

    def _begin(self) -> None:
        while self._mailbox and not self._turn:
            self._turn, self._conflicts = tuple(self._mailbox), 0
            self._mailbox.clear()
            self._decide()

    def _decide(self) -> None:
        try:
            fold = self._fold(self._turn)
            # As long as nothing is known of what is stored, it may have a click, and so a timeline.
            is_told = fold.told and (fold.state.clicks or not self._known.version)
            if fold.state == self._known.state and not is_told:
                self._end(None)
                return
            commit = self._commit_of(fold)
            stored = partial(self._stored, fold, commit.commit_id)
            self._committer.commit(commit).add_done_callback(stored, context=self._turn[0].context)
        except Exception as error:  # noqa: BLE001  loop top: whatever it was, no letter may wait for ever
            self._end(error)

    def _stored(self, fold: Fold, commit_id: str, stored: "asyncio.Future[Result]") -> None:
        try:
            match stored.result():
                case Committed():
                    self._known = Snapshot(fold.state, self._known.version + 1, commit_id)
                    self._report(fold)
                    self._end(None)
                case Conflicted(current):
                    self._overtaken(fold, current)
                case Damaged(key):
                    self._end(StoredDamage(f"{key} cannot be read; repair it"))
                case Failed(error):
                    # Kept, since the loop itself holds its tasks only weakly.
                    self._setting_aside = asyncio.create_task(self._set_aside(error), name="conversation.set_aside")
        except Exception as error:  # noqa: BLE001  loop top, as above
            self._end(error)
        self._begin()

    def _overtaken(self, fold: Fold, current: Snapshot) -> None:
        metrics.CONFLICTS.inc()
        self._pulse.count(self.conversation.page_id, fold.now, CONFLICTS)
        self._known = current
        self._conflicts += 1
        if self._conflicts > CONFLICTS_TOLERATED:
            raise StoreUnavailable("other processes keep being faster with this conversation")
        self._decide()

    async def _set_aside(self, why: str) -> None:
        facts = tuple(fact for letter in self._turn for fact in letter.facts)
        try:
            await self._committer.set_aside(self.conversation, facts, why)
        except Exception as error:  # noqa: BLE001  loop top, as above
            self._end(error)
        else:
            metrics.SET_ASIDE.inc(len(facts))
            log.error("facts.set_aside", page_id=self.conversation.page_id, psid=self.conversation.psid, error=why)
            self._end(None)
        self._begin()

    def _end(self, error: Exception | None) -> None:
        if error is not None:
            self._known = Snapshot()
        letters, self._turn = self._turn, ()
        for letter in letters:
            letter.settled(error)

    def _commit_of(self, fold: Fold) -> Commit:
        return Commit(
            conversation=self.conversation,
            expected=self._known,
            commit_id=f"{_process}-{next(_serial)}",
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

    def _report(self, fold: Fold) -> None:
        page_id = self.conversation.page_id
        self._pulse.count(page_id, fold.now, IN, sum(len(letter.facts) for letter in self._turn))
        for told in fold.told:
            for answer in told.answers:
                metrics.answered(answer.event, answer.reason).inc()
        for event in fold.events:
            metrics.FIRED.labels(event.name).inc()
            self._pulse.count(page_id, fold.now, FIRED)
            log.info(
                "event.fired",
                page_id=page_id,
                psid=self.conversation.psid,
                event_id=event.event_id,
                event_at=event.at,
            )
