"""One page's connection: what it holds, what keeps the page from sending, and how it is read from its row."""

from typing import Final

import msgspec
import structlog
from msgspec import Struct

from actors.errors import StoredDamage
from rules.catalogue import PageCode
from rules.orders import Choice, CompletePaymentOn, Terms

DEFAULT_TIME_ZONE = "Asia/Ho_Chi_Minh"

_YES_OR_NO: Final = {"yes": True, "no": False}

log = structlog.get_logger()


class Connection(Struct, frozen=True):
    """How a page is connected. `access_token` is ciphertext; only the gateway can read it.

    The names are for people, as TikTok and HaraSocial gave them; empty where nobody did. `time_zone` (IANA) is the
    shop's, in which people are told of times.
    """

    page_id: str
    store_id: str
    advertiser_id: str
    event_set_id: str
    access_token: str
    complete_payment_on: CompletePaymentOn
    paused: bool = False
    authorised: bool = True
    choices: tuple[Choice, ...] = ()
    advertiser_name: str = ""
    event_set_name: str = ""
    page_name: str = ""
    time_zone: str = DEFAULT_TIME_ZONE

    @property
    def terms(self) -> Terms:
        """What the rules need to know of it."""
        return Terms(self.choices)


def page_trouble(connection: Connection | None) -> PageCode | None:
    """Say what keeps a whole page's events from being recorded or sent (rule 13), if anything does."""
    if connection is None:
        return "page_not_connected"
    if connection.paused:
        return "page_paused"
    return None if connection.authorised else "authorisation_needed"


def read_connection(row: dict[bytes, bytes] | None, page_id: str) -> Connection | None:
    """Read the fields of a page's connection; None: there are none, so it is not connected. No `row`: it is no hash.

    Raises StoredDamage, which names the page and quotes nothing of the row: it holds a token.
    """
    if row == {}:
        return None
    try:
        connection = None if row is None else _read(row)
    except (KeyError, UnicodeDecodeError, msgspec.DecodeError):
        connection = None
    if connection is None or not connection.choices:
        raise StoredDamage(f"the connection of page {page_id} cannot be read; mend it or connect the page anew")
    return connection


def readable_connection(row: dict[bytes, bytes] | None, page_id: str) -> Connection | None:
    """Read them for a caller that can do without: None also when they cannot be read, with a line in the log."""
    try:
        return read_connection(row, page_id)
    except StoredDamage:
        log.error("connection.unreadable", page_id=page_id)  # noqa: TRY400  the error says no more
        return None


def _read(row: dict[bytes, bytes]) -> Connection:
    text = {field.decode(): value.decode() for field, value in row.items()}
    typed = {
        "paused": _YES_OR_NO[text["paused"]],
        "authorised": _YES_OR_NO[text["authorised"]],
        "choices": msgspec.json.decode(text["choices"]),
    }
    return msgspec.convert(text | typed, Connection)
