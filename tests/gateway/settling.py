"""Events that have come to an end, without a sender that would need hours or days for it."""

from actors import keys
from actors.views import EventFilter, EventRow
from rules.times import MINUTE_MS, utc
from tests.gateway.service import Service, click, said
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.stores import Store
from tests.waiting import eventually


async def settle(service: Service, event_id: str, status: str, **fields: object) -> None:
    """Let an event of the page have come to this state, and wait no more if that is its end."""
    store: Store = service.parts.store
    await store.hset(keys.event(PAGE, event_id), mapping={"status": status, "reason": status, **fields})
    if "settled_at" in fields:
        await store.zrem(keys.outbox(PAGE), event_id)
        await store.zadd(keys.dead(PAGE), {event_id: now()})


async def fired(service: Service, psid: str = PSID, ago_ms: int = MINUTE_MS) -> EventRow:
    """Let a customer click and write, and return the event once no sender has it in hand: the page may be paused."""
    await service.messenger(now() - ago_ms - 1_000, click(), said("m1"), psid=psid)
    await eventually(lambda: is_held(service, psid))
    return await only_event(service, psid)


async def only_event(service: Service, psid: str) -> EventRow:
    """Return the one event of a customer."""
    (row,) = (await service.parts.views.events(PAGE, EventFilter(psid=psid))).events
    return row


async def is_held(service: Service, psid: str) -> bool:
    """Whether the embedded sender has seen that the page is paused, if it is; without one nothing changes."""
    connection = await service.parts.connections.read(PAGE)
    if not service.parts.settings.embedded or connection is None or not connection.paused:
        return True
    return (await only_event(service, psid)).reason != "queued"


async def never_known(service: Service) -> EventRow:
    """Let the one event of a paused page have been given up, since nobody knows whether TikTok got it."""
    row = await fired(service)
    await settle(service, row.event_id, "outcome_unknown", settled_at=now(), settled_at_utc=utc(now()))
    return row
