"""Sowing a fault: one place in a script or a function of ours is changed, for one test, in a copy."""

import inspect
import shutil
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

LUA = Path(__file__).parents[2] / "actors" / "lua"
OURS = ("rules.", "actors.", "gateway.")


class Fault(NamedTuple):
    """A fault. `place` is a script (``settle.lua``) or a function (``rules.orders:learn``, ``…:Class.method``)."""

    name: str
    place: str
    right: str
    wrong: str


def sow(fault: Fault, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let everything that is built from now on have the fault."""
    if fault.place.endswith(".lua"):
        _sow_in_script(fault, folder, patch)
    else:
        _sow_in_function(fault, patch)


def _sow_in_script(fault: Fault, folder: Path, patch: pytest.MonkeyPatch) -> None:
    shutil.copytree(LUA, folder / "lua")
    script = folder / "lua" / fault.place
    script.write_text(_changed(script.read_text(), fault))
    patch.setattr("actors.scripts.files", lambda _: folder)


def _sow_in_function(fault: Fault, patch: pytest.MonkeyPatch) -> None:
    module_name, _, path = fault.place.partition(":")
    module = import_module(module_name)
    *owners, name = path.split(".")
    owner: Any = module
    for each in owners:
        owner = getattr(owner, each)
    right = getattr(owner, name)
    made: dict[str, Any] = {}
    source = _changed(textwrap.dedent(inspect.getsource(right)), fault)
    exec(compile(source, f"{module.__file__} with a fault", "exec"), module.__dict__, made)  # noqa: S102  it is ours
    for holder in [owner, *_importers(name, right)]:
        patch.setattr(holder, name, made[name])


def _importers(name: str, function: object) -> list[ModuleType]:
    """Find the modules of ours that have imported a function by its name."""
    ours = [module for module_name, module in sys.modules.items() if module_name.startswith(OURS)]
    return [module for module in ours if getattr(module, name, None) is function]


def _changed(source: str, fault: Fault) -> str:
    if source.count(fault.right) != 1:
        pytest.fail(f"{fault.place} has changed: {fault.right!r} is in it {source.count(fault.right)} times, not once")
    return source.replace(fault.right, fault.wrong)
