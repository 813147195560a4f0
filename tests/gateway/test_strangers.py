"""Pages that are not connected: whatever comes of them is answered, and nothing of them is remembered (rule 13)."""

from typing import Any

import msgspec

from tests.gateway import web
from tests.gateway.service import Service, order
from tests.gateway.web import PAGE, now_ms, post_messenger

STRANGER = "901"


def body_of(*page_ids: str) -> bytes:
    """Make one POST in which a customer of each page writes."""
    item = web.message("m-1")
    entries = [
        {"id": page_id, "time": now_ms(), "messaging": [item | {"recipient": {"id": page_id}}]} for page_id in page_ids
    ]
    return msgspec.json.encode({"object": "page", "entry": entries})


async def keys_of(service: Service) -> set[str]:
    """Let the pulse be written, and return every key."""
    store: Any = service.parts.store
    await service.parts.pulse.write(store)
    return {key.decode() async for key in store.scan_iter()}


async def test_strangers_leave_nothing_behind(service: Service) -> None:
    await service.connect()
    before = await keys_of(service)
    assert await post_messenger(service.client, body_of(STRANGER)) == 200
    await service.order(order(51, now_ms()), page_id=STRANGER)
    left = await keys_of(service) - before
    # The conversation of an order may be asked for before its page is connected.
    assert {name.partition(":")[0] for name in left} == {"order"}


async def test_of_a_post_of_many_pages_only_the_connected_are_heard(service: Service) -> None:
    await service.connect()
    assert await post_messenger(service.client, body_of(STRANGER, PAGE, "902")) == 200
    heard = {name for name in await keys_of(service) if name.startswith("pulse_last:")}
    assert {name.rpartition(":")[2] for name in heard} == {"all", PAGE}
