"""Sessions: opened by a signed link of HaraSocial, which works once; kept in Redis, and gone by themselves.

A browser holds only the session's id. Redis knows it by its SHA-256: whoever reads Redis cannot become anybody.
"""

from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec import Struct

from actors import keys
from actors.connect import store_errors
from actors.scripts import Script, Store
from rules.catalogue import Language
from rules.times import HOUR_MS, utc

IDLE_S: Final = 3600
"""A session ends when it has not been used for so long, in seconds."""

LONGEST_MS: Final = 4 * HOUR_MS
"""A session ends so long after it began, in milliseconds, however busy it is: roles and pages change in HaraSocial."""

CHANGING_ROLES: Final = frozenset({"owner", "admin"})

SUPPORT_ROLE: Final = "support"
"""HaraSocial's own people: they look into every store, and belong to none."""

_NOTE: Final = "note:"


class SessionPage(Struct, frozen=True, omit_defaults=True):
    """A page of the seller's store. `token` is the ciphertext of its page access token, where HaraSocial gave one."""

    id: str
    name: str
    picture: str = ""
    token: str | None = None


class Session(Struct, frozen=True, kw_only=True):
    """What somebody may see and do. `csrf` is the token that their forms must carry; times are ms, UTC."""

    sub: str
    store_id: str
    role: str
    lang: Language
    csrf: str
    pages: tuple[SessionPage, ...]
    began_at: int
    id: str = ""

    @property
    def may_change(self) -> bool:
        """Whether the seller may connect pages and change connections."""
        return self.role in CHANGING_ROLES

    @property
    def is_support(self) -> bool:
        """Whether it is of HaraSocial's support, not of a seller."""
        return self.role == SUPPORT_ROLE

    def page(self, page_id: str) -> SessionPage | None:
        """Return one of the store's pages, None when it is not theirs."""
        return next((page for page in self.pages if page.id == page_id), None)


class Sessions:
    """The sessions in Redis. Every method raises StoreUnavailable when Redis is away."""

    def __init__(self, store: Store) -> None:
        """Bind to a store."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._open = Script(store, "open_session")
        self._keep = Script(store, "keep")

    async def open(self, session: Session, link_id: str, link_lives_s: int) -> bool:
        """Open a session by a link, which can be tried for `link_lives_s` seconds. False: it was used before."""
        session_key, link = _key(session.id), keys.session_link(link_id)
        with store_errors():
            # The client repeats what got no answer: what lies there says whose link it was, the first time too.
            await self._store.set(link, session_key, nx=True, ex=link_lives_s)
            if await self._store.get(link) != session_key.encode():
                return False
        await self._open([session_key], [IDLE_S, *(part for field in _row(session).items() for part in field)])
        return True

    async def use(self, session_id: str, now: int) -> Session | None:
        """Return a session and let it live on, None when there is none (any more). `now` is ms, UTC."""
        with store_errors():
            pipeline = self._store.pipeline(transaction=False)
            pipeline.hgetall(_key(session_id))
            pipeline.expire(_key(session_id), IDLE_S)
            row, _ = await pipeline.execute()
        session = _read(row, session_id)
        return session if session is not None and now - session.began_at < LONGEST_MS else None

    async def close(self, session_id: str) -> None:
        """End a session, with all that was kept in it."""
        with store_errors():
            await self._store.delete(_key(session_id))

    async def speak(self, session_id: str, language: Language) -> None:
        """Go on in another language."""
        await self._keep([_key(session_id)], ["lang", language])

    async def keep(self, session_id: str, name: str, note: bytes) -> bool:
        """Keep something for a later step, as long as the session lives. False: the session has ended."""
        kept: int = await self._keep([_key(session_id)], [_NOTE + name, note])
        return kept == 1

    async def kept(self, session_id: str, name: str) -> bytes | None:
        """Return what was kept, None when nothing was."""
        with store_errors():
            note: bytes | None = await self._store.hget(_key(session_id), _NOTE + name)
        return note

    async def drop(self, session_id: str, name: str) -> bool:
        """Forget what was kept. True for one caller only, however many ask at once: what is single-use is so here."""
        with store_errors():
            dropped: int = await self._store.hdel(_key(session_id), _NOTE + name)
        return dropped == 1


def _key(session_id: str) -> str:
    return keys.session(sha256(session_id.encode()).hexdigest())


def _row(session: Session) -> dict[str, str | bytes]:
    return {
        "sub": session.sub,
        "store_id": session.store_id,
        "role": session.role,
        "lang": session.lang,
        "csrf": session.csrf,
        "pages": msgspec.json.encode(session.pages),
        "began_at": str(session.began_at),
        "began_at_utc": utc(session.began_at),
    }


def _read(row: dict[bytes, bytes], session_id: str) -> Session | None:
    if not row:
        return None
    text = {field.decode(): value.decode() for field, value in row.items() if not field.startswith(_NOTE.encode())}
    return Session(
        sub=text["sub"],
        store_id=text["store_id"],
        role=text["role"],
        lang="en" if text["lang"] == "en" else "vi",
        csrf=text["csrf"],
        pages=msgspec.json.decode(text["pages"], type=tuple[SessionPage, ...]),
        began_at=int(text["began_at"]),
        id=session_id,
    )
