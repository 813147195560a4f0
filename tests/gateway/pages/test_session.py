"""Coming in, and staying who one is: each attack on link, session or form ends at a plain page and changes nothing."""

import base64
import json
import re
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from redis.asyncio import Redis

from gateway.app import make_app
from gateway.parts import compose
from tests.gateway import web
from tests.gateway.pages.visiting import PAGES, ROOT, SECRET, claims, come_in, csrf_of, link, see, send
from tests.gateway.service import Service, serve
from tests.gateway.web import PAGE


async def enter(service: Service, token: str) -> tuple[int, str]:
    """Try a link, and return the status and the page that it leads to."""
    async with service.client.get(ROOT, params={"session": token}) as response:
        return response.status, await response.text()


async def paused(service: Service) -> bool:
    """Return whether the page is paused."""
    connection = await service.parts.connections.read(PAGE)
    assert connection is not None
    return connection.paused


def unsigned(header: dict[str, str], **changes: object) -> str:
    """Make a token whose signature is empty."""
    parts = (json.dumps(header), json.dumps(claims(**changes)))
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "."


async def test_a_link_becomes_a_cookie_and_disappears_from_the_address(service: Service) -> None:
    async with service.client.get(ROOT, params={"session": link()}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, ROOT)
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Đầm xinh Sài Gòn" in await see(service, "")


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host() -> None:
    async with (
        serve(PUBLIC_URL="https://events.example.com") as service,
        service.client.get(ROOT, params={"session": link()}, allow_redirects=False) as response,
    ):
        cookie = response.headers["Set-Cookie"]
        assert "max-age=" in response.headers["Strict-Transport-Security"]
    assert cookie.startswith("__Host-seller=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_a_form_can_bring_the_link_of_a_large_store(service: Service) -> None:
    """An address has too little room for hundreds of pages with their pictures."""
    pages = [{"id": str(n), "name": f"Trang số {n}", "picture": f"https://cdn.example/{n}.jpg"} for n in range(400)]
    async with service.client.post(ROOT, data={"session": link(pages=pages)}) as response:
        assert response.status == 200
        assert "Trang 1 / 20" in await response.text()


async def test_a_link_works_once(service: Service) -> None:
    token = link()
    assert (await enter(service, token))[0] == 200
    service.client.session.cookie_jar.clear()
    status, html = await enter(service, token)
    assert status == 401
    assert "Liên kết đã được sử dụng" in html


async def test_an_expired_link_says_so(service: Service) -> None:
    for exp in (int(time.time()), 1, -5):
        status, html = await enter(service, link(exp=exp))
        assert status == 401
        assert "Liên kết đã hết hạn" in html


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        link(secret="another-secret-of-some-length"),
        unsigned({"alg": "none"}),
        unsigned({"alg": "HS256"}),
        jwt.encode({"alg": "HS512"}, claims(), OctKey.import_key(SECRET), algorithms=["HS512"]),
        link()[:-4] + "AAAA",
        "A" * 70_000,
    ],
    ids=["empty", "short", "no json", "other secret", "none", "no signature", "HS512", "altered", "huge"],
)
async def test_a_link_that_harasocial_did_not_sign_is_refused(service: Service, token: str) -> None:
    async with service.client.post(ROOT, data={"session": token}) as response:
        assert response.status == 401
        assert "Liên kết không hợp lệ" in await response.text()
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("sub", "store_id", "role", "pages", "exp", "jti")),
        {"exp": "soon"},
        {"exp": int(time.time()) + 90_000_000},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": int(time.time()) + 3_000},
        {"jti": ""},
        {"store_id": 1000},
        {"pages": [{"name": "no id"}]},
        {"pages": "900"},
    ],
    # Names, not values: workers of a parallel run must agree on them, and two of the values tell the time.
    ids=[
        *("no sub", "no store_id", "no role", "no pages", "no exp", "no jti"),
        *("exp a word", "exp far ahead", "exp nan", "exp infinite", "nbf ahead", "jti empty"),
        *("store_id a number", "page without id", "pages a word"),
    ],
)
async def test_a_signed_link_with_claims_that_make_no_sense_is_refused(
    service: Service, changes: dict[str, Any]
) -> None:
    status, html = await enter(service, link(**changes))
    assert status == 401
    assert "Liên kết không hợp lệ" in html


async def test_without_a_session_there_is_a_page_that_says_how_to_come_in(service: Service) -> None:
    for path in ("", f"/pages/{PAGE}", f"/pages/{PAGE}/disconnect"):
        html = await see(service, path, 401)
        assert "Phiên làm việc đã kết thúc" in html


