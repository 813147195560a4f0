"""The benchmark of support's pages still works; how fast they are is `make bench-support`'s business."""

from tests.load.support import GOAL_MS, Asking, Filled, Measured, Timing, measure
from tests.load.support_seeds import Scale

FAST, SLOW = Timing(5, GOAL_MS - 1, 2 * GOAL_MS), Timing(5, GOAL_MS, 2 * GOAL_MS)


async def test_it_fills_a_page_and_asks_for_everything_that_support_can_see(redis_url: str) -> None:
    assert redis_url  # so that it is skipped, or fails, where there is no Redis
    measured = await measure(Scale(conversations=200, timeline=40, events=20, given_up=5), Asking(1, 3))
    # The long conversation's four events are sent, and each delivery is an entry of its timeline.
    assert measured.filled == Filled(conversations=201, timeline=44, sent=19, given_up=5)
    assert len(measured.timings) > 20
    assert all(0 < each.p50 <= each.p95 <= each.p99 for each in measured.timings.values())


def test_a_page_whose_p95_reaches_the_goal_misses_it() -> None:
    measured = Measured(Filled(1, 1, 1, 1), {"page": FAST, "problems": SLOW})
    assert measured.missed == ["problems"]
    assert measured.table().splitlines()[2:] == [
        "| page | 5.0 | 199.0 | 400.0 | yes |",
        "| problems | 5.0 | 200.0 | 400.0 | no |",
    ]
