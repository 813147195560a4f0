"""What runs in the background is asked to end, and waited for."""

import asyncio
import time

import pytest

from actors.background import in_background, until

PATIENCE_S = 60


async def test_a_loop_does_its_last_work_before_the_block_is_over() -> None:
    done: list[str] = []

    async def loop(stopping: asyncio.Event) -> None:
        await stopping.wait()
        await asyncio.sleep(0.01)
        done.append("last work")

    async with in_background(loop, "loop"):
        pass
    assert done == ["last work"]


async def test_a_loop_is_asked_to_end_when_the_block_raises() -> None:
    asked: list[bool] = []

    async def loop(stopping: asyncio.Event) -> None:
        await stopping.wait()
        asked.append(True)

    with pytest.raises(ZeroDivisionError):
        async with in_background(loop, "loop"):
            raise ZeroDivisionError
    assert asked == [True]


async def test_a_loop_that_raises_ends_alone() -> None:
    """Nobody awaits its error: asyncio logs it."""
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(repr(context["exception"])))

    async def loop(_stopping: asyncio.Event) -> None:
        raise ZeroDivisionError

    async with in_background(loop, "loop"):
        await asyncio.sleep(0.01)
    assert heard == ["ZeroDivisionError()"]


async def test_a_loop_that_is_late_is_cancelled_where_the_wait_is_limited() -> None:
    ended: list[str] = []

    async def loop(_stopping: asyncio.Event) -> None:
        try:
            await asyncio.sleep(PATIENCE_S)
        except asyncio.CancelledError:
            ended.append("cancelled")

    async with in_background(loop, "loop", at_most_s=0.01):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ended == ["cancelled"]


async def test_an_event_is_waited_for_only_so_long() -> None:
    event, began = asyncio.Event(), time.monotonic()
    await until(event, 0.01)
    assert time.monotonic() - began >= 0.01
    asyncio.get_running_loop().call_later(0.01, event.set)
    await until(event, PATIENCE_S)
    assert time.monotonic() - began < PATIENCE_S
