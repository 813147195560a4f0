"""Words of the way from the page check through TikTok to the event set and the choice."""

from typing import Final

from gateway.api.shapes import Words

CONNECT: Final[dict[str, Words]] = {
    "connect.crumb": Words("Kết nối", "Connect"),
    "connect.step.check": Words("Kiểm tra trang", "Check the page"),
    "connect.step.authorise": Words("Tài khoản TikTok", "TikTok account"),
    "connect.step.event_set": Words("Bộ sự kiện", "Event set"),
    "connect.step.choice": Words("Ghi nhận mua hàng", "Purchases"),
    "notice.authorised_again": Words(
        "Đã uỷ quyền lại. Sự kiện đang chờ được gửi đi, nếu còn trong 7 ngày.",
        "Authorised again. Events that waited are being sent, as far as they are within their 7 days.",
    ),
    "advertiser.heading": Words("Chọn tài khoản quảng cáo", "Choose the ad account"),
    "advertiser.heading.again": Words("Uỷ quyền lại", "Authorise again"),
    "advertiser.lead": Words(
        "TikTok đã cho phép. Quảng cáo tin nhắn của trang {page} chạy bằng tài khoản nào?",
        "TikTok has agreed. Which ad account runs the messaging ads of {page}?",
    ),
    "advertiser.legend": Words("Tài khoản quảng cáo TikTok", "TikTok ad account"),
    "advertiser.id": Words("Mã {id}", "ID {id}"),
    "advertiser.inactive": Words("Tài khoản chưa hoạt động", "Account not active"),
    "advertiser.wrong": Words("Hãy chọn một tài khoản trong danh sách.", "Choose one of the accounts in the list."),
    "advertiser.search": Words("Tìm tài khoản", "Find an account"),
    "advertiser.search.do": Words("Tìm", "Search"),
    "advertiser.more": Words(
        "Còn {number} tài khoản nữa. Dùng ô tìm kiếm phía trên.",
        "{number} more accounts. Use the search above.",
    ),
    "advertiser.nothing.heading": Words("Không có tài khoản nào phù hợp", "No account matches"),
    "advertiser.nothing.text": Words("Không tìm thấy “{words}”.", "Nothing is called “{words}”."),
    "advertiser.show_all": Words("Hiện tất cả tài khoản", "Show all accounts"),
    "advertiser.missing": Words(
        "Không thấy tài khoản của bạn? Hãy nhờ chủ tài khoản quảng cáo cấp cho bạn quyền Quản trị viên hoặc Người vận "
        "hành trong TikTok Ads Manager, rồi uỷ quyền lại.",
        "Your account is not here? Ask its owner to make you Admin or Operator in TikTok Ads Manager, then authorise "
        "again.",
    ),
    "advertiser.other_user": Words("Dùng tài khoản TikTok khác", "Use another TikTok user"),
    "advertiser.again.heading": Words(
        "Bộ sự kiện và lựa chọn của bạn được giữ nguyên", "Your settings stay as they are"
    ),
    "advertiser.again.text": Words(
        "Chọn lại {name} để dùng tiếp bộ sự kiện và cách ghi nhận mua hàng như trước.",
        "Choose {name} again to go on with the same event set and the same choice of when a purchase counts.",
    ),
    "advertiser.again.waiting": Words(
        "{number} sự kiện đang chờ sẽ được gửi ngay, nếu còn trong 7 ngày.",
        "{number} events that wait are then sent, as far as they are within their 7 days.",
    ),
    "advertiser.again.waiting.one": Words(
        "1 sự kiện đang chờ sẽ được gửi ngay, nếu còn trong 7 ngày.",
        "1 event that waits is then sent, if it is within its 7 days.",
    ),
    "event_set.heading": Words("Bộ sự kiện của trang", "The page's event set"),
    "event_set.lead": Words(
        "Bộ sự kiện là nơi TikTok nhận tin nhắn và đơn hàng của trang. Khi tạo chiến dịch, bạn sẽ chọn đúng bộ này.",
        "An event set is where TikTok receives the page's conversations and orders. You pick this very set when you "
        "create a campaign.",
    ),
    "event_set.page": Words("Trang Facebook", "Facebook page"),
    "event_set.advertiser": Words("Tài khoản quảng cáo", "Ad account"),
    "event_set.other_advertiser": Words("Đổi", "Change"),
    "event_set.id": Words("Mã {id}", "ID {id}"),
    "event_set.shared.heading": Words("Tài khoản này dùng cho nhiều trang", "This ad account serves several pages"),
    "event_set.shared": Words(
        "{number} trang khác cũng đang dùng tài khoản quảng cáo này.", "{number} other pages use it as well."
    ),
    "event_set.shared.one": Words(
        "1 trang khác cũng đang dùng tài khoản quảng cáo này.", "1 other page uses it as well."
    ),
    "event_set.elsewhere": Words(
        "{number} trang trong số đó thuộc cửa hàng khác.", "{number} of them belong to other stores."
    ),
    "event_set.elsewhere.one": Words("1 trang trong số đó thuộc cửa hàng khác.", "1 of them belongs to another store."),
    "event_set.shared.text": Words(
        "Không sao: mỗi trang có bộ sự kiện riêng, số liệu không lẫn vào nhau.",
        "That is fine: each page has its own event set, so their numbers do not mix.",
    ),
    "event_set.matched.heading": Words("TikTok đã có bộ sự kiện cho trang này", "TikTok has a set for this page"),
    "event_set.matched.text": Words(
        "TikTok gắn mỗi trang với một bộ sự kiện duy nhất trong tài khoản quảng cáo, nên chúng tôi dùng đúng bộ này, "
        "dù tên là gì. Bạn không cần tạo gì thêm.",
        "TikTok ties each page to exactly one event set of an ad account, so this one is used, whatever its name. "
        "There is nothing to create.",
    ),
    "event_set.matched.use": Words("Dùng bộ sự kiện này", "Use this event set"),
    "event_set.legend": Words("Chọn bộ sự kiện", "Choose an event set"),
    "event_set.ours": Words("Đã được tạo cho trang này", "Made for this page before"),
    "event_set.wrong": Words("Hãy chọn một mục trong danh sách.", "Choose one of the list."),
    "event_set.create": Words("Tạo bộ sự kiện", "Create event set"),
    "event_set.create.hint": Words("Bộ mới tên {name}", "A new one, called {name}"),
    "event_set.none.heading": Words("Trang chưa có bộ sự kiện", "The page has no event set yet"),
    "event_set.none.text": Words(
        "Chúng tôi tạo một bộ trong tài khoản quảng cáo của bạn với tên:",
        "We create one in your ad account, with this name:",
    ),
    "event_set.manual.heading": Words("Hãy nhập mã bộ sự kiện", "Please type in the event set's ID"),
    "event_set.manual.text": Words(
        "TikTok không cho phép tạo hay xem bộ sự kiện giúp bạn trong tài khoản này. Bạn tự tạo trong ít phút:",
        "TikTok does not let us create or read event sets in this account. You can do it yourself in a few minutes:",
    ),
    "event_set.manual.step1": Words(
        "Mở TikTok Ads Manager → Công cụ → Trình quản lý sự kiện, với tài khoản {name}.",
        "Open TikTok Ads Manager → Tools → Events Manager, with the account {name}.",
    ),
    "event_set.manual.step2": Words(
        "Tạo một bộ sự kiện tin nhắn (Message event set) cho Messenger, tên {name}.",
        "Create a message event set for Messenger, called {name}.",
    ),
    "event_set.manual.step3": Words("Chép mã (ID) của bộ đó vào ô dưới đây.", "Copy its ID into the field below."),
    "event_set.typed": Words("Mã bộ sự kiện", "Event set ID"),
    "event_set.typed.hint": Words(
        "Chỉ gồm chữ số, ví dụ 7351234567890123456", "Digits only, for example 7351234567890123456"
    ),
    "event_set.typed.wrong": Words("Mã bộ sự kiện chỉ gồm chữ số.", "An event set's ID consists of digits only."),
    "event_set.foreign.heading": Words(
        "TikTok không cho gửi sự kiện vào bộ này", "TikTok does not let us send events to it"
    ),
    "event_set.foreign.text": Words(
        "Khi uỷ quyền, hãy giữ quyền Báo cáo sự kiện chuyển đổi; vai trò của bạn trong tài khoản quảng cáo phải là "
        "Quản trị viên hoặc Người vận hành.",
        "When you authorise, leave “Report Conversion Event” allowed; your role in the ad account has to be Admin or "
        "Operator.",
    ),
    "event_set.foreign.again": Words("Uỷ quyền lại", "Authorise again"),
    "event_set.foreign": Words(
        "TikTok không cho gửi sự kiện vào bộ này. Kiểm tra lại mã, và quyền Báo cáo sự kiện chuyển đổi khi uỷ quyền; "
        "vai trò của bạn phải là Quản trị viên hoặc Người vận hành.",
        "TikTok does not let us send events to this set. Check the ID, and that “Report Conversion Event” was allowed; "
        "your role has to be Admin or Operator.",
    ),
    "choice.heading": Words("Khi nào tính là mua hàng?", "When does an order count as a purchase?"),
    "choice.lead": Words(
        "TikTok nhận sự kiện Mua hàng (CompletePayment, TikTok hiển thị là Shopping) một lần cho mỗi đơn đến từ quảng "
        "cáo, trong vòng 7 ngày sau lượt nhấp.",
        "TikTok gets the purchase event (CompletePayment, shown as Shopping) once for each order that came from an ad, "
        "within 7 days of the click.",
    ),
    "choice.legend": Words("Gửi sự kiện Mua hàng", "Send the purchase event"),
    "choice.wrong": Words("Hãy chọn một trong hai.", "Choose one of the two."),
    "choice.order_confirmed.text": Words(
        "Ngay khi nhân viên bấm Xác nhận đơn. TikTok biết sớm và tối ưu nhanh hơn, nhưng đơn bị huỷ sau đó vẫn được "
        "tính.",
        "As soon as your staff confirm the order. TikTok learns early and optimises faster, but an order cancelled "
        "later still counts.",
    ),
    "choice.order_shipped.text": Words(
        "Số liệu sát thực tế hơn vì ít đơn huỷ, nhưng đơn giao chậm có thể quá 7 ngày và không được tính.",
        "Once the order has a delivery note. Closer to real sales, as few are cancelled by then; but an order shipped "
        "late may fall outside the 7 days and not count.",
    ),
    "choice.meant": Words(
        "30 ngày qua, trang có {orders} đơn từ quảng cáo TikTok; cách này sẽ tính {number} đơn.",
        "In the last 30 days the page had {orders} orders from TikTok ads; {number} would have counted.",
    ),
    "choice.late": Words(
        "{number} đơn đạt mốc này sau hơn 7 ngày nên không được tính.",
        "{number} orders came to it after more than 7 days and would not have counted.",
    ),
    "choice.late.one": Words(
        "1 đơn đạt mốc này sau hơn 7 ngày nên không được tính.",
        "1 order came to it after more than 7 days and would not have counted.",
    ),
    "choice.no_orders": Words(
        "Trang chưa có đơn nào từ quảng cáo TikTok trong 30 ngày qua để so sánh.",
        "The page has no orders from TikTok ads in the last 30 days to compare with.",
    ),
    "choice.later": Words(
        "Bạn đổi được bất cứ lúc nào; lựa chọn mới chỉ áp dụng từ lúc đổi.",
        "You can change it at any time; a new choice holds from then on.",
    ),
    "choice.connect": Words("Kết nối trang", "Connect the page"),
    "choice.save": Words("Lưu thay đổi", "Save the change"),
    "choice.now.order_confirmed": Words(
        "Hiện nay trang gửi sự kiện Mua hàng khi đơn được xác nhận",
        "The page now sends the purchase event when an order is confirmed",
    ),
    "choice.now.order_shipped": Words(
        "Hiện nay trang gửi sự kiện Mua hàng khi đơn có vận đơn",
        "The page now sends the purchase event when an order is shipped",
    ),
    "choice.now.text": Words(
        "Trang vẫn kết nối như trước. Lựa chọn mới áp dụng từ lúc bạn lưu; những gì đã xảy ra không thay đổi.",
        "The page stays connected. A new choice holds from when you save it; nothing of the past changes.",
    ),
    "notice.choice_order_confirmed": Words(
        "Đã lưu: từ bây giờ, sự kiện Mua hàng được gửi khi đơn được xác nhận. Những gì đã xảy ra không thay đổi.",
        "Saved: from now on the purchase event is sent when an order is confirmed. Nothing of the past changes.",
    ),
    "notice.choice_order_shipped": Words(
        "Đã lưu: từ bây giờ, sự kiện Mua hàng được gửi khi đơn có vận đơn. Những gì đã xảy ra không thay đổi.",
        "Saved: from now on the purchase event is sent when an order is shipped. Nothing of the past changes.",
    ),
    "notice.choice_kept": Words(
        "Lựa chọn vẫn như trước. Không có gì thay đổi.", "The choice is as it was. Nothing was changed."
    ),
}
