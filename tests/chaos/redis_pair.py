"""A Redis that can die: kept on disk, or followed by a replica that takes over; reached by one address that moves."""

import signal
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.chaos.clock import Clock
from tests.chaos.disk import Disk
from tests.end_to_end.running import Running
from tests.ports import free_port
from tests.waiting import eventually

Start = Callable[..., Running]
ANSWERS_WITHIN_S = 20


class Server:
    """One redis-server with a folder of its own, started as often as needed."""

    def __init__(self, start: Start, folder: Path, disk: Disk | None = None, clock: Clock | None = None) -> None:
        """Choose a port; nothing runs yet. Only with a `disk` it can crash with its host, only a `clock` can step."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = Redis(port=self.port, socket_timeout=5)
        self._start = start
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        self._disk = disk
        self._clock = clock
        self._running: Running | None = None

    async def run(self, *options: str) -> None:
        """Start it with what it had kept, and wait until it has read that."""
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", "")
        command: tuple[str, ...] = ("redis-server", *where, "--repl-diskless-sync-delay", "0", *options)
        if self._clock:
            command = self._clock.told_to(*command)
        if self._disk:
            command = self._disk.watched(*command)
        self._running = self._start(*command)
        await eventually(self._answers, within=ANSWERS_WITHIN_S)

    def kill(self) -> None:
        """Kill it."""
        assert self._running
        self._running.signal(signal.SIGKILL)
        self._running.end()

    async def crash(self) -> None:
        """Kill it and its host."""
        assert self._disk
        self.kill()
        await self._disk.lose_power()

    def step(self, off_s: int) -> None:
        """Let its clock step: it is so many seconds off from now on."""
        assert self._clock
        self._clock.step(off_s)

    def follow(self, primary: "Server") -> None:
        """Make it a replica."""
        self.client.replicaof("127.0.0.1", primary.port)

    def lead(self) -> None:
        """Make it a primary."""
        self.client.replicaof("NO", "ONE")

    @property
    def is_synced(self) -> bool:
        """Whether it is a replica that is up to date with its primary."""
        return bool(self.client.info("replication")["master_link_status"] == "up")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


KEPT = ("--appendonly", "yes", "--appendfsync", "always")
