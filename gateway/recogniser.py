"""Recognisers that somebody types in, to see what they would find: compiled so that none can hang the process."""

import re
from typing import Final, cast

import re2  # type: ignore[import-untyped]  # it has no type stubs

from gateway.api.shapes import Words
from rules.clicks import Recogniser

MOST_CHARACTERS: Final = 500

_TOO_LONG: Final = Words(
    f"Biểu thức dài quá {MOST_CHARACTERS} ký tự.", f"The pattern is longer than {MOST_CHARACTERS} characters."
)


class PatternRefusedError(Exception):
    """The pattern is not tried; `why` says what to change."""

    def __init__(self, why: Words) -> None:
        """Keep the words; as text it speaks English."""
        super().__init__(why.en)
        self.why = why


def compile_recogniser(pattern: str) -> Recogniser:
    """Compile a pattern as `TIKTOK_REF_PATTERN` would be. Raises PatternRefusedError.

    RE2 matches in linear time and compiles in bounded memory whatever it is given, where Python's own `re` may take
    years over a nested quantifier, and holds the GIL, so that no thread and no timer could end it. What RE2 lacks for
    that, look-around and back references, is refused. https://github.com/google/re2/wiki/WhyRE2
    """
    if len(pattern) > MOST_CHARACTERS:
        raise PatternRefusedError(_TOO_LONG)
    try:
        # The setting is read by `re`: what it refuses could not be set.
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternRefusedError(_not_a_pattern(str(error))) from None
    options = re2.Options()
    options.log_errors = False
    try:
        return cast(Recogniser, re2.compile(pattern, options))
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternRefusedError(_not_tried(error)) from None


def _not_a_pattern(error: str) -> Words:
    return Words(f"Không phải biểu thức chính quy: {error}.", f"This is not a regular expression: {error}.")


def _not_tried(error: Exception) -> Words:
    said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
    return Words(
        f"Không thử được (không hỗ trợ nhìn trước, nhìn sau hay tham chiếu ngược): {said}.",
        f"It cannot be tried (look-around and back references are not supported): {said}.",
    )
