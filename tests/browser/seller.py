"""A seller: comes from HaraSocial, reads, presses, types; sees whether a page looks and sounds right."""

import secrets
import time
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from aiohttp import ClientSession
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.async_api import ConsoleMessage, Page, ViewportSize, expect

from tests.end_to_end.world import World

ROOT = "/settings/integrations/tiktok"
STORE = "s-1"
SHOP, HANOI, LOTUS = "900", "901", "902"
PAGES = {SHOP: "Áo Dài Sài Gòn", HANOI: "Áo Dài Hà Nội", LOTUS: "Phụ Kiện Sen Vàng"}
SCREENSHOTS = Path(__file__).parents[2] / ".screenshots"
SIZES = {"desk": ViewportSize(width=1280, height=800), "phone": ViewportSize(width=360, height=740)}
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)
MOST_TABS = 40

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
_FAULTS = """async () => (await axe.run()).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => each.id + ": " + each.nodes.map(node => node.html).join(" | "))"""
_FOCUS = """() => { const it = document.activeElement;
  return it === document.body ? ["", "", ""] : [it.textContent, it.type ?? "", getComputedStyle(it).outlineStyle] }"""
_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Seller:
    """Somebody at a browser. `page` is Playwright's, `world` the service and what is around it."""

    def __init__(self, page: Page, world: World) -> None:
        """Take a seat. What the browser complains of is remembered."""
        self.page = page
        self.world = world
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def link(self, **claims: object) -> str:
        """Sign a link as HaraSocial does; `claims` differ from an owner's of the three pages, with their tokens."""
        whole: dict[str, object] = {
            "sub": "u-1",
            "store_id": STORE,
            "role": "owner",
            "pages": [{"id": page_id, "name": name, "token": f"token-{page_id}"} for page_id, name in PAGES.items()],
            "lang": "vi",
            "exp": int(time.time()) + 300,
            "jti": secrets.token_hex(8),
        } | claims
        key = OctKey.import_key(self.world.settings["HARASOCIAL_SESSION_SECRET"])
        return f"{self.world.url}{ROOT}?session={jwt.encode({'alg': 'HS256'}, whole, key)}"

    async def comes(self, **claims: object) -> None:
        """Come from HaraSocial to the overview."""
        await self.page.goto(self.link(**claims))

    async def comes_by_form(self, **claims: object) -> None:
        """Come as from a store with more pages than an address has room for."""
        action, link = self.link(**claims).split("?session=")
        field = f"<input type=hidden name=session value={link}>"
        await self.page.set_content(f"<form method=post action={action}>{field}<button>TikTok Ads</button></form>")
        await self.page.get_by_role("button").click()

    async def opens(self, path: str) -> int:
        """Open a path of ours below the overview; return the status."""
        response = await self.page.goto(f"{self.world.url}{ROOT}{path}")
        assert response
        return response.status

    async def presses(self, words: str) -> None:
        """Press the one button or link with these words."""
        main = self.page.get_by_role("main")
        await main.get_by_role("button", name=words).or_(main.get_by_role("link", name=words)).click()

    async def goes_to_tiktok(self, answer: str = "Allow", page_id: str = SHOP) -> None:
        """Go from a page's check to TikTok, and answer there."""
        await self.opens(f"/pages/{page_id}/connect")
        await self.page.locator("form[action$=authorise] button").click()
        await self.page.get_by_role("button", name=answer).click()

    async def tabs_to(self, words: str, key: str = "Enter") -> None:
        """Press Tab until what has the focus is called this, or is of this type, and shows it; then press the key."""
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Tab")
            name, kind, outline = await self.page.evaluate(_FOCUS)
            if words in {" ".join(name.split()), kind}:
                assert outline != "none"
                await self._press(key)
                return
        raise AssertionError(f"{words} is not within {MOST_TABS} presses of Tab")

    async def _press(self, key: str) -> None:
        if key != "Enter":
            await self.page.keyboard.press(key)
            return
        async with self.page.expect_navigation():
            await self.page.keyboard.press(key)

    async def reads(self, words: str) -> None:
        """Wait until the page says this."""
        await expect(self.page.locator("body")).to_contain_text(words)

    async def reads_heading(self, words: str) -> None:
        """Wait until this is what the page is about."""
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    async def looks(self, name: str) -> None:
        """Look at the page at both sizes: nothing serious is wrong, nothing sticks out; keep a picture of each."""
        before = self.page.viewport_size
        for size, viewport in SIZES.items():
            await self.page.set_viewport_size(viewport)
            await self.page.evaluate(_AXE)
            assert await self.page.evaluate(_FAULTS) == [], f"{name} at {size}"
            assert not await self.page.evaluate(_TOO_WIDE), f"{name} at {size} is wider than the screen"
            SCREENSHOTS.mkdir(exist_ok=True)
            await self.page.screenshot(path=SCREENSHOTS / f"{name}-{size}.png", full_page=True)
        if before:
            await self.page.set_viewport_size(before)
        assert self.complaints == []

    async def sandbox(self, control: str, document: object) -> None:
        """Tell the stand-ins of Meta and TikTok something."""
        async with ClientSession() as http, http.post(self._control(control), json=document) as answer:
            assert answer.ok, await answer.text()

    async def sandbox_tells(self, control: str) -> Any:  # noqa: ANN401  JSON
        """Ask the stand-in of TikTok."""
        async with ClientSession() as http, http.get(self._control(control)) as answer:
            return await answer.json()

    async def tiktok_grants(self, *names: str, **consent: object) -> None:
        """Set what Allow grants: ad accounts of these names."""
        advertisers = {str(7_000_000_000_000_000_001 + n): name for n, name in enumerate(names)}
        await self.sandbox("consent", {"advertisers": advertisers} | consent)

    def _control(self, control: str) -> str:
        return urljoin(self.world.settings["TIKTOK_API_URL"], f"/_sandbox/{control}")

    async def meta_knows(self, page_id: str, **page: object) -> None:
        """Let Meta know a page, ready but for `page`."""
        ready = {"page_id": page_id, "page_token": f"token-{page_id}", "greeting": "Chào bạn!"}
        await self.sandbox("pages", ready | page)

    def _hear(self, message: ConsoleMessage) -> None:
        # A page with an error status is one too, but that is what it is about.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)
