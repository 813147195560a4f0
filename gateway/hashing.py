"""What TikTok gets to know of a buyer: SHA-256 in lower hex, never anything in clear.

Source: TikTok Events API, "Supported parameters", `user.phone`, `user.email`, `user.external_id`.
"""

import hashlib
import re

import phonenumbers

_HASHED = re.compile(r"[0-9a-f]{64}")


def phone_sha256(phone: str, region: str = "VN") -> str | None:
    """Hash a phone number as E.164 (``+84901234567``). A number without country code is taken to be of `region`.

    None when it cannot be a phone number. What is hashed already is returned as it is.
    """
    text = phone.strip()
    if _HASHED.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return _sha256(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def email_sha256(email: str) -> str | None:
    """Hash an e-mail address, trimmed and in lower case. None when it is empty; a hash is returned as it is."""
    text = email.strip().lower()
    if not text or _HASHED.fullmatch(text):
        return text or None
    return _sha256(text)


def external_id_sha256(external_id: str) -> str:
    """Hash an id by which we know the customer (the PSID), trimmed; its case is kept, for ids are opaque."""
    return _sha256(external_id.strip())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
