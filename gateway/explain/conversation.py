"""One conversation as a picture: where it stands, the checklist of its events, its clicks and its orders."""

from collections.abc import Iterator

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gateway.api.shapes import ConversationShape, DeliveryShape, StandingShape
from gateway.api.telling import order_name
from gateway.explain import labels
from gateway.time_zones import ShopTime
from rules.catalogue import PAGE_CODES, Language


class _View(Struct, frozen=True):
    """For whom it is drawn: in their language, at which moment (ms, UTC), on which clock."""

    language: Language
    now: int
    shop: ShopTime

    def moment(self, at: int) -> str:
        return labels.moment(at, self.language, self.shop)

    def cell(self, at: int | None) -> Text:
        return labels.moment_cell(at, self.language, self.shop)

    def time_left(self, until: int) -> str:
        return labels.time_left(until, self.now, self.language, self.shop)


def draw_conversation(
    shape: ConversationShape, language: Language, now: int, shop: ShopTime = labels.VIETNAM
) -> RenderableType:
    """Draw a conversation as it stands at `now` (ms, UTC), on the shop's clock and in UTC."""
    view = _View(language, now, shop)
    parts: list[RenderableType] = [_head(shape, view), _checklist(shape, view)]
    if shape.clicks:
        parts.append(_clicks(shape, view))
    if shape.orders:
        parts.append(_orders(shape, view))
    return Group(*parts)


def _head(shape: ConversationShape, view: _View) -> RenderableType:
    lines = [_state(shape, view), _counters(shape, view)]
    if shape.page is not None:
        lines.append(
            Text(f"‖ {shape.page.sentence.say(view.language)} {shape.page.remedy.say(view.language)}", "bold magenta")
        )
    if shape.unrecognised_ref is not None:
        other = shape.unrecognised_ref
        where = f"ref {other.ref or labels.NONE}, {other.source or labels.NONE}, {view.moment(other.at)}"
        lines.append(Text(f"{labels.OTHER_LINK.say(view.language)}: {where}", "dim"))
    title = (
        f"{labels.CONVERSATION.say(view.language)}: {labels.PAGE.say(view.language)} {shape.page_id},"
        f" {labels.CUSTOMER.say(view.language)} {shape.psid}"
    )
    return Panel(Group(*lines), title=Text(title, "bold"), title_align="left", border_style="cyan", padding=(0, 1))


def _state(shape: ConversationShape, view: _View) -> Text:
    style = {"no_click": "yellow", "click_alive": "green", "click_expired": "red"}[shape.state]
    line = Text(f"● {labels.STATES[shape.state].say(view.language)}", f"bold {style}")
    if shape.state == "click_alive":
        line.append(f"\n  {view.time_left(shape.clicks[0].lives_until)}", "default")
    return line


def _counters(shape: ConversationShape, view: _View) -> Text:
    counted = shape.counters
    numbers = [
        (labels.CLICKS, counted.clicks),
        (labels.CUSTOMER_MESSAGES, counted.messages_from_customer),
        (labels.PAGE_MESSAGES, counted.messages_from_page),
        (labels.ORDERS, counted.orders),
        (labels.EVENTS, counted.events_fired),
    ]
    if counted.messages_waiting:
        numbers.append((labels.MESSAGES_WAITING, counted.messages_waiting))
    return Text(" · ".join(f"{words.say(view.language)} {number}" for words, number in numbers))


def _checklist(shape: ConversationShape, view: _View) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1)
    for standing in shape.events:
        table.add_row(
            _mark(standing), Group(_title(standing, view, one_click=len(shape.clicks) == 1), *_event(standing, view))
        )
    return labels.section(labels.EVENTS.say(view.language), table)


def _mark(standing: StandingShape) -> Text:
    if not standing.fired:
        return labels.MARKS["open" if standing.possible else "over"]
    delivery = standing.delivery
    if delivery and delivery.settled_at is not None and delivery.status != "sent":
        return labels.MARKS["over"]
    if delivery and delivery.reason in PAGE_CODES:
        return labels.MARKS["held"]
    return labels.MARKS["under_way" if delivery and delivery.status != "sent" else "fired"]


def _title(standing: StandingShape, view: _View, *, one_click: bool) -> Text:
    title = Text(standing.tiktok_name, "bold")
    if (at := standing.event_at) is not None:
        title.append(f"  {view.shop.local(at, view.language)} ({view.shop.utc(at, view.language)} UTC)", "dim")
    if standing.order_id is not None:
        name = order_name(standing.order_id, standing.order_number)
        title.append(f"  {labels.ORDER.say(view.language)} {name}", "dim")
    elif standing.click_at is not None and not one_click:
        title.append(f"  {labels.CLICK.say(view.language)} {view.shop.local(standing.click_at, view.language)}", "dim")
    return title


def _event(standing: StandingShape, view: _View) -> Iterator[Text]:
    if not standing.fired:
        yield Text(standing.sentence.say(view.language))
        if remedy := standing.remedy.say(view.language):
            yield Text(f"→ {remedy}", "cyan")
        if standing.until is not None:
            yield Text(view.time_left(standing.until), "dim")
        return
    if standing.reason == "reversed_after_firing":
        yield Text(standing.sentence.say(view.language))
    if standing.delivery is not None:
        yield from _delivery(standing.delivery, view)


def _delivery(delivery: DeliveryShape, view: _View) -> Iterator[Text]:
    line = Text(delivery.sentence.say(view.language))
    line.append(f"  {labels.ATTEMPTS.say(view.language)} {delivery.attempts}", "dim")
    yield line
    if delivery.reason != "sent":
        if remedy := delivery.remedy.say(view.language):
            yield Text(f"→ {remedy}", "cyan")
        if delivery.next_attempt_at is not None and delivery.settled_at is None and delivery.reason not in PAGE_CODES:
            at = view.shop.local(delivery.next_attempt_at, view.language)
            yield Text(f"{labels.NEXT_ATTEMPT.say(view.language)} {at}", "dim")
    if answer := labels.answer(delivery.code, delivery.message):
        yield answer
    if delivery.request_id:
        yield Text(f"request_id {delivery.request_id}", "dim")


def _clicks(shape: ConversationShape, view: _View) -> RenderableType:
    table = labels.table(labels.CLICK_COLUMNS, view.language)
    for click in shape.clicks:
        style = "" if click.alive else "dim"
        counts = (str(click.messages_from_customer), str(click.messages_from_page))
        table.add_row(view.cell(click.at), click.ref, *counts, style=style)
    return labels.section(labels.CLICKS.say(view.language), table)


def _orders(shape: ConversationShape, view: _View) -> RenderableType:
    table = labels.table(labels.ORDER_COLUMNS, view.language)
    for order in shape.orders:
        ends = ((labels.CANCELLED, order.cancelled), (labels.RETURNED, order.returned))
        end = ", ".join(words.say(view.language) for words, holds in ends if holds)
        name = order.order_number or order.order_id
        moments = map(view.cell, (order.created_at, order.confirmed_at, order.shipped_at))
        table.add_row(f"{name} ({end})" if end else name, *moments, style="dim" if end else "")
    return labels.section(labels.ORDERS.say(view.language), table)
