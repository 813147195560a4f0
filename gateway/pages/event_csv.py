"""The delivery log as a file for Excel: UTF-8 with a byte order mark, and nothing in it that Excel would calculate."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Final

from gateway.pages.event_log import Line
from gateway.pages.rendering import say
from rules.catalogue import Language
from rules.days import local

BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes Vietnamese letters for something else."""

_CALCULATED: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

_COLUMNS: Final[dict[str, Callable[[Line, Language], object]]] = {
    "time_local": lambda line, _: local(line.row.event_at),
    "time_utc": lambda line, _: line.row.event_at_utc,
    "event": lambda line, lang: say(lang, f"event.{line.row.event}"),
    "code_name": lambda line, _: line.row.event,
    "tiktok_name": lambda line, _: line.tiktok_name,
    "status": lambda line, lang: say(lang, f"status.{line.row.status}"),
    "reason": lambda line, lang: line.delivery.sentence.say(lang),
    "remedy": lambda line, lang: line.delivery.remedy.say(lang),
    "order": lambda line, _: line.row.order_id,
    "click": lambda line, _: local(line.row.click_at),
    "attempts": lambda line, _: line.row.attempts,
    "code": lambda line, _: line.row.code,
    "message": lambda line, _: line.row.message,
    "request_id": lambda line, _: line.row.request_id,
    "event_id": lambda line, _: line.row.event_id,
    "order_number": lambda line, _: line.row.order_number,
}


def header(lang: Language) -> str:
    """Return the beginning of the file: the mark, and the columns' names."""
    return BYTE_ORDER_MARK + _written([[say(lang, f"csv.{column}") for column in _COLUMNS]])


def lines(told: Iterable[Line], lang: Language) -> str:
    """Return events as lines of the file."""
    return _written([[_harmless(cell(line, lang)) for cell in _COLUMNS.values()] for line in told])


def file_name(page_id: str, row_day: str | None) -> str:
    """Name the file by the page, and the day if one was asked for."""
    plain = "".join(letter for letter in page_id if letter.isascii() and letter.isalnum())
    return f"tiktok-events-{plain}{f'-{row_day}' if row_day else ''}.csv"


def _harmless(value: object) -> str:
    """Keep a spreadsheet from taking a cell for a formula (CWE-1236); it shows the apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_CALCULATED) else text


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
