"""Coverage-guided fuzzing: ``python -m tests.fuzz --seconds 60 [TARGET …]``. What it finds stays in ``cases``.

The corpus grows from run to run in ``.fuzz``. Needs atheris, which exists for some systems only; without it nothing is
done, and said so. https://github.com/google/atheris
"""

import argparse
import importlib
import random
import subprocess
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

SECONDS = 60
TIMEOUT_S = 5
MOST_MIB = 1024
MOST_BYTES = 64 * 1024
CORPUS = Path(".fuzz")


def main() -> int:
    """Fuzz each target in a process of its own: libFuzzer ends the one it runs in."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="messenger, haravan, recogniser; all by default")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError as missing:
        sys.stdout.write(f"fuzz: skipped, atheris cannot be used here ({missing})\n")
        return 0
    if wanted.alone:
        _fuzz(atheris, wanted.targets[0], wanted.seconds)
    names = wanted.targets or ("messenger", "haravan", "recogniser")
    return max(_in_a_process(name, wanted.seconds) for name in names)


def _in_a_process(name: str, seconds: int) -> int:
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(seconds), "--alone"]
    ended = subprocess.run(command, check=False)
    sys.stdout.write(f"fuzz: {name}: {'nothing found' if ended.returncode == 0 else 'see tests/fuzz/cases'}\n")
    return min(abs(ended.returncode), 1)


def _fuzz(atheris: Any, name: str, seconds: int) -> None:  # noqa: ANN401  the module has no types
    instrumented: AbstractContextManager[None] = atheris.instrument_imports(include=["gateway", "rules"])
    with instrumented:
        targets: Any = importlib.import_module("tests.fuzz.targets")
    mutating: Any = importlib.import_module("tests.fuzz.mutating")
    known = tuple(targets.seeds(name))

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        # Bytes at random rarely stay JSON: every second time the damage is one that JSON survives.
        if seed % 2:
            return bytes(atheris.Mutate(data, most))
        return bytes(mutating.damage(data, known, random.Random(seed))[:most])

    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    (targets.CASES / name).mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(known):
        (folder / f"seed-{number}").write_bytes(seed)
    words = CORPUS / "words"
    words.write_text("".join(_quoted(mutating.TOKENS)))
    options = {
        "max_total_time": seconds,
        "timeout": TIMEOUT_S,
        "rss_limit_mb": MOST_MIB,
        "max_len": MOST_BYTES,
        "artifact_prefix": f"{targets.CASES / name}/",
        "dict": words,
        "print_final_stats": 1,
        "verbosity": 0,
    }
    arguments = [sys.argv[0], *(f"-{option}={value}" for option, value in options.items())]
    folders = [str(folder), str(targets.CASES / name)]
    atheris.Setup(arguments + folders, targets.TARGETS[name], custom_mutator=mutate)
    atheris.Fuzz()


def _quoted(tokens: Iterable[bytes]) -> Iterable[str]:
    # A word of libFuzzer's dictionary is at most 64 bytes.
    for token in tokens:
        if len(token) <= 64:
            yield '"' + "".join(f"\\x{byte:02X}" for byte in token) + '"\n'


if __name__ == "__main__":
    sys.exit(main())
