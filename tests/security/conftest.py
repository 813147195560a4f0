"""Real processes, as the end-to-end tests start them, and the application in this process for what asks its router."""

from tests.end_to_end.conftest import http, start, world
from tests.gateway.conftest import sandbox, sending, tiktok_url

__all__ = ["http", "sandbox", "sending", "start", "tiktok_url", "world"]
