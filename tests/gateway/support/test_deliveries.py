"""The delivery log of a page, and the delivery of one event, as support sees them; and sending one event again."""

import re
from urllib.parse import unquote

import pytest

from actors import keys
from actors.views import Attempt, EventFilter, EventRow
from gateway.sandbox import Sandbox, Scripted
from gateway.support import paths
from gateway.support.deliveries import read_wanted
from gateway.support.troubles import trouble_of
from rules.catalogue import DELIVERY_CODES, DeliveryCode
from rules.codes import UNOPENED
from rules.days import day
from rules.times import DAY_MS, MINUTE_MS, utc
from tests.gateway.pages.visiting import csrf_of
from tests.gateway.service import Service, click, said
from tests.gateway.settling import fired, never_known, settle
from tests.gateway.support.test_conversation import shown
from tests.gateway.support.visiting import ROOT, audit, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.waiting import eventually

LOG = f"/pages/{PAGE}/deliveries"


def entries(html: str) -> list[str]:
    """Return the entries of a list as a person reads them."""
    return [shown(each) for each in re.findall(r'(?s)<li class="entry">(.*?)</li>', html)]


async def log(service: Service, query: str = "") -> list[str]:
    """Return the entries of the delivery log."""
    return entries(await see(service, f"{LOG}?{query}"))


async def rows(service: Service) -> list[EventRow]:
    """Return the events of the page, newest first."""
    return list((await service.parts.views.events(PAGE, EventFilter())).events)


async def given_up(service: Service, ago_ms: int = MINUTE_MS, psid: str = PSID) -> EventRow:
    """Let one event of a customer have been rejected, and return it."""
    row = await fired(service, psid, ago_ms)
    await settle(service, row.event_id, "rejected", settled_at=now(), settled_at_utc=utc(now()), code=40002, attempts=1)
    return row


def address(row: EventRow, *steps: str) -> str:
    """Return where a delivery is shown, below support's root."""
    return paths.delivery(PAGE, row.event_id, *steps).removeprefix(ROOT)


async def resend(service: Service, row: EventRow, why: str = "the token was mended") -> tuple[int, str]:
    """Press the button on the delivery's page, and return what comes."""
    data = {"csrf": csrf_of(await see(service, address(row))), "why": why}
    async with service.client.post(ROOT + address(row, "resend"), data=data) as response:
        return response.status, shown(await response.text())


async def test_what_nobody_will_ever_know_is_said_to_be_given_up(service: Service) -> None:
    await service.connect(paused=True)
    row = await never_known(service)
    await come_in(service, lang="en")
    for page in (LOG, address(row)):
        html = await see(service, page)
        assert '<span class="badge trouble">Outcome unknown</span>' in html
        assert "TikTok may or may not have got it; it is not sent again" in shown(html)


async def test_the_log_has_every_state_and_leads_to_each_delivery(service: Service) -> None:
    await service.connect(paused=True)
    for number, status in enumerate(DELIVERY_CODES):
        row = await fired(service, f"8{number}")
        await settle(service, row.event_id, status)
    await come_in(service, lang="en")
    told = await log(service)
    assert len(told) == len(DELIVERY_CODES)
    for number, status in enumerate(DELIVERY_CODES):
        (entry,) = await log(service, f"status={status}")
        assert f"{status} " in f"{entry} "
        assert f"PSID 8{number}" in entry
    html = await see(service, LOG)
    for row in await rows(service):
        assert f'href="{paths.delivery(PAGE, row.event_id)}"' in html
    assert (await audit(service))[0].action == "deliveries"


async def test_it_is_filtered_by_status_event_day_order_and_customer(service: Service) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    yesterday = now() - DAY_MS
    await service.messenger(yesterday, click("tt-2"), said("m9"), psid="7102")
    await come_in(service, lang="en")
    assert len(await log(service)) == 5
    assert len(await log(service, "event=Conversation")) == 2
    assert len(await log(service, "order_id=1225410593")) == 2
    assert len(await log(service, "psid=7102")) == 1
    assert len(await log(service, "psid=+7102+&event=ValidConversation")) == 0
    assert len(await log(service, f"day={day(yesterday + 1_000)}&psid=7102")) == 1
    assert len(await log(service, "status=sent")) == 0
    assert (await audit(service))[1].psid == "7102"


async def test_an_order_is_named_by_its_number_with_its_id_beside(service: Service) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    await come_in(service, lang="en")
    (purchase,) = await log(service, "event=CompletePayment")
    assert "Order #410593 (1225410593)" in purchase
    (row,) = [each for each in await rows(service) if each.event == "CompletePayment"]
    assert "Order #410593 (1225410593)" in shown(await see(service, address(row)))


