"""Half characters: in JSON, where vendors cut texts in the middle of an emoji, and in what a process is started with.

msgspec refuses a whole body for one; Python stands them in for bytes that are no UTF-8.
"""

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",  # any other escape, so that an escaped backslash is never taken for the start of one
    re.DOTALL,
)


def mend_surrogates(body: bytes) -> bytes:
    """Replace unpaired surrogate escapes by U+FFFD. A body without any is returned unchanged."""
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape["half"] else escape[0], body)


def is_unicode(text: str) -> bool:
    """Tell whether a text holds no half characters: nothing can write those anywhere."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
