"""Entries of the timeline: what is written is read back, says nothing twice, and stays readable over versions."""

import re

import msgspec
from hypothesis import given
from msgspec.structs import replace

from actors import keys, timeline
from actors.timeline import Delivered, Happened
from actors.views import Views
from rules.decide import Rulebook
from rules.facts import Fact, Message, OrderSeen
from rules.reasons import Answer
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import CONVERSATION, Story, click, ms, says, tell
from tests.rules.test_properties import books, facts, fold
from tests.stores import Store

STREAM_NODE = 4_096
"""Bytes of one node of a stream, as Redis comes; one that is begun takes all of them."""

NODE_ENTRY = 24
"""Bytes that an entry takes in a node beside its text, and then some."""

BARE_TIME = re.compile(r'"\w*at":\d+(?!\d|,"\w*at_utc":")')
MID = "m_" + "x" * 87
AS_BEFORE = (
    '{"kind":"fact","at":1790000002000,"at_utc":"2026-09-21T14:13:22.000Z","fact":{"type":"message",'
    '"at":1790000002000,"at_utc":"2026-09-21T14:13:22.000Z","received_at":1790000002731,'
    '"received_at_utc":"2026-09-21T14:13:22.731Z","mid":"m_1","author":"customer"},"answers":['
    '{"event":"Conversation","reason":"already_fired"},'
    '{"event":"ValidConversation","reason":"awaiting_messages","numbers":{"messages":2,"needed":5}}]}'
)


def test_an_entry_reads_like_what_happened_with_each_events_answer() -> None:
    story: Story = [click(0), says(1), says(2, "m_1", arrives=2.731)]

    assert timeline.encode(tell(story).told[0]).decode() == (
        '{"type":"message","at":1790000002000,"at_utc":"2026-09-21T14:13:22.000Z","mid":"m_1","author":"customer",'
        '"received_after_ms":731,"answers":{'
        '"Conversation":"already_fired",'
        '"ValidConversation":{"reason":"awaiting_messages","numbers":{"messages":2,"needed":5}}}}'
    )


def test_an_entry_of_the_version_before_is_read() -> None:
    """It said the time of the fact twice. A timeline lives nine days, so that an upgrade meets many of them."""
    read = timeline.decode(AS_BEFORE.encode())

    said = Message(ms(2), ms(2.731), "m_1", "customer")
    numbers = {"messages": 2, "needed": 5}
    answers = (Answer("Conversation", "already_fired"), Answer("ValidConversation", "awaiting_messages", numbers))
    assert read == Happened(said, answers)
    assert read.at == ms(2)


async def test_entries_of_both_versions_stand_in_one_timeline(store: Store) -> None:
    await (await conversations(store)).tell(addressed(click(0)))
    await store.xadd(keys.timeline(CONVERSATION), {"entry": AS_BEFORE})
    delivered = Delivered(ms(3), "", "Conversation", "e-1", "sent", "sent", 1)
    await store.xadd(keys.timeline(CONVERSATION), {"entry": msgspec.json.encode(delivered)})

    found = (await Views(store).timeline_forwards(CONVERSATION)).entries

    assert [entry.at for _, entry in found] == [ms(0), ms(2), ms(3)]


def test_a_click_and_nine_messages_lie_in_one_node_of_a_stream() -> None:
    """With message ids of some ninety characters: a second node would double what a conversation takes."""
    story: Story = [click(0, "tt_summer24.89012345"), *(says(number, f"{MID}{number}") for number in range(1, 10))]
    entries = [timeline.encode(tell(story[: number + 1]).told[0]) for number in range(10)]

    assert sum(len(entry) + NODE_ENTRY for entry in entries) < STREAM_NODE


@given(facts, books)
def test_whatever_the_rules_tell_is_read_back_and_every_time_has_its_twin(history: list[Fact], book: Rulebook) -> None:
    for each in (told for outcome in fold(history, book) for told in outcome.told):
        text = timeline.encode(each)

        kept = replace(each.fact, purchase=None) if isinstance(each.fact, OrderSeen) else each.fact
        assert timeline.decode(text) == Happened(kept, each.answers)
        assert not BARE_TIME.search(text.decode())
