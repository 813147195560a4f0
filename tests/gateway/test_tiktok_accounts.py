"""TikTok's account endpoints: what is asked, what an answer means, and that no secret leaks."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace
from redis.asyncio import Redis
from structlog.testing import capture_logs

from actors.bucket import Bucket, Rate
from gateway.authorising import MANAGEMENT_RATE, turns
from gateway.sandbox import Consent, MessageEventSet, Sandbox, Scripted
from gateway.tiktok_accounts import EventSet, EventSets, TikTokAccounts, event_set_name, read_content
from gateway.tiktok_errors import (
    Expired,
    NoPermission,
    Refused,
    Throttled,
    TikTokError,
    Unavailable,
    meaning,
)
from rules.delivery import Reply
from tests.gateway.web import settings
from tests.gateway.wire import EVENT_SET, TOKEN

ADVERTISER = "7000000000000000001"
PAGE = "104857600000001"
APP = "7000000000000000000"


async def at_once() -> None:
    """Wait for nothing."""


@pytest.fixture
async def accounts(tiktok_url: str) -> AsyncIterator[TikTokAccounts]:
    """Give a way to the sandbox."""
    async with ClientSession() as http:
        yield TikTokAccounts(http, settings(TIKTOK_API_URL=tiktok_url), at_once, timeout_s=2)


async def test_a_code_is_exchanged_once(accounts: TikTokAccounts, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Shop"})
    code = sandbox.directory.allow(APP, sandbox.now())
    token = await accounts.exchange(code)
    assert [each.advertiser_name for each in await accounts.advertisers(token)] == ["Shop"]
    with pytest.raises(Expired):
        await accounts.exchange(code)


async def test_ad_accounts_describe_themselves(accounts: TikTokAccounts, sandbox: Sandbox) -> None:
    sandbox.directory.advertisers[ADVERTISER] = "Shop Sài Gòn"
    described = await accounts.describe(TOKEN, [ADVERTISER])
    assert (described[ADVERTISER].name, described[ADVERTISER].currency) == ("Shop Sài Gòn", "VND")
    with pytest.raises(NoPermission):
        await accounts.describe(TOKEN, ["7999"])


async def test_event_sets_are_found_and_made(accounts: TikTokAccounts, sandbox: Sandbox) -> None:
    found = await accounts.event_sets(TOKEN, ADVERTISER, PAGE)
    assert (found.matched and found.matched.event_set_id, found.listed) == ("", ())
    assert found.found("x") is None
    made = await accounts.create_event_set(TOKEN, ADVERTISER, PAGE)
    assert made == EventSet(sandbox.directory.event_sets[0].message_event_set_id, event_set_name(PAGE))
    assert (await accounts.event_sets(TOKEN, ADVERTISER, PAGE)).found("whatever") == made
    with pytest.raises(NoPermission):
        await accounts.event_sets(TOKEN, "7999", PAGE)


def test_the_name_fits_in_forty_characters() -> None:
    """TikTok's limit for the other kinds of event sets."""
    assert event_set_name("1" * 17) == "Haravan_CTM_Messenger_11111111111111111"
    assert len(event_set_name("1" * 17)) <= 40


@pytest.mark.parametrize(
    ("data", "event_set_id"),
    [
        ("{}", None),
        ("null", None),
        ('{"message_event_set_list": null, "matched_event_set": null}', None),
        ('{"message_event_set_list": [], "matched_event_set": {}}', None),
        ('{"matched_event_set": {"message_event_set_id": ""}}', None),
        ('{"message_event_set_list": [{"message_event_set_id": "1", "message_event_name": "Ours "}]}', None),
        ('{"message_event_set_list": [{"message_event_set_id": "1", "message_event_name": "Ours"}]}', "1"),
        (
            (
                '{"message_event_set_list": [{"message_event_set_id": "1", "message_event_name": "Ours"}], '
                '"matched_event_set": {"message_event_set_id": "2", "message_event_name": "Theirs", "create_time": ""}}'
            ),
            "2",
        ),
    ],
)
def test_the_matched_set_wins_then_the_exact_name(data: str, event_set_id: str | None) -> None:
    sets = read_content(Reply("code", 0, 200), f'{{"code": 0, "data": {data}}}'.encode(), EventSets)
    found = sets.found("Ours")
    assert (found and found.event_set_id) == event_set_id


