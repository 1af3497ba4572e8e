"""What ``nbgrader_config.py`` says of the course itself: due dates, points, seed, what may run.

Knows the configuration; no folder of the course.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, Bunch, Dict, Int, TraitError, Unicode, validate
from traitlets.config import Config, Configurable, PyFileConfigLoader

from autograder.errors import CourseError
from autograder.grading.times import EXAMPLE, moment, zone_named
from autograder.submissions.signs import GITHUB

__all__ = ["CourseSettings", "as_nbgrader_reads_it", "exchange_zone"]


class CourseSettings(Configurable):  # type: ignore[misc]
    """What ``nbgrader_config.py`` says under ``c.CourseSettings``."""

    due_dates = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="When each week is due: 'YYYY-MM-DD HH:MM TIMEZONE', by week. Later work is flagged.",
    ).tag(config=True)
    points = Dict(
        key_trait=Unicode(), help="Points of each week, by machine and by hand together, by week."
    ).tag(config=True)
    seed = Int(
        0,
        help="From this number the questions of the hidden tests are drawn. Choose your own, and "
        "keep it: grading again with the same seed gives the same verdicts to the bit.",
    ).tag(config=True)
    figures = Bool(
        False,
        help="Draw the figures of a submission again, rather than keep those handed in with it. "
        "Takes longer than all the rest of grading.",
    ).tag(config=True)
    public_url = Unicode(
        "",
        help="Where the release is published: the page of its folder at GitHub, as in "
        "'https://github.com/OWNER/REPOSITORY/tree/main/release'. Released notebooks then begin "
        "with badges that open them in Colab and Kaggle; without it there are none.",
    ).tag(config=True)
    unsafe = Bool(
        False,
        help="Grade even where the platform cannot protect the grader from what is submitted.",
    ).tag(config=True)

    @validate("public_url")  # type: ignore[untyped-decorator]
    def _at_github(self, proposal: Bunch) -> str:
        address = str(proposal["value"]).strip().rstrip("/")
        if address and not GITHUB.fullmatch(address):
            raise TraitError(
                f"public_url is {address!r}; Colab and Kaggle open what lies at GitHub, so write "
                "it as 'https://github.com/OWNER/REPOSITORY/tree/BRANCH/release'"
            )
        if unfilled := {"OWNER", "REPOSITORY", "BRANCH"}.intersection(address.split("/")):
            raise TraitError(
                f"public_url is {address!r}, with {' and '.join(sorted(unfilled))} still to be "
                "filled in; or take the line out, and there are no badges"
            )
        return address

    def due_date(self, week: str) -> datetime | None:
        """When `week` is due, in UTC without time zone (nbgrader's way), or None.

        Raises
        ------
        CourseError
            If the configured text is not a date with a known time zone.
        """
        text = self.due_dates.get(week, "").strip()
        if not text:
            return None
        due = moment(text, exchange_zone(self.config, ""))
        if due is None:
            raise CourseError(
                f"nbgrader_config.py: the due date of {week}, {text!r}, cannot be read: it needs a "
                f"day, a time and a time zone that is certain; write it as {EXAMPLE!r}"
            )
        return due


def exchange_zone(config: Config, default: str = "UTC") -> tzinfo | None:
    """The time zone of those who hand in: ``c.Exchange.timezone``, nbgrader's own setting."""
    return zone_named(str(config.get("Exchange", {}).get("timezone", default)))


def as_nbgrader_reads_it(own: Config) -> Config:
    """A course's own configuration on top of the machine's and the user's.

    Where the exchange lies is often said once for all courses of a machine.

    Raises
    ------
    CourseError
        If one of them cannot be read.
    """
    config = Config()
    for folder in reversed(jupyter_config_path()):
        where = Path(folder, "nbgrader_config.py")
        if where.is_file():
            try:
                config.merge(PyFileConfigLoader(where.name, folder).load_config())
            except Exception as error:
                raise CourseError(f"{where} cannot be read: {error}") from None
    config.merge(own)
    return config
