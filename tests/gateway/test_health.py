"""Alive, ready and measured, and what makes a process not ready."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from actors import keys
from gateway.app import make_app
from gateway.draining import Draining
from gateway.health import Health
from gateway.intake import Intake
from gateway.metrics import LAST_OF
from gateway.parts import compose
from rules.times import DAY_MS, HOUR_MS, utc
from tests.gateway import web
from tests.gateway.web import Client, post_messenger, post_order
from tests.redis_server import redis_server
from tests.waiting import eventually


@pytest.fixture
async def client(real_redis_url: str) -> AsyncIterator[Client]:
    """Serve the whole application over the session's redis-server."""
    async with web.web(REDIS_URL=real_redis_url) as client:
        yield client


async def readiness(client: Client) -> tuple[int, str]:
    """Ask whether it is ready, and if not, why."""
    async with client.get("/readyz") as answer:
        told = await answer.json()
        assert told["ready"] == (answer.status == 200)
        return answer.status, told.get("reason", "")


async def metrics(client: Client) -> str:
    """Return all metrics as text."""
    async with client.get("/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        return await answer.text()


async def test_it_is_alive_and_ready_over_both_stores(client: Client) -> None:
    async with web.web() as embedded:
        for each in (client, embedded):
            async with each.get("/healthz") as answer:
                assert answer.status == 200
            assert await readiness(each) == (200, "")


async def test_metrics_are_told_beside_a_sender_and_a_row_that_nobody_can_read(
    client: Client, real_redis_url: str
) -> None:
    async with Redis.from_url(real_redis_url) as redis:
        await redis.hset(keys.SENDERS, "other", "not JSON")
        await redis.zadd(keys.due(keys.partition("900")), {"900": 1})
        await redis.zadd(keys.outbox("900"), {"e-1": 1, "e-2": 1})
        await redis.hset(keys.event("900", "e-1"), "fired_at", "soon")
        await redis.hset(keys.event("900", "e-2"), "fired_at", "1000")
        for key in (keys.SENDERS, keys.due(keys.partition("900")), keys.outbox("900"), keys.event("900", "e-1")):
            await redis.pexpire(key, 60_000)
        await redis.pexpire(keys.event("900", "e-2"), 60_000)
    assert "outbox_waiting_events 2.0" in await metrics(client)


async def test_without_redis_it_is_alive_but_not_ready_and_answers_checks(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        async with web.web(REDIS_URL=url) as client:
            async with Redis.from_url(url) as redis:
                await redis.shutdown(nosave=True)
            status, reason = await readiness(client)
            assert (status, reason.partition(":")[0].partition(" ")[0]) == (503, "Redis")
            async with client.get("/healthz") as answer:
                assert answer.status == 200
            challenge = {
                "hub.mode": "subscribe",
                "hub.verify_token": web.ENVIRONMENT["MESSENGER_VERIFY_TOKEN"],
                "hub.challenge": "7",
            }
            async with client.get("/webhooks/messenger", params=challenge) as answer:
                assert (answer.status, await answer.text()) == (200, "7")
            assert await post_messenger(client, web.messenger_body(web.click())) == 503
            shown = await metrics(client)
            assert "outbox_waiting_events NaN" in shown
            assert "orders_about_to_be_lost NaN" in shown


@pytest.mark.slow
async def test_a_redis_that_hangs_makes_it_not_ready_within_a_moment(client: Client, real_redis_url: str) -> None:
    async with Redis.from_url(real_redis_url) as redis:
        await redis.client_pause(20_000, all=False)
        try:
            async with asyncio.timeout(10):
                assert (await readiness(client))[0] == 503
        finally:
            await redis.client_unpause()
    assert await readiness(client) == (200, "")


async def test_a_nearly_full_redis_makes_it_not_ready(client: Client, real_redis_url: str) -> None:
    async with Redis.from_url(real_redis_url) as redis:
        await redis.set("ballast", b"x" * 20_000_000)  # beside which it does not matter what clients take just now
        used = (await redis.info("memory"))["used_memory"]
        await redis.config_set("maxmemory", int(used / 0.9))
        try:
            status, reason = await readiness(client)
        finally:
            await redis.config_set("maxmemory", 0)
            await redis.delete("ballast")
    assert status == 503
    assert "memory limit" in reason
    assert await readiness(client) == (200, "")


async def test_a_redis_that_may_evict_by_now_makes_it_not_ready(client: Client, real_redis_url: str) -> None:
    async with Redis.from_url(real_redis_url) as redis:
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            status, reason = await readiness(client)
        finally:
            await redis.config_set("maxmemory-policy", "noeviction")
    assert status == 503
    assert "allkeys-lru" in reason
    assert await readiness(client) == (200, "")


async def test_without_the_replica_that_commits_wait_for_it_is_not_ready(real_redis_url: str) -> None:
    """The session's Redis has none, so every commit is refused; how it is with one is in actors/test_durability.py."""
    async with web.web(REDIS_URL=real_redis_url, REDIS_DURABILITY="replica") as client:
        assert await readiness(client) == (503, "Redis: no replica has confirmed the write")
        assert await post_messenger(client, web.messenger_body(web.click())) == 503
        assert await post_order(client, web.order_body(linked=False)) == 503


async def test_it_is_not_ready_while_it_shuts_down() -> None:
    parts = compose(web.settings())
    app = make_app(parts)
    async with web.client_of(app) as client:
        assert await readiness(client) == (200, "")
        await app.shutdown()
        assert await readiness(client) == (503, "shutting down")


async def test_the_outbox_is_measured_as_it_is_in_redis(client: Client) -> None:
    assert "outbox_waiting_events 0.0" in await metrics(client)
    await post_messenger(client, web.messenger_body(web.click(), web.message("m-1")))
    shown = await metrics(client)
    assert "outbox_waiting_events 1.0" in shown
    assert "outbox_dead_events 0.0" in shown
    await eventually(lambda: oldest_age_is_over(client, 0.0))


async def test_the_tasks_of_the_event_loop_are_counted(client: Client) -> None:
    found = re.search(r"^asyncio_tasks (\S+)$", await metrics(client), re.MULTILINE)
    assert found
    assert float(found[1]) >= 1  # the one that answers


async def oldest_age_is_over(client: Client, seconds: float) -> bool:
    """Tell whether the oldest waiting event has waited for longer."""
    found = re.search(r"^outbox_oldest_age_seconds (\S+)$", await metrics(client), re.MULTILINE)
    assert found
    return float(found[1]) > seconds


async def test_orders_whose_click_runs_out_within_a_day_are_counted(client: Client) -> None:
    ago = 6 * DAY_MS + HOUR_MS
    await post_messenger(client, web.messenger_body(web.click() | {"timestamp": web.now_ms() - ago}))
    assert "orders_about_to_be_lost 0.0" in await metrics(client)
    await post_order(client, web.order_body(confirmed_status="unconfirmed"))
    assert "orders_about_to_be_lost 1.0" in await metrics(client)
    await post_order(client, web.order_body(confirmed_status="confirmed", confirmed_at=utc(web.now_ms())))
    assert "orders_about_to_be_lost 0.0" in await metrics(client)


async def test_when_a_field_last_came_is_known_after_a_restart(client: Client, real_redis_url: str) -> None:
    since = time.time()
    async with web.web(REDIS_URL=real_redis_url) as before:
        await post_messenger(before, web.messenger_body(web.message("m-1")))
    LAST_OF["messages"].set(0)  # as in a new process

    found = re.search(r'^webhook_last_received_\S+{field="messages"} (\S+)$', await metrics(client), re.MULTILINE)
    assert found
    assert float(found[1]) >= since


async def test_metrics_name_no_page_no_customer_and_no_secret(client: Client) -> None:
    await post_messenger(client, web.messenger_body(web.click("tt-private-ref"), web.message("m-private")))
    await post_messenger(client, web.messenger_body(web.click(), page_id="98765432101"))
    await post_order(client, web.order_body(555666777))
    shown = await metrics(client)
    private = ["98765432101", "tt-private-ref", "m-private", "555666777", f'"{web.PAGE}"', f'"{web.PSID}"']
    assert [word for word in [*private, *web.ENVIRONMENT.values()] if word in shown] == []


async def test_webhooks_in_flight_are_shown() -> None:
    intake = Intake()
    parts = compose(web.settings())
    app = make_app(parts)
    health = Health(parts, intake, Draining())
    app.router.add_get("/metrics-of-another-intake", health.measure)
    async with web.client_of(app) as client:
        with intake:
            async with client.get("/metrics-of-another-intake") as answer:
                assert "webhooks_in_flight 1.0" in await answer.text()
