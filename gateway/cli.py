"""The command line: ``python -m gateway`` runs the web process, its commands do everything else."""

import asyncio
import codecs
import errno
import os
import sys
from typing import Final, NoReturn

import typer
from rich.console import Console

from gateway import commands, processes
from gateway.check import print_findings
from gateway.processes import WRONG_SETTINGS
from gateway.settings import Settings, SettingsError, load_settings
from gateway.surrogates import is_unicode

FOUND_WRONG: Final = 1
NOT_PRINTED: Final = 1

_NOT_WRITTEN: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What only writing ends in; the one file that a command writes is its own to tell of."""

cli = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, help="Shares Messenger conversations with TikTok Ads."
)


commands.register(cli)


def main() -> None:
    """Run the command line; where it cannot print what it has to say, say that in one line and end with code 1."""
    try:
        cli()
    except OSError as error:
        if error.errno not in _NOT_WRITTEN:
            raise
        _end_unprinted(f"the output cannot be written: {error.strerror}")
    except UnicodeEncodeError:
        if codecs.lookup(sys.stdout.encoding).name == "utf-8":
            raise
        _end_unprinted(f"the output cannot be written in {sys.stdout.encoding}: set PYTHONIOENCODING=utf-8")


def _end_unprinted(why: str) -> NoReturn:
    # Else Python tries once more, as it ends, to write what is left of the output, and complains in its own way.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    typer.echo(why, err=True)
    sys.exit(NOT_PRINTED)


@cli.callback(invoke_without_command=True)
def web(context: typer.Context) -> None:
    """Serve webhooks, pages, API, health and metrics; that is, without a command."""
    if not all(map(is_unicode, sys.argv)):
        refuse("an argument is not UTF-8 text")
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
