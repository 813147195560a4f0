"""Making Messenger webhooks, and reading them."""

import json

from gateway.messenger import Decoded, decode
from rules.facts import Fact, Message

RECEIVED_AT = 1_760_000_060_000
AT = 1_760_000_000_123
PAGE, PSID = "900", "7101"

AD = {"ref": "tt-abc_1", "source": "SHORTLINK", "type": "OPEN_THREAD"}


def item(at: object = AT, *, sender: object = PSID, recipient: object = PAGE, **content: object) -> dict[str, object]:
    """Make an item of one conversation, with the vendor's names."""
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at, **content}


def body(*items: object, **entry: object) -> bytes:
    """Make the body of a POST with one entry."""
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": AT, "messaging": items, **entry}]}).encode()


def read(*items: object, **entry: object) -> Decoded:
    """Decode a POST with these items."""
    return decode(body(*items, **entry), received_at=RECEIVED_AT)


def facts(*items: object, **entry: object) -> list[Fact]:
    """Give the facts of a POST with these items."""
    return [each.fact for each in read(*items, **entry).facts]


def only_message(*items: object, **entry: object) -> Message:
    """Give the one fact of a POST, which is a message."""
    (message,) = facts(*items, **entry)
    assert isinstance(message, Message)
    return message


def said(**message: object) -> dict[str, object]:
    """Make the content of a message."""
    return {"message": {"mid": "m_A1", "text": "gia bao nhieu?", **message}}


def pressed(**postback: object) -> dict[str, object]:
    """Make the content of a postback."""
    return {"postback": {"mid": "m_A5", **postback}}
