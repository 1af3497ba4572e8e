"""The notebook of a submission is found wherever it is, and nothing is passed over silently."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from release import SOLUTION, WRITTEN, content, graded, of
from test_matching import ANSWER, CLIMB, GOOD, RELEASE, bare, work

from autograder.submissions.cells import doubts, is_marked
from autograder.submissions.ready import Submission, find

SOLVED = content(*work().values())
UNTOUCHED = content(
    *work(descend=graded(SOLUTION), climb=graded(CLIMB), written=graded(WRITTEN)).values()
)
HALF = content(*work(written=graded(WRITTEN)).values())


def ready(folder: Path) -> Submission:
    return find("ada", folder, {"week": RELEASE}).notebooks[0]


def is_solved(submission: Submission) -> bool:
    return (
        of(submission.notebook, "descend").source == GOOD
        and of(submission.notebook, "written").source == ANSWER
    )


def zipped(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def test_the_notebook_under_its_name_is_taken_without_a_word(tmp_path: Path) -> None:
    """The ordinary case."""
    (tmp_path / "week.ipynb").write_bytes(SOLVED)
    (tmp_path / "timestamp.txt").write_text("2027-03-10 12:00:00 UTC")
    submission = ready(tmp_path)
    assert is_solved(submission)
    assert submission.notes == ()


@pytest.mark.parametrize(
    "name",
    [
        "week (1).ipynb", "week.ipynb.txt", "week.IPYNB", "week.ipynb.json", "week.json",
        "week.txt",
        "week", "week.ipynb (1)", "a/week.ipynb", "a/b/c/other.ipynb", "week.ipynb/week.ipynb",
        "week.ipynb_", "week.nb", "a/b/c/d/e/f/g/h/week.ipynb",
    ],
)  # fmt: skip
def test_another_name_or_place_is_found_and_said(tmp_path: Path, name: str) -> None:
    """Renamed by a browser, by a mail program, or a folder too deep."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SOLVED)
    submission = ready(tmp_path)
    assert is_solved(submission)
    assert name in submission.notes[0]


@pytest.mark.parametrize("inside", ["week.ipynb", "handed in/week.ipynb", "other name.ipynb"])
def test_a_zip_that_holds_the_notebook_is_opened(tmp_path: Path, inside: str) -> None:
    """With what macOS puts into it."""
    data = zipped((inside, SOLVED), ("__MACOSX/._week.ipynb", b"\x00\x05\x16"), ("a.txt", b"hello"))
    (tmp_path / "week.zip").write_bytes(data)
    submission = ready(tmp_path)
    assert is_solved(submission)
    assert f"{inside} in week.zip" in submission.notes[0]


@pytest.mark.parametrize(
    "copy", ["week-Copy1.ipynb", "my/week.ipynb", "week_solved.ipynb.txt", "week.zip"]
)
@pytest.mark.parametrize("named", [UNTOUCHED, b"", b"{"])
def test_a_copy_that_was_worked_on_counts_beside_one_that_was_not(
    tmp_path: Path, copy: str, named: bytes
) -> None:
    """The released notebook lies there untouched, or broken; it is said which was graded."""
    (tmp_path / "week.ipynb").write_bytes(named)
    path = tmp_path / copy
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zipped(("week.ipynb", SOLVED)) if copy.endswith(".zip") else SOLVED)
    submission = ready(tmp_path)
    assert is_solved(submission)
    assert copy in submission.notes[0]
    assert not doubts(submission.notebook.cells)


def test_a_copy_in_which_more_was_done_is_for_a_person(tmp_path: Path) -> None:
    """The named one counts; what it loses waits."""
    (tmp_path / "week.ipynb").write_bytes(HALF)
    (tmp_path / "week-Copy1.ipynb").write_bytes(SOLVED)
    submission = ready(tmp_path)
    assert of(submission.notebook, "descend").source == GOOD
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}
    assert not is_marked(of(submission.notebook, "written"), "unanswered")
    assert any("week-Copy1.ipynb" in note for note in submission.notes)


