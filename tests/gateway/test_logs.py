"""Logging: one JSON line an event, nothing secret in it, and an error without its words."""

import ast
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import structlog

from gateway.logs import configure_logging, redact

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Log into memory, and leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure_logging(written)
    yield written
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def only(lines: io.StringIO) -> dict[str, object]:
    """Read the one line that was written."""
    (line,) = lines.getvalue().splitlines()
    return msgspec.json.decode(line, type=dict[str, object])


def test_an_event_is_one_line_of_json_with_time_and_level(lines: io.StringIO) -> None:
    structlog.get_logger().info("thing.happened", page_id="900")
    found = only(lines)
    assert str(found.pop("at")).endswith("Z")
    assert found == {"event": "thing.happened", "page_id": "900", "level": "info"}


def test_bound_context_is_on_every_line(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1", event_id="e-1"):
        structlog.get_logger().info("thing.happened")
    assert only(lines)["request_id"] == "r-1"


@pytest.mark.parametrize(
    "field", ["access_token", "APP_SECRET", "Authorization", "phone", "customer_email", "text", "body", "name"]
)
def test_private_fields_are_hidden_at_any_depth(lines: io.StringIO, field: str) -> None:
    structlog.get_logger().info("thing.happened", **{field: "private"}, inner=[{"deep": {field: "private"}}])
    assert "private" not in lines.getvalue()
    assert only(lines)["inner"] == [{"deep": {field: "***"}}]


def named_in_logs(source: str) -> set[str]:
    """Return the names of the fields that a module's log lines have."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    logging_calls = (
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in {"log", "bound"}
    )
    return {field.arg for call in logging_calls for field in call.keywords if field.arg}


def test_no_line_of_ours_has_a_field_that_would_be_hidden() -> None:
    """Such a line would tell an operator nothing."""
    sources = (path.read_text() for package in ("gateway", "actors") for path in (ROOT / package).rglob("*.py"))
    fields = dict.fromkeys(set().union(*map(named_in_logs, sources)), 1)
    assert {"page_id", "event_id", "status"} <= fields.keys()
    assert redact(None, "", fields) == fields


def test_an_error_is_told_by_type_and_place_never_by_its_words(lines: io.StringIO) -> None:
    try:
        int("0909090909x")
    except ValueError:
        structlog.get_logger().exception("thing.failed")
    found = only(lines)
    assert found["error"] == "ValueError"
    assert "test_logs.py" in str(found["went_through"])
    assert "0909090909" not in lines.getvalue()


def test_libraries_log_through_the_same_processors(lines: io.StringIO) -> None:
    try:
        int("a line of a request")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request\nGET /?secret=1")
    found = only(lines)
    assert (found["event"], found["level"], found["error"]) == ("Error handling request", "error", "ValueError")
    assert "secret=1" not in lines.getvalue()
    assert "a line of" not in lines.getvalue()


def test_chatter_of_libraries_is_left_out(lines: io.StringIO) -> None:
    logging.getLogger("asyncio").info("Using selector")
    structlog.get_logger().debug("thing.looked_at")
    assert not lines.getvalue()
