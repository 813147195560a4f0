"""How a page and all pages do, as support sees it: counts, times, the outbox, and fields that have gone silent."""

import re

import pytest

from actors import keys
from actors.pulse import ATTEMPT, CONFLICTS, IN, Pulse
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from tests.actors.delivering import fired
from tests.gateway.service import Service
from tests.gateway.support.visiting import audit, come_in, see
from tests.gateway.web import PAGE
from tests.gateway.web import now_ms as now

PAGE_HEALTH = f"/pages/{PAGE}/health"


def total(html: str, name: str) -> str:
    """Return the sum that stands beside a chart of this name."""
    found = re.search(rf'<strong>{name}</strong>.*?<strong class="figure">([^<]*)</strong>', html, re.DOTALL)
    assert found, name
    return found[1]


def figure(html: str, name: str) -> str:
    """Return the figure with this name."""
    found = re.search(rf'<dt>{name}</dt><dd class="figure[^"]*">([^<]*)</dd>', html)
    assert found, name
    return found[1]


async def write(service: Service, counted: Pulse) -> None:
    """Write what was counted."""
    await counted.write(service.parts.store)


async def test_what_comes_in_fires_and_is_sent_is_shown(sending: Service) -> None:
    await sending.connect()
    await sending.whole_story()
    await sending.sent(4)
    await write(sending, sending.parts.pulse)
    await come_in(sending, lang="en")

    for path in ("/health", PAGE_HEALTH, "/health?period=day"):
        html = await see(sending, path)
        assert (total(html, "In"), total(html, "Fired"), total(html, "Sent")) == ("10", "4", "4"), path
        assert int(total(html, "Accepted")) > 0
        assert re.search(r"<dt>p50</dt><dd class=\"figure\">\d", html)


async def test_a_page_shows_its_own_counts_and_the_whole_shows_all(service: Service) -> None:
    await service.connect()
    counted, at = Pulse(), now()
    counted.count(PAGE, at, IN, 1_200)
    counted.count("901", at, IN, 34)
    counted.count(PAGE, at - 2 * HOUR_MS, IN, 5)
    counted.count(PAGE, at, CONFLICTS, 3)
    counted.count(PAGE, at, ATTEMPT["throttled"], 7)
    await write(service, counted)
    await come_in(service, lang="en")

    page = await see(service, PAGE_HEALTH)
    assert (total(page, "In"), figure(page, "Commit conflicts"), total(page, "App throttled")) == ("1,200", "3", "7")
    assert total(await see(service, "/health"), "In") == "1,234"
    assert total(await see(service, PAGE_HEALTH + "?period=day"), "In") == "1,205"
    assert total(await see(service, PAGE_HEALTH + "?period=nonsense"), "In") == "1,200"


async def test_the_outbox_is_shown_with_the_pages_that_wait_most(service: Service) -> None:
    await service.connect(paused=True)
    await fired(service.parts.store, 3, ago_ms=2 * HOUR_MS)
    await come_in(service, lang="en")

    html = await see(service, "/health")
    assert (figure(html, "Waiting"), figure(html, "Oldest has waited")) == ("3", "2 h")
    assert f'href="/support{PAGE_HEALTH}"' in html
    assert figure(await see(service, PAGE_HEALTH), "Waiting") == "3"


@pytest.mark.parametrize(
    ("messages_ago", "echoes_ago", "silent"),
    [
        (MINUTE_MS, 3 * HOUR_MS + MINUTE_MS, True),
        (MINUTE_MS, 2 * HOUR_MS, False),
        (4 * HOUR_MS, 5 * HOUR_MS, False),
        (MINUTE_MS, None, False),
    ],
)
async def test_a_field_that_is_silent_while_messages_come_is_pointed_out(
    service: Service, messages_ago: int, echoes_ago: int | None, *, silent: bool
) -> None:
    await service.connect()
    counted = Pulse()
    counted.hear(PAGE, "messages", now() - messages_ago)
    if echoes_ago is not None:
        counted.hear(PAGE, "message_echoes", now() - echoes_ago)
    await write(service, counted)
    await come_in(service, lang="en")

    html = await see(service, PAGE_HEALTH)
    assert ("the subscription may be lost" in html) is silent
    assert (f'<a href="/support/pages/{PAGE}">Open page check</a>' in html) is silent
    assert ("the subscription may be lost" in await see(service, "/health")) is silent


async def test_times_are_drawn_and_told(service: Service) -> None:
    await service.connect()
    counted = Pulse()
    for lag_s in (1, 1, 50, 3 * 3_600):
        counted.accepted(PAGE, now(), lag_s * SECOND_MS)
    await write(service, counted)
    await come_in(service, lang="en")

    html = await see(service, PAGE_HEALTH)
    assert figure(html, "p50") == "1 s"
    assert html.count('class="span pale"') == 1
    assert "p99 3 h" in html


async def test_a_quiet_page_says_so(service: Service) -> None:
    await service.connect()
    await come_in(service, lang="vi")
    html = await see(service, PAGE_HEALTH)
    assert "TikTok chưa nhận sự kiện nào trong khoảng thời gian này." in html
    assert "Không có yêu cầu nào trong khoảng thời gian này." in html
    assert html.count("Chưa có trong 30 ngày") == 6


async def test_a_page_that_was_disconnected_is_shown_and_one_that_never_was_is_not(service: Service) -> None:
    counted = Pulse()
    counted.hear("901", "messages", now() - DAY_MS)
    await write(service, counted)
    await come_in(service)
    await see(service, "/pages/901/health")
    await see(service, "/pages/902/health", 404)


async def test_each_look_is_written_down(service: Service) -> None:
    await service.connect()
    await come_in(service)
    await see(service, "/health")
    await see(service, PAGE_HEALTH)
    assert [(line.action, line.page_id) for line in (await audit(service))[:2]] == [("health", PAGE), ("health", "")]


async def test_a_damaged_hour_of_a_pages_pulse_hides_nothing_else(service: Service) -> None:
    await service.connect()
    await service.parts.store.set(keys.pulse(PAGE, keys.hour(now())), "damaged", px=MINUTE_MS)
    await come_in(service)
    await see(service, PAGE_HEALTH)
    await see(service, "/health")
