"""What the demo prints, for a person."""

from typing import Any, Final

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.api.shapes import Words
from gateway.demo.seller import PAGE_ID, SHOP, session_link, support_link
from gateway.demo.stage import HARASOCIAL_PATH, Stage
from gateway.demo.story import CUSTOMER, PSID, Step
from gateway.sandbox import Accepted
from rules.catalogue import Language
from rules.times import SECOND_MS, utc

STORY: Final = Words("Câu chuyện, gửi qua webhook có chữ ký", "The story, posted as signed webhooks")
STANDING: Final = Words("Bây giờ", "Where it stands")
TIMELINE: Final = Words("Dòng thời gian", "The timeline")
ACCEPTED: Final = Words("TikTok (giả lập) đã nhận", "What TikTok (loopback) accepted")
SERVING: Final = Words("Vẫn đang chạy, Ctrl+C để dừng", "Still serving, Ctrl+C to stop")

_REPEATED: Final = Words("gửi lại lần nữa: không có gì thay đổi", "delivered again: nothing changes")
_CHANGED: Final = Words("gửi lại lần nữa: CÓ THAY ĐỔI", "delivered again: SOMETHING CHANGED")
_NOT_DURABLE: Final = Words(
    "Mọi dữ liệu chỉ nằm trong bộ nhớ và mất khi chương trình dừng.",
    "All state is in memory and dies with this process.",
)
_INCOMPLETE: Final = Words("TikTok chưa nhận đủ bốn sự kiện.", "TikTok did not accept all four events.")
_COLUMNS: Final = (
    Words("Sự kiện", "Event"),
    Words("Lúc (UTC)", "At (UTC)"),
    Words("Quảng cáo", "Ad click"),
    Words("Giá trị", "Value"),
)


def heading(words: Words, language: Language) -> RenderableType:
    """Draw the title of a part."""
    return Rule(Text(words.say(language), "bold cyan"), align="left", style="cyan", characters="━")


def actors(language: Language) -> RenderableType:
    """Draw who plays, and that nothing will be kept."""
    people = Text(f"{SHOP} ({PAGE_ID})   {CUSTOMER} ({PSID})", "bold")
    return Text("\n").join([people, Text(_NOT_DURABLE.say(language), "yellow")])


def step(played: Step, language: Language) -> RenderableType:
    """Draw one step of the story."""
    row = _row()
    style = "bold blue" if played.actor == CUSTOMER else "bold yellow"
    row.add_row(utc(played.at)[11:19], Text.assemble((played.actor, style), "  ", played.seen.say(language)))
    return row


def repetition(language: Language, *, changed: bool) -> RenderableType:
    """Draw what a second delivery of the step before has done."""
    words, style = (_CHANGED, "bold red") if changed else (_REPEATED, "dim")
    row = _row()
    row.add_row("", Text(f"↻ {words.say(language)}", style))
    return row


def accepted(stage: Stage, language: Language) -> RenderableType:
    """Draw the events that TikTok counts, each with the click that it is credited to."""
    table = Table(header_style="dim", border_style="green", expand=False)
    for words in _COLUMNS:
        table.add_column(words.say(language), overflow="fold")
    for event in stage.sandbox.accepted:
        properties = event.item.get("properties", {})
        value = f"{properties['value']:,} {properties['currency']}" if "value" in properties else ""
        tracking_id = _tracking_id(event, stage.settings.wire_profile.tracking_id_paths[0])
        table.add_row(f"✔ {event.event}", utc(event.event_time * SECOND_MS)[11:19], tracking_id, value)
    return table


def incomplete(language: Language) -> RenderableType:
    """Draw that events are missing."""
    return Text(_INCOMPLETE.say(language), "bold red")


def addresses(stage: Stage, language: Language) -> str:
    """List where everything is served, and the token of this run. One line each, not to be wrapped: they are copied.

    The links of the seller and of support work once, as HaraSocial's do; the loopback HaraSocial gives another one at
    every visit (support's with ``role=support``).
    """
    url = stage.settings.public_url
    lines = (
        ("Seller", session_link(stage.settings, language)),
        ("Support", support_link(stage.settings, language)),
        ("HaraSocial", f"{stage.sandbox_url}{HARASOCIAL_PATH}?role=owner&lang={language}"),
        ("API", f"{url}/api/conversations/{PAGE_ID}/{PSID}"),
        ("API", f"{url}/api/pages/{PAGE_ID}/events"),
        ("OpenAPI", f"{url}/openapi.json"),
        ("Metrics", f"{url}/metrics"),
        ("TikTok", f"{stage.sandbox_url}/_sandbox/accepted"),
        ("ADMIN_TOKEN", stage.settings.admin_token.reveal()),
    )
    return "\n".join(f"{name:<12}{value}" for name, value in lines)


def _tracking_id(event: Accepted, path: str) -> str:
    place: Any = event.item
    for name in path.split("."):
        place = place[name]
    return str(place)


def _row() -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8, style="dim")
    row.add_column(ratio=1)
    return row
