"""Words of what can go wrong at TikTok, and on the way there and back."""

from typing import Final

from gateway.api.shapes import Words

_AGAIN: Final = Words("Uỷ quyền lại", "Authorise again")
_BEGIN: Final = Words("Bắt đầu lại", "Start again")
_RETRY: Final = Words("Thử lại", "Try again")

TIKTOK_FAILURES: Final[dict[str, Words]] = {
    "error.refusal.title": Words("Bạn chưa cho phép trên TikTok", "You did not allow it on TikTok"),
    "error.refusal.text": Words(
        "TikTok báo rằng yêu cầu đã bị từ chối, nên chưa có gì thay đổi. Để kết nối, hãy bấm Cho phép trên trang của "
        "TikTok.",
        "TikTok says that the request was declined, so nothing was changed. To connect, press Allow on TikTok's page.",
    ),
    "error.refusal.next": _RETRY,
    "error.state_expired.title": Words("Đã quá 10 phút", "More than 10 minutes have passed"),
    "error.state_expired.text": Words(
        "Để an toàn, mỗi lần uỷ quyền phải hoàn tất trong 10 phút. Chưa có gì thay đổi.",
        "To keep your account safe, an authorisation must be finished within 10 minutes. Nothing was changed.",
    ),
    "error.state_expired.next": _BEGIN,
    "error.state_used.title": Words("Bước này đã xong", "This step is already done"),
    "error.state_used.text": Words(
        "Trang này được mở hai lần, nhưng TikTok chỉ trả lời một lần. Uỷ quyền của bạn đã được ghi nhận.",
        "This page was opened twice, but TikTok's answer is used only once. Your authorisation has been taken.",
    ),
    "error.state_used.next": Words("Tiếp tục", "Continue"),
    "error.state_lost.title": Words("Lần uỷ quyền này đã được dùng", "This authorisation was used before"),
    "error.state_lost.text": Words(
        "Mỗi lần TikTok trả lời chỉ dùng được một lần. Hãy bắt đầu lại từ bước kiểm tra trang.",
        "Each answer of TikTok's is used only once. Please start again from the page check.",
    ),
    "error.state_lost.next": _BEGIN,
    "error.state_foreign.title": Words("Yêu cầu không phải của bạn", "This request is not yours"),
    "error.state_foreign.text": Words(
        "Lần uỷ quyền này không bắt đầu từ phiên làm việc này, nên chúng tôi không dùng. Chưa có gì thay đổi. Hãy bấm "
        "Kết nối ở trang cần kết nối.",
        "This authorisation was not begun in this session, so it is not used. Nothing was changed. Press Connect "
        "beside the page that you want to connect.",
    ),
    "error.tiktok_expired.title": Words("Uỷ quyền đã hết hiệu lực", "The authorisation is no longer valid"),
    "error.tiktok_expired.text": Words(
        "TikTok không còn chấp nhận lần uỷ quyền này: mã đã dùng, quá hạn hoặc bị thu hồi. Hãy uỷ quyền lại.",
        "TikTok no longer accepts this authorisation: it was used, has expired or was withdrawn. Please authorise "
        "again.",
    ),
    "error.tiktok_expired.next": _AGAIN,
    "error.tiktok_permission.title": Words("Thiếu quyền trên TikTok", "A permission is missing"),
    "error.tiktok_permission.text": Words(
        "Khi uỷ quyền, hãy giữ nguyên mọi quyền: Quản lý tài khoản quảng cáo, Quản lý sự kiện CTX và Báo cáo sự kiện "
        "chuyển đổi. Vai trò của bạn trong tài khoản quảng cáo phải là Quản trị viên hoặc Người vận hành. (TikTok "
        "{code})",
        "When you authorise, leave all permissions on: Ad Account Management, CTX Events Management and Report "
        "Conversion Event. Your role in the ad account has to be Admin or Operator. (TikTok {code})",
    ),
    "error.tiktok_permission.next": _AGAIN,
    "error.no_advertiser.title": Words("Chưa có tài khoản quảng cáo nào", "There is no ad account"),
    "error.no_advertiser.text": Words(
        "TikTok đã cho phép, nhưng người đăng nhập không có tài khoản quảng cáo nào. Hãy tạo một tài khoản trong "
        "TikTok Ads Manager, hoặc uỷ quyền lại bằng đúng người dùng.",
        "TikTok has agreed, but whoever signed in has no ad account. Create one in TikTok Ads Manager, or authorise "
        "again as the right person.",
    ),
    "error.no_advertiser.next": _AGAIN,
    "error.tiktok_busy.title": Words("TikTok đang bận", "TikTok is busy"),
    "error.tiktok_busy.text": Words(
        "Có quá nhiều yêu cầu cùng lúc. Những gì bạn đã chọn vẫn còn; hãy thử lại sau một phút.",
        "There are too many requests at once. What you have chosen is kept; try again in a minute.",
    ),
    "error.tiktok_busy.next": _RETRY,
    "error.tiktok_down.title": Words("TikTok chưa trả lời", "TikTok does not answer"),
    "error.tiktok_down.text": Words(
        "TikTok đang gián đoạn. Không có gì bị mất; hãy thử lại sau ít phút.",
        "TikTok is having trouble. Nothing is lost; try again in a few minutes.",
    ),
    "error.tiktok_down.next": _RETRY,
    "error.tiktok_refused.title": Words("TikTok không chấp nhận yêu cầu", "TikTok does not accept the request"),
    "error.tiktok_refused.text": Words(
        "Đây là lỗi phía chúng tôi, không phải của bạn. Hãy gửi cho bộ phận hỗ trợ: mã {code}, yêu cầu {request_id}.",
        "The fault is on our side, not yours. Please give support this: code {code}, request {request_id}.",
    ),
    "error.tiktok_refused.next": _RETRY,
    "error.still_making.title": Words("TikTok đang tạo bộ sự kiện", "TikTok is making the event set"),
    "error.still_making.text": Words(
        "TikTok chưa xác nhận. Hãy đợi một phút rồi xem lại: chúng tôi không tạo bộ thứ hai.",
        "TikTok has not confirmed it yet. Wait a minute, then look again: a second one is not made.",
    ),
    "error.still_making.next": Words("Xem lại", "Look again"),
}
