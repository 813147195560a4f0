"""Setting aside: facts that the store cannot take, because something unexpected lies under their conversation's keys.

The webhook is answered 200, since repeating would fail for ever and hold up its neighbours. The facts stay in Redis for
30 days, until an operator has repaired the keys and has them told again (`actors/retell.py`).
"""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from actors import codec, keys
from actors.asking import reply_of
from actors.connect import store_errors
from actors.errors import StoredDamage
from actors.together import Together
from rules.facts import ConversationId, Fact, without_buyer
from rules.times import DAY_MS

MOST = 10_000
KEPT_MS = 30 * DAY_MS

SCANNED = 500
"""Entries that are looked at in one round trip."""


class Aside(Struct, frozen=True):
    """An entry: facts that arrived together, and why they could not be stored."""

    entry_id: bytes
    facts: tuple[Fact, ...]
    error: str


_facts = Decoder(tuple[Fact, ...])


async def set_aside(together: Together, conversation: ConversationId, facts: tuple[Fact, ...], error: str) -> None:
    """Keep facts for an operator, orders without their buyers. Raises StoreUnavailable."""
    key = _key(conversation)
    who = ("page_id", conversation.page_id, "psid", conversation.psid)
    what = ("error", error, "facts", codec.encode([without_buyer(fact) for fact in facts]))
    with store_errors():
        # No script: if the client repeats it after a lost reply, an operator sees the facts twice, which is harmless.
        await together.execute(key, "XADD", key, "MAXLEN", "~", MOST, "*", *who, *what)
        await together.execute(key, "PEXPIRE", key, KEPT_MS)


async def read_aside(store: Any, conversation: ConversationId) -> list[Aside]:  # noqa: ANN401  redis-py types every reply for both decoding settings at once
    """Return what was set aside of a conversation, oldest first.

    Raises StoreUnavailable, or StoredDamage of an entry that cannot be read.
    """
    return [_read(conversation, number, fields) async for number, fields in _entries(store, conversation)]


async def let_go(store: Any, conversation: ConversationId, aside: Aside) -> None:  # noqa: ANN401  likewise
    """Set an entry aside no longer. Raises StoreUnavailable."""
    await reply_of(store.xdel(_key(conversation), aside.entry_id))


async def forget_aside(store: Any, conversation: ConversationId) -> None:  # noqa: ANN401  likewise
    """Let go of what was set aside of a customer. Raises StoreUnavailable."""
    if ids := [number async for number, _ in _entries(store, conversation)]:
        await reply_of(store.xdel(_key(conversation), *ids))


async def pages_aside(store: Any, number: int, psid: str) -> set[str]:  # noqa: ANN401  likewise
    """Return the pages of a partition on which anything of a customer was set aside. Raises StoreUnavailable."""
    theirs = [fields async for _, fields in _all(store, keys.aside(number)) if fields.get(b"psid") == psid.encode()]
    return {fields[b"page_id"].decode(errors="replace") for fields in theirs if b"page_id" in fields}


async def _entries(store: Any, conversation: ConversationId) -> AsyncIterator[tuple[bytes, dict[bytes, bytes]]]:  # noqa: ANN401  likewise
    mine = (conversation.page_id.encode(), conversation.psid.encode())
    async for number, fields in _all(store, _key(conversation)):
        if (fields.get(b"page_id"), fields.get(b"psid")) == mine:
            yield number, fields


async def _all(store: Any, key: str) -> AsyncIterator[tuple[bytes, dict[bytes, bytes]]]:  # noqa: ANN401  likewise
    after = b"-"
    while entries := await reply_of(store.xrange(key, min=after, count=SCANNED)):
        for number, fields in entries:
            yield number, fields
        after = b"(" + entries[-1][0]


def _read(conversation: ConversationId, number: bytes, fields: dict[bytes, bytes]) -> Aside:
    try:
        return Aside(number, _facts.decode(fields[b"facts"]), fields[b"error"].decode())
    except (KeyError, UnicodeDecodeError, DecodeError) as error:
        entry = f"{_key(conversation)} has an entry {number.decode()}"
        raise StoredDamage(f"{entry} that cannot be read; repair or XDEL it") from error


def _key(conversation: ConversationId) -> str:
    return keys.aside(keys.partition(conversation.page_id))
