"""How each reason of the catalogue comes about: what a customer, a seller, an operator and TikTok do.

Every scenario has a page, a conversation, an advertiser and a token of its own, so that none disturbs another.
"""

import json
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from actors import keys
from rules.catalogue import ReasonCode
from rules.facts import ConversationId
from rules.state import MAX_CLICKS
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, utc
from tests.end_to_end.running import Running
from tests.end_to_end.world import World, now_ms

PSID: Final = "7101"
ORDER_ID: Final = 4711
REF: Final = "tt-ad-1"
EVER: Final = 50
"""More requests than there can be while a scenario lasts."""

Command: TypeAlias = Literal["explain", "timeline"]
Act: TypeAlias = Callable[[int], dict[str, Any]]
"""Something that happens so many milliseconds ago, as Meta tells it, but for who it happens to."""


class Case:
    """One conversation of one page, and whoever acts in it."""

    def __init__(self, world: World, sender: Running, store: Any, number: int) -> None:  # noqa: ANN401  untyped replies
        """Nothing has happened yet."""
        self.page_id = f"77{number:04}"
        self._world = world
        self._sender = sender
        self._store = store
        self._token = f"token-{number}"
        self._own = {"access_token": self._token, "advertiser_id": f"7000000000000{number:06}"}

    async def connects(self, **changes: object) -> None:
        """Connect the page, or change its connection."""
        await self._world.connect_page(self.page_id, **self._own | changes)

    async def customer(self, ago_ms: int, **content: object) -> None:
        """Let the customer do something."""
        await self._happens(PSID, self.page_id, ago_ms, content)

    async def page(self, ago_ms: int, mid: str) -> None:
        """Let the page write something."""
        echo = {"message": {"mid": mid, "text": "words that nobody may see", "is_echo": True}}
        await self._happens(self.page_id, PSID, ago_ms, echo)

    async def clicks(self, ago_ms: int = MINUTE_MS, source: str = "SHORTLINK") -> None:
        """Let the customer come through a link or an ad."""
        await self.customer(ago_ms, referral={"ref": REF, "source": source})

    async def writes(self, ago_ms: int = SECOND_MS, mid: str = "m-1") -> None:
        """Let the customer write."""
        await self.customer(ago_ms, message={"mid": mid, "text": "words that nobody may see"})

    async def orders(self, ago_ms: int = SECOND_MS, **changes: object) -> None:
        """Push an order, created so long ago and changed just now."""
        order = {"id": ORDER_ID, "created_at": utc(now_ms() - ago_ms), "updated_at": utc(now_ms())}
        assert await self._world.harasocial(self.page_id, PSID, order | changes) == 200

    async def time_passes(self, ms: int) -> None:
        """Let the order have been delivered so much longer ago. Another version makes the gateway read it anew."""
        key = keys.conversation(ConversationId(self.page_id, PSID))
        state = json.loads(await self._store.hget(key, "state"))
        state["orders"][0]["received_at"] -= ms
        await self._store.hset(key, "state", json.dumps(state))
        await self._store.hincrby(key, "version", 1)

    async def tiktok(self, action: str, code: int = 50_000) -> None:
        """Let TikTok answer every request with this from now on."""
        await self._world.sandbox("script", [{"action": action, "code": code, "times": EVER}])

    async def advertiser_withdraws(self) -> None:
        """Let the advertiser cancel the authorisation at TikTok."""
        await self._world.sandbox("revoke", [self._token])

    def no_sender_runs(self) -> None:
        """Stop the sender where it is, as a machine does that is out of breath."""
        self._sender.signal(signal.SIGSTOP)

    async def _happens(self, sender: str, recipient: str, ago_ms: int, content: dict[str, Any]) -> None:
        item = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": now_ms() - ago_ms, **content}
        assert await self._world.messenger(self.page_id, item) == 200


class Scenario(Struct, frozen=True):
    """What leads to a reason, and which command tells it."""

    play: Callable[[Case], Awaitable[None]]
    told_by: Command = "explain"


async def customer_writes_after_a_click(case: Case) -> None:
    """Fire Conversation."""
    await case.connects()
    await case.clicks()
    await case.writes()


async def already_fired(case: Case) -> None:
    """A second message after the first has fired."""
    await customer_writes_after_a_click(case)
    await case.writes(mid="m-2")


async def reversed_after_firing(case: Case) -> None:
    """An order is cancelled after its creation has fired."""
    await case.connects()
    await case.clicks()
    await case.orders()
    await case.orders(cancelled_status="cancelled")


async def duplicate(case: Case) -> None:
    """The same message once more."""
    await customer_writes_after_a_click(case)
    await case.writes()


async def not_a_message(case: Case) -> None:
    """A press of some button."""
    await case.connects()
    await case.clicks()
    await case.customer(0, postback={"mid": "m-1", "title": "Sizes", "payload": "SIZES"})


async def no_click(case: Case) -> None:
    """A message of somebody who came by themselves."""
    await case.connects()
    await case.writes()


async def ref_not_tiktok(case: Case) -> None:
    """A link with a ref, but from an ad on Facebook."""
    await case.connects()
    await case.clicks(source="ADS")


async def get_started_before_click(case: Case) -> None:
    """Get Started is delivered before the click."""
    await case.connects()
    await case.customer(SECOND_MS, postback={"mid": "m-1", "title": "Get Started", "payload": "GET_STARTED"})
    await case.clicks(0)


async def only_a_click(case: Case) -> None:
    """Nothing but a click."""
    await case.connects()
    await case.clicks()


