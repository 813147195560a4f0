"""The real processes: started as an operator starts them, and known by HTTP, signals and exit codes only."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENDS_WITHIN_S = 60


class Running:
    """One process, and what it writes to stderr."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        """Start it with these environment variables and no other settings."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [*command], env=inherited | environment, stdout=subprocess.PIPE, stderr=stderr, text=True
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written to stderr so far."""
        return self._log.read_text()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def first_line(self) -> str:
        """Wait for the first line on stdout."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def output(self) -> str:
        """Wait for the end, and return the rest of what it wrote to stdout."""
        assert self._process.stdout
        return self._process.stdout.read()

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the end, and return the exit code."""
        return self._process.wait(ENDS_WITHIN_S)

    def close(self) -> None:
        """Make sure that it is gone."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


@contextmanager
def running(*command: str, environment: dict[str, str], log: Path) -> Iterator[Running]:
    """Run a command; it is gone when the block ends."""
    process = Running(command, environment, log)
    try:
        yield process
    finally:
        process.close()


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module of ours."""
    return (sys.executable, "-m", *arguments)
