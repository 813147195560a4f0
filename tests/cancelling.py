"""Cancelling a call wherever it can be cancelled: at each of its suspensions, one after another."""

import asyncio
import time
from collections.abc import Coroutine, Generator, Iterator
from contextvars import ContextVar
from itertools import count
from typing import Any, TypeVar

from tests.stores import Store
from tests.waiting import eventually

T = TypeVar("T")

ANSWERS_WITHIN_S = 30

_current: ContextVar["Cut"] = ContextVar("cut")


class Cut:
    """One cancellation of a call, at its n-th suspension, in whichever of the tasks that work for it.

    Early is as the suspension begins, so that what it waits for never comes; late is when that has come already. `made`
    says whether the call had so many suspensions, `heard` whether it was still going on then.
    """

    def __init__(self, at: int, *, late: bool) -> None:
        self.made = False
        self._at = at
        self._late = late
        self._suspensions = 0
        self.heard = False
        self._task: asyncio.Task[object]
        self._begun: list[asyncio.Task[Any]] = []

    def __repr__(self) -> str:
        return f"cut {'late' if self._late else 'early'} at suspension {self._at}"

    async def through(self, call: Coroutine[Any, Any, object]) -> bool:
        """Make the call and cancel it; return whether that ended it. Raises what the call does otherwise."""
        loop = asyncio.get_running_loop()
        # For good: what the call leaves at work may begin more.
        factory: Any = _counted_task  # typeshed's tasks take generators, too, up to Python 3.13
        loop.set_task_factory(factory)
        before = _current.set(self)
        task = self._task = loop.create_task(call)
        _current.reset(before)
        await asyncio.wait([task])
        if not task.cancelled():
            _ = task.result()
        return task.cancelled()

    async def at_rest(self) -> None:
        """Wait until all that the call has begun has come to its end."""
        await eventually(lambda: all(task.done() for task in self._begun))

    def begin(self, call: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, **more: Any) -> asyncio.Task[T]:  # noqa: ANN401  as `create_task` has it
        """Make a task of the call's, whose suspensions count."""
        task = asyncio.Task(_Counted(call, self), loop=loop, **more)
        self._begun.append(task)
        return task

    def suspended(self, waiting_for: "asyncio.Future[object] | None") -> None:
        """Notice a suspension, and cancel the call if it is the one."""
        self._suspensions += 1
        if self._suspensions != self._at:
            return
        self.made = True
        if self._late and waiting_for is not None:
            # Before the task's own callback: it is woken with a result and cancelled, both.
            waiting_for.add_done_callback(lambda _: self._cancel())
        else:
            self._cancel()

    def _cancel(self) -> None:
        self.heard = self._task.cancel()


def every_cut() -> Iterator[Cut]:
    """Give a cut for each suspension, early and late, until one has come after the end of the call."""
    for late in (False, True):
        for at in count(1):
            cut = Cut(at, late=late)
            yield cut
            if not cut.made:
                break


def connections(store: Store, state: str) -> int:
    """Count the client's connections that are `used`, or `idle`."""
    counts = store.connection_pool.get_connection_count()
    return sum(number for number, labels in counts if state in labels.values())


async def expect_sane(store: Store) -> None:
    """See that no connection is out, and that on none another call's reply is still to come."""
    assert connections(store, "used") == 0
    words = [f"word {number} of {time.monotonic_ns()}".encode() for number in range(connections(store, "idle") or 1)]
    async with asyncio.timeout(ANSWERS_WITHIN_S):
        assert await asyncio.gather(*(store.echo(word) for word in words)) == words


class _Counted(Coroutine[Any, Any, T]):
    """A coroutine whose suspensions a cut notices."""

    def __init__(self, call: Coroutine[Any, Any, T], cut: Cut) -> None:
        self._call = call
        self._cut = cut

    def __await__(self) -> Generator[Any, Any, T]:
        return self._call.__await__()

    def send(self, value: Any) -> Any:  # noqa: ANN401  what a loop and a coroutine say to each other
        return self._noticed(self._call.send(value))

    def throw(self, *error: Any) -> Any:  # noqa: ANN401  likewise
        return self._noticed(self._call.throw(*error))

    def close(self) -> None:
        self._call.close()

    def _noticed(self, waiting_for: Any) -> Any:  # noqa: ANN401  likewise
        self._cut.suspended(waiting_for)
        return waiting_for


def _counted_task(loop: asyncio.AbstractEventLoop, call: Coroutine[Any, Any, T], **more: Any) -> asyncio.Task[T]:  # noqa: ANN401  as `create_task` has it
    # Whoever else is at work on this loop, a server for example, has no cut in its context.
    cut = _current.get(None)
    return asyncio.Task(call, loop=loop, **more) if cut is None else cut.begin(call, loop, **more)
