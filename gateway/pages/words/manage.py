"""Words of one page's connection: what it is, and what pausing, resuming and disconnecting mean."""

from typing import Final

from gateway.api.shapes import Words

MANAGE: Final[dict[str, Words]] = {
    "manage.connection": Words("Kết nối", "Connection"),
    "manage.page_id": Words("Mã trang Facebook", "Facebook page id"),
    "manage.running_out": Words("Đơn hàng hết hạn trong 24 giờ", "Orders that run out within 24 hours"),
    "manage.running_out.text": Words(
        "Xác nhận hoặc giao các đơn này trong HaraSocial trước hạn để TikTok tính được.",
        "Confirm or ship them in HaraSocial before then, so that TikTok can count them.",
    ),
    "manage.week": Words("7 ngày qua", "The last 7 days"),
    "manage.clicks": Words("Lượt nhấp quảng cáo", "Ad clicks"),
    "manage.see_events": Words("Xem từng sự kiện", "See every event"),
    "manage.change": Words("Thay đổi", "Change"),
    "manage.change_choice": Words("Đổi thời điểm gửi mua hàng", "Change when a purchase is sent"),
    "manage.change_target": Words("Đổi tài khoản hoặc bộ sự kiện", "Change advertiser or event set"),
    "manage.waiting": Words("{number} sự kiện đang chờ gửi", "{number} events wait to be sent"),
    "manage.waiting.one": Words("1 sự kiện đang chờ gửi", "1 event waits to be sent"),
    "manage.waiting_for_click.text": Words(
        "Trang đã sẵn sàng. Sự kiện đầu tiên xuất hiện khi khách nhấp quảng cáo TikTok và nhắn tin cho trang.",
        "The page is ready. Its first event appears when a customer comes through a TikTok ad and writes to the page.",
    ),
    "manage.paused.text": Words(
        "Trang đang tạm dừng. Sự kiện vẫn được ghi nhận và được giữ lại tối đa 7 ngày.",
        "The page is paused. Events are still recorded, and wait for at most 7 days.",
    ),
    "manage.stop": Words("Tạm dừng hoặc ngắt kết nối", "Pause or disconnect"),
    "manage.stop.text": Words(
        "Trước khi thực hiện, bạn sẽ thấy rõ điều gì xảy ra với các sự kiện.",
        "You will see what happens to your events before anything changes.",
    ),
    "act.pause": Words("Tạm dừng", "Pause"),
    "act.resume": Words("Bật lại", "Resume"),
    "act.disconnect": Words("Ngắt kết nối", "Disconnect"),
    "confirm.pause.title": Words("Tạm dừng trang {name}?", "Pause {name}?"),
    "confirm.pause.1": Words(
        "Lượt nhấp, tin nhắn và đơn hàng vẫn được ghi nhận như bình thường.",
        "Clicks, messages and orders are recorded as usual.",
    ),
    "confirm.pause.2": Words(
        "Không có sự kiện nào được gửi tới TikTok cho đến khi bạn bật lại.",
        "No event is sent to TikTok until you resume.",
    ),
    "confirm.pause.3": Words(
        "Mỗi sự kiện chờ được tối đa 7 ngày; quá hạn sẽ không còn được tính.",
        "Each event can wait for 7 days; after that it no longer counts.",
    ),
    "confirm.resume.title": Words("Bật lại trang {name}?", "Resume {name}?"),
    "confirm.resume.1": Words(
        "Sự kiện đang chờ và còn trong hạn 7 ngày được gửi ngay.",
        "Events that wait and are not older than 7 days are sent at once.",
    ),
    "confirm.resume.2": Words(
        "Sự kiện mới được gửi tới TikTok ngay khi xảy ra.",
        "New events are sent to TikTok as they happen.",
    ),
    "confirm.disconnect.title": Words("Ngắt kết nối trang {name}?", "Disconnect {name}?"),
    "confirm.disconnect.1": Words(
        "Từ lúc này, lượt nhấp, tin nhắn và đơn hàng của trang không còn được ghi nhận. Không khôi phục lại được "
        "phần bị bỏ lỡ.",
        "From now on nothing is recorded for the page: no clicks, messages or orders. What is missed cannot be "
        "recovered.",
    ),
    "confirm.disconnect.2": Words(
        "Uỷ quyền TikTok của trang bị xoá khỏi hệ thống. Bộ sự kiện trong TikTok vẫn còn, quảng cáo vẫn chạy "
        "nhưng không nhận thêm sự kiện.",
        "The page's TikTok authorisation is deleted here. The event set stays in TikTok, and your ads keep "
        "running, but get no more events.",
    ),
    "confirm.disconnect.3": Words(
        "Bạn có thể kết nối lại bất cứ lúc nào. Sự kiện đang chờ chỉ được gửi nếu bạn kết nối lại trong 7 ngày.",
        "You can connect again at any time. Events that wait are sent only if you do so within 7 days.",
    ),
    "confirm.disconnect.instead": Words(
        "Chỉ muốn ngừng gửi một thời gian? Hãy tạm dừng.", "Only want to stop for a while? Pause instead."
    ),
    "notice.paused": Words(
        "Đã tạm dừng. Sự kiện được giữ lại tối đa 7 ngày.", "Paused. Events wait for at most 7 days."
    ),
    "notice.resumed": Words("Đã bật lại. Sự kiện đang chờ sẽ được gửi.", "Resumed. Events that waited are being sent."),
    "notice.disconnected": Words("Đã ngắt kết nối trang.", "The page is disconnected."),
    "notice.connected_already": Words(
        "Trang đã được kết nối từ trước. Vừa rồi không có gì thay đổi.",
        "The page is connected already. Nothing was changed just now.",
    ),
    "error.not_connected.title": Words("Trang chưa được kết nối", "The page is not connected"),
    "error.not_connected.text": Words(
        "Cửa hàng của bạn chưa kết nối trang {name} với TikTok, hoặc vừa ngắt kết nối ở một cửa sổ khác.",
        "Your store has not connected {name} with TikTok, or has just disconnected it in another window.",
    ),
    "error.renewed.title": Words("Kết nối vừa được làm mới", "The connection has just been renewed"),
    "error.renewed.text": Words(
        "Trong lúc bạn đang chọn, kết nối của trang {name} đã được làm mới ở nơi khác. Kết nối đó được giữ nguyên, lựa "
        "chọn của bạn chưa được lưu. Hãy mở kết nối của trang và đổi lại nếu cần.",
        "While you were choosing, the connection of {name} was renewed elsewhere. It stays as it is, and your choice "
        "was not saved. Please open the page's connection, and change it there if you still want to.",
    ),
    "error.renewed.next": Words("Mở kết nối của trang", "Open the page's connection"),
}
