"""Settlements on their way into the settle script: row fields, the attempt, the timeline entry, and the report."""

from typing import Final

import msgspec
import structlog

from actors import codec, keys, metrics
from actors.outbox import Settlement
from actors.pulse import Pulse
from actors.scripts import Argument
from actors.timeline import Delivered
from actors.views import Attempt
from rules.catalogue import DeliveryCode
from rules.codes import problem_name
from rules.days import day
from rules.events import EventName
from rules.facts import ConversationId
from rules.times import SECOND_MS, utc

ATTEMPTS_TOLD = 20
"""Attempts that the conversation's timeline tells of. Later ones of the same status would push out its messages."""

NEVER_SENT_AGAIN: Final[frozenset[DeliveryCode]] = frozenset({"expired_unsent", "outcome_unknown"})
"""Ends that refuse a resend for good (`rules.delivery.may_send`), so that nobody has a use for the buyer any more."""

log = structlog.get_logger()

_encoder = msgspec.json.Encoder()


def event_keys(settlement: Settlement) -> list[str]:
    """Return the keys that the settling of one event touches. It is counted on its own day."""
    conversation, event, reply = settlement.entry.conversation, settlement.entry.event, settlement.reply
    page_id, problem = conversation.page_id, _problem(settlement)
    found = row_keys(conversation, event.event_id, event.at)
    found += [keys.problem(page_id, name) for name in (_left(settlement, problem), problem) if name]
    return found + ([keys.index(keys.partition(page_id), reply.request_id)] if reply and reply.request_id else [])


def row_keys(conversation: ConversationId, event_id: str, event_at: int) -> list[str]:
    """Return the keys of an event itself, and of where it is told and counted."""
    page_id = conversation.page_id
    return [
        keys.event(page_id, event_id),
        keys.attempts(page_id, event_id),
        keys.timeline(conversation),
        keys.counts(page_id, day(event_at)),
    ]


def counter(status: DeliveryCode, event: EventName) -> str:
    """Name the count of the events of a name that came to this end."""
    return f"{status}:{event}"


def script_arguments(settlement: Settlement, now: int) -> list[Argument]:
    """Return one settlement as the script wants it. What is None is removed from the row."""
    entry, reply = settlement.entry, settlement.reply
    page_id, problem = entry.conversation.page_id, _problem(settlement)
    fields: dict[str, str | None] = {
        "problem": problem or None,
        "status": settlement.status,
        "reason": settlement.reason,
        "next_attempt_at": None,
        "next_attempt_at_utc": None,
    }
    if settlement.next_attempt_at is not None:
        fields |= codec.moment("next_attempt_at", settlement.next_attempt_at)
    if reply is not None:
        fields["attempts"] = str(entry.attempts + 1)
        fields["code"] = None if reply.code is None else str(reply.code)
        fields["message"] = reply.message or None
        fields["request_id"] = reply.request_id
    if settlement.place != "waiting":
        fields |= codec.moment("settled_at", now)
    if settlement.place == "sent" or (settlement.place == "dead" and settlement.status in NEVER_SENT_AGAIN):
        fields["purchase"] = None
    if settlement.place == "sent" or (entry.unconfirmed_since is None and not settlement.unconfirmed):
        fields["unconfirmed_since"] = None
    kept = {field: value for field, value in fields.items() if value is not None}
    gone = [field for field, value in fields.items() if value is None]
    score = entry.fired_at if settlement.next_attempt_at is None else settlement.next_attempt_at
    return [
        entry.event.event_id,
        settlement.place,
        score,
        _attempt(settlement, now),
        _told(settlement, now),
        counter(settlement.status, entry.event.name) if settlement.place != "waiting" else "",
        _member(page_id, _left(settlement, problem)),
        _member(page_id, problem),
        entry.event.event_id if reply and reply.request_id else "",
        len(kept),
        *_flat(kept),
        len(gone),
        *gone,
    ]


def _problem(settlement: Settlement) -> str:
    """Name the problem that the event is in from now on. What only waits longer stays in the one it was in."""
    if settlement.place == "sent":
        return ""
    if settlement.place == "dead" and settlement.status != "rejected":
        # Too late: what went wrong before is in its attempts, and what it would have taken to mend that helps no more.
        return settlement.status
    if settlement.reply is not None:
        return problem_name(settlement.reply, settlement.status)
    return settlement.problem or settlement.entry.problem


def _left(settlement: Settlement, problem: str) -> str:
    return settlement.entry.problem if settlement.entry.problem != problem else ""


def _member(page_id: str, problem: str) -> bytes:
    return _encoder.encode((page_id, problem)) if problem else b""


def _attempt(settlement: Settlement, now: int) -> bytes:
    reply = settlement.reply
    if reply is None:
        return b""
    number = settlement.entry.attempts + 1
    return _encoder.encode(
        Attempt(
            at=now,
            at_utc=utc(now),
            attempt=number,
            status=settlement.status,
            kind=reply.kind,
            code=reply.code,
            http_status=reply.http_status,
            message=reply.message,
            request_id=reply.request_id,
        )
    )


def _told(settlement: Settlement, now: int) -> bytes:
    entry, reply = settlement.entry, settlement.reply
    attempt = 0 if reply is None else entry.attempts + 1
    news = settlement.place != "waiting" or (reply is not None and settlement.status != entry.status)
    if not news and not 0 < attempt <= ATTEMPTS_TOLD:
        return b""
    click_at = entry.event.click_at if entry.event.order_id is None else None
    return _encoder.encode(
        Delivered(
            at=now,
            at_utc=utc(now),
            event=entry.event.name,
            event_id=entry.event.event_id,
            status=settlement.status,
            reason=settlement.reason,
            attempt=attempt,
            code=reply.code if reply else None,
            message=reply.message if reply else "",
            request_id=reply.request_id if reply else None,
            given_up=settlement.place == "dead",
            order_id=entry.event.order_id,
            order_number=entry.event.order_number,
            click_at=click_at,
            click_at_utc=None if click_at is None else utc(click_at),
        )
    )


def report(settlement: Settlement, result: str, now: int, pulse: Pulse) -> None:
    """Count and log what the script did: settled, already, lost or failed."""
    entry = settlement.entry
    bound = log.bind(page_id=entry.conversation.page_id, psid=entry.conversation.psid, event_id=entry.event.event_id)
    if result in {"lost", "failed"}:
        bound.warning("event.not_settled", result=result, status=settlement.status)
        return
    metrics.SETTLED.labels(entry.event.name, settlement.status).inc()
    if settlement.place == "sent":
        metrics.SENDER_LAG_SECONDS.observe(max(0, now - entry.fired_at) / SECOND_MS)
        since_act_ms = max(0, now - entry.event.at)
        metrics.ACT_TO_ACCEPTANCE_SECONDS.observe(since_act_ms / SECOND_MS)
        pulse.accepted(entry.conversation.page_id, now, since_act_ms)
    if settlement.place == "waiting" and settlement.reply is None:
        return
    code = settlement.reply.code if settlement.reply else None
    bound.info("event.settled", status=settlement.status, reason=settlement.reason, code=code)


def _flat(fields: dict[str, str]) -> list[str]:
    return [text for pair in fields.items() for text in pair]
