"""A submission made ready: its notebooks found, read and mended.

`find` says which file of a folder is which notebook of the week, and what is to be said about that;
`prepare` does the same for a file that is known. Knows what was released; not who grades it, nor
how.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from autograder.submissions.beside import File, own_modules
from autograder.submissions.cells import MasterCell, grade_id_of, is_marked
from autograder.submissions.code import squeezed
from autograder.submissions.finding import answers, candidates, checkpoints, documents
from autograder.submissions.hidden import hands_over
from autograder.submissions.mend import doubt, mend
from autograder.submissions.reading import Reading, no_notebook, read_submission
from autograder.submissions.sorting import Masters, notebooks_of

__all__ = ["Submission", "Work", "classic_tests", "find", "prepare"]


@dataclass(frozen=True)
class Submission:
    """A notebook of a submission made ready: mended, and what was found on the way."""

    student: str
    notebook: NotebookNode
    digest: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    #: The student's own modules.
    files: tuple[File, ...] = ()
    #: Digest of the file under the released name, whichever was taken.
    named: str = ""
    #: Test cells that hand nothing over, as they were written, by ``grade_id``.
    tests: Mapping[str, str] = field(default_factory=dict)
    #: The released name, without its ending; and the file that was taken.
    name: str = ""
    file: str = ""


def classic_tests(master: Sequence[MasterCell]) -> dict[str, str]:
    """The test cells that hand nothing to ``observe``, with their hidden parts."""
    return {
        cell.grade_id: cell.source
        for cell in master
        if cell.grade and not cell.solution and cell.cell_type == "code"
        if not hands_over(cell.source)
    }


@dataclass(frozen=True)
class Work:
    """What a student handed in of a week: each of its notebooks, whether it is there or not."""

    student: str
    notebooks: tuple[Submission, ...]

    @property
    def digest(self) -> str:
        """Changes with the bytes of any of them."""
        digests = [submission.digest for submission in self.notebooks]
        if len(digests) == 1:
            return digests[0]
        return hashlib.sha256("/".join(digests).encode()).hexdigest()

    @property
    def notes(self) -> list[str]:
        """What is odd about any of them."""
        return [note for submission in self.notebooks for note in submission.notes]


def prepare(student: str, path: Path, masters: Masters) -> Submission:
    """Read and mend one file, which may be any of the week's notebooks; see `find`.

    Whatever is wrong becomes a problem or a note.
    """
    if path.exists() or path.is_symlink():
        reading = read_submission(path, inside=path.parent)
    else:
        reading = no_notebook(f"there is no notebook {path.name}")
    name = notebooks_of(reading.notebook, path.stem, masters)[0]
    candidate = _Candidate(path.name, path.parent, reading, masters[name])
    return replace(candidate.submission(student), name=name)


def find(student: str, folder: Path, masters: Masters) -> Work:
    """Find, read and mend the notebooks of a submission.

    A file belongs to the notebook whose cells it holds, whatever it is called. Of those that do,
    the one under the released name counts, if anything in it was worked on; otherwise another one
    that was: a copy, a renamed file, one in a folder or an archive.

    Parameters
    ----------
    student : str
    folder : Path
        Of the submission.
    masters : mapping of str to sequence of MasterCell
        By the released name of the notebook, without its ending; as `mend` takes them.
    """
    wanted = {folder / f"{name}.ipynb": name for name in masters}
    files: list[tuple[str, Path, Reading]] = [
        (path.name, folder, read_submission(path, inside=folder))
        for path in wanted
        if path.exists() or path.is_symlink()
    ]
    files += candidates(folder, wanted)
    theirs: dict[str, list[_Candidate]] = {name: [] for name in masters}
    for file in files:
        label, _, reading = file
        for name in notebooks_of(reading.notebook, Path(label).stem, masters):
            theirs[name].append(_Candidate(*file, masters[name]))
    found = (
        replace(_found(student, path, theirs[name], masters[name]), name=name)
        for path, name in wanted.items()
    )
    return Work(student, tuple(found))


def _found(
    student: str, wanted: Path, files: Sequence[_Candidate], master: Sequence[MasterCell]
) -> Submission:
    """One notebook, of the files that may be it."""
    folder = wanted.parent
    named = next((f for f in files if (f.folder, f.label) == (folder, wanted.name)), None)
    others = [f for f in files if f is not named and (f.is_one or f.label.endswith(".ipynb"))]
    best = max(others, key=lambda other: (other.worked, other.is_one), default=None)
    if named is not None:
        chosen = _the_named_or(best, named, others, student)
        return replace(chosen, named=named.reading.digest)
    if best is None:
        return _without(student, folder, wanted, master)
    note = f"the notebook is called {best.label}; it should be {wanted.name}"
    return best.submission(student, [note], _also_worked_on(best, others))


def _the_named_or(
    best: _Candidate | None, named: _Candidate, others: Sequence[_Candidate], student: str
) -> Submission:
    """The file under the released name; or the best of the others, if only that was worked on."""
    if best is not None and best.worked and not named.worked:
        note = f"{named.label} is as it was released; {best.label}, beside it, was graded"
        if named.reading.problem:
            note = f"{named.label} cannot be graded ({named.reading.problem}); {best.label} was"
        return best.submission(student, [note], _also_worked_on(best, others))
    ignored = ", ".join(o.label for o in others if o.is_one or o.reading.problem)
    notes = [f"other notebooks were ignored: {ignored}"] if ignored else []
    if not named.worked and (where := _elsewhere(named)):
        return named.submission(student, notes, where)
    if best is None or best.worked <= named.worked:
        return named.submission(student, notes)
    why = f"in {best.label}, beside {named.label}, more was worked on; a person has to look"
    return named.submission(student, notes, why)


def _also_worked_on(best: _Candidate, others: Sequence[_Candidate]) -> str:
    """Where no name says which of several counts: why a person has to look."""
    digest = best.reading.digest
    also = [other.label for other in others if other.worked and other.reading.digest != digest]
    if not also:
        return ""
    return f"beside {best.label}, {', '.join(also)} was worked on as well; a person has to look"


def _elsewhere(named: _Candidate) -> str:
    """Where the work may be if none is in the notebooks; ``""`` if nothing looks like it."""
    beside = answers(named.folder, named.folder / named.label)
    if not beside and any(
        _Candidate("", named.folder, kept, named.master).worked
        for kept in checkpoints(named.folder)
    ):
        beside = ".ipynb_checkpoints"
    return f"no work is in {named.label}, but beside it lies {beside}" if beside else ""


def _without(student: str, folder: Path, wanted: Path, master: Sequence[MasterCell]) -> Submission:
    """Nothing that holds a notebook: an explicit 0, unless the work may stand in something else."""
    problem = f"there is no notebook {wanted.name}"
    if wanted.exists():
        problem = f"{wanted.name} holds another notebook of the week"
    elif instead := documents(folder):
        problem += f", but {instead}"
    empty = _Candidate(wanted.name, folder, no_notebook(problem), master)
    if not instead and _elsewhere(empty):
        instead = ".ipynb_checkpoints"
        empty = replace(empty, reading=no_notebook(f"{problem}, but {instead}"))
    return empty.submission(student, doubtful=empty.reading.problem if instead else "")


def _look_beside(mended: NotebookNode, beside: str) -> list[str]:
    """Leave answers in words to a person that may stand in a file beside the notebook; a note."""
    if not beside:
        return []
    why = f"no answer stands in its cell, but beside the notebook lies {beside}"
    doubt(mended, why, unanswered=True)
    return [f"{why}; a person has to look"]


@dataclass(eq=False)
class _Candidate:
    """A file that may be the submitted notebook."""

    label: str
    folder: Path
    reading: Reading
    master: Sequence[MasterCell] = field(repr=False)

    @cached_property
    def _mended(self) -> tuple[NotebookNode, list[str]]:
        return mend(self.reading.notebook, self.master)

    @property
    def is_one(self) -> bool:
        """Whether any released cell was found in it."""
        return any(c.metadata.get("nbgrader") and not is_marked(c, "missing") for c in self._cells)

    @property
    def worked(self) -> int:
        """How many of the cells that students fill in are not as they were released."""
        shown = {cell.grade_id: squeezed(cell.shown) for cell in self.master if cell.solution}
        return sum(
            grade_id_of(cell) in shown
            and not is_marked(cell, "missing")
            and squeezed(cell.source) != shown[grade_id_of(cell)]
            for cell in self._cells
        )

    @property
    def _cells(self) -> list[NotebookNode]:
        return list(self._mended[0].cells)

    @property
    def _names(self) -> list[str]:
        return [cell.grade_id for cell in self.master if cell.grade_id]

    def submission(self, student: str, notes: Sequence[str] = (), doubtful: str = "") -> Submission:
        """Made ready; `doubtful` says why points that it loses wait for a person."""
        problem, tests = self.reading.problem, classic_tests(self.master)
        mended, found = self._mended
        if problem and not doubtful and self.reading.may_hold(self._names):
            doubtful = problem
        if doubtful:
            doubt(mended, doubtful)
            notes = [*notes, *([doubtful] if not problem else [])]
        if problem:  # that every cell is missing says nothing more
            digest = hashlib.sha256(problem.encode()).hexdigest()
            return Submission(
                student, mended, digest, problem, tuple(notes), tests=tests, file=self.label
            )
        cells = self.reading.notebook.cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        files, unused = own_modules(self.folder, code)
        digest = self.reading.digest
        if files:
            both = hashlib.sha256(digest.encode())
            for file in files:
                both.update(hashlib.sha256(f"{file.name}\0".encode() + file.content).digest())
            digest = both.hexdigest()
        if any(is_marked(cell, "unanswered") for cell in mended.cells):
            notes = [*notes, *_look_beside(mended, answers(self.folder, self.folder / self.label))]
        notes = [*notes, *self.reading.notes, *found, *unused]
        return Submission(
            student, mended, digest, "", tuple(notes), tuple(files), tests=tests, file=self.label
        )
