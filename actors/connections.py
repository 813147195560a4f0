"""Page connections: which pages report to which TikTok event set, and on what terms.

They are the one thing that never expires. Every process sees a change within `FRESH_S` seconds, and at once that a page
is connected: whoever changes a connection leaves a new mark on its partition, so that a process with ten thousand pages
looks at 64 marks, not at them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec

from actors import codec, keys
from actors.asking import replies_of, reply_of
from actors.connect import store_errors
from actors.connection import Connection, read_connection, readable_connection
from actors.errors import ConnectionRenewed, StoreUnavailable
from actors.once import Once
from actors.scripts import Script, Store
from rules.orders import MOST_CHOOSE, Choice, CompletePaymentOn, Terms
from rules.times import SECOND_MS, utc

FRESH_S: Final = 0.5
"""How long a process may believe that nothing has changed, in seconds. It never believes that a page is not connected:
what came for a page that was just connected elsewhere would be dropped for good."""

READ_AGAIN_S: Final = 60.0
"""How long it believes so of a page whose partition's mark has not changed: somebody may have mended a row by hand."""

CACHED: Final = 50_000

_choices: Final = msgspec.json.Decoder(tuple[Choice, ...])


class _Mark(NamedTuple):
    """A partition's mark, and when it was looked at (s)."""

    text: bytes | None
    at: float


class _Remembered(NamedTuple):
    """What was read at a time (s), and the mark that its partition bore just before."""

    connection: Connection | None
    mark: bytes | None
    at: float


