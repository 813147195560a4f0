"""What senders count is seen by the web processes, for as long as they live."""

import pytest
import structlog.testing

from actors import keys, metrics
from actors.sender_metrics import KEPT_MS, SenderMetrics
from tests.stores import Store

NOW = 1_790_000_000_000


async def test_what_one_sender_counts_another_process_reads(store: Store) -> None:
    metrics.ATTEMPTS.labels("accepted").inc(3)
    await SenderMetrics(store).publish(NOW)

    [measured] = (await SenderMetrics(store).published(NOW)).values()

    accepted = [each for each in measured if each.labels == {"answer": "accepted"}]
    assert [each.name for each in accepted] == ["attempts_total"]
    assert accepted[0].value >= 3


async def test_senders_are_told_apart_and_the_silent_are_left_out(store: Store) -> None:
    await SenderMetrics(store).publish(NOW)
    await SenderMetrics(store).publish(NOW + KEPT_MS)

    assert len(await SenderMetrics(store).published(NOW + KEPT_MS)) == 2
    assert len(await SenderMetrics(store).published(NOW + KEPT_MS + 1)) == 1
    assert await store.hlen(keys.SENDERS) == 1


@pytest.mark.parametrize("row", ["not JSON", '{"at":1}', f'[{NOW},[{{"family":"claims"}}]]', b'[1,["\xff"]]'])
async def test_what_another_version_says_hides_no_other_sender(store: Store, row: str | bytes) -> None:
    """During an upgrade senders of both run side by side. It is logged once, not at every scrape."""
    await SenderMetrics(store).publish(NOW)
    await store.hset(keys.SENDERS, "other", row)
    reader = SenderMetrics(store)

    with structlog.testing.capture_logs() as logs:
        found = [await reader.published(NOW) for _ in range(2)]

    assert [len(each) for each in found] == [1, 1]
    assert [(line["event"], line["sender"]) for line in logs] == [("sender_metrics.unreadable", "other")]
