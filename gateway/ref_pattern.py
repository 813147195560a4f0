"""Recognisers of refs: compiled so that no ref, which anybody may write, can hang the process."""

from typing import cast

import re2  # type: ignore[import-untyped]  # it has no type stubs

from rules.clicks import Recogniser


class RefPatternError(ValueError):
    """The pattern is none. `said` is RE2's own words for it, empty where it is not even text."""

    def __init__(self, said: str = "") -> None:
        """Keep RE2's words; as text it goes on from the pattern's name."""
        why = f"is not a regular expression of RE2 (no look-around, no back references): {said}"
        super().__init__(why if said else "is not Unicode text")
        self.said = said


def compile_ref_pattern(pattern: str) -> Recogniser:
    """Compile a regular expression in RE2's syntax. Raises RefPatternError, which says what is wrong with it.

    RE2 matches in linear time and bounded memory, where Python's own `re` may take years over ``(a+)+$`` and holds the
    GIL meanwhile, so that no timer could end it. What it lacks for that, look-around and back references, is refused.
    https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True  # so that ".+" takes every ref that is not empty, as rule 1 has it
    try:
        return cast(Recogniser, re2.compile(pattern, options))
    except UnicodeEncodeError:
        raise RefPatternError from None
    except re2.error as error:
        (said,) = error.args
        raise RefPatternError(said.decode(errors="replace") if isinstance(said, bytes) else said) from None
