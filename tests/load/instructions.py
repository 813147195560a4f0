"""``python -m tests.load.instructions`` (``make instructions``): what a webhook takes of a gateway, in instructions.

CPU time varies by a fifth with what else the machine does; instructions, which valgrind's callgrind counts, by less
than one percent. They are those of the process itself: what the kernel does for it is not counted.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import uvloop

from tests.end_to_end.running import Running
from tests.load.bench_seeds import seed
from tests.load.bench_site import FAR, ROUND_WITHIN_S, port_of, site
from tests.load.client import Wanted
from tests.load.service import load

EVENTS: Final = 5_000
CONVERSATIONS: Final = 1_000
CONNECTIONS: Final = {1: 16, 50: 4}
"""By the events of a POST: so few that each is answered in its 5 s, at a fiftieth of the speed on a busy machine."""
DONE_WITHIN_S: Final = 5 * ROUND_WITHIN_S
"""It works at a fiftieth of its speed."""

TOTAL: Final = re.compile(r"^totals: (\d+)$", re.MULTILINE)


async def main() -> None:
    """Count, and print a line for each case."""
    _tell("a bare handler", await _of_bare())
    for items in CONNECTIONS:
        for kind, words in (("plain", "without a click"), ("clicked", "with a click")):
            _tell(f"POSTs of {items}, {words}", await _of_ours(kind, items))


def _tell(case: str, instructions: float) -> None:
    sys.stdout.write(f"{case}: {instructions:,.0f} instructions an event\n")


async def _of_ours(kind: str, items: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with site() as here:
            await seed(here, 1, CONVERSATIONS, kind)
            web = await here.world.start_web(under=_callgrind(folder), PYTHONHASHSEED="0")
            return await _count(web, folder, port_of(here.world), items)


async def _of_bare() -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with site() as here:
            bare = here.world.start_module("tests.load.bare", under=_callgrind(folder), PYTHONHASHSEED="0")
            return await _count(bare, folder, int(await asyncio.to_thread(bare.first_line)), 1)


def _callgrind(folder: str) -> tuple[str, ...]:
    return ("valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/calls")


async def _count(server: Running, folder: str, port: int, items: int) -> float:
    def wanted(events: int, first: int) -> Wanted:
        most = events // items
        return Wanted(
            port, DONE_WITHIN_S, CONNECTIONS[items], most=most, first=first, conversations=CONVERSATIONS, items=items
        )

    await load(wanted(CONVERSATIONS, FAR))
    await _control(server, "--instr=on")
    seen = await load(wanted(EVENTS, 0))
    await _control(server, "--instr=off")
    await _control(server, "--dump")
    assert seen.ok * items == EVENTS, seen
    return _total(folder) / EVENTS


def _total(folder: str) -> int:
    (dumped,) = Path(folder).glob("calls.*")
    (total,) = TOTAL.findall(dumped.read_text())
    return int(total)


async def _control(server: Running, command: str) -> None:
    control = await asyncio.create_subprocess_exec(
        "callgrind_control", command, str(server.pid), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert await control.wait() == 0, command


if __name__ == "__main__":
    uvloop.run(main())
