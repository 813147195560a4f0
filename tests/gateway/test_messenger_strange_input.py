"""Whatever bytes arrive under a right signature: no exception, and one bad item costs nothing but itself."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messenger import decode
from rules.facts import Message

RECEIVED_AT = 1_760_000_060_000

KEYS = st.sampled_from(
    re.findall(
        r"\w+",
        "object entry id time messaging standby changes sender recipient timestamp message postback referral mid "
        "is_echo is_deleted title payload ref source read user_ref",
    )
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**9, max_value=10**13),
    st.floats(),
    st.text(),
    st.sampled_from(
        ["page", "0", "900", "7101", "GET_STARTED", "true", "2026-01-05T03:04:05Z", "0001-01-01T00:00:00+14:00"]
    ),
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner), max_leaves=30)
SHAPED = st.fixed_dictionaries(
    {"object": st.just("page")},
    optional={
        "entry": st.lists(
            st.fixed_dictionaries(
                {"id": SCALARS},
                optional={"time": JSON, "messaging": st.lists(st.dictionaries(KEYS, JSON)) | JSON, "standby": JSON},
            )
        )
        | JSON
    },
)

GOOD = {"sender": {"id": "7101"}, "recipient": {"id": "900"}, "timestamp": 1_760_000_000_123, "message": {"mid": "m_1"}}


def around(*items: str) -> bytes:
    inside = ",".join([json.dumps(GOOD), *items, json.dumps({**GOOD, "message": {"mid": "m_2"}})])
    return ('{"object":"page","entry":[{"id":"900","time":1760000000999,"messaging":[' + inside + "]}]}").encode()


@given(st.binary())
def test_arbitrary_bytes_never_raise(body: bytes) -> None:
    assert decode(body, received_at=RECEIVED_AT).facts == ()


@given(JSON | SHAPED)
def test_arbitrary_json_never_raises(value: object) -> None:
    decode(json.dumps(value).encode(errors="surrogatepass"), received_at=RECEIVED_AT)


@given(SHAPED, st.integers(min_value=0), st.binary(max_size=3))
def test_a_body_damaged_anywhere_never_raises(value: object, place: int, damage: bytes) -> None:
    body = json.dumps(value).encode()
    place %= len(body)
    decode(body[:place] + damage + body[place + 1 :], received_at=RECEIVED_AT)


@given(st.dictionaries(KEYS, JSON))
def test_an_arbitrary_item_costs_its_neighbours_nothing(strange: dict[str, object]) -> None:
    decoded = decode(
        around(json.dumps(strange, allow_nan=True).replace("NaN", "0").replace("Infinity", "1e999")),
        received_at=RECEIVED_AT,
    )
    mids = [each.fact.mid for each in decoded.facts if isinstance(each.fact, Message)]
    assert mids[0] == "m_1"
    assert mids[-1] == "m_2"


@pytest.mark.parametrize(
    "strange",
    [
        "null",
        "7",
        '"text"',
        "[]",
        '{"sender":"7101","message":{"mid":"m"}}',
        '{"sender":{"id":"7101"},"recipient":{"id":"900"},"message":"text"}',
        '{"sender":{"id":"7101"},"recipient":{"id":"900"},"postback":[]}',
        '{"sender":{"id":"7101"},"timestamp":' + "9" * 5_000 + ',"message":{"mid":"m"}}',
    ],
)
def test_one_bad_item_is_dropped_and_counted(strange: str) -> None:
    decoded = decode(around(strange), received_at=RECEIVED_AT)
    assert [each.fact.mid for each in decoded.facts if isinstance(each.fact, Message)] == ["m_1", "m_2"]
    assert decoded.ignored == {"malformed": 1}


@pytest.mark.parametrize("entry", ["null", "7", "[]", '{"id":"900","messaging":"none"}', '{"id":"900","standby":{}}'])
def test_one_bad_entry_is_dropped_and_counted(entry: str) -> None:
    good = json.dumps({"id": "900", "messaging": [GOOD]})
    decoded = decode(f'{{"object":"page","entry":[{entry},{good}]}}'.encode(), received_at=RECEIVED_AT)
    assert len(decoded.facts) == 1
    assert decoded.ignored == {"malformed": 1}


def test_a_wrong_standby_does_not_hide_the_messages_beside_it() -> None:
    body = json.dumps({"object": "page", "entry": [{"id": "900", "standby": 1, "messaging": [GOOD]}]}).encode()
    decoded = decode(body, received_at=RECEIVED_AT)
    assert len(decoded.facts) == 1
    assert decoded.ignored == {"malformed": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b'{"x":' + b"[" * 100_000,
        b'{"object":"page","entry":' + b"[" * 100_000,
        b'{"object":"page","entry":[]}x',
    ],
)
def test_what_is_no_json_is_a_problem(body: bytes) -> None:
    assert decode(body, received_at=RECEIVED_AT).problem == "malformed_json"


@pytest.mark.parametrize("body", [b"[]", b"[" * 100_000, b"null", b"1", b'"page"', b'{"object":"page","entry":{}}'])
def test_what_is_no_webhook_is_a_problem(body: bytes) -> None:
    assert decode(body, received_at=RECEIVED_AT).problem == "unexpected_shape"


@pytest.mark.parametrize(
    "body", [b'{"object":"page"}', b'{"object":"page","entry":null}', b'{"object":"page","entry":[]}']
)
def test_an_empty_body_is_no_problem(body: bytes) -> None:
    decoded = decode(body, received_at=RECEIVED_AT)
    assert (decoded.problem, decoded.facts, decoded.ignored) == (None, (), {})


def test_half_an_emoji_spoils_nothing() -> None:
    ends = '"sender":{"id":"7101"},"recipient":{"id":"900"}'
    half = "{" + ends + r',"message":{"mid":"\ud83d","text":"\\ud83d \ude22 \ud83d"}}'
    decoded = decode(around(half), received_at=RECEIVED_AT)
    mids = [each.fact.mid for each in decoded.facts if isinstance(each.fact, Message)]
    assert mids == ["m_1", "\N{REPLACEMENT CHARACTER}", "m_2"]


def test_deep_nesting_in_a_part_that_is_not_read_is_survived() -> None:
    deep = '{"sender":{"id":"7101"},"recipient":{"id":"900"},"message":{"text":' + "[" * 200 + "]" * 200 + "}}"
    assert len(decode(around(deep), received_at=RECEIVED_AT).facts) == 3


@pytest.mark.parametrize("text", ["1e400", "9" * 30, "9" * 5_000, "[" * 100 + "]" * 100, '"\\udc00"'])
def test_a_message_without_an_id_gets_the_same_one_twice_whatever_is_in_it(text: str) -> None:
    body = around('{"sender":{"id":"7101"},"recipient":{"id":"900"},"message":{"text":' + text + "}}")
    first, again = (
        decode(body, received_at=received_at).facts[1].fact for received_at in (RECEIVED_AT, RECEIVED_AT + 1)
    )
    assert isinstance(first, Message)
    assert isinstance(again, Message)
    assert first.mid.startswith("item:")
    assert first.mid == again.mid


def test_an_item_whose_keys_are_no_text_is_unknown() -> None:
    assert decode(around('{"KEY":1}').replace(b"KEY", b"\xff"), received_at=RECEIVED_AT).ignored == {"unknown": 1}


def test_no_kind_is_named_by_the_vendor() -> None:
    decoded = decode(around('{"evil{label}":1}', '{"\\ud83d":1}'), received_at=RECEIVED_AT)
    assert decoded.ignored == {"unknown": 2}
