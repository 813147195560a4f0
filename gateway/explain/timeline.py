"""A timeline as a picture: what happened, and below each thing what followed from it."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.api.shapes import AttemptedShape, DecisionShape, EntryShape
from gateway.explain import labels
from gateway.time_zones import ShopTime
from rules.catalogue import Language
from rules.facts import Message, OrderSeen, Referral

_GOOD = frozenset({"fired", "sent"})


def draw_timeline(
    entries: Iterable[EntryShape], language: Language, shop: ShopTime = labels.VIETNAM, *, newest_first: bool = False
) -> RenderableType:
    """Draw entries in the order of the acts, on the shop's clock with UTC beside it."""
    parts: list[RenderableType] = []
    day = ""
    for entry in sorted(entries, key=lambda entry: (entry.at, _place(entry.id)), reverse=newest_first):
        today, time = _split(shop.local(entry.at, language))
        if today != day:
            day = today
            title = Text.assemble((f"{day} {shop.abbreviation(entry.at)}", "cyan"), ("  │ UTC", "dim"))
            parts.append(Rule(title, style="cyan", align="left"))
        happened = f"{entry.happened.say(language)}{_click(entry.delivery, language, shop)}"
        parts.append(_entry(entry, happened, language, (time, _beside(shop.utc(entry.at, language)))))
    return Group(*parts) if parts else Text(labels.NO_ENTRIES.say(language))


def _click(delivery: AttemptedShape | None, language: Language, shop: ShopTime) -> str:
    """Say of which click an event is: the words of the entry are for every time zone, so they cannot."""
    if delivery is None or delivery.click_at is None:
        return ""
    return f" ({labels.CLICK.say(language)} {shop.local(delivery.click_at, language)})"


def _entry(entry: EntryShape, happened: str, language: Language, times: tuple[str, str]) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8)
    row.add_column(width=12, style="dim")
    row.add_column(width=1)
    row.add_column(ratio=1)
    row.add_row(*times, _sign(entry), Group(*_lines(entry, happened, language)))
    return row


def _split(moment: str) -> tuple[str, str]:
    day, _, time = moment.rpartition(" ")
    return day.rstrip(","), time


def _beside(utc: str) -> str:
    # Between midnight in Vietnam and in Greenwich it is still the day before there.
    day, time = _split(utc)
    return f"│{time} -1" if day else f"│{time}"


def _lines(entry: EntryShape, happened: str, language: Language) -> Iterator[Text]:
    yield Text(happened, "bold" if entry.fact else "")
    already = [decision.tiktok_name for decision in entry.decisions if decision.reason == "already_fired"]
    for decision in entry.decisions:
        if decision.reason != "already_fired":
            yield _decision(decision, language)
    if already:
        yield Text(f"· {labels.ALREADY.say(language)}: {', '.join(filter(None, already))}", "dim")
    if entry.delivery and (answer := labels.answer(entry.delivery.code, entry.delivery.message)):
        yield Text("· ", "red").append(answer)


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
