"""nbgrader's exchange from the instructor's side: where it lies, and whether it can be used.

Reads the configuration of course, user and machine, as nbgrader does. It looks at nothing that
students put there.
"""

from __future__ import annotations

import os
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.errors import CourseError
from autograder.grading.course import Course, Week
from autograder.grading.settings import as_nbgrader_reads_it
from autograder.plugins.inbound import OwnedCollect

__all__ = ["Exchange"]


class Exchange:
    """The folders of a week in nbgrader's exchange.

    Parameters
    ----------
    course : Course
    week : Week

    Raises
    ------
    CourseError
        If there is no exchange, or it cannot be used.
    """

    def __init__(self, course: Course, week: Week) -> None:
        self.week = week
        config = as_nbgrader_reads_it(course.config)
        self.directory = CourseDirectory(
            config=config, root=str(course.root), assignment_id=week.name
        )
        factory = ExchangeFactory(config=config)
        releasing = ExchangeReleaseFeedback(coursedir=self.directory, config=config)
        collecting = factory.collect(coursedir=self.directory, config=config)
        self.check_owner = getattr(collecting, "check_owner", True)
        #: Whether only the account of a student's name may hand in for them.
        self.owned = isinstance(collecting, OwnedCollect)
        folder = Path(releasing.root, self.directory.course_id)
        self.inbound = folder / "inbound"
        self.feedback = folder / "feedback"
        if not issubclass(factory.release_feedback, ExchangeReleaseFeedback):
            raise CourseError(
                f"watching works with nbgrader's own exchange, a folder; "
                f"{factory.release_feedback.__name__} is another one"
            )
        if not self.inbound.is_dir():
            raise CourseError(
                f"there is no folder {self.inbound}; run: nbgrader release_assignment {week.name} "
                "(where the exchange lies is said by c.Exchange.root in nbgrader_config.py)"
            )
        if not os.access(self.inbound, os.R_OK | os.X_OK):
            raise CourseError(
                f"{self.inbound} cannot be read by this account; run the command as the account "
                "that released the week"
            )
        try:
            releasing.init_dest()
        except (ExchangeError, OSError) as error:
            raise CourseError(f"no feedback can be put into the exchange: {error}") from None
