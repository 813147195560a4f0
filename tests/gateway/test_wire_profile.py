"""The wire profile: complete, strict, and the only place that knows what TikTok does not publish."""

import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.wire_profile import WireProfileError, load_wire_profile
from rules.events import EVENT_NAMES

ROOT = Path(__file__).parents[2]
WHOLE: dict[str, Any] = {
    "event_source": "crm",
    "event_names": {name: f"Our {name}" for name in EVENT_NAMES},
    "tracking_id_paths": ["ad.callback", "user.ttclid"],
    "event_set_endpoints": {"find": "/crm/list/", "create": "/crm/create/"},
}


def write(directory: Path, content: object) -> str:
    """Write a profile file and return its path."""
    path = directory / "profile.json"
    path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
    return str(path)


def test_the_built_in_profile_names_every_event_and_says_that_it_is_unverified() -> None:
    profile = load_wire_profile(None)
    assert set(profile.event_names) == set(EVENT_NAMES)
    assert profile.send_external_id
    assert not profile.verified


def test_a_file_replaces_the_whole_profile(tmp_path: Path) -> None:
    profile = load_wire_profile(write(tmp_path, WHOLE | {"send_external_id": False, "verified": True}))
    assert msgspec.to_builtins(profile) == WHOLE | {
        "send_external_id": False,
        "verified": True,
        "tracking_id_paths": ("ad.callback", "user.ttclid"),
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_source": ""}, "event_source"),
        ({"event_source": 7}, "event_source"),
        ({"event_names": {"Conversation": "Conversation"}}, "event_names"),
        ({"event_names": WHOLE["event_names"] | {"Purchase": "Purchase"}}, "event_names"),
        ({"event_names": WHOLE["event_names"] | {"Conversation": ""}}, "event_names"),
        ({"tracking_id_paths": []}, "tracking_id_paths"),
        ({"tracking_id_paths": ["ad callback"]}, "tracking_id_paths"),
        ({"tracking_id_paths": ["ad.callback", "ad"]}, "tracking_id_paths"),
        ({"tracking_id_paths": ["ad.callback", "ad.callback"]}, "tracking_id_paths"),
        ({"tracking_id_paths": ["user"]}, "tracking_id_paths"),
        ({"tracking_id_paths": ["event_id"]}, "tracking_id_paths"),
        ({"tracking_id_paths": ["properties.order_id"]}, "tracking_id_paths"),
        ({"event_set_endpoints": {"find": "/crm/list", "create": "/crm/create/"}}, "event_set_endpoints.find"),
        ({"event_set_endpoints": {"find": "/crm/list/"}}, "event_set_endpoints"),
        ({"send_external_id": "yes"}, "send_external_id"),
        ({"event_sorce": "message"}, "event_sorce"),
    ],
)
def test_a_wrong_field_is_refused_by_name(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    path = write(tmp_path, WHOLE | change)
    with pytest.raises(WireProfileError, match=re.escape(field)) as caught:
        load_wire_profile(path)
    assert path in str(caught.value)


@pytest.mark.parametrize("field", list(WHOLE))
def test_a_missing_field_is_refused_by_name(tmp_path: Path, field: str) -> None:
    path = write(tmp_path, {key: value for key, value in WHOLE.items() if key != field})
    with pytest.raises(WireProfileError, match=field):
        load_wire_profile(path)


def test_a_file_that_is_not_json_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WireProfileError, match="malformed"):
        load_wire_profile(write(tmp_path, b"{event_source: message}"))
    with pytest.raises(WireProfileError, match="No such file"):
        load_wire_profile(str(tmp_path / "nowhere.json"))


def test_a_file_may_begin_with_the_byte_order_mark_that_some_editors_write(tmp_path: Path) -> None:
    written = msgspec.json.encode(WHOLE)
    assert load_wire_profile(write(tmp_path, BOM_UTF8 + written)) == load_wire_profile(write(tmp_path, written))


@pytest.mark.parametrize("package", ["rules", "actors", "gateway"])
def test_nothing_but_the_profile_knows_what_tiktok_does_not_publish(package: str) -> None:
    """No event source "message", no place of the tracking id and no event-set path stands in the code."""
    unknowns = re.compile(
        r"""event_sources?\W+(\w+\W+)?["']message["']|\bad\.callback|["']ad["']|["'.]ttclid|/ctm/""",
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "wire_profile.py"
        for match in unknowns.finditer(path.read_text())
    ]
    assert found == []
