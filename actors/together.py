"""Commands that many tasks have for Redis at the same moment, in one pipeline.

On Redis Cluster every slot has its own lane: a node that is away keeps nobody waiting but its own.
"""

from typing import Any, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.crc import key_slot
from redis.exceptions import NoScriptError

from actors.connect import store_errors
from actors.lane import Lane, Lanes

AT_ONCE = 32
"""Most commands in one pipeline: the first of them waits until the last is answered."""

Word: TypeAlias = str | bytes | int


class _Command(NamedTuple):
    """What to run. `source` is the script's, should Redis not know it (any more)."""

    words: tuple[Word, ...]
    source: str


class Together:
    """One way to Redis for many tasks."""

    def __init__(self, store: Redis | RedisCluster) -> None:
        """Bind to a store. Nothing is sent before the first command."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._in_lanes = isinstance(store, RedisCluster)
        self._lanes: Lanes[int, _Command, Any] = Lanes(lambda _: Lane(self._run, AT_ONCE))

    async def execute(self, key: str, *words: Word, source: str = "") -> Any:  # noqa: ANN401  each command has replies of its own shape
        """Run a command that touches the slot of `key`.

        Raises StoreUnavailable when Redis is away, and Redis's own error when only this command failed.
        """
        slot = key_slot(key.encode()) if self._in_lanes else 0
        return await self._lanes.ask(slot, _Command(words, source))

    async def _run(self, commands: list[_Command]) -> list[Any]:
        with store_errors():
            replies = await self._pipeline(commands)
            unknown = [number for number, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if unknown:
                for source in {commands[number].source for number in unknown}:
                    await self._store.script_load(source)
                again = await self._pipeline([commands[number] for number in unknown])
                for number, reply in zip(unknown, again, strict=True):
                    replies[number] = reply
        return replies

    async def _pipeline(self, commands: list[_Command]) -> list[Any]:
        pipeline = self._store.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command.words)
        replies: list[Any] = await pipeline.execute(raise_on_error=False)
        return replies
