"""PrairieLearn: the results of an external grader.

Format: "External grading" in PrairieLearn's documentation (docs/externalGrading.md): the score is a
fraction, tests have points, images are data addresses, and the whole file has at most 1 MB.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder.commands.platforms.there import grade_there, needs_person, shortened
from autograder.commands.try_ import Tried
from autograder.feedback import classic
from autograder.feedback.illustration import illustrate
from autograder.feedback.words import as_text
from autograder.grading.records import write_whole
from autograder.marking.judge import Status, Verdict
from autograder.terminal import printable_lines

__all__ = ["main", "results"]

Json = dict[str, Any]

#: In bytes, of what may be 1 MiB: results that are larger are thrown away, and the score with them.
_TEXTS, _IMAGES = 300_000, 500_000


def main(argv: Sequence[str] | None = None) -> int:
    """Grade what lies in ``/grade/student`` (run by the question's entrypoint)."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    base = Path(arguments[0] if arguments else "/grade")
    tried, missing = grade_there(
        base / "tests" / "course", base / "student", attempt=_attempt(base)
    )
    for text in missing:
        print(f"autograder: {text}")
    data = json.dumps(results(tried), indent=1, ensure_ascii=False)
    write_whole(base / "results" / "results.json", data)
    return 0


def results(tried: Tried) -> Json:
    """The whole ``results.json``; not gradable if the file cannot be read."""
    graded = tried.graded
    if graded.problem:
        return {"gradable": False, "format_errors": [printable_lines(graded.problem)]}
    tests = [
        {
            "name": verdict.task,
            "points": verdict.score or 0.0,
            "max_points": verdict.points,
            "message": ", ".join(mistake.name for mistake in verdict.mistakes),
            "output": as_text(verdict, tried.week.task(verdict.task)),
            "images": _images(verdict, tried),
        }
        for verdict in graded.verdicts
    ]
    tests += [
        {
            "name": verdict.cell,
            "points": verdict.score or 0.0,
            "max_points": verdict.points,
            "output": classic.text(verdict),
        }
        for verdict in graded.inside
    ]
    said = "\n".join([*needs_person(tried), *graded.attention])
    most = _TEXTS // 4 // (len(tests) + 1)  # a character has up to four bytes
    for test in tests:
        test["output"] = shortened(printable_lines(str(test["output"])), most)
    _leave_out(tests, _IMAGES)
    return {
        "gradable": True,
        "score": graded.score / tried.points if tried.points else 0.0,
        "message": f"{graded.score:g} of {tried.points:g} points",
        "output": shortened(printable_lines(said), most),
        "tests": tests,
    }


def _attempt(base: Path) -> str:
    """Which variant of the question, and what was handed in: PrairieLearn counts no attempts."""
    whole = hashlib.sha256()
    try:
        about = json.loads((base / "data" / "data.json").read_text("utf-8"))
        whole.update(str(about["variant_seed"]).encode())
    except (OSError, ValueError, KeyError, TypeError):
        pass
    for path in sorted((base / "student").rglob("*")):
        if path.is_file() and not path.is_symlink():
            whole.update(path.read_bytes())
    return whole.hexdigest()


def _images(verdict: Verdict, tried: Tried) -> list[Json]:
    """The picture of each criterion that failed, where there is one."""
    task = tried.week.task(verdict.task)
    failed = [c for c in verdict.criteria if c.status is Status.FAILED]
    drawn = [(criterion.name, illustrate(criterion, task)) for criterion in failed]
    return [
        {"label": name, "url": "data:image/svg+xml;base64," + _encoded(picture)}
        for name, picture in drawn
        if picture
    ]


def _encoded(picture: str) -> str:
    """A picture of the feedback's as a file of its own, which says what it is."""
    alone = picture[picture.index("<svg ") : picture.rindex("</svg>") + 6]
    alone = alone.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return base64.b64encode(alone.encode(errors="replace")).decode()


def _leave_out(tests: Iterable[Json], room: int) -> None:
    """Keep the first images that have room together."""
    for test in tests:
        kept = []
        for image in test.get("images", []):
            room -= len(image["url"])
            if room >= 0:
                kept.append(image)
        test["images"] = kept


if __name__ == "__main__":
    sys.exit(main())
