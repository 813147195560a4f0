"""The seller: HaraSocial's signed link to the pages of the demo's store, and what Meta and TikTok know of them."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.sandbox import Consent, GraphPage, GraphPages
from gateway.settings import Settings
from rules.catalogue import Language

STORE: Final = "200000412345"
SHOP: Final = "Áo Dài Sài Gòn"
PAGE_ID: Final = "103214567890123"
ADVERTISER: Final = "7420000000000000001"

LINK_LIVES_S: Final = 12 * 3600

PAGES: Final = {PAGE_ID: SHOP, "103214567890124": "Áo Dài Hà Nội", "103214567890125": "Phụ Kiện Sen Vàng"}
_HANOI, _LOTUS = [page_id for page_id in PAGES if page_id != PAGE_ID]
_GREETING: Final = "Chào bạn! Shop có thể giúp gì cho bạn?"
_ROLES: Final = ("owner", "admin", "staff")

CONSENT: Final = Consent({ADVERTISER: SHOP, "7420000000000000002": "Sen Vàng Media"})
"""What Allow grants in the demo."""


def graph_pages() -> GraphPages:
    """Make the pages at Meta: one that is ready, one with little to mend, and one whose FAQ is on."""
    pages = GraphPages()
    pages.set(GraphPage(PAGE_ID, _token(PAGE_ID), greeting=_GREETING))
    pages.set(GraphPage(_HANOI, _token(_HANOI), subscribed_fields=("messages", "messaging_postbacks")))
    pages.set(GraphPage(_LOTUS, _token(_LOTUS), greeting=_GREETING, ice_breakers=("Giá bao nhiêu?", "Shop ở đâu?")))
    return pages


def session_link(settings: Settings, language: Language, role: str = "owner") -> str:
    """Sign a link, as HaraSocial does. It opens the seller's overview, once."""
    claims = {
        "sub": "mai",
        "store_id": STORE,
        "role": role,
        "pages": [{"id": page_id, "name": name, "token": _token(page_id)} for page_id, name in PAGES.items()],
        "lang": language,
        "exp": int(time.time()) + LINK_LIVES_S,
        "jti": secrets.token_urlsafe(16),
    }
    key = OctKey.import_key(settings.harasocial_session_secret.reveal())
    return f"{settings.public_url}/settings/integrations/tiktok?session={jwt.encode({'alg': 'HS256'}, claims, key)}"


def harasocial(settings: Settings) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a stand-in for HaraSocial's menu: every visit gets a link, for the role and language asked for."""

    async def open_pages(request: web.Request) -> web.Response:
        role = request.query.get("role")
        language: Language = "en" if request.query.get("lang") == "en" else "vi"
        link = session_link(settings, language, role if role in _ROLES else "owner")
        return web.Response(status=303, headers={"Location": link})

    return open_pages


def _token(page_id: str) -> str:
    return f"page-token-{page_id}"
