"""The judge and the product agree on every history: the rules alone, and all of it through real processes.

A longer run: `JUDGE_WAVES=200 python -m pytest tests/judge` (each wave is 400 conversations, new ones every time) and
`JUDGE_EXAMPLES=200000` for the rules alone. `JUDGE_SEED` begins elsewhere.
"""

import json
import os
from collections.abc import AsyncIterator
from random import Random
from typing import NamedTuple

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from tests.end_to_end.world import World, now_ms
from tests.judge.deciding import decided
from tests.judge.facts import Chose, Chosen, Clicked, Fact, Pushed, Said
from tests.judge.histories import DAY, HOUR, MINUTE, SECOND, Delivery, Scene, facts_of, invent
from tests.judge.judge import SEVEN_DAYS, TEN_MINUTES, Policy, is_recorded, judge
from tests.judge.traffic import Traffic, event_set
from tests.judge.wire import Customer
from tests.stores import Store
from tests.waiting import eventually

EXAMPLES = int(os.environ.get("JUDGE_EXAMPLES", "2000"))
WAVES = int(os.environ.get("JUDGE_WAVES", "1"))
SEED = int(os.environ.get("JUDGE_SEED", "20261124"))
CUSTOMERS = 400
GATEWAYS, SENDERS = 4, 3
LONGEST_S = 180 + 30 * WAVES

NOW = 1_790_000_000_000
CONFIRMED = Chose(0, "order_confirmed")
CHOSEN: tuple[Chosen, Chosen] = ("order_confirmed", "order_shipped")
OPAQUE = st.text(min_size=1, max_size=8)
POLICIES = (Policy(), Policy("^tt-(?P<tracking_id>.+)"), Policy(count_postbacks=True))
PLAIN, SHIPPED, CHANGED, PAUSED, STRANGE = PAGES = ("901", "902", "903", "904", "905")


def verdict(customer: Customer, history: list[Fact], policy: Policy = POLICIES[0]) -> list[tuple[str, str, int]]:
    """Return the judge's list, to compare with what the rules have fired."""
    return [(due.event, due.event_id, due.at) for due in judge(*customer, history, policy)]


@given(st.randoms(use_true_random=False), st.sampled_from(POLICIES), st.builds(Customer, OPAQUE, OPAQUE))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.timeout(LONGEST_S + EXAMPLES // 20)
def test_the_rules_fire_what_the_judge_says(dice: Random, policy: Policy, customer: Customer) -> None:
    """Any history, any choice at any moment, deliveries up to and beyond ten minutes late."""
    choices = (Chose(0, dice.choice(CHOSEN)),)
    deliveries = invent(dice, Scene(NOW, choices))
    if dice.random() < 0.4:
        changed = Chose(NOW - dice.choice((DAY, 3 * DAY, SEVEN_DAYS)), dice.choice(CHOSEN))
        deliveries.insert(dice.randrange(len(deliveries) + 1), (changed,))
    history = facts_of(deliveries, choices)

    assert decided(*customer, history, policy) == verdict(customer, history, policy)


class Found(NamedTuple):
    """A history on which judge and rules once disagreed, shrunk, and what is right."""

    name: str
    history: list[Fact]
    fires: list[str]


FOUND = [
    Found(
        "an order pushed again, with nothing new in it, has its ten minutes from then",
        [
            CONFIRMED,
            Pushed(NOW, "1", NOW, NOW),
            Pushed(NOW + TEN_MINUTES, "1", NOW, NOW),
            Clicked(NOW, NOW + TEN_MINUTES + SECOND),
        ],
        ["InitiateCheckout"],
    ),
    Found(
        "and so has one of which an older push comes late",
        [
            CONFIRMED,
            Pushed(NOW, "1", NOW, NOW + SECOND, confirmed=True),
            Pushed(NOW + TEN_MINUTES, "1", NOW, NOW),
            Clicked(NOW, NOW + 2 * TEN_MINUTES),
        ],
        ["CompletePayment", "InitiateCheckout"],
    ),
    Found(
        "a message delivered again after more than are remembered is not counted twice",
        [
            CONFIRMED,
            Clicked(NOW, NOW),
            *(Said(NOW + place, NOW, f"m_{place}", "page") for place in range(1, 5)),
            Said(NOW + 5, NOW, "m_5"),
            *(Said(NOW + 6 + place, NOW, f"m_page_{place}", "page") for place in range(250)),
            Said(NOW + 1, NOW, "m_1", "page"),
        ],
        ["Conversation"],
    ),
    Found(
        "but no longer than that",
        [
            CONFIRMED,
            Pushed(NOW, "1", NOW, NOW),
            Pushed(NOW + SECOND, "1", NOW, NOW),
            Clicked(NOW, NOW + TEN_MINUTES + SECOND + 1),
        ],
        [],
    ),
]


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.name)
def test_what_was_found(found: Found) -> None:
    """Once a disagreement, now a promise."""
    customer = Customer("900", "7101")
    assert [event for event, _, _ in verdict(customer, found.history)] == found.fires
    assert decided(*customer, found.history) == verdict(customer, found.history)


