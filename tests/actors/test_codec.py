"""JSON for people: ISO times beside milliseconds, and nothing else changed."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from actors import codec
from rules.facts import Fact
from rules.state import Click, Conversation, Order
from rules.times import utc
from tests.rules.test_replay import book, histories, live

NOW = 1_790_000_000_123


def clicked(ref: str, tracking_id: str = "tt-1") -> Conversation:
    """Make a conversation with a click."""
    return Conversation(clicks=(Click(NOW, utc(NOW), ref, tracking_id),))


def test_every_time_has_its_twin_wherever_it_stands() -> None:
    order = Order("7", 1_790_000_000_000, 1_790_000_001_000, 1_790_000_002_000, shipped_at=1_790_000_003_000)

    text = codec.encode(Conversation(orders=(order,))).decode()

    assert '"shipped_at":1790000003000,"shipped_at_utc":"2026-09-21T14:13:23.000Z"' in text
    assert text.count("_utc") == 4


def test_a_time_that_has_its_twin_gets_no_second_one() -> None:
    entry = {"at": 1_790_000_000_000, "at_utc": "2026-09-21T14:13:20.000Z"}

    assert codec.encode(entry) == msgspec.json.encode(entry)


def twins_agree(value: object) -> bool:
    """Tell whether every time in a JSON document has its twin, and the right one."""
    if isinstance(value, list):
        return all(map(twins_agree, value))
    if not isinstance(value, dict):
        return True
    times = {name: at for name, at in value.items() if name.endswith("at")}
    return all(value.get(f"{name}_utc") == utc(at) for name, at in times.items()) and twins_agree([*value.values()])


@given(histories(), st.sampled_from([".+", "tt-2"]))
def test_a_state_has_the_twin_of_every_time_whether_it_is_searched_for_them_or_not(
    history: list[Fact], pattern: str
) -> None:
    state, _ = live(history, book(pattern=pattern))

    assert twins_agree(msgspec.json.decode(codec.encode_state(state)))


def test_what_is_read_back_is_what_was_written() -> None:
    """Readers skip the twins."""
    state = clicked('"at":1790000000123,', 'x\\"at":1790000000123}')

    assert msgspec.json.decode(codec.encode(state), type=Conversation) == state


@given(st.text())
def test_text_is_never_touched(ref: str) -> None:
    """A ref may look like JSON; it is quoted inside a string, and stays as it is."""
    state = clicked(ref, f'{{"at":1790000000123,{ref}')

    assert msgspec.json.decode(codec.encode(state), type=Conversation) == state
