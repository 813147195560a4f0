"""The command line: ``python -m gateway`` runs the web process, its commands do everything else."""

import asyncio
import os
import sys
from typing import Final, NoReturn

import typer
from rich.console import Console

from gateway import commands, processes
from gateway.check import print_findings
from gateway.processes import WRONG_SETTINGS
from gateway.settings import Settings, SettingsError, load_settings

FOUND_WRONG: Final = 1

cli = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, help="Shares Messenger conversations with TikTok Ads."
)


commands.register(cli)


@cli.callback(invoke_without_command=True)
def web(context: typer.Context) -> None:
    """Serve webhooks, pages, API, health and metrics; that is, without a command."""
    if any("\udc80" <= letter <= "\udcff" for argument in sys.argv for letter in argument):
        refuse("an argument is not UTF-8 text")  # Python stands its bytes in for letters, and nothing can write those
    if context.invoked_subcommand is None:
        processes.run_web(settings_or_exit())


@cli.command()
def sender() -> None:
    """Deliver what waits in the outbox to TikTok."""
    settings = settings_or_exit()
    if settings.embedded:
        refuse("REDIS_URL is required for the sender: the embedded store lives in the web process, with a sender in it")
    processes.run_sender(settings)


@cli.command()
def check() -> None:
    """Try the settings, Redis and TikTok, and say what is wrong; ends with code 1 if anything is."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        refuse(*error.problems, code=FOUND_WRONG)
    if asyncio.run(print_findings(settings, Console())):
        raise typer.Exit(FOUND_WRONG)


def settings_or_exit() -> Settings:
    """Read the settings. Where they are wrong, print a line for each problem and end with code 2."""
    try:
        return load_settings(os.environ)
    except SettingsError as error:
        refuse(*error.problems)


def refuse(*lines: str, code: int = WRONG_SETTINGS) -> NoReturn:
    """Print lines to stderr and end with `code`."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)
