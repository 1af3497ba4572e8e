"""Feedback pages: one file each, that needs nothing else and runs nothing.

`nbgrader generate_feedback` makes them by `FeedbackExporter` from graded notebooks: a summary, then
the notebook. What a student wrote is text: raw HTML is shown, not obeyed, and the page allows no
script. Each is made in a place of its own, within bounds; where that does not go, it is a plain
one. Knows graded notebooks and records; it judges nothing.
"""

from __future__ import annotations

import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter, HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.grading.bounded import Bounds, run
from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.pages.plain import plain_page
from autograder.pages.template import page

__all__ = ["FeedbackExporter"]

Resources = dict[str, Any]
#: An ordinary page takes half a second and 20 MB.
SHOWING = Bounds("making the page", seconds=5, megabytes=400)


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """Makes a feedback page of a graded notebook, for ``GenerateFeedback.exporter_class``."""

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        config = Config(config or {})
        # What is said of every HTML exporter is meant for formgrader's page, not for this one.
        config.merge({"FeedbackExporter": {"preprocessors": [], "filters": {}}})
        super().__init__(config=config, **kwargs)

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[str, Resources]:
        """Export a notebook with scores in it (called by nbgrader)."""
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                if "data" in output:  # nothing else is shown, and it may be nested too deeply
                    texts = {kind: data for kind, data in output.data.items() if type(data) is str}
                    output.data = NotebookNode(texts)
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **kwargs)
        ids = dict(resources.get("nbgrader", {}))
        about = {**self._recorded(ids), "released": self._released(ids)}
        told = {"nbgrader": ids, "metadata": resources.get("metadata", {}), "page": about}
        try:
            config = pickle.dumps({"FeedbackExporter": dict(self.config.FeedbackExporter)})
            return run(SHOWING, page, config, nb, told), resources
        except Exception as error:  # whatever it is that a student put there
            self.log.warning("the page is a plain one: %s", error)
            return plain_page(nb, ids), resources

    def _recorded(self, ids: Resources) -> Resources:
        """Of the run, if there is a record of it: seed and date, and why nothing could be read."""
        root = getattr(getattr(self.parent, "coursedir", None), "root", None)
        if root is None or "student" not in ids:
            return {}
        record = Record.read(_course(str(root)), ids["assignment"], ids["student"])
        at = str(record.run.get("at", "")) if isinstance(record.run, dict) else ""
        of_notebooks = record.graded.get("notebooks", {}) if isinstance(record.graded, dict) else {}
        problem = str((of_notebooks.get(ids.get("notebook")) or {}).get("problem", ""))
        return {
            "graded": (record.seed, at[:16].replace("T", " ")) if at else None,
            "problem": problem,
        }

    def _released(self, ids: Resources) -> frozenset[str] | None:
        """The sources of the cells that everybody was given, if they lie in the course."""
        root = getattr(getattr(self.parent, "coursedir", None), "root", None)
        if root is None:
            return None
        path = Path(root) / "release" / ids["assignment"] / f"{ids['notebook']}.ipynb"
        try:
            return _sources(path, path.stat().st_mtime_ns)
        except Exception:  # not there, or none that can be read: then nobody knows
            return None


@lru_cache(maxsize=1)  # a class has one, and its configuration need not be read for each page
def _course(root: str) -> Course:
    return Course(root)


@lru_cache(maxsize=16)
def _sources(notebook: Path, when: int) -> frozenset[str]:
    """What a notebook's cells say, as it was at that time."""
    return frozenset(cell.source for cell in nbformat.read(notebook, as_version=4).cells)
