"""The areas of the pages: the sellers' and support's. Each begins at an address of its own, in a frame of its own."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from msgspec import Struct

from gateway.pages.paths import ROOT


class Area(Struct, frozen=True):
    """Where an area begins, the template of its frame, how its own words begin, and what its templates also know."""

    root: str
    layout: str
    words: str
    given: Mapping[str, object]


AREA: Final = web.AppKey("AREA", Area)

SELLERS: Final = Area(root=ROOT, layout="layout.html.j2", words="", given={})


def area(request: web.Request) -> Area:
    """Return the area that a request is in."""
    return request.config_dict.get(AREA, SELLERS)
