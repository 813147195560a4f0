"""An operator has facts stored that were set aside: by the API, written down, for connected pages only."""

from typing import Any

from actors import keys
from rules.facts import ConversationId
from tests.gateway.service import Service, click, said
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now

PATH = f"/conversations/{PAGE}/{PSID}"


async def test_what_was_set_aside_is_stored_when_the_operator_says_so(service: Service) -> None:
    store: Any = service.parts.store
    conversation = keys.conversation(ConversationId(PAGE, PSID))
    await service.connect(paused=True)
    await store.set(conversation, "something else", px=60_000)
    await service.messenger(now() - 5_000, click(), said("m1"))

    async with await service.api("POST", f"{PATH}/retell") as response:
        found = await response.json()
    assert (response.status, found["stored"], found["aside"]) == (200, 0, 2)
    assert "WRONGTYPE" in found["error"]

    await store.delete(conversation)
    async with await service.api("POST", f"{PATH}/retell") as response:
        assert (response.status, await response.json()) == (200, {"stored": 2, "aside": 0, "error": None})
    async with await service.api("GET", f"/pages/{PAGE}/events") as response:
        assert [event["event"] for event in (await response.json())["events"]] == ["Conversation"]
    entries = await service.parts.audit.newest(10)
    assert [(entry.who, entry.action, entry.psid) for entry in entries] == [("api", "retell", PSID)] * 2


async def test_of_a_page_that_is_not_connected_nothing_is_stored(service: Service) -> None:
    async with await service.api("POST", f"{PATH}/retell") as response:
        assert response.status == 409
        assert "not connected" in (await response.json())["detail"]
