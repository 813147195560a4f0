"""Who sees support's pages: each route, whoever asks; nobody is let in, and nobody refused, without a line."""

import re
from typing import Any

import pytest
from aiohttp.web import AbstractRoute

from actors import keys
from actors.views import EventFilter
from gateway.pages.session import ENTER
from tests.gateway.pages.visiting import ROOT as SELLERS_ROOT
from tests.gateway.pages.visiting import come_in as come_in_as_seller
from tests.gateway.pages.visiting import link
from tests.gateway.service import Service
from tests.gateway.support.visiting import ROOT, SUPPORT, audit, come_in, led_to, refusals, routes, see
from tests.gateway.web import PAGE, PSID

NAMES = {"page_id": PAGE, "psid": PSID, "event_id": "e-1", "name": "40002", "act": "pause", "step": "choice"}
STRANGERS = ["owner", "admin", "staff", "viewer", "Support", "nobody", "ended", "too old"]


def path_of(route: AbstractRoute) -> str:
    """Fill a route's pattern."""
    assert route.resource is not None
    return re.sub("{(.+?)}", lambda found: NAMES.get(found[1], "x"), route.resource.canonical)


def guarded(service: Service, root: str = ROOT) -> list[AbstractRoute]:
    """Return the routes that need a session."""
    return [each for each in routes(service, root) if each.name != ENTER and "/static/" not in path_of(each)]


async def session_key(service: Service) -> Any:  # noqa: ANN401  Redis types it for both decoding settings at once
    """Return the key of the one session."""
    store: Any = service.parts.store
    (key,) = [key async for key in store.scan_iter(match="session:*")]
    return key


async def come_as(service: Service, who: str) -> str:
    """Come as somebody who may not see support's pages; return who they are to the audit stream."""
    if who == "nobody":
        return "nobody"
    if who not in {"ended", "too old"}:
        await come_in_as_seller(service, role=who, sub=f"u-{who}")
        return f"u-{who}"
    await come_in(service)
    store: Any = service.parts.store
    if who == "ended":
        await store.delete(await session_key(service))
    else:
        await store.hset(await session_key(service), "began_at", "0")
    return "nobody"


@pytest.mark.parametrize("who", STRANGERS)
async def test_every_route_refuses_everybody_but_support_and_writes_it_down(service: Service, who: str) -> None:
    await service.connect()
    name = await come_as(service, who)
    asked = guarded(service)
    assert len(asked) > 3
    for route in asked:
        async with service.client.request(route.method, path_of(route), allow_redirects=False) as response:
            assert response.status == 403, path_of(route)
            if route.method != "HEAD":
                html = await response.text()
                assert "chỉ dành cho bộ phận hỗ trợ" in html or "Mở trang này từ HaraSocial" in html
                assert "7000000000000000001" not in html
    lines = await refusals(service)
    assert [(line.action, line.who, line.allowed) for line in reversed(lines)] == [
        (f"{route.method} {route.resource.canonical}", name, False) for route in asked if route.resource
    ]


async def test_a_refused_line_has_ids_and_the_pattern_but_no_other_part_of_the_path(service: Service) -> None:
    await see(service, f"/pages/{PAGE}?q=0909090909", 403)
    await see(service, "/0909090909", 403)
    await see(service, "/find?q=0909090909", 403)
    lines = await refusals(service)
    assert "0909090909" not in str(lines)
    assert [line.action for line in lines] == ["GET /support/find", "GET none", "GET /support/pages/{page_id}"]
    assert lines[2].page_id == PAGE


async def test_every_page_that_support_sees_is_written_down_before(service: Service) -> None:
    await service.connect()
    await service.whole_story()
    event_id = (await service.parts.views.events(PAGE, EventFilter())).events[0].event_id
    await come_in(service)
    for route in guarded(service):
        if route.method != "GET":
            continue
        before = len(await audit(service))
        path = path_of(route).replace("e-1", event_id)
        async with service.client.get(path, params={"q": PSID}, allow_redirects=False) as response:
            assert response.status in {200, 303, 404}, path
            written = (await audit(service))[: len(await audit(service)) - before]
            assert written or response.status == 404, path
            assert {line.who for line in written} <= {"linh"}


async def test_nothing_is_shown_that_cannot_be_written_down(service: Service) -> None:
    await service.connect()
    await come_in(service)
    store: Any = service.parts.store
    await store.delete(keys.AUDIT)
    await store.set(keys.AUDIT, "not a stream")
    for route in guarded(service):
        if route.method != "GET":
            continue
        async with service.client.get(path_of(route), params={"q": PSID}, allow_redirects=False) as response:
            assert response.status in {404, 503}, path_of(route)
            assert "7000000000000000001" not in await response.text()


async def test_a_form_that_was_not_meant_is_refused_on_every_route(service: Service) -> None:
    """Without the session's token, or from elsewhere; even where there is nothing to change."""
    await come_in(service)
    changing = [path_of(each) for each in guarded(service) if each.method not in {"GET", "HEAD"}]
    token = {"csrf": await csrf(service)}
    wrong: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"csrf": "wrong"}, {}),
        (token, {"Origin": "https://evil.example"}),
        (token, {"Sec-Fetch-Site": "cross-site"}),
    ]
    for path in (f"{ROOT}/find", *changing):
        for data, headers in wrong:
            async with service.client.post(path, data=data, headers=headers, allow_redirects=False) as response:
                assert response.status == 403, path
                assert "Chưa có gì thay đổi" in await response.text()
    assert [line.why for line in await refusals(service)] == ["form"] * len(wrong) * (1 + len(changing))
    async with service.client.post(f"{ROOT}/find", data=token) as response:
        assert response.status == 405


