"""The pulse as the charts of a page draw it, and which webhook fields have gone silent."""

from collections.abc import Mapping
from math import log
from typing import Final

from msgspec import Struct

from actors.pulse import BUCKET_WAIT_MS, CONFLICTS, FIRED, IN, POSTPONED, SENT
from actors.pulse_reader import Beats
from gateway.metrics import HEARD_FIELDS, HeardField
from rules.times import HOUR_MS

QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

SILENT_MS: Final = 3 * HOUR_MS
"""A field that was silent for so long, while messages came, may have lost its subscription."""

TALKING_MS: Final = HOUR_MS
"""Messages come, when the last one is no older than this."""

EXPECTED: Final[frozenset[HeardField]] = frozenset({"message_echoes", "messaging_postbacks", "messaging_referrals"})
"""Where there are messages, these are to be expected, too. `standby` and orders need not come at all."""

HEIGHT: Final = 160
"""Of the chart of times, in its own units."""

_GRID_S: Final = (1, 10, 60, 600, 3_600, 86_400)
_LOWEST_S: Final = 0.25


class Strip(Struct, frozen=True):
    """One number by step. `key` names its words; `kind` colours it."""

    key: str
    values: tuple[int, ...]
    kind: str = ""

    @property
    def total(self) -> int:
        """The sum of all steps."""
        return sum(self.values)


class Span(Struct, frozen=True):
    """Where p50 to p99 of one step lie on the chart of times, from the top. `at` is the number of the step."""

    at: int
    p50: float
    p95: float
    p99: float
    seconds: tuple[float, float, float]


class Times(Struct, frozen=True):
    """The chart of times from the act to the acceptance: its lines as (seconds, from the top), and its steps."""

    whole: dict[str, float]
    lines: tuple[tuple[int, float], ...]
    spans: tuple[Span, ...]


class Row(Struct, frozen=True):
    """One step as a line of the table."""

    start: int
    facts: int
    fired: int
    sent: int
    times: tuple[float, float, float] | None
    attempts: int
    conflicts: int


class Charts(Struct, frozen=True):
    """Everything about the pulse that a page shows. `starts`: of the steps (ms, UTC)."""

    starts: tuple[int, ...]
    flow: tuple[Strip, ...]
    attempts: tuple[Strip, ...]
    times: Times | None
    rows: tuple[Row, ...]
    conflicts: int
    postponed: int
    bucket_wait_ms: int


class Heard(Struct, frozen=True):
    """When a webhook field last came. `ago_ms` is None when it has not within 30 days; `silent`: suspiciously long."""

    field: HeardField
    at: int | None
    ago_ms: int | None
    silent: bool


def draw(beats: Beats) -> Charts:
    """Arrange what was counted."""
    attempts = [
        Strip(f"pulse.attempt.{answer}", numbers, "" if answer.startswith("accepted") else "trouble")
        for answer, numbers in beats.attempts.items()
    ]
    return Charts(
        starts=beats.starts,
        flow=tuple(Strip(f"pulse.{what}", beats.of(what)) for what in (IN, FIRED, SENT)),
        attempts=tuple(sorted(attempts, key=lambda each: -each.total)),
        times=_times(beats),
        rows=_rows(beats),
        conflicts=beats.total(CONFLICTS),
        postponed=beats.total(POSTPONED),
        bucket_wait_ms=beats.total(BUCKET_WAIT_MS),
    )


def heard(last: Mapping[str, int], now: int) -> tuple[Heard, ...]:
    """Judge each webhook field by when it last came. One that has never come has not been lost."""
    messages = last.get("messages")
    talking = messages is not None and now - messages <= TALKING_MS
    return tuple(_heard(field, last.get(field), now, talking=talking) for field in HEARD_FIELDS)


def _heard(field: HeardField, at: int | None, now: int, *, talking: bool) -> Heard:
    ago_ms = None if at is None else max(0, now - at)
    silent = talking and field in EXPECTED and ago_ms is not None and ago_ms >= SILENT_MS
    return Heard(field, at, ago_ms, silent)


def _times(beats: Beats) -> Times | None:
    by_step = _quantiles(beats)
    known = [(at, each) for at, each in enumerate(by_step) if each is not None]
    if not known:
        return None
    longest = max(each[-1] for _, each in known)
    top = next((line for line in _GRID_S if line >= longest), max(longest, _GRID_S[-1]))

    def height(seconds: float) -> float:
        # By orders of magnitude: good times are a second, bad ones days.
        share = log(max(seconds, _LOWEST_S) / _LOWEST_S) / log(top / _LOWEST_S)
        return round(HEIGHT * (1 - share), 1)

    return Times(
        whole={name: beats.lag(quantile) or 0.0 for name, quantile in QUANTILES.items()},
        lines=tuple((line, height(line)) for line in _GRID_S if line <= top),
        spans=tuple(Span(at, height(each[0]), height(each[1]), height(each[2]), each) for at, each in known),
    )


def _rows(beats: Beats) -> tuple[Row, ...]:
    attempts = tuple(sum(each) for each in zip(*beats.attempts.values(), strict=True)) or (0,) * len(beats.starts)
    columns = (beats.of(IN), beats.of(FIRED), beats.of(SENT), _quantiles(beats), attempts, beats.of(CONFLICTS))
    rows = (Row(*cells) for cells in zip(beats.starts, *columns, strict=True))
    return tuple(row for row in rows if row.facts or row.fired or row.sent or row.attempts or row.conflicts)


def _quantiles(beats: Beats) -> list[tuple[float, float, float] | None]:
    p50, p95, p99 = (beats.lags(quantile) for quantile in QUANTILES.values())
    return [
        None if low is None or middle is None or high is None else (low, middle, high)
        for low, middle, high in zip(p50, p95, p99, strict=True)
    ]
