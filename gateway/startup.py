"""Starting: wait for Redis, and refuse one that would lose what was acknowledged."""

import asyncio
from typing import Final

import stamina
import structlog

from actors.errors import StoreMisconfigured, StoreUnavailable, WrongStoreUrl
from actors.server import require_permitted, require_safe, servers
from gateway.parts import Parts

SETTING: Final = "REDIS_URL (host, port, rediss:// for TLS)"
"""Named with each try: whether Redis is away or the setting is wrong, only an operator can tell."""

log = structlog.get_logger()


class StoreWait:
    """The wait for a store that answers and is safe. `why` says why it is not over."""

    def __init__(self, parts: Parts) -> None:
        """Ask nothing yet."""
        self.why = "it has not answered yet"
        self._parts = parts
        self._attempts = 0
        self._given_up = False

    async def over(self, at_most_s: float | None = None) -> None:
        """Return when it is over. May be called again.

        Raises StoreUnavailable when it is not within `at_most_s` (None: however long it takes), StoreMisconfigured when
        it never will be.
        """
        if self._parts.settings.embedded:
            log.warning("store.not_durable", why="REDIS_URL is not set: all state dies with this process")
            return
        try:
            async with asyncio.timeout(at_most_s):
                await self._until_it_answers(at_most_s)
        except WrongStoreUrl as error:
            raise StoreMisconfigured(f"REDIS_URL cannot be used: {error}") from error
        except TimeoutError as error:
            raise StoreUnavailable(self.why) from error

    def give_up(self) -> None:
        """Ask no more. Whoever waits is cancelled, too, but redis-py can lose a cancellation."""
        self._given_up = True

    async def _until_it_answers(self, at_most_s: float | None) -> None:
        async for attempt in stamina.retry_context(
            on=self._may_pass, attempts=None, timeout=at_most_s, wait_initial=0.2, wait_max=2.0
        ):
            with attempt:
                await self._ask()

    async def _ask(self) -> None:
        settings, store = self._parts.settings, self._parts.store
        self._attempts += 1
        try:
            await (servers(store) if settings.allow_eviction else require_safe(store))
            await require_permitted(store)
        except WrongStoreUrl:
            raise
        except StoreUnavailable as error:
            self.why = str(error)
            log.warning("store.awaited", attempt=self._attempts, error=self.why, setting=SETTING)
            raise

    def _may_pass(self, error: Exception) -> bool:
        return isinstance(error, StoreUnavailable) and not (isinstance(error, WrongStoreUrl) or self._given_up)
