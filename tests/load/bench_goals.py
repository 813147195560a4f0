"""The goals, and whether what was measured meets them: always by the worst of the cases that a goal is about."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tests.load.bench_figures import Section


class Goal(NamedTuple):
    """Figures of a section, which begin and end like this, shall be at least (or at most) so much."""

    text: str
    section: str
    begins: str
    ends: str
    bound: float
    form: str = ",.0f"
    at_most: bool = False


GOALS: Final = (
    Goal("events in, share of a bare aiohttp handler: at least 75 %", "in", "share of bare", "", 0.75, ".0%"),
    Goal("events in, times the obvious implementation: at least 6", "in", "times obvious", "", 6, ".1f"),
    Goal("p99 at half of the maximum: below 10 ms", "in", "ours", "half p99 ms", 10, ".1f", at_most=True),
    Goal("batches, events a second a core: at least 60,000", "batches", "", "/s a core", 60_000),
    Goal(
        "CPU that is not needed for the task itself: under 25 %", "profile", "", "not needed", 0.25, ".0%", at_most=True
    ),
    Goal("events out in batches, a second a core: at least 5,000", "out", "batches", "/s a core", 5_000),
    Goal(
        "events out one by one, share of a bare aiohttp client: at least 80 %", "out", "share of bare", "", 0.8, ".0%"
    ),
    Goal("a fresh event beside a full outbox: below 1,000 ms", "out", "fresh most ms", "", 1_000, at_most=True),
    Goal("throughput with more conversations, of that with fewest: at least 95 %", "growth", "share", "", 0.95, ".0%"),
    Goal(
        "bytes a conversation, ten entries of timeline: under 1,500",
        "growth",
        "with click",
        "bytes",
        1_500,
        at_most=True,
    ),
    Goal("bytes a conversation without a click: under 500", "growth", "without click", "bytes", 500, at_most=True),
    Goal("act to TikTok at half load, p99: below 250 ms", "act", "50 p99 ms", "", 250, at_most=True),
)


def verdicts(sections: Mapping[str, Section]) -> list[str]:
    """Write a row of a table for each goal whose section was measured."""
    rows = ["| goal | worst case | |", "|---|---|---|"]
    for goal in GOALS:
        section = sections.get(goal.section)
        names = section.names(lambda name: name.startswith(goal.begins) and name.endswith(goal.ends)) if section else []  # noqa: B023  called at once
        if section is None or not names:
            continue
        worst = (max if goal.at_most else min)(names, key=section.median)
        met = section.median(worst) <= goal.bound if goal.at_most else section.median(worst) >= goal.bound
        rows.append(f"| {goal.text} | {section.show(worst, goal.form)} | {'met' if met else '**below**'} |")
    return rows
