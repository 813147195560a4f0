"""The events of a page: its numbers as charts, its delivery log to filter, and the log as a file."""

from typing import Final

from aiohttp import web

from gateway.clock import now_ms
from gateway.pages import event_csv
from gateway.pages.connection import Owned, require_connection
from gateway.pages.event_log import read_asked, tell_line
from gateway.pages.numbers import PERIODS, numbers
from gateway.pages.rendering import render
from gateway.pages.session import language
from gateway.parts import PARTS
from rules.catalogue import DELIVERY_CODES
from rules.days import day, days_until
from rules.events import EVENT_NAMES

LINES: Final = 25
"""Events on one page of the log."""

_AT_ONCE: Final = 500
_LOG_KEPT_DAYS: Final = 30


async def get_events(request: web.Request) -> web.Response:
    """Show the numbers of a page and a page of its log."""
    parts, owned, asked = request.config_dict[PARTS], await require_connection(request), read_asked(request.query)
    today = day(now_ms())
    days = await parts.counts.of_page(owned.page.id, today, asked.period)
    found = await parts.views.events(owned.page.id, asked.filter, asked.after, LINES)
    return render(
        request,
        "events.html.j2",
        page=owned.page,
        asked=asked,
        numbers=numbers(days, language(request)),
        lines=[tell_line(row, owned.connection) for row in found.events],
        next=found.next,
        periods=PERIODS,
        names=EVENT_NAMES,
        statuses=DELIVERY_CODES,
        today=today,
        oldest=days_until(today, _LOG_KEPT_DAYS + 1)[0],
    )


async def get_csv(request: web.Request) -> web.StreamResponse:
    """Send the log, as filtered, as a file: line by line, however long it is."""
    owned, asked = await require_connection(request), read_asked(request.query)
    response = web.StreamResponse()
    response.content_type, response.charset = "text/csv", "utf-8"
    name = event_csv.file_name(owned.page.id, asked.day)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    # Nothing is sent before the first events are there: until then a failure can still be told as a page.
    text, after = await _lines(request, owned, None)
    await response.prepare(request)
    await response.write((event_csv.header(language(request)) + text).encode())
    while after is not None:
        text, after = await _lines(request, owned, after)
        await response.write(text.encode())
    await response.write_eof()
    return response


async def _lines(request: web.Request, owned: Owned, after: str | None) -> tuple[str, str | None]:
    wanted = read_asked(request.query).filter
    found = await request.config_dict[PARTS].views.events(owned.page.id, wanted, after, _AT_ONCE)
    told = (tell_line(row, owned.connection) for row in found.events)
    return event_csv.lines(told, language(request)), found.next


ROUTES: Final = (
    web.get("/pages/{page_id}/events", get_events),
    web.get("/pages/{page_id}/events.csv", get_csv, allow_head=False),  # a stream has a body whatever the method
)
