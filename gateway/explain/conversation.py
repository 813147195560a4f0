"""One conversation as a picture: where it stands, the checklist of its events, its clicks and its orders."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.api.shapes import ConversationShape, DeliveryShape, StandingShape, Words
from gateway.explain import labels
from rules.catalogue import Language

_LATE = frozenset({"rejected", "expired_unsent", "outcome_unknown"})


def draw_conversation(shape: ConversationShape, language: Language, now: int) -> RenderableType:
    """Draw a conversation as it stands at `now` (ms, UTC)."""
    parts: list[RenderableType] = [_head(shape, language, now), _checklist(shape, language, now)]
    if shape.clicks:
        parts.append(_clicks(shape, language))
    if shape.orders:
        parts.append(_orders(shape, language))
    return Group(*parts)


def _head(shape: ConversationShape, language: Language, now: int) -> RenderableType:
    lines = [_state(shape, language, now), _counters(shape, language)]
    if shape.page is not None:
        lines.append(Text(f"‖ {shape.page.sentence.say(language)} {shape.page.remedy.say(language)}", "bold magenta"))
    if shape.unrecognised_ref is not None:
        other = shape.unrecognised_ref
        where = f"ref {other.ref or labels.NONE}, {other.source or labels.NONE}, {labels.moment(other.at)} UTC"
        lines.append(Text(f"{labels.OTHER_LINK.say(language)}: {where}", "dim"))
    title = (
        f"{labels.CONVERSATION.say(language)}: {labels.PAGE.say(language)} {shape.page_id},"
        f" {labels.CUSTOMER.say(language)} {shape.psid}"
    )
    return Panel(Group(*lines), title=Text(title, "bold"), title_align="left", border_style="cyan", padding=(0, 1))


def _state(shape: ConversationShape, language: Language, now: int) -> Text:
    style = {"no_click": "yellow", "click_alive": "green", "click_expired": "red"}[shape.state]
    line = Text(f"● {labels.STATES[shape.state].say(language)}", f"bold {style}")
    if shape.state == "click_alive":
        line.append(f"  {labels.time_left(shape.clicks[0].lives_until, now, language)}", "default")
    return line


def _counters(shape: ConversationShape, language: Language) -> Text:
    counted = shape.counters
    numbers = (
        (labels.CLICKS, counted.clicks),
        (labels.CUSTOMER_MESSAGES, counted.messages_from_customer),
        (labels.PAGE_MESSAGES, counted.messages_from_page),
        (labels.ORDERS, counted.orders),
        (labels.EVENTS, counted.events_fired),
    )
    return Text(" · ".join(f"{words.say(language)} {number}" for words, number in numbers))


def _checklist(shape: ConversationShape, language: Language, now: int) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1)
    for standing in shape.events:
        table.add_row(_mark(standing), Group(_title(standing, language), *_event(standing, language, now)))
    return _section(labels.EVENTS.say(language), table)


def _mark(standing: StandingShape) -> Text:
    if not standing.fired:
        return labels.MARKS["over" if standing.until is None else "open"]
    reason = standing.delivery.reason if standing.delivery else "sent"
    if reason in _LATE:
        return labels.MARKS["over"]
    return labels.MARKS["held" if reason in {"page_paused", "authorisation_needed", "page_not_connected"} else "fired"]


def _title(standing: StandingShape, language: Language) -> Text:
    title = Text(standing.tiktok_name, "bold")
    if standing.event_at is not None:
        title.append(f"  {labels.moment(standing.event_at)} UTC", "dim")
    if standing.order_id is not None:
        title.append(f"  {labels.ORDER.say(language)} {standing.order_id}", "dim")
    elif standing.click_at is not None:
        title.append(f"  {labels.CLICK.say(language)} {labels.short_moment(standing.click_at)}", "dim")
    return title


def _event(standing: StandingShape, language: Language, now: int) -> Iterator[Text]:
    if not standing.fired:
        yield Text(standing.sentence.say(language))
        if remedy := standing.remedy.say(language):
            yield Text(f"→ {remedy}", "cyan")
        if standing.until is not None:
            yield Text(labels.time_left(standing.until, now, language), "dim")
    elif standing.delivery is not None:
        yield from _delivery(standing.delivery, language)


def _delivery(delivery: DeliveryShape, language: Language) -> Iterator[Text]:
    line = Text(delivery.sentence.say(language))
    line.append(f"  {labels.ATTEMPTS.say(language)} {delivery.attempts}", "dim")
    yield line
    if delivery.reason != "sent":
        if remedy := delivery.remedy.say(language):
            yield Text(f"→ {remedy}", "cyan")
        if delivery.code is not None:
            yield Text(f"TikTok {delivery.code}: {delivery.message or ''}", "red")
    if delivery.request_id:
        yield Text(f"request_id {delivery.request_id}", "dim")


def _clicks(shape: ConversationShape, language: Language) -> RenderableType:
    table = _table(labels.CLICK_COLUMNS, language)
    for click in shape.clicks:
        style = "" if click.alive else "dim"
        counts = (str(click.messages_from_customer), str(click.messages_from_page))
        table.add_row(labels.moment(click.at), click.ref, *counts, style=style)
    return _section(labels.CLICKS.say(language), table)


def _orders(shape: ConversationShape, language: Language) -> RenderableType:
    table = _table(labels.ORDER_COLUMNS, language)
    for order in shape.orders:
        name = order.order_number or order.order_id
        if order.cancelled:
            name = f"{name} ({labels.CANCELLED.say(language)})"
        moments = map(labels.short_moment, (order.created_at, order.confirmed_at, order.shipped_at))
        table.add_row(name, *moments, style="dim" if order.cancelled else "")
    return _section(labels.ORDERS.say(language), table)


def _table(columns: tuple[Words, ...], language: Language) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for words in columns:
        table.add_column(words.say(language), overflow="fold")
    return table


def _section(title: str, content: RenderableType) -> RenderableType:
    return Group(Text(f"\n{title}", "bold cyan"), Padding(content, (0, 0, 0, 2)))
