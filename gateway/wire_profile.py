"""The wire profile: what TikTok publishes nowhere about message events, as data that an operator can replace.

Nothing else in the code knows these values. The ref recogniser, another unknown, is the setting ``TIKTOK_REF_PATTERN``.
"""

from codecs import BOM_UTF8
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from rules.events import EVENT_NAMES, EventName

Name: TypeAlias = Annotated[str, Meta(min_length=1)]
ItemPath: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z_]+(\.[a-z_]+)*$")]
EndpointPath: TypeAlias = Annotated[str, Meta(pattern=r"^/([a-z0-9_]+/)+$")]

_OURS: Final = (
    "event",
    "event_time",
    "event_id",
    "user.external_id",
    "user.phone",
    "user.email",
    "properties",
)


class WireProfileError(Exception):
    """The file of the wire profile cannot be used. Says which file and which field; nothing was changed."""


class EventSetEndpoints(Struct, frozen=True, forbid_unknown_fields=True):
    """Where message event sets are found and made, below the API's base URL, with the slash at the end."""

    find: EndpointPath
    create: EndpointPath


class WireProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """How an event of ours looks to TikTok.

    `verified`: someone saw TikTok count events of this shape. `event_names` are sent verbatim. `tracking_id_paths` are
    where an item of the request carries the click's tracking id, for example ``ad.callback``.
    """

    event_source: Name
    event_names: dict[EventName, Name]
    tracking_id_paths: Annotated[tuple[ItemPath, ...], Meta(min_length=1)]
    event_set_endpoints: EventSetEndpoints
    send_external_id: bool = True
    verified: bool = False

    def __post_init__(self) -> None:
        """Refuse a profile that leaves an event without a name, or a tracking id without a place of its own."""
        missing = [name for name in EVENT_NAMES if name not in self.event_names]
        if missing:
            raise ValueError(f"`event_names` lacks {', '.join(missing)}")
        for number, path in enumerate(self.tracking_id_paths):
            if any(_overlap(path, other) for other in (*_OURS, *self.tracking_id_paths[:number])):
                raise ValueError(f"`tracking_id_paths` has {path}, where something else is sent already")


def load_wire_profile(path: str | None) -> WireProfile:
    """Read the profile from a JSON file, or the built-in one. Raises `WireProfileError`."""
    source = Path(path) if path else files("gateway") / "wire_profile.json"
    try:
        return msgspec.json.decode(source.read_bytes().removeprefix(BOM_UTF8), type=WireProfile)
    except (OSError, msgspec.DecodeError) as error:
        raise WireProfileError(f"wire profile {path}: {error}") from error


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
