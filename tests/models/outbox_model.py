"""The outbox as a state machine: gateways, senders, a seller, TikTok and the clock do what they can, in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from msgspec.structs import replace

from actors import keys
from actors.commits import Commit
from actors.outbox import Claim
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from tests.models.driven_outbox import PAGE, PAGES, DrivenOutbox, Ending
from tests.models.stores import FakeStore, RealStore
from tests.models.tiktok import Behaviour, behaviours

MOST_LOOKS = 50
AGES_MS = (0, 7 * DAY_MS + SECOND_MS)
"""Of events when they fire: just now, or too long ago to be sent."""

pages = st.sampled_from(PAGES)


class OutboxModel(RuleBasedStateMachine):
    """All that can happen to the outbox of two pages. The invariants hold after every step; in the end it is empty."""

    commits = Bundle("commits")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.outbox = DrivenOutbox(self.open())
        self._latest = 0

    def open(self) -> FakeStore | RealStore:
        """Say where the outbox lies."""
        return FakeStore()

    def let_hours_pass(self) -> None:
        """Let all leases end, and all that waits for a time be due."""
        self.outbox.at.pass_time(2 * HOUR_MS)

    @initialize(target=commits)
    def begin(self) -> MultipleResults[Commit]:
        for page_id in PAGES:
            self.outbox.switch(page_id, paused=False)
        return multiple(*[self.outbox.fire(page_id, age_ms) for page_id, age_ms in zip(PAGES, AGES_MS, strict=True)])

    @rule(target=commits, page_id=pages, age_ms=st.sampled_from(AGES_MS))
    def fire(self, page_id: str, age_ms: int) -> Commit:
        return self.outbox.fire(page_id, age_ms)

    @rule(commit=commits, by=st.sampled_from(("the same call again", "another gateway")))
    def commit_again(self, commit: Commit, by: str) -> None:
        """Its reply was lost, or a gateway commits that did not know of it."""
        elsewhere = replace(commit, commit_id=f"{commit.commit_id}-elsewhere")
        self.outbox.commit(commit if by == "the same call again" else elsewhere)

    @rule(commit=commits)
    def decide_again(self, commit: Commit) -> None:
        self.outbox.decide_again(commit)

    @rule(target=claims, page_id=pages, most=st.sampled_from((1, 2, 100)))
    def claim(self, page_id: str, most: int) -> Claim:
        return self.outbox.claim(page_id, most)

    @rule(claim=claims, ending=st.sampled_from(("sent", "retry", "later", "bury", "hold", "give_back")))
    def settle(self, claim: Claim, ending: Ending) -> None:
        """By whoever has the lease, or had it once. A sender that died simply never does."""
        self.outbox.settle(claim, ending)

    @rule(page_id=pages, acts=behaviours)
    def take_a_turn(self, page_id: str, acts: list[Behaviour]) -> None:
        self.outbox.turn(page_id, acts)

    @rule(page_id=pages)
    def die_between_answer_and_record(self, page_id: str) -> None:
        self.outbox.turn(page_id, ["dies_after"])

    @rule(page_id=pages, paused=st.booleans(), by_switch=st.booleans())
    def pause_or_resume(self, page_id: str, *, paused: bool, by_switch: bool) -> None:
        self.outbox.switch(page_id, paused=paused, by_switch=by_switch)

    @rule(page_id=pages, by_switch=st.booleans())
    def pause_over_a_turn(self, page_id: str, *, by_switch: bool) -> None:
        self.outbox.switch(page_id, paused=True, by_switch=by_switch)
        self.outbox.turn(page_id, [])
        self.outbox.switch(page_id, paused=False, by_switch=by_switch)

    @rule(commit=commits)
    def resend(self, commit: Commit) -> None:
        self.outbox.resend(commit.conversation.page_id, commit.events[0].event_id)

    @rule(step=st.integers(0, 5))
    def time_passes(self, step: int) -> None:
        steps_ms = self.outbox.at.steps_ms
        self.outbox.at.pass_time(steps_ms[step % len(steps_ms)])

    @precondition(lambda self: self.outbox.at.can_step_back)
    @rule(step_ms=st.sampled_from((1, SECOND_MS, 10 * MINUTE_MS, 5 * HOUR_MS)))
    def the_clock_steps_back(self, step_ms: int) -> None:
        self.outbox.at.pass_time(-step_ms)

    @invariant()
    def every_event_is_in_one_place(self) -> None:
        """Waiting, sent and dead are all that has fired; held is waiting. What was sent stays so, and TikTok has it."""
        places = {event_id: place for page_id in PAGES for event_id, place in self.outbox.places(page_id).items()}
        assert set(places) == set(self.outbox.fired)
        sent = {event_id for event_id, place in places.items() if place == "sent"}
        assert self.outbox.sent <= sent, "what was sent waits again"
        assert sent <= self.outbox.tiktok.recorded, "what TikTok never saw counts as sent"
        self.outbox.sent = sent

    @invariant()
    def nothing_is_sent_under_two_ids(self) -> None:
        assert all(len(ids) == 1 for ids in self.outbox.tiktok.ids.values())

    @invariant()
    def every_page_that_waits_is_looked_at_in_time(self) -> None:
        """The due index has exactly the pages with waiting events, none later than its earliest event or its rest."""
        outbox = self.outbox
        self._latest = max(self._latest, outbox.now())
        due = dict(outbox.run(outbox.store.zrange(keys.due(keys.partition(PAGE)), 0, -1, withscores=True)))
        for page_id in PAGES:
            earliest = outbox.run(outbox.store.zrange(keys.outbox(page_id), 0, 0, withscores=True))
            assert (page_id.encode() in due) == bool(earliest)
            if earliest:
                bound = max(self._latest, earliest[0][1], outbox.rests_until[page_id])
                assert due[page_id.encode()] <= bound, "a page is forgotten"

    def teardown(self) -> None:
        """Whatever has happened, all that waits comes out once somebody looks."""
        try:
            self._drain()
        finally:
            self.outbox.close()

    def _drain(self) -> None:
        for page_id in PAGES:
            self.outbox.switch(page_id, paused=False)
        for _ in range(MOST_LOOKS):
            for page_id in self.outbox.due_pages():
                self.outbox.settle(self.outbox.claim(page_id), "sent")
            self.every_event_is_in_one_place()
            if not any("waiting" in self.outbox.places(page_id).values() for page_id in PAGES):
                return
            self.let_hours_pass()
        raise AssertionError("something waits for ever")


class OutboxModelOnRealRedis(OutboxModel):
    """The same against a real server, whose clock goes its own way."""

    def open(self) -> RealStore:
        """Say where the outbox lies."""
        return RealStore()

    def let_hours_pass(self) -> None:
        """Let all that waits for a time be due."""
        self.outbox.make_everything_due()
