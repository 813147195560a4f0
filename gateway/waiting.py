"""A web process whose store has not answered yet: it listens, says why it is not ready, and takes nothing in.

This is an application of its own. The one that commits begins when the store is known to be safe, and not before: so
there is nothing in it that could write to a Redis that may lose it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NoReturn, cast

import msgspec
from aiohttp import web

from actors.errors import StoreUnavailable
from gateway.app import answer_errors
from gateway.draining import Draining
from gateway.health import Health
from gateway.intake import Intake
from gateway.openapi import openapi
from gateway.pages import FAILURES
from gateway.pages.areas import AREA
from gateway.pages.failures import friendly, tell_failure
from gateway.pages.paths import CALLBACK, ROOT
from gateway.pages.paths import SUPPORT as SUPPORT_ROOT
from gateway.pages.security import add_headers
from gateway.pages.static import get_static
from gateway.parts import PARTS, Parts
from gateway.shedding import SOURCES
from gateway.startup import StoreWait
from gateway.support import SUPPORT
from gateway.webhooks import Webhooks, not_committed

STOP_S: Final = 1.0
"""How long answers under way may take to end: nobody needs the store for any of them."""


@asynccontextmanager
async def waiting(parts: Parts, wait: StoreWait) -> AsyncIterator[web.Server]:
    """Serve the application that waits, until the block ends."""
    runner = web.AppRunner(make_waiting_app(parts, wait), shutdown_timeout=STOP_S, access_log=None)
    await runner.setup()
    try:
        yield cast("web.Server", runner.server)  # there is one after the setup
    finally:
        await runner.cleanup()


def make_waiting_app(parts: Parts, wait: StoreWait) -> web.Application:
    """Build the application. Each of its answers is the last of its connection: the next is for the real one."""
    app = web.Application(middlewares=[answer_errors])
    app[PARTS] = parts
    intake, draining, refusing = Intake(), Draining(), _Refusing(wait)
    draining.begin()
    app.on_response_prepare.append(draining.announce)
    health = Health(parts, intake, draining)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", refusing.ready)
    app.router.add_get("/metrics", health.measure)
    app.router.add_get("/openapi.json", openapi)
    Webhooks(parts, intake).add_checks(app)
    for path in SOURCES:
        app.router.add_post(path, refusing.webhook)
    support = refusing.pages()
    support[AREA] = SUPPORT
    app.add_subapp(ROOT, refusing.pages())
    app.add_subapp(CALLBACK, refusing.pages())
    app.add_subapp(SUPPORT_ROOT, support)
    app.router.add_route("*", "/{path:.*}", refusing.anything)
    return app


class _Refusing:
    """Answers that say that the store has to be waited for."""

    def __init__(self, wait: StoreWait) -> None:
        self._wait = wait

    async def ready(self, _request: web.Request) -> web.Response:
        answer = {"ready": False, "reason": f"Redis: {self._wait.why}"}
        return web.Response(body=msgspec.json.encode(answer), status=503, content_type="application/json")

    async def webhook(self, request: web.Request) -> web.Response:
        return not_committed(SOURCES[request.path], StoreUnavailable(self._wait.why))

    async def anything(self, _request: web.Request) -> NoReturn:
        raise StoreUnavailable(self._wait.why)

    def pages(self) -> web.Application:
        """Make pages of which there is only the one that says that all others are away, and what it looks like."""
        pages = web.Application(middlewares=[friendly])
        pages[FAILURES] = tell_failure
        pages.on_response_prepare.append(add_headers)
        pages.router.add_get("/static/{name}", get_static)
        pages.router.add_route("*", "", self.anything)
        pages.router.add_route("*", "/{path:.*}", self.anything)
        return pages
