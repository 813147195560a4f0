"""Who may use the API: whoever has the admin token."""

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.api.problems import unauthorised
from gateway.parts import PARTS

OPERATOR = "api"
"""Who it was, in the audit stream: whoever has the admin token."""

_SCHEME = "bearer "


@web.middleware
async def authorised(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in requests that carry `ADMIN_TOKEN` as bearer token (RFC 6750); nothing else learns what exists here."""
    given = request.headers.get("Authorization", "")
    token = request.config_dict[PARTS].settings.admin_token.reveal()
    known = given[: len(_SCHEME)].lower() == _SCHEME and hmac.compare_digest(
        given[len(_SCHEME) :].strip().encode(errors="replace"), token.encode()
    )
    return await handler(request) if known else unauthorised()