async def awaiting_customer_after_five(case: Case) -> None:
    """Five messages, all of the page."""
    await only_a_click(case)
    for number in range(5):
        await case.page(SECOND_MS, f"m-{number}")


async def click_expired(case: Case) -> None:
    """A click of over seven days ago."""
    await case.connects()
    await case.clicks(7 * DAY_MS + 2 * HOUR_MS + 30 * MINUTE_MS)


async def too_many_clicks(case: Case) -> None:
    """A click is delivered after as many newer ones as are remembered."""
    await case.connects()
    for number in range(MAX_CLICKS):
        await case.clicks(number * SECOND_MS)
    await case.clicks(HOUR_MS)


async def order_before_click(case: Case) -> None:
    """An order that is older than the only click."""
    await case.connects()
    await case.clicks()
    await case.orders(HOUR_MS)


async def order_delivered_too_early(case: Case) -> None:
    """An order that is delivered over ten minutes before the click that it was created after."""
    await case.connects()
    await case.orders()
    await case.time_passes(11 * MINUTE_MS)
    await case.clicks()


async def order_cancelled(case: Case) -> None:
    """An order of which the first word is that it is cancelled."""
    await case.connects()
    await case.clicks()
    await case.orders(cancelled_status="cancelled")


async def awaiting_confirmation(case: Case) -> None:
    """An order that nobody has confirmed."""
    await case.connects()
    await case.clicks()
    await case.orders()


async def awaiting_shipment(case: Case) -> None:
    """A confirmed order of a page that waits for the shipment."""
    await case.connects(complete_payment_on="order_shipped")
    await case.clicks()
    await case.orders(confirmed_status="confirmed")


async def before_choice(case: Case) -> None:
    """An order was shipped when the page waited for confirmations, and now it waits for shipments."""
    await case.connects()
    await case.clicks()
    await case.orders(MINUTE_MS // 2, fulfillments=[{"created_at": utc(now_ms() - 5 * SECOND_MS)}])
    await case.connects(complete_payment_on="order_shipped")


async def page_not_connected(case: Case) -> None:
    """What happens on a page that nobody has connected."""
    await case.clicks()
    await case.writes()


async def page_paused(case: Case) -> None:
    """An event of a page that is paused, before any sender has noticed."""
    case.no_sender_runs()
    await case.connects(paused=True)
    await case.clicks()
    await case.writes()


async def authorisation_needed(case: Case) -> None:
    """An event of a page whose advertiser has cancelled the authorisation."""
    await case.connects()
    await case.advertiser_withdraws()
    await case.clicks()
    await case.writes()


async def queued(case: Case) -> None:
    """An event that no sender has taken yet."""
    case.no_sender_runs()
    await customer_writes_after_a_click(case)


async def rate_limited(case: Case) -> None:
    """TikTok throttles the advertiser."""
    await case.tiktok("code", 40133)
    await customer_writes_after_a_click(case)


async def retrying(case: Case) -> None:
    """TikTok has an error of its own."""
    await case.tiktok("code", 50000)
    await customer_writes_after_a_click(case)


async def outcome_unknown(case: Case) -> None:
    """The connection breaks before TikTok has answered."""
    await case.tiktok("reset")
    await customer_writes_after_a_click(case)


async def rejected(case: Case) -> None:
    """TikTok finds fault with the event."""
    await case.tiktok("code", 40002)
    await customer_writes_after_a_click(case)


async def expired_unsent(case: Case) -> None:
    """A message that is delivered to us over seven days after it was written."""
    await case.connects()
    await case.clicks(8 * DAY_MS)
    await case.writes(7 * DAY_MS + HOUR_MS)


SCENARIOS: Final[dict[ReasonCode, Scenario]] = {
    "fired": Scenario(customer_writes_after_a_click, "timeline"),
    "already_fired": Scenario(already_fired, "timeline"),
    "reversed_after_firing": Scenario(reversed_after_firing),
    "duplicate": Scenario(duplicate, "timeline"),
    "not_a_message": Scenario(not_a_message, "timeline"),
    "no_click": Scenario(no_click),
    "ref_not_tiktok": Scenario(ref_not_tiktok),
    "get_started_before_click": Scenario(get_started_before_click),
    "awaiting_customer_message": Scenario(only_a_click),
    "awaiting_messages": Scenario(customer_writes_after_a_click),
    "awaiting_customer_after_five": Scenario(awaiting_customer_after_five),
    "click_expired": Scenario(click_expired),
    "too_many_clicks": Scenario(too_many_clicks, "timeline"),
    "awaiting_order": Scenario(only_a_click),
    "order_before_click": Scenario(order_before_click),
    "order_delivered_too_early": Scenario(order_delivered_too_early),
    "order_cancelled": Scenario(order_cancelled),
    "awaiting_confirmation": Scenario(awaiting_confirmation),
    "awaiting_shipment": Scenario(awaiting_shipment),
    "before_choice": Scenario(before_choice),
    "page_not_connected": Scenario(page_not_connected),
    "page_paused": Scenario(page_paused),
    "authorisation_needed": Scenario(authorisation_needed),
    "queued": Scenario(queued),
    "rate_limited": Scenario(rate_limited),
    "retrying": Scenario(retrying),
    "sent": Scenario(customer_writes_after_a_click),
    "outcome_unknown": Scenario(outcome_unknown),
    "rejected": Scenario(rejected),
    "expired_unsent": Scenario(expired_unsent),
}
