"""The sandbox over HTTP: TikTok's paths, its envelope at HTTP 200, and broken connections where scripted.

Beside them the stand-in for Meta's Graph API, which has nothing to do with TikTok but is needed by the same people.
"""

import asyncio
from typing import Any, Final

from aiohttp import web

from gateway.sandbox import control, graph, oauth
from gateway.sandbox.answering import API_PATH, CLOSING, answer_with, envelope
from gateway.sandbox.checks import Answer
from gateway.sandbox.graph import GRAPH_PAGES, GraphPages
from gateway.sandbox.state import SANDBOX, TRACK, Sandbox

_BODY_BYTES: Final = 64 * 1024 * 1024


def make_sandbox(sandbox: Sandbox, pages: GraphPages | None = None) -> web.Application:
    """Build the application around a sandbox and Meta's pages, which stay at hand for who runs in the same process."""
    app = web.Application(client_max_size=_BODY_BYTES)
    app[SANDBOX] = sandbox
    app[GRAPH_PAGES] = pages or GraphPages()
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_close)
    app.router.add_post(API_PATH + TRACK, answer_with(_track))
    oauth.add_routes(app)
    app.router.add_route("*", API_PATH + "/{path:.*/}", _unknown)
    app.add_routes(control.ROUTES)
    app.add_routes(graph.ROUTES)
    return app


async def _track(request: web.Request, sandbox: Sandbox) -> Answer | dict[str, Any]:
    if request.content_type != "application/json":
        return Answer(40002, "Content-Type must be application/json")
    return sandbox.track(request.headers.get("Access-Token", ""), await request.read())


async def _unknown(request: web.Request) -> web.Response:
    if request.path == API_PATH + TRACK:
        raise web.HTTPMethodNotAllowed(request.method, ["POST"])
    return envelope(Answer(40400, "The requested path does not exist"))


async def _close(app: web.Application) -> None:
    app[CLOSING].set()
