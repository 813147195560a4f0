"""The web application: its routes, what every request goes through, and what lives and ends with it."""

import asyncio
import itertools
import secrets
import signal
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from structlog.contextvars import bind_contextvars

from actors.errors import ActorError, StoredDamage
from actors.pulse import written
from gateway import data_deletion
from gateway.api import make_api
from gateway.authorising import authorising
from gateway.draining import DRAINING, Draining
from gateway.health import Health
from gateway.intake import BODY_BYTES, INTAKE, Intake
from gateway.openapi import openapi
from gateway.page_checking import page_checking
from gateway.pages import FAILURES, add_pages
from gateway.parts import PARTS, Parts
from gateway.problems import problem
from gateway.sending import open_sender
from gateway.support import add_support
from gateway.webhooks import STORE_RETRY_S, Webhooks

log = structlog.get_logger()

_process = secrets.token_hex(4)
_serial = itertools.count(1)


def make_app(parts: Parts) -> web.Application:
    """Build the application around the parts, whose store is safe. It closes the store when it ends, last of all."""
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_BYTES)
    app[PARTS] = parts
    app.cleanup_ctx.append(_store)
    app.cleanup_ctx.append(_pulse)
    app.cleanup_ctx.append(page_checking)
    app.cleanup_ctx.append(authorising)
    if parts.settings.embedded:
        app.cleanup_ctx.append(_sender)
    intake, draining = Intake(), Draining()
    app[INTAKE], app[DRAINING] = intake, draining
    app.on_response_prepare.append(draining.announce)
    app.on_shutdown.append(lambda _: _close(intake, draining))
    Webhooks(parts, intake).add_routes(app)
    Health(parts, intake, draining).add_routes(app)
    app.add_subapp("/api/", make_api())
    add_pages(app)
    add_support(app)
    app.add_routes(data_deletion.ROUTES)
    app.router.add_get("/openapi.json", openapi)
    return app


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what a handler raises: 503 when the store is away, 500 without details for what nobody expected.

    Every log line of a request bears its `request_id`; whoever gets a 500 is told it.
    """
    request_id = f"{_process}-{next(_serial)}"
    bind_contextvars(request_id=request_id)
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except StoredDamage as error:
        log.error("request.damage_found", route=_route(request), error=str(error))  # noqa: TRY400  it says it all
        return _page_of(request, 500, request_id) or problem(500, str(error))
    except ActorError as error:
        log.warning("request.not_served", route=_route(request), error=str(error))
        answer = _page_of(request, 503, request_id) or problem(
            503, "the store did not take or give what was asked, please repeat"
        )
        answer.headers["Retry-After"] = str(STORE_RETRY_S)
        return answer
    except Exception:
        log.exception("request.failed", route=_route(request))
        return _page_of(request, 500, request_id) or problem(
            500, "something unexpected happened; it has been logged", request_id=request_id
        )


def _page_of(request: web.Request, status: int, request_id: str) -> web.Response | None:
    # Where people read, they get a page; programs get a problem document.
    tell = request.match_info.apps[-1].get(FAILURES)
    return tell(request, status, request_id) if tell else None


def _route(request: web.Request) -> str:
    # The pattern, never the path: a path names customers.
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


async def _close(intake: Intake, draining: Draining) -> None:
    draining.begin()
    intake.close()


async def _sender(app: web.Application) -> AsyncIterator[None]:
    async with open_sender(app[PARTS]) as sender:
        running = asyncio.create_task(sender.run(), name="sender")
        running.add_done_callback(_end_process)
        yield
        running.remove_done_callback(_end_process)
        sender.stop()
        await running


def _end_process(_running: asyncio.Task[None]) -> None:
    # Without its sender the process only fills the outbox. Its supervisor starts it anew; `_sender` raises what it was.
    signal.raise_signal(signal.SIGTERM)


async def _pulse(app: web.Application) -> AsyncIterator[None]:
    async with written(app[PARTS].pulse, app[PARTS].store):
        yield


async def _store(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[PARTS].store.aclose()
