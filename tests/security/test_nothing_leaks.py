"""What the service writes anywhere, searched for every secret and every personal datum that went through it."""

import asyncio
import hashlib
import json
import time
import unicodedata
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import ClientSession, CookieJar
from redis.asyncio import Redis

from tests.end_to_end.running import Running
from tests.end_to_end.world import PAGE, TOKEN, World, now_ms
from tests.gateway.pages.visiting import ROOT, csrf_of, link
from tests.gateway.web import order_headers
from tests.stores import Store
from tests.waiting import eventually

PSID, ADVERTISER = "7101", "7420000000000000001"
NAME, STREET = "Nguyễn Thị Kín Đáo", "17 ngõ Bí Mật"
PHONES = ("0912345678", "+84912345678")
EMAIL = "Kin.Dao+shop@Example.vn"
TEXT = "gọi em số 0912345678 nhé, kin.dao@example.vn"
PAGE_TOKEN = "EAAB-page-token-that-nobody-may-see"
WRONG = "wrong-token-that-is-somebodys-password"
SECRET_SETTINGS = (
    *("MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN", "HARASOCIAL_WEBHOOK_SECRET", "HARASOCIAL_SESSION_SECRET"),
    *("ADMIN_TOKEN", "ENCRYPTION_KEYS", "TIKTOK_APP_SECRET"),
)


class Trail:
    """All that anybody was answered, and what was learnt on the way that nobody else may learn."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, str]] = []
        self.of_session: list[str] = []
        self.secrets: list[str] = []
        self.statuses: set[int] = set()

    async def ask(self, http: ClientSession, method: str, url: str, **options: object) -> str:
        """Send a request, keep its answer, and return its body."""
        async with http.request(method, url, allow_redirects=False, **options) as answer:  # type: ignore[arg-type]
            body = await answer.text()
            kept = [f"{name}: {value}" for name, value in answer.headers.items() if name != "Set-Cookie"]
            self.statuses.add(answer.status)
            self.answers.append((f"{method} {urlsplit(url).path} {answer.status}", "\n".join([*kept, body])))
            self.location = answer.headers.get("Location", "")
        return body


def spellings(datum: str) -> Iterator[str]:
    """Give the ways in which a datum might be written: as it is, escaped, without accents, in other cases."""
    decomposed = unicodedata.normalize("NFD", datum)
    plain = "".join(each for each in decomposed if not unicodedata.combining(each)).replace("Đ", "D").replace("đ", "d")
    for each in (datum, decomposed, plain):
        for cased in (each, each.lower(), each.upper()):
            yield from (cased, quote(cased), quote(cased, safe=""), json.dumps(cased)[1:-1], repr(cased)[1:-1])


def digests() -> list[str]:
    """Give what TikTok is told of the customer; the store may hold it while unsent, nothing else ever."""
    return [hashlib.sha256(each.encode()).hexdigest() for each in ("+84912345678", EMAIL.lower())]


def personal() -> set[str]:
    """Give every personal datum, in all spellings."""
    phones = [*PHONES, "84912345678", "912345678", "0912 345 678", "0912.345.678", "+84 912 345 678"]
    data = [NAME, STREET, EMAIL, EMAIL.replace("+shop", ""), "Kín Đáo", TEXT, "gọi em số", *phones]
    return {spelling for datum in data for spelling in spellings(datum)}


def found(words: set[str], places: list[tuple[str, str]]) -> list[str]:
    """Name the places where one of these is written."""
    return [f"{place}: {word}" for place, text in places for word in sorted(words) if word and word in text]


async def everything_in(redis: Store) -> list[tuple[str, str]]:
    """Give every key of a Redis and all that it holds, as text."""
    reads = {
        b"hash": redis.hgetall,
        b"string": redis.get,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"stream": redis.xrange,
    }
    return [
        (key.decode(), "\n".join(_texts((key, await reads[await redis.type(key)](key)))))
        async for key in redis.scan_iter()
    ]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, dict):
        for each in value.items():
            yield from _texts(each)
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from _texts(each)


def messenger(at: int, **message: object) -> bytes:
    """Make a message at a time (ms, UTC), and the click of a minute before it."""
    party = {"sender": {"id": PSID}, "recipient": {"id": PAGE}}
    clicked = party | {"timestamp": at - 60_000, "referral": {"ref": "tt-ad-1", "source": "SHORTLINK"}}
    wrote = party | {"timestamp": at, "message": {"mid": "m-1", "text": TEXT} | message}
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [clicked, wrote]}]}).encode()


def order(**changes: object) -> bytes:
    """Make the push of a confirmed order with everything about its customer."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    person = {"name": NAME, "first_name": NAME, "phone": PHONES[0], "email": EMAIL, "address1": STREET}
    told = {
        "id": 1225410593,
        "created_at": at,
        "updated_at": at,
        "confirmed_status": "confirmed",
        "confirmed_at": at,
        "currency": "VND",
        "total_price": 600000.0,
        "email": EMAIL,
        "contact_email": EMAIL,
        "note": TEXT,
        "customer": person,
        "shipping_address": person,
        "billing_address": person | {"phone": PHONES[1]},
        "note_attributes": [{"name": NAME, "value": TEXT}],
    }
    conversation = {"channel": "messenger", "page_id": PAGE, "psid": PSID}
    return json.dumps({"conversation": conversation, "order": told | changes}).encode()


