"""Known vulnerabilities of the pinned dependencies: ``python -m tests.security.audit``.

pip-audit asks the package registry. Where that has no such answers (a mirror, no network) nothing is audited, and said.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

LOCK = Path("requirements.lock")
PINNED = re.compile(r"^[\w.\[\]-]+==[^\s\\;]+", re.MULTILINE)


class Vulnerability(Struct, frozen=True):
    """What is known against a version, and which versions mend it."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Dependency(Struct, frozen=True):
    """What was found of one package; `skip_reason` where nothing could be."""

    name: str
    version: str = ""
    vulns: tuple[Vulnerability, ...] = ()
    skip_reason: str | None = None


class Report(Struct, frozen=True):
    """What pip-audit says."""

    dependencies: tuple[Dependency, ...]


def main() -> int:
    """Ask about one package, and where there is an answer about all of them."""
    pinned = PINNED.findall(LOCK.read_text())
    if unanswered(ask(pinned[:1])):
        sys.stdout.write("audit: skipped, the registry in use here does not tell of vulnerabilities\n")
        return 0
    found = problems(ask(pinned))
    sys.stdout.write("".join(f"audit: {line}\n" for line in found or [f"{len(pinned)} packages, nothing known"]))
    return 1 if found else 0


def ask(pinned: list[str]) -> Report | None:
    """Have pip-audit ask about these versions; None where it could not."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write("\n".join(pinned))
        requirements.flush()
        options = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
        command = [sys.executable, "-m", "pip_audit", "--requirement", requirements.name, *options]
        told = subprocess.run(command, check=False, capture_output=True, timeout=300)
    try:
        return msgspec.json.decode(told.stdout, type=Report)
    except msgspec.DecodeError:
        return None


def unanswered(report: Report | None) -> bool:
    """Whether nothing was learnt at all."""
    return report is None or all(each.skip_reason for each in report.dependencies)


def problems(report: Report | None) -> list[str]:
    """Say what is wrong: a vulnerability, or a package that could not be asked about."""
    if report is None:
        return ["the registry answered once, and then no more"]
    known = [
        f"{each.name} {each.version}: {vulnerability.id}, mended in {', '.join(vulnerability.fix_versions) or 'none'}"
        for each in report.dependencies
        for vulnerability in each.vulns
    ]
    return known + [f"{each.name}: {each.skip_reason}" for each in report.dependencies if each.skip_reason]


if __name__ == "__main__":
    sys.exit(main())
