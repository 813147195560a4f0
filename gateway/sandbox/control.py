"""Driving the sandbox over HTTP, from another process: everything under ``/_sandbox/``."""

from typing import Final, TypeVar

import msgspec
from aiohttp import web

from gateway.sandbox.directory import Consent, MessageEventSet
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
    """Register one access token: ``{"access_token", "advertiser_ids", "event_set_ids", "permissions"}``."""
    request.app[SANDBOX].register(await _body(request, Account))
    return web.Response(status=204)


@ROUTES.post("/_sandbox/revoke")
async def revoke(request: web.Request) -> web.Response:
    """Withdraw tokens, a list: what their advertiser does who cancels the authorisation."""
    for access_token in await _body(request, list[str]):
        request.app[SANDBOX].revoke(access_token)
    return web.Response(status=204)


@ROUTES.post("/_sandbox/consent")
async def consent(request: web.Request) -> web.Response:
    """Set what the next Allow grants: ``{"advertisers": {id: name}, "permissions": [...]}``."""
    request.app[SANDBOX].directory.consent = await _body(request, Consent)
    return web.Response(status=204)


@ROUTES.get("/_sandbox/event_sets")
async def event_sets(request: web.Request) -> web.Response:
    """Every message event set, oldest first."""
    return _json(request.app[SANDBOX].directory.event_sets)


@ROUTES.post("/_sandbox/event_sets")
async def add_event_set(request: web.Request) -> web.Response:
    """Add a message event set, as in `MessageEventSet`."""
    request.app[SANDBOX].directory.event_sets.append(await _body(request, MessageEventSet))
    return web.Response(status=204)


@ROUTES.post("/_sandbox/script")
async def script(request: web.Request) -> web.Response:
    """Queue misbehaviour, a list: ``[{"action": "reset", "commit": true, "endpoint": "/advertiser/info/"}]``."""
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
