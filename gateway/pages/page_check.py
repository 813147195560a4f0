"""The page check, as the seller sees it: the first step of connecting, made anew whenever the page is opened.

A connected page is checked there too, and one whose authorisation was withdrawn is authorised again from there.
"""

from typing import Final

from aiohttp import web

from actors.page_checks import PageCheck
from gateway.clock import now_ms
from gateway.page_check import NEEDED_FIELDS
from gateway.page_checking import PAGE_CHECKER
from gateway.pages.drafts import known_connection
from gateway.pages.paths import page_path
from gateway.pages.rendering import render
from gateway.pages.session import require_change, require_page
from gateway.parts import PARTS


async def show_check(request: web.Request) -> web.Response:
    """Check the page now, and show what was found."""
    require_change(request)
    page = require_page(request)
    check = await request.config_dict[PAGE_CHECKER].check(page.id, page.token, now_ms())
    return render(
        request,
        "page_check.html.j2",
        page=page,
        known=await known_connection(request, page.id),
        check=check,
        verdict=verdict(check),
        needed_fields=NEEDED_FIELDS,
    )


async def require_unblocked(request: web.Request) -> None:
    """Send the seller back to the check when the page must not be connected as it is. Raises web.HTTPSeeOther."""
    page = require_page(request)
    check = await request.config_dict[PARTS].page_checks.get(page.id)
    if check is not None and check.blocks:
        raise web.HTTPSeeOther(page_path(page.id, "connect"))


def verdict(check: PageCheck) -> str:
    """Return what matters most of a check: ``blocked``, ``failing``, an obstacle, or ``ready``."""
    if check.blocks:
        return "blocked"
    return "failing" if check.failing else check.obstacle or "ready"


ROUTES: Final = (web.get("/pages/{page_id}/connect", show_check),)
