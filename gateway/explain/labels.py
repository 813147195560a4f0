"""The words around the reasons, and how moments and events look."""

from typing import Final, Literal, TypeAlias

from rich.text import Text

from gateway.api.shapes import Words
from rules.catalogue import Language
from rules.reasons import age
from rules.times import utc

NONE: Final = "—"

Mark: TypeAlias = Literal["fired", "open", "over", "held"]

MARKS: Final[dict[Mark, Text]] = {
    "fired": Text("✔", "bold green"),
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
OUTBOX: Final = Words("Hàng đợi gửi tới TikTok", "Outbox to TikTok")
ATTEMPTS: Final = Words("số lần gửi", "attempts")
UNTIL: Final = Words("Còn", "Time left:")
ALREADY: Final = Words("Đã kích hoạt trước đó", "Fired before")
OTHER_LINK: Final = Words("Liên kết khác gần nhất", "Last other link")
NOTHING: Final = Words("Không có gì đang chờ, không có gì bị bỏ.", "Nothing waits, nothing was given up.")

CLICK_COLUMNS: Final = (
    Words("Lúc (UTC)", "At (UTC)"),
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


def moment(at: int) -> str:
    """Write a time (ms) to the second, in UTC, for example ``2026-11-24 07:12:03``."""
    return utc(at)[:19].replace("T", " ")


def short_moment(at: int | None) -> str:
    """Write a time (ms) without its year and seconds, in UTC; a dash when there is none."""
    return NONE if at is None else utc(at)[5:16].replace("T", " ")


def time_left(until: int, now: int, language: Language) -> str:
    """Write how long something is still possible, and until when."""
    return f"{UNTIL.say(language)} {age(max(0, until - now), language)} ({moment(until)} UTC)"
