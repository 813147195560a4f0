"""A loopback TikTok that enforces what TikTok documents, strictly, and misbehaves on demand: for tests and the demo.

`checks` knows the documented shape of a request, `state` remembers what was accepted and scripted, `directory` knows
people and ad accounts, `app`, `oauth` and `answering` speak HTTP as TikTok does, `control` is the way in for whoever
drives it, and `graph` stands in for Meta's Graph API, where pages are read.
"""

from gateway.sandbox.answering import API_PATH
from gateway.sandbox.app import make_sandbox
from gateway.sandbox.directory import Consent, Directory, MessageEventSet
from gateway.sandbox.graph import GRAPH_PATH, GraphPage, GraphPages
from gateway.sandbox.oauth import AUTH_PATH
from gateway.sandbox.state import Accepted, Account, Rate, Received, Sandbox, Scripted

__all__ = [
    "API_PATH",
    "AUTH_PATH",
    "GRAPH_PATH",
    "Accepted",
    "Account",
    "Consent",
    "Directory",
    "GraphPage",
    "GraphPages",
    "MessageEventSet",
    "Rate",
    "Received",
    "Sandbox",
    "Scripted",
    "make_sandbox",
]
