"""What is counted. Labels come from closed sets only: no page, no customer, no vendor text."""

from functools import cache
from typing import get_args

from prometheus_client import Counter, Histogram

from rules.catalogue import ReasonCode
from rules.delivery import AnswerClass
from rules.events import EventName

ANSWERS = Counter("answers_total", "Answers of the rules", ["event", "reason"])


@cache
def answered(event: EventName | None, reason: ReasonCode) -> Counter:
    """Return the counter of one answer, bound once: finding it by its labels costs as much as deciding."""
    return ANSWERS.labels(event or "", reason)


FIRED = Counter("events_fired_total", "Events fired", ["event"])
DROPPED = Counter("facts_dropped_total", "Facts of pages that are not connected")
SET_ASIDE = Counter("facts_set_aside_total", "Facts that could not be stored and wait for an operator")
CONFLICTS = Counter("commit_conflicts_total", "Commits that another process was faster than")
COMMIT_SECONDS = Histogram(
    "commit_seconds",
    "Duration of a commit script call",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
COMMIT_BATCH = Histogram("commit_batch_size", "Commits in one script call", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
CLAIMS = Counter("claims_total", "Claims that took events from an outbox")
ATTEMPTS = Counter("attempts_total", "Requests to TikTok by what the answer means", ["answer"])
ATTEMPTS_OF = {answer: ATTEMPTS.labels(answer) for answer in get_args(AnswerClass)}
"""From the start at 0: nobody sees a series that begins at 1 increase."""

SETTLED = Counter("events_settled_total", "Events settled, waiting again included", ["event", "status"])
POISONED = Counter("events_poisoned_total", "Rows that could not be read and were given up as they are")
BUCKET_WAIT_SECONDS = Histogram(
    "bucket_wait_seconds", "Wait for a token", buckets=(0, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
)
ACT_TO_ACCEPTANCE_S = (0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400, 86400, 604800)
"""Bounds (s) of the time from the act to TikTok's acceptance: seconds in good times, days when a page is held."""

ACT_TO_ACCEPTANCE_SECONDS = Histogram(
    "act_to_acceptance_seconds", "Time from the act to TikTok's acceptance", buckets=ACT_TO_ACCEPTANCE_S
)
SENDER_LAG_SECONDS = Histogram(
    "sender_lag_seconds",
    "Time from firing to TikTok's acceptance",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400, 604800),
)