class Town:
    """Four gateways, three senders, one Redis, TikTok's sandbox, and five pages of different terms."""

    def __init__(self, traffic: Traffic, store: Store) -> None:
        self.traffic = traffic
        self.store = store
        self.choices: dict[str, tuple[Chose, ...]] = {}

    async def found(self) -> None:
        """Connect the pages: all but the last, which TikTok and we know nothing of."""
        await self.traffic.register([*PAGES])
        for page_id in PAGES[:-1]:
            await self.traffic.connect(page_id, "order_shipped" if page_id == SHIPPED else "order_confirmed")
            self.choices[page_id] = (
                CONFIRMED._replace(chosen="order_shipped" if page_id == SHIPPED else "order_confirmed"),
            )
        before = now_ms()
        await self.traffic.connect(CHANGED, "order_shipped")
        [key] = [key async for key in self.store.scan_iter(f"connection:*:{CHANGED}")]
        since: int = json.loads(await self.store.hget(key, "choices"))[-1]["since"]
        assert before - before % SECOND <= since <= now_ms()
        self.choices[CHANGED] = (CONFIRMED, Chose(since, "order_shipped"))
        self.choices[STRANGE] = (CONFIRMED,)

    async def nothing_waits(self) -> bool:
        """Whether all outboxes are empty. An empty one is no key."""
        return [key async for key in self.store.scan_iter("outbox:*")] == []


@pytest.fixture
async def town(world: World, http: ClientSession, real_redis_url: str) -> AsyncIterator[Town]:
    """Start it all."""
    world.settings |= {"REDIS_URL": real_redis_url, "TIKTOK_EVENTS_PER_SECOND": "500", "TIKTOK_EVENTS_BURST": "500"}
    gateways = []
    for _ in range(GATEWAYS):
        await world.start_web()
        gateways.append(world.url)
    for _ in range(SENDERS):
        world.start("sender")
    async with Redis.from_url(real_redis_url) as store:
        town = Town(Traffic(world, http, gateways, Random(SEED)), store)
        await town.found()
        yield town


@pytest.mark.timeout(LONGEST_S)
async def test_tiktok_counts_what_the_judge_says(town: Town) -> None:
    """The same events, under the same ids, at the same times, none twice, and nothing is left over."""
    for wave in range(SEED, SEED + WAVES):
        dice = Random(wave)
        stories = _stories(dice, wave, town.choices)
        await town.traffic.connect(PAUSED, "order_confirmed", paused=True)
        await town.traffic.deliver(stories)
        await town.traffic.connect(PAUSED, "order_confirmed", paused=False)

        due = _due(stories, town.choices)
        await eventually(town.nothing_waits, within=30)
        counted = [
            (each["event_source_id"], each["event"], each["event_id"], each["event_time"])
            for each in await town.traffic.accepted()
        ]
        strays = set(due).symmetric_difference(counted)
        assert strays == set(), (wave, {due[each]: stories[due[each]] for each in strays if each in due})
        assert len(counted) == len(due)
        assert len({name for _, name, _, _ in counted}) == 4, "a wave has all four events in it"
        await town.traffic.forget_accepted()


