"""Which ad account: the seller's own list from TikTok, by name; after a withdrawal the same one, and all else stays."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from actors.connection import Connection
from gateway.authorising import ACCOUNTS
from gateway.clock import now_ms
from gateway.pages.drafts import Way, drop_draft, keep_draft, require_way
from gateway.pages.errors import PageError
from gateway.pages.glance import plain
from gateway.pages.paths import page_path
from gateway.pages.rendering import render
from gateway.pages.session import redirect
from gateway.pages.tiktok_failures import told_as_pages
from gateway.parts import PARTS
from gateway.tiktok_accounts import Advertiser, AdvertiserInfo
from gateway.tiktok_errors import Expired, NoPermission, TikTokError

MOST: Final = 50
"""Ad accounts on one page; the search finds the others."""

_ENABLED: Final = "STATUS_ENABLE"

log = structlog.get_logger()


class Option(Struct, frozen=True):
    """An ad account to choose. `active`: TikTok says that it may run ads."""

    advertiser_id: str
    name: str
    currency: str
    active: bool


async def get_advertiser(request: web.Request) -> web.Response:
    """List the ad accounts that TikTok gave access to."""
    way = await require_way(request)
    return await _show(request, way, await _advertisers(request, way))


async def post_advertiser(request: web.Request) -> web.Response:
    """Take the ad account that was chosen, if it is one of them."""
    way, advertisers = await _come(request)
    wanted = (await request.post()).get("advertiser_id")
    chosen = next((each for each in advertisers if each.advertiser_id == wanted), None)
    if chosen is None:
        return await _show(request, way, advertisers, wrong=True)
    if way.withdrawn and way.withdrawn.advertiser_id == chosen.advertiser_id:
        return await _authorise_again(request, way, way.withdrawn)
    name = chosen.advertiser_name or chosen.advertiser_id
    draft = replace(way.draft, advertiser_id=chosen.advertiser_id, advertiser_name=name)
    await keep_draft(request, way.page.id, replace(draft, event_set_id="", event_set_name=""))
    return redirect(page_path(way.page.id, "connect", "event-set"))


async def _come(request: web.Request) -> tuple[Way, Sequence[Advertiser]]:
    way = await require_way(request)
    return way, await _advertisers(request, way)


async def _advertisers(request: web.Request, way: Way) -> Sequence[Advertiser]:
    begin = page_path(way.page.id, "connect")
    with told_as_pages(begin, request.path):
        advertisers = await request.config_dict[ACCOUNTS].advertisers(way.token)
    if not advertisers:
        raise PageError("no_advertiser", HTTPStatus.CONFLICT, begin)
    return advertisers


async def _show(
    request: web.Request, way: Way, advertisers: Sequence[Advertiser], *, wrong: bool = False
) -> web.Response:
    words = request.query.get("q", "").strip()[:100]
    known = way.known.advertiser_id if way.known else ""
    # The one in use first, then by name.
    ordered = sorted(advertisers, key=lambda each: (each.advertiser_id != known, plain(each.advertiser_name)))
    found = [each for each in ordered if plain(words) in plain(each.advertiser_name) or words == each.advertiser_id]
    shown = found[:MOST]
    described = await _describe(request, way, [each.advertiser_id for each in shown])
    again = way.withdrawn if known in {each.advertiser_id for each in ordered} else None
    return render(
        request,
        "connect_advertiser.html.j2",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        page=way.page,
        options=[_option(each, described) for each in shown],
        chosen=way.draft.advertiser_id or known or (shown[0].advertiser_id if len(advertisers) == 1 else ""),
        again=again,
        waiting=(await request.config_dict[PARTS].depths.page(way.page.id)).waiting if again else 0,
        words=words,
        more=len(found) - len(shown),
        many=len(advertisers) > MOST,
        wrong=wrong,
    )


async def _describe(request: web.Request, way: Way, advertiser_ids: Sequence[str]) -> Mapping[str, AdvertiserInfo]:
    if not advertiser_ids:
        return {}
    with told_as_pages(page_path(way.page.id, "connect"), request.path):
        try:
            return await request.config_dict[ACCOUNTS].describe(way.token, advertiser_ids)
        except (Expired, NoPermission):
            raise
        except TikTokError:
            # The list has names of its own; what is missing is nice to know.
            return {}


def _option(advertiser: Advertiser, described: Mapping[str, AdvertiserInfo]) -> Option:
    info = described.get(advertiser.advertiser_id, AdvertiserInfo(advertiser.advertiser_id))
    name = advertiser.advertiser_name or info.name or advertiser.advertiser_id
    return Option(advertiser.advertiser_id, name, info.currency, active=info.status in {"", _ENABLED})


async def _authorise_again(request: web.Request, way: Way, withdrawn: Connection) -> web.Response:
    """Give a withdrawn connection its new token. All else stays; events that waited go out."""
    with told_as_pages(page_path(way.page.id, "connect"), request.path):
        await request.config_dict[ACCOUNTS].require_reporting(way.token, withdrawn.event_set_id)
    renewed = replace(withdrawn, access_token=way.draft.access_token, authorised=True)
    await request.config_dict[PARTS].connections.put(renewed, now_ms(), keeps_pause=True)
    await drop_draft(request, way.page.id)
    log.info("connection.authorised_again", page_id=way.page.id, store_id=withdrawn.store_id)
    return redirect(f"{page_path(way.page.id, 'connect', 'done')}?notice=authorised_again")


_PATH: Final = "/pages/{page_id}/connect/advertiser"

ROUTES: Final = (web.get(_PATH, get_advertiser), web.post(_PATH, post_advertiser))
