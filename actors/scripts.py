"""The Lua scripts: loaded once, called by name. Every one of them may be called twice with the same arguments."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.commands.core import AsyncScript

from actors.connect import store_errors
from actors.together import Together

Store: TypeAlias = Redis | RedisCluster
Argument: TypeAlias = str | bytes | int


class Script:
    """One script, bound to a store. AsyncScript loads it again when a node has lost its script cache."""

    def __init__(self, store: Store, name: str, together: Together | None = None) -> None:
        """Read `lua/<name>.lua`. `together`: for calls that come many at a time."""
        self._source = (files("actors") / "lua" / f"{name}.lua").read_text("utf-8")
        self._script: AsyncScript = store.register_script(self._source)
        self._together = together

    async def __call__(self, keys: Sequence[str], args: Sequence[Argument]) -> Any:  # noqa: ANN401  each script has replies of its own shape
        """Run it. Raises StoreUnavailable when Redis did not provably run it to its end."""
        with store_errors():
            if self._together is None:
                return await self._script(keys=keys, args=args)
            called = ("EVALSHA", self._script.sha, len(keys), *keys, *args)
            return await self._together.execute(keys[0], *called, source=self._source)
