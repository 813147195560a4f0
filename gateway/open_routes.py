"""The routes without bearer token, as the OpenAPI document describes them: webhooks, health, metrics, this document."""

from typing import Any, Final, TypeAlias

from msgspec import Struct

from gateway.data_deletion import PATH as DATA_DELETION
from gateway.data_deletion import DeletionAnswer
from gateway.webhooks import HARASOCIAL, MESSENGER

Schema: TypeAlias = dict[str, Any]

TEXT: Final = "text/plain"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


class Reply(Struct, frozen=True):
    """One answer: what it means, its media type (None: no matter which), and its struct where it is JSON of ours."""

    meaning: str
    media: str = TEXT
    content: type[Struct] | None = None


class OpenRoute(Struct, frozen=True, kw_only=True):
    """One route: what it is for, its query and header parameters (all required), its body, its answers by status."""

    method: str
    path: str
    name: str
    summary: str
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, Schema] | None = None
    replies: dict[int, Reply]


_CHECK: Final = ("hub.mode", "hub.verify_token", "hub.challenge")
_CHECKED: Final = {200: Reply("The challenge"), 403: Reply("Another mode or token, or no challenge")}
_REFUSED: Final = {
    400: Reply("The body was cut off or cannot be read; says which field", PROBLEM),
    401: Reply("The signature is missing or does not match the raw body"),
    408: Reply("The body did not arrive in time"),
    413: Reply("The body is over 16 MiB"),
    415: Reply("The body is packed"),
    503: Reply("Not committed; repeat after Retry-After seconds"),
}
_OBJECT: Final[Schema] = {"type": "object"}
_SIGNED: Final[Schema] = {
    "type": "object",
    "required": ["signed_request"],
    "properties": {"signed_request": {"type": "string", "description": "base64url signature, dot, base64url JSON"}},
}

OPEN_ROUTES: Final = (
    OpenRoute(
        method="GET",
        path=MESSENGER,
        name="check_messenger",
        summary="Meta's check of the callback URL; works with Redis down.",
        query=_CHECK,
        replies=_CHECKED,
    ),
    OpenRoute(
        method="POST",
        path=MESSENGER,
        name="receive_messenger",
        summary="Messenger's webhook: 200 once everything in it is committed.",
        headers=("X-Hub-Signature-256",),
        body=(JSON, _OBJECT),
        replies={200: Reply("EVENT_RECEIVED: everything in it is committed"), **_REFUSED},
    ),
    OpenRoute(
        method="GET",
        path=HARASOCIAL,
        name="check_harasocial",
        summary="HaraSocial's check of the callback URL; works with Redis down.",
        query=_CHECK,
        replies=_CHECKED,
    ),
    OpenRoute(
        method="POST",
        path=HARASOCIAL,
        name="receive_harasocial",
        summary="HaraSocial's push of an order: 200 once it is committed.",
        headers=("X-Haravan-HmacSha256",),
        body=(JSON, _OBJECT),
        replies={200: Reply("Committed, or kept until its conversation is known"), **_REFUSED},
    ),
    OpenRoute(
        method="POST",
        path=DATA_DELETION,
        name="delete_data",
        summary="Meta's data-deletion callback: forgets the customer on every connected page.",
        body=("application/x-www-form-urlencoded", _SIGNED),
        replies={
            200: Reply("It is done", JSON, DeletionAnswer),
            400: Reply("The form was cut off or is no UTF-8", PROBLEM),
            401: Reply("Not signed with the app's secret", PROBLEM),
            408: Reply("The form did not arrive in time", PROBLEM),
            411: Reply("The form does not say how long it is", PROBLEM),
            413: Reply("The form is over 128 KiB", PROBLEM),
            415: Reply("The body is no URL-encoded form", PROBLEM),
            503: Reply("The store is away; repeat", PROBLEM),
        },
    ),
    OpenRoute(
        method="GET",
        path=DATA_DELETION,
        name="confirm_deletion",
        summary="Tells a customer that a deletion is done.",
        query=("code",),
        replies={200: Reply("It is done"), 404: Reply("No such code was ever given out")},
    ),
    OpenRoute(
        method="GET",
        path="/healthz",
        name="alive",
        summary="Whether the process lives.",
        replies={200: Reply("It does")},
    ),
    OpenRoute(
        method="GET",
        path="/readyz",
        name="ready",
        summary="Whether a commit would succeed now.",
        replies={200: Reply("It would", JSON), 503: Reply("It would not; says why", JSON)},
    ),
    OpenRoute(
        method="GET",
        path="/metrics",
        name="metrics",
        summary="Prometheus metrics of this process.",
        replies={200: Reply("Text exposition format")},
    ),
    OpenRoute(
        method="GET",
        path="/openapi.json",
        name="openapi",
        summary="This document.",
        replies={200: Reply("OpenAPI 3.1", JSON)},
    ),
)
