"""The signed link by which HaraSocial opens these pages: a JWT (RFC 7519), HS256 and nothing else."""

from typing import Annotated, Final, TypeAlias

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry
from msgspec import Meta, Struct

from actors.sessions import SUPPORT_ROLE
from gateway.pages.errors import LINK_EXPIRED, LINK_FORGED

LONGEST_LINK: Final = 64 * 1024
"""A link may be so long: a store can have hundreds of pages, each with its picture."""

LONGEST_S: Final = 24 * 3600
"""A link may be valid for so long, in seconds: each is remembered until it ends, so that it works once."""

SKEW_S: Final = 60

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]
Url: TypeAlias = Annotated[str, Meta(max_length=2048)]
Token: TypeAlias = Annotated[str, Meta(max_length=4096)]


class LinkedPage(Struct, frozen=True):
    """A page of the seller's store. `token` is its page access token at Meta, where HaraSocial hands it over."""

    id: Name
    name: Annotated[str, Meta(max_length=512)] = ""
    picture: Url | None = None
    token: Token | None = None


class Link(Struct, frozen=True, kw_only=True):
    """Who opens the pages, and what they may see. `exp` ends the link, not the session; it is in Unix seconds."""

    sub: Name
    store_id: Name
    role: Name
    pages: tuple[LinkedPage, ...]
    exp: float
    jti: Name
    nbf: float = 0
    lang: str = "vi"


class SupportLink(Link, frozen=True, kw_only=True):
    """The link of somebody of support: of no store, and so without pages."""

    store_id: Annotated[str, Meta(max_length=256)] = ""
    pages: tuple[LinkedPage, ...] = ()


def read_link(text: str, secret: str, now_s: float) -> Link:
    """Verify a link. Raises the PageError of a link that is forged, unreadable or expired."""
    if len(text) > LONGEST_LINK:
        raise LINK_FORGED.error()
    try:
        claims = jwt.decode(text, OctKey.import_key(secret), registry=_registry()).claims
        link = msgspec.convert(claims, SupportLink if claims.get("role") == SUPPORT_ROLE else Link)
    except (JoseError, ValueError) as error:
        # Not chained: a claim may quote a page's token.
        raise LINK_FORGED.error() from (None if isinstance(error, msgspec.ValidationError) else error)
    if link.exp <= now_s:
        raise LINK_EXPIRED.error()
    # Written so that a NaN passes neither.
    if not (link.exp <= now_s + LONGEST_S and link.nbf <= now_s + SKEW_S):
        raise LINK_FORGED.error()
    return link


def _registry() -> JWSRegistry:
    registry = JWSRegistry(algorithms=["HS256"])
    registry.max_payload_length = LONGEST_LINK
    return registry
