"""A page's events as its seller sees them: numbers, charts, the log, and the log as a file."""

import csv
import io
import re

import pytest

from actors import keys
from actors.sessions import CHANGING_ROLES
from actors.views import EventFilter
from gateway.pages.event_csv import BYTE_ORDER_MARK
from gateway.pages.event_log import badge, read_asked
from gateway.pages.words import PHRASES
from rules.catalogue import CATALOGUE, DELIVERY_CODES, Language
from rules.days import day
from rules.tallies import OBSTACLES
from rules.times import DAY_MS
from tests.gateway.pages.visiting import ROOT, STORE, come_in, see
from tests.gateway.service import Service, click, order, said
from tests.gateway.settling import never_known
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.stores import Store

EVENTS = f"/pages/{PAGE}/events"


def shown(html: str) -> str:
    """Return a page's text as a person reads it."""
    text = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<head.*?</head>", "", html))
    return re.sub(r"\s+", " ", text)


def log_of(html: str) -> list[str]:
    """Return the entries of the log as a person reads them."""
    return [shown(entry) for entry in re.findall(r'(?s)<li class="entry">(.*?)</li>', html)]


async def download(service: Service, query: str = "") -> list[list[str]]:
    """Return the lines of the file."""
    async with service.client.get(f"{ROOT}{EVENTS}.csv?{query}") as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.headers["Content-Disposition"].startswith('attachment; filename="tiktok-events-900')
        text = (await response.read()).decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text[1:])))


async def only_event(service: Service) -> str:
    """Return the id of the only event."""
    store: Store = service.parts.store
    (event_id,) = await store.zrange(keys.events(PAGE), 0, -1)
    return str(event_id.decode())


async def answered(service: Service, message: str) -> None:
    """Let TikTok have said something of the only event."""
    store: Store = service.parts.store
    await store.hset(keys.event(PAGE, await only_event(service)), "message", message)


async def story(service: Service, store_id: str = STORE) -> None:
    """Connect the page, paused, and let one customer go all the way."""
    await service.connect(store_id=store_id, paused=True)
    await service.whole_story()


async def test_the_charts_show_the_way_from_click_to_purchase_and_can_be_read_without_seeing(service: Service) -> None:
    await story(service)
    await come_in(service, lang="en")
    html = await see(service, EVENTS)
    for words in ("Ad clicks 1", "Conversation 1 100% of clicks", "Order created 1 100% of clicks"):
        assert words in shown(html).replace("Purchase 1", "")
    labelled = re.findall(r'aria-labelledby="([\w-]+)-title \1-desc"', html)
    assert len(labelled) == 5
    for each in labelled:
        assert f'<title id="{each}-title">' in html
        assert f'<desc id="{each}-desc">' in html
    assert re.search(r"Ad clicks by day, [\w ]+ to [\w ]+: 1 in all, at most 1 in a day\.", shown(html))
    assert '<table class="numbers" aria-label="Numbers by day">' in html


async def test_the_numbers_come_from_counters_not_from_the_log(service: Service) -> None:
    """However long the log is, the page reads a few hashes."""
    await story(service)
    store: Store = service.parts.store
    await store.delete(keys.events(PAGE))
    await come_in(service, lang="en")
    html = await see(service, EVENTS)
    assert "Conversation 1 100% of clicks" in shown(html)
    assert log_of(html) == []


async def test_what_did_not_count_is_shown_by_reason_with_what_to_do(service: Service) -> None:
    await service.connect()
    start = now() - 8 * DAY_MS
    await service.messenger(start, click(), said("m1"))
    await service.messenger(now() - 1_000, said("m2"), said("m3"))
    await come_in(service, lang="en")
    text = shown(await see(service, EVENTS))
    assert "More than 7 days after the click The customer has to come through the ad again. 2" in text
    assert "No ad click in this period yet." in text
    assert "Ad clicks 1" in shown(await see(service, f"{EVENTS}?period=30"))


