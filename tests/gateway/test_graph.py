"""Meta's answers are read for what they mean, and the page token goes nowhere but into a header."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.graph import Graph, GraphError, Profile, read_profile, read_subscriptions
from gateway.sandbox import GRAPH_PATH, GraphPage, GraphPages, Sandbox, make_sandbox

TOKEN, PAGE = "page-token", "900"


@pytest.fixture
def pages() -> GraphPages:
    return GraphPages()


@pytest.fixture
async def graph(pages: GraphPages) -> AsyncIterator[Graph]:
    server = TestServer(make_sandbox(Sandbox(), pages))
    async with server, ClientSession() as session:
        yield Graph(session, api_url=str(server.make_url(GRAPH_PATH)))


async def test_a_page_that_is_ready_is_read_as_such(graph: Graph, pages: GraphPages) -> None:
    pages.set(GraphPage(PAGE, TOKEN, greeting="Xin chào"))
    assert await graph.profile(TOKEN) == Profile(greeting=True, get_started=True, ice_breakers=False)
    assert await graph.subscriptions(PAGE, TOKEN) >= {"messages", "standby"}


async def test_a_page_without_a_profile_has_nothing_set(graph: Graph, pages: GraphPages) -> None:
    pages.set(GraphPage(PAGE, TOKEN, get_started="", subscribed_fields=()))
    assert await graph.profile(TOKEN) == Profile(greeting=False, get_started=False, ice_breakers=False)
    assert await graph.subscriptions(PAGE, TOKEN) == frozenset()


async def test_questions_make_the_faq(graph: Graph, pages: GraphPages) -> None:
    pages.set(GraphPage(PAGE, TOKEN, ice_breakers=("Giá bao nhiêu?",)))
    assert (await graph.profile(TOKEN)).ice_breakers


async def test_refusals_differ_by_what_helps(graph: Graph, pages: GraphPages) -> None:
    pages.set(GraphPage(PAGE, TOKEN, may_read_subscriptions=False))
    pages.set(GraphPage("901", "token-2", down=True))
    with pytest.raises(GraphError, match="token_refused"):
        await graph.profile("revoked")
    with pytest.raises(GraphError, match="permission_missing"):
        await graph.subscriptions(PAGE, TOKEN)
    with pytest.raises(GraphError, match="permission_missing"):
        await graph.subscriptions("../901", TOKEN)
    with pytest.raises(GraphError, match="unavailable"):
        await graph.profile("token-2")


async def test_a_token_that_no_header_holds_is_not_sent(graph: Graph) -> None:
    with pytest.raises(GraphError, match="unavailable"):
        await graph.profile("token\r\nHost: elsewhere")


@pytest.mark.parametrize(
    ("status", "body", "obstacle"),
    [
        (400, b'{"error":{"code":190,"message":"x"}}', "token_refused"),
        (401, b'{"error":{"code":102}}', "token_refused"),
        (403, b'{"error":{"code":10}}', "permission_missing"),
        (403, b'{"error":{"code":299}}', "permission_missing"),
        (400, b'{"error":{"code":4}}', "unavailable"),
        (400, b'{"error":{"code":"190"}}', "unavailable"),
        (400, b'{"error":{"code":300}}', "unavailable"),
        (500, b"<html>", "unavailable"),
        (200, b"<html>", "unavailable"),
        (200, b"{}", "unavailable"),
        (200, b'{"data":{}}', "unavailable"),
        (302, b"", "unavailable"),
    ],
)
def test_an_answer_that_does_not_tell_is_an_error(status: int, body: bytes, obstacle: str) -> None:
    for read in (read_profile, read_subscriptions):
        with pytest.raises(GraphError) as told:
            read(status, body)
        assert told.value.obstacle == obstacle


async def test_the_token_is_in_a_header_only_and_no_redirect_is_followed() -> None:
    seen = []

    async def away(request: web.Request) -> web.Response:
        seen.append((request.rel_url, request.headers["Authorization"]))
        raise web.HTTPFound("/elsewhere")

    app = web.Application()
    app.router.add_get("/{path:.*}", away)
    async with TestServer(app) as server, ClientSession() as session:
        with pytest.raises(GraphError, match="unavailable"):
            await Graph(session, api_url=str(server.make_url(""))).profile(TOKEN)
    ((url, header),) = seen
    assert TOKEN not in str(url)
    assert header == f"Bearer {TOKEN}"


async def test_meta_is_given_up_after_a_while() -> None:
    async def never(request: web.Request) -> web.Response:
        await request.read()
        raise ConnectionResetError

    app = web.Application()
    app.router.add_get("/{path:.*}", never)
    server = TestServer(app)
    async with server, ClientSession() as session:
        url = str(server.make_url(""))
        with pytest.raises(GraphError, match="unavailable"):
            await Graph(session, api_url=url, timeout_s=0.2).profile(TOKEN)
    async with ClientSession() as session:
        with pytest.raises(GraphError, match="unavailable"):
            await Graph(session, api_url=url).profile(TOKEN)
