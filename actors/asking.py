"""Asking many keys at once, where one that is damaged must hide nothing but itself."""

from collections.abc import Callable
from typing import Any

from redis.exceptions import ResponseError

from actors import keys
from actors.connect import store_errors
from actors.scripts import Store


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
    if isinstance(reply, ResponseError) and "WRONGTYPE" in str(reply):
        return None
    if isinstance(reply, Exception):
        raise reply
    return reply
