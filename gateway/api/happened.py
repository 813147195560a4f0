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
    number = order.order_number or order.order_id
    if order.cancelled:
        return Words(f"Đơn hàng {number}: đã huỷ", f"Order {number}: cancelled")
    if order.returned:
        return Words(f"Đơn hàng {number}: đã trả lại", f"Order {number}: returned")
    if order.shipped_at is not None:
        return Words(f"Đơn hàng {number}: đã có vận đơn", f"Order {number}: has a delivery note")
    if order.confirmed:
        return Words(f"Đơn hàng {number}: đã xác nhận", f"Order {number}: confirmed")
    return Words(f"Đơn hàng {number}: đã tạo", f"Order {number}: created")


def _delivery(delivered: Delivered) -> Words:
    name = TIKTOK_NAMES[delivered.event]
    if not delivered.attempt:
        return Words(f"Sự kiện {name}", f"Event {name}")
    return Words(f"Gửi {name} tới TikTok, lần {delivered.attempt}", f"{name} to TikTok, attempt {delivered.attempt}")
