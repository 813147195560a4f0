"""A real redis-server for tests: its own port and folder, nothing kept, ended with the session."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.ports import free_port

STARTS_WITHIN_S = 30
POLL_S = 0.02


def redis_server_installed() -> bool:
    """Whether redis-server is on PATH."""
    return shutil.which("redis-server") is not None


def dies_with_its_parent(*command: str) -> list[str]:
    """Make a killed test run take this command with it, where Linux can."""
    return ["setpriv", "--pdeathsig", "KILL", *command] if shutil.which("setpriv") else [*command]


@contextmanager
def redis_server(folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Run a redis-server, perhaps with more options, and give its URL; it refuses writes when full, as it must."""
    port = free_port()
    log = folder / "redis.log"
    options = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--dir": str(folder),
        "--logfile": str(log),
        "--save": "",
        "--appendonly": "no",
        "--maxmemory-policy": "noeviction",
        "--repl-diskless-sync-delay": "0",
        **more,
    }
    process = subprocess.Popen(
        dies_with_its_parent("redis-server", *(word for option in options.items() for word in option))
    )
    try:
        _wait_until_it_answers(process, port, log)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()  # nothing is kept, and a busy or stopped server heeds nothing less
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    with Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except RedisConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text() if log.exists() else "redis-server did not start") from None
                time.sleep(POLL_S)
            else:
                # Whose answer was it, if not that of this process?
                assert process.poll() is None, f"something else listens on {port}"
                return
