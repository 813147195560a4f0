"""The vault: tokens are unreadable at rest, and keys can be rotated without downtime."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from gateway.vault import Vault

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
TOKEN = "3f1c0ab79d5e42688e17b3d2c9640fa5b871e6d0"


def test_a_token_comes_back_and_is_not_readable_in_between() -> None:
    ciphertext = Vault([OLD]).encrypt(TOKEN)
    assert TOKEN not in ciphertext
    assert Vault([OLD]).decrypt(ciphertext) == TOKEN


def test_the_first_key_encrypts_and_every_key_opens() -> None:
    """So a new key goes in front, and what the old one closed stays readable."""
    both = Vault([NEW, OLD])
    assert both.decrypt(Vault([OLD]).encrypt(TOKEN)) == TOKEN
    assert Vault([NEW]).decrypt(both.encrypt(TOKEN)) == TOKEN
    with pytest.raises(InvalidToken):
        Vault([OLD]).decrypt(both.encrypt(TOKEN))


def test_rotating_makes_the_old_key_dispensable() -> None:
    rotated = Vault([NEW, OLD]).rotate(Vault([OLD]).encrypt(TOKEN))
    assert Vault([NEW]).decrypt(rotated) == TOKEN


def test_a_foreign_or_damaged_ciphertext_is_refused() -> None:
    for ciphertext in (Vault([OTHER]).encrypt(TOKEN), "damaged", ""):
        with pytest.raises(InvalidToken):
            Vault([NEW, OLD]).decrypt(ciphertext)


@pytest.mark.parametrize("keys", [[], ["not a key"], [OLD, ""]])
def test_something_that_is_no_key_is_refused_at_once(keys: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the library's own, with its own words
        Vault(keys)
