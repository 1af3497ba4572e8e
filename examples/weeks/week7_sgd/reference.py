"""Marking notes of week 7: a line through noisy points, found by stochastic gradient descent."""

import numpy as np

from autograder.marking import Call, Criterion, Generator, Mistake, Task, draws
from autograder.marking.mistakes import returns_nothing

# --- The right answers ---------------------------------------------------------------------


def predict(x, intercept, slope):
    return intercept + slope * x


def mse(x, y, intercept, slope):
    return np.mean((predict(x, intercept, slope) - y) ** 2)


def loss_grid(x, y, intercepts, slopes):
    return np.array([[mse(x, y, a, b) for a in intercepts] for b in slopes])


def _walk(x, y, lr, n_steps, rng, step=None, draw=None):
    """The trajectories; `step` makes a gradient of the error at the place x that `draw` chose."""
    step = step or (lambda error, x: (np.mean(2 * error), np.mean(2 * error * x)))
    draw = draw or (lambda rng, n, k: rng.integers(n))
    path = [(0.0, 0.0)]
    for k in range(n_steps):
        a, b = path[-1]
        i = draw(rng, len(x), k)
        da, db = step(predict(x[i], a, b) - y[i], x[i])
        path.append((a - lr * da, b - lr * db))
    a, b = np.array(path).T
    return {"intercept": a, "slope": b, "loss": np.array([mse(x, y, *at) for at in path])}


def sgd(x, y, lr, n_steps, *, rng):
    return _walk(x, y, lr, n_steps, rng)


# --- What is asked -------------------------------------------------------------------------


def points(rng, n=6):
    """Points near a line, few enough to be read."""
    x = np.round(rng.uniform(-2, 2, size=n), 1)
    line = draws.signed(rng, 1, 3) + draws.signed(rng, 1, 2) * x
    return x, np.round(line + rng.normal(0, 0.5, size=n), 1)


def lines(rng):
    return draws.signed(rng, 0.5, 3), draws.signed(rng, 0.5, 3)


def axes(rng):
    return draws.array(rng, 3, 0.5, 3), draws.array(rng, 2, 0.5, 3)


def walks(*counts, lr=(0.03, 0.1)):
    def calls(rng):
        return [
            Call(*points(rng, 8), draws.decimal(rng, *lr), n, rng=Generator(draws.whole(rng, 0, 999)))
            for n in counts
        ]

    return calls


def halves(call, result):
    """Whoever draws otherwise than the reference still walks downhill."""
    first, last = result["loss"][0], np.mean(result["loss"][-50:])
    return last < first / 2 or f"the loss should halve, but goes from {first:.2f} to {last:.2f}"


def varied(**changes):
    return lambda x, y, lr, n_steps, *, rng: _walk(x, y, lr, n_steps, rng, **changes)


def part(change):
    """The right walk, and then something else is handed back."""
    return lambda *args, rng: change(sgd(*args, rng=rng))


SGD = Task(
    sgd,
    [
        Criterion("one step from a point that is drawn", points=3, calls=walks(1, 1, 1)),
        Criterion("a dict of three trajectories, start included", points=4, calls=walks(0, 4, 9)),
        Criterion("a long walk goes downhill", points=3, calls=walks(400, lr=(0.04, 0.06)), holds=halves),
    ],
    [
        Mistake("climbs", "The gradient points uphill; step against it.",
                behaves_like=varied(step=lambda e, x: (-2 * e, -2 * e * x))),
        Mistake("the 2 is missing", "The slope of a square is twice what is squared.",
                behaves_like=varied(step=lambda e, x: (e, e * x))),
        Mistake("the slope's gradient without x", "A change of the slope counts x times.",
                behaves_like=varied(step=lambda e, x: (2 * e, 2 * e))),
        Mistake("goes through the points in order", "Draw a point anew for each step: `rng.integers(len(x))`.",
                behaves_like=varied(draw=lambda rng, n, k: k % n)),
        Mistake("the whole gradient", "That is descent on all points; here each step looks at one.",
                behaves_like=varied(draw=lambda rng, n, k: slice(None))),
        Mistake("the start is missing", "The trajectories begin with 0, before the first step.",
                behaves_like=part(lambda paths: {name: path[1:] for name, path in paths.items()})),
        Mistake("only the end", "Keep every position on the way, not only the last.",
                behaves_like=part(lambda paths: {name: path[-1] for name, path in paths.items()})),
        *returns_nothing(),
    ],
    library="np",
)  # fmt: skip

PREDICT = Task(
    predict,
    [
        Criterion("a number", points=1,
                  calls=lambda rng: [Call(draws.signed(rng, 1, 3), *lines(rng))]),
        Criterion("an array, entry by entry", points=2,
                  calls=lambda rng: [Call(points(rng)[0], *lines(rng))]),
    ],
    [Mistake("slope and intercept exchanged", "The slope belongs to x.",
             behaves_like=lambda x, a, b: b + a * x), *returns_nothing()],
)  # fmt: skip

MSE = Task(
    mse,
    [Criterion("the mean of the squares", points=3, untouched=True,
               calls=lambda rng: [Call(*points(rng, n), *lines(rng)) for n in (3, 7)])],
    [
        Mistake("a sum", "Divide by the number of points.",
                behaves_like=lambda x, y, a, b: len(x) * mse(x, y, a, b)),
        Mistake("not squared", "Each error is squared, so that none cancels another.",
                behaves_like=(lambda x, y, a, b: np.mean(predict(x, a, b) - y),
                              lambda x, y, a, b: np.mean(abs(predict(x, a, b) - y)))),
        Mistake("the root of it", "No root: the mean of the squares itself.",
                behaves_like=lambda x, y, a, b: mse(x, y, a, b) ** 0.5),
        *returns_nothing(),
    ],
)  # fmt: skip

GRID = Task(
    loss_grid,
    [Criterion("rows for slopes, columns for intercepts", points=4,
               calls=lambda rng: [Call(*points(rng, 4), *axes(rng))])],
    [Mistake("rows and columns exchanged", "A row for each slope, a column for each intercept.",
             behaves_like=lambda *args: loss_grid(*args).T), *returns_nothing()],
)  # fmt: skip

TASKS = [PREDICT, MSE, SGD, GRID]
