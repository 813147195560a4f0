"""Problems: failures that are the same are told once, with the events that are in them now."""

import time

import pytest

from actors import keys
from actors.finding import Finder
from actors.problems import Problems
from actors.resend import Resender
from actors.store_clock import StoreClock
from rules.delivery import Reply
from rules.times import DAY_MS
from tests.actors.delivering import (
    BAD_ITEM,
    BROKEN,
    OK,
    PAGE,
    TIMED_OUT,
    TikTok,
    connected,
    fired,
    lease_ends,
    now_ms,
    row,
    turn,
)
from tests.stores import Store

ELSEWHERE = "901"


async def test_the_same_failure_on_two_pages_is_one_problem(store: Store) -> None:
    began = now_ms()
    for page_id, count in ((PAGE, 3), (ELSEWHERE, 1)):
        await connected(store, page_id)
        await fired(store, count, page_id=page_id)
        await turn(store, TikTok(BAD_ITEM), page_id=page_id)

    [problem] = await Problems(store).all()

    assert (problem.name, problem.events) == ("40002", 4)
    assert [(page.page_id, page.events) for page in problem.pages] == [(ELSEWHERE, 1), (PAGE, 3)]
    assert began <= problem.first_seen <= problem.last_seen <= now_ms()
    assert problem.pages[0].sample is not None
    assert problem.pages[0].sample.message == BAD_ITEM.message


async def test_an_event_is_in_the_problem_it_had_last_and_since_its_first(store: Store) -> None:
    await connected(store)
    [event_id] = await fired(store)
    await turn(store, TikTok(BROKEN))
    [before] = await Problems(store).all()
    await lease_ends(store, event_id)
    await turn(store, TikTok(BROKEN))
    [after] = await Problems(store).all()
    assert (after.name, after.first_seen) == ("50000", before.first_seen)
    assert after.last_seen > before.last_seen

    await lease_ends(store, event_id)
    await turn(store, TikTok(TIMED_OUT))

    assert [(problem.name, problem.events) for problem in await Problems(store).all()] == [("timeout", 1)]
    assert (await row(store, event_id))["problem"] == "timeout"


@pytest.mark.parametrize(
    ("reply", "field", "ago_ms", "name"),
    [
        (TIMED_OUT, "unconfirmed_since", 2 * DAY_MS, "outcome_unknown"),
        (BROKEN, "event_at", 8 * DAY_MS, "expired_unsent"),
    ],
)
async def test_an_event_that_is_too_late_is_in_no_problem_that_could_be_mended(
    store: Store, reply: Reply, field: str, ago_ms: int, name: str
) -> None:
    """What it says to do, or that nothing is to be done, would be untrue of it."""
    await connected(store)
    [event_id] = await fired(store)
    await turn(store, TikTok(reply))
    if field == "event_at":
        await store.hdel(keys.event(PAGE, event_id), "unconfirmed_since")
    await store.hset(keys.event(PAGE, event_id), field, now_ms() - ago_ms)
    await lease_ends(store, event_id)
    await turn(store, TikTok(OK))

    assert [(problem.name, problem.events) for problem in await Problems(store).all()] == [(name, 1)]


async def test_a_problem_ends_when_its_events_are_sent(store: Store) -> None:
    await connected(store)
    [event_id] = await fired(store)
    await turn(store, TikTok(BROKEN))
    await lease_ends(store, event_id)
    await turn(store, TikTok(OK))

    assert await Problems(store).all() == ()
    assert "problem" not in await row(store, event_id)
    assert await store.exists(keys.problem(PAGE, "50000"), keys.problems(keys.partition(PAGE))) == 0


async def test_what_is_resent_stays_in_its_problem_until_it_is_sent(store: Store) -> None:
    await connected(store)
    [event_id] = await fired(store)
    await turn(store, TikTok(BAD_ITEM))
    assert await Resender(store, StoreClock(store, time.time)).resend(PAGE, event_id) == "requeued"
    assert [problem.events for problem in await Problems(store).all()] == [1]
    await turn(store, TikTok(BAD_ITEM))
    assert [problem.events for problem in await Problems(store).all()] == [1]


async def test_what_became_too_old_without_an_answer_is_a_problem_of_its_own(store: Store) -> None:
    await connected(store)
    await fired(store, event_ago_ms=8 * DAY_MS)
    await turn(store, TikTok())
    assert [problem.name for problem in await Problems(store).all()] == ["expired_unsent"]


async def test_a_held_event_is_in_no_problem(store: Store) -> None:
    """Nothing has failed: the seller has paused the page."""
    await connected(store, paused=True)
    await fired(store)
    await turn(store, TikTok())
    assert await Problems(store).all() == ()


async def test_its_events_are_listed_newest_failure_first(store: Store) -> None:
    await connected(store)
    for first in (0, 1):
        await fired(store, first=first)
        await turn(store, TikTok(BAD_ITEM))
    problems = Problems(store)
    assert [event.event_id for event in await problems.events(PAGE, "40002")] == ["e-1", "e-0"]
    assert [event.event_id for event in await problems.events(PAGE, "40002", offset=1)] == ["e-0"]
    assert await problems.events(PAGE, "40003") == ()


async def test_tiktoks_request_id_leads_to_every_event_of_the_request(store: Store) -> None:
    await connected(store)
    event_ids = await fired(store, 3)
    await turn(store, TikTok(OK))
    assert OK.request_id
    index = keys.index(keys.partition(PAGE), OK.request_id)
    assert {member.decode() for member in await store.zrange(index, 0, -1)} == set(event_ids)
    found = await Finder(store).find(OK.request_id)
    assert {(each.by, each.event_id) for each in found} == {("request_id", event_id) for event_id in event_ids}


async def test_keys_of_another_type_hide_only_themselves(store: Store) -> None:
    """The event is settled all the same."""
    await connected(store)
    [event_id] = await fired(store)
    damaged = (
        keys.problem(PAGE, "50000"),
        keys.problems(keys.partition(PAGE)),
        keys.index(keys.partition(PAGE), "r-9"),
    )
    for key in damaged:
        await store.set(key, "x", px=DAY_MS)

    await turn(store, TikTok(Reply("code", code=50000, http_status=200, request_id="r-9")))

    assert (await row(store, event_id))["status"] == "retrying"
    assert await Problems(store).all() == ()
    assert [await store.get(key) for key in damaged] == [b"x"] * len(damaged)
