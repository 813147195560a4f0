"""Meta's Graph API, read only: what a page shows before a conversation, and what its webhooks tell our app.

Pure readers on top, the client below. The page token travels in a header, never in a URL, and is never logged.
"""

from typing import Final, Literal, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout
from msgspec import Struct
from yarl import URL

Obstacle: TypeAlias = Literal["token_refused", "permission_missing", "unavailable"]
"""Why Meta did not tell: only a new token helps, the app lacks a permission on the page, or asking later helps."""

TIMEOUT_S: Final = 6.0

_TOKEN_CODES: Final = {102, 190, 463, 467}
_PERMISSION_CODES: Final = {3, 10, 100, *range(200, 300)}
_PROFILE: Final = "me/messenger_profile?fields=greeting,get_started,ice_breakers"


class GraphError(Exception):
    """Meta did not tell what was asked. `obstacle` says what would help; nothing of Meta's words is kept."""

    def __init__(self, obstacle: Obstacle) -> None:
        """Keep the obstacle."""
        super().__init__(obstacle)
        self.obstacle: Obstacle = obstacle


class Profile(Struct, frozen=True):
    """What of a page's Messenger profile is set. Ice breakers are the FAQ of the seller's guide."""

    greeting: bool
    get_started: bool
    ice_breakers: bool


class _Greeting(Struct, frozen=True):
    text: str = ""


class _GetStarted(Struct, frozen=True):
    payload: str = ""


class _Properties(Struct, frozen=True):
    greeting: tuple[_Greeting, ...] = ()
    get_started: _GetStarted = _GetStarted()
    ice_breakers: tuple[msgspec.Raw, ...] = ()


class _Profiles(Struct, frozen=True):
    data: tuple[_Properties, ...]


class _App(Struct, frozen=True):
    subscribed_fields: tuple[str, ...] = ()


class _Apps(Struct, frozen=True):
    data: tuple[_App, ...]


class _Fault(Struct, frozen=True):
    code: int = 0


class _Refusal(Struct, frozen=True):
    error: _Fault


_Answer = TypeVar("_Answer", bound=Struct)


def read_profile(status: int, body: bytes) -> Profile:
    """Read a Messenger profile; a page without any has an empty list. Raises GraphError.

    https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
    """
    found = _read(status, body, _Profiles).data
    return Profile(
        greeting=any(each.text.strip() for properties in found for each in properties.greeting),
        get_started=any(properties.get_started.payload for properties in found),
        ice_breakers=any(properties.ice_breakers for properties in found),
    )


def read_subscriptions(status: int, body: bytes) -> frozenset[str]:
    """Read which webhook fields of the page our app gets; Meta lists the token's own app only. Raises GraphError.

    https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
    """
    apps = _read(status, body, _Apps).data
    return frozenset(field for app in apps for field in app.subscribed_fields)


def _read(status: int, body: bytes, wanted: type[_Answer]) -> _Answer:
    """Read an answer by its body, or say by https://developers.facebook.com/docs/graph-api/guides/error-handling."""
    try:
        if status == 200:  # noqa: PLR2004  Meta's errors are 400 and above, with a body that says more
            return msgspec.json.decode(body, type=wanted)
        code = msgspec.json.decode(body, type=_Refusal).error.code
    except msgspec.DecodeError:
        raise GraphError("unavailable") from None
    if code in _TOKEN_CODES:
        raise GraphError("token_refused")
    raise GraphError("permission_missing" if code in _PERMISSION_CODES else "unavailable")


class Graph:
    """Asks the Graph API about a page, in the name of the page itself."""

    def __init__(self, session: ClientSession, *, api_url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Take an open session, which stays the caller's."""
        self._session = session
        self._api_url = api_url
        self._timeout = ClientTimeout(total=timeout_s)

    async def profile(self, token: str) -> Profile:
        """Return the Messenger profile of the token's page. Raises GraphError."""
        return read_profile(*await self._get(_PROFILE, token))

    async def subscriptions(self, page_id: str, token: str) -> frozenset[str]:
        """Return the webhook fields of the page that our app gets. Raises GraphError."""
        return read_subscriptions(
            *await self._get(f"{quote(page_id, safe='')}/subscribed_apps?fields=subscribed_fields", token)
        )

    async def _get(self, path: str, token: str) -> tuple[int, bytes]:
        url = URL(f"{self._api_url}/{path}", encoded=True)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            # A redirect would carry the token to another host.
            async with self._session.get(
                url, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (ClientError, TimeoutError, ValueError):
            # ValueError: a token that no header can hold was never sent.
            raise GraphError("unavailable") from None
