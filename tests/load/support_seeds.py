"""A busy page for support to look at: many conversations, a long one, and deliveries, some of them given up.

All of it goes through the product's own commits and deliveries, only without HTTP.
"""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from actors.outbox import OutboxEntry
from gateway.parts import Parts
from rules.delivery import Reply
from rules.facts import Addressed, ConversationId, Fact, Message, OrderSeen, Purchase, Referral
from rules.times import DAY_MS, HOUR_MS, SECOND_MS
from tests.actors.delivering import BAD_ITEM, OK, TikTok, turn
from tests.end_to_end.world import ORDER_ID, PAGE, PSID, now_ms

REF_PATTERN: Final = r"(?P<tracking_id>[^.]+)\..+"
"""All customers of a campaign share a tracking id, but each has a ref of their own: ``campaign-7.7101``."""

CAMPAIGNS: Final = 100
SPREAD_MS: Final = 7 * DAY_MS - 2 * HOUR_MS
"""Customers came at an even pace for so long: all clicks still count, and some orders are about to be lost."""

ORDERS_EVERY: Final = 5
"""Of the customers with an event one in so many has ordered; the others have written."""

AT_ONCE: Final = 500
PART: Final = 100

LONG: Final = ConversationId(PAGE, PSID)
TRACKING_ID: Final = "campaign-0"
REF: Final = f"{TRACKING_ID}.{PSID}"
ORDER_NUMBER: Final = "#1001"


class Scale(Struct, frozen=True):
    """How much there is: `timeline` entries of the long conversation, one event each for `events` of the others."""

    conversations: int = 100_000
    timeline: int = 1_000
    events: int = 5_000
    given_up: int = 300


async def fill(parts: Parts, scale: Scale) -> None:
    """Fill the store, where the page is connected already."""
    customers = _customers(scale)
    while some := list(islice(customers, AT_ONCE)):
        await parts.conversations.tell(some)
    story = _long_story(scale.timeline)
    while facts := list(islice(story, PART)):
        await parts.conversations.tell(Addressed(LONG, fact) for fact in facts)
    # Of the others, whose ids are numbers from 0 on, those with an event are `_step` apart.
    hopeless = {f"{number * _step(scale):016d}" for number in range(scale.given_up)}
    while (await turn(parts.store, _tiktok(hopeless), page_id=PAGE)).entries:
        pass
    await parts.pulse.write(parts.store)


def _step(scale: Scale) -> int:
    return scale.conversations // scale.events


def _customers(scale: Scale) -> Iterator[Addressed]:
    begins = now_ms() - SPREAD_MS
    for number in range(scale.conversations):
        conversation = ConversationId(PAGE, f"{number:016d}")
        at = begins + SPREAD_MS * number // scale.conversations
        yield from (Addressed(conversation, fact) for fact in _visit(scale, number, at))


def _visit(scale: Scale, number: int, at: int) -> Iterable[Fact]:
    ref = f"campaign-{number % CAMPAIGNS}.{number}"
    yield Referral(at, at, ref, "SHORTLINK")
    nth, rest = divmod(number, _step(scale))
    if rest:
        return
    then = at + SECOND_MS
    yield _order(str(number), f"#{number}", then) if nth % ORDERS_EVERY == 0 else _message(f"m-{number}", then)


def _long_story(entries: int) -> Iterator[Fact]:
    """Let the customer come, order at once, and then talk with the page until there are so many entries."""
    at = now_ms() - HOUR_MS
    yield Referral(at, at, REF, "SHORTLINK")
    ordered = _order(str(ORDER_ID), ORDER_NUMBER, at + SECOND_MS)
    yield ordered
    confirmed_at = at + 2 * SECOND_MS
    yield replace(ordered, at=confirmed_at, updated_at=confirmed_at, confirmed=True, confirmed_at=confirmed_at)
    for number in range(3, entries):
        yield _message(f"long-{number}", at + number * SECOND_MS, by_page=number % 2 == 0)


def _message(mid: str, at: int, *, by_page: bool = False) -> Message:
    return Message(at, at, mid, "page" if by_page else "customer")


def _order(order_id: str, number: str, at: int) -> OrderSeen:
    purchase = Purchase("600000", "VND")
    return OrderSeen(at, at, order_id, at, at, org_id="2", order_number=number, purchase=purchase)


def _tiktok(hopeless: set[str]) -> TikTok:
    """Make a TikTok that refuses the events of some customers; each of its answers has an id of its own."""
    serial = count()

    def answer(entries: tuple[OutboxEntry, ...]) -> Reply:
        refused = any(entry.conversation.psid in hopeless for entry in entries)
        return replace(BAD_ITEM if refused else OK, request_id=f"request-{entries[0].event.event_id}-{next(serial)}")

    return TikTok(answer)
