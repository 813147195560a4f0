"""Days as the seller lives them: Asia/Ho_Chi_Minh. Every number by day is counted and read by these days."""

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from rules.times import DAY_MS, HOUR_MS, SECOND_MS

HO_CHI_MINH = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has kept UTC+7, without summer time, since 1975."""

_AHEAD_MS = 7 * HOUR_MS
_EPOCH = date(1970, 1, 1)


def day(at: int) -> str:
    """Return the day (YYYY-MM-DD) that Unix milliseconds fall on in Vietnam."""
    return _name((at + _AHEAD_MS) // DAY_MS)


def local(at: int) -> str:
    """Return Unix milliseconds as the clock on a wall in Vietnam shows them, for example ``2026-01-05 10:04:05``."""
    return f"{datetime.fromtimestamp(at // SECOND_MS, HO_CHI_MINH):%Y-%m-%d %H:%M:%S}"


def start_of(name: str) -> int:
    """Return when a day (YYYY-MM-DD) begins in Vietnam, in Unix milliseconds. Raises ValueError when it is no day."""
    return int(datetime.combine(date.fromisoformat(name), time(), HO_CHI_MINH).timestamp()) * SECOND_MS


def days_until(today: str, count: int) -> tuple[str, ...]:
    """Return `count` days up to and with `today`, oldest first. Raises ValueError when that is not a day."""
    last = date.fromisoformat(today)
    return tuple((last - timedelta(days=ago)).isoformat() for ago in reversed(range(count)))


@lru_cache(maxsize=128)
def _name(days: int) -> str:
    # Asked for with every commit, and nearly always for today.
    return (_EPOCH + timedelta(days)).isoformat()
