"""For a person at a terminal: a conversation, its timeline, and the outbox, drawn from what the API says."""

from gateway.explain.conversation import draw_conversation
from gateway.explain.outbox import draw_outbox
from gateway.explain.timeline import draw_timeline

__all__ = ["draw_conversation", "draw_outbox", "draw_timeline"]