async def test_a_long_log_is_read_page_by_page_and_keeps_its_filter(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.support.deliveries.LINES", 2)
    await service.connect(paused=True)
    for number in range(3):
        await service.messenger(now() - MINUTE_MS, click(), said("m1"), psid=f"8{number}")
    await come_in(service, lang="en")
    first = await see(service, f"{LOG}?event=Conversation")
    onward = re.search(r'rel="next" href="([^"]+)#log"', first)
    assert onward is not None
    assert "event=Conversation" in onward[1]
    second = await see(service, onward[1].replace("&amp;", "&").removeprefix(ROOT))
    assert (len(entries(first)), len(entries(second))) == (2, 1)


@pytest.mark.parametrize("query", ["day=9999-12-31", "status=x&event=y", "after=e-1", "psid=%3Cb%3E", "order_id=%00"])
async def test_a_senseless_query_brings_no_error(service: Service, query: str) -> None:
    await service.connect()
    await come_in(service)
    assert "<b>" not in await see(service, f"{LOG}?{query}")


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("", True),
        ("status=rejected", True),
        ("status=outcome_unknown", True),
        ("status=expired_unsent", True),
        ("status=sent", False),
        ("status=retrying", False),
        ("psid=1", False),
        ("order_id=1", False),
    ],
)
def test_all_that_match_can_be_sent_again_only_where_something_can_have_been_given_up(
    query: str, *, offered: bool
) -> None:
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    assert read_wanted(asked).may_be_sent_again is offered


async def test_what_holds_the_page_is_said_instead_of_a_next_attempt(service: Service) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - MINUTE_MS, click(), said("m1"))
    await come_in(service, lang="en")
    html = shown(await see(service, LOG))
    assert "The page is paused: its events wait" in html
    assert "Next attempt" not in html


async def test_a_page_that_left_is_shown_while_its_log_is_kept_and_another_is_not_found(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - MINUTE_MS, click(), said("m1"))
    await service.parts.connections.delete(PAGE)
    await come_in(service, lang="en")
    assert "The page is not connected" in await see(service, LOG)
    await see(service, "/pages/901/deliveries", 404)
    await see(service, "/deliveries/900/Conversation-0", 404)


async def test_a_delivery_tells_the_event_its_conversation_and_every_attempt_with_tiktoks_answer(
    sending: Service, sandbox: Sandbox
) -> None:
    sandbox.script(Scripted("http", http_status=502), Scripted("code", 40002, "Invalid phone +84901234567"))
    await sending.connect(time_zone="Asia/Tokyo")
    await sending.messenger(now() - MINUTE_MS, click(), said("m1"))

    async def rejected() -> bool:
        return (await rows(sending))[0].status == "rejected"

    await eventually(rejected)
    (row,) = await rows(sending)
    await come_in(sending, lang="en")
    html = await see(sending, address(row))
    last, first = entries(html)
    assert re.search(r"Attempt 2 Rejected TikTok's code 40002 · HTTP 200 Invalid phone .* request_id \S+", last)
    assert "84901234567" not in html
    assert re.search(r"JST .* UTC Attempt 1 Trying again .* HTTP 502", first)
    text = shown(html)
    for words in ("Rejected rejected", "tt-abc_1", row.event_id, str(row.request_id), "What 40002 means"):
        assert words in text
    assert f'href="{paths.conversation(PAGE, PSID)}"' in html
    assert f'href="{paths.problem("40002")}"' in html
    line = (await audit(sending))[0]
    assert (line.action, line.page_id, line.psid, line.event_id) == ("delivery", PAGE, PSID, row.event_id)


@pytest.mark.parametrize(
    ("status", "settled", "attempt", "name"),
    [
        ("queued", False, None, None),
        ("sent", True, Attempt(1, "", 1, "sent", "code", 0, 200), None),
        ("retrying", False, Attempt(1, "", 1, "retrying", "http_error", None, 502), "http_502"),
        ("outcome_unknown", False, Attempt(1, "", 1, "outcome_unknown", "cut"), "cut"),
        ("outcome_unknown", True, Attempt(1, "", 1, "outcome_unknown", "cut"), "outcome_unknown"),
        ("rejected", True, Attempt(1, "", 1, "rejected", "code", 40002, 200), "40002"),
        ("expired_unsent", True, None, "expired_unsent"),
        ("expired_unsent", True, Attempt(1, "", 1, "retrying", "not_sent"), "expired_unsent"),
    ],
)
def test_what_last_went_wrong_is_explained_as_its_problem(
    status: DeliveryCode, attempt: Attempt | None, name: str | None, *, settled: bool
) -> None:
    row = EventRow(
        event="Conversation",
        event_id="e",
        page_id=PAGE,
        psid=PSID,
        event_at=1,
        event_at_utc="",
        fired_at=1,
        fired_at_utc="",
        click_at=1,
        click_at_utc="",
        tracking_id="",
        status=status,
        reason=status,
        attempts=1,
        settled_at=1 if settled else None,
    )
    trouble = trouble_of(row, [attempt] if attempt else [])
    assert (trouble.name if trouble else None) == name


