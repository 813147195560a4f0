"""Failures that are the same as one problem, and sending many events again: how many first, then with a reason."""

import re

import pytest

from actors.views import EventFilter, EventRow
from gateway.sandbox import Sandbox, Scripted
from gateway.support import paths
from rules.catalogue import Language
from rules.times import DAY_MS, MINUTE_MS
from tests.gateway.pages.visiting import csrf_of
from tests.gateway.service import Service, click, order, said
from tests.gateway.support.test_conversation import shown
from tests.gateway.support.test_deliveries import entries
from tests.gateway.support.visiting import ROOT, audit, come_in, see
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.waiting import eventually

OTHER = "901"
LOG = f"/pages/{PAGE}/deliveries"
PROBLEM = "/problems/40002"


async def events(service: Service, page_id: str = PAGE) -> list[EventRow]:
    """Return the events of a page."""
    return list((await service.parts.views.events(page_id, EventFilter())).events)


async def reject(service: Service, sandbox: Sandbox, number: int = 2, page_id: str = PAGE, code: int = 40002) -> None:
    """Let TikTok refuse an event of each of so many customers of a page, one after the other."""
    before = len(await events(service, page_id))
    for each in range(number):
        sandbox.script(Scripted("code", code, "Invalid value: event_time"))
        psid = f"{page_id}-{before + each}"
        await service.messenger(now() - MINUTE_MS, click(), said("m1"), psid=psid, page_id=page_id)
        await ended(service, "rejected", before + each + 1, page_id)


async def ended(service: Service, status: str, number: int, page_id: str = PAGE) -> None:
    """Wait until so many events of the page have come to this state."""

    async def are() -> bool:
        return sum(each.status == status for each in await events(service, page_id)) == number

    await eventually(are)


async def resend(service: Service, path: str, why: str = "mended") -> tuple[int, str]:
    """Press the button of an estimate, and return what comes."""
    data = {"csrf": csrf_of(await see(service, path)), "why": why}
    async with service.client.post(ROOT + path, data=data) as response:
        return response.status, shown(await response.text())


async def test_without_failures_there_is_no_problem(service: Service) -> None:
    await come_in(service, lang="en")
    assert "No problems" in await see(service, "/problems")
    assert (await audit(service))[0].action == "problems"


async def test_identical_failures_are_one_problem_with_its_count_its_pages_and_what_to_do(
    sending: Service, sandbox: Sandbox
) -> None:
    for page_id in (PAGE, OTHER):
        await sending.connect(page_id)
    await reject(sending, sandbox)
    await reject(sending, sandbox, 1, OTHER)
    await reject(sending, sandbox, 1, OTHER, code=40006)
    await come_in(sending, lang="en")
    html = await see(sending, "/problems")
    first, second = (shown(each) for each in re.findall(r'(?s)<li class="card stack">(.*?)</li>', html))
    assert "Problem 40006 1 event " in first
    assert "Problem 40002 3 events " in second
    assert re.search(r"What to do: .+ First seen .+ UTC\+7 Last seen .+ UTC\+7 Pages affected 2", second)
    assert f'href="{paths.problem("40002")}"' in html


async def test_a_problem_shows_each_page_with_a_sample_and_leads_on(sending: Service, sandbox: Sandbox) -> None:
    for page_id in (PAGE, OTHER):
        await sending.connect(page_id)
    await reject(sending, sandbox)
    await reject(sending, sandbox, 1, OTHER)
    await come_in(sending, lang="en")
    html = await see(sending, PROBLEM)
    one, two = entries(html)
    assert re.search(r"1 event 901 First seen .* Invalid value: event_time request_id \S+", one)
    assert re.search(r"2 events 900 First seen .* Invalid value: event_time request_id \S+", two)
    (sample,) = await events(sending, OTHER)
    for address in (
        paths.page(PAGE),
        paths.delivery(OTHER, sample.event_id),
        paths.conversation(OTHER, sample.psid),
        paths.problem("40002", "resend"),
        f"{paths.problem('40002', 'resend')}?page_id=901",
    ):
        assert f'href="{address}"' in html
    assert ((await audit(sending))[0].action, (await audit(sending))[0].detail) == ("problem", "40002")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("vi", "Ví dụ: Gửi Initiate Order tới TikTok"), ("en", "For example: Delivery of Initiate Order")],
)
async def test_a_sample_bears_the_name_that_tiktok_gives_its_event(
    sending: Service, sandbox: Sandbox, lang: Language, words: str
) -> None:
    await sending.connect()
    at = now() - MINUTE_MS
    await sending.messenger(at, click())
    sandbox.script(Scripted("code", 40002, "Invalid value: event_time"))
    await sending.order(order(42, at + 1_000))
    await ended(sending, "rejected", 1)
    await come_in(sending, lang=lang)
    assert words in entries(await see(sending, PROBLEM))[0]


