"""A Lua script cannot import: numbers that several scripts, or a script and Python, must agree on are written twice."""

import re
from pathlib import Path

import pytest

from actors import timeline
from actors.claims import FARTHEST_MS
from actors.connections import READ_AGAIN_S
from actors.counts import KEPT_DAYS
from actors.finding import MOST_FOUND
from rules.delivery import EVENT_LIVES_MS
from rules.state import CLICK_LIVES_MS, KEPT_WITH_CLICK_MS
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

LUA = Path(__file__).parents[2] / "actors" / "lua"

DELIVERED_KEPT_MS = 30 * DAY_MS
"""What the documents promise of a delivered event."""

WANTED = {
    "CHOICES_KEPT_MS": KEPT_WITH_CLICK_MS,
    "CONVERSATION_KEPT_MS": KEPT_WITH_CLICK_MS,
    "COUNTS_KEPT_MS": KEPT_DAYS * DAY_MS,
    "DEAD_KEPT_MS": DELIVERED_KEPT_MS,
    "FARTHEST_MS": FARTHEST_MS,
    "FORGET_MS": 10 * MINUTE_MS,
    "KEPT_MS": DELIVERED_KEPT_MS + EVENT_LIVES_MS,
    "LEFT_MS": EVENT_LIVES_MS + (DELIVERED_KEPT_MS + EVENT_LIVES_MS) + DELIVERED_KEPT_MS + DAY_MS,
    "LONGEST_SHUT_US": DAY_MS * 1_000,
    "MARK_KEPT_MS": HOUR_MS,
    "MOST_ATTEMPTS": 20,
    "OLDEST_INDEXED": -MOST_FOUND - 1,
    "OLDEST_KEPT": -MOST_FOUND - 1,
    "ORDER_KEPT_MS": CLICK_LIVES_MS + DAY_MS,
    "ORDER_RAN_OUT_KEPT_MS": DAY_MS,
    "ROW_KEPT_MS": DELIVERED_KEPT_MS + EVENT_LIVES_MS,
    "TIMELINE_LENGTH": timeline.LENGTH,
}

SHARED = {
    "COUNTS_KEPT_MS",
    "DEAD_KEPT_MS",
    "FORGET_MS",
    "KEPT_MS",
    "LONGEST_SHUT_US",
    "MARK_KEPT_MS",
    "TIMELINE_LENGTH",
}


def written() -> dict[str, dict[str, int]]:
    """Return every constant of the scripts: by script, what it is."""
    found: dict[str, dict[str, int]] = {}
    for script in sorted(LUA.glob("*.lua")):
        for names, values in re.findall(r"^local ([A-Z][A-Z_, ]*) = (.+)$", script.read_text(), re.MULTILINE):
            for name, value in zip(names.split(", "), values.split(", "), strict=True):
                found.setdefault(name, {})[script.name] = int(value.strip("'"))
    return found


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_script_has_the_number_that_all_agree_on(name: str) -> None:
    assert set(written()[name].values()) == {WANTED[name]}


def test_no_number_of_a_script_is_left_out() -> None:
    assert set(written()) == set(WANTED)
    assert {name for name, scripts in written().items() if len(scripts) > 1} == SHARED


def test_a_mark_outlives_what_is_believed_because_of_it() -> None:
    assert WANTED["MARK_KEPT_MS"] > READ_AGAIN_S * SECOND_MS