class Connections:
    """The connections in Redis, remembered for a moment.

    Every method raises StoreUnavailable; those that give one connection also StoredDamage, unless they say otherwise.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Bind to a store. `clock` gives seconds that only grow."""
        # redis-py types every reply for both decoding settings at once; ours are bytes.
        self._store: Any = store
        self._clock = clock
        self._connect = Script(store, "connect")
        self._pause = Script(store, "pause")
        self._disconnect = Script(store, "disconnect")
        self._cache: OrderedDict[str, _Remembered] = OrderedDict()
        self._marks: dict[int, _Mark] = {}
        self._read_once = Once(self.read)
        self._look_once = Once(self._look)

    async def get(self, page_id: str) -> Connection | None:
        """Return how the page was connected up to `FRESH_S` seconds ago, None: it is not connected now."""
        remembered, now = self._cache.get(page_id), self._clock()
        if remembered is None or now - remembered.at >= READ_AGAIN_S:
            return await self._read_once(page_id)
        number = keys.partition(page_id)
        mark = self._marks[number]
        if remembered.connection is None or now - mark.at >= FRESH_S:
            mark = await self._look_once(number)
        return remembered.connection if remembered.mark == mark.text else await self._read_once(page_id)

    def was_connected(self, page_id: str) -> bool:
        """Tell from memory whether the page was connected when it was last asked for."""
        remembered = self._cache.get(page_id)
        return remembered is not None and remembered.connection is not None

    async def read(self, page_id: str) -> Connection | None:
        """Return how the page is connected now, None when it is not."""
        read_at, number = self._clock(), keys.partition(page_id)
        # The mark first: a change that comes between the two is noticed at the next look.
        pipeline = self._store.pipeline(transaction=False)
        pipeline.get(keys.connections_changed(number))
        pipeline.hgetall(keys.connection(page_id))
        mark, row = await replies_of(pipeline)
        connection = read_connection(row, page_id)
        self._marks[number] = _Mark(mark, read_at)
        self._cache[page_id] = _Remembered(connection, mark, read_at)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return connection

    async def _look(self, number: int) -> _Mark:
        looked_at = self._clock()
        with store_errors():
            text: bytes | None = await self._store.get(keys.connections_changed(number))
        mark = self._marks[number] = _Mark(text, looked_at)
        return mark

    async def put(
        self, connection: Connection, now: int, *, kept_token: str = "", keeps_pause: bool = False
    ) -> Connection:
        """Store a connection. A changed choice holds from `now` on (ms, UTC); events that waited go out.

        Who brings no new token says which one they have read (`kept_token`): it stays as authorised as it is stored. If
        another has come since, this raises ConnectionRenewed and changes nothing; if there is none any more, since the
        page was disconnected, it is connected again. With `keeps_pause` the stored pause, or none, stays as well.
        """
        # Whole seconds: an act in the second of the change may carry a time without milliseconds.
        since, fields = now - now % SECOND_MS, _fields(connection, now)
        arguments: list[str | bytes | int] = [
            connection.page_id,
            connection.complete_payment_on,
            _choice(since, connection.complete_payment_on),
            _choice(0, connection.complete_payment_on),
            connection.access_token,
            kept_token,
            int(keeps_pause),
            len(fields),
            *chain.from_iterable(fields.items()),
        ]
        page_id, number = connection.page_id, keys.partition(connection.page_id)
        done = await self._connect(
            [
                keys.connection(page_id),
                keys.outbox(page_id),
                keys.due(number),
                keys.connections(number),
                keys.connections_changed(number),
                keys.choices(page_id),
                keys.disconnected(number),
            ],
            arguments,
        )
        if done == b"renewed":
            raise ConnectionRenewed(f"page {page_id} has got another token meanwhile")
        # Beside the script: it lies in another slot. Who reads it looks again at each connection.
        with store_errors():
            await self._store.sadd(keys.advertiser_pages(connection.advertiser_id), page_id)
        stored = await self.read(page_id)
        if stored is None:
            raise StoreUnavailable("the connection was removed at the same time")
        return stored

    async def readable(self, page_id: str) -> Connection | None:
        """Return how the page is connected now, None when it is not or when that cannot be read."""
        return (await self.read_all([page_id])).get(page_id)

    async def read_all(self, page_ids: Sequence[str]) -> dict[str, Connection]:
        """Return how several pages are connected now. One that is not, or whose row cannot be read, is missing."""
        pipeline = self._store.pipeline(transaction=False)
        for page_id in page_ids:
            pipeline.hgetall(keys.connection(page_id))
        rows: list[dict[bytes, bytes] | None] = await replies_of(pipeline)
        found = ((page_id, readable_connection(row, page_id)) for page_id, row in zip(page_ids, rows, strict=True))
        return {page_id: connection for page_id, connection in found if connection is not None}

    async def of_advertiser(self, advertiser_id: str) -> tuple[Connection, ...]:
        """Return the connections that an advertiser serves, of whatever store."""
        with store_errors():
            noted: set[bytes] = await self._store.smembers(keys.advertiser_pages(advertiser_id))
        found = await self.read_all(sorted(page_id.decode() for page_id in noted))
        return tuple(each for each in found.values() if each.advertiser_id == advertiser_id)

    async def pause(self, page_id: str, now: int) -> bool:
        """Let the page's events wait from `now` on (ms, UTC). False: it is not connected."""
        return await self._switch(page_id, "yes", now)

    async def resume(self, page_id: str, now: int) -> bool:
        """End the pause; events that waited go out. False: the page is not connected."""
        return await self._switch(page_id, "no", now)

    async def _switch(self, page_id: str, paused: str, now: int) -> bool:
        number = keys.partition(page_id)
        switched: int = await self._pause(
            [keys.connection(page_id), keys.outbox(page_id), keys.due(number), keys.connections_changed(number)],
            [page_id, paused, now, utc(now)],
        )
        self._cache.pop(page_id, None)
        return switched == 1

    async def delete(self, page_id: str) -> bool:
        """Disconnect a page; return whether it was connected. Its choices stay while a conversation may."""
        number = keys.partition(page_id)
        touched = [keys.connection(page_id), keys.connections(number), keys.connections_changed(number)]
        removed: int = await self._disconnect([*touched, keys.choices(page_id), keys.disconnected(number)], [page_id])
        self._cache.pop(page_id, None)
        return removed == 1

    async def terms_of(self, page_id: str) -> Terms:
        """Return what a page has chosen; of one that was disconnected, what it chose before, while that is kept.

        Where nothing (readable) is kept, what most choose. Raises StoredDamage of a connection.
        """
        connection = await self.read(page_id)
        if connection is not None:
            return connection.terms
        kept = await reply_of(self._store.get(keys.choices(page_id)))
        try:
            choices = _choices.decode(kept or b"[]")
        except (UnicodeDecodeError, msgspec.DecodeError):
            choices = ()
        return Terms(choices) if choices else MOST_CHOOSE

    async def pages(self, *, past: bool = False) -> tuple[str, ...]:
        """Return the ids of all connected pages, sorted; with the `past` ones of which something may be left."""
        with store_errors():
            pipeline = self._store.pipeline(transaction=False)
            for number in range(keys.PARTITIONS):
                # Both in one command: a page that is connected meanwhile is in one of them at any time.
                sets = [keys.connections(number), *([keys.disconnected(number)] if past else [])]
                pipeline.zunion(sets)
            found: list[set[bytes]] = await pipeline.execute()
        return tuple(sorted(page_id.decode() for page_ids in found for page_id in page_ids))


def _fields(connection: Connection, now: int) -> dict[str, str]:
    return {
        "page_id": connection.page_id,
        "store_id": connection.store_id,
        "advertiser_id": connection.advertiser_id,
        "event_set_id": connection.event_set_id,
        "paused": "yes" if connection.paused else "no",
        "authorised": "yes" if connection.authorised else "no",
        "advertiser_name": connection.advertiser_name,
        "event_set_name": connection.event_set_name,
        "page_name": connection.page_name,
        "time_zone": connection.time_zone,
        **codec.moment("changed_at", now),
    }


def _choice(since: int, complete_payment_on: CompletePaymentOn) -> bytes:
    return msgspec.json.encode({"since": since, "since_utc": utc(since), "complete_payment_on": complete_payment_on})
