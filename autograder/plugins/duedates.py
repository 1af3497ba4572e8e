"""When a week is due, where ``nbgrader_config.py`` and the gradebook both say so.

The configuration is the place to change a due date; formgrader and `nbgrader db` change the
gradebook's. Which of the two was changed shows from what was last agreed on: a change in the
configuration is taken over, one in the gradebook is kept and said. Knows no submissions.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.grading.records import write_whole
from autograder.grading.settings import CourseSettings

__all__ = ["agree"]


def agree(gradebook: Gradebook, root: Path, settings: CourseSettings, week: str) -> str:
    """Bring the gradebook's due date of a week up to the configured one, unless it was changed.

    Parameters
    ----------
    gradebook : Gradebook
    root : Path
        The course folder.
    settings : CourseSettings
    week : str
        Gets an entry in the gradebook if it has none.

    Returns
    -------
    str
        A sentence where the two differ and the gradebook's date is kept; else empty.
    """
    try:
        theirs: datetime | None = gradebook.find_assignment(week).duedate
    except MissingEntry:
        gradebook.add_assignment(week)
        theirs = None
    ours = settings.due_date(week)
    if ours is None:
        return ""
    agreed = _read(root)
    if theirs not in (None, ours) and agreed.get(week) != theirs.isoformat():
        return (
            f"{week} is due at {ours} UTC in nbgrader_config.py, but at {theirs} UTC in the "
            "gradebook, where somebody set it (in formgrader or by nbgrader db). The gradebook's "
            "date counts. Write the date that is meant into c.CourseSettings.due_dates, and set "
            f"the same one in formgrader, or by: nbgrader db assignment add {week} --duedate DATE"
        )
    if theirs != ours:
        gradebook.update_or_create_assignment(week, duedate=ours)
    if agreed.get(week) != ours.isoformat():
        agreed[week] = ours.isoformat()
        write_whole(_path(root), json.dumps(agreed, indent=1, sort_keys=True) + "\n")
    return ""


def _path(root: Path) -> Path:
    return root / "records" / "due_dates.json"


def _read(root: Path) -> dict[str, str]:
    """What was last agreed on, by week; nothing if that can't be read."""
    try:
        agreed = json.loads(_path(root).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return agreed if isinstance(agreed, dict) else {}