async def csrf(service: Service) -> str:
    """Return the token of the one session."""
    store: Any = service.parts.store
    token: bytes = await store.hget(await session_key(service), "csrf")
    return token.decode()


async def test_support_comes_in_by_a_link_without_store_and_pages(service: Service) -> None:
    assert "Hỗ trợ" in await come_in(service)
    assert [line.action for line in await audit(service)] == ["home", "came_in"]


async def test_a_form_can_bring_supports_link_too(service: Service) -> None:
    async with service.client.post(ROOT, data={"session": link(**SUPPORT)}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, ROOT)


async def test_supports_link_at_the_sellers_address_leads_to_supports_pages(service: Service) -> None:
    async with service.client.get(SELLERS_ROOT, params={"session": link(**SUPPORT)}) as response:
        assert (response.status, response.url.path, response.url.query_string) == (200, ROOT, "")
    service.client.session.cookie_jar.clear()
    async with service.client.post(SELLERS_ROOT, data={"session": link(**SUPPORT)}) as response:
        assert (response.status, response.url.path) == (200, ROOT)


async def test_a_sellers_link_at_supports_address_is_refused_and_opens_nothing(service: Service) -> None:
    token = link(role="owner")
    async with service.client.get(ROOT, params={"session": token}) as response:
        assert response.status == 403
        assert "Set-Cookie" not in response.headers
    (line,) = await refusals(service)
    assert (line.who, line.why) == ("user-1", "support_only")
    async with service.client.get(SELLERS_ROOT, params={"session": token}) as response:
        assert response.status == 200


@pytest.mark.parametrize("missing", ["store_id", "pages"])
async def test_only_supports_link_may_lack_store_and_pages(service: Service, missing: str) -> None:
    claims: dict[str, Any] = {missing: None}
    async with service.client.get(SELLERS_ROOT, params={"session": link(**claims)}) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (link(secret="another-secret-of-some-length", **SUPPORT), "link_forged"),
        (link(**SUPPORT | {"exp": 1}), "link_expired"),
        (link(**SUPPORT | {"sub": None}), "link_forged"),
        ("", "link_forged"),
    ],
    ids=["other secret", "expired", "nobody", "empty"],
)
async def test_a_link_that_is_not_good_is_refused_and_written_down(service: Service, token: str, why: str) -> None:
    async with service.client.get(ROOT, params={"session": token}) as response:
        assert response.status == 401
        assert "Set-Cookie" not in response.headers
    assert [line.why for line in await refusals(service)] == [why]
    await see(service, "", 403)


async def test_supports_link_works_once(service: Service) -> None:
    token = link(**SUPPORT)
    async with service.client.get(ROOT, params={"session": token}) as response:
        assert response.status == 200
    service.client.session.cookie_jar.clear()
    async with service.client.get(ROOT, params={"session": token}) as response:
        assert response.status == 401
        assert "Liên kết đã được sử dụng" in await response.text()
    assert [(line.who, line.why) for line in await refusals(service)] == [("linh", "link_used")]


async def test_a_session_does_not_come_to_be_under_an_id_that_somebody_else_chose(service: Service) -> None:
    jar, url = service.client.session.cookie_jar, service.client.make_url("/")
    jar.update_cookies({"seller": "chosen-by-somebody"}, url)
    await see(service, "", 403)
    await come_in(service)
    assert jar.filter_cookies(url)["seller"].value != "chosen-by-somebody"


async def test_who_comes_in_as_support_is_no_seller_any_more(service: Service) -> None:
    await come_in_as_seller(service)
    jar, url = service.client.session.cookie_jar, service.client.make_url("/")
    before = jar.filter_cookies(url)["seller"].value
    await come_in(service)
    assert await service.parts.sessions.use(before, 0) is None


async def test_support_can_see_and_change_nothing_at_the_sellers_pages(service: Service) -> None:
    await service.connect()
    await come_in(service)
    data = {"csrf": await csrf(service)}
    asked = guarded(service, SELLERS_ROOT)
    assert len(asked) > 20
    for route in asked:
        async with service.client.request(route.method, path_of(route), data=data, allow_redirects=False) as response:
            assert response.status == 403, path_of(route)
            if route.method != "HEAD":
                html = await response.text()
                assert "Đây là trang của cửa hàng" in html
                assert 'href="/support"' in html
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    assert not connection.paused


async def test_the_language_is_switched_on_the_page_one_is_on_and_kept(service: Service) -> None:
    await service.connect()
    assert 'href="/support?lang=en"' in await come_in(service)
    assert f'href="/support/pages/{PAGE}?lang=vi"' in await see(service, f"/pages/{PAGE}?lang=en")
    assert 'lang="en"' in await see(service, "")


async def test_supports_pages_have_the_security_headers(service: Service) -> None:
    await come_in(service)
    for path in ("", "/nothing"):
        async with service.client.get(ROOT + path) as response:
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Frame-Options"] == "DENY"


async def test_what_does_not_exist_says_so_in_supports_frame(service: Service) -> None:
    await come_in(service)
    html = await see(service, "/nothing", 404)
    assert "Về trang tìm kiếm" in html
    assert 'href="/support/problems"' in html


async def test_nothing_asked_leads_back_to_the_box(service: Service) -> None:
    await come_in(service)
    assert await led_to(service, "/find", q="  ") == ROOT
