"""The clock is read in one place."""

import re
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "gateway"
READS = re.compile(r"\btime\.time(_ns)?\(|\bdatetime\.(now|utcnow)\(")


def test_nobody_reads_it_elsewhere() -> None:
    readers = {path.relative_to(GATEWAY) for path in GATEWAY.rglob("*.py") if READS.search(path.read_text())}
    assert readers == {Path("clock.py")}
