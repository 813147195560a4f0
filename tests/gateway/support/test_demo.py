"""The demo's support: a link of their own beside the seller's, and another one at every visit of HaraSocial."""

from aiohttp import ClientSession, CookieJar

from gateway.demo import show
from gateway.demo.seller import support_link
from gateway.demo.stage import HARASOCIAL_PATH, open_stage


async def test_support_comes_in_by_the_demos_link_and_by_harasocials() -> None:
    async with (
        open_stage({}) as stage,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as support,
    ):
        harasocial = f"{stage.sandbox_url}{HARASOCIAL_PATH}?role=support"
        for link in (support_link(stage.settings, "vi"), harasocial, harasocial):
            support.cookie_jar.clear()
            async with support.get(link) as response:
                assert (response.status, response.url.path) == (200, "/support")
                assert "Tìm bằng bất cứ mã nào" in await response.text()
        assert "\nSupport " in show.addresses(stage, "vi")
