"""What happened, in words: one line for every kind of timeline entry, in both languages."""

from actors.timeline import Delivered, Entry
from gateway.api.shapes import TIKTOK_NAMES, Words
from rules.facts import Fact, Message, OrderSeen, Referral
from rules.reasons import Answer

_NOT_A_CLICK = "ref_not_tiktok"


def happened(entry: Entry) -> Words:
    """Say what an entry of the timeline is about; what followed from it is in its decisions."""
    if isinstance(entry, Delivered):
        return _delivery(entry)
    return _fact(entry.fact, entry.answers)


def _fact(fact: Fact, answers: tuple[Answer, ...]) -> Words:
    match fact:
        case Referral():
            return _referral(fact, tiktok=all(answer.reason != _NOT_A_CLICK for answer in answers))
        case Message():
            return _message(fact)
        case OrderSeen():
            return _order(fact)


def _referral(referral: Referral, *, tiktok: bool) -> Words:
    ref = referral.ref or "-"
    if tiktok:
        return Words(f"Khách nhấp quảng cáo TikTok (ref {ref})", f"The customer clicked the TikTok ad (ref {ref})")
    origin = f"ref {ref}, {referral.source or '-'}"
    return Words(f"Khách đến từ một liên kết khác ({origin})", f"The customer came through another link ({origin})")


def _message(message: Message) -> Words:
    if message.author == "page":
        return Words("Trang nhắn cho khách", "The page wrote to the customer")
    match message.via:
        case "get_started":
            return Words("Khách bấm Bắt đầu", "The customer pressed Get Started")
        case "postback":
            return Words("Khách bấm một nút", "The customer pressed a button")
        case "message":
            return Words("Khách nhắn tin", "The customer wrote")


def _order(order: OrderSeen) -> Words:
    number, stands = order.order_number or order.order_id, _how_it_stands(order)
    if not (earlier := len(order.earlier)):
        return Words(f"Đơn hàng {number}: {stands.vi}", f"Order {number}: {stands.en}")
    return Words(
        f"Đơn hàng {number}: {stands.vi} (cùng {earlier} thông báo đến trước đó)",
        f"Order {number}: {stands.en} (with {earlier} earlier pushes)",
    )


def _how_it_stands(order: OrderSeen) -> Words:
    if order.cancelled:
        return Words("đã huỷ", "cancelled")
    if order.returned:
        return Words("đã trả lại", "returned")
    if order.shipped_at is not None:
        return Words("đã có vận đơn", "has a delivery note")
    if order.confirmed:
        return Words("đã xác nhận", "confirmed")
    return Words("đã tạo", "created")


def _delivery(delivered: Delivered) -> Words:
    name = TIKTOK_NAMES[delivered.event]
    number = delivered.order_number or delivered.order_id
    order = Words(f" (đơn hàng {number})", f" (order {number})") if number else Words("", "")
    if not (attempt := delivered.attempt):
        return Words(f"Sự kiện {name}{order.vi}", f"Event {name}{order.en}")
    return Words(f"Gửi {name} tới TikTok, lần {attempt}{order.vi}", f"{name} to TikTok, attempt {attempt}{order.en}")
