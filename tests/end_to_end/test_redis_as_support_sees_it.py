"""What support finds with redis-cli alone, after real traffic: text, documented, and nothing that stays for ever."""

import re
from pathlib import Path

import msgspec

from actors.connect import open_store
from tests.end_to_end.world import World
from tests.stores import Store

README = Path(__file__).parents[2] / "README.md"
STAYS = {"connection", "connections"}
JSON_FIELDS = {"state", "purchase", "choices"}
BARE_TIME = re.compile(r'"(\w*at)":\d{10,15}(?=[,}])(?!,"\1_utc":")')


async def test_every_key_is_documented_readable_and_ends_by_itself(world: World, real_redis_url: str) -> None:
    """Each key stands in the README's table; hashes hold text and JSON; only connections have no expiry."""
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    await world.connect_page()
    assert await world.customer_comes_and_writes() == 200
    assert await world.order_is_confirmed() == 200
    world.start("sender")
    await world.tiktok_gets("Conversation", "InitiateCheckout", "CompletePayment")
    documented = set(re.findall(r"^\| `([a-z_]+)", README.read_text(), re.MULTILINE))

    async with open_store(real_redis_url) as client:
        store: Store = client
        for key in await store.keys():
            kind = key.decode().split(":", 1)[0]
            assert kind in documented, f"{kind} is not in the README's table of keys"
            assert (await store.ttl(key) == -1) == (kind in STAYS), key
            if await store.type(key) == b"hash":
                assert_readable(await store.hgetall(key))
            if await store.type(key) == b"stream":
                for _, entry in await store.xrange(key):
                    assert not BARE_TIME.search(entry[b"entry"].decode())


def assert_readable(row: dict[bytes, bytes]) -> None:
    """Check that a hash is text for people: JSON is JSON, and every time in milliseconds has its ISO twin."""
    for field, value in row.items():
        name, text = field.decode(), value.decode()
        assert text.isprintable()
        if name in JSON_FIELDS:
            assert msgspec.json.decode(text)
            assert not BARE_TIME.search(text)
        if name.endswith("_at"):
            assert f"{name}_utc".encode() in row, name
