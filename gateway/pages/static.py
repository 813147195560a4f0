"""The stylesheet and whatever else a browser may keep."""

from typing import Final

from aiohttp import web

from gateway.pages.errors import NOT_FOUND
from gateway.pages.rendering import STATIC

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_A_YEAR: Final = "public, max-age=31536000, immutable"


async def get_static(request: web.Request) -> web.Response:
    """Send a file of ``static``; its address changes with its content."""
    name = request.match_info["name"]
    known = {path.name: path for path in STATIC.iterdir() if path.name[path.name.rfind(".") :] in _TYPES}
    if name not in known:
        raise NOT_FOUND.error()
    response = web.Response(
        body=known[name].read_bytes(), content_type=_TYPES[name[name.rfind(".") :]], charset="utf-8"
    )
    response.headers["Cache-Control"] = _A_YEAR
    return response
