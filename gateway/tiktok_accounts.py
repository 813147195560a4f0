"""TikTok's account endpoints: the token, the advertisers, the message event sets. Pure readers on top, adapter below.

OAuth: https://business-api.tiktok.com/portal/docs?id=1738373141733378. The event-set endpoints come from the wire
profile, because TikTok publishes only one of them. An error's words never hold a URL: one of them carries the secret.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypedDict, TypeVar, Unpack

import msgspec
import structlog
from aiohttp import ClientSession
from msgspec import Struct

from gateway.settings import Settings
from gateway.tiktok_api import TikTokApi
from gateway.tiktok_errors import Expired, NoPermission, TikTokError, Unavailable, meaning
from gateway.wire_profile import WireProfile
from rules.delivery import Reply

INFO_IDS: Final = 100
"""`/advertiser/info/` takes at most so many ids at once."""

MESSENGER: Final = "MESSENGER"

Content = TypeVar("Content")

log = structlog.get_logger()


class Advertiser(Struct, frozen=True):
    """An ad account that the token may act for."""

    advertiser_id: str
    advertiser_name: str = ""


class AdvertiserInfo(Struct, frozen=True):
    """What an ad account says of itself: its name, ISO 4217 currency, and TikTok's status word."""

    advertiser_id: str
    name: str = ""
    currency: str = ""
    status: str = ""


class EventSet(Struct, frozen=True, rename={"event_set_id": "message_event_set_id", "name": "message_event_name"}):
    """A message event set, which receives the events of conversations."""

    event_set_id: str = ""
    name: str = ""


class EventSets(Struct, frozen=True, rename={"matched": "matched_event_set", "listed": "message_event_set_list"}):
    """Those of one advertiser. `matched` already belongs to the page, and then TikTok uses no other for it."""

    matched: EventSet | None = None
    listed: tuple[EventSet, ...] | None = None

    def found(self, name: str) -> EventSet | None:
        """Return the set that belongs to the page, whatever its name, else the one of exactly this name, else None."""
        if self.matched and self.matched.event_set_id:
            return self.matched
        return next((each for each in self.listed or () if each.name == name), None)


class _Request(TypedDict, total=False):
    params: Mapping[str, str]
    body: bytes


class _Granted(Struct, frozen=True):
    access_token: str


class _Listed(Struct, frozen=True):
    list: tuple[Advertiser, ...] | None = None


class _Described(Struct, frozen=True):
    list: tuple[AdvertiserInfo, ...] | None = None


class _Envelope(Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"null")


def event_set_name(page_id: str) -> str:
    """Name the event set that is made for a page."""
    return f"Haravan_CTM_Messenger_{page_id}"


def read_content(reply: Reply, body: bytes, wanted: type[Content]) -> Content:
    """Take what was asked for out of an answer. Raises TikTokError by what the answer means."""
    if reply.code != 0:
        raise meaning(reply)
    data = bytes(msgspec.json.decode(body, type=_Envelope).data)
    try:
        return msgspec.json.decode(b"{}" if data == b"null" else data, type=wanted)
    except msgspec.DecodeError as error:
        misread = Reply("not_json", message="an answer of another shape", request_id=reply.request_id)
        raise Unavailable(misread) from error


class TikTokAccounts:
    """Asks TikTok on behalf of whoever holds a token. Every method raises TikTokError."""

    def __init__(
        self, http: ClientSession, settings: Settings, turn: Callable[[], Awaitable[None]], *, timeout_s: float = 8.0
    ) -> None:
        """Take an open session, which stays the caller's, and `turn`, which waits for leave to make one call."""
        self._api = TikTokApi(http, settings.tiktok_api_url, timeout_s=timeout_s)
        self._app = {"app_id": settings.tiktok_app_id, "secret": settings.tiktok_app_secret.reveal()}
        self._profile: WireProfile = settings.wire_profile
        self._turn = turn

    async def exchange(self, auth_code: str) -> str:
        """Turn an `auth_code` (single use, 1 hour) into an access token. Expired: the code is used up or unknown."""
        # Without the advertisers: for a person with thousands of them TikTok runs out of time.
        asked = {**self._app, "auth_code": auth_code, "return_advertiser_ids": False}
        granted = await self._ask("POST", "/oauth2/access_token/", _Granted, body=_json(asked))
        return granted.access_token

    async def advertisers(self, token: str) -> tuple[Advertiser, ...]:
        """Return the ad accounts that the token may act for."""
        found = await self._ask("GET", "/oauth2/advertiser/get/", _Listed, token, params=self._app)
        return found.list or ()

    async def describe(self, token: str, advertiser_ids: Sequence[str]) -> dict[str, AdvertiserInfo]:
        """Return what up to `INFO_IDS` ad accounts say of themselves, by id. Needs "Read Ad Account Information"."""
        query = {
            "advertiser_ids": _json(advertiser_ids[:INFO_IDS]).decode(),
            "fields": _json(["advertiser_id", "name", "currency", "status"]).decode(),
        }
        found = await self._ask("GET", "/advertiser/info/", _Described, token, params=query)
        return {each.advertiser_id: each for each in found.list or ()}

    async def event_sets(self, token: str, advertiser_id: str, page_id: str) -> EventSets:
        """Return the advertiser's message event sets, and which one belongs to the page already."""
        query = _place(advertiser_id, page_id)
        return await self._ask("GET", self._profile.event_set_endpoints.find, EventSets, token, params=query)

    async def create_event_set(self, token: str, advertiser_id: str, page_id: str) -> EventSet:
        """Make the page's event set. What TikTok answers is not published, so the id may be missing from the result."""
        name = event_set_name(page_id)
        asked = _place(advertiser_id, page_id) | {"message_event_name": name}
        made = await self._ask("POST", self._profile.event_set_endpoints.create, EventSet, token, body=_json(asked))
        return EventSet(made.event_set_id, made.name or name)

    async def require_reporting(self, token: str, event_set_id: str) -> None:
        """Raise NoPermission or Expired where TikTok says that the token may not send events to the set.

        Nothing is sent: a request without events is refused for that, by whoever would accept one with events. What
        tells neither, such as no answer, passes: the sender will meet it.
        """
        report = {"event_source": self._profile.event_source, "event_source_id": event_set_id, "data": []}
        reply, _ = await self._call("POST", "/event/track/", token, body=_json(report))
        error = meaning(reply)
        if isinstance(error, Expired | NoPermission):
            raise error

    async def _ask(
        self, method: str, path: str, wanted: type[Content], token: str | None = None, **request: Unpack[_Request]
    ) -> Content:
        reply, body = await self._call(method, path, token, **request)
        try:
            return read_content(reply, body, wanted)
        except TikTokError as error:
            log.warning(
                "tiktok.call_failed", endpoint=path, code=error.code, said=error.said, request_id=error.request_id
            )
            raise

    async def _call(
        self, method: str, path: str, token: str | None, **request: Unpack[_Request]
    ) -> tuple[Reply, bytes]:
        await self._turn()
        return await self._api.call(method, path, token, **request)


def _place(advertiser_id: str, page_id: str) -> dict[str, str]:
    return {"advertiser_id": advertiser_id, "messaging_app_type": MESSENGER, "messaging_app_account_id": page_id}


def _json(content: object) -> bytes:
    return msgspec.json.encode(content)
