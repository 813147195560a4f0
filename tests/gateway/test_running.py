"""How a command runs: what it says, and with which code it ends, where it cannot."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.service import Service, click, said, serve
from tests.gateway.test_commands import ROOT, run, run_json
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now


@pytest.mark.parametrize("command", [("explain", PAGE, PSID), ("outbox",)])
@pytest.mark.parametrize("url", ["redis://host?foo=bar", "redis://host/notadb", "localhost"])
async def test_a_wrong_url_of_redis_is_one_line_that_names_it(command: tuple[str, ...], url: str) -> None:
    code, output = await run(*command, redis_url=url)
    assert code == 2
    assert output.startswith("REDIS_URL ")
    assert output.count("\n") == 1


@pytest.fixture
async def service(real_redis_url: str) -> AsyncIterator[Service]:
    """Serve the application on Redis, where nobody sends."""
    async with serve(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes") as running:
        yield running


async def test_a_conversation_without_a_click_is_known_and_its_timeline_empty(
    service: Service, real_redis_url: str
) -> None:
    """As the API says of it: 200."""
    await service.connect()
    await service.messenger(now() - 5_000, said("m1"))
    assert await run("timeline", PAGE, PSID, "--language", "en", redis_url=real_redis_url) == (
        0,
        "There are no entries here.\n",
    )
    assert await run_json("timeline", PAGE, PSID, redis_url=real_redis_url) == (0, {"entries": [], "next": None})
    code, output = await run("timeline", PAGE, "nobody", redis_url=real_redis_url)
    assert (code, output.startswith("Nothing is known of this conversation")) == (1, True)


@pytest.mark.parametrize(("order", "beyond"), [("--newest-first", "1-1"), ("--oldest-first", "9999999999999-0")])
async def test_beyond_the_last_entry_there_is_nothing_but_the_conversation_is_known(
    service: Service, real_redis_url: str, order: str, beyond: str
) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click())
    code, output = await run("timeline", PAGE, PSID, order, "--before", beyond, redis_url=real_redis_url)
    assert (code, output) == (0, "Không có mục nào ở đây.\n")


@pytest.mark.parametrize("order", ["--newest-first", "--oldest-first"])
@pytest.mark.parametrize("beyond", ["abc", "0-0"])
async def test_what_is_no_entry_is_said_to_be_none(real_redis_url: str, order: str, beyond: str) -> None:
    """It is not Redis that is wrong."""
    code, output = await run("timeline", PAGE, PSID, order, "--before", beyond, redis_url=real_redis_url)
    assert (code, output.count("\n")) == (2, 1)
    assert output.startswith(f"{'--after' if order == '--oldest-first' else '--before'} must be the id of an entry")


def ends(command: tuple[str, ...], output: str, **environment: str) -> tuple[int, bytes]:
    """Run the command line with a file for its output; return its code and what it said on stderr."""
    with Path(output).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *command],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", [("key", PAGE), ("outbox", "--json"), ("outbox",), ("key", "--help")])
def test_output_for_which_there_is_no_room_is_one_line(
    real_redis_url: str, command: tuple[str, ...], unbuffered: str
) -> None:
    """Python writes some of it only when it ends, and would then complain in its own way."""
    told = (1, b"the output cannot be written: No space left on device\n")
    assert ends(command, "/dev/full", REDIS_URL=real_redis_url, PYTHONUNBUFFERED=unbuffered) == told


@pytest.mark.parametrize("command", [("outbox",), ("explain", PAGE, PSID)])
async def test_output_in_letters_that_the_terminal_does_not_have_is_one_line(
    service: Service, real_redis_url: str, command: tuple[str, ...]
) -> None:
    await service.connect()
    await service.messenger(now() - 5_000, click(), said("m1"))
    told = (1, b"the output cannot be written in ascii: set PYTHONIOENCODING=utf-8\n")
    assert ends(command, os.devnull, REDIS_URL=real_redis_url, PYTHONIOENCODING="ascii") == told
    assert ends((*command, "--json"), os.devnull, REDIS_URL=real_redis_url, PYTHONIOENCODING="ascii") == (0, b"")
