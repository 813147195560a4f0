"""The addresses of support's pages, relative to the host. Ids come from outside, so each is quoted."""

from typing import Final
from urllib.parse import quote, urlencode

from gateway.pages.paths import SUPPORT

ROOT: Final = SUPPORT
"""The search box."""

PROBLEMS: Final = f"{ROOT}/problems"
ORDERS: Final = f"{ROOT}/orders"
"""The orders that are about to be lost."""

HEALTH: Final = f"{ROOT}/health"


def find(asked: str) -> str:
    """Return the address of what is found for something asked."""
    return f"{ROOT}/find?{urlencode({'q': asked})}"


def page(page_id: str, *steps: str) -> str:
    """Return the address of a page, or of a step below it."""
    return _below("pages", page_id, *steps)


def conversation(page_id: str, psid: str, *steps: str) -> str:
    """Return the address of a conversation, or of a step below it: ``live``, ``what-if``, ``packet``."""
    return _below("conversations", page_id, psid, *steps)


def deliveries(page_id: str) -> str:
    """Return the address of a page's deliveries."""
    return page(page_id, "deliveries")


def delivery(page_id: str, event_id: str, *steps: str) -> str:
    """Return the address of the delivery of one event, or of a step below it: ``resend``."""
    return _below("deliveries", page_id, event_id, *steps)


def problem(name: str, *steps: str) -> str:
    """Return the address of a problem, or of a step below it: ``resend``."""
    return _below("problems", name, *steps)


def page_health(page_id: str) -> str:
    """Return the address of how a page does."""
    return page(page_id, "health")


def _below(*parts: str) -> str:
    return "/".join((ROOT, *(quote(part, safe="") for part in parts)))
