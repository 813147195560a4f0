"""Every route that the application has, asked of its router, so that a new one is tested on the day it comes.

What only support may see is told in `tests/gateway/support/test_access.py`, likewise route by route.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from yarl import URL

from gateway.support.paths import ROOT as SUPPORT
from tests.gateway.pages.visiting import ROOT, come_in, csrf_of, link
from tests.gateway.service import Service
from tests.gateway.web import PAGE, PSID
from tests.stores import Store

FOREIGN, NOBODYS = "777", "778"
EVIL = "evil.example"
FILLED = {"act": "pause", "step": "choice", "name": "style.css", "psid": PSID, "event_id": "e-1"}
OPEN = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/openapi.json")
FORMS = ("advertiser_id", "event_set", "complete_payment_on", "why")


def routes(service: Service, *methods: str, below: str = "") -> Iterator[tuple[str, str, str | None]]:
    """Give the application's routes: method, pattern, name."""
    app = service.client.app
    assert app is not None
    for route in app.router.routes():
        pattern = route.resource.canonical if route.resource else ""
        if route.method in methods and pattern.startswith(below):
            yield route.method, pattern, route.name


def path_of(pattern: str, page_id: str = PAGE) -> str:
    """Fill a pattern."""
    return re.sub(r"{(\w+)}", lambda found: ({"page_id": page_id} | FILLED)[found[1]], pattern)


async def dump(service: Service) -> dict[bytes, object]:
    """Return all that the store holds but sessions, whose last use moves."""
    store: Store = service.parts.store
    keys = [key async for key in store.scan_iter() if not key.startswith((b"session:", b"link:"))]
    return {key: await store.dump(key) for key in sorted(keys)}


async def changing_routes(service: Service) -> list[str]:
    """Come in as an owner with a connected page, and return the patterns of the pages' POST routes."""
    await service.connect()
    await come_in(service)
    found = [pattern for _, pattern, name in routes(service, "POST", below=ROOT) if name != "enter"]
    assert len(found) >= 5
    return found


async def csrf(service: Service) -> str:
    """Return the session's token."""
    async with service.client.get(f"{ROOT}/pages/{PAGE}/pause") as answer:
        return csrf_of(await answer.text())


async def test_no_form_of_any_page_works_without_the_sessions_token_or_from_elsewhere(sending: Service) -> None:
    patterns = await changing_routes(sending)
    right, before = await csrf(sending), await dump(sending)
    fields = dict.fromkeys(FORMS, "1")
    for pattern in patterns:
        for data, headers in (
            (fields, {}),
            (fields | {"csrf": ""}, {}),
            (fields | {"csrf": right[:-1]}, {}),
            (fields | {"csrf": right}, {"Origin": f"https://{EVIL}"}),
            (fields | {"csrf": right}, {"Sec-Fetch-Site": "cross-site"}),
        ):
            path = path_of(pattern)
            async with sending.client.post(path, data=data, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403, f"{pattern} {data} {headers}"
    assert await dump(sending) == before
    sending.client.session.cookie_jar.clear()
    for pattern in patterns:
        async with sending.client.post(path_of(pattern), data={"csrf": right}, allow_redirects=False) as answer:
            assert answer.status == 401, pattern


async def test_reading_never_changes_anything(sending: Service) -> None:
    """So a link from elsewhere, which no token guards, does no harm. Coming back from TikTok has its own proof."""
    await changing_routes(sending)
    before = await dump(sending)
    for method, pattern, _ in routes(sending, "GET", "HEAD", below=ROOT):
        # A stream that never ends would be one for HEAD too, and its body be taken for the next answer.
        if (method, pattern[-5:]) != ("GET", "/live"):
            async with sending.client.request(method, path_of(pattern), allow_redirects=False) as answer:
                assert answer.status < 500, pattern
    after = await dump(sending)
    # A draft of the change, and what Meta says of the page, are nobody's settings.
    assert {key for key in before if before[key] != after.get(key)} == set()


async def test_another_stores_page_cannot_be_told_from_one_that_does_not_exist(sending: Service) -> None:
    await changing_routes(sending)
    await sending.connect(FOREIGN, store_id="another")
    right, before = await csrf(sending), await dump(sending)
    patterns = [(method, pattern) for method, pattern, _ in routes(sending, "GET", "POST", below=ROOT)]
    told: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for method, pattern in patterns:
        if "{page_id}" in pattern:
            for page_id in (FOREIGN, NOBODYS):
                data = {"csrf": right} | dict.fromkeys(FORMS, "1") if method == "POST" else None
                path = path_of(pattern, page_id)
                async with sending.client.request(method, path, data=data, allow_redirects=False) as answer:
                    said = (answer.status, (await answer.text()).replace(page_id, "ID"))
                    told.setdefault((method, pattern), []).append(said)
    assert len(told) > 15
    for route, (foreign, nobodys) in told.items():
        assert foreign[0] == 404, route
        assert foreign == nobodys, route
    assert await dump(sending) == before


async def test_the_api_tells_strangers_nothing_not_even_what_exists(sending: Service) -> None:
    await sending.connect()
    await come_in(sending)  # a seller's cookie is no key to it
    asked = [(method, pattern) for method, pattern, _ in routes(sending, "GET", "PUT", "POST", "DELETE", below="/api/")]
    assert len(asked) >= 8
    answers = set()
    for method, pattern in asked:
        for page_id in (PAGE, NOBODYS):
            for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}):
                async with sending.client.request(method, path_of(pattern, page_id), headers=headers) as answer:
                    answers.add((answer.status, await answer.text()))
    assert len(answers) == 1
    assert {status for status, _ in answers} == {401}


