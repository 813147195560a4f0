"""The orders that are about to be lost: their click runs out within a day, and they still wait."""

from typing import Final

from aiohttp import web

from gateway.clock import now_ms
from gateway.pages.rendering import render
from gateway.parts import PARTS
from gateway.running_out import LOOKED_AT, running_out
from gateway.support.access import audited
from gateway.support.naming import clock_of, page_name


async def get_orders(request: web.Request) -> web.Response:
    """List them page by page: the page whose order runs out first comes first."""
    await audited(request, "orders")
    parts, now = request.config_dict[PARTS], now_ms()
    found = await running_out(parts, now)
    connections = await parts.connections.read_all(list(found.by_page))
    return render(
        request,
        "support/orders.html.j2",
        found=found,
        names={page_id: page_name(connections.get(page_id), page_id) for page_id in found.by_page},
        clocks={page_id: clock_of(connections.get(page_id)) for page_id in found.by_page},
        looked_at=LOOKED_AT,
        now=now,
    )


ROUTES: Final = (web.get("/orders", get_orders),)