@pytest.mark.timeout(LONGEST_S)
async def test_what_races_through_both_gateways_fires_the_same(town: Town) -> None:
    """Rule 7: where order does not matter it does not, though the times with which events fire may differ."""
    for wave in range(SEED, SEED + WAVES):
        dice = Random(wave)
        stories = {
            Customer(page_id, f"race-{wave}-{psid}"): _whose_order_is_free(story)
            for (page_id, psid), story in _stories(dice, wave, town.choices).items()
            if page_id in (PLAIN, SHIPPED)
        }
        await town.traffic.race(stories)

        due = {each[:3]: customer for each, customer in _due(stories, town.choices).items()}
        await eventually(town.nothing_waits, within=30)
        counted = [(each["event_source_id"], each["event"], each["event_id"]) for each in await town.traffic.accepted()]
        strays = set(due).symmetric_difference(counted)
        assert strays == set(), (wave, {due[each]: stories[due[each]] for each in strays if each in due})
        assert len(counted) == len(due)
        await town.traffic.forget_accepted()


async def test_what_is_too_old_has_fired_and_is_never_sent(town: Town) -> None:
    """Rule 13: the judge says that it fired, but it comes to TikTok only while it is younger than seven days."""
    now, customer = now_ms(), Customer(PLAIN, "old")
    story: list[Delivery] = [
        (Clicked(now - 8 * DAY, 0),),
        (Said(now - SEVEN_DAYS - MINUTE, 0, "m_too_old"),),
        (Pushed(0, "77", now - 2 * DAY, now - 2 * DAY),),
        (Pushed(0, "78", now - HOUR, now - HOUR),),
    ]
    await town.traffic.deliver({customer: story})
    fired = judge(*customer, facts_of(story, town.choices[PLAIN]))
    assert [due.event for due in fired] == ["Conversation", "InitiateCheckout"]

    await eventually(town.nothing_waits)
    assert [each["event"] for each in await town.traffic.accepted()] == ["InitiateCheckout"]
    [key] = [key async for key in town.store.scan_iter(f"event:*:{fired[0].event_id}")]
    assert await town.store.hget(key, "status") == b"expired_unsent"


def _stories(dice: Random, wave: int, choices: dict[str, tuple[Chose, ...]]) -> dict[Customer, list[Delivery]]:
    now = now_ms()
    stories = {}
    for number in range(CUSTOMERS):
        page_id = dice.choice(PAGES)
        # Between two deliveries lie milliseconds: the gateway's clock is real, so ten minutes never pass here.
        scene = Scene(now, choices[page_id], gaps=(0,), unlinked=True)
        stories[Customer(page_id, f"{wave}-{number}")] = _own_orders(invent(dice, scene), number)
    return stories


def _whose_order_is_free(story: list[Delivery]) -> list[Delivery]:
    """Leave out what makes the order of delivery matter: a second click, a press without a click, a cancellation."""
    clicks = {(fact.at, fact.ref) for act in story for fact in act if isinstance(fact, Clicked)}
    left_out = set(sorted(clicks, key=str)[1:])
    free = []
    for act in story:
        first = act[0]
        if isinstance(first, Clicked) and (first.at, first.ref) in left_out:
            continue
        presses = any(isinstance(fact, Said) and fact.how == "get_started" for fact in act)
        if presses and not any(isinstance(fact, Clicked) and is_recorded(fact) for fact in act):
            continue
        free.append((first._replace(cancelled=False),) if isinstance(first, Pushed) else act)
    return free


def _own_orders(story: list[Delivery], customer: int) -> list[Delivery]:
    """Give the orders ids that no other conversation has: the shop numbers them."""
    return [
        tuple(
            fact._replace(order_id=f"{fact.order_id}{customer}") if isinstance(fact, Pushed) else fact for fact in act
        )
        for act in story
    ]


def _due(
    stories: dict[Customer, list[Delivery]], choices: dict[str, tuple[Chose, ...]]
) -> dict[tuple[str, str, str, int], Customer]:
    """Say what TikTok must count, and whose it is: event set, name, id, whole seconds."""
    return {
        (event_set(customer.page_id), due.event, due.event_id, due.at // SECOND): customer
        for customer, story in stories.items()
        if customer.page_id != STRANGE
        for due in judge(*customer, facts_of(story, choices[customer.page_id]))
    }
