"""Points in time as this project keeps them: Unix milliseconds, UTC, with an ISO twin for human readers."""

from datetime import UTC, datetime
from functools import lru_cache

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# Formatting a number would take longer than all the rest.
_FRACTIONS = tuple(f".{each:03d}Z" for each in range(SECOND_MS))


def utc(at: int) -> str:
    """Return Unix milliseconds as ISO 8601 in UTC, for example ``2026-01-05T03:04:05.678Z``."""
    second, milliseconds = divmod(at, SECOND_MS)
    return _second(second) + _FRACTIONS[milliseconds]


@lru_cache(4096)
def _second(second: int) -> str:
    # What is written lies within minutes mostly, so most seconds have been met before.
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"
