"""Clicks: recognising a ref, the newest click wins, seven days (rules 1 to 5)."""

import re
from bisect import bisect_right
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from rules.state import KEPT_WITH_CLICK_MS, MAX_CLICKS, Click, Conversation


class Recognised(Protocol):
    """What a recogniser found in a ref."""

    def groupdict(self) -> dict[str, str | None]:
        """Return its groups by name; `tracking_id` is the one that counts."""
        ...


class Recogniser(Protocol):
    """What tells TikTok's refs from others: a compiled regular expression, of whatever library."""

    def search(self, ref: str, /) -> Recognised | None:
        """Look for it anywhere in a ref."""
        ...


class Policy(Struct, frozen=True):
    """What the operator decides for all pages: which refs are TikTok clicks, whether every postback is a message."""

    ref_pattern: Recogniser = re.compile(".+", re.DOTALL)
    count_postbacks: bool = False


def recognise(ref: str | None, source: str | None, policy: Policy) -> str | None:
    """Return the tracking id of a TikTok click, or None when the referral is not one (rule 1)."""
    if not ref or source == "ADS":
        return None
    found = policy.ref_pattern.search(ref)
    if found is None:
        return None
    return found.groupdict().get("tracking_id") or ref


def newest_click(clicks: tuple[Click, ...], at: int) -> Click | None:
    """Return the newest click that is not later than `at` (rule 4)."""
    place = bisect_right(clicks, at, key=lambda click: click.at)
    return clicks[place - 1] if place else None


def live_click(clicks: tuple[Click, ...], at: int) -> Click | None:
    """Return the click that something happening at `at` belongs to, if it is in time (rules 4 and 5)."""
    click = newest_click(clicks, at)
    return click if click is not None and click.lives_at(at) else None


def with_click(state: Conversation, click: Click, now: int) -> Conversation:
    """Put a click in its place, new or changed. Clicks too old to matter are let go.

    A click that claims to be of the future makes none of the others older than they are `now`.
    """
    others = [other for other in state.clicks if other.place != click.place]
    clicks = sorted([*others, click], key=lambda each: each.place)[-MAX_CLICKS:]
    horizon = min(clicks[-1].at, now) - KEPT_WITH_CLICK_MS
    return replace(state, clicks=tuple(each for each in clicks if each.at >= horizon))
