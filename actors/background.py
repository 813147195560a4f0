"""Loops that run beside the rest of a process, until they are asked to end.

Asked, not cancelled: redis-py can lose a cancellation, and a loop that went on would keep its process from ending.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

Loop: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Ends soon after the event that it is given is set."""


@asynccontextmanager
async def in_background(loop: Loop, name: str, at_most_s: float | None = None) -> AsyncIterator[None]:
    """Let a loop run for as long as the block lasts, then ask it to end, and wait for that, at most so many seconds."""
    stopping = asyncio.Event()
    running = asyncio.create_task(loop(stopping), name=name)
    try:
        yield
    finally:
        stopping.set()
        _, late = await asyncio.wait([running], timeout=at_most_s)
        # Only a late one: to cancel one that has raised would keep asyncio from logging that.
        for each in late:
            each.cancel()


async def until(happened: asyncio.Event, at_most_s: float) -> None:
    """Wait for an event, but no longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await happened.wait()
