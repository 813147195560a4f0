"""The settings: the environment, read once into one frozen Struct. Every problem is reported at once."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, Generic, TypeVar
from unicodedata import category
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from msgspec import Struct

from actors.connect import open_store
from gateway.ref_pattern import compile_ref_pattern
from gateway.surrogates import is_unicode
from gateway.wire_profile import WireProfile, WireProfileError, load_wire_profile
from rules.clicks import Recogniser

Value = TypeVar("Value")

_STORE_SCHEMES: Final = ("redis", "rediss", "redis+cluster")
_MOST_PORT: Final = 65_535


class Secret(Generic[Value]):
    """A value that must not be shown: however it is printed, it prints as stars."""

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        """Hide a value."""
        self._value = value

    def reveal(self) -> Value:
        """Return what is hidden, for whoever needs it."""
        return self._value

    def __repr__(self) -> str:
        """Return stars."""
        return "***"


class SettingsError(Exception):
    """The environment cannot be used. `problems` has one line for every wrong or missing setting, naming it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the lines; as text they stand one below another."""
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(Struct, frozen=True, kw_only=True):
    """All that an operator decides. An empty `redis_url` means the embedded store."""

    host: str
    port: int
    public_url: str
    drain_s: float
    redis_url: Secret[str]
    durable_on_replica: bool
    allow_eviction: bool
    messenger_app_secrets: Secret[tuple[str, ...]]
    messenger_verify_token: Secret[str]
    harasocial_webhook_secrets: Secret[tuple[str, ...]]
    harasocial_session_secret: Secret[str]
    admin_token: Secret[str]
    encryption_keys: Secret[tuple[str, ...]]
    tiktok_app_id: str
    tiktok_app_secret: Secret[str]
    tiktok_api_url: str
    tiktok_auth_url: str
    graph_api_url: str
    tiktok_events_per_second: float
    tiktok_events_burst: int
    wire_profile: WireProfile
    ref_pattern: Recogniser
    count_all_postbacks: bool

    @property
    def embedded(self) -> bool:
        """Whether the store lives in this process and dies with it."""
        return not self.redis_url.reveal()


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings. Raises SettingsError with everything that is wrong; its text holds no value that was set."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in _SETTINGS:
        try:
            values[setting.field] = _read(setting, environment)
        except SettingsError as error:
            problems += error.problems
    if values.get("durable_on_replica") and not values.get("redis_url", Secret("redis:")).reveal().startswith(_SINGLE):
        problems.append("REDIS_DURABILITY=replica needs a single Redis in REDIS_URL, neither embedded nor a cluster")
    if problems:
        raise SettingsError(tuple(problems))
    values["public_url"] = values["public_url"] or _local_url(values["host"], values["port"])
    return Settings(**values)


def load_setting(environment: Mapping[str, str], name: str) -> Any:  # noqa: ANN401  each setting has its own type
    """Read one setting by itself, for a command that needs no others. Raises SettingsError."""
    return _read(next(setting for setting in _SETTINGS if setting.name == name), environment)


def _read(setting: "_Setting", environment: Mapping[str, str]) -> Any:  # noqa: ANN401  likewise
    text = environment.get(setting.name, "").strip() or setting.default
    if text is None:
        raise SettingsError((f"{setting.name} is required, but not set",))
    if not is_unicode(text):
        raise SettingsError((f"{setting.name} is not Unicode text in UTF-8",))
    try:
        return setting.parse(text)
    except (ValueError, WireProfileError) as error:
        raise SettingsError((f"{setting.name} {error}",)) from None


def _local_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _port(text: str) -> int:
    number = _count(text)
    if number > _MOST_PORT:
        raise ValueError(f"must be at most {_MOST_PORT}")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError("must be a whole number above 0")
    return int(text)


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not (isfinite(number) and number > 0):
        raise ValueError("must be a number above 0")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (isfinite(number) and number >= 0):
        raise ValueError("must be a number of seconds, 0 or above")
    return number


def _choice(off: str, on: str) -> Callable[[str], bool]:
    def parse(text: str) -> bool:
        if text not in {off, on}:
            raise ValueError(f"must be {off} or {on}")
        return text == on

    return parse


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("must be a URL whose host is a name or an address and whose port is a number") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http:// or https:// URL without a query")
    return text.rstrip("/")


def _optional_http_url(text: str) -> str:
    return _http_url(text) if text else ""


def _store_url(text: str) -> Secret[str]:
    if not text:
        return Secret(text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        # Not the library's words, and not chained: they could quote a password.
        raise ValueError("must be a URL whose port is a number and whose password is percent-encoded") from None
    named = parts.hostname if parts.scheme in _STORE_SCHEMES else parts.scheme == "unix" and parts.path
    if not named:
        raise ValueError("must be a redis://, rediss://, unix:// or redis+cluster:// URL with a host or path")
    database = parts.path.strip("/")
    if parts.scheme != "unix" and database and not (database.isascii() and database.isdigit()):
        raise ValueError("must name its database by a number, as redis://host:6379/0 does")
    open_store(text)  # raises ValueError for what the client does not take
    return Secret(text)


def _secret(text: str) -> Secret[str]:
    return Secret(text)


def _header_secret(text: str) -> Secret[str]:
    if any(category(letter) == "Cc" for letter in text):
        raise ValueError("has a line feed or another control character in it, which no header can carry")
    return Secret(text)


def _secrets(text: str) -> Secret[tuple[str, ...]]:
    each = tuple(part.strip() for part in text.split(","))
    if not all(each):
        raise ValueError("has an empty entry: separate several by one comma each")
    return Secret(each)


def _fernet_keys(text: str) -> Secret[tuple[str, ...]]:
    keys = _secrets(text)
    for number, key in enumerate(keys.reveal(), start=1):
        try:
            Fernet(key)
        except ValueError:
            # Not the library's words, and not chained: they could quote the key.
            raise ValueError(f"has no Fernet key (32 bytes as URL-safe base64) in place {number}") from None
    return keys


def _wire_profile(text: str) -> WireProfile:
    return load_wire_profile(text or None)


class _Setting(Struct, frozen=True):
    """One environment variable: the field it fills, how it is read, and what it is when not set (None: required)."""

    name: str
    field: str
    parse: Callable[[str], Any]
    default: str | None = None


_SINGLE: Final = ("redis:", "rediss:", "unix:")

_SETTINGS: Final = (
    _Setting("HOST", "host", str, "127.0.0.1"),
    _Setting("PORT", "port", _port, "8080"),
    _Setting("PUBLIC_URL", "public_url", _optional_http_url, ""),
    _Setting("DRAIN_SECONDS", "drain_s", _seconds, "0"),
    _Setting("REDIS_URL", "redis_url", _store_url, ""),
    _Setting("REDIS_DURABILITY", "durable_on_replica", _choice("none", "replica"), "none"),
    _Setting("REDIS_ALLOW_EVICTION", "allow_eviction", _choice("no", "yes"), "no"),
    _Setting("MESSENGER_APP_SECRET", "messenger_app_secrets", _secrets),
    _Setting("MESSENGER_VERIFY_TOKEN", "messenger_verify_token", _secret),
    _Setting("HARASOCIAL_WEBHOOK_SECRET", "harasocial_webhook_secrets", _secrets),
    _Setting("HARASOCIAL_SESSION_SECRET", "harasocial_session_secret", _secret),
    _Setting("ADMIN_TOKEN", "admin_token", _header_secret),
    _Setting("ENCRYPTION_KEYS", "encryption_keys", _fernet_keys),
    _Setting("TIKTOK_APP_ID", "tiktok_app_id", str),
    _Setting("TIKTOK_APP_SECRET", "tiktok_app_secret", _secret),
    _Setting("TIKTOK_API_URL", "tiktok_api_url", _http_url, "https://business-api.tiktok.com/open_api/v1.3"),
    _Setting("TIKTOK_AUTH_URL", "tiktok_auth_url", _http_url, "https://business-api.tiktok.com/portal/auth"),
    _Setting("GRAPH_API_URL", "graph_api_url", _http_url, "https://graph.facebook.com/v23.0"),
    _Setting("TIKTOK_EVENTS_PER_SECOND", "tiktok_events_per_second", _rate, "50"),
    _Setting("TIKTOK_EVENTS_BURST", "tiktok_events_burst", _count, "100"),
    _Setting("TIKTOK_WIRE_PROFILE", "wire_profile", _wire_profile, ""),
    _Setting("TIKTOK_REF_PATTERN", "ref_pattern", compile_ref_pattern, ".+"),
    _Setting("COUNT_POSTBACKS", "count_all_postbacks", _choice("get_started", "all"), "get_started"),
)
