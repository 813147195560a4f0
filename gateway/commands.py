"""Commands for support: what happened in a conversation, why an event did not fire, what waits, where it lies in Redis.

They need no setting but ``REDIS_URL``; `key` needs none.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, NoReturn, TypeVar

import typer
from rich.console import Console, RenderableType

from actors import keys
from actors.connect import open_store
from actors.connections import Connections
from actors.depth import Depths
from actors.errors import ActorError
from actors.resend import Resender
from actors.scripts import Store
from actors.store_clock import StoreClock
from actors.views import PAGE, Views
from gateway.api.conversations import UNKNOWN
from gateway.api.reading import read_conversation, read_timeline
from gateway.clock import now_ms
from gateway.demo import run_demo
from gateway.explain import draw_conversation, draw_outbox, draw_timeline
from gateway.settings import SettingsError
from rules.catalogue import DELIVERY_CODES, Language
from rules.facts import ConversationId
from rules.reasons import Answer

FOUND_NOTHING: Final = 1
NOT_POSSIBLE: Final = 2

Found = TypeVar("Found")

PageId = Annotated[str, typer.Argument(help="Id of the Facebook page.")]
Psid = Annotated[str, typer.Argument(help="Id of the customer on that page.")]
Spoken = Annotated[Language, typer.Option(help="Language of the reasons.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (explain, timeline, outbox, resend, key, demo):
        cli.command()(command)


def explain(page_id: PageId, psid: Psid, language: Spoken = "vi") -> None:
    """Say where a conversation stands, and why each event did or did not fire."""
    conversation, now = ConversationId(page_id, psid), now_ms()

    async def draw(store: Store) -> RenderableType | None:
        found = await read_conversation(Views(store), Connections(store), conversation, now)
        return None if found is None else draw_conversation(found, language, now)

    _show(_run(draw) or _fail(UNKNOWN, FOUND_NOTHING))


def timeline(
    page_id: PageId,
    psid: Psid,
    language: Spoken = "vi",
    limit: Annotated[int, typer.Option(min=1, help="Most entries.")] = PAGE,
    before: Annotated[str | None, typer.Option(help="Show what is older than this entry.")] = None,
) -> None:
    """Tell what happened in a conversation, each with its decisions; the newest entries, in the order of the acts."""

    async def draw(store: Store) -> RenderableType | None:
        page = await read_timeline(Views(store), ConversationId(page_id, psid), before, limit)
        if page.next:
            typer.echo(f"older entries: --before {page.next}", err=True)
        return draw_timeline(page.entries, language) if page.entries else None

    _show(_run(draw) or _fail(UNKNOWN, FOUND_NOTHING))


def outbox(
    page_id: Annotated[str | None, typer.Argument(help="Id of the Facebook page; all pages without it.")] = None,
    language: Spoken = "vi",
) -> None:
    """Show what waits to be sent to TikTok, how old the oldest is, and what was given up."""

    async def draw(store: Store) -> RenderableType:
        depths = Depths(store)
        found = await depths.all_pages() if page_id is None else (await depths.page(page_id),)
        return draw_outbox(found, language, now_ms())

    _show(_run(draw))


def resend(page_id: PageId, event_id: Annotated[str, typer.Argument(help="Id of the event.")]) -> None:
    """Send again what was rejected or has expired, under its id; refuse what can no longer count."""

    async def requeue(store: Store) -> str:
        return await Resender(store, StoreClock(store)).resend(page_id, event_id)

    resent = _run(requeue)
    if resent != "requeued":
        why = next((Answer(None, code).sentence("en") for code in DELIVERY_CODES if code == resent), resent)
        _fail(f"It is not sent again: {why}", FOUND_NOTHING)
    typer.echo(f"{event_id} waits to be sent again.")


def key(page_id: PageId, psid: Annotated[str | None, typer.Argument(help="Id of the customer.")] = None) -> None:
    """Print the Redis keys of a page, or of a conversation, and what each holds."""
    number = keys.partition(page_id)
    found: list[tuple[Callable[..., str], str]]
    if psid is not None:
        conversation = ConversationId(page_id, psid)
        found = [(make, make(conversation)) for make in (keys.conversation, keys.timeline)]
    else:
        of_page = (keys.connection, keys.outbox, keys.events, keys.dead)
        of_partition = (keys.due, keys.buried, keys.connections)
        found = [(make, make(page_id)) for make in of_page] + [(make, make(number)) for make in of_partition]
        found += [(make, make(page_id, "EVENT_ID")) for make in (keys.event, keys.attempts)]
    for make, name in found:
        typer.echo(f"{name}\t{make.__doc__}")


def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End when all four events were accepted.")] = False,  # noqa: FBT002  a flag of the command line
    language: Spoken = "vi",
) -> None:
    """Play a conversation and its order through the whole service and a loopback TikTok; needs no settings."""
    try:
        code = run_demo(language, leave=leave)
    except SettingsError as error:
        _fail(str(error), NOT_POSSIBLE)
    raise typer.Exit(code)


def _run(work: Callable[[Store], Awaitable[Found]]) -> Found:
    url = os.environ.get("REDIS_URL", "").strip()
    if not url:
        _fail("REDIS_URL is not set: the embedded store can only be asked over HTTP, under /api/", NOT_POSSIBLE)

    async def with_store() -> Found:
        store = open_store(url)
        try:
            return await work(store)
        finally:
            await store.aclose()

    try:
        return asyncio.run(with_store())
    except ValueError:
        _fail("REDIS_URL must be a redis://, rediss://, unix:// or redis+cluster:// URL", NOT_POSSIBLE)
    except ActorError as error:
        _fail(f"Redis cannot be asked: {error}", NOT_POSSIBLE)


def _show(picture: RenderableType) -> None:
    Console().print(picture)


def _fail(why: str, code: int) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(code)