async def customer(world: World, http: ClientSession, trail: Trail) -> None:
    """Talk and order; then as it goes wrong: unsigned, cut off, unreadable, without what is needed."""
    meta, hara = world.url + "/webhooks/messenger", world.url + "/webhooks/harasocial"
    at = now_ms()  # of all that is sent: a millisecond later it would be another click, with events of its own
    whole, push = messenger(at), order()
    for body in (whole, whole[:-5], b"[" + whole, messenger(at, mid={"a": TEXT}, referral=TEXT), TEXT.encode("utf-16")):
        await trail.ask(http, "POST", meta, data=body, headers=world.sign(body))
        await trail.ask(http, "POST", meta, data=body, headers={"X-Hub-Signature-256": f"sha256={EMAIL}"})
    damaged = (order(id=NAME * 9), order(id={"a": EMAIL}), order(created_at=TEXT), order(currency=NAME))
    for body in (push, push[:-5], *damaged, order(total_price=TEXT), TEXT.encode("utf-16")):
        await trail.ask(http, "POST", hara, data=body, headers=order_headers(body))
        await trail.ask(http, "POST", hara, data=body, headers={"X-Haravan-HmacSha256": EMAIL})
    await trail.ask(http, "POST", meta + "/data-deletion", data={"signed_request": f"{EMAIL}.{NAME}"})
    for each in (meta, hara):
        await trail.ask(http, "GET", each, params={"hub.verify_token": WRONG, "hub.mode": "subscribe"})


async def operator(world: World, http: ClientSession, trail: Trail) -> None:
    """Use the API, rightly and wrongly."""
    right = {"Authorization": f"Bearer {world.settings['ADMIN_TOKEN']}"}
    of_page, of_customer = f"{world.url}/api/pages/{PAGE}", f"{world.url}/api/conversations/{PAGE}/{PSID}"
    for url in (f"{of_page}/connection", f"{of_page}/events", of_customer, f"{of_customer}/timeline"):
        for headers in (right, {"Authorization": f"Bearer {WRONG}"}, {}):
            await trail.ask(http, "GET", url, headers=headers)
    for body in ({"access_token": f"{TOKEN} "}, {"access_token": TOKEN, "store_id": 1}, {"acces_token": TOKEN}, TOKEN):
        await trail.ask(http, "PUT", f"{of_page}/connection", headers=right, json=body)
    for path in ("/metrics", "/openapi.json", "/readyz", f"/{quote(NAME)}?{quote(TEXT)}"):
        await trail.ask(http, "GET", world.url + path)


