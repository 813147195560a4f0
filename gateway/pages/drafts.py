"""What the seller has chosen so far on the way to a connection: kept in the session, never in the page."""

from typing import Final

import msgspec
from aiohttp import web
from cryptography.fernet import InvalidToken
from msgspec import Struct

from actors.connection import Connection
from actors.sessions import SessionPage
from gateway.pages.errors import NO_SESSION
from gateway.pages.paths import page_path
from gateway.pages.session import require_change, require_page, require_session
from gateway.parts import PARTS

_NOTE: Final = "draft:"


class Draft(Struct, frozen=True, omit_defaults=True):
    """A connection on its way. `access_token` is ciphertext; what is not chosen yet is empty.

    `keeps_token`: the token is the connection's own, as it was when the seller began; else they have just given it.
    """

    access_token: str
    advertiser_id: str = ""
    advertiser_name: str = ""
    event_set_id: str = ""
    event_set_name: str = ""
    keeps_token: bool = False

    @property
    def kept_token(self) -> str:
        """The token that is to stay, empty where it is a new one."""
        return self.access_token if self.keeps_token else ""


class Way(Struct, frozen=True):
    """Where a seller stands: the page, the draft, the token in clear (for TikTok only), and how the page is connected.

    `known` is None also where another store has connected the page: nothing of it is shown or kept. So it is where the
    connection cannot be read: connecting anew mends it.
    """

    page: SessionPage
    draft: Draft
    token: str
    known: Connection | None

    @property
    def withdrawn(self) -> Connection | None:
        """The page's connection, if TikTok has withdrawn it and the seller brings another token for it."""
        return self.known if self.known and not self.known.authorised and not self.draft.keeps_token else None

    @property
    def changes_choice(self) -> Connection | None:
        """The page's connection, if the seller changes nothing of it but the choice."""
        target = (self.draft.advertiser_id, self.draft.event_set_id)
        if self.known is None or not self.draft.keeps_token:
            return None
        return self.known if target == (self.known.advertiser_id, self.known.event_set_id) else None


async def require_way(request: web.Request) -> Way:
    """Return how far the seller has come with the page. Raises web.HTTPSeeOther where there is no draft.

    They begin anew then, or, where the page is connected meanwhile, are told so.
    """
    session, page, parts = require_change(request), require_page(request), request.config_dict[PARTS]
    note = await parts.sessions.kept(session.id, _NOTE + page.id)
    known = await known_connection(request, page.id)
    if note is None:
        # A withdrawn one is connected too, but has to be authorised again all the same.
        over = known is not None and known.authorised
        raise web.HTTPSeeOther(
            f"{page_path(page.id)}?notice=connected_already" if over else page_path(page.id, "connect")
        )
    draft = msgspec.json.decode(note, type=Draft)
    try:
        token = parts.vault.decrypt(draft.access_token)
    except InvalidToken:
        # Its key was retired in between.
        raise web.HTTPSeeOther(page_path(page.id, "connect")) from None
    return Way(page, draft, token, known)


async def known_connection(request: web.Request, page_id: str) -> Connection | None:
    """Return how the seller's store has connected the page, as far as that can be read."""
    found = await request.config_dict[PARTS].connections.readable(page_id)
    return found if found is not None and found.store_id == require_session(request).store_id else None


async def keep_draft(request: web.Request, page_id: str, draft: Draft) -> None:
    """Remember what was chosen. Raises the PageError of a session that has ended."""
    session = require_session(request)
    if not await request.config_dict[PARTS].sessions.keep(session.id, _NOTE + page_id, msgspec.json.encode(draft)):
        raise NO_SESSION.error()


async def has_draft(request: web.Request, page_id: str) -> bool:
    """Tell whether the seller has come back from TikTok with the page."""
    session = require_session(request)
    return await request.config_dict[PARTS].sessions.kept(session.id, _NOTE + page_id) is not None


async def drop_draft(request: web.Request, page_id: str) -> None:
    """Forget it: the page is connected."""
    await request.config_dict[PARTS].sessions.drop(require_session(request).id, _NOTE + page_id)
