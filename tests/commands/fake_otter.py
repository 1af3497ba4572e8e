"""A program that behaves like otter-grader's: `generate` and `run`, as the bench asks for them.

It runs a notebook's cells and then the packed test files, in one process, and leaves a
``results.json`` as otter does. Nothing is isolated, and no figure is drawn.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import types
import zipfile
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version="\nOtter-Grader version: 1.2.3")
    commands = parser.add_subparsers(required=True)
    generate = commands.add_parser("generate")
    generate.add_argument("--tests-dir", type=Path)
    generate.add_argument("--output-path", type=Path)
    generate.set_defaults(run=pack)
    run = commands.add_parser("run")
    run.add_argument("--autograder", type=Path)
    run.add_argument("--output-dir", type=Path)
    run.add_argument("submission", type=Path)
    run.set_defaults(run=grade)
    given = parser.parse_args()
    given.run(given)


def pack(given: argparse.Namespace) -> None:
    with zipfile.ZipFile(given.output_path, "w") as archive:
        for path in given.tests_dir.glob("*.py"):
            archive.write(path, f"tests/{path.name}")


def grade(given: argparse.Namespace) -> None:
    names = cells(given.submission)
    tests: list[dict[str, Any]] = [{"name": "Public Tests", "status": "passed"}]
    with zipfile.ZipFile(given.autograder) as archive:
        for path in archive.namelist():
            tests.append(tested(archive.read(path).decode(), names))
    (given.output_dir / "results.json").write_text(json.dumps({"tests": tests}))


def cells(submission: Path) -> dict[str, Any]:
    """What a notebook has defined when all its cells have run, failing ones too."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(submission.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "plt.show()" not in "".join(cell["source"]):
            with contextlib.suppress(Exception):
                exec("".join(cell["source"]), names)
    return names


def tested(text: str, names: dict[str, Any]) -> dict[str, Any]:
    """A test file's name and points: all, if none of its cases raises."""
    cases = []
    module: Any = types.ModuleType("otter.test_files")
    module.test_case = lambda hidden: cases.append
    sys.modules["otter"], sys.modules["otter.test_files"] = types.ModuleType("otter"), module
    file: dict[str, Any] = {}
    exec(text, file)
    assert cases
    try:
        for case in cases:
            wanted = case.__code__.co_varnames[: case.__code__.co_argcount]
            case(*(names.get(name) for name in wanted))
        score = float(file["points"])
    except Exception:
        score = 0
    return {"name": file["name"], "score": score, "max_score": float(file["points"])}


if __name__ == "__main__":
    main()