def test_an_answer_of_another_shape_is_no_answer() -> None:
    with pytest.raises(Unavailable):
        read_content(Reply("code", 0, 200), b'{"code": 0, "data": {"message_event_set_list": 7}}', EventSets)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        *((Reply("code", code), Expired) for code in (40102, 40104, 40105, 40106, 40110, 40114)),
        *((Reply("code", code), NoPermission) for code in (40001, 40003, 40118, 40119, 40124, 40125, 40130, 40300)),
        *((Reply("code", code), Throttled) for code in (40016, 40100, 40133, 61000)),
        (Reply("http_error", http_status=429), Throttled),
        *((Reply("code", code), Unavailable) for code in (50000, 50002, 51010, 60001, 40700, 40202)),
        (Reply("not_json", http_status=502), Unavailable),
        (Reply("timeout"), Unavailable),
        (Reply("cut"), Unavailable),
        (Reply("not_sent"), Unavailable),
        *((Reply("code", code), Refused) for code in (40000, 40002, 40008, 40101, 40113, 40115, 40400)),
        (Reply("http_error", http_status=404), Refused),
        (Reply("http_error", http_status=302), Unavailable),
    ],
)
def test_every_answer_means_what_helps(reply: Reply, error: type[TikTokError]) -> None:
    assert type(meaning(reply)) is error


def test_only_what_never_left_is_sure_not_to_have_happened() -> None:
    unsure = {kind: Unavailable(Reply(kind)).unsure for kind in ("not_sent", "timeout", "cut", "not_json", "code")}
    assert unsure == {"not_sent": False, "timeout": True, "cut": True, "not_json": True, "code": True}


@pytest.mark.parametrize(
    ("scripted", "error"),
    [
        (Scripted("hang"), Unavailable),
        (Scripted("reset", times=2), Unavailable),  # aiohttp repeats a GET once by itself
        (Scripted("http", http_status=502), Unavailable),
        (Scripted("http", http_status=302), Unavailable),
        (Scripted("code", 40105), Expired),
    ],
)
async def test_trouble_on_the_way_is_told_apart(
    accounts: TikTokAccounts, sandbox: Sandbox, scripted: Scripted, error: type[TikTokError]
) -> None:
    endpoint = "/oauth2/advertiser/get/"
    sandbox.script(replace(scripted, endpoint=endpoint))
    with pytest.raises(error):
        await accounts.advertisers(TOKEN)
    assert len(await accounts.advertisers(TOKEN)) == 1


async def test_who_is_not_there_was_not_asked() -> None:
    async with ClientSession() as http:
        with pytest.raises(Unavailable) as raised:
            await TikTokAccounts(http, settings(TIKTOK_API_URL="http://127.0.0.1:9"), at_once).advertisers(TOKEN)
    assert not raised.value.unsure


@pytest.mark.parametrize(
    ("scripted", "error"),
    [
        (None, None),
        (Scripted("code", 40001), NoPermission),
        (Scripted("code", 40130), NoPermission),
        (Scripted("code", 40105), Expired),
        (Scripted("code", 50000), None),
        (Scripted("code", 0), None),
        (Scripted("reset"), None),
    ],
)
async def test_whether_events_may_be_sent_is_asked_without_an_event(
    accounts: TikTokAccounts, sandbox: Sandbox, scripted: Scripted | None, error: type[TikTokError] | None
) -> None:
    sandbox.script(*([scripted] if scripted else []))
    if error is None:
        await accounts.require_reporting(TOKEN, EVENT_SET)
    else:
        with pytest.raises(error):
            await accounts.require_reporting(TOKEN, EVENT_SET)
    assert sandbox.accepted == []


