"""What Redis says of itself: whether it may be trusted with acknowledged data, and whether it can take a write now."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import ResponseError

from actors.connect import store_errors
from actors.errors import StoreMisconfigured
from actors.scripts import Store
from rules.times import SECOND_MS

SAFE_POLICY = "noeviction"

_PROBE_KEY = "probe"
_PROBE_KEPT_MS = 60 * SECOND_MS


class Server(Struct, frozen=True):
    """One primary. `policy` is None where CONFIG cannot be read, `max_memory` 0 without a limit; `now` in ms, UTC."""

    name: str
    version: str
    policy: str | None
    append_only: bool
    used_memory: int
    max_memory: int
    replicas: int
    now: int

    @property
    def memory_share(self) -> float:
        """How much of its memory limit is used, 0 when it has none."""
        return self.used_memory / self.max_memory if self.max_memory else 0.0


async def servers(store: Store) -> Sequence[Server]:
    """Ask every primary. Raises StoreUnavailable."""
    with store_errors():
        if isinstance(store, Redis):
            return [await _ask(store, "redis", {})]
        _ = await store.initialize()
        return [await _ask(store, node.name, {"target_nodes": [node]}) for node in store.get_primaries()]


async def require_safe(store: Store) -> None:
    """Check every primary. Raises StoreMisconfigured when one may evict what was acknowledged, or will not say.

    Raises StoreUnavailable when one is away.
    """
    for server in await servers(store):
        if server.policy is None:
            raise StoreMisconfigured(
                f"{server.name}: maxmemory-policy cannot be read (CONFIG is refused). "
                "Make sure that it is noeviction, then set REDIS_ALLOW_EVICTION=yes"
            )
        if server.policy != SAFE_POLICY:
            raise StoreMisconfigured(
                f"{server.name}: maxmemory-policy is {server.policy}: Redis may drop conversations and unsent events. "
                "Set it to noeviction, or accept the loss with REDIS_ALLOW_EVICTION=yes"
            )


async def probe(store: Store) -> float:
    """Write once, for real, and return the largest share of a memory limit in use. Raises StoreUnavailable."""
    with store_errors():
        await store.set(_PROBE_KEY, "ready", px=_PROBE_KEPT_MS)
        if isinstance(store, RedisCluster):
            return max([await _memory_share(store, {"target_nodes": [node]}) for node in store.get_primaries()])
        return await _memory_share(store, {})


async def load_scripts(store: Store) -> int:
    """Have every primary compile all scripts, and return how many there are. Raises StoreUnavailable."""
    sources = [path.read_text("utf-8") for path in (files("actors") / "lua").iterdir() if path.name.endswith(".lua")]
    with store_errors():
        for source in sources:
            await store.script_load(source)
    return len(sources)


async def covers_all_slots(store: Store) -> bool:
    """Tell whether a cluster serves every slot; a single Redis always does. Raises StoreUnavailable."""
    if isinstance(store, Redis):
        return True
    with store_errors():
        info: dict[str, str] = await store.cluster_info(target_nodes=RedisCluster.RANDOM)
    return info.get("cluster_state") == "ok"


async def _ask(store: Store, name: str, target: dict[str, Any]) -> Server:
    info: dict[str, Any] = await store.info(**target)
    seconds, microseconds = await store.time(**target)
    return Server(
        name=name,
        version=str(info["redis_version"]),
        policy=await _policy(store, target),
        append_only=info.get("aof_enabled") == 1,
        used_memory=info["used_memory"],
        max_memory=info.get("maxmemory", 0),
        replicas=info.get("connected_slaves", 0),
        now=seconds * SECOND_MS + microseconds // SECOND_MS,
    )


async def _policy(store: Store, target: dict[str, Any]) -> str | None:
    try:
        answer: dict[str | None, str | None] = await store.config_get("maxmemory-policy", **target)
    except ResponseError:
        return None
    return answer.get("maxmemory-policy")


async def _memory_share(store: Store, target: dict[str, Any]) -> float:
    try:
        memory: dict[str, Any] = await store.info("memory", **target)
    except ResponseError:  # the embedded store and some hosts have no INFO
        return 0.0
    limit = memory.get("maxmemory", 0)
    return float(memory["used_memory"] / limit) if limit else 0.0
