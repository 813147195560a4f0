"""The words of the pages: complete in both languages, said once, and all that a template asks for is there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from gateway.pages.rendering import static_path
from gateway.pages.words import PARTS, PHRASES

FOLDER = Path(__file__).parents[3] / "gateway" / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.j2"))


def values(text: str) -> set[str]:
    """Return the values that words are filled with."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_no_key_is_written_twice() -> None:
    assert sum(map(len, PARTS)) == len(PHRASES)


@pytest.mark.parametrize("key", PHRASES)
def test_both_languages_say_the_same(key: str) -> None:
    words = PHRASES[key]
    assert words.vi.strip()
    assert words.en.strip()
    assert values(words.vi) == values(words.en)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_templates_ask_for_words_that_exist(template: Path) -> None:
    asked = re.findall(r"""\bt\("([^"]+)"[,)]""", template.read_text())
    assert [key for key in asked if key not in PHRASES] == []


def test_no_template_turns_escaping_off_or_runs_inline_code() -> None:
    forbidden = re.compile(r"\|\s*safe|autoescape|<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:")
    assert [path.name for path in TEMPLATES if forbidden.search(path.read_text())] == []


def test_a_static_files_address_changes_with_its_content() -> None:
    assert re.fullmatch(r"/settings/integrations/tiktok/static/style\.css\?[0-9a-f]{12}", static_path("style.css"))
    assert static_path("style.css") != static_path("icon.svg")
