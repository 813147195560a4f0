"""``explain`` and ``timeline``: where a conversation stands, and what happened in it."""

from typing import Annotated, Final

import typer

from actors.connections import Connections
from actors.scripts import Store
from actors.views import PAGE, Views
from gateway.api.conversations import UNKNOWN
from gateway.api.reading import read_conversation, read_timeline, read_timeline_forwards
from gateway.api.requests import is_entry_id
from gateway.api.shapes import ConversationShape, TimelineShape
from gateway.clock import now_ms
from gateway.commands.running import (
    FOUND_NOTHING,
    NOT_POSSIBLE,
    AsJson,
    PageId,
    Psid,
    Spoken,
    clock_of,
    fail,
    run,
    show,
    show_json,
)
from gateway.explain import draw_conversation, draw_timeline
from gateway.time_zones import ShopTime
from rules.facts import ConversationId

MOST_ENTRIES: Final = 1_000
"""No timeline is longer."""


def explain(page_id: PageId, psid: Psid, language: Spoken = "vi", as_json: AsJson = False) -> None:  # noqa: FBT002  a flag of the command line
    """Say where a conversation stands, and why each event did or did not fire."""
    conversation, now = ConversationId(page_id, psid), now_ms()

    async def read(store: Store) -> tuple[ConversationShape | None, ShopTime]:
        found = await read_conversation(Views(store), Connections(store), conversation, now)
        return found, await clock_of(store, page_id)

    found, shop = run(read)
    if found is None:
        fail(UNKNOWN, FOUND_NOTHING)
    if as_json:
        show_json(found)
    else:
        show(draw_conversation(found, language, now, shop))


def timeline(  # noqa: PLR0913, PLR0917  each is an option of the command line
    page_id: PageId,
    psid: Psid,
    language: Spoken = "vi",
    limit: Annotated[int, typer.Option(min=1, max=MOST_ENTRIES, help="Most entries.")] = PAGE,
    beyond: Annotated[
        str | None, typer.Option("--before", "--after", help="Go on from this entry, as the last part said.")
    ] = None,
    oldest_first: Annotated[
        bool | None,
        typer.Option(
            "--oldest-first/--newest-first",
            help="Begin with the first entry, or show the newest on top; else the newest, in the order of the acts.",
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Tell what happened in a conversation, each with its decisions, on the shop's clock and in UTC."""
    conversation, option = ConversationId(page_id, psid), "--after" if oldest_first else "--before"
    if beyond is not None and not is_entry_id(beyond):
        fail(f"{option} must be the id of an entry, such as 1790000000000-0: the last part said it", NOT_POSSIBLE)

    async def read(store: Store) -> tuple[TimelineShape | None, ShopTime]:
        views, read_part = Views(store), read_timeline_forwards if oldest_first else read_timeline
        part = await read_part(views, conversation, beyond, limit)
        known = part.entries or await views.conversation(conversation) is not None
        return part if known else None, await clock_of(store, page_id)

    part, shop = run(read)
    if part is None:
        fail(UNKNOWN, FOUND_NOTHING)
    if as_json:
        show_json(part)
    else:
        show(draw_timeline(part.entries, language, shop, newest_first=oldest_first is False))
    if part.next:
        typer.echo(f"more entries: {option} {part.next}", err=True)
