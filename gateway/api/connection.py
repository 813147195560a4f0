"""A page's connection to TikTok: read, set, remove. Its token goes in, and never comes out."""

from http import HTTPStatus

from aiohttp import web
from cryptography.fernet import InvalidToken

from actors.connection import DEFAULT_TIME_ZONE, Connection
from actors.errors import ConnectionRenewed
from gateway.api.answers import answer
from gateway.api.problems import ProblemError, read_body
from gateway.api.requests import ConnectionRequest
from gateway.api.shapes import ChoiceShape, ConnectionShape
from gateway.clock import now_ms
from gateway.parts import PARTS
from gateway.time_zones import find_zone
from gateway.vault import Vault
from rules.times import utc

NOT_CONNECTED = "The page is not connected to TikTok, so nothing is recorded for it. PUT its connection first."
RENEWED = (
    "The page got another token while this was served, so nothing was changed. GET its connection, and PUT it again."
)


async def get_connection(request: web.Request) -> web.Response:
    """Tell how the page is connected."""
    connection = await request.config_dict[PARTS].connections.read(request.match_info["page_id"])
    if connection is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, NOT_CONNECTED, reason="page_not_connected")
    return answer(_tell(connection))


async def put_connection(request: web.Request) -> web.Response:
    """Connect the page, or change its connection. A token that is kept replaces none that came meanwhile."""
    parts = request.config_dict[PARTS]
    wanted = await read_body(request, ConnectionRequest)
    page_id = request.match_info["page_id"]
    # What is damaged is replaced as if it was not there: this is what an operator is told to do about it.
    known = await parts.connections.readable(page_id)
    connection = Connection(
        page_id=page_id,
        store_id=wanted.store_id,
        advertiser_id=wanted.advertiser_id,
        event_set_id=wanted.event_set_id,
        access_token=_ciphertext(parts.vault, wanted, known),
        complete_payment_on=wanted.complete_payment_on,
        paused=wanted.paused,
        advertiser_name=known.advertiser_name if known and known.advertiser_id == wanted.advertiser_id else "",
        event_set_name=known.event_set_name if known and known.event_set_id == wanted.event_set_id else "",
        page_name=known.page_name if known else "",
        time_zone=_time_zone(wanted, known),
    )
    kept_token = known.access_token if known and wanted.access_token is None else ""
    try:
        stored = await parts.connections.put(connection, now_ms(), kept_token=kept_token)
    except ConnectionRenewed:
        raise ProblemError(HTTPStatus.CONFLICT, RENEWED) from None
    return answer(_tell(stored), HTTPStatus.CREATED if known is None else HTTPStatus.OK)


async def delete_connection(request: web.Request) -> web.Response:
    """Disconnect the page. Nothing is recorded for it from now on; what is waiting waits for another connection."""
    parts, page_id = request.config_dict[PARTS], request.match_info["page_id"]
    removed = await parts.connections.delete(page_id)
    await parts.page_checks.forget(page_id)
    if not removed:
        raise ProblemError(HTTPStatus.NOT_FOUND, NOT_CONNECTED, reason="page_not_connected")
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _ciphertext(vault: Vault, wanted: ConnectionRequest, known: Connection | None) -> str:
    if wanted.access_token is not None:
        return vault.encrypt(wanted.access_token)
    if known is None:
        detail = "The page is not connected yet, so the body needs the field `access_token`."
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail, field="access_token")
    try:
        # So that an old key can be retired, once every connection has been put again.
        return vault.rotate(known.access_token)
    except InvalidToken:
        detail = "None of ENCRYPTION_KEYS opens the stored token any more, so the body needs the field `access_token`."
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail, field="access_token") from None


def _time_zone(wanted: ConnectionRequest, known: Connection | None) -> str:
    if wanted.time_zone is None:
        return known.time_zone if known else DEFAULT_TIME_ZONE
    if find_zone(wanted.time_zone) is None:
        detail = "`time_zone` is not the IANA name of a time zone, such as Asia/Ho_Chi_Minh or Asia/Bangkok."
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail, field="time_zone")
    return wanted.time_zone


def _tell(connection: Connection) -> ConnectionShape:
    return ConnectionShape(
        page_id=connection.page_id,
        store_id=connection.store_id,
        advertiser_id=connection.advertiser_id,
        event_set_id=connection.event_set_id,
        complete_payment_on=connection.complete_payment_on,
        paused=connection.paused,
        authorised=connection.authorised,
        time_zone=connection.time_zone,
        choices=tuple(
            ChoiceShape(since=choice.since, since_utc=utc(choice.since), complete_payment_on=choice.complete_payment_on)
            for choice in connection.choices
        ),
    )
