"""Starting: wait for Redis, and refuse one that would lose what was acknowledged."""

from typing import Final

import stamina
import structlog

from actors.errors import StoreMisconfigured, StoreUnavailable, WrongStoreUrl
from actors.server import require_permitted, require_safe, servers
from gateway.parts import Parts

PATIENCE_S: Final = 60.0

log = structlog.get_logger()


async def await_store(parts: Parts, patience_s: float = PATIENCE_S) -> None:
    """Return when the store answers and is safe.

    Raises StoreUnavailable when it does not within `patience_s`, and StoreMisconfigured at once.
    """
    if parts.settings.embedded:
        log.warning("store.not_durable", why="REDIS_URL is not set: all state dies with this process")
        return
    try:
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=None, timeout=patience_s, wait_initial=0.2, wait_max=2.0
        ):
            with attempt:
                await _ask(parts, attempt.num)
    except WrongStoreUrl as error:
        raise StoreMisconfigured(f"REDIS_URL cannot be used: {error}") from error
    except StoreUnavailable as error:
        why = f"REDIS_URL could not be used within {patience_s:g} s: {error}. Check its host, port and TLS (rediss://)"
        raise StoreUnavailable(why) from error


async def _ask(parts: Parts, attempt: int) -> None:
    try:
        await (servers if parts.settings.allow_eviction else require_safe)(parts.store)
        await require_permitted(parts.store)
    except StoreUnavailable as error:
        if _may_pass(error):
            log.warning("store.awaited", attempt=attempt, error=str(error))
        raise


def _may_pass(error: Exception) -> bool:
    return isinstance(error, StoreUnavailable) and not isinstance(error, WrongStoreUrl)