async def test_every_other_route_is_known_to_be_open(sending: Service) -> None:
    guarded = ("/api/", ROOT, "/oauth/tiktok/callback", SUPPORT)
    patterns = {pattern for _, pattern, _ in routes(sending, "GET", "POST", "PUT", "DELETE", "PATCH", "*")}
    assert {pattern for pattern in patterns if not pattern.startswith((*OPEN, *guarded))} == set()
    sending.client.session.cookie_jar.clear()
    for method, pattern, name in routes(sending, "GET", "POST", below="/"):
        if pattern.startswith((ROOT, "/oauth", SUPPORT)) and name != "enter" and "/static/" not in pattern:
            async with sending.client.request(method, path_of(pattern), allow_redirects=False) as answer:
                assert answer.status == (403 if pattern.startswith(SUPPORT) else 401), (method, pattern)


async def test_redirects_lead_to_ourselves_or_to_tiktok_whatever_is_asked(sending: Service) -> None:
    await changing_routes(sending)
    right, ours = await csrf(sending), sending.parts.settings
    places = [f"//{EVIL}", f"https://{EVIL}", f"/\\{EVIL}", f"%2f%2f{EVIL}", f"{EVIL}%0d%0aLocation:%20https://{EVIL}"]
    led = set()
    for method, pattern, _ in routes(sending, "GET", "POST"):
        if pattern.endswith("/live"):
            continue
        for place in places:
            query = "&".join(
                f"{name}={place}" for name in ("next", "return", "url", "redirect_uri", "lang", "notice", "state")
            )
            data = {"csrf": right, "session": place, "next": place} if method == "POST" else None
            for page_id in (PAGE, place.replace("/", "%2F")):
                url = URL(f"{path_of(pattern, page_id)}?{query}", encoded=True)
                async with sending.client.request(method, url, data=data, allow_redirects=False) as answer:
                    led |= {answer.headers["Location"]} if "Location" in answer.headers else set()
                    assert EVIL not in answer.headers.get("Set-Cookie", "")
    assert led, "some routes redirect"
    for location in led:
        assert location.startswith((f"{ROOT}/", f"{ROOT}?", f"{ours.tiktok_auth_url}?")) or location == ROOT, location


async def test_the_host_header_is_believed_nowhere(sending: Service) -> None:
    await changing_routes(sending)
    names = ("Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-URL", "X-Rewrite-URL")
    headers = dict.fromkeys(names, EVIL) | {"Forwarded": f"host={EVIL}", "X-Forwarded-Proto": EVIL}
    data = {"csrf": await csrf(sending)}
    for method, pattern, _ in routes(sending, "GET", "POST", "PUT", "DELETE"):
        if not pattern.endswith("/live"):
            form = data if method == "POST" else None
            async with sending.client.request(
                method, path_of(pattern), headers=headers, data=form, allow_redirects=False
            ) as answer:
                assert EVIL not in await answer.text() + str(answer.headers), (method, pattern)


@pytest.mark.parametrize(
    "name",
    [
        *("../app.py", "..%2fapp.py", "%2e%2e%2fapp.py", "..%5capp.py", "%2e%2e/%2e%2e/pyproject.toml"),
        *("%2fetc%2fpasswd", "//etc/passwd", "style.css%00.svg", "style.css/", ".", "..", "%00", "%ff", "STYLE.CSS"),
        *("style.css%2f..%2f..%2fapp.py", "....//app.py", "a" * 5_000),
    ],
)
async def test_static_gives_its_own_files_only(sending: Service, name: str) -> None:
    url = URL(f"http://x{ROOT}/static/{name}", encoded=True)
    async with sending.client.get(URL(url.raw_path, encoded=True)) as answer:
        text = await answer.text()
    assert answer.status in {401, 404}
    assert "import" not in text
    assert "root:" not in text


async def test_a_session_is_never_one_that_somebody_else_has_chosen(sending: Service) -> None:
    """Fixation: not by a cookie from before, and not under the id that the link's own number might suggest."""
    jar, chosen = sending.client.session.cookie_jar, "A" * 43
    jar.update_cookies({"seller": chosen}, sending.client.make_url("/"))
    async with sending.client.get(ROOT, params={"session": link(jti=chosen)}, allow_redirects=False) as answer:
        (cookie,) = answer.cookies.values()
    assert cookie.value != chosen
    assert urlsplit(cookie.value).path == cookie.value
    jar.clear()
    jar.update_cookies({"seller": chosen}, sending.client.make_url("/"))
    async with sending.client.get(ROOT) as answer:
        assert answer.status == 401
