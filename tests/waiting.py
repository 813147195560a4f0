"""Waiting for a condition instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable

EVERY_S = 0.01


async def eventually(predicate: Callable[[], object | Awaitable[object]], *, within: float = 30) -> None:
    """Return once the predicate, plain or async, holds; raise AssertionError when it does not `within` seconds."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        held = predicate()
        if await held if isawaitable(held) else held:
            return
        if asyncio.get_running_loop().time() > deadline:
            message = f"{getattr(predicate, '__qualname__', predicate)} did not hold within {within} s"
            raise AssertionError(message)
        await asyncio.sleep(EVERY_S)
