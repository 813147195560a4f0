"""A page's numbers as its charts draw them: the way from click to purchase, and what came to nothing."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from actors.counts import DayCounts, Days, total
from rules.catalogue import CATALOGUE, Language
from rules.events import EVENT_NAMES, EventName
from rules.tallies import OBSTACLES


class Series(Struct, frozen=True, kw_only=True):
    """One number by day. `key` names its words; `share`: in percent of the clicks; `remedy`: what to do about it."""

    key: str
    values: tuple[int, ...]
    share: int | None = None
    remedy: str = ""

    @property
    def total(self) -> int:
        """The sum of all days."""
        return sum(self.values)


class Numbers(Struct, frozen=True, kw_only=True):
    """Everything that the charts of a page show. `days` are the names of the days, oldest first."""

    days: tuple[str, ...]
    funnel: tuple[Series, ...]
    messages: Series
    unfired: tuple[Series, ...]
    fired: int
    sent: int
    given_up: int

    @property
    def waiting(self) -> int:
        """How many events have come to no end yet."""
        return max(0, self.fired - self.sent - self.given_up)

    @property
    def anything(self) -> bool:
        """Whether there is anything to draw a funnel of."""
        return any(series.total for series in self.funnel)


def numbers(days: Days, lang: Language) -> Numbers:
    """Arrange the numbers of at least one day."""
    sums = total(days)
    return Numbers(
        days=tuple(each.day for each in days),
        funnel=(
            Series(key="events.clicks", values=_by_day(days, lambda each: each.clicks)),
            *(_of_event(name, days, sums) for name in EVENT_NAMES),
        ),
        messages=Series(key="events.messages", values=_by_day(days, lambda each: each.messages)),
        unfired=_unfired(days, lang),
        fired=sums.events,
        sent=sums.ended("sent"),
        given_up=sums.given_up,
    )


def _of_event(name: EventName, days: Days, sums: DayCounts) -> Series:
    share = round(100 * sums.fired[name] / sums.clicks) if sums.clicks else None
    return Series(key=f"event.{name}", values=_by_day(days, lambda each: each.fired[name]), share=share)


def _unfired(days: Days, lang: Language) -> tuple[Series, ...]:
    found = (
        Series(
            key=f"reason.{reason}",
            values=_by_day(days, lambda each, reason=reason: each.reasons.get(reason, 0)),  # type: ignore[misc]
            remedy=CATALOGUE[reason].wording(lang).remedy,
        )
        for reason in OBSTACLES
    )
    return tuple(sorted((each for each in found if each.total), key=_most_first))


def _most_first(series: Series) -> tuple[int, str]:
    return (-series.total, series.key)


def _by_day(days: Days, number: Callable[[DayCounts], int]) -> tuple[int, ...]:
    return tuple(number(each) for each in days)


PERIODS: Final = (7, 30)
"""Over how many days a seller may look."""
