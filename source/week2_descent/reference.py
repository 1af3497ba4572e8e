"""Marking notes of week 2: the right answers, what earns points, and the mistakes we know.

Every mistake is a small variation of the reference. Several variants under one
name are several codes that deserve the same hint. Slopes inside the mistakes
come from `derivative` (complex step), which is exact and much cheaper than
autograd; the reference itself uses autograd, as the students are asked to.
"""

from functools import lru_cache

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, derivative

# --- The right answers ---------------------------------------------------------------------


def descent_update(x, gradient, lr):
    """Position after one step downhill.

    Parameters
    ----------
    x, gradient : float or ndarray, shape (n,)
    lr : float

    Returns
    -------
    float or ndarray, shape of `x`
    """
    return x - lr * gradient


def gradient_descent(f, x0, lr, n_steps):
    """Trajectory of gradient descent on a function of one number, by autograd in float64.

    Parameters
    ----------
    f : callable
        Smooth; takes and returns a 0-d tensor.
    x0 : float, int or 0-d tensor
        The start; left untouched.
    lr : float
        The step size; may be large or negative.
    n_steps : int
        The number of updates, 0 or more.

    Returns
    -------
    ndarray, shape (n_steps + 1,)
        The start, then the point after every update.

    References
    ----------
    A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
    simultanées", Comptes rendus 25 (1847), 536-538.
    """
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(f(x), x)
        path.append(path[-1] - lr * slope.item())
    return np.array(path)


def classify_learning_rate(lr):
    """How descent on x² ends from any start but 0.

    One step multiplies x by 1 - 2 lr.

    Parameters
    ----------
    lr : float
        Not 0.

    Returns
    -------
    {"converges", "one step", "oscillates", "diverges"}
    """
    return _classify(1 - 2 * lr)


def basin(x0):
    """The valley of ``poly`` in which descent with lr 0.05 is after 300 steps.

    Parameters
    ----------
    x0 : float or int
        At most 4 in size, and not within 0.01 of the hilltop at 0.125.

    Returns
    -------
    {"left", "right"}
    """
    return _side(_poly_end(x0))


def _classify(factor):
    if factor == 0:
        return "one step"
    if factor == -1:
        return "oscillates"
    return "converges" if abs(factor) < 1 else "diverges"


def _poly_end(x0, lr=0.05, n_steps=300):
    x = np.float64(x0)
    for _ in range(n_steps):
        x = x - lr * (1 - 8 * x + x * x * x)
    return x


def _side(end):
    return "left" if end < 0 else "right"


# --- What several tasks share --------------------------------------------------------------


def _nothing(*arguments):
    return None


NO_RETURN = Mistake(
    "returns nothing",
    "The function computes but hands nothing back: end it with a return (printing is not "
    "returning).",
    behaves_like=_nothing,
)


def _decimal(rng, low, high, decimals=2):
    """A number between low and high that a student can read and paste."""
    return round(float(rng.uniform(low, high)), decimals)


def _either(rng, *choices):
    return choices[int(rng.integers(len(choices)))]


# --- Task 1: descent_update ----------------------------------------------------------------


def _step_calls(rng):
    return [
        Call(_decimal(rng, 1, 4), _decimal(rng, 2, 8), _decimal(rng, 0.1, 0.4)),
        Call(_decimal(rng, -4, -1), _decimal(rng, -8, -2), _decimal(rng, 0.55, 0.9)),
    ]


def _any_rate_calls(rng):
    return [
        Call(_decimal(rng, -4, 4), _decimal(rng, 2, 6), _decimal(rng, -0.8, -0.2)),
        Call(_decimal(rng, -4, 4), _decimal(rng, -6, -2), _decimal(rng, 1.3, 3)),
    ]


def _array_step_calls(rng):
    def array(n, low, high):
        signs = rng.choice([-1.0, 1.0], size=n)
        return np.round(signs * rng.uniform(low, high, size=n), 2)

    return [
        Call(array(n, 1, 4), array(n, 2, 8), _decimal(rng, 0.1, 0.4))
        for n in (2, _either(rng, 3, 4, 5), 1)
    ]


def _in_place(x, gradient, lr):
    x -= lr * gradient
    return x


def _in_place_without_return(x, gradient, lr):
    x -= lr * gradient


def _gradient_in_place(x, gradient, lr):
    gradient *= lr
    return x - gradient


def _only_for(kind, error):
    def behaviour(x, gradient, lr):
        if isinstance(x, np.ndarray) != (kind is np.ndarray):
            raise error
        return x - lr * gradient

    return behaviour


