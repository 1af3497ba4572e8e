"""Generated files: what they are made from, making them anew, and comparing.

========================  ==============================  =============================
file                      made from                       by
========================  ==============================  =============================
source/WEEK/NAME.ipynb    source/WEEK/NAME.py             `autograder.commands.notebooks.build`
release/WEEK/NAME.ipynb   source/WEEK/NAME.ipynb          ``nbgrader generate_assignment``
solutions/WEEK/NAME.ipynb source/WEEK/NAME.ipynb          ``nbgrader generate_solution``
docs/weeks/WEEK.png       solutions/WEEK/NAME.ipynb       the figure of its cell tagged ``cover``
========================  ==============================  =============================

Generating happens in a scratch copy with a gradebook of its own, so it never
touches a course in use.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.commands.scratch import released
from autograder.errors import CourseError
from autograder.grading.course import Course, Week
from autograder.grading.records import whole
from autograder.plugins.converters import convert
from autograder.submissions.figures import cover

__all__ = ["differences", "sync_course"]

#: Mean difference of two pictures, of 255, that counts as the same picture:
#: rasterising differs by a grey level between processors.
_SAME_PICTURE = 0.5
#: What each run calls otherwise: where an object lies, and a cell's file in a warning.
_FLEETING = (
    (re.compile(r"\bat 0x[0-9a-f]+"), "at 0x..."),
    # Looked for from the beginning of a word: a picture is one, of a hundred thousand letters.
    (re.compile(r"(?<![^\s\"'<])[^\s\"'<]*ipykernel_\d+/"), ""),
)


def generate(course: Course, week: Week, solutions: bool = True) -> dict[str, str]:
    """The generated files of a week, by path relative to the course's root."""
    made = {}
    with released(course, week) as scratch:
        if solutions:
            convert(scratch, week.name, "generate_solution")
        for name in (part.source.name for part in week.parts):
            path = week.folder.relative_to(course.root) / name
            made[str(path)] = scratch.source / week.name / name
        for step in ("release", "solutions"):
            for path in sorted((scratch.root / step / week.name).rglob("*")):
                if path.is_file():
                    made[str(path.relative_to(scratch.root))] = path
        return {relative: _tidied(path, scratch.root) for relative, path in made.items()}


def _tidied(path: Path, root: Path) -> str:
    """A notebook without what tells who made it, and where, and when; any other file as it is."""
    text = _text(path)
    if path.suffix == ".ipynb":
        notebook = nbformat.reads(text, as_version=4)
        if "language_info" in notebook.metadata:
            notebook.metadata["language_info"] = {"name": "python"}
            for cell in notebook.cells:
                if outputs := cell.get("outputs"):
                    cell["outputs"] = _lasting(outputs, root)
            text = str(nbformat.writes(notebook))
        return text if text.endswith("\n") else text + "\n"
    return text


def _lasting(value: Any, root: Path) -> Any:
    """Outputs as each run gives them; with a fleeting word in it, no file would ever be current."""
    if isinstance(value, dict):
        return nbformat.from_dict({key: _lasting(held, root) for key, held in value.items()})
    if isinstance(value, list):
        return [_lasting(held, root) for held in value]
    if isinstance(value, str):
        for folder in {root, root.resolve()}:
            value = value.replace(f"{folder}/", "").replace(str(folder), ".")
        for fleeting, instead in _FLEETING:
            value = fleeting.sub(instead, value)
    return value


def _text(path: Path) -> str:
    """What a file holds; a picture, too, comes back to the byte."""
    return path.read_bytes().decode("utf-8", "surrogateescape")


def sync_course(root: Path, name: str | None) -> int:
    """Write the generated files of a week, or of all; 0 when done."""
    course = Course(root)
    for week_name in [name] if name else course.week_names:
        week = course.week(week_name)
        if week.skipped:
            print(f"           {week.skipped}")
            continue
        try:
            made = generate(course, week)
        except CourseError as error:
            raise CourseError(f"{error} (autograder check {week.name} says more)") from error
        for relative, text in made.items():
            path = course.root / relative
            before = _text(path) if path.exists() else ""
            current = before if not difference(before, text) else text
            if current != before or not path.exists():
                with whole(path) as part:
                    part.write_bytes(text.encode("utf-8", "surrogateescape"))
            print(f"{'written  ' if current != before else 'unchanged'}  {relative}")
        if new := _new_cover(course, week):
            path, picture = new
            with whole(path) as part:
                part.write_bytes(picture)
            print(f"written    {path.relative_to(course.root)}")
        for path in _strays(course, week, made):
            print(f"stray      {path.relative_to(course.root)}: not generated; remove it")
    return 0


