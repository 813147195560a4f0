"""Each of these faults, sown on purpose, is caught. If one slips through, the tests have a hole.

A fault whose line is no longer in the source fails here too: it has to follow the code.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.actors import test_bucket, test_commit, test_conversation, test_delivery_turn, test_outbox
from tests.judge import test_judge
from tests.judge.deciding import decided
from tests.judge.facts import Chose
from tests.judge.histories import DAY, Scene, facts_of, invent
from tests.judge.judge import judge
from tests.models.outbox_model import OutboxModel
from tests.models.sowing import Fault, sow
from tests.stores import Store

HISTORIES = 4_000
NOW = 1_790_000_000_000
POST = "reply = await request()"
SETTLE_FIRST = '[Settlement(entry, "sent", "sent", "sent") for entry in part]'

Check: TypeAlias = Callable[[], None]
Promise: TypeAlias = Callable[[Store], Coroutine[Any, Any, None]]

BUDGET = settings(
    max_examples=200,
    stateful_step_count=25,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def the_model() -> None:
    """Run the outbox's state machine."""
    run_state_machine_as_test(OutboxModel, settings=BUDGET)


def the_judge() -> None:
    """Compare judge and rules on invented histories."""
    for seed in range(HISTORIES):
        dice = Random(seed)
        choices = (Chose(0, "order_shipped"), Chose(NOW - dice.choice((DAY, 3 * DAY, 7 * DAY)), "order_confirmed"))
        history = facts_of(invent(dice, Scene(NOW, choices[: 1 + seed % 2])), choices[: 1 + seed % 2])
        assert decided("900", "7101", history) == [
            (due.event, due.event_id, due.at) for due in judge("900", "7101", history)
        ]


def the_cases() -> None:
    """Go through the judge's named cases."""
    for found in test_judge.FOUND:
        test_judge.test_what_was_found(found)


def promise(test: Promise) -> Check:
    """Run a test of another module on an empty store."""

    async def run() -> None:
        async with FakeAsyncRedis(server=FakeServer()) as store:
            await test(store)

    def check() -> None:
        asyncio.run(run())

    return check


