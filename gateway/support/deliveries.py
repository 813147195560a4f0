"""The delivery log of a page as support reads it: what became of each event, and the way to send many again."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from msgspec import structs

from actors.connection import page_trouble
from actors.views import EventFilter
from gateway.clock import now_ms
from gateway.pages.errors import NOT_FOUND
from gateway.pages.event_log import Asked, read_asked, tell_line
from gateway.pages.rendering import render
from gateway.parts import PARTS
from gateway.support.access import audited
from gateway.support.naming import clock_of, page_name
from rules.catalogue import DELIVERY_CODES, DeliveryCode
from rules.days import day, days_until
from rules.events import EVENT_NAMES

LINES: Final = 50
"""Events on one page of the log."""

_LOG_KEPT_DAYS: Final = 30
_MOST_ID: Final = 128
_GIVEN_UP: Final[frozenset[DeliveryCode]] = frozenset({"rejected", "outcome_unknown", "expired_unsent"})


class Wanted(Asked, frozen=True, kw_only=True):
    """What support wants to see: as the seller may, and of one order or customer."""

    order_id: str | None = None
    psid: str | None = None

    @property
    def filtered(self) -> bool:
        """Whether some events are left out."""
        return any((self.day, self.event, self.status, self.order_id, self.psid))

    @property
    def filter(self) -> EventFilter:
        """The same for the log."""
        return EventFilter(
            status=self.status, name=self.event, local_day=self.day, order_id=self.order_id, psid=self.psid
        )

    @property
    def may_be_sent_again(self) -> bool:
        """Whether this can be given as a selection, and there can be events in it that were given up."""
        return (self.status is None or self.status in _GIVEN_UP) and not self.order_id and not self.psid

    def query(self, **changes: object) -> str:
        """Return the address's query for this, but for the changes."""
        return Asked.query(self, **{"period": None, "order_id": self.order_id, "psid": self.psid} | changes)


async def get_deliveries(request: web.Request) -> web.Response:
    """Show a page of the log; also of a page that is not connected any more, as long as there is one."""
    parts, page_id, wanted = request.config_dict[PARTS], request.match_info["page_id"], read_wanted(request.query)
    connection = await parts.connections.readable(page_id)
    if connection is None and page_id not in await parts.views.last_events([page_id]):
        raise NOT_FOUND.error()
    await audited(request, "deliveries", page_id=page_id, psid=wanted.psid or "")
    found, today = await parts.views.events(page_id, wanted.filter, wanted.after, LINES), day(now_ms())
    return render(
        request,
        "support/deliveries.html.j2",
        page_id=page_id,
        page_name=page_name(connection, page_id),
        trouble=page_trouble(connection),
        shop=clock_of(connection),
        wanted=wanted,
        lines=[tell_line(row, connection) for row in found.events],
        next=found.next,
        names=EVENT_NAMES,
        statuses=DELIVERY_CODES,
        today=today,
        oldest=days_until(today, _LOG_KEPT_DAYS + 1)[0],
    )


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Read an address's query. What makes no sense is not asked: an old link must not end in an error."""
    return Wanted(
        **structs.asdict(read_asked(query)),
        order_id=query.get("order_id", "").strip()[:_MOST_ID] or None,
        psid=query.get("psid", "").strip()[:_MOST_ID] or None,
    )


ROUTES: Final = (web.get("/pages/{page_id}/deliveries", get_deliveries),)
