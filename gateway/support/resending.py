"""Sending many events again, in two steps: what would be done and what would be refused; then, with a reason, doing it.

Safe to press twice, and while senders run: what was sent or waits already is refused, event by event.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct, structs

from actors.bulk_resend import MOST, Estimate, Selection
from gateway.pages.event_log import read_asked
from gateway.pages.rendering import render, say
from gateway.pages.session import language
from gateway.parts import PARTS
from gateway.support import paths
from gateway.support.access import audited
from gateway.support.naming import page_name
from gateway.support.troubles import require_name
from gateway.support.why import read_why, refusal

_MOST_ID: Final = 128


class Asked(Struct, frozen=True):
    """What shall be sent again, and the page that it was asked on; `above` leads there from the search."""

    selection: Selection
    back: str
    above: list[tuple[str, str]]

    @property
    def chosen(self) -> dict[str, str]:
        """Return what the selection was narrowed to."""
        return {name: str(value) for name, value in structs.asdict(self.selection).items() if value is not None}


async def estimate(request: web.Request) -> web.Response:
    """Say what would be done and what would be refused, and ask why."""
    asked = await _read(request)
    await audited(
        request, "resend_many_estimated", page_id=asked.selection.page_id or "", detail=urlencode(asked.chosen)
    )
    return await _ask(request, asked)


async def resend(request: web.Request) -> web.Response:
    """Do it, and say what was done. It is written down before, and with its numbers after."""
    asked, why = await _read(request), read_why(await request.post())
    if not why:
        return await _ask(request, asked, wrong=True)
    page_id, detail = asked.selection.page_id or "", urlencode(asked.chosen)
    await audited(request, "resend_many", page_id=page_id, why=why, detail=detail)
    done = await request.config_dict[PARTS].bulk_resend.resend(asked.selection)
    numbers = urlencode([("matching", done.matching), ("resent", done.resendable), *done.refused.items()])
    await audited(request, "resent_many", page_id=page_id, why=why, detail=f"{detail} {numbers}".strip())
    return _show(request, asked, done, done=True)


async def _ask(request: web.Request, asked: Asked, *, wrong: bool = False) -> web.Response:
    found = await request.config_dict[PARTS].bulk_resend.estimate(asked.selection)
    return _show(request, asked, found, wrong=wrong)


def _show(
    request: web.Request, asked: Asked, found: Estimate, *, done: bool = False, wrong: bool = False
) -> web.Response:
    return render(
        request,
        "support/resend.html.j2",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        estimate=found,
        refused=[(refusal(resent), number) for resent, number in found.refused.items() if number],
        chosen=asked.chosen,
        here=str(request.rel_url),
        back=asked.back,
        above=asked.above,
        most=MOST,
        done=done,
        wrong=wrong,
    )


async def _read(request: web.Request) -> Asked:
    return await (_of_problem(request) if "name" in request.match_info else _of_page(request))


async def _of_page(request: web.Request) -> Asked:
    page_id, wanted, lang = request.match_info["page_id"], read_asked(request.query), language(request)
    name = page_name(await request.config_dict[PARTS].connections.readable(page_id), page_id)
    return Asked(
        Selection(page_id=page_id, status=wanted.status, event=wanted.event, day=wanted.day),
        f"{paths.deliveries(page_id)}?{wanted.query(period=None)}",
        [(name, paths.page(page_id)), (say(lang, "deliveries.title"), paths.deliveries(page_id))],
    )


async def _of_problem(request: web.Request) -> Asked:
    name, lang = require_name(request), language(request)
    back = paths.problem(name)
    return Asked(
        Selection(page_id=request.query.get("page_id", "")[:_MOST_ID] or None, problem=name),
        back,
        [(say(lang, "support.problems"), paths.PROBLEMS), (say(lang, "problems.name", name=name), back)],
    )


_OF_PAGE: Final = "/pages/{page_id}/deliveries/resend"
_OF_PROBLEM: Final = "/problems/{name}/resend"

ROUTES: Final = (
    web.get(_OF_PAGE, estimate),
    web.post(_OF_PAGE, resend),
    web.get(_OF_PROBLEM, estimate),
    web.post(_OF_PROBLEM, resend),
)
