"""What if, over a real store: one conversation and a whole page under other rules, and nothing is changed by asking."""

import asyncio
import re

import pytest

from actors import keys
from actors.committer import Committer
from actors.connections import Connections
from actors.conversations import Conversations
from actors.page_conversations import AT_ONCE as LISTED_AT_ONCE
from actors.page_conversations import PageConversations
from actors.timeline import LENGTH
from actors.views import Views
from gateway.api.differences import MOST_CHANGED, PageWhatIfShape, WhatIfShape
from gateway.page_what_if import AT_ONCE, PageAsked, replay_page
from gateway.recogniser import PatternRefusedError
from gateway.what_if import Alternative, WhatIf
from rules.clicks import Policy
from rules.facts import ConversationId, Fact
from tests.actors.conversing import addressed, connected, conversations
from tests.rules.stories import CONVERSATION, DAY, HOUR, click, ms, order, says, talk
from tests.stores import Store

PAGE = CONVERSATION.page_id
SHIPPED = Alternative("order_shipped")
NOW = ms(HOUR)


@pytest.fixture
async def told(store: Store) -> Conversations:
    """Give the conversations of a connected page."""
    return await conversations(store)


async def one(store: Store, alternative: Alternative, policy: Policy | None = None) -> WhatIfShape | None:
    """Ask for one conversation."""
    what_if = WhatIf(Views(store), Connections(store), policy or Policy())
    return await what_if.conversation(CONVERSATION, alternative, NOW)


async def page(store: Store, alternative: Alternative, since: float = -DAY) -> tuple[PageWhatIfShape, list[int]]:
    """Ask for the page; return also how the progress was told."""
    progress: list[int] = []
    what_if = WhatIf(Views(store), Connections(store), Policy())
    asked = PageAsked(PAGE, ms(since), alternative)
    return await replay_page(what_if, PageConversations(store), asked, NOW, progress.append), progress


async def everything(store: Store) -> dict[bytes, bytes]:
    """Return all that is stored, by key."""
    return {key: await store.dump(key) async for key in store.scan_iter()}


def effects(shape: WhatIfShape | None) -> dict[str, str]:
    """Return what would be otherwise."""
    assert shape is not None
    return {each.event: each.effect for each in shape.events if each.effect != "same"}


async def buys(told: Conversations, psid: str = "7101", *, at: float = 0, shipped: float | None = None) -> None:
    """Let a customer click, write and order, and the shop confirm."""
    history: tuple[Fact, ...] = (
        click(at),
        says(at + 1),
        order(at + 10, psid, confirmed=at + 20, shipped=shipped, updated=at + 30),
    )
    await told.tell(addressed(*history, conversation=ConversationId(PAGE, psid)))


async def test_its_own_rules_change_nothing(store: Store, told: Conversations) -> None:
    await told.tell(addressed(click(0), *talk(1, "cpcpcpcp"), order(10), order(10, confirmed=20, updated=20)))
    shape = await one(store, Alternative())
    assert shape is not None
    assert (shape.changed, shape.cut, shape.facts) == (False, False, 12)
    assert [(each.effect, each.was) for each in shape.events] == [("same", each.would_be) for each in shape.events]


async def test_another_choice_is_told_with_both_trigger_times(store: Store, told: Conversations) -> None:
    await buys(told, shipped=30)
    shape = await one(store, SHIPPED)
    assert effects(shape) == {"CompletePayment": "moved"}
    assert shape is not None
    moved = shape.events[-1]
    assert moved.was is not None
    assert moved.would_be is not None
    assert (moved.was.event_at, moved.would_be.event_at) == (ms(20), ms(30))
    assert (moved.order_id, (moved.event_id or "").partition("-")[0]) == ("7101", "CompletePayment")


async def test_a_disconnected_page_is_tried_by_what_it_had_chosen(store: Store) -> None:
    connections = await connected(store, "order_shipped")
    await buys(Conversations(Committer(store), connections, Policy()), shipped=30)
    await connections.delete(PAGE)
    assert effects(await one(store, Alternative())) == {}
    assert effects(await one(store, Alternative("order_confirmed"))) == {"CompletePayment": "moved"}


