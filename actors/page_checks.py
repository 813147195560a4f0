"""Page checks: what was found the last time that a page was looked at, and which page is to be looked at next.

A check lives beside its page's connection. A page that is not connected when its day is over is forgotten, with its
token, so that what only looked around leaves nothing behind.
"""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias, get_args

from msgspec import Struct

from actors import keys
from actors.asking import replies_of
from actors.connect import store_errors
from actors.scripts import Script, Store
from rules.times import DAY_MS, MINUTE_MS, utc

EVERY_MS = DAY_MS
"""How long after a check the next one is due."""

KEPT_MS = 30 * DAY_MS
"""How long a check is shown without a newer one."""

LEASE_MS = 10 * MINUTE_MS
"""How long whoever claimed a check has for it; then somebody else may."""

CheckName: TypeAlias = Literal["greeting", "faq_off", "get_started", "webhook_fields"]
Finding: TypeAlias = Literal["passed", "failing", "not_checked"]
CHECK_NAMES: tuple[CheckName, ...] = get_args(CheckName)


class PageCheck(Struct, frozen=True):
    """What was found at a page, and when (ms, UTC). `obstacle` says why something could not be checked."""

    checked_at: int
    greeting: Finding = "not_checked"
    faq_off: Finding = "not_checked"
    get_started: Finding = "not_checked"
    webhook_fields: Finding = "not_checked"
    missing_fields: tuple[str, ...] = ()
    obstacle: str | None = None

    @property
    def findings(self) -> dict[str, Finding]:
        """Every check with its finding, in the order in which they are shown."""
        return {name: getattr(self, name) for name in CHECK_NAMES}

    @property
    def failing(self) -> bool:
        """Whether something at the page needs mending."""
        return "failing" in self.findings.values()

    @property
    def blocks(self) -> bool:
        """Whether the page must not be connected: with its FAQ on, no click of a new customer arrives."""
        return self.faq_off == "failing"


class PageChecks:
    """The checks in Redis."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._note = Script(store, "note_check")
        self._claim = Script(store, "claim_check")

    async def get(self, page_id: str) -> PageCheck | None:
        """Return the page's last check, None when there is none. Raises StoreUnavailable."""
        return (await self.get_many([page_id])).get(page_id)

    async def get_many(self, page_ids: Iterable[str]) -> dict[str, PageCheck]:
        """Return the last checks of those pages that have one. Raises StoreUnavailable."""
        wanted = tuple(page_ids)
        pipeline = self._store.pipeline(transaction=False)
        for page_id in wanted:
            pipeline.hgetall(keys.check(page_id))
        rows: list[dict[bytes, bytes] | None] = await replies_of(pipeline)
        read = ((page_id, _read(row or {})) for page_id, row in zip(wanted, rows, strict=True))
        return {page_id: check for page_id, check in read if check is not None}

    async def token(self, page_id: str) -> str | None:
        """Return the token (ciphertext) that the page is looked at with, None: none. Raises StoreUnavailable."""
        with store_errors():
            token: bytes | None = await self._store.hget(keys.check(page_id), "token")
        return token.decode() if token else None

    async def note(self, page_id: str, check: PageCheck, token: str, *, held: bool = False) -> None:
        """Keep a check, and the token (ciphertext) it was made with for the next ones. Raises StoreUnavailable.

        A token that Meta refuses is not kept: the page is looked at again when somebody brings another. `held`: the
        token came from here, so the check counts only while no other has come.
        """
        fields: dict[str, str | None] = {
            "checked_at": str(check.checked_at),
            "checked_at_utc": utc(check.checked_at),
            **check.findings,
            "missing_fields": ",".join(check.missing_fields),
            "obstacle": check.obstacle,
            "token": None if check.obstacle == "token_refused" else token,
        }
        present = {field: value for field, value in fields.items() if value}
        arguments: list[str | bytes | int] = [page_id, token if held else "", EVERY_MS, KEPT_MS, len(present)]
        for field, value in present.items():
            arguments += [field, value]
        await self._note([keys.check(page_id), keys.checks(keys.partition(page_id))], arguments)

    async def due(self, partition: int, now: int) -> tuple[str, ...]:
        """Return pages of a partition whose check may be due at `now` (ms, UTC). Raises StoreUnavailable."""
        with store_errors():
            pages: list[bytes] = await self._store.zrangebyscore(keys.checks(partition), "-inf", now)
        return tuple(page_id.decode() for page_id in pages)

    async def claim(self, page_id: str) -> str | None:
        """Return the page's token (ciphertext) to one caller, when its check is due. Raises StoreUnavailable.

        None for all others. Whoever gets it has `LEASE_MS` to note what was found.
        """
        place = [keys.check(page_id), keys.checks(keys.partition(page_id)), keys.connection(page_id)]
        token: bytes | None = await self._claim(place, [page_id, LEASE_MS])
        return token.decode() if token else None

    async def forget(self, page_id: str) -> None:
        """Forget a page's check and its token. Raises StoreUnavailable."""
        with store_errors():
            await self._store.zrem(keys.checks(keys.partition(page_id)), page_id)
            await self._store.delete(keys.check(page_id))


def _read(row: dict[bytes, bytes]) -> PageCheck | None:
    # A damaged check is none, as a missing one is: the next day's replaces it.
    text = {field.decode(errors="replace"): value.decode(errors="replace") for field, value in row.items()}
    findings: dict[str, Any] = {name: text.get(name, "not_checked") for name in CHECK_NAMES}
    checked_at = text.get("checked_at", "")
    if not checked_at.isdecimal() or not set(findings.values()) <= set(get_args(Finding)):
        return None
    return PageCheck(
        checked_at=int(checked_at),
        missing_fields=tuple(filter(None, text.get("missing_fields", "").split(","))),
        obstacle=text.get("obstacle"),
        **findings,
    )
