"""One reading for all who ask at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from actors.errors import ActorError, for_each

Key = TypeVar("Key")
Value = TypeVar("Value")


class Once(Generic[Key, Value]):
    """Reads each value from the store once for all who ask meanwhile: else a crowd would take a connection each."""

    def __init__(self, read: Callable[[Key], Coroutine[Any, Any, Value]]) -> None:
        """Bind to what reads a value."""
        self._read = read
        self._reading: dict[Key, asyncio.Task[Value]] = {}

    async def __call__(self, key: Key) -> Value:
        """Read a value, or wait for the reading of it that is under way. Raises what the reading raises."""
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._read(key), name="store.read")
            reading.add_done_callback(lambda _: self._reading.pop(key))
        await asyncio.wait({reading})
        try:
            return reading.result()
        except ActorError as error:
            raise for_each(error) from None
