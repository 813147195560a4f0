"""Failures that are the same, each told once: what it means, since when, how many events on how many pages."""

from typing import Final

from aiohttp import web
from msgspec import Struct

from actors.problems import Problem
from gateway.api.shapes import TIKTOK_NAMES
from gateway.pages.rendering import render
from gateway.parts import PARTS
from gateway.support.access import audited
from gateway.support.naming import clock_of, page_name
from gateway.support.troubles import Trouble, explain, require_name

MOST_PAGES: Final = 100
"""Pages of one problem that are listed, those that failed last first."""


class Line(Struct, frozen=True):
    """One problem in the list."""

    problem: Problem
    trouble: Trouble


async def get_problems(request: web.Request) -> web.Response:
    """List the problems of all pages, the one seen last first."""
    await audited(request, "problems")
    found = await request.config_dict[PARTS].problems.all()
    lines = [Line(problem, explain(problem.name)) for problem in found]
    return render(request, "support/problems.html.j2", problems=lines, shop=clock_of(None))


async def get_problem(request: web.Request) -> web.Response:
    """Show one problem with its pages; one that nobody has (any more) is explained all the same."""
    name, parts = require_name(request), request.config_dict[PARTS]
    await audited(request, "problem", detail=name)
    problem = next((each for each in await parts.problems.all() if each.name == name), None)
    page_ids = [page.page_id for page in problem.pages[:MOST_PAGES]] if problem else []
    connections = await parts.connections.read_all(page_ids)
    return render(
        request,
        "support/problem.html.j2",
        trouble=explain(name),
        problem=problem,
        tiktok_names=TIKTOK_NAMES,
        names={page_id: page_name(connections.get(page_id), page_id) for page_id in page_ids},
        clocks={page_id: clock_of(connections.get(page_id)) for page_id in page_ids},
        shop=clock_of(None),
        most=MOST_PAGES,
    )


ROUTES: Final = (web.get("/problems", get_problems), web.get("/problems/{name}", get_problem))
