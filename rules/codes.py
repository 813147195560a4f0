"""Problems by name: what TikTok's codes and silences mean, and what to do about them.

A problem's name is TikTok's code as text; without a code how the request failed; without an answer how the event ended.
Codes: https://business-api.tiktok.com/portal/docs?id=1737172488964097 and the official SDK's ``tiktok_code.py``.
"""

from typing import Final, Literal, TypeAlias

from rules.catalogue import DeliveryCode, Language, Wording
from rules.delivery import AnswerClass, Reply, classify

Group: TypeAlias = (
    AnswerClass
    | Literal[
        "personal_data",
        "wire_profile",
        "token",
        "advertiser_missing",
        "country",
        "suspected",
        "redirected",
        "not_sent",
        "token_unreadable",
        "expired_unsent",
        "outcome_unknown",
        "rejected",
    ]
)
"""What is said the same way: a class of answers, or what needs words of its own."""

LONGEST_NAME: Final = 40
"""No problem has a longer name; of a number of thousands of digits Python refuses to say which it is."""

UNOPENED: Final = "token_unreadable"
"""The problem of an event for which no request could be made, because nothing stored is a token that can be used."""

MEANINGS: Final[dict[Group, dict[Language, Wording]]] = {
    "bad_item": {
        "vi": Wording(
            "TikTok không chấp nhận nội dung của sự kiện: một tham số sai, thiếu hoặc không tồn tại.",
            "Đọc thông báo của TikTok để biết trường nào sai; sửa dữ liệu đơn hàng hoặc cấu hình rồi gửi lại.",
        ),
        "en": Wording(
            "TikTok does not take the event's content: a parameter is wrong, missing, or names nothing.",
            "TikTok's message names the field; mend the order's data or the configuration, then send again.",
        ),
    },
    "personal_data": {
        "vi": Wording(
            "TikTok cho rằng số điện thoại hoặc e-mail chưa được băm.",
            "Đây là lỗi của hệ thống: báo cho đội phát triển kèm request_id.",
        ),
        "en": Wording(
            "TikTok says that a phone number or e-mail is not hashed.",
            "This is a fault of ours: tell the developers, with the request_id.",
        ),
    },
    "misconfigured": {
        "vi": Wording(
            "TikTok từ chối cách gửi của chúng ta, không phải một sự kiện riêng lẻ.",
            "Đây là lỗi cấu hình của hệ thống: báo cho người vận hành; sau khi sửa, gửi lại các sự kiện này.",
        ),
        "en": Wording(
            "TikTok refuses how we send, not one event.",
            "Our configuration is wrong: tell the operator; once it is mended, send these events again.",
        ),
    },
    "wire_profile": {
        "vi": Wording(
            "TikTok không có địa chỉ mà chúng ta gửi tới.",
            "Kiểm tra TIKTOK_API_URL và TIKTOK_WIRE_PROFILE; sau khi sửa, gửi lại các sự kiện này.",
        ),
        "en": Wording(
            "TikTok has nothing at the address that we send to.",
            "Check TIKTOK_API_URL and TIKTOK_WIRE_PROFILE; once they are right, send these events again.",
        ),
    },
    "unauthorised": {
        "vi": Wording(
            "Tài khoản TikTok đã kết nối không có quyền ghi vào bộ sự kiện này.",
            "Người bán cần quyền quản trị hoặc vận hành của tài khoản quảng cáo, hoặc nhờ TikTok mở quyền, rồi kết nối"
            " lại.",
        ),
        "en": Wording(
            "The connected TikTok account may not write to this event set.",
            "The seller needs the admin or operator role at the advertiser, or the permission from TikTok, and then"
            " connects again.",
        ),
    },
    "token": {
        "vi": Wording(
            "Uỷ quyền TikTok đã hết hạn hoặc bị thu hồi.",
            "Người bán kết nối lại tài khoản TikTok; các sự kiện đang chờ sẽ tự gửi.",
        ),
        "en": Wording(
            "The authorisation at TikTok has run out or was withdrawn.",
            "The seller connects the TikTok account again; what waits is then sent by itself.",
        ),
    },
    "advertiser_missing": {
        "vi": Wording(
            "Tài khoản quảng cáo không còn tồn tại ở TikTok.",
            "Người bán chọn một tài khoản quảng cáo khác trong phần kết nối.",
        ),
        "en": Wording(
            "The advertiser account does not exist at TikTok any more.",
            "The seller chooses another advertiser account in the connection.",
        ),
    },
    "throttled": {
        "vi": Wording(
            "TikTok giới hạn tốc độ của ứng dụng; mọi trang gửi chậm lại.",
            "Không cần làm gì: các sự kiện tự gửi lại. Nếu kéo dài, giảm TIKTOK_EVENTS_PER_SECOND hoặc xin hạn mức.",
        ),
        "en": Wording(
            "TikTok limits the rate of the app, so all pages send more slowly.",
            "Nothing: they are sent by themselves. If it lasts, lower TIKTOK_EVENTS_PER_SECOND or ask for more quota.",
        ),
    },
    "advertiser_throttled": {
        "vi": Wording(
            "TikTok giới hạn tốc độ của tài khoản quảng cáo này.",
            "Không cần làm gì: các sự kiện tự gửi lại.",
        ),
        "en": Wording("TikTok limits the rate of this advertiser.", "Nothing: they are sent by themselves."),
    },
    "suspected": {
        "vi": Wording(
            "TikTok giới hạn riêng bộ sự kiện này, hoặc nghi token bị lộ.",
            "Hỏi TikTok kèm request_id; nếu nghi lộ token, người bán kết nối lại.",
        ),
        "en": Wording(
            "TikTok throttles this event set alone, or suspects that the token has leaked.",
            "Ask TikTok with the request_id; if the token may have leaked, the seller connects again.",
        ),
    },
    "transient": {
        "vi": Wording("Lỗi tạm thời phía TikTok.", "Không cần làm gì: các sự kiện tự gửi lại."),
        "en": Wording("A passing fault at TikTok.", "Nothing: they are sent again by themselves."),
    },
    "redirected": {
        "vi": Wording(
            "Địa chỉ TikTok mà chúng ta gửi tới chuyển hướng sang nơi khác; chúng ta không gửi token sang đó, và TikTok"
            " chưa nhận được gì.",
            "Các sự kiện tự gửi lại. Nếu kéo dài, kiểm tra TIKTOK_API_URL và proxy của mạng.",
        ),
        "en": Wording(
            "TikTok's address sends us to another, where we do not take the token; TikTok has recorded nothing.",
            "They are sent again by themselves. If it lasts, check TIKTOK_API_URL and the network's proxy.",
        ),
    },
    "not_sent": {
        "vi": Wording(
            "Không kết nối được tới TikTok; TikTok chưa nhận được gì.",
            "Các sự kiện tự gửi lại. Nếu kéo dài, kiểm tra mạng, DNS và TIKTOK_API_URL.",
        ),
        "en": Wording(
            "TikTok could not be reached; it has seen nothing.",
            "They are sent again by themselves. If it lasts, check the network, DNS and TIKTOK_API_URL.",
        ),
    },
    "token_unreadable": {
        "vi": Wording(
            "Không khoá nào trong ENCRYPTION_KEYS mở được token đã lưu; chưa gửi gì tới TikTok, các sự kiện đang chờ.",
            "Người vận hành đặt lại khoá cũ vào ENCRYPTION_KEYS; nếu khoá đã mất, người bán kết nối lại.",
        ),
        "en": Wording(
            "The stored token cannot be opened with ENCRYPTION_KEYS; nothing was sent to TikTok, and the events wait.",
            "The operator puts the former key back into ENCRYPTION_KEYS; if it is lost, the seller connects again.",
        ),
    },
    "ambiguous": {
        "vi": Wording(
            "Không rõ TikTok đã ghi nhận hay chưa: kết nối đứt hoặc hết giờ chờ sau khi gửi.",
            "Không cần làm gì: gửi lại với cùng mã sự kiện trong 47 giờ, TikTok tự bỏ bản trùng.",
        ),
        "en": Wording(
            "TikTok may or may not have it: the connection broke, or the answer did not come in time.",
            "Nothing: it is repeated under the same event id for 47 hours, and TikTok drops copies.",
        ),
    },
    "maintenance": {
        "vi": Wording("TikTok đang bảo trì.", "Không cần làm gì: các sự kiện tự gửi lại sau."),
        "en": Wording("TikTok is under maintenance.", "Nothing: they are sent again by themselves, later."),
    },
    "country": {
        "vi": Wording(
            "TikTok chặn địa chỉ IP của máy chủ theo quốc gia.",
            "Người vận hành chuyển máy gửi tới một vùng được phép; các sự kiện vẫn đang chờ.",
        ),
        "en": Wording(
            "TikTok bans the country of our server's address.",
            "The operator moves the sender to a region that is allowed; the events wait.",
        ),
    },
    "expired_unsent": {
        "vi": Wording(
            "Sự kiện đã quá 7 ngày trước khi gửi được.", "Không gửi lại được: TikTok không nhận sự kiện cũ hơn."
        ),
        "en": Wording(
            "The event became older than 7 days before it could be sent.",
            "It cannot be sent any more: TikTok takes nothing older.",
        ),
    },
    "outcome_unknown": {
        "vi": Wording(
            "Quá 47 giờ mà vẫn không rõ TikTok đã ghi nhận hay chưa.",
            "Không gửi lại để tránh đếm hai lần; hỏi TikTok theo mã sự kiện nếu cần.",
        ),
        "en": Wording(
            "After 47 hours it is still not known whether TikTok has it.",
            "It is not repeated, so that nothing is counted twice; ask TikTok by the event id if it matters.",
        ),
    },
    "rejected": {
        "vi": Wording("Dữ liệu đã lưu của sự kiện bị hỏng.", "Báo cho đội phát triển kèm mã sự kiện."),
        "en": Wording("What is stored of the event is damaged.", "Tell the developers, with the event id."),
    },
}