async def test_each_event_is_told_under_both_names_with_reason_and_remedy(service: Service) -> None:
    await story(service)
    await come_in(service, lang="vi")
    entries = log_of(await see(service, EVENTS))
    assert len(entries) == 4
    (payment,) = [entry for entry in entries if "CompletePayment" in entry]
    order_name = "Đơn hàng #410593 (1225410593)"
    for words in ("Mua hàng", "trên TikTok: Shopping", order_name, "Trang đang tạm dừng", "Bật lại kết nối"):
        assert words in payment


@pytest.mark.parametrize(
    ("lang", "status", "sentence"),
    [
        ("vi", "Không rõ kết quả", "Có thể TikTok đã nhận, cũng có thể chưa; sự kiện không được gửi lại nữa"),
        ("en", "Outcome unknown", "TikTok may or may not have got it; it is not sent again"),
    ],
)
async def test_nobody_is_told_to_wait_for_what_was_given_up(
    service: Service, lang: Language, status: str, sentence: str
) -> None:
    """47 hours after an attempt that TikTok never answered; the log says so, and the file."""
    await service.connect(paused=True)
    await never_known(service)
    await come_in(service, lang=lang)
    html = await see(service, EVENTS)
    assert f'<span class="badge trouble">{status}</span>' in html
    assert sentence in log_of(html)[0]
    assert CATALOGUE["outcome_unknown"].wording(lang).sentence not in log_of(html)[0]
    assert any(sentence in cell for cell in (await download(service))[1])


@pytest.mark.parametrize("ended", [False, True])
def test_a_badge_says_wait_only_for_what_may_still_come(ended: bool) -> None:  # noqa: FBT001  a parameter of the test
    kinds = {status: badge(status, status, ended=ended) for status in DELIVERY_CODES}
    assert kinds["outcome_unknown"] == ("trouble" if ended else "waiting")
    assert (kinds["sent"], kinds["rejected"], kinds["expired_unsent"]) == ("good", "trouble", "off")
    assert badge("outcome_unknown", "page_paused", ended=False) == "paused"


async def test_times_are_vietnams_and_utc_is_one_look_away(service: Service) -> None:
    await service.connect(paused=True)
    at = now() - 5_000
    await service.messenger(at, click(), said("m1"))
    await come_in(service, lang="vi")
    html = await see(service, EVENTS)
    row = await service.parts.views.event(PAGE, await only_event(service))
    assert row is not None
    assert f'<time datetime="{row.event_at_utc}" title="{row.event_at_utc} (UTC)">' in html


async def test_the_log_is_filtered_by_day_event_and_status(service: Service) -> None:
    await story(service)
    yesterday = now() - DAY_MS
    await service.messenger(yesterday, click("tt-2"), said("m9"), psid="7102")
    await come_in(service, lang="en")

    async def found(query: str) -> int:
        return len(log_of(await see(service, f"{EVENTS}?{query}")))

    assert await found("") == 5
    assert await found("event=ValidConversation") == 1
    assert await found("event=Conversation") == 2
    assert await found("status=sent") == 0
    then = day(yesterday + 1_000)
    rows = (await service.parts.views.events(PAGE, EventFilter())).events
    assert await found(f"day={then}") == sum(day(row.event_at) == then for row in rows)
    assert await found(f"day={then}&event=Conversation&psid=7102") == 1
    assert await found(f"day={day(yesterday - 5 * DAY_MS)}") == 0
    assert "No such event" in await see(service, f"{EVENTS}?status=sent")


async def test_a_long_log_is_read_page_by_page(service: Service) -> None:
    await service.connect(paused=True)
    for number in range(30):
        await service.messenger(now() - 60_000, click(), said(f"m{number}"), psid=f"8{number}")
    await come_in(service, lang="en")
    first = await see(service, f"{EVENTS}?event=Conversation")
    onward = re.search(r'rel="next" href="([^"]+)#log"', first)
    assert onward is not None
    second = await see(service, onward[1].replace("&amp;", "&").removeprefix(ROOT))
    assert (len(log_of(first)), len(log_of(second))) == (25, 5)
    assert 'rel="next"' not in second
    assert "Newest" in second


async def test_a_full_page_with_which_the_log_ends_leads_no_further(service: Service) -> None:
    await service.connect(paused=True)
    for number in range(25):
        await service.messenger(now() - 60_000, click(), said(f"m{number}"), psid=f"8{number}")
    await come_in(service)
    html = await see(service, EVENTS)
    assert (len(log_of(html)), 'rel="next"' in html) == (25, False)


