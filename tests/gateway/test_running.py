"""How a command runs: what it says, and with which code it ends, where it cannot."""

import pytest

from tests.gateway.test_commands import run
from tests.gateway.web import PAGE, PSID


@pytest.mark.parametrize("command", [("explain", PAGE, PSID), ("outbox",)])
@pytest.mark.parametrize("url", ["redis://host?foo=bar", "redis://host/notadb", "localhost"])
async def test_a_wrong_url_of_redis_is_one_line_that_names_it(command: tuple[str, ...], url: str) -> None:
    code, output = await run(*command, redis_url=url)
    assert code == 2
    assert output.startswith("REDIS_URL ")
    assert output.count("\n") == 1
