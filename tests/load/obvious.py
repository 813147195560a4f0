"""``python -m tests.load.obvious``: what one would write first. Every event by itself, with WATCH, MULTI and EXEC.

Signature, decoding, rules and keys are ours; it keeps state, timeline and outbox, but no counts and no look-ups. Serves
like `tests.load.bare`.
"""

import os
from typing import Any

import msgspec
import uvloop
from aiohttp import web
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import WatchError

from actors import codec, keys, timeline
from actors.commits import event_row
from actors.connections import Connections
from gateway import messenger
from gateway.clock import now_ms
from gateway.settings import Settings, load_settings
from rules.clicks import Policy
from rules.decide import Rulebook, decide
from rules.facts import Addressed, ConversationId
from rules.state import Conversation, keep_for
from tests.load.bare import serve


class Obvious:
    """The handler."""

    def __init__(self, settings: Settings) -> None:
        """Connect when needed."""
        pool = BlockingConnectionPool.from_url(settings.redis_url.reveal(), max_connections=64)
        self._redis: Any = Redis(connection_pool=pool)
        self._connections = Connections(self._redis)
        self._policy = Policy(settings.ref_pattern, settings.count_all_postbacks)
        self._secrets = settings.messenger_app_secrets.reveal()

    async def receive(self, request: web.Request) -> web.Response:
        """Verify, decode, and store one event after another."""
        body = await request.read()
        if not messenger.signature_matches(self._secrets, request.headers.get("X-Hub-Signature-256"), body):
            return web.Response(status=401)
        for addressed in messenger.decode(body, received_at=now_ms()).facts:
            connection = await self._connections.get(addressed.conversation.page_id)
            if connection is not None:
                await self._store(addressed, Rulebook(self._policy, connection.terms))
        return web.Response(body=b"EVENT_RECEIVED", content_type="text/plain")

    async def _store(self, addressed: Addressed, book: Rulebook) -> None:
        key = keys.conversation(addressed.conversation)
        async with self._redis.pipeline() as pipeline:
            while True:
                await pipeline.watch(key)
                row = await pipeline.hgetall(key)
                state = msgspec.json.decode(row[b"state"], type=Conversation) if row else Conversation()
                outcome = decide(addressed.conversation, state, addressed.fact, book)
                now = addressed.fact.received_at
                pipeline.multi()
                pipeline.hset(key, "state", codec.encode(outcome.state))
                pipeline.pexpire(key, keep_for(outcome.state, now))
                if outcome.state.clicks:
                    for told in outcome.told:
                        pipeline.xadd(keys.timeline(addressed.conversation), {"entry": timeline.encode(told)})
                    pipeline.pexpire(keys.timeline(addressed.conversation), keep_for(outcome.state, now))
                for event in outcome.events:
                    _fire(pipeline, addressed.conversation, event_row(addressed.conversation, event, now), now)
                try:
                    await pipeline.execute()
                except WatchError:
                    continue
                return


def _fire(pipeline: Any, conversation: ConversationId, row: dict[str, str], now: int) -> None:  # noqa: ANN401  redis-py's types fit both of its clients at once
    page_id, event_id = conversation.page_id, row["event_id"]
    pipeline.hset(keys.event(page_id, event_id), mapping=row)
    pipeline.zadd(keys.outbox(page_id), {event_id: now})
    pipeline.zadd(keys.due(keys.partition(page_id)), {page_id: now})


if __name__ == "__main__":
    uvloop.run(serve(Obvious(load_settings(os.environ)).receive))