@pytest.mark.parametrize(
    "query",
    [
        "day=yesterday",
        "day=9999-12-31",
        "day=0001-01-01",
        "period=4",
        "after=%00",
        "after=Conversation-0",
        "event=x&status=y",
        "after=" + "a" * 500,
    ],
)
async def test_a_senseless_query_asks_for_nothing(service: Service, query: str) -> None:
    await service.connect()
    await come_in(service)
    assert "log" in await see(service, f"{EVENTS}?{query}")


async def test_the_file_has_every_event_that_the_filter_leaves(service: Service) -> None:
    await story(service)
    await come_in(service, lang="vi")
    head, *lines = await download(service)
    assert head[:5] == ["Thời gian (Việt Nam)", "Thời gian (UTC)", "Sự kiện", "Tên kỹ thuật", "Tên trên TikTok"]
    assert {line[3] for line in lines} == {"Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"}
    assert {line[5] for line in lines} == {"Đang chờ gửi"}
    assert [line[4] for line in (await download(service, "event=CompletePayment"))[1:]] == ["Shopping"]


async def test_the_file_is_complete_however_long_the_log(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.pages.events._AT_ONCE", 3)
    await service.connect(paused=True)
    for number in range(10):
        await service.messenger(now() - 60_000, click(), said(f"m{number}"), psid=f"8{number}")
    await come_in(service)
    lines = (await download(service))[1:]
    assert len({line[-2] for line in lines}) == len(lines) == 10


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
async def test_no_cell_of_the_file_is_a_formula(service: Service, evil: str) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    await answered(service, evil)
    await come_in(service)
    line = (await download(service))[1]
    assert f"'{evil}" in line
    assert not [cell for cell in line if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_what_came_from_outside_is_only_text_on_the_page(service: Service) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    await answered(service, "<script>alert(1)</script>")
    await come_in(service)
    html = await see(service, EVENTS)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_who_may_not_change_may_look(service: Service) -> None:
    await story(service)
    assert "marketer" not in CHANGING_ROLES
    await come_in(service, role="marketer")
    assert len(log_of(await see(service, EVENTS))) == 4
    assert len(await download(service)) == 5


@pytest.mark.parametrize("path", [EVENTS, f"{EVENTS}.csv"])
async def test_nobody_sees_another_stores_events(service: Service, path: str) -> None:
    """Neither a page that is not the store's, nor one that another store has connected."""
    await story(service, store_id="2000")
    await come_in(service)
    assert "CompletePayment" not in await see(service, path, status=409)
    await come_in(service, pages=[{"id": "901", "name": "B"}])
    await see(service, path, status=404)
    service.client.session.cookie_jar.clear()
    await see(service, path, status=401)


def test_every_reason_that_is_counted_and_every_status_has_words() -> None:
    assert {f"reason.{reason}" for reason in OBSTACLES} | {f"status.{code}" for code in DELIVERY_CODES} <= set(PHRASES)


def test_an_address_keeps_what_was_asked() -> None:
    asked = read_asked({"period": "30", "day": "2026-11-24", "event": "Conversation", "status": "sent", "after": "1-e"})
    assert read_asked(dict(pair.split("=") for pair in asked.query(after="2-e").split("&"))).after == "2-e"
    assert asked.query(day=None) == "period=30&event=Conversation&status=sent"


async def test_orders_are_shown_by_their_number_with_their_id_beside(service: Service) -> None:
    """An event that fired before the number was kept with it has the id alone."""
    await service.connect(paused=True)
    at = now() - 60_000
    await service.messenger(at, click())
    await service.order(order(42, at + 1_000))
    await come_in(service, lang="en")
    (entry,) = log_of(await see(service, EVENTS))
    assert entry.count("Order #000042 (42)") == 2
    head, line = await download(service)
    assert (head[-1], line[-1], line[head.index("Order")]) == ("Order number", "#000042", "42")

    await service.parts.store.hdel(keys.event(PAGE, await only_event(service)), "order_number")
    (entry,) = log_of(await see(service, EVENTS))
    assert "Order 42" in entry
    assert (await download(service))[1][-1] == ""
