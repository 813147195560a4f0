"""A web process and its own OpenAPI document, put to schemathesis: no 5xx, and no answer that is not described.

https://schemathesis.readthedocs.io/en/stable/reference/checks/
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.world import World

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "8")
NOT_CHECKED = (
    # An empty filter counts as none, and more than a schema can say is asked of a body: whether the page is connected.
    "negative_data_rejection",
    "positive_data_acceptance",
    # `/metrics` and its like are open, and the signature of a webhook is no scheme that OpenAPI knows.
    "missing_required_header",
)


async def test_the_service_answers_as_its_document_says(world: World, redis_url: str, tmp_path: Path) -> None:
    web = await world.start_web(REDIS_URL=redis_url)
    await world.connect_page()
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{world.url}/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {world.settings['ADMIN_TOKEN']}"),
        *("--checks", "all", "--exclude-checks", ",".join(NOT_CHECKED), "--warnings", "off"),
        *("--max-examples", EXAMPLES, "--generation-deterministic", "--request-timeout", "60"),
    )
    ended = await asyncio.to_thread(
        subprocess.run, command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=200
    )
    assert ended.returncode == 0, ended.stdout[-6_000:] + ended.stderr[-2_000:]
    assert "Tested: 0" not in ended.stdout
    assert "request.failed" not in web.log
