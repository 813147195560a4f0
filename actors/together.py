"""Commands that many tasks have for Redis at the same moment, in one pipeline.

On Redis Cluster every slot has its own lane: a node that is away keeps nobody waiting but its own.

What must outlive a failover is written here, too: WAIT says something only of the connection that it is sent down, so
it ends the very pipeline that wrote.
"""

from typing import Any, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.crc import key_slot
from redis.exceptions import NoScriptError

from actors.connect import store_errors
from actors.errors import StoreUnavailable
from actors.lane import Lane, Lanes

AT_ONCE = 32
"""Most commands in one pipeline: the first of them waits until the last is answered."""

WAIT_FOR_REPLICA_MS = 1_000

Word: TypeAlias = str | bytes | int


class _Command(NamedTuple):
    """What to run. `source` is the script's, should Redis not know it (any more)."""

    words: tuple[Word, ...]
    source: str


class Together:
    """One way to Redis for many tasks.

    With `durable_on_replica` nothing is answered before a replica has what was written. Not for Redis Cluster.
    """

    def __init__(self, store: Redis | RedisCluster, *, durable_on_replica: bool = False) -> None:
        """Bind to a store. Nothing is sent before the first command."""
        self._durable = durable_on_replica
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._in_lanes = isinstance(store, RedisCluster)
        self._lanes: Lanes[int, _Command, Any] = Lanes(lambda _: Lane(self._run, AT_ONCE))

    async def execute(self, key: str, *words: Word, source: str = "") -> Any:  # noqa: ANN401  each command has replies of its own shape
        """Run a command that touches the slot of `key`.

        Raises StoreUnavailable when Redis, or a replica that must have it, is away, and Redis's own error when only
        this command failed.
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
        if self._durable:
            pipeline.wait(1, WAIT_FOR_REPLICA_MS)
        replies: list[Any] = await pipeline.execute(raise_on_error=False)
        if self._durable:
            replicas = replies.pop()
            if isinstance(replicas, Exception) or replicas < 1:
                raise StoreUnavailable("no replica has confirmed the write")
        return replies
