# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark of this project: `make bench`. It measures and tells; it fails only when something cannot run.

Times are told as ratios of commands run in turn, so neither a slow machine nor a busy one shifts them much. The numbers it
should reach are in the column target.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from dotenv import dotenv_values

from tests.benchmark import counts, memory, timing
from tests.benchmark.figures import Figure, as_data, table
from tests.benchmark.scene import FORKS, Scene, laid_out


def one_stack(scene: Scene, rounds: int) -> list[Figure]:
    """site.yml against the same job by other collections."""
    scene.site().run()
    plan = timing.seconds(scene.bare_plan(), rounds)
    pairs = timing.in_turn(scene.site("--limit", scene.stacks[0]), scene.peers(), rounds)
    name = "one stack, nothing changed: site.yml / amazon.aws, community.aws, community.general"
    return [
        Figure("a bare terraform plan", plan, "s"),
        Figure(name, pairs.ratio, "", 0.5, f"{pairs.medians}; without cloud.terraform, which no package brings"),
    ]


def many_stacks(scene: Scene, rounds: int) -> list[Figure]:
    """site.yml against a loop of the shell."""
    scene.site().run()
    pairs = timing.in_turn(scene.site(), scene.loop(), rounds)
    compare_results(scene)
    name = f"{len(scene.stacks)} stacks, nothing changed: site.yml / xargs -P{FORKS} over plan and output"
    cpu = [statistics.median(run.cpu_seconds for run in runs) for runs in (pairs.ours, pairs.theirs)]
    return [
        Figure(name, pairs.ratio, "", 2, f"{pairs.medians}; of the processor {cpu[0]:.1f} s against {cpu[1]:.1f} s")
    ]


def drift(scene: Scene, rounds: int) -> list[Figure]:
    """The playbook drift against a loop of the shell over refresh-only plans."""
    scene.site().run()
    pairs = timing.in_turn(scene.drift(), scene.refresh_loop(), rounds)
    scene.drift("-e", "drift_json=drift.json").run()  # the loop writes no report either
    found = json.loads((scene.directory / "drift.json").read_text())["summary"]
    assert found == {"clean": len(scene.stacks), "drifted": 0, "failed": 0}, found
    name = f"{len(scene.stacks)} stacks: drift / xargs -P{FORKS} terraform plan -refresh-only"
    cpu = [statistics.median(run.cpu_seconds for run in runs) for runs in (pairs.ours, pairs.theirs)]
    return [
        Figure(name, pairs.ratio, "", 2, f"{pairs.medians}; of the processor {cpu[0]:.1f} s against {cpu[1]:.1f} s")
    ]


def compare_results(scene: Scene) -> None:
    """Raises AssertionError unless both ways read the same outputs."""
    for stack in scene.stacks:
        outputs = json.loads((scene.directory / "outputs" / f"{stack}.json").read_text())
        theirs = {name.upper(): output["value"] for name, output in outputs.items()}
        assert dotenv_values(scene.env_file(stack)) == theirs, stack


def peak_memory(scene: Scene, rounds: int) -> list[Figure]:
    """Of ansible-playbook, in a run of its own: looking costs time."""
    scene.site().run()
    peak = memory.peak(scene.site())
    stacks = f"with {len(scene.stacks)} stacks"
    return [
        Figure(f"memory {stacks}: the controller", peak.controller, "MiB", None, "resident"),
        Figure(
            f"memory {stacks}: with its workers", peak.all_resident, "MiB", None, "resident, shared pages each time"
        ),
        Figure(f"memory {stacks}: with its workers", peak.all_proportional, "MiB", None, "shared pages once"),
    ]


PARTS: dict[str, Callable[[Scene, int], list[Figure]]] = {
    "counts": lambda scene, rounds: counts.counts(scene),
    "one": one_stack,
    "many": many_stacks,
    "drift": drift,
    "memory": peak_memory,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; all of it by default")
    parser.add_argument(
        "--ansible", type=Path, default=Path(sys.executable).parent, help="directory of ansible-playbook"
    )
    parser.add_argument("--stacks", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each command")
    parser.add_argument("--json", type=Path, help="a file to write the numbers to")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as scratch, laid_out(Path(scratch), given.ansible, given.stacks) as scene:
        for part in given.parts or PARTS:
            print(f"measuring: {part}", file=sys.stderr, flush=True)
            figures += PARTS[part](scene, given.rounds)
    print(table(figures))
    if given.json:
        given.json.write_text(json.dumps(as_data(figures), indent=2) + "\n")


if __name__ == "__main__":
    main()
