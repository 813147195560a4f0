"""The webhook routes: verify, decode, commit, and only then 200."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import structlog
from aiohttp import web
from msgspec.structs import replace

from actors.errors import ActorError, Overloaded, StoredDamage
from gateway import haravan, messenger, metrics
from gateway.clock import now_ms
from gateway.intake import BUSY_RETRY_S, Intake, NotLetIn
from gateway.metrics import Source
from gateway.parts import Parts
from gateway.problems import problem
from rules.facts import Addressed, ConversationId, OrderSeen
from rules.times import SECOND_MS

MESSENGER: Final = "/webhooks/messenger"
HARASOCIAL: Final = "/webhooks/harasocial"
"""The paths, which the outside knows."""

COMMIT_S: Final = 5.0
"""Meta gives up on a call after 20 s, HaraSocial perhaps after 5: what takes longer is better repeated."""

STORE_RETRY_S: Final = 5

Work: TypeAlias = Callable[[web.Request, bytes], Awaitable[web.Response]]

log = structlog.get_logger()


class Webhooks:
    """The routes of both senders, and how their work is let in, bounded and answered."""

    def __init__(self, parts: Parts, intake: Intake) -> None:
        """Take what the routes need out of the parts, once."""
        settings = parts.settings
        self._connections = parts.connections
        self._conversations = parts.conversations
        self._links = parts.links
        self._pulse = parts.pulse
        self._intake = intake
        self._messenger_secrets = settings.messenger_app_secrets.reveal()
        self._harasocial_secrets = settings.harasocial_webhook_secrets.reveal()
        self._count_postbacks = settings.count_all_postbacks
        self._messenger_tokens = (settings.messenger_verify_token.reveal(),)

    def add_routes(self, app: web.Application) -> None:
        """Add both paths, each with its GET check."""
        self.add_checks(app)
        app.router.add_post(MESSENGER, self.receive_messenger)
        app.router.add_post(HARASOCIAL, self.receive_harasocial)

    def add_checks(self, app: web.Application) -> None:
        """Add the GET checks alone."""
        app.router.add_get(MESSENGER, self.check_messenger, allow_head=False)
        app.router.add_get(HARASOCIAL, self.check_harasocial, allow_head=False)

    async def check_messenger(self, request: web.Request) -> web.Response:
        """Answer Meta's check of the callback URL. Touches nothing but the settings."""
        return _challenge(request, self._messenger_tokens)

    async def check_harasocial(self, request: web.Request) -> web.Response:
        """Answer HaraSocial's check; its verify token is any of its webhook secrets."""
        return _challenge(request, self._harasocial_secrets)

    async def receive_messenger(self, request: web.Request) -> web.Response:
        """Take in one POST of Messenger, up to 1000 items."""
        return await self._receive("messenger", request, self._commit_messenger)

    async def receive_harasocial(self, request: web.Request) -> web.Response:
        """Take in one push of an order."""
        return await self._receive("harasocial", request, self._commit_harasocial)

    async def _receive(self, source: Source, request: web.Request, work: Work) -> web.Response:
        try:
            body = await self._intake.read(request)
            with self._intake, _AtMost(COMMIT_S):
                return await work(request, body)
        except NotLetIn as refused:
            return await self._refuse(source, refused)
        except (ActorError, TimeoutError) as error:
            return not_committed(source, error)

    async def _refuse(self, source: Source, refused: NotLetIn) -> web.Response:
        metrics.REFUSALS.labels(source, refused.reason).inc()
        if refused.reason != "busy":
            return web.Response(text=refused.reason, status=refused.status)
        await self._intake.wait_to_refuse()
        return web.Response(text=refused.reason, status=refused.status, headers={"Retry-After": str(BUSY_RETRY_S)})

    async def _commit_messenger(self, request: web.Request, body: bytes) -> web.Response:
        if not messenger.signature_matches(self._messenger_secrets, request.headers.get("X-Hub-Signature-256"), body):
            return _unsigned("messenger")
        decoded = messenger.decode(body, received_at=now_ms(), count_postbacks=self._count_postbacks)
        for kind, number in decoded.ignored.items():
            metrics.IGNORED_OF[kind].inc(number)
        if decoded.problem:
            # Signed, so it is Meta's; repeating it for 36 hours would not make it readable.
            log.error("webhook.unreadable", source="messenger", problem=decoded.problem, bytes=len(body))
            return _received("messenger", "unreadable")
        if not decoded.facts:
            return _received("messenger", "nothing")
        taken, now = await self._conversations.tell(decoded.facts), now_ms()
        for page_id, field in decoded.heard:
            if self._connections.was_connected(page_id):  # nothing is remembered of strangers
                self._hear(page_id, field, now)
        return _received("messenger", "committed" if taken else "page_not_connected")

    async def _commit_harasocial(self, request: web.Request, body: bytes) -> web.Response:
        if not haravan.signature_matches(self._harasocial_secrets, request.headers.get("X-Haravan-HmacSha256"), body):
            return _unsigned("harasocial")
        if "X-Haravan-Test" in request.headers:
            return _received("harasocial", "test")
        topic = request.headers.get("X-Haravan-Topic")
        if not haravan.is_order_topic(topic):
            return _received("harasocial", "nothing")
        try:
            push = haravan.decode_push(
                body, org_id_header=request.headers.get("X-Haravan-Org-Id"), topic_header=topic, received_at=now_ms()
            )
        except haravan.BadPush as bad:
            metrics.REFUSALS.labels("harasocial", "bad_push").inc()
            return problem(400, f"{bad.field}: {bad.why}", field=bad.field)
        taken = await self._commit_order(push)
        if taken is None:
            return _received("harasocial", "unlinked")
        return _received("harasocial", "committed" if taken else "page_not_connected")

    async def _commit_order(self, push: haravan.Push) -> int | None:
        """Return how many facts belong to connected pages; None when nobody knows yet whose order it is."""
        if push.conversation is None:
            known = await self._links.find_or_park(push.order)
            return None if known is None else await self._tell_order(known, push.order)
        linked = await self._links.link(push.order, push.conversation)
        taken = await self._tell_order(linked.conversation, replace(push.order, earlier=linked.waiting))
        if linked.waiting:
            await self._links.unpark(push.order)
        return taken

    async def _tell_order(self, conversation: ConversationId, order: OrderSeen) -> int:
        taken = await self._conversations.tell([Addressed(conversation, order)])
        if taken:
            self._hear(conversation.page_id, "orders", now_ms())
        return taken

    def _hear(self, page_id: str, field: metrics.HeardField, at: int) -> None:
        metrics.LAST_OF[field].set(at / SECOND_MS)
        self._pulse.hear(page_id, field, at)


