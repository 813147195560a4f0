"""The delivery log by day: an event stands on the day on which it happened, in Vietnam, and little else is read."""

from collections.abc import Sequence

import pytest
import structlog

from actors import keys
from actors.errors import StoredDamage
from actors.scripts import Argument, Script
from actors.views import EventFilter, Views
from rules.days import day, start_of
from rules.facts import ConversationId
from tests.actors.conversing import addressed, conversations
from tests.rules.stories import BEGINNING, DAY, HOUR, MS, click, ms, says
from tests.stores import Store

PAGE = "900"


async def happened(store: Store, customer: str, at: float, arrives: float) -> None:
    """Let a customer click and write, and Messenger tell of it later."""
    told = await conversations(store)
    facts = (click(at, arrives=arrives), says(at + 1, arrives=arrives))
    await told.tell(addressed(*facts, conversation=ConversationId(PAGE, customer)))


async def on(store: Store, of: str, after: str | None = None, limit: int = 50) -> list[str]:
    """Return whose events the log has on a day."""
    page = await Views(store).events(PAGE, EventFilter(local_day=of), after, limit)
    return [row.psid for row in page.events]


async def test_an_event_is_found_on_the_day_it_happened_however_late_it_was_told(store: Store) -> None:
    await happened(store, "prompt", 0, 0)
    await happened(store, "late", HOUR, 36 * HOUR)
    await happened(store, "next day", DAY, DAY)
    assert await on(store, day(ms(0))) == ["late", "prompt"]
    assert await on(store, day(ms(DAY))) == ["next day"]
    assert await on(store, day(ms(2 * DAY))) == []


async def test_events_of_a_day_are_read_page_by_page(store: Store) -> None:
    for number in range(5):
        await happened(store, f"c{number}", number, number)
    await happened(store, "later", 3 * DAY, 3 * DAY)
    views, wanted = Views(store), EventFilter(local_day=day(ms(0)))
    first = await views.events(PAGE, wanted, limit=3)
    rest = await views.events(PAGE, wanted, first.next, limit=3)
    assert [row.psid for row in (*first.events, *rest.events)] == ["c4", "c3", "c2", "c1", "c0"]
    assert rest.next is None


