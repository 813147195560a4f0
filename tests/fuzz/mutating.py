"""Mutations, seeded: the same number gives the same damage, in any process and on any machine."""

import random
from collections.abc import Sequence

TOKENS = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"null", b"true", b'""', b"{}", b"[]", b"-0", b"1e999", b"1e-999999", b"-1", b"9" * 40, b"9" * 5_000, b"1.0000001",
    b'"\\ud83d"', b'"\\udc00"', b'"\\u0000"', b'"0001-01-01T00:00:00Z"', b'"2026-01-05T03:04:05+14:00"', b'"1e-9999"',
    b'"messaging":', b'"standby":', b'"referral":', b'"postback":', b'"order":', b'"conversation":', b'"line_items":',
    b"[" * 3_000, b'{"a":' * 2_000, b"a" * 3_000, b"(a+)+$", b"(?P<tracking_id>", b"\\C", b"{0,1000}",
)  # fmt: skip
"""What is put in: what JSON, time, money and patterns break on, and names that mean something."""

MOST_DAMAGES = 6

GENTLE = 0.5
"""How often nothing but whole values are replaced, so that the rest of the reader gets its share."""


def mutate(seeds: Sequence[bytes], number: int) -> bytes:
    """Return a damaged seed, the same one for the same number."""
    chance = random.Random(number)
    return damage(chance.choice(seeds), seeds, chance)


def damage(whole: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Damage an input in a few places, in ways that JSON and patterns feel."""
    data = bytearray(whole)
    gentle = chance.random() < GENTLE
    for _ in range(chance.randint(1, MOST_DAMAGES)):
        start = chance.randint(0, len(data))
        end = min(len(data), start + chance.choice((0, 1, 1, 2, 8, 64, 1024)))
        match 4 if gentle else chance.randrange(6):
            case 0:
                del data[start:end]
            case 1:
                data[start:start] = data[start:end] * chance.randint(1, 20)
            case 2:
                other = chance.choice(seeds)
                data[start:end] = other[chance.randint(0, len(other)) :]
            case 3:
                data[start:end] = chance.randbytes(end - start)
            case 4:
                _replace_value(data, start, chance.choice(TOKENS))
            case _:
                data[start:end] = chance.choice(TOKENS)
    return bytes(data)


def _replace_value(data: bytearray, start: int, token: bytes) -> None:
    # What stands between a colon and the next comma or brace: mostly a whole JSON value, so that the rest stays JSON.
    begin = data.find(b":", start) + 1
    if begin:
        ends = [place for sign in b",}" if (place := data.find(sign, begin)) >= 0]
        data[begin : min(ends, default=len(data))] = token