async def seller(world: World, http: ClientSession, trail: Trail, redis: Store) -> None:
    """Come in, look, go to TikTok and back, and meet what can go wrong; the last of it is a bug of ours."""
    pages = world.url + ROOT
    token = link(pages=[{"id": PAGE, "name": "Đầm xinh", "token": PAGE_TOKEN}])
    forged = token[:-6] + "AAAAAA"
    trail.secrets += [token, forged]
    for each in (forged, token, token):
        await trail.ask(http, "GET", pages, params={"session": each})
    (cookie,) = {each.value for each in http.cookie_jar}
    for path in ("", f"/pages/{PAGE}", f"/pages/{PAGE}/pause", f"/pages/{PAGE}/events", f"/pages/{PAGE}/connect"):
        html = await trail.ask(http, "GET", pages + path)
        trail.of_session += [csrf_of(html)] if 'name="csrf"' in html else []
    trail.of_session += [cookie]
    csrf = trail.of_session[0]
    await trail.ask(http, "POST", f"{pages}/pages/{PAGE}/pause", data={"csrf": WRONG})
    await trail.ask(http, "GET", f"{pages}/pages/nobodys")
    await trail.ask(http, "POST", f"{pages}/pages/{PAGE}/authorise", data={"csrf": csrf})
    async with http.post(trail.location, data={"answer": "allow"}, allow_redirects=False) as consent:
        back = parse_qs(urlsplit(consent.headers["Location"]).query)
    trail.secrets += [back["auth_code"][0]]
    for _ in range(2):
        query = {name: values[0] for name, values in back.items()}
        await trail.ask(http, "GET", f"{world.url}/oauth/tiktok/callback", params=query)
    (key,) = [key async for key in redis.scan_iter(match="session:*")]
    await redis.hdel(key, "role")
    await trail.ask(http, "GET", pages)


def written_by(*processes: Running) -> list[tuple[str, str]]:
    """End the processes, and give all that they wrote."""
    for process in processes:
        process.signal()
    ended = [process.end() for process in processes]
    assert ended == [0] * len(processes)
    return [(f"process {number}", each.log + each.output()) for number, each in enumerate(processes)]


async def test_nothing_secret_or_personal_is_written_anywhere(world: World, redis_url: str) -> None:
    """Every process as talkative as Python can be made, every kind of failure once."""
    world.settings |= {"REDIS_URL": redis_url, "PYTHONDEVMODE": "1", "PYTHONASYNCIODEBUG": "1", "AIOHTTP_DEBUG": "1"}
    trail = Trail()
    async with Redis.from_url(redis_url) as redis, ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        await redis.flushall()
        web, sender = await world.start_web(), world.start("sender")
        await world.connect_page()
        quoting = f"no good: email {EMAIL}, name '{NAME}', phone {PHONES[1]}, hash {digests()[0]}"
        script = [{"action": "http", "http_status": 502}, {"action": "code", "code": 50000, "message": quoting}]
        await world.sandbox("script", script)
        await customer(world, http, trail)
        await world.tiktok_gets("CompletePayment", "Conversation", "InitiateCheckout")
        await operator(world, http, trail)
        await seller(world, http, trail, redis)
        await redis.client_pause(7_000, all=False)
        body = messenger(now_ms())
        await trail.ask(http, "POST", f"{world.url}/webhooks/messenger", data=body, headers=world.sign(body))
        await redis.client_unpause()
        await eventually(world.is_ready)
        stored = await everything_in(redis)
    written = await asyncio.to_thread(written_by, web, sender)
    assert {200, 303, 400, 401, 403, 404, 500, 503} <= trail.statuses, trail.statuses
    secret = {world.settings[name] for name in SECRET_SETTINGS} | {TOKEN, PAGE_TOKEN, *trail.secrets}
    everywhere = [*written, *trail.answers, *stored]
    assert found(secret | {WRONG} | personal(), everywhere) == []
    assert found(set(trail.of_session), written) == []
    assert found(set(digests()), everywhere) == []
    assert "request.failed" in written[0][1]
    assert "event.fired" in written[0][1]
    assert "50000" in str(stored), "TikTok's failure was met, and is kept without its words"