DESCENT_UPDATE = Task(
    reference=descent_update,
    criteria=[
        Criterion("one step downhill from a float", points=1, calls=_step_calls),
        Criterion("any learning rate, also above 1 or negative", points=1, calls=_any_rate_calls),
        Criterion(
            "an array steps entry by entry and stays as it was",
            points=1,
            calls=_array_step_calls,
            untouched=True,
        ),
    ],
    mistakes=[
        Mistake(
            "climbs",
            "The gradient points uphill, so this walks up; step against it.",
            behaves_like=lambda x, gradient, lr: x + lr * gradient,
        ),
        Mistake(
            "ignores lr",
            "The step has the same length whatever lr is; the learning rate should scale it.",
            behaves_like=(
                lambda x, gradient, lr: x - gradient,
                lambda x, gradient, lr: x - 0.1 * gradient,
                lambda x, gradient, lr: x - 0.01 * gradient,
                lambda x, gradient, lr: x - 0.25 * gradient,
            ),
        ),
        Mistake(
            "ignores the sign of lr",
            "A negative learning rate is allowed and means walking the other way; use lr as it "
            "is given.",
            behaves_like=lambda x, gradient, lr: x - abs(lr) * gradient,
        ),
        Mistake(
            "squares lr",
            "The learning rate is multiplied in twice; once is enough.",
            behaves_like=lambda x, gradient, lr: x - lr * lr * gradient,
        ),
        Mistake(
            "divides by lr",
            "A small learning rate should give a short step; multiply the gradient by lr instead "
            "of dividing.",
            behaves_like=lambda x, gradient, lr: x - gradient / lr,
        ),
        Mistake(
            "ignores the gradient",
            "The step doesn't depend on the gradient it was given; steep ground should give long "
            "steps.",
            behaves_like=(
                lambda x, gradient, lr: x - lr,
                lambda x, gradient, lr: x - lr * x,
            ),
        ),
        Mistake(
            "slope hard-coded to 2x",
            "This takes 2x for the slope, which is right on x² only; use the gradient that is "
            "passed in.",
            behaves_like=lambda x, gradient, lr: x - lr * 2 * x,
        ),
        Mistake(
            "only the sign of the gradient",
            "Every step is lr long here; its length should be lr times the gradient.",
            behaves_like=(
                lambda x, gradient, lr: x - lr * np.sign(gradient),
                lambda x, gradient, lr: x - lr * gradient / np.linalg.norm(gradient),
            ),
        ),
        Mistake(
            "returns the step",
            "This is the step itself; the answer is the position after taking it.",
            behaves_like=(
                lambda x, gradient, lr: lr * gradient,
                lambda x, gradient, lr: -lr * gradient,
            ),
        ),
        Mistake(
            "parentheses in the wrong place",
            "The learning rate multiplies x as well (or not the gradient); it belongs to the "
            "gradient alone.",
            behaves_like=(
                lambda x, gradient, lr: lr * (x - gradient),
                lambda x, gradient, lr: lr * x - gradient,
                lambda x, gradient, lr: x - (lr + gradient),
            ),
        ),
        Mistake(
            "subtracts the wrong way round",
            "The difference is turned around: start at x and take the step away from it.",
            behaves_like=lambda x, gradient, lr: lr * gradient - x,
        ),
        Mistake(
            "modifies its argument",
            "The values are right, but the caller's array was changed (in-place operators like "
            "-= do that); "
            "compute a new one.",
            behaves_like=(_in_place, _in_place_without_return, _gradient_in_place),
        ),
        Mistake(
            "scalars only",
            "It works for floats but not for arrays; plain arithmetic does both, without "
            "float(), .item() or if.",
            behaves_like=(
                _only_for(
                    float, TypeError("only 0-dimensional arrays can be converted to Python scalars")
                ),
                _only_for(
                    float, ValueError("can only convert an array of size 1 to a Python scalar")
                ),
                _only_for(
                    float, RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")
                ),
                lambda x, gradient, lr: np.ravel(x)[0] - lr * np.ravel(gradient)[0],
            ),
        ),
        Mistake(
            "arrays only",
            "It works for arrays but not for a float, which has no entries, no length and no "
            "methods of an array.",
            behaves_like=(
                _only_for(np.ndarray, TypeError("'float' object is not subscriptable")),
                _only_for(np.ndarray, AttributeError("'float' object has no attribute 'copy'")),
                lambda x, gradient, lr: np.atleast_1d(x - lr * gradient),
            ),
        ),
        Mistake(
            "one step for all walkers",
            "All entries move by the same amount; each walker has a slope of its own in gradient.",
            behaves_like=(
                lambda x, gradient, lr: x - lr * np.sum(gradient),
                lambda x, gradient, lr: x - lr * np.mean(gradient),
            ),
        ),
        Mistake(
            "an array of one becomes a number",
            "Arrays of length one should stay arrays, but a number came back; leave out squeeze() "
            "and .item().",
            behaves_like=lambda x, gradient, lr: np.squeeze(x - lr * gradient),
        ),
        NO_RETURN,
    ],
)


# --- Task 2: gradient_descent --------------------------------------------------------------


def _path(x0, n_steps, step):
    """The start and n_steps points; `step(x, k)` gives the point after x."""
    path = [float(x0)]
    for k in range(n_steps):
        path.append(float(step(path[-1], k)))
    return path


@lru_cache(maxsize=1024)
def _remembered(f, x0, lr, n_steps):
    return tuple(_path(x0, n_steps, lambda x, k: x - lr * derivative(f, x)))


