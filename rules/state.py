"""What is remembered of one conversation: as little as makes the rules true, bounded however long it lasts.

Every `at` is Unix milliseconds (UTC) of the act. What is written again with every message bears its ISO twin itself.

A gateway remembers tens of thousands of these. Being frozen they cannot be part of a cycle, so the cyclic garbage
collector need not walk them (`gc=False`), for which webhooks would wait.
"""

from msgspec import Struct

from rules.events import EventName
from rules.facts import Author, Purchase, Via
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS

CLICK_LIVES_MS = 7 * DAY_MS
"""Rule 5: something that happens at exactly this age of the click is still in time."""

OVERTAKING_MS = 10 * MINUTE_MS
"""Rule 7: how long before the click's own webhook a message or order may be delivered and still count for it."""

KEPT_WITH_CLICK_MS = CLICK_LIVES_MS + 48 * HOUR_MS
KEPT_WITHOUT_CLICK_MS = HOUR_MS

MESSAGES_BEFORE_VALID = 5
"""Rule 8: `ValidConversation` needs this many messages of the click before the customer's message."""

MAX_CLICKS = 50
MAX_ORDERS = 100
MAX_WAITING = 30
MAX_SEEN = 200


class Fired(Struct, frozen=True):
    """An event that has fired, with its trigger time."""

    event: EventName
    at: int
    at_utc: str


def find_fired(fired: tuple[Fired, ...], name: EventName) -> Fired | None:
    """Return the event of this name, if it is among those that have fired."""
    for each in fired:  # in the way of every message, and `next` takes three times as long
        if each.event == name:
            return each
    return None


class Kept(Struct, frozen=True, omit_defaults=True):
    """A message that may still decide something. It was delivered `late_ms` after the act."""

    at: int
    at_utc: str
    mid: str
    author: Author
    via: Via = "message"
    late_ms: int = 0

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among messages: by timestamp, ties by message id (rule 8)."""
        return (self.at, self.mid)

    @property
    def received_at(self) -> int:
        """When it was delivered."""
        return self.at + self.late_ms


class Click(Struct, frozen=True, omit_defaults=True, gc=False):
    """A TikTok click and what has been counted for it.

    `earliest` holds the first five messages by place until `ValidConversation` has fired. That is enough: the event is
    due as soon as a customer message follows five others, whatever the order in which they arrive.
    """

    at: int
    at_utc: str
    ref: str
    tracking_id: str
    from_customer: int = 0
    from_page: int = 0
    earliest: tuple[Kept, ...] = ()
    get_started_before: bool = False
    fired: tuple[Fired, ...] = ()

    @property
    def place(self) -> tuple[int, str]:
        """Its identity (rule 3), which also orders clicks of the same millisecond."""
        return (self.at, self.ref)

    def lives_at(self, at: int) -> bool:
        """Tell whether something that happens at `at` is in time (rule 5)."""
        return at - self.at <= CLICK_LIVES_MS


class Order(Struct, frozen=True, omit_defaults=True, gc=False):
    """An order as its pushes show it, and the click that it keeps for good (rule 4).

    `confirmed_at` and `shipped_at` are when it was first confirmed and first had a live fulfilment. `cancelled` is what
    the push of `cancellation_told_at` said; None: the newest one (`updated_at`), as nearly every push does.
    """

    order_id: str
    created_at: int
    updated_at: int
    received_at: int
    org_id: str = ""
    order_number: str = ""
    confirmed_at: int | None = None
    shipped_at: int | None = None
    cancelled: bool = False
    cancellation_told_at: int | None = None
    returned: bool = False
    click_at: int | None = None
    tracking_id: str = ""
    purchase: Purchase | None = None
    fired: tuple[Fired, ...] = ()


class UnrecognisedRef(Struct, frozen=True, omit_defaults=True):
    """The last referral that was not a TikTok click (rule 1), kept so that support can see why nothing fired."""

    at: int
    ref: str | None = None
    source: str | None = None


class Conversation(Struct, frozen=True, omit_defaults=True, gc=False):
    """One conversation. `clicks` are sorted by place; `waiting` are messages that no click has counted yet (rule 7)."""

    clicks: tuple[Click, ...] = ()
    orders: tuple[Order, ...] = ()
    waiting: tuple[Kept, ...] = ()
    seen: tuple[str, ...] = ()
    unrecognised_ref: UnrecognisedRef | None = None


def keep_for(conversation: Conversation, now: int) -> int:
    """Return for how many milliseconds from `now` the conversation must be kept.

    A click that claims to be of the future keeps it no longer than one of `now` would.
    """
    if not conversation.clicks:
        return KEPT_WITHOUT_CLICK_MS
    last_click = min(conversation.clicks[-1].at, now)
    return max(KEPT_WITHOUT_CLICK_MS, last_click + KEPT_WITH_CLICK_MS - now)
