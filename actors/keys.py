"""Every Redis key, and the only place with curly braces.

The tag in braces is the page's partition, so that all of a page lies in one Redis Cluster slot and one script can touch
it.
"""

from functools import lru_cache
from zlib import crc32

from rules.facts import ConversationId
from rules.times import utc

PARTITIONS = 64
"""Fixed for ever: another number would move every page to other keys."""

BUCKET = "bucket:event_track"
"""Hash: the token bucket of all senders."""

SENDERS = "senders"
"""Hash: what each running sender has counted (JSON), for the web processes to show."""

MANAGEMENT_BUCKET = "bucket:management"
"""Hash: the token bucket of all calls to TikTok's account endpoints."""

PULSE_LAST_OF_ALL = "pulse_last:all"
"""Hash: when each webhook field last brought something for any page (ms)."""

AUDIT = "audit"
"""Stream: what support saw and did."""

AUDIT_REFUSED = "audit:refused"
"""Stream: who was refused at support's pages."""


def partition(page_id: str) -> int:
    """Return the page's partition, 0 to 63, by a hash that never changes (CRC-32)."""
    return crc32(page_id.encode()) % PARTITIONS


def conversation(conversation: ConversationId) -> str:
    """Hash: version, commit, state (JSON)."""
    return f"conversation:{_tagged(conversation.page_id)}:{_part(conversation.psid)}"


def timeline(conversation: ConversationId) -> str:
    """Stream: what happened in the conversation, with its answers."""
    return f"timeline:{_tagged(conversation.page_id)}:{_part(conversation.psid)}"


def connection(page_id: str) -> str:
    """Hash: how the page is connected to TikTok."""
    return f"connection:{_tagged(page_id)}"


def connections(number: int) -> str:
    """Set: the connected pages of a partition."""
    return f"connections:{{{number:02d}}}"


def connections_changed(number: int) -> str:
    """String: a mark that is another one after every change of a connection of the partition."""
    return f"connections_changed:{{{number:02d}}}"


def disconnected(number: int) -> str:
    """Sorted set: pages of a partition that were disconnected, by until when something of them may be left (ms)."""
    return f"disconnected:{{{number:02d}}}"


def choices(page_id: str) -> str:
    """String: the choices (JSON) of a page that was disconnected, for when it is connected again."""
    return f"choices:{_tagged(page_id)}"


def event(page_id: str, event_id: str) -> str:
    """Hash: one fired event and what became of it."""
    return f"event:{_tagged(page_id)}:{event_id}"


def attempts(page_id: str, event_id: str) -> str:
    """List: every attempt to deliver the event, oldest first."""
    return f"attempts:{_tagged(page_id)}:{event_id}"


def outbox(page_id: str) -> str:
    """Sorted set: ids of the page's unsent events by their next attempt (ms)."""
    return f"outbox:{_tagged(page_id)}"


def events(page_id: str) -> str:
    """Sorted set: ids of the page's events by when they fired (ms)."""
    return f"events:{_tagged(page_id)}"


def dead(page_id: str) -> str:
    """Sorted set: ids of the page's events that will not be sent any more, by when that was decided (ms)."""
    return f"dead:{_tagged(page_id)}"


def problem(page_id: str, name: str) -> str:
    """Sorted set: ids of the page's events that failed in one way, by when each first did (ms)."""
    return f"problem:{_tagged(page_id)}:{_part(name)}"


def problems(number: int) -> str:
    """Sorted set: pages of a partition with the problems that their events are in, by when last seen (ms)."""
    return f"problems:{{{number:02d}}}"


def counts(page_id: str, day: str) -> str:
    """Hash: the page's numbers of one day (YYYY-MM-DD in Vietnam)."""
    return f"counts:{_tagged(page_id)}:{day}"


def index(number: int, value: str) -> str:
    """Sorted set: where a value that support may be given leads in a partition (JSON), by when it was met (ms)."""
    return f"index:{{{number:02d}}}:{value}"


def page_conversations(page_id: str) -> str:
    """Sorted set: customers of the page's conversations with a click, by the last click (ms)."""
    return f"conversations:{_tagged(page_id)}"


def waiting_orders(number: int) -> str:
    """Sorted set: orders of a partition whose `CompletePayment` can still fire (JSON), by until when (ms)."""
    return f"waiting_orders:{{{number:02d}}}"


def due(number: int) -> str:
    """Sorted set: pages of a partition that have unsent events, by their earliest attempt (ms)."""
    return f"due:{{{number:02d}}}"


def aside(number: int) -> str:
    """Stream: facts of a partition that could not be stored, for an operator."""
    return f"aside:{{{number:02d}}}"


def buried(number: int) -> str:
    """Sorted set: pages of a partition that have dead events, by when the last one was given up (ms)."""
    return f"buried:{{{number:02d}}}"


def advertiser_bucket(advertiser_id: str) -> str:
    """Hash: the token bucket of one advertiser."""
    return f"bucket:advertiser:{advertiser_id}"


def advertiser_pages(advertiser_id: str) -> str:
    """Set: pages that were connected to an advertiser; some may have left since."""
    return f"connections:advertiser:{_part(advertiser_id)}"


def making(page_id: str, advertiser_id: str) -> str:
    """Hash: who is making, or has lately made, the page's event set at an advertiser."""
    return f"making:{_tagged(page_id)}:{_part(advertiser_id)}"


def order(org_id: str, order_id: str) -> str:
    """Hash: the conversation of an order, learned from an earlier push of it."""
    return f"order:{_tagged(org_id)}:{_part(order_id)}"


def unlinked_order(org_id: str, order_id: str) -> str:
    """List: pushes of an order whose conversation is not known yet."""
    return f"unlinked:{_tagged(org_id)}:{_part(order_id)}"


def session(session_id: str) -> str:
    """Hash: who a seller is and what they see, and what the pages keep between two steps."""
    return f"session:{_tagged(session_id)}"


def session_link(link_id: str) -> str:
    """String: the session that a link from HaraSocial has opened, so that it opens no other."""
    return f"session_link:{_tagged(link_id)}"


def check(page_id: str) -> str:
    """Hash: what was found the last time the page was looked at, and the page token (ciphertext) it was done with."""
    return f"check:{_tagged(page_id)}"


def checks(number: int) -> str:
    """Sorted set: pages of a partition that are looked at every day, by when next (ms)."""
    return f"checks:{{{number:02d}}}"


def hour(at: int) -> str:
    """Name the hour (UTC) of Unix milliseconds as keys do, for example ``2026-01-05T03``."""
    return utc(at)[:13]


def pulse(page_id: str, hour: str) -> str:
    """Hash: what was done for the page in each minute of an hour (UTC)."""
    return f"pulse:{_tagged(page_id)}:{hour}"


def pulse_of_all(hour: str) -> str:
    """Hash: the same for all pages together."""
    return f"pulse:all:{hour}"


def pulse_last(page_id: str) -> str:
    """Hash: when each webhook field last brought something for the page (ms)."""
    return f"pulse_last:{_tagged(page_id)}"


@lru_cache(16_384)  # ten thousand pages that take turns must all find room, or none is ever found again
def _tagged(owner: str) -> str:
    return f"{{{partition(owner):02d}}}:{_part(owner)}"


def _part(identifier: str) -> str:
    # Ids are opaque: one that holds the separator must not be able to name another conversation's key.
    return identifier.replace("%", "%25").replace(":", "%3A") if ":" in identifier or "%" in identifier else identifier
