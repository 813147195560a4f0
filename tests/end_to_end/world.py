"""The outside world: Meta, HaraSocial, an operator and TikTok, all over HTTP."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import msgspec
from aiohttp import ClientConnectionError, ClientSession
from cryptography.fernet import Fernet

from actors.sessions import SUPPORT_ROLE
from gateway.demo.seller import session_link, support_link
from gateway.sandbox import AUTH_PATH, GRAPH_PATH
from gateway.settings import load_settings
from tests.end_to_end.running import Running, python
from tests.ports import free_port
from tests.waiting import eventually

PAGE, PSID, ORDER_ID = "900", "7101", 1225410593
EVENT_SET, TOKEN = "7351234567890123456", "token-that-nobody-may-see"
READY_WITHIN_S = 60.0
DELIVERED_WITHIN_S = 60.0


class World:
    """Starts our processes, and does to them what the outside world does."""

    def __init__(
        self, http: ClientSession, tiktok: str, settings: dict[str, str], start: Callable[..., Running]
    ) -> None:
        """Know TikTok's base URL, and the settings that all processes of ours share."""
        self.settings = settings
        self.url = ""
        self._http = http
        self._tiktok = tiktok
        self._start = start

    def start(self, *command: str, **settings: str) -> Running:
        """Start ``python -m gateway`` with a command, or with none."""
        return self._start(*python("gateway", *command), environment=self.settings | settings)

    def start_module(self, *command: str, under: tuple[str, ...] = (), **settings: str) -> Running:
        """Start a module in the place of ``gateway``, with the same settings, perhaps `under` another program."""
        return self._start(*under, *python(*command), environment=self.settings | settings)

    async def start_web(self, module: str = "gateway", under: tuple[str, ...] = (), **settings: str) -> Running:
        """Start a web process on a free port, and wait until it is ready."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        web = self.start_module(module, under=under, PORT=str(port), **settings)
        await eventually(lambda: self._is_ready_or_dead(web), within=READY_WITHIN_S)
        assert web.alive, web.log
        return web

    async def is_ready(self) -> bool:
        """Tell whether the web process is ready."""
        try:
            async with self._http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except ClientConnectionError:
            return False

    async def measures(self, line: str) -> bool:
        """Tell whether the web process's metrics hold this line."""
        return line in await self._metrics()

    async def measure(self, name: str) -> float:
        """Return one of the web process's metrics, by its name with its labels."""
        values = (line.removeprefix(name + " ") for line in await self._metrics() if line.startswith(name + " "))
        return float(next(values))

    async def connect_page(self, page_id: str = PAGE, **changes: object) -> None:
        """Connect a page to an event set, as an operator, with a token that TikTok knows; `changes` to that."""
        connection: dict[str, object] = {
            "store_id": "s-1",
            "advertiser_id": "7000000000000000001",
            "event_set_id": EVENT_SET,
            "access_token": TOKEN,
            "complete_payment_on": "order_confirmed",
        } | changes
        token, advertiser_id = connection["access_token"], connection["advertiser_id"]
        await self.sandbox(
            "tokens", {"access_token": token, "advertiser_ids": [advertiser_id], "event_set_ids": [EVENT_SET]}
        )
        url = f"{self.url}/api/pages/{page_id}/connection"
        async with self._http.put(url, json=connection, headers=self.operator) as answer:
            assert answer.ok, await answer.text()

    @property
    def operator(self) -> dict[str, str]:
        """The header by which the API knows an operator."""
        return {"Authorization": f"Bearer {self.settings['ADMIN_TOKEN']}"}

    def link(self, role: str) -> str:
        """Sign a link into our pages, as HaraSocial does."""
        settings = load_settings(self.settings | {"PUBLIC_URL": self.url})
        return support_link(settings, "en") if role == SUPPORT_ROLE else session_link(settings, "en", role)

    async def sandbox(self, control: str, document: object = None) -> None:
        """Tell TikTok's sandbox something."""
        async with self._http.post(urljoin(self._tiktok, f"/_sandbox/{control}"), json=document) as answer:
            assert answer.ok, await answer.text()

    async def sandbox_tells(self, control: str) -> Any:  # noqa: ANN401  each control tells something else
        """Ask TikTok's sandbox something."""
        async with self._http.get(urljoin(self._tiktok, f"/_sandbox/{control}")) as answer:
            return await answer.json()

    async def customer_comes_and_writes(self, mid: str = "m-1") -> int:
        """Send, as Meta, the click of a minute ago and a message; return the status."""
        party = {"sender": {"id": PSID}, "recipient": {"id": PAGE}}
        clicked = party | {"timestamp": now_ms() - 60_000, "referral": {"ref": "tt-ad-1", "source": "SHORTLINK"}}
        wrote = party | {"timestamp": now_ms(), "message": {"mid": mid, "text": "words that nobody may see"}}
        return await self.messenger(PAGE, clicked, wrote)

    async def messenger(self, page_id: str, *items: object) -> int:
        """Send, as Meta, what happened on a page; return the status."""
        body = msgspec.json.encode({"object": "page", "entry": [{"id": page_id, "messaging": items}]})
        async with self._http.post(self.url + "/webhooks/messenger", data=body, headers=self.sign(body)) as answer:
            return answer.status

    async def order_is_confirmed(self) -> int:
        """Send, as HaraSocial, an order that is confirmed already; return the status."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        order = {"id": ORDER_ID, "created_at": at, "updated_at": at, "confirmed_status": "confirmed"}
        more = {"confirmed_at": at, "currency": "VND", "total_price": 600000.0}
        return await self.harasocial(PAGE, PSID, order | more)

    async def harasocial(self, page_id: str, psid: str, order: dict[str, Any]) -> int:
        """Send, as HaraSocial, an order of a conversation; return the status."""
        place = {"channel": "messenger", "page_id": page_id, "psid": psid}
        body = msgspec.json.encode({"conversation": place, "order": order})
        secret = self.settings["HARASOCIAL_WEBHOOK_SECRET"].encode()
        signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
        headers = {"X-Haravan-HmacSha256": signature, "X-Haravan-Topic": "orders/create", "X-Haravan-Org-Id": "2"}
        async with self._http.post(self.url + "/webhooks/harasocial", data=body, headers=headers) as answer:
            return answer.status

    def sign(self, body: bytes) -> dict[str, str]:
        """Make Meta's header for a body."""
        secret = self.settings["MESSENGER_APP_SECRET"].encode()
        return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}

    async def accepted(self) -> list[str]:
        """Return the names of the events that TikTok counts."""
        return sorted(each["event"] for each in (await self.sandbox_tells("accepted"))["accepted"])

    async def tiktok_gets(self, *events: str) -> None:
        """Wait until TikTok counts these events; it must never count others."""
        await eventually(lambda: self._are_accepted(len(events)), within=DELIVERED_WITHIN_S)
        accepted = await self.accepted()
        assert accepted == sorted(events), f"TikTok counts {accepted}"

    async def delivered(self, *events: str) -> None:
        """Wait until TikTok counts these events, all of one page, and the page's log says so."""
        await self.tiktok_gets(*events)
        await eventually(lambda: self._are_logged_as_sent(len(events)))

    async def _are_logged_as_sent(self, number: int) -> bool:
        log = f"{self.url}/api/pages/{PAGE}/events?status=sent&limit=100"
        async with self._http.get(log, headers=self.operator) as answer:
            return len((await answer.json())["events"]) >= number

    async def _metrics(self) -> list[str]:
        async with self._http.get(f"{self.url}/metrics") as answer:
            return (await answer.text()).splitlines()

    async def _are_accepted(self, number: int) -> bool:
        return len(await self.accepted()) >= number

    async def _is_ready_or_dead(self, web: Running) -> bool:
        return not web.alive or await self.is_ready()


def settings_with(tiktok: str) -> dict[str, str]:
    """Return settings that lead to TikTok's sandbox at a base URL, and to no Redis yet."""
    return {
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


def now_ms() -> int:
    """Return the time (ms, UTC)."""
    return time.time_ns() // 1_000_000
