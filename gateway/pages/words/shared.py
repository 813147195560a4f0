"""Words of every page: the frame, the names of events and choices, what can go wrong."""

from typing import Final

from gateway.api.shapes import Words

SHARED: Final[dict[str, Words]] = {
    "product": Words("TikTok Ads", "TikTok Ads"),
    "skip": Words("Đến nội dung chính", "Skip to content"),
    "breadcrumbs": Words("Đường dẫn", "Breadcrumbs"),
    "settings": Words("Cài đặt", "Settings"),
    "integrations": Words("Tích hợp", "Integrations"),
    "language.other": Words("English", "Tiếng Việt"),
    "language.switch": Words("Xem bằng tiếng Anh", "View in Vietnamese"),
    "back": Words("Quay lại", "Back"),
    "cancel": Words("Huỷ", "Cancel"),
    "continue": Words("Tiếp tục", "Continue"),
    "to_overview": Words("Về danh sách trang", "Back to your pages"),
    "footer": Words(
        "Tên, số điện thoại và nội dung tin nhắn của khách không được lưu tại đây.",
        "Customers' names, phone numbers and messages are never stored here.",
    ),
    "event.Conversation": Words("Bắt đầu trò chuyện", "Conversation"),
    "event.ValidConversation": Words("Trò chuyện hợp lệ", "Valid conversation"),
    "event.InitiateCheckout": Words("Tạo đơn hàng", "Order created"),
    "event.CompletePayment": Words("Mua hàng", "Purchase"),
    "choice.order_confirmed": Words("Khi đơn được xác nhận", "When the order is confirmed"),
    "choice.order_shipped": Words("Khi đơn có vận đơn", "When the order is shipped"),
    "error.no_session.title": Words("Phiên làm việc đã kết thúc", "Your session has ended"),
    "error.no_session.text": Words(
        "Vì lý do an toàn, trang này chỉ mở được từ HaraSocial. Vào HaraSocial → Cài đặt → Tích hợp → TikTok Ads "
        "để mở lại.",
        "To keep your store safe, this page opens from HaraSocial only. Go to HaraSocial → Settings → Integrations → "
        "TikTok Ads to open it again.",
    ),
    "error.link_expired.title": Words("Liên kết đã hết hạn", "This link has expired"),
    "error.link_expired.text": Words(
        "Liên kết từ HaraSocial chỉ dùng được trong thời gian ngắn. Vào HaraSocial → Cài đặt → Tích hợp → TikTok "
        "Ads để mở liên kết mới.",
        "Links from HaraSocial work for a short time only. Go to HaraSocial → Settings → Integrations → TikTok Ads for "
        "a new one.",
    ),
    "error.link_used.title": Words("Liên kết đã được sử dụng", "This link was used before"),
    "error.link_used.text": Words(
        "Mỗi liên kết từ HaraSocial chỉ mở được một lần. Vào HaraSocial → Cài đặt → Tích hợp → TikTok Ads để mở lại.",
        "Each link from HaraSocial opens once. Go to HaraSocial → Settings → Integrations → TikTok Ads to open "
        "it again.",
    ),
    "error.link_forged.title": Words("Liên kết không hợp lệ", "This link is not valid"),
    "error.link_forged.text": Words(
        "Liên kết này không phải do HaraSocial tạo ra hoặc đã bị thay đổi. Vào HaraSocial → Cài đặt → Tích hợp → "
        "TikTok Ads để mở lại.",
        "HaraSocial did not make this link, or it was altered on its way. Go to HaraSocial → Settings → Integrations → "
        "TikTok Ads to open it again.",
    ),
    "error.role.title": Words("Bạn chưa có quyền thay đổi kết nối", "You cannot change connections"),
    "error.role.text": Words(
        "Chỉ chủ cửa hàng và quản trị viên được kết nối trang hoặc thay đổi kết nối. Hãy nhờ một trong hai người "
        "này mở TikTok Ads trong HaraSocial.",
        "Only the store's owner and its admins may connect pages or change connections. Ask one of them to open TikTok "
        "Ads in HaraSocial.",
    ),
    "error.form.title": Words("Chưa có gì thay đổi", "Nothing was changed"),
    "error.form.text": Words(
        "Biểu mẫu này thuộc về một phiên cũ hoặc được gửi từ nơi khác. Quay lại danh sách và thử lại.",
        "This form belongs to an older session, or was sent from somewhere else. Go back to your pages and try again.",
    ),
    "error.not_found.title": Words("Không tìm thấy", "Not found"),
    "error.not_found.text": Words(
        "Không có gì ở địa chỉ này, hoặc trang Facebook này không thuộc cửa hàng của bạn.",
        "There is nothing at this address, or the Facebook page does not belong to your store.",
    ),
    "error.method.title": Words("Chưa có gì thay đổi", "Nothing was changed"),
    "error.method.text": Words(
        "Địa chỉ này không mở được theo cách đó. Quay lại danh sách và thử lại.",
        "This address cannot be opened that way. Go back to your pages and try again.",
    ),
    "error.request.title": Words("Không đọc được yêu cầu", "The request could not be read"),
    "error.request.text": Words(
        "Chưa có gì thay đổi. Quay lại danh sách và thử lại.",
        "Nothing was changed. Go back to your pages and try again.",
    ),
    "error.unavailable.title": Words("Tạm thời gián đoạn", "Briefly unavailable"),
    "error.unavailable.text": Words(
        "Không truy cập được dữ liệu lúc này. Sự kiện của bạn không bị mất. Hãy tải lại trang sau vài giây.",
        "Your data cannot be reached at the moment. None of your events is lost. Reload in a few seconds.",
    ),
    "error.unavailable.next": Words("Tải lại", "Reload"),
    "error.broken.title": Words("Đã có lỗi xảy ra", "Something went wrong"),
    "error.broken.text": Words(
        "Lỗi đã được ghi lại. Nếu lặp lại, hãy gửi cho bộ phận hỗ trợ mã này: {request_id}",
        "It has been logged. If it happens again, give support this number: {request_id}",
    ),
}
