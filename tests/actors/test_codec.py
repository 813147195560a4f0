"""JSON for people: ISO times beside milliseconds, and nothing else changed."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from actors import codec
from rules.state import Click, Conversation, Order


def test_every_time_has_its_twin_wherever_it_stands() -> None:
    state = Conversation(
        clicks=(Click(1_790_000_000_123, "tt-1", "tt-1"),),
        orders=(Order("7", 1_790_000_000_000, 1_790_000_001_000, 1_790_000_002_000, shipped_at=1_790_000_003_000),),
    )

    text = codec.encode(state).decode()

    assert '"at":1790000000123,"at_utc":"2026-09-21T14:13:20.123Z"' in text
    assert '"shipped_at":1790000003000,"shipped_at_utc":"2026-09-21T14:13:23.000Z"' in text
    assert text.count("_utc") == 5


def test_a_time_that_has_its_twin_gets_no_second_one() -> None:
    entry = {"at": 1_790_000_000_000, "at_utc": "2026-09-21T14:13:20.000Z"}

    assert codec.encode(entry) == msgspec.json.encode(entry)


def test_what_is_read_back_is_what_was_written() -> None:
    """Readers skip the twins."""
    state = Conversation(clicks=(Click(1_790_000_000_123, '"at":1790000000123,', 'x\\"at":1790000000123}'),))

    assert msgspec.json.decode(codec.encode(state), type=Conversation) == state


@given(st.text())
def test_text_is_never_touched(ref: str) -> None:
    """A ref may look like JSON; it is quoted inside a string, and stays as it is."""
    state = Conversation(clicks=(Click(1_790_000_000_123, ref, f'{{"at":1790000000123,{ref}'),))

    assert msgspec.json.decode(codec.encode(state), type=Conversation) == state
