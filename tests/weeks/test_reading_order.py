"""The weeks as a reader meets them: links from one to the next, a picture of each."""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import ROOT

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
