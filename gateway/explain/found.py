"""What was found as a picture: as what, where, and the command that goes on from there."""

import shlex
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.api.findings import FindingsShape, FoundShape
from gateway.api.shapes import Words
from gateway.explain import labels
from rules.catalogue import Language

_AS: Final[dict[str, Words]] = {
    "psid": Words("Khách", "Customer"),
    "order_id": Words("Mã đơn hàng", "Order id"),
    "order_number": Words("Số đơn hàng", "Order number"),
    "event_id": Words("Mã sự kiện", "Event id"),
    "request_id": Words("request_id của TikTok", "TikTok's request_id"),
    "tracking_id": Words("Mã theo dõi lượt nhấp", "Tracking id"),
    "ref": Words("Ref của lượt nhấp", "Ref of a click"),
    "page_id": Words("Trang", "Page"),
    "unreadable": Words("Hội thoại không đọc được", "Unreadable conversation"),
}
_EVENT: Final = Words("sự kiện", "event")


def draw_found(findings: FindingsShape, language: Language) -> RenderableType:
    """Draw what was found, newest first, on Vietnam's clock and in UTC."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1)
    for each in findings.found:
        table.add_row(Text("◆", "bold magenta"), Group(*_lines(each, language)))
    return table


def _lines(found: FoundShape, language: Language) -> tuple[Text, ...]:
    title = Text(_AS[found.by].say(language), "bold")
    where = f"  {labels.PAGE.say(language)} {found.page_id}"
    if found.psid is not None:
        where += f" · {labels.CUSTOMER.say(language)} {found.psid}"
    title.append(where, "default")
    if found.at is not None:
        title.append(f"  {labels.moment(found.at, language, labels.VIETNAM)}", "dim")
    lines = [title]
    if found.event_id is not None:
        lines.append(Text(f"{_EVENT.say(language)} {found.event_id}", "dim"))
    return (*lines, Text(f"→ {_command(found)}", "cyan"))


def _command(found: FoundShape) -> str:
    if found.psid is None:
        return shlex.join(("python", "-m", "gateway", "outbox", found.page_id))
    return shlex.join(("python", "-m", "gateway", "explain", found.page_id, found.psid))
