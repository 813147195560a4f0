"""The dashboard and the alerts speak of metrics that there are, and of headings that somebody can read at night."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway import web

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD, ALERTS, ALERTS_TEST = (
    DOCS / "monitoring" / name for name in ("dashboard.json", "alerts.yml", "alerts_test.yml")
)

OF_PROMETHEUS = {"up"}
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "offset", "bool"}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


@pytest.fixture
def promtool() -> str:
    """Find promtool; without it skip, but fail in CI."""
    found = shutil.which("promtool")
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("promtool is not installed (Debian, Ubuntu: sudo apt-get install prometheus)")
    return found


def metrics_in(expression: str) -> set[str]:
    """Name the metrics of a PromQL expression."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', " ", expression)
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"\b[a-zA-Z_]\w*\b(?!\s*\()", bare)) - WORDS


def dashboard_expressions() -> Iterator[str]:
    """Give every query of the dashboard."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def alerts() -> dict[str, tuple[str, str]]:
    """Return each alert's expression and the heading that its runbook names."""
    found = re.findall(
        r"- alert: (\w+)\n +expr:(.*?)\n +for:.*?runbook_url: docs/operations\.md#([\w-]+)",
        ALERTS.read_text(),
        re.DOTALL,
    )
    assert len(found) == ALERTS.read_text().count("- alert:")
    return {name: (expression, heading) for name, expression, heading in found}


async def families() -> dict[str, set[str]]:
    """Ask a running application for its metrics, each with the names of its samples."""
    async with web.web() as client, client.get("/metrics") as answer:
        types = re.findall(r"^# TYPE (\w+) (\w+)$", await answer.text(), re.MULTILINE)
    return {name: {name.removesuffix("_total") + end for end in SUFFIXES.get(kind, ())} for name, kind in types}


async def exposed() -> set[str]:
    """Ask a running application for the names of its samples."""
    return set().union(*(await families()).values())


def test_metrics_are_found_in_expressions() -> None:
    expression = 'sum by (le) (rate(a_bucket{le="b", c=~"d|e"}[5m])) > 0.1 * max(f) and on() hour() < 2'
    assert metrics_in(expression) == {"a_bucket", "f"}


async def test_every_metric_of_the_dashboard_is_exposed() -> None:
    named = {name for expression in dashboard_expressions() for name in metrics_in(expression)}
    assert len(named) > 10
    assert named - await exposed() == set()


async def test_every_metric_is_on_the_dashboard_and_in_the_documents() -> None:
    drawn = {name for expression in dashboard_expressions() for name in metrics_in(expression)}
    told = set(re.findall(r"`([a-z_]+)`", (DOCS / "operations.md").read_text()))
    ours = {
        name: samples
        for name, samples in (await families()).items()
        if samples and not name.startswith(("python_", "process_")) and not name.endswith("_created")
    }
    assert len(ours) > 20
    assert {name for name, samples in ours.items() if not samples & drawn} == set()
    assert {name for name in ours if not {name, f"{name}_total"} & told} == set()


async def test_every_metric_of_the_alerts_is_exposed() -> None:
    named = {name for expression, _ in alerts().values() for name in metrics_in(expression)}
    assert len(named) > 10
    assert named - OF_PROMETHEUS - await exposed() == set()


def test_every_alert_leads_to_a_heading_that_says_what_to_do() -> None:
    headings = re.findall(r"^#+ (.+)$", (DOCS / "operations.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert {heading for _, heading in alerts().values()} - anchors == set()


def test_every_alert_is_seen_firing_and_not_firing() -> None:
    tests = re.findall(
        r'alertname="(\w+)"(?:.|\n)*?exp_samples: \[(.*?)\] ?\}?$', ALERTS_TEST.read_text(), re.MULTILINE
    )
    firing, quiet = {name for name, samples in tests if samples}, {name for name, samples in tests if not samples}
    assert (firing, quiet) == (set(alerts()), set(alerts()))


def test_the_dashboard_asks_the_prometheus_that_is_chosen_and_its_panels_do_not_overlap() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    assert [variable["type"] for variable in dashboard["templating"]["list"]] == ["datasource"]
    drawn = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in drawn} == {"${datasource}"}
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


@pytest.mark.parametrize("arguments", [("check", "rules", ALERTS), ("test", "rules", ALERTS_TEST)], ids=lambda a: a[0])
def test_prometheus_accepts_the_alerts_and_their_tests_pass(promtool: str, arguments: tuple[str, str, Path]) -> None:
    done = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
