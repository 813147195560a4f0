"""The catalogue of reasons is closed, complete and speaks both languages."""

import string
from typing import get_args

import pytest

from rules.catalogue import CATALOGUE, DELIVERY_CODES, PAGE_CODES, DecisionCode, Language, ReasonCode
from rules.reasons import Answer, age
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS

REQUIRED = {
    *("no_click", "ref_not_tiktok", "get_started_before_click", "awaiting_customer_message", "awaiting_messages"),
    *("awaiting_customer_after_five", "already_fired", "click_expired", "order_before_click", "awaiting_confirmation"),
    *("awaiting_shipment", "order_cancelled", "duplicate", "page_not_connected", "page_paused", "authorisation_needed"),
    *("queued", "rate_limited", "retrying", "sent", "outcome_unknown", "rejected", "expired_unsent"),
}


def test_every_code_has_its_reason_and_every_reason_a_code() -> None:
    """The catalogue and the codes that the rules may return are the same set."""
    assert set(CATALOGUE) == {*get_args(DecisionCode), *PAGE_CODES, *DELIVERY_CODES}


def test_the_rule_books_reasons_are_there() -> None:
    """rules.md lists the least that must be told apart."""
    assert set(CATALOGUE) >= REQUIRED


@pytest.mark.parametrize("code", CATALOGUE)
def test_both_languages_speak_of_the_same_numbers(code: ReasonCode) -> None:
    """A number that one language mentions is mentioned by the other."""
    vi, en = CATALOGUE[code].vi, CATALOGUE[code].en

    assert vi.sentence
    assert en.sentence
    assert _fields(vi.sentence) == _fields(en.sentence)
    assert bool(vi.remedy) == bool(en.remedy)


@pytest.mark.parametrize(
    ("milliseconds", "language", "expected"),
    [
        (7 * DAY_MS + 2 * HOUR_MS, "en", "7 d 2 h"),
        (7 * DAY_MS + 2 * HOUR_MS, "vi", "7 ngày 2 giờ"),
        (3 * HOUR_MS + 5 * MINUTE_MS, "en", "3 h 5 min"),
        (0, "vi", "0 giờ 0 phút"),
    ],
)
def test_ages_read_well(milliseconds: int, language: Language, expected: str) -> None:
    """Durations are written for people."""
    assert age(milliseconds, language) == expected


def test_a_remedy_says_what_to_do() -> None:
    """Support reads it out to the seller."""
    assert Answer("Conversation", "get_started_before_click").remedy("en") == (
        "The customer has to send one more message."
    )


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}
