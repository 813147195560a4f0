"""Failures as pages: what a handler raises becomes a plain page in the seller's language, never a stack trace."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.pages.areas import SELLERS, area
from gateway.pages.errors import NOT_FOUND, PageError
from gateway.pages.rendering import render, said
from gateway.pages.session import SESSION


@web.middleware
async def friendly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a refusal with its page. A store that is away, and bugs, are for the application to notice and log."""
    try:
        return await handler(request)
    except PageError as error:
        return _page(request, error)
    except web.HTTPMethodNotAllowed as error:
        response = _page(request, PageError("method", error.status))
        response.headers["Allow"] = error.headers["Allow"]
        return response
    except web.HTTPNotFound:
        return _page(request, NOT_FOUND.error())
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _page(request, PageError("request", error.status))


def tell_failure(request: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the store is away (503) or that something unexpected happened, with the number it is logged under."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _page(request, PageError("unavailable", status))
    return _page(request, PageError("broken", status, request_id=request_id))


def _page(request: web.Request, error: PageError) -> web.Response:
    where, session = area(request), request.get(SESSION)
    own = f"{where.words}error.{error.kind}"
    return render(
        request,
        "error.html.j2",
        status=error.status,
        words=own if said(f"{own}.title") else f"error.{error.kind}",
        values=error.values,
        following=error.following,
        known=session is not None and session.is_support == (where is not SELLERS),
        to_overview=f"{where.words}to_overview",
    )
