"""The weeks as a reader meets them: the idea first, one style, links, a picture of each."""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import ROOT
from nbformat import NotebookNode

from autograder.submissions.figures import cover

#: Number, folder and notebook of each week, in order. Nothing is imported, so that a week
#: whose libraries are missing here is linked all the same.
WEEKS = sorted(
    (int(found[1]), path.parent.name, path.stem)
    for path in ROOT.glob("source/*/*.py")
    if path.name != "reference.py" and (found := re.match(r"week(\d+)_", path.parent.name))
)
README = (ROOT / "README.md").read_text("utf-8")


def links(position: int) -> str:
    """What the notebook at `position` says about its neighbours."""
    said = []
    if position > 0:
        number, folder, name = WEEKS[position - 1]
        said.append(f"[← Week {number}](../{folder}/{name}.ipynb)")
    if position + 1 < len(WEEKS):
        number, folder, name = WEEKS[position + 1]
        said.append(f"[Week {number} →](../{folder}/{name}.ipynb)")
    return " · ".join(said)


@pytest.mark.parametrize("position", range(len(WEEKS)), ids=[week for _, week, _ in WEEKS])
def test_a_week_links_to_its_neighbours(position: int) -> None:
    """In its first and in its last cell; the links work in a student's folder, too."""
    _, folder, name = WEEKS[position]
    for step in ("source", "release", "solutions"):
        notebook = nbformat.read(ROOT / step / folder / f"{name}.ipynb", as_version=4)
        ends = [notebook.cells[0], notebook.cells[-1]]
        for cell in ends:
            assert links(position) in cell.source.splitlines(), (
                f"put this line into the first and the last cell of source/{folder}/{name}.py, "
                f"and run autograder sync {folder}:\n# {links(position)}"
            )
        for target in re.findall(r"\]\((\.\./[^)]*)\)", "".join(cell.source for cell in ends)):
            assert (ROOT / step / folder / target).is_file(), target


@pytest.mark.parametrize(("folder", "name"), [week[1:] for week in WEEKS])
def test_the_readme_shows_a_picture_of_each_week(folder: str, name: str) -> None:
    """That of the solutions' cell tagged ``cover``: small, current, linked to the notebook."""
    solutions = nbformat.read(ROOT / "solutions" / folder / f"{name}.ipynb", as_version=4)
    tagged = [cell for cell in solutions.cells if "cover" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1, f"tag one figure of source/{folder}/{name}.py as cover"
    path = ROOT / "docs" / "weeks" / f"{folder}.png"
    assert path.is_file(), f"run autograder sync {folder}"
    assert path.read_bytes() == cover(solutions), f"run autograder sync {folder}"
    assert path.stat().st_size < 60_000
    assert f'src="docs/weeks/{folder}.png"' in README
    assert f"(release/{folder}/{name}.ipynb)" in README


#: A link to somewhere else, as Markdown that every notebook shows as one.
LINK = re.compile(r"\[([^\[\]]+)\]\((https://[a-z0-9.-]+\.[a-z]+(?:/[^\s<>]*)?)\)")


def released(folder: str, name: str) -> list[NotebookNode]:
    cells: list[NotebookNode] = nbformat.read(
        ROOT / "release" / folder / f"{name}.ipynb", as_version=4
    ).cells
    return cells


def prose(cells: list[NotebookNode]) -> str:
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def lines_of_code(cells: list[NotebookNode]) -> int:
    lines = [line.strip() for cell in cells for line in cell.source.splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in lines)


@pytest.mark.parametrize(("folder", "name"), [week[1:] for week in WEEKS])
def test_nothing_stands_before_the_first_picture(folder: str, name: str) -> None:
    """It comes within 20 lines of code, none of them folded, and before the first task."""
    code, task = [], False
    for cell in released(folder, name):
        task = task or "**Task 1 (" in cell.source
        if cell.cell_type == "code" and "figure" in cell.metadata.get("tags", ()):
            break
        code += [cell] if cell.cell_type == "code" else []
    assert not task
    assert lines_of_code(code) <= 20
    assert not any("hide-input" in cell.metadata.get("tags", ()) for cell in code)


def test_the_weeks_share_one_cell_of_helpers() -> None:
    """Folded wherever a notebook can say so, under a title that says what to do with it."""
    found = set()
    for _, folder, name in WEEKS:
        for cell in released(folder, name):
            if "def drawable(" in cell.source:
                found.add(cell.source)
            if "hide-input" in cell.metadata.get("tags", ()):
                assert cell.metadata["jupyter"] == {"source_hidden": True}
                assert cell.metadata["cellView"] == "form"
                assert re.match(r"# @title [^\n]+: run this cell, there is no need", cell.source)
    assert len(found) == 1


@pytest.mark.parametrize(("number", "folder", "name"), WEEKS)
def test_the_weeks_are_told_in_one_style(number: int, folder: str, name: str) -> None:
    """Title, what it takes and gives, numbered sections, an open end, three lines, one orange."""
    cells = released(folder, name)
    text = prose(cells)
    assert re.match(rf"# Week {number}: [A-Z]", cells[0].source)
    for promise in (
        "* **You need** ",
        "* **After this you can** ",
        "* **Time:** about ",
        "are the core",
    ):
        assert promise in " ".join(cells[0].source.split())
    sections = re.findall(r"^## (.*)", text, flags=re.MULTILINE)
    numbered = [title for title in sections if title[0].isdigit()]
    assert [title.split(".")[0] for title in numbered] == [str(k + 1) for k in range(len(numbered))]
    assert [title.split(" (")[0] for title in sections[len(numbered) :]] == [
        "Written question", "If you have time", "To take away", "Where to read on", "Next week",
    ]  # fmt: skip
    assert len(re.findall(r"^\d\. ", text.split("## To take away")[1], flags=re.MULTILINE)) == 3
    oranges = {found for cell in cells for found in re.findall(r"#E69F00|#D55E00", cell.source)}
    assert oranges == {"#D55E00"}


@pytest.mark.parametrize(("folder", "name"), [week[1:] for week in WEEKS])
def test_the_times_of_a_week_add_up(folder: str, name: str) -> None:
    """What the top says of tasks and question stands beside them, and is less than the whole."""
    cells = released(folder, name)
    top = " ".join(cells[0].source.split())
    whole, tasks, written = (
        int(re.search(pattern, top)[1])  # type: ignore[index]
        for pattern in (
            r"about (\d+) minutes:",
            r"tasks \((\d+) minutes",
            r"question \((\d+) minutes",
        )
    )
    said = re.findall(
        r"^\*\*Task \d\w? \(.*about (\d+) minutes\)", prose(cells), flags=re.MULTILINE
    )
    assert sum(map(int, said)) == tasks
    assert f"## Written question (5 points, about {written} minutes)" in prose(cells)
    assert tasks + written + 15 <= whole


@pytest.mark.parametrize(("folder", "name"), [week[1:] for week in WEEKS])
def test_what_there_is_to_read_on_can_be_clicked(folder: str, name: str) -> None:
    """Three to five references, each with one link of good form; nobody asks where it leads."""
    text = prose(released(folder, name))
    reading = text.split("## Where to read on")[1].split("\n> ")[0].split("## Next week")[0]
    references = [" ".join(part.split()) for part in reading.split("\n* ")[1:]]
    assert 3 <= len(references) <= 5
    for reference in references:
        (link,) = LINK.findall(reference)
        assert link[1].count("(") == link[1].count(")")
    assert text.count("](http") == len(LINK.findall(" ".join(text.split())))
