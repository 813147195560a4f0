"""The disk that loses its power really loses what was not synced; and what Redis answers with `always`, it keeps."""

from pathlib import Path

import pytest

from tests.chaos.disk import Disk, strace_installed, synced
from tests.chaos.redis_pair import KEPT, Server, Start

CRASHES = 5
KEYS = 200


def test_only_what_was_written_before_a_sync_began_is_synced() -> None:
    aof = "<appendonlydir/appendonly.aof.1.incr.aof>"
    calls = [
        f'7 write(8{aof}, ""..., 50) = 50',
        f"9 fdatasync(8{aof} <unfinished ...>",
        f'7 write(8{aof}, ""..., 30) = 30',
        '7 write(5<socket:[1]>, ""..., 5) = 5',
        "9 <... fdatasync resumed>) = 0",
    ]
    assert synced(calls[:2]) == 0
    assert synced(calls) == 50


@pytest.mark.skipif(not strace_installed(), reason="needs strace")
@pytest.mark.parametrize("appendfsync", ["always", "everysec"])
async def test_a_host_that_crashes(start: Start, tmp_path: Path, appendfsync: str) -> None:
    """F5: what `always` has answered is there; what `everysec` has answered in its last second may not be."""
    server = Server(start, tmp_path / "redis", disk=Disk(tmp_path / "redis"))
    gone = 0
    for crash in range(CRASHES):
        await server.run("--appendonly", "yes", "--appendfsync", appendfsync)
        names = [f"{crash}-{number}" for number in range(KEYS)]
        for name in names:
            server.client.set(name, name)
        await server.crash()
        await server.run(*KEPT)
        gone += sum(each is None for each in server.client.mget(names))
        server.kill()
    server.client.close()
    assert (gone == 0) is (appendfsync == "always")
