"""What TikTok documents of ``POST /event/track/``: the shape of a request, and what is said of a wrong one.

Fields: https://business-api.tiktok.com/portal/docs?id=1771101303285761. What is not documented is let through.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

BATCH_EVENTS: Final = 1_000

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MILLISECONDS: Final = 100_000_000_000
"""As seconds this is the year 5138: a time this large was meant in milliseconds."""


class Answer(Struct, frozen=True):
    """TikTok's code, and what it says beside it."""

    code: int
    message: str


Check: TypeAlias = Callable[[object], str | None]
"""Says what is wrong with one value, in TikTok's words, or None."""


def first_fault(body: object, event_sources: Collection[str]) -> Answer | None:
    """Return the answer to the first thing that is wrong with a request, or None. One bad event refuses them all."""
    if not isinstance(body, dict):
        return Answer(40002, "Request body is not a JSON object")
    return next(_faults(body, event_sources), None)


def _faults(body: dict[str, Any], event_sources: Collection[str]) -> Iterator[Answer]:
    yield from _fields(body, {"event_source": _string, "event_source_id": _filled}, "", required=True)
    if body["event_source"] not in event_sources:
        yield Answer(40002, f"event_source: Must be one of: {', '.join(sorted(event_sources))}")
    if "partner_name" in body:
        yield Answer(40063, "partner_name: Invalid partner name")
    items = body.get("data")
    if not isinstance(items, list) or not items:
        yield Answer(40002, "data: Not a valid list of 1 to 1000 events")
    elif len(items) > BATCH_EVENTS:
        yield Answer(40061, f"data: Invalid batch size {len(items)}, the maximum is {BATCH_EVENTS}")
    else:
        for number, item in enumerate(items):
            yield from _item_faults(item, f"Batch.{number}")


def _item_faults(item: object, place: str) -> Iterator[Answer]:
    if not isinstance(item, dict):
        yield Answer(40002, f"{place}: Not a valid object")
        return
    yield from _fields(item, {"event": _filled, "event_time": _seconds}, f"{place}.", required=True)
    yield from _fields(item, {"event_id": _filled} | dict.fromkeys(_OBJECTS, _object), f"{place}.")
    user = item.get("user", {})
    yield from _fields(user, dict.fromkeys(user, _strings), f"{place}.user.")
    for field in _HASHED:
        values = user.get(field, [])
        if not all(_SHA256.fullmatch(value) for value in ([values] if isinstance(values, str) else values)):
            yield Answer(40062, f"{place}.user.{field}: PII is not hashed with SHA-256")
    properties = item.get("properties", {})
    yield from _fields(properties, _PROPERTIES, f"{place}.properties.")
    for number, content in enumerate(properties.get("contents", [])):
        where = f"{place}.properties.contents.{number}"
        if not isinstance(content, dict):
            yield Answer(40002, f"{where}: Not a valid object")
            return
        yield from _fields(content, _CONTENT, f"{where}.")


def _fields(
    holder: dict[str, Any], checks: Mapping[str, Check], place: str, *, required: bool = False
) -> Iterator[Answer]:
    for field, check in checks.items():
        if field not in holder:
            if required:
                yield Answer(40002, f"{place}{field}: Missing data for required field")
            continue
        fault = check(holder[field])
        if fault:
            yield Answer(40002, f"{place}{field}: {fault}")


def _string(value: object) -> str | None:
    return None if isinstance(value, str) else "Not a valid string"


def _filled(value: object) -> str | None:
    return _string(value) or (None if value else "Shorter than minimum length 1")


def _strings(value: object) -> str | None:
    values = value if isinstance(value, list) else [value]
    return next(filter(None, map(_string, values)), None)


def _integer(value: object) -> str | None:
    # JSON's true is no integer, although Python's is.
    return None if type(value) is int else "Not a valid integer"


def _seconds(value: object) -> str | None:
    return None if type(value) is int and 0 < value < _MILLISECONDS else "Not a valid Unix timestamp in seconds"


def _number(value: object) -> str | None:
    return None if type(value) in {int, float} else "Not a valid number"


def _list(value: object) -> str | None:
    return None if isinstance(value, list) else "Not a valid list"


def _object(value: object) -> str | None:
    return None if isinstance(value, dict) else "Not a valid object"


def _currency(value: object) -> str | None:
    return None if isinstance(value, str) and _CURRENCY.fullmatch(value) else "Not a valid ISO 4217 currency"


def _content_type(value: object) -> str | None:
    return None if value in ("product", "product_group") else "Must be one of: product, product_group"


_HASHED: Final = ("email", "phone", "external_id", "first_name", "last_name", "zip_code")
_OBJECTS: Final = ("user", "properties", "page", "app", "lead")
_PROPERTIES: Final[dict[str, Check]] = {
    "currency": _currency,
    "value": _number,
    "contents": _list,
    "content_type": _content_type,
    "content_ids": _strings,
    "num_items": _integer,
    "order_id": _string,
    "shop_id": _string,
    "description": _string,
    "search_string": _string,
}
_CONTENT: Final[dict[str, Check]] = {
    "content_id": _string,
    "content_name": _string,
    "content_category": _string,
    "brand": _string,
    "price": _number,
    "quantity": _integer,
}
