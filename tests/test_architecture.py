"""The house rules that nobody should have to check by hand: who imports whom, what lives where, how large it may be."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("rules", "actors", "gateway")
SOURCES = {p.relative_to(ROOT): p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}
TESTS = {p.relative_to(ROOT): ast.parse(p.read_text()) for p in sorted((ROOT / "tests").rglob("*.py"))}
SCRIPTS = {p.relative_to(ROOT): p.read_text() for p in sorted(ROOT.glob("actors/lua/*.lua"))}

LIBRARIES = {
    "rules": {"rules", "msgspec"},
    "actors": {"actors", "rules", "hiredis", "msgspec", "redis", "structlog", "prometheus_client"},
}
IMPURE = {"asyncio", "http", "io", "logging", "os", "random", "secrets", "select", "socket", "ssl"}
IMPURE |= {"subprocess", "tempfile", "threading", "time", "urllib", "uuid"}
ENVIRONMENT_AND_HTTP = {"http", "os", "urllib"}
VAGUE = {"util", "utils", "helper", "helpers", "common", "base", "manager", "service", "data", "misc"}
LOOP_TOPS = {
    "actors/conversation.py _decide",
    "actors/conversation.py _set_aside",
    "actors/conversation.py _stored",
    "actors/lane.py _drain",
    "actors/pulse.py _write",
    "actors/sender.py _claim",
    "actors/sender.py _deliver",
    "gateway/app.py answer_errors",
    "gateway/page_checking.py _check_due",
}
"""The only functions that may catch every exception: what they run must not end them."""

CANCELS = {
    "actors/background.py in_background",
    "actors/sender.py _drain",
    "gateway/processes.py _started",
    "gateway/processes.py end",
}
"""The only functions that may cancel a task: it ends by itself in the end. redis-py can lose a cancellation, so a loop
is asked to end; cancelled, it would go on for ever, and so would its process."""

TIMERS = {"gateway/listening.py stop", "gateway/webhooks.py __enter__", "gateway/webhooks.py __exit__"}
"""The only functions that make a timer that cancels, or cancel one."""

MANY_ARGUMENTS = {
    "rules/delivery.py next_step",
    "gateway/commands/conversation.py timeline",
    "gateway/commands/resend.py resend",
    "gateway/commands/what_if.py whatif",
}
"""The only functions with more than five arguments: all that is known of one attempt, a command with its options."""

MAX_FILE, MAX_FUNCTION, MAX_ARGUMENTS, MAX_BRANCHES = 400, 50, 5, 12
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Give each import as (module, name), the name empty for a plain import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name their package"
            yield from ((node.module or "", alias.name) for alias in node.names)


def may_import(package: str, module: str) -> bool:
    """Whether a module of the package may import that one."""
    top = module.partition(".")[0]
    if package == "gateway":
        return top != "tests"
    forbidden = IMPURE if package == "rules" else ENVIRONMENT_AND_HTTP
    return top in LIBRARIES[package] or (top in sys.stdlib_module_names and top not in forbidden)


def functions(tree: ast.AST) -> Iterator[Function]:
    """Give every function, however deep."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def functions_with(found: Callable[[ast.AST], bool]) -> set[str]:
    """Name the functions, by file, in which there is such a node."""
    return {
        f"{name} {function.name}"
        for name, tree in TREES.items()
        for function in functions(tree)
        if any(map(found, ast.walk(function)))
    }


def texts(tree: ast.AST) -> Iterator[str]:
    """Give every string but docstrings, which may show a key as it is."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def public(tree: ast.Module | ast.ClassDef) -> Iterator[Public]:
    """Give what others may use: public classes, functions and methods."""
    for node in tree.body:
        if isinstance(node, Public) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def argument_count(function: Function) -> int:
    """Count arguments without self and cls."""
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in named)


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether the clause catches every exception, alone or among others."""
    caught = set() if handler.type is None else {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)}
    return handler.type is None or bool(caught & {"Exception", "BaseException"})


def numbers_in(script: str) -> set[str]:
    """Name a script's variables that hold numbers: counted, calculated or converted ones."""
    loops = set(re.findall(r"\bfor (\w+) =", script))
    assigned = re.findall(r"\b(\w+) = ([^=\n]+)", script)
    return loops | {name for name, value in assigned if re.match(r"-?[\d#]|tonumber\(|math\.|[\w.]+ [-+*/%] ", value)}


def test_there_is_something_to_check() -> None:
    assert {name.parts[0] for name in SOURCES} == set(PACKAGES)
    assert SCRIPTS


