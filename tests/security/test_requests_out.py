"""Requests from the server to elsewhere: to the addresses of the settings, and nowhere that anybody else names."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from tests.gateway.pages.visiting import ROOT, come_in, csrf_of
from tests.gateway.service import Service, click, order, said, serve
from tests.gateway.web import PAGE, now_ms
from tests.waiting import eventually

API, GRAPH = "/open_api/v1.3", "/graph"


class Elsewhere:
    """A server that notes who asks it for what; where it `leads`, it sends everybody on."""

    def __init__(self, leads: str = "") -> None:
        self.asked: list[str] = []
        self._leads = leads

    async def answer(self, request: web.Request) -> web.Response:
        """Note the path, and answer."""
        self.asked.append(request.path)
        headers = {"Location": self._leads + request.path} if self._leads else {}
        return web.Response(status=307 if self._leads else 200, headers=headers)

    def app(self) -> web.Application:
        """Make an application that answers everything."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        return app


@pytest.fixture
async def trap() -> AsyncIterator[tuple[Elsewhere, str]]:
    """Run what nobody may ever ask, and give its URL."""
    trap = Elsewhere()
    async with TestServer(trap.app()) as server:
        yield trap, str(server.make_url("")).rstrip("/")


async def test_redirects_of_tiktok_and_meta_are_not_followed(trap: tuple[Elsewhere, str]) -> None:
    """Each would carry a token to wherever it leads."""
    trapped, url = trap
    vendors = Elsewhere(url)
    async with TestServer(vendors.app()) as server:
        base = str(server.make_url("")).rstrip("/")
        settings = {"TIKTOK_API_URL": base + API, "TIKTOK_AUTH_URL": f"{base}/auth", "GRAPH_API_URL": base + GRAPH}
        async with serve(**settings) as service:
            await service.connect()
            await service.whole_story()
            page = {"id": PAGE, "name": "Đầm xinh", "token": "EAAB-page-token"}
            await come_in(service, pages=[page])
            async with service.client.get(f"{ROOT}/pages/{PAGE}/connect") as answer:
                form = csrf_of(await answer.text())
            path = f"{ROOT}/pages/{PAGE}/authorise"
            async with service.client.post(path, data={"csrf": form}, allow_redirects=False) as answer:
                assert answer.status == 303, await answer.text()
                state = parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]
            query = {"state": state, "auth_code": "code"}
            async with service.client.get("/oauth/tiktok/callback", params=query) as answer:
                assert answer.status in {403, 502, 503}
            wanted = {f"{API}/event/track/", f"{API}/oauth2/access_token/", f"{GRAPH}/me/messenger_profile"}
            await eventually(lambda: wanted <= {*vendors.asked})
    assert trapped.asked == []


async def test_what_tiktok_sets_as_a_cookie_does_not_go_along_with_the_next_request() -> None:
    """It was set for one advertiser, and the next request is another's. By name: cookies of addresses are refused."""
    brought: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        brought.append(dict(request.cookies))
        return web.json_response({"code": 0}, headers={"Set-Cookie": "advertiser=7000; Path=/"})

    app = web.Application()
    app.router.add_post(f"{API}/event/track/", answer)
    async with (
        TestServer(app) as server,
        serve(TIKTOK_API_URL=f"http://localhost:{server.port}{API}") as service,
    ):
        await service.connect()
        await service.messenger(now_ms() - 1_000, click(), said("m-1"), psid="7101")
        await eventually(lambda: len(brought) == 1)
        await service.messenger(now_ms() - 1_000, click(), said("m-2"), psid="7102")
        await eventually(lambda: len(brought) == 2)
    assert brought == [{}, {}]


async def test_no_address_that_a_seller_customer_or_order_brings_is_ever_asked(
    trap: tuple[Elsewhere, str], tiktok_url: str
) -> None:
    trapped, url = trap
    odd_ids = [url, f"{url}/x", f"@{urlsplit(url).netloc}", f"..//{urlsplit(url).netloc}", f"?u={url}", f"#{url}"]
    pages = [{"id": each, "name": url, "picture": url, "token": url} for each in [PAGE, *odd_ids]]
    async with serve(TIKTOK_API_URL=tiktok_url, GRAPH_API_URL=tiktok_url) as service:
        await service.connect()
        await come_in(service, pages=[*pages, {"id": "1", "picture": url.replace("http:", "https:")}])
        for each in [PAGE, *odd_ids]:
            await _look(service, each)
        attached = {"type": "image", "payload": {"url": url}}
        said = {"message": {"mid": "m-1", "text": url, "attachments": [attached], "sticker_id": url, "link": url}}
        came = {"referral": {"ref": url, "source": "SHORTLINK", "referer_uri": url, "ad_id": url}}
        await service.messenger(now_ms() - 1_000, came, said)
        bought = order(1, now_ms()) | {"landing_site": url, "order_status_url": url, "note": url, "referring_site": url}
        await service.order(
            bought | {"line_items": [{"sku": url, "name": url, "quantity": 1, "price": 1, "image": url}]}
        )
        await service.sent(2)
    assert trapped.asked == []


async def _look(service: Service, page_id: str) -> None:
    for path in ("", "/connect", "/events"):
        url = URL(f"{ROOT}/pages/{quote(page_id, safe='')}{path}", encoded=True)
        async with service.client.get(url) as answer:
            assert answer.status < 500
