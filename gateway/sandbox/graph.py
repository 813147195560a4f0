"""A loopback Graph API: what Meta tells of a page's Messenger profile and subscriptions, set page by page.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
"""

from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import Struct

GRAPH_PATH: Final = "/graph/v23.0"
"""The base URL is the host with this path."""

ALL_FIELDS: Final = (
    "messages",
    "message_echoes",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_handovers",
    "standby",
)

GET_STARTED: Final = "GET_STARTED"

ROUTES: Final = web.RouteTableDef()


class GraphPage(Struct, frozen=True, forbid_unknown_fields=True):
    """A page as Meta knows it. `page_token` is its access token; `down`: Meta answers with errors of its own."""

    page_id: str
    page_token: str
    greeting: str = ""
    get_started: str = GET_STARTED
    ice_breakers: tuple[str, ...] = ()
    subscribed_fields: tuple[str, ...] = ALL_FIELDS
    may_read_subscriptions: bool = True
    down: bool = False


class GraphPages:
    """The pages that there are, by their token; a token that is not here is one that Meta refuses."""

    def __init__(self) -> None:
        """Start without any."""
        self._pages: dict[str, GraphPage] = {}

    def set(self, page: GraphPage) -> None:
        """Add a page, or change it; with another token the old one is refused from now on."""
        self._pages = {token: each for token, each in self._pages.items() if each.page_id != page.page_id}
        self._pages[page.page_token] = page

    def of(self, request: web.Request) -> GraphPage:
        """Return the page in whose name somebody asks. Raises the web.HTTPException that Meta answers with."""
        page = self._pages.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if page is None:
            raise _refused(web.HTTPBadRequest, "Invalid OAuth access token - Cannot parse access token", 190)
        if page.down:
            raise _refused(web.HTTPInternalServerError, "An unexpected error has occurred. Please retry later", 2)
        return page


GRAPH_PAGES: Final = web.AppKey("GRAPH_PAGES", GraphPages)


@ROUTES.get(f"{GRAPH_PATH}/me/messenger_profile")
async def messenger_profile(request: web.Request) -> web.Response:
    """The properties asked for that are set; without any an empty list."""
    page = request.app[GRAPH_PAGES].of(request)
    actions = [{"question": question, "payload": question} for question in page.ice_breakers]
    properties: dict[str, Any] = {
        "greeting": page.greeting and [{"locale": "default", "text": page.greeting}],
        "get_started": page.get_started and {"payload": page.get_started},
        "ice_breakers": actions and [{"locale": "default", "call_to_actions": actions}],
    }
    asked = request.query.get("fields", "").split(",")
    told = {name: value for name, value in properties.items() if value and name in asked}
    return _json({"data": [told] if told else []})


@ROUTES.get(GRAPH_PATH + "/{page_id}/subscribed_apps")
async def subscribed_apps(request: web.Request) -> web.Response:
    """The app of the token, with the webhook fields that it gets."""
    page = request.app[GRAPH_PAGES].of(request)
    if page.page_id != request.match_info["page_id"]:
        raise _refused(web.HTTPBadRequest, "Unsupported get request. Object does not exist", 100)
    if not page.may_read_subscriptions:
        raise _refused(web.HTTPForbidden, "Requires pages_manage_metadata permission to manage the object", 200)
    app = {"id": "900000000000001", "subscribed_fields": page.subscribed_fields}
    return _json({"data": [app] if page.subscribed_fields else []})


@ROUTES.post("/_sandbox/pages")
async def pages(request: web.Request) -> web.Response:
    """Set a page, as in `GraphPage`."""
    try:
        page = msgspec.json.decode(await request.read(), type=GraphPage)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    request.app[GRAPH_PAGES].set(page)
    return web.Response(status=204)


def _refused(answer: type[web.HTTPException], message: str, code: int) -> web.HTTPException:
    fault = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A-made-up-trace"}
    return answer(text=msgspec.json.encode({"error": fault}).decode(), content_type="application/json")


def _json(content: dict[str, Any]) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), content_type="application/json")
