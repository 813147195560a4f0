"""The page check as a part of the web process: at hand for the pages, and once a day for every connected page."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import structlog
from aiohttp import ClientSession, DummyCookieJar, web

from actors.background import in_background, until
from actors.errors import StoreUnavailable
from actors.keys import PARTITIONS
from gateway.clock import now_ms
from gateway.graph import Graph
from gateway.page_check import PageChecker
from gateway.parts import PARTS

LOOKS_EVERY_S: Final = 300.0
"""How often a process looks whether checks are due."""

PAGE_CHECKER: Final = web.AppKey("PAGE_CHECKER", PageChecker)

log = structlog.get_logger()


async def page_checking(app: web.Application) -> AsyncIterator[None]:
    """Check pages as long as the application runs."""
    parts = app[PARTS]
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        graph = Graph(session, api_url=parts.settings.graph_api_url)
        app[PAGE_CHECKER] = PageChecker(graph, parts.page_checks, parts.vault)
        async with in_background(partial(check_daily, app[PAGE_CHECKER]), "page checks"):
            yield


async def check_daily(checker: PageChecker, stopping: asyncio.Event, every_s: float = LOOKS_EVERY_S) -> None:
    """Check what is due, now and every `every_s` seconds, until told to stop. What fails is due again later."""
    while not stopping.is_set():
        try:
            for partition in range(PARTITIONS):
                if not stopping.is_set():
                    await _check_due(checker, partition)
        except StoreUnavailable as error:
            log.warning("page_checks.delayed", error=str(error))
        await until(stopping, every_s)


async def _check_due(checker: PageChecker, partition: int) -> None:
    try:
        await checker.check_due(partition, now_ms())
    except StoreUnavailable:
        raise
    except Exception:  # loop top: what is damaged in one partition keeps no page of the others from its daily check
        log.exception("page_checks.failed", partition=partition)
