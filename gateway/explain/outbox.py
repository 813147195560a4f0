"""The outbox as a table: what waits, the oldest of it, and what was given up."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from actors.depth import Depth
from gateway.explain import labels
from rules.catalogue import Language
from rules.reasons import age


def draw_outbox(depths: Sequence[Depth], language: Language, now: int) -> RenderableType:
    """Draw the depth of each page's outbox at `now` (ms, UTC)."""
    table = Table(title=labels.OUTBOX.say(language), title_justify="left", title_style="bold cyan", header_style="dim")
    for words in labels.OUTBOX_COLUMNS:
        table.add_column(words.say(language), overflow="fold")
    for depth in depths:
        oldest = labels.NONE if depth.oldest_fired_at is None else age(max(0, now - depth.oldest_fired_at), language)
        dead = Text(str(depth.dead), "bold red" if depth.dead else "dim")
        table.add_row(depth.page_id, str(depth.waiting), oldest, dead)
    if not any(depth.waiting or depth.dead for depth in depths):
        return Text(labels.NOTHING.say(language), "green")
    return table
