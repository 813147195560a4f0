"""Words of the last screen of connecting: what to choose at TikTok, and the proof that it works."""

from typing import Final

from gateway.api.shapes import Words

DONE: Final[dict[str, Words]] = {
    "done.title": Words("{name} đã kết nối với TikTok", "{name} is connected to TikTok"),
    "done.crumb": Words("Hoàn tất", "Done"),
    "done.lead": Words(
        "Chọn bộ sự kiện trong TikTok Ads Manager, rồi thử một lượt nhấp.",
        "Choose the event set in TikTok Ads Manager, then try a click.",
    ),
    "done.choose": Words("1. Chọn trong TikTok Ads Manager", "1. Choose in TikTok Ads Manager"),
    "done.choose.text": Words(
        "Khi tạo chiến dịch tin nhắn cho trang này, chọn đúng những mục dưới đây. Chọn nhầm bộ sự kiện thì quảng cáo "
        "không có số liệu.",
        "When you create a messaging campaign for this page, choose exactly these. With another event set the ad gets "
        "no data.",
    ),
    "done.advertiser": Words("Tài khoản quảng cáo", "Ad account"),
    "done.app": Words("Ứng dụng nhắn tin", "Messaging app"),
    "done.page": Words("Trang Facebook", "Facebook page"),
    "done.event_set": Words("Bộ sự kiện tin nhắn", "Message event set"),
    "done.id": Words("Mã {id}", "Id {id}"),
    "done.goal": Words("Mục tiêu tối ưu", "Optimisation goal"),
    "done.goal.text": Words("Conversation (Cuộc trò chuyện)", "Conversation"),
    "done.names": Words("Tên sự kiện trong báo cáo của TikTok", "The events' names in TikTok's reports"),
    "done.when.Conversation": Words(
        "Tin nhắn đầu tiên của khách sau lượt nhấp", "The customer's first message after the click"
    ),
    "done.when.ValidConversation": Words(
        "Tin nhắn của khách sau ít nhất 5 tin nhắn của hai bên",
        "A message by the customer after at least 5 messages of either side",
    ),
    "done.when.InitiateCheckout": Words("Đơn hàng được tạo trong HaraSocial", "The order is created in HaraSocial"),
    "done.prove": Words("2. Thử ngay", "2. Try it"),
    "done.prove.text": Words(
        "Mở liên kết dưới đây trên điện thoại, rồi gửi một tin nhắn cho trang, như khách của bạn sẽ làm.",
        "Open this link on your phone and write to the page, as a customer would.",
    ),
    "done.prove.note": Words(
        "Lượt thử được gửi tới TikTok như thật, nhưng không thuộc quảng cáo nào.",
        "The test is sent to TikTok like a real one, but belongs to no ad.",
    ),
    "done.prove.open": Words("Mở Messenger", "Open Messenger"),
    "done.prove.foreign": Words(
        "Hệ thống chỉ nhận mã ref riêng của TikTok, nên hãy thử bằng bản xem trước của quảng cáo.",
        "Only refs of TikTok's own form are recognised here, so try it with the preview of your ad.",
    ),
    "done.paused": Words(
        "Trang đang tạm dừng nên sự kiện chưa được gửi đi.", "The page is paused, so its events are not sent yet."
    ),
    "done.unauthorised": Words(
        "TikTok không còn chấp nhận uỷ quyền nên sự kiện chưa được gửi đi.",
        "TikTok no longer accepts the authorisation, so events are not sent yet.",
    ),
    "done.live.text": Words("Danh sách tự đánh dấu khi có hoạt động.", "The list fills by itself as things happen."),
    "done.live.reload": Words("Tải lại để cập nhật", "Reload to update"),
    "done.live.ended": Words(
        "Tạm ngừng tự cập nhật. Tải lại trang để xem tiếp.", "It no longer updates by itself. Reload to see on."
    ),
    "done.step.click": Words("Lượt nhấp đầu tiên", "First click"),
    "done.step.message": Words("Tin nhắn đầu tiên", "First message"),
    "done.step.event": Words("Sự kiện đầu tiên", "First event"),
    "done.step.sent": Words("TikTok đã nhận sự kiện đầu tiên", "First event accepted by TikTok"),
    "done.step.click.wait": Words(
        "Chờ khách vào Messenger từ quảng cáo hoặc liên kết thử.",
        "Waiting for somebody to come by the ad or the test link.",
    ),
    "done.step.message.wait": Words("Chờ một tin nhắn sau lượt nhấp.", "Waiting for a message after the click."),
    "done.step.event.wait": Words(
        "Có ngay khi khách gửi tin nhắn đầu tiên.", "Comes with the customer's first message."
    ),
    "done.step.sent.wait": Words("Thường trong vài giây.", "A matter of seconds, usually."),
    "done.step.done": Words("Xong", "Done"),
    "done.step.waiting": Words("Đang chờ", "Waiting"),
    "done.seen": Words("{number} trong 30 ngày qua", "{number} in the last 30 days"),
    "done.all": Words(
        "Mọi thứ hoạt động. Từ nay không cần làm gì thêm.", "Everything works. There is nothing left to do."
    ),
    "done.to_events": Words("Xem sự kiện của trang", "See the page's events"),
}
