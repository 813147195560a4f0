"""Redis's time in this process: asked for now and then, carried on by a local clock in between."""

import time
from collections.abc import Callable

from actors import keys
from actors.scripts import Script, Store

TRUSTED_S = 1.0
"""How long (s) the difference between the clocks is believed. After a step of Redis's nothing is sent that long."""


class StoreClock:
    """Tells the time by which everything is due. Whether this machine's own date is right does not matter."""

    def __init__(self, store: Store, ticks: Callable[[], float] = time.monotonic) -> None:
        """Bind to a store. `ticks` gives seconds that pass as Redis's do."""
        self._ticks = ticks
        self._ask = Script(store, "clock")
        self._ahead_ms = 0
        self._asked_at: float | None = None

    def now(self) -> int:
        """Return Redis's time (ms, UTC) as last seen, carried on. Only meaningful after `refresh`."""
        return int(self._ticks() * 1000) + self._ahead_ms

    async def refresh(self) -> int:
        """Ask Redis when the last answer is too old, and return the time. Raises StoreUnavailable."""
        asked_at = self._ticks()
        if self._asked_at is None or not 0 <= asked_at - self._asked_at < TRUSTED_S:
            told = int(await self._ask([keys.due(0)], []))
            # Counted from before the question: rather a little early, which the scripts refuse, than late.
            self._ahead_ms = told - int(asked_at * 1000)
            self._asked_at = asked_at
        return self.now()
