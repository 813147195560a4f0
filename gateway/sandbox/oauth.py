"""The sandbox's consent page and account endpoints over HTTP."""

import secrets
from html import escape
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import web

from gateway.sandbox.answering import API_PATH, answer_with
from gateway.sandbox.checks import Answer
from gateway.sandbox.directory import (
    ADVERTISER_INFO,
    EVENT_SETS,
    MOST_INFO_IDS,
    MOST_NAME,
    NO_SCOPE,
    id_list,
    place_fault,
)
from gateway.sandbox.state import SANDBOX, Account, Sandbox
from gateway.wire_profile import load_wire_profile

AUTH_PATH: Final = "/portal/auth"

Content = dict[str, Any]

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TikTok for Business (sandbox)</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 12vh auto; padding: 0 1rem; color: #161823 }}
  main {{ border: 1px solid #ddd; border-radius: 12px; padding: 1.5rem }}
  button {{ font: inherit; padding: .6rem 1.4rem; border-radius: 8px; border: 1px solid #161823; background: #fff }}
  button[value=allow] {{ background: #161823; color: #fff }}
</style>
<main>
  <p>TikTok for Business &middot; <strong>sandbox</strong></p>
  <h1>Authorize this app?</h1>
  <p>App {app_id} asks to act for:</p>
  <ul>{advertisers}</ul>
  <form method="post">
    <button name="answer" value="allow">Allow</button>
    <button name="answer" value="deny">Deny</button>
  </form>
</main>
</html>"""


def add_routes(app: web.Application) -> None:
    """Add the consent page and the account endpoints, the event sets' where the built-in wire profile has them."""
    endpoints = load_wire_profile(None).event_set_endpoints
    app.router.add_get(AUTH_PATH, consent_page)
    app.router.add_post(AUTH_PATH, answer_consent)
    app.router.add_post(f"{API_PATH}/oauth2/access_token/", answer_with(_access_token))
    app.router.add_post(f"{API_PATH}/oauth2/revoke_token/", answer_with(_revoke_token))
    app.router.add_get(f"{API_PATH}/oauth2/advertiser/get/", answer_with(_advertisers))
    app.router.add_get(f"{API_PATH}/advertiser/info/", answer_with(_advertiser_info))
    app.router.add_get(API_PATH + endpoints.find, answer_with(_find_event_sets))
    app.router.add_post(API_PATH + endpoints.create, answer_with(_create_event_set))


async def consent_page(request: web.Request) -> web.Response:
    """Ask for consent. TikTok documents `app_id`, `state` and `redirect_uri`, and nothing of how the page looks."""
    _returning(request)
    consent = request.app[SANDBOX].directory.consent
    listed = "".join(f"<li>{escape(name)} ({escape(number)})</li>" for number, name in consent.advertisers.items())
    page = _PAGE.format(app_id=escape(request.query["app_id"]), advertisers=listed or "<li>no ad account</li>")
    return web.Response(text=page, content_type="text/html")


async def answer_consent(request: web.Request) -> web.Response:
    """Go back to the app, with an `auth_code` or with an error."""
    back, sandbox = _returning(request), request.app[SANDBOX]
    answer = {"error": "access_denied"}
    if (await request.post()).get("answer") == "allow":
        answer = {"auth_code": sandbox.directory.allow(request.query["app_id"], sandbox.now())}
    location = f"{back}?{urlencode(answer | {'state': request.query['state']})}"
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


def _returning(request: web.Request) -> str:
    back = urlsplit(request.query.get("redirect_uri", ""))
    if not request.query.get("app_id") or "state" not in request.query or not back.hostname:
        raise web.HTTPBadRequest(text="app_id, state and redirect_uri are required")
    return back.geturl()


async def _access_token(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    given = await _body(request)
    for name in ("app_id", "secret", "auth_code"):
        if not isinstance(given.get(name), str) or not given[name]:
            return Answer(40002, f"{name}: Missing data for required field")
    consent = sandbox.directory.redeem(given["auth_code"], given["app_id"], sandbox.now())
    if consent is None:
        return Answer(40110, "The auth_code is invalid, used or expired")
    token = secrets.token_hex(20)
    sandbox.register(Account(token, tuple(consent.advertisers), permissions=consent.permissions))
    advertisers = list(consent.advertisers) if given.get("return_advertiser_ids", True) else []
    return {"access_token": token, "advertiser_ids": advertisers, "scope": [4, 10]}


async def _revoke_token(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    given = await _body(request)
    account = sandbox.authorise(str(given.get("access_token", "")))
    if isinstance(account, Answer):
        return account
    sandbox.revoke(account.access_token)
    return {"app_id": given.get("app_id"), "advertiser_ids": list(account.advertiser_ids)}


async def _advertisers(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    account = sandbox.authorise(request.headers.get("Access-Token", ""))
    if isinstance(account, Answer):
        return account
    for name in ("app_id", "secret"):
        if not request.query.get(name):
            return Answer(40002, f"{name}: Missing data for required field")
    known = sandbox.directory
    return {"list": [{"advertiser_id": each, "advertiser_name": known.name(each)} for each in account.advertiser_ids]}


async def _advertiser_info(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    account = _permitted(request, sandbox, ADVERTISER_INFO)
    if isinstance(account, Answer):
        return account
    asked = id_list(request.query.get("advertiser_ids"))
    if not asked or len(asked) > MOST_INFO_IDS:
        return Answer(40002, f"advertiser_ids: Not a valid list of 1 to {MOST_INFO_IDS} ids")
    if not set(asked) <= set(account.advertiser_ids):
        return Answer(40001, "No permission to operate advertiser")
    status, name = "STATUS_ENABLE", sandbox.directory.name
    return {"list": [{"advertiser_id": a, "name": name(a), "currency": "VND", "status": status} for a in asked]}


async def _find_event_sets(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    account, asked = _permitted(request, sandbox, EVENT_SETS), request.query
    fault = account if isinstance(account, Answer) else place_fault(asked) or _foreign(account, asked["advertiser_id"])
    if fault is not None:
        return fault
    matched = sandbox.directory.matched(asked["advertiser_id"], asked["messaging_app_account_id"])
    listed = [each.told() for each in sandbox.directory.of(asked["advertiser_id"])]
    return {"message_event_set_list": listed, "matched_event_set": matched.told() if matched else {}}


async def _create_event_set(request: web.Request, sandbox: Sandbox) -> Answer | Content:
    account, given = _permitted(request, sandbox, EVENT_SETS), await _body(request)
    fault = account if isinstance(account, Answer) else place_fault(given) or _foreign(account, given["advertiser_id"])
    if fault is not None:
        return fault
    name = given.get("message_event_name")
    if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME:
        return Answer(40002, f"message_event_name: Length must be between 1 and {MOST_NAME}")
    made = sandbox.directory.add(given["advertiser_id"], given["messaging_app_account_id"], name, sandbox.now())
    return {"message_event_set_id": made.message_event_set_id}


def _permitted(request: web.Request, sandbox: Sandbox, permission: str) -> Account | Answer:
    account = sandbox.authorise(request.headers.get("Access-Token", ""))
    if isinstance(account, Account) and permission not in account.permissions:
        return NO_SCOPE
    return account


def _foreign(account: Account, advertiser_id: str) -> Answer | None:
    return None if advertiser_id in account.advertiser_ids else Answer(40001, "No permission to operate advertiser")


async def _body(request: web.Request) -> Content:
    if request.content_type != "application/json":
        return {}
    try:
        return msgspec.json.decode(await request.read(), type=dict[str, Any])
    except msgspec.DecodeError:
        return {}
