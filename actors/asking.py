"""Asking many keys at once, where one that is damaged must hide nothing but itself."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.exceptions import ResponseError

from actors import keys
from actors.connect import store_errors
from actors.scripts import Store

Reply = TypeVar("Reply")


async def reply_of(command: Awaitable[Reply]) -> Reply | None:
    """Run one command and return its reply; a key of another type answers None. Raises StoreUnavailable."""
    with store_errors():
        try:
            return await command
        except ResponseError as error:
            if _is_of_another_type(error):
                return None
            raise


async def replies_of(pipeline: Any) -> list[Any]:  # noqa: ANN401  redis-py has no one type for its pipelines
    """Run a pipeline and return its replies; a key of another type answers None. Raises StoreUnavailable."""
    with store_errors():
        replies: list[Any] = await pipeline.execute(raise_on_error=False)
        return [_readable(reply) for reply in replies]


async def ask_all(store: Store, ask: Callable[[Any, int], object]) -> list[Any]:
    """Let `ask` put its commands for each partition into one pipeline; return the replies. Raises StoreUnavailable."""
    pipeline: Any = store.pipeline(transaction=False)
    for number in range(keys.PARTITIONS):
        ask(pipeline, number)
    return await replies_of(pipeline)


def _readable(reply: object) -> object:
    if isinstance(reply, ResponseError) and _is_of_another_type(reply):
        return None
    if isinstance(reply, Exception):
        raise reply
    return reply


def _is_of_another_type(error: ResponseError) -> bool:
    return "WRONGTYPE" in str(error)
