"""The picture: horizontal bars with their ranges, as SVG that is readable on light and dark paper."""

from collections.abc import Iterator, Sequence
from html import escape
from statistics import median
from typing import Final, NamedTuple

WIDTH: Final = 860
LEFT: Final = 250
RIGHT: Final = 150
BAR, GAP, HEAD = 14, 4, 26
TOP: Final = 64
COLOURS: Final = {"bare": "#8a94a6", "ours": "#0a7f5a", "obvious": "#c2703d"}


class Bar(NamedTuple):
    """One bar: whose it is, what all rounds measured, and what to write beside it."""

    of: str
    values: Sequence[float]
    note: str = ""


class Group(NamedTuple):
    """Bars that are compared with each other."""

    name: str
    bars: Sequence[Bar]


def picture(title: str, groups: Sequence[Group]) -> str:
    """Draw the groups one below another, all on one scale: medians as bars, ranges as lines."""
    height = TOP + sum(HEAD + len(group.bars) * (BAR + GAP) for group in groups) + GAP
    most = max((value for group in groups for bar in group.bars for value in bar.values), default=1.0)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"',
            '  font-family="system-ui, sans-serif" font-size="12">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
            f'<text x="16" y="26" font-size="15" font-weight="600" fill="#1c2430">{escape(title)}</text>',
            '<text x="16" y="46" fill="#5b6675">medians; the thin line spans all rounds</text>',
            *_groups(groups, (WIDTH - LEFT - RIGHT) / most),
            "</svg>\n",
        ]
    )


def _groups(groups: Sequence[Group], scale: float) -> Iterator[str]:
    y = TOP
    for group in groups:
        yield f'<text x="16" y="{y + 16}" font-weight="600" fill="#1c2430">{escape(group.name)}</text>'
        y += HEAD
        for bar in group.bars:
            yield from _bar(bar, y, scale)
            y += BAR + GAP


def _bar(bar: Bar, y: int, scale: float) -> Iterator[str]:
    middle, text_y = median(bar.values), y + BAR - 3
    low, high = (LEFT + scale * value for value in (min(bar.values), max(bar.values)))
    yield f'<text x="{LEFT - 8}" y="{text_y}" text-anchor="end" fill="#1c2430">{escape(bar.of)}</text>'
    colour = next((colour for of, colour in COLOURS.items() if bar.of.startswith(of)), COLOURS["ours"])
    yield f'<rect x="{LEFT}" y="{y}" width="{scale * middle:.1f}" height="{BAR}" rx="2" fill="{colour}"/>'
    yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + BAR / 2}" y2="{y + BAR / 2}" stroke="#1c2430"/>'
    beside = max(high, LEFT + scale * middle) + 6
    yield f'<text x="{beside:.1f}" y="{text_y}" fill="#1c2430">{middle:,.0f}{escape(bar.note)}</text>'
