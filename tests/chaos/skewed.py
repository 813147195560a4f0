"""Starts our command line with a clock that is off by the seconds given first, as on a machine without NTP."""

import sys
import time
from collections.abc import Callable
from typing import Any

SKEW_S = int(sys.argv.pop(1))


def off(clock: Callable[[], Any], by: int) -> Callable[[], Any]:
    """Return the clock, off by so much."""
    return lambda: clock() + by


time.time = off(time.time, SKEW_S)
time.time_ns = off(time.time_ns, SKEW_S * 1_000_000_000)

if __name__ == "__main__":
    from gateway.cli import cli

    cli()
