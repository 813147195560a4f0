"""Histories on their way through real processes, as Meta and HaraSocial would bring them."""

import asyncio
import base64
import hashlib
import hmac
import time
from itertools import chain, takewhile
from random import Random
from typing import Any, NamedTuple

import msgspec
from aiohttp import ClientConnectionError, ClientSession

from tests.end_to_end.world import TOKEN, World
from tests.judge.facts import Clicked, Pushed, Said
from tests.judge.histories import Delivery
from tests.judge.wire import Customer, messenger_body, order_body

ADVERTISER = "7000000000000000001"
AT_ONCE = 16
REPEATED = 0.15
AGAIN_S, MOST_ATTEMPTS = 0.1, 600


class Post(NamedTuple):
    """One signed webhook."""

    path: str
    body: bytes
    headers: dict[str, str]


class Traffic:
    """Meta and HaraSocial before several gateways: in turn, in batches, repeated until answered 200 and beyond."""

    def __init__(self, world: World, http: ClientSession, gateways: list[str], dice: Random) -> None:
        """Know the gateways by their URLs."""
        self._world = world
        self._http = http
        self._gateways = gateways
        self._dice = dice
        self._delivered: list[Post] = []
        self._free = asyncio.Semaphore(AT_ONCE)
        self._succeeded_at = time.monotonic()
        self.longest_silence_s = 0.0

    async def connect(self, page_id: str, complete_payment_on: str, *, paused: bool = False) -> None:
        """Connect a page to the event set of its own number, or change its connection."""
        connection = {
            "store_id": "s-1",
            "advertiser_id": ADVERTISER,
            "event_set_id": event_set(page_id),
            "access_token": TOKEN,
            "complete_payment_on": complete_payment_on,
            "paused": paused,
        }
        url = f"{self._gateways[0]}/api/pages/{page_id}/connection"
        async with self._http.put(url, json=connection, headers=self._world.operator) as answer:
            assert answer.ok, await answer.text()

    async def deliver(self, stories: dict[Customer, list[Delivery]]) -> None:
        """Deliver histories side by side. Each keeps its order, since the judge must know it; repeats come anywhere."""
        left = {customer: [*story] for customer, story in stories.items() if story}
        while left:
            posts = self._posts([(customer, self._next(story)) for customer, story in left.items()])
            repeats = self._dice.sample(self._delivered, min(len(self._delivered), round(len(posts) * REPEATED)))
            twice = [post for post in posts if self._dice.random() < REPEATED]
            await asyncio.gather(
                *(self._post(post, gateway) for gateway, post in enumerate([*posts, *twice, *repeats]))
            )
            self._delivered += posts
            left = {customer: story for customer, story in left.items() if story}

    async def race(self, stories: dict[Customer, list[Delivery]]) -> None:
        """Deliver histories without waiting, so that one conversation's facts meet in several gateways at once."""
        posts: list[Post] = []
        for customer, story in stories.items():
            for delivery in self._dice.sample(story, len(story)):
                posts += self._posts([(customer, [delivery])])
        await asyncio.gather(*(self._post(post, gateway) for gateway, post in enumerate(posts)))

    async def accepted(self) -> list[dict[str, Any]]:
        """Return the events that TikTok counts."""
        accepted: list[dict[str, Any]] = (await self._world.sandbox_tells("accepted"))["accepted"]
        return accepted

    async def arrivals(self) -> list[int]:
        """Return when each request to record events came in at TikTok (ms)."""
        return sorted(each["arrived_at"] for each in (await self._world.sandbox_tells("requests"))["requests"])

    async def forget_accepted(self) -> None:
        """Let TikTok, and who repeats, begin anew."""
        self._delivered.clear()
        await self._world.sandbox("reset")

    async def register(self, page_ids: list[str]) -> None:
        """Let TikTok know the token that all pages use."""
        sets = [event_set(page_id) for page_id in page_ids]
        account = {"access_token": TOKEN, "advertiser_ids": [ADVERTISER], "event_set_ids": sets}
        await self._world.sandbox("tokens", account)

    def _next(self, story: list[Delivery]) -> list[Delivery]:
        """Take what travels next in one POST: a push of an order, or a few items of Messenger."""
        some = story[: self._dice.choice((1, 1, 2, 3))]
        taken = list(takewhile(lambda each: not isinstance(each[0], Pushed), some)) or story[:1]
        times = [each[0].at for each in taken if isinstance(each[0], Clicked | Said)]
        # Rule 2 puts a click before a message of the same time, wherever it stands in the POST.
        taken = taken if len(times) == len(set(times)) else taken[:1]
        del story[: len(taken)]
        return taken

    def _posts(self, turns: list[tuple[Customer, list[Delivery]]]) -> list[Post]:
        self._dice.shuffle(turns)
        posts = []
        items = []
        for customer, deliveries in turns:
            first = deliveries[0][0]
            if isinstance(first, Pushed):
                posts.append(self._harasocial(order_body(customer, first)))
            else:
                items.append([(customer, delivery) for delivery in deliveries])
        while items:
            together = self._dice.choice((1, 1, 2, 5))
            posts.append(self._messenger(messenger_body(self._dice, list(chain.from_iterable(items[:together])))))
            del items[:together]
        return posts

    def _messenger(self, content: dict[str, Any]) -> Post:
        body = msgspec.json.encode(content)
        return Post("/webhooks/messenger", body, self._world.sign(body))

    def _harasocial(self, content: dict[str, Any]) -> Post:
        body = msgspec.json.encode(content)
        secret = self._world.settings["HARASOCIAL_WEBHOOK_SECRET"].encode()
        signature = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
        headers = {"X-Haravan-HmacSha256": signature, "X-Haravan-Topic": "orders/updated", "X-Haravan-Org-Id": "2"}
        return Post("/webhooks/harasocial", body, headers)

    async def _post(self, post: Post, gateway: int) -> None:
        async with self._free:
            # What was not answered 200 is repeated, elsewhere, as Meta does for 36 hours.
            for attempt in range(gateway, gateway + MOST_ATTEMPTS):
                if await self._is_taken(self._gateways[attempt % len(self._gateways)] + post.path, post):
                    self._note_success()
                    return
                await asyncio.sleep(AGAIN_S)
        raise AssertionError("no gateway has taken it in")

    async def _is_taken(self, url: str, post: Post) -> bool:
        try:
            async with self._http.post(url, data=post.body, headers=post.headers) as answer:
                assert answer.status in {200, 503}, await answer.text()
                return answer.status == 200
        except ClientConnectionError:
            return False  # nobody listens there now, or it died before it answered

    def _note_success(self) -> None:
        now = time.monotonic()
        self.longest_silence_s = max(self.longest_silence_s, now - self._succeeded_at)
        self._succeeded_at = now


def event_set(page_id: str) -> str:
    """Return the event set of a page, so that TikTok's side tells pages apart."""
    return f"735{page_id:0>16}"
