"""Sessions: a link opens one once, it lives while it is used but not for ever, and nothing of it outlives it."""

import asyncio
from hashlib import sha256

import pytest
from msgspec.structs import replace

from actors import keys
from actors.sessions import IDLE_S, LONGEST_MS, Session, SessionPage, Sessions
from tests.stores import Store

NOW = 1_790_000_000_000
SESSION = Session(
    id="secret-session-id",
    sub="user-1",
    store_id="1000",
    role="owner",
    lang="vi",
    csrf="secret-csrf",
    pages=(SessionPage("900", "Đầm xinh", "https://example.com/p.jpg", "ciphertext"), SessionPage("901", "Giày")),
    began_at=NOW,
)
KEY = keys.session(sha256(b"secret-session-id").hexdigest())


@pytest.fixture
async def sessions(store: Store) -> Sessions:
    """Give sessions with one open, by the link "link-1"."""
    sessions = Sessions(store)
    assert await sessions.open(SESSION, "link-1", 300)
    return sessions


async def test_a_session_is_read_as_it_was_opened(sessions: Sessions) -> None:
    assert await sessions.use("secret-session-id", NOW) == SESSION


async def test_an_unknown_id_has_no_session(sessions: Sessions) -> None:
    assert await sessions.use("another-id", NOW) is None


async def test_who_reads_redis_learns_no_session_id(sessions: Sessions, store: Store) -> None:
    texts = [key async for key in store.scan_iter()] + [await store.get(keys.session_link("link-1"))]
    texts += (await store.hgetall(KEY)).values()
    assert not any(b"secret-session-id" in text for text in texts)
    assert await sessions.use(sha256(b"secret-session-id").hexdigest(), NOW) is None


async def test_a_link_opens_one_session_however_many_try_at_once(store: Store) -> None:
    sessions = Sessions(store)
    tries = [replace(SESSION, id=f"id-{number}") for number in range(10)]
    opened = await asyncio.gather(*(sessions.open(each, "link-2", 300) for each in tries))
    assert sum(opened) == 1
    found = [await sessions.use(each.id, NOW) for each in tries]
    assert [each is not None for each in found] == opened


async def test_opening_again_for_a_lost_reply_succeeds(sessions: Sessions) -> None:
    """The client repeats what got no answer: the same session is not somebody else's use of the link."""
    assert await sessions.open(SESSION, "link-1", 300)


async def test_the_link_is_remembered_as_long_as_it_could_be_tried(sessions: Sessions, store: Store) -> None:
    assert 295 <= await store.ttl(keys.session_link("link-1")) <= 300
    await sessions.close("secret-session-id")
    assert not await sessions.open(replace(SESSION, id="late"), "link-1", 300)


async def test_use_keeps_a_session_alive(sessions: Sessions, store: Store) -> None:
    await store.expire(KEY, 10)
    await sessions.use("secret-session-id", NOW)
    assert await store.ttl(KEY) > IDLE_S - 5


async def test_no_use_keeps_a_session_alive_for_ever(sessions: Sessions) -> None:
    assert await sessions.use("secret-session-id", NOW + LONGEST_MS - 1) is not None
    assert await sessions.use("secret-session-id", NOW + LONGEST_MS) is None


async def test_a_closed_session_is_gone_with_its_notes(sessions: Sessions, store: Store) -> None:
    await sessions.keep("secret-session-id", "draft:900", b"x")
    await sessions.close("secret-session-id")
    assert await sessions.use("secret-session-id", NOW) is None
    assert await store.exists(KEY) == 0


async def test_notes_are_kept_by_name_and_hidden_from_the_session(sessions: Sessions) -> None:
    assert await sessions.keep("secret-session-id", "draft:900", b"\xff\x00")
    assert await sessions.kept("secret-session-id", "draft:900") == b"\xff\x00"
    assert await sessions.kept("secret-session-id", "draft:901") is None
    assert await sessions.use("secret-session-id", NOW) == SESSION


async def test_a_note_never_makes_an_ended_session_again(sessions: Sessions, store: Store) -> None:
    """What came back to life would have no end."""
    await sessions.close("secret-session-id")
    assert not await sessions.keep("secret-session-id", "draft:900", b"x")
    await sessions.speak("secret-session-id", "en")
    assert await store.exists(KEY) == 0


async def test_a_note_is_taken_by_one_only(sessions: Sessions) -> None:
    await sessions.keep("secret-session-id", "state:1", b"x")
    taken = await asyncio.gather(*(sessions.drop("secret-session-id", "state:1") for _ in range(10)))
    assert sum(taken) == 1
    assert await sessions.kept("secret-session-id", "state:1") is None


async def test_a_session_speaks_the_language_last_asked_for(sessions: Sessions) -> None:
    await sessions.speak("secret-session-id", "en")
    session = await sessions.use("secret-session-id", NOW)
    assert session is not None
    assert session.lang == "en"


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("admin", True), ("staff", False), ("Owner", False), ("", False)]
)
def test_owners_and_admins_may_change(role: str, *, may: bool) -> None:
    assert replace(SESSION, role=role).may_change is may