_GROUPS: Final[dict[int, Group]] = {
    40062: "personal_data",
    **dict.fromkeys((40008, 40400, 41001), "wire_profile"),
    **dict.fromkeys((40101, 40102, 40104, 40105, 40106, 40114), "token"),
    **dict.fromkeys((40300, 40301), "advertiser_missing"),
    40132: "suspected",
    41000: "country",
}
"""Codes that need other words than their class."""


def problem_name(reply: Reply | None, status: DeliveryCode) -> str:
    """Name the problem that an event is in after a reply, or (None) when it ended without one."""
    if reply is None:
        return status
    if reply.code is not None:
        return str(reply.code)
    return f"http_{reply.http_status}" if reply.http_status is not None else reply.kind


def meaning(name: str, language: Language) -> Wording:
    """Say what a problem means and what to do about it."""
    return MEANINGS[_group(name)][language]


def _group(name: str) -> Group:
    known = next((group for group in MEANINGS if group == name), None)
    if known is not None:
        return known
    if len(name) > LONGEST_NAME:
        return "ambiguous"  # no failure is called so: somebody made this name up
    if name.isdecimal() and int(name) in _GROUPS:
        return _GROUPS[int(name)]
    reply = _reply(name)
    if reply.http_status in range(300, 400):
        return "redirected"
    match classify(reply):
        case "accepted" | "accepted_partially":
            return "transient"  # what is accepted is no problem: somebody made this name up
        case answer:
            return answer


def _reply(name: str) -> Reply:
    kind, _, number = name.rpartition("_")
    if name.isdecimal():
        return Reply("code", code=int(name))
    if kind == "http" and number.isdecimal():
        return Reply("http_error", http_status=int(number))
    return Reply("timeout")
