"""``key``: where something lies in Redis."""

from collections.abc import Callable
from typing import Annotated

import typer

from actors import keys
from gateway.commands.running import PageId
from rules.facts import ConversationId


def key(page_id: PageId, psid: Annotated[str | None, typer.Argument(help="Id of the customer.")] = None) -> None:
    """Print the Redis keys of a page and its partition, or of a conversation, and what each holds."""
    number = keys.partition(page_id)
    found: list[tuple[Callable[..., str], str]]
    if psid is not None:
        conversation = ConversationId(page_id, psid)
        found = [(make, make(conversation)) for make in (keys.conversation, keys.timeline)]
    else:
        of_page = (
            *(keys.connection, keys.choices, keys.check, keys.page_conversations, keys.outbox, keys.events, keys.dead),
            keys.pulse_last,
        )
        of_page_and = (
            (keys.event, "EVENT_ID"),
            (keys.attempts, "EVENT_ID"),
            (keys.problem, "PROBLEM"),
            (keys.counts, "DAY"),
            (keys.pulse, "HOUR"),
            (keys.making, "ADVERTISER_ID"),
        )
        of_partition = (
            *(keys.due, keys.buried, keys.problems, keys.waiting_orders, keys.aside),
            *(keys.checks, keys.connections, keys.connections_changed, keys.disconnected),
        )
        found = [(make, make(page_id)) for make in of_page]
        found += [(make, make(page_id, other)) for make, other in of_page_and]
        found += [(make, make(number)) for make in of_partition]
        found.append((keys.index, keys.index(number, "VALUE")))
    for make, name in found:
        typer.echo(f"{name}\t{make.__doc__}")
