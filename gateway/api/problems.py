"""Failures of the API: each becomes a problem document, and says which field of the request to mend."""

import re
from http import HTTPStatus
from typing import TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.problems import problem

Wanted = TypeVar("Wanted")

_FIELD = re.compile(r"at `\$\.([^`]+)`|(?:unknown|missing required) field `([^`]+)`")


class ProblemError(Exception):
    """Ends a request with a problem document. `more` are its extension members."""

    def __init__(self, status: int, detail: str, **more: object) -> None:
        """Say it to a person; a program has the status and what more there is."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more


async def read_body(request: web.Request, wanted: type[Wanted]) -> Wanted:
    """Read a JSON body. Raises ProblemError 400, which names the field that is wrong, missing or unknown."""
    try:
        return msgspec.json.decode(await request.read(), type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad_request("body", error) from error


def read_query(request: web.Request, wanted: type[Wanted]) -> Wanted:
    """Read the query. Raises ProblemError 400, which names the parameter that is wrong or unknown."""
    given = {name: value for name, value in request.query.items() if value}
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise _bad_request("query", error) from error


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals with a problem document. A store that is away, and bugs, are for the application to answer."""
    try:
        return await handler(request)
    except ProblemError as error:
        return problem(error.status, error.detail, **error.more)
    except web.HTTPException as error:
        return _of_http(request, error)


def unauthorised() -> web.Response:
    """Ask for the bearer token."""
    refusal = problem(HTTPStatus.UNAUTHORIZED, "Send the header `Authorization: Bearer` with the value of ADMIN_TOKEN.")
    return _with(refusal, "WWW-Authenticate", 'Bearer realm="api"')


def _of_http(request: web.Request, error: web.HTTPException) -> web.Response:
    if isinstance(error, web.HTTPMethodNotAllowed):
        refusal = problem(error.status, f"{request.method} is not possible here; see Allow.")
        return _with(refusal, "Allow", error.headers["Allow"])
    if error.status == HTTPStatus.NOT_FOUND:
        return problem(error.status, "There is nothing under this path; see /openapi.json.")
    return problem(error.status, error.reason)


def _bad_request(part: str, error: Exception) -> ProblemError:
    found = _FIELD.search(str(error))
    field = next((name for name in found.groups() if name), "") if found else ""
    more = {"field": field} if field else {}
    return ProblemError(HTTPStatus.BAD_REQUEST, f"The {part} cannot be used: {error}.", **more)


def _with(response: web.Response, header: str, value: str) -> web.Response:
    response.headers[header] = value
    return response
