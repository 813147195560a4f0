"""A few thousand damaged bodies, the same every time, and what fuzzing has found before: nothing breaks on them."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.fuzz.mutating import mutate
from tests.fuzz.targets import TARGETS, cases, seeds, split_push
from tests.gateway.service import Service, serve
from tests.gateway.web import messenger_signature, order_headers

MUTATIONS = 3_000
OVER_HTTP = 150
SECONDS = 1.0
"""Most CPU time for one input. Meta's largest body is many times as long; this is a wide margin, not a measure."""

FOUND = [(name, path) for name in TARGETS for path in cases(name)]


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_becomes_of_a_body_it_is_read_in_time_or_refused(name: str) -> None:
    known = tuple(seeds(name))
    assert known
    for number in range(MUTATIONS):
        data = mutate(known, number)
        began = time.process_time()
        try:
            TARGETS[name](data)
        except Exception as error:
            error.add_note(f"mutation {number} of {name}: {data[:2_000]!r}")
            raise
        assert time.process_time() - began < SECONDS, (number, data[:2_000])


@pytest.mark.parametrize(("name", "path"), FOUND, ids=[f"{name}-{path.name}" for name, path in FOUND])
def test_what_fuzzing_has_found_stays_mended(name: str, path: Path) -> None:
    TARGETS[name](path.read_bytes())


@pytest.fixture
async def running(real_redis_url: str) -> AsyncIterator[Service]:
    """Serve the whole application over a real Redis, with the page of the seeds connected."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serve(REDIS_URL=real_redis_url))
        for page_id in ("900", "1234567890"):
            await service.connect(page_id)
        yield service


async def test_no_messenger_body_gives_a_5xx(running: Service) -> None:
    known = tuple(seeds("messenger"))
    for body in (*(path.read_bytes() for path in cases("messenger")), *(mutate(known, n) for n in range(OVER_HTTP))):
        async with running.client.post("/webhooks/messenger", data=body, headers=messenger_signature(body)) as answer:
            assert answer.status == 200, body[:2_000]


async def test_no_push_gives_a_5xx(running: Service) -> None:
    known = tuple(seeds("haravan"))
    for data in (*(path.read_bytes() for path in cases("haravan")), *(mutate(known, n) for n in range(OVER_HTTP))):
        (topic, org_id), body = split_push(data)
        named = {"X-Haravan-Topic": topic, "X-Haravan-Org-Id": org_id}
        headers = {name: value for name, value in named.items() if value and value.isprintable()}
        async with running.client.post(
            "/webhooks/harasocial", data=body, headers=order_headers(body) | headers
        ) as answer:
            assert answer.status in {200, 400}, data[:2_000]
