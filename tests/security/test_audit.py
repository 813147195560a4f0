"""The audit of dependencies: what is known is a failure, what could not be asked is not silently a success."""

from pathlib import Path

import msgspec

from tests.security.audit import PINNED, Report, problems, unanswered

CLEAN = b'{"name":"aiohttp","version":"3.14.5","vulns":[]}'
HURT = b'{"name":"x","version":"1","vulns":[{"id":"PYSEC-1","fix_versions":["1.1"],"aliases":[],"description":""}]}'
SKIPPED = b'{"name":"y","skip_reason":"not found"}'
LOCK = Path(__file__).parents[2] / "requirements.lock"


def report(*dependencies: bytes) -> Report:
    """Make a report."""
    return msgspec.json.decode(b'{"dependencies":[' + b",".join(dependencies) + b'],"fixes":[]}', type=Report)


def test_a_known_vulnerability_is_told_with_its_cure() -> None:
    assert problems(report(CLEAN)) == []
    assert problems(report(CLEAN, HURT)) == ["x 1: PYSEC-1, mended in 1.1"]


def test_what_could_not_be_asked_is_a_problem_unless_nothing_could() -> None:
    assert problems(report(CLEAN, SKIPPED)) == ["y: not found"]
    assert not unanswered(report(CLEAN, SKIPPED))
    assert unanswered(report(SKIPPED))
    assert unanswered(None)
    assert problems(None)


def test_every_package_of_the_lock_is_asked_about() -> None:
    pinned = PINNED.findall(LOCK.read_text())
    assert len(pinned) == sum(line[:1].isalpha() for line in LOCK.read_text().splitlines())
    assert any(each.startswith("aiohttp==") for each in pinned)
