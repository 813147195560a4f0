"""``outbox``: what waits to be sent to TikTok."""

from collections.abc import Sequence
from typing import Annotated

import typer

from actors.depth import Depth, Depths
from actors.scripts import Store
from gateway.api.outbox import tell_outbox
from gateway.clock import now_ms
from gateway.commands.running import AsJson, Spoken, run, show, show_json
from gateway.explain import draw_outbox


def outbox(
    page_id: Annotated[str | None, typer.Argument(help="Id of the Facebook page; all pages without it.")] = None,
    language: Spoken = "vi",
    as_json: AsJson = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Show what waits to be sent to TikTok, how old the oldest is, and what was given up."""

    async def read(store: Store) -> Sequence[Depth]:
        depths = Depths(store)
        return await depths.all_pages() if page_id is None else (await depths.page(page_id),)

    found = run(read)
    if as_json:
        show_json(tell_outbox(found))
    else:
        show(draw_outbox(found, language, now_ms()))
