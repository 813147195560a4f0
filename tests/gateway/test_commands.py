"""The commands for support, as they are run: a process, its environment, its output."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest

from actors import keys
from tests.gateway.service import Service, click, said, serve
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store


async def run(*arguments: str, redis_url: str = "") -> tuple[int, str]:
    """Run the command line with nothing but ``REDIS_URL``; return its code and all its output."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", *arguments),
        env={**kept, "REDIS_URL": redis_url, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.fixture
async def service(real_redis_url: str) -> AsyncIterator[Service]:
    """Serve the application on Redis, where nobody sends."""
    async with serve(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes") as running:
        yield running


async def test_explain_and_timeline_tell_a_conversation(service: Service, real_redis_url: str) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"))
    code, output = await run("explain", PAGE, PSID, redis_url=real_redis_url)
    assert code == 0
    assert "✔ Conversation" in output
    assert "Mới có 1 trên 5 tin nhắn" in output
    code, output = await run("timeline", PAGE, PSID, "--language", "en", redis_url=real_redis_url)
    assert code == 0
    assert "The customer wrote" in output


async def test_a_long_timeline_says_how_to_go_on(service: Service, real_redis_url: str) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"), said("m2"))
    code, output = await run("timeline", PAGE, PSID, "--limit", "2", redis_url=real_redis_url)
    assert (code, "quảng cáo" in output) == (0, False)
    before = output.partition("--before ")[2].split()[0]
    code, output = await run("timeline", PAGE, PSID, "--before", before, redis_url=real_redis_url)
    assert (code, "quảng cáo" in output) == (0, True)


async def test_a_page_that_is_not_connected_is_the_explanation(real_redis_url: str) -> None:
    code, output = await run("explain", PAGE, PSID, "--language", "en", redis_url=real_redis_url)
    assert (code, output.count("The page is not connected to TikTok.") >= 4) == (0, True)


async def test_an_unknown_conversation_is_explained_and_ends_with_code_1(service: Service, real_redis_url: str) -> None:
    await service.connect()
    for command in ("explain", "timeline"):
        code, output = await run(command, PAGE, PSID, redis_url=real_redis_url)
        assert (code, "9 days" in output) == (1, True)


async def test_outbox_shows_what_waits_and_resend_refuses_it_with_the_reason(
    service: Service, real_redis_url: str
) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    for arguments in (("outbox",), ("outbox", PAGE)):
        code, output = await run(*arguments, redis_url=real_redis_url)
        assert (code, f"│ {PAGE}" in output) == (0, True)
    async with await service.api("GET", f"/pages/{PAGE}/events") as response:
        event_id = (await response.json())["events"][0]["event_id"]
    code, output = await run("resend", PAGE, event_id, redis_url=real_redis_url)
    assert (code, output) == (1, "It is not sent again: Waiting to be sent to TikTok.\n")


async def test_resend_queues_what_was_rejected(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    async with await service.api("GET", f"/pages/{PAGE}/events") as response:
        event_id = (await response.json())["events"][0]["event_id"]
    await _bury(service, event_id)
    code, output = await run("resend", PAGE, event_id, redis_url=real_redis_url)
    assert (code, event_id in output) == (0, True)
    row = await service.parts.views.event(PAGE, event_id)
    assert row is not None
    assert row.status == "queued"


async def test_key_needs_nothing_at_all() -> None:
    code, output = await run("key", PAGE, PSID)
    assert code == 0
    assert "conversation:{18}:900:7101" in output
    code, output = await run("key", PAGE)
    assert code == 0
    for start in ("connection:{18}:900\t", "outbox:{18}:900\t", "due:{18}\t", "event:{18}:900:EVENT_ID\t"):
        assert f"\n{start}" in f"\n{output}"


@pytest.mark.parametrize(
    ("url", "word"), [("", "REDIS_URL"), ("http://x", "REDIS_URL"), ("redis://127.0.0.1:9", "Redis")]
)
async def test_without_a_redis_that_answers_one_line_says_so(url: str, word: str) -> None:
    code, output = await run("outbox", redis_url=url)
    assert code == 2
    assert word in output
    assert len(output.splitlines()) == 1


async def _bury(service: Service, event_id: str) -> None:
    # As a sender does after TikTok has refused the event.
    store: Store = service.parts.store
    await store.hset(keys.event(PAGE, event_id), mapping={"status": "rejected", "reason": "rejected"})
    await store.zrem(keys.outbox(PAGE), event_id)
