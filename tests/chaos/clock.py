"""A clock that steps, as when NTP sets it or a machine is restored: Redis tells the time through libfaketime.

Only the date steps. What Redis measures by its monotonic clock passes as ever.
"""

import shutil
from pathlib import Path
from typing import Final

LIBRARIES: Final = "/usr/$LIB/faketime/libfaketimeMT.so.1:libc.so.6"
"""libfaketime needs memory before jemalloc, which asks for the time first, can give any: so libc gives it."""


def faketime_installed() -> bool:
    """Whether libfaketime is there, as far as its command on PATH tells."""
    return shutil.which("faketime") is not None


class Clock:
    """The clock by which one Redis tells the time, beginning `off_s` seconds off."""

    def __init__(self, folder: Path, off_s: int = 0) -> None:
        """Bind to a folder that exists."""
        self._file = folder / "off"
        self.step(off_s)

    def told_to(self, *command: str) -> tuple[str, ...]:
        """Return the command, to be run by this clock."""
        settings = (
            f"LD_PRELOAD={LIBRARIES}",
            f"FAKETIME_TIMESTAMP_FILE={self._file}",
            "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1",
        )
        return ("env", *settings, *command)

    def step(self, off_s: int) -> None:
        """Be so many seconds off from now on."""
        # At once, or Redis would read half of it.
        written = self._file.with_suffix(".new")
        written.write_text(f"{off_s:+}")
        written.rename(self._file)
