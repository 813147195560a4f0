"""Errors as RFC 9457 problem documents: https://www.rfc-editor.org/rfc/rfc9457."""

from http import HTTPStatus

import msgspec
from aiohttp import web


def problem(status: int, detail: str, **more: object) -> web.Response:
    """Build the answer. `detail` is for the caller's eyes; `more` are extension members."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail} | more
    return web.Response(body=msgspec.json.encode(document), status=status, content_type="application/problem+json")
