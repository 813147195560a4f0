"""The last screen of connecting: what to choose in TikTok Ads Manager, and a checklist that proves that it works."""

from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from gateway.api.shapes import TIKTOK_NAMES
from gateway.clock import now_ms
from gateway.pages.connection import require_connection
from gateway.pages.paths import page_path
from gateway.pages.progress import complete, progress
from gateway.pages.rendering import render
from gateway.parts import PARTS
from gateway.settings import Settings
from rules.clicks import Policy, recognise

TEST_REF: Final = "tiktok-test"
"""The ref of the test link: an ad's own has another."""


async def get_done(request: web.Request) -> web.Response:
    """Show what is left to do, and what has happened already."""
    parts, owned = request.config_dict[PARTS], await require_connection(request)
    steps = await progress(parts, owned.page.id, now_ms())
    return render(
        request,
        "done.html.j2",
        page=owned.page,
        connection=owned.connection,
        steps=steps,
        complete=complete(steps),
        tiktok_names=TIKTOK_NAMES,
        test_link=_test_link(parts.settings, owned.page.id),
        live=page_path(owned.page.id, "connect", "live"),
    )


def _test_link(settings: Settings, page_id: str) -> str | None:
    """Return the page's own link with a test ref, None where such a ref is not taken for a click."""
    if recognise(TEST_REF, None, Policy(settings.ref_pattern)) is None:
        return None
    return f"https://m.me/{quote(page_id, safe='')}?{urlencode({'ref': TEST_REF})}"


ROUTES: Final = (web.get("/pages/{page_id}/connect/done", get_done),)
