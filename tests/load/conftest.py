"""What a benchmark changes in its process does not outlast its test."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet_logs_end_with_the_test() -> Iterator[None]:
    """Benchmarks log less than a service does; other tests look at what is logged."""
    yield
    structlog.reset_defaults()
