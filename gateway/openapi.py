"""The OpenAPI document, made from the tables of routes and the structs that the service really uses."""

import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.api.routes import ROUTES, Route
from gateway.api.shapes import Problem
from gateway.open_routes import JSON, OPEN_ROUTES, PROBLEM, OpenRoute, Reply

Document: TypeAlias = dict[str, Any]

_TEMPLATE: Final = "#/components/schemas/{name}"
_ALWAYS_POSSIBLE: Final = {401: Problem, 500: Problem, 503: Problem}
_IN_PATH: Final = re.compile(r"{(\w+)}")
_ABOUT: Final = "Shares what happens in a Messenger conversation with TikTok Ads, exactly once an event."


async def openapi(_request: web.Request) -> web.Response:
    """Answer with the document."""
    return web.Response(body=msgspec.json.encode(describe()), content_type="application/json")


@cache
def describe() -> Document:
    """Build the document: https://spec.openapis.org/oas/v3.1.1.html."""
    schemas = _schemas(_structs())
    paths: Document = {}
    for route in ROUTES:
        paths.setdefault(f"/api{route.path}", {})[route.method.lower()] = _operation(route)
    for opened in OPEN_ROUTES:
        paths.setdefault(opened.path, {})[opened.method.lower()] = _open_operation(opened)
    return {
        "openapi": "3.1.0",
        "info": {"title": "TikTok Messenger Events", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"admin": {"type": "http", "scheme": "bearer", "description": "ADMIN_TOKEN"}},
        },
    }


def _structs() -> list[type[Struct]]:
    found: dict[type[Struct], None] = {Problem: None}
    for route in ROUTES:
        wanted = (route.body, *route.replies.values())
        found |= {struct: None for struct in wanted if struct is not None}
    for opened in OPEN_ROUTES:
        found |= {reply.content: None for reply in opened.replies.values() if reply.content is not None}
    return list(found)


def _schemas(structs: list[type[Struct]]) -> Document:
    _, components = msgspec.json.schema_components(structs, ref_template=_TEMPLATE)
    # There and back: defaults are tuples, and JSON knows arrays only.
    plain: Document = msgspec.json.decode(msgspec.json.encode(components))
    return plain


def _operation(route: Route) -> Document:
    summary, _, rest = (route.handler.__doc__ or "").partition(". ")
    operation: Document = {
        "operationId": route.handler.__name__,
        "summary": summary.rstrip("."),
        "tags": [route.path.split("/")[1]],
        "security": [{"admin": []}],
        "parameters": [*_path_parameters(route.path), *_query_parameters(route.query)],
        "responses": {
            str(status): _response(HTTPStatus(status).phrase, PROBLEM if struct is Problem else JSON, struct)
            for status, struct in sorted({**route.replies, **_ALWAYS_POSSIBLE}.items())
        },
    }
    if rest:
        operation["description"] = rest
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(route.body)}}}
    return operation


def _path_parameters(path: str) -> Iterator[Document]:
    for name in _IN_PATH.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(query: type[Struct] | None) -> Iterator[Document]:
    if query is None:
        return
    for name, schema in _schemas([query])[query.__name__]["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _open_operation(route: OpenRoute) -> Document:
    operation: Document = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": ["webhooks" if route.path.startswith("/webhooks") else "operation"],
        "security": [],
        "parameters": [
            *({"name": name, "in": "query", "required": True, "schema": {"type": "string"}} for name in route.query),
            *({"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in route.headers),
        ],
        "responses": {str(status): _described(reply) for status, reply in route.replies.items()},
    }
    if route.body is not None:
        media, schema = route.body
        operation["requestBody"] = {"required": True, "content": {media: {"schema": schema}}}
    return operation


def _described(reply: Reply) -> Document:
    struct = Problem if reply.media == PROBLEM else reply.content
    return _response(reply.meaning, reply.media, struct)


def _response(meaning: str, media: str, struct: type[Struct] | None) -> Document:
    if struct is not None:
        return {"description": meaning, "content": {media: {"schema": _reference(struct)}}}
    if meaning == HTTPStatus.NO_CONTENT.phrase:
        return {"description": meaning}
    return {"description": meaning, "content": {media: {"schema": {"type": "object" if media == JSON else "string"}}}}


def _reference(struct: type[Struct]) -> Document:
    return {"$ref": _TEMPLATE.format(name=struct.__name__)}
