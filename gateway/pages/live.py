"""The live checklist, while the seller waits for the first click, message and event. It ends when all has happened."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.clock import now_ms
from gateway.pages.connection import require_connection
from gateway.pages.progress import Steps, complete, progress
from gateway.pages.rendering import render
from gateway.pages.streams import DONE, stream
from gateway.parts import PARTS


async def get_live(request: web.Request) -> web.StreamResponse:
    """Tell the seller's browser of each step as it happens."""
    parts, page_id = request.config_dict[PARTS], (await require_connection(request)).page.id
    told: Steps = ()

    async def look() -> Mapping[str, str]:
        nonlocal told
        steps = await progress(parts, page_id, now_ms())
        news = {"progress": _checklist(request, steps)} if steps != told else {}
        told = steps
        return news | {DONE: ""} if complete(steps) else news

    return await stream(request, look)


def _checklist(request: web.Request, steps: Steps) -> str:
    return render(request, "partials/checklist.html.j2", steps=steps).text or ""


# A stream has a body whatever the method.
ROUTES: Final = (web.get("/pages/{page_id}/connect/live", get_live, allow_head=False),)
