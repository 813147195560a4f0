"""Forgetting a customer: by the API, and when Meta asks for it."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

from actors import keys
from gateway.data_deletion import read_signed_request
from tests.gateway.service import Service, click, said
from tests.gateway.web import APP_SECRET, PAGE, PSID
from tests.gateway.web import now_ms as now

PATH = f"/conversations/{PAGE}/{PSID}"
DELETION = "/webhooks/messenger/data-deletion"
LEAVING = "to-be-forgotten"
"""A customer whose id no digest that is left can hold by chance; ids are opaque."""
SECRETS = ("older-secret", APP_SECRET)


def signed_request(secret: str = APP_SECRET, **content: object) -> str:
    """Sign a request as Meta does."""
    document = {"algorithm": "HMAC-SHA256", "issued_at": 1_790_000_000, "user_id": PSID, **content}
    payload = urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
    signature = urlsafe_b64encode(hmac.digest(secret.encode(), payload.encode(), "sha256")).decode().rstrip("=")
    return f"{signature}.{payload}"


async def everything(service: Service) -> str:
    """Return all of Redis as text."""
    store: Any = service.parts.store
    dumped = [key + (await store.dump(key) or b"") for key in sorted([key async for key in store.scan_iter()])]
    return b"\n".join(dumped).decode(errors="replace")


async def test_nothing_of_a_forgotten_customer_is_left(service: Service) -> None:
    await service.connect(paused=True)
    path = f"/conversations/{PAGE}/{LEAVING}"
    await service.whole_story(99887766, LEAVING)
    assert LEAVING in await everything(service)
    await service.messenger(now() - 5_000, click(), said("m1"), psid="7102")
    for _ in range(2):
        async with await service.api("DELETE", path) as response:
            assert response.status == 204
    left = await everything(service)
    assert LEAVING not in left
    assert "99887766" not in left
    async with await service.api("GET", f"/pages/{PAGE}/events") as response:
        assert [event["psid"] for event in (await response.json())["events"]] == ["7102"]
    async with await service.api("GET", path) as response:
        assert response.status == 404
    async with await service.api("GET", f"/conversations/{PAGE}/7102") as response:
        assert response.status == 200


async def test_a_page_whose_last_customer_is_forgotten_is_not_due_any_more(service: Service) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    await service.api("DELETE", PATH)
    store: Any = service.parts.store
    for key in (keys.outbox(PAGE), keys.events(PAGE), keys.due(keys.partition(PAGE))):
        assert not await store.exists(key)


async def test_a_forgotten_customer_who_comes_back_starts_anew(service: Service) -> None:
    await service.connect()
    start = now() - 60_000
    await service.messenger(start, click(), said("m1"))
    await service.api("DELETE", PATH)
    await service.messenger(start + 10_000, click("tt-second"), said("m2"))
    async with await service.api("GET", PATH) as response:
        found = await response.json()
    assert [shown["ref"] for shown in found["clicks"]] == ["tt-second"]
    assert found["counters"]["messages_from_customer"] == 1


async def test_meta_may_ask_and_is_told_where_to_see_that_it_is_done(service: Service) -> None:
    for page_id in (PAGE, "901"):
        await service.connect(page_id)
        await service.messenger(now() - 5_000, click(), said("m1"), page_id=page_id, psid=LEAVING)
    request = signed_request(user_id=LEAVING)
    async with service.client.post(DELETION, data={"signed_request": request}) as response:
        assert response.status == 200
        answer = await response.json()
    assert LEAVING not in await everything(service)
    assert answer["url"].endswith(f"{DELETION}?code={answer['confirmation_code']}")
    async with service.client.get(f"{DELETION}?code={answer['confirmation_code']}") as response:
        assert response.status == 200
        assert "deleted" in await response.text()
    for code in ("", "1-0", "ä", answer["confirmation_code"] + "0"):
        async with service.client.get(DELETION, params={"code": code}) as response:
            assert response.status == 404
    async with service.client.post(DELETION, data={"signed_request": signed_request(user_id="somebody")}) as response:
        other = await response.json()
    assert answer["confirmation_code"].isalnum()
    assert other["confirmation_code"] != answer["confirmation_code"]


async def test_a_page_that_was_disconnected_forgets_as_well(service: Service) -> None:
    """Its conversations and events outlive its connection."""
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"), psid=LEAVING)
    await service.api("DELETE", f"/pages/{PAGE}/connection")
    assert LEAVING in await everything(service)
    async with service.client.post(DELETION, data={"signed_request": signed_request(user_id=LEAVING)}) as response:
        assert response.status == 200
    assert LEAVING not in await everything(service)


async def test_what_meta_has_not_signed_forgets_nobody(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"))
    for forged in ("", ".", "a.b", signed_request("another-secret"), "ä.ä", signed_request()[:-2]):
        async with service.client.post(DELETION, data={"signed_request": forged}) as response:
            assert (response.status, response.content_type) == (401, "application/problem+json")
    async with await service.api("GET", PATH) as response:
        assert response.status == 200


def test_any_of_the_app_secrets_may_sign_and_numbers_are_ids_too() -> None:
    for secret in SECRETS:
        request = read_signed_request(SECRETS, signed_request(secret, user_id=7101))
        assert request is not None
        assert str(request.user_id) == PSID
