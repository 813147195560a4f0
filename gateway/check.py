"""``python -m gateway check``: try the settings, Redis and TikTok, and say what is wrong and what to do about it."""

from collections.abc import AsyncIterator
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from aiohttp import ClientSession
from msgspec import Struct
from rich.console import Console
from rich.text import Text

from actors.connect import open_store
from actors.errors import StoreUnavailable, WrongStoreUrl
from actors.scripts import Store
from actors.server import SAFE_POLICY, Server, covers_all_slots, load_scripts, probe, require_permitted, servers
from gateway.clock import now_ms
from gateway.health import FULL
from gateway.settings import Settings
from gateway.tiktok_api import TikTokApi
from rules.times import SECOND_MS

Level: TypeAlias = Literal["ok", "warning", "problem"]

OLDEST_VERSION: Final = (6, 2)
"""The first that knows ZADD with LT and GT properly: https://redis.io/docs/latest/commands/zadd/."""

CLOCKS_APART_MS: Final = 2 * SECOND_MS
TIKTOK_S: Final = 10.0

_STYLES: Final[dict[Level, str]] = {"ok": "green", "warning": "yellow", "problem": "bold red"}
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


class Finding(Struct, frozen=True):
    """What one check found. `text` also says what to do, unless all is well."""

    level: Level
    subject: str
    text: str


async def print_findings(settings: Settings, console: Console) -> bool:
    """Print every finding as one line, coloured where there are colours; return whether there is a problem."""
    levels: set[Level] = set()
    async for finding in check(settings):
        levels.add(finding.level)
        line = Text.assemble((f"{finding.level:8}", _STYLES[finding.level]), f"{finding.subject}: {finding.text}")
        console.print(line, soft_wrap=True)
    return "problem" in levels


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """Check one thing after another. `settings` have been read already, so they are right as such."""
    for finding in _settings(settings):
        yield finding
    if settings.embedded:
        yield Finding("warning", "Redis", "REDIS_URL is not set: all state dies with the web process")
    else:
        store = open_store(settings.redis_url.reveal(), retries=0)
        try:
            async for finding in _redis(store, settings):
                yield finding
        finally:
            await store.aclose()
    yield await _tiktok(settings)


def _settings(settings: Settings) -> list[Finding]:
    found = [Finding("ok", "settings", "complete and well-formed")]
    if not settings.wire_profile.verified:
        text = "the wire profile is unverified: nobody has seen TikTok count events of this shape yet"
        found.append(Finding("warning", "TIKTOK_WIRE_PROFILE", text))
    for name, url in (("PUBLIC_URL", settings.public_url), ("TIKTOK_API_URL", settings.tiktok_api_url)):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOCAL:
            found.append(Finding("warning", name, "is not https: tokens would cross the network in clear"))
    return found


async def _redis(store: Store, settings: Settings) -> AsyncIterator[Finding]:
    try:
        asked_at = now_ms()
        primaries = await servers(store)
        answered_at = now_ms()
        for server in primaries:
            yield Finding("ok", server.name, "reachable")
            for finding in (_version(server), _policy(server, settings), _append_only(server), _memory(server)):
                yield finding
            yield _clock(server, asked_at, answered_at)
            if settings.durable_on_replica and not server.replicas:
                yield Finding("problem", server.name, "REDIS_DURABILITY=replica, but it has no replica: add one")
        yield Finding("ok", "Redis", f"{await load_scripts(store)} scripts compile")
        await require_permitted(store)
        if not await covers_all_slots(store):
            yield Finding("problem", "Redis", "the cluster does not serve all slots: see CLUSTER INFO")
        yield await _write(store, settings)
    except WrongStoreUrl as error:
        yield Finding("problem", "Redis", f"REDIS_URL cannot be used: {error}")
    except StoreUnavailable as error:
        yield Finding("problem", "Redis", f"not usable: {error}. Check REDIS_URL and the network")


async def _write(store: Store, settings: Settings) -> Finding:
    try:
        await probe(store, durable_on_replica=settings.durable_on_replica)
    except StoreUnavailable as error:
        text = f"takes no write: {error}. Raise maxmemory, name the primary in REDIS_URL, or bring its replica back"
        return Finding("problem", "Redis", text)
    return Finding("ok", "Redis", "takes a write as a commit makes it")


def _version(server: Server) -> Finding:
    version = tuple(int(part) for part in server.version.split(".")[:2])
    if version < OLDEST_VERSION:
        return Finding("problem", server.name, f"version {server.version} is too old: 6.2 or newer is needed")
    return Finding("ok", server.name, f"version {server.version}")


def _policy(server: Server, settings: Settings) -> Finding:
    if server.memory.policy == SAFE_POLICY:
        return Finding("ok", server.name, f"maxmemory-policy is {SAFE_POLICY}")
    policy = f"is {server.memory.policy}" if server.memory.policy else "cannot be read"
    level: Level = "warning" if settings.allow_eviction else "problem"
    return Finding(level, server.name, f"maxmemory-policy {policy}: acknowledged events may be lost; set {SAFE_POLICY}")


def _append_only(server: Server) -> Finding:
    if server.append_only:
        return Finding("ok", server.name, "appendonly is on")
    return Finding("warning", server.name, "appendonly is off: a restart loses what was acknowledged; turn it on")


def _memory(server: Server) -> Finding:
    if not server.memory.limit:
        return Finding("warning", server.name, "maxmemory is not set: the system may kill Redis first; set a limit")
    used = f"uses {server.memory.share:.0%} of its memory limit"
    if server.memory.share >= FULL:
        return Finding("problem", server.name, f"{used}: what it cannot keep is refused; raise the limit")
    return Finding("ok", server.name, used)


def _clock(server: Server, asked_at: int, answered_at: int) -> Finding:
    apart = max(asked_at - server.now, server.now - answered_at, 0)
    if apart > CLOCKS_APART_MS:
        text = f"its clock is {apart / SECOND_MS:.0f} s away from this machine's: synchronise both (NTP)"
        return Finding("warning", server.name, text)
    return Finding("ok", server.name, "its clock agrees with this machine's")


async def _tiktok(settings: Settings) -> Finding:
    query = {"app_id": settings.tiktok_app_id, "secret": settings.tiktok_app_secret.reveal()}
    async with ClientSession() as session:
        api = TikTokApi(session, settings.tiktok_api_url, timeout_s=TIKTOK_S)
        reply, _ = await api.call("GET", "/oauth2/advertiser/get/", "none", params=query)
    if reply.http_status is None:
        return Finding("problem", "TikTok", f"not reachable ({reply.message}): check TIKTOK_API_URL and the way out")
    if reply.kind != "code":
        return Finding("problem", "TikTok", f"{reply.message}: check TIKTOK_API_URL")
    return Finding("ok", "TikTok", "reachable, and answers as its API does")
