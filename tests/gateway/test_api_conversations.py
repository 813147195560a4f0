"""The API's view of one conversation: for every event whether it fired or why not, what happened, and forgetting it."""

from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from actors import keys
from rules.facts import ConversationId
from tests.gateway.service import ADMIN, Service, click, order, said
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store
from tests.waiting import eventually

PATH = f"/conversations/{PAGE}/{PSID}"
DAY = 86_400_000


async def get(service: Service, path: str = PATH) -> dict[str, Any]:
    """Ask the API; it must answer 200."""
    async with await service.api("GET", path) as response:
        assert response.status == 200, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer


def reasons(conversation: dict[str, Any]) -> dict[str, str]:
    """Return the reason of the newest of each event."""
    return {event["event"]: event["reason"] for event in reversed(conversation["events"])}


async def test_a_conversation_says_what_fired_and_what_is_missing(service: Service) -> None:
    await service.connect()
    start = now() - 5_000
    await service.messenger(start, click(), said("m1"), said("m2", echo=True), said("m3"))
    found = await get(service)
    assert (found["state"], found["page"]) == ("click_alive", None)
    assert found["counters"] == {
        "clicks": 1,
        "orders": 0,
        "messages_from_customer": 2,
        "messages_from_page": 1,
        "messages_waiting": 0,
        "events_fired": 1,
    }
    assert reasons(found) == {
        "Conversation": "fired",
        "ValidConversation": "awaiting_messages",
        "InitiateCheckout": "awaiting_order",
        "CompletePayment": "awaiting_order",
    }
    fired, missing, *_ = found["events"]
    assert (fired["tiktok_name"], fired["fired"], fired["event_at"]) == ("Conversation", True, start + 1000)
    assert fired["event_at_utc"].endswith("Z")
    assert (missing["tiktok_name"], missing["fired"]) == ("Valid Conversation", False)
    assert missing["numbers"] == {"messages": 3, "needed": 5}
    assert missing["sentence"]["en"] == "3 of 5 messages of this click so far."
    assert missing["sentence"]["vi"] == "Mới có 3 trên 5 tin nhắn của lượt nhấp này."
    assert missing["remedy"]["vi"]
    assert missing["until"] == start + 7 * DAY
    assert missing["delivery"] is None


async def test_a_fired_event_tells_what_tiktok_answered(sending: Service) -> None:
    await sending.connect()
    await sending.whole_story()
    await sending.sent(4)
    found = await get(sending)
    assert [event["tiktok_name"] for event in found["events"]] == [
        "Conversation",
        "Valid Conversation",
        "Initiate Order",
        "Shopping",
    ]
    assert all(event["fired"] for event in found["events"])
    for event in found["events"]:
        delivery = event["delivery"]
        assert (delivery["status"], delivery["reason"]) == ("sent", "sent")
        assert (delivery["attempts"], delivery["code"]) == (1, 0)
        assert delivery["request_id"]
        assert delivery["settled_at_utc"]
    assert found["orders"][0]["fired"] == ["InitiateCheckout", "CompletePayment"]


async def test_a_paused_page_is_the_reason_why_a_fired_event_is_not_sent(service: Service) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    found = await get(service)
    assert found["page"]["reason"] == "page_paused"
    assert found["events"][0]["fired"]
    assert found["events"][0]["delivery"]["reason"] == "page_paused"
    assert found["events"][0]["delivery"]["sentence"]["vi"].startswith("Trang đang tạm dừng")


async def test_a_withdrawn_authorisation_is_the_reason_likewise(sending: Service) -> None:
    await sending.connect(access_token="revoked")
    await sending.messenger(now() - 5_000, click(), said("m1"))

    async def withdrawn() -> bool:
        page = (await get(sending))["page"]
        return page is not None and page["reason"] == "authorisation_needed"

    await eventually(withdrawn)
    (delivery,) = [event["delivery"] for event in (await get(sending))["events"] if event["fired"]]
    assert (delivery["reason"], delivery["attempts"], delivery["code"]) == ("authorisation_needed", 1, 40105)
    await sending.connect()
    await sending.sent(1)


async def test_each_attempt_names_its_order_or_its_click(sending: Service) -> None:
    await sending.connect()
    await sending.whole_story()
    await sending.sent(4)
    clicked_at = (await get(sending))["clicks"][0]["at"]
    told = [each for each in (await get(sending, f"{PATH}/timeline"))["entries"] if each["delivery"]]
    named = {tuple(each["delivery"][name] for name in ("order_id", "order_number", "click_at")) for each in told}
    assert named == {("1225410593", "#410593", None), (None, None, clicked_at)}


async def test_a_page_that_was_disconnected_is_the_reason_for_what_has_not_fired(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click())
    await service.api("DELETE", f"/pages/{PAGE}/connection")
    found = await get(service)
    assert found["page"]["reason"] == "page_not_connected"
    assert set(reasons(found).values()) == {"page_not_connected"}


async def test_a_click_past_its_seven_days_says_so(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 8 * DAY + 60_000, click())
    found = await get(service)
    assert found["state"] == "click_expired"
    assert not found["clicks"][0]["alive"]
    assert set(reasons(found).values()) == {"click_expired"}
    assert found["events"][0]["until"] is None