def _descent(f, x0, lr, n_steps):
    """The right path as a list, cheaply."""
    return list(_remembered(f, float(x0), float(lr), n_steps))


def _any_function(rng):
    """A smooth function whose slope is not 2x, gently curved wherever the calls go."""
    d = _decimal
    return Function(
        _either(
            rng,
            f"{d(rng, 0.3, 0.9)}*x**2 + {d(rng, 0.3, 0.8)}*sin({d(rng, 1, 1.6)}*x)",
            f"{d(rng, 1, 3)}*sqrt(1 + (x - {d(rng, 0.5, 2)})**2)",
            f"log(1 + exp({d(rng, 1, 2)}*x)) - {d(rng, 0.1, 0.4)}*x",
            f"x**4/{int(rng.integers(25, 45))} - {d(rng, 0.2, 0.6)}*x**2 + x",
            f"exp({_either(rng, -1, 1) * d(rng, 0.2, 0.45)}*x) + {d(rng, 0.5, 1.2)}*cos(x)",
            f"{d(rng, 0.3, 0.8)}*x**2 - {d(rng, 1.2, 2)}*tanh(x - {d(rng, 0.2, 0.8)})",
        )
    )


def _lively(f, x0, lr, n_steps, limit):
    """Whether the walk keeps moving on a slope, and climbing stays within the limit."""
    path = np.array(_descent(f, x0, lr, n_steps))
    climb = np.array(_descent(f, x0, -lr, n_steps))
    moved, slopes = abs(np.diff(path)), abs(derivative(f, path))
    return bool(
        np.all(moved > 0.02)
        and np.all(slopes > 0.12)
        and abs(path).max() < 12
        and abs(climb).max() < limit  # nan compares as False
    )


def _walk(rng, start, lr, n_steps, function=_any_function, limit=40):
    """A call with a lively walk; `start` and `lr` draw theirs."""
    for _ in range(60):
        f, x0, rate = function(rng), start(rng), lr(rng)
        if _lively(f, x0, rate, n_steps, limit):
            break
    return Call(f, x0, rate, n_steps)


def _float_start(rng):
    return _either(rng, -1, 1) * _decimal(rng, 0.6, 3)


def _int_start(rng):
    return int(_either(rng, -3, -2, -1, 1, 2, 3))


def _tensor_start(rng):
    return torch.tensor(_float_start(rng), dtype=torch.float64)


def _small_rate(rng):
    return _decimal(rng, 0.12, 0.4)


def _large_rate(rng):
    return _decimal(rng, 1.05, 1.35)


def _first_step_calls(rng):
    return [
        _walk(rng, _float_start, _small_rate, 1),
        _walk(rng, _float_start, lambda rng: _decimal(rng, 0.55, 0.9), 1),
    ]


def _many_steps_calls(rng):
    return [
        _walk(rng, _float_start, _small_rate, int(rng.integers(*limits)))
        for limits in [(3, 6), (6, 9)]
    ]


def _steep(rng):
    return Function(f"{_decimal(rng, 0.9, 1.1)}*x**2 + {_decimal(rng, 0.2, 0.5)}*sin(x)")


def _far_start(rng):
    """Where `_steep` has slopes above 10."""
    return _either(rng, -1, 1) * _decimal(rng, 5.8, 6.6)


def _wild_rate_calls(rng):
    return [
        _walk(rng, _far_start, _large_rate, int(rng.integers(3, 6)), _steep, limit=4000),
        _walk(rng, _float_start, lambda rng: -_decimal(rng, 0.12, 0.4), int(rng.integers(3, 6))),
    ]


def _start_calls(rng):
    return [
        _walk(rng, _int_start, _small_rate, int(rng.integers(3, 6))),
        _walk(rng, _tensor_start, _small_rate, int(rng.integers(3, 6))),
    ]


def _step_count_calls(rng):
    long = int(_either(rng, 11, 12, 13, 14))
    # Lands on the bottom in one step, exactly, in float32 and in float64.
    scale, rate = _either(rng, (2, 0.25), (4, 0.125))
    bottom, start = 0.25 * int(rng.integers(2, 9)), -0.25 * int(rng.integers(1, 9))
    # Starts so close to a hilltop that the ground seems flat, and yet gets away.
    hill, almost = Function(f"{_decimal(rng, 1.9, 2.1)}*cos(x)"), float(rng.integers(20, 45)) * 1e-8
    return [
        Call(_any_function(rng), _float_start(rng), _small_rate(rng), 0),
        _walk(rng, _float_start, lambda rng: _decimal(rng, 0.06, 0.12), long),
        Call(Function(f"{scale}*(x - {bottom})**2"), start, rate, int(rng.integers(4, 8))),
        Call(hill, round(almost, 8), _decimal(rng, 1.2, 1.3), 6),
    ]


def _descent_with(step):
    """The walk with another update; `step(f, x, lr, k)` gives the next point."""
    return lambda f, x0, lr, n_steps: _path(x0, n_steps, lambda x, k: step(f, x, lr, k))


