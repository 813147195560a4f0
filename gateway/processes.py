"""The long-running processes, web and sender, from the start to the end of a graceful stop."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final, TypeVar, cast

import structlog
import typer
import uvloop
from aiohttp import web

from actors.background import in_background, until
from actors.errors import ActorError, StoreUnavailable
from actors.pulse import written
from actors.sender_metrics import PUBLISHED_S, SenderMetrics
from gateway.app import make_app
from gateway.clock import now_ms
from gateway.draining import DRAINING, linger
from gateway.listening import Listening, listen
from gateway.logs import configure_logging
from gateway.pages.links import LONGEST_LINK
from gateway.parts import Parts, compose
from gateway.sending import open_sender
from gateway.settings import Settings, SettingsError
from gateway.shedding import SheddingConnection
from gateway.startup import StoreWait
from gateway.waiting import waiting

STOP_S: Final = 8.0
"""How long requests in flight may take to end. aiohttp waits up to twice as long: a platform should allow 30 s."""

KEEP_ALIVE_S: Final = 75.0
"""Also how long a client may take for its first headers."""

LONGEST_LINE: Final = LONGEST_LINK + 1024
"""Bytes of a request line: a seller's link names every page of the store."""

CONNECTIONS: Final[Mapping[str, Any]] = {
    "keepalive_timeout": KEEP_ALIVE_S,
    "access_log": None,
    "auto_decompress": False,
    "max_line_size": LONGEST_LINE,
}
"""Options of aiohttp's for each connection, and for the server that keeps them."""

COLLECT_AFTER: Final = (2_000, 200, 20)
"""Allocations before the cyclic garbage collector looks at its youngest, middle and oldest objects.

Webhooks wait meanwhile, so few young ones at a time: 20,000 took 28 ms. The others rarely: most of them stay anyway.
"""

SOON_S: Final = 1.0
"""How long the store may take to be found before anybody listens.

A proxy takes who refuses its connection for one that is starting and tries another; a 503 it may pass on. So a process
that finds its store at once, as in a rolling restart, never says 503.
"""

CANNOT_RUN: Final = 1
WRONG_SETTINGS: Final = 2

Begun = TypeVar("Begun")

log = structlog.get_logger()


def run_web(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises typer.Exit when Redis refuses us or would lose data, or where nobody can listen.
    """
    _begin("web.starting", settings, host=settings.host, port=settings.port)
    _run(_serve, settings)


def run_sender(settings: Settings) -> None:
    """Deliver until SIGTERM or SIGINT. Raises typer.Exit when Redis refuses us or would lose data."""
    _begin("sender.starting", settings)
    _run(_deliver, settings)


def _begin(event: str, settings: Settings, **where: str | int) -> None:
    configure_logging()
    # What is loaded by now stays until the end: the collector need not walk it again and again.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    log.info(event, store="embedded" if settings.embedded else "redis", **where)
    if not settings.wire_profile.verified:
        log.warning("wire_profile.unverified", why="nobody has seen TikTok count events of this shape yet")


def _run(process: Callable[[Parts], Coroutine[Any, Any, None]], settings: Settings) -> None:
    try:
        uvloop.run(process(compose(settings)))
    except ActorError as error:
        log.error("process.cannot_run", why=str(error))  # noqa: TRY400  the reason says it all
        raise typer.Exit(CANNOT_RUN) from None
    except SettingsError as error:
        log.error("process.cannot_run", why=str(error))  # noqa: TRY400  likewise
        raise typer.Exit(WRONG_SETTINGS) from None
    log.info("process.stopped")


async def _serve(parts: Parts) -> None:
    app, wait, stopping = make_app(parts), StoreWait(parts), asyncio.Event()
    runner = web.AppRunner(app, shutdown_timeout=STOP_S, **CONNECTIONS)

    def stop() -> None:
        wait.give_up()
        stopping.set()

    try:
        listening = await _started(_open(runner, wait, parts), "web.starting", stop)
        if listening is None or runner.server is None:
            return
        log.info("web.started", listens_on=[f"{host}:{port}" for host, port in listening.addresses])
        await stopping.wait()
        app[DRAINING].begin()
        await asyncio.sleep(parts.settings.drain_s)
        await listening.stop()
        await linger(runner.server)
    finally:
        await runner.cleanup()
        await parts.store.aclose()  # if the application never began, it did not


async def _open(runner: web.AppRunner, wait: StoreWait, parts: Parts) -> Listening:
    """Return what listens once the store is safe; until then, unless that is soon, what listens asks to repeat."""
    try:
        await wait.over(SOON_S)
    except StoreUnavailable:
        return await _open_waiting(runner, wait, parts)
    return await _listen(await _begin_app(runner), parts.settings)


async def _open_waiting(runner: web.AppRunner, wait: StoreWait, parts: Parts) -> Listening:
    async with waiting(parts, wait) as server:
        listening = await _listen(server, parts.settings)
        async with AsyncExitStack() as unless_begun:
            unless_begun.push_async_callback(listening.stop)
            await wait.over()
            listening.serve(await _begin_app(runner))
            unless_begun.pop_all()
        return listening


async def _begin_app(runner: web.AppRunner) -> Callable[[], asyncio.Protocol]:
    await runner.setup()
    server = cast("web.Server", runner.server)  # there is one after the setup
    return partial(SheddingConnection, runner.app, server, **CONNECTIONS)


async def _listen(protocol: Callable[[], asyncio.Protocol], settings: Settings) -> Listening:
    host, port = settings.host, settings.port
    try:
        return await listen(protocol, host, port)
    except (OSError, UnicodeError) as error:
        # A name with an empty or endless label is a UnicodeError; its text does not help.
        why = error.strerror if isinstance(error, OSError) else "this is no name of a host"
        raise SettingsError((f"HOST and PORT cannot be listened on ({host}, {port}): {why}",)) from error


async def _deliver(parts: Parts) -> None:
    wait = StoreWait(parts)
    try:
        async with open_sender(parts) as sender:

            def stop() -> None:
                wait.give_up()
                sender.stop()

            if await _started(_waited(wait), "sender.starting", stop):
                log.info("sender.started")
            # One that is stopped by now ends at once.
            publishing = in_background(partial(_publish, parts.sender_metrics), "sender.metrics")
            async with publishing, written(parts.pulse, parts.store):
                await sender.run()
    finally:
        await parts.store.aclose()


async def _waited(wait: StoreWait) -> bool:
    await wait.over()
    return True


async def _started(start: Coroutine[Any, Any, Begun], name: str, stop: Callable[[], None]) -> Begun | None:
    """Start, and let SIGTERM and SIGINT call `stop` from now on. None when one of them came before the end of that."""
    starting, ending = asyncio.create_task(start, name=name), asyncio.Event()

    def end() -> None:
        # All, whatever the moment: who waits for Redis ends at once.
        ending.set()
        stop()
        starting.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    await asyncio.wait({starting})
    if starting.cancelled() or (ending.is_set() and starting.exception()):
        return None
    return starting.result()


async def _publish(sender_metrics: SenderMetrics, stopping: asyncio.Event) -> None:
    published = True
    while not stopping.is_set():
        try:
            await sender_metrics.publish(now_ms())
            published = True
        except StoreUnavailable as error:  # the next time it tells this, too
            if published:
                log.warning("sender.metrics_not_published", error=str(error))
            published = False
        await until(stopping, PUBLISHED_S)
