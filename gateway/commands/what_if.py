"""``whatif``: the rules run again, for a conversation or for a page's last days. Changes nothing."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from actors.connections import Connections
from actors.page_conversations import PageConversations
from actors.scripts import Store
from actors.views import Views
from gateway.api.conversations import UNKNOWN
from gateway.api.differences import PageWhatIfShape, WhatIfShape
from gateway.clock import now_ms
from gateway.commands.running import (
    FOUND_NOTHING,
    NOT_POSSIBLE,
    AsJson,
    PageId,
    Spoken,
    clock_of,
    fail,
    run,
    show,
    show_json,
)
from gateway.explain import draw_page_what_if, draw_what_if
from gateway.page_what_if import PageAsked, replay_page
from gateway.recogniser import PatternRefusedError
from gateway.settings import SettingsError, load_setting
from gateway.time_zones import ShopTime
from gateway.what_if import Alternative, WhatIf
from rules.clicks import Policy
from rules.facts import ConversationId
from rules.orders import CompletePaymentOn
from rules.times import DAY_MS

NOTHING_OF_PAGE = "The page is not connected, and no conversation of it is stored. Is it the id of a Facebook page?"


def whatif(  # noqa: PLR0913, PLR0917  each is an option of the command line
    page_id: PageId,
    psid: Annotated[str | None, typer.Argument(help="Id of the customer; the page's last days without it.")] = None,
    choice: Annotated[
        CompletePaymentOn | None, typer.Option(help="As if the page had always wanted CompletePayment then.")
    ] = None,
    ref_pattern: Annotated[str | None, typer.Option(help="As if TIKTOK_REF_PATTERN were this.")] = None,
    days: Annotated[int, typer.Option(min=1, max=9, help="Of a page: conversations clicked in the last days.")] = 7,
    language: Spoken = "vi",
    as_json: AsJson = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Run the rules again over what is stored, with another choice or recogniser, and show what would be otherwise.

    With neither, the rules as they are now: that shows what a newer version of them changes. Nothing is changed.
    TIKTOK_REF_PATTERN and COUNT_POSTBACKS hold as they do for the service: they are read from the environment.
    """
    alternative = Alternative(choice, ref_pattern)
    policy = _policy()

    async def replay(store: Store) -> tuple[WhatIfShape | PageWhatIfShape | None, ShopTime]:
        what_if = WhatIf(Views(store), Connections(store), policy)
        if psid is not None:
            found = await what_if.conversation(ConversationId(page_id, psid), alternative, now_ms())
            return found, await clock_of(store, page_id)
        return await _replay_page(store, what_if, page_id, alternative, days), await clock_of(store, page_id)

    try:
        found, shop = run(replay)
    except PatternRefusedError as error:
        fail(f"--ref-pattern: {error.why.say(language)}", NOT_POSSIBLE)
    if found is None:
        fail(UNKNOWN if psid else NOTHING_OF_PAGE, FOUND_NOTHING)
    if as_json:
        show_json(found)
    elif isinstance(found, WhatIfShape):
        show(draw_what_if(found, language, shop))
    else:
        show(draw_page_what_if(found, language, shop))


async def _replay_page(
    store: Store, what_if: WhatIf, page_id: str, alternative: Alternative, days: int
) -> PageWhatIfShape | None:
    conversations, now = PageConversations(store), now_ms()
    number = await conversations.count(page_id)
    if not number and await Connections(store).readable(page_id) is None:
        return None
    asked = PageAsked(page_id, now - days * DAY_MS, alternative)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # On stderr, so that what is printed can go on to another program.
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        replaying = progress.add_task(page_id, total=number)
        return await replay_page(what_if, conversations, asked, now, lambda some: progress.advance(replaying, some))


def _policy() -> Policy:
    try:
        return Policy(load_setting(os.environ, "TIKTOK_REF_PATTERN"), load_setting(os.environ, "COUNT_POSTBACKS"))
    except SettingsError as error:
        fail(str(error), NOT_POSSIBLE)
