"""``key`` names everything that lies under a page, so that nobody has to look through the source."""

import inspect
from collections.abc import Callable

import pytest

from actors import keys
from tests.gateway.test_commands import run
from tests.gateway.web import PAGE, PSID


def makers(*first: str) -> set[str]:
    """Return what every function says that makes a key and takes this first."""
    named: list[tuple[str, Callable[..., object]]] = inspect.getmembers(keys, inspect.isfunction)
    found = {make for name, make in named if next(iter(inspect.signature(make).parameters)) in first}
    return {make.__doc__ or "" for make in found if (make.__doc__ or "").partition(":")[0] in KINDS}


KINDS = {"Hash", "Set", "Sorted set", "Stream", "List", "String"}


@pytest.mark.parametrize(
    ("arguments", "first"), [((PAGE,), ("page_id", "number")), ((PAGE, PSID), ("conversation",))], ids=["page", "psid"]
)
async def test_it_prints_every_key_with_what_it_holds(arguments: tuple[str, ...], first: tuple[str, ...]) -> None:
    code, output = await run("key", *arguments)

    told = dict(line.split("\t") for line in output.splitlines())
    assert code == 0
    assert set(told.values()) == makers(*first)
    assert all("{18}" in key for key in told)
    assert len(told) > 1