def _after(change):
    """The right walk, then spoilt by `change(path)`."""
    return lambda f, x0, lr, n_steps: change(_descent(f, x0, lr, n_steps))


def _with_steps(count):
    """As if the number of steps were `count(n_steps)`."""
    return lambda f, x0, lr, n_steps: _descent(f, x0, lr, count(n_steps))


def _fixed_rate(rate):
    return _descent_with(lambda f, x, lr, k: x - rate * derivative(f, x))


def _clipped(size):
    return _descent_with(lambda f, x, lr, k: x - lr * np.clip(derivative(f, x), -size, size))


def _schedule(factor):
    return _descent_with(lambda f, x, lr, k: x - lr * factor(k) * derivative(f, x))


def _accumulated(f, x0, lr, n_steps):
    path, total = [float(x0)], 0.0
    for _ in range(n_steps):
        total += derivative(f, path[-1])
        path.append(path[-1] - lr * total)
    return path


def _slope_at_start(f, x0, lr, n_steps):
    slope = derivative(f, float(x0))
    return [float(x0) - k * lr * slope for k in range(n_steps + 1)]


def _from_the_start(f, x0, lr, n_steps):
    return _path(x0, n_steps, lambda x, k: float(x0) - lr * derivative(f, x))


def _first_step_repeated(f, x0, lr, n_steps):
    return _path(x0, n_steps, lambda x, k: float(x0) - lr * derivative(f, float(x0)))


def _heights(f, points):
    return [float(f(np.float64(x))) for x in points]


def _moving_start(first_entry_too):
    """Works in the memory of a tensor that belongs to the caller."""

    def behaviour(f, x0, lr, n_steps):
        path = _descent(f, x0, lr, n_steps)
        if isinstance(x0, torch.Tensor):
            x0.fill_(path[-1])
            if first_entry_too:
                path[0] = path[-1]
        return path

    return behaviour


def _truncated(only_int_starts, each_step):
    def behaviour(f, x0, lr, n_steps):
        if only_int_starts and not isinstance(x0, int):
            return _descent(f, x0, lr, n_steps)
        if each_step:
            return _path(int(x0), n_steps, lambda x, k: int(x - lr * derivative(f, x)))
        return [int(x) for x in _descent(f, x0, lr, n_steps)]

    return behaviour


def _stops_when_flat(keep_last, pad=False, tolerance=2e-6):
    """Gives up on flat ground, before or after recording the step that goes nowhere."""

    def behaviour(f, x0, lr, n_steps):
        path = _descent(f, x0, lr, n_steps)
        for k, x in enumerate(path[:-1]):
            if abs(derivative(f, x)) < tolerance:
                return path[: k + 1] + path[k : k + 1] * (n_steps - k if pad else keep_last)
        return path

    return behaviour


def _stops_when_higher(keep_last):
    def behaviour(f, x0, lr, n_steps):
        path = _descent(f, x0, lr, n_steps)
        heights = _heights(f, path)
        for k in range(n_steps):
            if heights[k + 1] > heights[k]:
                return path[: k + 1 + keep_last]
        return path

    return behaviour


def _refuses(accepts, error):
    """Raises on arguments that it does not accept."""

    def behaviour(f, x0, lr, n_steps):
        if not accepts(x0, lr):
            raise error
        return _descent(f, x0, lr, n_steps)

    return behaviour


