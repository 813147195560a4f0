"""Reads the pulse of all processes: of a page or of all pages, over the last hour or the last day."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from actors import keys
from actors.asking import replies_of, reply_of
from actors.metrics import ACT_TO_ACCEPTANCE_S
from actors.pulse import ATTEMPT, LAGS
from actors.scripts import Store
from rules.delivery import AnswerClass
from rules.times import HOUR_MS, MINUTE_MS

Period: TypeAlias = Literal["hour", "day"]

STEPS: Final[dict[Period, tuple[int, int]]] = {"hour": (MINUTE_MS, 60), "day": (15 * MINUTE_MS, 96)}
"""How long a step of a chart is (ms), and how many there are."""


class Beats(Struct, frozen=True):
    """What was counted in each step of a period, oldest first; the last step is not over yet. Times in ms, UTC."""

    step_ms: int
    starts: tuple[int, ...]
    counts: Mapping[str, tuple[int, ...]]

    def of(self, what: str) -> tuple[int, ...]:
        """Return one of the counts that `actors.pulse` names, by step."""
        return self.counts.get(what) or (0,) * len(self.starts)

    def total(self, what: str) -> int:
        """Return the sum of all steps."""
        return sum(self.of(what))

    @property
    def attempts(self) -> dict[AnswerClass, tuple[int, ...]]:
        """Requests to TikTok by step, of those classes of answers that came at all."""
        return {answer: self.of(what) for answer, what in ATTEMPT.items() if what in self.counts}

    def lags(self, quantile: float) -> tuple[float | None, ...]:
        """Return a quantile of the time from the act to the acceptance (s) by step; None where nothing was accepted."""
        by_step = zip(*(self.of(what) for what in LAGS), strict=True)
        return tuple(interpolated(counts, quantile) for counts in by_step)

    def lag(self, quantile: float) -> float | None:
        """Return the same of the whole period."""
        return interpolated([self.total(what) for what in LAGS], quantile)


class PulseReader:
    """Reads over the pulse. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store

    async def of_page(self, page_id: str, period: Period, now: int) -> Beats:
        """Return what was counted for a page. `now` in ms, UTC."""
        return await self._read(lambda hour: keys.pulse(page_id, hour), period, now)

    async def of_all(self, period: Period, now: int) -> Beats:
        """Return what was counted for all pages together. `now` in ms, UTC."""
        return await self._read(keys.pulse_of_all, period, now)

    async def last_of_page(self, page_id: str) -> dict[str, int]:
        """Return when each webhook field last brought something for a page (ms), within 30 days."""
        return await self._last(keys.pulse_last(page_id))

    async def last_of_all(self) -> dict[str, int]:
        """Return the same of all pages together."""
        return await self._last(keys.PULSE_LAST_OF_ALL)

    async def _read(self, key: Callable[[str], str], period: Period, now: int) -> Beats:
        step_ms, steps = STEPS[period]
        start = now // step_ms * step_ms - (steps - 1) * step_ms
        hours = range(start // HOUR_MS * HOUR_MS, now + 1, HOUR_MS)
        pipeline = self._store.pipeline(transaction=False)
        for hour in hours:
            pipeline.hgetall(key(keys.hour(hour)))
        rows: list[dict[bytes, bytes] | None] = await replies_of(pipeline)
        counts: dict[str, list[int]] = {}
        for hour, row in zip(hours, rows, strict=True):
            for field, number in (row or {}).items():
                minute, _, what = field.decode(errors="replace").partition(" ")
                if not (minute.isdecimal() and number.isdigit()):
                    continue  # a damaged count is none
                place = (hour + int(minute) * MINUTE_MS - start) // step_ms
                if 0 <= place < steps:
                    counts.setdefault(what, [0] * steps)[place] += int(number)
        starts = tuple(start + number * step_ms for number in range(steps))
        return Beats(step_ms, starts, {what: tuple(numbers) for what, numbers in counts.items()})

    async def _last(self, key: str) -> dict[str, int]:
        row: dict[bytes, bytes] | None = await reply_of(self._store.hgetall(key))
        return {field.decode(errors="replace"): int(at) for field, at in (row or {}).items() if at.isdigit()}


def interpolated(counts: Sequence[int], quantile: float) -> float | None:
    """Return a quantile (s) of counts by the bounds of `LAGS`, evenly spread within each, as Prometheus has it.

    What lies beyond the last bound is as if it lay on it. None where nothing was counted.
    """
    wanted = quantile * sum(counts)
    if not wanted:
        return None
    passed, below = 0, 0.0
    for number, bound in zip(counts, ACT_TO_ACCEPTANCE_S, strict=False):
        if number and passed + number >= wanted:
            return below + (bound - below) * (wanted - passed) / number
        passed, below = passed + number, bound
    return below
