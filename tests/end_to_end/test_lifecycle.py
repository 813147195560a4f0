"""Starting and ending: what stops a start, what a stop may not lose, and what an outage of Redis does."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from redis.asyncio.cluster import RedisCluster

from actors import keys
from actors.connect import open_store
from tests.end_to_end.running import Running
from tests.end_to_end.world import PAGE, PSID, READY_WITHIN_S, World
from tests.ports import free_port
from tests.waiting import eventually

Start = Callable[..., Running]


class RestartableRedis:
    """A redis-server that keeps what it was told when it is killed."""

    def __init__(self, start: Start, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._start = start
        self._folder = folder

    def start(self, *options: str) -> Running:
        """Start it, on the same port and with the same data as before."""
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder))
        kept = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        return self._start("redis-server", *where, *kept, *options)


@pytest.fixture
def redis(start: Start, tmp_path: Path) -> RestartableRedis:
    """Give a redis-server that is not running yet."""
    return RestartableRedis(start, tmp_path)


@pytest.mark.parametrize("command", [(), ("sender",)])
def test_wrong_settings_end_the_start_with_a_line_each_and_code_2(world: World, command: tuple[str, ...]) -> None:
    process = world.start(*command, ADMIN_TOKEN="", PORT="http", REDIS_URL="localhost")
    assert process.end() == 2
    assert [line.split()[0] for line in process.log.splitlines()] == ["PORT", "REDIS_URL", "ADMIN_TOKEN"]


@pytest.mark.parametrize("command", [(), ("sender",), ("check",), ("outbox",)])
def test_bytes_that_are_not_utf_8_end_the_start_with_a_line(world: World, command: tuple[str, ...]) -> None:
    """In any setting: they would be met by a request, or by Redis, and by nobody who could change them."""
    process = world.start(*command, REDIS_URL="redis://:\udcff@localhost", MESSENGER_APP_SECRET="\udcff")
    assert process.end() in {1, 2}
    lines = process.log.splitlines()
    named = ["REDIS_URL"] if command == ("outbox",) else ["REDIS_URL", "MESSENGER_APP_SECRET"]
    assert lines == [f"{name} is not Unicode text in UTF-8" for name in named]


async def test_a_port_that_is_taken_ends_the_start_with_a_line_and_code_2(world: World) -> None:
    await world.start_web()
    port = world.url.rpartition(":")[2]
    second = world.start(PORT=port)
    assert second.end() == 2
    assert f"HOST and PORT cannot be listened on (127.0.0.1, {port})" in _why_it_cannot_run(second)
    assert await world.is_ready(), "the first one goes on"


@pytest.mark.parametrize("host", ["nowhere.invalid", "two..dots"])
def test_a_host_that_is_not_ours_ends_the_start_with_a_line_and_code_2(world: World, host: str) -> None:
    process = world.start(HOST=host, PORT=str(free_port()))
    assert process.end() == 2
    assert f"HOST and PORT cannot be listened on ({host}," in _why_it_cannot_run(process)


def _why_it_cannot_run(process: Running) -> str:
    assert "Traceback" not in process.log
    last = msgspec.json.decode(process.log.splitlines()[-1], type=dict[str, str])
    assert last["event"] == "process.cannot_run"
    return last["why"]


def test_the_sender_needs_a_redis_of_its_own(world: World) -> None:
    process = world.start("sender")
    assert process.end() == 2
    assert process.log.startswith("REDIS_URL ")


@pytest.mark.parametrize("command", [(), ("sender",)])
async def test_a_redis_that_may_evict_ends_the_start(
    world: World, redis: RestartableRedis, command: tuple[str, ...]
) -> None:
    redis.start("--maxmemory-policy", "allkeys-lru")
    process = world.start(*command, REDIS_URL=redis.url)
    assert process.end() == 1
    assert "maxmemory-policy is allkeys-lru" in _why_it_cannot_run(process)


async def test_a_redis_that_hides_its_policy_ends_the_start_unless_allowed(
    world: World, redis: RestartableRedis
) -> None:
    redis.start("--rename-command", "CONFIG", "")
    refused = world.start(REDIS_URL=redis.url)
    assert refused.end() == 1
    assert "maxmemory-policy cannot be read" in refused.log
    web = await world.start_web(REDIS_URL=redis.url, REDIS_ALLOW_EVICTION="yes")
    assert web.alive


async def test_it_waits_for_redis_and_says_so(world: World, redis: RestartableRedis) -> None:
    port = free_port()
    world.url = f"http://127.0.0.1:{port}"
    web = world.start(REDIS_URL=redis.url, PORT=str(port))
    await eventually(lambda: "store.awaited" in web.log)
    redis.start()
    await eventually(world.is_ready, within=READY_WITHIN_S)


@pytest.mark.parametrize("command", [(), ("sender",)])
async def test_it_can_be_ended_while_it_waits_for_redis(
    world: World, redis: RestartableRedis, command: tuple[str, ...]
) -> None:
    process = world.start(*command, REDIS_URL=redis.url, PORT=str(free_port()))
    await eventually(lambda: "store.awaited" in process.log)
    process.signal(signal.SIGTERM)
    assert process.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_ends_web_and_sender_with_code_0(
    world: World, real_redis_url: str, number: signal.Signals
) -> None:
    web = await world.start_web(REDIS_URL=real_redis_url)
    sender = world.start("sender", REDIS_URL=real_redis_url)
    await eventually(lambda: "sender.started" in sender.log)
    for process in (web, sender):
        process.signal(number)
    assert (web.end(), sender.end()) == (0, 0)
    assert f'"listens_on": ["{world.url.removeprefix("http://")}"]' in web.log
    assert "process.stopped" in web.log


async def test_a_sender_says_once_that_its_metrics_are_missing(world: World, real_redis_url: str) -> None:
    async with open_store(real_redis_url) as redis:
        await redis.set(keys.SENDERS, "something else")
        sender = world.start("sender", REDIS_URL=real_redis_url)
        await eventually(lambda: "sender.metrics_not_published" in sender.log)
        await redis.delete(keys.SENDERS)
        await eventually(lambda: redis.exists(keys.SENDERS))
    assert sender.log.count("sender.metrics_not_published") == 1


async def test_a_stop_lets_a_commit_in_flight_succeed(world: World, real_redis_url: str) -> None:
    web = await world.start_web(REDIS_URL=real_redis_url)
    await world.connect_page()
    async with open_store(real_redis_url) as redis:
        for node in redis.get_primaries() if isinstance(redis, RedisCluster) else [redis]:
            await node.execute_command("CLIENT PAUSE", 4_000, "WRITE")
        answer = asyncio.create_task(world.customer_comes_and_writes())
        await eventually(lambda: world.measures("webhooks_in_flight 1.0"))
        web.signal(signal.SIGTERM)
        assert await answer == 200
    assert web.end() == 0


async def test_a_stop_answers_at_once_a_webhook_that_is_still_arriving(world: World, real_redis_url: str) -> None:
    web = await world.start_web(REDIS_URL=real_redis_url)
    item = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": 1_790_000_000_000, "message": {"mid": "m"}}
    body = msgspec.json.encode({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]})
    headers = {"Host": "x", "Content-Length": str(len(body))} | world.sign(body)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", int(world.url.rpartition(":")[2]))
    writer.write(f"POST /webhooks/messenger HTTP/1.1\r\n{head}\r\n".encode() + body[:10])
    await eventually(lambda: world.measures("webhooks_arriving 1.0"))
    web.signal(signal.SIGTERM)
    answer = await reader.readline()
    writer.close()
    assert answer == b"HTTP/1.1 503 Service Unavailable\r\n"
    assert web.end() == 0


async def test_while_redis_is_away_webhooks_are_503_and_afterwards_nothing_is_missing(
    world: World, redis: RestartableRedis
) -> None:
    server = redis.start()
    world.settings["REDIS_URL"] = redis.url
    web = await world.start_web()
    sender = world.start("sender")
    await world.connect_page()
    server.signal(signal.SIGKILL)
    server.end()
    assert await world.customer_comes_and_writes() == 503
    assert not await world.is_ready()
    redis.start()
    await eventually(world.is_ready)
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")
    for process in (web, sender):
        process.signal(signal.SIGTERM)
    assert (web.end(), sender.end()) == (0, 0)


async def test_a_stop_during_an_outage_of_redis_ends_in_time(world: World, redis: RestartableRedis) -> None:
    server = redis.start()
    world.settings["REDIS_URL"] = redis.url
    web = await world.start_web()
    sender = world.start("sender")
    await eventually(lambda: "sender.started" in sender.log)
    server.signal(signal.SIGKILL)
    server.end()
    for process in (web, sender):
        process.signal(signal.SIGTERM)
    assert (web.end(), sender.end()) == (0, 0)
