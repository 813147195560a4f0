"""The stage: the real web application on the embedded store, a loopback TikTok, and settings made for this one run."""

import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientSession, web
from cryptography.fernet import Fernet
from msgspec import Struct

from gateway.app import make_app
from gateway.parts import compose
from gateway.sandbox import API_PATH, Account, Sandbox, make_sandbox
from gateway.settings import Settings, load_settings

ADVERTISER: Final = "7420000000000000001"
EVENT_SET: Final = "7420000000000000777"
STORE: Final = "200000412345"


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
    async with _served(make_sandbox(sandbox), _listen("127.0.0.1", 0)) as sandbox_url:
        fresh = _environment(environment, f"{sandbox_url}{API_PATH}")
        wanted = load_settings(fresh)
        listener = _listen(wanted.host, wanted.port)
        settings = load_settings({**fresh, "PORT": str(listener.getsockname()[1])})
        async with _served(make_app(compose(settings)), listener), ClientSession(settings.public_url) as http:
            yield Stage(settings, sandbox, sandbox_url, access_token, http)


def _environment(given: Mapping[str, str], tiktok_url: str) -> dict[str, str]:
    required = ("MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN", "HARASOCIAL_WEBHOOK_SECRET", "ADMIN_TOKEN")
    return {
        **{name: given[name] for name in ("HOST", "PORT") if given.get(name)},
        **{name: secrets.token_urlsafe(24) for name in required},
        "HARASOCIAL_SESSION_SECRET": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "TIKTOK_APP_ID": ADVERTISER,
        "TIKTOK_APP_SECRET": secrets.token_hex(20),
        "TIKTOK_API_URL": tiktok_url,
    }


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError:
        return socket.create_server((host, 0), family=family)


@asynccontextmanager
async def _served(app: web.Application, listener: socket.socket) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://{listener.getsockname()[0]}:{listener.getsockname()[1]}"
    finally:
        await runner.cleanup()
