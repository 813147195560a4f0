"""Words of the overview."""

from typing import Final

from gateway.api.shapes import Words

OVERVIEW: Final[dict[str, Words]] = {
    "overview.title": Words("Trang của cửa hàng", "Your store's pages"),
    "overview.lead": Words(
        "Kết nối trang Facebook với TikTok Ads để đo và tối ưu quảng cáo tin nhắn.",
        "Connect a Facebook page with TikTok Ads, so that your messaging ads can be measured and optimised.",
    ),
    "overview.read_only": Words("Bạn đang xem, chưa thể thay đổi", "You can look, but not change"),
    "overview.search": Words("Tìm trang", "Find a page"),
    "overview.search.hint": Words("Tên hoặc mã trang", "Name or page id"),
    "overview.search.do": Words("Tìm", "Search"),
    "overview.search.clear": Words("Xoá tìm kiếm", "Clear search"),
    "overview.filters": Words("Lọc theo trạng thái", "Filter by state"),
    "filter.all": Words("Tất cả", "All"),
    "filter.attention": Words("Cần xử lý", "Needs attention"),
    "filter.sending": Words("Đang gửi", "Sending"),
    "filter.waiting_for_click": Words("Chờ lượt nhấp", "Waiting for a click"),
    "filter.paused": Words("Tạm dừng", "Paused"),
    "filter.not_connected": Words("Chưa kết nối", "Not connected"),
    "health.sending": Words("Đang gửi", "Sending"),
    "health.waiting_for_click": Words("Chờ lượt nhấp đầu tiên", "Waiting for first click"),
    "health.paused": Words("Tạm dừng", "Paused"),
    "health.authorisation_withdrawn": Words("Mất uỷ quyền TikTok", "Authorisation withdrawn"),
    "health.check_failing": Words("Trang cần chỉnh", "Page check failing"),
    "health.not_connected": Words("Chưa kết nối", "Not connected"),
    "health.elsewhere": Words("Cửa hàng khác đã kết nối", "Connected by another store"),
    "overview.attention": Words("{number} trang cần xử lý", "{number} of your pages need attention"),
    "overview.attention.one": Words("1 trang cần xử lý", "1 of your pages needs attention"),
    "overview.attention.show": Words("Xem", "Show"),
    "overview.running_out": Words(
        "{number} đơn hàng hết hạn trong 24 giờ: xác nhận hoặc giao trong HaraSocial để TikTok tính được.",
        "{number} orders run out within 24 hours: confirm or ship them in HaraSocial so that TikTok can count them.",
    ),
    "overview.running_out.one": Words(
        "1 đơn hàng hết hạn trong 24 giờ: xác nhận hoặc giao trong HaraSocial để TikTok tính được.",
        "1 order runs out within 24 hours: confirm or ship it in HaraSocial so that TikTok can count it.",
    ),
    "overview.running_out.many": Words(
        "Ít nhất {number} đơn hàng hết hạn trong 24 giờ: xác nhận hoặc giao trong HaraSocial để TikTok tính được.",
        "At least {number} orders run out within 24 hours: confirm or ship them in HaraSocial so that TikTok can count "
        "them.",
    ),
    "overview.running_out.page": Words(
        "{number} đơn hàng hết hạn trong 24 giờ.", "{number} orders run out within 24 hours."
    ),
    "overview.running_out.page.one": Words("1 đơn hàng hết hạn trong 24 giờ.", "1 order runs out within 24 hours."),
    "overview.running_out.see": Words("Xem đơn hàng", "See which"),
    "overview.found": Words("{number} trang", "{number} pages"),
    "overview.found.one": Words("1 trang", "1 page"),
    "overview.advertiser": Words("Tài khoản quảng cáo", "Advertiser"),
    "overview.event_set": Words("Bộ sự kiện", "Event set"),
    "overview.payment": Words("Gửi mua hàng (CompletePayment)", "Purchase (CompletePayment) is sent"),
    "overview.week": Words("Sự kiện 7 ngày qua", "Events of the last 7 days"),
    "overview.events": Words("{number} sự kiện trong 7 ngày", "{number} events in 7 days"),
    "overview.events.one": Words("1 sự kiện trong 7 ngày", "1 event in 7 days"),
    "overview.sent": Words("TikTok đã nhận {number}", "{number} accepted by TikTok"),
    "overview.last_event": Words("Gần nhất", "Latest"),
    "overview.no_event": Words("Chưa có sự kiện nào", "No event yet"),
    "overview.connect": Words("Kết nối", "Connect"),
    "overview.manage": Words("Quản lý", "Manage"),
    "overview.view": Words("Xem", "View"),
    "overview.authorise_again": Words("Uỷ quyền lại", "Authorise again"),
    "overview.see_check": Words("Xem cách chỉnh", "See how to mend it"),
    "overview.of_page": Words("trang {name}", "page {name}"),
    "overview.withdrawn.text": Words(
        "TikTok không còn chấp nhận uỷ quyền. Sự kiện đang được giữ lại tối đa 7 ngày; uỷ quyền lại để gửi những "
        "sự kiện còn được tính.",
        "TikTok no longer accepts the authorisation. Events wait, for at most 7 days; authorise again to send "
        "those that still count.",
    ),
    "overview.check_failing.text": Words(
        "Cài đặt của trang trên Messenger có điểm cần chỉnh, nếu không lượt nhấp có thể không được ghi nhận.",
        "Something in the page's Messenger settings needs mending; clicks may not be recorded until then.",
    ),
    "overview.elsewhere.text": Words(
        "Trang này đang gửi sự kiện cho một cửa hàng khác. Kết nối tại đây sẽ thay thế kết nối đó.",
        "This page reports for another store. Connecting it here replaces that connection.",
    ),
    "overview.none.title": Words("Cửa hàng chưa có trang Facebook nào", "Your store has no Facebook page yet"),
    "overview.none.text": Words(
        "Thêm trang Facebook vào HaraSocial, rồi mở lại TikTok Ads từ HaraSocial.",
        "Add a Facebook page in HaraSocial, then open TikTok Ads from HaraSocial again.",
    ),
    "overview.nothing.title": Words("Không có trang nào phù hợp", "No page matches"),
    "overview.nothing.text": Words("Thử từ khoá khác hoặc bỏ bộ lọc.", "Try other words, or show all pages."),
    "overview.show_all": Words("Hiện tất cả trang", "Show all pages"),
    "pager": Words("Phân trang", "Pages of the list"),
    "pager.where": Words("Trang {number} / {last}", "Page {number} of {last}"),
    "pager.previous": Words("Trước", "Previous"),
    "pager.next": Words("Sau", "Next"),
}
