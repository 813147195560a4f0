"""``packet``: a case as a file for a ticket at TikTok."""

import os
from pathlib import Path
from typing import Annotated

import typer

from actors.connections import Connections
from actors.scripts import Store
from actors.views import Views
from gateway.api.conversations import UNKNOWN
from gateway.clock import now_ms
from gateway.commands.running import FOUND_NOTHING, NOT_POSSIBLE, PageId, Psid, fail, run
from gateway.packet import Packet, Packets
from gateway.settings import SettingsError, load_setting
from rules.facts import ConversationId


def packet(
    page_id: PageId,
    psid: Psid,
    output: Annotated[
        Path | None, typer.Option(help="Write it here; else into this folder, under its own name.")
    ] = None,
) -> None:
    """Write a redacted file of a case (timeline, decisions, requests, answers) that can be attached to a ticket."""
    try:
        profile = load_setting(os.environ, "TIKTOK_WIRE_PROFILE")
    except SettingsError as error:
        fail(str(error), NOT_POSSIBLE)

    async def make(store: Store) -> Packet | None:
        packets = Packets(Views(store), Connections(store), profile)
        return await packets.make(ConversationId(page_id, psid), now_ms())

    made = run(make)
    if made is None:
        fail(UNKNOWN, FOUND_NOTHING)
    path = output or Path(made.file_name)
    try:
        with path.open("xb") as file:
            file.write(made.content)
    except FileExistsError:
        fail(f"{path} exists, and is left as it is.", NOT_POSSIBLE)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", NOT_POSSIBLE)
    typer.echo(path)
