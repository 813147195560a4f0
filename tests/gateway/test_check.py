"""The check names what is wrong with settings, Redis and TikTok, and never a secret."""

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web as aiohttp_web
from aiohttp.test_utils import TestServer
from redis import Redis as BlockingRedis
from rich.console import Console

from gateway.check import Finding, check, print_findings
from tests.gateway import web
from tests.redis_server import redis_server


async def findings(**settings: str) -> list[Finding]:
    """Return all findings with these settings."""
    return [finding async for finding in check(web.settings(**settings))]


def about(found: list[Finding], words: str) -> Finding:
    """Return the one finding whose subject or text has these words."""
    (finding,) = [each for each in found if words in f"{each.subject}: {each.text}"]
    return finding


@contextmanager
def configured(url: str, name: str, value: object) -> Iterator[None]:
    """Change the configuration of a Redis for a while."""
    with BlockingRedis.from_url(url) as redis:
        before = redis.config_get(name)[name]
        redis.config_set(name, value)
        yield
        redis.config_set(name, before)


async def test_a_good_redis_is_ok_point_by_point(real_redis_url: str) -> None:
    found = await findings(REDIS_URL=real_redis_url)
    good = (
        "reachable",
        "version",
        "maxmemory-policy is noeviction",
        "clock agrees",
        "scripts compile",
        "takes a write",
    )
    for words in good:
        redis = [each for each in found if each.subject == "Redis"]
        assert about(redis, words).level == "ok"


async def test_a_policy_that_evicts_is_a_problem_and_a_warning_where_allowed(real_redis_url: str) -> None:
    with configured(real_redis_url, "maxmemory-policy", "allkeys-lru"):
        refused = about(await findings(REDIS_URL=real_redis_url), "allkeys-lru")
        allowed = about(await findings(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes"), "allkeys-lru")
    assert (refused.level, allowed.level) == ("problem", "warning")


async def test_a_missing_append_only_file_and_memory_limit_are_warnings(real_redis_url: str) -> None:
    found = await findings(REDIS_URL=real_redis_url)
    assert about(found, "appendonly is off").level == "warning"
    assert about(found, "maxmemory is not set").level == "warning"
    with configured(real_redis_url, "maxmemory", 1 << 30), configured(real_redis_url, "appendonly", "yes"):
        better = await findings(REDIS_URL=real_redis_url)
    assert about(better, "appendonly is on").level == "ok"
    assert about(better, "of its memory limit").level == "ok"


async def test_a_redis_that_takes_no_write_is_a_problem(real_redis_url: str) -> None:
    with configured(real_redis_url, "maxmemory", 1):
        full = await findings(REDIS_URL=real_redis_url)
    with configured(real_redis_url, "min-replicas-to-write", 1):
        without_replica = await findings(REDIS_URL=real_redis_url)
    assert about(full, "of its memory limit").level == "problem"
    assert about(full, "takes no write: Redis refuses writes: its memory is full (OOM)").level == "problem"
    assert about(without_replica, "takes no write").level == "problem"


async def test_durability_without_a_replica_is_a_problem(real_redis_url: str) -> None:
    found = await findings(REDIS_URL=real_redis_url, REDIS_DURABILITY="replica")
    assert about(found, "but it has no replica").level == "problem"


async def test_clocks_that_disagree_are_a_warning(real_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.check.now_ms", lambda: 1_000_000_000_000)
    assert about(await findings(REDIS_URL=real_redis_url), "NTP").level == "warning"


async def test_a_redis_that_is_away_is_a_problem_without_its_password(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        pass
    found = await findings(REDIS_URL=url.replace("//", "//:hunter2@"))
    assert about(found, "Check REDIS_URL").level == "problem"
    assert "hunter2" not in str(found)


async def test_no_redis_at_all_is_a_warning() -> None:
    assert about(await findings(), "all state dies").level == "warning"


async def test_addresses_without_tls_are_warnings_unless_local() -> None:
    found = await findings(PUBLIC_URL="http://shop.example")
    assert about(found, "PUBLIC_URL").level == "warning"


async def test_an_unverified_wire_profile_is_a_warning() -> None:
    assert about(await findings(), "unverified").level == "warning"


async def test_tiktok_is_reachable_when_it_answers_whatever_it_says(tiktok_url: str) -> None:
    assert about(await findings(TIKTOK_API_URL=tiktok_url), "TikTok: reachable").level == "ok"


async def test_tiktok_out_of_reach_is_a_problem_without_the_secret() -> None:
    found = await findings()
    assert about(found, "TikTok: not reachable").level == "problem"
    assert web.ENVIRONMENT["TIKTOK_APP_SECRET"] not in str(found)


@pytest.fixture
async def not_tiktok() -> AsyncIterator[str]:
    """Serve something that is not TikTok."""
    async with TestServer(aiohttp_web.Application()) as server:
        yield str(server.make_url(""))


async def test_something_else_than_tiktok_is_a_problem(not_tiktok: str) -> None:
    assert about(await findings(TIKTOK_API_URL=not_tiktok), "without an answer of the API").level == "problem"


async def test_each_finding_is_one_line_and_a_problem_is_reported(tiktok_url: str) -> None:
    for settings, expected in ((web.settings(), True), (web.settings(TIKTOK_API_URL=tiktok_url), False)):
        printed = io.StringIO()
        assert await print_findings(settings, Console(file=printed, width=20)) is expected
        lines = printed.getvalue().splitlines()
        assert len(lines) == len([finding async for finding in check(settings)])
        assert {line.split()[0] for line in lines} <= {"ok", "warning", "problem"}
