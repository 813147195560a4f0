"""The document: the part of `docs/performance.md` between two marks, and the picture beside it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from tests.load import bench_tables
from tests.load.bench_figures import Section, read
from tests.load.bench_goals import verdicts
from tests.load.bench_picture import Bar, Group, picture

BEGIN: Final = "<!-- figures: begin (make bench writes what follows) -->"
END: Final = "<!-- figures: end -->"

Write: TypeAlias = Callable[[Section], list[str]]

PARTS: Final[Mapping[str, tuple[str, Write]]] = {
    "in": ("Events in", bench_tables.events_in),
    "batches": ("Batches", bench_tables.batches),
    "profile": ("Where the gateway's CPU time goes", bench_tables.profile),
    "out": ("Events out", bench_tables.events_out),
    "growth": ("Growth", bench_tables.growth),
    "across": ("Across processes", bench_tables.across),
    "act": ("From act to TikTok", bench_tables.act),
}


def write_document(folder: Path, document: Path) -> str:
    """Put what was measured into the document, and its picture beside it; return the part that was written."""
    sections = read(folder)
    machines = sorted({section.machine for section in sections.values()})
    lines = ["", *(f"Measured on {machine}." for machine in machines), "", "## Goals", "", *verdicts(sections)]
    for name, (title, write) in PARTS.items():
        if name in sections:
            lines += ["", f"## {title}", "", *write(sections[name]), "", _circumstances(sections[name])]
    figures = "\n".join(lines) + "\n"
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}")
    if "in" in sections:
        document.with_suffix(".svg").write_text(_picture(sections["in"]))
    return figures


def _circumstances(section: Section) -> str:
    rounds = max(map(len, section.figures.values()))
    quick = "**A quick run, only to see that it works: these figures mean nothing.** " if section.quick else ""
    load = section.show("load average before", ".1f")
    return f"{quick}{section.at}, rounds: {rounds}, load average before each: {load}."


def _picture(section: Section) -> str:
    groups = []
    for pages, kind in bench_tables.cases_in(section):
        case = f"{pages} {kind}"
        share = f" ({section.median(f'share of bare {case}'):.0%} of bare)"
        bars = [
            Bar("bare aiohttp handler", section.figures[f"bare {case} /s"]),
            Bar("ours", section.figures[f"ours {case} /s"], share),
            Bar("obvious: WATCH, MULTI, EXEC", section.figures[f"obvious {case} /s"]),
        ]
        groups.append(Group(bench_tables.case_name(pages, kind), bars))
    return picture("Webhooks of one event, a second", groups)