GRADIENT_DESCENT = Task(
    reference=gradient_descent,
    criteria=[
        Criterion("one step goes downhill", points=2, calls=_first_step_calls),
        Criterion("many steps on any function", points=3, calls=_many_steps_calls),
        Criterion("large and negative learning rates", points=2, calls=_wild_rate_calls),
        Criterion(
            "an int or a tensor as the start, left untouched",
            points=1,
            calls=_start_calls,
            untouched=True,
        ),
        Criterion("exactly n_steps updates, from none to many", points=1, calls=_step_count_calls),
    ],
    mistakes=[
        Mistake(
            "climbs",
            "The gradient points uphill, so this walks up; step against it.",
            behaves_like=_descent_with(lambda f, x, lr, k: x + lr * derivative(f, x)),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to .grad, so from the second step on this uses the sum of all "
            "slopes so far; "
            "clear it before every step.",
            behaves_like=_accumulated,
        ),
        Mistake(
            "ignores lr",
            "The walk is the same whatever lr is; the learning rate should scale every step.",
            behaves_like=tuple(_fixed_rate(rate) for rate in (1.0, 0.75, 0.5, 0.1, 0.05, 0.01)),
        ),
        Mistake(
            "ignores the sign of lr",
            "A negative learning rate is allowed and walks uphill; use lr as it is given.",
            behaves_like=_descent_with(lambda f, x, lr, k: x - abs(lr) * derivative(f, x)),
        ),
        Mistake(
            "squares lr",
            "The learning rate is multiplied in twice (perhaps once by hand and once in "
            "descent_update).",
            behaves_like=_descent_with(lambda f, x, lr, k: x - lr * lr * derivative(f, x)),
        ),
        Mistake(
            "slope hard-coded to 2x",
            "This walks as if f were x²; take the slope of the f that is passed in, by autograd.",
            behaves_like=_descent_with(lambda f, x, lr, k: x - lr * 2 * x),
        ),
        Mistake(
            "only the sign of the slope",
            "Every step is lr long here; its length should be lr times the slope.",
            behaves_like=_descent_with(lambda f, x, lr, k: x - lr * np.sign(derivative(f, x))),
        ),
        Mistake(
            "clips the slope",
            "Steep slopes are cut to a largest size here; the step is lr times the whole slope, "
            "however long that is.",
            behaves_like=(_clipped(1), _clipped(5), _clipped(10)),
        ),
        Mistake(
            "steps by the height",
            "The step uses the value of f where its slope should be.",
            behaves_like=_descent_with(lambda f, x, lr, k: x - lr * f(np.float64(x))),
        ),
        Mistake(
            "gradient computed once",
            "The slope is taken at the start and used for every step; take it anew where the "
            "walker is.",
            behaves_like=_slope_at_start,
        ),
        Mistake(
            "never leaves the start",
            "Each step is taken from x0 again; continue from the point reached last.",
            behaves_like=(_from_the_start, _first_step_repeated),
        ),
        Mistake(
            "lr shrinks each step",
            "The learning rate gets smaller along the way; here it stays the same for all steps.",
            behaves_like=(
                _schedule(lambda k: 1 / (k + 1)),
                _schedule(lambda k: (k + 1) ** -0.5),
                _schedule(lambda k: 0.5**k),
                _schedule(lambda k: 0.9**k),
                _schedule(lambda k: 0.95**k),
                _schedule(lambda k: 0.99**k),
            ),
        ),
        Mistake(
            "always 10 steps",
            "The number of steps is always 10; use n_steps.",
            behaves_like=_with_steps(lambda n: 10),
        ),
        Mistake(
            "start missing",
            "The path should begin with x0 itself, before any step.",
            behaves_like=(
                _after(lambda path: path[1:]),
                lambda f, x0, lr, n_steps: _descent(f, x0, lr, n_steps + 1)[1:],
            ),
        ),
        Mistake(
            "one step short",
            "The last step is missing: the start and n_steps steps make n_steps + 1 points.",
            behaves_like=(
                _with_steps(lambda n: max(n - 1, 0)),
                _after(lambda path: path[:-1]),
                _after(lambda path: [*path[:-1], 0.0] if len(path) > 1 else path),
                _after(lambda path: [*path[:-1], path[0]]),
            ),
        ),
        Mistake(
            "one step too many",
            "There is a step more than n_steps; the start is not a step.",
            behaves_like=_with_steps(lambda n: n + 1),
        ),
        Mistake(
            "only the last point",
            "This is where the walk ends; return the whole walk, the start first.",
            behaves_like=(_after(lambda path: path[-1]), _after(lambda path: path[-1:])),
        ),
        Mistake(
            "function values instead of points",
            "These are heights, f(x); the path consists of the positions x.",
            behaves_like=(
                lambda f, x0, lr, n_steps: _heights(f, _descent(f, x0, lr, n_steps)),
                lambda f, x0, lr, n_steps: _heights(f, _descent(f, x0, lr, n_steps)[:-1]),
                lambda f, x0, lr, n_steps: [
                    float(x0),
                    *_heights(f, _descent(f, x0, lr, n_steps)[:-1]),
                ],
                lambda f, x0, lr, n_steps: [
                    float(x0),
                    *_heights(f, _descent(f, x0, lr, n_steps)[1:]),
                ],
                lambda f, x0, lr, n_steps: [
                    [x, f(np.float64(x))] for x in _descent(f, x0, lr, n_steps)
                ],
                lambda f, x0, lr, n_steps: [
                    _descent(f, x0, lr, n_steps),
                    _heights(f, _descent(f, x0, lr, n_steps)),
                ],
            ),
        ),
        Mistake(
            "slopes instead of points",
            "These are slopes; the path consists of the positions x.",
            behaves_like=(
                lambda f, x0, lr, n_steps: [derivative(f, x) for x in _descent(f, x0, lr, n_steps)],
                lambda f, x0, lr, n_steps: [
                    derivative(f, x) for x in _descent(f, x0, lr, n_steps)[:-1]
                ],
                lambda f, x0, lr, n_steps: [
                    float(x0),
                    *(derivative(f, x) for x in _descent(f, x0, lr, n_steps)[:-1]),
                ],
            ),
        ),
        Mistake(
            "records before updating",
            "The start is there twice and the last point is missing; record each point after the "
            "step to it.",
            behaves_like=_after(lambda path: path[:1] + path[:-1] if len(path) > 1 else path),
        ),
        Mistake(
            "same tensor appended",
            "All entries are one and the same tensor, which is changed in place; append a number "
            "or a copy.",
            behaves_like=(
                _after(lambda path: path[-1:] * len(path)),
                _after(lambda path: path[:1] + path[-1:] * (len(path) - 1)),
            ),
        ),
        Mistake(
            "modifies the start",
            "The path is right, but the tensor passed as x0 has moved along; work on a copy of it.",
            behaves_like=(_moving_start(False), _moving_start(True)),
        ),
        Mistake(
            "stops early",
            "The walk ends before n_steps updates; take every step, on flat ground and uphill too.",
            behaves_like=(
                _stops_when_flat(keep_last=0),
                _stops_when_flat(keep_last=1),
                _stops_when_flat(keep_last=0, pad=True),
                _stops_when_higher(keep_last=0),
                _stops_when_higher(keep_last=1),
            ),
        ),
        Mistake(
            "int array swallows fractions",
            "The points are cut to whole numbers, as happens in an array made from an int start; "
            "make the array one of floats.",
            behaves_like=tuple(
                _truncated(*how)
                for how in [(True, False), (True, True), (False, False), (False, True)]
            ),
        ),
        Mistake(
            "integer start fails",
            "An int start such as 3 raises an error, as only floating-point tensors have "
            "gradients; "
            "turn it into a float first.",
            behaves_like=(
                _refuses(
                    lambda x0, lr: not isinstance(x0, int),
                    RuntimeError(
                        "Only Tensors of floating point and complex dtype can require gradients"
                    ),
                ),
                _refuses(lambda x0, lr: not isinstance(x0, int), TypeError("x0 must be a float")),
                _refuses(
                    lambda x0, lr: not isinstance(x0, int),
                    AttributeError("'int' object has no attribute"),
                ),
            ),
        ),
        Mistake(
            "only tensor starts",
            "It expects x0 to be a tensor already; a float or an int has to work as well.",
            behaves_like=(
                _refuses(
                    lambda x0, lr: isinstance(x0, torch.Tensor),
                    AttributeError("'float' object has no attribute 'clone'"),
                ),
                _refuses(
                    lambda x0, lr: isinstance(x0, torch.Tensor),
                    TypeError("f(): argument 'input' must be Tensor, not float"),
                ),
            ),
        ),
        Mistake(
            "tensor start fails",
            "It expects x0 to be a number; a 0-d tensor has to work as well.",
            behaves_like=(
                _refuses(
                    lambda x0, lr: not isinstance(x0, torch.Tensor),
                    TypeError("must be real number, not Tensor"),
                ),
                _refuses(
                    lambda x0, lr: not isinstance(x0, torch.Tensor),
                    RuntimeError("a leaf Variable that requires grad"),
                ),
            ),
        ),
        Mistake(
            "refuses a negative lr",
            "A negative learning rate is allowed here (it walks uphill); take it as it is. "
            "torch.optim.SGD refuses it, so a loop by hand is needed.",
            behaves_like=(
                _refuses(lambda x0, lr: lr > 0, ValueError("Invalid learning rate")),
                _refuses(lambda x0, lr: lr > 0, AssertionError("lr must be positive")),
            ),
        ),
        NO_RETURN,
    ],
)


