"""The time of arrival: this machine's clock, read in one place."""

import time


def now_ms() -> int:
    """Return the time (ms, UTC)."""
    return time.time_ns() // 1_000_000
