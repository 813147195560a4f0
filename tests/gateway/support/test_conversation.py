"""One conversation as support sees it: who, in what state, the four events, and everything that happened."""

import re
from html import unescape

import msgspec
import pytest
from msgspec.structs import replace

from actors import keys
from actors.timeline import Delivered
from gateway.pages.words import PHRASES
from gateway.sandbox import Sandbox, Scripted
from gateway.support import paths
from gateway.support.conversation import ENTRIES
from gateway.time_zones import shop_time
from rules.catalogue import CATALOGUE, Language
from rules.facts import ConversationId
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, utc
from tests.gateway.pages.visiting import come_in as come_in_as_seller
from tests.gateway.service import Service, click, order, said
from tests.gateway.settling import never_known
from tests.gateway.support.visiting import audit, come_in, refusals, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store
from tests.waiting import eventually

HERE = f"/conversations/{PAGE}/{PSID}"
ORDER = 1225410593


def shown(html: str) -> str:
    """Return a page's text as a person reads it."""
    text = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<head.*?</head>", "", html))
    return re.sub(r"\s+", " ", unescape(text))


def checklist(html: str) -> str:
    """Return what the checklist says of the newest click and the newest order."""
    found = re.search(r'(?s)<div class="subjects" id="newest">(.*?)(?:<details|</section>)', html)
    assert found is not None
    return shown(found[1])


def entries(html: str, sort: str = "") -> list[str]:
    """Return the entries of the timeline, all or of one sort, as a person reads them when they are opened."""
    return [shown(each) for each in re.findall(rf'(?s)<li class="event-line {sort}.*?</details>', html)]


async def visit(service: Service, query: str = "") -> str:
    """Open the conversation, in English."""
    await come_in(service, lang="en")
    return await see(service, HERE + query)


async def test_it_says_whose_it_is_and_how_the_click_stands(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - HOUR_MS, said("m0"))
    assert "Conversation 7101" in shown(await visit(service))
    assert "No click" in shown(await visit(service))
    await service.messenger(now() - 8 * DAY_MS, click())
    assert "Click has run out" in shown(await visit(service))
    await service.messenger(now() - MINUTE_MS, click())
    html = await visit(service)
    assert "Click alive" in shown(html)
    assert f'href="{paths.page(PAGE)}"' in html


async def test_the_checklist_says_what_fired_or_the_one_thing_missing_and_until_when(service: Service) -> None:
    await service.connect(time_zone="Asia/Tokyo")
    await service.messenger(1_000 * (now() // 1_000) - MINUTE_MS, click(), said("m1"), said("m2", echo=True))
    told = checklist(await visit(service))
    assert re.search(r"Conversation (– Accepted by TikTok|– Fired, under way) Fired \d+ \w+ \d+, [\d:]+ JST", told)
    assert "2 of 5 messages of this click so far. Keep the conversation going. Can still happen until" in told
    assert re.search(r"until \d+ \w+ \d+, [\d:]+ JST .*?[\d:]+ UTC \(6 d 23 h left\)", told)
    assert "No order yet" in told
    assert told.count("No order has been created from this conversation yet. Create the order in HaraSocial.") == 2
    assert told.count("Can still happen until") == 3


async def test_what_can_no_longer_happen_has_no_time(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 8 * DAY_MS, click())
    told = checklist(await visit(service))
    assert told.count("The click is older than 7 days (8 d 0 h).") == 4
    assert told.count("Cannot fire any more") == 4
    assert "Can still happen" not in told


async def test_older_clicks_and_orders_are_folded(service: Service) -> None:
    await service.connect()
    start = now() - HOUR_MS
    await service.messenger(start, click("tt-first"))
    await service.order(order(1, start + 1_000))
    await service.messenger(start + MINUTE_MS, click("tt-second"))
    await service.order(order(2, start + MINUTE_MS + 1_000))
    html = await visit(service)
    assert "tt-second" in checklist(html)
    assert "tt-first" not in checklist(html)
    assert "Order #000002" in checklist(html)
    for name, inside in (("older-clicks", "tt-first"), ("older-orders", "#000001")):
        folded = re.search(rf'(?s)<details id="{name}">.*?</details>', html)
        assert folded is not None
        assert inside in folded[0]


async def test_a_pages_trouble_is_said_first_and_holds_what_fired(service: Service) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - MINUTE_MS, click(), said("m1"))
    html = await visit(service)
    assert html.index("The page is paused; its events wait") < html.index('id="checklist"')
    assert 'class="badge paused"' in html
    await service.parts.connections.delete(PAGE)
    html = shown(await visit(service))
    assert "The page is not connected to TikTok. Connect it under Integrations" in html


async def test_every_delivery_is_told_with_tiktoks_answer_and_leads_further(sending: Service, sandbox: Sandbox) -> None:
    await sending.connect(time_zone="Asia/Tokyo")
    sandbox.script(Scripted("code", code=50000, message="please wait"), Scripted("code", code=40002, message="no good"))
    at = now() - MINUTE_MS
    await sending.messenger(at, click(), said("m1"))

    async def is_rejected() -> bool:
        return "Rejected" in await visit(sending)

    await eventually(is_rejected)
    html = await visit(sending)
    told = checklist(html)
    assert "Attempts: 2" in told
    assert re.search(r"TikTok: 40002 no good request_id \w+ See the delivery", told)
    last, first = entries(html, "delivery")
    of_click = rf"\(click {shop_time('Asia/Tokyo').local(at, 'en')}\)"
    assert re.search(rf"attempt 1 {of_click} Trying again TikTok: 50000 please wait", first)
    assert re.search(rf"attempt 2 {of_click} Rejected TikTok: 40002 no good", last)
    assert "Click at click_at" in last
    assert re.search(r"What to do: See TikTok's code, mend the cause, then resend. rejected · Delivery to TikTok", last)
    assert re.search(r"TikTok's request id request_id \w{20}", last)
    assert html.count(f'href="{paths.delivery(PAGE, "Conversation-")}') == 3, "from the checklist, and both attempts"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", "Gửi Initiate Order tới TikTok, lần 1 (đơn hàng #{number})"),
        ("en", "Initiate Order to TikTok, attempt 1 (order #{number})"),
    ],
)
async def test_an_attempt_says_of_which_order_its_event_is(sending: Service, lang: Language, words: str) -> None:
    """Every order has an attempt of its own; by name and number of the attempt alone they are all alike."""
    await sending.connect()
    at = now() - MINUTE_MS
    await sending.messenger(at, click())
    for order_id in (1, 2):
        await sending.order(order(order_id, at + 1_000))
    await sending.sent(2)
    await come_in(sending, lang=lang)
    told = " ".join(entries(await see(sending, HERE), "delivery"))
    for number in ("000001", "000002"):
        assert told.count(words.format(number=number)) == 1


