"""The API's delivery log, and sending again."""

from typing import Any

from yarl import URL

from gateway.sandbox import Sandbox, Scripted
from tests.gateway.service import Service, click, order, said
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.waiting import eventually

DAY = 86_400_000


async def events(service: Service, query: str = "") -> list[dict[str, Any]]:
    """List events of the page."""
    async with await service.api("GET", f"/pages/{PAGE}/events?{query}") as response:
        assert response.status == 200, await response.text()
        found: list[dict[str, Any]] = (await response.json())["events"]
        return found


async def first_event(service: Service) -> dict[str, Any]:
    """Let a customer fire one event, and return it."""
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"))
    (event,) = await events(service)
    return event


async def resend(service: Service, event_id: str) -> tuple[int, dict[str, Any]]:
    """Ask for an event to be sent again."""
    async with await service.api("POST", f"/pages/{PAGE}/events/{event_id}/resend") as response:
        return response.status, await response.json()


async def test_the_log_has_every_event_with_its_attempts_and_tiktoks_answer(sending: Service, sandbox: Sandbox) -> None:
    sandbox.script(Scripted("code", 40002, "Invalid phone +84901234567", times=1))
    event = await first_event(sending)

    async def rejected() -> bool:
        return bool(await events(sending, "status=rejected"))

    await eventually(rejected)
    (event,) = await events(sending)
    assert (event["event"], event["tiktok_name"], event["page_id"]) == ("Conversation", "Conversation", PAGE)
    assert event["event_time"] == event["event_at"] // 1000
    assert (event["reason"], event["code"], event["attempts"]) == ("rejected", 40002, 1)
    assert event["sentence"]["vi"] == "TikTok từ chối sự kiện."
    assert event["remedy"]["en"] == "See TikTok's code, mend the cause, then resend."
    assert "84901234567" not in event["message"]
    (attempt,) = event["attempt_log"]
    assert (attempt["attempt"], attempt["status"], attempt["code"]) == (1, "rejected", 40002)
    assert attempt["request_id"] == event["request_id"] != ""


async def test_what_was_rejected_is_sent_again_under_its_id(sending: Service, sandbox: Sandbox) -> None:
    sandbox.script(Scripted("code", 40002, times=1))
    event = await first_event(sending)

    async def rejected() -> bool:
        return bool(await events(sending, "status=rejected"))

    await eventually(rejected)
    status, answer = await resend(sending, event["event_id"])
    assert (status, answer["event_id"]) == (202, event["event_id"])
    await sending.sent(1)
    (accepted,) = sandbox.accepted
    assert accepted.event_id == event["event_id"]
    assert [attempt["status"] for attempt in (await events(sending))[0]["attempt_log"]] == ["rejected", "sent"]


async def test_who_sends_again_is_written_down_and_an_id_that_leads_nowhere_is_not(service: Service) -> None:
    event = await first_event(service)
    await resend(service, event["event_id"])
    await resend(service, "0901234567")
    [entry] = await service.parts.audit.newest(10)
    assert (entry.who, entry.action) == ("api", "resend")
    assert (entry.page_id, entry.psid, entry.event_id) == (PAGE, event["psid"], event["event_id"])


async def test_what_was_sent_is_refused_with_the_reason(sending: Service) -> None:
    event = await first_event(sending)
    await sending.sent(1)
    status, document = await resend(sending, event["event_id"])
    assert (status, document["reason"]) == (409, "sent")
    assert document["sentence"] == {"vi": "TikTok đã nhận sự kiện.", "en": "TikTok accepted the event."}


async def test_what_waits_already_and_what_can_no_longer_count_are_refused_likewise(service: Service) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    (event,) = await events(service)
    status, document = await resend(service, event["event_id"])
    assert (status, document["reason"]) == (409, "page_paused")
    assert document["sentence"]["en"].startswith("The page is paused")
    assert document["detail"].endswith(document["sentence"]["en"])
    await service.messenger(now() - 8 * DAY, click("old"), said("m2"), psid="7102")
    (old,) = await events(service, "psid=7102")

    async def is_refused_as_expired() -> bool:
        status, document = await resend(service, old["event_id"])
        assert status == 409
        return bool(document["reason"] == "expired_unsent")

    await eventually(is_refused_as_expired)  # a sender may just be looking at it, as the embedded one does


async def test_an_event_that_never_was_is_not_found(service: Service) -> None:
    status, document = await resend(service, "Conversation-0")
    assert (status, document["status"]) == (404, 404)
    assert "30 days" in document["detail"]


async def test_the_log_can_be_filtered(service: Service) -> None:
    await service.connect()
    await service.whole_story(11)
    await service.messenger(now() - 2 * 60_000, click(), said("m1"), psid="7102")
    await service.order(order(12, now() - 30_000), psid="7102")
    assert len(await events(service)) == 6
    assert {event["order_id"] for event in await events(service, "order_id=12")} == {"12"}
    assert {event["order_number"] for event in await events(service, "order_id=12")} == {"#000012"}
    assert {event["order_number"] for event in await events(service, "name=Conversation")} == {None}
    assert len(await events(service, "name=Conversation")) == 2
    assert len(await events(service, "psid=7102")) == 2
    assert len(await events(service, "name=Conversation&psid=7102")) == 1
    days = [event["fired_at_utc"][:10] for event in await events(service)]
    assert len(await events(service, f"day={days[0]}")) == days.count(days[0])
    assert await events(service, "day=2020-01-01") == []
    assert await events(service, "status=rejected") == []


async def test_the_log_comes_in_pages_that_leave_nothing_out(service: Service) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    whole = [event["event_id"] for event in await events(service)]
    async with await service.api("GET", f"/pages/{PAGE}/events?limit=3") as response:
        first = await response.json()
        query = URL(response.links["next"]["url"]).query_string
    async with await service.api("GET", f"/pages/{PAGE}/events?{query}") as response:
        second = await response.json()
    assert (len(first["events"]), second["next"]) == (3, None)
    assert [event["event_id"] for event in (*first["events"], *second["events"])] == whole


async def test_going_on_after_a_customer_who_has_been_forgotten_leaves_nothing_out(service: Service) -> None:
    await service.connect(paused=True)
    for number in range(4):
        await service.messenger(now() - 5_000, click(), said(f"m{number}"), psid=f"710{number}")
    whole = [event["psid"] for event in await events(service)]
    async with await service.api("GET", f"/pages/{PAGE}/events?limit=2") as response:
        query = URL(response.links["next"]["url"]).query_string
    async with await service.api("DELETE", f"/conversations/{PAGE}/{whole[1]}") as response:
        assert response.status == 204
    assert [event["psid"] for event in await events(service, query)] == whole[2:]


async def test_a_bad_filter_is_refused_and_named(service: Service) -> None:
    wrong = (("status=lost", "status"), ("day=today", "day"), ("day=2026-02-30", "day"), ("limit=201", "limit"))
    nowhere = (("after=zzz", "after"), ("after=Conversation-0", "after"), ("after=1-%C3%A9", "after"))
    for query, field in (*wrong, *nowhere, ("psids=1", "psids")):
        async with await service.api("GET", f"/pages/{PAGE}/events?{query}") as response:
            document = await response.json()
            assert (response.status, document["field"]) == (400, field)
