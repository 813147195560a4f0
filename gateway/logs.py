"""Logging: one JSON line an event on stderr (coloured text on a terminal), without secrets or customers' words."""

import logging
import sys
import traceback
from functools import lru_cache
from typing import Final, TextIO

import stamina.instrumentation
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "***"

_PRIVATE_PARTS: Final = ("token", "secret", "authorization", "password", "signature", "phone", "email", "cookie")
_PRIVATE: Final = frozenset({"text", "body", "payload", "name", "title", "key", "keys", "challenge"})
_FRAMES: Final = 12
_LEVEL: Final = logging.INFO


def configure_logging(stream: TextIO = sys.stderr) -> None:
    """Send everything, ours and that of libraries, through the same processors to `stream`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        describe_error,
        redact,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVEL),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[shorten_foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # Who tries again says so in a line of its own, which knows why.
    stamina.instrumentation.set_on_retry_hooks(())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide the values of fields whose name says that they are secret or a customer's, at any depth."""
    return {field: _hide(field, value) for field, value in event.items()}


def describe_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and the places it went through: its words may quote what was sent to us."""
    exc_info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if exc_info is True else exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["error"] = type(error).__qualname__
        event["went_through"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def shorten_foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the first line of a library's message: what follows may quote a request."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _hide(field: str, value: object) -> object:
    if _is_private(field):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _hide(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hide("", inner) for inner in value]
    return value


@lru_cache(maxsize=1_000)  # the same few names in every line
def _is_private(field: str) -> bool:
    name = field.lower()
    return name in _PRIVATE or any(part in name for part in _PRIVATE_PARTS)
