"""That the benchmark still works. Its figures are judged from `make bench`, never here."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.load.bench import measure
from tests.load.bench_document import BEGIN, END, write_document
from tests.load.bench_figures import read
from tests.load.bench_site import Scale
from tests.redis_server import redis_server_installed

MOMENT = Scale(seconds=0.2, pages=(1,), conversations=100)
HAND_WRITTEN = f"# Performance\n\nBefore.\n\n{BEGIN}\nold figures\n{END}\n\nAfter.\n"


@pytest.mark.slow
@pytest.mark.skipif(not redis_server_installed(), reason="redis-server is not installed")
def test_events_in_are_measured_and_written_down(tmp_path: Path) -> None:
    document, folder = tmp_path / "performance.md", tmp_path / "figures"
    document.write_text(HAND_WRITTEN)
    measure("in", 2, MOMENT, folder)
    write_document(folder, document)
    figures = read(folder)["in"].figures
    assert {len(values) for values in figures.values()} == {2}
    assert all(
        figures[f"{whose} 1 {kind} /s"][0] > 0 for whose in ("bare", "ours", "obvious") for kind in ("plain", "clicked")
    )
    words = document.read_text()
    assert words.startswith("# Performance\n\nBefore.\n")
    assert words.endswith("\nAfter.\n")
    assert "old figures" not in words
    assert "| 1 page, with a click | " in words
    assert fromstring(document.with_suffix(".svg").read_text()).tag.endswith("svg")  # noqa: S314  likewise
