"""Hashes of a buyer's identity are what TikTok computes from its own records."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hashing import email_sha256, external_id_sha256, phone_sha256

PHONE = "0c450d4175db5d08e888c726767096ac29c6dfa0cc8e755e42af0629a1d7ca4c"
EMAIL = "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"


@pytest.mark.parametrize(
    "phone",
    [
        "+84901234567",
        "0901234567",
        "84901234567",
        "901234567",
        " 0901 234 567 ",
        "0901.234.567",
        "+84 (0)90 123 4567",
        "(+84) 90-123-4567",
        "0084901234567",
        PHONE,
    ],
)
def test_a_vietnamese_phone_in_every_spelling(phone: str) -> None:
    assert phone_sha256(phone) == PHONE


def test_a_phone_from_elsewhere_keeps_its_country() -> None:
    expected = "9f7ec22d72092cd3c0b58726ed9c2d91b92e51a3f29837508fb2948bb22dd2fd"
    assert phone_sha256("+1 213-373-4253") == expected
    assert phone_sha256("(213) 373-4253", region="US") == expected


@pytest.mark.parametrize("phone", ["", "  ", "abc", "113", "+84", "0", "9" * 300, "a@b.vn"])
def test_what_cannot_be_a_phone_is_none(phone: str) -> None:
    assert phone_sha256(phone) is None


@pytest.mark.parametrize("email", ["alice_abc@gmail.com", " Alice_ABC@Gmail.com\n", EMAIL])
def test_an_email_is_trimmed_and_lowered(email: str) -> None:
    assert email_sha256(email) == EMAIL


@pytest.mark.parametrize("email", ["", " \t"])
def test_an_empty_email_is_none(email: str) -> None:
    assert email_sha256(email) is None


def test_an_external_id_is_trimmed_and_keeps_its_case() -> None:
    expected = "80fba0ae1c48e3978e43e4efc365e14e12ea0c830ba8ba5b9a2dafc7e3f2ab8b"
    assert external_id_sha256(" user_123 ") == expected
    assert external_id_sha256("User_123") == hashlib.sha256(b"User_123").hexdigest()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_raises(text: str) -> None:
    for hashed in (phone_sha256(text), email_sha256(text)):
        assert hashed is None or len(hashed) == 64
