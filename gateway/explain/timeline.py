"""A timeline as a picture: what happened, oldest first, and below each thing what followed from it."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.api.shapes import DecisionShape, EntryShape
from gateway.explain import labels
from rules.catalogue import Language
from rules.facts import Message, OrderSeen, Referral

_GOOD = frozenset({"fired", "sent"})


def draw_timeline(entries: Iterable[EntryShape], language: Language) -> RenderableType:
    """Draw entries, given newest first, as they happened."""
    parts: list[RenderableType] = []
    day = ""
    for entry in sorted(entries, key=lambda entry: (entry.at, _place(entry.id))):
        if entry.at_utc[:10] != day:
            day = entry.at_utc[:10]
            parts.append(Rule(Text(f"{day} UTC", "cyan"), style="cyan", align="left"))
        parts.append(_entry(entry, language))
    return Group(*parts)


def _entry(entry: EntryShape, language: Language) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8, style="dim")
    row.add_column(width=1)
    row.add_column(ratio=1)
    row.add_row(entry.at_utc[11:19], _sign(entry), Group(*_lines(entry, language)))
    return row


def _lines(entry: EntryShape, language: Language) -> Iterator[Text]:
    yield Text(entry.happened.say(language), "bold" if entry.fact else "")
    already = [decision.tiktok_name for decision in entry.decisions if decision.reason == "already_fired"]
    for decision in entry.decisions:
        if decision.reason != "already_fired":
            yield _decision(decision, language)
    if already:
        yield Text(f"· {labels.ALREADY.say(language)}: {', '.join(filter(None, already))}", "dim")
    if entry.delivery is not None and entry.delivery.code:
        yield Text(f"· TikTok {entry.delivery.code}: {entry.delivery.message}", "red")


def _decision(decision: DecisionShape, language: Language) -> Text:
    good = decision.reason in _GOOD
    line = Text("✔ " if good else "· ", "green" if good else "dim")
    name = f"{decision.tiktok_name}: " if decision.tiktok_name else ""
    return line.append(f"{name}{decision.sentence.say(language)}")


def _sign(entry: EntryShape) -> Text:
    match entry.fact:
        case Referral():
            return Text("◆", "bold magenta")
        case Message(author="customer"):
            return Text("◀", "bold blue")
        case Message():
            return Text("▶", "blue")
        case OrderSeen():
            return Text("■", "bold yellow")
        case None:
            return Text("↑", "bold green")


def _place(entry_id: str) -> tuple[int, int]:
    at, _, number = entry_id.partition("-")
    return int(at), int(number)
