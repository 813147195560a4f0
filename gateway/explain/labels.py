"""The words around the reasons, and how moments and events look."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actors.connection import DEFAULT_TIME_ZONE
from gateway.api.shapes import Words
from gateway.time_zones import ShopTime, shop_time
from rules.catalogue import Language
from rules.reasons import age

NONE: Final = "—"

Mark: TypeAlias = Literal["fired", "under_way", "open", "over", "held"]

MARKS: Final[dict[Mark, Text]] = {
    "fired": Text("✔", "bold green"),
    "under_way": Text("…", "bold yellow"),
    "open": Text("○", "bold yellow"),
    "over": Text("✘", "bold red"),
    "held": Text("‖", "bold magenta"),
}

CONVERSATION: Final = Words("Cuộc trò chuyện", "Conversation")
PAGE: Final = Words("trang", "page")
CUSTOMER: Final = Words("khách", "customer")
STATES: Final = {
    "no_click": Words("Chưa có lượt nhấp quảng cáo TikTok", "No click of a TikTok ad"),
    "click_alive": Words("Lượt nhấp còn hiệu lực", "The click is alive"),
    "click_expired": Words("Lượt nhấp đã hết hiệu lực", "The click has run out"),
}
EVENTS: Final = Words("Sự kiện", "Events")
CLICK: Final = Words("lượt nhấp", "click")
CLICKS: Final = Words("Lượt nhấp", "Clicks")
ORDER: Final = Words("đơn hàng", "order")
ORDERS: Final = Words("Đơn hàng", "Orders")
CUSTOMER_MESSAGES: Final = Words("Tin khách", "Customer messages")
PAGE_MESSAGES: Final = Words("Tin trang", "Page messages")
MESSAGES_WAITING: Final = Words("Tin nhắn chưa thuộc lượt nhấp nào", "Messages that no click counts yet")
OUTBOX: Final = Words("Hàng đợi gửi tới TikTok", "Outbox to TikTok")
ATTEMPTS: Final = Words("số lần gửi", "attempts")
NEXT_ATTEMPT: Final = Words("Gửi lại lúc", "Next attempt")
UNTIL: Final = Words("Còn", "Time left:")
TILL: Final = Words("đến", "until")
ALREADY: Final = Words("Đã kích hoạt trước đó", "Fired before")
OTHER_LINK: Final = Words("Liên kết khác gần nhất", "Last other link")
NOTHING: Final = Words("Không có gì đang chờ, không có gì bị bỏ.", "Nothing waits, nothing was given up.")

CLICK_COLUMNS: Final = (
    Words("Lúc", "At"),
    Words("Ref", "Ref"),
    Words("Tin khách", "Customer"),
    Words("Tin trang", "Page"),
)
ORDER_COLUMNS: Final = (
    Words("Đơn", "Order"),
    Words("Tạo", "Created"),
    Words("Xác nhận", "Confirmed"),
    Words("Vận đơn", "Delivery note"),
)
OUTBOX_COLUMNS: Final = (
    Words("Trang", "Page"),
    Words("Đang chờ", "Waiting"),
    Words("Cũ nhất", "Oldest"),
    Words("Đã bỏ", "Dead"),
)
CANCELLED: Final = Words("đã huỷ", "cancelled")
NO_ENTRIES: Final = Words("Không có mục nào ở đây.", "There are no entries here.")
RETURNED: Final = Words("đã trả lại", "returned")


VIETNAM: Final = shop_time(DEFAULT_TIME_ZONE)
"""The clock of most shops."""


def moment(at: int, language: Language, shop: ShopTime) -> str:
    """Write a time (ms, UTC) on the shop's clock with UTC beside it: ``24 Nov 2026, 14:12:03 UTC+7 (07:12:03 UTC)``."""
    return f"{shop.local(at, language)} {shop.abbreviation(at)} ({shop.utc(at, language)} UTC)"


def moment_cell(at: int | None, language: Language, shop: ShopTime) -> Text:
    """Write a time into a table: UTC below the shop's clock. A dash when there is none."""
    if at is None:
        return Text(NONE, "dim")
    return Text.assemble(shop.local(at, language), "\n", (f"{shop.utc(at, language)} UTC", "dim"))


def time_left(until: int, now: int, language: Language, shop: ShopTime) -> str:
    """Write how long something is still possible, and until when."""
    left, moment_then = age(max(0, until - now), language), moment(until, language, shop)
    return f"{UNTIL.say(language)} {left}, {TILL.say(language)} {moment_then}"


def answer(code: int | None, message: str | None) -> Text | None:
    """Write TikTok's answer, or what came instead of one; None where it says that all is well, or there is none."""
    if code == 0 or (code is None and not message):
        return None
    return Text(f"TikTok {code}: {message or ''}" if code is not None else f"TikTok: {message}", "red")


def section(title: str, content: RenderableType) -> RenderableType:
    """Put something below a heading."""
    return Group(Text(f"\n{title}", "bold cyan"), Padding(content, (0, 0, 0, 2)))


def table(columns: Iterable[Words], language: Language) -> Table:
    """Begin a table without lines."""
    begun = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for words in columns:
        begun.add_column(words.say(language), overflow="fold")
    return begun
