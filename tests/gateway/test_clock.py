"""The clock is read in one place."""

import re
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "gateway"
READS = re.compile(r"\btime\.time(_ns)?\(|\bdatetime\.(now|utcnow)\(")

ELSEWHERE = {Path("tiktok.py")}
"""May still read it by itself."""


def test_nobody_reads_it_elsewhere() -> None:
    readers = {path.relative_to(GATEWAY) for path in GATEWAY.rglob("*.py") if READS.search(path.read_text())}
    assert readers - ELSEWHERE == {Path("clock.py")}
