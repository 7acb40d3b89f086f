# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what does not depend on the machine: processes of one stack with a .env, and requests, alone or side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmark.figures import Figure
from tests.benchmark.scene import Scene, terraform
from tests.e2e import proxy as proxies

_LATENCY = 0.4  # seconds that a request is held back: those sent side by side overlap even on a busy machine
# the job is done for the first stack alone, under a name of its own
_OPTIONS = ("-e", "tf_environment=counted")


@dataclass
class Traffic:
    """The requests of one run: when each arrived and when it was let through, in seconds."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    def hold_back(self, request: proxies.Request) -> bool:
        """Notes a request and makes it wait, as one to a region far away does. Never asks for a fault."""
        arrived = time.monotonic()
        time.sleep(_LATENCY)
        self.spans.append((arrived, time.monotonic()))
        return False

    @property
    def round_trips(self) -> int:
        """The most requests of which each began after the one before had ended."""
        count, ended = 0, 0.0
        for arrived, through in sorted(self.spans, key=lambda span: span[1]):
            if arrived >= ended:
                count, ended = count + 1, through
        return count


@contextmanager
def watched(proxy: proxies.Proxy) -> Iterator[Traffic]:
    """The traffic through *proxy* while the block runs."""
    traffic = Traffic()
    proxy.faults.append(proxies.Fault(traffic.hold_back, status=500))
    yield traffic
    proxy.heal()


def counts(scene: Scene) -> list[Figure]:
    """The stack is made, then found unchanged; requests are counted in a run apart, in which nothing changes either."""
    script, calls = _wrapper(scene.directory)
    options = ("--limit", scene.stacks[0], "-e", f"tf_binary={script}", *_OPTIONS)
    scene.site(*options).run()
    first = calls.read_text().split()
    calls.write_text("")
    scene.site(*options).run()
    again = calls.read_text().split()
    with proxies.running(scene.emulated.url) as proxy:
        with watched(proxy) as audit:
            scene.playbook("bootstrap.yml", "-i", "hosts.yml", *options, url=proxy.url).run()
        scene.site(*options, url=proxy.url).run()  # the address of the backend is another now
        with watched(proxy) as whole:
            scene.site(*options, url=proxy.url).run()
    rest = len(whole.spans) - len(audit.spans)
    return [
        Figure("terraform processes, first run", len(first), "", 5, ", ".join(first)),
        Figure("terraform processes, nothing changed", len(again), "", 2, ", ".join(again)),
        Figure("requests, nothing changed: plan, show and our own", rest, "", 12, "site.yml less the backend's audit"),
        Figure("requests of the backend's audit", len(audit.spans), "", 17, "bootstrap.yml"),
        Figure("round trips of the backend's audit", audit.round_trips, "", None, "requests sent side by side are one"),
    ]


def _wrapper(directory: Path) -> tuple[Path, Path]:
    """A script around the engine that notes each subcommand, and the file it notes them in."""
    script, calls = directory / "counted" / "terraform", directory / "counted" / "calls"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {calls}\nexec {terraform()} "$@"\n')
    script.chmod(0o755)
    calls.touch()
    return script, calls