@pytest.mark.parametrize("cookie", ["x", "a" * 500, "../..", "%00"])
async def test_a_made_up_cookie_is_no_session(service: Service, cookie: str) -> None:
    """Nor does a session come to be under an id that somebody else chose (fixation)."""
    service.client.session.cookie_jar.update_cookies({"seller": cookie}, service.client.make_url("/"))
    await see(service, "", 401)
    await come_in(service)
    kept = service.client.session.cookie_jar.filter_cookies(service.client.make_url("/"))
    assert kept["seller"].value != cookie


async def test_coming_in_again_ends_the_session_before(service: Service) -> None:
    await come_in(service)
    jar = service.client.session.cookie_jar.filter_cookies(service.client.make_url("/"))
    before = jar["seller"].value
    await come_in(service)
    assert await service.parts.sessions.use(before, 0) is None


async def test_another_stores_page_looks_as_if_it_did_not_exist(service: Service) -> None:
    """Whether it is connected or not."""
    await service.connect("777", store_id="2000")
    await service.connect()
    await come_in(service)
    form = await see(service, f"/pages/{PAGE}/disconnect")
    for page_id in ("777", "778"):
        for step in ("", "/pause", "/disconnect", "/change/choice", "/connect", "/events"):
            html = await see(service, f"/pages/{page_id}{step}", 404)
            assert "Không tìm thấy" in html
        async with await send(service, f"/pages/{page_id}/disconnect", form) as response:
            assert response.status == 404
    assert await service.parts.connections.read("777") is not None


async def test_a_page_that_another_store_has_connected_is_not_told_or_touched(service: Service) -> None:
    """It is in the session, so it may be connected anew; but how it is connected is the other store's business."""
    await service.connect(store_id="2000", advertiser_id="7999")
    await service.connect("901")
    html = await come_in(service)
    assert "Cửa hàng khác đã kết nối" in html
    assert "7999" not in html
    for step in ("", "/disconnect", "/change/choice"):
        assert "7999" not in await see(service, f"/pages/{PAGE}{step}", 409)
    form = await see(service, "/pages/901/disconnect")
    async with await send(service, f"/pages/{PAGE}/disconnect", form) as response:
        assert response.status == 409
    assert await service.parts.connections.read(PAGE) is not None


@pytest.mark.parametrize("csrf", [None, "", "wrong", "ü", "another session's"])
async def test_a_form_without_the_sessions_token_changes_nothing(service: Service, csrf: str | None) -> None:
    await service.connect()
    await come_in(service)
    if csrf == "another session's":
        csrf = csrf_of(await see(service, f"/pages/{PAGE}/pause"))
        service.client.session.cookie_jar.clear()
        await come_in(service)
    data = {} if csrf is None else {"csrf": csrf}
    async with service.client.post(f"{ROOT}/pages/{PAGE}/pause", data=data, allow_redirects=False) as response:
        assert response.status == 403
        assert "Chưa có gì thay đổi" in await response.text()
    assert not await paused(service)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8080"},
    ],
    ids=str,
)
async def test_a_form_sent_from_elsewhere_changes_nothing_even_with_the_token(
    service: Service, headers: dict[str, str]
) -> None:
    await service.connect()
    await come_in(service)
    data = {"csrf": csrf_of(await see(service, f"/pages/{PAGE}/pause"))}
    path = f"{ROOT}/pages/{PAGE}/pause"
    async with service.client.post(path, data=data, headers=headers, allow_redirects=False) as response:
        assert response.status == 403
    assert not await paused(service)


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8080"}], ids=str
)
async def test_a_form_of_ours_changes_what_it_says(service: Service, headers: dict[str, str]) -> None:
    await service.connect()
    await come_in(service)
    data = {"csrf": csrf_of(await see(service, f"/pages/{PAGE}/pause"))}
    path = f"{ROOT}/pages/{PAGE}/pause"
    async with service.client.post(path, data=data, headers=headers, allow_redirects=False) as response:
        assert response.status == 303
    assert await paused(service)


async def test_a_session_that_ended_changes_nothing(service: Service) -> None:
    await service.connect()
    await come_in(service)
    form = await see(service, f"/pages/{PAGE}/pause")
    service.client.session.cookie_jar.clear()
    async with await send(service, f"/pages/{PAGE}/pause", form) as response:
        assert response.status == 401
    assert not await paused(service)


