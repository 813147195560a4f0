"""Answers: what the rules say about one event, with the reason and the numbers it was decided on."""

from msgspec import Struct

from rules.catalogue import CATALOGUE, Language, ReasonCode
from rules.events import EventName
from rules.times import DAY_MS, HOUR_MS, MINUTE_MS


class Answer(Struct, frozen=True, omit_defaults=True):
    """Why an event fired or did not. `event` is None where the reason concerns the fact itself, not one event."""

    event: EventName | None
    reason: ReasonCode
    numbers: dict[str, int] = {}

    def sentence(self, language: Language) -> str:
        """Say it to a person, with its numbers filled in."""
        return _fill(CATALOGUE[self.reason].wording(language).sentence, self.numbers, language)

    def remedy(self, language: Language) -> str:
        """Say what to do about it; empty when there is nothing to do."""
        return CATALOGUE[self.reason].wording(language).remedy


def age(milliseconds: int, language: Language) -> str:
    """Write a duration for a person, for example ``7 d 2 h``."""
    day, hour, minute = ("ngày", "giờ", "phút") if language == "vi" else ("d", "h", "min")
    days, rest = divmod(milliseconds, DAY_MS)
    hours, rest = divmod(rest, HOUR_MS)
    return f"{days} {day} {hours} {hour}" if days else f"{hours} {hour} {rest // MINUTE_MS} {minute}"


def _fill(template: str, numbers: dict[str, int], language: Language) -> str:
    words = {name: age(value, language) if name.endswith("_ms") else str(value) for name, value in numbers.items()}
    return template.format_map(words)
