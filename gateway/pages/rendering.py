"""From a template and its values to the answer: autoescaped, strict, in the seller's language."""

from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.api.telling import order_name
from gateway.pages import formats, paths
from gateway.pages.areas import Area, area
from gateway.pages.session import SESSION, language
from gateway.pages.words import PHRASES
from rules.catalogue import Language

STATIC: Final = files("gateway") / "static"


def render(
    request: web.Request,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    **context: Any,  # noqa: ANN401  a template takes what its page knows
) -> web.Response:
    """Fill a template. Besides `context` it knows `t` (words), `session` (or None), `csrf`, `lang` and `path`."""
    lang, session, where = language(request), request.get(SESSION), area(request)
    given = {
        "ROOT": where.root,
        "layout": where.layout,
        "t": partial(say, lang),
        "lang": lang,
        "session": session,
        "csrf": session.csrf if session else "",
        "may_change": session is not None and session.may_change,
        "notice": _notice(request),
        "other_language": _other_language(request, lang, where),
        "path": request.path,
    }
    html = _environment().get_template(template).render({**given, **where.given, **context})
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")


def say(lang: Language, key: str, **values: str | int) -> str:
    """Return words in a language, with their values filled in. Raises KeyError for words that nobody wrote."""
    return PHRASES[key].say(lang).format_map(values)


def said(key: str) -> bool:
    """Tell whether there are such words."""
    return key in PHRASES


@cache
def static_path(name: str) -> str:
    """Return the address of a file in ``static``, which changes with its content: browsers may keep it for a year."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{paths.ROOT}/static/{name}?{digest}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gateway"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "order_name": order_name,
        "page_path": paths.page_path,
        "static": static_path,
        "said": said,
    }
    environment.filters |= formats.FILTERS
    return environment


def _notice(request: web.Request) -> str:
    # Only words of ours: an address must not be able to put its own on a page.
    key = f"notice.{request.query.get('notice', '')}"
    return key if key in PHRASES else ""


def _other_language(request: web.Request, lang: Language, where: Area) -> str:
    query: Mapping[str, str] = {"lang": "vi" if lang == "en" else "en"}
    here = request.rel_url if request.method == "GET" and request.path.startswith(where.root) else None
    if here is None:
        return f"{where.root}?lang={query['lang']}"
    return str(here.without_query_params("session", "notice").update_query(query))
