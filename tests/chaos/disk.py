"""A disk without power: of what Redis has written, only that remains which it had synced.

The kernel keeps what a killed process has written, so killing Redis is no crash of its host. Here strace notes what
Redis writes and syncs, and after the kill its append-only file is cut to what was on the disk for sure.
"""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.waiting import eventually

CALL: Final = re.compile(
    r"(?P<thread>\d+) +(?P<begins>write|fdatasync)\(\d+<[^>]*\.incr\.aof>.*?(?:= (?P<at_once>\d+)|unfinished \.\.\.>)$"
    r"|(?P<same>\d+) +<\.\.\. (?:write|fdatasync) resumed>.*= (?P<later>\d+)$"
)


def strace_installed() -> bool:
    """Whether strace is on PATH."""
    return shutil.which("strace") is not None


class Disk:
    """The disk that one Redis has its append-only file on."""

    def __init__(self, folder: Path) -> None:
        """Bind to the folder of that Redis, which does not run yet."""
        self._folder = folder
        self._log = folder / "calls.log"
        self._before = 0

    def watched(self, *command: str) -> tuple[str, ...]:
        """Return the command, to be run under watch. The process is the command's, not the watcher's."""
        self._before = sum(file.stat().st_size for file in self._files())
        return ("strace", "-D", "-f", "-y", "-s", "0", "-e", "trace=write,fdatasync", "-o", str(self._log), *command)

    async def lose_power(self) -> None:
        """Forget what the killed Redis had not synced."""
        await eventually(lambda: "+++ killed by SIGKILL +++" in self._log.read_text())
        (file,) = self._files()
        os.truncate(file, self._before + synced(self._log.read_text().splitlines()))

    def _files(self) -> list[Path]:
        return [*self._folder.glob("appendonlydir/*.incr.aof")]


def synced(calls: Iterable[str]) -> int:
    """Return how many bytes were written before the beginning of the last sync that has ended."""
    written = synced_bytes = 0
    under_way: dict[str, tuple[str, int]] = {}
    for line in calls:
        call = CALL.match(line)
        if call is None:
            continue
        if call["begins"]:
            under_way[call["thread"]] = (call["begins"], written)
        name, written_before = under_way.get(call["thread"] or call["same"], ("other", 0))
        result = call["at_once"] or call["later"]
        if result is None:
            continue
        under_way.pop(call["thread"] or call["same"], None)
        if name == "write":
            written += int(result)
        elif name == "fdatasync":
            synced_bytes = written_before
    return synced_bytes