async def test_an_outcome_that_nobody_will_ever_know_is_no_reason_to_wait(service: Service) -> None:
    """47 hours after the attempt. Entries of earlier versions say so only by having no attempt."""
    await service.connect(paused=True)
    event_id = (await never_known(service)).event_id
    store: Store = service.parts.store
    tried = Delivered(now(), utc(now()), "Conversation", event_id, "outcome_unknown", "outcome_unknown", 1)
    for told in (tried, replace(tried, attempt=2, given_up=True), replace(tried, attempt=0)):
        await store.xadd(keys.timeline(ConversationId(PAGE, PSID)), {"entry": msgspec.json.encode(told)})
    sentence = "TikTok may or may not have got it; it is not sent again"
    html = await visit(service)
    assert "Conversation – Fired, given up" in checklist(html)
    assert f"Outcome unknown {sentence}" in checklist(html)
    end, last, first = re.findall(r'(?s)<li class="event-line delivery (\w+)"(.*?)</summary>(.*?)</details>', html)
    for kind, summary, more in (end, last):
        assert kind == "trouble"
        assert sentence in summary
        assert "Given up given_up Yes" in shown(more)
    assert first[0] == "waiting"
    assert sentence not in shown("".join(first))
    assert "Given up given_up No" in shown(first[2])


async def test_each_message_says_whether_it_counts_and_how_many_of_five_there_are(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 2 * MINUTE_MS, click(), *(said(f"m{n}", echo=n == 1) for n in range(6)), said("m5"))
    await service.messenger(now() - MINUTE_MS, {"postback": {"mid": "b", "title": "Menu", "payload": "MENU"}})
    told = [each for each in entries(await visit(service, "?order=oldest")) if "to TikTok, attempt" not in each]
    for words, entry in zip(
        (
            "The customer clicked the TikTok ad (ref tt-abc_1)",
            "Conversation fired Counted 1 of 5 messages",
            "Page The page wrote to the customer Counted 2 of 5 messages",
            "Counted 3 of 5 messages",
            "Counted 4 of 5 messages",
            "Counted 5 of 5 messages",
            "Valid Conversation fired Counted",
            "This was received before, so it changes nothing.",
            "The customer pressed a button Not counted The customer pressed a button or menu item",
        ),
        told,
        strict=True,
    ):
        assert words in entry


async def test_a_press_that_came_before_its_click_is_told_as_not_counted_and_why(service: Service) -> None:
    await service.connect()
    at = now() - MINUTE_MS
    await service.messenger(at + 1_000, {"postback": {"mid": "p", "title": "Go", "payload": "GET_STARTED"}})
    await service.messenger(at, click())
    (press,) = entries(await visit(service), "customer")
    assert "The customer pressed Get Started Not counted Conversation: The customer pressed Get Started before" in press
    assert "get_started_before_click · Rule 6: Get Started before the click" in press