def test_arrows_point_down_and_each_package_knows_one_outside_world() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in TREES.items()
        for module, _ in imports(tree)
        if not may_import(name.parts[0], module)
    ]
    assert wrong == []


def test_rules_never_read_a_clock() -> None:
    clocks = {"now", "utcnow", "today"}
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if name.parts[0] == "rules" and isinstance(node, ast.Attribute) and node.attr in clocks
    ]
    assert wrong == []


def test_private_names_stay_in_their_module() -> None:
    wrong = [
        f"{name} imports {module} {imported}"
        for name, tree in (TREES | TESTS).items()
        for module, imported in imports(tree)
        if module != "__future__" and any(part.startswith("_") for part in (*module.split("."), imported))
    ]
    assert wrong == []


def test_hash_tags_are_written_in_keys_only() -> None:
    wrong = [
        f"{name}: {text}"
        for name, tree in TREES.items()
        for text in texts(tree)
        if name != Path("actors/keys.py") and (":{" in text or text == "{")
    ]
    assert wrong + [str(name) for name, script in SCRIPTS.items() if re.search(r"['\"][^'\"\n]*:\{", script)] == []


def test_redis_is_called_in_scripts_only() -> None:
    strays = [name for name, tree in TREES.items() if any(re.search(r"redis\.p?call", t) for t in texts(tree))]
    strays += [p.relative_to(ROOT) for top in PACKAGES for p in (ROOT / top).rglob("*.lua") if p.parent.name != "lua"]
    assert strays == []


def test_nobody_waits_inside_redis() -> None:
    """F15, F18: a blocking read outlasts the socket's time-out, and PubSub goes silent; we ask again instead."""
    waiting = {"pubsub", "blpop", "brpop", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "xread", "xreadgroup"}
    wrong = [
        f"{name}:{node.lineno} {node.attr}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in waiting
    ]
    assert wrong == []


def test_names_end_in_a_word_that_says_something() -> None:
    modules = [name for name in SOURCES if any(part.split("_")[-1] in VAGUE for part in name.with_suffix("").parts)]
    classes = [
        f"{name} {node.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and re.split(r"(?=[A-Z])", node.name)[-1].lower() in VAGUE | {"handler"}
    ]
    assert [*modules, *classes] == []


def test_files_are_short() -> None:
    assert [name for name, path in SOURCES.items() if len(path.read_text().splitlines()) > MAX_FILE] == []


def larger_than(limit: int, measure: Callable[[Function], int]) -> set[str]:
    """Name the functions that measure more than the limit."""
    return {f"{name} {f.name}" for name, tree in TREES.items() for f in functions(tree) if measure(f) > limit}


def test_functions_are_short() -> None:
    assert larger_than(MAX_FUNCTION, lambda function: (function.end_lineno or 0) - function.lineno + 1) == set()


def test_functions_take_few_arguments() -> None:
    assert larger_than(MAX_ARGUMENTS, argument_count) == MANY_ARGUMENTS


def test_functions_branch_little() -> None:
    assert larger_than(MAX_BRANCHES, lambda f: sum(isinstance(node, BRANCHES) for node in ast.walk(f))) == set()


def test_every_module_and_public_name_has_a_docstring() -> None:
    modules = [str(name) for name, tree in TREES.items() if not ast.get_docstring(tree)]
    names = [f"{name} {d.name}" for name, tree in TREES.items() for d in public(tree) if not ast.get_docstring(d)]
    assert modules + names == []


def test_only_loop_tops_catch_everything() -> None:
    assert functions_with(lambda node: isinstance(node, ast.ExceptHandler) and catches_all(node)) == LOOP_TOPS


def test_only_what_ends_by_itself_is_cancelled() -> None:
    assert functions_with(lambda node: isinstance(node, ast.Attribute) and node.attr == "cancel") == CANCELS | TIMERS


@pytest.mark.parametrize("name", SCRIPTS, ids=str)
def test_scripts_never_turn_a_large_number_into_text_by_themselves(name: Path) -> None:
    """`..` and tostring write 1722222222222333 as 1.7222222222222e+15; string.format('%.0f', n) does not."""
    script = re.sub(r"--[^\n]*", "", SCRIPTS[name])
    code = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", script)
    operand = "|".join([r"\d+", "#", r"tonumber\(", r"math\.", *(rf"{n}\b" for n in numbers_in(code))])
    assert re.findall(rf"\btostring\(|\.\.\s*(?:{operand})|\b(?:{operand})\s*\.\.", code) == []


@pytest.mark.parametrize("name", SCRIPTS, ids=str)
def test_scripts_start_with_their_contract(name: Path) -> None:
    assert SCRIPTS[name].startswith("-- ")
