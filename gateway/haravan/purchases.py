"""What an order is worth and who buys. Phones and e-mails are hashed here, at once, and go no further in clear."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from gateway.haravan.fields import BadPush, Fields, as_number, as_text, objects
from gateway.hashing import email_sha256, phone_sha256
from rules.facts import Item, Purchase

_MOST_ITEMS = 100
_LONGEST_NAME = 200
_LONGEST_CONTENT_ID = 100
_CURRENCY_LETTERS = 3


def read_purchase(order: Fields) -> Purchase:
    """Read what TikTok is told of an order. Raises `BadPush` when its total or currency makes no sense.

    An order without a total is worth the sum of its lines. Lines that cannot be read are left out.
    """
    items = tuple(item for line in objects(order.get("line_items")) if (item := _read_item(line)) is not None)
    return Purchase(
        _plain(_read_total(order, items)),
        _read_currency(order.get("currency")),
        items[:_MOST_ITEMS],
        _first_hash(phone_sha256, _phones(order)),
        _first_hash(email_sha256, _emails(order)),
    )


def _read_total(order: Fields, items: tuple[Item, ...]) -> Decimal:
    given = order.get("total_price")
    if given is None:
        return sum((Decimal(item.price) * item.quantity for item in items), Decimal(0))
    total = as_number(given)
    if total is None:
        raise BadPush("order.total_price", "must be an amount of money")
    return total


def _read_currency(value: object) -> str:
    if value is None or value == "":
        return "VND"
    currency = value.strip().upper() if isinstance(value, str) else ""
    if not (len(currency) == _CURRENCY_LETTERS and currency.isascii() and currency.isalpha()):
        raise BadPush("order.currency", "must be a three-letter code")
    return currency


def _read_item(line: Fields) -> Item | None:
    # The seller's own code first: it is what a product catalogue at TikTok is most likely keyed by.
    ids = (as_text(line.get(name)) for name in ("sku", "variant_id", "product_id"))
    content_id = next((each for each in ids if each), None)
    price = as_number(line.get("price"))
    quantity = as_number(line.get("quantity", 1))
    if content_id is None or price is None or not quantity or quantity != int(quantity):
        return None
    name = as_text(line.get("name")) or as_text(line.get("title")) or ""
    return Item(content_id[:_LONGEST_CONTENT_ID], name[:_LONGEST_NAME], int(quantity), _plain(price))


def _phones(order: Fields) -> Iterable[object]:
    for name in ("customer", "shipping_address", "billing_address"):
        if isinstance(holder := order.get(name), dict):
            yield holder.get("phone")
    yield order.get("phone")


def _emails(order: Fields) -> Iterable[object]:
    if isinstance(customer := order.get("customer"), dict):
        yield customer.get("email")
    yield order.get("email")
    yield order.get("contact_email")


def _first_hash(hashed: Callable[[str], str | None], values: Iterable[object]) -> str | None:
    texts = (as_text(value) for value in values)
    return next((found for text in texts if text and (found := hashed(text))), None)


def _plain(number: Decimal) -> str:
    """Write a number without exponent and without zeros that say nothing: ``600000``, ``12.5``."""
    return f"{abs(number.normalize()):f}"
