"""A service of real processes: redis-server, TikTok's sandbox, `web` and `sender`."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from gateway.sandbox import AUTH_PATH, GRAPH_PATH
from tests.end_to_end.running import Running, python, running
from tests.end_to_end.world import World

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes that end with the test. Takes the command and its environment."""
    with ExitStack() as stack:
        number = iter(range(100))

        def begin(*command: str, environment: dict[str, str] | None = None) -> Running:
            log = tmp_path / f"{next(number)}.log"
            return stack.enter_context(running(*command, environment=environment or {}, log=log))

        yield begin


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """Give the outside world's HTTP client."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def world(start: Start, http: ClientSession) -> World:
    """Give a world with TikTok's sandbox in it, and settings that lead there; no process of ours runs yet."""
    tiktok = start(*python("gateway.sandbox")).first_line()
    settings = {
        "MESSENGER_APP_SECRET": "messenger-app-secret",
        "MESSENGER_VERIFY_TOKEN": "messenger-verify-token",
        "HARASOCIAL_WEBHOOK_SECRET": "harasocial-webhook-secret",
        "HARASOCIAL_SESSION_SECRET": "harasocial-session-secret",
        "ADMIN_TOKEN": "admin-token-of-the-tests",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "TIKTOK_APP_ID": "7000000000000000000",
        "TIKTOK_APP_SECRET": "tiktok-app-secret",
        "TIKTOK_API_URL": tiktok,
        "TIKTOK_AUTH_URL": urljoin(tiktok, AUTH_PATH),
        "GRAPH_API_URL": urljoin(tiktok, GRAPH_PATH),
    }
    return World(http, tiktok, settings, start)
