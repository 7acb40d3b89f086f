# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check and chore of the project, each a session: `nox --list`; `make test` runs those tagged check, CI also the long.

The sessions use the environment nox itself is installed in, which the Makefile builds from requirements/; only what
needs another ansible-core gets one of its own. The order of the checks is that in which they start: long ones first.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / ".tools"))

import artifact
import engines
import pythons
import report
from sanity import prepare

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "unit"]

BIN = Path(sys.executable).parent
os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ["PATH"]])

# series of ansible-core → the release the tests use, the oldest and the newest Python it runs on
CORES = {
    "2.16": ("2.16.19", (3, 11), (3, 12)),
    "2.19": ("2.19.14", (3, 11), (3, 13)),
    "2.21": ("2.21.5", (3, 12), (3, 14)),
}
OWN = ".".join(version("ansible-core").split(".")[:2])  # the series in the environment of nox itself


def run_pytest(session: nox.Session, part: str, *options: str, bin: Path = BIN, **environment: str) -> None:
    """Runs the tests of one directory with an environment's Python; leaves the counts where the summary looks."""
    path = os.pathsep.join([str(bin), os.environ["PATH"]])
    options = (f"--junitxml={report.junit(session.name, part)}", *options, *session.posargs)
    session.run(str(bin / "python"), "-m", "pytest", *options, f"tests/{part}", env={**environment, "PATH": path})


def run_each(session: nox.Session, *commands: list[str]) -> None:
    """Runs every command before it fails: one run shows all there is to mend."""
    failed = []
    for command in commands:
        try:
            session.run(*command)
        except CommandFailed:
            failed.append(" ".join(command))
    if failed:
        session.error(f"failed: {'; '.join(failed)}")


def skip(session: nox.Session, reason: str) -> NoReturn:
    """Ends the session as skipped, with a reason that the summary repeats."""
    report.PLACE.mkdir(parents=True, exist_ok=True)
    report.skipped(session.name).write_text(reason)
    session.skip(reason)


WAITING = ("--numprocesses=3", "--dist=worksteal")  # for two cores: many tests wait


@nox.session(tags=["check", "wide"])
def e2e(session: nox.Session) -> None:
    """The core of the end-to-end tests: the whole job with the real terraform against the emulated AWS."""
    run_pytest(session, "e2e", "-m", "core", *WAITING)


@nox.session(name="e2e-rest", tags=["check", "long", "wide"])
def e2e_rest(session: nox.Session) -> None:
    """The other end-to-end tests: day two, many at once, kills, faults."""
    run_pytest(session, "e2e", "-m", "not core", *WAITING)


@nox.session(tags=["check", "long"])
@nox.parametrize("name", [nox.param(name, id=name) for name in engines.ENGINES])
def engine(session: nox.Session, name: str) -> None:
    """The core of the end-to-end tests with the oldest supported Terraform and OpenTofu."""
    reason = engines.missing(name)
    if reason:
        skip(session, reason)
    run_pytest(session, "e2e", "-m", "core", ENVFORGE_TEST_BINARY=str(engines.build(name)))


@nox.session(tags=["check"])
@nox.parametrize("series", [nox.param(series, id=series, tags=[] if series == OWN else ["long"]) for series in CORES])
def core(session: nox.Session, series: str) -> None:
    """Both routes of every module, and the core of the end-to-end tests, on one ansible-core."""
    release, oldest, newest = CORES[series]
    python = pythons.find(oldest, newest)
    if python is None:
        skip(session, f"ansible-core {series} needs a Python between 3.{oldest[1]} and 3.{newest[1]}")
    requirements = [f"ansible-core=={release}", "--requirement", "requirements/test.txt"]
    bin = pythons.environment(ROOT / ".nox" / f"core-{series}", python, requirements, ROOT / "requirements")
    run_pytest(session, "contract", bin=bin)
    if series != OWN:  # there the sessions e2e and e2e-rest run them
        run_pytest(session, "e2e", "-m", "core or every_ansible", bin=bin)


@nox.session(tags=["check", "long"])
def stacks(session: nox.Session) -> None:
    """The five systems in stacks/, with the real AWS provider and with a stand-in for it."""
    session.run("tests/dialects/install")  # the applications' own parsers
    run_pytest(session, "stacks", "--numprocesses=2", "--dist=loadfile")


@nox.session(tags=["check"])
def sanity(session: nox.Session) -> None:
    """Run `ansible-test sanity` on the installed artifact, as whoever certifies the collection does."""
    home = prepare(ROOT / ".cache" / "sanity")
    # below no git checkout: ansible-test would take that one's list of files
    with tempfile.TemporaryDirectory() as scratch, session.chdir(artifact.install(Path(scratch))):
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        session.run("ansible-test", "sanity", "--color", "no", "--python", python, env={"HOME": str(home)})


