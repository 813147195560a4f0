"""Below the search box: how many problems there are, how much is about to be lost, and how much waits."""

import re

from rules.times import DAY_MS, HOUR_MS
from tests.gateway.service import Service, click, order
from tests.gateway.support.visiting import come_in
from tests.gateway.web import now_ms as now


def figures(html: str) -> list[str]:
    """Return the numbers of the cards."""
    return re.findall('class="figure">([^<]+)<', html)


async def test_it_counts_what_needs_eyes_now(service: Service) -> None:
    await service.connect(paused=True)
    assert figures(await come_in(service)) == ["0", "0", "0"]
    clicked_at = now() - 7 * DAY_MS + 3 * HOUR_MS
    await service.messenger(clicked_at, click())
    await service.order(order(1225410593, clicked_at + HOUR_MS))
    await service.whole_story(1225410594, psid="7102")
    assert figures(await come_in(service)) == ["0", "1", "5"]
