"""Times as they lie in Redis: in milliseconds, each with its ISO twin beside it, for whoever reads it by hand."""

import re
from typing import Final

import msgspec

from rules.times import utc

# A number after a name that ends in "at". Inside a JSON string the quotes would be escaped, so text is never touched.
# Possessive, so that it is quick to see that other strings are no such names.
_MOMENT: Final = re.compile(rb'"([a-z_]*+)(?<=at)":(\d{10,15})(?=[,}])(?!,"[a-z_]*at_utc")')

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Write JSON text with a `…_utc` twin beside every `…at`. Readers skip the twins as unknown fields."""
    return _MOMENT.sub(_with_twin, _encoder.encode(value))


def moment(field: str, at: int) -> dict[str, str]:
    """Return a time (ms, UTC) as the two fields of a hash: itself, and its twin."""
    return {field: str(at), f"{field}_utc": utc(at)}


def _with_twin(moment: re.Match[bytes]) -> bytes:
    return b'%b,"%b_utc":"%b"' % (moment[0], moment[1], utc(int(moment[2])).encode())
