"""The exceptions of the package.

Student errors are values (a verdict says what went wrong); exceptions are for
the people who run the grader. Every message says what happened, where, and
what to do next.

::

    AutograderError
    ├── CourseError          the course folder, its configuration or a week is not as it should be
    │   ├── UnknownWeek      no such week in ``source/``
    │   ├── WeekSkipped      a package that only this week needs is not installed; no fault
    │   └── NothingToGrade   the week exists, but nobody has submitted
    ├── TaskError            a ``reference.py`` contradicts itself
    │   └── CannotDraw       no fair and telling set of calls was found
    ├── GradebookError       the gradebook is missing, locked, or knows another release
    │   └── GradebookBusy    another run of the grader is writing to it
    ├── SheetError           a file of the learning management system is not as it should be
    ├── ArchiveError         an archive of submissions is damaged, or not safe to open
    ├── ClusterError         the scheduler of ``--scheduler`` is lost, or runs other versions
    ├── Overrun              reading or judging one submission takes more than it may
    └── GraderFault          executing or judging failed through no fault of the student
"""

from __future__ import annotations


class AutograderError(Exception):
    """Base of every exception that the package raises on purpose."""


class CourseError(AutograderError):
    """The course folder, its configuration or a week is not as it should be."""


class UnknownWeek(CourseError):
    """No week of that name in ``source/``."""


class WeekSkipped(CourseError):
    """A package that only this week needs is not installed here, so it can't be run."""


class NothingToGrade(CourseError):
    """The week exists, but there is no submission to grade."""


class TaskError(AutograderError):
    """A ``reference.py`` contradicts itself."""


class CannotDraw(TaskError):
    """No fair and telling set of calls was found within the allowed tries."""


class GradebookError(AutograderError):
    """The gradebook is missing, locked, or knows another release of the week."""


class GradebookBusy(GradebookError):
    """Another run of the grader is writing to the gradebook."""


class SheetError(AutograderError):
    """A file of the learning management system is not as it should be."""


class ArchiveError(AutograderError):
    """An archive of submissions is damaged, or not safe to open; nothing was extracted."""


class ClusterError(AutograderError):
    """No scheduler, or no workers, or workers that would grade differently; the run stops."""


class Overrun(AutograderError):
    """Reading, judging or showing one submission takes more time or memory than it may."""


class GraderFault(AutograderError):
    """Executing or judging failed through no fault of the student."""
