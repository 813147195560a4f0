"""Each reason of the catalogue comes about in the real processes, and all who ask are told the same of it.

The processes run once for the whole module; each case has a page of its own and is forgotten at its end.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from html import unescape
from typing import Any, get_args

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from redis.asyncio import Redis

from actors.audit import Audit
from gateway.explain import labels
from rules.catalogue import DELIVERY_CODES, PAGE_CODES, DecisionCode, Language, ReasonCode
from rules.reasons import Answer
from tests.end_to_end.reasons import PSID, REF, SCENARIOS, Case
from tests.end_to_end.running import Running
from tests.end_to_end.world import World
from tests.load.service import service as processes
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES: tuple[ReasonCode, ...] = (*get_args(DecisionCode), *PAGE_CODES, *DELIVERY_CODES)
TOLD_WITHIN_S = 60
LANGUAGES: tuple[Language, ...] = get_args(Language)
SHORT_IN_A_PICTURE = {"already_fired": labels.ALREADY}


class Service:
    """The running processes, and somebody of support who asks about what happens in them."""

    def __init__(self, world: World, sender: Running, store: Redis, http: ClientSession) -> None:
        """Know whom to ask."""
        self.world = world
        self.sender = sender
        self.store = store
        self._http = http

    async def api(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Ask the API; None where it knows nothing of it."""
        async with self._http.get(f"{self.world.url}/api{path}", headers=self.world.operator) as answer:
            assert answer.status in {200, 404}, await answer.text()
            return await answer.json() if answer.status == 200 else None

    async def page(self, path: str, language: Language, status: int = 200) -> str:
        """Open a page of support's."""
        async with self._http.get(f"{self.world.url}/support{path}", params={"lang": language}) as answer:
            assert answer.status == status, await answer.text()
            return unescape(await answer.text())

    async def command(self, *arguments: str) -> str:
        """Run a command line in a wide terminal, and return what it prints."""
        process = self.world.start(*arguments, COLUMNS="400", PYTHONIOENCODING="utf-8")
        told = await asyncio.to_thread(process.output)
        assert process.end() == 0, process.log
        return told

    async def forget(self, case: Case) -> None:
        """Forget the conversation with all that waits to be sent, and let TikTok and the sender do their work again."""
        url = f"{self.world.url}/api/conversations/{case.page_id}/{PSID}"
        async with self._http.delete(url, headers=self.world.operator) as answer:
            assert answer.status == 204
        await self.world.sandbox("reset")
        self.sender.signal(signal.SIGCONT)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(redis_url: str) -> AsyncIterator[Service]:
    """Start all processes, and let somebody of support come in. Asks for `redis_url` to be skipped where that is."""
    assert redis_url
    cookies = CookieJar(unsafe=True)
    async with (
        processes(0) as started,
        ClientSession(cookie_jar=cookies) as http,
        Redis.from_url(started.redis_url) as store,
    ):
        sender = started.world.start("sender")
        await comes(started.world, http, "support")
        yield Service(started.world, sender, store, http)


async def comes(world: World, http: ClientSession, role: str) -> None:
    """Let somebody come in by a link that HaraSocial has signed."""
    async with http.get(world.link(role)) as answer:
        assert answer.status == 200, await answer.text()


@pytest_asyncio.fixture(loop_scope="module")
async def case(service: Service, code: ReasonCode) -> AsyncIterator[Case]:
    """Give a page and a conversation of their own."""
    it = Case(service.world, service.sender, service.store, CODES.index(code))
    yield it
    await service.forget(it)


def answers_in(told: object) -> Iterator[dict[str, Any]]:
    """Go through all reasons in a JSON document, wherever they stand."""
    if isinstance(told, dict):
        if "reason" in told:
            yield told
        for part in told.values():
            yield from answers_in(part)
    if isinstance(told, list):
        for part in told:
            yield from answers_in(part)


def answers_of(code: ReasonCode, told: object) -> list[dict[str, Any]]:
    """Return what a document says of one reason: numbers, sentences and remedies, as often as it says it."""
    return [
        {name: answer[name] for name in ("numbers", "sentence", "remedy")}
        for answer in answers_in(told)
        if answer["reason"] == code
    ]


def assert_said(language: Language, answer: Answer, text: str, *, picture: bool = False) -> None:
    """Check that a text for people says a reason, as the catalogue does, in their language."""
    short = SHORT_IN_A_PICTURE.get(answer.reason) if picture else None
    assert (short.say(language) if short else answer.sentence(language)) in text


@pytest.mark.parametrize("code", CODES)
async def test_each_reason_is_told_by_the_api_the_page_and_the_command_line(
    service: Service, case: Case, code: ReasonCode
) -> None:
    scenario = SCENARIOS[code]
    await scenario.play(case)
    conversation, place = f"/conversations/{case.page_id}/{PSID}", (case.page_id, PSID)
    api = conversation if scenario.told_by == "explain" else f"{conversation}/timeline"

    async def told() -> list[dict[str, Any]]:
        return answers_of(code, await service.api(api))

    await eventually(told, within=TOLD_WITHIN_S)
    first, *_ = by_api = await told()
    answer = Answer(None, code, first["numbers"])
    assert first["sentence"] == {language: answer.sentence(language) for language in LANGUAGES}
    assert first["remedy"] == {language: answer.remedy(language) for language in LANGUAGES}

    printed, *pictures = await asyncio.gather(
        service.command(scenario.told_by, *place, "--json"),
        *(service.command(scenario.told_by, *place, "--language", language) for language in LANGUAGES),
    )
    assert [each["sentence"] for each in answers_of(code, msgspec.json.decode(printed))] == [
        each["sentence"] for each in by_api
    ]
    for language, picture in zip(LANGUAGES, pictures, strict=True):
        assert_said(language, answer, picture, picture=True)
        assert_said(language, answer, await service.page(conversation, language))


@pytest.mark.parametrize("code", DELIVERY_CODES)
async def test_what_became_of_a_delivery_stands_in_the_log_and_on_its_page(
    service: Service, case: Case, code: ReasonCode
) -> None:
    await SCENARIOS[code].play(case)

    async def logged() -> list[dict[str, Any]]:
        log = await service.api(f"/pages/{case.page_id}/events")
        return [event for event in log["events"] if event["reason"] == code]

    await eventually(logged, within=TOLD_WITHIN_S)
    (event,) = await logged()
    assert event["status"] == code
    for language in LANGUAGES:
        answer = Answer(None, code, event["numbers"])
        assert_said(language, answer, await service.page(f"/deliveries/{case.page_id}/{event['event_id']}", language))


@pytest.mark.parametrize("code", ["fired"])
async def test_a_seller_who_asks_for_a_conversation_gets_403_and_a_line_in_the_audit(
    service: Service, case: Case, code: ReasonCode
) -> None:
    await SCENARIOS[code].play(case)
    path = f"/support/conversations/{case.page_id}/{PSID}"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        await comes(service.world, http, "owner")
        async with http.get(service.world.url + path) as answer:
            assert answer.status == 403
            assert REF not in await answer.text()
    (line,) = await Audit(service.store).refused(10)
    assert (line.who, line.allowed, line.page_id, line.psid) == ("mai", False, case.page_id, PSID)
    assert (line.action, line.why) == ("GET /support/conversations/{page_id}/{psid}", "support_only")
