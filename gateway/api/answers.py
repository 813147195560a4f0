"""Answers of the API: JSON, and the way to the next page."""

from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec import Struct


def answer(content: Struct, status: int = HTTPStatus.OK) -> web.Response:
    """Write a struct as JSON."""
    return web.Response(body=msgspec.json.encode(content), status=status, content_type="application/json")


def answer_page(request: web.Request, content: Struct, cursor: str, following: str | None) -> web.Response:
    """Write a page of a list; where more follows, its address is also in the header Link (RFC 8288)."""
    response = answer(content)
    if following is not None:
        url = request.rel_url.update_query({cursor: following})
        response.headers["Link"] = f'<{url}>; rel="next"'
    return response
