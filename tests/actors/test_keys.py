"""Key names: fixed by the contract, one slot a page, and no page can name another's keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from actors import keys
from rules.facts import ConversationId

ids = st.text(min_size=1, max_size=12, alphabet="ab1:%{} é")


@pytest.mark.parametrize(("page_id", "expected"), [("900", 18), ("12345654332", 25), ("trang-của-tôi", 2)])
def test_partitions_never_change(page_id: str, expected: int) -> None:
    """Another number would lose every conversation of the page."""
    assert keys.partition(page_id) == expected


def test_names_are_those_of_the_contract() -> None:
    """Support types them by hand."""
    conversation = ConversationId("900", "7101")

    assert keys.conversation(conversation) == "conversation:{18}:900:7101"
    assert keys.timeline(conversation) == "timeline:{18}:900:7101"
    assert keys.connection("900") == "connection:{18}:900"
    assert keys.event("900", "Conversation-1") == "event:{18}:900:Conversation-1"
    assert keys.outbox("900") == "outbox:{18}:900"
    assert keys.due(7) == "due:{07}"


@given(ids, ids)
def test_all_of_a_page_lies_in_one_slot(page_id: str, psid: str) -> None:
    """So that one script can touch it, on Redis Cluster too."""
    conversation = ConversationId(page_id, psid)
    found = [
        keys.conversation(conversation),
        keys.timeline(conversation),
        keys.connection(page_id),
        keys.event(page_id, "e"),
        keys.attempts(page_id, "e"),
        keys.outbox(page_id),
        keys.events(page_id),
        keys.dead(page_id),
        keys.due(keys.partition(page_id)),
        keys.index(keys.partition(page_id), psid),
        keys.page_conversations(page_id),
        keys.waiting_orders(keys.partition(page_id)),
    ]

    assert len({key_slot(key.encode()) for key in found}) == 1


@given(ids, ids, ids, ids)
def test_different_conversations_have_different_keys(page: str, psid: str, other_page: str, other_psid: str) -> None:
    """Ids are opaque: one that holds a colon or a brace must not reach another conversation."""
    here, there = ConversationId(page, psid), ConversationId(other_page, other_psid)

    assert (keys.conversation(here) == keys.conversation(there)) == (here == there)
