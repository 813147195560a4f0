"""Vendor times: what is believed, and as what."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.timestamps import is_suspect, read_time

AT = 1_767_582_245_000


@pytest.mark.parametrize(
    "value",
    [
        1_767_582_245_000,
        1_767_582_245_000.0,
        1_767_582_245,
        1_767_582_245.0,
        "1767582245000",
        "1767582245",
        " 1767582245 ",
        "2026-01-05T03:04:05Z",
        "2026-01-05t03:04:05z",
        "2026-01-05T03:04:05",
        "2026-01-05 03:04:05",
        "2026-01-05T10:04:05+07:00",
        "2026-01-05T10:04:05+0700",
        "2026-01-04T22:04:05.000-05:00",
    ],
    ids=repr,
)
def test_the_same_moment_in_every_spelling(value: object) -> None:
    assert read_time(value) == AT


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-01-05T03:04:05.1Z", AT + 100),
        ("2026-01-05T03:04:05.67Z", AT + 670),
        ("2026-01-05T03:04:05.678Z", AT + 678),
        ("2026-01-05T03:04:05.6789012Z", AT + 678),
        (1_767_582_245.5, AT + 500),
        (100_000_000_000, 100_000_000_000),
        (1_000_000_000, 1_000_000_000_000),
        (4_102_444_800_000, 4_102_444_800_000),
        (4_102_444_800, 4_102_444_800_000),
    ],
)
def test_fractions_and_bounds(value: object, at: int) -> None:
    assert read_time(value) == at


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        -1_767_582_245_000,
        999_999_999,
        4_102_444_801,
        99_999_999_999,
        4_102_444_800_001,
        10**40,
        float("nan"),
        float("inf"),
        1e300,
        "",
        "now",
        "0",
        "-1767582245",
        "١٧٦٧٥٨٢٢٤٥",
        "²²²²²²²²²²",
        "1970-06-01T00:00:00Z",
        "9" * 5_000,
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-45T00:00:00Z",
        [],
        {},
        Decimal("NaN"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_cannot_be_meant_is_none(value: object) -> None:
    assert read_time(value) is None


@given(
    st.text()
    | st.floats()
    | st.integers()
    | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
)
def test_reading_never_raises_and_stays_within_bounds(value: object) -> None:
    at = read_time(value)
    assert at is None or 100_000_000_000 <= at <= 4_102_444_800_000


@pytest.mark.parametrize(
    ("distance", "suspect"),
    [(0, False), (600_000, False), (600_001, True), (-691_200_000, False), (-691_200_001, True)],
)
def test_a_time_is_suspect_beyond_10_minutes_ahead_and_8_days_behind(distance: int, suspect: bool) -> None:  # noqa: FBT001
    assert is_suspect(AT + distance, AT) is suspect