# --- Task 3: classify_learning_rate --------------------------------------------------------


def _ordinary_rate_calls(rng):
    # Some as close to 0, 0.5 and 1 as the task allows: slow walks, and quick ones.
    rates = [
        _decimal(rng, 0.021, 0.025, 3),
        _decimal(rng, 0.15, 0.4, 3),
        _decimal(rng, 0.455, 0.479, 3),
        _decimal(rng, 0.521, 0.545, 3),
        _decimal(rng, 0.6, 0.85, 3),
        _decimal(rng, 0.975, 0.979, 3),
        _decimal(rng, 1.021, 1.025, 3),
        _decimal(rng, -0.45, -0.05, 3),
    ]
    return [Call(rates[k]) for k in rng.permutation(len(rates))]


def _half_calls(rng):
    return [Call(0.5), Call(_decimal(rng, 0.15, 0.45, 3)), Call(_decimal(rng, 1.05, 1.45, 3))]


def _one_calls(rng):
    return [Call(1.0), Call(_decimal(rng, 1.05, 1.45, 3))]


def _regions(
    negative="diverges",
    half="one step",
    alternating="converges",
    one="oscillates",
    large="diverges",
):
    """A classification by regions of lr; what is not named is as it should be."""

    def behaviour(lr):
        if lr < 0:
            return negative
        if lr < 0.5:
            return "converges"
        if lr == 0.5:
            return half
        if lr < 1:
            return alternating
        return one if lr == 1 else large

    return behaviour


def _wide(is_half):
    """Takes all that is near 0.5 for 0.5."""
    return lambda lr: "one step" if is_half(lr) else classify_learning_rate(lr)


def _simulated(start, n_steps, near, far):
    """Judges by where a few steps lead."""

    def behaviour(lr):
        x = start
        for k in range(n_steps):
            x -= lr * 2 * x
            if x == 0:
                return "one step" if k == 0 else "converges"
        return "converges" if abs(x) < near else "diverges" if abs(x) > far else "oscillates"

    return behaviour


def _always(word):
    return lambda *arguments: word


def _spelled(right, spell):
    return lambda *arguments: spell(right(*arguments))


_SWAPPED = {"converges": "diverges", "diverges": "converges"}

