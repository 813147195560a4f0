"""The seller, and support: HaraSocial's signed links to the pages, and what Meta and TikTok know of the store."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey

from actors.sessions import SUPPORT_ROLE
from gateway.clock import now_ms
from gateway.sandbox import Consent, GraphPage, GraphPages
from gateway.settings import Settings
from rules.catalogue import Language
from rules.times import SECOND_MS

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
    }
    return f"{settings.public_url}/settings/integrations/tiktok?session={_sign(settings, language, claims)}"


def support_link(settings: Settings, language: Language) -> str:
    """Sign a link for somebody of HaraSocial's support. It opens the search box, once."""
    return f"{settings.public_url}/support?session={_sign(settings, language, {'sub': 'linh', 'role': SUPPORT_ROLE})}"


def harasocial(settings: Settings) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a stand-in for HaraSocial's menu: every visit gets a link, for the role and language asked for."""

    async def open_pages(request: web.Request) -> web.Response:
        role = request.query.get("role")
        language: Language = "en" if request.query.get("lang") == "en" else "vi"
        if role == SUPPORT_ROLE:
            link = support_link(settings, language)
        else:
            link = session_link(settings, language, role if role in _ROLES else "owner")
        return web.Response(status=303, headers={"Location": link})

    return open_pages


def _sign(settings: Settings, language: Language, claims: Mapping[str, object]) -> str:
    times = {"exp": now_ms() // SECOND_MS + LINK_LIVES_S, "jti": secrets.token_urlsafe(16)}
    key = OctKey.import_key(settings.harasocial_session_secret.reveal())
    return jwt.encode({"alg": "HS256"}, {**claims, "lang": language, **times}, key)


def _token(page_id: str) -> str:
    return f"page-token-{page_id}"
