"""``resend``: again what was given up, one event or all that match. Written down with who and why."""

import getpass
import os
from datetime import date
from typing import Annotated, Final

import typer
from msgspec.structs import replace

from actors.audit import Audit, AuditEntry
from actors.bulk_resend import MOST, BulkResend, Estimate, Selection
from actors.connection import page_trouble
from actors.connections import Connections
from actors.resend import Resender, Resent
from actors.scripts import Store
from actors.store_clock import StoreClock
from actors.views import Views
from gateway.api.outbox import tell_estimate, tell_resent
from gateway.clock import now_ms
from gateway.commands.running import FOUND_NOTHING, NOT_POSSIBLE, AsJson, fail, run, show_json
from rules.catalogue import DeliveryCode, PageCode
from rules.events import EventName
from rules.reasons import Answer

Status = Annotated[DeliveryCode | None, typer.Option(help="Those that ended like this.")]
REFUSED: Final = {
    "not_found": "the page has no event of this id; an event is kept for 30 days after it was sent or given up",
    "unreadable": "what is stored of the event is damaged",
}
"""Why an event is not sent again, where the catalogue of reasons does not say it."""

Day = Annotated[str | None, typer.Option(help="Those of this day (YYYY-MM-DD) in Vietnam.")]


def resend(  # noqa: PLR0913, PLR0917  each is an option of the command line
    page_id: Annotated[str | None, typer.Argument(help="Id of the Facebook page.")] = None,
    event_id: Annotated[str | None, typer.Argument(help="Id of one event; all that match without it.")] = None,
    problem: Annotated[str | None, typer.Option(help="Those of this problem, for example 40002 or timeout.")] = None,
    status: Status = None,
    event: Annotated[EventName | None, typer.Option(help="Those of this name.")] = None,
    day: Day = None,
    why: Annotated[str, typer.Option(help="Why; it is written down. Needed for more than one event.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002  a flag of the command line
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Send again what was given up, under its id; refuse what can no longer count.

    One event: PAGE_ID EVENT_ID. All given-up events of a page, or those of a problem on one page or all: with options.
    """
    if page_id is not None and event_id is not None:
        if any((problem, status, event, day)):
            fail("EVENT_ID names the one event: leave out what selects several.", NOT_POSSIBLE)
        _resend_one(page_id, event_id, why, as_json=as_json)
        return
    selection = Selection(page_id=page_id, problem=problem, status=status, event=event, day=_read_day(day))
    if page_id is None and problem is None:
        fail("Say which: PAGE_ID, PAGE_ID EVENT_ID, or --problem NAME.", NOT_POSSIBLE)
    if not why.strip():
        fail("Say why with --why: it is written down with your name.", NOT_POSSIBLE)
    _resend_many(selection, why, ask=not yes, as_json=as_json)


def _resend_one(page_id: str, event_id: str, why: str, *, as_json: bool) -> None:
    async def requeue(store: Store) -> tuple[Resent, PageCode | None]:
        row = await Views(store).event(page_id, event_id)
        if row is None:
            return "not_found", None
        about = AuditEntry(at=now_ms(), who=_who(), action="resend", page_id=page_id, event_id=event_id, why=why)
        await Audit(store).write(replace(about, psid=row.psid))
        resent = await Resender(store, StoreClock(store)).resend(page_id, event_id)
        return resent, page_trouble(await Connections(store).readable(page_id))

    resent, trouble = run(requeue)
    told = tell_resent(page_id, event_id, resent)
    if as_json:
        show_json(told)
    if not told.requeued:
        fail(f"It is not sent again: {told.sentence.en if told.sentence else REFUSED[told.outcome]}", FOUND_NOTHING)
    if not as_json:
        held = f" {Answer(None, trouble).sentence('en')}" if trouble else ""
        typer.echo(f"{event_id} waits to be sent again.{held}")


def _resend_many(selection: Selection, why: str, *, ask: bool, as_json: bool) -> None:
    async def look(store: Store) -> Estimate:
        return await BulkResend(store, StoreClock(store)).estimate(selection)

    async def requeue(store: Store) -> Estimate:
        audit, chosen = Audit(store), str(selection)
        await audit.write(_of_many(selection, "resend_many", why, chosen))
        done = await BulkResend(store, StoreClock(store)).resend(selection)
        await audit.write(_of_many(selection, "resent_many", why, f"{chosen} {done}"))
        return done

    found = run(look)
    # What a program reads from stdout is what was done, and nothing else.
    typer.echo(_say(found, "can be sent again"), err=True)
    if not found.resendable:
        raise typer.Exit(FOUND_NOTHING)
    if ask:
        typer.confirm("Send them again?", abort=True, err=True)
    done = run(requeue)
    if as_json:
        show_json(tell_estimate(done))
    else:
        typer.echo(_say(done, "wait to be sent again"))


def _of_many(selection: Selection, action: str, why: str, detail: str) -> AuditEntry:
    return AuditEntry(at=now_ms(), who=_who(), action=action, page_id=selection.page_id or "", why=why, detail=detail)


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        # A container's user often has a number only.
        return f"cli:{os.getuid()}"


def _say(found: Estimate, do: str) -> str:
    words = {
        "expired_unsent": "are past 7 days",
        "outcome_unknown": "may have arrived (47 h)",
        "queued": "wait already",
        "page_paused": "wait until the page is resumed",
        "page_not_connected": "wait until the page is connected",
        "authorisation_needed": "wait for a new authorisation",
    }
    refused = "; ".join(f"{number} {words.get(why, why)} and are refused" for why, number in found.refused.items())
    more = f" There are more: {MOST} go at a time." if found.more else ""
    return f"{found.matching} match: {found.resendable} {do}{f'; {refused}' if refused else ''}.{more}"


def _read_day(day: str | None) -> str | None:
    if day is None:
        return None
    try:
        # Python also reads 20261124 and 2026-W48-2, by which no event is filed.
        return date.fromisoformat(day).isoformat()
    except ValueError:
        fail("--day must be a date, YYYY-MM-DD", NOT_POSSIBLE)