CLASSIFY_LEARNING_RATE = Task(
    reference=classify_learning_rate,
    criteria=[
        Criterion(
            "small, alternating, large and negative rates", points=2, calls=_ordinary_rate_calls
        ),
        Criterion("0.5 arrives in one step, its neighbours don't", points=1, calls=_half_calls),
        Criterion("1 oscillates, more diverges", points=1, calls=_one_calls),
    ],
    mistakes=[
        Mistake(
            "lr 1 diverges",
            "At lr 1 the walk goes from x to -x and back: it gets neither closer nor farther.",
            behaves_like=_regions(one="diverges"),
        ),
        Mistake(
            "lr 1 converges",
            "At lr 1 the walk goes from x to -x and back forever, so it never gets closer to 0.",
            behaves_like=_regions(one="converges"),
        ),
        Mistake(
            "lr 1 in one step",
            "From 4 with lr 1 the first step leads to -4, not to 0; work out which lr makes the "
            "first step end on 0.",
            behaves_like=(_regions(one="one step"), _regions(half="converges", one="one step")),
        ),
        Mistake(
            "alternating called oscillating",
            "Between 0.5 and 1 the walk changes sides but comes closer each time, so it converges.",
            behaves_like=(
                _regions(alternating="oscillates"),
                _regions(alternating="oscillates", one="diverges"),
                _regions(alternating="oscillates", one="converges"),
                _regions(half="oscillates", alternating="oscillates"),
            ),
        ),
        Mistake(
            "alternating diverges",
            "Between 0.5 and 1 the walk jumps over the bottom but still comes closer each time; "
            "follow a few steps at 0.75.",
            behaves_like=(
                _regions(alternating="diverges"),
                _regions(alternating="diverges", one="diverges"),
                _regions(half="converges", alternating="diverges", one="diverges"),
            ),
        ),
        Mistake(
            "alternating called one step",
            "Only one learning rate lands on 0 in one step; between 0.5 and 1 the first step "
            "jumps over it.",
            behaves_like=(
                _regions(alternating="one step"),
                _regions(alternating="one step", one="one step"),
            ),
        ),
        Mistake(
            "one step never",
            "At lr 0.5 the very first step ends on 0 exactly, which has a word of its own.",
            behaves_like=_regions(half="converges"),
        ),
        Mistake(
            "one step near 0.5, too",
            "Only 0.5 itself lands on 0 in one step; right beside it the first step nearly gets "
            "there, and the next ones come closer.",
            behaves_like=(
                _wide(lambda lr: round(lr, 1) == 0.5),
                _wide(lambda lr: abs(lr - 0.5) < 0.1),
                _wide(lambda lr: int(10 * lr) == 5),
            ),
        ),
        Mistake(
            "negative lr converges",
            "A negative learning rate walks uphill, so it gets farther and farther away.",
            behaves_like=(
                _regions(negative="converges"),
                _regions(negative="converges", one="diverges"),
                _regions(negative="converges", half="converges"),
            ),
        ),
        Mistake(
            "negative lr oscillates",
            "A negative learning rate never changes sides; it walks uphill, farther and farther "
            "away.",
            behaves_like=_regions(negative="oscillates"),
        ),
        Mistake(
            "large lr oscillates",
            "Above 1 the walk changes sides, but lands farther out each time; follow a few steps "
            "at 1.5.",
            behaves_like=(
                _regions(large="oscillates"),
                _regions(alternating="oscillates", large="oscillates"),
                _regions(one="converges", large="oscillates"),
                _regions(large="oscillates", negative="oscillates"),
            ),
        ),
        Mistake(
            "large lr converges",
            "Above 1 each step lands farther out on the other side; it is the size of the factor "
            "that counts, not its sign.",
            behaves_like=(
                _regions(large="converges"),
                _regions(one="converges", large="converges"),
            ),
        ),
        Mistake(
            "slope x instead of 2x",
            "This looks like the answer for slope x; the slope of x² is 2x, which halves all the "
            "limits.",
            behaves_like=lambda lr: _classify(1 - lr),
        ),
        Mistake(
            "converges and diverges swapped",
            "The words for getting closer and for getting farther are exchanged.",
            behaves_like=lambda lr: _SWAPPED.get(
                classify_learning_rate(lr), classify_learning_rate(lr)
            ),
        ),
        Mistake(
            "too few steps tried",
            "A few steps cannot tell a slow walk from one that goes nowhere; look at what one "
            "step does to x instead.",
            behaves_like=tuple(
                _simulated(start, n_steps, near, 1 / near)
                for start in (4.0, 1.0)
                for n_steps, near in [
                    (10, 0.1),
                    (10, 1e-2),
                    (10, 1e-3),
                    (20, 1e-2),
                    (20, 1e-3),
                    (40, 0.1),
                    (50, 1e-6),
                    (100, 1e-3),
                ]
            ),
        ),
        Mistake(
            "always the same word",
            "The answer is the same for every learning rate; it has to depend on lr.",
            behaves_like=tuple(
                _always(word) for word in ("converges", "one step", "oscillates", "diverges")
            ),
        ),
        Mistake(
            "spelled differently",
            'The words are "converges", "one step", "oscillates" and "diverges", in lower case '
            "and spelled just so.",
            behaves_like=tuple(
                _spelled(classify_learning_rate, spell)
                for spell in (
                    str.capitalize,
                    str.title,
                    str.upper,
                    lambda word: word.removesuffix("s"),
                    lambda word: word.replace(" ", "_"),
                    lambda word: word.replace(" ", "-"),
                )
            ),
        ),
        NO_RETURN,
    ],
)


