"""Reading the times that vendors write: numbers or text, seconds or milliseconds, ISO 8601, or nothing of use.

Messenger's are mostly milliseconds, sometimes seconds, zero, digits in a string, or ISO text; Haravan's are ISO 8601.
"""

from datetime import UTC, datetime, timedelta

from rules.times import DAY_MS, MINUTE_MS, SECOND_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SECONDS_FROM = 1_000_000_000
_MILLISECONDS_FROM = 100_000_000_000
_YEAR_2100_MS = 4_102_444_800_000
_LONGEST_NUMBER = 16

_AHEAD_MS = 10 * MINUTE_MS
_BEHIND_MS = 8 * DAY_MS


def read_time(value: object) -> int | None:
    """Return a vendor's time as Unix milliseconds (UTC), or None when it is absent or cannot be meant as a time.

    Numbers from 1e11 are milliseconds, from 1e9 seconds, also when written as text; other text is ISO 8601, and UTC
    unless it says otherwise. Nothing before 1973 or after 2100 is believed: that rules out 0 and .NET's ``0001-01-01``.
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= _LONGEST_NUMBER and text.isascii() and text.isdigit():
            return _from_number(int(text))
        return _from_iso(text)
    return _from_number(value) if isinstance(value, (int, float)) else None


def is_suspect(at: int, received_at: int) -> bool:
    """Tell whether a time is too far from its arrival to be trusted: over 10 minutes ahead or 8 days behind (ms)."""
    return not received_at - _BEHIND_MS <= at <= received_at + _AHEAD_MS


def _from_number(number: float) -> int | None:
    # NaN fails every comparison, and True is 1: both fall through like any other number out of range.
    if _MILLISECONDS_FROM <= number <= _YEAR_2100_MS:
        return int(number)
    if _SECONDS_FROM <= number <= _YEAR_2100_MS // SECOND_MS:
        return round(number * SECOND_MS)
    return None


def _from_iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    at = (aware - _EPOCH) // _MILLISECOND
    return at if _MILLISECONDS_FROM <= at <= _YEAR_2100_MS else None
