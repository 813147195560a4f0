"""The stage: gateways and senders that a supervisor starts again, a Redis behind a proxy, and TikTok's sandbox."""

import signal
from pathlib import Path
from random import Random

from aiohttp import ClientSession

from tests.chaos.clock import Clock
from tests.chaos.disk import Disk
from tests.chaos.redis_pair import KEPT, Server, Start
from tests.end_to_end.running import Running
from tests.end_to_end.world import World
from tests.ports import free_port
from tests.proxy import Proxy
from tests.waiting import eventually

STARTS_WITHIN_S = 30
FILLED = "8mb"


class Stage:
    """What faults are done to."""

    def __init__(
        self,
        world: World,
        http: ClientSession,
        start: Start,
        folder: Path,
        disk: Disk | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Nothing runs yet. With a `disk` of the folder `primary` below `folder`, the primary's host can crash."""
        self.world = world
        self.http = http
        self.primary = Server(start, folder / "primary", disk, clock)
        self.replica = Server(start, folder / "replica")
        self.proxy: Proxy
        self.gateways: dict[int, Running] = {}
        self.senders: list[Running] = []
        self.is_slowed = False
        self._start = start

    @property
    def urls(self) -> list[str]:
        """Where the gateways listen, dead or alive."""
        return [f"http://127.0.0.1:{port}" for port in self.gateways]

    async def open(self, proxied_url: str, gateways: int = 2, senders: int = 2) -> None:
        """Start all processes of ours behind the proxy."""
        self.world.settings |= {
            "REDIS_URL": proxied_url,
            "TIKTOK_EVENTS_PER_SECOND": "500",
            "TIKTOK_EVENTS_BURST": "500",
        }
        for _ in range(gateways):
            await self.start_gateway(free_port())
        for _ in range(senders):
            self.start_sender()

    async def start_gateway(self, port: int, skew_s: int = 0) -> None:
        """Start a gateway, perhaps with a clock that is off, and wait until it serves."""
        command = ("tests.chaos.skewed", str(skew_s)) if skew_s else ("gateway",)
        self.gateways[port] = self.world.start_module(*command, PORT=str(port))
        self.world.url = f"http://127.0.0.1:{port}"
        await eventually(self.world.is_ready, within=STARTS_WITHIN_S)

    def start_sender(self) -> None:
        """Start a sender."""
        self.senders.append(self.world.start("sender"))

    def kill_gateway(self, dice: Random) -> int:
        """Kill a gateway at whatever it does; return its port."""
        port = dice.choice([*self.gateways])
        _kill(self.gateways[port])
        return port

    def kill_sender(self, dice: Random) -> None:
        """Kill a sender at whatever it does."""
        sender = self.senders.pop(dice.randrange(len(self.senders)))
        _kill(sender)

    async def misbehave(self, *script: dict[str, object]) -> None:
        """Let TikTok answer its next requests to us like this."""
        await self.world.sandbox("script", script)

    async def nothing_waits(self) -> bool:
        """Whether all outboxes are empty. An empty one is no key."""
        return list(self.primary.client.scan_iter("outbox:*")) == []

    async def promote(self) -> None:
        """Lose the primary for good; the replica leads, is followed by a new one, and gets the address."""
        self.primary.kill()
        self.primary, self.replica = self.replica, self.primary
        self.primary.lead()
        self.proxy.upstream = self.primary.url
        self.proxy.cut()
        await self.replica.run()
        self.replica.follow(self.primary)
        await eventually(lambda: self.replica.is_synced, within=STARTS_WITHIN_S)

    async def restart_redis(self) -> None:
        """Kill Redis and start it with what is on its disk."""
        self.primary.kill()
        await self.primary.run(*KEPT)

    async def crash_host(self) -> None:
        """Let Redis's host lose its power, and start Redis with what the disk has."""
        await self.primary.crash()
        await self.primary.run(*KEPT)


def _kill(process: Running) -> None:
    process.signal(signal.SIGKILL)
    process.end()
