"""How pages write numbers and times: in the seller's language, and always in Vietnam's time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from actors.counts import Days
from rules.catalogue import Language
from rules.days import HO_CHI_MINH
from rules.reasons import age
from rules.times import SECOND_MS

_UNITS: Final = ((86_400, "ngày", "d"), (3_600, "giờ", "h"), (60, "phút", "min"), (1, "giây", "s"))
_TENTHS_BELOW_S: Final = 9.95


def moment(at: int, lang: Language) -> str:
    """Write a time (ms, UTC), for example ``24/11/2026 08:12`` or ``24 Nov 2026, 08:12``."""
    return f"{_local(at):{'%d/%m/%Y %H:%M' if lang == 'vi' else '%d %b %Y, %H:%M'}}"


def day(name: str, lang: Language) -> str:
    """Write a day (YYYY-MM-DD) without its year, for example ``24/11`` or ``24 Nov``."""
    return f"{date.fromisoformat(name):{'%d/%m' if lang == 'vi' else '%d %b'}}"


def iso(at: int) -> str:
    """Write a time (ms, UTC) for programs, for the attribute ``datetime``."""
    return datetime.fromtimestamp(at // SECOND_MS, UTC).isoformat()


def number(value: int, lang: Language) -> str:
    """Write a number with its thousands apart, for example ``1.234`` or ``1,234``."""
    written = f"{value:,}"
    return written.replace(",", ".") if lang == "vi" else written


def clock(at: int) -> str:
    """Write a time of day (ms, UTC), for example ``08:12``."""
    return f"{_local(at):%H:%M}"


def lasting(ms: float, lang: Language) -> str:
    """Write how long something lasts, for example ``0.4 s``, ``12 s`` or, in its two largest units, ``2 h 5 min``."""
    units = [(size, vi if lang == "vi" else en) for size, vi, en in _UNITS]
    seconds = ms / SECOND_MS
    if seconds < _TENTHS_BELOW_S:
        tenths = f"{seconds:.1f}".removesuffix(".0")
        return f"{tenths.replace('.', ',') if lang == 'vi' else tenths} {units[-1][1]}"
    whole = round(seconds)
    place = next(place for place, (size, _) in enumerate(units) if whole >= size)
    written = []
    for size, name in units[place : place + 2]:
        number, whole = divmod(whole, size)
        written += [f"{number} {name}"] if number else []
    return " ".join(written)


def spark_days(days: Days, lang: Language) -> list[tuple[str, int]]:
    """Return what a small chart draws: each day in words, and how many events fired on it."""
    return [(day(each.day, lang), each.events) for each in days]


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / SECOND_MS, HO_CHI_MINH)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "moment": moment,
    "day": day,
    "iso": iso,
    "clock": clock,
    "lasting": lasting,
    "number": number,
    "age": age,
    "spark_days": spark_days,
}
