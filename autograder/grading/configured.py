"""The limits of a run as the course's configuration sets them.

What this platform cannot protect against is said here, once, before the first kernel starts.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.grading.exposed import exposed
from autograder.kernels.driver import Execute, Limits
from autograder.kernels.sandbox import missing_protection

__all__ = ["as_configured", "as_long_as_configured"]

#: A whole notebook may take so many times what one cell may.
_CELLS = 8
_ALL_THE_SAME = (
    "To grade all the same, add --unsafe, or set c.CourseSettings.unsafe in nbgrader_config.py."
)


def as_configured(limits: Limits, course: Course, execute: Execute) -> Limits:
    """Limits with what the course's configuration allows; what cannot be protected is said."""
    settings = course.settings
    limits = replace(
        as_long_as_configured(limits, course),
        unsafe=limits.unsafe or settings.unsafe,
        figures=limits.figures or settings.figures,
    )
    # Where the notebooks run is what counts: here, or on the workers of a scheduler.
    missing = getattr(execute, "missing_protection", missing_protection)()
    _say_what_is_missing(missing, limits.unsafe)
    if not limits.unsafe:
        _refuse_if_readable(course)
    return limits


def as_long_as_configured(limits: Limits, course: Course) -> Limits:
    """Limits with the seconds that a cell has by nbgrader's own ``c.Execute.timeout``, if set."""
    for section in ("Execute", "ExecutePreprocessor"):
        seconds = course.config[section].get("timeout")
        if isinstance(seconds, int | float) and seconds > 0:
            whole = max(limits.total_seconds, _CELLS * seconds)
            cell = float(seconds)
            return replace(limits, cell_seconds=cell, answer_seconds=cell, total_seconds=whole)
    return limits


def _refuse_if_readable(course: Course) -> None:
    """Stop where a submission could read others' work, however the box is closed."""
    if found := exposed(course):
        raise CourseError(f"{'. '.join(found)}. {_ALL_THE_SAME}")


def _say_what_is_missing(missing: list[str], unsafe: bool) -> None:
    """Say once what this platform cannot protect against; stop, unless told to go on."""
    if missing and not unsafe:
        raise CourseError(f"{' '.join(missing)} {_ALL_THE_SAME}")
    if missing:
        print(f"autograder: going on without all protection. {' '.join(missing)}", file=sys.stderr)
