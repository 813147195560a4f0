"""The API under ``/api/``: page connections, conversations, delivery log. `routes` lists it, `shapes` has its JSON."""

from aiohttp import web

from gateway.api.access import authorised
from gateway.api.problems import problems
from gateway.api.routes import ROUTES


def make_api() -> web.Application:
    """Build the application to mount at ``/api/``. It finds the parts in the application that it is mounted in."""
    api = web.Application(middlewares=[problems, authorised])
    for route in ROUTES:
        # By itself aiohttp takes no braces for a part of a path; but ids are opaque.
        api.router.add_route(route.method, route.path.replace("}", ":[^/]+}"), route.handler)
    return api
