"""The sandbox holds its clients to what TikTok documents, and misbehaves exactly as told."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from aiohttp.test_utils import TestServer

from gateway.sandbox import API_PATH, Account, Rate, Sandbox, Scripted, make_sandbox
from rules.times import HOUR_MS, SECOND_MS
from tests.gateway.wire import EVENT_SET, PHONE, TOKEN, envelope, item, without
from tests.waiting import eventually

HEADERS = {"Access-Token": TOKEN}
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def http(tiktok_url: str) -> AsyncIterator[ClientSession]:
    """Open a session whose paths start at the API's base."""
    async with ClientSession(f"{tiktok_url}/", timeout=ClientTimeout(5)) as session:
        yield session


async def track(http: ClientSession, body: object, headers: dict[str, str] = HEADERS) -> tuple[int, str]:
    """Post a request and return TikTok's code and message; every answer is an envelope at HTTP 200."""
    async with http.post("event/track/", json=body, headers=headers) as response:
        answer = await response.json()
        assert response.status == 200
        assert answer["request_id"] == response.headers["X-TT-LOGID"]
        return answer["code"], answer["message"]


async def test_what_is_documented_is_accepted(http: ClientSession, sandbox: Sandbox) -> None:
    whole = item(
        user={"external_id": [PHONE], "phone": [PHONE], "email": PHONE, "locale": "vi"},
        properties={
            "currency": "VND",
            "value": 450000.5,
            "order_id": "100245",
            "content_type": "product",
            "contents": [{"content_id": "SKU-1", "content_name": "Áo thun", "quantity": 2, "price": 225000}],
        },
    )
    assert await track(http, envelope(whole)) == (0, "OK")
    (accepted,) = sandbox.accepted
    assert (accepted.event, accepted.event_id, accepted.event_time) == ("CompletePayment", "e-1", 1_790_000_000)
    assert (accepted.access_token, accepted.event_source_id, accepted.item) == (TOKEN, EVENT_SET, whole)


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, 40104), ({"Access-Token": ""}, 40104), ({"Access-Token": "nobody's"}, 40105), (HEADERS, 0)],
)
async def test_a_token_is_needed(http: ClientSession, headers: dict[str, str], code: int) -> None:
    assert (await track(http, envelope(item()), headers))[0] == code


async def test_a_foreign_event_set_is_refused(http: ClientSession, sandbox: Sandbox) -> None:
    code, message = await track(http, envelope(item(), event_source_id="7999999999999999999"))
    assert code == 40001
    assert "admin or operator" in message
    assert sandbox.accepted == []


async def test_a_wrong_event_refuses_its_whole_batch(http: ClientSession, sandbox: Sandbox) -> None:
    answer = await track(http, envelope(item(), item(event_id=12)))
    assert answer == (40002, "Batch.1.event_id: Not a valid string")
    assert sandbox.accepted == []


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"{not json", "application/json"), (b"event=CompletePayment", "text/plain")]
)
async def test_a_body_that_is_not_json_is_refused(http: ClientSession, body: bytes, content_type: str) -> None:
    headers = HEADERS | {"Content-Type": content_type}
    async with http.post("event/track/", data=body, headers=headers) as response:
        assert (await response.json())["code"] == 40002


async def test_a_very_old_event_is_accepted(http: ClientSession) -> None:
    """TikTok documents no limit on the age of an event."""
    assert await track(http, envelope(item(event_time=1_000_000_000))) == (0, "OK")


async def test_an_event_without_an_id_is_never_a_copy(http: ClientSession, sandbox: Sandbox) -> None:
    nameless = without(item(), "event_id")
    await track(http, envelope(nameless, nameless))
    assert len(sandbox.accepted) == 2


async def test_the_sources_can_be_chosen() -> None:
    assert (
        Sandbox(Account("t", (), ("s",)), event_sources=("web",))
        .track("t", b'{"event_source": "crm", "event_source_id": "s"}')
        .message
        == "event_source: Must be one of: web"
    )


class Clock:
    """Shows the time it is set to, in seconds."""

    now_s = 1_790_000_000.0

    def __call__(self) -> float:
        """Show the time."""
        return self.now_s


def test_a_copy_within_48_hours_of_the_first_is_dropped() -> None:
    """The first is kept; the same id under another name or event set is no copy."""
    clock = Clock()
    sandbox = Sandbox(Account("t", (), ("s", "other")), clock=clock)

    def send(event: str = "Conversation", source: str = "s") -> int:
        body = envelope(item(event=event), event_source_id=source)
        return sandbox.track("t", msgspec.json.encode(body)).code

    assert send() == send() == send("Lead") == send(source="other") == 0
    clock.now_s += 48 * HOUR_MS / SECOND_MS
    assert send() == 0
    assert [each.duplicates for each in sandbox.accepted] == [2, 0, 0]
    clock.now_s += 0.001
    assert send() == send() == 0
    assert [each.duplicates for each in sandbox.accepted] == [2, 0, 0, 1]


