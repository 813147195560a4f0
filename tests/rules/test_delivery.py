"""Delivery: the code table row by row, and both sides of every limit."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.delivery import (
    EVENT_LIVES_MS,
    UNCONFIRMED_LIVES_MS,
    AnswerClass,
    Reply,
    Step,
    classify,
    may_send,
    next_step,
    slow_down,
)
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

NOW = 1_790_000_000_000

CODES: list[tuple[AnswerClass, tuple[int, ...]]] = [
    ("accepted", (0, 40050)),
    ("accepted_partially", (20001,)),
    ("bad_item", (40000, 40002, 40006, 40007, 40051, 41002)),
    ("misconfigured", (40061, 40062, 40063, 40008, 40400, 41001, 40110, 40113, 40115)),
    ("unauthorised", (40001, 40003, 40118, 40119, 40124, 40125, 40130)),
    ("unauthorised", (40101, 40102, 40104, 40105, 40106, 40114, 40300, 40301)),
    ("throttled", (40016, 40100, 61000)),
    ("advertiser_throttled", (40133,)),
    ("transient", (40202, 40700, 50000, 51000, 51012, 51054, 51305, 52000, 52999, 53001)),
    ("ambiguous", (50002, 51010)),
    ("maintenance", (60001, 40132, 41000)),
    # Codes that no page names: a 4xxxx is refused for good, anything else is tried again.
    ("bad_item", (40999, 49999)),
    ("transient", (59999, 69999, 20002, 1, -1)),
]

NETWORK: list[tuple[AnswerClass, Reply]] = [
    ("transient", Reply("not_json", http_status=502)),
    ("transient", Reply("not_json", http_status=500)),
    ("transient", Reply("not_json", http_status=503)),
    ("ambiguous", Reply("not_json", http_status=504)),
    ("ambiguous", Reply("not_json", http_status=200)),
    ("misconfigured", Reply("http_error", http_status=404)),
    ("misconfigured", Reply("http_error", http_status=405)),
    ("transient", Reply("http_error", http_status=301)),
    ("transient", Reply("http_error", http_status=307)),
    ("ambiguous", Reply("http_error", http_status=408)),
    ("bad_item", Reply("http_error", http_status=413)),
    ("throttled", Reply("http_error", http_status=429)),
    ("transient", Reply("http_error", http_status=403)),
    ("ambiguous", Reply("timeout")),
    ("ambiguous", Reply("cut")),
    ("transient", Reply("not_sent")),
]

SAMPLES: dict[AnswerClass, Reply] = {
    "accepted": Reply("code", 0, 200),
    "accepted_partially": Reply("code", 20001, 200),
    "bad_item": Reply("code", 40002, 200),
    "misconfigured": Reply("http_error", http_status=404),
    "unauthorised": Reply("code", 40105, 200),
    "throttled": Reply("code", 40100, 200),
    "advertiser_throttled": Reply("code", 40133, 200),
    "transient": Reply("code", 50000, 200),
    "ambiguous": Reply("timeout"),
    "maintenance": Reply("code", 60001, 200),
}


def step(
    answer: AnswerClass,
    *,
    event_at: int = NOW,
    attempts: int = 1,
    unconfirmed_since: int | None = None,
    batch_size: int = 1,
    jitter: float = 1.0,
) -> Step:
    """Take the next step after a sample answer of this class."""
    return next_step(
        SAMPLES[answer],
        now=NOW,
        event_at=event_at,
        attempts=attempts,
        unconfirmed_since=unconfirmed_since,
        batch_size=batch_size,
        jitter=jitter,
    )


def delay(answer: AnswerClass, attempts: int, jitter: float = 1.0) -> int:
    """Return for how long the event waits after this many attempts."""
    at = step(answer, attempts=attempts, jitter=jitter).next_attempt_at
    assert at is not None
    return at - NOW


@pytest.mark.parametrize(("expected", "code"), [(answer, code) for answer, codes in CODES for code in codes])
def test_every_code_has_its_meaning(expected: AnswerClass, code: int) -> None:
    """TikTok answers HTTP 200 to nearly every error; the code decides, whatever the status."""
    assert classify(Reply("code", code, 200)) == classify(Reply("code", code, 500)) == expected


@pytest.mark.parametrize(("expected", "reply"), NETWORK)
def test_answers_without_a_code_have_their_meaning(expected: AnswerClass, reply: Reply) -> None:
    assert classify(reply) == expected


def test_every_class_is_sampled() -> None:
    assert set(SAMPLES) == set(get_args(AnswerClass))
    assert all(classify(reply) == answer for answer, reply in SAMPLES.items())


@pytest.mark.parametrize("answer", ["accepted", "accepted_partially"])
@pytest.mark.parametrize("batch_size", [1, 100])
def test_an_accepted_event_is_sent_however_old_it_is(answer: AnswerClass, batch_size: int) -> None:
    taken = step(answer, batch_size=batch_size, event_at=NOW - 30 * DAY_MS, unconfirmed_since=NOW - 3 * DAY_MS)
    assert taken == Step("sent", "sent", "sent")


@pytest.mark.parametrize("answer", ["bad_item", "misconfigured"])
def test_a_refused_event_is_buried_only_when_it_was_alone(answer: AnswerClass) -> None:
    assert step(answer) == Step("bury", "rejected", "rejected")
    assert step(answer, batch_size=2) == Step("split", "retrying", "retrying", NOW)


def test_a_withdrawn_authorisation_holds_the_event() -> None:
    assert step("unauthorised") == Step("hold", "queued", "authorisation_needed")
    uncertain = step("unauthorised", unconfirmed_since=NOW - 1)
    assert uncertain == Step("hold", "outcome_unknown", "authorisation_needed")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("transient", "retrying"),
        ("maintenance", "retrying"),
        ("throttled", "rate_limited"),
        ("advertiser_throttled", "rate_limited"),
        ("ambiguous", "outcome_unknown"),
    ],
)
def test_trouble_that_passes_is_tried_again(answer: AnswerClass, status: str) -> None:
    taken = step(answer, batch_size=100)
    assert (taken.action, taken.status, taken.reason) == ("retry", status, status)
    assert taken.unconfirmed == (answer == "ambiguous")


@pytest.mark.parametrize("answer", ["transient", "maintenance", "throttled", "ambiguous"])
def test_an_outcome_once_unknown_stays_unknown_until_an_answer_settles_it(answer: AnswerClass) -> None:
    """A later refused connection says nothing of the attempt before it."""
    assert step(answer, unconfirmed_since=NOW - HOUR_MS).status == "outcome_unknown"


@pytest.mark.parametrize("answer", ["transient", "throttled", "ambiguous", "maintenance", "unauthorised"])
def test_an_unknown_outcome_is_repeated_for_47_hours_and_no_longer(answer: AnswerClass) -> None:
    within = step(answer, unconfirmed_since=NOW - UNCONFIRMED_LIVES_MS)
    beyond = step(answer, unconfirmed_since=NOW - UNCONFIRMED_LIVES_MS - 1)
    assert within.action in {"retry", "hold"}
    assert (beyond.action, beyond.status, beyond.reason) == ("bury", "outcome_unknown", "outcome_unknown")


@pytest.mark.parametrize("answer", ["transient", "throttled", "maintenance", "unauthorised"])
def test_nothing_older_than_seven_days_is_kept(answer: AnswerClass) -> None:
    assert step(answer, event_at=NOW - EVENT_LIVES_MS).action in {"retry", "hold"}
    assert step(answer, event_at=NOW - EVENT_LIVES_MS - 1) == Step("bury", "expired_unsent", "expired_unsent")


def test_an_old_event_of_unknown_outcome_is_not_called_unsent() -> None:
    taken = step("ambiguous", event_at=NOW - EVENT_LIVES_MS - 1)
    assert taken == Step("bury", "outcome_unknown", "outcome_unknown", unconfirmed=True)


@pytest.mark.parametrize(
    ("event_age", "unconfirmed_age", "expected"),
    [
        (0, None, None),
        (-MINUTE_MS, None, None),
        (7 * DAY_MS, None, None),
        (7 * DAY_MS + 1, None, "expired_unsent"),
        (0, 47 * HOUR_MS, None),
        (0, 47 * HOUR_MS + 1, "outcome_unknown"),
        (7 * DAY_MS + 1, HOUR_MS, "outcome_unknown"),
        (7 * DAY_MS + 1, 47 * HOUR_MS + 1, "outcome_unknown"),
    ],
)
def test_when_an_event_may_still_be_sent(event_age: int, unconfirmed_age: int | None, expected: str | None) -> None:
    since = None if unconfirmed_age is None else NOW - unconfirmed_age
    assert may_send(now=NOW, event_at=NOW - event_age, unconfirmed_since=since) == expected


def test_delays_double_from_two_seconds_to_fifteen_minutes() -> None:
    assert [delay("transient", attempts) // SECOND_MS for attempts in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert delay("transient", 10) == delay("transient", 10_000) == 15 * MINUTE_MS


def test_maintenance_is_waited_for_longer() -> None:
    assert [delay("maintenance", attempts) // MINUTE_MS for attempts in (1, 2, 3)] == [1, 2, 4]
    assert delay("maintenance", 10_000) == HOUR_MS


@given(attempts=st.integers(1, 1_000), jitter=st.floats(0, 1))
def test_jitter_spreads_the_delay_over_its_upper_half(attempts: int, jitter: float) -> None:
    full = delay("transient", attempts)
    assert full // 2 <= delay("transient", attempts, jitter) <= full


@pytest.mark.parametrize(
    ("answer", "consecutive", "expected"),
    [
        ("throttled", 1, SECOND_MS),
        ("throttled", 2, 5 * MINUTE_MS),
        ("throttled", 3, 8 * HOUR_MS),
        ("throttled", 9, 8 * HOUR_MS),
        ("advertiser_throttled", 1, SECOND_MS),
        ("advertiser_throttled", 3, 4 * SECOND_MS),
        ("advertiser_throttled", 99, 5 * MINUTE_MS),
        ("accepted", 9, 0),
        ("transient", 9, 0),
        ("maintenance", 9, 0),
    ],
)
def test_a_throttling_answer_slows_everyone_down(answer: AnswerClass, consecutive: int, expected: int) -> None:
    """The third time in a row, the day's quota is used up: nothing before 00:00 UTC."""
    at_16_utc = 20_000 * DAY_MS + 16 * HOUR_MS
    assert slow_down(answer, consecutive, at_16_utc) == expected
