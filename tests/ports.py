"""Ports for processes that must be told theirs before they start.

The kernel gives the ports for number 0 to whoever asks next, also to another worker's server in the second before a
process of this one listens. So these are below the kernel's, and every worker has a range of its own.
"""

import os
import random
import socket
from itertools import cycle
from typing import Final

LOWEST: Final = 12_000
A_WORKER: Final = 1_000

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw15").removeprefix("gw"))
_first = LOWEST + A_WORKER * (_worker % 16)
_begin = random.randrange(A_WORKER)  # so that sessions side by side seldom meet
_ports = cycle(_first + (_begin + step) % A_WORKER for step in range(A_WORKER))


def free_port() -> int:
    """Return a port that nobody listens on, and that this worker is not given again soon."""
    while True:
        port = next(_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