def test_too_many_requests_are_throttled_until_time_has_passed() -> None:
    clock = Clock()
    sandbox = Sandbox(rate=Rate(requests_per_second=2, burst=3), clock=clock)

    def answers(number: int) -> list[int]:
        return [sandbox.track("", b"").code for _ in range(number)]

    assert answers(4) == [40104, 40104, 40104, 40100]
    clock.now_s += 1
    assert answers(3) == [40104, 40104, 40100]
    clock.now_s += 60
    assert answers(4) == [40104, 40104, 40104, 40100]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "event/track", 404), ("GET", "event/track/", 405), ("POST", "nowhere", 404)],
)
async def test_a_wrong_path_or_method_never_reaches_the_api(
    http: ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, path, headers=HEADERS) as response:
        assert response.status == status


async def test_an_endpoint_that_does_not_exist_is_40400(http: ClientSession) -> None:
    async with http.get("pixel/batch/", headers=HEADERS) as response:
        assert (response.status, (await response.json())["code"]) == (200, 40400)


async def test_a_token_shows_its_advertisers(http: ClientSession) -> None:
    async def ask(token: str, **query: str) -> dict[str, Any]:
        async with http.get("oauth2/advertiser/get/", params=query, headers={"Access-Token": token}) as response:
            return dict(await response.json())

    found = await ask(TOKEN, app_id="1", secret="s")
    assert [each["advertiser_id"] for each in found["data"]["list"]] == ["7000000000000000001"]
    assert (await ask(TOKEN, app_id="1"))["code"] == 40002
    assert (await ask("nobody's", app_id="1", secret="s"))["code"] == 40105


async def test_scripted_answers_come_in_order_and_record_nothing(http: ClientSession, sandbox: Sandbox) -> None:
    sandbox.script(Scripted("code", 60001, times=2), Scripted("code", 50000, "try later"))
    answers = [await track(http, envelope(item())) for _ in range(4)]
    assert answers == [(60001, "scripted"), (60001, "scripted"), (50000, "try later"), (0, "OK")]
    assert [each.duplicates for each in sandbox.accepted] == [0]


async def test_a_scripted_gateway_answers_html(http: ClientSession, sandbox: Sandbox) -> None:
    sandbox.script(Scripted("http", http_status=502))
    async with http.post("event/track/", json=envelope(item()), headers=HEADERS) as response:
        assert (response.status, response.content_type) == (502, "text/html")


@pytest.mark.parametrize(("commit", "recorded"), [(True, 1), (False, 0)])
async def test_a_scripted_reset_leaves_the_client_in_the_dark(
    http: ClientSession, sandbox: Sandbox, *, commit: bool, recorded: int
) -> None:
    sandbox.script(Scripted("reset", commit=commit))
    with pytest.raises(ClientError):
        await track(http, envelope(item()))
    assert len(sandbox.accepted) == recorded


@pytest.mark.parametrize(("commit", "recorded"), [(True, 1), (False, 0)])
async def test_a_scripted_hang_lasts_longer_than_its_client(
    http: ClientSession, sandbox: Sandbox, *, commit: bool, recorded: int
) -> None:
    sandbox.script(Scripted("hang", commit=commit))
    with pytest.raises(TimeoutError):
        await http.post("event/track/", json=envelope(item()), headers=HEADERS, timeout=ClientTimeout(2))
    assert len(sandbox.accepted) == recorded


async def test_a_hang_does_not_keep_the_sandbox_from_closing(sandbox: Sandbox) -> None:
    sandbox.script(Scripted("hang"))
    async with TestServer(make_sandbox(sandbox)) as server, ClientSession() as http:
        patient = asyncio.create_task(http.post(server.make_url(f"{API_PATH}/event/track/")))
        await eventually(lambda: sandbox.received)
        await asyncio.wait_for(server.close(), 5)
        assert (await patient).content_length == 0


async def test_it_is_driven_over_http_by_other_processes(http: ClientSession) -> None:
    async def post(path: str, body: object) -> int:
        async with http.post(f"/_sandbox/{path}", json=body) as response:
            return response.status

    async def get(path: str) -> dict[str, Any]:
        async with http.get(f"/_sandbox/{path}") as response:
            return dict(await response.json())

    assert await post("tokens", {"access_token": "new", "event_set_ids": ["42"]}) == 204
    assert await post("script", [{"action": "code", "code": 50002, "commit": True}]) == 204
    answers = [await track(http, envelope(item(), event_source_id="42"), {"Access-Token": "new"}) for _ in range(2)]
    assert [code for code, _ in answers] == [50002, 0]

    found = await get("accepted")
    assert (found["count"], found["duplicates"], found["accepted"][0]["event_id"]) == (1, 1, "e-1")
    assert [each["events"] for each in (await get("requests"))["requests"]] == [1, 1]

    assert await post("rate", {"requests_per_second": 0.001, "burst": 1}) == 204
    assert [(await track(http, envelope(item())))[0] for _ in range(2)] == [0, 40100]
    assert await post("reset", None) == 204
    assert ((await get("accepted"))["count"], (await get("requests"))["count"]) == (0, 0)
    assert await post("script", [{"action": "explode"}]) == 400


async def test_it_runs_as_its_own_process() -> None:
    """It prints the base URL as its one line, and is listening by then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.sandbox", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        async with ClientSession() as http, http.post(f"{url}/event/track/", json={}) as response:
            assert (await response.json())["code"] == 40104
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
