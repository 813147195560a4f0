"""Rule 11: a returned order is not taken back, but it is shown, wherever its conversation is."""

import io

import msgspec
import pytest
from rich.console import Console

from gateway.api.shapes import ConversationShape
from gateway.explain import draw_conversation
from gateway.support import paths
from tests.gateway.service import Service, click, order, said
from tests.gateway.support.visiting import ROOT, come_in, see
from tests.gateway.web import PAGE, PSID
from tests.gateway.web import now_ms as now

PATH = f"/conversations/{PAGE}/{PSID}"


async def buys_and_returns(service: Service, ends: dict[str, object]) -> None:
    """A customer clicks and buys; a later push says how the order has ended."""
    await service.connect()
    start = now() - 60_000
    await service.messenger(start, click(), said("m1"))
    await service.order(order(9, start + 20_000, confirmed_at=start + 30_000))
    await service.order(order(9, start + 20_000, confirmed_at=start + 40_000) | ends)


@pytest.mark.parametrize("ends", [{}, {"financial_status": "refunded"}])
async def test_a_returned_order_is_told_as_such_everywhere(service: Service, ends: dict[str, object]) -> None:
    await buys_and_returns(service, ends)
    async with await service.api("GET", PATH) as response:
        body = await response.read()
        (shown,) = (await response.json())["orders"]
    async with await service.api("GET", f"{PATH}/timeline") as response:
        entries = (await response.json())["entries"]
    await come_in(service, lang="en")
    page = await see(service, paths.conversation(PAGE, PSID).removeprefix(ROOT))

    returned = bool(ends)
    assert (shown["returned"], shown["cancelled"]) == (returned, False)
    assert shown["fired"] == ["InitiateCheckout", "CompletePayment"]
    assert any(entry["happened"]["en"].endswith(": returned") for entry in entries) == returned
    assert ("Returned</span>" in page) == returned
    assert ("(returned)" in explained(body)) == returned


def explained(body: bytes) -> str:
    """Return what ``explain`` prints of what the API says."""
    output = io.StringIO()
    shape = msgspec.json.decode(body, type=ConversationShape)
    Console(file=output, width=120).print(draw_conversation(shape, "en", now()))
    return output.getvalue()
