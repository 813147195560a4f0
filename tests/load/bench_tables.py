"""The tables of the document, one function for each section. Numbers are medians, with the range in brackets."""

from typing import Final

from tests.load.bench_figures import Section

KINDS: Final = {"plain": "without a click", "clicked": "with a click"}


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Write a table."""
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *rows)]


def cases_in(section: Section) -> list[tuple[int, str]]:
    """Return pages and kind of each case that was measured."""
    names = section.names(lambda name: name.startswith("share of bare "))
    parts = [name.removeprefix("share of bare ").split() for name in names]
    return [(int(pages), kind) for pages, kind in parts]


def case_name(pages: int, kind: str) -> str:
    """Name a case."""
    return f"{pages:,} {'page' if pages == 1 else 'pages'}, {KINDS[kind]}"


def events_in(section: Section) -> list[str]:
    """Write how many, and at what price."""
    speeds, prices = [], []
    for pages, kind in cases_in(section):
        case, name = f"{pages} {kind}", case_name(pages, kind)
        speeds.append(
            [
                name,
                *(section.show(f"{whose} {case} /s") for whose in ("bare", "obvious", "ours")),
                section.show(f"share of bare {case}", ".0%"),
                section.show(f"times obvious {case}", ".1f"),
                section.show(f"ours {case} p99 ms", ".1f"),
                section.show(f"ours {case} half p99 ms", ".1f"),
            ]
        )
        prices.append(
            [
                name,
                *(
                    section.show(f"{whose} {case} {what} µs", ".0f")
                    for whose, what in (
                        ("bare", "gateway"),
                        ("obvious", "gateway"),
                        ("obvious", "redis"),
                        ("ours", "gateway"),
                        ("ours", "redis"),
                    )
                ),
                section.show(f"bare {case} client load", ".0%"),
            ]
        )
    return [
        *table(
            ["events a second", "bare", "obvious", "ours", "of bare", "× obvious", "p99 ms", "p99 ms at half"], speeds
        ),
        "",
        *table(
            ["CPU µs an event", "bare", "obvious", "its Redis", "ours", "our Redis", "client's load beside bare"],
            prices,
        ),
        *_refused(section),
    ]


def _refused(section: Section) -> list[str]:
    number = sum(sum(section.figures[name]) for name in section.names(lambda name: name.endswith(" refused")))
    return ["", f"{number:,.0f} webhooks were refused with 503, in all rounds together."] if number else []


def batches(section: Section) -> list[str]:
    """Write it for conversations with a click and without."""
    rows = [
        [
            words,
            section.show(f"{kind} /s"),
            section.show(f"{kind} /s a core"),
            section.show(f"{kind} gateway µs", ".1f"),
            section.show(f"{kind} redis µs", ".1f"),
            section.show(f"{kind} p99 ms", ".1f"),
        ]
        for kind, words in KINDS.items()
    ]
    heads = ["50 events of 50 conversations", "events/s", "a gateway core", "gateway µs", "Redis µs", "p99 ms a POST"]
    return table(heads, rows)


def profile(section: Section) -> list[str]:
    """Write shares of the samples, the largest first."""
    kinds = {name.partition(" ")[2] for name in section.names(lambda name: name.startswith("plain "))}
    ordered = sorted(kinds - {"not needed"}, key=lambda kind: -section.median(f"plain {kind}"))
    rows = [
        [kind, *(section.show(f"{case} {kind}", ".0%") for case in ("plain", "clicked", "batches"))]
        for kind in [*ordered, "not needed"]
    ]
    rows[-1][0] = "all but decoding, hashing, HTTP and Redis protocol"
    return table(["share of CPU time", "without a click", "with a click", "batches without a click"], rows)


def events_out(section: Section) -> list[str]:
    """Write what a sender does, and what a full outbox costs."""
    rows = [
        [
            words,
            section.show(f"{case} /s"),
            section.show(f"{case} /s a core"),
            section.show(f"{case} sender µs", ".0f"),
            section.show(f"{case} redis µs", ".0f"),
            section.show(f"{case} sandbox load", ".0%"),
        ]
        for case, words in (("batches", "many events of few pages"), ("one by one", "one event of each page"))
    ]
    rows.append(
        ["a bare aiohttp client, one by one", section.show("bare /s"), "", section.show("bare µs", ".0f"), "", ""]
    )
    heads = ["events out", "events/s", "a sender core", "sender µs", "Redis µs", "load of the sandbox"]
    full = {
        "the sender's largest memory, few events waiting (MiB)": "batches MiB",
        "the same, with a full outbox (MiB)": "full MiB",
        "events that filled it": "full events",
        "of them still waiting when the last fresh event was told": "full still waiting",
        "a fresh event of another page meanwhile, median (ms)": "fresh median ms",
        "the slowest of ten (ms)": "fresh most ms",
    }
    return [
        *table(heads, rows),
        "",
        *table(["a full outbox of one page", ""], [[words, section.show(name)] for words, name in full.items()]),
    ]


def growth(section: Section) -> list[str]:
    """Write it by number of conversations, and field by field."""
    numbers = [int(name.split()[0]) for name in section.names(lambda name: name.endswith(" start s"))]
    rows = [
        [
            f"{number:,}",
            section.show(f"{number} known /s"),
            section.show(f"{number} first met /s"),
            section.show(f"{number} bytes"),
            section.show(f"{number} start s", ".2f"),
            section.show(f"{number} gateway MiB"),
        ]
        for number in numbers
    ]
    heads = ["conversations", "events/s on 5,000 known", "on ones first met", "bytes each", "start s", "gateway MiB"]
    kinds = [
        name.split()[1] for name in section.names(lambda name: name.startswith("key ") and name.endswith(" bytes"))
    ]
    sizes = [
        [f"`{kind}`", section.show(f"key {kind} number", ",.2f"), section.show(f"key {kind} bytes")] for kind in kinds
    ]
    waiting = [
        [name.split()[2], section.show(name)] for name in section.names(lambda name: name.startswith("without click"))
    ]
    fields = ", ".join(
        f"{name} {section.show(f'field {name} bytes')}" for name in ("version", "commit", "state", "entry")
    )
    return [
        *table(heads, rows),
        "",
        f"Bare lengths (bytes): {fields}.",
        "",
        *table(["without a click, messages that wait", "bytes each"], waiting),
        "",
        *table(["kind of key", "keys a conversation", "bytes a key"], sizes),
    ]


def across(section: Section) -> list[str]:
    """Write it for a single Redis and a cluster."""
    cases = [name.removesuffix(" /s") for name in section.names(lambda n: n.endswith(" /s") and "conflicts" not in n)]
    rows = [
        [
            case.replace("redis ", "one Redis, gateways: ").replace("cluster ", "cluster of three, gateways: "),
            section.show(f"{case} /s"),
            section.show(f"{case} conflicts /s"),
            section.show(f"{case} refused"),
            section.show(f"{case} gateway µs", ".0f"),
        ]
        for case in cases
    ]
    return table(["where", "events/s", "conflicts/s", "refused (503)", "gateway µs"], rows)


def act(section: Section) -> list[str]:
    """Write it by load."""
    loads = [int(name.split()[0]) for name in section.names(lambda name: name.endswith(" p50 ms"))]
    rows = [
        [
            f"{load} %",
            section.show(f"{load} /s"),
            section.show(f"{load} events"),
            section.show(f"{load} p50 ms"),
            section.show(f"{load} p99 ms"),
        ]
        for load in loads
    ]
    return table(["load", "webhooks/s", "events", "p50 ms", "p99 ms"], rows)