# --- Task 4: basin -------------------------------------------------------------------------

LEFT_MINIMUM, _, RIGHT_MINIMUM = np.sort(np.roots([1, 0, -8, 1]).real)


def _slope_calls(rng):
    # Few, as each walks 300 steps; one of them an int.
    starts = [
        int(_either(rng, -4, -3, -2, -1)),
        _decimal(rng, 0.6, 2.4),
        _decimal(rng, 3.985, 4, 3),
    ]
    return [Call(starts[k]) for k in rng.permutation(len(starts))]


def _hilltop_calls(rng):
    starts = [
        _decimal(rng, -0.055, -0.015, 3),
        _decimal(rng, 0.012, 0.03, 3),
        _decimal(rng, 0.105, 0.113, 3),
        _decimal(rng, 0.14, 0.2, 3),
    ]
    return [Call(starts[k]) for k in rng.permutation(len(starts))]


def _poly_slope(x):
    return 1 - 8 * x + x**3


def _climbs(word_if_lost):
    def behaviour(x0):
        end = _poly_end(x0, lr=-0.05)
        return _side(end) if np.isfinite(end) else word_if_lost

    return behaviour


BASIN = Task(
    reference=basin,
    criteria=[
        Criterion("starts on the slopes of the valleys", points=2, calls=_slope_calls),
        Criterion("starts near the hilltop", points=2, calls=_hilltop_calls),
    ],
    mistakes=[
        Mistake(
            "sign of the start",
            "Negative starts go left, but so do some positive ones: the watershed is the "
            "hilltop, and that isn't at 0.",
            behaves_like=lambda x0: "left" if x0 < 0 else "right",
        ),
        Mistake(
            "left and right swapped",
            "The two words are exchanged: the minimum near -2.889 is the left one.",
            behaves_like=lambda x0: "right" if basin(x0) == "left" else "left",
        ),
        Mistake(
            "nearest minimum",
            "A walker doesn't go to the nearest valley but downhill; what divides the starts is "
            "the hilltop, not the midpoint.",
            behaves_like=lambda x0: "left"
            if abs(x0 - LEFT_MINIMUM) < abs(x0 - RIGHT_MINIMUM)
            else "right",
        ),
        Mistake(
            "direction of the first step",
            "Which way the first step goes is not where the walk ends: from 4 it goes left and "
            "ends right.",
            behaves_like=(
                lambda x0: "left" if _poly_slope(x0) > 0 else "right",
                lambda x0: "right" if _poly_slope(x0) > 0 else "left",
            ),
        ),
        Mistake(
            "always the deeper valley",
            "Descent doesn't look for the deepest valley; it ends in the one it happens to stand "
            "in.",
            behaves_like=_always("left"),
        ),
        Mistake(
            "climbs",
            "This follows the slope uphill; check the sign of the step.",
            behaves_like=(_climbs("right"), _climbs("left")),
        ),
        Mistake(
            "too few steps",
            "Near the hilltop the walk starts slowly, so a few steps don't show where it ends; "
            "take all 300.",
            behaves_like=tuple(
                lambda x0, n=n: _side(_poly_end(x0, n_steps=n)) for n in (1, 2, 3, 5)
            ),
        ),
        Mistake(
            "another learning rate",
            "With a larger learning rate the first step can jump over the hill; use lr 0.05.",
            behaves_like=tuple(
                lambda x0, lr=lr: _side(_poly_end(x0, lr=lr)) for lr in (0.12, 0.15)
            ),
        ),
        Mistake(
            "hilltop in the wrong place",
            "The border between the two basins is too far to the right; it is the hilltop, near "
            "0.125.",
            behaves_like=tuple(
                lambda x0, top=top: "left" if x0 < top else "right" for top in (0.25, 0.5, 1.0)
            ),
        ),
        Mistake(
            "a number instead of a word",
            'The walk is there, but the answer should be the word "left" or "right", not where '
            "it ended.",
            behaves_like=_poly_end,
        ),
        Mistake(
            "spelled differently",
            'The answer is "left" or "right", in lower case and nothing else.',
            behaves_like=tuple(
                _spelled(basin, spell)
                for spell in (
                    str.capitalize,
                    str.upper,
                    lambda word: word[0],
                    lambda word: f"{word} valley",
                )
            ),
        ),
        NO_RETURN,
    ],
)

TASKS = [DESCENT_UPDATE, GRADIENT_DESCENT, CLASSIFY_LEARNING_RATE, BASIN]
