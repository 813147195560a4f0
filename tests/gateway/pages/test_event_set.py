"""The page's event set: found before made, made once, typed in where TikTok lets us do neither."""

import asyncio

import pytest

from actors import makings
from gateway import event_sets
from gateway.sandbox import Consent, MessageEventSet, Sandbox, Scripted
from tests.gateway.pages.connecting import ADVERTISER, Seller
from tests.gateway.pages.visiting import ROOT
from tests.gateway.web import PAGE
from tests.waiting import eventually

OURS = f"Haravan_CTM_Messenger_{PAGE}"
FIND, CREATE = "/ctm/message_event_set/get/", "/ctm/create/"
CHOICE = f"{ROOT}/pages/{PAGE}/connect/choice"
WITHOUT_EVENT_SETS = Consent({ADVERTISER: "Ads"}, frozenset({"report", "advertiser_info"}))


def known(sandbox: Sandbox, event_set_id: str, name: str, page_id: str = "") -> None:
    """Have an event set at TikTok."""
    sandbox.directory.event_sets.append(MessageEventSet(event_set_id, name, "", ADVERTISER, page_id))


async def created(sandbox: Sandbox) -> list[str]:
    """Return the names of all event sets at TikTok."""
    return [each.message_event_name for each in sandbox.directory.event_sets]


