"""Is anything hidden in what is released?

Compares texts: the release as it lies there, and as it would be generated, with what the source
keeps from students. It runs nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import nbformat

from autograder.commands.checks.variants import notebook_of, variants
from autograder.commands.scratch import released
from autograder.grading.course import Course, Week
from autograder.submissions.cells import without_region

__all__ = ["leaks"]

_HIDDEN_MARKS = ("HIDDEN TESTS", "MARK SCHEME", "BEGIN SOLUTION", "END SOLUTION", "observe(")


def leaks(course: Course, week: Week) -> list[str]:
    """No solution, hidden test, mark scheme or marking note is in the release."""
    secrets = list(_secrets(week))
    modules = {file.name for file in week.files if file.name.endswith(".py")}
    problems = []
    for label, notebooks in variants(week):
        with released(course, week, notebooks) as scratch:
            folder = scratch.root / "release" / week.name
            problems += [f"{label}: {text}" for text in _leaks_in(folder, secrets, modules)]
    folder = course.root / "release" / week.name
    if folder.is_dir():
        problems += [f"release/{week.name}: {text}" for text in _leaks_in(folder, secrets, modules)]
    return list(dict.fromkeys(problems))


def _leaks_in(
    folder: Path, secrets: Sequence[tuple[str, str]], modules: Collection[str]
) -> list[str]:
    problems = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if ".ipynb_checkpoints" in path.parts:
            continue
        if path.suffix == ".py" and path.relative_to(folder).as_posix() not in modules:
            problems.append(f"{path.name} would be released; keep '*.py' in CourseDirectory.ignore")
            continue
        text = path.read_text("utf-8", errors="replace")
        if path.suffix == ".ipynb":
            text = "\n\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
        problems += [
            f"{path.name} contains {mark!r}: something hidden would be released"
            for mark in _HIDDEN_MARKS
            if mark in text
        ]
        squeezed = _squeeze(text)
        problems += [
            f"{path.name} contains a part of {origin} that must stay hidden: {shown!r}"
            for origin, shown in secrets
            if _squeeze(shown) in squeezed
        ]
    return problems


def _secrets(week: Week) -> Iterable[tuple[str, str]]:
    """Pairs of neighbouring lines that students must not see, with where they are from."""
    public: list[str] = []
    hidden: list[tuple[str, str]] = []
    found = [
        (part.text if part.text.exists() else part.source, cell)
        for part in week.parts
        for cell in notebook_of(part).cells
    ]
    for path, cell in found:
        for name, origin in (
            ("SOLUTION", "the solution"),
            ("HIDDEN TESTS", "a hidden test"),
            ("MARK SCHEME", "the mark scheme"),
        ):
            pattern = rf"[^\n]*BEGIN {name}[^\n]*\n(.*?)\n[^\n]*END {name}"
            inside = re.findall(pattern, cell.source, flags=re.DOTALL)
            hidden += [(f"{origin} in {path.name}", part) for part in inside]
        if not (cell.metadata.get("nbgrader") or {}).get("solution"):
            public.append(without_region(cell.source, "HIDDEN TESTS"))
    if (week.folder / "reference.py").exists():
        hidden.append(("reference.py", (week.folder / "reference.py").read_text("utf-8")))
    shown = _squeeze("\n".join(public))
    for origin, part in hidden:
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        for first, second in itertools.pairwise(lines):
            pair = f"{first}\n{second}"
            # Imports and signatures stand in the notebook for everyone; a pair that is already
            # in a cell meant for students is no secret unless it comes from a solution.
            telling = len(_squeeze(pair)) >= 40 and not first.startswith(("import ", "from "))
            if telling and ("solution" in origin or _squeeze(pair) not in shown):
                yield origin, pair


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
