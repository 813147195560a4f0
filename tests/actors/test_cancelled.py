"""F14: every call of the actors cancelled at each of its suspensions, on a real Redis and with production's client."""

import ast
import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import actors
from actors.connect import open_store
from tests.actors.cancelled_calls import CALLS, ELSEWHERE, Done
from tests.actors.scene import Process, Scene
from tests.cancelling import every_cut, expect_sane
from tests.proxy import proxy_to

SWALLOWS = sys.version_info < (3, 12)
"""Whether `asyncio.wait_for`, through which the client sends, may swallow a cancellation (python/cpython#86296)."""


@pytest.fixture
async def scene(real_redis_url: str) -> AsyncIterator[Scene]:
    """Give a store in which something of everything lies, behind production's client, and some turns of the loop away.

    From a Redis on loopback a reply may be there before anybody waits for it.
    """
    async with proxy_to(real_redis_url) as (_, url), open_store(url) as store:
        scene = Scene(store)
        await scene.build()
        yield scene


@pytest.fixture
async def complaints() -> AsyncIterator[list[dict[str, Any]]]:
    """Collect what the loop has to complain of: errors that nobody has heard."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    yield heard
    asyncio.get_running_loop().set_exception_handler(None)


@pytest.mark.parametrize("name", CALLS)
async def test_a_cancelled_call_leaves_nothing_behind_and_can_be_made_again(
    name: str, scene: Scene, complaints: list[dict[str, Any]]
) -> None:
    """No reply for others, no connection, no task; made again it is told, and leaves, what one call would."""
    await cancel_everywhere(name, scene)
    assert complaints == []


@pytest.mark.parametrize("name", ["Connections.read", "Claims.claim", "Views.rows", "Conversations.tell"])
async def test_so_does_one_that_has_to_connect_first(name: str, scene: Scene, complaints: list[dict[str, Any]]) -> None:
    """A command, a script, a pipeline and a commit, each on a connection that is not there yet."""
    await cancel_everywhere(name, scene, unconnected=True)
    assert complaints == []


async def cancel_everywhere(name: str, scene: Scene, *, unconnected: bool = False) -> None:
    """Cut one call at each of its suspensions, and look at what that leaves."""
    called = CALLS[name]
    call, already = called if isinstance(called, Done) else Done(called, lambda _: False)
    await scene.restore()
    told = scene.plain(await call(Process(scene)))
    stored = await scene.stored()
    cancelled = 0
    for cut in every_cut():
        await scene.restore()
        process = Process(scene)
        if unconnected:
            await scene.store.connection_pool.disconnect()
        ended = await cut.through(call(process))
        assert ended or not cut.heard or SWALLOWS, cut
        await cut.at_rest()
        await expect_sane(scene.store)
        again = await call(process)
        assert scene.plain(again) == told or already(again), cut
        assert await scene.stored() == stored, cut
        cancelled += ended
    assert cancelled


def test_no_call_is_missing() -> None:
    """A public coroutine that is new must be cancelled, too."""
    tested = {name.partition(",")[0] for name in CALLS}
    assert tested.isdisjoint(ELSEWHERE)
    assert tested | set(ELSEWHERE) == set(public_coroutines())


def public_coroutines() -> Iterator[str]:
    """Name every public coroutine of the actors by its class or module."""
    for path in sorted(Path(actors.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text())
        owners = {path.stem: tree.body} | {each.name: each.body for each in tree.body if isinstance(each, ast.ClassDef)}
        for owner, body in owners.items():
            names = [each.name for each in body if isinstance(each, ast.AsyncFunctionDef)]
            yield from (f"{owner}.{name}" for name in names if not owner.startswith("_") and not name.startswith("_"))
