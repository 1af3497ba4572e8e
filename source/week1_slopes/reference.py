"""Marking notes of week 1: what is a slope?

The calls avoid what hides a mistake: parabolas (any central difference of them is exact), tiny
steps, flat spots and even grids, but for the one criterion that asks about each. Peculiar to this
week: one function for numbers and arrays alike, an f that refuses tensors beside one that takes
nothing else, and a ripple too fine for differences. Slips of form (an array of one that becomes a
number, two results exchanged, a pair that is half there) cost 1 or 2 points when they are all that is wrong.
"""

from itertools import accumulate

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, derivative, draws, mistakes

FORMULAS = ("x**3 - {a}*x", "{a}*x**3 + x**2", "x**4/4 - 4*x**2 + {a}*x", "sin({b}*x) + {a}*x**2",
    "cos({b}*x) + x**3", "exp({a}*x) - x", "sin(x)*exp({a}*x)", "tanh({b}*x) + {a}*x**2",
    "log(x**2 + {b}) + {a}*x**3", "x*sqrt(x**2 + {b})")

#: Steep everywhere, so that with a tiny step even a forward difference is right.
RISING = ("x**3 + {b}*x", "exp({a}*x) + x", "sin({a}*x) + {b}*x", "tanh({a}*x) + x")


def functions(rng, count, formulas=FORMULAS, refuses_tensors=False):
    """Different smooth functions of x, all bent in more ways than a parabola."""
    return [
        Function(text.format(a=draws.decimal(rng, 0.3, 1.2), b=draws.decimal(rng, 1.3, 2.5)),
            refuses_tensors=refuses_tensors)
        for text in draws.several(rng, count, formulas)
    ]


def array(rng, low, high, *shape):
    """A float64 array of two-decimal numbers."""
    return np.round(rng.uniform(low, high, shape), 2)


def form(reference):
    """What all tasks share whose answer has the shape of x, a number or an array."""
    return [
        *mistakes.shapes(reference, leave_out=["transposed", "flattened", "an axis too many"],
            costs={"an array of one becomes a number": 1}),
        mistakes.altering("sign lost", "A slope is negative where f falls; leave out abs().",
            reference, np.abs),
        *mistakes.limits(mistakes.after_all(reference)), *mistakes.returns_nothing()]


def rows_only(reference, argument=0):
    """A loop over x: its entries are numbers in a row, and rows in a table."""
    return Mistake("rows only", "It takes a number or a row of numbers and fails for a table; plain "
        "arithmetic takes all three, without a loop.",
        mistakes.refusing(reference, lambda *arguments: np.ndim(arguments[argument]) < 2,
            TypeError("only 0-dimensional arrays can be converted to Python scalars"),
            TypeError("only length-1 arrays can be converted to Python scalars"),
            ValueError("setting an array element with a sequence"),
            ValueError("The truth value of an array with more than one element is ambiguous")))


#: What a function of floats says of a tensor.
REFUSED = mistakes.raising(TypeError("this f works on floats and NumPy arrays, not on torch"))


# --- Task 1: central_difference ------------------------------------------------------------


def central_difference(f, x, h=1e-5):
    """Slope of the secant of `f` from ``x - h`` to ``x + h``.

    Parameters
    ----------
    f : callable
        Works element by element; may refuse torch tensors.
    x : float or ndarray, shape (...)
    h : float
        Half the run. The default is near the cube root of the machine
        epsilon, where the truncation error h² f'''/6 and the rounding error
        ε f/h are about equal [1]_.

    Returns
    -------
    float or ndarray, shape of `x`

    References
    ----------
    .. [1] J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition,
       Springer 2006, section 8.1.
    """
    return (f(x + h) - f(x - h)) / (2 * h)


def steps_at_numbers(rng):
    """Numbers on both sides of zero, and 0; steps too large to be ignored; slopes of all sizes."""
    f, g = functions(rng, 2, refuses_tensors=True)
    (flat,) = functions(rng, 1)
    x = draws.decimal(rng, 0.4, 0.95, 4)
    first = Call(f, x, draws.decimal(rng, 0.25, 0.5))
    second = Call(g, draws.mirrored(x), draws.decimal(rng, 0.05, 0.2))
    return [*draws.one_by_one(first, second),
        draws.until(draws.fine(central_difference),
            lambda: Call(draws.scaled(flat, 0.005), draws.signed(rng, 0.4, 1.5),
                draws.decimal(rng, 0.3, 0.5))),
        *far_out(rng, draws.decimal(rng, 0.3, 0.5)),
        Call(Function("exp(x) - 2*x", True), 0.0, draws.decimal(rng, 0.2, 0.5))]  # neither even nor odd


