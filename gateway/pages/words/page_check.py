"""Words of what is looked at on a Messenger page, why, and how to mend it."""

from typing import Final

from gateway.api.shapes import Words

PAGE_CHECK: Final[dict[str, Words]] = {
    "check.heading": Words("Kiểm tra trang {page}", "Checking {page}"),
    "check.lead": Words(
        "Trước khi kết nối, chúng tôi xem trang Facebook đã sẵn sàng nhận khách từ quảng cáo TikTok chưa.",
        "Before connecting, we look whether the Facebook page is ready for customers from TikTok ads.",
    ),
    "check.lead.connected": Words(
        "Trang đã kết nối với TikTok. Chúng tôi xem lại trang Facebook có còn sẵn sàng nhận khách từ quảng cáo TikTok "
        "không. Chỉ tiếp tục với TikTok nếu bạn muốn uỷ quyền lại.",
        "The page is connected to TikTok. We look again whether the Facebook page is ready for customers from TikTok "
        "ads. Continue with TikTok only to authorise again.",
    ),
    "check.lead.withdrawn": Words(
        "Trước khi uỷ quyền lại, chúng tôi xem trang Facebook có còn sẵn sàng nhận khách từ quảng cáo TikTok không.",
        "Before you authorise again, we look whether the Facebook page is still ready for customers from TikTok ads.",
    ),
    "check.again.heading": Words("Uỷ quyền lại cho trang đã kết nối", "Authorise a connected page again"),
    "check.again.text": Words(
        "TikTok không còn chấp nhận uỷ quyền của trang. Hãy đăng nhập TikTok, cho phép lại, rồi chọn lại tài khoản "
        "{name}: bộ sự kiện và lựa chọn của bạn được giữ nguyên, sự kiện đang chờ được gửi nếu còn trong 7 ngày.",
        "TikTok no longer accepts the page's authorisation. Sign in to TikTok, allow it, and choose {name} again: your "
        "event set and your choice stay as they are, and events that wait are sent if within their 7 days.",
    ),
    "check.ready.connected": Words("Bạn không cần làm gì thêm.", "There is nothing you need to do."),
    "check.ready.heading": Words("Trang đã sẵn sàng", "The page is ready"),
    "check.ready.text": Words(
        "Bước tiếp theo: đăng nhập TikTok và cho phép kết nối.",
        "Next: sign in to TikTok and allow the connection.",
    ),
    "check.blocked.heading": Words("Hãy tắt FAQ trước khi kết nối", "Turn the FAQ off before you connect"),
    "check.blocked.text": Words(
        "Khi FAQ đang bật, khách mới từ TikTok sẽ không được ghi nhận. Tắt FAQ rồi bấm Kiểm tra lại.",
        "While the FAQ is on, new customers from TikTok are not recorded. Turn it off, then press Check again.",
    ),
    "check.failing.heading": Words("Nên sửa trước khi chạy quảng cáo", "Worth mending before your ads run"),
    "check.failing.text": Words(
        "Bạn vẫn có thể kết nối, nhưng một phần lượt nhấp hoặc tin nhắn có thể không được ghi nhận.",
        "You can connect all the same, but some clicks or messages may not be recorded.",
    ),
    "check.no_token.heading": Words("Chưa kiểm tra được trang", "The page was not checked"),
    "check.no_token.text": Words(
        "HaraSocial chưa chuyển quyền đọc trang này. Bạn vẫn có thể kết nối; hãy tự xem lại bốn điều dưới đây.",
        "HaraSocial has not handed over access to this page. You can connect all the same; please look at the four "
        "points below yourself.",
    ),
    "check.token_refused.heading": Words("Facebook không còn cho đọc trang này", "Facebook no longer lets us read it"),
    "check.token_refused.text": Words(
        "Hãy kết nối lại trang Facebook trong HaraSocial, rồi mở lại TikTok Ads từ đó. Bạn vẫn có thể tiếp tục.",
        "Connect the Facebook page in HaraSocial anew, then open TikTok Ads from there. You can continue all the same.",
    ),
    "check.permission_missing.heading": Words("Một phần chưa kiểm tra được", "Some of it was not checked"),
    "check.permission_missing.text": Words(
        "HaraSocial chưa có đủ quyền trên trang này. Khi kết nối lại trang trong HaraSocial, hãy giữ nguyên mọi quyền.",
        "HaraSocial lacks a permission on this page. When you connect the page in HaraSocial anew, leave all "
        "permissions on.",
    ),
    "check.unavailable.heading": Words("Facebook chưa trả lời", "Facebook did not answer"),
    "check.unavailable.text": Words(
        "Hãy thử kiểm tra lại sau ít phút. Bạn vẫn có thể tiếp tục kết nối.",
        "Try again in a few minutes. You can continue connecting all the same.",
    ),
    "check.passed": Words("Đạt", "Passed"),
    "check.failing": Words("Cần sửa", "To mend"),
    "check.not_checked": Words("Chưa kiểm tra", "Not checked"),
    "check.mend": Words("Cách sửa", "How to mend it"),
    "check.again": Words("Kiểm tra lại", "Check again"),
    "check.authorise": Words("Tiếp tục với TikTok", "Continue with TikTok"),
    "check.when": Words("Kiểm tra lúc {at}", "Checked on {at}"),
    "check.latest": Words("Kiểm tra trang hằng ngày", "Daily page check"),
    "check.see": Words("Xem và kiểm tra lại", "See and check again"),
    "check.list": Words("Bốn điều được kiểm tra", "The four points"),
    "check.greeting.passed": Words("Lời chào đã được đặt", "The greeting is set"),
    "check.greeting.failing": Words("Trang chưa có lời chào", "There is no greeting"),
    "check.greeting.not_checked": Words("Trang có lời chào không?", "Is there a greeting?"),
    "check.greeting.why": Words(
        "Lời chào đi cùng nút Bắt đầu. Thiếu lời chào, khách mới có thể không thấy nút này.",
        "The greeting comes with the Get Started button. Without it new customers may not see the button.",
    ),
    "check.greeting.mend": Words(
        "Trong HaraSocial, mở Cài đặt → Tin nhắn tự động → Lời chào, viết một lời chào và bật lên.",
        "In HaraSocial, open Settings → Automatic messages → Greeting, write a greeting and turn it on.",
    ),
    "check.faq_off.passed": Words("FAQ (câu hỏi thường gặp) đã tắt", "The FAQ (ice breakers) is off"),
    "check.faq_off.failing": Words("FAQ (câu hỏi thường gặp) đang bật", "The FAQ (ice breakers) is on"),
    "check.faq_off.not_checked": Words("FAQ (câu hỏi thường gặp) đã tắt chưa?", "Is the FAQ (ice breakers) off?"),
    "check.faq_off.why": Words(
        "Messenger hiện FAQ thay cho nút Bắt đầu. Khi khách không bấm Bắt đầu, Facebook không cho biết khách đến từ "
        "quảng cáo TikTok nào.",
        "Messenger shows the FAQ instead of the Get Started button. When customers do not press Get Started, Facebook "
        "does not tell which TikTok ad they came from.",
    ),
    "check.faq_off.mend": Words(
        "Trong HaraSocial, mở Cài đặt → Tin nhắn tự động → Câu hỏi thường gặp, tắt tính năng này rồi lưu.",
        "In HaraSocial, open Settings → Automatic messages → FAQ, turn it off and save.",
    ),
    "check.get_started.passed": Words("Nút Bắt đầu đã bật", "The Get Started button is on"),
    "check.get_started.failing": Words("Trang chưa có nút Bắt đầu", "There is no Get Started button"),
    "check.get_started.not_checked": Words("Trang có nút Bắt đầu không?", "Is there a Get Started button?"),
    "check.get_started.why": Words(
        "Khách mới bấm nút Bắt đầu khi mở trò chuyện. Lượt nhấp quảng cáo của họ đến cùng với lần bấm đó.",
        "New customers press it to open the conversation. Their click on the ad arrives with that press.",
    ),
    "check.get_started.mend": Words(
        "Trong HaraSocial, tắt rồi bật lại Lời chào: nút Bắt đầu được cài cùng lúc.",
        "In HaraSocial, turn the greeting off and on again: that puts the Get Started button in place.",
    ),
    "check.webhook_fields.passed": Words("Trang gửi đủ thông báo", "The page sends all notifications"),
    "check.webhook_fields.failing": Words("Trang gửi thiếu thông báo", "The page does not send all notifications"),
    "check.webhook_fields.not_checked": Words("Trang gửi đủ thông báo không?", "Does the page send all notifications?"),
    "check.webhook_fields.why": Words(
        "Facebook chỉ báo những gì trang đã đăng ký: tin nhắn, câu trả lời của shop, nút bấm, lượt nhấp quảng cáo, và "
        "những tin do ứng dụng khác xử lý.",
        "Facebook only reports what the page is subscribed to: messages, the shop's answers, buttons, clicks on ads, "
        "and what another app handles.",
    ),
    "check.webhook_fields.mend": Words(
        "Ngắt rồi kết nối lại trang Facebook trong HaraSocial. Nếu vẫn thiếu, hãy gửi danh sách này cho hỗ trợ:",
        "Disconnect the Facebook page in HaraSocial and connect it again. If something is still missing, send support "
        "this list:",
    ),
}
