"""What another platform needs to grade one week by itself: `autograder pack`.

An archive with the package, the week's marking notes and the platform's own files. It holds the
answers: it belongs on the platform's side for instructors, and nowhere else.
"""

from __future__ import annotations

import shlex
import uuid
import zipfile
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

from autograder.commands.scratch import named
from autograder.errors import CourseError
from autograder.grading.course import Course, Week
from autograder.grading.records import whole
from autograder.grading.requires import to_install

__all__ = ["PLATFORMS", "pack"]

#: By platform: its own files (and where they go), and where package and course go.
PLATFORMS: dict[str, tuple[dict[str, str], str]] = {
    "gradescope": ({"setup.sh": "setup.sh", "run_autograder": "run_autograder"}, ""),
    "prairielearn": (
        {
            "info.json": "info.json",
            "question.html": "question.html",
            "Dockerfile": "Dockerfile",
            "run.sh": "tests/run.sh",
            "setup.sh": "tests/setup.sh",
        },
        "tests/",
    ),
    "classroom50": ({"autograder.py": "autograder.py", "setup.sh": "private/setup.sh"}, "private/"),
    "github": (
        {"grade.yml": ".github/workflows/grade.yml", "setup.sh": "private/setup.sh"},
        "private/",
    ),
}
_PRIVATE = (
    "Put `private/` into a private repository of its own, or on a runner of your own: it holds the "
    "marking notes. The other file is what students may see."
)
WARNINGS = {"classroom50": _PRIVATE, "github": _PRIVATE}
#: A fixed time, so that the same course packs to the same bytes.
_EPOCH = (2000, 1, 1, 0, 0, 0)


def pack(root: Path, name: str, platform: str, target: Path, torch_index: str = "") -> str:
    """Write the archive; what to say about it.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The week.
    platform : str
        One of `PLATFORMS`.
    target : Path
        The archive, written whole or not at all.
    torch_index : str
        Where pip finds torch's build for the CPU; without it, what a plain pip finds.

    Raises
    ------
    CourseError
        If the course was installed without its texts, or the week is unknown.
    """
    course = Course(root)
    week = course.week(name)
    filled = {
        "week": week.name,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"gradient-descent-course/{week.name}")),
        "files": ",".join(f"{name}.ipynb" for name in week.notebooks),
        "torch_index": f"--index-url {torch_index} " if torch_index else "",
        "extras": "[jax]" if "jax" in week.requires else "",
        "others": "".join(f" {shlex.quote(package)}" for package in _others(week)),
    }
    own, there = PLATFORMS[platform]
    with whole(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, place in own.items():
            text = (resources.files("autograder.commands.platforms") / "files" / file).read_text(
                "utf-8"
            )
            for word, value in filled.items():
                text = text.replace("{{" + word + "}}", value)
            _add(archive, place, text.encode(), executable=not place.endswith((".json", ".html")))
        for place, content in sorted(_contents(course, week)):
            _add(archive, there + place, content)
    said = [f"{target} holds what {platform} needs for {week.name}, the answers included."]
    if not torch_index:
        said.append(
            "It installs torch as a plain pip does, on Linux with 3 GB of CUDA; "
            "for the CPU's build say --torch-index (see docs/platforms.md)."
        )
    return "\n".join([*said, *filter(None, [WARNINGS.get(platform)])])


def _others(week: Week) -> list[str]:
    """What pip calls the packages that the week needs beside ours and JAX."""
    known = metadata.packages_distributions()  # sklearn is scikit-learn's
    return [known.get(name, [to_install(name)])[0] for name in week.requires if name != "jax"]


def _contents(course: Course, week: Week) -> Iterator[tuple[str, bytes]]:
    """The package, without the sample class; and the course, with this week alone."""
    package = Path(str(resources.files("autograder")))
    project = package.parent
    for needed in ("pyproject.toml", "README.md", "LICENSE", "constraints.txt"):
        if not (project / needed).is_file():
            raise CourseError(
                f"{project} has no {needed}: pack from a checkout of the course, not from an "
                "installed package"
            )
        place = needed if needed == "constraints.txt" else f"package/{needed}"
        yield place, (project / needed).read_bytes()
    for path in package.rglob("*"):
        inside = path.relative_to(project)
        if path.is_file() and not {"__pycache__", "sample_class"} & set(inside.parts):
            yield f"package/{inside}", path.read_bytes()
    for path in dict.fromkeys([*named(course), *week.folder.rglob("*")]):
        inside = path.relative_to(course.root)
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(inside.parts):
            yield f"course/{inside}", path.read_bytes()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, executable: bool = False) -> None:
    about = zipfile.ZipInfo(name, _EPOCH)
    about.external_attr = (0o100755 if executable else 0o100644) << 16
    about.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(about, content)
