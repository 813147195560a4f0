"""Words of support's frame, search and pages of a page; what can go wrong there."""

from typing import Final

from gateway.api.shapes import Words

SUPPORT: Final[dict[str, Words]] = {
    "support.product": Words("TikTok Ads · Hỗ trợ", "TikTok Ads · Support"),
    "support.nav": Words("Các trang hỗ trợ", "Support pages"),
    "support.search": Words("Tìm kiếm", "Search"),
    "support.problems": Words("Sự cố", "Problems"),
    "support.orders": Words("Sắp mất", "About to be lost"),
    "support.health": Words("Tình trạng", "Health"),
    "support.to_overview": Words("Về trang tìm kiếm", "Back to the search"),
    "support.footer": Words(
        "Mỗi lần xem đều được ghi lại. Tên, số điện thoại và tin nhắn của khách không được lưu tại đây.",
        "Every look is written down. Customers' names, phone numbers and messages are never stored here.",
    ),
    "support.search.title": Words("Vì sao sự kiện đã gửi, hay chưa?", "Why did this event fire, or not?"),
    "support.search.label": Words("Tìm bằng bất cứ mã nào bạn có", "Find it by whatever you were given"),
    "support.search.hint": Words(
        "PSID, mã hoặc số đơn hàng, event ID, request ID của TikTok, mã theo dõi hoặc ref của quảng cáo, mã trang "
        "Facebook. Nhập đúng và đủ.",
        "PSID, order id or number, event id, TikTok's request_id, tracking id or ref of the ad, Facebook page id. "
        "Whole and exact.",
    ),
    "support.search.do": Words("Tìm", "Search"),
    "support.now": Words("Ngay lúc này", "Right now"),
    "support.now.problems": Words("Sự cố đang mở", "Open problems"),
    "support.now.problems.see": Words("Xem sự cố", "See the problems"),
    "support.now.orders": Words("Đơn hàng sắp mất", "Orders about to be lost"),
    "support.now.orders.see": Words("Xem đơn hàng", "See the orders"),
    "support.now.orders.within": Words("Lượt nhấp hết hạn trong 24 giờ", "Their click runs out within 24 hours"),
    "support.now.waiting": Words("Sự kiện chờ gửi", "Events that wait to be sent"),
    "support.now.waiting.see": Words("Xem tình trạng", "See how we are doing"),
    "support.now.oldest": Words("Lâu nhất từ", "The oldest since"),
    "support.found.title": Words("Có nhiều kết quả", "More than one was found"),
    "support.found.crumb": Words("Kết quả", "Results"),
    "support.found.number": Words("{number} kết quả, mới nhất trước", "{number} found, newest first"),
    "support.found.page": Words("Trang", "Page"),
    "support.found.delivery": Words("Lần gửi", "Delivery"),
    "support.found.conversation": Words("Hội thoại", "Conversation"),
    "support.by.psid": Words("theo PSID", "by PSID"),
    "support.by.order_id": Words("theo mã đơn hàng", "by order id"),
    "support.by.order_number": Words("theo số đơn hàng", "by order number"),
    "support.by.event_id": Words("theo event ID", "by event id"),
    "support.by.request_id": Words("theo request ID của TikTok", "by TikTok's request_id"),
    "support.by.tracking_id": Words("theo mã theo dõi", "by tracking id"),
    "support.by.ref": Words("theo ref", "by ref"),
    "support.by.page_id": Words("theo mã trang", "by page id"),
    "support.by.unreadable": Words("trạng thái không đọc được", "its state cannot be read"),
    "support.nothing.title": Words("Không tìm thấy gì", "Nothing was found"),
    "support.nothing.looked": Words("Đã tìm trong", "What was looked at"),
    "support.nothing.keys": Words(
        "PSID, mã và số đơn hàng, event ID, request ID của TikTok, mã theo dõi, ref và mã trang của mọi cửa hàng.",
        "PSIDs, order ids and numbers, event ids, TikTok's request_ids, tracking ids, refs and page ids of every "
        "store.",
    ),
    "support.nothing.why": Words("Vì sao có thể không có", "Why it may not be there"),
    "support.nothing.exact": Words(
        "Mã phải đúng và đủ từng ký tự; không tìm được theo một phần, theo tên hay số điện thoại.",
        "It has to be whole and exact; parts of it, names and phone numbers find nothing.",
    ),
    "support.nothing.conversation": Words(
        "Hội thoại và đơn hàng được lưu 9 ngày sau lượt nhấp quảng cáo cuối cùng.",
        "Conversations and their orders are kept for 9 days after the last ad click.",
    ),
    "support.nothing.no_click": Words(
        "Hội thoại không có lượt nhấp quảng cáo chỉ được lưu một giờ.",
        "A conversation without an ad click is kept for an hour only.",
    ),
    "support.nothing.event": Words(
        "Sự kiện được lưu 30 ngày sau khi đã gửi hoặc bị bỏ.",
        "An event is kept for 30 days after it was sent or given up.",
    ),
    "support.page.connected": Words("Đã kết nối", "Connected"),
    "support.page.not_connected": Words(
        "Trang không kết nối với TikTok. Sự kiện chưa gửi chờ đến khi kết nối lại, tối đa 7 ngày.",
        "The page is not connected to TikTok. Its unsent events wait until it is, for 7 days at most.",
    ),
    "support.page.damaged": Words("Kết nối bị hỏng", "Connection damaged"),
    "support.page.damaged.text": Words(
        "Không đọc được kết nối đã lưu. Webhook của trang được yêu cầu gửi lại. Hãy kết nối lại trang.",
        "What is stored of the connection cannot be read. Its webhooks are asked to come again. Connect it anew.",
    ),
    "support.page.deliveries": Words("Lần gửi", "Deliveries"),
    "support.page.store": Words("Mã cửa hàng", "Store id"),
    "support.page.authorised": Words("TikTok còn uỷ quyền", "Authorised at TikTok"),
    "support.page.since": Words("từ", "since"),
    "support.page.since_connected": Words("từ khi kết nối", "since it was connected"),
    "support.page.last_event": Words("Sự kiện gần nhất", "Latest event"),
    "support.page.conversations": Words("Hội thoại có lượt nhấp", "Conversations with a click"),
    "support.page.conversations.none": Words(
        "Chưa có khách nào đến từ quảng cáo, hoặc dữ liệu đã hết hạn lưu.",
        "No customer came by an ad, or what there was has expired.",
    ),
    "support.yes": Words("Có", "Yes"),
    "support.no": Words("Không", "No"),
    "error.sellers_only.title": Words("Đây là trang của cửa hàng", "These are the seller's pages"),
    "error.sellers_only.text": Words(
        "Bạn đang dùng phiên hỗ trợ, nên không xem và không thay đổi được kết nối của cửa hàng tại đây. Trang hỗ trợ "
        "cho xem mọi cửa hàng.",
        "You came as support, so you can neither see nor change a store's connections here. Support's pages show "
        "every store.",
    ),
    "error.sellers_only.next": Words("Mở trang hỗ trợ", "Open support's pages"),
    "support.error.support_only.title": Words("Trang này chỉ dành cho bộ phận hỗ trợ", "Only support may see this"),
    "support.error.support_only.text": Words(
        "Vai trò của bạn trong HaraSocial không xem được trang hỗ trợ. Lần truy cập này đã được ghi lại.",
        "Your role in HaraSocial does not include support's pages. That you were here has been written down.",
    ),
    "support.error.support_only.next": Words("Mở trang của cửa hàng", "Open your store's pages"),
    "support.error.no_session.title": Words("Mở trang này từ HaraSocial", "Open this page from HaraSocial"),
    "support.error.no_session.text": Words(
        "Bạn chưa có phiên hỗ trợ, hoặc phiên đã kết thúc. Vào HaraSocial → Hỗ trợ → TikTok Ads để mở lại.",
        "You have no support session, or it has ended. Go to HaraSocial → Support → TikTok Ads to open it again.",
    ),
    "support.error.not_found.title": Words("Không tìm thấy", "Not found"),
    "support.error.not_found.text": Words(
        "Không có gì ở địa chỉ này, hoặc dữ liệu đã hết hạn lưu.",
        "There is nothing at this address, or what was there has expired.",
    ),
    "support.error.page_unknown.title": Words("Trang chưa được kết nối", "The page is not connected"),
    "support.error.page_unknown.text": Words(
        "Trang {page_id} không kết nối, và ở đây không có sự kiện hay hội thoại có lượt nhấp nào của trang. Nếu trang "
        "từng kết nối, không có gì được ghi lại từ khi ngắt kết nối; nếu chưa từng, thì từ trước đến nay không có gì.",
        "Page {page_id} is not connected, and there is no event of it here, nor a conversation with a click. If it was "
        "connected once, nothing has been recorded since it was disconnected; if it never was, nothing ever has.",
    ),
    "support.error.link_expired.title": Words("Liên kết đã hết hạn", "This link has expired"),
    "support.error.link_expired.text": Words(
        "Vào HaraSocial → Hỗ trợ → TikTok Ads để mở liên kết mới.",
        "Go to HaraSocial → Support → TikTok Ads for a new one.",
    ),
    "support.error.link_used.title": Words("Liên kết đã được sử dụng", "This link was used before"),
    "support.error.link_used.text": Words(
        "Mỗi liên kết từ HaraSocial chỉ mở được một lần. Vào HaraSocial → Hỗ trợ → TikTok Ads để mở lại.",
        "Each link from HaraSocial opens once. Go to HaraSocial → Support → TikTok Ads to open it again.",
    ),
    "support.error.link_forged.title": Words("Liên kết không hợp lệ", "This link is not valid"),
    "support.error.link_forged.text": Words(
        "Liên kết này không phải do HaraSocial tạo ra hoặc đã bị thay đổi. Vào HaraSocial → Hỗ trợ → TikTok Ads để mở "
        "lại.",
        "HaraSocial did not make this link, or it was altered on its way. Go to HaraSocial → Support → TikTok Ads to "
        "open it again.",
    ),
    "support.error.form.title": Words("Chưa có gì thay đổi", "Nothing was changed"),
    "support.error.form.text": Words(
        "Biểu mẫu này thuộc về một phiên cũ hoặc được gửi từ nơi khác. Mở lại trang và thử lại.",
        "This form belongs to an older session, or was sent from somewhere else. Open the page anew and try again.",
    ),
    "support.error.method.title": Words("Chưa có gì thay đổi", "Nothing was changed"),
    "support.error.method.text": Words(
        "Địa chỉ này không mở được theo cách đó.", "This address cannot be opened that way."
    ),
    "support.error.request.title": Words("Không đọc được yêu cầu", "The request could not be read"),
    "support.error.request.text": Words("Chưa có gì thay đổi. Hãy thử lại.", "Nothing was changed. Try again."),
    "support.error.unavailable.title": Words("Tạm thời gián đoạn", "Briefly unavailable"),
    "support.error.unavailable.text": Words(
        "Không đọc được dữ liệu hoặc không ghi được nhật ký truy cập, nên không hiển thị gì. Sự kiện không bị mất. Hãy "
        "tải lại sau vài giây.",
        "The data cannot be read, or the look cannot be written down; so nothing is shown. No event is lost. Reload in "
        "a few seconds.",
    ),
    "support.error.unavailable.next": Words("Tải lại", "Reload"),
}
