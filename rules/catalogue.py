"""The closed catalogue of reasons: why an event fired or did not, and what became of its delivery.

One catalogue feeds the log, the timeline, the pages and the metrics. Codes are stable; sentences may be improved. Words
in braces are the numbers that the decision was taken on.
"""

from typing import Literal, TypeAlias, get_args

from msgspec import Struct

DecisionCode: TypeAlias = Literal[
    "fired",
    "already_fired",
    "reversed_after_firing",
    "duplicate",
    "not_a_message",
    "no_click",
    "ref_not_tiktok",
    "get_started_before_click",
    "awaiting_customer_message",
    "awaiting_messages",
    "awaiting_customer_after_five",
    "click_expired",
    "too_many_clicks",
    "awaiting_order",
    "order_before_click",
    "order_delivered_too_early",
    "order_cancelled",
    "awaiting_confirmation",
    "awaiting_shipment",
    "before_choice",
]
PageCode: TypeAlias = Literal["page_not_connected", "page_paused", "authorisation_needed"]
DeliveryCode: TypeAlias = Literal[
    "queued", "rate_limited", "retrying", "sent", "outcome_unknown", "rejected", "expired_unsent"
]
ReasonCode: TypeAlias = DecisionCode | PageCode | DeliveryCode
Language: TypeAlias = Literal["vi", "en"]

PAGE_CODES: tuple[PageCode, ...] = get_args(PageCode)
DELIVERY_CODES: tuple[DeliveryCode, ...] = get_args(DeliveryCode)


class Wording(Struct, frozen=True):
    """A reason in one language: what it says, and what to do about it (empty when there is nothing to do)."""

    sentence: str
    remedy: str = ""


class Reason(Struct, frozen=True):
    """A reason in both languages, and the rule it comes from (0: delivery)."""

    rule: int
    vi: Wording
    en: Wording

    def wording(self, language: Language) -> Wording:
        """Return the reason in the language asked for."""
        return self.vi if language == "vi" else self.en


