"""Recognisers: the usual ones find what they should, and none can be made to take for ever."""

import json
import time

import pytest

from gateway.ref_pattern import compile_ref_pattern
from rules.clicks import Policy, recognise
from tests.gateway.service import serve
from tests.gateway.web import click, conversation, messenger_body, post_messenger

LONGEST_REF = 2_083


@pytest.mark.parametrize(
    ("pattern", "ref", "tracking_id"),
    [
        (".+", "tt-abc", "tt-abc"),
        ("^tt-", "tt-abc", "tt-abc"),
        ("^tt-", "x-tt-abc", None),
        (r"ttclid=(?P<tracking_id>[^&]+)", "a=1&ttclid=E.C.P&b=2", "E.C.P"),
        (r"(?i)^TIKTOK_(?P<tracking_id>\w+)$", "tiktok_9", "9"),
        (r"^tt-(?P<tracking_id>\d+)?", "tt-", "tt-"),
        ("đầm", "váy-đầm-đỏ", "váy-đầm-đỏ"),
        (".+", "a\x00b", "a\x00b"),
        (".+", "\n", "\n"),
    ],
)
def test_a_pattern_finds_what_pythons_own_would(pattern: str, ref: str, tracking_id: str | None) -> None:
    assert recognise(ref, None, Policy(compile_ref_pattern(pattern))) == tracking_id


@pytest.mark.parametrize("pattern", ["(unclosed", "[", "*", r"(a)\1", "(?=a)", "(?<!a)b", "(?:a{1000}){1000}"])
def test_what_re2_does_not_have_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(
        ValueError, match=r"^is not a regular expression of RE2 \(no look-around, no back references\): .+"
    ):
        compile_ref_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){12}$", r"^(\w+\s?)*$", "a{0,900}a{900}$"])
def test_patterns_that_backtrack_without_end_answer_at_once(pattern: str) -> None:
    """With Python's `re`, the first takes longer than this test may, by a factor of 2 to the power of 2000."""
    recogniser, ref = compile_ref_pattern(pattern), "a" * (LONGEST_REF - 1) + "!"
    began = time.process_time()
    assert recogniser.search(ref) is None
    assert time.process_time() - began < 1


async def test_a_click_whose_ref_was_made_to_backtrack_stalls_nobody() -> None:
    async with serve(TIKTOK_REF_PATTERN="^(a+)+$") as service:
        await service.connect()
        assert await post_messenger(service.client, messenger_body(click("a" * 2_000 + "!"), click("aaa"))) == 200
        found = await conversation(service.client)
    assert [each["ref"] for each in (found or {})["clicks"]] == ["aaa"], json.dumps(found)
