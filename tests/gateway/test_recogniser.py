"""Recognisers that somebody types in: read as the setting is, but none can hang the process."""

import re
import time

import pytest

from gateway.recogniser import MOST_CHARACTERS, PatternRefusedError, compile_recogniser
from rules.clicks import Policy, recognise

HOSTILE = [
    "(a+)+$",
    "(a*)*b",
    "(a|a)*b",
    "(.*a){20}$",
    "([a-z]+)*[0-9]",
]


@pytest.mark.parametrize(
    ("pattern", "ref", "tracking_id"),
    [
        ("tt-.+", "tt-77", "tt-77"),
        ("tt-(?P<tracking_id>[0-9]+)", "x-tt-77-y", "77"),
        ("^tt-", "x-tt-77", None),
        (".+", "Đầm đỏ", "Đầm đỏ"),
    ],
)
def test_it_finds_what_the_setting_would_find(pattern: str, ref: str, tracking_id: str | None) -> None:
    assert recognise(ref, None, Policy(compile_recogniser(pattern))) == tracking_id


@pytest.mark.parametrize("pattern", HOSTILE)
def test_none_takes_longer_than_a_moment(pattern: str) -> None:
    """Python's `re` would take years over some of these."""
    began = time.process_time()
    compile_recogniser(pattern).search("a" * 512 + "!")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("tt-(", "missing )"),
        ("(?:(?:a{1000}){1000}){1000}", "repetition size"),
        ("(?=tt)t", "look-around"),
        (r"(t)\1", "back references"),
        ("\udc80", "not Unicode text"),
        ("a" * (MOST_CHARACTERS + 1), "longer than 500"),
    ],
)
def test_what_is_not_tried_is_refused_in_both_languages(pattern: str, why: str) -> None:
    with pytest.raises(PatternRefusedError, match=re.escape(why)) as refused:
        compile_recogniser(pattern)
    assert refused.value.why.vi != refused.value.why.en


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (
            "(",
            "biểu thức chính quy của RE2 (không có look-around, không có tham chiếu ngược); RE2 báo: missing ): (",
        ),
        ("\udc80", "văn bản Unicode"),
    ],
)
def test_only_what_re2_says_is_quoted_in_english(pattern: str, words: str) -> None:
    with pytest.raises(PatternRefusedError) as refused:
        compile_recogniser(pattern)
    assert refused.value.why.vi == f"Không dùng được biểu thức này: nó không phải là {words}."