CATALOGUE: dict[ReasonCode, Reason] = {
    "fired": Reason(
        4,
        vi=Wording("Sự kiện đã được kích hoạt."),
        en=Wording("The event fired."),
    ),
    "already_fired": Reason(
        4,
        vi=Wording("Sự kiện này đã được kích hoạt trước đó; mỗi lần nhấp hoặc mỗi đơn hàng chỉ tính một lần."),
        en=Wording("The event has fired already; it fires once per click or per order."),
    ),
    "reversed_after_firing": Reason(
        11,
        vi=Wording("Đơn hàng bị huỷ hoặc trả lại sau khi sự kiện đã kích hoạt; TikTok không có cách rút lại."),
        en=Wording("The order was cancelled or returned after the event had fired; TikTok cannot take it back."),
    ),
    "duplicate": Reason(
        12,
        vi=Wording("Thông báo này đã được nhận trước đó nên không làm thay đổi gì."),
        en=Wording("This was received before, so it changes nothing."),
    ),
    "not_a_message": Reason(
        3,
        vi=Wording(
            "Khách bấm nút hoặc menu; thao tác này không được tính là tin nhắn.",
            "Nếu muốn tính mọi nút bấm, quản trị viên đặt COUNT_POSTBACKS=all.",
        ),
        en=Wording(
            "The customer pressed a button or menu item, which does not count as a message.",
            "To count every button, the operator sets COUNT_POSTBACKS=all.",
        ),
    ),
    "no_click": Reason(
        4,
        vi=Wording(
            "Chưa ghi nhận lượt nhấp quảng cáo TikTok nào cho cuộc trò chuyện này.",
            "Kiểm tra quảng cáo mở đúng liên kết m.me của trang kèm ref; trang đã bật nút Bắt đầu và tắt FAQ.",
        ),
        en=Wording(
            "No TikTok click has been recorded for this conversation.",
            "Check that the ad opens the page's m.me link with its ref, and that Get Started is set and the FAQ off.",
        ),
    ),
    "ref_not_tiktok": Reason(
        1,
        vi=Wording(
            "Khách đến từ một liên kết không phải lượt nhấp quảng cáo TikTok.",
            "Nếu đúng là quảng cáo TikTok, kiểm tra mẫu nhận dạng TIKTOK_REF_PATTERN.",
        ),
        en=Wording(
            "The customer came through a link that is not a TikTok click.",
            "If it was a TikTok ad, check the recogniser TIKTOK_REF_PATTERN.",
        ),
    ),
    "get_started_before_click": Reason(
        6,
        vi=Wording(
            "Khách bấm Bắt đầu trước khi lượt nhấp được ghi nhận nên lần bấm đó không được tính.",
            "Khách cần gửi thêm một tin nhắn.",
        ),
        en=Wording(
            "The customer pressed Get Started before the click was recorded, so the press does not count.",
            "The customer has to send one more message.",
        ),
    ),
    "awaiting_customer_message": Reason(
        4,
        vi=Wording("Đã có lượt nhấp; đang chờ tin nhắn đầu tiên của khách.", "Nhắn cho khách để bắt đầu trò chuyện."),
        en=Wording("There is a click; waiting for the customer's first message.", "Write to the customer first."),
    ),
    "awaiting_messages": Reason(
        8,
        vi=Wording("Mới có {messages} trên {needed} tin nhắn của lượt nhấp này.", "Tiếp tục trò chuyện với khách."),
        en=Wording("{messages} of {needed} messages of this click so far.", "Keep the conversation going."),
    ),
    "awaiting_customer_after_five": Reason(
        8,
        vi=Wording("Đã đủ {needed} tin nhắn; đang chờ khách gửi thêm một tin nhắn.", "Đặt câu hỏi để khách trả lời."),
        en=Wording("There are {needed} messages; the next one must be the customer's.", "Ask the customer something."),
    ),
    "click_expired": Reason(
        5,
        vi=Wording("Lượt nhấp đã quá 7 ngày ({click_age_ms}).", "Khách cần nhấp lại quảng cáo."),
        en=Wording(
            "The click is older than 7 days ({click_age_ms}).", "The customer has to come through the ad again."
        ),
    ),
    "too_many_clicks": Reason(
        4,
        vi=Wording("Đã có {clicks} lượt nhấp mới hơn, và chỉ chừng đó được ghi nhớ; lượt nhấp này không được tính."),
        en=Wording("There are {clicks} newer clicks, and no more are remembered, so this one does not count."),
    ),
    "awaiting_order": Reason(
        9,
        vi=Wording("Chưa có đơn hàng nào được tạo từ cuộc trò chuyện này.", "Tạo đơn hàng trong HaraSocial."),
        en=Wording("No order has been created from this conversation yet.", "Create the order in HaraSocial."),
    ),
    "order_before_click": Reason(
        9,
        vi=Wording("Đơn hàng được tạo trước mọi lượt nhấp quảng cáo nên không được tính."),
        en=Wording("The order was created before every click, so it never counts."),
    ),
    "order_delivered_too_early": Reason(
        7,
        vi=Wording(
            "Đơn hàng được báo trước lượt nhấp hơn 10 phút nên chưa được tính.",
            "Cập nhật đơn hàng trong HaraSocial để đơn được xét lại.",
        ),
        en=Wording(
            "The order was delivered more than 10 minutes before its click, so it has not been counted.",
            "Change something in the order in HaraSocial: then it is looked at again.",
        ),
    ),
    "order_cancelled": Reason(
        9,
        vi=Wording("Đơn hàng đã bị huỷ."),
        en=Wording("The order is cancelled."),
    ),
    "awaiting_confirmation": Reason(
        9,
        vi=Wording("Đang chờ đơn hàng được xác nhận.", "Xác nhận đơn hàng trong HaraSocial."),
        en=Wording("Waiting for the order to be confirmed.", "Confirm the order in HaraSocial."),
    ),
    "awaiting_shipment": Reason(
        9,
        vi=Wording("Đang chờ đơn hàng có vận đơn.", "Tạo vận đơn cho đơn hàng trong HaraSocial."),
        en=Wording("Waiting for the order to have a delivery note.", "Create the delivery note in HaraSocial."),
    ),
    "before_choice": Reason(
        11,
        vi=Wording("Việc này xảy ra trước lựa chọn CompletePayment hiện tại của trang; không gửi cho quá khứ."),
        en=Wording("It happened before the page's present choice for CompletePayment; nothing is fired for the past."),
    ),
    "page_not_connected": Reason(
        13,
        vi=Wording("Trang chưa được kết nối với TikTok.", "Kết nối trang trong phần Tích hợp > TikTok Ads."),
        en=Wording("The page is not connected to TikTok.", "Connect it under Integrations > TikTok Ads."),
    ),
    "page_paused": Reason(
        13,
        vi=Wording("Trang đang tạm dừng; sự kiện được giữ lại tối đa 7 ngày.", "Bật lại kết nối của trang."),
        en=Wording("The page is paused; its events wait, for at most 7 days.", "Resume the page's connection."),
    ),
    "authorisation_needed": Reason(
        13,
        vi=Wording(
            "Uỷ quyền của TikTok không dùng được nữa; sự kiện được giữ lại tối đa 7 ngày.", "Uỷ quyền lại với TikTok."
        ),
        en=Wording(
            "TikTok's authorisation can no longer be used; events wait, for at most 7 days.",
            "Authorise with TikTok again.",
        ),
    ),
    "queued": Reason(
        0,
        vi=Wording("Đang chờ gửi tới TikTok."),
        en=Wording("Waiting to be sent to TikTok."),
    ),
    "rate_limited": Reason(
        0,
        vi=Wording("Đang chờ vì đã đạt giới hạn tốc độ của TikTok."),
        en=Wording("Waiting because the rate limit is reached."),
    ),
    "retrying": Reason(
        0,
        vi=Wording("Lần gửi trước chưa thành công; sẽ tự gửi lại."),
        en=Wording("The last attempt failed; it will be tried again by itself."),
    ),
    "sent": Reason(
        0,
        vi=Wording("TikTok đã nhận sự kiện."),
        en=Wording("TikTok accepted the event."),
    ),
    "outcome_unknown": Reason(
        0,
        vi=Wording(
            "Không rõ TikTok đã nhận hay chưa; chỉ gửi lại cùng mã trong vòng 47 giờ để không bị tính hai lần.",
            "Đối chiếu trong TikTok Events Manager.",
        ),
        en=Wording(
            "It is not known whether TikTok got it; its id is tried again for 47 hours only, never to count twice.",
            "Compare with TikTok Events Manager.",
        ),
    ),
    "rejected": Reason(
        0,
        vi=Wording("TikTok từ chối sự kiện.", "Xem mã lỗi của TikTok, sửa rồi gửi lại."),
        en=Wording("TikTok rejected the event.", "See TikTok's code, mend the cause, then resend."),
    ),
    "expired_unsent": Reason(
        5,
        vi=Wording("Chưa gửi được trong 7 ngày nên không còn được tính."),
        en=Wording("It could not be sent within 7 days and can no longer count."),
    ),
}
"""Every code has its reason; a test compares the keys with the codes."""

NEVER_KNOWN = Reason(
    0,
    vi=Wording(
        "Có thể TikTok đã nhận, cũng có thể chưa; sự kiện không được gửi lại nữa để không bị tính hai lần.",
        "Đối chiếu trong TikTok Events Manager.",
    ),
    en=Wording(
        "TikTok may or may not have got it; it is not sent again, so that it never counts twice.",
        "Compare with TikTok Events Manager.",
    ),
)
"""What `outcome_unknown` means once the event has been given up: nobody has to wait for it."""
