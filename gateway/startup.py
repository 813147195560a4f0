"""Starting: wait for Redis, and refuse one that would lose what was acknowledged."""

from typing import Final

import stamina
import structlog

from actors.errors import StoreUnavailable
from actors.server import require_safe, servers
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
    ask = servers if parts.settings.allow_eviction else require_safe
    async for attempt in stamina.retry_context(
        on=StoreUnavailable, attempts=None, timeout=patience_s, wait_initial=0.2, wait_max=2.0
    ):
        with attempt:
            try:
                await ask(parts.store)
            except StoreUnavailable as error:
                log.warning("store.awaited", attempt=attempt.num, error=str(error))
                raise
