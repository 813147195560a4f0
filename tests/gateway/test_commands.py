"""The commands for support, as they are run: a process, its environment, its output."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actors import codec, keys
from actors.audit import Audit
from tests.gateway.service import Service, click, said, serve
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store

ROOT = Path(__file__).parents[2]


async def run(*arguments: str, redis_url: str = "", folder: Path | None = None) -> tuple[int, str]:
    """Run the command line with nothing but ``REDIS_URL``; return its code and all its output."""
    code, output, errors = await run_apart(*arguments, redis_url=redis_url, folder=folder)
    return code, output + errors


async def run_json(*arguments: str, redis_url: str) -> tuple[int, Any]:
    """Run a command with ``--json``; return its code and what it printed, which is one JSON document."""
    code, output, _ = await run_apart(*arguments, "--json", redis_url=redis_url)
    return code, json.loads(output)


async def run_apart(*arguments: str, redis_url: str, folder: Path | None = None) -> tuple[int, str, str]:
    """Run the command line; return its code, what it printed, and what it said on stderr."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", *arguments),
        cwd=folder,
        env={**kept, "REDIS_URL": redis_url, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


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
    assert "… Conversation" in output  # fired, and not sent yet
    assert "Mới có 1 trên 5 tin nhắn" in output
    code, output = await run("timeline", PAGE, PSID, "--language", "en", redis_url=real_redis_url)
    assert code == 0
    assert "The customer wrote" in output


@pytest.mark.parametrize("arguments", [("explain", PAGE, "\udcff"), ("key", "\udcff"), ("resend", PAGE, "\udcff")])
async def test_an_argument_that_is_no_text_is_refused_in_one_line(
    real_redis_url: str, arguments: tuple[str, ...]
) -> None:
    code, _, errors = await run_apart(*arguments, redis_url=real_redis_url)
    assert (code, errors) == (2, "an argument is not UTF-8 text\n")


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
    event_id = await _only_event(service)
    code, output = await run("resend", PAGE, event_id, redis_url=real_redis_url)
    assert (code, output) == (1, "It is not sent again: The page is paused; its events wait, for at most 7 days.\n")


async def test_resend_queues_what_was_rejected(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    event_id = await _only_event(service)
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


async def test_a_timeline_is_told_from_either_end_on_the_shops_clock(service: Service, real_redis_url: str) -> None:
    await service.connect(time_zone="Asia/Tokyo")
    await service.messenger(now() - 5_000, click(), said("m1"), said("m2", echo=True))
    ask = ("timeline", PAGE, PSID, "--language", "en")
    code, output = await run(*ask, "--oldest-first", "--limit", "1", redis_url=real_redis_url)
    assert (code, "clicked the TikTok ad" in output, "wrote" in output) == (0, True, False)
    assert "JST" in output
    after = output.partition("--after ")[2].split()[0]
    _, output = await run(*ask, "--oldest-first", "--after", after, redis_url=real_redis_url)
    assert output.index("The customer wrote") < output.index("The page wrote")
    _, output = await run(*ask, "--newest-first", redis_url=real_redis_url)
    assert output.index("The page wrote") < output.index("The customer wrote")


async def test_json_is_what_the_api_says(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    for command, path in (("explain", ""), ("timeline", "/timeline")):
        _, printed = await run_json(command, PAGE, PSID, redis_url=real_redis_url)
        async with await service.api("GET", f"/conversations/{PAGE}/{PSID}{path}") as response:
            assert printed == await response.json()


async def test_resending_many_says_first_what_it_would_do_and_asks(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    event_id = await _only_event(service)
    await _bury(service, event_id)
    code, output, said_before = await run_apart(
        "resend", PAGE, "--status", "rejected", "--why", "mended", redis_url=real_redis_url
    )
    assert (code, output.strip()) == (1, "")
    assert "1 match: 1 can be sent again." in said_before
    code, done = await run_json(
        "resend", PAGE, "--status", "rejected", "--why", "mended", "--yes", redis_url=real_redis_url
    )
    assert (code, done) == (0, {"matching": 1, "requeued": 1, "refused": {}, "more": False})
    written = await Audit(service.parts.store).newest(2)
    assert [entry.action for entry in written] == ["resent_many", "resend_many"]
    assert {entry.why for entry in written} == {"mended"}
    assert all(entry.who.startswith("cli:") for entry in written)
    code, output = await run("resend", PAGE, event_id, redis_url=real_redis_url)
    assert code == 1, output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Say which"),
        (("900",), "Say why with --why"),
        (("900", "--day", "tomorrow", "--why", "x"), "--day must be a date"),
    ],
)
async def test_resending_many_needs_a_selection_and_a_reason(
    real_redis_url: str, arguments: tuple[str, ...], says: str
) -> None:
    code, output = await run("resend", *arguments, redis_url=real_redis_url)
    assert code == 2
    assert says in output


async def test_json_of_outbox_and_resend(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.messenger(now() - 5_000, click(), said("m1"))
    _, waiting = await run_json("outbox", redis_url=real_redis_url)
    assert [(each["page_id"], each["waiting"], each["dead"]) for each in waiting["pages"]] == [(PAGE, 1, 0)]
    event_id = await _only_event(service)
    code, refused = await run_json("resend", PAGE, event_id, redis_url=real_redis_url)
    assert (code, refused["requeued"], refused["outcome"]) == (1, False, "page_paused")
    assert refused["sentence"]["en"] == "The page is paused; its events wait, for at most 7 days."
    await _bury(service, event_id)
    code, again = await run_json("resend", PAGE, event_id, redis_url=real_redis_url)
    assert (code, again["requeued"], again["event_id"]) == (0, True, event_id)


async def test_find_leads_to_the_conversation_by_whatever_was_given(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    for what in (PSID, "1225410593", "#410593", "tt-abc_1"):
        code, output = await run("find", what, "--language", "en", redis_url=real_redis_url)
        assert (code, f"python -m gateway explain {PAGE} {PSID}" in output) == (0, True), what
    _, found = await run_json("find", "#410593", redis_url=real_redis_url)
    assert [(each["by"], each["page_id"], each["psid"]) for each in found["found"]] == [("order_number", PAGE, PSID)]


async def test_find_nothing_says_so_and_ends_with_code_1(service: Service, real_redis_url: str) -> None:
    await service.connect()
    code, output = await run("find", "nobody", redis_url=real_redis_url)
    assert (code, "Nothing is known" in output) == (1, True)
    assert await run_json("find", "nobody", redis_url=real_redis_url) == (1, {"found": []})


async def test_whatif_shows_one_conversation_under_another_choice(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    ask = ("whatif", PAGE, PSID, "--choice", "order_shipped")
    code, output = await run(*ask, "--language", "en", redis_url=real_redis_url)
    assert (code, "Waiting for the order to have a delivery note." in output) == (0, True)
    _, told = await run_json(*ask, redis_url=real_redis_url)
    assert {each["event"]: each["effect"] for each in told["events"]} == {
        "Conversation": "same",
        "ValidConversation": "same",
        "InitiateCheckout": "same",
        "CompletePayment": "lost",
    }


async def test_whatif_sums_up_a_page(service: Service, real_redis_url: str) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    await service.messenger(now() - 9_000, click("other"), said("x1"), psid="7102")
    ask = ("whatif", PAGE, "--ref-pattern", "^tt-")
    code, output = await run(*ask, "--language", "en", redis_url=real_redis_url)
    assert (code, "2 conversations clicked since" in output) == (0, True)
    assert f"whatif {PAGE} 7102 --ref-pattern '^tt-'" in output
    _, told = await run_json(*ask, redis_url=real_redis_url)
    assert (told["replayed"], told["changed"], told["clicks_lost"]) == (2, 1, 1)
    assert [each["psid"] for each in told["conversations"]] == ["7102"]
    _, told = await run_json("whatif", PAGE, redis_url=real_redis_url)
    assert (told["replayed"], told["changed"]) == (2, 0)


async def test_whatif_of_a_page_that_nobody_knows_says_so(service: Service, real_redis_url: str) -> None:
    code, output = await run("whatif", "no-page", redis_url=real_redis_url)
    assert (code, output.startswith("The page is not connected")) == (1, True)
    await service.connect("901")
    code, _ = await run("whatif", "901", redis_url=real_redis_url)
    assert code == 0


async def test_whatif_refuses_a_pattern_that_is_none(service: Service, real_redis_url: str) -> None:
    await service.connect()
    code, output = await run("whatif", PAGE, "--ref-pattern", "(", "--language", "en", redis_url=real_redis_url)
    assert code == 2
    assert output.startswith("--ref-pattern: The pattern cannot be used: it is not a regular expression")
    code, output = await run("whatif", PAGE, PSID, redis_url=real_redis_url)
    assert (code, "9 days" in output) == (1, True)


async def test_packet_writes_a_file_and_never_over_another(
    service: Service, real_redis_url: str, tmp_path: Path
) -> None:
    await service.connect(paused=True)
    await service.whole_story()
    code, output = await run("packet", PAGE, PSID, redis_url=real_redis_url, folder=tmp_path)
    written = tmp_path / output.strip()
    assert code == 0
    assert written.name.startswith(f"packet-{PAGE}-customer-")
    assert len(json.loads(written.read_bytes())["events"]) == 4
    before = written.read_bytes()
    code, output = await run("packet", PAGE, PSID, "--output", str(written), redis_url=real_redis_url)
    assert (code, "is left as it is" in output) == (2, True)
    assert written.read_bytes() == before
    nowhere = str(tmp_path / "no" / "where.json")
    code, output = await run("packet", PAGE, PSID, "--output", nowhere, redis_url=real_redis_url)
    assert (code, "cannot be written: No such file" in output) == (2, True)


async def _only_event(service: Service) -> str:
    async with await service.api("GET", f"/pages/{PAGE}/events") as response:
        (event,) = (await response.json())["events"]
    return str(event["event_id"])


async def _bury(service: Service, event_id: str) -> None:
    # As a sender does after TikTok has refused the event.
    store: Store = service.parts.store
    at = now()
    ended = {"status": "rejected", "reason": "rejected", **codec.moment("settled_at", at)}
    await store.hset(keys.event(PAGE, event_id), mapping=ended)
    await store.zrem(keys.outbox(PAGE), event_id)
    await store.zadd(keys.dead(PAGE), {event_id: at})