async def test_where_there_is_none_one_is_made_with_our_name(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    assert OURS in await seller.see("connect/event-set")
    assert await seller.go("connect/event-set", event_set="create") == CHOICE
    (made,) = sandbox.directory.event_sets
    assert (made.message_event_name, made.advertiser_id, made.messaging_app_account_id) == (OURS, ADVERTISER, PAGE)


async def test_the_one_tiktok_matched_is_adopted_whatever_its_name(seller: Seller, sandbox: Sandbox) -> None:
    known(sandbox, "7100", "Something else", PAGE)
    known(sandbox, "7101", OURS)
    await seller.choose_advertiser()
    html = await seller.see("connect/event-set")
    assert "Something else" in html
    assert "TikTok đã có bộ sự kiện cho trang này" in html
    assert (await seller.post("connect/event-set", event_set="7101")).status == 400
    assert await seller.go("connect/event-set", event_set="7100") == CHOICE


async def test_creating_where_one_is_matched_adopts_that(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    known(sandbox, "7100", "Made in between", PAGE)
    assert await seller.go("connect/event-set", event_set="create") == CHOICE
    assert await created(sandbox) == ["Made in between"]
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert (await seller.connection()).event_set_id == "7100"


async def test_an_existing_one_can_be_chosen(seller: Seller, sandbox: Sandbox) -> None:
    known(sandbox, "7100", "Old set")
    await seller.choose_advertiser()
    html = await seller.see("connect/event-set")
    assert "Old set" in html
    assert 'value="create"' in html
    assert await seller.go("connect/event-set", event_set="7100") == CHOICE
    assert await created(sandbox) == ["Old set"]


async def test_one_with_exactly_our_name_is_taken_instead_of_making_another(seller: Seller, sandbox: Sandbox) -> None:
    known(sandbox, "7100", f"{OURS}0")
    known(sandbox, "7101", OURS)
    await seller.choose_advertiser()
    assert 'value="7101" required checked' in await seller.see("connect/event-set")
    await seller.go("connect/event-set", event_set="create")
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert (await seller.connection()).event_set_id == "7101"
    assert len(sandbox.directory.event_sets) == 2


@pytest.mark.parametrize("event_set", ["", "7999", "<script>"])
async def test_only_what_is_offered_can_be_chosen(seller: Seller, sandbox: Sandbox, event_set: str) -> None:
    known(sandbox, "7100", "Old set")
    await seller.choose_advertiser()
    response = await seller.post("connect/event-set", event_set=event_set)
    assert response.status == 400
    assert "Hãy chọn một mục" in await response.text()


async def test_clicking_create_many_times_makes_one(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    places = await asyncio.gather(*(seller.go("connect/event-set", event_set="create") for _ in range(6)))
    assert set(places) == {CHOICE}
    assert await created(sandbox) == [OURS]


async def test_creating_again_later_makes_no_second(seller: Seller, sandbox: Sandbox) -> None:
    """Even where TikTok does not list a new set at once."""
    await seller.choose_advertiser()
    await seller.go("connect/event-set", event_set="create")
    (made,) = sandbox.directory.event_sets
    sandbox.directory.event_sets.clear()
    sandbox.directory.event_sets.append(MessageEventSet(made.message_event_set_id, "hidden", "", ADVERTISER))
    await seller.go("connect/event-set", event_set="create")
    assert len(sandbox.directory.event_sets) == 1


@pytest.mark.parametrize(
    "scripted",
    [
        Scripted("reset", commit=True, endpoint=CREATE),
        Scripted("code", 50002, commit=True, endpoint=CREATE),
        Scripted("http", http_status=504, commit=True, endpoint=CREATE),
        Scripted("code", 0, "OK", commit=True, endpoint=CREATE),
    ],
    ids=["cut", "SYS_TIMEOUT", "504", "an answer without an id"],
)
async def test_a_set_made_without_a_word_is_found(seller: Seller, sandbox: Sandbox, scripted: Scripted) -> None:
    await seller.choose_advertiser()
    sandbox.script(scripted)
    assert await seller.go("connect/event-set", event_set="create") == CHOICE
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert (await seller.connection()).event_set_id == sandbox.directory.event_sets[0].message_event_set_id
    assert await created(sandbox) == [OURS]


async def test_while_nobody_knows_whether_it_was_made_nobody_makes_another(
    seller: Seller, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_sets, "PATIENCE_S", 0.2)
    await seller.choose_advertiser()
    sandbox.script(Scripted("reset", endpoint=CREATE))
    for _ in range(2):
        response = await seller.post("connect/event-set", event_set="create")
        html = await response.text()
        assert response.status == 503
        assert "TikTok đang tạo bộ sự kiện" in html
        assert f"{ROOT}/pages/{PAGE}/connect/event-set" in html
    assert sandbox.directory.event_sets == []
    # It comes to light, and is found by whoever looks again.
    known(sandbox, "7100", OURS, PAGE)
    assert await seller.go("connect/event-set", event_set="create") == CHOICE


async def test_when_the_lease_is_over_it_is_made(
    seller: Seller, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(makings, "LEASE_MS", 300)
    await seller.choose_advertiser()
    sandbox.script(Scripted("reset", endpoint=CREATE))
    assert (await seller.post("connect/event-set", event_set="create")).status == 503
    assert await seller.go("connect/event-set", event_set="create") == CHOICE
    assert await created(sandbox) == [OURS]


@pytest.mark.parametrize("code", [40100, 40133])
async def test_a_throttled_creation_can_be_repeated_at_once(seller: Seller, sandbox: Sandbox, code: int) -> None:
    await seller.choose_advertiser()
    sandbox.script(Scripted("code", code, endpoint=CREATE))
    assert (await seller.post("connect/event-set", event_set="create")).status == 503
    assert await seller.go("connect/event-set", event_set="create") == CHOICE


async def test_where_it_may_not_be_made_an_id_can_be_typed_in(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    sandbox.script(Scripted("code", 40125, endpoint=CREATE))
    response = await seller.post("connect/event-set", event_set="create")
    assert 'name="typed"' in await response.text()
    known(sandbox, "7351234567890123456", "made by hand")
    assert (await seller.post("connect/event-set", typed="made by hand")).status == 400
    assert await seller.go("connect/event-set", typed="7351234567890123456") == CHOICE
    await seller.go("connect/choice", complete_payment_on="order_confirmed")
    assert (await seller.connection()).event_set_name == "made by hand"


class TestTypingIn:
    """TikTok does not let the app manage event sets."""

    async def test_an_id_of_ours_is_taken(self, seller: Seller, sandbox: Sandbox) -> None:
        sandbox.directory.consent = WITHOUT_EVENT_SETS
        known(sandbox, "7351234567890123456", "made by hand")
        await seller.choose_advertiser()
        assert "Hãy nhập mã bộ sự kiện" in await seller.see("connect/event-set")
        assert await seller.go("connect/event-set", typed=" 7351234567890123456 ") == CHOICE

    @pytest.mark.parametrize("typed", ["", "abc", "735123456789012345x", "1" * 40, "٧٣٥١٢٣٤٥٦"])
    async def test_what_is_no_id_is_refused_beside_the_field(
        self, seller: Seller, sandbox: Sandbox, typed: str
    ) -> None:
        sandbox.directory.consent = WITHOUT_EVENT_SETS
        await seller.choose_advertiser()
        response = await seller.post("connect/event-set", typed=typed)
        html = await response.text()
        assert response.status == 400
        assert 'aria-invalid="true"' in html
        assert "chỉ gồm chữ số" in html

    @pytest.mark.parametrize("code", [40008, 40400, 40002])
    async def test_also_where_the_endpoint_is_another(self, seller: Seller, sandbox: Sandbox, code: int) -> None:
        """Its path is a guess: see the wire profile."""
        await seller.choose_advertiser()
        sandbox.script(Scripted("code", code, endpoint=FIND))
        assert 'name="typed"' in await seller.see("connect/event-set")

    async def test_a_foreign_set_is_refused(self, seller: Seller, sandbox: Sandbox) -> None:
        """As far as TikTok tells: a permission that is missing."""
        sandbox.directory.consent = WITHOUT_EVENT_SETS
        await seller.choose_advertiser()
        sandbox.script(Scripted("code", 40001))
        response = await seller.post("connect/event-set", typed="7351234567890123456")
        assert response.status == 400
        assert "không cho gửi sự kiện vào bộ này" in await response.text()


async def test_a_permission_to_report_that_is_missing_is_found_out(seller: Seller, sandbox: Sandbox) -> None:
    sandbox.directory.consent = Consent({ADVERTISER: "Ads"}, frozenset({"event_sets", "advertiser_info"}))
    await seller.choose_advertiser()
    response = await seller.post("connect/event-set", event_set="create")
    assert response.status == 400
    html = await response.text()
    assert "Báo cáo sự kiện chuyển đổi" in html
    assert f'href="{ROOT}/pages/{PAGE}/connect"' in html
    assert "TikTok đã có bộ sự kiện cho trang này" in html
    assert sandbox.accepted == []


async def test_a_dead_token_leads_to_another_authorisation(seller: Seller, sandbox: Sandbox) -> None:
    await seller.choose_advertiser()
    sandbox.accounts.clear()
    html = await seller.see("connect/event-set", 410)
    assert f'href="{ROOT}/pages/{PAGE}/connect"' in html


async def test_an_ad_account_of_many_pages_says_so(seller: Seller) -> None:
    await seller.choose_advertiser()
    assert "nhiều trang" not in await seller.see("connect/event-set")
    await seller.service.connect("901", advertiser_id=ADVERTISER)
    assert "1 trang khác cũng" in await seller.see("connect/event-set")
    await seller.service.connect("902", advertiser_id=ADVERTISER, store_id="2000")
    html = await seller.see("connect/event-set")
    assert "2 trang khác cũng" in html
    assert "1 trang trong số đó thuộc cửa hàng khác" in html
    await seller.service.connect("902", advertiser_id="7000000000000000001", store_id="2000")
    assert "1 trang khác cũng" in await seller.see("connect/event-set")


async def test_the_matched_one_cannot_be_typed_over(seller: Seller, sandbox: Sandbox) -> None:
    known(sandbox, "7100000", "matched", PAGE)
    await seller.choose_advertiser()
    assert (await seller.post("connect/event-set", typed="7351234567890123456")).status == 400


async def test_it_speaks_english(seller: Seller) -> None:
    await seller.choose_advertiser()
    assert "The page&#39;s event set" in await seller.see("connect/event-set?lang=en")


async def test_whoever_comes_second_waits_for_the_first(seller: Seller, sandbox: Sandbox) -> None:
    """The first hangs at TikTok while the second asks: one set, and both go on."""
    await seller.choose_advertiser()
    sandbox.script(Scripted("code", 50000, endpoint=FIND))
    assert (await seller.post("connect/event-set", event_set="create")).status == 503
    both = [asyncio.create_task(seller.go("connect/event-set", event_set="create")) for _ in range(2)]
    await eventually(lambda: all(task.done() for task in both))
    assert [task.result() for task in both] == [CHOICE, CHOICE]
    assert await created(sandbox) == [OURS]
