"""Every public coroutine of the actors that a process calls, with arguments under which it has something to do."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from actors import keys
from actors.aside import Aside, forget_aside, let_go, pages_aside, read_aside, set_aside
from actors.asking import ask_all, replies_of, reply_of
from actors.audit import Audit, AuditEntry
from actors.bucket import Permit
from actors.bulk_resend import Selection
from actors.commits import Commit, Snapshot
from actors.counts import Counts
from actors.depth import Depths
from actors.finding import Finder
from actors.forget import Forgetting
from actors.forget_lookups import forget_lookups
from actors.makings import Makings
from actors.order_links import OrderLinks
from actors.outbox import Settlement
from actors.page_checks import PageChecks
from actors.page_conversations import PageConversations
from actors.problems import Problems
from actors.pulse import IN
from actors.pulse_reader import PulseReader
from actors.retell import Retelling
from actors.sender_metrics import SenderMetrics
from actors.server import load_scripts, probe, require_permitted, require_safe, servers
from actors.sessions import Sessions
from actors.together import Together
from actors.traces import Traces
from actors.views import EventFilter, Views
from actors.waiting_orders import WaitingOrders
from rules.days import day
from rules.facts import Addressed, ConversationId
from rules.state import Conversation
from rules.times import DAY_MS
from tests.actors.conversing import CONNECTION
from tests.actors.scene import (
    ADVERTISER,
    CUSTOMER,
    DAMAGED,
    FOUND,
    MAKER,
    PAGE,
    Process,
    clicked,
    ordered,
    session,
    wrote,
)

Call = Callable[[Process], Coroutine[Any, Any, object]]

PROBLEM: Final = Selection(problem="40002")
MATCHING: Final = 2
"""Given-up events of the scene."""

THROTTLED: Final = Permit(granted=True, throttled=(keys.BUCKET, keys.advertiser_bucket(ADVERTISER)))

KNOWN_ORDER, PARKED_ORDER, NEW_ORDER = "51", "52", "53"
OTHER: Final = ConversationId(PAGE, "7103")

ELSEWHERE: Final = {
    "DeliveryTurn.run": "against TikTok's sandbox, in gateway/test_cancelled_senders.py",
    "Sender.run": "likewise",
    "server.covers_all_slots": "asks nothing of a single Redis",
    "background.in_background": "lasts as long as its block; what is done meanwhile is each loop's",
    "background.until": "asks nothing of Redis",
}
"""Why some public coroutine is not in the table."""


class Done(NamedTuple):
    """A call that may be told something else when it is repeated: that it has been done already."""

    call: Call
    already: Callable[[Any], bool]


async def tell(my: Process, conversation: ConversationId) -> object:
    """Tell what is new of a customer."""
    facts = (clicked(my.at), wrote(my.at, "m-1"), wrote(my.at, "m-2"), ordered(my.at, NEW_ORDER))
    return await my.conversations.tell(Addressed(conversation, fact) for fact in facts)


async def settle(my: Process) -> None:
    """Give the claimed events up."""
    await my.clock.refresh()
    claim = my.scene.claim
    await my.claims.settle(claim, [Settlement(each, "dead", "rejected", "rejected") for each in claim.entries])


def commit(my: Process) -> Commit:
    """A turn's changes, of a customer nobody knows yet."""
    return Commit(OTHER, Snapshot(), "commit-1", Conversation(), (), (), my.at)


async def put(my: Process) -> object:
    """Change how a page is connected."""
    return await my.connections.put(replace(CONNECTION, complete_payment_on="order_shipped"), my.at)


async def beat(my: Process) -> None:
    """Write a count."""
    my.pulse.count(PAGE, my.at, IN)
    await my.pulse.write(my.store)


async def since(my: Process) -> object:
    """Go through a page's conversations."""
    return [each async for each in my.part(PageConversations).since(PAGE, my.at - DAY_MS)]


async def number_of(found: Awaitable[Any]) -> int:
    """Count what was found, where it says what changes by itself."""
    return len(await found)


