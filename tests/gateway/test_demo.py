"""The demo: the whole way from a signed webhook to TikTok, in one process, without any setting."""

import asyncio
import io
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, CookieJar
from rich.console import Console

from gateway.demo.run import perform
from gateway.demo.seller import PAGE_ID, PAGES, session_link
from gateway.demo.stage import HARASOCIAL_PATH, open_stage
from gateway.demo.story import PSID
from gateway.sandbox import Scripted
from tests.ports import free_port


async def test_a_host_that_is_not_ours_is_one_line() -> None:
    async with demo("--exit", HOST="two..dots") as process:
        output, _ = await process.communicate()
    assert (process.returncode, output.decode()) == (2, "HOST cannot be listened on: two..dots\n")


@asynccontextmanager
async def demo(*arguments: str, **environment: str) -> AsyncIterator[Process]:
    """Run the demo as a process, without a terminal."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", "demo", *arguments),
        env={**kept, "PYTHONIOENCODING": "utf-8", **environment},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_ends_with_code_0_once_tiktok_has_accepted_the_four_events() -> None:
    async with demo("--exit", "--language", "en", PORT=str(free_port())) as process:
        output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text
    for event in ("Conversation", "ValidConversation", "InitiateCheckout", "CompletePayment"):
        assert f"│ ✔ {event} " in text
    assert text.count("delivered again: nothing changes") == 2
    assert "All state is in memory" in text
    assert '"event":' not in text, "the log is not quiet"
    assert max(map(len, text.splitlines())) <= 80


async def test_it_keeps_serving_says_where_and_ends_when_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        async with demo(PORT=str(port)) as process:
            found = await asyncio.wait_for(_read_addresses(process), 30)
            assert found["API"].endswith(f"/api/conversations/{PAGE_ID}/{PSID}")
            assert f":{port}/" not in found["API"]
            headers = {"Authorization": f"Bearer {found['ADMIN_TOKEN']}"}
            async with ClientSession() as session, session.get(found["API"], headers=headers) as response:
                conversation = await response.json()
            assert conversation["counters"]["events_fired"] == 4
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 15) == 0


async def test_its_seller_comes_to_the_overview_and_harasocial_gives_another_link_at_every_visit() -> None:
    async with (
        open_stage({"PORT": str(free_port())}) as stage,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as seller,
    ):
        link = session_link(stage.settings, "en")
        harasocial = f"{stage.sandbox_url}{HARASOCIAL_PATH}"
        for url, words in ((link, "Connect"), (harasocial, "Kết nối"), (f"{harasocial}?role=staff&lang=en", "look")):
            async with seller.get(url) as response:
                overview = await response.text()
                assert (response.status, response.url.query_string) == (200, "")
            assert all(text in overview for text in (words, *PAGES.values()))
        async with seller.get(link) as response:
            assert response.status == 401


async def test_it_takes_the_port_it_is_given() -> None:
    async with open_stage({"PORT": str(free_port())}) as stage:
        async with stage.http.get("/healthz") as response:
            assert response.status == 200
        assert stage.settings.public_url.endswith(f":{stage.settings.port}")


async def test_an_event_that_tiktok_refuses_is_no_success() -> None:
    console = Console(file=io.StringIO(), width=80)
    async with open_stage({"PORT": str(free_port())}) as stage:
        stage.sandbox.script(Scripted("code", 40002, "no", times=50))
        assert not await perform(stage, console, "en")
    assert "TikTok did not accept all four events." in console.file.getvalue()  # type: ignore[attr-defined]


async def test_a_wrong_port_ends_it_with_one_line() -> None:
    async with demo("--exit", PORT="none") as process:
        output, _ = await process.communicate()
    assert process.returncode == 2
    assert output.decode().startswith("PORT must be")
    assert len(output.decode().splitlines()) == 1


async def _read_addresses(process: Process) -> dict[str, str]:
    assert process.stdout is not None
    found: dict[str, str] = {}
    async for line in process.stdout:
        name, _, value = line.decode().strip().partition(" ")
        found.setdefault(name, value.strip())
        if name == "ADMIN_TOKEN":
            return found
    raise AssertionError("the demo ended without saying where it serves")
