"""Recognisers that somebody types in, to see what they would find: short, and compiled as the setting's is."""

from typing import Final

from gateway.api.shapes import Words
from gateway.ref_pattern import RefPatternError, compile_ref_pattern
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
    """Compile a pattern as `TIKTOK_REF_PATTERN` would be. Raises PatternRefusedError."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternRefusedError(_TOO_LONG)
    try:
        return compile_ref_pattern(pattern)
    except RefPatternError as error:
        raise PatternRefusedError(_not_a_pattern(error)) from None


def _not_a_pattern(error: RefPatternError) -> Words:
    why = f"biểu thức chính quy của RE2 (không có look-around, không có tham chiếu ngược); RE2 báo: {error.said}"
    return Words(
        f"Không dùng được biểu thức này: nó không phải là {why if error.said else 'văn bản Unicode'}.",
        f"The pattern cannot be used: it {error}.",
    )
