"""The faults: each is done to the stage once and is over when it returns. By name, as the table of results has them."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, TypeAlias

from tests.chaos.stage import FILLED, Stage

Fault: TypeAlias = Callable[[Stage, Random], Awaitable[None]]

SHORT_S: Final = 1.0
LONGEST_S: Final = 3.0
AHEAD_S: Final = 300
"""How far Redis's clock is ahead where it steps, so that it never falls behind the world's: an event whose time is
still to come for Redis is told with Redis's, and the judge would not know it."""

SET_BY_S: Final = 120
"""By how much it steps, at most, where it stays so: what waits when it is set back waits as long."""

SKEWS_S: Final = (-280, 280)
"""Two gateways that are off in opposite directions stay within the ten minutes of rule 7, which their clocks tell:
beyond that a message that overtook its click may come too late for it."""


async def gateway_killed(stage: Stage, dice: Random) -> None:
    """SIGKILL a gateway; a supervisor starts it again."""
    await stage.start_gateway(stage.kill_gateway(dice))


async def sender_killed(stage: Stage, dice: Random) -> None:
    """SIGKILL a sender; a supervisor starts it again."""
    stage.kill_sender(dice)
    stage.start_sender()


async def sender_killed_before_its_record(stage: Stage, dice: Random) -> None:
    """SIGKILL the senders while TikTok has recorded an event and not answered."""
    await stage.misbehave(*[{"action": "hang", "commit": True}] * len(stage.senders))
    await asyncio.sleep(SHORT_S)
    for _ in range(len(stage.senders)):
        stage.kill_sender(dice)
        stage.start_sender()


async def redis_killed(stage: Stage, _dice: Random) -> None:
    """SIGKILL Redis; it comes back with its append-only file."""
    await stage.restart_redis()


async def host_crashed(stage: Stage, _dice: Random) -> None:
    """Redis's host loses its power; Redis comes back with what its disk has."""
    await stage.crash_host()


async def redis_failed_over(stage: Stage, _dice: Random) -> None:
    """Lose the primary for good; its replica takes over."""
    await stage.promote()


async def redis_clock_stepped(stage: Stage, dice: Random) -> None:
    """Redis's clock, which is ahead, steps back by minutes, and after a moment forth again."""
    stage.primary.step(dice.randrange(AHEAD_S - SET_BY_S))
    await asyncio.sleep(dice.uniform(SHORT_S, LONGEST_S))
    stage.primary.step(AHEAD_S)


async def redis_clock_set(stage: Stage, dice: Random) -> None:
    """Redis's clock is set anew, and stays so."""
    stage.primary.step(AHEAD_S - dice.randint(0, SET_BY_S))
    await asyncio.sleep(SHORT_S)


async def redis_paused(stage: Stage, dice: Random) -> None:
    """CLIENT PAUSE, for longer than a reply may take."""
    pause_s = dice.uniform(SHORT_S, LONGEST_S)
    stage.primary.client.client_pause(int(pause_s * 1000))
    await asyncio.sleep(pause_s)


async def redis_out_of_memory(stage: Stage, _dice: Random) -> None:
    """No memory left, for a moment."""
    stage.primary.client.config_set("maxmemory", FILLED)
    stage.primary.client.config_set("maxmemory", 1)
    await asyncio.sleep(LONGEST_S)
    stage.primary.client.config_set("maxmemory", 0)


async def redis_refusing(stage: Stage, _dice: Random) -> None:
    """Connections are cut and refused, for a moment."""
    stage.proxy.refuses = True
    stage.proxy.cut()
    await asyncio.sleep(LONGEST_S)
    stage.proxy.refuses = False


async def scripts_flushed(stage: Stage, _dice: Random) -> None:
    """SCRIPT FLUSH."""
    stage.primary.client.script_flush()
    await asyncio.sleep(SHORT_S / 10)


async def redis_slow(stage: Stage, dice: Random) -> None:
    """Every reply comes late."""
    stage.proxy.delay_s = dice.uniform(0.05, 0.4)
    await asyncio.sleep(LONGEST_S)
    stage.proxy.delay_s = 0


async def connections_cut(stage: Stage, _dice: Random) -> None:
    """Every connection is cut, some in the middle of a reply."""
    stage.proxy.cut()
    await asyncio.sleep(SHORT_S / 10)


async def replies_lost(stage: Stage, dice: Random) -> None:
    """Redis has written, and nobody hears of it."""
    stage.proxy.replies_to_lose += dice.randint(1, 8)
    await asyncio.sleep(SHORT_S)


async def clock_off(stage: Stage, dice: Random) -> None:
    """A gateway comes back with a clock that is off by minutes."""
    await stage.start_gateway(stage.kill_gateway(dice), dice.choice(SKEWS_S))


async def tiktok_errors(stage: Stage, dice: Random) -> None:
    """TikTok answers with a page of HTML, with codes of its own trouble, or that we are too fast."""
    codes = [50000] if stage.is_slowed else [50000, 60001, 40100]
    # Each of these once: throttled again, or maintained again, an event rightly waits for many minutes.
    stage.is_slowed = True
    answers: list[dict[str, object]] = [{"action": "http"}, *({"action": "code", "code": code} for code in codes)]
    await stage.misbehave(*dice.sample(answers, k=len(answers)))
    await asyncio.sleep(SHORT_S)


async def tiktok_cut(stage: Stage, _dice: Random) -> None:
    """TikTok records an event and cuts the connection, or does not even record it."""
    await stage.misbehave({"action": "reset", "commit": True}, {"action": "reset"}, {"action": "reset", "commit": True})
    await asyncio.sleep(SHORT_S)


async def tiktok_hanging(stage: Stage, _dice: Random) -> None:
    """TikTok records an event and never answers."""
    await stage.misbehave({"action": "hang", "commit": True}, {"action": "hang"})
    await asyncio.sleep(SHORT_S)


ON_DISK: Final[dict[str, Fault]] = {
    fault.__name__: fault
    for fault in (
        gateway_killed,
        sender_killed,
        sender_killed_before_its_record,
        redis_killed,
        redis_paused,
        redis_out_of_memory,
        redis_refusing,
        scripts_flushed,
        redis_slow,
        connections_cut,
        replies_lost,
        clock_off,
        tiktok_errors,
        tiktok_cut,
        tiktok_hanging,
    )
}
"""Faults of a Redis that keeps all on its disk."""

ON_REPLICA: Final[dict[str, Fault]] = {"redis_failed_over": redis_failed_over}
"""Faults of a Redis that keeps nothing on its disk, and has a replica that every commit waits for."""

ON_CLOCK: Final[dict[str, Fault]] = {fault.__name__: fault for fault in (redis_clock_stepped, redis_clock_set)}
"""Faults of a Redis whose clock steps, and is ahead by `AHEAD_S` before."""

ON_HOST: Final[dict[str, Fault]] = {"host_crashed": host_crashed}
"""Faults of a Redis that is watched, so that it is known what its disk has."""
