"""What TikTok answers instead of what was asked, as pages: each says what happened, and what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from gateway.event_sets import StillMaking
from gateway.pages.errors import PageError
from gateway.tiktok_errors import Expired, NoPermission, Throttled, TikTokError, Unavailable


@contextmanager
def told_as_pages(begin: str, again: str) -> Iterator[None]:
    """Turn what TikTok refuses into its page, which leads to `begin`, where one authorises, or has one try `again`."""
    try:
        yield
    except TikTokError as error:
        kind, status = _kind(error)
        # Those from 500 on pass by themselves; the others need another authorisation.
        following = again if status >= HTTPStatus.INTERNAL_SERVER_ERROR else begin
        raise PageError(kind, status, following, code=error.code or "-", request_id=error.request_id or "-") from error
    except StillMaking as error:
        raise PageError("still_making", HTTPStatus.SERVICE_UNAVAILABLE, again) from error


def _kind(error: TikTokError) -> tuple[str, HTTPStatus]:
    match error:
        case Expired():
            return "tiktok_expired", HTTPStatus.GONE
        case NoPermission():
            return "tiktok_permission", HTTPStatus.FORBIDDEN
        case Throttled():
            return "tiktok_busy", HTTPStatus.SERVICE_UNAVAILABLE
        case Unavailable():
            return "tiktok_down", HTTPStatus.SERVICE_UNAVAILABLE
    return "tiktok_refused", HTTPStatus.BAD_GATEWAY