FAULTS: list[tuple[Check, Fault]] = [
    # The outbox: claim, settle, resend
    (the_model, Fault("no fence", "settle.lua", "elseif holder[1] == lease then", "elseif true then")),
    (
        the_model,
        Fault(
            "a lease that outlives its settlement",
            "settle.lua",
            "redis.call('HDEL', event.row, 'lease', unpack(event.gone))",
            "redis.call('HDEL', event.row, 'nothing', unpack(event.gone))",
        ),
    ),
    (the_model, Fault("sent, but not taken out", "settle.lua", "  redis.call('ZREM', outbox, event.id)\n", "")),
    (
        the_model,
        Fault(
            "a retry that nobody looks for",
            "settle.lua",
            "    redis.call('ZADD', due, 'LT', text(math.max(now, tonumber(event.score))), page_id)\n",
            "",
        ),
    ),
    (
        the_model,
        Fault("an empty page that stays due", "settle.lua", "  redis.call('ZREM', due, page_id)\nelse", "else"),
    ),
    (
        the_model,
        Fault(
            "a lease of no length",
            "claim.lua",
            "redis.call('ZADD', outbox, text(now + lease_ms), event.id)",
            "redis.call('ZADD', outbox, text(now), event.id)",
        ),
    ),
    (
        the_model,
        Fault(
            "claimed whoever holds it", "claim.lua", "elseif page_due and is_due(score) then", "elseif page_due then"
        ),
    ),
    (
        the_model,
        Fault(
            "a page forgotten at its claim",
            "claim.lua",
            "redis.call('ZADD', due, text(math.max(now, tonumber(earliest[2]))), page_id)",
            "redis.call('ZREM', due, page_id)",
        ),
    ),
    (
        the_model,
        Fault(
            "an attempt that is not opened",
            "claim.lua",
            "redis.call('HSET', event.row, 'unconfirmed_since', text(now))",
            "redis.call('HDEL', event.row, 'unconfirmed_since')",
        ),
    ),
    (
        promise(test_outbox.test_what_lies_impossibly_far_ahead_is_due),
        Fault(
            "no clamp for a clock that stepped back",
            "claim.lua",
            "(tonumber(score) <= now or tonumber(score) > now + FARTHEST_MS)",
            "tonumber(score) <= now",
        ),
    ),
    (
        the_model,
        Fault(
            "resent while it waits",
            "resend.lua",
            "if seen[1] ~= ARGV[3] or redis.call('ZSCORE', outbox, ARGV[2]) then",
            "if false then",
        ),
    ),
    (
        promise(test_outbox.test_a_rejected_event_is_kept_with_its_reason_and_can_be_resent),
        Fault("resent and dead", "resend.lua", "redis.call('ZREM', dead, ARGV[2])", ""),
    ),
    # Holding and releasing
    (
        the_model,
        Fault("due not updated at resume", "pause.lua", "if may_send and", "if false and"),
    ),
    (
        the_model,
        Fault("due not updated at connect", "connect.lua", "if may_send and waiting > 0 then", "if false then"),
    ),
    (
        the_model,
        Fault("a pause that holds nothing", "actors.connection:page_trouble", "if connection.paused:", "if False:"),
    ),
    # The turn
    (
        the_model,
        Fault(
            "acknowledged before it is posted",
            "actors.delivery_turn:DeliveryTurn._post",
            POST,
            f"await self._tools.claims.settle(self._claim, {SETTLE_FIRST})\n    {POST}",
        ),
    ),
    (
        the_model,
        Fault(
            "expiry forgotten",
            "actors.delivery_turn:DeliveryTurn._bury_what_is_too_late",
            "if too_late:",
            "if too_late and self._stopping():",
        ),
    ),
    (
        promise(test_delivery_turn.test_an_unconfirmed_event_is_not_sent_after_47_hours),
        Fault("repeated for ever", "rules.delivery:may_send", "unconfirmed_since is not None and", "False and"),
    ),
    # The commit
    (the_model, Fault("no commit id", "commit.lua", "if last_commit == turn.commit then", "if false then")),
    (
        the_model,
        Fault(
            "version not compared",
            "commit.lua",
            "if version ~= turn.expected_version or last_commit ~= turn.expected_commit then",
            "if false then",
        ),
    ),
    (
        promise(test_commit.test_the_same_version_of_another_life_is_a_conflict),
        Fault("only the version compared", "commit.lua", " or last_commit ~= turn.expected_commit then", " then"),
    ),
    (
        promise(test_commit.test_an_event_that_was_decided_twice_stays_one),
        Fault("a row written again", "commit.lua", "if event.exists == 1 then", "if false then"),
    ),
    (
        the_model,
        Fault("fired, but not due", "commit.lua", "  redis.call('ZADD', turn.due, 'LT', now_ms, turn.page_id)\n", ""),
    ),
    (
        promise(test_conversation.test_what_is_told_is_committed),
        Fault(
            "answered before it is committed",
            "actors.conversations:Conversations._post",
            "await settling.all_settled",
            "pass",
        ),
    ),
    (
        promise(test_conversation.test_two_processes_on_one_conversation_are_as_good_as_one),
        Fault(
            "a conflict taken for a success",
            "actors.commits:read_result",
            'case b"committed" | b"already":',
            'case b"committed" | b"already" | b"conflict":',
        ),
    ),
    # The bucket
    (
        promise(test_bucket.test_a_stored_time_that_no_rate_can_have_led_to_is_not_believed),
        Fault("no clamp", "take.lua", "if from > shut_until + burst * interval + longest_us then", "if false then"),
    ),
    (
        promise(test_bucket.test_two_senders_share_one_rate),
        Fault(
            "a bucket that never empties",
            "take.lua",
            "full_at, granted = from + interval, granted + 1",
            "full_at, granted = from, granted + 1",
        ),
    ),
    (
        promise(test_bucket.test_who_asks_at_once_gets_what_one_after_another_would_have_got),
        Fault(
            "many who ask at once and pay for one",
            "take.lua",
            "'full_at_us', string.format('%.0f', full_at))",
            "'full_at_us', string.format('%.0f', full_at - (granted - 1) * interval))",
        ),
    ),
    # The rules
    (
        the_judge,
        Fault("seven days less a moment", "rules.state:Click.lives_at", "<= CLICK_LIVES_MS", "< CLICK_LIVES_MS"),
    ),
    (
        the_judge,
        Fault("ten minutes less a moment", "rules.messages:young_enough", ">= oldest", "> oldest"),
    ),
    (
        the_judge,
        Fault(
            "an early press counts",
            "rules.decide:_count_overtaking_messages",
            "mine = [each for each in young if each not in presses and",
            "mine = [each for each in young if",
        ),
    ),
    (the_judge, Fault("Meta's ads are clicks", "rules.clicks:recognise", 'or source == "ADS"', "")),
    (
        the_judge,
        Fault("counted twice", "rules.decide:_on_message", "if shortened in state.seen:", "if False:"),
    ),
    (
        the_judge,
        Fault(
            "placed by arrival",
            "rules.messages:_place",
            "sorted((*earliest, replace(message, late_ms=0)), key=_place_of)",
            "(*earliest, message)",
        ),
    ),
    (
        the_judge,
        Fault("an order that changes its click", "rules.orders:judge", "if order.click_at is None and (", "if ("),
    ),
    (
        the_judge,
        Fault(
            "an older push undoes",
            "rules.orders:_cancellation",
            "if not push.tells_cancellation or push.updated_at < told_at:",
            "if False:",
        ),
    ),
    (
        the_judge,
        Fault(
            "a cancelled order fires", "rules.orders:_obstacle", "if order.cancelled else None", "if False else None"
        ),
    ),
    (the_judge, Fault("a choice for the past", "rules.orders:Terms.as_of", "if choice.since <= at", "")),
    (the_judge, Fault("one id for two clicks", "rules.events:click_event_id", "str(click_at), ref", "str(click_at)")),
    (
        the_judge,
        Fault(
            "ten minutes from the first push only",
            "rules.decide:_on_order",
            "state if known.click_at is not None else orders.with_order(state, judged.order)",
            "state",
        ),
    ),
    (
        the_cases,
        Fault(
            "a forgotten message counts again",
            "rules.messages:_place",
            "if any(each.place == message.place for each in earliest):",
            "if False:",
        ),
    ),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("check", "fault"), FAULTS, ids=[fault.name for _, fault in FAULTS])
def test_a_seeded_fault_is_caught(check: Check, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an assertion: a fault that only crashes has not been understood."""
    sow(fault, tmp_path, monkeypatch)

    with pytest.raises(AssertionError):
        check()


def test_without_a_fault_the_judge_is_content() -> None:
    """The very histories that catch the faults are none by themselves."""
    the_judge()