async def test_an_entry_opens_to_the_facts_the_numbers_and_the_rule(service: Service) -> None:
    await service.connect()
    at = now() - 3 * MINUTE_MS
    await service.messenger(at, click(), said("m1"))
    opened = entries(await visit(service, "?order=oldest"))[1]
    assert "awaiting_messages · Rule 8: Five messages before it · messages so far: 1 · messages needed: 5" in opened
    assert re.search(rf"Happened at at \d+ \w+ \d+, [\d:]+ UTC\+7 [\w:, /]+ UTC {at + 1000} ", opened)
    assert re.search(r"Received at received_at \d+ \w+ \d+, [\d:]+ UTC\+7", opened)
    assert "Message id mid m1 Author author customer By way of via message By standby standby No" in opened
    assert "arrived 0 h 2 min later" in opened or "arrived 0 h 3 min later" in opened


async def test_an_order_says_what_it_waits_for(service: Service) -> None:
    await service.connect()
    start = now() - HOUR_MS
    await service.messenger(start, click())
    await service.order(order(ORDER, start + MINUTE_MS))
    await service.order(order(7, start - MINUTE_MS))
    second, first = entries(await visit(service), "order")
    assert "Order #410593: created Initiate Order fired Shopping: Waiting for the order to be confirmed." in first
    assert "Initiate Order: The order was created before every click, so it never counts." in second
    assert "order_before_click · Rule 9:" in second


async def test_nothing_that_somebody_wrote_or_is_called_is_shown(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    html = await visit(service)
    for secret in ("Chào shop", "0909090909", "+84909090909", "a@b.vn", "Đầm", "sha256"):
        assert secret not in html
    assert not re.search(r"(?<!\d)600[.,]?000(?!\d)", html), "what the order is worth"


async def test_a_long_timeline_is_read_a_hundred_at_a_time_from_either_end(service: Service) -> None:
    await service.connect(paused=True)
    start = now() - HOUR_MS
    await service.messenger(start, click(), *(said(f"m{n}", echo=n % 2 == 1) for n in range(ENTRIES + 30)))
    await come_in(service, lang="en")
    found: dict[str, list[str]] = {}
    for query in ("", "?order=oldest"):
        path, pages = HERE + query, []
        while path:
            html = await see(service, path)
            pages.append(re.findall(r'<li class="event-line[^"]*" id="([^"]+)"', html))
            following = re.search(r'rel="next" href="/support([^"]+?)#', html)
            path = following[1].replace("&amp;", "&") if following else ""
        assert [len(each) for each in pages] == [ENTRIES, 31]
        found[query] = [each for page in pages for each in page]
    assert len(set(found[""])) == ENTRIES + 31
    assert found[""] == found["?order=oldest"][::-1]


@pytest.mark.parametrize("query", ["?beyond=x", "?beyond=%27%22", "?order=sideways", "?beyond=1-1-1", "?beyond=0-0"])
async def test_a_query_that_makes_no_sense_shows_the_newest(service: Service, query: str) -> None:
    await service.connect()
    await service.messenger(now() - MINUTE_MS, click())
    assert len(entries(await visit(service, query))) == 1


async def test_a_conversation_without_a_click_says_that_it_has_no_timeline(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - MINUTE_MS, {"referral": {"ref": "other", "source": "ADS"}}, said("m1"))
    html = shown(await visit(service))
    assert "Only a conversation with a TikTok click has a timeline." in html
    assert "Latest link that was no TikTok click other ADS" in html
    assert "Messages that no click counts yet 1" in html


@pytest.mark.parametrize(("language", "words"), [("vi", "đến 9 ngày sau lượt nhấp cuối"), ("en", "until 9 days after")])
async def test_one_that_is_not_known_says_why_it_may_be_gone(service: Service, language: str, words: str) -> None:
    await service.connect()
    await come_in(service, lang=language)
    html = await see(service, "/conversations/900/nobody", 404)
    assert words in html
    assert f'href="{paths.page(PAGE)}"' in html
    (line, *_) = await audit(service)
    assert (line.action, line.page_id, line.psid) == ("conversation", PAGE, "nobody")


async def test_a_ref_cannot_bring_markup(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - MINUTE_MS, click('"><script>alert(1)</script>'))
    assert "<script>alert" not in await visit(service)


async def test_who_may_not_see_it_gets_403_and_a_line(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - MINUTE_MS, click())
    await come_in_as_seller(service)
    await see(service, HERE, 403)
    (line, *_) = await refusals(service)
    assert (line.page_id, line.psid, line.detail) == (PAGE, PSID, "role owner")


@pytest.mark.parametrize("rule", sorted({reason.rule for reason in CATALOGUE.values()}))
def test_every_rule_of_the_catalogue_has_a_title(rule: int) -> None:
    assert f"rule.{rule}" in PHRASES
