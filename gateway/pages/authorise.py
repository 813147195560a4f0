"""To TikTok and back: the seller leaves with a `state`, and returns with a code that is exchanged once."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

import structlog
from aiohttp import web

from gateway.authorising import ACCOUNTS
from gateway.pages.drafts import Draft, keep_draft
from gateway.pages.errors import NOT_FOUND, PageError
from gateway.pages.page_check import require_unblocked
from gateway.pages.paths import CALLBACK, page_path
from gateway.pages.session import redirect, require_change, require_page
from gateway.pages.states import issue_state, use_state
from gateway.pages.tiktok_failures import told_as_pages
from gateway.parts import PARTS

_LONGEST: Final = 2048

log = structlog.get_logger()


async def post_authorise(request: web.Request) -> web.Response:
    """Send the seller to TikTok: https://business-api.tiktok.com/portal/docs?id=1738373141733378."""
    page, settings = require_page(request), request.config_dict[PARTS].settings
    await require_unblocked(request)
    query = {
        "app_id": settings.tiktok_app_id,
        "state": await issue_state(request, page.id),
        "redirect_uri": settings.public_url + CALLBACK,
    }
    return redirect(f"{settings.tiktok_auth_url}?{urlencode(query)}")


async def get_callback(request: web.Request) -> web.Response:
    """Take the seller back from TikTok, and turn the code into a token."""
    session = require_change(request)
    page_id = await use_state(request, request.query.get("state", ""))
    if session.page(page_id) is None:
        raise NOT_FOUND.error()
    # TikTok's pages name it `auth_code`; `code` is also seen.
    code = request.query.get("auth_code") or request.query.get("code")
    begin = page_path(page_id, "connect")
    if not code or len(code) > _LONGEST:
        log.info("authorisation.refused", page_id=page_id)
        raise PageError("refusal", HTTPStatus.FORBIDDEN, begin)
    with told_as_pages(begin, begin):
        token = await request.config_dict[ACCOUNTS].exchange(code)
    await keep_draft(request, page_id, Draft(request.config_dict[PARTS].vault.encrypt(token)))
    log.info("authorisation.given", page_id=page_id, store_id=session.store_id)
    return redirect(page_path(page_id, "connect", "advertiser"))


ROUTES: Final = (web.post("/pages/{page_id}/authorise", post_authorise),)
CALLBACK_ROUTES: Final = (web.get("", get_callback, allow_head=False),)
