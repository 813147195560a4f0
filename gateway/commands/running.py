"""How a command runs: against the store of ``REDIS_URL``, with one line to stderr and an exit code where it fails."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, NoReturn, TypeVar

import msgspec
import typer
from rich.console import Console, RenderableType

from actors.connect import open_store
from actors.connection import DEFAULT_TIME_ZONE
from actors.connections import Connections
from actors.errors import ActorError, StoredDamage, WrongStoreUrl
from actors.scripts import Store
from gateway.logs import configure_logging
from gateway.settings import SettingsError, load_setting
from gateway.time_zones import ShopTime, shop_time
from rules.catalogue import Language

FOUND_NOTHING: Final = 1
NOT_POSSIBLE: Final = 2

Result = TypeVar("Result")

PageId = Annotated[str, typer.Argument(help="Id of the Facebook page.")]
Psid = Annotated[str, typer.Argument(help="Id of the customer on that page.")]
Spoken = Annotated[Language, typer.Option(help="Language of the reasons.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, in the API's shapes.")]


def run(work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Do something with the store, and close it. Where there is none, end the command."""
    try:
        url = load_setting(os.environ, "REDIS_URL").reveal()
    except SettingsError as error:
        fail(str(error), NOT_POSSIBLE)
    if not url:
        fail(
            "REDIS_URL is not set. If it stands in .env: .venv/bin/honcho run .venv/bin/python -m gateway … "
            "(The embedded store can only be asked over HTTP, under /api/.)",
            NOT_POSSIBLE,
        )

    # What is logged goes to stderr, so that what is printed can go on to another program.
    configure_logging()

    async def with_store() -> Result:
        store = open_store(url)
        try:
            return await work(store)
        finally:
            await store.aclose()

    try:
        return asyncio.run(with_store())
    except StoredDamage as damage:
        fail(str(damage), NOT_POSSIBLE)
    except WrongStoreUrl as error:
        fail(f"REDIS_URL cannot be used: {error}", NOT_POSSIBLE)
    except ActorError as error:
        fail(f"Redis cannot be asked: {error}", NOT_POSSIBLE)


async def clock_of(store: Store, page_id: str) -> ShopTime:
    """Return the clock on the wall of the page's shop."""
    connection = await Connections(store).readable(page_id)
    return shop_time(connection.time_zone if connection else DEFAULT_TIME_ZONE)


def show(picture: RenderableType) -> None:
    """Print something for a person."""
    Console().print(picture)


def show_json(shape: object) -> None:
    """Print something for a program: one JSON document in UTF-8, whatever the terminal speaks."""
    typer.echo(msgspec.json.format(msgspec.json.encode(shape), indent=2))


def fail(why: str, code: int) -> NoReturn:
    """Say to stderr why it is not possible, and end the command."""
    typer.echo(why, err=True)
    raise typer.Exit(code)