def not_committed(source: Source, error: Exception) -> web.Response:
    """Ask the sender of a webhook to repeat it."""
    match error:
        case Overloaded():
            reason, wait_s = "busy", BUSY_RETRY_S
        case StoredDamage():
            reason, wait_s = "stored_damage", STORE_RETRY_S
        case _:
            reason, wait_s = "store_unavailable", STORE_RETRY_S
    metrics.REFUSALS.labels(source, reason).inc()
    log.warning("webhook.not_committed", source=source, error=str(error) or type(error).__name__)
    return web.Response(text="not stored, please repeat", status=503, headers={"Retry-After": str(wait_s)})


class _AtMost:
    """What asyncio.timeout does, at a third of its price: this is in the way of every webhook.

    Whoever else cancels the task causes a TimeoutError, too: either way the webhook is to be repeated.
    """

    __slots__ = ("_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, task.cancel) if task else None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._timer:
            self._timer.cancel()
        if kind is asyncio.CancelledError:
            raise TimeoutError


def _challenge(request: web.Request, tokens: tuple[str, ...]) -> web.Response:
    query = request.query
    given = query.get("hub.verify_token", "").encode(errors="replace")
    matches = [hmac.compare_digest(token.encode(), given) for token in tokens]  # all of them: constant time
    challenge = query.get("hub.challenge", "")
    if not any(matches) or query.get("hub.mode") != "subscribe" or not challenge:
        return web.Response(text="forbidden", status=403)
    return web.Response(text=challenge)


def _received(source: Source, outcome: metrics.Handled) -> web.Response:
    metrics.WEBHOOKS_OF[source, outcome].inc()
    return web.Response(body=b"EVENT_RECEIVED", content_type="text/plain")


def _unsigned(source: Source) -> web.Response:
    metrics.REFUSALS.labels(source, "signature").inc()
    return web.Response(text="the signature does not match the body", status=401)