CALLS: Final[dict[str, Call | Done]] = {
    "Audit.write": lambda my: my.part(Audit).write(AuditEntry(at=my.at, who="linh", action="page")),
    "Audit.newest": lambda my: my.part(Audit).newest(10),
    "Audit.refused": lambda my: my.part(Audit).refused(10),
    "Bucket.take": lambda my: my.bucket.take(keys.BUCKET),
    "Bucket.slow": Done(lambda my: my.bucket.slow(keys.BUCKET, [DAY_MS]), lambda shut_ms: shut_ms <= DAY_MS),
    "Bucket.recover": lambda my: my.bucket.recover(keys.BUCKET),
    "BulkResend.estimate": lambda my: my.bulk_resend.estimate(PROBLEM),
    "BulkResend.resend": Done(lambda my: my.bulk_resend.resend(PROBLEM), lambda done: done.matching < MATCHING),
    "Claims.due_pages": lambda my: my.claims.due_pages(10),
    "Claims.claim": Done(lambda my: my.claims.claim(PAGE), lambda claim: not claim.entries),
    "Claims.settle": settle,
    "Claims.withdraw": lambda my: my.claims.withdraw(CONNECTION),
    "Committer.run": lambda my: my.committer.run([commit(my)]),
    "Committer.set_aside": lambda my: my.committer.set_aside(DAMAGED, (clicked(my.at),), "why"),
    "Connections.get": lambda my: my.connections.get(PAGE),
    "Connections.read": lambda my: my.connections.read(PAGE),
    "Connections.readable": lambda my: my.connections.readable(PAGE),
    "Connections.read_all": lambda my: my.connections.read_all([PAGE, "nobody's"]),
    "Connections.put": put,
    "Connections.of_advertiser": lambda my: my.connections.of_advertiser(ADVERTISER),
    "Connections.pause": lambda my: my.connections.pause(PAGE, my.at),
    "Connections.resume": lambda my: my.connections.resume(PAGE, my.at),
    "Connections.delete": Done(lambda my: my.connections.delete(PAGE), lambda told: told is False),
    "Connections.terms_of": lambda my: my.connections.terms_of("nobody's"),
    "Connections.pages": lambda my: my.connections.pages(),
    "Conversations.tell": lambda my: tell(my, CUSTOMER),
    "Conversations.tell, to set aside": lambda my: tell(my, DAMAGED),
    "Counts.of_page": lambda my: my.part(Counts).of_page(PAGE, day(my.at)),
    "Counts.of_pages": lambda my: my.part(Counts).of_pages([PAGE], day(my.at)),
    "Depths.page": lambda my: my.part(Depths).page(PAGE),
    "Depths.all_pages": lambda my: my.part(Depths).all_pages(),
    "Finder.find": lambda my: my.part(Finder).find(KNOWN_ORDER),
    "Finder.find, without a click": lambda my: my.part(Finder).find("nobody"),
    "Forgetting.forget": lambda my: my.part(Forgetting).forget(CUSTOMER),
    "Forgetting.forget_everywhere": Done(
        lambda my: my.part(Forgetting).forget_everywhere(CUSTOMER.psid, [PAGE]), lambda told: told == 0
    ),
    "Limiter.permit": lambda my: my.limiter.permit(ADVERTISER, "lease"),
    "Limiter.heed": lambda my: my.limiter.heed("accepted", ADVERTISER, THROTTLED, my.at),
    "Limiter.heed, when throttled": lambda my: my.limiter.heed("throttled", ADVERTISER, THROTTLED, my.at),
    "Makings.begin": lambda my: my.part(Makings).begin(PAGE, ADVERTISER, MAKER, my.at),
    "Makings.made": lambda my: my.part(Makings).made(PAGE, ADVERTISER, MAKER, "set-1"),
    "Makings.give_up": lambda my: my.part(Makings).give_up(PAGE, ADVERTISER, MAKER),
    "OrderLinks.link": lambda my: my.part(OrderLinks).link(ordered(my.at, PARKED_ORDER), CUSTOMER),
    "OrderLinks.find_or_park": lambda my: my.part(OrderLinks).find_or_park(ordered(my.at, NEW_ORDER)),
    "OrderLinks.unpark": lambda my: my.part(OrderLinks).unpark(ordered(my.at, PARKED_ORDER)),
    "PageChecks.get": lambda my: my.part(PageChecks).get(PAGE),
    "PageChecks.get_many": lambda my: my.part(PageChecks).get_many([PAGE]),
    "PageChecks.token": lambda my: my.part(PageChecks).token(PAGE),
    "PageChecks.note": lambda my: my.part(PageChecks).note(PAGE, FOUND, "newer token"),
    "PageChecks.due": lambda my: my.part(PageChecks).due(keys.partition(PAGE), my.at),
    "PageChecks.claim": Done(lambda my: my.part(PageChecks).claim(PAGE), lambda token: token is None),
    "PageChecks.forget": lambda my: my.part(PageChecks).forget(PAGE),
    "PageConversations.count": lambda my: my.part(PageConversations).count(PAGE),
    "PageConversations.newest": lambda my: my.part(PageConversations).newest(PAGE, 0, 10),
    "PageConversations.since": since,
    "Problems.all": lambda my: my.part(Problems).all(),
    "Problems.events": lambda my: my.part(Problems).events(PAGE, "40002"),
    "Pulse.write": beat,
    "PulseReader.of_page": lambda my: my.part(PulseReader).of_page(PAGE, "hour", my.at),
    "PulseReader.of_all": lambda my: my.part(PulseReader).of_all("day", my.at),
    "PulseReader.last_of_page": lambda my: my.part(PulseReader).last_of_page(PAGE),
    "PulseReader.last_of_all": lambda my: my.part(PulseReader).last_of_all(),
    "Resender.resend": Done(lambda my: my.resender.resend(PAGE, my.scene.rejected), lambda told: told == "queued"),
    "Retelling.retell": lambda my: Retelling(my.store, my.conversations).retell(DAMAGED),
    "SenderMetrics.publish": lambda my: my.part(SenderMetrics).publish(my.at),
    "SenderMetrics.published": lambda my: my.part(SenderMetrics).published(my.at),
    "Sessions.open": lambda my: my.part(Sessions).open(session(my.at, "s-2"), "link-2", 300),
    "Sessions.use": lambda my: my.part(Sessions).use("s-1", my.at),
    "Sessions.close": lambda my: my.part(Sessions).close("s-1"),
    "Sessions.speak": lambda my: my.part(Sessions).speak("s-1", "en"),
    "Sessions.keep": lambda my: my.part(Sessions).keep("s-1", "advertiser", b"7000"),
    "Sessions.kept": lambda my: my.part(Sessions).kept("s-1", "draft"),
    "Sessions.drop": Done(lambda my: my.part(Sessions).drop("s-1", "draft"), lambda told: told is False),
    "StoreClock.refresh": lambda my: my.clock.refresh(),
    "Together.execute": lambda my: my.part(Together).execute("known", "ECHO", "together"),
    "Traces.pages": lambda my: my.part(Traces).pages(CUSTOMER.psid, [PAGE]),
    "Traces.events": lambda my: my.part(Traces).events(CUSTOMER),
    "Views.conversation": lambda my: my.part(Views).conversation(CUSTOMER),
    "Views.conversations": lambda my: my.part(Views).conversations([CUSTOMER, OTHER]),
    "Views.timeline": lambda my: my.part(Views).timeline(CUSTOMER),
    "Views.timeline_forwards": lambda my: my.part(Views).timeline_forwards(CUSTOMER),
    "Views.event": lambda my: my.part(Views).event(PAGE, my.scene.rejected),
    "Views.entry": lambda my: my.part(Views).entry(PAGE, my.scene.rejected),
    "Views.rows": lambda my: my.part(Views).rows(PAGE, [my.scene.rejected, "unknown"]),
    "Views.rows_of": lambda my: my.part(Views).rows_of([(PAGE, my.scene.rejected), (PAGE, "e-1")]),
    "Views.last_events": lambda my: my.part(Views).last_events([PAGE]),
    "Views.attempts": lambda my: my.part(Views).attempts(PAGE, my.scene.rejected),
    "Views.events": lambda my: my.part(Views).events(PAGE, EventFilter(status="rejected")),
    "WaitingOrders.within": lambda my: my.part(WaitingOrders).within(my.at, 30 * DAY_MS),
    "WaitingOrders.count": lambda my: my.part(WaitingOrders).count(my.at, 30 * DAY_MS),
    "aside.forget_aside": lambda my: forget_aside(my.store, DAMAGED),
    "aside.let_go": lambda my: let_go(my.store, DAMAGED, Aside(b"1-1", (), "why")),
    "aside.pages_aside": lambda my: pages_aside(my.store, keys.partition(PAGE), DAMAGED.psid),
    "aside.read_aside": lambda my: read_aside(my.store, DAMAGED),
    "aside.set_aside": lambda my: set_aside(my.part(Together), DAMAGED, (clicked(my.at),), "why"),
    "asking.ask_all": lambda my: ask_all(my.store, lambda pipeline, number: pipeline.zcard(keys.due(number))),
    "asking.reply_of": lambda my: reply_of(my.store.zcard(keys.outbox(PAGE))),
    "asking.replies_of": lambda my: replies_of(my.store.pipeline(transaction=False).zcard(keys.outbox(PAGE))),
    "forget_lookups.forget_lookups": lambda my: forget_lookups(my.store, CUSTOMER, [KNOWN_ORDER, "tt-1"]),
    "server.servers": lambda my: number_of(servers(my.store)),
    "server.require_safe": lambda my: require_safe(my.store),
    "server.require_permitted": lambda my: require_permitted(my.store),
    "server.probe": lambda my: number_of(probe(my.store)),
    "server.load_scripts": lambda my: load_scripts(my.store),
}
"""By class or module and name. Who repeats a call is told the same as the first time, unless it is `Done`."""
