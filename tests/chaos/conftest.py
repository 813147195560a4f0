"""The outside world of the end-to-end tests, for chaos too."""

from tests.end_to_end.conftest import http, start, world

__all__ = ["http", "start", "world"]
