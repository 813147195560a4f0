"""What many tasks ask at the same moment, asked together: one trip to Redis instead of one each."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from actors.errors import for_each

Key = TypeVar("Key")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Lane(Generic[Asked, Answer]):
    """Batches that go one after another. While one is under way the next gathers."""

    def __init__(self, run: Callable[[list[Asked]], Awaitable[Sequence[Answer | Exception]]], at_once: int) -> None:
        """Bind to what answers a batch of at most `at_once`, in order. What it raises, everyone of the batch gets."""
        self._run = run
        self._at_once = at_once
        self._ready: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._running: asyncio.Task[None] | None = None

    def ask(self, asked: Asked) -> "asyncio.Future[Answer]":
        """Ask with the next batch."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._ready.append((asked, answer))
        if self._running is None or self._running.done():
            # The task starts in the next turn of the loop, so it finds all that became ready in this one.
            self._running = asyncio.create_task(self._drain(), name="lane")
        return answer

    async def _drain(self) -> None:
        while self._ready:
            batch = [self._ready.popleft() for _ in range(min(self._at_once, len(self._ready)))]
            all_waiting = [waiting for _, waiting in batch]
            answered: list[tuple[asyncio.Future[Answer], Answer | Exception]]
            try:
                answered = [*zip(all_waiting, await self._run([asked for asked, _ in batch]), strict=True)]
            except Exception as error:  # noqa: BLE001  loop top: whatever it was, nobody may wait for ever
                answered = [(waiting, for_each(error)) for waiting in all_waiting]
            for waiting, answer in answered:
                if waiting.done():
                    continue
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)


class Lanes(Generic[Key, Asked, Answer]):
    """Lanes by key. Each is made when something is to go along it, and forgotten when nothing does any more."""

    def __init__(self, make: Callable[[Key], Lane[Asked, Answer]]) -> None:
        """Bind to what makes the lane of a key."""
        self._make = make
        self._lanes: WeakValueDictionary[Key, Lane[Asked, Answer]] = WeakValueDictionary()

    def ask(self, key: Key, asked: Asked) -> "asyncio.Future[Answer]":
        """Ask with the next batch of the key's lane."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = self._make(key)
        return lane.ask(asked)
