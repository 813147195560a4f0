"""The webhook routes: verified first, committed before 200, and nothing sent to them can break them."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from types import MappingProxyType

import msgspec
import pytest
from aiohttp.web import Application
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from gateway.intake import BODY_BYTES, Intake
from gateway.parts import compose
from gateway.webhooks import Webhooks
from rules.times import utc
from tests.gateway import web
from tests.gateway.web import Client, post_messenger, post_order
from tests.waiting import eventually

PATHS = ("/webhooks/messenger", "/webhooks/harasocial")
TOKENS = dict(zip(PATHS, (web.ENVIRONMENT["MESSENGER_VERIFY_TOKEN"], web.WEBHOOK_SECRET), strict=True))


STRANGE = {
    "nothing": b"",
    "truncated": b"{",
    "not JSON": b"not json",
    "null": b"null",
    "an array": b"[]",
    "a string": b'"page"',
    "an object for an array": b'{"object":"page","entry":{}}',
    "entries of all types": b'{"object":"page","entry":[1,null,"x",[]]}',
    "not of a page": b'{"object":"user","entry":[{}]}',
    "deep": b"[" * 100_000,
    "deep inside an entry": b'{"object":"page","entry":' + b'[{"a":' * 50_000,
    "huge numbers": b'{"object":"page","entry":[{"id":"900","time":1e999,"messaging":[{"timestamp":%s}]}]}'
    % (b"9" * 5000),
    "no UTF-8": b'{"object":"page","entry":[{"id":"\xff\xfe"}]}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "odd ids": web.messenger_body({"sender": {"id": "\x00{x}:"}, "recipient": {"id": "900"}, "message": {"mid": 1}}),
}


@pytest.fixture
async def client(real_redis_url: str) -> AsyncIterator[Client]:
    """Serve the whole application over the session's redis-server."""
    async with web.web(REDIS_URL=real_redis_url) as client:
        yield client


def counted(name: str, **labels: str) -> float:
    """Return the value of a metric."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def handshake(path: str, **changes: str | None) -> dict[str, str]:
    """Make the query of the GET check, right but for these."""
    query = {"hub.mode": "subscribe", "hub.verify_token": TOKENS[path], "hub.challenge": "1158201444"}
    merged = query | {f"hub.{name}": value for name, value in changes.items()}
    return {name: value for name, value in merged.items() if value is not None}


async def begin_a_request(
    client: Client, path: str, length: int = 10
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the first byte of so many."""
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n1".encode())
    return reader, writer


async def half_a_request(client: Client, path: str, length: int = 10) -> bytes:
    """Send the first byte of so many, wait for an answer, and return its first line."""
    reader, writer = await begin_a_request(client, path, length)
    line = await reader.readline()
    writer.close()
    return line.strip()


class TestCheck:
    @pytest.mark.parametrize("path", PATHS)
    async def test_the_challenge_comes_back_exactly(self, client: Client, path: str) -> None:
        async with client.get(path, params=handshake(path)) as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "text/plain", b"1158201444")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "changes",
        [
            {"verify_token": "wrong"},
            {"verify_token": "wröng"},
            {"verify_token": ""},
            {"verify_token": None},
            {"mode": "unsubscribe"},
            {"mode": None},
            {"challenge": None},
        ],
        ids=str,
    )
    async def test_anything_else_is_forbidden(self, client: Client, path: str, changes: dict[str, str | None]) -> None:
        async with client.get(path, params=handshake(path, **changes)) as answer:
            assert answer.status == 403
            assert "1158201444" not in await answer.text()


