"""Half characters are replaced, and nothing else changes."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.surrogates import mend_surrogates


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        (rb'"\ud83d"', rb'"\ufffd"'),
        (rb'"\uDE22"', rb'"\ufffd"'),
        (rb'"\ud83d\ud83d\ude22"', rb'"\ufffd\ud83d\ude22"'),
        (rb'"\ud83d\u00e4"', rb'"\ufffd\u00e4"'),
        (rb'"\\ud83d"', rb'"\\ud83d"'),
        (rb'"\\\ud83d"', rb'"\\\ufffd"'),
        (rb'"\ud83d\ude22 \u00e4 \n \/"', rb'"\ud83d\ude22 \u00e4 \n \/"'),
    ],
)
def test_only_halves_are_replaced(body: bytes, mended: bytes) -> None:
    assert mend_surrogates(body) == mended


@given(st.text(st.characters() | st.sampled_from("\ud83d\ude22\\")))
def test_whatever_text_becomes_readable(text: str) -> None:
    """Hypothesis makes lone surrogates, which the standard library writes as escapes."""
    body = json.dumps(text).encode()
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert msgspec.json.decode(mend_surrogates(body), type=str) == expected