async def test_a_page_goes_on_where_it_ended_when_what_stood_there_is_gone(store: Store) -> None:
    """Also among events of the same millisecond, and when everything that was shown is gone."""
    for number in range(8):
        await happened(store, f"c{number}", number, number // 4)
    views = Views(store)
    whole = [row.event_id for row in (await views.events(PAGE, EventFilter())).events]
    fired = [row.fired_at for row in (await views.events(PAGE, EventFilter())).events]
    assert len(set(fired)) < len(fired)
    for shown in range(1, 8):
        first = await views.events(PAGE, EventFilter(), limit=shown)
        await store.zrem(keys.events(PAGE), whole[shown - 1])
        rest = await views.events(PAGE, EventFilter(), first.next)
        assert [row.event_id for row in (*first.events, *rest.events)] == whole
        await store.zrem(keys.events(PAGE), *whole[:shown])
        assert (await views.events(PAGE, EventFilter(), first.next)) == rest
        await store.zadd(keys.events(PAGE), dict(zip(whole, fired, strict=True)))


@pytest.mark.parametrize("wanted", [EventFilter(), EventFilter(name="Conversation")])
async def test_after_a_full_page_with_which_the_log_ends_nothing_follows(store: Store, wanted: EventFilter) -> None:
    for number in range(4):
        await happened(store, f"c{number}", number, number)
    views = Views(store)
    first = await views.events(PAGE, wanted, limit=2)
    rest = await views.events(PAGE, wanted, first.next, limit=2)
    assert [len(first.events), len(rest.events), rest.next] == [2, 2, None]


async def test_neither_newer_nor_older_days_are_read_through(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log may hold a month of a busy page."""
    monkeypatch.setattr("actors.views.MATCHED_AT_ONCE", 2)
    for number in range(12):
        await happened(store, f"c{number}", number * DAY, number * DAY)
    looked, compared = count_rows(monkeypatch), count_compared(monkeypatch)
    assert await on(store, day(ms(5 * DAY))) == ["c5"]
    assert len(looked) == 1
    assert len(compared) <= 6


async def test_a_day_is_from_midnight_to_midnight_to_the_millisecond(store: Store) -> None:
    begins = (start_of(day(ms(DAY))) - BEGINNING) / 1000
    for customer, at in {"before": -MS, "first": 0, "last": DAY - MS, "after": DAY}.items():
        await happened(store, customer, begins + at - 1, begins + at)
    assert await on(store, day(ms(DAY))) == ["last", "first"]


async def test_only_what_is_asked_for_is_read_of_a_long_log(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beside rows that are damaged or gone; one more is read, to know whether anything follows."""
    monkeypatch.setattr("actors.views.MATCHED_AT_ONCE", 3)
    for number in range(8):
        await happened(store, f"c{number % 2}", number, number)
    events = [row.event_id for row in (await Views(store).events(PAGE, EventFilter())).events]
    await store.delete(keys.event(PAGE, events[1]))
    await store.set(keys.event(PAGE, events[2]), "no hash", ex=60)
    looked = count_rows(monkeypatch)
    views, wanted = Views(store), EventFilter(psid="c1", name="Conversation")
    first = await views.events(PAGE, wanted, limit=1)
    rest = await views.events(PAGE, wanted, first.next)
    assert [row.event_id for row in (*first.events, *rest.events)] == [events[0], events[4], events[6]]
    assert rest.next is None
    assert looked == [events[0], events[4], events[4], events[6]]
    assert (await views.events(PAGE, EventFilter(psid="c1", status="sent"))).events == ()
    assert (await views.events(PAGE, EventFilter(psid="c1", name="CompletePayment"))).events == ()
    assert (await views.events(PAGE, EventFilter(psid="c1", order_id="1"))).events == ()


async def test_a_damaged_log_hides_the_last_event_of_no_other_page(store: Store) -> None:
    await happened(store, "c1", 0, 0)
    (newest,) = (await Views(store).events(PAGE, EventFilter())).events
    await store.set(keys.events("901"), "no zset", ex=60)
    assert await Views(store).last_events([PAGE, "901", "902"]) == {PAGE: newest.fired_at}


async def test_what_is_damaged_is_left_out_and_named_in_the_log(store: Store) -> None:
    for customer in ("sound", "damaged row", "no row", "damaged state", "no state"):
        await happened(store, customer, 0, 0)
    views, people = Views(store), [ConversationId(PAGE, psid) for psid in ("sound", "damaged state", "no state")]
    events = {row.psid: row.event_id for row in (await views.events(PAGE, EventFilter())).events}
    await store.hset(keys.event(PAGE, events["damaged row"]), "attempts", "many")
    await store.set(keys.event(PAGE, events["no row"]), "no hash", ex=60)
    await store.hset(keys.conversation(people[1]), "state", "{broken")
    await store.set(keys.conversation(people[2]), "no hash", ex=60)
    with structlog.testing.capture_logs() as logs:
        shown = {row.psid for row in (await views.events(PAGE, EventFilter())).events}
        assert [*await views.conversations(people)] == people[:1]
    assert shown == {"sound", "damaged state", "no state"}
    named = {(line["event"], line["page_id"], line.get("event_id", line.get("psid"))) for line in logs}
    assert named == {
        ("event.unreadable", PAGE, events["damaged row"]),
        ("conversation.unreadable", PAGE, "damaged state"),
    }


async def test_a_damaged_entry_or_attempt_hides_no_other(store: Store) -> None:
    await happened(store, "c1", 0, 0)
    here, views = ConversationId(PAGE, "c1"), Views(store)
    sound = (await views.timeline(here)).entries
    [event] = (await views.events(PAGE, EventFilter())).events
    await store.xadd(keys.timeline(here), {"entry": "{broken"})
    await store.xadd(keys.timeline(here), {"by": "hand"})
    await store.rpush(keys.attempts(PAGE, event.event_id), "{broken")
    await store.pexpire(keys.attempts(PAGE, event.event_id), 60_000)

    with structlog.testing.capture_logs() as logs:
        assert (await views.timeline(here)).entries == sound
        assert await views.attempts(PAGE, event.event_id) == ()
        first = await views.timeline(here, limit=1)
        assert (await views.timeline(here, before=first.next, limit=100)).entries == sound

    assert {line["event"] for line in logs} == {"timeline.unreadable", "attempt.unreadable"}


async def test_a_timeline_or_conversation_of_another_type_is_damage_that_names_its_key(store: Store) -> None:
    here, views = ConversationId(PAGE, "c1"), Views(store)
    for key in (keys.conversation(here), keys.timeline(here)):
        await store.sadd(key, "something else")
        await store.pexpire(key, 60_000)
    with pytest.raises(StoredDamage, match="conversation:"):
        await views.conversation(here)
    with pytest.raises(StoredDamage, match="timeline:"):
        await views.timeline(here)


def count_compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list in which the key of every row comes to stand that Redis compares from now on."""
    compared: list[str] = []
    run = Script.__call__

    async def counting(script: Script, keys: Sequence[str], args: Sequence[Argument]) -> object:
        compared.extend(keys)
        return await run(script, keys, args)

    monkeypatch.setattr(Script, "__call__", counting)
    return compared


def count_rows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list in which every event comes to stand whose row is read from now on."""
    looked: list[str] = []
    rows = Views.rows

    async def counting(views: Views, page_id: str, event_ids: list[str]) -> object:
        looked.extend(event_ids)
        return await rows(views, page_id, event_ids)

    monkeypatch.setattr(Views, "rows", counting)
    return looked


async def test_a_timeline_is_read_from_either_end_page_by_page(store: Store) -> None:
    await happened(store, "reader", 0, 0)
    told, views, reader = await conversations(store), Views(store), ConversationId(PAGE, "reader")
    await told.tell(addressed(*(says(number) for number in range(2, 5)), conversation=reader))
    last = (await views.timeline(reader, limit=10)).entries
    assert len(last) == 5
    first = await views.timeline_forwards(reader, limit=3)
    rest = await views.timeline_forwards(reader, first.next, limit=3)
    assert (*first.entries, *rest.entries) == last[::-1]
    assert (first.next, rest.next) == (first.entries[-1][0], None)