class TestMessenger:
    async def test_200_comes_with_the_agreed_words_and_after_the_commit(self, client: Client) -> None:
        body = web.messenger_body(web.click(), web.message("m-1"))
        headers = web.messenger_signature(body)
        async with client.post("/webhooks/messenger", data=body, headers=headers) as answer:
            assert (answer.status, await answer.text()) == (200, "EVENT_RECEIVED")
        found = await web.conversation(client)
        assert found is not None
        assert "tt-ad-1" in str(found)

    async def test_either_of_several_secrets_signs(self, client: Client) -> None:
        body = web.messenger_body(web.message("m-1"))
        for secret in web.ENVIRONMENT["MESSENGER_APP_SECRET"].split(","):
            headers = web.messenger_signature(body, secret)
            async with client.post("/webhooks/messenger", data=body, headers=headers) as answer:
                assert answer.status == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"X-Hub-Signature-256": ""},
            {"X-Hub-Signature-256": "sha256="},
            {"X-Hub-Signature-256": "sha256=" + "0" * 64},
            {"X-Hub-Signature-256": "ö"},
            web.messenger_signature(b"another body"),
            web.messenger_signature(b"{}", "another secret"),
            {"X-Hub-Signature-256": web.messenger_signature(b"{}")["X-Hub-Signature-256"][:-1]},
            {"X-Hub-Signature": "sha1=" + "0" * 40},
        ],
        ids=str,
    )
    async def test_a_body_that_is_not_signed_is_401(self, client: Client, headers: dict[str, str]) -> None:
        before = counted("webhook_refusals_total", source="messenger", reason="signature")
        async with client.post("/webhooks/messenger", data=b"{}", headers=headers) as answer:
            assert answer.status == 401
        assert counted("webhook_refusals_total", source="messenger", reason="signature") == before + 1

    async def test_a_body_cut_short_does_not_match_its_signature(self, client: Client) -> None:
        body = web.messenger_body(web.message("m-1"))
        async with client.post("/webhooks/messenger", data=body[:-1], headers=web.messenger_signature(body)) as answer:
            assert answer.status == 401

    @pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
    async def test_what_is_signed_but_strange_is_200_and_spoils_nothing(self, client: Client, body: bytes) -> None:
        """Meta would repeat it for 36 hours, and it would never become better."""
        assert await post_messenger(client, body) == 200
        assert await post_messenger(client, web.messenger_body(web.click())) == 200
        assert await web.conversation(client) is not None

    async def test_a_body_that_cannot_be_read_is_counted(self, client: Client) -> None:
        before = counted("webhooks_total", source="messenger", outcome="unreadable")
        await post_messenger(client, b"{")
        assert counted("webhooks_total", source="messenger", outcome="unreadable") == before + 1

    async def test_a_page_that_is_not_connected_is_200_dropped_and_counted(self, client: Client) -> None:
        before = counted("webhooks_total", source="messenger", outcome="page_not_connected")
        assert await post_messenger(client, web.messenger_body(web.click(), page_id="901")) == 200
        assert counted("webhooks_total", source="messenger", outcome="page_not_connected") == before + 1

    async def test_items_that_are_no_facts_are_counted_by_kind(self, client: Client) -> None:
        before = counted("webhook_ignored_items_total", kind="read")
        read = web.messenger_item(read={"watermark": 1})
        assert await post_messenger(client, web.messenger_body(read, read)) == 200
        assert counted("webhook_ignored_items_total", kind="read") == before + 2

    async def test_it_is_seen_when_a_field_last_brought_something(self, client: Client) -> None:
        sent_at = web.now_ms() / 1000
        await post_messenger(client, web.messenger_body(web.click()))
        assert counted("webhook_last_received_timestamp_seconds", field="messaging_referrals") >= sent_at

    async def test_chunked_bodies_are_read_like_others(self, client: Client) -> None:
        body = web.messenger_body(web.click())

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 10):
                yield body[start : start + 10]

        headers = web.messenger_signature(body)
        async with client.post("/webhooks/messenger", data=chunks(), headers=headers) as answer:
            assert answer.status == 200
        assert await web.conversation(client) is not None

    async def test_a_full_redis_is_503_and_the_same_post_succeeds_later(
        self, client: Client, real_redis_url: str
    ) -> None:
        body = web.messenger_body(web.click())
        async with Redis.from_url(real_redis_url) as redis:
            await redis.config_set("maxmemory", 1)
            try:
                async with client.post(
                    "/webhooks/messenger", data=body, headers=web.messenger_signature(body)
                ) as answer:
                    assert answer.status == 503
                    assert int(answer.headers["Retry-After"]) > 0
            finally:
                await redis.config_set("maxmemory", 0)
        assert await web.conversation(client) is None
        assert await post_messenger(client, body) == 200
        assert await web.conversation(client) is not None

    @pytest.mark.slow
    async def test_a_redis_that_hangs_is_503_before_meta_gives_up(self, client: Client, real_redis_url: str) -> None:
        async with Redis.from_url(real_redis_url) as redis:
            await redis.client_pause(20_000, all=False)
            try:
                async with asyncio.timeout(15):
                    assert await post_messenger(client, web.messenger_body(web.click())) == 503
            finally:
                await redis.client_unpause()
        assert await post_messenger(client, web.messenger_body(web.click())) == 200