@nox.session(tags=["check"])
def secrets(session: nox.Session) -> None:
    """A secret on every way into a run: none gets out of it."""
    run_pytest(session, "secrets")


@nox.session(tags=["check"])
def molecule(session: nox.Session) -> None:
    """Every role, and the main playbook: converge, idempotence, verify."""
    session.run("molecule", "test", "--all", env={"NO_COLOR": "1"})


@nox.session(tags=["check"])
def packaging(session: nox.Session) -> None:
    """The demo from the installed artifact, and from a bare checkout under ansible-runner."""
    run_pytest(session, "packaging")


@nox.session(tags=["check"])
def dialects(session: nox.Session) -> None:
    """Property-based tests of the .env dialects against the real parsers."""
    session.run("tests/dialects/install")
    run_pytest(session, "dialects")


@nox.session(name="ansible-lint", tags=["check"])
def ansible_lint(session: nox.Session) -> None:
    """Playbooks, roles and inventories at ansible-lint's production profile."""
    session.run("ansible-lint")


@nox.session(tags=["check"])
def types(session: nox.Session) -> None:
    """Strict mypy: the collection by its own name, then the tests and tools."""
    run_each(
        session,
        ["mypy", "--package", "ansible_collections.envforge.terraform.plugins"],
        ["mypy", "noxfile.py", ".tools", "tests"],
    )


@nox.session(tags=["check"])
def unit(session: nox.Session) -> None:
    """What needs neither a process nor a network."""
    run_pytest(session, "unit")


@nox.session(tags=["check"])
def gates(session: nox.Session) -> None:
    """What must agree between files: modules and actions, documentation and argument specs, sizes."""
    run_pytest(session, "gates")


@nox.session(tags=["check"])
def docs(session: nox.Session) -> None:
    """The documentation: its markup, its links, and that it builds."""
    with tempfile.TemporaryDirectory() as scratch:
        collection = artifact.install(Path(scratch, "installed"))
        session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", str(collection))
        pages = Path(scratch, "pages")
        pages.mkdir()
        command = ["antsibull-docs", "collection", "--use-current", "--fail-on-error", "--dest-dir", str(pages)]
        session.run(*command, "envforge.terraform", env={"ANSIBLE_COLLECTIONS_PATH": str(Path(scratch, "installed"))})


@nox.session(tags=["check"])
def lint(session: nox.Session) -> None:
    """Style of Python and YAML."""
    run_each(session, ["ruff", "check"], ["ruff", "format", "--check"], ["yamllint", "--strict", "."])


@nox.session(tags=["check"])
def licences(session: nox.Session) -> None:
    """Every file says who owns it and under which licence."""
    session.run("reuse", "lint")


@nox.session(tags=["check"])
def changelog(session: nox.Session) -> None:
    """The changelog fragments are well-formed."""
    session.run("antsibull-changelog", "lint")


@nox.session
def test(session: nox.Session) -> None:
    """The checks, or those named after `--`, two at a time, with one summary at the end."""
    session.run("python", ".tools/checks.py", *session.posargs)


@nox.session(name="format")
def format_files(session: nox.Session) -> None:
    """Lay out the Python files, and apply the fixes that are safe."""
    session.run("ruff", "check", "--fix", *session.posargs)
    session.run("ruff", "format", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure processes, requests, time and memory against other ways to do the same job."""
    python = pythons.find((3, 11), (3, 14))
    if python is None:
        session.error("the benchmark needs a Python between 3.11 and 3.14")
    # an environment of its own: the other collections come with the package ansible, and that with the newest core
    requirements = ["--requirement", "requirements/bench.txt"]
    bin = pythons.environment(ROOT / ".nox" / "bench", python, requirements, ROOT / "requirements")
    session.run("python", "-m", "tests.benchmark", f"--ansible={bin}", *session.posargs)


@nox.session(name="engines")
def install_engines(session: nox.Session) -> None:
    """Build the oldest supported Terraform and OpenTofu; they stay in the user's cache directory."""
    for name in engines.ENGINES:
        reason = engines.missing(name)
        if reason:
            session.error(reason)
        session.log(f"{name}: {engines.build(name)}")


@nox.session
def pins(session: nox.Session) -> None:
    """Make requirements/constraints.txt anew: the newest releases that the oldest supported Python can run."""
    python = pythons.find((3, 11), (3, 11))
    if python is None:
        session.error("the pins must suit Python 3.11, and there is none here")
    (ROOT / "requirements" / "constraints.txt").write_text(pythons.newest_pins(ROOT / "requirements", python))


@nox.session
def release(session: nox.Session) -> None:
    """Turn the changelog fragments into CHANGELOG.md: `nox -s release -- VERSION`."""
    options = ["--update-existing", "--reload-plugins"]
    session.run("antsibull-changelog", "release", *options, "--version", *session.posargs)
