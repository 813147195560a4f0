"""What support does with a case: what if, on the conversation's page, changing nothing; and the packet for TikTok."""

import json

from actors.views import EventFilter
from tests.gateway.service import Service, click, order
from tests.gateway.support.test_conversation import HERE, shown
from tests.gateway.support.visiting import ROOT, audit, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now
from tests.waiting import eventually

WHAT_IF = f"{HERE}/what-if"


async def begin(service: Service, psid: str = PSID) -> None:
    """Let a customer click and buy, of a paused page, and support come."""
    await service.connect(paused=True)
    start = now() - 60_000
    await service.messenger(start, click("tt-spring-1"), psid=psid)
    await service.order(order(1225410593, start + 10_000, confirmed_at=start + 20_000), psid=psid)
    await eventually(lambda: both_are_held(service))  # by the sender of the embedded service, too
    await come_in(service, lang="en")


async def both_are_held(service: Service) -> bool:
    """Whether a sender has seen that the page is paused; where there is none, nothing changes any more."""
    rows = (await service.parts.views.events(PAGE, EventFilter())).events
    return not service.parts.settings.embedded or [row.reason for row in rows] == ["page_paused"] * 2


def what_would_be(html: str) -> str:
    """Return what the page says of what if."""
    return shown(html[html.index('id="what-if"') :])


async def everything(service: Service) -> dict[bytes, bytes | None]:
    """Return all that is stored but sessions and the audit stream."""
    store = service.parts.store
    kept = [key async for key in store.scan_iter() if not key.startswith((b"session", b"audit", b"pulse"))]
    return {key: await store.dump(key) for key in kept}


async def test_another_choice_shows_what_would_be_and_changes_nothing(service: Service) -> None:
    await begin(service)
    before = await everything(service)
    html = await see(service, f"{WHAT_IF}?choice=order_shipped&ref_pattern=")
    told = what_would_be(html)
    assert '<option value="order_shipped" selected>' in html
    assert "Shopping Lost Order #410593 (1225410593)" in told
    assert "Waiting for the order to have a delivery note." in told
    assert "Clicks that would be recognised otherwise" not in told
    assert await everything(service) == before
    (line, *_) = await audit(service)
    assert (line.action, line.page_id, line.psid) == ("what_if", PAGE, PSID)


async def test_another_recogniser_shows_which_clicks_it_would_find(service: Service) -> None:
    await begin(service)
    told = what_would_be(await see(service, f"{WHAT_IF}?ref_pattern=^ad-"))
    assert "tt-spring-1" in told
    assert "no click" in told
    told = what_would_be(await see(service, f"{WHAT_IF}?ref_pattern=tt-(%3FP%3Ctracking_id%3E%5Cw%2B)"))
    assert "spring" in told


async def test_nothing_else_tried_says_that_all_stays_as_it_is(service: Service) -> None:
    await begin(service)
    assert "Everything would be the same." in what_would_be(await see(service, f"{WHAT_IF}?choice=&ref_pattern="))
    assert "Everything would be the same." not in what_would_be(await see(service, HERE))


async def test_a_pattern_that_cannot_be_tried_is_said_at_its_field(service: Service) -> None:
    await begin(service)
    html = await see(service, f"{WHAT_IF}?ref_pattern=%28%3Cb%3E")
    assert 'aria-invalid="true"' in html
    assert 'value="(&lt;b&gt;"' in html
    assert "The pattern cannot be used: it is not a regular expression" in html
    assert "<b>" not in html


async def test_a_pattern_is_never_written_down(service: Service) -> None:
    """Somebody may paste a phone number into whatever field there is."""
    await begin(service)
    await see(service, f"{WHAT_IF}?ref_pattern=0909090909")
    assert "0909090909" not in str(await audit(service))


async def test_of_what_is_not_known_nothing_can_be_tried_or_taken_away(service: Service) -> None:
    await begin(service)
    for step in ("what-if", "packet"):
        assert "until 9 days after the last click" in await see(service, f"/conversations/900/nobody/{step}", 404)


async def test_the_packet_is_a_file_without_the_customer_and_its_taking_is_written_down(service: Service) -> None:
    psid = "7101999988887777"  # no time nor id holds so many digits by chance
    here = f"/conversations/{PAGE}/{psid}"
    await begin(service, psid)
    assert f'href="{ROOT}{here}/packet" download' in await see(service, here)
    async with service.client.get(f"{ROOT}{here}/packet") as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        assert response.headers["Content-Disposition"].startswith('attachment; filename="packet-900-customer-')
        text = await response.text()
    assert len(json.loads(text)["timeline"]) == 2
    for personal in (psid, "0909090909", "a@b.vn"):
        assert personal not in text
    (line, *_) = await audit(service)
    assert (line.action, line.page_id, line.psid) == ("packet", PAGE, psid)
