"""A submitted belief beside the reference's, over those that the call was about.

Knows how a call holds beliefs: two arguments are a mean and a (co)variance. How a belief looks
is `beliefs`' own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from autograder.feedback import beliefs
from autograder.feedback.asked import Asked
from autograder.feedback.beliefs import Belief
from autograder.feedback.frames import blank, frame, note

__all__ = ["picture"]


def picture(asked: Asked, right: Sequence[np.ndarray], came: Sequence[np.ndarray]) -> Figure | None:
    """Beliefs about one or two numbers, over those in the first arguments."""
    reference, submitted = Belief.of(right), Belief.of(came)
    if reference is None or submitted is None or reference.why_none:
        return None
    if reference.mean.size != submitted.mean.size or reference.is_near(submitted):
        return None
    before = []
    first = len(asked.numbers) % 2
    for k, name in ((first, "before"), (first + 2, "measured")):
        pair = [asked.numbers[place] for place in (k, k + 1) if place in asked.numbers]
        belief = Belief.of(pair)
        if belief is not None and belief.mean.size == reference.mean.size:
            before.append((name, belief))
    figure, axes = blank()
    views = beliefs.draw(axes, before, reference, submitted)
    one = reference.mean.size == 1
    frame(axes, views, *(("x", "density") if one else ("m[0]", "m[1]")))
    outside = [not view.holds(mean) for view, mean in zip(views, submitted.mean, strict=False)]
    if any(outside):
        note(figure, "submitted: outside the picture")
    elif submitted.why_none:
        note(figure, f"submitted: {submitted.why_none}")
    return figure
