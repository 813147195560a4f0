"""The settings: right ones are read, wrong ones are all named at once, and no secret is ever shown."""

import re
from pathlib import Path

import pytest

from gateway.settings import Secret, SettingsError, load_setting, load_settings
from tests.gateway.web import ENVIRONMENT, settings

REQUIRED = (
    "MESSENGER_APP_SECRET",
    "MESSENGER_VERIFY_TOKEN",
    "HARASOCIAL_WEBHOOK_SECRET",
    "HARASOCIAL_SESSION_SECRET",
    "ADMIN_TOKEN",
    "ENCRYPTION_KEYS",
    "TIKTOK_APP_ID",
    "TIKTOK_APP_SECRET",
)

README = Path(__file__).parents[2] / "README.md"
ROWS = re.findall(r"^\| (`[A-Z].*?) \|", README.read_text(), re.MULTILINE)
ALL = [name for row in ROWS for name in re.findall(r"[A-Z_]+", row)]


def problems(**changes: str) -> tuple[str, ...]:
    """Return what is said of these settings."""
    with pytest.raises(SettingsError) as caught:
        settings(**changes)
    return caught.value.problems


def test_what_is_not_set_has_its_documented_default() -> None:
    found = load_settings({name: value for name, value in ENVIRONMENT.items() if name != "TIKTOK_API_URL"})
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (found.embedded, found.durable_on_replica, found.allow_eviction) == (True, False, False)
    assert found.tiktok_api_url == "https://business-api.tiktok.com/open_api/v1.3"
    assert found.tiktok_auth_url == "https://business-api.tiktok.com/portal/auth"
    assert (found.tiktok_events_per_second, found.tiktok_events_burst) == (50, 100)
    assert found.ref_pattern.search("any ref")
    assert found.drain_s == 0
    assert not found.count_all_postbacks
    assert not found.wire_profile.verified


def test_everything_required_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({})
    assert caught.value.problems == tuple(f"{name} is required, but not set" for name in REQUIRED)


@pytest.mark.parametrize("name", REQUIRED)
def test_an_empty_required_setting_counts_as_missing(name: str) -> None:
    assert problems(**{name: "  "}) == (f"{name} is required, but not set",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "²"),
        ("PUBLIC_URL", "example.com"),
        ("PUBLIC_URL", "https://example.com/?x=1"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:port"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "redis://host/notadb"),
        ("REDIS_URL", "redis://host/0/1"),
        ("REDIS_URL", "redis://host/²"),
        ("REDIS_URL", "redis://host?foo=bar"),
        ("REDIS_URL", "redis://host?socket_timeout=abc"),
        ("REDIS_URL", "redis://host?retry=abc"),
        ("REDIS_URL", "redis://host?protocol=9"),
        ("REDIS_URL", "rediss://host?ssl_cert_reqs=perhaps"),
        ("REDIS_URL", "unix:///run/redis.sock?db=first"),
        ("REDIS_URL", "redis+cluster://host?foo=bar"),
        ("REDIS_URL", "redis+cluster://host/notadb"),
        ("REDIS_URL", "redis+cluster://host/1"),
        ("REDIS_DURABILITY", "always"),
        ("REDIS_ALLOW_EVICTION", "true"),
        ("MESSENGER_APP_SECRET", "one,,two"),
        ("ENCRYPTION_KEYS", "short"),
        ("ENCRYPTION_KEYS", ENVIRONMENT["ENCRYPTION_KEYS"] + ",é"),
        ("TIKTOK_API_URL", "ftp://example.com"),
        ("TIKTOK_AUTH_URL", "https://"),
        ("TIKTOK_API_URL", "http://[::1"),
        ("GRAPH_API_URL", "http://host:port"),
        ("PUBLIC_URL", "https://shop\u2100.example"),
        ("ADMIN_TOKEN", "two\nlines"),
        ("ADMIN_TOKEN", "a\x7fb"),
        ("TIKTOK_EVENTS_PER_SECOND", "0"),
        ("TIKTOK_EVENTS_PER_SECOND", "nan"),
        ("TIKTOK_EVENTS_PER_SECOND", "fast"),
        ("DRAIN_SECONDS", "-1"),
        ("DRAIN_SECONDS", "soon"),
        ("TIKTOK_EVENTS_BURST", "1.5"),
        ("TIKTOK_WIRE_PROFILE", "/nowhere/profile.json"),
        ("TIKTOK_REF_PATTERN", "(unclosed"),
        ("TIKTOK_REF_PATTERN", "^(?=tt)"),
        ("COUNT_POSTBACKS", "some"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    (line,) = problems(**{name: value})
    assert line.startswith(f"{name} ")
    assert "\n" not in line


@pytest.mark.parametrize("name", ALL)
def test_bytes_that_are_not_utf_8_are_refused_in_every_setting(name: str) -> None:
    """Python hands them over as lone surrogates."""
    assert problems(**{name: "http://a\udcff"}) == (f"{name} is not Unicode text in UTF-8",)


@pytest.mark.parametrize(
    ("name", "value"), [("TIKTOK_API_URL", "http://[::1"), ("TIKTOK_AUTH_URL", "https://shop\u2100.example")]
)
def test_what_is_no_url_is_said_in_words_of_ours(name: str, value: str) -> None:
    words = "must be a URL whose host is a name or an address and whose port is a number"
    assert problems(**{name: value}) == (f"{name} {words}",)


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost/",
        "rediss://u:p%23@host:6380/1?ssl_cert_reqs=none",
        "redis://host?db=2&socket_timeout=3&client_name=gateway",
        "unix:///run/redis.sock?db=1",
        "redis+cluster://:p@host:7000/0",
    ],
)
def test_a_url_that_the_redis_client_takes_is_taken(url: str) -> None:
    assert settings(REDIS_URL=url).redis_url.reveal() == url


