"""Times for people: the shop's clock with its zone, UTC beside it."""

import pytest

from gateway.time_zones import find_zone, shop_time
from rules.catalogue import Language

AT = 1_760_000_000_123  # 2025-10-09T08:53:20Z
EVENING = 1_760_032_800_000  # 2025-10-09T18:00:00Z


@pytest.mark.parametrize(
    ("zone", "language", "local", "abbreviation", "beside"),
    [
        ("Asia/Ho_Chi_Minh", "vi", "09/10/2025 15:53:20", "UTC+7", "08:53:20"),
        ("Asia/Ho_Chi_Minh", "en", "09 Oct 2025, 15:53:20", "UTC+7", "08:53:20"),
        ("Europe/Berlin", "vi", "09/10/2025 10:53:20", "CEST", "08:53:20"),
        ("America/Sao_Paulo", "vi", "09/10/2025 05:53:20", "UTC-3", "08:53:20"),
        ("Asia/Kathmandu", "vi", "09/10/2025 14:38:20", "UTC+5:45", "08:53:20"),
    ],
)
def test_a_time_is_the_shops_and_names_its_zone(
    zone: str, language: Language, local: str, abbreviation: str, beside: str
) -> None:
    shop = shop_time(zone)
    assert (shop.local(AT, language), shop.abbreviation(AT), shop.utc(AT, language)) == (local, abbreviation, beside)


def test_where_it_is_another_day_in_utc_the_day_is_told() -> None:
    shop = shop_time("Asia/Ho_Chi_Minh")
    assert (shop.local(EVENING, "vi"), shop.utc(EVENING, "vi")) == ("10/10/2025 01:00:00", "09/10/2025 18:00:00")


@pytest.mark.parametrize("name", ["", "Asia", "Asia/Atlantis", "../../etc/passwd", "/etc/localtime", "\0", "a" * 500])
def test_what_is_no_zone_is_none_and_shows_vietnams_time(name: str) -> None:
    assert find_zone(name) is None
    assert shop_time(name).abbreviation(AT) == shop_time("Asia/Ho_Chi_Minh").abbreviation(AT)
