"""``python -m tests.load.bench [SECTION ...]`` (``make bench``): how fast it is, beside what anybody can install.

Each section (`in`, `batches`, `profile`, `out`, `growth`, `across`, `act`) is measured in some rounds, in which all
that is compared follows one on the other; its figures go to `.bench/`. From what lies there `docs/performance.md` and
its picture are made.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

import msgspec

from tests.load import bench_across, bench_act, bench_batches, bench_growth, bench_in, bench_out, bench_profile
from tests.load.bench_document import write_document
from tests.load.bench_figures import Section, keep
from tests.load.bench_machine import machine
from tests.load.bench_site import QUICK, Figures, Scale

FOLDER: Final = Path(".bench")
DOCUMENT: Final = Path("docs/performance.md")

SECTIONS: Final[dict[str, Callable[[Scale], Coroutine[None, None, Figures]]]] = {
    "in": bench_in.measure,
    "batches": bench_batches.measure,
    "profile": bench_profile.measure,
    "out": bench_out.measure,
    "growth": bench_growth.measure,
    "across": bench_across.measure,
    "act": bench_act.measure,
}


def measure(name: str, rounds: int, scale: Scale, folder: Path = FOLDER) -> None:
    """Measure a section, and keep its figures."""
    figures: dict[str, list[float]] = {}
    for number in range(rounds):
        began, load = time.monotonic(), os.getloadavg()[0]
        for figure, value in asyncio.run(SECTIONS[name](scale)).items():
            figures.setdefault(figure, []).append(value)
        figures.setdefault("load average before", []).append(load)
        sys.stderr.write(f"{name}: round {number + 1} of {rounds} took {time.monotonic() - began:.0f} s\n")
        at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        keep(folder, name, Section(at, machine(), scale == QUICK, figures))


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: only to see that it works")
    parser.add_argument("--million", action="store_true", help="also a million conversations, and events that wait")
    parser.add_argument("--only-write", action="store_true", help="measure nothing")
    wanted = parser.parse_args()
    if unknown := set(wanted.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(unknown)}")
    scale = QUICK if wanted.quick else Scale()
    if wanted.million:
        scale = msgspec.structs.replace(scale, waiting=1_000_000, growth=(*scale.growth, 1_000_000))
    for name in () if wanted.only_write else wanted.sections or SECTIONS:
        measure(name, wanted.rounds, scale)
    sys.stdout.write(write_document(FOLDER, DOCUMENT))


if __name__ == "__main__":
    main()
