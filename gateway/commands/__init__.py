"""Commands for support: what happened in a conversation, why an event did not fire, what waits, where it lies in Redis.

They need no setting but ``REDIS_URL``; `key` needs none. With ``--json`` they print what the API says, and nothing
else.
"""

import typer

from gateway.commands.conversation import explain, timeline
from gateway.commands.demo import demo
from gateway.commands.find import find
from gateway.commands.key import key
from gateway.commands.outbox import outbox
from gateway.commands.packet import packet
from gateway.commands.resend import resend
from gateway.commands.what_if import whatif


def register(cli: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (find, explain, timeline, whatif, packet, outbox, resend, key, demo):
        cli.command()(command)
