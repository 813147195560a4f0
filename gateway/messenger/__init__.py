"""Messenger webhooks: is a body really from Meta, and which facts does it hold. Pure: bytes in, values out.

`signature` checks a body, `reading` turns it into facts, `items` one item of it; `wire` has the shapes that Meta sends.
"""

from gateway.messenger.items import GetStarted, IgnoredKind, WebhookField
from gateway.messenger.reading import BodyProblem, Decoded, decode
from gateway.messenger.signature import signature_matches

__all__ = ["BodyProblem", "Decoded", "GetStarted", "IgnoredKind", "WebhookField", "decode", "signature_matches"]
