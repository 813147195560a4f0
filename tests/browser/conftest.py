"""A browser, and a seller in front of it. Everything outside of ours is the end-to-end tests' world."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.seller import SIZES, Seller
from tests.end_to_end.conftest import http, start, world
from tests.end_to_end.world import World

__all__ = ["http", "start", "world"]

CHROMIUM = (
    "--no-sandbox",  # it may be root's, as in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MakeSeller: TypeAlias = Callable[..., Awaitable[Seller]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Start the system's Chromium; without one installed skip, but fail in CI."""
    program = shutil.which("chromium")
    if program is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("chromium is not installed")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=[*CHROMIUM])
        yield running
        await running.close()


@pytest.fixture
async def service(world: World, real_redis_url: str) -> World:
    """Start `web` and `sender` on a Redis."""
    world.settings |= {"REDIS_URL": real_redis_url, "REDIS_ALLOW_EVICTION": "yes"}
    await world.start_web()
    world.start("sender")
    return world


@pytest.fixture
async def new_seller(browser: Browser, service: World) -> MakeSeller:
    """Make sellers: each has a browser of their own, of this size, with or without JavaScript."""

    async def make(size: str = "desk", *, javascript: bool = True) -> Seller:
        context = await browser.new_context(locale="vi-VN", java_script_enabled=javascript, viewport=SIZES[size])
        return Seller(await context.new_page(), service)

    return make


@pytest.fixture
async def seller(new_seller: MakeSeller) -> Seller:
    """Give a seller at a desk."""
    return await new_seller()
