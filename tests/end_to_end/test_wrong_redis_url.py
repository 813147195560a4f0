"""A REDIS_URL that is wrong for good ends the start at once, in one line that names it and quotes no secret."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from redis import Redis

from gateway.parts import compose
from gateway.startup import StoreWait
from tests.end_to_end.running import Running
from tests.end_to_end.world import World
from tests.gateway import web
from tests.ports import free_port
from tests.redis_server import redis_server
from tests.waiting import eventually

PASSWORD = "hunter2"
COMMANDS = [(), ("sender",)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Make a certificate that nobody trusts, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    paths = str(folder / "certificate.pem"), str(folder / "key.pem")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=redis")
    subprocess.run([*made, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[str, str]) -> Iterator[str]:
    """Run a Redis with a password, weak users and a port with TLS; give what stands behind the password in its URL."""
    tls = {
        "--tls-port": str(free_port()),
        "--tls-cert-file": certificate[0],
        "--tls-key-file": certificate[1],
        "--tls-ca-cert-file": certificate[0],
        "--tls-auth-clients": "no",
    }
    with redis_server(tmp_path_factory.mktemp("redis"), tls) as url, Redis.from_url(url) as opened:
        client: Any = opened
        for user, rights in (
            ("blind", ("~*", "+@all", "-info")),
            ("reader", ("~*", "+@all", "-set")),
            ("elsewhere", ("~other:*", "+@all")),
            ("scriptless", ("~*", "+@all", "-evalsha")),
        ):
            client.execute_command("ACL", "SETUSER", user, "on", f">{PASSWORD}", *rights)
        client.config_set("requirepass", PASSWORD)
        yield f"127.0.0.1:{urlsplit(url).port}"


def why_it_cannot_run(process: Running) -> str:
    """Return the one line that says why it ended."""
    assert process.end() == 1
    lines = [msgspec.json.decode(line, type=dict[str, Any]) for line in process.log.splitlines()]
    assert [line["event"] for line in lines if line["event"] in {"store.awaited", "process.cannot_run"}] == [
        "process.cannot_run"
    ]
    assert PASSWORD not in process.log
    return str(lines[-1]["why"])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("login", "database", "words"),
    [
        ("", "0", "wants a password (NOAUTH)"),
        (f":{PASSWORD}{PASSWORD}@", "0", "no such user with this password (WRONGPASS)"),
        (f"nobody:{PASSWORD}@", "0", "(WRONGPASS)"),
        (f":{PASSWORD}@", "99", "no database of this number"),
        (f"blind:{PASSWORD}@", "0", "does not permit this user what we need (NOPERM)"),
        (f"reader:{PASSWORD}@", "0", "(NOPERM)"),
        (f"elsewhere:{PASSWORD}@", "0", "(NOPERM)"),
        (f"scriptless:{PASSWORD}@", "0", "(NOPERM)"),
    ],
)
def test_a_url_that_redis_refuses_ends_the_start_at_once(
    world: World, guarded: str, command: tuple[str, ...], login: str, database: str, words: str
) -> None:
    process = world.start(*command, REDIS_URL=f"redis://{login}{guarded}/{database}", PORT=str(free_port()))
    why = why_it_cannot_run(process)
    assert why.startswith("REDIS_URL cannot be used: ")
    assert words in why


def test_a_certificate_that_is_not_trusted_ends_the_start_at_once(world: World, guarded: str) -> None:
    with Redis(port=int(guarded.rpartition(":")[2]), password=PASSWORD) as opened:
        client: Any = opened
        port = client.config_get("tls-port")["tls-port"]
    process = world.start(REDIS_URL=f"rediss://:{PASSWORD}@127.0.0.1:{port}/0", PORT=str(free_port()))
    assert "certificate" in why_it_cannot_run(process)


@pytest.mark.parametrize("command", [("check",), ("outbox",)])
def test_check_and_the_commands_say_the_same(world: World, guarded: str, command: tuple[str, ...]) -> None:
    process = world.start(*command, REDIS_URL=f"redis://reader:{PASSWORD}{PASSWORD}@{guarded}/0")
    assert process.end() != 0
    said = process.output() + process.log
    assert "REDIS_URL cannot be used: Redis knows no such user with this password (WRONGPASS)" in said
    assert PASSWORD not in said


def test_check_finds_a_user_who_may_not_write(world: World, guarded: str) -> None:
    process = world.start("check", REDIS_URL=f"redis://scriptless:{PASSWORD}@{guarded}/0")
    assert process.end() == 1
    assert "REDIS_URL cannot be used: Redis does not permit this user what we need (NOPERM)" in process.output()


async def test_what_may_pass_is_tried_again_with_one_line_each_time(world: World) -> None:
    process = world.start("sender", REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    await eventually(lambda: process.log.count("store.awaited") > 1)
    lines = [msgspec.json.decode(line, type=dict[str, Any]) for line in process.log.splitlines()]
    tries = [line for line in lines if line["event"] not in {"sender.starting", "wire_profile.unverified"}]
    assert {(line["event"], line["error"]) for line in tries} == {("store.awaited", "no connection to Redis")}
    assert [line["attempt"] for line in tries] == list(range(1, len(tries) + 1))
    assert all("REDIS_URL" in line["setting"] for line in tries)
    assert PASSWORD not in process.log


async def test_a_redis_that_is_full_is_no_reason_not_to_start(tmp_path: Path) -> None:
    """What waits in it can still be sent."""
    with redis_server(tmp_path, {"--maxmemory": "1"}) as url:
        parts = compose(web.settings(REDIS_URL=url))
        await StoreWait(parts).over()
        await parts.store.aclose()