class TestHaraSocial:
    async def test_an_order_is_committed_to_its_conversation(self, client: Client) -> None:
        await post_messenger(client, web.messenger_body(web.click()))
        assert await post_order(client, web.order_body()) == 200
        assert "1225410593" in str(await web.conversation(client))

    async def test_an_order_of_unknown_conversation_waits_for_the_push_that_names_it(
        self, client: Client, real_redis_url: str
    ) -> None:
        await post_messenger(client, web.messenger_body(web.click()))
        before = counted("webhooks_total", source="harasocial", outcome="unlinked")
        assert await post_order(client, web.order_body(linked=False, confirmed_status="confirmed")) == 200
        assert counted("webhooks_total", source="harasocial", outcome="unlinked") == before + 1
        assert "1225410593" not in str(await web.conversation(client))
        assert await post_order(client, web.order_body()) == 200
        found = await web.conversation(client)
        assert found is not None
        assert found["orders"][0]["confirmed_at"] is not None
        async with Redis.from_url(real_redis_url) as redis:
            assert await redis.keys("unlinked:*") == []

    async def test_what_waited_is_learned_before_anything_of_the_order_is_judged(self, client: Client) -> None:
        """Rule 9: by the time the order can fire, it is known to be cancelled."""
        await post_messenger(client, web.messenger_body(web.click()))
        at = [utc(web.now_ms() + late) for late in range(3)]
        await post_order(client, web.order_body(linked=False, created_at=at[0], updated_at=at[0]))
        await post_order(
            client, web.order_body(linked=False, created_at=at[0], updated_at=at[2], cancelled_status="cancelled")
        )
        assert await post_order(client, web.order_body(created_at=at[0], updated_at=at[1])) == 200
        found = await web.conversation(client)
        assert found is not None
        told = {each["event"]: each["reason"] for each in found["events"] if each.get("order_id")}
        assert told == dict.fromkeys(("InitiateCheckout", "CompletePayment"), "order_cancelled")

    async def test_an_order_once_linked_needs_no_conversation(self, client: Client) -> None:
        await post_messenger(client, web.messenger_body(web.click()))
        await post_order(client, web.order_body())
        before = counted("webhooks_total", source="harasocial", outcome="committed")
        assert await post_order(client, web.order_body(linked=False, confirmed_status="confirmed")) == 200
        assert counted("webhooks_total", source="harasocial", outcome="committed") == before + 1

    @pytest.mark.parametrize("header", [None, "", "AAAA", "ö", web.order_headers(b"other")["X-Haravan-HmacSha256"]])
    async def test_a_body_that_is_not_signed_is_401(self, client: Client, header: str | None) -> None:
        headers = {} if header is None else {"X-Haravan-HmacSha256": header}
        # Not even a sample delivery may come from just anybody.
        for more in ({}, {"X-Haravan-Test": "true"}):
            async with client.post("/webhooks/harasocial", data=web.order_body(), headers=headers | more) as answer:
                assert answer.status == 401

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (b"{", "body"),
            (b"[]", "body"),
            (b"\xff", "body"),
            (b"[" * 100_000, "body"),
            (b'{"order":[]}', "order"),
            (b'{"order":{"created_at":"2026-01-05T03:04:05Z"}}', "order.id"),
        ],
        ids=["truncated", "an array", "no UTF-8", "deep", "wrong type", "no id"],
    )
    async def test_a_push_that_cannot_be_used_is_400_and_says_which_field(
        self, client: Client, body: bytes, field: str
    ) -> None:
        headers = web.order_headers(body)
        async with client.post("/webhooks/harasocial", data=body, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (400, "application/problem+json")
            problem = msgspec.json.decode(await answer.read(), type=dict[str, object])
        assert problem["field"] == field
        assert problem["status"] == 400

    @pytest.mark.parametrize("more", [{"X-Haravan-Test": "true"}, {"X-Haravan-Topic": "products/update"}], ids=str)
    async def test_samples_and_foreign_topics_are_200_and_ignored(self, client: Client, more: dict[str, str]) -> None:
        await post_messenger(client, web.messenger_body(web.click()))
        body = web.order_body()
        headers = web.order_headers(body, **more)
        async with client.post("/webhooks/harasocial", data=body, headers=headers) as answer:
            assert answer.status == 200
        assert "1225410593" not in str(await web.conversation(client))

    async def test_a_full_redis_is_503(self, client: Client, real_redis_url: str) -> None:
        async with Redis.from_url(real_redis_url) as redis:
            await redis.config_set("maxmemory", 1)
            try:
                assert await post_order(client, web.order_body()) == 503
            finally:
                await redis.config_set("maxmemory", 0)
        assert await post_order(client, web.order_body()) == 200


@pytest.mark.parametrize("path", PATHS)
class TestIntake:
    async def test_a_body_over_16_mib_is_413_announced_or_not(self, client: Client, path: str) -> None:
        body = b" " * (BODY_BYTES + 1)

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 1 << 20):
                yield body[start : start + (1 << 20)]

        for data in (io.BytesIO(body), chunks()):
            async with client.post(path, data=data) as answer:
                assert answer.status == 413

    async def test_a_body_announced_as_too_large_is_not_read_at_all(self, client: Client, path: str) -> None:
        status = await half_a_request(client, path, BODY_BYTES + 1)
        assert status.startswith(b"HTTP/1.1 413 ")  # the words after it depend on the version of Python

    async def test_16_mib_are_let_in(self, client: Client, path: str) -> None:
        body = b" " * BODY_BYTES
        signed = web.messenger_signature(body) | web.order_headers(body)
        async with client.post(path, data=io.BytesIO(body), headers=signed) as answer:
            assert answer.status in {200, 400}

    async def test_a_packed_body_is_415(self, client: Client, path: str) -> None:
        body = gzip.compress(web.messenger_body(web.click()))
        headers = MappingProxyType(web.messenger_signature(body) | {"Content-Encoding": "gzip"})
        async with client.post(path, data=body, headers=headers) as answer:
            assert answer.status == 415

    async def test_what_there_is_no_room_for_is_503_at_once(self, path: str) -> None:
        app = Application()
        Webhooks(compose(web.settings()), Intake(in_flight=0)).add_routes(app)
        async with web.client_of(app) as client, client.post(path, data=b"{}") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")

    async def test_bodies_that_do_not_arrive_take_no_place_from_those_that_do(self, path: str) -> None:
        intake = Intake(in_flight=1)
        app = Application()
        Webhooks(compose(web.settings()), intake).add_routes(app)
        body = web.messenger_body() if path == "/webhooks/messenger" else web.order_body()
        headers = web.messenger_signature(body) | web.order_headers(body)
        async with web.client_of(app) as client:
            slow = [await begin_a_request(client, path) for _ in range(3)]
            await eventually(lambda: intake.arriving == len(slow))
            async with client.post(path, data=body, headers=headers) as answer:
                assert answer.status == 200
            for _, writer in slow:
                writer.transport.abort()

    async def test_unsigned_bodies_cannot_fill_the_memory(self, path: str) -> None:
        app = Application()
        Webhooks(compose(web.settings()), Intake(in_flight_bytes=100_000)).add_routes(app)
        async with web.client_of(app) as client, client.post(path, data=b" " * 1_000_000) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")

    async def test_a_body_that_does_not_arrive_is_408(self, path: str) -> None:
        intake = Intake(read_s=0.05)
        app = Application()
        Webhooks(compose(web.settings()), intake).add_routes(app)
        async with web.client_of(app) as client:
            status = await half_a_request(client, path)
        assert status == b"HTTP/1.1 408 Request Timeout"
        assert intake.requests == 0
