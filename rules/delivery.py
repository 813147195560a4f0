"""What to do after a delivery attempt: what an answer means, when to try again, and when it is too late.

Codes and limits: https://business-api.tiktok.com/portal/docs?id=1737172488964097, TikTok's Events API 2.0 pages, and
``tiktok_code.py`` of its official SDK. Every time is Unix milliseconds (UTC), every delay milliseconds.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from rules.catalogue import DeliveryCode, ReasonCode
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

AnswerClass: TypeAlias = Literal[
    "accepted",
    "accepted_partially",
    "bad_item",
    "misconfigured",
    "unauthorised",
    "throttled",
    "advertiser_throttled",
    "transient",
    "ambiguous",
    "maintenance",
]
ReplyKind: TypeAlias = Literal["code", "not_json", "http_error", "timeout", "cut", "not_sent"]
Action: TypeAlias = Literal["sent", "retry", "hold", "bury", "split"]
TooLate: TypeAlias = Literal["expired_unsent", "outcome_unknown"]

EVENT_LIVES_MS: Final = 7 * DAY_MS
"""An event older than this is never sent; exactly this old still is."""

UNCONFIRMED_LIVES_MS: Final = 47 * HOUR_MS
"""TikTok drops a copy for 48 h after the first; an attempt of unknown outcome is repeated for an hour less."""


class Reply(Struct, frozen=True):
    """What TikTok, or the network, said to one request. `message` is redacted and at most 300 characters.

    `cut`: the connection broke after the request may have left. `not_sent`: TikTok never saw it.
    """

    kind: ReplyKind
    code: int | None = None
    http_status: int | None = None
    message: str = ""
    request_id: str | None = None


class Step(Struct, frozen=True):
    """What becomes of each event of a request. `unconfirmed`: TikTok may have recorded this very attempt.

    `split`: send the events of the batch in smaller ones; their rows stay as they are.
    """

    action: Action
    status: DeliveryCode
    reason: ReasonCode
    next_attempt_at: int | None = None
    unconfirmed: bool = False


# A refusal speaks of a whole request; it is applied to an event only when that travelled alone (`next_step`).
_CODE_ROWS: Final[tuple[tuple[AnswerClass, tuple[int, ...]], ...]] = (
    ("accepted", (0,)),
    ("accepted", (40050,)),  # "duplicate request": TikTok has it
    ("accepted_partially", (20001,)),  # this endpoint never says which item was left out
    ("bad_item", (40000, 40002, 40006, 40007, 40051, 41002)),  # parameters, version, object missing
    ("misconfigured", (40061, 40062, 40063)),  # batch size, personal data not hashed, partner name
    ("misconfigured", (40008, 40400, 41001)),  # endpoint not implemented, not found, offline: the wire profile is wrong
    ("misconfigured", (40110, 40113, 40115)),  # belong to OAuth; here they can only be our mistake
    ("unauthorised", (40001, 40003, 40118, 40119, 40124, 40125, 40130)),  # a role, a permission or a scope is missing
    ("unauthorised", (40102, 40104, 40105, 40106, 40114)),  # the token expired, is empty, invalid or logged out
    ("unauthorised", (40101,)),  # sources disagree on its meaning; on event/track it is about the token
    ("unauthorised", (40300, 40301)),  # the advertiser is missing
    ("throttled", (40016, 40100, 61000)),
    ("advertiser_throttled", (40133,)),
    ("transient", (40202,)),  # write conflict
    ("transient", (40700, 50000)),
    ("ambiguous", (50002, 51010)),  # time-outs inside TikTok: may have been recorded
    ("maintenance", (60001,)),
    ("maintenance", (40132,)),  # one event source is throttled, or the token is suspected: never repeat that fast
    ("maintenance", (41000,)),  # our address is in a banned country: the events are fine, so they wait
)
_CODES: Final = {code: answer for answer, codes in _CODE_ROWS for code in codes}
_OTHER_CODES: Final[dict[int, AnswerClass]] = {4: "bad_item"}  # by ten thousands; the rest is transient: 51xxx to 53xxx

_HTTP_STATUSES: Final[dict[int, AnswerClass]] = {
    404: "misconfigured",  # a wrong path, or its last slash is missing
    405: "misconfigured",
    408: "ambiguous",
    413: "bad_item",  # too large: smaller batches may pass
    429: "throttled",
    504: "ambiguous",  # the gateway stopped waiting for someone who may have finished
}
_OTHER_HTTP_STATUSES: Final[dict[int, AnswerClass]] = {
    2: "ambiguous",  # unreadable, but it speaks of success
}  # by hundreds; the rest is transient, it never reached the API: nor did what was redirected, which is never followed

_WITHOUT_ANSWER: Final[dict[ReplyKind, AnswerClass]] = {"not_sent": "transient"}  # the rest may have been recorded


def classify(reply: Reply) -> AnswerClass:
    """Say what a reply means. A code decides before the HTTP status: TikTok answers 200 to nearly every error."""
    if reply.code is not None:
        return _CODES.get(reply.code) or _OTHER_CODES.get(reply.code // 10_000, "transient")
    if reply.http_status is not None:
        return _HTTP_STATUSES.get(reply.http_status) or _OTHER_HTTP_STATUSES.get(reply.http_status // 100, "transient")
    return _WITHOUT_ANSWER.get(reply.kind, "ambiguous")


def next_step(  # noqa: PLR0913  everything that is known of one event's attempt
    reply: Reply,
    *,
    now: int,
    event_at: int,
    attempts: int,
    unconfirmed_since: int | None,
    batch_size: int,
    jitter: float,
) -> Step:
    """Decide what becomes of an event after a request that carried `batch_size` of them.

    `attempts` counts this one. `unconfirmed_since` is the first attempt of unknown outcome before this one. `jitter`,
    0 to 1, spreads the delay over its upper half. An event is rejected only for an answer that it received alone.
    """
    answer = classify(reply)
    if answer in {"accepted", "accepted_partially"}:
        return Step("sent", "sent", "sent")
    unconfirmed = answer == "ambiguous"
    if unconfirmed and unconfirmed_since is None:
        unconfirmed_since = now
    status: DeliveryCode = "retrying" if unconfirmed_since is None else "outcome_unknown"
    if answer in {"bad_item", "misconfigured"}:
        return Step("split", status, status, now) if batch_size > 1 else Step("bury", "rejected", "rejected")
    too_late = may_send(now=now, event_at=event_at, unconfirmed_since=unconfirmed_since)
    if too_late:
        return Step("bury", too_late, too_late, unconfirmed=unconfirmed)
    if answer == "unauthorised":
        return Step("hold", "queued" if status == "retrying" else status, "authorisation_needed")
    if status == "retrying" and answer in {"throttled", "advertiser_throttled"}:
        status = "rate_limited"
    return Step("retry", status, status, now + _backoff(answer, attempts, jitter), unconfirmed)


def may_send(*, now: int, event_at: int, unconfirmed_since: int | None) -> TooLate | None:
    """Say why an event may not be sent any more, or None. What may have arrived is never called unsent."""
    if unconfirmed_since is not None and now - unconfirmed_since > UNCONFIRMED_LIVES_MS:
        return "outcome_unknown"
    if now - event_at > EVENT_LIVES_MS:
        return "expired_unsent" if unconfirmed_since is None else "outcome_unknown"
    return None


def slow_down(answer: AnswerClass, consecutive: int, now: int) -> int:
    """Return for how long (ms) the bucket stays shut after a throttling answer; 0 for any other.

    `consecutive` counts the throttled rounds including this one: answers to requests already under way are one round.
    The steps are TikTok's: after a hit on the minute's quota five minutes, on the day's until 00:00 UTC. An advertiser
    has a quota by the second only.
    """
    if answer == "advertiser_throttled":
        return _double(SECOND_MS, consecutive, 5 * MINUTE_MS)
    if answer != "throttled":
        return 0
    if consecutive > 2:  # noqa: PLR2004  a second, five minutes, and then the rest of the day
        return DAY_MS - now % DAY_MS
    return SECOND_MS if consecutive <= 1 else 5 * MINUTE_MS


def _backoff(answer: AnswerClass, attempts: int, jitter: float) -> int:
    if answer == "maintenance":
        full = _double(MINUTE_MS, attempts, HOUR_MS)
    else:
        full = _double(2 * SECOND_MS, attempts, 15 * MINUTE_MS)
    return int(full * (1 + jitter) / 2)


def _double(first: int, times: int, longest: int) -> int:
    return min(longest, first << min(max(times - 1, 0), 20))
