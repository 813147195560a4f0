"""Forms: whoever may send one, known or not, none of them breaks the service or fills its memory."""

import io
from collections.abc import AsyncIterator
from types import MappingProxyType

import pytest

from gateway.data_deletion import PATH
from gateway.forms import LONGEST_FORM
from tests.gateway.pages.visiting import ROOT, link
from tests.gateway.service import Service

URL_ENCODED = "application/x-www-form-urlencoded"
PLACES = (ROOT, PATH, f"{ROOT}/pages/900/pause")


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("multipart/form-data", b"session=", 415),
        ("multipart/form-data; boundary=x", b"--x\r\n", 415),
        ("application/json", b"{}", 415),
        (f"{URL_ENCODED}; charset=klingon", b"session=", 415),
        (f"{URL_ENCODED}; charset=utf-16", b"s", 415),
        (URL_ENCODED, b"session=\xff", 400),
        (URL_ENCODED, b"&a" * (8 * 1024 * 1024), 413),
        (URL_ENCODED, b"a" * (LONGEST_FORM + 1), 413),
        (URL_ENCODED, b"&a" * 500, (401, 403)),
        (URL_ENCODED, b"session=%ff%00%", (401, 403)),
    ],
    ids=[
        *("no boundary", "multipart", "json", "no such charset", "utf-16"),
        *("not UTF-8", "16 MiB", "a byte over", "fields", "escapes"),
    ],
)
async def test_a_form_that_is_none_is_refused(
    sending: Service, path: str, media: str, body: bytes, status: int | tuple[int, ...]
) -> None:
    async with sending.client.post(
        path, data=io.BytesIO(body), headers=MappingProxyType({"Content-Type": media})
    ) as answer:
        assert answer.status in (status if isinstance(status, tuple) else (status,)), await answer.text()


@pytest.mark.parametrize("path", PLACES)
async def test_a_form_of_unknown_length_is_refused(sending: Service, path: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"session="

    async with sending.client.post(path, data=chunks(), headers={"Content-Type": URL_ENCODED}) as answer:
        assert answer.status == 411


async def test_the_longest_link_fits_into_a_form(sending: Service) -> None:
    pages = [{"id": str(n), "name": "Trang", "picture": f"https://cdn.example/{n}.jpg"} for n in range(500)]
    token = link(pages=pages)
    assert len(token) > LONGEST_FORM // 4
    async with sending.client.post(ROOT, data={"session": token}) as answer:
        assert answer.status == 200
