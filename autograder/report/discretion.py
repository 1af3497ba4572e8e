"""What the class report may say of single people, and how numbers of people are put.

Knows counts; neither names nor scores.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import CourseError

__all__ = ["FEW", "Discretion"]

#: Counts below this are not broken down in the shareable variant.
FEW = 5


@dataclass(frozen=True)
class Discretion:
    """What the report may say of single people.

    Parameters
    ----------
    anonymous : bool
        No names or ids, no texts of students, and no counts below five.
    names : bool
        Names beside the ids, and who is in a group of near-identical work.

    Raises
    ------
    CourseError
        If both are asked for.
    """

    anonymous: bool = False
    names: bool = False

    def __post_init__(self) -> None:
        if self.anonymous and self.names:
            raise CourseError("--anonymous and --names contradict each other; leave one out")

    def count(self, number: int) -> str:
        """A number of people."""
        return f"fewer than {FEW}" if self.anonymous and number < FEW else str(number)

    def share(self, part: int, whole: int) -> str:
        """``part`` of ``whole`` people, in words."""
        if self.anonymous and part < FEW:
            return f"fewer than {FEW} of {self.count(whole)}"
        if self.anonymous and whole - part < FEW:
            return f"all of {whole} but fewer than {FEW}"
        return f"{part} of {whole} ({part / whole:.0%})" if whole else "nobody"

    def may_break_down(self, part: int, whole: int) -> bool:
        """Whether both those and the others are enough people."""
        return not self.anonymous or (part >= FEW and whole - part >= FEW)