async def test_a_problem_that_is_over_is_still_explained_but_nonsense_is_not_found(service: Service) -> None:
    await come_in(service, lang="en")
    assert "No event has this problem any more" in await see(service, "/problems/40105")
    assert "No event has this problem any more" in await see(service, "/problems/http_502")
    for name in ("0909090909", "%3Cb%3E", "nonsense", "-40002"):
        await see(service, f"/problems/{name}", 404)
        await see(service, f"/problems/{name}/resend", 404)
    assert "0909090909" not in str(await audit(service))


async def test_the_estimate_says_how_many_match_how_many_go_and_why_the_rest_is_refused(
    sending: Service, sandbox: Sandbox
) -> None:
    await sending.connect()
    await reject(sending, sandbox, 2)
    await sending.messenger(now() - 8 * DAY_MS, click(), said("m1"), psid="7102")
    await ended(sending, "expired_unsent", 1)
    await come_in(sending, lang="en")
    told = shown(await see(sending, f"{LOG}/resend"))
    assert "3 match. 2 will be sent again. 1 will be refused: It could not be sent within 7 days" in told
    assert "Send 2 events again" in told
    assert "1 matches. 0 will be sent again." in shown(await see(sending, f"{LOG}/resend?status=expired_unsent"))
    assert "There is nothing to send again." in await see(sending, f"{LOG}/resend?status=expired_unsent")
    assert [each.status for each in await events(sending)].count("rejected") == 2


@pytest.mark.parametrize("path", [f"{LOG}/resend", f"{LOG}/resend?status=rejected", f"{PROBLEM}/resend"])
async def test_all_that_match_are_sent_again_once_and_written_down_with_who_why_which_and_how_many(
    sending: Service, sandbox: Sandbox, path: str
) -> None:
    await sending.connect()
    await reject(sending, sandbox, 2)
    await come_in(sending, lang="en")
    status, text = await resend(sending, path, "TikTok mended its side")
    assert status == 200
    assert "2 match. 2 are queued." in text
    await ended(sending, "sent", 2)
    assert [each.duplicates for each in sandbox.accepted] == [0, 0]
    after, before = [line for line in await audit(sending) if line.why]
    assert (before.action, after.action) == ("resend_many", "resent_many")
    assert {(line.who, line.why) for line in (before, after)} == {("linh", "TikTok mended its side")}
    selected = "problem=40002" if "problems" in path else "page_id=900"
    assert selected in before.detail
    assert selected in after.detail
    assert "matching=2&resent=2" in after.detail
    assert "No problems" in await see(sending, "/problems")


async def test_pressing_twice_is_harmless(sending: Service, sandbox: Sandbox) -> None:
    await sending.connect()
    await reject(sending, sandbox, 2)
    await come_in(sending, lang="en")
    data = {"csrf": csrf_of(await see(sending, f"{PROBLEM}/resend")), "why": "mended"}
    titles = []
    for _ in range(3):
        async with sending.client.post(f"{ROOT}{PROBLEM}/resend", data=data) as response:
            assert response.status == 200
            titles += re.findall("<h1>(.*?)</h1>", await response.text())
    assert titles == ["Queued to be sent again", "Nothing was sent again", "Nothing was sent again"]
    await ended(sending, "sent", 2)
    assert [each.duplicates for each in sandbox.accepted] == [0, 0]


async def test_a_problem_can_be_sent_again_for_one_page_only(sending: Service, sandbox: Sandbox) -> None:
    for page_id in (PAGE, OTHER):
        await sending.connect(page_id)
        await reject(sending, sandbox, 1, page_id)
    await come_in(sending, lang="en")
    assert "1 matches." in shown(await see(sending, f"{PROBLEM}/resend?page_id={OTHER}"))
    await resend(sending, f"{PROBLEM}/resend?page_id={OTHER}")
    await ended(sending, "sent", 1, OTHER)
    assert [each.status for each in await events(sending)] == ["rejected"]


async def test_without_a_reason_nothing_is_sent_again(sending: Service, sandbox: Sandbox) -> None:
    await sending.connect()
    await reject(sending, sandbox, 1)
    await come_in(sending, lang="en")
    status, text = await resend(sending, f"{LOG}/resend", "  ")
    assert (status, "Say why." in text) == (400, True)
    assert [each.status for each in await events(sending)] == ["rejected"]
    assert not [line for line in await audit(sending) if line.action in {"resend_many", "resent_many"}]


async def test_the_rest_of_more_than_fit_is_offered(
    sending: Service, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.bulk_resend.MOST", 1)
    await sending.connect()
    await reject(sending, sandbox, 2)
    await come_in(sending, lang="en")
    assert "There are more" in await see(sending, f"{LOG}/resend")
    _, text = await resend(sending, f"{LOG}/resend")
    assert "1 is queued." in text
    assert "Go on" in text
