"""What every request goes through, whatever its route."""

import pytest
from aiohttp import web as aiohttp_web
from structlog.testing import capture_logs

from actors.errors import StoreUnavailable
from gateway.app import answer_errors, make_app
from gateway.parts import compose
from tests.gateway import web
from tests.gateway.web import Client
from tests.waiting import eventually

SECRET_WORDS = "0909090909 wrote: where is my order?"


def app_that_raises(error: Exception) -> aiohttp_web.Application:
    """Make an application with one route, which raises."""

    async def fail(_request: aiohttp_web.Request) -> aiohttp_web.Response:
        raise error

    app = aiohttp_web.Application(middlewares=[answer_errors])
    app.router.add_get("/pages/{page_id}", fail)
    return app


async def get(client: Client) -> tuple[int, dict[str, object], str | None]:
    """Ask the one route; return status, problem and Retry-After."""
    async with client.get("/pages/900?secret=1") as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json(), answer.headers.get("Retry-After")


async def test_a_store_that_is_away_is_503_and_asks_to_repeat() -> None:
    async with web.client_of(app_that_raises(StoreUnavailable("ConnectionError: Error"))) as client:
        status, problem, retry_after = await get(client)
    assert (status, problem["status"], retry_after) == (503, 503, "5")


async def test_what_nobody_expected_is_500_without_details_and_logged_once() -> None:
    with capture_logs() as logged:
        async with web.client_of(app_that_raises(ValueError(SECRET_WORDS))) as client:
            status, problem, _ = await get(client)
    assert status == 500
    assert SECRET_WORDS not in str(problem)
    (line,) = logged
    assert (line["event"], line["route"]) == ("request.failed", "/pages/{page_id}")


async def test_whoever_gets_a_500_is_told_the_request_id() -> None:
    async with web.client_of(app_that_raises(ValueError("x"))) as client:
        first, second = [(await get(client))[1]["request_id"] for _ in range(2)]
    assert first != second


async def test_an_unknown_path_and_a_wrong_method_are_answered_as_such() -> None:
    async with web.client_of(make_app(compose(web.settings()))) as client:
        async with client.get("/nowhere") as answer:
            assert answer.status == 404
        async with client.put("/webhooks/messenger") as answer:
            assert answer.status == 405


async def test_a_sender_that_dies_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its supervisor starts it anew; without a sender it would only fill the outbox."""
    raised: list[int] = []
    monkeypatch.setattr("signal.raise_signal", raised.append)

    async def die(_sender: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("actors.sender.Sender.run", die)
    runner = aiohttp_web.AppRunner(make_app(compose(web.settings())))
    await runner.setup()
    await eventually(lambda: raised)
    with pytest.raises(RuntimeError, match="a mistake"):
        await runner.cleanup()


async def test_the_store_is_closed_when_the_application_ends() -> None:
    parts = compose(web.settings())
    closed: list[str] = []

    async def close() -> None:
        closed.append("store")

    parts.store.aclose = close  # type: ignore[method-assign]
    async with web.client_of(make_app(parts)):
        assert closed == []
    assert closed == ["store"]
