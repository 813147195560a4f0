"""For a person at a terminal: what the API says of a conversation, its timeline, and the rest, as pictures."""

from gateway.explain.conversation import draw_conversation
from gateway.explain.found import draw_found
from gateway.explain.outbox import draw_outbox
from gateway.explain.page_what_if import draw_page_what_if
from gateway.explain.timeline import draw_timeline
from gateway.explain.what_if import draw_what_if

__all__ = [
    "draw_conversation",
    "draw_found",
    "draw_outbox",
    "draw_page_what_if",
    "draw_timeline",
    "draw_what_if",
]
