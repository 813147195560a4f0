"""Real processes, as the end-to-end tests start them."""

from tests.end_to_end.conftest import http, start, world

__all__ = ["http", "start", "world"]
