"""What if for a page, as a picture: the four events in numbers, and the conversations that would stand otherwise."""

import shlex
from collections import Counter
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.api.differences import PageWhatIfShape, WhatIfShape
from gateway.api.shapes import Words
from gateway.explain import labels
from gateway.explain.what_if import CLICKS, CUT, READ_ONLY, SIGNS, UNCHANGED, head
from gateway.time_zones import ShopTime
from rules.catalogue import Language
from rules.replay import Effect

MOST_SHOWN: Final = 20

_CONVERSATIONS: Final = Words("cuộc trò chuyện có lượt nhấp từ", "conversations clicked since")
_CHANGED: Final = Words("Sẽ khác đi", "Would stand otherwise")
_UNREADABLE: Final = Words("Không đọc được", "Unreadable")
_MORE: Final = Words(
    "… và {number} nữa; --json cho biết 100 cuộc đầu.", "… and {number} more; --json has the first 100."
)
_WITHOUT: Final = Words(
    "Không gồm các cuộc trò chuyện chưa có lượt nhấp TikTok nào: chúng chỉ được lưu 1 giờ.",
    "Without the conversations that have no TikTok click at all: those are kept for 1 hour only.",
)
_COLUMNS: Final = (
    Words("Sự kiện", "Event"),
    Words("Đã", "Was"),
    Words("Sẽ", "Would be"),
    Words("+ thêm", "+ more"),
    Words("- mất", "- lost"),
    Words("→ lúc khác", "→ moved"),
)


def draw_page_what_if(shape: PageWhatIfShape, language: Language, shop: ShopTime = labels.VIETNAM) -> RenderableType:
    """Draw a page's conversations as they are and as they would be."""
    since = labels.moment(shape.since, language, shop)
    lines = [Text(f"{READ_ONLY.say(language)}: {shape.replayed} {_CONVERSATIONS.say(language)} {since}", "dim")]
    lines.append(Text(_WITHOUT.say(language), "dim"))
    if shape.cut:
        lines.append(Text(f"{shape.cut}: {CUT.say(language)}", "yellow"))
    if shape.unreadable:
        lines.append(Text(f"{_UNREADABLE.say(language)}: {shape.unreadable}", "red"))
    if not shape.changed:
        lines.append(Text(f"✔ {UNCHANGED.say(language)}", "green"))
    parts = [head(f"{labels.PAGE.say(language)} {shape.page_id}", shape.alternative, language, lines)]
    parts.append(labels.section(labels.EVENTS.say(language), _sums(shape, language)))
    if any((shape.clicks_gained, shape.clicks_lost, shape.clicks_renamed)):
        parts.append(labels.section(CLICKS.say(language), _clicks(shape)))
    if shape.changed:
        parts.append(labels.section(f"{_CHANGED.say(language)}: {shape.changed}", _changed(shape, language)))
    return Group(*parts)


def _sums(shape: PageWhatIfShape, language: Language) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for number, words in enumerate(_COLUMNS):
        table.add_column(words.say(language), justify="right" if number else "left")
    for each in shape.events:
        changes: tuple[tuple[Effect, int], ...] = (("gained", each.gained), ("lost", each.lost), ("moved", each.moved))
        marked = (Text(str(count), _style(effect) if count else "dim") for effect, count in changes)
        changed = each.gained or each.lost or each.moved
        table.add_row(
            Text(each.tiktok_name, "bold" if changed else "dim"),
            str(each.was),
            Text(str(each.would_be), "bold" if each.would_be != each.was else ""),
            *marked,
        )
    return table


def _clicks(shape: PageWhatIfShape) -> Text:
    counts: tuple[tuple[Effect, int], ...] = (
        ("gained", shape.clicks_gained),
        ("lost", shape.clicks_lost),
        ("moved", shape.clicks_renamed),
    )
    return Text("   ").join(_counted(effect, count) for effect, count in counts if count)


def _changed(shape: PageWhatIfShape, language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(ratio=1)
    shown = shape.conversations[:MOST_SHOWN]
    for each in shown:
        table.add_row(each.psid, _effects(each))
    more = (
        [Text(_MORE.say(language).format(number=shape.changed - len(shown)), "dim")]
        if shape.changed > len(shown)
        else []
    )
    return Group(table, *more, Text(f"→ {_command(shape, shown[0].psid)}", "cyan"))


def _effects(shape: WhatIfShape) -> Text:
    effects = Counter((each.effect, str(each.tiktok_name)) for each in shape.events if each.effect != "same")
    named = [_counted(effect, count, name) for (effect, name), count in effects.items()]
    return Text("  ").join([*named, *(Text(f"◆ {each.ref}", "magenta") for each in shape.clicks)])


def _counted(effect: Effect, count: int, name: str = "") -> Text:
    number = "" if name and count == 1 else f" {count}"
    return Text(f"{SIGNS[effect][0]}{number}{name and ' '}{name}", _style(effect))


def _style(effect: Effect) -> str:
    return SIGNS[effect][1]


def _command(shape: PageWhatIfShape, psid: str) -> str:
    tried = shape.alternative
    options = [
        *(("--choice", tried.complete_payment_on) if tried.complete_payment_on else ()),
        *(("--ref-pattern", tried.ref_pattern) if tried.ref_pattern else ()),
    ]
    return shlex.join(("python", "-m", "gateway", "whatif", shape.page_id, psid, *options))
