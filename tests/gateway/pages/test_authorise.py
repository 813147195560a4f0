"""To TikTok and back: what comes back is believed once, from whom it was asked, and verified."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from aiohttp import ClientResponse

from actors.keys import partition
from gateway.sandbox import Account, Consent, MessageEventSet, Sandbox, Scripted
from tests.gateway.pages.connecting import ADVERTISER, CALLBACK, OTHER, Seller
from tests.gateway.pages.visiting import ROOT
from tests.gateway.service import Service
from tests.gateway.web import PAGE
from tests.gateway.wire import EVENT_SET, TOKEN
from tests.waiting import eventually

TOKEN_ENDPOINT = "/oauth2/access_token/"
LIST_ENDPOINT = "/oauth2/advertiser/get/"


async def told(response: ClientResponse, status: int) -> str:
    """Return what a page says, of this status."""
    html = await response.text()
    assert response.status == status, html
    return html


async def test_the_seller_is_sent_to_tiktok_with_a_state_and_our_address(seller: Seller) -> None:
    address = urlsplit(await seller.leave_for_tiktok())
    query = parse_qs(address.query)
    assert query["app_id"] == ["7000000000000000000"]
    assert query["redirect_uri"] == [f"{seller.service.parts.settings.public_url}{CALLBACK}"]
    assert len(query["state"][0]) >= 43
    assert set(query) == {"app_id", "redirect_uri", "state"}


async def test_the_code_becomes_a_token_that_only_the_vault_opens(seller: Seller, sandbox: Sandbox) -> None:
    await seller.authorise()
    (token,) = (token for token, account in sandbox.accounts.items() if ADVERTISER in account.advertiser_ids)
    note = await seller.service.parts.sessions.kept(seller.cookie(), f"draft:{PAGE}")
    assert note is not None
    assert token.encode() not in note


async def test_an_older_name_of_the_code_is_read_too(seller: Seller) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    response = await seller.come_back({"code": query["auth_code"], "state": query["state"]})
    assert response.status == 303


async def test_two_returns_at_once_exchange_the_code_once(seller: Seller, sandbox: Sandbox) -> None:
    """And whoever comes second is led on, not told of a failure of TikTok's."""
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    answers = await asyncio.gather(*(seller.come_back(query) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [303, 409, 409, 409, 409]
    assert sum(ADVERTISER in account.advertiser_ids for account in sandbox.accounts.values()) == 1
    assert f"{ROOT}/pages/{PAGE}/connect/advertiser" in await told(await seller.come_back(query), 409)


async def test_a_state_is_good_for_one_return(seller: Seller) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    assert (await seller.come_back({"state": query["state"]})).status == 403
    assert f"{ROOT}/pages/{PAGE}/connect" in await told(await seller.come_back(query), 409)


async def test_who_only_looks_at_the_address_uses_nothing_up(seller: Seller) -> None:
    """As link checkers do, with HEAD."""
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    assert (await seller.service.client.head(CALLBACK, params=query)).status == 405
    assert (await seller.come_back(query)).status == 303


@pytest.mark.parametrize("state", ["", "x", "Zm9yZ2Vk" * 5, "a" * 5000, "état"])
async def test_a_state_that_nobody_was_given_is_foreign(seller: Seller, state: str) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    response = await seller.come_back({"auth_code": query["auth_code"], "state": state})
    html = await told(response, 400)
    assert "Yêu cầu không phải của bạn" in html


async def test_a_missing_state_is_foreign(seller: Seller) -> None:
    assert (await seller.come_back({"auth_code": "x"})).status == 400


async def test_another_sessions_state_is_foreign_and_stays_good_for_its_own(seller: Seller, sandbox: Sandbox) -> None:
    """Otherwise an attacker could have a victim's page report to the attacker's ad account."""
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    theirs = seller.cookie()
    await seller.come_in(sub="another", store_id="2000")
    assert (await seller.come_back(query)).status == 400
    assert not any(ADVERTISER in account.advertiser_ids for account in sandbox.accounts.values())
    assert theirs != seller.cookie()


async def test_without_a_session_nothing_is_exchanged(seller: Seller, sandbox: Sandbox) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    seller.service.client.session.cookie_jar.clear()
    assert (await seller.come_back(query)).status == 401
    assert query["auth_code"] in sandbox.directory.codes


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Let some time pass."""
    with time_machine.travel(time.time() + seconds, tick=True):
        yield


@pytest.mark.parametrize(("seconds", "status"), [(590, 303), (610, 410)])
async def test_a_state_lives_for_ten_minutes(seller: Seller, seconds: int, status: int) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    with later(seconds):
        assert (await seller.come_back(query)).status == status


async def test_a_refusal_is_said_plainly_and_leads_back(seller: Seller) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok(), "deny")
    html = await told(await seller.come_back(query), 403)
    assert "Bạn chưa cho phép trên TikTok" in html
    assert f'href="{ROOT}/pages/{PAGE}/connect"' in html


@pytest.mark.parametrize(
    ("scripted", "status", "title"),
    [
        (Scripted("code", 40110, endpoint=TOKEN_ENDPOINT), 410, "Uỷ quyền đã hết hiệu lực"),
        (Scripted("code", 40125, endpoint=TOKEN_ENDPOINT), 403, "Thiếu quyền trên TikTok"),
        (Scripted("code", 40100, endpoint=TOKEN_ENDPOINT), 503, "TikTok đang bận"),
        (Scripted("code", 50000, endpoint=TOKEN_ENDPOINT), 503, "TikTok chưa trả lời"),
        (Scripted("http", http_status=502, endpoint=TOKEN_ENDPOINT), 503, "TikTok chưa trả lời"),
        (Scripted("reset", endpoint=TOKEN_ENDPOINT), 503, "TikTok chưa trả lời"),
        (Scripted("code", 40101, endpoint=TOKEN_ENDPOINT), 502, "TikTok không chấp nhận yêu cầu"),
    ],
)
async def test_each_failure_of_the_exchange_has_its_page(
    seller: Seller, sandbox: Sandbox, scripted: Scripted, status: int, title: str
) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    sandbox.script(scripted)
    html = await told(await seller.come_back(query), status)
    assert title in html
    assert f'href="{ROOT}/pages/{PAGE}/connect"' in html


async def test_a_code_of_another_app_is_refused(seller: Seller, sandbox: Sandbox) -> None:
    query = await seller.at_tiktok(await seller.leave_for_tiktok())
    code = sandbox.directory.allow("another-app", sandbox.now())
    assert (await seller.come_back(query | {"auth_code": code})).status == 410


async def test_the_ad_accounts_are_listed_by_name(seller: Seller, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Đầm xinh Ads", OTHER: "<b>Giày</b>"})
    await seller.authorise()
    html = await seller.see("connect/advertiser")
    assert "Đầm xinh Ads" in html
    assert "&lt;b&gt;Giày&lt;/b&gt;" in html
    assert " checked" not in html


async def test_one_ad_account_is_chosen_beforehand(seller: Seller) -> None:
    await seller.authorise()
    assert (await seller.see("connect/advertiser")).count(" checked") == 1


async def test_many_ad_accounts_can_be_searched(seller: Seller, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({str(7_420_000_000_000_001_000 + n): f"Shop {n:03d}" for n in range(120)})
    await seller.authorise()
    assert (await seller.see("connect/advertiser")).count('name="advertiser_id"') == 50
    found = await seller.see("connect/advertiser?q=shop%20117")
    assert found.count('name="advertiser_id"') == 1
    assert "Không tìm thấy" in await seller.see("connect/advertiser?q=nothing")


async def test_no_ad_account_is_said_plainly(seller: Seller, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent()
    await seller.authorise()
    html = await seller.see("connect/advertiser", 409)
    assert "Chưa có tài khoản quảng cáo nào" in html


async def test_a_missing_permission_is_said_plainly(seller: Seller, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Ads"}, frozenset({"report", "event_sets"}))
    await seller.authorise()
    assert "Thiếu quyền trên TikTok" in await seller.see("connect/advertiser", 403)


async def test_a_tiktok_that_is_down_can_be_asked_again(seller: Seller, sandbox: Sandbox) -> None:
    await seller.authorise()
    sandbox.script(Scripted("code", 50000, endpoint=LIST_ENDPOINT))
    html = await seller.see("connect/advertiser", 503)
    assert f'href="{ROOT}/pages/{PAGE}/connect/advertiser"' in html
    assert "Đầm xinh Ads" in await seller.see("connect/advertiser")


async def test_names_beside_the_list_are_only_nice_to_have(seller: Seller, sandbox: Sandbox) -> None:
    await seller.authorise()
    sandbox.script(Scripted("http", http_status=404, endpoint="/advertiser/info/"))
    assert "Đầm xinh Ads" in await seller.see("connect/advertiser")


@pytest.mark.parametrize("advertiser_id", ["", OTHER, "7000000000000000001"])
async def test_only_an_ad_account_of_the_list_is_taken(seller: Seller, advertiser_id: str) -> None:
    await seller.authorise()
    response = await seller.post("connect/advertiser", advertiser_id=advertiser_id)
    assert "Hãy chọn một tài khoản" in await told(response, 400)


@pytest.mark.parametrize("step", ["connect/advertiser", "connect/event-set", "connect/choice"])
async def test_no_step_can_be_reached_without_the_one_before(seller: Seller, step: str) -> None:
    for answer in (
        await seller.service.client.get(f"{ROOT}/pages/{PAGE}/{step}", allow_redirects=False),
        await seller.post(step, event_set="create", complete_payment_on="order_confirmed"),
    ):
        assert (answer.status, answer.headers["Location"]) == (303, f"{ROOT}/pages/{PAGE}/connect")


STEPS = ["authorise", "connect/advertiser", "connect/event-set", "connect/choice"]


@pytest.mark.parametrize("step", STEPS)
async def test_another_stores_page_does_not_exist(seller: Seller, step: str) -> None:
    assert (await seller.post(step, "999")).status == 404


@pytest.mark.parametrize("step", STEPS)
async def test_no_step_is_taken_without_the_forms_token(seller: Seller, step: str) -> None:
    seller.csrf = "forged"
    assert (await seller.post(step)).status == 403


@pytest.mark.parametrize("step", STEPS)
async def test_who_may_only_look_cannot_connect(seller: Seller, step: str) -> None:
    await seller.come_in(role="staff")
    assert (await seller.post(step)).status == 403
    if step != "authorise":
        await seller.see(step, 403)


async def test_the_way_of_one_page_is_not_the_way_of_another(seller: Seller) -> None:
    await seller.choose_advertiser()
    response = await seller.service.client.get(f"{ROOT}/pages/901/connect/event-set", allow_redirects=False)
    assert response.headers["Location"] == f"{ROOT}/pages/901/connect"


async def test_no_page_shows_a_secret(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    (token,) = (token for token, account in sandbox.accounts.items() if ADVERTISER in account.advertiser_ids)
    for step in ("connect/advertiser", "connect/event-set"):
        html = await seller.see(step)
        assert token not in html
        assert "tiktok-app-secret" not in html
        assert seller.cookie() not in html


class TestAuthorisingAgain:
    """A withdrawn connection that is authorised again."""

    async def withdrawn(self, seller: Seller, **changes: object) -> Service:
        """Connect the page, and let TikTok refuse its token."""
        service = seller.service
        await service.connect(PAGE, advertiser_id=ADVERTISER, complete_payment_on="order_shipped", **changes)
        known = await seller.connection()
        await self.withdrawn_by_tiktok(seller)
        assert known.authorised
        return service

    async def withdrawn_by_tiktok(self, seller: Seller) -> None:
        """Let TikTok refuse the page's token."""
        await seller.service.parts.store.hset(f"connection:{{{partition(PAGE):02d}}}:{PAGE}", "authorised", "no")

    async def test_keeps_event_set_and_choice(self, seller: Seller, sandbox: Sandbox) -> None:
        await self.withdrawn(seller)
        sandbox.directory.event_sets.append(MessageEventSet(EVENT_SET, "ours", "", ADVERTISER, PAGE))
        known = await seller.connection()
        await seller.authorise()
        assert "được giữ nguyên" in await seller.see("connect/advertiser")
        leads_to = await seller.go("connect/advertiser", advertiser_id=ADVERTISER)
        assert leads_to == f"{ROOT}/pages/{PAGE}/connect/done?notice=authorised_again"
        renewed = await seller.connection()
        assert renewed.authorised
        assert renewed.access_token != known.access_token
        assert (renewed.event_set_id, renewed.complete_payment_on) == (EVENT_SET, "order_shipped")
        assert renewed.choices == known.choices

    async def test_undoes_no_pause(self, seller: Seller, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        service = await self.withdrawn(seller)
        sandbox.directory.event_sets.append(MessageEventSet(EVENT_SET, "ours", "", ADVERTISER, PAGE))
        await seller.authorise()
        seller.meanwhile(monkeypatch, lambda: service.parts.connections.pause(PAGE, 0))
        await seller.go("connect/advertiser", advertiser_id=ADVERTISER)
        assert (await seller.connection()).paused

    async def test_sends_what_waited(self, seller: Seller, sandbox: Sandbox) -> None:
        """On Redis nobody sends in these tests: there the page is due at once."""
        service = await self.withdrawn(seller)
        await service.parts.connections.read(PAGE)
        await service.whole_story()
        sandbox.directory.event_sets.append(MessageEventSet(EVENT_SET, "ours", "", ADVERTISER, PAGE))
        due = f"due:{{{partition(PAGE):02d}}}"

        async def is_due() -> bool:
            at = await service.parts.store.zscore(due, PAGE)
            return at is not None and at <= time.time() * 1000 + 1000

        async def is_held() -> bool:
            return not await is_due()

        if service.parts.settings.embedded:
            await eventually(is_held)
        else:
            await service.parts.store.zrem(due, PAGE)
        await seller.authorise()
        assert "đang chờ sẽ được gửi" in await seller.see("connect/advertiser")
        assert sandbox.accepted == []
        await seller.go("connect/advertiser", advertiser_id=ADVERTISER)
        if service.parts.settings.embedded:
            await service.sent(3)
        else:
            assert await is_due()

    async def test_needs_another_token(self, seller: Seller, sandbox: Sandbox) -> None:
        """Who began with the one that TikTok has withdrawn since brings none, even if it still lists their accounts."""
        sandbox.directory.event_sets.append(MessageEventSet(EVENT_SET, "ours", "", ADVERTISER, PAGE))
        sandbox.accounts[TOKEN] = Account(TOKEN, (ADVERTISER,), (EVENT_SET,))
        await seller.service.connect(PAGE, advertiser_id=ADVERTISER)
        await seller.see("change/advertiser")
        await self.withdrawn_by_tiktok(seller)
        assert "được giữ nguyên" not in await seller.see("connect/advertiser")
        leads_to = await seller.go("connect/advertiser", advertiser_id=ADVERTISER)
        assert leads_to == f"{ROOT}/pages/{PAGE}/connect/event-set"
        assert not (await seller.connection()).authorised

    async def test_stays_withdrawn_where_the_new_token_may_not_send(self, seller: Seller, sandbox: Sandbox) -> None:
        await self.withdrawn(seller)
        sandbox.directory.consent = Consent({ADVERTISER: "Ads"}, frozenset({"advertiser_info", "event_sets"}))
        await seller.authorise()
        assert (await seller.post("connect/advertiser", advertiser_id=ADVERTISER)).status == 403
        assert not (await seller.connection()).authorised

    async def test_with_another_ad_account_goes_on_to_its_event_set(self, seller: Seller, sandbox: Sandbox) -> None:
        await self.withdrawn(seller)
        sandbox.directory.consent = Consent({OTHER: "Other"})
        await seller.authorise()
        html = await seller.see("connect/advertiser")
        assert "được giữ nguyên" not in html
        leads_to = await seller.go("connect/advertiser", advertiser_id=OTHER)
        assert leads_to == f"{ROOT}/pages/{PAGE}/connect/event-set"

    async def test_another_stores_connection_is_neither_shown_nor_kept(self, seller: Seller) -> None:
        await self.withdrawn(seller, store_id="2000")
        await seller.authorise()
        assert "được giữ nguyên" not in await seller.see("connect/advertiser")
        leads_to = await seller.go("connect/advertiser", advertiser_id=ADVERTISER)
        assert leads_to == f"{ROOT}/pages/{PAGE}/connect/event-set"
