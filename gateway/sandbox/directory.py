"""What the sandbox knows of people and ad accounts: consent, codes, advertisers, message event sets. No HTTP here.

Documented: the code is single use and lives an hour, the lists, who may see what. Not documented, and so let through
loosely: what creating an event set answers, and that a page with a set can get a second one.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from gateway.sandbox.checks import Answer
from rules.times import HOUR_MS, SECOND_MS, utc

CODE_LIVES_MS: Final = HOUR_MS
MOST_INFO_IDS: Final = 100
MOST_NAME: Final = 40
MESSAGING_APPS: Final = ("MESSENGER", "WHATSAPP", "ZALO")

REPORT: Final = "report"
EVENT_SETS: Final = "event_sets"
ADVERTISER_INFO: Final = "advertiser_info"
PERMISSIONS: Final = frozenset({REPORT, EVENT_SETS, ADVERTISER_INFO})

NO_SCOPE: Final = Answer(40130, "The access token was not granted the permission scope of this endpoint")


class Consent(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody who presses Allow grants: which ad accounts (id to name), and which permissions."""

    advertisers: dict[str, str] = {}
    permissions: frozenset[str] = PERMISSIONS


class MessageEventSet(Struct, frozen=True):
    """A message event set of an advertiser, for one account of a messaging app ('': for none yet)."""

    message_event_set_id: str
    message_event_name: str
    create_time: str
    advertiser_id: str
    messaging_app_account_id: str = ""

    def told(self) -> dict[str, str]:
        """Return what TikTok shows of it."""
        whole: dict[str, str] = msgspec.to_builtins(self)
        return {name: whole[name] for name in ("message_event_set_id", "message_event_name", "create_time")}


class Code(Struct, frozen=True):
    """An `auth_code`: for which app, what it is worth, and when it was given (ms, UTC)."""

    app_id: str
    consent: Consent
    given_at: int


class Directory(Struct):
    """All of it. `advertisers` has the name of every ad account, by id."""

    consent: Consent = field(default_factory=Consent)
    advertisers: dict[str, str] = field(default_factory=dict)
    event_sets: list[MessageEventSet] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)

    def allow(self, app_id: str, now: int) -> str:
        """Press Allow: return an `auth_code` for what `consent` says now."""
        code = secrets.token_hex(16)
        self.codes[code] = Code(app_id, self.consent, now)
        self.advertisers |= self.consent.advertisers
        return code

    def redeem(self, code: str, app_id: str, now: int) -> Consent | None:
        """Use up a code; None when it is unknown, used, expired, or another app's."""
        known = self.codes.get(code)
        if known is None or known.app_id != app_id:
            return None
        del self.codes[code]
        return known.consent if now - known.given_at <= CODE_LIVES_MS else None

    def name(self, advertiser_id: str) -> str:
        """Return an ad account's name."""
        return self.advertisers.get(advertiser_id, f"Advertiser {advertiser_id}")

    def matched(self, advertiser_id: str, account_id: str) -> MessageEventSet | None:
        """Return the one set that belongs to a page at an advertiser."""
        return next((each for each in self.of(advertiser_id) if each.messaging_app_account_id == account_id), None)

    def of(self, advertiser_id: str) -> list[MessageEventSet]:
        """Return an advertiser's event sets."""
        return [each for each in self.event_sets if each.advertiser_id == advertiser_id]

    def add(self, advertiser_id: str, account_id: str, name: str, now: int) -> MessageEventSet:
        """Make an event set."""
        number = f"74{now}{len(self.event_sets):04d}"
        made = MessageEventSet(number, name, utc(now - now % SECOND_MS), advertiser_id, account_id)
        self.event_sets.append(made)
        return made


def place_fault(given: Mapping[str, Any]) -> Answer | None:
    """Say what is wrong with the three fields that name an advertiser and a messaging account, or None."""
    for name in ("advertiser_id", "messaging_app_type", "messaging_app_account_id"):
        if not isinstance(given.get(name), str) or not given[name]:
            return Answer(40002, f"{name}: Missing data for required field")
    if given["messaging_app_type"] not in MESSAGING_APPS:
        return Answer(40002, f"messaging_app_type: Must be one of: {', '.join(MESSAGING_APPS)}")
    return None


def id_list(text: str | None) -> list[str] | None:
    """Read a query's list of ids, which is JSON as text; None when it is none."""
    try:
        return msgspec.json.decode(text or "", type=list[str])
    except msgspec.DecodeError:
        return None
