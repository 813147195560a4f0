"""``demo``: the whole service, played through."""

from typing import Annotated

import typer

from gateway.commands.running import NOT_POSSIBLE, Spoken, fail
from gateway.demo import run_demo
from gateway.settings import SettingsError


def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End when all four events were accepted.")] = False,  # noqa: FBT002  a flag of the command line
    language: Spoken = "vi",
) -> None:
    """Play a conversation and its order through the whole service and a loopback TikTok; needs no settings."""
    try:
        code = run_demo(language, leave=leave)
    except SettingsError as error:
        fail(str(error), NOT_POSSIBLE)
    raise typer.Exit(code)
