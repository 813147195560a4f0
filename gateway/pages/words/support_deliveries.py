"""Words of support's pages of deliveries: the log, one event, problems, sending again, orders that run out."""

from typing import Final

from gateway.api.shapes import Words

SUPPORT_DELIVERIES: Final[dict[str, Words]] = {
    "deliveries.title": Words("Lần gửi", "Deliveries"),
    "deliveries.of": Words("Lần gửi của {name}", "Deliveries of {name}"),
    "deliveries.day": Words("Ngày (Việt Nam)", "Day (Vietnam)"),
    "deliveries.order_id": Words("Mã đơn hàng", "Order id"),
    "deliveries.psid": Words("PSID", "PSID"),
    "deliveries.none": Words(
        "Sự kiện đầu tiên xuất hiện khi khách nhấp quảng cáo rồi nhắn tin. Nhật ký giữ sự kiện trong 30 ngày.",
        "The first appears when a customer comes by an ad and writes. Events stay in the log for 30 days.",
    ),
    "deliveries.nothing": Words("Thử bỏ bớt bộ lọc.", "Try with fewer filters."),
    "deliveries.page_not_connected": Words(
        "Trang không kết nối với TikTok: sự kiện chờ đến khi kết nối lại, tối đa 7 ngày.",
        "The page is not connected to TikTok: its events wait until it is, for at most 7 days.",
    ),
    "deliveries.page_paused": Words(
        "Trang đang tạm dừng: sự kiện được giữ lại tối đa 7 ngày.",
        "The page is paused: its events wait, for at most 7 days.",
    ),
    "deliveries.authorisation_needed": Words(
        "TikTok đã thu hồi uỷ quyền: sự kiện chờ người bán uỷ quyền lại, tối đa 7 ngày.",
        "TikTok withdrew the authorisation: events wait until the seller authorises again, for at most 7 days.",
    ),
    "delivery.title": Words("Gửi {name} tới TikTok", "Delivery of {name}"),
    "delivery.stands": Words("Hiện tại", "Where it stands"),
    "delivery.means": Words("{name} nghĩa là gì", "What {name} means"),
    "delivery.same": Words("Xem các sự kiện cùng lỗi", "See who else failed the same way"),
    "delivery.conversation": Words("Hội thoại", "Conversation"),
    "delivery.happened": Words("Xảy ra lúc", "Happened"),
    "delivery.unconfirmed": Words("Chưa rõ kết quả từ", "Outcome unknown since"),
    "delivery.attempts": Words("Các lần gửi", "Attempts"),
    "delivery.last_attempts": Words("{number} lần gần nhất, mới nhất trước.", "The last {number}, newest first."),
    "delivery.attempt": Words("Lần {number}", "Attempt {number}"),
    "delivery.no_attempt": Words("Chưa gửi lần nào.", "It has not been sent yet."),
    "delivery.code": Words("Mã của TikTok", "TikTok's code"),
    "delivery.kind": Words("Loại", "Kind"),
    "delivery.kind.not_json": Words("Trả lời không đọc được", "Unreadable answer"),
    "delivery.kind.http_error": Words("Lỗi HTTP", "HTTP error"),
    "delivery.kind.timeout": Words("Không trả lời kịp", "No answer in time"),
    "delivery.kind.cut": Words("Kết nối bị ngắt sau khi gửi", "Connection lost after sending"),
    "delivery.kind.not_sent": Words("Không kết nối được tới TikTok", "TikTok was not reached"),
    "delivery.again": Words("Gửi lại", "Send it again"),
    "delivery.again.text": Words(
        "Sự kiện được gửi lại với cùng mã, nên TikTok không tính hai lần. Nếu nguyên nhân chưa được sửa, TikTok sẽ từ "
        "chối lần nữa.",
        "It goes out under its own id, so TikTok does not count it twice. If the cause is not mended, TikTok refuses "
        "it again.",
    ),
    "delivery.again.do": Words("Gửi lại sự kiện này", "Send this event again"),
    "delivery.not_again": Words("Không gửi lại được", "It is not sent again"),
    "delivery.too_late": Words("Không gửi lại được nữa.", "It can no longer be sent again."),
    "notice.resent": Words("Sự kiện đã vào hàng chờ gửi.", "The event is queued to be sent again."),
    "problems.title": Words("Sự cố", "Problems"),
    "problems.lead": Words(
        "Những lỗi giống nhau được gộp thành một, mới nhất trước. Khi sự kiện gửi được, nó rời khỏi đây.",
        "Failures that are the same are one problem, the latest first. An event leaves as soon as it is sent.",
    ),
    "problems.name": Words("Sự cố {name}", "Problem {name}"),
    "problems.events": Words("{number} sự kiện", "{number} events"),
    "problems.events.one": Words("1 sự kiện", "1 event"),
    "problems.count": Words("Sự kiện", "Events"),
    "problems.pages": Words("Trang bị ảnh hưởng", "Pages affected"),
    "problems.first_seen": Words("Lần đầu", "First seen"),
    "problems.last_seen": Words("Gần nhất", "Last seen"),
    "problems.none": Words("Không có sự cố nào", "No problems"),
    "problems.none.text": Words(
        "Mọi sự kiện đã được TikTok nhận, hoặc đang chờ đến lượt.",
        "Every event was accepted by TikTok, or is waiting its turn.",
    ),
    "problem.means": Words("Ý nghĩa", "What it means"),
    "problem.affected": Words("Bị ảnh hưởng", "Who is affected"),
    "problem.sample": Words("Ví dụ:", "For example:"),
    "problem.more_pages": Words("Còn {number} trang nữa.", "And {number} more pages."),
    "problem.over": Words("Không còn sự kiện nào gặp sự cố này", "No event has this problem any more"),
    "problem.over.text": Words(
        "Các sự kiện đã được gửi, hoặc đã hết hạn lưu.", "They were sent, or what was kept of them has expired."
    ),
    "resend.all_that_match": Words("Gửi lại tất cả sự kiện phù hợp", "Resend all that match"),
    "resend.all_pages": Words("Gửi lại của mọi trang", "Resend all, on every page"),
    "resend.this_page": Words("Gửi lại của trang này", "Resend this page's"),
    "resend.asks_first": Words("Xem trước số lượng, rồi mới gửi.", "You see how many first."),
    "resend.title": Words("Gửi lại nhiều sự kiện?", "Send these again?"),
    "resend.chosen.page_id": Words("Trang", "Page"),
    "resend.chosen.problem": Words("Sự cố", "Problem"),
    "resend.chosen.status": Words("Trạng thái", "Status"),
    "resend.chosen.event": Words("Sự kiện", "Event"),
    "resend.chosen.day": Words("Ngày", "Day"),
    "resend.matching": Words("{number} sự kiện phù hợp.", "{number} match."),
    "resend.matching.one": Words("1 sự kiện phù hợp.", "1 matches."),
    "resend.resendable": Words("{number} sẽ được gửi lại.", "{number} will be sent again."),
    "resend.resendable.one": Words("1 sẽ được gửi lại.", "1 will be sent again."),
    "resend.refused": Words("{number} sẽ bị từ chối:", "{number} will be refused:"),
    "resend.refused.one": Words("1 sẽ bị từ chối:", "1 will be refused:"),
    "resend.refused.not_found": Words("Sự kiện không còn được lưu.", "The event is not kept any more."),
    "resend.refused.unreadable": Words(
        "Dữ liệu của sự kiện bị hỏng nên không gửi được.", "What is stored of it is damaged, so it cannot be sent."
    ),
    "resend.more": Words(
        "Còn nhiều hơn. Mỗi lần xem và gửi lại tối đa {number} sự kiện.",
        "There are more: at most {number} are looked at and sent again at a time.",
    ),
    "resend.text": Words(
        "Mỗi sự kiện giữ nguyên mã, nên TikTok không tính hai lần. Bấm hai lần cũng không sao.",
        "Each keeps its id, so TikTok counts none of them twice. Pressing twice does no harm.",
    ),
    "resend.nothing": Words(
        "Không có gì để gửi lại. Sự kiện còn đang chờ sẽ tự gửi.",
        "There is nothing to send again. What still waits goes by itself.",
    ),
    "resend.why": Words("Lý do", "Why"),
    "resend.why.hint": Words(
        "Được lưu vào nhật ký cùng tên bạn. Không ghi tên hay số điện thoại của khách.",
        "It is kept in the audit log beside your name. No customer's name or phone number, please.",
    ),
    "resend.why.wrong": Words("Hãy ghi lý do.", "Say why."),
    "resend.do": Words("Gửi lại {number} sự kiện", "Send {number} events again"),
    "resend.do.one": Words("Gửi lại 1 sự kiện", "Send 1 event again"),
    "resend.done.title": Words("Đã xếp hàng gửi lại", "Queued to be sent again"),
    "resend.done.nothing": Words("Không có gì được gửi lại", "Nothing was sent again"),
    "resend.done.resent": Words("{number} đã vào hàng chờ gửi.", "{number} are queued."),
    "resend.done.resent.one": Words("1 đã vào hàng chờ gửi.", "1 is queued."),
    "resend.done.refused": Words("{number} bị từ chối:", "{number} were refused:"),
    "resend.done.refused.one": Words("1 bị từ chối:", "1 was refused:"),
    "resend.done.more": Words(
        "Còn nữa: mỗi lần tối đa {number} sự kiện. Bấm Tiếp tục để gửi phần còn lại.",
        "There are more: at most {number} at a time. Go on for the rest.",
    ),
    "resend.done.text": Words(
        "Sự kiện của trang đang gửi sẽ đến TikTok trong ít phút. Việc này đã được ghi lại cùng lý do của bạn.",
        "Of a page that is sending, they reach TikTok within minutes. It has been written down with your reason.",
    ),
    "resend.done.written": Words(
        "Việc này đã được ghi lại cùng lý do của bạn.", "It has been written down with your reason."
    ),
    "resend.go_on": Words("Tiếp tục", "Go on"),
    "orders.title": Words("Đơn hàng sắp mất", "Orders about to be lost"),
    "orders.lead": Words(
        "Lượt nhấp của các đơn này hết hạn trong 24 giờ. Sau đó TikTok không tính nữa, dù đơn được xác nhận hay giao.",
        "The clicks of these orders run out within 24 hours. After that they no longer count, even when confirmed or "
        "shipped.",
    ),
    "orders.more": Words(
        "Còn nhiều đơn hơn: chỉ xem {number} đơn hết hạn sớm nhất.",
        "There are more: only the {number} that run out first were looked at.",
    ),
    "orders.left": Words("Còn {time}", "{time} left"),
    "orders.until": Words("Đến", "Until"),
    "orders.awaiting_confirmation": Words("Chờ xác nhận", "Awaits confirmation"),
    "orders.awaiting_shipment": Words("Chờ vận đơn", "Awaits shipment"),
    "orders.none": Words("Không có đơn nào sắp mất", "No order is about to be lost"),
    "orders.none.text": Words(
        "Không có lượt nhấp nào của đơn đang chờ hết hạn trong 24 giờ tới.",
        "No waiting order's click runs out within the next 24 hours.",
    ),
}
