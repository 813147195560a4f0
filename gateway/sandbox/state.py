"""What the sandbox remembers: who may send, what was accepted, what came in, and how it shall misbehave next.

Times are Unix milliseconds (UTC), of the clock that the sandbox was given.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from itertools import repeat
from typing import Annotated, Any, Final, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct
from msgspec.structs import replace

from gateway.sandbox.checks import Answer, first_fault
from gateway.sandbox.directory import NO_SCOPE, PERMISSIONS, REPORT, Directory
from gateway.wire_profile import load_wire_profile
from rules.times import HOUR_MS, SECOND_MS

DEDUPLICATED_MS: Final = 48 * HOUR_MS
"""A copy is dropped for this long after the first: https://ads.tiktok.com/help/article/event-deduplication."""

TRACK: Final = "/event/track/"

DOCUMENTED_SOURCES: Final = ("web", "app", "offline", "crm")


class Account(Struct, frozen=True, forbid_unknown_fields=True):
    """What one access token may do. Event sets of its advertisers need not be named."""

    access_token: Annotated[str, Meta(min_length=1)]
    advertiser_ids: tuple[str, ...] = ()
    event_set_ids: tuple[str, ...] = ()
    permissions: frozenset[str] = PERMISSIONS


class Accepted(Struct, frozen=True):
    """An event that TikTok counts, and how many copies of it were dropped."""

    arrived_at: int
    access_token: str
    event_source: str
    event_source_id: str
    event: str
    event_id: str | None
    event_time: int
    item: dict[str, Any]
    duplicates: int = 0


class Received(Struct, frozen=True):
    """One request to ``/event/track/``. `events` is 0 when its body could not be read."""

    arrived_at: int
    events: int


class Scripted(Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with the next `times` requests to an endpoint (below the base) instead of answering them properly.

    `code`: answer with `code`. `http`: answer with `http_status` and HTML, and a Location where it is a redirect.
    `hang`: never answer. `reset`: break the connection. `commit`: first treat the request properly, but do not say so.
    """

    action: Literal["code", "http", "hang", "reset"]
    code: int = 50000
    message: str = "scripted"
    http_status: int = 502
    commit: bool = False
    times: Annotated[int, Meta(ge=1)] = 1
    endpoint: str = TRACK


class Rate(Struct, frozen=True, forbid_unknown_fields=True):
    """How many requests pass before 40100. The default is what TikTok documents for ``/event/track/``."""

    requests_per_second: Annotated[float, Meta(gt=0)] = 1_000.0
    burst: Annotated[int, Meta(ge=1)] = 1_000


class Sandbox:
    """TikTok, as far as it is documented, and as far as it was told to misbehave."""

    def __init__(
        self,
        *accounts: Account,
        rate: Rate | None = None,
        event_sources: Collection[str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Know these accounts. `event_sources`: by default those documented and that of the built-in wire profile."""
        self.accounts = {account.access_token: account for account in accounts}
        self.accepted: list[Accepted] = []
        self.received: list[Received] = []
        self.directory = Directory()
        self._event_sources = event_sources or (*DOCUMENTED_SOURCES, load_wire_profile(None).event_source)
        self._clock = clock
        self._script: defaultdict[str, deque[Scripted]] = defaultdict(deque)
        self._places: dict[tuple[str, str, str], int] = {}
        self.limit(rate or Rate())

    def register(self, account: Account) -> None:
        """Add a token, or change what it may do."""
        self.accounts[account.access_token] = account

    def revoke(self, access_token: str) -> None:
        """Withdraw a token: its advertiser has cancelled the authorisation."""
        self.accounts.pop(access_token, None)

    def script(self, *answers: Scripted) -> None:
        """Queue misbehaviour for the coming requests, after what is queued already."""
        for answer in answers:
            self._script[answer.endpoint].extend(repeat(answer, answer.times))

    def limit(self, rate: Rate) -> None:
        """Set the throttle, and fill it."""
        self._rate = rate
        self._tokens, self._counted_at = float(rate.burst), self.now()

    def reset(self) -> None:
        """Forget events, requests and script. Accounts and throttle stay."""
        self.accepted.clear()
        self.received.clear()
        self._script.clear()
        self._places.clear()

    def arrive(self, body: bytes) -> None:
        """Note a request to ``/event/track/``."""
        self.received.append(Received(self.now(), _count(body)))

    def next_script(self, endpoint: str) -> Scripted | None:
        """Say how to misbehave at the next request to an endpoint, if at all."""
        script = self._script[endpoint]
        return script.popleft() if script else None

    def authorise(self, access_token: str) -> Account | Answer:
        """Return what the token may do, or TikTok's refusal."""
        if not access_token:
            return Answer(40104, "Access token is empty")
        return self.accounts.get(access_token) or Answer(40105, "Access token is incorrect or has been revoked")

    def track(self, access_token: str, body: bytes) -> Answer:
        """Treat one request as TikTok documents it: all of its events are recorded, or none."""
        if not self._admit():
            return Answer(40100, "Too many requests. Please retry later")
        account = self.authorise(access_token)
        if isinstance(account, Answer):
            return account
        if REPORT not in account.permissions:
            return NO_SCOPE
        try:
            request = msgspec.json.decode(body)
        except msgspec.DecodeError:
            request = None
        fault = first_fault(request, self._event_sources)
        if fault:
            return fault
        source_id = request["event_source_id"]
        if not self._may_write(account, source_id):
            return Answer(40001, f"No permission to operate event set {source_id}. You must be an admin or operator")
        for item in request["data"]:
            self._record(access_token, request["event_source"], source_id, item)
        return Answer(0, "OK")

    def _may_write(self, account: Account, event_set_id: str) -> bool:
        own = (each for advertiser_id in account.advertiser_ids for each in self.directory.of(advertiser_id))
        return event_set_id in account.event_set_ids or any(each.message_event_set_id == event_set_id for each in own)

    def _record(self, access_token: str, source: str, source_id: str, item: dict[str, Any]) -> None:
        now, name, event_id = self.now(), item["event"], item.get("event_id")
        if event_id is not None:
            place = self._places.get((source_id, name, event_id))
            if place is not None and now - self.accepted[place].arrived_at <= DEDUPLICATED_MS:
                first = self.accepted[place]
                self.accepted[place] = replace(first, duplicates=first.duplicates + 1)
                return
            self._places[source_id, name, event_id] = len(self.accepted)
        self.accepted.append(Accepted(now, access_token, source, source_id, name, event_id, item["event_time"], item))

    def _admit(self) -> bool:
        now, rate = self.now(), self._rate
        refilled = self._tokens + (now - self._counted_at) / SECOND_MS * rate.requests_per_second
        self._tokens, self._counted_at = min(refilled, rate.burst), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def now(self) -> int:
        """Return the sandbox's time (ms, UTC)."""
        return int(self._clock() * SECOND_MS)


SANDBOX: Final = web.AppKey("SANDBOX", Sandbox)


def _count(body: bytes) -> int:
    try:
        return len(msgspec.json.decode(body)["data"])
    except (msgspec.DecodeError, TypeError, KeyError):
        return 0
