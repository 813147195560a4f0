"""The composition root: what a process is made of, built from the settings and from nothing else. Does no I/O."""

from typing import Final

from aiohttp import web
from fakeredis import FakeAsyncRedis
from msgspec import Struct

from actors.audit import Audit
from actors.bulk_resend import BulkResend
from actors.committer import Committer
from actors.connect import open_store
from actors.connections import Connections
from actors.conversations import Conversations
from actors.counts import Counts
from actors.depth import Depths
from actors.finding import Finder
from actors.forget import Forgetting
from actors.order_links import OrderLinks
from actors.page_checks import PageChecks
from actors.page_conversations import PageConversations
from actors.problems import Problems
from actors.pulse import Pulse
from actors.pulse_reader import PulseReader
from actors.resend import Resender
from actors.retell import Retelling
from actors.scripts import Store
from actors.sender_metrics import SenderMetrics
from actors.sessions import Sessions
from actors.store_clock import StoreClock
from actors.views import Views
from actors.waiting_orders import WaitingOrders
from gateway.settings import Settings
from gateway.vault import Vault
from rules.clicks import Policy


class Parts(Struct, frozen=True):
    """The parts of one process, joined."""

    settings: Settings
    store: Store
    vault: Vault
    connections: Connections
    conversations: Conversations
    links: OrderLinks
    views: Views
    depths: Depths
    resender: Resender
    bulk_resend: BulkResend
    retelling: Retelling
    forgetting: Forgetting
    sender_metrics: SenderMetrics
    sessions: Sessions
    counts: Counts
    page_checks: PageChecks
    pulse: Pulse
    pulse_reader: PulseReader
    problems: Problems
    waiting_orders: WaitingOrders
    audit: Audit
    finder: Finder
    page_conversations: PageConversations


PARTS: Final = web.AppKey("PARTS", Parts)


def compose(settings: Settings) -> Parts:
    """Build and join all parts. Whoever calls closes `store`."""
    store: Store = FakeAsyncRedis() if settings.embedded else open_store(settings.redis_url.reveal())
    connections = Connections(store)
    committer = Committer(store, durable_on_replica=settings.durable_on_replica)
    pulse = Pulse()
    policy = Policy(settings.ref_pattern, settings.count_all_postbacks)
    conversations = Conversations(committer, connections, policy, pulse=pulse)
    return Parts(
        settings=settings,
        store=store,
        vault=Vault(settings.encryption_keys.reveal()),
        connections=connections,
        conversations=conversations,
        links=OrderLinks(store, durable_on_replica=settings.durable_on_replica),
        views=Views(store),
        depths=Depths(store),
        resender=Resender(store, StoreClock(store)),
        bulk_resend=BulkResend(store, StoreClock(store)),
        retelling=Retelling(store, conversations),
        forgetting=Forgetting(store),
        sender_metrics=SenderMetrics(store),
        sessions=Sessions(store),
        counts=Counts(store),
        page_checks=PageChecks(store),
        pulse=pulse,
        pulse_reader=PulseReader(store),
        problems=Problems(store),
        waiting_orders=WaitingOrders(store),
        audit=Audit(store),
        finder=Finder(store),
        page_conversations=PageConversations(store),
    )
