"""A page whose connection is damaged: told to who can mend it, in nobody else's way, and mended by connecting anew."""

import json

from actors import keys
from actors.connection import Connection
from actors.connections import Connections
from gateway.support import paths
from tests.gateway.pages import visiting as selling
from tests.gateway.pages.connecting import Seller
from tests.gateway.service import CONNECTION, Service, click, said
from tests.gateway.support import visiting as supporting
from tests.gateway.web import PAGE, PSID, messenger_signature
from tests.gateway.web import now_ms as now
from tests.gateway.wire import TOKEN
from tests.stores import Store

PATH = f"/pages/{PAGE}/connection"
SENTENCE = f"the connection of page {PAGE} cannot be read; mend it or connect the page anew"


async def damage(service: Service) -> None:
    """Connect the page as another process would, so that nobody here remembers it, and damage that by hand."""
    connection = Connection(
        page_id=PAGE,
        store_id=selling.STORE,
        advertiser_id="7000000000000000001",
        event_set_id="8000",
        access_token=service.parts.vault.encrypt(TOKEN),
        complete_payment_on="order_confirmed",
    )
    store: Store = service.parts.store
    await Connections(store).put(connection, now())
    await store.hset(keys.connection(PAGE), "choices", "[{broken")


async def post_click(service: Service) -> tuple[int, str | None]:
    """Deliver a click of the page; return the status, and when to come again."""
    item = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": now() - 5_000, **click()}
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]}).encode()
    async with service.client.post("/webhooks/messenger", data=body, headers=messenger_signature(body)) as response:
        return response.status, response.headers.get("Retry-After")


async def test_its_webhooks_are_asked_to_come_again_and_counted(service: Service) -> None:
    await damage(service)
    refused = 'webhook_refusals_total{reason="stored_damage",source="messenger"}'
    before = await counted(service, refused)

    status, again = await post_click(service)

    assert (status, again is not None) == (503, True)
    assert await counted(service, refused) == before + 1


async def counted(service: Service, name: str) -> float:
    """Return a counter; 0 before it has counted anything."""
    async with service.client.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def test_the_api_says_so_and_replaces_it(service: Service) -> None:
    await damage(service)
    for path in (PATH, f"/conversations/{PAGE}/{PSID}", f"/pages/{PAGE}/events"):
        async with await service.api("GET", path) as response:
            assert (response.status, response.content_type) == (500, "application/problem+json")
            assert (await response.json())["detail"] == SENTENCE
    async with await service.connect(access_token=None) as response:
        assert (response.status, (await response.json())["field"]) == (400, "access_token")
    async with await service.connect() as response:
        assert response.ok
    async with await service.api("GET", PATH) as response:
        shown = await response.json()
    assert (shown["event_set_id"], len(shown["choices"])) == (CONNECTION["event_set_id"], 1)
    assert (await post_click(service))[0] == 200


async def test_the_api_removes_it(service: Service) -> None:
    await damage(service)
    async with await service.api("DELETE", PATH) as response:
        assert response.status == 204
    assert await service.parts.connections.read(PAGE) is None


async def test_the_seller_sees_a_page_to_connect_among_the_others(service: Service) -> None:
    await service.connect("901")
    await damage(service)
    html = await selling.come_in(service)
    assert "Giày da Hà Nội" in html
    assert f'/pages/{PAGE}/connect"' in html
    assert "Trang chưa được kết nối" in await selling.see(service, f"/pages/{PAGE}", 409)


async def test_the_seller_mends_it_by_connecting_anew(seller: Seller) -> None:
    await damage(seller.service)
    await seller.come_in()
    connection = await seller.connect("order_shipped")
    assert [each.complete_payment_on for each in connection.choices] == ["order_shipped"]


async def test_support_sees_what_is_damaged_and_everything_else(service: Service) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"))
    await damage(service)
    store: Store = service.parts.store
    (event_id,) = await store.zrange(keys.events(PAGE), 0, -1)
    await supporting.come_in(service, lang="en")
    html = await supporting.see(service, f"/pages/{PAGE}")
    assert "Connection damaged" in html
    assert "cannot be read" in html
    for address in (
        paths.page_health(PAGE),
        paths.deliveries(PAGE),
        paths.delivery(PAGE, event_id.decode()),
        "/health",
    ):
        await supporting.see(service, address.removeprefix(supporting.ROOT))
    html = await supporting.see(service, paths.conversation(PAGE, PSID).removeprefix(supporting.ROOT), 500)
    assert "Something went wrong" in html
