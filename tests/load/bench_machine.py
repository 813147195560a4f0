"""The machine and the versions that were measured."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("aiohttp", "uvloop", "redis", "hiredis", "msgspec")


def machine() -> str:
    """Describe them in one line."""
    models = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    }
    told = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    server = next(word.removeprefix("v=") for word in told.split() if word.startswith("v="))
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores of {' and '.join(models) or platform.machine()}, "
        f"Python {platform.python_version()}, redis-server {server}, {libraries}"
    )
