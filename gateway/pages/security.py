"""The security headers of every page: what a browser may load, where forms may lead, and that nobody keeps a copy."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from gateway.parts import PARTS
from gateway.settings import Settings

_TIKTOK: Final = ".tiktok.com"
_STATIC: Final = "/static/"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add them, to streams and failures too: a signal, because a middleware would come too late for both."""
    headers = response.headers
    headers["Content-Security-Policy"] = content_security_policy(request.config_dict[PARTS].settings)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # Not no-referrer: with it browsers send `Origin: null` along with our own forms.
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if _STATIC not in request.path:
        headers["Cache-Control"] = "no-store"
    if settings_are_https(request):
        headers["Strict-Transport-Security"] = "max-age=31536000"


def settings_are_https(request: web.Request) -> bool:
    """Whether the outside reaches this service over https."""
    return request.config_dict[PARTS].settings.public_url.startswith("https://")


def content_security_policy(settings: Settings) -> str:
    """Return the policy. Chrome also holds the redirects after a form to `form-action`, hence TikTok's origins."""
    tiktok = urlsplit(settings.tiktok_auth_url)
    forms = ["'self'", f"{tiktok.scheme}://{tiktok.netloc}"]
    if (tiktok.hostname or "").endswith(_TIKTOK):
        forms.append(f"https://*{_TIKTOK}")
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src 'self' https: data:",
            "form-action " + " ".join(forms),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
