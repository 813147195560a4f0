"""A page's conversations with a click, by their last click."""

import pytest

from actors import keys, page_conversations
from actors.page_conversations import PageConversations
from rules.facts import ConversationId
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import click, ms, says
from tests.stores import Store


async def three_customers(store: Store) -> None:
    """Let three customers come through an ad, the first of them twice, and a fourth without one."""
    told = await conversations(store)
    for psid, at in (("a", 0), ("b", 10), ("c", 20), ("a", 30)):
        await told.tell(addressed(click(at), says(at + 1), conversation=ConversationId("900", psid)))
    await told.tell(addressed(says(40), conversation=ConversationId("900", "d")))


async def test_a_page_lists_who_came_through_an_ad_newest_first(store: Store) -> None:
    await three_customers(store)
    page = PageConversations(store)

    assert await page.count("900") == 3
    assert await page.newest("900", 0, 2) == (("a", ms(30)), ("c", ms(20)))
    assert await page.newest("900", 2, 2) == (("b", ms(10)),)


async def test_a_page_nobody_came_to_lists_nobody(store: Store) -> None:
    page = PageConversations(store)

    assert await page.count("900") == 0
    assert await page.newest("900", 0, 10) == ()
    assert [each async for each in page.since("900", 0)] == []


async def test_all_since_a_moment_are_gone_through(store: Store) -> None:
    """The moment itself included."""
    await three_customers(store)

    assert [each async for each in PageConversations(store).since("900", ms(20))] == [("c", ms(20)), ("a", ms(30))]


async def test_none_is_left_out_whatever_is_read_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many clicks of the same millisecond too."""
    clicks = {f"{psid:02d}": at for at in (0, 1, 2) for psid in range(at * 10, at * 10 + 10)}
    await store.zadd(keys.page_conversations("900"), clicks)
    await store.pexpire(keys.page_conversations("900"), 60_000)

    for at_once in (1, 3, 10, 30, 31):
        monkeypatch.setattr(page_conversations, "AT_ONCE", at_once)
        assert [each async for each in PageConversations(store).since("900", 0)] == list(clicks.items())
