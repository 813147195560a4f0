"""The sandbox over HTTP: TikTok's paths, its envelope at HTTP 200, and broken connections where scripted."""

import asyncio
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import msgspec
from aiohttp import web

from gateway.sandbox import control
from gateway.sandbox.checks import Answer
from gateway.sandbox.state import SANDBOX, Sandbox, Scripted

API_PATH: Final = "/open_api/v1.3"
"""The base URL is the host with this path. Whatever has no slash at its end is HTTP 404, as at TikTok."""

_TRACK: Final = f"{API_PATH}/event/track/"
_BODY_BYTES: Final = 64 * 1024 * 1024
_CLOSING: Final = web.AppKey("_CLOSING", asyncio.Event)


def make_sandbox(sandbox: Sandbox) -> web.Application:
    """Build the application around a sandbox, which stays at hand for whoever runs in the same process."""
    app = web.Application(client_max_size=_BODY_BYTES)
    app[SANDBOX] = sandbox
    app[_CLOSING] = asyncio.Event()
    app.on_shutdown.append(_close)
    app.router.add_post(_TRACK, _track)
    app.router.add_get(f"{API_PATH}/oauth2/advertiser/get/", _advertisers)
    app.router.add_route("*", API_PATH + "/{path:.*/}", _unknown)
    app.add_routes(control.ROUTES)
    return app


async def _track(request: web.Request) -> web.Response:
    sandbox, body = request.app[SANDBOX], await request.read()
    scripted = sandbox.arrive(body)
    if scripted and not scripted.commit:
        return await _misbehave(request, scripted)
    answer = Answer(40002, "Content-Type must be application/json")
    if request.content_type == "application/json":
        answer = sandbox.track(request.headers.get("Access-Token", ""), body)
    return await _misbehave(request, scripted) if scripted else _envelope(answer)


async def _misbehave(request: web.Request, scripted: Scripted) -> web.Response:
    match scripted.action:
        case "code":
            return _envelope(Answer(scripted.code, scripted.message))
        case "http":
            return _html(scripted.http_status)
        case "hang":
            await request.app[_CLOSING].wait()
        case "reset" if request.transport:
            request.transport.abort()
    return web.Response()


async def _advertisers(request: web.Request) -> web.Response:
    account = request.app[SANDBOX].authorise(request.headers.get("Access-Token", ""))
    if isinstance(account, Answer):
        return _envelope(account)
    for field in ("app_id", "secret"):
        if not request.query.get(field):
            return _envelope(Answer(40002, f"{field}: Missing data for required field"))
    listed = [{"advertiser_id": each, "advertiser_name": f"Advertiser {each}"} for each in account.advertiser_ids]
    return _envelope(Answer(0, "OK"), {"list": listed})


async def _unknown(request: web.Request) -> web.Response:
    if request.path == _TRACK:
        raise web.HTTPMethodNotAllowed(request.method, ["POST"])
    return _envelope(Answer(40400, "The requested path does not exist"))


async def _close(app: web.Application) -> None:
    app[_CLOSING].set()


def _envelope(answer: Answer, content: dict[str, Any] | None = None) -> web.Response:
    request_id = uuid4().hex.upper()
    envelope = {"code": answer.code, "message": answer.message, "request_id": request_id, "data": content or {}}
    return web.Response(
        body=msgspec.json.encode(envelope), content_type="application/json", headers={"X-TT-LOGID": request_id}
    )


def _html(status: int) -> web.Response:
    # Back to itself: a client that follows redirects would come round and be accepted.
    headers = {"Location": _TRACK} if status // 100 == 3 else {}  # noqa: PLR2004
    phrase = HTTPStatus(status).phrase
    return web.Response(
        status=status, text=f"<html><h1>{status} {phrase}</h1></html>", content_type="text/html", headers=headers
    )
