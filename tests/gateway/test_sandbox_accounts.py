"""The sandbox's consent and account endpoints are as strict as TikTok documents them."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, ClientTimeout

from gateway.sandbox import AUTH_PATH, Consent, Sandbox
from gateway.sandbox.directory import Directory
from rules.times import HOUR_MS
from tests.gateway.wire import TOKEN, envelope, item

ADVERTISER = "7000000000000000001"
PLACE = {"advertiser_id": ADVERTISER, "messaging_app_type": "MESSENGER", "messaging_app_account_id": "900"}
HEADERS = {"Access-Token": TOKEN}
ASKED = {"app_id": "1", "state": "a&b", "redirect_uri": "http://localhost:1/back"}
GRANT = {"app_id": "1", "secret": "s"}


@pytest.fixture
async def http(tiktok_url: str) -> AsyncIterator[ClientSession]:
    """Open a session whose paths start at the API's base."""
    async with ClientSession(f"{tiktok_url}/", timeout=ClientTimeout(5)) as session:
        yield session


async def ask(http: ClientSession, path: str, **query: str) -> dict[str, Any]:
    """GET an endpoint with the token."""
    async with http.get(path, params=query, headers=HEADERS) as response:
        return dict(await response.json())


async def post(http: ClientSession, path: str, body: object) -> dict[str, Any]:
    """POST to an endpoint with the token."""
    async with http.post(path, json=body, headers=HEADERS) as response:
        return dict(await response.json())


async def test_the_consent_page_shows_what_is_asked_for(http: ClientSession, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "<Shop>"})
    async with http.get(AUTH_PATH, params=ASKED) as response:
        html = await response.text()
    assert "&lt;Shop&gt;" in html
    assert 'value="allow"' in html
    assert 'value="deny"' in html


@pytest.mark.parametrize("missing", list(ASKED))
async def test_the_consent_page_needs_all_three(http: ClientSession, missing: str) -> None:
    async with http.get(
        AUTH_PATH, params={**ASKED, missing: ""} if missing != "state" else {"app_id": "1"}
    ) as response:
        assert response.status == 400


@pytest.mark.parametrize(("answer", "name"), [("allow", "auth_code"), ("deny", "error"), ("", "error")])
async def test_either_answer_goes_back_with_the_state(http: ClientSession, answer: str, name: str) -> None:
    async with http.post(AUTH_PATH, params=ASKED, data={"answer": answer}, allow_redirects=False) as response:
        back = urlsplit(response.headers["Location"])
    query = parse_qs(back.query)
    assert (back.netloc, back.path, query["state"]) == ("localhost:1", "/back", ["a&b"])
    assert set(query) == {name, "state"}


async def test_a_code_is_worth_what_was_allowed_when_it_was_given(http: ClientSession, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Shop"})
    code = sandbox.directory.allow("1", sandbox.now())
    sandbox.directory.consent = Consent()
    granted = await post(http, "oauth2/access_token/", GRANT | {"auth_code": code})
    assert granted["data"]["advertiser_ids"] == [ADVERTISER]
    assert (await post(http, "oauth2/access_token/", GRANT | {"auth_code": code}))["code"] == 40110
    assert (await post(http, "oauth2/access_token/", GRANT))["code"] == 40002
    async with http.post("oauth2/access_token/", data=GRANT | {"auth_code": code}) as response:
        assert (await response.json())["code"] == 40002


def test_a_code_lives_an_hour() -> None:
    directory = Directory(consent=Consent({ADVERTISER: "Shop"}))
    first, second = directory.allow("1", 1000), directory.allow("1", 1000)
    assert directory.redeem(first, "1", 1000 + HOUR_MS) == Consent({ADVERTISER: "Shop"})
    assert directory.redeem(second, "1", 1001 + HOUR_MS) is None


async def test_a_revoked_token_is_dead(http: ClientSession) -> None:
    revoked = await post(http, "oauth2/revoke_token/", GRANT | {"access_token": TOKEN})
    assert revoked["data"]["advertiser_ids"] == [ADVERTISER]
    assert (await post(http, "event/track/", envelope(item())))["code"] == 40105
    assert (await post(http, "oauth2/revoke_token/", GRANT | {"access_token": TOKEN}))["code"] == 40105


@pytest.mark.parametrize(
    ("ids", "code"), [("", 40002), ("7", 40002), ("[]", 40002), ('["7"]', 40001), (f'["{ADVERTISER}"]', 0)]
)
async def test_ad_accounts_are_asked_for_by_a_json_list(http: ClientSession, ids: str, code: int) -> None:
    assert (await ask(http, "advertiser/info/", advertiser_ids=ids))["code"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"advertiser_id": ""}, 40002),
        ({"advertiser_id": "7999"}, 40001),
        ({"messaging_app_type": "SMS"}, 40002),
        ({"messaging_app_account_id": ""}, 40002),
    ],
)
async def test_event_sets_need_their_place(http: ClientSession, changes: dict[str, str], code: int) -> None:
    place = PLACE | changes
    assert (await ask(http, "ctm/message_event_set/get/", **place))["code"] == code
    assert (await post(http, "ctm/create/", place | {"message_event_name": "n"}))["code"] == code


async def test_one_set_is_matched_however_many_are_made(http: ClientSession) -> None:
    """So that a client that makes two is found out."""
    for name in ("first", "second"):
        assert (await post(http, "ctm/create/", PLACE | {"message_event_name": name}))["code"] == 0
    found = (await ask(http, "ctm/message_event_set/get/", **PLACE))["data"]
    assert found["matched_event_set"]["message_event_name"] == "first"
    assert [each["message_event_name"] for each in found["message_event_set_list"]] == ["first", "second"]
    assert (await post(http, "ctm/create/", PLACE | {"message_event_name": "n" * 41}))["code"] == 40002


async def test_a_set_that_was_made_can_be_written_to(http: ClientSession) -> None:
    made = (await post(http, "ctm/create/", PLACE | {"message_event_name": "n"}))["data"]["message_event_set_id"]
    assert (await post(http, "event/track/", envelope(item(), event_source_id=made)))["code"] == 0


async def test_it_is_driven_over_http(http: ClientSession, sandbox: Sandbox) -> None:
    account = {"access_token": "t", "advertiser_ids": ["7"], "permissions": ["report"]}
    consent = {"advertisers": {"7": "Shop"}, "permissions": []}
    event_set = {
        "message_event_set_id": "1",
        "message_event_name": "n",
        "create_time": "",
        "advertiser_id": "7",
        "messaging_app_account_id": "900",
    }
    for path, body in (("tokens", account), ("consent", consent), ("event_sets", event_set), ("revoke", [TOKEN])):
        async with http.post(f"/_sandbox/{path}", json=body) as response:
            assert response.status == 204
    assert list(sandbox.accounts) == ["t"]
    assert sandbox.directory.consent == Consent({"7": "Shop"}, frozenset())
    async with http.get("/_sandbox/event_sets") as response:
        assert await response.json() == [event_set]
    for path in ('advertiser/info/?advertiser_ids=["7"]', "ctm/message_event_set/get/"):
        async with http.get(path, headers={"Access-Token": "t"}) as response:
            assert (await response.json())["code"] == 40130
