"""``python -m tests.load.sampled``: ours, as ``python -m gateway``, but it looks where its CPU time goes.

Every few milliseconds of CPU time the kernel sends a signal; the innermost frame of a known module says what the time
was for. The counts go to the file that `SAMPLES_TO` names when the process ends.
"""

import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

EVERY_S: Final = 0.001

KINDS: Final = (
    ("hashing", ("/messenger/signature.py", "/hmac.py", "/hashlib.py")),
    (
        "decoding",
        ("/gateway/messenger/", "/gateway/timestamps.py", "/gateway/recogniser.py", "/gateway/ref_pattern.py"),
    ),
    ("metrics and logs", ("/prometheus_client/", "/structlog/", "/gateway/logs.py", "/actors/pulse.py")),
    ("HTTP", ("/aiohttp/", "/multidict/", "/yarl/")),
    ("Redis protocol", ("/redis/", "/actors/scripts.py", "/actors/connect.py", "/asyncio/streams.py")),
    ("rules", ("/rules/",)),
    ("actors", ("/actors/",)),
    ("our handlers", ("/gateway/",)),
    ("event loop", ("/asyncio/runners.py",)),
)
"""What a frame is for, by its file; the first that fits. Frames of other files are for what called them."""


class Samples:
    """Counts."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.kinds: Counter[str] = Counter()
        self._kinds_of: dict[str, str | None] = {}

    def take(self, _number: int, frame: FrameType | None) -> None:
        """Note what is being done."""
        while frame is not None:
            kind = self._kind(frame.f_code.co_filename)
            if kind:
                self.kinds[kind] += 1
                return
            frame = frame.f_back
        self.kinds["other"] += 1

    def _kind(self, file: str) -> str | None:
        if file not in self._kinds_of:
            self._kinds_of[file] = next((kind for kind, parts in KINDS if any(p in file for p in parts)), None)
        return self._kinds_of[file]


def main() -> None:
    """Run the gateway, and look on from the first webhook's time on."""
    samples = Samples()
    signal.signal(signal.SIGPROF, samples.take)
    signal.signal(signal.SIGUSR1, lambda *_: samples.kinds.clear())  # starting up is none of its business
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        from gateway.cli import cli  # noqa: PLC0415  its imports are sampled otherwise

        cli()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        Path(os.environ["SAMPLES_TO"]).write_bytes(msgspec.json.encode(samples.kinds))


if __name__ == "__main__":
    main()
