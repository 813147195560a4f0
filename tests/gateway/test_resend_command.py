"""``resend`` on the command line: who did it is written down, whoever that is; what was only typed is not."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

from actors import keys
from actors.audit import Audit, AuditEntry
from gateway.cli import cli
from rules.days import day
from tests.actors.delivering import BAD_ITEM, PAGE, PSID, TikTok, connected, fired, turn
from tests.stores import Store

Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def rejected(real_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One event of the page, e-0, was given up."""
    monkeypatch.setenv("REDIS_URL", real_redis_url)

    async def reject(store: Store) -> None:
        await connected(store)
        await fired(store)
        await turn(store, TikTok(BAD_ITEM))

    with_store(real_redis_url, reject)


def with_store(url: str, work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Do something with the store; the command has an event loop of its own."""

    async def connect() -> Result:
        store: Store
        async with Redis.from_url(url) as store:
            return await work(store)

    return asyncio.run(connect())


def audited(url: str) -> list[AuditEntry]:
    """Return what is written down, oldest first."""
    return list(reversed(with_store(url, lambda store: Audit(store).newest(10))))


def test_one_event_is_written_down_with_its_conversation_and_why(real_redis_url: str) -> None:
    done = CliRunner().invoke(cli, ["resend", PAGE, "e-0", "--why", "event set mended"])
    assert done.exit_code == 0, done.output
    [entry] = audited(real_redis_url)
    assert (entry.action, entry.who) == ("resend", f"cli:{getpass.getuser()}")
    assert (entry.page_id, entry.psid, entry.event_id) == (PAGE, PSID, "e-0")
    assert entry.why == "event set mended"


def test_a_user_without_a_name_is_written_down_by_number(real_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under any number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)
    done = CliRunner().invoke(cli, ["resend", PAGE, "e-0"])
    assert done.exit_code == 0, done.output
    assert [entry.who for entry in audited(real_redis_url)] == ["cli:4000000001"]


def test_an_id_that_leads_nowhere_is_not_written_down(real_redis_url: str) -> None:
    """It may be a customer's phone number."""
    one = CliRunner().invoke(cli, ["resend", PAGE, "0901234567"])
    assert (one.exit_code, "the page has no event of this id" in one.output) == (1, True)
    assert CliRunner().invoke(cli, ["resend", "--problem", "0901234567", "--why", "x", "--yes"]).exit_code == 1
    assert audited(real_redis_url) == []


def test_what_waits_for_its_page_is_refused_in_words(real_redis_url: str) -> None:
    async def pause(store: Store) -> None:
        await connected(store, paused=True)

    with_store(real_redis_url, pause)
    first = CliRunner().invoke(cli, ["resend", PAGE, "e-0"])
    assert (first.exit_code, "e-0 waits to be sent again. The page is paused" in first.output) == (0, True)
    again = CliRunner().invoke(cli, ["resend", PAGE, "e-0"])
    assert (again.exit_code, "It is not sent again: The page is paused" in again.output) == (1, True)
    told = CliRunner().invoke(cli, ["resend", PAGE, "e-0", "--json"])
    assert '"outcome": "page_paused"' in told.output


@pytest.mark.parametrize("option", [("--problem", "40002"), ("--status", "rejected"), ("--day", "2026-01-05")])
def test_who_names_an_event_and_selects_several_is_asked_to_decide(
    real_redis_url: str, option: tuple[str, str]
) -> None:
    done = CliRunner().invoke(cli, ["resend", PAGE, "e-0", *option])
    assert (done.exit_code, "leave out what selects several" in done.output) == (2, True)
    assert audited(real_redis_url) == []


def test_a_day_is_the_same_however_it_is_written(real_redis_url: str) -> None:
    at = with_store(real_redis_url, lambda store: store.hget(keys.event(PAGE, "e-0"), "event_at"))
    written = day(int(at)).replace("-", "")
    done = CliRunner().invoke(cli, ["resend", PAGE, "--day", written, "--why", "mended", "--yes"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(("said", "code", "status"), [("n\n", 1, b"rejected"), ("y\n", 0, b"queued")])
def test_many_are_sent_only_when_somebody_says_yes(real_redis_url: str, said: str, code: int, status: bytes) -> None:
    done = CliRunner().invoke(cli, ["resend", "--problem", "40002", "--why", "mended"], input=said)
    assert done.exit_code == code, done.output
    assert with_store(real_redis_url, lambda store: store.hget(keys.event(PAGE, "e-0"), "status")) == status
    assert [entry.action for entry in audited(real_redis_url)] == (["resend_many", "resent_many"] if code == 0 else [])