def far_out(rng, *rest):
    """Steep places far from 0."""
    a, b = draws.whole(rng, 12, 20), draws.decimal(rng, 1.3, 2.5)
    f = Function(f"{a}*x**2 + {a}*sin({b}*x)")
    return draws.both_ends(Call(f, draws.decimal(rng, 120, 150), *rest), 1)


def steps_at_arrays(rng):
    """Two rows of numbers of one length, a table of them, and a single one in an array."""
    f, g, p = functions(rng, 3)
    g = Function(g.formula, refuses_tensors=True)
    shapes = (draws.whole(rng, 3, 6),), (2, draws.whole(rng, 3, 4)), (1,)
    calls = [
        Call(of, array(rng, -2, 2, *shape), draws.decimal(rng, 0.2, 0.5))
        for of, shape in zip((f, g, p), shapes, strict=True)
    ]
    return [*calls, draws.twin(calls[0], 1, draws.mirrored(calls[0].arguments[1]))]


def default_steps(rng):
    """h left out, at a number, at a row, and on a ripple that any other h sees otherwise."""
    f, g = functions(rng, 2, RISING, refuses_tensors=True)
    return [Call(f, draws.signed(rng, 0.4, 2)), Call(g, array(rng, -2, 2, 3)),
        Call(mistakes.rippled(f, "x"), draws.signed(rng, 0.4, 2))]


