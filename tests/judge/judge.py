"""The rule book a second time, as plainly as it can be written: read a whole history, list what must have fired.

Nothing here is shared with the product. It has no state to carry along, it only looks back: for each message, click and
order it goes through the history again. Numbers in comments are those of the rule book; "decided" is what
`docs/decisions.md` adds where it leaves room. Times are Unix milliseconds, UTC.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.judge.facts import Chose, Clicked, Fact, History, Pushed, Said

SEVEN_DAYS = 7 * 24 * 60 * 60 * 1_000
TEN_MINUTES = 10 * 60 * 1_000


class Policy(NamedTuple):
    """What the operator has set."""

    ref_pattern: str = ".+"
    count_postbacks: bool = False


BUILT_IN = Policy()


class Due(NamedTuple):
    """An event that must have fired. `subject` is the click (time, ref) or the order."""

    event: str
    event_id: str
    at: int
    subject: tuple[str, ...]


def judge(page_id: str, psid: str, history: History, policy: Policy = BUILT_IN) -> list[Due]:
    """List the events that a conversation of a connected page must have fired, each once."""
    facts = _linked(history)
    recorded = _recorded(facts, policy)
    fired: list[tuple[str, int, tuple[str, ...]]] = []
    for place, click in recorded:
        counted = [said for _, said in sorted(_counted(facts, recorded, place, policy))]
        fired += [(name, at, (str(click.at), str(click.ref))) for name, at in _of_click(counted)]
    for order_id in {fact.order_id: None for fact in facts if isinstance(fact, Pushed)}:
        fired += [(name, at, (order_id,)) for name, at in _of_order(facts, recorded, order_id)]
    return sorted(Due(name, _event_id(page_id, psid, name, *who), at, who) for name, at, who in fired)


def _linked(history: History) -> list[Fact]:
    """Order links: a push that names no conversation waits until one of the same order does, and goes before it.

    Decided: what waited is learned, and nothing is judged before the push that ended the waiting.
    """
    facts: list[Fact] = []
    waiting: list[Pushed] = []
    known: set[str] = set()
    for fact in history:
        if isinstance(fact, Pushed) and not fact.linked and fact.order_id not in known:
            waiting.append(fact)
            continue
        if isinstance(fact, Pushed) and fact.order_id not in known:
            known.add(fact.order_id)
            facts += [push._replace(waited=True) for push in waiting if push.order_id == fact.order_id]
        facts.append(fact)
    return facts


def is_recorded(click: Clicked, policy: Policy = BUILT_IN) -> bool:
    """Rule 1, decided: a ref is searched by the pattern, not matched as a whole."""
    return click.source != "ADS" and bool(click.ref) and bool(re.search(policy.ref_pattern, str(click.ref)))


def _recorded(facts: History, policy: Policy) -> list[tuple[int, Clicked]]:
    """Rules 1 and 3: TikTok clicks, each `(at, ref)` once, with their place in the history."""
    found: dict[tuple[int, str], tuple[int, Clicked]] = {}
    for place, fact in enumerate(facts):
        if isinstance(fact, Clicked) and is_recorded(fact, policy):
            found.setdefault((fact.at, str(fact.ref)), (place, fact))
    return list(found.values())


def _click_of(recorded: list[tuple[int, Clicked]], place: int, at: int) -> int | None:
    """Rules 4 and 5: where the newest click not later than `at` is, of those recorded up to `place`; None if too old.

    Decided: of two clicks in the same millisecond the one with the later ref (as text) is the newer.
    """
    known = [(click.at, str(click.ref), there) for there, click in recorded if there <= place and click.at <= at]
    newest_at, _, there = max(known, default=(0, "", 0))
    return there if known and at - newest_at <= SEVEN_DAYS else None


def _counted(
    facts: History, recorded: list[tuple[int, Clicked]], click: int, policy: Policy
) -> Iterator[tuple[tuple[int, int, str], Said]]:
    """Rules 4 to 7: the messages of a click, each with when it was counted: its place, and within that its time."""
    seen: set[str] = set()
    for place, said in enumerate(facts):
        # Words: other postbacks are no messages. Rule 12: a message id counts once, whatever brought it.
        if not isinstance(said, Said) or (said.how == "postback" and not policy.count_postbacks) or said.mid in seen:
            continue
        seen.add(said.mid)
        its_click = _click_of(recorded, place, said.at)
        counted_at = place
        if its_click is None and said.how != "get_started":  # rule 6: an early press never counts
            # Rule 7: the first click recorded within ten minutes of it that is its click. Nobody else has counted it.
            for later, late in recorded:
                in_time = later > place and late.arrives - said.arrives <= TEN_MINUTES
                if its_click is None and in_time and _click_of(recorded, later, said.at) == later:
                    its_click = counted_at = later
        if its_click == click:
            yield (counted_at, said.at, said.mid), said


def _of_click(counted: list[Said]) -> Iterator[tuple[str, int]]:
    """The table and rule 8. An event fires as soon as it can, so what comes later cannot change when it did."""
    for name, before in (("Conversation", 0), ("ValidConversation", 5)):
        for so_far in range(1, len(counted) + 1):
            by_time = sorted(counted[:so_far], key=lambda said: (said.at, said.mid))
            decisive = [said for said in by_time[before:] if said.by == "customer"]
            if decisive:
                yield name, decisive[0].at
                break


def _of_order(facts: History, recorded: list[tuple[int, Clicked]], order_id: str) -> Iterator[tuple[str, int]]:
    """Rules 4, 7, 9, 10 and 11: look at the order whenever it is pushed, and when a click comes that it overtook.

    Decided: a repeated push is a push like any other, because an older one that comes late must find its click too.
    """
    clicks = dict(recorded)
    bound_to: Clicked | None = None
    fired: set[str] = set()
    pushes: list[Pushed] = []
    for place, fact in enumerate(facts):
        if isinstance(fact, Pushed) and fact.order_id == order_id:
            pushes.append(fact)
            if fact.waited:
                continue
        elif bound_to or not pushes or place not in clicks or clicks[place].arrives - pushes[-1].arrives > TEN_MINUTES:
            continue
        its_click = _click_of(recorded, place, pushes[0].created_at)
        if bound_to is None and its_click is not None:
            bound_to = clicks[its_click]  # rule 4: kept for good
        if bound_to is None or _is_cancelled(pushes):
            continue
        paid_at = _payment(pushes, [each for each in facts[:place] if isinstance(each, Chose)])
        if "InitiateCheckout" not in fired:
            fired.add("InitiateCheckout")
            yield "InitiateCheckout", pushes[0].created_at
        if "CompletePayment" not in fired and paid_at is not None and paid_at - bound_to.at <= SEVEN_DAYS:
            fired.add("CompletePayment")
            yield "CompletePayment", paid_at


def _is_cancelled(pushes: list[Pushed]) -> bool:
    """Rules 9 and 10: what the newest push says; decided: of several equally new ones, any."""
    newest = max(push.updated_at for push in pushes)
    return any(push.cancelled for push in pushes if push.updated_at == newest)


def _payment(pushes: list[Pushed], choices: list[Chose]) -> int | None:
    """Rules 9 and 11: when the order first came into a state that was the chosen one at that time."""
    confirmed = [push.confirmed_at or push.updated_at for push in pushes if push.confirmed]
    shipped = [push.shipped_at for push in pushes if push.shipped_at is not None]
    due = []
    for state, times in (("order_confirmed", confirmed), ("order_shipped", shipped)):
        in_force = [choice for choice in choices if times and choice.since <= min(times)] or choices[:1]
        due += [min(times)] if times and in_force[-1].chosen == state else []
    return min(due, default=None)


def _event_id(page_id: str, psid: str, *parts: str) -> str:
    """Event identity, as `docs/decisions.md` tells it."""
    text = json.dumps([page_id, psid, *parts], separators=(",", ":"), ensure_ascii=False)
    return f"{parts[0]}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
