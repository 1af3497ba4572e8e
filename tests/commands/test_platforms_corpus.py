"""A class through each platform's packed archive: the scores that `autograder grade` gives it.

Each archive is unpacked as its platform does, and what its script starts is run for each
submission, one in twelve by the script itself. With AUTOGRADER_PLATFORMS in the environment the
class is the corpus of week 2: each right code, each mistake of the smaller tasks and every third of
the largest, and the odd, broken and hostile files; without, a handful. Whole, it takes some five
minutes a platform.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import odd
import pytest
import yaml
from conftest import ROOT, another, filled, scores
from corpus import answers
from formats import CLASSROOM50, GRADESCOPE, PRAIRIELEARN, QUESTION
from odd import FULL, WEEK
from saved import SAVED

from autograder.commands.grade import grade_week
from autograder.commands.pack import pack
from autograder.commands.platforms import classroom50, github, gradescope, prairielearn
from autograder.commands.try_ import ready
from autograder.grading.course import Course
from autograder.grading.records import fresh_seed
from autograder.kernels.limits import Limits

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("platforms")]

ALL = "AUTOGRADER_PLATFORMS" in os.environ
Files = dict[str, bytes]
HOSTILE = {
    "dies": "import os\nos._exit(0)",
    "forges": "from IPython.display import display\nget_ipython().displayhook(20.0)",
    "floods": "print('x' * 3_000_000)",
    "commands": "print('::error title=x::y\\n::set-output name=score::20')",
    "raises": "raise RuntimeError('`' * 50 + '</pre><script>@octocat ::add-mask::')",
}


def coded(course: Course, kind: str, every: int) -> Iterator[str]:
    """Notebooks that hold each code of a kind, one for each task; of the largest every n-th."""
    by_task = {
        task: [
            answer.code for answer in answers(WEEK) if (answer.kind, answer.task) == (kind, task)
        ]
        for task in course.week(WEEK).task_names
    }
    by_task["gradient_descent"] = by_task["gradient_descent"][::every]
    for number in range(max(map(len, by_task.values()))):
        cells = {task: codes[number % len(codes)] for task, codes in by_task.items()}
        yield filled(course, WEEK, cells)


def handed_in(course: Course) -> dict[str, Files]:
    """By student: files by name."""
    perfect = filled(course, WEEK, {})
    release = (course.root / "release" / WEEK / "descent.ipynb").read_bytes()
    right, wrong = coded(course, "correct", 1), coded(course, "mistake", 3)
    texts = {f"right {k}": text for k, text in enumerate(right if ALL else islice(right, 1))}
    texts |= {f"wrong {k}": text for k, text in enumerate(wrong if ALL else islice(wrong, 1))}
    work: dict[str, Files] = {s: {"descent.ipynb": text.encode()} for s, text in texts.items()}
    work |= {
        "renamed": {"my homework (2).ipynb": perfect.encode()},
        "none": {},
    }
    if ALL:
        work |= odd.files(perfect, release)
        changes = {name: change for name, (change, _) in odd.CHANGES.items()} | SAVED
        for name, change in changes.items():
            work[name] = {"descent.ipynb": odd.changed(perfect, change)}
        for name, code in HOSTILE.items():
            hostile = filled(course, WEEK, {"gradient_descent": code})
            work[name] = {"descent.ipynb": hostile.encode()}
        work |= {
            "as released": {"descent.ipynb": release},
            "cut off": {"descent.ipynb": perfect.encode()[:4000]},
            "empty": {"descent.ipynb": b""},
            "a pdf": {"work.pdf": b"%PDF-1.4"},
            "a text": {"descent.ipynb": b"def basin(x0):\n    return 0\n"},
            "two": {"descent.ipynb": release, "descent (1).ipynb": perfect.encode()},
        }
    return work


# --- places --------------------------------------------------------------------------------


class Place:
    """A platform: where its archive lies, and what it leaves for a submission."""

    name: str
    #: Whose questions were asked, and in which of their attempts.
    asked = ("", "")
    #: What the platform itself leaves beside the files of a student.
    own: Files = {}

    def __init__(self, base: Path) -> None:
        self.base = base
        archive = base / "packed.zip"
        pack(ROOT, WEEK, self.name, archive)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(base / "packed")
        self.lay()

    def lay(self) -> None:
        """Put the archive's parts where the platform has them."""

    def put(self, files: Files, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in (self.own | files).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def start(self, command: list[str], environment: dict[str, str], folder: Path) -> str:
        """Run it as the platform does; what it printed."""
        package = next((self.base / "packed").rglob("package"))
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True,
            env=os.environ | environment | {"PYTHONPATH": str(package)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Gradescope(Place):
    name = "gradescope"
    asked = ("7", "")

    def lay(self) -> None:
        (self.base / "packed").rename(self.base / "source")
        (self.base / "packed").symlink_to("source")
        about = {"users": [{"id": 7}], "previous_submissions": [], "created_at": ""}
        (self.base / "submission_metadata.json").write_text(json.dumps(about))

    def grade(self, files: Files, script: bool) -> float:
        self.put(files, self.base / "submission")
        (self.base / "results").mkdir(exist_ok=True)  # it is there before
        place = {"AUTOGRADER_BASE": str(self.base), "AUTOGRADER_ENVIRONMENT": sys.prefix}
        if script:
            self.start([str(self.base / "source" / "run_autograder")], place, self.base)
        else:
            gradescope.main([str(self.base)])
        found = json.loads((self.base / "results" / "results.json").read_bytes())
        jsonschema.validate(found, GRADESCOPE)
        waits = [test for test in found["tests"] if "status" not in test]
        assert all(test["score"] == 0 for test in waits)
        return float(found["score"])

    def put(self, files: Files, folder: Path) -> None:
        super().put(files, folder)
        if os.access(self.base / "source" / "run_autograder", os.X_OK):
            return
        (self.base / "source" / "run_autograder").chmod(0o755)  # as Gradescope does


class PrairieLearn(Place):
    name = "prairielearn"

    def lay(self) -> None:
        question = self.base / "packed"
        about = json.loads((question / "info.json").read_text())
        jsonschema.validate(about, QUESTION)
        self.entry = about["externalGradingOptions"]["entrypoint"]
        shutil.copytree(question / "tests", self.base / "grade" / "tests")
        # What anybody can pull does not hold the answers.
        copied = [
            line for line in (question / "Dockerfile").read_text().splitlines()
            if line.startswith("COPY")
        ]  # fmt: skip
        assert copied
        assert not [line for line in copied if "course" in line or "COPY tests " in line]

    def grade(self, files: Files, script: bool) -> float:
        grade = self.base / "grade"
        self.put(files, grade / "student")
        shutil.rmtree(grade / "results", ignore_errors=True)  # it is not there before
        (grade / "data").mkdir(exist_ok=True)
        (grade / "data" / "data.json").write_text('{"variant_seed": 123456}')
        if script:
            entry = grade / Path(self.entry).relative_to("/grade")
            entry.chmod(0o755)
            place = {"AUTOGRADER_BASE": str(grade), "AUTOGRADER_ENVIRONMENT": sys.prefix}
            self.start([str(entry)], place, grade)
        else:
            prairielearn.main([str(grade)])
        self.asked = ("", prairielearn._attempt(grade))
        data = (grade / "results" / "results.json").read_bytes()
        assert len(data) <= 1024 * 1024
        found = json.loads(data)
        jsonschema.validate(found, PRAIRIELEARN)
        if not found["gradable"]:
            assert found["format_errors"]
            return 0.0
        points = [test["points"] for test in found["tests"]]
        assert found["score"] == pytest.approx(sum(points) / 20)
        return float(found["score"]) * 20


class Repository(Place):
    """What GitHub Actions and Classroom 50 have in common: a checkout, and variables."""

    asked = ("octocat", "0123456789abcdef0123456789abcdef01234567")
    own = {
        ".git/HEAD": b"ref: refs/heads/main\n",
        ".github/workflows/autograde.yaml": b"on: push\n",
        ".classroom50.yaml": b"classroom: c\nassignment: a\n",
        "README.md": b"# Week 2\n\nHand in descent.ipynb.\n",
    }

    def variables(self) -> dict[str, str]:
        for name in ("summary", "output"):
            (self.base / name).write_text("")
        return {
            "GITHUB_ACTOR": self.asked[0],
            "GITHUB_SHA": self.asked[1],
            "GITHUB_STEP_SUMMARY": str(self.base / "summary"),
            "GITHUB_OUTPUT": str(self.base / "output"),
            "GITHUB_WORKSPACE": str(self.base),
            "RUNNER_TEMP": str(self.base / "temp"),
        }


class GitHub(Repository):
    name = "github"

    def lay(self) -> None:
        whole = self.base / "packed"
        flow = yaml.safe_load((whole / ".github" / "workflows" / "grade.yml").read_text())
        steps = flow["jobs"]["grade"]["steps"]
        self.run = next(step["run"] for step in steps if "working-directory" in step)
        whole.rename(self.base / "whole")
        (self.base / "whole" / "private").rename(whole)
        (self.base / "environment").symlink_to(sys.prefix)
        (self.base / "temp").mkdir()

    def grade(self, files: Files, script: bool) -> float:
        folder = self.base / "submission"
        self.put(files, folder)
        target = self.base / "temp" / "result.json"
        if script:
            printed = self.start(["bash", "-e", "-c", self.run], self.variables(), folder)
        else:
            printed = called(
                github.main, [str(self.base / "packed" / "course"), str(target)],
                self.variables(), folder,
            )  # fmt: skip
        commands = [line for line in printed.splitlines() if line.startswith("::")]
        for kind in ("error", "warning"):  # no more are shown of a step
            assert sum(line.startswith(f"::{kind} title=") for line in commands) <= 10
        assert all(line.startswith(("::error title=", "::warning title=")) for line in commands)
        assert "octocat ::add-mask" not in printed
        text = (self.base / "summary").read_text("utf-8")
        assert len(text.encode()) <= 1024 * 1024
        assert text.startswith(f"## {WEEK}: ")
        output = dict(line.split("=", 1) for line in (self.base / "output").read_text().split())
        found = json.loads(target.read_bytes())
        schema = json.loads((ROOT / "docs" / "try.schema.json").read_text("utf-8"))
        jsonschema.validate(found, schema)
        assert output == {"score": f"{found['score']:g}", "points": "20"}
        return float(found["score"])


class Classroom50(Repository):
    name = "classroom50"

    def grade(self, files: Files, script: bool) -> float:
        folder = self.base / "checkout"
        self.put(files, folder)
        private = self.base / "packed" / "private"
        variables = self.variables() | {
            "COURSE_DIR": str(private), "AUTOGRADER_ENVIRONMENT": sys.prefix,
            "CLASSROOM": "c", "ASSIGNMENT": "a", "ASSIGNMENT_TYPE": "individual",
            "SUBMISSION_TAG": "submit/2027-03-09T14-22-32Z-0123456", "USERNAME": "octocat",
            "OWNER": "octocat", "COMMIT_URL": "u", "RELEASE_URL": "r", "REVIEW_URL": "v",
        }  # fmt: skip
        if script:
            entry = str(self.base / "packed" / "autograder.py")
            self.start([sys.executable, entry], variables, folder)
        else:
            called(classroom50.main, [str(private / "course")], variables, folder)
        found = json.loads((folder / "result.json").read_bytes())
        jsonschema.validate(found, CLASSROOM50)
        for one in [found, *found["tests"]]:
            assert one["score"] <= one["max-score"]
        assert len((folder / "release-body.md").read_text("utf-8")) <= 125_000
        return float(found["score"])


def called(main: Any, arguments: list[str], variables: dict[str, str], folder: Path) -> str:
    """What a module's main prints when it is started there, in this process."""
    import contextlib
    import io

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as said:
        patch.chdir(folder)
        for name, value in variables.items():
            patch.setenv(name, value)
        assert main(arguments) == 0
    return said.getvalue()


# --- the comparison ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(
    released: Course, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Files], dict[str, float]]:
    """The class, and what `autograder grade` gives it by machine."""
    course = another(released, tmp_path_factory.mktemp("class"))
    work = handed_in(course)
    for student, files in work.items():
        folder = course.root / "submitted" / student / WEEK
        folder.mkdir(parents=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    grade_week(course.root, WEEK, jobs=2, limits=Limits())
    found = scores(course, WEEK)
    return work, {s: sum(found[s][test] or 0.0 for test in FULL) for s in work}


@pytest.mark.parametrize("kind", [Gradescope, PrairieLearn, GitHub, Classroom50])
def test_a_class_gets_there_what_it_gets_here(
    kind: type[Place], graded: tuple[dict[str, Files], dict[str, float]], tmp_path: Path
) -> None:
    """Where another score comes of other questions, `autograder try` with these says the same."""
    work, expected = graded
    place: Any = kind(tmp_path)
    differing = {}
    for number, (student, files) in enumerate(work.items()):
        found = place.grade(files, script=number % 12 == 1)
        if found != pytest.approx(expected[student]):
            here = with_their_questions(files, *place.asked, tmp_path / "here")
            assert found == pytest.approx(here), student
            differing[student] = (found, expected[student])
    assert len(differing) <= len(work) // 40, differing
    assert {0.0, 20.0} < set(expected.values())


def with_their_questions(files: Files, student: str, attempt: str, folder: Path) -> float:
    """What `autograder try` gives for these files with the questions that a platform asked."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    week = ready(ROOT, WEEK)
    whose = f"{WEEK}/{student}/{attempt}" if attempt else f"{WEEK}/{student}"
    seed = fresh_seed(week.course.settings.seed, whose, 1)
    return week.try_file(folder, student, seed).graded.score
