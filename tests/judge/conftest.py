"""The outside world of the end-to-end tests, for the judge's histories too."""

from tests.end_to_end.conftest import http, start, world

__all__ = ["http", "start", "world"]
