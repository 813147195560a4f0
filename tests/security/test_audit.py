"""The audit of dependencies: what is known is a failure, what could not be asked is not silently a success."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from tests.security.audit import PINNED, Report, ask, problems, rounds, unanswered

CLEAN = b'{"name":"aiohttp","version":"3.14.5","vulns":[]}'
HURT = b'{"name":"x","version":"1","vulns":[{"id":"PYSEC-1","fix_versions":["1.1"],"aliases":[],"description":""}]}'
SKIPPED = b'{"name":"y","skip_reason":"not found"}'
FOUND = {
    "id": "PYSEC-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "",
    "affected": [
        {
            "package": {"name": "x", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
LOCK = Path(__file__).parents[2] / "requirements.lock"


def report(*dependencies: bytes) -> Report:
    """Make a report."""
    return msgspec.json.decode(b'{"dependencies":[' + b",".join(dependencies) + b'],"fixes":[]}', type=Report)


@pytest.fixture
def osv() -> Iterator[str]:
    """Serve what OSV answers: it knows something against `x`, whatever its version."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"vulns": [FOUND]} if asked["package"]["name"] == "x" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


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


def test_pip_audit_takes_the_whole_lock_and_tells_what_osv_knows(osv: str) -> None:
    told = [
        ask([*one_of_each, "x==1"], "osv", "--osv-url", osv) for one_of_each in rounds(PINNED.findall(LOCK.read_text()))
    ]
    assert told
    assert [problems(each) for each in told] == [["x 1: PYSEC-1, mended in 1.1"]] * len(told)


def test_a_package_that_is_pinned_twice_is_asked_about_in_two_rounds() -> None:
    assert rounds(["a==1", "b==1", "a==2"]) == [["a==1", "b==1"], ["a==2"]]
