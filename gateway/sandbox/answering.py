"""How the sandbox answers: TikTok's envelope at HTTP 200, or the misbehaviour that was scripted for the endpoint."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from uuid import uuid4

import msgspec
from aiohttp import web

from gateway.sandbox.checks import Answer
from gateway.sandbox.state import SANDBOX, TRACK, Sandbox, Scripted

API_PATH: Final = "/open_api/v1.3"
"""The base URL is the host with this path. Whatever has no slash at its end is HTTP 404, as at TikTok."""

CLOSING: Final = web.AppKey("CLOSING", asyncio.Event)
"""Set when the sandbox ends, so that nobody hangs longer than that."""

Treat: TypeAlias = Callable[[web.Request, Sandbox], Awaitable[Answer | dict[str, Any]]]
"""Treats one request properly: TikTok's refusal, or the content of its answer."""

OK: Final = Answer(0, "OK")


def answer_with(treat: Treat) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler that treats a request, unless something else was scripted for its endpoint."""

    async def handle(request: web.Request) -> web.Response:
        sandbox = request.app[SANDBOX]
        endpoint = request.path.removeprefix(API_PATH)
        if endpoint == TRACK:
            sandbox.arrive(await request.read())
        scripted = sandbox.next_script(endpoint)
        if scripted and not scripted.commit:
            return await _misbehave(request, scripted)
        treated = await treat(request, sandbox)
        if scripted:
            return await _misbehave(request, scripted)
        return envelope(treated) if isinstance(treated, Answer) else envelope(OK, treated)

    return handle


def envelope(answer: Answer, content: dict[str, Any] | None = None) -> web.Response:
    """Write an answer as TikTok does, whatever it says: HTTP 200."""
    request_id = uuid4().hex.upper()
    whole = {"code": answer.code, "message": answer.message, "request_id": request_id, "data": content or {}}
    return web.Response(
        body=msgspec.json.encode(whole), content_type="application/json", headers={"X-TT-LOGID": request_id}
    )


async def _misbehave(request: web.Request, scripted: Scripted) -> web.Response:
    match scripted.action:
        case "code":
            return envelope(Answer(scripted.code, scripted.message))
        case "http":
            return _html(request, scripted.http_status)
        case "hang":
            await request.app[CLOSING].wait()
        case "reset" if request.transport:
            request.transport.abort()
    return web.Response()


def _html(request: web.Request, status: int) -> web.Response:
    # Back to itself: a client that follows redirects would come round and be accepted.
    headers = {"Location": request.path} if status // 100 == 3 else {}  # noqa: PLR2004
    phrase = HTTPStatus(status).phrase
    return web.Response(
        status=status, text=f"<html><h1>{status} {phrase}</h1></html>", content_type="text/html", headers=headers
    )
