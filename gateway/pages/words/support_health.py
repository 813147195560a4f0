"""Words of the health of a page, and of all."""

from typing import Final

from gateway.api.shapes import Words

SUPPORT_HEALTH: Final[dict[str, Words]] = {
    "pulse.title.all": Words("Tình trạng mọi trang", "Health of all pages"),
    "pulse.title.page": Words("Tình trạng của {name}", "Health of {name}"),
    "pulse.as_of": Words("Lúc {at}, giờ Việt Nam.", "As of {at}, Vietnam time."),
    "pulse.reload": Words("Tải lại", "Reload"),
    "pulse.period": Words("Khoảng thời gian", "Period"),
    "pulse.period.hour": Words("60 phút", "60 minutes"),
    "pulse.period.day": Words("24 giờ", "24 hours"),
    "pulse.step.hour": Words("mỗi phút", "a minute"),
    "pulse.step.day": Words("mỗi 15 phút", "in 15 minutes"),
    "pulse.flow": Words("Dòng sự kiện", "What flows"),
    "pulse.in": Words("Đến", "In"),
    "pulse.in.what": Words("tin nhắn, lượt nhấp và đơn hàng đã lưu", "messages, clicks and orders that were stored"),
    "pulse.fired": Words("Sự kiện", "Fired"),
    "pulse.fired.what": Words("sự kiện đã được ghi nhận", "events that were decided and committed"),
    "pulse.sent": Words("Đã gửi", "Sent"),
    "pulse.sent.what": Words("sự kiện TikTok đã nhận", "events that TikTok has accepted"),
    "pulse.most": Words("nhiều nhất {most} {step}", "at most {most} {step}"),
    "pulse.strip": Words(
        "{name}, từ {first} đến {last}: tổng {total}, nhiều nhất {most} {step}.",
        "{name}, {first} to {last}: {total} in all, at most {most} {step}.",
    ),
    "pulse.times": Words("Từ hành động đến khi TikTok nhận", "From the act to TikTok's acceptance"),
    "pulse.times.lead": Words(
        "Tính từ lúc khách hành động. Mỗi cột là một bước: vạch đậm từ p50 đến p95, vạch nhạt đến p99.",
        "Counted from the customer's act. A column is a step: dark from p50 to p95, pale up to p99.",
    ),
    "pulse.times.none": Words(
        "TikTok chưa nhận sự kiện nào trong khoảng thời gian này.", "TikTok accepted no event during this period."
    ),
    "pulse.times.said": Words(
        "Thời gian từ hành động đến khi TikTok nhận, từ {first} đến {last}: p50 {p50}, p95 {p95}, p99 {p99}.",
        "Time from the act to TikTok's acceptance, {first} to {last}: p50 {p50}, p95 {p95}, p99 {p99}.",
    ),
    "pulse.times.step": Words("{at}: p50 {p50}, p95 {p95}, p99 {p99}", "{at}: p50 {p50}, p95 {p95}, p99 {p99}"),
    "pulse.attempts": Words("Yêu cầu gửi TikTok, theo câu trả lời", "Requests to TikTok, by the answer"),
    "pulse.attempts.none": Words(
        "Không có yêu cầu nào trong khoảng thời gian này.", "No request was made during this period."
    ),
    "pulse.attempt.accepted": Words("Đã nhận", "Accepted"),
    "pulse.attempt.accepted_partially": Words("Đã nhận một phần", "Accepted in part"),
    "pulse.attempt.bad_item": Words("Từ chối một sự kiện", "Refused for an event"),
    "pulse.attempt.misconfigured": Words("Yêu cầu sai dạng hoặc địa chỉ", "Wrong shape or address"),
    "pulse.attempt.unauthorised": Words("Không còn quyền", "Not authorised"),
    "pulse.attempt.throttled": Words("Ứng dụng bị giới hạn tốc độ", "App throttled"),
    "pulse.attempt.advertiser_throttled": Words("Nhà quảng cáo bị giới hạn tốc độ", "Advertiser throttled"),
    "pulse.attempt.transient": Words("Lỗi tạm thời của TikTok", "Passing failure of TikTok"),
    "pulse.attempt.ambiguous": Words("Không rõ kết quả", "Outcome unknown"),
    "pulse.attempt.maintenance": Words("TikTok bảo trì", "TikTok under maintenance"),
    "pulse.figures": Words("Hàng chờ", "Outbox"),
    "pulse.waiting": Words("Đang chờ gửi", "Waiting"),
    "pulse.oldest": Words("Chờ lâu nhất", "Oldest has waited"),
    "pulse.dead": Words("Không gửi được", "Given up"),
    "pulse.conflicts": Words("Xung đột ghi", "Commit conflicts"),
    "pulse.postponed": Words("Hoãn vì giới hạn tốc độ", "Put off by a bucket"),
    "pulse.bucket_wait": Words("Chờ lượt gửi, tổng", "Waited for tokens, in all"),
    "pulse.heard": Words("Webhook gần nhất, theo loại", "Last webhook, by field"),
    "pulse.field.messages": Words("Tin nhắn của khách", "Customers' messages"),
    "pulse.field.message_echoes": Words("Tin nhắn của trang", "Page's messages (echoes)"),
    "pulse.field.messaging_postbacks": Words("Nút bấm (Bắt đầu)", "Buttons (Get Started)"),
    "pulse.field.messaging_referrals": Words("Lượt nhấp quảng cáo", "Ad clicks (referrals)"),
    "pulse.field.standby": Words("Tin khi ứng dụng khác phụ trách", "While another app has the thread"),
    "pulse.field.orders": Words("Đơn hàng từ HaraSocial", "Orders from HaraSocial"),
    "pulse.ago": Words("{ago} trước", "{ago} ago"),
    "pulse.never": Words("Chưa có trong 30 ngày", "Not within 30 days"),
    "pulse.silent": Words("Im lặng", "Silent"),
    "pulse.silent.why": Words(
        "Không có {field} trong {ago} dù vẫn có tin nhắn: trang có thể đã mất đăng ký webhook này.",
        "No {field} for {ago} although messages come: the subscription may be lost.",
    ),
    "pulse.silent.page": Words("Mở kiểm tra trang", "Open page check"),
    "pulse.silent.all": Words(
        "Xem tình trạng từng trang, rồi mở kiểm tra trang.", "Look at each page's health, then open its page check."
    ),
    "pulse.deepest": Words("Trang có nhiều sự kiện chờ nhất", "Pages with the most waiting"),
    "pulse.table": Words("Xem số liệu dạng bảng", "See the numbers as a table"),
    "pulse.table.name": Words("Số liệu theo thời gian", "Numbers by time"),
    "pulse.table.at": Words("Từ lúc", "From"),
    "pulse.table.attempts": Words("Yêu cầu", "Requests"),
}
