"""The search box: it takes whatever a seller gives, and leads to the one thing that it names."""

from typing import Final

from aiohttp import web

from actors.finding import Found
from gateway.clock import now_ms
from gateway.pages.rendering import render
from gateway.pages.session import redirect
from gateway.parts import PARTS
from gateway.support import paths
from gateway.support.access import HOME, About, audited, enter
from gateway.support.glance import look


async def get_home(request: web.Request) -> web.Response:
    """Show the search box, and what needs support's eyes."""
    if "session" in request.query:
        return await enter(request)
    await audited(request, "home")
    return render(request, "support/home.html.j2", asked="", glance=await look(request.config_dict[PARTS], now_ms()))


async def find(request: web.Request) -> web.Response:
    """Go on to the one thing that is found; list several; tell when there is nothing."""
    parts, asked = request.config_dict[PARTS], request.query.get("q", "").strip()
    if not asked:
        return redirect(paths.ROOT)
    found = await parts.finder.find(asked)
    # Several keys may have the same value; what matters is whether they lead to the same thing.
    places = {place(each): each for each in found}
    await audited(request, "find", **_about(tuple(places.values())))
    if len(places) == 1:
        return redirect(*places)
    pages = await parts.connections.read_all(sorted({each.page_id for each in places.values()}))
    return render(request, "support/found.html.j2", asked=asked, places=places, pages=pages)


def place(found: Found) -> str:
    """Return the address of what was found: a page, a delivery, or else the conversation."""
    if found.psid is None:
        return paths.page(found.page_id)
    if found.event_id is not None:
        return paths.delivery(found.page_id, found.event_id)
    return paths.conversation(found.page_id, found.psid)


def _about(found: tuple[Found, ...]) -> About:
    if len(found) != 1:
        kinds = ", ".join(sorted({each.by for each in found}))
        return {"detail": f"{len(found)} by {kinds}" if found else "nothing"}
    (one,) = found
    return {
        "page_id": one.page_id,
        "psid": one.psid or "",
        "event_id": one.event_id or "",
        "detail": f"1 by {one.by}",
    }


ROUTES: Final = (
    web.get("", get_home, name=HOME),
    web.get("/find", find),
)
