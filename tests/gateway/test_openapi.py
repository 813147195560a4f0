"""The OpenAPI document: valid, complete, and true: what the service really answers is what the document says."""

import json
from typing import Any, Unpack

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from gateway.openapi import describe
from tests.gateway.service import ADMIN, CONNECTION, Options, Service, serve
from tests.gateway.test_api_forgetting import signed_request
from tests.gateway.web import PAGE, PSID, order_headers
from tests.stores import Store

Operation = dict[str, Any]

CONVERSATION = f"/api/conversations/{PAGE}/{PSID}"


def schema_of(template: str, method: str, status: int) -> tuple[str, dict[str, Any]] | None:
    """Return the media type and schema that the document promises, None for an answer without a body."""
    responses = describe()["paths"][template][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {template} answered {status}, which the document does not know"
    content = responses[str(status)].get("content")
    if not content:
        return None
    ((media, described),) = content.items()
    return media, described["schema"] | {"components": describe()["components"]}


async def check(service: Service, method: str, template: str, path: str = "", **options: Unpack[Options]) -> Any:  # noqa: ANN401  JSON
    """Ask the service, compare with the document, and return what it answered."""
    async with service.client.request(method, path or template, **options) as response:
        body = await response.read()
        promised = schema_of(template, method, response.status)
        if promised is None:
            assert body == b""
            return None
        media, schema = promised
        assert response.content_type == media
        content = json.loads(body) if media.endswith("json") else body.decode()
        strict = json.loads(json.dumps(schema))
        Draft202012Validator(strict).validate(content)
        _nothing_undescribed(content, strict, strict)
        return content


def _nothing_undescribed(content: object, schema: dict[str, Any], root: dict[str, Any]) -> None:
    """Fail where an answer has a member that the document does not describe."""
    if "$ref" in schema:
        schema = root["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if isinstance(content, dict) and "properties" in schema:
        assert content.keys() <= schema["properties"].keys()
        for name, value in content.items():
            _nothing_undescribed(value, schema["properties"][name], root)
    if isinstance(content, list) and "items" in schema:
        for value in content:
            _nothing_undescribed(value, schema["items"], root)


def test_the_document_is_valid_openapi() -> None:
    validate(describe())


def test_every_struct_and_every_operation_is_described() -> None:
    document = describe()
    assert [name for name, schema in document["components"]["schemas"].items() if not schema.get("description")] == []
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert [operation for operation in operations if not operation["summary"]] == []
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)


async def test_the_document_has_exactly_the_routes_that_the_application_serves(sending: Service) -> None:
    described = {(method.upper(), path) for path, methods in describe()["paths"].items() for method in methods}
    app = sending.client.app
    assert app is not None
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    # People, not programs, look at the pages; they are not in the document.
    programs = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/openapi.json")
    assert described == {each for each in served if each[0] != "HEAD" and each[1].startswith(programs)}


async def test_the_service_gives_the_document(sending: Service) -> None:
    assert await check(sending, "GET", "/openapi.json") == json.loads(json.dumps(describe()))


async def test_answers_about_a_connection_are_as_described(sending: Service) -> None:
    template, path = "/api/pages/{page_id}/connection", f"/api/pages/{PAGE}/connection"
    await check(sending, "GET", template, path)
    await check(sending, "GET", template, path, headers=ADMIN)
    for body in (CONNECTION, CONNECTION, {"store_id": 1}):
        await check(sending, "PUT", template, path, headers=ADMIN, json=body)
    await check(sending, "GET", template, path, headers=ADMIN)
    for _ in range(2):
        await check(sending, "DELETE", template, path, headers=ADMIN)


async def test_answers_about_a_conversation_are_as_described(sending: Service) -> None:
    template = "/api/conversations/{page_id}/{psid}"
    await sending.connect()
    await check(sending, "GET", template, CONVERSATION, headers=ADMIN)
    await sending.whole_story()
    await sending.sent(4)
    found = await check(sending, "GET", template, CONVERSATION, headers=ADMIN)
    assert len(found["events"]) == 4
    for query in ("", "?limit=2", "?limit=x"):
        await check(sending, "GET", f"{template}/timeline", f"{CONVERSATION}/timeline{query}", headers=ADMIN)
    await check(sending, "DELETE", template, CONVERSATION, headers=ADMIN)
    await check(sending, "GET", f"{template}/timeline", f"{CONVERSATION}/timeline", headers=ADMIN)


async def test_answers_about_events_are_as_described(sending: Service) -> None:
    template = "/api/pages/{page_id}/events"
    await sending.connect()
    await sending.whole_story()
    await sending.sent(4)
    for query in ("", "?limit=1", "?status=never"):
        await check(sending, "GET", template, f"/api/pages/{PAGE}/events{query}", headers=ADMIN)
    (event, *_) = (await check(sending, "GET", template, f"/api/pages/{PAGE}/events", headers=ADMIN))["events"]
    for event_id in (event["event_id"], "nobody"):
        path = f"/api/pages/{PAGE}/events/{event_id}/resend"
        await check(sending, "POST", f"{template}/{{event_id}}/resend", path, headers=ADMIN)


async def test_answers_without_a_token_are_as_described(sending: Service) -> None:
    await sending.connect()
    for source in ("messenger", "harasocial"):
        path = f"/webhooks/{source}"
        await check(sending, "GET", path)
        await check(sending, "POST", path, data=b"{}")
    for body in (b'{"order":{}}', b"{"):
        await check(sending, "POST", "/webhooks/harasocial", data=body, headers=order_headers(body))
    for form in ({"signed_request": signed_request()}, {}):
        answer = await check(sending, "POST", "/webhooks/messenger/data-deletion", data=form)
        code = answer.get("confirmation_code", "unknown")
        path = f"/webhooks/messenger/data-deletion?code={code}"
        await check(sending, "GET", "/webhooks/messenger/data-deletion", path)
    for path in ("/healthz", "/readyz", "/metrics"):
        await check(sending, "GET", path)


async def test_a_store_that_is_away_is_answered_as_described(real_redis_url: str) -> None:
    async with serve(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes") as running:
        store: Store = running.parts.store
        await running.connect()
        await store.config_set("maxmemory", "1")
        try:
            path = f"/api/pages/{PAGE}/connection"
            assert (await running.connect("901")).status == 503
            await check(running, "PUT", "/api/pages/{page_id}/connection", path, headers=ADMIN, json=CONNECTION)
        finally:
            await store.config_set("maxmemory", "0")
