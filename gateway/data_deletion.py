"""Meta's data-deletion callback: a customer has removed the app, and wants to be forgotten.

Source: https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode
from http import HTTPStatus
from secrets import token_hex
from typing import Final

import msgspec
import structlog
from aiohttp import web
from msgspec import Struct

from gateway.forms import require_form
from gateway.parts import PARTS
from gateway.problems import problem

PATH: Final = "/webhooks/messenger/data-deletion"
NONCE_BYTES: Final = 8
ROUTES: Final = web.RouteTableDef()

log = structlog.get_logger()


class DeletionRequest(Struct, frozen=True):
    """What Meta signs: whose data it is. We know customers only by their PSID on a page."""

    user_id: str | int


class DeletionAnswer(Struct, frozen=True):
    """Where the customer can see that it is done, and under which code."""

    url: str
    confirmation_code: str


def read_signed_request(secrets: tuple[str, ...], signed: str) -> DeletionRequest | None:
    """Return what a `signed_request` (base64url signature, dot, base64url JSON) says; None when no secret signed it."""
    signature, _, payload = signed.partition(".")
    try:
        given, text = _unpack(signature), _unpack(payload)
        ours = [hmac.digest(secret.encode(), payload.encode(), "sha256") for secret in secrets]
        known = any([hmac.compare_digest(each, given) for each in ours])  # noqa: C419  all are compared, in constant time
        return msgspec.json.decode(text, type=DeletionRequest) if known else None
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None


@ROUTES.post(PATH)
async def forget(request: web.Request) -> web.Response:
    """Forget the customer on every page that is connected or has been, then say so: nothing is left to wait for."""
    parts = request.app[PARTS]
    secrets = parts.settings.messenger_app_secrets.reveal()
    try:
        await require_form(request)
    except web.HTTPException as refused:
        return problem(refused.status, "the body must be a small URL-encoded form")
    form = await request.post()
    wanted = read_signed_request(secrets, str(form.get("signed_request", "")))
    if wanted is None:
        return problem(HTTPStatus.UNAUTHORIZED, "signed_request is missing, or not signed with the app's secret")
    pages = await parts.connections.pages(past=True)
    forgotten = await parts.forgetting.forget_everywhere(str(wanted.user_id), pages)
    log.info("customer.forgotten", pages=forgotten)
    code = _code(secrets[0], token_hex(NONCE_BYTES))
    url = f"{parts.settings.public_url}{PATH}?code={code}"
    answer = DeletionAnswer(url, code)
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


@ROUTES.get(PATH)
async def confirm(request: web.Request) -> web.Response:
    """Tell the customer that a deletion is done. Nothing about it is stored: the code proves that it was."""
    code = request.query.get("code", "")
    nonce = code[: 2 * NONCE_BYTES]
    secrets = request.app[PARTS].settings.messenger_app_secrets.reveal()
    ours = [_code(secret, nonce).encode(errors="replace") for secret in secrets]
    if not any(hmac.compare_digest(each, code.encode(errors="replace")) for each in ours):
        return web.Response(status=HTTPStatus.NOT_FOUND, text="Mã không hợp lệ. / This code is not known.\n")
    return web.Response(text="Dữ liệu của bạn đã được xoá. / Your data has been deleted.\n")


def _code(secret: str, nonce: str) -> str:
    # Meta wants it alphanumeric, and another one for each deletion.
    mark = hmac.digest(secret.encode(), f"deleted {nonce}".encode(errors="replace"), "sha256")
    return f"{nonce}{mark.hex()[:20]}"


def _unpack(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