async def test_no_secret_reaches_logs_or_errors(accounts: TikTokAccounts, sandbox: Sandbox) -> None:
    endpoint = "/oauth2/advertiser/get/"
    sandbox.script(
        Scripted("code", 40002, f"secret 'tiktok-app-secret' token {TOKEN}", endpoint=endpoint),
        Scripted("http", http_status=404, endpoint=endpoint),
        Scripted("reset", times=2, endpoint=endpoint),
    )
    said = []
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(TikTokError) as raised:
                await accounts.advertisers(TOKEN)
            said += [str(raised.value), raised.value.said]
    assert [line["event"] for line in logs] == ["tiktok.call_failed"] * 3
    assert {line["endpoint"] for line in logs} == {endpoint}
    everything = json.dumps([logs, said])
    assert TOKEN not in everything
    assert "tiktok-app-secret" not in everything


async def test_requests_look_as_documented() -> None:
    """Against a server that only writes down: https://business-api.tiktok.com/portal/docs?id=1738373141733378."""
    seen: list[tuple[str, dict[str, Any], dict[str, str], str | None]] = []

    async def note(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        seen.append((request.path, body, dict(request.query), request.headers.get("Access-Token")))
        return web.json_response({"code": 0, "message": "OK", "data": {"access_token": "t"}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", note)
    async with TestServer(app) as server, ClientSession() as http:
        accounts = TikTokAccounts(http, settings(TIKTOK_API_URL=str(server.make_url("/v1.3"))), at_once)
        await accounts.exchange("code-1")
        await accounts.advertisers("t")
        await accounts.describe("t", ["1", "2"])
        await accounts.event_sets("t", "1", PAGE)
        await accounts.create_event_set("t", "1", PAGE)
    secrets = {"app_id": APP, "secret": "tiktok-app-secret"}
    place = {"advertiser_id": "1", "messaging_app_type": "MESSENGER", "messaging_app_account_id": PAGE}
    info = {"advertiser_ids": '["1","2"]', "fields": '["advertiser_id","name","currency","status"]'}
    code = secrets | {"auth_code": "code-1", "return_advertiser_ids": False}
    assert seen == [
        ("/v1.3/oauth2/access_token/", code, {}, None),
        ("/v1.3/oauth2/advertiser/get/", {}, secrets, "t"),
        ("/v1.3/advertiser/info/", {}, info, "t"),
        ("/v1.3/ctm/message_event_set/get/", {}, place, "t"),
        ("/v1.3/ctm/create/", place | {"message_event_name": event_set_name(PAGE)}, {}, "t"),
    ]


async def test_calls_of_all_processes_share_one_limit(store: Redis) -> None:
    """Twelve calls take half a second at eight a second, after a burst of eight."""
    first, second = turns(Bucket(store, MANAGEMENT_RATE)), turns(Bucket(store, MANAGEMENT_RATE))
    started = time.monotonic()
    for turn in (first, second) * 6:
        await turn()
    assert time.monotonic() - started > 0.35


async def test_what_would_wait_too_long_is_refused(store: Redis) -> None:
    slow = turns(Bucket(store, Rate(per_second=0.01, burst=1)))
    await slow()
    with pytest.raises(Throttled):
        await slow()


async def test_sets_of_others_are_not_listed(accounts: TikTokAccounts, sandbox: Sandbox) -> None:
    sandbox.directory.event_sets.append(MessageEventSet("7", "theirs", "", "7999", PAGE))
    assert (await accounts.event_sets(TOKEN, ADVERTISER, PAGE)).listed == ()


async def test_a_redirect_is_never_followed() -> None:
    """It would carry the token, and the secret, to another host."""
    reached: list[str] = []

    async def lead_away(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lead_away)
    async with TestServer(app) as server, ClientSession() as http:
        accounts = TikTokAccounts(http, settings(TIKTOK_API_URL=str(server.make_url("/v1.3"))), at_once)
        with pytest.raises(Unavailable):
            await accounts.advertisers(TOKEN)
    assert reached == ["/v1.3/oauth2/advertiser/get/"]
