"""What if, as a picture: each event as it was and as it would be, with only the differences marked."""

from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.api.differences import (
    AlternativeShape,
    DifferenceShape,
    RecognitionShape,
    StandShape,
    WhatIfShape,
)
from gateway.api.shapes import Words
from gateway.api.telling import order_name
from gateway.explain import labels
from gateway.time_zones import ShopTime
from rules.catalogue import Language
from rules.replay import Effect

SIGNS: Final[dict[Effect, tuple[str, str]]] = {
    "same": (" ", "dim"),
    "gained": ("+", "bold green"),
    "lost": ("-", "bold red"),
    "moved": ("→", "bold yellow"),
    "reason": ("~", "bold cyan"),
}
"""How each effect is marked, and in which colour."""

WHAT_IF: Final = Words("Nếu như", "What if")
UNCHANGED: Final = Words("Không có gì khác đi.", "Nothing would be otherwise.")
CUT: Final = Words(
    "Dòng thời gian đã đầy nên có thể thiếu phần đầu: kết quả có thể khác.",
    "The timeline is full, so its beginning may be missing: the result may differ.",
)
READ_ONLY: Final = Words("Chỉ thử lại, không thay đổi gì", "Replayed only, nothing is changed")
CLICKS: Final = Words("Lượt nhấp sẽ được nhận dạng khác", "Clicks that would be recognised otherwise")
CLICK_COLUMNS: Final = (
    Words("Lúc", "At"),
    Words("Ref", "Ref"),
    Words("Đã", "Was"),
    Words("Sẽ", "Would be"),
)

_CHOICE: Final = {
    "order_confirmed": Words("CompletePayment khi đơn được xác nhận", "CompletePayment at order_confirmed"),
    "order_shipped": Words("CompletePayment khi đơn có vận đơn", "CompletePayment at order_shipped"),
}
_PATTERN: Final = Words("TIKTOK_REF_PATTERN là", "TIKTOK_REF_PATTERN were")
_AS_NOW: Final = Words("Quy tắc hiện tại, trên dữ liệu đã lưu", "The rules as they are now, over what is stored")
_FACTS: Final = Words("dữ kiện", "facts")
_NO_CLICK: Final = Words("không phải lượt nhấp", "no click")
_SAME: Final = Words("như cũ", "the same")
_COLUMNS: Final = (Words("", ""), Words("Sự kiện", "Event"), Words("Đã", "Was"), Words("Sẽ", "Would be"))


def draw_what_if(shape: WhatIfShape, language: Language, shop: ShopTime = labels.VIETNAM) -> RenderableType:
    """Draw one conversation as it is and as it would be."""
    lines = [Text(f"{READ_ONLY.say(language)}: {shape.facts} {_FACTS.say(language)}", "dim")]
    if shape.cut:
        lines.append(Text(CUT.say(language), "yellow"))
    if not shape.changed:
        lines.append(Text(f"✔ {UNCHANGED.say(language)}", "green"))
    where = f"{labels.PAGE.say(language)} {shape.page_id}, {labels.CUSTOMER.say(language)} {shape.psid}"
    parts: list[RenderableType] = [head(where, shape.alternative, language, lines)]
    if shape.clicks:
        parts.append(_clicks(shape.clicks, language, shop))
    return Group(*parts, _events(shape.events, language, shop))


def head(where: str, alternative: AlternativeShape, language: Language, lines: list[Text]) -> RenderableType:
    """Draw what is tried, where, and what there is to say of it all."""
    title = Text(f"{WHAT_IF.say(language)}: {where}", "bold")
    return Panel(
        Group(Text(_tried(alternative, language), "bold"), *lines),
        title=title,
        title_align="left",
        border_style="cyan",
        padding=(0, 1),
    )


def _tried(alternative: AlternativeShape, language: Language) -> str:
    tried = []
    if alternative.complete_payment_on is not None:
        tried.append(_CHOICE[alternative.complete_payment_on].say(language))
    if alternative.ref_pattern is not None:
        tried.append(f"{_PATTERN.say(language)} {alternative.ref_pattern}")
    return "\n".join(tried) or _AS_NOW.say(language)


def _clicks(clicks: tuple[RecognitionShape, ...], language: Language, shop: ShopTime) -> RenderableType:
    table = labels.table(CLICK_COLUMNS, language)
    for click in clicks:
        read = (
            Text(_NO_CLICK.say(language), "dim") if each is None else Text(each) for each in (click.was, click.would_be)
        )
        table.add_row(labels.moment_cell(click.at, language, shop), click.ref, *read)
    return labels.section(CLICKS.say(language), table)


def _events(events: tuple[DifferenceShape, ...], language: Language, shop: ShopTime) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), leading=1, header_style="dim", expand=True)
    for words, ratio in zip(_COLUMNS, (None, 3, 4, 4), strict=True):
        table.add_column(words.say(language), ratio=ratio, width=None if ratio else 1)
    for each in events:
        sign, style = SIGNS[each.effect]
        would_be = (
            Text(f"= {_SAME.say(language)}", "dim") if each.effect == "same" else _stand(each.would_be, language, shop)
        )
        table.add_row(
            Text(sign, style),
            _subject(each, language, shop),
            _stand(each.was, language, shop, "dim" if each.effect == "same" else ""),
            would_be,
        )
    return labels.section(labels.EVENTS.say(language), table)


def _subject(difference: DifferenceShape, language: Language, shop: ShopTime) -> Text:
    name = Text(difference.tiktok_name, "dim" if difference.effect == "same" else "bold")
    if difference.order_id is not None:
        order = order_name(difference.order_id, difference.order_number)
        name.append(f"\n{labels.ORDER.say(language)} {order}", "dim")
    elif difference.click_at is not None:
        name.append(f"\n{labels.CLICK.say(language)} {shop.local(difference.click_at, language)}", "dim")
    return name


def _stand(stand: StandShape | None, language: Language, shop: ShopTime, style: str = "") -> Text:
    if stand is None:
        return Text(labels.NONE, "dim")
    if stand.event_at is not None:
        return Text.assemble(
            labels.MARKS["fired"],
            (f" {shop.local(stand.event_at, language)}", style),
            (f"\n  {shop.utc(stand.event_at, language)} UTC", "dim"),
            *((f"\n  {stand.sentence.say(language)}", "dim") if stand.reason != "fired" else "",),
        )
    return Text.assemble(
        labels.MARKS["over" if stand.until is None else "open"], (f" {stand.sentence.say(language)}", style)
    )
