"""Mistakes of linear systems: what is done instead of solving H p = g."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed, named

__all__ = ["solving"]

#: What gives a p for H, shape (2, 2), and g, shape (2,).
Solver = Callable[[np.ndarray, np.ndarray], np.ndarray]


def solving(by: Callable[[Solver], Behaviour], **changes: Unpack[Changes]) -> list[Mistake]:
    """Mistakes of who solves H p = g in two dimensions.

    Parameters
    ----------
    by : callable
        ``by(solver)`` is the right answer with ``solver(H, g)`` in place of `numpy.linalg.solve`.
    **changes
        See `changed`.
    """
    ready = named(
        {
            "diagonal of H only": (
                "Each entry of g is divided by the one on the diagonal, as if the two didn't mix; "
                "solve with the whole matrix.",
                lambda H, g: g / np.diag(H),
            ),
            "H times g": (
                "g is multiplied by the matrix; what is asked for is H⁻¹g, the p that solves "
                "H p = g.",
                np.matmul,
                lambda H, g: np.diag(H) * g,
            ),
            "H made larger": (
                "Something is added to the diagonal of H; it can be inverted as it is.",
                *(partial(_larger, more) for more in (1.0, 0.1, 0.01)),
            ),
            "inverse slipped": (
                "The inverse of H isn't right: it is [[d, -b], [-c, a]] / (ad - bc); "
                "np.linalg.solve knows.",
                lambda H, g: _adjugate(H) @ g,
                lambda H, g: _adjugate(H, beside=1) @ g / np.linalg.det(H),
                lambda H, g: _adjugate(H) @ g / (H[0, 0] * H[1, 1] + H[0, 1] * H[1, 0]),
                lambda H, g: _adjugate(H) @ g * np.linalg.det(H),
                lambda H, g: _adjugate(H)[::-1, ::-1] @ g / np.linalg.det(H),
            ),
            "entry by entry": (
                "1/H takes each entry's reciprocal, which is not the inverse of the matrix; solve "
                "H p = g.",
                lambda H, g: (1 / H) @ g,
                lambda H, g: (g / H).sum(axis=1),
                lambda H, g: (g / H).sum(axis=0),
                lambda H, g: g / H.sum(axis=0),
            ),
            "divides by one number": (
                "All of g is divided by one number; each direction has one of its own, so solve "
                "H p = g.",
                lambda H, g: g / np.linalg.det(H),
                lambda H, g: g / np.trace(H),
                lambda H, g: g / np.linalg.norm(H),
                lambda H, g: g / np.linalg.eigvalsh(H)[1],
            ),
        },
        by,
    )
    return changed(ready, **changes)


def _larger(more: float, H: np.ndarray, g: np.ndarray) -> Any:
    return np.linalg.solve(H + more * np.eye(len(H)), g)


def _adjugate(H: np.ndarray, beside: float = -1) -> np.ndarray:
    """The table in Cramer's rule: diagonal exchanged, the others times `beside`."""
    return np.array([[H[1, 1], beside * H[0, 1]], [beside * H[1, 0], H[0, 0]]])
