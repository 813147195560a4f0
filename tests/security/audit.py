"""Known vulnerabilities of the pinned dependencies: ``python -m tests.security.audit``.

pip-audit asks the package registry, and where that has no such answers (a mirror has none) OSV, or what `--osv-url`
names. Where nobody answers, nothing is audited, and that is said.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

LOCK = Path("requirements.lock")
OSV: Final = "https://api.osv.dev/v1/query"
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


def main(words: Sequence[str]) -> int:
    """Ask each service about one package, and the first that answers about all of them."""
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    parser.add_argument("--osv-url", default=OSV, help="where else to ask: %(default)s, or a mirror of it")
    osv = parser.parse_args(words).osv_url
    pinned = PINNED.findall(LOCK.read_text())
    for service in (("pypi",), ("osv", "--osv-url", osv)):
        if not unanswered(ask(pinned[:1], *service)):
            found = [line for one_of_each in rounds(pinned) for line in problems(ask(one_of_each, *service))]
            said = found or [f"{len(pinned)} packages, {service[0]} knows nothing against them"]
            sys.stdout.write("".join(f"audit: {line}\n" for line in said))
            return 1 if found else 0
    sys.stdout.write("audit: skipped, neither the registry in use here nor OSV tells of vulnerabilities\n")
    return 0


def rounds(pinned: Sequence[str]) -> list[list[str]]:
    """Part the versions so that no package is twice in a round: pip-audit takes none that is."""
    versions: defaultdict[str, list[str]] = defaultdict(list)
    for pin in pinned:
        versions[pin.partition("==")[0]].append(pin)
    return [[pin for pin in row if pin] for row in zip_longest(*versions.values())]


def ask(pinned: list[str], service: str, *options: str) -> Report | None:
    """Have pip-audit ask a service about these versions; None where it could not."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write("\n".join(pinned))
        requirements.flush()
        asked = ("--requirement", requirements.name, "--no-deps", "--disable-pip", "--vulnerability-service", service)
        told_as = ("--format", "json", "--progress-spinner", "off")
        command = [sys.executable, "-m", "pip_audit", *asked, *told_as, *options]
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
    sys.exit(main(sys.argv[1:]))