@pytest.mark.parametrize("named", [None, UNTOUCHED, b"{"])
@pytest.mark.parametrize("other", ["a.ipynb", "b.ipynb", "old/b.ipynb", "z.json"])
def test_of_two_that_were_worked_on_no_name_says_which_counts(
    tmp_path: Path, named: bytes | None, other: str
) -> None:
    """One of them is graded, the other one is named, and what is lost waits for a person."""
    if named is not None:
        (tmp_path / "week.ipynb").write_bytes(named)
    (tmp_path / "aa.ipynb").write_bytes(HALF)
    (tmp_path / other).parent.mkdir(exist_ok=True)
    (tmp_path / other).write_bytes(SOLVED)
    submission = ready(tmp_path)
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}
    assert any("aa.ipynb was worked on as well" in note for note in submission.notes)
    (tmp_path / "aa.ipynb").write_bytes(SOLVED)
    assert not doubts(ready(tmp_path).notebook.cells)


@pytest.mark.parametrize("copy", [UNTOUCHED, HALF, SOLVED, b"{", b""])
def test_beside_one_that_was_worked_on_a_copy_is_ignored_and_said(
    tmp_path: Path, copy: bytes
) -> None:
    """A backup, say."""
    (tmp_path / "week.ipynb").write_bytes(SOLVED)
    (tmp_path / "week-Copy1.ipynb").write_bytes(copy)
    submission = ready(tmp_path)
    assert is_solved(submission)
    assert submission.notes == ("other notebooks were ignored: week-Copy1.ipynb",)
    assert not doubts(submission.notebook.cells)


def test_a_copy_without_metadata_counts_too(tmp_path: Path) -> None:
    """Downloaded from somewhere that keeps none."""
    (tmp_path / "week.ipynb").write_bytes(UNTOUCHED)
    (tmp_path / "colab.ipynb").write_bytes(content(*map(bare, work().values())))
    assert is_solved(ready(tmp_path))


def test_no_notebook_is_an_explicit_nothing(tmp_path: Path) -> None:
    """An empty folder, or one with nothing but what the system puts there."""
    (tmp_path / "timestamp.txt").write_text("2027-03-10 12:00:00 UTC")
    (tmp_path / ".DS_Store").write_bytes(b"")
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    checkpoint = tmp_path / ".ipynb_checkpoints" / "week-checkpoint.ipynb"
    checkpoint.write_bytes(UNTOUCHED)
    submission = ready(tmp_path)
    assert submission.problem == "there is no notebook week.ipynb"
    assert not doubts(submission.notebook.cells)
    checkpoint.write_bytes(SOLVED)
    submission = ready(tmp_path)
    assert submission.problem == "there is no notebook week.ipynb, but .ipynb_checkpoints"
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}


@pytest.mark.parametrize(
    "name", ["week.pdf", "week.py", "week.html", "scan.jpg", "week.7z", "in my drive.url"]
)
def test_work_in_another_form_is_for_a_person(tmp_path: Path, name: str) -> None:
    """It cannot be graded here, and is not closed at 0."""
    (tmp_path / name).write_bytes(b"the work")
    submission = ready(tmp_path)
    assert submission.problem == f"there is no notebook week.ipynb, but {name}"
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}
    assert is_marked(of(submission.notebook, "written"), "waits")


LONG = content(*work().values()).decode()


