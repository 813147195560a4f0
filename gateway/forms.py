"""The forms that browsers and Meta send: small, URL-encoded, and nothing that could make reading them expensive."""

import asyncio
from typing import Final

from aiohttp import web

LONGEST_FORM: Final = 128 * 1024
"""Bytes of a form. The longest is a seller's signed link, which names every page of the store."""

READ_S: Final = 10.0

_TYPE: Final = "application/x-www-form-urlencoded"
_CHARSETS: Final = frozenset({"utf-8", "utf8"})


async def require_form(request: web.Request) -> None:
    """Read a form, so that `request.post()` has it at once. Raises the HTTPException for a body that is none.

    Whoever sends it need not be known yet, so nothing else is read: multipart may lack its boundary and is written to
    disk, a charset may be one that nobody has, and a large form costs memory. No body at all is fine.
    """
    if not request.can_read_body:
        return
    if request.content_type != _TYPE or (request.charset or "utf-8").lower() not in _CHARSETS:
        raise web.HTTPUnsupportedMediaType
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_length > LONGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, request.content_length)
    try:
        async with asyncio.timeout(READ_S):
            await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, ConnectionError, web.RequestPayloadError):
        # Not UTF-8, or cut off. Not chained: the words of either quote the body.
        raise web.HTTPBadRequest from None
