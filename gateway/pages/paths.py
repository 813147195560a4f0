"""The addresses of the seller's pages. Relative to the host: where the outside reaches it is `PUBLIC_URL`'s matter."""

from typing import Final
from urllib.parse import quote

ROOT: Final = "/settings/integrations/tiktok"
"""The overview."""

CALLBACK: Final = "/oauth/tiktok/callback"
"""Where TikTok sends the seller back to."""

SUPPORT: Final = "/support"
"""Where the pages of support begin."""


def page_path(page_id: str, *steps: str) -> str:
    """Return the address of a page's connection, or of a step below it, for example ``connect/advertiser``."""
    return "/".join((ROOT, "pages", quote(page_id, safe=""), *steps))