@pytest.mark.parametrize(
    "data",
    [
        LONG[:-30].encode(), LONG[: len(LONG) // 2].encode(), f"<<<<<<< HEAD\n{LONG}".encode(),
        f"[{LONG}]".encode(), LONG.replace('"cells"', ',"cells"').encode(), b"PK\3\4 and so on",
        b"\x1f\x8b and so on", b"%PDF-1.4",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_and_may_hold_work_is_for_a_person(
    tmp_path: Path, data: bytes
) -> None:
    """Cut off, merged by git, wrapped, packed, or a document under the notebook's name."""
    (tmp_path / "week.ipynb").write_bytes(data)
    submission = ready(tmp_path)
    assert submission.problem
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}


@pytest.mark.parametrize("data", [b"", b"{", b"[1, 2]", b"<html>Log in</html>", b"\xff" * 99])
def test_a_file_that_holds_nothing_is_an_explicit_nothing(tmp_path: Path, data: bytes) -> None:
    """Empty, or something else altogether."""
    (tmp_path / "week.ipynb").write_bytes(data)
    submission = ready(tmp_path)
    assert submission.problem
    assert not doubts(submission.notebook.cells)


@pytest.mark.parametrize(
    "beside", ["my answers.pdf", "scan.jpg", "week.py", "week.html", ".ipynb_checkpoints/w.ipynb"]
)
def test_work_beside_an_untouched_notebook_is_for_a_person(tmp_path: Path, beside: str) -> None:
    """Printed, photographed, exported, or saved before it was lost."""
    (tmp_path / "week.ipynb").write_bytes(UNTOUCHED)
    path = tmp_path / beside
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(SOLVED if beside.endswith(".ipynb") else b"the work")
    submission = ready(tmp_path)
    assert set(doubts(submission.notebook.cells)) == {"descend", "climb"}
    assert is_marked(of(submission.notebook, "written"), "waits")
    assert any("beside it lies" in note for note in submission.notes)


@pytest.mark.parametrize(
    "beside", ["data.csv", "plot.png", "README.md", "helpers.py", "feedback/1/week.html"]
)
def test_what_a_week_may_give_is_no_work(tmp_path: Path, beside: str) -> None:
    """An untouched notebook beside its data is untouched."""
    (tmp_path / "week.ipynb").write_bytes(UNTOUCHED)
    (tmp_path / beside).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / beside).write_bytes(b"given")
    submission = ready(tmp_path)
    assert not doubts(submission.notebook.cells)
    assert is_marked(of(submission.notebook, "written"), "unanswered")
    assert submission.notes == ()


def test_an_answer_beside_the_notebook_is_for_a_person(tmp_path: Path) -> None:
    """The functions are judged as they are; the words wait."""
    (tmp_path / "week.ipynb").write_bytes(HALF)
    assert is_marked(of(ready(tmp_path).notebook, "written"), "unanswered")
    (tmp_path / "answer.pdf").write_bytes(b"%PDF-1.4")
    submission = ready(tmp_path)
    assert is_marked(of(submission.notebook, "written"), "waits")
    assert not doubts(submission.notebook.cells)
    assert any("answer.pdf" in note for note in submission.notes)


def link(folder: Path) -> None:
    outside = folder.parent / "outside.ipynb"
    outside.write_bytes(SOLVED)
    (folder / "other.ipynb").symlink_to(outside)


def linked_folder(folder: Path) -> None:
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "week.ipynb").write_bytes(SOLVED)
    (folder / "mine").symlink_to(folder.parent / "outside")


def loop(folder: Path) -> None:
    (folder / "again").symlink_to(folder)


def deep(folder: Path) -> None:
    for _ in range(300):
        folder = folder / "d"
        folder.mkdir()


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "week-Copy1.ipynb")


def bomb(folder: Path) -> None:
    (folder / "week.zip").write_bytes(zipped(("week.ipynb", b" " * 60_000_000)))


def broken_zip(folder: Path) -> None:
    (folder / "week.zip").write_bytes(zipped(("week.ipynb", SOLVED))[:-30])


def crowd(folder: Path) -> None:
    for number in range(600):
        (folder / f"{number}.json").write_text("[" * 1000)


@pytest.mark.parametrize("trick", [link, linked_folder, loop, deep, pipe, bomb, broken_zip, crowd])
def test_tricks_are_passed_over(tmp_path: Path, trick: Callable[[Path], None]) -> None:
    """No link is followed, nothing is waited for, and nobody's grading ends."""
    folder = tmp_path / "submitted"
    folder.mkdir()
    trick(folder)
    submission = ready(folder)
    assert not is_solved(submission)
    assert submission.problem.startswith("there is no notebook week.ipynb")


def test_the_digest_is_that_of_the_file_that_counts(tmp_path: Path) -> None:
    """So that another copy is other work."""
    (tmp_path / "week.ipynb").write_bytes(UNTOUCHED)
    before = ready(tmp_path).digest
    (tmp_path / "week-Copy1.ipynb").write_bytes(SOLVED)
    after = ready(tmp_path)
    assert before != after.digest
    assert after.digest == hashlib.sha256(SOLVED).hexdigest()
    assert after.named == before == hashlib.sha256(UNTOUCHED).hexdigest()
