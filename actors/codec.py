"""Times as they lie in Redis: in milliseconds, each with its ISO twin beside it, for whoever reads it by hand."""

import re
from typing import Final

import msgspec

from rules.state import Conversation
from rules.times import utc

# A number after a name that ends in "at". Inside a JSON string the quote would be escaped, so text is never touched.
# It begins with what is to be found: that is searched for as text, and most of what is encoded holds little of it.
_MOMENT: Final = re.compile(rb'at":(\d{10,15})(?=[,}])(?!,"[a-z_]*at_utc")')

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Write JSON text with a `…_utc` twin beside every `…at`. Readers skip the twins as unknown fields."""
    return _MOMENT.sub(_with_twin, _encoder.encode(value))


def encode_state(state: Conversation) -> bytes:
    """Write a state with a twin beside every `…at`.

    Most bear their twins themselves: to search all that is written for others would take longer than to write it.
    """
    return encode(state) if state.orders or state.unrecognised_ref else _encoder.encode(state)


def moment(field: str, at: int) -> dict[str, str]:
    """Return a time (ms, UTC) as the two fields of a hash: itself, and its twin."""
    return {field: str(at), f"{field}_utc": utc(at)}


def _with_twin(moment: re.Match[bytes]) -> bytes:
    begins = moment.string.rindex(b'"', 0, moment.start()) + 1
    name = moment.string[begins : moment.start(1) - 2]
    return b'%b,"%b_utc":"%b"' % (moment[0], name, utc(int(moment[1])).encode())
