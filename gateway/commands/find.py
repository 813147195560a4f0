"""``find``: a conversation or a delivery, by whatever the seller gave."""

from typing import Annotated

import typer

from actors.finding import Finder, Found
from actors.scripts import Store
from gateway.api.findings import tell_found
from gateway.commands.running import FOUND_NOTHING, AsJson, Spoken, fail, run, show, show_json
from gateway.explain import draw_found


def find(
    what: Annotated[
        str,
        typer.Argument(help="A psid, order id or number, event id, TikTok request_id, tracking id, ref, or page id."),
    ],
    language: Spoken = "vi",
    as_json: AsJson = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Find conversations and deliveries by whatever the seller gave, and say which command goes on."""

    async def look(store: Store) -> tuple[Found, ...]:
        return await Finder(store).find(what)

    found = tell_found(run(look))
    if as_json:
        show_json(found)
    elif found.found:
        show(draw_found(found, language))
    if not found.found:
        fail("Nothing is known by this (any more). Look-ups are exact, and end with their conversation.", FOUND_NOTHING)
