"""What Meta tells becomes findings; what it does not tell is "not checked"; a page is looked at every day."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from actors import keys
from actors.connection import Connection
from actors.connections import Connections
from actors.page_checks import PageCheck, PageChecks
from gateway.graph import Graph, GraphError, Profile
from gateway.page_check import NEEDED_FIELDS, PageChecker, judge
from gateway.page_checking import check_daily
from gateway.sandbox import GRAPH_PATH, GraphPage, GraphPages, Sandbox, make_sandbox
from gateway.vault import Vault
from tests.waiting import eventually

NOW, PAGE, TOKEN = 1_790_000_000_000, "900", "page-token"
GOOD = Profile(greeting=True, get_started=True, ice_breakers=False)
ALL = frozenset({*NEEDED_FIELDS, "messaging_handovers"})


def test_a_ready_page_passes() -> None:
    assert judge(NOW, GOOD, ALL) == PageCheck(NOW, "passed", "passed", "passed", "passed")


def test_each_fault_is_found_by_itself() -> None:
    bare = Profile(greeting=False, get_started=False, ice_breakers=False)
    faq = Profile(greeting=True, get_started=True, ice_breakers=True)
    assert judge(NOW, bare, ALL) == PageCheck(NOW, "failing", "passed", "failing", "passed")
    assert judge(NOW, faq, ALL) == PageCheck(NOW, "passed", "failing", "passed", "passed")
    assert judge(NOW, GOOD, ALL - {"standby"}).missing_fields == ("standby",)
    assert judge(NOW, GOOD, frozenset()).missing_fields == NEEDED_FIELDS


def test_only_the_faq_blocks() -> None:
    assert judge(NOW, Profile(greeting=True, get_started=True, ice_breakers=True), ALL).blocks
    assert not judge(NOW, Profile(greeting=False, get_started=False, ice_breakers=False), frozenset()).blocks
    assert not judge(NOW, GraphError("unavailable"), GraphError("unavailable")).blocks


def test_what_is_not_told_is_not_checked_and_the_rest_is() -> None:
    half = judge(NOW, GOOD, GraphError("permission_missing"))
    assert half == PageCheck(NOW, "passed", "passed", "passed", "not_checked", (), "permission_missing")
    none = judge(NOW, GraphError("token_refused"), GraphError("token_refused"))
    assert none == PageCheck(NOW, obstacle="token_refused")


@pytest.fixture
def pages() -> GraphPages:
    return GraphPages()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
async def checker(store: Redis, pages: GraphPages, vault: Vault) -> AsyncIterator[PageChecker]:
    server = TestServer(make_sandbox(Sandbox(), pages))
    async with server, ClientSession() as session:
        yield PageChecker(Graph(session, api_url=str(server.make_url(GRAPH_PATH))), PageChecks(store), vault)


async def test_without_a_token_nothing_is_checked_or_kept(checker: PageChecker, store: Redis) -> None:
    assert await checker.check(PAGE, None, NOW) == PageCheck(NOW, obstacle="no_token")
    assert await PageChecks(store).get(PAGE) is None


async def test_a_token_once_brought_serves_later_checks(checker: PageChecker, pages: GraphPages, vault: Vault) -> None:
    pages.set(GraphPage(PAGE, TOKEN, greeting="Xin chào"))
    assert not (await checker.check(PAGE, vault.encrypt(TOKEN), NOW)).failing
    pages.set(GraphPage(PAGE, TOKEN))
    assert (await checker.check(PAGE, None, NOW)).greeting == "failing"


async def test_the_token_is_never_stored_or_logged_in_clear(
    checker: PageChecker, store: Redis, vault: Vault, capfd: pytest.CaptureFixture[str]
) -> None:
    await checker.check(PAGE, vault.encrypt(TOKEN), NOW)
    await checker.check(PAGE, Vault([Fernet.generate_key().decode()]).encrypt(TOKEN), NOW)
    redis: Any = store
    row = await redis.hgetall(keys.check(PAGE))
    assert row[b"obstacle"] == b"token_refused"
    assert TOKEN not in str(row) + "".join(capfd.readouterr())


async def test_a_connected_page_is_checked_when_its_day_is_over(
    checker: PageChecker, store: Redis, pages: GraphPages, vault: Vault
) -> None:
    pages.set(GraphPage(PAGE, TOKEN, greeting="Xin chào"))
    await checker.check(PAGE, vault.encrypt(TOKEN), NOW)
    await Connections(store).put(Connection(PAGE, "s-1", "7000", "7351", "token", "order_confirmed"), NOW)
    pages.set(GraphPage(PAGE, TOKEN, greeting="Xin chào", ice_breakers=("Giá?",)))
    stopping = asyncio.Event()
    running = asyncio.create_task(check_daily(checker, stopping, every_s=0.01))
    try:
        redis: Any = store
        await redis.zadd(keys.checks(0), {b"\xff": 1})  # damage elsewhere keeps nobody from being checked
        await redis.expire(keys.checks(0), 60)
        await redis.zadd(keys.checks(keys.partition(PAGE)), {PAGE: 1})

        async def found() -> bool:
            check = await PageChecks(store).get(PAGE)
            return check is not None and check.blocks

        await eventually(found)
    finally:
        stopping.set()
        await running