def test_several_wrong_settings_are_all_reported() -> None:
    lines = problems(PORT="x", COUNT_POSTBACKS="x", ADMIN_TOKEN="")
    assert [line.split()[0] for line in lines] == ["PORT", "ADMIN_TOKEN", "COUNT_POSTBACKS"]


@pytest.mark.parametrize("url", ["", "redis+cluster://localhost:7000"])
def test_waiting_for_a_replica_is_refused_where_it_cannot_be_done(url: str) -> None:
    (line,) = problems(REDIS_DURABILITY="replica", REDIS_URL=url)
    assert line.startswith("REDIS_DURABILITY")


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://u:p@host:6380/1", "unix:///run/redis.sock"])
def test_waiting_for_a_replica_is_possible_with_a_single_redis(url: str) -> None:
    assert settings(REDIS_DURABILITY="replica", REDIS_URL=url).durable_on_replica


def test_secrets_may_be_several_for_rotation() -> None:
    found = settings(MESSENGER_APP_SECRET="new, old")
    assert found.messenger_app_secrets.reveal() == ("new", "old")


def test_a_url_loses_its_last_slash_and_an_ipv6_host_gets_its_brackets() -> None:
    assert settings(TIKTOK_API_URL="http://localhost:1/v1/").tiktok_api_url == "http://localhost:1/v1"
    assert settings(HOST="::1").public_url == "http://[::1]:8080"


def test_no_secret_is_shown_however_settings_are_printed() -> None:
    url = "redis://:redis-password@localhost/0"
    shown = f"{settings(REDIS_URL=url)!r} {settings(REDIS_URL=url)}"
    secrets = {value for name, value in ENVIRONMENT.items() if name in REQUIRED and name != "TIKTOK_APP_ID"}
    assert [secret for secret in {*secrets, "redis-password"} if secret in shown] == []
    assert f"{Secret('x')} {Secret('x')!r}" == "*** ***"


def test_what_is_said_of_a_wrong_secret_does_not_quote_it() -> None:
    assert "hunter2" not in "".join(problems(ENCRYPTION_KEYS="hunter2", REDIS_URL="http://:hunter2@host"))


@pytest.mark.parametrize("password", ["hunter2#", "hunter2/", "?hunter2=", "[hunter2", "hunter2\u2100"])
def test_a_password_that_is_not_percent_encoded_is_not_quoted_either(password: str) -> None:
    (line,) = problems(REDIS_URL=f"redis://:{password}@host:6379/0")
    assert line.startswith("REDIS_URL ")
    assert "hunter2" not in line


def test_one_setting_can_be_read_by_itself() -> None:
    assert load_setting({}, "TIKTOK_REF_PATTERN").search("any ref")
    assert load_setting({"COUNT_POSTBACKS": "all"}, "COUNT_POSTBACKS") is True
    with pytest.raises(SettingsError, match="TIKTOK_REF_PATTERN is not a regular expression"):
        load_setting({"TIKTOK_REF_PATTERN": "("}, "TIKTOK_REF_PATTERN")
    with pytest.raises(SettingsError, match="ADMIN_TOKEN is required"):
        load_setting({}, "ADMIN_TOKEN")