async def test_another_recogniser_finds_the_click_of_a_conversation_without_one(store: Store) -> None:
    narrow = Conversations(Committer(store), await connected(store), Policy(re.compile("tt-.+")))
    await narrow.tell(addressed(click(0, "fb-9"), says(1)))
    shape = await one(store, Alternative(ref_pattern="fb-(?P<tracking_id>.+)"), Policy())
    assert shape is not None
    assert [(each.ref, each.was, each.would_be) for each in shape.clicks] == [("fb-9", None, "9")]
    assert effects(shape)["Conversation"] == "gained"


async def test_asking_changes_nothing(store: Store, told: Conversations) -> None:
    await buys(told)
    before = await everything(store)
    await one(store, SHIPPED)
    await page(store, Alternative(ref_pattern="other"))
    assert await everything(store) == before


async def test_a_pattern_that_is_none_is_refused(store: Store, told: Conversations) -> None:
    await buys(told)
    with pytest.raises(PatternRefusedError):
        await one(store, Alternative(ref_pattern="("))
    with pytest.raises(PatternRefusedError):
        await page(store, Alternative(ref_pattern="(?!x)"))


async def test_nobody_known_is_nothing(store: Store) -> None:
    assert await one(store, SHIPPED) is None


async def test_a_full_timeline_says_that_the_beginning_may_be_missing(store: Store, told: Conversations) -> None:
    await told.tell(addressed(click(0), *(says(n) for n in range(1, LENGTH))))
    shape = await one(store, Alternative())
    assert shape is not None
    assert shape.cut
    found, _ = await page(store, Alternative())
    assert found.cut == 1


async def test_a_page_is_summed_up_and_its_changed_conversations_are_told(store: Store, told: Conversations) -> None:
    for number in range(AT_ONCE + 2):
        await buys(told, f"c{number:02d}", at=number, shipped=30 + number if number % 2 else None)
    await buys(told, "long ago", at=-2 * DAY)
    found, progress = await page(store, SHIPPED)
    assert (found.replayed, found.changed, found.cut, found.unreadable) == (18, 18, 0, 0)
    assert progress == [AT_ONCE, 2]
    sums = {each.event: (each.was, each.would_be, each.gained, each.lost, each.moved) for each in found.events}
    assert sums["CompletePayment"] == (18, 9, 0, 9, 9)
    assert sums["Conversation"] == (18, 18, 0, 0, 0)
    assert [each.psid for each in found.conversations[:2]] == ["c00", "c01"]


async def test_a_page_tells_how_its_clicks_would_be_read(store: Store, told: Conversations) -> None:
    await told.tell(addressed(click(0, "tt-1"), conversation=ConversationId(PAGE, "a")))
    await told.tell(addressed(click(0, "xx"), conversation=ConversationId(PAGE, "b")))
    found, _ = await page(store, Alternative(ref_pattern="tt-(?P<tracking_id>.+)"))
    assert (found.clicks_gained, found.clicks_lost, found.clicks_renamed) == (0, 1, 1)


async def test_a_damaged_conversation_is_counted_and_hides_no_other(store: Store, told: Conversations) -> None:
    await buys(told)
    await buys(told, "damaged")
    await store.hset(keys.conversation(ConversationId(PAGE, "damaged")), "state", "{")
    found, _ = await page(store, SHIPPED)
    assert (found.replayed, found.unreadable) == (1, 1)


async def test_no_more_than_a_hundred_conversations_are_told_one_by_one(store: Store, told: Conversations) -> None:
    for number in range(MOST_CHANGED + 1):
        await told.tell(addressed(click(number), conversation=ConversationId(PAGE, f"c{number}")))
    found, _ = await page(store, Alternative(ref_pattern="none"))
    assert (found.changed, len(found.conversations)) == (MOST_CHANGED + 1, MOST_CHANGED)


async def test_a_conversation_that_is_clicked_meanwhile_counts_once(store: Store, told: Conversations) -> None:
    """It moves to the end of the page's list, where it is met again."""
    await buys(told)
    listed = keys.page_conversations(PAGE)
    await store.zadd(listed, {f"ended {number}": ms(1) for number in range(LISTED_AT_ONCE)})
    clicks: list[asyncio.Task[int]] = []

    def click_again(_: int) -> None:
        if not clicks:
            clicks.append(asyncio.create_task(store.zadd(listed, {CONVERSATION.psid: ms(2)})))

    what_if = WhatIf(Views(store), Connections(store), Policy())
    asked = PageAsked(PAGE, ms(0), SHIPPED)
    found = await replay_page(what_if, PageConversations(store), asked, NOW, click_again)
    assert clicks[0].done()
    assert (found.replayed, found.changed) == (1, 1)