async def test_a_page_that_was_never_connected_is_the_reason_for_everything(service: Service) -> None:
    """Rule 13: nothing is recorded, but whoever asks is told why."""
    await service.messenger(now() - 5_000, click(), said("m1"))
    found = await get(service)
    assert found["page"]["reason"] == "page_not_connected"
    assert reasons(found) == dict.fromkeys(reasons(found), "page_not_connected")
    assert len(found["events"]) == 4


async def test_damage_is_told_not_hidden_and_can_be_forgotten(service: Service) -> None:
    """Somebody wrote by hand under the conversation's key."""
    await service.connect()
    await service.messenger(now() - 5_000, click())
    store: Store = service.parts.store
    await store.hset(keys.conversation(ConversationId(PAGE, PSID)), "state", "{broken")
    async with await service.api("GET", PATH) as response:
        assert response.status == 500
        assert "cannot be read" in (await response.json())["detail"]
    async with await service.api("DELETE", PATH) as response:
        assert response.status == 204
    await service.messenger(now() - 4_000, click(), said("m1"))
    assert reasons(await get(service))["Conversation"] == "fired"


async def test_an_unknown_conversation_is_a_problem_that_explains(service: Service) -> None:
    await service.connect()
    for path in (PATH, f"{PATH}/timeline"):
        async with await service.api("GET", path) as response:
            document = await response.json()
            assert (response.status, response.content_type) == (404, "application/problem+json")
            assert "9 days" in document["detail"]
            assert "1 hour" in document["detail"]


async def test_the_timeline_is_newest_first_and_has_every_decision_in_both_languages(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    found = await get(service, f"{PATH}/timeline")
    entries = found["entries"]
    assert found["next"] is None
    assert all(later["id"] != earlier["id"] for later, earlier in pairwise(entries))
    facts = [entry for entry in entries if entry["fact"]]
    assert facts[-1]["happened"]["en"] == "The customer clicked the TikTok ad (ref tt-abc_1)"
    assert facts[0]["happened"]["vi"] == "Đơn hàng #410593: đã xác nhận"
    assert [entry["fact"]["type"] for entry in facts] == ["order", "order", *["message"] * 7, "referral"]
    for entry in entries:
        assert entry["decisions"]
        for decision in entry["decisions"]:
            assert decision["sentence"]["vi"]
            assert decision["sentence"]["en"]
    fired = [decision["event"] for entry in reversed(facts) for decision in entry["decisions"] if decision["fired"]]
    assert fired == ["Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"]


async def test_the_timeline_comes_in_pages_that_leave_nothing_out(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    whole = [entry["id"] for entry in (await get(service, f"{PATH}/timeline?limit=200"))["entries"]]
    read: list[str] = []
    url = URL(f"/api{PATH}/timeline?limit=3")
    while True:
        async with service.client.get(url, headers=ADMIN) as response:
            page = await response.json()
            read += [entry["id"] for entry in page["entries"]]
            assert len(page["entries"]) <= 3
            if page["next"] is None:
                assert "next" not in response.links
                break
            url = URL(response.links["next"]["url"]).relative()
            assert url.query["before"] == page["next"]
    assert read == whole


async def test_a_bad_query_is_refused_and_the_parameter_named(service: Service) -> None:
    for query in (
        "limit=0",
        "limit=ten",
        "before=yesterday",
        "before=0-0",
        "before=1-0%0A",
        f"before={2**70}-0",
        "page=2",
    ):
        async with await service.api("GET", f"{PATH}/timeline?{query}") as response:
            document = await response.json()
            assert (response.status, document["field"]) == (400, query.partition("=")[0])


async def test_no_personal_word_reaches_the_api(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    for path in (PATH, f"{PATH}/timeline", f"/pages/{PAGE}/events"):
        async with await service.api("GET", path) as response:
            text = await response.text()
            for private in ("Chào shop", "0909090909", "a@b.vn", "sha256"):
                assert private not in text


@pytest.mark.parametrize(("page_id", "psid"), [("9:0/0", "7 1:01"), ("9{0}", "7{0}1"), ("9%7B0", "}{")])
async def test_ids_are_opaque_and_name_one_conversation_only(service: Service, page_id: str, psid: str) -> None:
    page, path = quote(page_id, safe=""), f"/conversations/{quote(page_id, safe='')}/{quote(psid, safe='')}"
    await service.connect(page)
    await service.messenger(now() - 1000, click(), page_id=page_id, psid=psid)
    found = await get(service, path)
    assert (found["page_id"], found["psid"]) == (page_id, psid)
    async with await service.api("DELETE", path) as response:
        assert response.status == 204


async def test_an_order_that_never_counts_says_why(service: Service) -> None:
    await service.connect()
    start = now() - 60_000
    await service.messenger(start, click())
    await service.order(order(1, start - 10_000))
    found = await get(service)
    assert reasons(found)["InitiateCheckout"] == "order_before_click"
    assert found["orders"][0]["click_at"] is None
