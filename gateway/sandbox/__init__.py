"""A loopback TikTok that enforces what TikTok documents, strictly, and misbehaves on demand: for tests and the demo.

`checks` knows the documented shape of a request, `state` remembers what was accepted and scripted, `app` speaks HTTP as
TikTok does, and `control` is the way in for whoever drives it.
"""

from gateway.sandbox.app import API_PATH, make_sandbox
from gateway.sandbox.state import Accepted, Account, Rate, Received, Sandbox, Scripted

__all__ = ["API_PATH", "Accepted", "Account", "Rate", "Received", "Sandbox", "Scripted", "make_sandbox"]
