"""The API's connection of a page: what goes in, what comes out, and what is refused with a reason."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from actors.claims import Claims
from actors.connection import Connection
from actors.store_clock import StoreClock
from tests.gateway.service import ADMIN, CONNECTION, Service
from tests.gateway.web import ADMIN_TOKEN, PAGE
from tests.gateway.wire import EVENT_SET, TOKEN

PATH = f"/pages/{PAGE}/connection"


async def test_connecting_answers_201_then_200_and_never_shows_the_token(service: Service) -> None:
    async with await service.connect() as response:
        assert response.status == 201
    async with await service.connect() as response:
        assert response.status == 200
        text = await response.text()
        shown = await response.json()
    async with await service.api("GET", PATH) as response:
        assert await response.json() == shown
    assert TOKEN not in text
    assert shown == {
        "page_id": PAGE,
        "store_id": "1000",
        "advertiser_id": "7000000000000000001",
        "event_set_id": EVENT_SET,
        "complete_payment_on": "order_confirmed",
        "paused": False,
        "authorised": True,
        "time_zone": "Asia/Ho_Chi_Minh",
        "choices": [{"since": 0, "since_utc": "1970-01-01T00:00:00.000Z", "complete_payment_on": "order_confirmed"}],
    }


async def test_the_token_is_stored_encrypted(service: Service) -> None:
    await service.connect()
    stored = await service.parts.connections.read(PAGE)
    assert stored is not None
    assert TOKEN not in stored.access_token
    assert service.parts.vault.decrypt(stored.access_token) == TOKEN


async def test_a_change_may_leave_the_token_out_and_keeps_the_old_choices(service: Service) -> None:
    await service.connect()
    body = {**CONNECTION, "complete_payment_on": "order_shipped", "paused": True}
    del body["access_token"]
    async with await service.api("PUT", PATH, json=body) as response:
        shown = await response.json()
        assert (response.status, shown["paused"]) == (200, True)
    assert [choice["complete_payment_on"] for choice in shown["choices"]] == ["order_confirmed", "order_shipped"]
    stored = await service.parts.connections.read(PAGE)
    assert stored is not None
    assert service.parts.vault.decrypt(stored.access_token) == TOKEN


def meanwhile(service: Service, patch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]) -> None:
    """Let something happen each time when the API has read how the page is connected, before it changes that."""
    connections = service.parts.connections
    readable = connections.readable

    async def read(page_id: str) -> Connection | None:
        known = await readable(page_id)
        patch.undo()
        await happens()
        return known

    patch.setattr(connections, "readable", read)


async def test_a_token_that_comes_while_another_is_kept_stays(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.connect()
    meanwhile(service, monkeypatch, lambda: service.connect(access_token="newer"))
    async with await service.connect(access_token=None, complete_payment_on="order_shipped") as response:
        document = await response.json()
        assert (response.status, response.content_type) == (409, "application/problem+json")
        assert "PUT it again" in document["detail"]
    stored = await service.parts.connections.read(PAGE)
    assert stored is not None
    assert service.parts.vault.decrypt(stored.access_token) == "newer"
    assert stored.complete_payment_on == "order_confirmed"
    async with await service.connect(access_token=None, complete_payment_on="order_shipped") as response:
        assert response.status == 200


async def test_a_token_that_is_withdrawn_while_it_is_kept_stays_withdrawn(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.connect()
    known = await service.parts.connections.read(PAGE)
    assert known is not None
    claims = Claims(service.parts.store, StoreClock(service.parts.store))
    meanwhile(service, monkeypatch, lambda: claims.withdraw(known))
    async with await service.connect(access_token=None, paused=True) as response:
        shown = await response.json()
        assert (shown["authorised"], shown["paused"]) == (False, True)
    async with await service.connect() as response:
        assert (await response.json())["authorised"]


async def test_a_shop_has_its_time_zone_and_a_change_may_leave_it_out(service: Service) -> None:
    await service.connect(time_zone="Asia/Bangkok")
    async with await service.connect(paused=True) as response:
        assert (await response.json())["time_zone"] == "Asia/Bangkok"


async def test_the_first_connection_needs_a_token(service: Service) -> None:
    async with await service.connect(access_token=None) as response:
        document = await response.json()
        assert (response.status, document["field"]) == (400, "access_token")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"store_id": 1000}, "store_id"),
        ({"advertiser_id": ""}, "advertiser_id"),
        ({"event_set_id": None}, "event_set_id"),
        ({"access_token": "two words"}, "access_token"),
        ({"access_token": "header\n"}, "access_token"),
        ({"event_set_id": "8000\n"}, "event_set_id"),
        ({"complete_payment_on": "order_paid"}, "complete_payment_on"),
        ({"paused": "no"}, "paused"),
        ({"time_zone": "Asia/Atlantis"}, "time_zone"),
        ({"time_zone": "Asia"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"event_sets": ["8000"]}, "event_sets"),
    ],
)
async def test_a_bad_body_is_refused_and_the_field_named(service: Service, changes: dict[str, Any], field: str) -> None:
    async with await service.connect(**changes) as response:
        document = await response.json()
        assert response.content_type == "application/problem+json"
        assert (response.status, document["status"], document["title"]) == (400, 400, "Bad Request")
        assert document["field"] == field
        assert field in document["detail"]
    assert await service.parts.connections.read(PAGE) is None


async def test_a_missing_field_is_named(service: Service) -> None:
    body = {name: value for name, value in CONNECTION.items() if name != "complete_payment_on"}
    async with await service.api("PUT", PATH, json=body) as response:
        assert (response.status, (await response.json())["field"]) == (400, "complete_payment_on")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"store_id": "\xff"}', b"null"])
async def test_what_is_no_json_object_is_refused(service: Service, body: bytes) -> None:
    async with await service.api("PUT", PATH, data=body) as response:
        assert (response.status, response.content_type) == (400, "application/problem+json")


async def test_a_page_that_is_not_connected_answers_404_with_the_reason(service: Service) -> None:
    for method in ("GET", "DELETE"):
        async with await service.api(method, PATH) as response:
            document = await response.json()
            assert (response.status, response.content_type) == (404, "application/problem+json")
            assert document["reason"] == "page_not_connected"


async def test_deleting_disconnects(service: Service) -> None:
    await service.connect()
    async with await service.api("DELETE", PATH) as response:
        assert (response.status, await response.read()) == (204, b"")
    async with await service.api("GET", PATH) as response:
        assert response.status == 404
    assert await service.parts.connections.pages() == ()


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {ADMIN_TOKEN}", ADMIN_TOKEN, "Bearer ädmin"]
)
async def test_without_the_admin_token_nothing_is_told(service: Service, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in (f"/api{PATH}", "/api/nothing/here"):
        async with service.client.get(path, headers=headers) as response:
            assert (response.status, response.content_type) == (401, "application/problem+json")
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_unknown_path_and_a_wrong_method_are_problem_documents_too(service: Service) -> None:
    async with await service.api("GET", "/nothing/here") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
    async with await service.api("PATCH", PATH) as response:
        assert (response.status, response.content_type) == (405, "application/problem+json")
        assert "PUT" in response.headers["Allow"]


async def test_the_bearer_scheme_is_not_case_sensitive(service: Service) -> None:
    headers = {"Authorization": ADMIN["Authorization"].replace("Bearer", "bearer")}
    async with service.client.get(f"/api{PATH}", headers=headers) as response:
        assert response.status == 404
