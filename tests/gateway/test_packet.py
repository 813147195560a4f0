"""The packet for a ticket at TikTok: everything that explains a case, and nothing that is anybody's."""

import json
from typing import Any

import pytest

from actors import keys
from actors.connections import Connections
from actors.views import Views
from gateway.packet import Packets, pseudonym
from gateway.wire_profile import load_wire_profile
from rules.facts import ConversationId
from tests.gateway.service import Service, click, order, said, serve
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now
from tests.gateway.wire import EVENT_SET, TOKEN
from tests.stores import Store

PSID = "7101999988887777"
CUSTOMER = ConversationId(PAGE, PSID)
MIDS = [f"m_AbCd{n:04d}XyZ" for n in range(7)]
PHONE, EMAIL = "0909090909", "a@b.vn"


async def packet(store: Store) -> dict[str, Any] | None:
    """Make the packet, as of now."""
    made = await Packets(Views(store), Connections(store), load_wire_profile(None)).make(CUSTOMER, now())
    return json.loads(made.content) if made else None


async def everything(service: Service, time_zone: str = "Asia/Ho_Chi_Minh") -> None:
    """Let the customer click, talk and buy, on a page that sends nothing."""
    await service.connect(paused=True, time_zone=time_zone)
    start = now() - 60_000
    talk = (said(mid, echo=n % 2 == 1) for n, mid in enumerate(MIDS))
    await service.messenger(start, click(), *talk, psid=PSID)
    await service.order(order(1225410593, start + 20_000, confirmed_at=start + 30_000), psid=PSID)


async def test_it_tells_the_whole_case() -> None:
    async with serve() as service:
        await everything(service)
        told = await packet(service.parts.store)
        assert told is not None
        assert told["software"] == {"name": "tiktok-messenger-events", "version": "1.0.0"}
        assert (told["page"]["event_set_id"], told["page"]["advertiser_id"]) == (EVENT_SET, "7000000000000000001")
        assert [each["event"] for each in told["events"]] == [
            "Conversation",
            "ValidConversation",
            "InitiateCheckout",
            "CompletePayment",
        ]
        assert len(told["timeline"]) == 9
        assert told["timeline"][0]["happened"] == "The customer clicked the TikTok ad (ref tt-abc_1)"
        assert told["timeline"][1]["decisions"][0]["sentence"] == "The event fired."
        assert told["conversation"]["counters"]["events_fired"] == 4


async def test_each_event_has_the_request_that_is_sent_for_it() -> None:
    async with serve() as service:
        await everything(service)
        told = await packet(service.parts.store)
        assert told is not None
        request = told["events"][3]["request"]
        assert request["path"] == "/event/track/"
        assert request["body"]["event_source_id"] == EVENT_SET
        (item,) = request["body"]["data"]
        assert item["event_id"] == told["events"][3]["event_id"]
        assert item["user"] == {"external_id": "present", "phone": "present", "email": "present"}
        assert item["properties"]["value"] == 600000
        assert "tt-abc_1" in json.dumps(item)


async def test_attempts_are_told_with_answers_and_request_ids(real_redis_url: str) -> None:
    async with serve(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes") as service:
        await everything(service)
        told = await packet(service.parts.store)
        assert told is not None
        event_id = told["events"][0]["event_id"]
        attempt = {"at": now(), "at_utc": "2026-01-05T03:04:05.678Z", "attempt": 1, "status": "rejected"}
        answer = {"kind": "code", "code": 40002, "message": "bad", "request_id": "R-1"}
        await service.parts.store.rpush(keys.attempts(PAGE, event_id), json.dumps(attempt | answer))
        await service.parts.store.hset(keys.event(PAGE, event_id), mapping={"attempts": 1, "request_id": "R-1"})
        told = await packet(service.parts.store)
        assert told is not None
        (logged,) = told["events"][0]["attempt_log"]
        assert (logged["code"], logged["message"], logged["request_id"]) == (40002, "bad", "R-1")


async def test_every_time_is_there_in_utc_and_on_the_shops_clock() -> None:
    async with serve() as service:
        await everything(service, "Europe/Berlin")
        told = await packet(service.parts.store)
        assert told is not None
        assert told["time_zone"] == "Europe/Berlin"
        moments = list(_with_twins(told))
        assert len(moments) > 30
        assert all((utc is None) == (shop is None) for utc, shop in moments)
        assert {shop[-6:] for _, shop in moments if shop} <= {"+01:00", "+02:00"}
        assert set(told["timeline"][0]["fact"]) >= {"received_at", "received_at_utc", "received_at_shop"}


async def test_nothing_in_it_is_anybodys() -> None:
    """Looked for as text, in the whole file, hashed as well as in clear."""
    async with serve() as service:
        await everything(service)
        store: Store = service.parts.store
        rows = [row async for row in store.scan_iter("event:*")]
        digests = [
            digest
            for row in rows
            for field in ("phone_sha256", "email_sha256")
            if (digest := json.loads(await store.hget(row, "purchase") or "{}").get(field))
        ]
        assert len(digests) == 4
        made = await Packets(Views(store), Connections(store), load_wire_profile(None)).make(CUSTOMER, now())
        assert made is not None
        text = made.content.decode()
        ciphertext = (await Connections(store).read(PAGE)).access_token  # type: ignore[union-attr]
        for personal in (PSID, *MIDS, PHONE, EMAIL, TOKEN, ciphertext, "Chào shop", *digests):
            assert personal not in text
            assert personal not in made.file_name


async def test_what_is_not_kept_of_a_sent_order_is_said_instead() -> None:
    async with serve() as service:
        await everything(service)
        told = await packet(service.parts.store)
        assert told is not None
        await service.parts.store.hdel(keys.event(PAGE, told["events"][2]["event_id"]), "purchase")
        told = await packet(service.parts.store)
        assert told is not None
        assert [bool(each["request"]["note"]) for each in told["events"]] == [False, False, True, False]


async def test_without_a_connection_no_request_is_made_up(store: Store) -> None:
    told = await packet(store)
    assert told is not None
    assert (told["page"], told["events"]) == ({"page_id": PAGE, "connected": False}, [])


async def test_nobody_known_makes_no_packet() -> None:
    async with serve() as service:
        await service.connect()
        assert await packet(service.parts.store) is None


def test_a_pseudonym_is_always_the_same_and_each_customer_has_another() -> None:
    assert pseudonym(CUSTOMER) == pseudonym(ConversationId(PAGE, PSID))
    assert len({pseudonym(ConversationId(page, psid)) for page in ("1", "11") for psid in ("1", "11")}) == 4
    assert pseudonym(CUSTOMER).startswith("customer-")


@pytest.mark.parametrize("page_id", ["../../etc", "a/b", "9" * 200])
async def test_a_page_id_cannot_lead_the_file_elsewhere(store: Store, page_id: str) -> None:
    packets = Packets(Views(store), Connections(store), load_wire_profile(None))
    made = await packets.make(ConversationId(page_id, PSID), now())
    assert made is not None
    assert "/" not in made.file_name
    assert "." not in made.file_name.removesuffix(".json")
    assert len(made.file_name) < 130


def _with_twins(value: object) -> Any:  # noqa: ANN401  pairs of texts or None, from however deep
    if isinstance(value, list):
        for each in value:
            yield from _with_twins(each)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name.endswith("_utc"):
                yield part, value[f"{name.removesuffix('_utc')}_shop"]
            yield from _with_twins(part)
