"""The stage: the real application on the embedded store, loopback TikTok, Meta and HaraSocial, settings for one run."""

import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientSession, web
from cryptography.fernet import Fernet
from msgspec import Struct

from gateway.app import make_app
from gateway.demo.seller import ADVERTISER, CONSENT, graph_pages, harasocial
from gateway.parts import compose
from gateway.sandbox import API_PATH, AUTH_PATH, GRAPH_PATH, Account, Sandbox, make_sandbox
from gateway.settings import Settings, SettingsError, load_settings

EVENT_SET: Final = "7420000000000000777"
HARASOCIAL_PATH: Final = "/harasocial"


class Stage(Struct, frozen=True):
    """What the story plays on. `http` is a client of the outside world; `access_token` is the seller's at TikTok."""

    settings: Settings
    sandbox: Sandbox
    sandbox_url: str
    access_token: str
    http: ClientSession


@asynccontextmanager
async def open_stage(environment: Mapping[str, str]) -> AsyncIterator[Stage]:
    """Serve until the block ends. ``HOST`` and ``PORT`` are respected; where the port is taken, a free one is used.

    Raises SettingsError.
    """
    access_token = secrets.token_hex(20)
    sandbox = Sandbox(Account(access_token, (ADVERTISER,), (EVENT_SET,)))
    sandbox.directory.consent = CONSENT
    outside = _listen("127.0.0.1", 0)
    sandbox_url = f"http://127.0.0.1:{outside.getsockname()[1]}"
    fresh = _environment(environment, sandbox_url)
    wanted = load_settings(fresh)
    listener = _listen(wanted.host, wanted.port)
    settings = load_settings({**fresh, "PORT": str(listener.getsockname()[1])})
    others = make_sandbox(sandbox, graph_pages())
    others.router.add_get(HARASOCIAL_PATH, harasocial(settings))
    async with (
        _served(others, outside),
        _served(make_app(compose(settings)), listener),
        ClientSession(settings.public_url) as http,
    ):
        yield Stage(settings, sandbox, sandbox_url, access_token, http)


def _environment(given: Mapping[str, str], sandbox_url: str) -> dict[str, str]:
    required = ("MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN", "HARASOCIAL_WEBHOOK_SECRET", "ADMIN_TOKEN")
    return {
        **{name: given[name] for name in ("HOST", "PORT") if given.get(name)},
        **{name: secrets.token_urlsafe(24) for name in required},
        "HARASOCIAL_SESSION_SECRET": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "TIKTOK_APP_ID": ADVERTISER,
        "TIKTOK_APP_SECRET": secrets.token_hex(20),
        "TIKTOK_API_URL": f"{sandbox_url}{API_PATH}",
        "TIKTOK_AUTH_URL": f"{sandbox_url}{AUTH_PATH}",
        "GRAPH_API_URL": f"{sandbox_url}{GRAPH_PATH}",
    }


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.suppress(OSError, UnicodeError):
        return socket.create_server((host, port), family=family)
    try:
        return socket.create_server((host, 0), family=family)
    except (OSError, UnicodeError):
        raise SettingsError((f"HOST cannot be listened on: {host}",)) from None


@asynccontextmanager
async def _served(app: web.Application, listener: socket.socket) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()