@pytest.mark.parametrize("role", ["staff", "viewer", "OWNER"])
async def test_other_roles_look_and_are_told_who_can_change(service: Service, role: str) -> None:
    await service.connect()
    html = await come_in(service, role=role)
    assert "Chỉ chủ cửa hàng và quản trị viên" in html
    assert "/connect" not in html
    assert "<form" not in await see(service, f"/pages/{PAGE}")
    for step in ("pause", "disconnect", "change/choice", "connect"):
        assert "Chỉ chủ cửa hàng và quản trị viên" in await see(service, f"/pages/{PAGE}/{step}", 403)


async def test_other_roles_change_nothing_though_they_know_their_token(service: Service) -> None:
    await service.connect()
    await come_in(service, role="staff")
    cookies = service.client.session.cookie_jar.filter_cookies(service.client.make_url("/"))
    session = await service.parts.sessions.use(cookies["seller"].value, 0)
    assert session is not None
    path = f"{ROOT}/pages/{PAGE}/pause"
    async with service.client.post(path, data={"csrf": session.csrf}, allow_redirects=False) as response:
        assert response.status == 403
    assert not await paused(service)


async def test_the_host_header_leads_nowhere(service: Service) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    async with service.client.get(ROOT, params={"session": link()}, headers=headers, allow_redirects=False) as response:
        assert "evil" not in str(response.headers)
    async with service.client.get(ROOT, headers=headers) as response:
        assert "evil" not in await response.text()


async def test_every_answer_has_the_security_headers(service: Service) -> None:
    await come_in(service)
    for path in ("", "/nothing", f"/pages/{PAGE}/pause", "/static/style.css", "/static/../app.py"):
        async with service.client.get(ROOT + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["X-Frame-Options"] == "DENY"
            assert ("no-store" in response.headers["Cache-Control"]) is (path != "/static/style.css")
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_pages_token_is_neither_shown_nor_stored_in_clear(service: Service) -> None:
    html = await come_in(service, pages=[{**PAGES[0], "token": "EAAB-page-token"}])
    assert "EAAB" not in html
    store: Any = service.parts.store
    for key in [key async for key in store.scan_iter(match="session:*")]:
        assert not any(b"EAAB" in value for value in (await store.hgetall(key)).values())


async def test_a_picture_that_is_not_https_is_left_out(service: Service) -> None:
    html = await come_in(service, pages=[{"id": "1", "name": "A", "picture": "javascript:alert(1)"}])
    assert "javascript:" not in html


async def test_names_cannot_bring_markup(service: Service) -> None:
    html = await come_in(service, pages=[{"id": '"><b>', "name": "<script>alert(1)</script>"}])
    assert "<script>" not in html
    assert '"><b>' not in html


async def test_with_redis_away_there_is_a_page_that_says_so(real_redis_url: str) -> None:
    parts = compose(web.settings(REDIS_URL=real_redis_url, REDIS_ALLOW_EVICTION="yes"))
    async with web.client_of(make_app(parts)) as client:
        service = Service(client, parts)
        await come_in(service)
        async with Redis.from_url(real_redis_url) as store:
            # As an operator's mistake would: the session's key has become something else.
            (key,) = [key async for key in store.scan_iter(match="session:*")]
            await store.delete(key)
            await store.set(key, "x", ex=60)
        html = await see(service, "", 503)
        assert "Tạm thời gián đoạn" in html
        assert "default-src" in (await client.get(ROOT)).headers["Content-Security-Policy"]


async def test_a_bug_ends_at_a_page_with_the_number_it_is_logged_under(service: Service) -> None:
    await come_in(service)
    store: Any = service.parts.store
    (key,) = [key async for key in store.scan_iter(match="session:*")]
    await store.hdel(key, "role")
    html = await see(service, "", 500)
    assert "Đã có lỗi xảy ra" in html
    assert re.search(r"mã này: [0-9a-f]{8}-\d+", html)
    assert "KeyError" not in html


async def test_the_language_is_kept_and_a_strangers_is_guessed(service: Service) -> None:
    assert 'lang="vi"' in await see(service, "", 401)
    async with service.client.get(ROOT, headers={"Accept-Language": "en-GB,en;q=0.9"}) as response:
        assert "Your session has ended" in await response.text()
    await come_in(service, lang="en")
    assert 'lang="en"' in await see(service, "")
    assert 'lang="vi"' in await see(service, "?lang=vi")
    assert 'lang="vi"' in await see(service, "")
    assert 'lang="vi"' in await see(service, "?lang=%3Cscript%3E")