def differences(course: Course, week: Week) -> list[str]:
    """What is not as generating it now would make it, one sentence each."""
    if not any(part.text.exists() for part in week.parts):
        return _old_release(course, week)
    made = generate(course, week)
    found = []
    for relative, text in made.items():
        path = course.root / relative
        what = difference(_text(path), text) if path.exists() else "it is missing"
        if what:
            found.append(f"{relative} is not current ({what}); run: autograder sync {week.name}")
    if new := _new_cover(course, week):
        found.append(
            f"{new[0].relative_to(course.root)} is not the picture in the solutions; "
            f"run: autograder sync {week.name}"
        )
    found += [
        f"{path.relative_to(course.root)} is not a generated file; remove it"
        for path in _strays(course, week, made)
    ]
    return found


def _old_release(course: Course, week: Week) -> list[str]:
    """Of a week without a text, what is released and not as it would be released now."""
    if not (course.root / "release" / week.name).is_dir():
        return []
    made = generate(course, week, solutions=False)
    return [
        f"{relative} is not current; run: nbgrader generate_assignment {week.name} --force"
        for relative, text in made.items()
        if (path := course.root / relative).exists() and difference(_text(path), text)
    ]


def _new_cover(course: Course, week: Week) -> tuple[Path, bytes] | None:
    """Path and content of the picture that stands for a week, unless it lies there already."""
    folder = course.root / "solutions" / week.name
    solved = [path for part in week.parts if (path := folder / part.source.name).exists()]
    try:
        pictures = [cover(nbformat.read(path, as_version=4)) for path in solved]
    except Exception:  # not current, which is said of it
        return None
    picture = next(filter(None, pictures), None)
    path = course.root / "docs" / "weeks" / f"{week.name}.png"
    if picture is None or (path.exists() and path.read_bytes() == picture):
        return None
    return path, picture


def _strays(course: Course, week: Week, made: dict[str, str]) -> list[Path]:
    """Files in ``release/`` and ``solutions/`` that no one generated."""
    return [
        path
        for step in ("release", "solutions")
        for path in sorted((course.root / step / week.name).rglob("*"))
        if path.is_file()
        and ".ipynb_checkpoints" not in path.parts
        and str(path.relative_to(course.root)) not in made
    ]


def difference(one: str, other: str) -> str:
    """How one notebook differs from the other, pictures apart that look the same; or ``""``."""
    if one == other:
        return ""
    try:
        a, b = (nbformat.reads(text, as_version=4) for text in (one, other))
    except Exception:
        return "it holds something else"
    if len(a.cells) != len(b.cells):
        return f"{len(a.cells)} cells instead of {len(b.cells)}"
    for number, (cell, new) in enumerate(zip(a.cells, b.cells, strict=True), start=1):
        if cell.source != new.source:
            return f"the text of cell {number} differs"
        if not _same(cell.get("outputs", []), new.get("outputs", [])):
            return f"the outputs of cell {number} differ: {_apart(cell.outputs, new.outputs)}"
        if {**cell, "outputs": 0} != {**new, "outputs": 0}:
            return f"the metadata of cell {number} differ"
    if a.metadata != b.metadata:
        return "the metadata differ"
    return ""


def _apart(outputs: list[NotebookNode], others: list[NotebookNode]) -> str:
    """Where two lists of outputs part."""
    if len(outputs) != len(others):
        return f"{len(outputs)} instead of {len(others)}"
    pairs = zip(outputs, others, strict=True)
    number, pair = next((n, pair) for n, pair in enumerate(pairs, start=1) if not _same(*pair))
    one, other = map(json.dumps, pair)
    start = max(len(os.path.commonprefix([one, other])) - 20, 0)
    return f"output {number} has {one[start:][:60]!r} instead of {other[start:][:60]!r}"


def _same(one: Any, other: Any, key: str = "") -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k], k) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if key == "image/png" and one != other:
        return _same_picture(one, other)
    return bool(one == other)


def _same_picture(one: str, other: str) -> bool:
    from matplotlib.image import imread

    a, b = (np.asarray(imread(io.BytesIO(base64.b64decode(t)))) for t in (one, other))
    return a.shape == b.shape and float(np.abs(a - b).mean()) * 255 <= _SAME_PICTURE
