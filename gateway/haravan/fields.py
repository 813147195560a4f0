"""Single fields of a push: what is needed must be right, and the error says which field is not."""

from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import msgspec

from gateway.surrogates import mend_surrogates

Fields: TypeAlias = dict[str, object]
"""A JSON object. Numbers with a fraction are `Decimal`: money is never a float."""

LONGEST_ID = 100
_LONGEST_NUMBER = 40
_MOST_MONEY = Decimal(10**15)

_JSON = msgspec.json.Decoder(float_hook=Decimal)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation)


class BadPush(Exception):  # noqa: N818  names what was pushed, as the route's 400 will
    """A push that can never be used: answer 400 with `field` and `why`, which quote no value. Repeating is useless."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def read_body(body: bytes) -> Fields:
    """Read a body as a JSON object. Raises `BadPush`."""
    try:
        value = _JSON.decode(body)
    except _UNREADABLE:
        value = _read_mended(body)
    if not isinstance(value, dict):
        raise BadPush("body", "must be a JSON object")
    return value


def read_object(value: object, field: str) -> Fields | None:
    """Return a JSON object; None when it is absent. Raises `BadPush` for anything else."""
    if value is None or isinstance(value, dict):
        return value
    raise BadPush(field, "must be a JSON object")


def objects(value: object) -> list[Fields]:
    """Return the JSON objects of an array, and nothing for what is no array."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def read_id(value: object, field: str) -> str | None:
    """Return an id, text or integer, as text; None when it is absent or empty. Raises `BadPush` for anything else."""
    text = as_text(value)
    if text is None and value is not None:
        raise BadPush(field, "must be a string or an integer")
    if text is not None and len(text) > LONGEST_ID:
        raise BadPush(field, f"must have at most {LONGEST_ID} characters")
    return text or None


def as_text(value: object) -> str | None:
    """Return text or an integer as trimmed text, None for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(value: object) -> Decimal | None:
    """Return a number, or text that is one, if it is finite, not negative and below 1e15; else None.

    Nothing below 1e-40 either: ``1e-999999`` is short, but written out it has a million digits.
    """
    text = str(value).strip() if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else ""
    if len(text) > _LONGEST_NUMBER or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    written_out = number.is_finite() and number.adjusted() >= -_LONGEST_NUMBER
    return number if written_out and 0 <= number < _MOST_MONEY else None


def as_status(value: object) -> str:
    """Return a status in the one spelling that is compared here: `partially_paid` and `PartiallyPaid` are the same."""
    return value.replace("_", "").strip().lower() if isinstance(value, str) else ""


def _read_mended(body: bytes) -> object:
    try:
        return _JSON.decode(mend_surrogates(body))
    except _UNREADABLE:
        raise BadPush("body", "must be readable JSON") from None
