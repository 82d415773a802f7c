"""The runner program and its forked children, which are killed, raced and starved."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class Runner:
    """The runner program, kept open; each command forks fresh children."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.answers = 0
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "runner.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        )

    def together(self, *orders: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
        """Exit code and answer of each order; they start at the same moment."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for order in orders:
            self.answers += 1
            order["answer"] = str(self.scratch / f"answer-{self.answers}.json")
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        codes = json.loads(self.process.stdout.readline())
        files = [Path(order["answer"]) for order in orders]
        said = [json.loads(file.read_text()) if file.exists() else {} for file in files]
        return list(zip(codes, said, strict=True))

    def run(self, **order: Any) -> tuple[int, dict[str, Any]]:
        """Exit code and answer of one order."""
        return self.together(order)[0]

    def done(self, **order: Any) -> dict[str, Any]:
        """The answer of an order that must succeed."""
        code, said = self.run(**order)
        assert code == 0, said.get("trace", code)
        return said


def copied(source: Path, target: Path) -> Path:
    """A copy of a workspace, its old place removed if it was there."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    return target
