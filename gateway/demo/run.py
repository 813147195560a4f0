"""Running the demo from its first to its last line."""

import asyncio
import contextlib
import logging
import os
import signal
from collections import Counter
from typing import Final, TypeVar

import msgspec
import structlog
import uvloop
from msgspec import Struct
from rich.console import Console

from gateway.api.shapes import ConversationShape, EventsShape, TimelineShape
from gateway.clock import now_ms
from gateway.demo import show
from gateway.demo.seller import PAGE_ID
from gateway.demo.stage import Stage, open_stage
from gateway.demo.story import LASTS_MS, PSID, Step, StoryError, connect, play, tell
from gateway.explain import draw_conversation, draw_timeline
from gateway.logs import configure_logging
from rules.catalogue import Language
from rules.events import EVENT_NAMES

PATIENCE_S: Final = 30.0
"""How long TikTok may take for the four events."""

LOOKS_EVERY_S: Final = 0.05
CONVERSATION: Final = f"/api/conversations/{PAGE_ID}/{PSID}"

Shape = TypeVar("Shape", bound=Struct)


def run_demo(language: Language, *, leave: bool) -> int:
    """Play the demo; then leave, or serve until SIGTERM or SIGINT. Returns the exit code. Raises SettingsError."""
    configure_logging()
    # The picture is the output here; errors still come through.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return uvloop.run(_demo(Console(), language, leave=leave))


async def _demo(console: Console, language: Language, *, leave: bool) -> int:
    async with open_stage(os.environ) as stage:
        try:
            complete = await perform(stage, console, language)
        except StoryError as error:
            console.print(str(error), style="bold red")
            complete = False
        if not leave:
            console.print("", show.heading(show.SERVING, language))
            console.print(show.addresses(stage, language), soft_wrap=True, highlight=False)
            await _interrupted()
        return 0 if complete else 1


async def perform(stage: Stage, console: Console, language: Language) -> bool:
    """Play the story and print what came of it; return whether all four events were accepted, each once.

    Raises StoryError.
    """
    console.print(show.heading(show.STORY, language), show.actors(language))
    await connect(stage)
    unchanged = True
    for step in tell(now_ms() - LASTS_MS):
        await play(stage, step)
        console.print(show.step(step, language))
        if step.repeated:
            unchanged &= await _repeat(stage, console, language, step)
    complete = await _delivered(stage)
    found = await _get(stage, CONVERSATION, ConversationShape)
    timeline = await _get(stage, f"{CONVERSATION}/timeline?limit=200", TimelineShape)
    console.print("", show.heading(show.TIMELINE, language), draw_timeline(timeline.entries, language))
    console.print("", show.heading(show.STANDING, language), draw_conversation(found, language, now_ms()))
    console.print("", show.heading(show.ACCEPTED, language), show.accepted(stage, language))
    if not complete:
        console.print(show.incomplete(language))
    return complete and unchanged


async def _repeat(stage: Stage, console: Console, language: Language, step: Step) -> bool:
    before = await _get(stage, CONVERSATION, ConversationShape)
    await play(stage, step)
    after = await _get(stage, CONVERSATION, ConversationShape)
    # Deliveries go on meanwhile; what was counted must not.
    changed = (before.counters, before.clicks, before.orders) != (after.counters, after.clicks, after.orders)
    console.print(show.repetition(language, changed=changed))
    return not changed


async def _delivered(stage: Stage) -> bool:
    """Wait until every event is settled; return whether TikTok has accepted each of the four, and each once."""
    wanted = Counter(EVENT_NAMES)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                log = await _get(stage, f"/api/pages/{PAGE_ID}/events", EventsShape)
                if sum(event.settled_at is not None for event in log.events) >= len(EVENT_NAMES):
                    break
                await asyncio.sleep(LOOKS_EVERY_S)
    return Counter(event.event for event in stage.sandbox.accepted) == wanted


async def _get(stage: Stage, path: str, wanted: type[Shape]) -> Shape:
    headers = {"Authorization": f"Bearer {stage.settings.admin_token.reveal()}"}
    async with stage.http.get(path, headers=headers) as response:
        if not response.ok:
            raise StoryError(f"{path}: HTTP {response.status}")
        return msgspec.json.decode(await response.read(), type=wanted)


async def _interrupted() -> None:
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    await interrupted.wait()
