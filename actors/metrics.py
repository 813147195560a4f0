"""What is counted. Labels come from closed sets only: no page, no customer, no vendor text."""

from prometheus_client import Counter, Histogram

FACTS = Counter("facts_total", "Facts decided on", ["fact"])
ANSWERS = Counter("answers_total", "Answers of the rules", ["event", "reason"])
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
