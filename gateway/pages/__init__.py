"""The seller's pages, below ``/settings/integrations/tiktok``: server-rendered, and whole without JavaScript.

Each module of pages has its ROUTES; their words are in `words`, their templates in ``gateway/templates``.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from aiohttp import web

from gateway.pages import advertiser, authorise, choice, connection, done, event_set, events, live, overview, page_check
from gateway.pages.entry import enter
from gateway.pages.failures import friendly, tell_failure
from gateway.pages.paths import CALLBACK, ROOT
from gateway.pages.security import add_headers
from gateway.pages.session import ENTER, guard, recognise, speak
from gateway.pages.static import get_static
from gateway.pages.streams import add_streams

Failure: TypeAlias = Callable[[web.Request, int, str], web.Response]

FAILURES: Final = web.AppKey[Failure]("FAILURES")
"""How an application tells people of a failure: by status and the number that it is logged under."""

ROUTES: Final = (
    web.post("", enter, name=ENTER),
    web.get("/static/{name}", get_static),
    *overview.ROUTES,
    *connection.ROUTES,
    *page_check.ROUTES,
    *authorise.ROUTES,
    *advertiser.ROUTES,
    *event_set.ROUTES,
    *choice.ROUTES,
    *done.ROUTES,
    *live.ROUTES,
    *events.ROUTES,
)


def add_pages(app: web.Application) -> None:
    """Mount the pages, and the address that TikTok sends sellers back to."""
    app.add_subapp(ROOT, _pages(ROUTES))
    app.add_subapp(CALLBACK, _pages(authorise.CALLBACK_ROUTES))


def _pages(routes: tuple[web.RouteDef, ...]) -> web.Application:
    pages = web.Application(middlewares=[friendly, recognise, guard, speak])
    pages[FAILURES] = tell_failure
    add_streams(pages)
    pages.on_response_prepare.append(add_headers)
    pages.add_routes(routes)
    return pages
