"""One call of TikTok's API: a request, and what came of it, whatever that was, as a `Reply` that holds no secret.

Envelope and codes: https://business-api.tiktok.com/portal/docs?id=1737172488964097.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from msgspec import Struct

from rules.delivery import Reply, ReplyKind

MESSAGE_CHARACTERS: Final = 300

_PRIVATE: Final = (
    (re.compile(r"[^\s@'\"]{1,64}@[^\s@'\"]{1,255}"), "<email>"),
    (re.compile(r"(?<!\w)(['\"`]).*?(?:\1(?!\w)|$)|“.*?(?:”|$)", re.DOTALL), "<value>"),
    (re.compile(r"\b[0-9a-fA-F]{32,}\b"), "<hash>"),
    (re.compile(r"\+?\d(?:[ .()-]{0,2}\d){6,}"), "<digits>"),
)


class _Envelope(Struct, frozen=True):
    """The one answer of the API, whatever happened. Wrong types count as "not an answer of the API"."""

    code: int
    message: str | None = None
    request_id: str | None = None


_envelope: Final = msgspec.json.Decoder(_Envelope)


class TikTokApi:
    """TikTok's API over HTTP. Logs nothing: a URL may carry the app's secret."""

    def __init__(self, session: ClientSession, base_url: str, *, timeout_s: float) -> None:
        """Take an open session, which stays the caller's."""
        self._session = session
        self._base_url = base_url
        # Half the time for connecting, so that running out of it there is still known as "not sent".
        self._timeout = ClientTimeout(total=timeout_s, connect=timeout_s / 2)

    async def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[Reply, bytes]:
        """Make one request, with a JSON body if any. Returns the reply and the bytes that it was read from."""
        headers = {} if token is None else {"Access-Token": token}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            # A redirect would carry the token to another host.
            async with self._session.request(
                method,
                self._base_url + path,
                params=params,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                content = await response.read()
                return read_reply(response.status, response.headers, content), content
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            return Reply("not_sent", message=type(error).__name__), b""
        except TimeoutError as error:
            return Reply("timeout", message=type(error).__name__), b""
        except ClientError as error:
            return Reply("cut", message=type(error).__name__), b""


def read_reply(http_status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """Read an answer. Only an envelope counts as one; whatever else came is told by its HTTP status, never quoted."""
    log_id = headers.get("X-TT-LOGID")
    try:
        answer = _envelope.decode(body)
    except msgspec.DecodeError:
        kind: ReplyKind = "http_error" if http_status // 100 in {3, 4} else "not_json"
        return Reply(kind, None, http_status, f"HTTP {http_status} without an answer of the API", log_id)
    return Reply("code", answer.code, http_status, redact(answer.message or ""), answer.request_id or log_id)


def redact(message: str) -> str:
    """Take out what could be personal or secret (TikTok quotes what it refuses), and shorten to 300 characters."""
    for pattern, replacement in _PRIVATE:
        message = pattern.sub(replacement, message)
    return message[:MESSAGE_CHARACTERS]
