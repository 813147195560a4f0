"""Support's pages, below ``/support``: why an event fired or did not, for every store. Handlers only.

Each module of pages has its ROUTES; their templates are in ``gateway/templates/support``, their words in
`gateway.pages.words`. Every request passes `access.admit`.
"""

from typing import Final

from aiohttp import web

from gateway.pages import FAILURES
from gateway.pages.areas import AREA, Area
from gateway.pages.failures import friendly, tell_failure
from gateway.pages.security import add_headers
from gateway.pages.session import ENTER, recognise, speak
from gateway.pages.streams import add_streams
from gateway.support import (
    case,
    conversation,
    conversation_live,
    deliveries,
    delivery,
    health,
    orders,
    pages,
    paths,
    problems,
    resending,
    search,
)
from gateway.support.access import admit, enter

ROUTES: Final = (
    web.post("", enter, name=ENTER),
    *search.ROUTES,
    *pages.ROUTES,
    *conversation.ROUTES,
    *conversation_live.ROUTES,
    *case.ROUTES,
    *deliveries.ROUTES,
    *delivery.ROUTES,
    *problems.ROUTES,
    *resending.ROUTES,
    *orders.ROUTES,
    *health.ROUTES,
)

SUPPORT: Final = Area(root=paths.ROOT, layout="support/layout.html.j2", words="support.", given={"to": paths})
"""Its templates know the addresses of its pages as `to`."""


def add_support(app: web.Application) -> None:
    """Mount support's pages."""
    support = web.Application(middlewares=[friendly, recognise, admit, speak])
    support[FAILURES] = tell_failure
    support[AREA] = SUPPORT
    add_streams(support)
    support.on_response_prepare.append(add_headers)
    support.add_routes(ROUTES)
    app.add_subapp(paths.ROOT, support)
