"""Why somebody sends something again, and why that is refused."""

from collections.abc import Mapping
from typing import Any, Final

from actors.resend import Resent
from gateway.api.shapes import Words
from gateway.api.telling import why_not_resent
from gateway.pages.words import PHRASES

MOST_WHY: Final = 300
"""Characters of a reason that are kept."""


def read_why(form: Mapping[str, Any]) -> str:
    """Return the reason that somebody gives in a form; empty when they give none."""
    why = form.get("why", "")
    return " ".join(why.split())[:MOST_WHY] if isinstance(why, str) else ""


def refusal(resent: Resent) -> Words:
    """Say why an event is not sent again."""
    match resent:
        case "requeued" | "not_found" | "unreadable":
            return PHRASES[f"resend.refused.{resent}"]
        case reason:
            return why_not_resent(reason)
