"""The table of the API's routes: the application serves it, and the OpenAPI document is made from it."""

from aiohttp.typedefs import Handler
from msgspec import Struct

from gateway.api.connection import delete_connection, get_connection, put_connection
from gateway.api.conversations import delete_conversation, get_conversation, get_timeline, post_retell
from gateway.api.events import get_events, post_resend
from gateway.api.requests import ConnectionRequest, EventQuery, TimelineQuery
from gateway.api.shapes import (
    ConnectionShape,
    ConversationShape,
    EventShape,
    EventsShape,
    Problem,
    RetoldShape,
    TimelineShape,
)

CONNECTION = "/pages/{page_id}/connection"
CONVERSATION = "/conversations/{page_id}/{psid}"


class Route(Struct, frozen=True, kw_only=True):
    """One route: its path below `/api`, who serves it, what it takes, and what it answers by status (None: no body)."""

    method: str
    path: str
    handler: Handler
    replies: dict[int, type[Struct] | None]
    body: type[Struct] | None = None
    query: type[Struct] | None = None


ROUTES = (
    Route(
        method="GET",
        path=CONNECTION,
        handler=get_connection,
        replies={200: ConnectionShape, 404: Problem},
    ),
    Route(
        method="PUT",
        path=CONNECTION,
        handler=put_connection,
        body=ConnectionRequest,
        replies={200: ConnectionShape, 201: ConnectionShape, 400: Problem, 409: Problem, 413: Problem},
    ),
    Route(
        method="DELETE",
        path=CONNECTION,
        handler=delete_connection,
        replies={204: None, 404: Problem},
    ),
    Route(
        method="GET",
        path=CONVERSATION,
        handler=get_conversation,
        replies={200: ConversationShape, 404: Problem},
    ),
    Route(
        method="GET",
        path=f"{CONVERSATION}/timeline",
        handler=get_timeline,
        query=TimelineQuery,
        replies={200: TimelineShape, 400: Problem, 404: Problem},
    ),
    Route(
        method="DELETE",
        path=CONVERSATION,
        handler=delete_conversation,
        replies={204: None},
    ),
    Route(
        method="POST",
        path=f"{CONVERSATION}/retell",
        handler=post_retell,
        replies={200: RetoldShape, 409: Problem},
    ),
    Route(
        method="GET",
        path="/pages/{page_id}/events",
        handler=get_events,
        query=EventQuery,
        replies={200: EventsShape, 400: Problem},
    ),
    Route(
        method="POST",
        path="/pages/{page_id}/events/{event_id}/resend",
        handler=post_resend,
        replies={202: EventShape, 404: Problem, 409: Problem},
    ),
)
