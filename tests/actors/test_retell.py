"""What was set aside is told again once its keys are repaired: as if nothing had happened, and once."""

import pytest

from actors import keys
from actors.committer import Committer
from actors.connections import Connections
from actors.conversations import Conversations
from actors.errors import StoredDamage
from actors.retell import Retelling, Retold
from actors.views import EventFilter, Views
from rules.clicks import Policy
from rules.facts import ConversationId
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, click, says, talk
from tests.stores import Store

ASIDE = keys.aside(keys.partition("900"))
SOMETHING_ELSE = "something else"


async def with_facts_aside(store: Store) -> Conversations:
    """Tell a click and a talk, in two POSTs, while something else lies under the conversation's key."""
    here = await conversations(store)
    await store.set(keys.conversation(CONVERSATION), SOMETHING_ELSE, px=60_000)
    await here.tell(addressed(click(0), says(1)))
    await here.tell(addressed(*talk(2, "pcpcpcpc")))
    return here


async def fired(store: Store) -> list[str]:
    """Return the names of what has fired, the newest first."""
    return [row.event for row in (await Views(store).events("900", EventFilter())).events]


async def test_once_the_key_is_repaired_everything_is_stored_in_its_order(store: Store) -> None:
    here = await with_facts_aside(store)
    await store.delete(keys.conversation(CONVERSATION))

    told = await Retelling(store, here).retell(CONVERSATION)

    assert told == Retold(stored=10, aside=0, error=None)
    assert sorted(await fired(store)) == ["Conversation", "ValidConversation"]
    state = await Views(store).conversation(CONVERSATION)
    assert state is not None
    assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (5, 4)
    assert await store.xlen(ASIDE) == 0


async def test_while_it_is_not_repaired_everything_stays_aside(store: Store) -> None:
    retelling = Retelling(store, await with_facts_aside(store))

    for _ in range(2):
        told = await retelling.retell(CONVERSATION)
        assert (told.stored, told.aside) == (0, 10)
        assert told.error
        assert "WRONGTYPE" in told.error
    await store.delete(keys.conversation(CONVERSATION))
    assert (await retelling.retell(CONVERSATION)).stored == 10


async def test_telling_twice_counts_once(store: Store) -> None:
    """As when the process ends between storing the facts and letting go of them."""
    retelling = Retelling(store, await with_facts_aside(store))
    entries = await store.xrange(ASIDE)
    await store.delete(keys.conversation(CONVERSATION))
    await retelling.retell(CONVERSATION)
    for _, fields in entries:
        await store.xadd(ASIDE, fields)

    assert (await retelling.retell(CONVERSATION)).stored == 10

    assert len(await fired(store)) == 2
    state = await Views(store).conversation(CONVERSATION)
    assert state is not None
    assert (state.clicks[0].from_customer, state.clicks[0].from_page) == (5, 4)


async def test_others_are_left_aside(store: Store) -> None:
    here = await with_facts_aside(store)
    other = ConversationId("900", "7102")
    await store.set(keys.conversation(other), SOMETHING_ELSE, px=60_000)
    await here.tell(addressed(click(0), conversation=other))
    await store.delete(keys.conversation(CONVERSATION))

    await Retelling(store, here).retell(CONVERSATION)

    [(_, left)] = await store.xrange(ASIDE)
    assert left[b"psid"] == b"7102"


async def test_what_the_page_cannot_take_stays_aside(store: Store) -> None:
    """Its outbox is damaged as well, or it is not connected any more."""
    here = await with_facts_aside(store)
    await store.delete(keys.conversation(CONVERSATION))
    before = await store.xrange(ASIDE)

    await store.set(keys.outbox("900"), SOMETHING_ELSE, px=60_000)
    with pytest.raises(StoredDamage, match="outbox"):
        await Retelling(store, here).retell(CONVERSATION)
    await store.delete(keys.outbox("900"))
    await Connections(store).delete("900")
    alone = Conversations(Committer(store), Connections(store), Policy())
    assert (await Retelling(store, alone).retell(CONVERSATION)).aside == 10

    assert await store.xrange(ASIDE) == before
    assert (await Retelling(store, await conversations(store)).retell(CONVERSATION)).stored == 10


async def test_nothing_aside_is_nothing_to_store(store: Store) -> None:
    assert await Retelling(store, await conversations(store)).retell(CONVERSATION) == Retold(0, 0, None)


async def test_an_entry_that_cannot_be_read_is_named(store: Store) -> None:
    here = await with_facts_aside(store)
    entry_id = await store.xadd(ASIDE, {"page_id": "900", "psid": "7101", "error": "why", "facts": "{broken"})
    await store.delete(keys.conversation(CONVERSATION))

    with pytest.raises(StoredDamage, match=entry_id.decode()):
        await Retelling(store, here).retell(CONVERSATION)

    await store.xdel(ASIDE, entry_id)
    assert (await Retelling(store, here).retell(CONVERSATION)).stored == 10
