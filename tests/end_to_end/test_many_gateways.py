"""Two gateways and two senders on the same conversations give what the rule book says, as if there were one of each."""

import asyncio
import random
from typing import Any

import msgspec
from aiohttp import ClientSession

from tests.end_to_end.world import PAGE, World, now_ms
from tests.waiting import eventually

CUSTOMERS = 25
SEED = 20_261_124


class Customer:
    """A customer who clicked an hour ago, what was said since, and what must come of it."""

    def __init__(self, psid: str, dice: random.Random) -> None:
        """Invent a conversation."""
        self.psid = psid
        self.clicked_at = now_ms() - 3_600_000
        self.authors = [dice.choice("ccp") for _ in range(dice.randint(0, 9))]

    def click(self) -> dict[str, Any]:
        """Return the referral as Messenger tells it."""
        referral = {"ref": f"tt-{self.psid}", "source": "SHORTLINK", "type": "OPEN_THREAD"}
        return self._item(self.clicked_at, "c") | {"referral": referral}

    def messages(self) -> list[dict[str, Any]]:
        """Return what was said, a second apart."""
        return [
            self._item(self.clicked_at + 1_000 * (i + 1), author)
            | {"message": {"mid": f"m_{self.psid}_{i}", "text": "x", "is_echo": author == "p"}}
            for i, author in enumerate(self.authors)
        ]

    def due(self) -> list[str]:
        """Say by the rule book, in the plainest way, what must fire."""
        first = ["Conversation"] if "c" in self.authors else []
        valid = ["ValidConversation"] if "c" in self.authors[5:] else []
        return first + valid

    def _item(self, at: int, author: str) -> dict[str, Any]:
        ends = {"sender": {"id": self.psid}, "recipient": {"id": PAGE}}
        return {"timestamp": at} | (
            ends if author == "c" else {"sender": ends["recipient"], "recipient": ends["sender"]}
        )


async def test_two_of_each_are_as_good_as_one(world: World, http: ClientSession, real_redis_url: str) -> None:
    """Messages of the same conversations reach both gateways at once, some of them twice."""
    world.settings["REDIS_URL"] = real_redis_url
    urls = []
    for _ in range(2):
        await world.start_web()
        urls.append(world.url)
        world.start("sender")
    await world.connect_page()
    dice = random.Random(SEED)
    customers = [Customer(str(7_000 + i), dice) for i in range(CUSTOMERS)]

    async def post(item: dict[str, Any]) -> None:
        body = msgspec.json.encode({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]})
        url = dice.choice(urls) + "/webhooks/messenger"
        async with http.post(url, data=body, headers=world.sign(body)) as answer:
            assert answer.status == 200

    await eventually(lambda: _all_see_the_page(http, world, urls))
    await asyncio.gather(*(post(customer.click()) for customer in customers))
    messages = [message for customer in customers for message in customer.messages()]
    twice = [*messages, *dice.sample(messages, len(messages) // 3)]
    for start in range(0, len(twice), 40):
        await asyncio.gather(*(post(message) for message in twice[start : start + 40]))

    expected = sorted((customer.psid, event) for customer in customers for event in customer.due())
    await eventually(lambda: _count_is(world, len(expected)))
    assert await _delivered(http, world, urls[0]) == expected
    assert len(await _accepted(world)) == len(expected)


async def _all_see_the_page(http: ClientSession, world: World, urls: list[str]) -> bool:
    """Tell whether both gateways know the connection, which they do within five seconds."""
    headers = {"Authorization": f"Bearer {world.settings['ADMIN_TOKEN']}"}
    answers = []
    for url in urls:
        async with http.get(f"{url}/api/pages/{PAGE}/connection", headers=headers) as answer:
            answers.append(answer.status == 200)
    return all(answers)


async def _accepted(world: World) -> list[dict[str, Any]]:
    accepted: list[dict[str, Any]] = (await world.sandbox_tells("accepted"))["accepted"]
    return accepted


async def _count_is(world: World, number: int) -> bool:
    return len(await _accepted(world)) >= number


async def _delivered(http: ClientSession, world: World, url: str) -> list[tuple[str, str]]:
    """Return whose events TikTok has, by way of our delivery log: TikTok itself never sees a psid."""
    headers = {"Authorization": f"Bearer {world.settings['ADMIN_TOKEN']}"}
    async with http.get(f"{url}/api/pages/{PAGE}/events?limit=100", headers=headers) as answer:
        rows = (await answer.json())["events"]
    ids = {each["event_id"] for each in await _accepted(world)}
    return sorted((row["psid"], row["event"]) for row in rows if row["event_id"] in ids)
