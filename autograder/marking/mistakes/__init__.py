"""The mistakes that every course meets, ready to be put into a task.

Each function gives a list of `Mistake` for a task's reference; an author adds their own. All take
the same changes: `leave_out`, `reword`, `rename`, `also` and `costs` (see `changed`). Names are
what a class report counts, hints what a good assistant would say.
"""

from autograder.marking.mistakes.changes import Changes, changed, named
from autograder.marking.mistakes.curvatures import hessians
from autograder.marking.mistakes.differences import default_step, rippled
from autograder.marking.mistakes.kinds import (
    arrays_only,
    lost_leaf,
    modifies,
    not_by_autograd,
    raising,
    refusing,
    returns_nothing,
    scalars_only,
    value_for_a_function,
)
from autograder.marking.mistakes.limits import limits
from autograder.marking.mistakes.linear import solving
from autograder.marking.mistakes.memory import keeps, remembers, shares
from autograder.marking.mistakes.records import records
from autograder.marking.mistakes.results import after_all, altering, matrices, numbers, pairs
from autograder.marking.mistakes.shapes import shapes
from autograder.marking.mistakes.starts import starts
from autograder.marking.mistakes.steps import steps
from autograder.marking.mistakes.walks import Walk
from autograder.marking.mistakes.words import words

__all__ = [
    "Changes",
    "Walk",
    "after_all",
    "altering",
    "arrays_only",
    "changed",
    "default_step",
    "hessians",
    "keeps",
    "limits",
    "lost_leaf",
    "matrices",
    "modifies",
    "named",
    "not_by_autograd",
    "numbers",
    "pairs",
    "raising",
    "records",
    "refusing",
    "remembers",
    "returns_nothing",
    "rippled",
    "scalars_only",
    "shapes",
    "shares",
    "solving",
    "starts",
    "steps",
    "value_for_a_function",
    "words",
]