async def test_a_token_that_no_key_opens_is_explained_as_that(service: Service) -> None:
    """The page's reason speaks of TikTok's authorisation, which was not asked for."""
    await service.connect(paused=True)
    row = await given_up(service)
    held = {"reason": "authorisation_needed", "problem": UNOPENED}
    await settle(service, row.event_id, "queued", **held)
    await service.parts.store.hdel(keys.event(PAGE, row.event_id), "settled_at", "settled_at_utc", "code")
    await come_in(service, lang="en")
    for path in (address(row), paths.problem(UNOPENED).removeprefix(ROOT)):
        assert "cannot be opened with ENCRYPTION_KEYS" in shown(await see(service, path))
    await settle(service, row.event_id, "queued", problem=UNOPENED)
    assert "ENCRYPTION_KEYS" not in await see(service, address(row))


async def test_it_is_sent_again_with_a_reason_that_is_kept_with_who_gave_it(service: Service) -> None:
    await service.connect(paused=True)
    row = await given_up(service)
    await come_in(service, lang="en")
    status, text = await resend(service, row)
    assert status == 200
    assert "The event is queued to be sent again." in text
    after = await service.parts.views.event(PAGE, row.event_id)
    assert after is not None
    assert after.status == "queued"
    (line,) = [each for each in await audit(service) if each.action == "resend"]
    assert (line.who, line.why, line.page_id, line.event_id) == ("linh", "the token was mended", PAGE, row.event_id)


async def test_tiktok_gets_it_once_however_often_the_button_is_pressed(sending: Service, sandbox: Sandbox) -> None:
    sandbox.script(Scripted("code", 40002))
    await sending.connect()
    await sending.messenger(now() - MINUTE_MS, click(), said("m1"))

    async def rejected() -> bool:
        return (await rows(sending))[0].status == "rejected"

    await eventually(rejected)
    (row,) = await rows(sending)
    await come_in(sending, lang="en")
    data = {"csrf": csrf_of(await see(sending, address(row))), "why": "mended"}
    for _ in range(3):
        async with sending.client.post(ROOT + address(row, "resend"), data=data) as response:
            assert response.status in {200, 409}
    await sending.sent(1)
    assert [(each.event_id, each.duplicates) for each in sandbox.accepted] == [(row.event_id, 0)]


@pytest.mark.parametrize("why", ["", "  \n "])
async def test_without_a_reason_nothing_happens(service: Service, why: str) -> None:
    await service.connect(paused=True)
    row = await given_up(service)
    await come_in(service, lang="en")
    status, text = await resend(service, row, why)
    assert (status, "Say why." in text) == (400, True)
    assert (await rows(service))[0].status == "rejected"
    assert "resend" not in {line.action for line in await audit(service)}


async def test_what_waits_already_is_refused_with_the_reason(service: Service) -> None:
    await service.connect(paused=True)
    row = await given_up(service)
    await come_in(service, lang="en")
    data = {"csrf": csrf_of(await see(service, address(row))), "why": "mended"}
    assert (await resend(service, row))[0] == 200
    async with service.client.post(ROOT + address(row, "resend"), data=data) as response:
        assert response.status == 409
        assert "It is not sent again The page is paused; its events wait" in shown(await response.text())


async def test_what_can_no_longer_count_has_no_button_but_says_why(service: Service) -> None:
    await service.connect(paused=True)
    row = await given_up(service, 8 * DAY_MS)
    await come_in(service, lang="en")
    html = await see(service, address(row))
    assert "It can no longer be sent again. It could not be sent within 7 days" in shown(html)
    assert "<form" not in html.partition("<main")[2]


async def test_what_came_from_outside_is_only_text(service: Service) -> None:
    await service.connect(paused=True)
    row = await given_up(service)
    await settle(service, row.event_id, "rejected", message="<script>alert(1)</script>")
    await come_in(service)
    for path in (LOG, address(row)):
        html = await see(service, path)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_an_address_keeps_what_was_asked() -> None:
    wanted = read_wanted({"status": "rejected", "psid": " 7101 ", "order_id": "#1", "after": "1-e", "period": "30"})
    assert unquote(wanted.query(after="2-e")) == "status=rejected&order_id=#1&psid=7101&after=2-e"
