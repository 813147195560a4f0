"""Problems by name: every failure has one, and every name has words and a remedy in both languages."""

import pytest

from rules.catalogue import DeliveryCode
from rules.codes import MEANINGS, meaning, problem_name
from rules.delivery import Reply

NAMED: list[tuple[Reply | None, DeliveryCode, str]] = [
    (Reply("code", code=40002, http_status=200), "rejected", "40002"),
    (Reply("http_error", http_status=502), "retrying", "http_502"),
    (Reply("not_json", http_status=200), "outcome_unknown", "http_200"),
    (Reply("timeout"), "outcome_unknown", "timeout"),
    (Reply("cut"), "outcome_unknown", "cut"),
    (Reply("not_sent"), "retrying", "not_sent"),
    (None, "expired_unsent", "expired_unsent"),
    (None, "outcome_unknown", "outcome_unknown"),
]

SAYS = {
    "40002": "a parameter is wrong",
    "40062": "is not hashed",
    "40400": "nothing at the address",
    "40001": "may not write",
    "40105": "run out or was withdrawn",
    "40300": "does not exist at TikTok",
    "40100": "limits the rate of the app",
    "40133": "this advertiser",
    "40132": "suspects that the token",
    "41000": "bans the country",
    "50000": "passing fault",
    "51305": "passing fault",
    "50002": "may or may not have it",
    "60001": "maintenance",
    "http_404": "how we send",
    "http_302": "sends us to another",
    "http_502": "passing fault",
    "http_429": "limits the rate",
    "http_200": "may or may not have it",
    "timeout": "may or may not have it",
    "cut": "may or may not have it",
    "not_sent": "could not be reached",
    "token_unreadable": "cannot be opened with ENCRYPTION_KEYS",
    "expired_unsent": "older than 7 days",
    "outcome_unknown": "After 47 hours",
    "what-somebody-made-up": "may or may not have it",
    "0": "passing fault",
}


@pytest.mark.parametrize(("reply", "status", "name"), NAMED)
def test_a_problem_is_named_by_code_then_by_how_it_failed(reply: Reply | None, status: DeliveryCode, name: str) -> None:
    assert problem_name(reply, status) == name


@pytest.mark.parametrize(("name", "words"), SAYS.items())
def test_a_name_is_explained(name: str, words: str) -> None:
    assert words in meaning(name, "en").sentence


@pytest.mark.parametrize("name", ["9" * 5_000, "http_" + "9" * 5_000, "x" * 5_000])
def test_a_name_of_any_length_is_explained_as_one_that_somebody_made_up(name: str) -> None:
    """Python reads no number of more than 4,300 digits."""
    assert meaning(name, "en") == meaning("what-somebody-made-up", "en")


def test_everything_is_said_in_both_languages_with_what_to_do() -> None:
    for words in MEANINGS.values():
        assert set(words) == {"vi", "en"}
        assert all(wording.sentence and wording.remedy for wording in words.values())
