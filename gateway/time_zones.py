"""Time zones by their IANA names, and times as they are told to people: the shop's first, UTC beside it."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.catalogue import Language
from rules.days import HO_CHI_MINH
from rules.times import SECOND_MS


@lru_cache(maxsize=1024)
def find_zone(name: str) -> tzinfo | None:
    """Return a zone by its IANA name, None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # KeyError: unknown. ValueError: no name at all, such as a path. OSError: a folder of zones, such as "Asia".
        return None


class ShopTime(Struct, frozen=True):
    """The clock on the shop's wall. Times are ms, UTC."""

    zone: tzinfo

    def local(self, at: int, lang: Language) -> str:
        """Write a time to the second, for example ``24/11/2026 08:12:33`` or ``24 Nov 2026, 08:12:33``."""
        return _write(at, lang, self.zone)

    def abbreviation(self, at: int) -> str:
        """Return what the zone is called at a time, for example ``CET``, or ``UTC+7`` where it has no letters."""
        moment = _in(at, self.zone)
        name, ahead = moment.tzname() or "", f"{moment:%z}"
        if name.isalpha():
            return name
        return f"UTC{ahead[0]}{int(ahead[1:3])}" + (f":{ahead[3:5]}" if ahead[3:5] != "00" else "")

    def utc(self, at: int, lang: Language) -> str:
        """Write the same in UTC, without the day where it is the shop's."""
        same_day = _in(at, self.zone).date() == _in(at, UTC).date()
        return f"{_in(at, UTC):%H:%M:%S}" if same_day else _write(at, lang, UTC)


def shop_time(name: str) -> ShopTime:
    """Return the clock of a zone; Vietnam's where the zone is not known here (any more)."""
    return ShopTime(find_zone(name) or HO_CHI_MINH)


def _write(at: int, lang: Language, zone: tzinfo) -> str:
    return f"{_in(at, zone):{'%d/%m/%Y %H:%M:%S' if lang == 'vi' else '%d %b %Y, %H:%M:%S'}}"


def _in(at: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at / SECOND_MS, zone)