def forward(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


def five_points(f, x, h=1e-5):
    return (4 * central_difference(f, x, h) - central_difference(f, x, 2 * h)) / 3


CENTRAL_DIFFERENCE = Task(
    reference=central_difference,
    criteria=[
        Criterion("any function, point and step", 3, steps_at_numbers),
        Criterion("arrays, element by element", 2, steps_at_arrays),
        Criterion("h left out means 1e-5", 1, default_steps),
    ],
    mistakes=[
        Mistake("forward difference", "Your secant starts at x and only looks ahead; step the same "
            "distance back as well.", (forward, lambda f, x, h=1e-5: forward(f, x, h) / 2,
                lambda f, x, h=1e-5: forward(f, x, 2 * h))),
        Mistake("backward difference", "Your secant ends at x and only looks back; step the same "
            "distance ahead as well.", lambda f, x, h=1e-5: forward(f, x, -h)),
        Mistake("divides by h", "How far is it from x - h to x + h? That whole run divides the "
            "rise.", lambda f, x, h=1e-5: (f(x + h) - f(x - h)) / h),
        Mistake("multiplies by h", "Python reads a/2*h from left to right, as (a/2)*h; put the "
            "whole run in brackets.", lambda f, x, h=1e-5: (f(x + h) - f(x - h)) / 2 * h),
        Mistake("numerator brackets missing", "Division goes before subtraction, so only the "
            "second value of f is divided; put the whole rise in brackets.",
            lambda f, x, h=1e-5: f(x + h) - f(x - h) / (2 * h)),
        Mistake("ignores h", "The answer doesn't depend on the h that was passed; the task asks "
            "for the secant at exactly that h, not for the best slope.",
            (lambda f, x, h=1e-5: central_difference(f, x, 1e-5),
                lambda f, x, h=1e-5: central_difference(f, x, 0.01),
                lambda f, x, h=1e-5: (f(x + 1e-5) - f(x - 1e-5)) / h)),
        Mistake("half steps", "You step h/2 each way; the task asks for a full h ahead and a full "
            "h back.", (lambda f, x, h=1e-5: central_difference(f, x, h / 2),
                lambda f, x, h=1e-5: central_difference(f, x, h / 2) / 2)),
        Mistake("values added", "A rise is the difference of two values: the one ahead minus the "
            "one behind.", lambda f, x, h=1e-5: (f(x + h) + f(x - h)) / (2 * h)),
        Mistake("one slope for the whole array", "An array x should give a slope at each of its "
            "elements, not one number for all.",
            (lambda f, x, h=1e-5: np.mean(central_difference(f, x, h)),
                lambda f, x, h=1e-5: np.sum(central_difference(f, x, h)))),
        Mistake("by autograd", "This task is about differences: f need not take tensors, so ask it "
            "at x + h and at x - h only.", REFUSED),
        Mistake("more accurate than asked", "This is closer to the true slope than the fraction of "
            "the task; it asks for the secant through two points, x - h and x + h.",
            (five_points, lambda f, x, h=1e-5: five_points(f, x, h / 2))),
        Mistake("step scaled by x", "Your step is longer where x is larger; step exactly h each "
            "way, wherever x is.",
            (lambda f, x, h=1e-5: central_difference(f, x, h * np.maximum(1, np.abs(x))),
                lambda f, x, h=1e-5: central_difference(f, x, h * np.abs(x)))),
        mistakes.altering("sign flipped", "The slope has the wrong sign: rise is the value ahead "
            "minus the value behind.", central_difference, np.negative),
        Mistake("rise without run", "This is how much f rises; a slope is that rise over the run.",
            (lambda f, x, h=1e-5: f(x + h) - f(x - h),
                lambda f, x, h=1e-5: (f(x + h) - f(x - h)) / 2)),
        Mistake("returns 2x", "2x is the slope of x² only; compute it from the values of the f "
            "that was passed.", lambda f, x, h=1e-5: 2 * x),
        *mistakes.default_step(central_difference),
        *mistakes.scalars_only(central_difference, argument=1),
        rows_only(central_difference, argument=1),
        *mistakes.arrays_only(central_difference, argument=1),
        *form(central_difference),
        *mistakes.keeps(central_difference, ["f", "x", "h"]),
    ],
    precision="float64",
)

# --- Task 2: grid_slope --------------------------------------------------------------------


def grid_slope(X, Y):
    """Slopes between neighbouring points of a table.

    Parameters
    ----------
    X : ndarray, shape (n,), n >= 2
        Strictly increasing, of floats or ints, not necessarily even.
    Y : ndarray, shape (n,)
        Values at `X`.

    Returns
    -------
    midpoints : ndarray, shape (n - 1,)
        Where a slope belongs: a secant is a central difference there, so its
        error is of second order in the gap.
    slopes : ndarray, shape (n - 1,)
    """
    return middles(X), np.diff(Y) / np.diff(X)


def middles(X):
    return (X[1:] + X[:-1]) / 2


def uneven_grid(rng, n):
    """Gaps of clearly different widths."""
    gaps = np.round(rng.permutation(np.linspace(0.3, 1.8, n - 1)), 1)
    return np.round(draws.decimal(rng, -3, 1) + np.append(0, np.cumsum(gaps)), 2)


def uneven_grids(rng):
    """The same X and the same Y come back; one table is high, and far out; one is tiny."""
    n, m = draws.several(rng, 2, [4, 5, 6, 7, 8])
    X, Y = uneven_grid(rng, n), array(rng, -0.95, 0.95, n)
    another = uneven_grid(rng, n)
    first = Call(X, Y)
    second = Call(np.round(another - another[0] + X[0], 2), draws.mirrored(Y))
    return [*draws.one_by_one(first, second),
        *draws.both_ends(Call(1000 * uneven_grid(rng, m), 1e6 * array(rng, -5, 5, m)), 1),
        Call(draws.tiny(rng) + uneven_grid(rng, m), draws.tiny(rng, m))]


def even_grids(rng):
    """A smooth function on a grid with one spacing, as the seed has it; and two points of it."""
    spacing = draws.choice(rng, 0.2, 0.25, 0.4, 0.5)
    X = np.round(draws.decimal(rng, -2, 0) + spacing * np.arange(draws.whole(rng, 5, 8)), 2)
    (f,) = functions(rng, 1)
    Y = np.round(f(X), 2)
    return [Call(X, Y), Call(X[:2], Y[:2])]


def grids_of_ints(rng):
    """Odd sums and slopes with fractions, so that rounding to an int shows."""
    n = draws.whole(rng, 4, 7)
    gaps = rng.permutation(np.resize([3, 1, 2], n - 1))
    rises = gaps * rng.integers(-3, 4, n - 1) + 1
    return [
        Call(*(draws.whole(rng, -6, 2) + np.append(0, np.cumsum(each)) for each in (gaps, rises)))]


def beside_midpoints(slopes):
    """Right midpoints, and `slopes(X, Y)`."""
    return lambda X, Y: (middles(X), slopes(X, Y))


def beside_slopes(midpoints):
    """Right slopes, at `midpoints(X)`."""
    return lambda X, Y: (midpoints(X), np.diff(Y) / np.diff(X))


def half_the_first_gap_ahead(X):
    return X[:-1] + (X[1] - X[0]) / 2


def in_the_type_of_the_table(which):
    """Results stored in arrays made from X or Y."""

    def behaviour(X, Y):
        pair = zip(grid_slope(X, Y), (X, Y), strict=True)
        return tuple(r.astype(of.dtype) if k in which else r for k, (r, of) in enumerate(pair))

    return behaviour


GRID_SLOPE = Task(
    reference=grid_slope,
    parts=("midpoints", "slopes"),
    criteria=[
        Criterion("even grids", 1, even_grids),
        Criterion("uneven grids", 3, uneven_grids),
        Criterion("grids of ints", 1, grids_of_ints),
    ],
    mistakes=[
        Mistake("slopes at the left ends", "The slopes are right, but each belongs to the middle "
            "of its gap, not to its left end.", beside_slopes(lambda X: X[:-1])),
        Mistake("slopes at the right ends", "The slopes are right, but each belongs to the middle "
            "of its gap, not to its right end.", beside_slopes(lambda X: X[1:])),
        Mistake("np.gradient", "np.gradient estimates slopes at the n grid points; here there is "
            "one slope for each of the n - 1 gaps.",
            (lambda X, Y: (X, np.gradient(Y, X)), lambda X, Y: (X, np.gradient(Y) / np.gradient(X)),
                beside_midpoints(lambda X, Y: np.gradient(Y, X)),
                beside_midpoints(lambda X, Y: np.gradient(Y, X)[:-1]))),
        Mistake("one spacing for all", "One spacing is used for the whole grid; on an uneven grid, "
            "each gap has a run and a midpoint of its own.",
            (beside_midpoints(lambda X, Y: np.diff(Y) / (X[1] - X[0])),
                beside_midpoints(lambda X, Y: np.diff(Y) / np.diff(X).mean()),
                beside_slopes(lambda X: X[0] + (np.arange(len(X) - 1) + 0.5) * (X[1] - X[0])),
                beside_slopes(half_the_first_gap_ahead),
                lambda X, Y: (half_the_first_gap_ahead(X), np.diff(Y) / (X[1] - X[0])))),
        Mistake("rise without run", "These are the rises of Y; a slope is the rise over the run "
            "between the same two points.", beside_midpoints(lambda X, Y: np.diff(Y))),
        Mistake("run twice", "Each slope is half as large as it should be: the run from one point to the "
            "next is their gap, once.", beside_midpoints(lambda X, Y: np.diff(Y) / np.diff(X) / 2)),
        Mistake("run over rise", "The fraction is upside down: a slope is the change of Y over the "
            "change of X.", beside_midpoints(lambda X, Y: np.diff(X) / np.diff(Y))),
        Mistake("sign flipped", "The slopes have the wrong sign: subtract in the same order above "
            "and below the line.", beside_midpoints(lambda X, Y: -np.diff(Y) / np.diff(X))),
        Mistake("half the gap", "Half the difference of two neighbours is half the gap; the "
            "midpoint is their average.", beside_slopes(lambda X: np.diff(X) / 2)),
        Mistake("midpoint not an average", "A midpoint lies between its neighbours: add them "
            "first, in brackets, then halve the sum.",
            (beside_slopes(lambda X: X[1:] + X[:-1] / 2), beside_slopes(lambda X: X[1:] + X[:-1]))),
        Mistake("a gap left out", "n points have n - 1 gaps, but the first or the last has no "
            "slope here; look at where your loop or slice begins and ends.",
            (lambda X, Y: grid_slope(X[:-1], Y[:-1]), lambda X, Y: grid_slope(X[1:], Y[1:]))),
        Mistake("an entry too many", "n points have n - 1 gaps, so both arrays have n - 1 entries; the "
            "last of yours is one that nobody wrote.",
            lambda X, Y: [np.append(part, 0) for part in grid_slope(X, Y)]),
        Mistake("slopes alone", "The slopes are right, but the task asks for two arrays, "
            "(midpoints, slopes).", lambda X, Y: grid_slope(X, Y)[1], costs=2),
        Mistake("order swapped", "Both arrays are right; return the midpoints first and the slopes "
            "second.", lambda X, Y: grid_slope(X, Y)[::-1], costs=1),
        Mistake("fractions cut off", "Whole numbers swallowed the fractions: halve with /, not //, "
            "and don't fill an array of ints.",
            (*map(in_the_type_of_the_table, [(0, 1), (0,), (1,)]),
                beside_slopes(lambda X: (X[1:] + X[:-1]) // 2))),
        *mistakes.limits(mistakes.after_all(grid_slope)), *mistakes.returns_nothing(),
        *mistakes.keeps(grid_slope, ["X", "Y"], leave_out=["keeps the first X"]),
    ],
    library="np",
)

# --- Task 3: autograd_slope ----------------------------------------------------------------


def autograd_slope(f, x):
    """Derivative of a torch function by reverse-mode autograd, in float64.

    Parameters
    ----------
    f : callable
        Takes a tensor and works element by element.
    x : float or ndarray, shape (n,)

    Returns
    -------
    tensor, shape of `x`

    Notes
    -----
    Each element of x moves only its own element of f(x), so the gradient of
    the sum holds the n separate derivatives [1]_.

    References
    ----------
    .. [1] A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind,
       "Automatic differentiation in machine learning: a survey", Journal of
       Machine Learning Research 18 (2018), 1-43.
    """
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(leaf).sum(), leaf)
    return slope


#: How often per unit a ripple goes up and down, in radians: far oftener than a difference sees.
FINE = 2**23


def rippled(rng):
    """Waves far too low to be seen that are nearly as steep as the hill below them.

    The place is a multiple of 1/256: float32 holds it, and its product with `FINE`, exactly. There
    the waves are steepest, and as steep a little beside it.
    """
    a, b = draws.decimal(rng, 0.3, 0.8), draws.decimal(rng, 1.3, 2.5)
    steepest = [k for k in range(-400, 401) if np.cos(FINE / 256 * k) > 0.9997 and k]
    f = Function(f"sin({a}*x) + {b}*x + sin({FINE}*x)/{FINE}")
    return Call(f, draws.choice(rng, *steepest) / 256)


def slopes_at_numbers(rng):
    """Numbers with fractions, on both sides of zero, and 0; slopes of all sizes, and a ripple."""
    f, g, flat = functions(rng, 3)
    x = draws.decimal(rng, 0.3, 0.95, 4)
    return [*draws.one_by_one(Call(f, x), Call(g, draws.mirrored(x))),
        draws.until(draws.fine(derivative),
            lambda: Call(draws.scaled(flat, 0.005), draws.signed(rng, 0.4, 1.5))),
        *far_out(rng), rippled(rng), Call(g, 0.0)]


def slopes_at_arrays(rng):
    """Rows of different lengths, down to one, and two of one length."""
    lengths = draws.whole(rng, 2, 3), draws.whole(rng, 4, 7), 1
    calls = [Call(f, array(rng, -2, 2, n)) for f, n in zip(functions(rng, 3), lengths, strict=True)]
    return [*calls, draws.twin(calls[1], 1, draws.mirrored(calls[1].arguments[1]))]


def slopes_twice(rng):
    """The same question twice; the second answer counts."""
    f, g = functions(rng, 2)
    return [Call(f, draws.decimal(rng, 0.3, 2)).times(2),
        Call(g, array(rng, -2, 2, draws.whole(rng, 2, 5))).times(2)]


def one_leaf_for_ever():
    """One global tensor, moved to each element in turn and never cleared."""
    total = 0.0

    def accumulating(f, x):
        nonlocal total
        totals = list(accumulate(derivative(f, np.ravel(x)), initial=total))
        total = totals[-1]
        return np.reshape(totals[1:], np.shape(x))

    return accumulating


def one_leaf_for_numbers():
    """One global 0-d tensor: torch refuses to add a vector's gradient to it."""
    total = 0.0

    def accumulating(f, x):
        nonlocal total
        if np.ndim(x):
            raise RuntimeError("output with shape [] doesn't match the broadcast shape")
        total += float(derivative(f, x))
        return total

    return accumulating


def one_leaf_for_each_place():
    """Tensors remembered by x, so that asking there again adds up, about whatever f."""
    totals = {}

    def accumulating(f, x):
        key = np.asarray(x).tobytes()
        totals[key] = totals.get(key, 0.0) + derivative(f, x)
        return totals[key]

    return accumulating


def one_leaf_for_each_call():
    """A fresh tensor each call, but not for each element of the array."""
    return lambda f, x: np.reshape(np.cumsum(derivative(f, np.ravel(x))), np.shape(x))


def same_grad_appended():
    """As above, and the list holds the very same `.grad` each time."""
    return lambda f, x: np.full(np.shape(x), np.sum(derivative(f, np.ravel(x))))


def slope_of_an_int_tensor(f, x):
    leaf = torch.tensor(np.asarray(x).astype(int), requires_grad=True)
    f(leaf).sum().backward()
    return leaf.grad


def backward_on_a_vector(f, x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(leaf).backward()
    return leaf.grad


def func_grad_of_a_vector(f, x):
    if np.ndim(x):
        raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor")
    return derivative(f, x)


AUTOGRAD_SLOPE = Task(
    reference=autograd_slope,
    criteria=[
        Criterion("any function, at a number", 2, draws.for_tensors(slopes_at_numbers)),
        Criterion("arrays, element by element", 3, draws.for_tensors(slopes_at_arrays)),
        Criterion("calling twice gives the same", 1, draws.for_tensors(slopes_twice)),
    ],
    mistakes=[
        Mistake("gradient accumulates", "backward() adds to .grad, so slopes from before are still "
            "in it; start each slope with a fresh tensor or a cleared .grad.",
            (one_leaf_for_ever, one_leaf_for_numbers, one_leaf_for_each_place,
                one_leaf_for_each_call, same_grad_appended,
                lambda: lambda f, x: 2 * derivative(f, x)),
            stateful=True),
        Mistake("integer tensor", "Torch differentiates at floats only: keep the fractions of x, "
            "and make a tensor of floats that requires grad.",
            (lambda f, x: derivative(f, np.trunc(x)), slope_of_an_int_tensor)),
        Mistake("backward on a vector", "backward() and .item() take a single number and refuse "
            "a whole vector; make one number of f(x) first, or take the elements one by one.",
            (backward_on_a_vector, func_grad_of_a_vector)),
        Mistake("mean of the elements", "The slopes of an array come out n times too small, as "
            "they do after a mean; the sum grows exactly as fast as each of its terms.",
            lambda f, x: derivative(f, x) / np.size(x)),
        Mistake("one slope for the whole array", "An array x should give a slope at each of its "
            "elements, not one number for all.", lambda f, x: np.sum(derivative(f, x))),
        Mistake("a table of slopes", "Each element of f(x) is differentiated by each element of x, "
            "and most of that table is 0; the slopes are its diagonal.",
            lambda f, x: np.diag(np.atleast_1d(derivative(f, x))) if np.ndim(x) else derivative(f, x)),
        Mistake("value instead of slope", "This is f(x) itself; the slope is what backward() "
            "leaves in .grad.", lambda f, x: f(np.asarray(x))),
        Mistake("returns 2x", "2x is the slope of x² only; let torch differentiate the f that was "
            "passed.", lambda f, x: 2 * x),
        Mistake("coarse difference", "This is the slope of a secant, too coarse for the "
            "derivative; let torch differentiate f.",
            (lambda f, x: central_difference(f, x, 0.1), lambda f, x: forward(f, x, 0.01))),
        *mistakes.not_by_autograd(autograd_slope,
            also={
                "not by autograd": [
                    lambda f, x, h=h: central_difference(f, x, h) for h in (1e-4, 1e-5, 1e-6, 1e-7)
                ]}),
        Mistake("scalars only", "It takes a single number and fails for an array; leave out "
            "float().",
            mistakes.refusing(derivative, lambda f, x: np.ndim(x) == 0,
                TypeError("only 0-dimensional arrays can be converted to Python scalars"),
                TypeError("only length-1 arrays can be converted to Python scalars"))),
        *mistakes.arrays_only(derivative, argument=1,
            also={"a number becomes an array": [lambda f, x: np.asarray(derivative(f, x))[None]]},
            reword={"a number becomes an array": "The slopes come back inside a list or a tuple; "
                "drop the list, or take [0] of what torch.autograd.grad hands back."}),
        *mistakes.changed(form(derivative), reword={"returns nothing": "None came back: there is no "
            "return, or .grad was read off a tensor that was made from another one; only the leaf "
            "itself keeps it."}),
        *mistakes.keeps(derivative, ["f", "x"]),
    ],
)

# --- Task 4: poly_slope --------------------------------------------------------------------


def poly_slope(x):
    """Derivative of ``poly``, x - 4x² + x⁴/4.

    Parameters
    ----------
    x : float or ndarray, shape (...)

    Returns
    -------
    float or ndarray, shape of `x`
    """
    return 1 - 8 * x + x**3


def poly(x):
    return x - 4 * x**2 + x**4 / 4


def poly_at_numbers(rng):
    """On both sides of zero, far out, and beside the hilltop, where the slope is tiny."""
    x, near = draws.decimal(rng, 1, 4, 4), draws.decimal(rng, 0.2, 0.9, 4)
    # As far as can be from a number with four decimals.
    flat = round(0.12535 + 1e-4 * draws.whole(rng, 0, 7) + 1e-6 * draws.whole(rng, 1, 3), 6)
    return [*(Call(at) for at in (x, -x, near, -near)), Call(flat), Call(0.0),
        *draws.both_ends(Call(draws.decimal(rng, 120, 150)), 0)]


def poly_at_arrays(rng):
    """A row of numbers, a table of them, and a single one in an array."""
    shapes = (draws.whole(rng, 3, 6),), (2, draws.whole(rng, 2, 4)), (1,)
    row, *others = (array(rng, -4, 4, *shape) for shape in shapes)
    return [Call(x) for x in (row, draws.mirrored(row), *others)]


def between_neighbours_of_arrays(x):
    if np.ndim(x) == 0:
        return poly_slope(x)
    return np.gradient(poly(np.ravel(x)), np.ravel(x)).reshape(np.shape(x))


POLY_SLOPE = Task(
    reference=poly_slope,
    criteria=[
        Criterion("at a number", 2, poly_at_numbers),
        Criterion("arrays, element by element", 1, poly_at_arrays),
    ],
    mistakes=[
        Mistake("returns 2x", "2x is the slope of x²; this hill has three terms, and a slope for "
            "each.", lambda x: 2 * x),
        Mistake("constant term missing", "The first term, x, has a slope as well, and it isn't "
            "zero.", lambda x: -8 * x + x**3),
        Mistake("x kept as x", "The slope of the first term, x, is the same everywhere.",
            lambda x: x - 8 * x + x**3),
        Mistake("cube without its sign", "The cube of a negative number is negative.",
            lambda x: 1 - 8 * x + np.abs(x) ** 3),
        Mistake("sign of the middle term", "The middle term is subtracted in the hill, and so is "
            "its slope.", lambda x: 1 + 8 * x + x**3),
        Mistake("middle term not doubled", "Bring down the exponent of the middle term as a "
            "factor.", lambda x: 1 - 4 * x + x**3),
        Mistake("cubic term not divided", "The last term of the hill is divided by 4; don't lose "
            "that on the way.", lambda x: 1 - 8 * x + 4 * x**3),
        Mistake("cubic term divided twice", "The 4 brought down from the exponent cancels the 4 "
            "that divides the last term.", lambda x: 1 - 8 * x + x**3 / 4),
        Mistake("exponents not lowered", "The factors are right, but each exponent goes down by "
            "one.", lambda x: 1 - 8 * x**2 + x**4),
        Mistake("exponent of the last term", "The last term of the hill has exponent 4; the "
            "exponent of its slope is one less.",
            (lambda x: 1 - 8 * x + x**4, lambda x: 1 - 8 * x + x**2)),
        Mistake("value instead of slope", "This is the hill itself, poly(x); the task asks how "
            "steep it is.", poly),
        Mistake("second derivative", "You differentiated twice; the slope is the first derivative.",
            lambda x: -8 + 3 * x**2),
        Mistake("sign flipped", "Every term has the wrong sign: where the hill rises, the slope is "
            "positive.", lambda x: -1 + 8 * x - x**3),
        Mistake("coarse difference", "This is the slope of a secant, too coarse for the "
            "derivative; work out the formula term by term.",
            (lambda x: central_difference(poly, x, 0.1), lambda x: forward(poly, x, 0.01))),
        Mistake("np.gradient", "np.gradient only compares the neighbours in an array; the slope at "
            "x is a formula in x alone.",
            (lambda x: np.gradient(poly(x), x), between_neighbours_of_arrays)),
        *mistakes.scalars_only(poly_slope,
            also={"scalars only": [lambda x: backward_on_a_vector(poly, x)]}),
        rows_only(poly_slope), *mistakes.arrays_only(poly_slope),
        *form(poly_slope),
    ],
    library="np",
)

TASKS = [CENTRAL_DIFFERENCE, GRID_SLOPE, AUTOGRAD_SLOPE, POLY_SLOPE]
