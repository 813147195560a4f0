"""Driving the sandbox over HTTP, from another process: everything under ``/_sandbox/``."""

from typing import Final, TypeVar

import msgspec
from aiohttp import web

from gateway.sandbox.state import SANDBOX, Account, Rate, Scripted

Wanted = TypeVar("Wanted")

ROUTES: Final = web.RouteTableDef()


@ROUTES.get("/_sandbox/accepted")
async def accepted(request: web.Request) -> web.Response:
    """Every event that counts, oldest first, and how many copies were dropped."""
    events = request.app[SANDBOX].accepted
    return _json({"count": len(events), "duplicates": sum(each.duplicates for each in events), "accepted": events})


@ROUTES.get("/_sandbox/requests")
async def requests(request: web.Request) -> web.Response:
    """Every request to ``/event/track/``, oldest first: when it came, and with how many events."""
    received = request.app[SANDBOX].received
    return _json({"count": len(received), "requests": received})


@ROUTES.post("/_sandbox/tokens")
async def tokens(request: web.Request) -> web.Response:
    """Register one access token: ``{"access_token", "advertiser_ids", "event_set_ids"}``."""
    request.app[SANDBOX].register(await _body(request, Account))
    return web.Response(status=204)


@ROUTES.post("/_sandbox/script")
async def script(request: web.Request) -> web.Response:
    """Queue misbehaviour, a list: ``[{"action": "reset", "commit": true}, {"action": "code", "code": 50000}]``."""
    request.app[SANDBOX].script(*await _body(request, list[Scripted]))
    return web.Response(status=204)


@ROUTES.post("/_sandbox/rate")
async def rate(request: web.Request) -> web.Response:
    """Set the throttle: ``{"requests_per_second", "burst"}``."""
    request.app[SANDBOX].limit(await _body(request, Rate))
    return web.Response(status=204)


@ROUTES.post("/_sandbox/reset")
async def reset(request: web.Request) -> web.Response:
    """Forget events, requests and script; tokens and rate stay."""
    request.app[SANDBOX].reset()
    return web.Response(status=204)


async def _body(request: web.Request, wanted: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(await request.read(), type=wanted)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def _json(content: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), content_type="application/json")
