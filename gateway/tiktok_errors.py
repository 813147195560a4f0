"""What TikTok's account endpoints may answer instead of what was asked, by what the caller can do about it.

TikTokError
├── Refused        TikTok understood and says no: repeating is useless
│   ├── Expired        the code or the token is used up or withdrawn: authorise again
│   └── NoPermission   a role, a permission or a scope is missing: grant it, then authorise again
├── Throttled      too many calls: repeat in a minute
└── Unavailable    TikTok is down, or the way to it is: repeat. `unsure`: it may have done what was asked

Codes: https://business-api.tiktok.com/portal/docs?id=1737172488964097.
"""

from typing import Final

from rules.delivery import Reply, classify

_EXPIRED: Final = frozenset({40102, 40104, 40105, 40106, 40110, 40114})
_NO_PERMISSION: Final = frozenset({40001, 40003, 40118, 40119, 40124, 40125, 40130, 40300, 40301})


class TikTokError(Exception):
    """TikTok did not do what was asked. `said` is redacted; `request_id` is what TikTok's support asks for."""

    def __init__(self, reply: Reply) -> None:
        """Keep the reply, which holds no secret."""
        super().__init__(f"TikTok: {reply.code or reply.http_status or reply.kind}")
        self.code = reply.code
        self.said = reply.message
        self.request_id = reply.request_id


class Refused(TikTokError):  # noqa: N818  names what TikTok did, as its siblings do
    """TikTok understood and says no."""


class Expired(Refused):
    """The code or the token is used up, unknown or withdrawn."""


class NoPermission(Refused):
    """The person, the app or the token lacks a role, a permission or a scope."""


class Throttled(TikTokError):  # noqa: N818
    """Too many calls, here or at TikTok. Nothing was done."""


class Unavailable(TikTokError):  # noqa: N818
    """No usable answer. `unsure`: the request may have reached TikTok and been carried out."""

    def __init__(self, reply: Reply) -> None:
        """Only what provably never left is sure not to have happened."""
        super().__init__(reply)
        self.unsure = reply.kind != "not_sent"


def meaning(reply: Reply) -> TikTokError:
    """Choose the error of a reply whose code is not 0."""
    if reply.code in _EXPIRED:
        return Expired(reply)
    if reply.code in _NO_PERMISSION:
        return NoPermission(reply)
    match classify(reply):
        case "throttled" | "advertiser_throttled":
            return Throttled(reply)
        case "transient" | "ambiguous" | "maintenance":
            return Unavailable(reply)
    return Refused(reply)
