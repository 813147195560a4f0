"""Why somebody sends something again, and why that is refused."""

from collections.abc import Mapping
from typing import Any, Final

from actors.resend import Resent
from gateway.api.shapes import Words
from gateway.pages.words import PHRASES
from rules.reasons import Answer

MOST_WHY: Final = 300
"""Characters of a reason that are kept."""


def read_why(form: Mapping[str, Any]) -> str:
    """Return the reason that somebody gives in a form; empty when they give none."""
    why = form.get("why", "")
    return " ".join(why.split())[:MOST_WHY] if isinstance(why, str) else ""


def refusal(resent: Resent) -> Words:
    """Say why an event is not sent again."""
    match resent:
        case "sent" | "queued" | "expired_unsent" | "outcome_unknown":
            answer = Answer(None, resent)
            return Words(answer.sentence("vi"), answer.sentence("en"))
        case _:
            return PHRASES[f"resend.refused.{resent}"]
