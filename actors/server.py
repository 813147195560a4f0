"""What Redis says of itself: whether it may be trusted with acknowledged data, and whether it can take a write now."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import ResponseError

from actors.connect import store_errors
from actors.errors import StoreMisconfigured, StoreUnavailable, WrongStoreUrl
from actors.failures import NODE_OF_A_CLUSTER
from actors.scripts import Store
from actors.together import Together
from rules.times import SECOND_MS

SAFE_POLICY = "noeviction"

_PROBE_KEY = "probe"
_PROBE_KEPT_MS = 60 * SECOND_MS


class Memory(Struct, frozen=True):
    """How full a primary is (bytes), and what it does then: None where it does not say. A `limit` of 0 is none."""

    policy: str | None = None
    used: int = 0
    limit: int = 0

    @property
    def share(self) -> float:
        """How much of the limit is used, 0 when there is none."""
        return self.used / self.limit if self.limit else 0.0


class Server(Struct, frozen=True):
    """One primary. `now` is its clock (ms, UTC); `memory.policy` is what CONFIG says."""

    name: str
    version: str
    append_only: bool
    memory: Memory
    replicas: int
    now: int


async def servers(store: Store) -> Sequence[Server]:
    """Ask every primary. Raises StoreUnavailable, and WrongStoreUrl for a node of a cluster that is taken for all."""
    with store_errors():
        if isinstance(store, Redis):
            # It answers all that a start asks; only commits would fail, those of the slots that it does not have.
            if (await store.info("cluster")).get("cluster_enabled"):
                raise WrongStoreUrl(NODE_OF_A_CLUSTER)
            return [await _ask(store, "Redis", {})]
        _ = await store.initialize()
        return [await _ask(store, node.name, {"target_nodes": [node]}) for node in store.get_primaries()]


async def require_safe(store: Store) -> None:
    """Check every primary. Raises StoreMisconfigured when one may evict what was acknowledged, or will not say.

    Raises StoreUnavailable when one is away.
    """
    for server in await servers(store):
        if server.memory.policy is None:
            raise StoreMisconfigured(
                f"{server.name}: maxmemory-policy cannot be read (CONFIG is refused). "
                "Make sure that it is noeviction, then set REDIS_ALLOW_EVICTION=yes"
            )
        if server.memory.policy != SAFE_POLICY:
            raise StoreMisconfigured(
                f"{server.name}: maxmemory-policy is {server.memory.policy}, so Redis may drop what was acknowledged. "
                "Set it to noeviction, or accept the loss with REDIS_ALLOW_EVICTION=yes"
            )


async def require_permitted(store: Store) -> None:
    """Do what commits do. Raises WrongStoreUrl where the user of the URL may not.

    What fails for another reason is no reason to refuse: of a Redis that is full, what waits can still be sent.
    """
    try:
        with store_errors():
            await store.evalsha(await store.script_load("return 1"), 1, _PROBE_KEY)
        await probe(store)
    except WrongStoreUrl:
        raise
    except StoreUnavailable:
        return


async def probe(store: Store, *, durable_on_replica: bool = False) -> tuple[Memory, ...]:
    """Write once, as a commit does, and return the memory of every primary. Raises StoreUnavailable."""
    with store_errors():
        written = Together(store, durable_on_replica=durable_on_replica)
        await written.execute(_PROBE_KEY, "SET", _PROBE_KEY, "ready", "PX", _PROBE_KEPT_MS)
        if isinstance(store, RedisCluster):
            return tuple([await _memory(store, {"target_nodes": [node]}) for node in store.get_primaries()])
        return (await _memory(store, {}),)


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
        append_only=info.get("aof_enabled") == 1,
        memory=Memory(await _policy(store, target), info["used_memory"], info.get("maxmemory", 0)),
        replicas=info.get("connected_slaves", 0),
        now=seconds * SECOND_MS + microseconds // SECOND_MS,
    )


async def _policy(store: Store, target: dict[str, Any]) -> str | None:
    try:
        answer: dict[str | None, str | None] = await store.config_get("maxmemory-policy", **target)
    except ResponseError:
        return None
    return answer.get("maxmemory-policy")


async def _memory(store: Store, target: dict[str, Any]) -> Memory:
    try:
        told: dict[str, Any] = await store.info("memory", **target)
    except ResponseError:  # the embedded store and some hosts have no INFO
        return Memory()
    return Memory(told.get("maxmemory_policy"), told["used_memory"], told.get("maxmemory", 0))
