"""What the sources themselves must show: secrets compared in constant time, and requests that go nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

GATEWAY = Path(__file__).parents[2] / "gateway"
SOURCES = {
    path.relative_to(GATEWAY): ast.parse(path.read_text())
    for path in sorted(GATEWAY.rglob("*.py"))
    # The stand-ins for TikTok, Meta and HaraSocial know no secret but made-up ones.
    if not {"sandbox", "demo"} & set(path.relative_to(GATEWAY).parts)
}
SECRET = re.compile(r"(^|_)(secrets?|tokens?|csrf|signature|digest|mark|password|hmac|reveal|signed|code_verifier)$")
ASKING = {"get", "post", "put", "delete", "request", "ws_connect"}
ASKERS = {"graph.py", "tiktok_api.py"}
"""The only modules that send requests: to addresses of the settings, with paths of their own."""


def names(node: ast.AST) -> Iterator[str]:
    """Give the names that an expression is made of, but not what is asked of whole collections (`len`, `None`)."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


def unsafe_comparisons(tree: ast.AST) -> Iterator[int]:
    """Give the lines that compare a secret byte by byte, so that the time tells how much was right."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops):
            sides = [node.left, *node.comparators]
            if any(SECRET.search(name) for side in sides for name in names(side)):
                yield node.lineno


def requests(tree: ast.AST) -> Iterator[ast.Call]:
    """Give the calls that send a request: those that are waited for as a context, as aiohttp's clients want it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith):
            for call in (item.context_expr for item in node.items):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKING:
                    yield call


def test_secrets_are_compared_in_constant_time() -> None:
    assert [f"{name}:{line}" for name, tree in SOURCES.items() for line in unsafe_comparisons(tree)] == []
    using = {str(name) for name, tree in SOURCES.items() if "compare_digest" in names(tree)}
    assert using == {
        *("api/access.py", "data_deletion.py", "pages/session.py", "webhooks.py"),
        *("haravan/signature.py", "messenger/signature.py"),
    }


@pytest.mark.parametrize(
    "source",
    [
        "given == settings.admin_token.reveal()",
        "session.csrf != given",
        "given in tokens",
        "_sign(secret, body) == given",
        "any(hmac.digest(each, body, 'sha256') == given for each in ours)",
    ],
)
def test_a_comparison_that_is_not_would_be_found(source: str) -> None:
    assert [*unsafe_comparisons(ast.parse(source))] == [1]


def test_requests_leave_from_few_places_and_never_follow_a_redirect() -> None:
    sending = {str(name): [*requests(tree)] for name, tree in SOURCES.items() if [*requests(tree)]}
    assert sending.keys() == ASKERS
    for name, calls in sending.items():
        for call in calls:
            given = {each.arg: ast.unparse(each.value) for each in call.keywords}
            assert given.get("allow_redirects") == "False", f"{name}:{call.lineno}"
