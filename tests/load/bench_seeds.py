"""What lies in Redis before something is measured: written by the product's own code, without HTTP."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import count, islice
from math import lcm
from typing import Final

from actors.connection import Connection
from rules.facts import Addressed, ConversationId, Message, Referral
from tests.end_to_end.world import EVENT_SET, TOKEN
from tests.load.bench_site import Site
from tests.load.webhooks import BEFORE_MS, now_ms, page_ids

AT_ONCE: Final = 500
STAGES: Final = 10
ADVERTISER: Final = "7000000000000000001"
_serial = count()


async def connect(here: Site, pages: Iterable[str]) -> None:
    """Connect pages to one event set, with a token that the sandbox knows."""
    account = {"access_token": TOKEN, "advertiser_ids": [ADVERTISER], "event_set_ids": [EVENT_SET]}
    async with here.http.post(here.sandbox("tokens"), json=account) as answer:
        answer.raise_for_status()
    token, put = here.parts.vault.encrypt(TOKEN), here.parts.connections.put
    left = iter(pages)
    while some := list(islice(left, 32)):
        wanted = (Connection(page, "s-1", ADVERTISER, EVENT_SET, token, "order_confirmed") for page in some)
        await asyncio.gather(*(put(each, now_ms()) for each in wanted))


async def tell(here: Site, facts: Iterable[Addressed]) -> None:
    """Commit facts; those of one conversation must lie side by side."""
    left = iter(facts)
    while some := list(islice(left, AT_ONCE)):
        await here.parts.conversations.tell(some)


def conversations(pages: int, number: int) -> Iterator[ConversationId]:
    """Name the conversations that a client reaches with so many pages and conversations, in its order."""
    names = page_ids(pages)
    for each in range(lcm(pages, number)):
        yield ConversationId(names[each % pages], f"{each % number:016d}")


def clicks(wanted: Iterable[ConversationId]) -> Iterator[Addressed]:
    """Let a customer come through an ad in each conversation, a minute ago."""
    return talks(wanted, 0)


async def seed(here: Site, pages: int, number: int, kind: str) -> None:
    """Connect pages, and begin conversations of each stage: with 0 to 9 messages, after a click if `clicked`.

    So whoever goes round them meets every stage as often, however fast: most messages fire nothing, some fire an event.
    """
    await connect(here, page_ids(pages))
    for at_stage in range(STAGES):
        wanted = islice(conversations(pages, number), at_stage, None, STAGES)
        facts = talks(wanted, at_stage)
        await tell(here, (each for each in facts if kind == "clicked" or not isinstance(each.fact, Referral)))


def talks(wanted: Iterable[ConversationId], messages: int) -> Iterator[Addressed]:
    """Let a customer come through an ad, and then write so many messages, in each conversation."""
    for conversation in wanted:
        at = now_ms() - BEFORE_MS
        yield _click(conversation, at)
        for number in range(1, messages + 1):
            said = Message(at + number, at + number, f"m_seed_{next(_serial)}", "customer")
            yield Addressed(conversation, said)


def _click(conversation: ConversationId, at: int) -> Addressed:
    return Addressed(conversation, Referral(at, at, f"tt-{conversation.psid}", "SHORTLINK"))
