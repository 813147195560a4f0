"""The product's own verdict on a history: every fact through `rules.decide`, in the order of delivery."""

import re

from rules.clicks import Policy as RulesPolicy
from rules.decide import Rulebook, decide
from rules.facts import ConversationId, Message, OrderSeen, Referral
from rules.facts import Fact as RulesFact
from rules.orders import Choice, Terms
from rules.state import Conversation
from tests.judge.facts import Chose, Clicked, History, Pushed, Said
from tests.judge.judge import BUILT_IN, Policy

Fired = tuple[str, str, int]
"""An event's name, its id, and its trigger time (ms)."""


def decided(page_id: str, psid: str, history: History, policy: Policy = BUILT_IN) -> list[Fired]:
    """Return what the rules fire, in the order of the judge's list."""
    choices: list[Choice] = []
    state = Conversation()
    fired: list[Fired] = []
    for fact in history:
        if isinstance(fact, Chose):
            choices.append(Choice(fact.since, fact.chosen))
            continue
        book = Rulebook(RulesPolicy(re.compile(policy.ref_pattern), policy.count_postbacks), Terms(tuple(choices)))
        outcome = decide(ConversationId(page_id, psid), state, _translated(fact), book)
        state = outcome.state
        fired += [(event.name, event.event_id, event.at) for event in outcome.events]
    return sorted(fired)


def _translated(fact: Clicked | Said | Pushed) -> RulesFact:
    if isinstance(fact, Clicked):
        return Referral(fact.at, fact.arrives, fact.ref, fact.source)
    if isinstance(fact, Said):
        return Message(fact.at, fact.arrives, fact.mid, fact.by, fact.how)
    return OrderSeen(
        at=fact.updated_at,
        received_at=fact.arrives,
        order_id=fact.order_id,
        created_at=fact.created_at,
        updated_at=fact.updated_at,
        confirmed=fact.confirmed,
        confirmed_at=fact.confirmed_at,
        cancelled=fact.cancelled,
        shipped_at=fact.shipped_at,
    )
