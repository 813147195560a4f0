"""What the tests of this folder start from: a connected page, its conversations, and facts that are told to them."""

from msgspec.structs import replace

from actors.committer import Committer
from actors.connection import Connection
from actors.connections import Connections
from actors.conversations import Conversations
from rules.clicks import Policy
from rules.facts import Addressed, ConversationId, Fact
from rules.orders import CompletePaymentOn
from tests.rules.stories import BEGINNING, CONVERSATION
from tests.stores import Store

CONNECTION = Connection(
    page_id="900",
    store_id="1000",
    advertiser_id="7000",
    event_set_id="8000",
    access_token="gAAAA-ciphertext",
    complete_payment_on="order_confirmed",
)


async def connected(store: Store, choice: CompletePaymentOn = "order_confirmed") -> Connections:
    """Return connections among which page 900 is connected."""
    connections = Connections(store)
    await connections.put(replace(CONNECTION, complete_payment_on=choice), BEGINNING)
    return connections


async def conversations(store: Store, cached: int = 100) -> Conversations:
    """Return the conversations of one process, with page 900 connected."""
    return Conversations(Committer(store), await connected(store), Policy(), cached)


def addressed(*facts: Fact, conversation: ConversationId = CONVERSATION) -> list[Addressed]:
    """Return facts on their way to one conversation."""
    return [Addressed(conversation, fact) for fact in facts]
