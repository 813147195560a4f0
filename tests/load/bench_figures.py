"""What a section has measured in all of its rounds, as it is kept between measuring and writing."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct


class Section(Struct, frozen=True):
    """Every figure of every round; when, on what, and whether only to see that it works."""

    at: str
    machine: str
    quick: bool
    figures: dict[str, list[float]]

    def has(self, name: str) -> bool:
        """Tell whether it was measured."""
        return name in self.figures

    def median(self, name: str) -> float:
        """Return the median of the rounds."""
        return median(self.figures[name])

    def show(self, name: str, form: str = ",.0f", *, of_one: float = 1.0) -> str:
        """Write the median and the range, in units of `of_one`."""
        values = sorted(value / of_one for value in self.figures.get(name, []))
        if not values:
            return "–"
        low, middle, high = (f"{value:{form}}" for value in (values[0], median(values), values[-1]))
        return middle if low == high else f"{middle} ({low}–{high})"

    def names(self, fits: Callable[[str], bool]) -> list[str]:
        """Return the names that fit, in the order in which they were measured."""
        return [name for name in self.figures if fits(name)]


def read(folder: Path) -> dict[str, Section]:
    """Read what lies in a folder."""
    return {path.stem: msgspec.json.decode(path.read_bytes(), type=Section) for path in sorted(folder.glob("*.json"))}


def keep(folder: Path, name: str, section: Section) -> None:
    """Put a section into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(section)))
