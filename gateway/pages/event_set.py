"""Which event set: the one TikTok has matched to the page, one that exists, a new one, or one typed in."""

import re
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from gateway.authorising import ACCOUNTS, EVENT_SET_MAKER
from gateway.event_sets import Place
from gateway.pages.drafts import Way, keep_draft, require_way
from gateway.pages.paths import page_path
from gateway.pages.rendering import render
from gateway.pages.session import redirect, require_session
from gateway.pages.tiktok_failures import told_as_pages
from gateway.parts import PARTS
from gateway.tiktok_accounts import EventSet, EventSets, event_set_name
from gateway.tiktok_errors import Expired, NoPermission, Refused

CREATE: Final = "create"
"""Chosen instead of an id: make a new one."""

_ID: Final = re.compile(r"[0-9]{5,30}")

log = structlog.get_logger()


class Offer(Struct, frozen=True):
    """What there is to choose. `manual`: TikTok does not let the app manage event sets, so an id has to be typed in."""

    matched: EventSet | None = None
    listed: tuple[EventSet, ...] = ()
    manual: bool = False

    def of(self, event_set_id: str) -> EventSet | None:
        """Return the set of this id, if it may be chosen. A page that has one of its own uses no other."""
        choosable = (self.matched,) if self.matched else self.listed
        return next((each for each in choosable if each.event_set_id == event_set_id), None)


async def get_event_set(request: web.Request) -> web.Response:
    """Show what there is."""
    way = await _require_advertiser(request)
    return await _show(request, way, await _offer(request, way))


async def post_event_set(request: web.Request) -> web.Response:
    """Take, make or accept the event set, after asking TikTok whether events may be sent to it."""
    way = await _require_advertiser(request)
    form = await request.post()
    wanted, typed = str(form.get("event_set", "")), str(form.get("typed", "")).strip()
    offer = await _offer(request, way)
    if wanted == CREATE and not offer.manual:
        chosen = await _create(request, way)
        offer = await _offer(request, way) if chosen else Offer(manual=True)
    elif "typed" in form and not offer.matched:
        chosen = offer.of(typed) or (EventSet(typed) if _ID.fullmatch(typed) else None)
        offer = Offer(manual=True)
    else:
        chosen = offer.of(wanted)
    if chosen is None:
        return await _show(request, way, offer, typed=typed, wrong="" if wanted == CREATE else "choose")
    if not await _may_report(request, way, chosen):
        return await _show(request, way, offer, typed=typed, wrong="foreign")
    draft = replace(way.draft, event_set_id=chosen.event_set_id, event_set_name=chosen.name)
    await keep_draft(request, way.page.id, draft)
    return redirect(page_path(way.page.id, "connect", "choice"))


async def _require_advertiser(request: web.Request) -> Way:
    way = await require_way(request)
    if not way.draft.advertiser_id:
        raise web.HTTPSeeOther(page_path(way.page.id, "connect", "advertiser"))
    return way


async def _offer(request: web.Request, way: Way) -> Offer:
    with told_as_pages(page_path(way.page.id, "connect"), request.path):
        try:
            sets = await request.config_dict[ACCOUNTS].event_sets(way.token, way.draft.advertiser_id, way.page.id)
        except Expired:
            raise
        except Refused:
            return Offer(manual=True)
    return _offered(sets, event_set_name(way.page.id))


def _offered(sets: EventSets, name: str) -> Offer:
    matched = sets.matched if sets.matched and sets.matched.event_set_id else None
    # Ours first, then in TikTok's order.
    return Offer(matched, tuple(sorted(sets.listed or (), key=lambda each: each.name != name)))


async def _create(request: web.Request, way: Way) -> EventSet | None:
    place = Place(way.page.id, way.draft.advertiser_id, way.token)
    with told_as_pages(page_path(way.page.id, "connect"), request.path):
        try:
            made = await request.config_dict[EVENT_SET_MAKER].get_or_create(place)
        except Expired:
            raise
        except Refused:
            return None
    log.info("event_set.chosen", page_id=way.page.id, advertiser_id=place.advertiser_id, event_set_id=made.event_set_id)
    return made


async def _may_report(request: web.Request, way: Way, event_set: EventSet) -> bool:
    with told_as_pages(page_path(way.page.id, "connect"), request.path):
        try:
            await request.config_dict[ACCOUNTS].require_reporting(way.token, event_set.event_set_id)
        except NoPermission:
            return False
    return True


async def _show(request: web.Request, way: Way, offer: Offer, *, typed: str = "", wrong: str = "") -> web.Response:
    served = await request.config_dict[PARTS].connections.of_advertiser(way.draft.advertiser_id)
    others = [each for each in served if each.page_id != way.page.id]
    store_id = require_session(request).store_id
    return render(
        request,
        "connect_event_set.html.j2",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        page=way.page,
        draft=way.draft,
        offer=offer,
        own_name=event_set_name(way.page.id),
        chosen=_preselected(way, offer),
        shared=len(others),
        elsewhere=sum(each.store_id != store_id for each in others),
        typed=typed or (way.draft.event_set_id if offer.manual else ""),
        wrong=wrong,
    )


def _preselected(way: Way, offer: Offer) -> str:
    used = way.draft.event_set_id or (way.known.event_set_id if way.known else "")
    if offer.of(used):
        return used
    ours = next((each for each in offer.listed if each.name == event_set_name(way.page.id)), None)
    return ours.event_set_id if ours else CREATE


_PATH: Final = "/pages/{page_id}/connect/event-set"

ROUTES: Final = (web.get(_PATH, get_event_set), web.post(_PATH, post_event_set))
