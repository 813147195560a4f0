"""What the pages say, in Vietnamese and English: one dictionary, made of one part for each part of the pages.

A key says where it stands (``overview.search``); words in braces are filled in by whoever says it.
"""

from typing import Final

from gateway.api.shapes import Words
from gateway.pages.words.connect import CONNECT
from gateway.pages.words.done import DONE
from gateway.pages.words.events import EVENTS
from gateway.pages.words.manage import MANAGE
from gateway.pages.words.overview import OVERVIEW
from gateway.pages.words.page_check import PAGE_CHECK
from gateway.pages.words.shared import SHARED
from gateway.pages.words.support import SUPPORT
from gateway.pages.words.support_conversation import SUPPORT_CONVERSATION
from gateway.pages.words.support_deliveries import SUPPORT_DELIVERIES
from gateway.pages.words.support_health import SUPPORT_HEALTH
from gateway.pages.words.tiktok_failures import TIKTOK_FAILURES

PARTS: Final[tuple[dict[str, Words], ...]] = (
    SHARED,
    OVERVIEW,
    MANAGE,
    CONNECT,
    TIKTOK_FAILURES,
    EVENTS,
    DONE,
    PAGE_CHECK,
    SUPPORT,
    SUPPORT_CONVERSATION,
    SUPPORT_DELIVERIES,
    SUPPORT_HEALTH,
)
"""No key is in two of them; a test says so."""

PHRASES: Final[dict[str, Words]] = {key: words for part in PARTS for key, words in part.items()}
