"""What pages are called, and the clocks of their shops: for support's pages that tell of many at a time."""

from actors.connection import DEFAULT_TIME_ZONE, Connection
from gateway.time_zones import ShopTime, shop_time


def page_name(connection: Connection | None, page_id: str) -> str:
    """Return what a page is called: its id where nobody gave it a name."""
    return (connection.page_name if connection else "") or page_id


def clock_of(connection: Connection | None) -> ShopTime:
    """Return the clock on the wall of a page's shop; Vietnam's of a page that is not connected."""
    return shop_time(connection.time_zone if connection else DEFAULT_TIME_ZONE)
