"""Times and durations as people read them."""

import pytest

from gateway.pages.formats import clock, lasting


@pytest.mark.parametrize(
    ("ms", "vi", "en"),
    [
        (0, "0 giây", "0 s"),
        (430, "0,4 giây", "0.4 s"),
        (9_940, "9,9 giây", "9.9 s"),
        (9_960, "10 giây", "10 s"),
        (59_600, "1 phút", "1 min"),
        (125_000, "2 phút 5 giây", "2 min 5 s"),
        (7_500_000, "2 giờ 5 phút", "2 h 5 min"),
        (86_400_000, "1 ngày", "1 d"),
        (90_000_000, "1 ngày 1 giờ", "1 d 1 h"),
    ],
)
def test_durations_have_their_two_largest_units(ms: float, vi: str, en: str) -> None:
    assert (lasting(ms, "vi"), lasting(ms, "en")) == (vi, en)


def test_the_clock_is_vietnams() -> None:
    assert clock(0) == "07:00"
