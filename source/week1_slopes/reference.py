"""Marking notes of week 1: what is a slope?

Each task has its reference, what earns points, and the mistakes we have met.
The calls are drawn afresh for each grading run. They avoid what hides a
mistake: parabolas (any central difference of them is exact), tiny steps, flat
spots and even grids, but for the one criterion that asks about each.
"""

from itertools import accumulate

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, derivative

# ----------------------------------------------------------------------------
# Drawing numbers and functions
# ----------------------------------------------------------------------------

FORMULAS = (
    "x**3 - {a}*x",
    "{a}*x**3 + x**2",
    "x**4/4 - 4*x**2 + {a}*x",
    "sin({b}*x) + {a}*x**2",
    "cos({b}*x) + x**3",
    "exp({a}*x) - x",
    "sin(x)*exp({a}*x)",
    "tanh({b}*x) + {a}*x**2",
    "log(x**2 + {b}) + {a}*x**3",
    "x*sqrt(x**2 + {b})",
)

#: Steep everywhere, so that with a tiny step even a forward difference is right.
RISING = (
    "x**3 + {b}*x",
    "exp({a}*x) + x",
    "sin({a}*x) + {b}*x",
    "tanh({a}*x) + x",
)


def number(rng, low, high):
    """A float of two decimals, which a student can read and paste."""
    return round(float(rng.uniform(low, high)), 2)


def array(rng, low, high, *shape):
    """A float64 array of two-decimal numbers."""
    return np.round(rng.uniform(low, high, shape), 2)


def functions(rng, count, formulas=FORMULAS, refuses_tensors=False):
    """Different smooth functions of x, all bent in more ways than a parabola."""
    return [
        Function(
            formulas[k].format(a=number(rng, 0.3, 1.2), b=number(rng, 1.3, 2.5)),
            refuses_tensors=refuses_tensors,
        )
        for k in rng.choice(len(formulas), count, replace=False)
    ]


#: For the tasks whose answer has the shape of x.
ONE_IS_AN_ARRAY = (
    "An array x of length one should give an array of length one, but a number came back; leave "
    "out squeeze() and .item()."
)

# ----------------------------------------------------------------------------
# Task 1: central_difference
# ----------------------------------------------------------------------------


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
    """Numbers on both sides of zero, and steps too large to be ignored."""
    f, g, p, q = functions(rng, 4)
    g, q = Function(g.formula, refuses_tensors=True), Function(q.formula, refuses_tensors=True)
    return [
        Call(f, number(rng, 0.4, 2), number(rng, 0.05, 0.2)),
        Call(g, number(rng, -2, -0.4), number(rng, 0.25, 0.5)),
        Call(p, number(rng, -1.5, 1.5), number(rng, 0.25, 0.5)),
        Call(q, number(rng, 0.4, 2), number(rng, 0.25, 0.5)),
    ]


def steps_at_arrays(rng):
    """A row of numbers, a table of them, and a single one in an array."""
    f, g, p = functions(rng, 3)
    return [
        Call(f, array(rng, -2, 2, int(rng.integers(3, 7))), number(rng, 0.2, 0.5)),
        Call(
            Function(g.formula, refuses_tensors=True),
            array(rng, -2, 2, 2, int(rng.integers(3, 5))),
            number(rng, 0.1, 0.4),
        ),
        Call(p, array(rng, -2, 2, 1), number(rng, 0.2, 0.5)),
    ]


def default_steps(rng):
    """h left out."""
    (f,) = functions(rng, 1, RISING, refuses_tensors=True)
    return [Call(f, number(rng, 0.4, 2) * int(rng.choice([-1, 1])))]


def forward(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


def backward(f, x, h=1e-5):
    return (f(x) - f(x - h)) / h


def divides_by_h(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h


def multiplies_by_h(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h


def numerator_brackets_missing(f, x, h=1e-5):
    return f(x + h) - f(x - h) / (2 * h)


def own_step(f, x, h=1e-5):
    return central_difference(f, x, 1e-5)


def own_coarse_step(f, x, h=1e-5):
    return central_difference(f, x, 0.01)


def half_steps(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / h


def five_points(f, x, h=1e-5):
    return (4 * central_difference(f, x, h) - central_difference(f, x, 2 * h)) / 3


def extrapolated(f, x, h=1e-5):
    return five_points(f, x, h / 2)


def step_grows_with_x(f, x, h=1e-5):
    return central_difference(f, x, h * np.maximum(1, np.abs(x)))


def step_proportional_to_x(f, x, h=1e-5):
    return central_difference(f, x, h * np.abs(x))


def sign_flipped(f, x, h=1e-5):
    return (f(x - h) - f(x + h)) / (2 * h)


def rise_only(f, x, h=1e-5):
    return f(x + h) - f(x - h)


def difference_two_x(f, x, h=1e-5):
    return 2 * x


def difference_of_a_float(f, x, h=1e-5):
    return central_difference(f, float(x), h)


def difference_with_a_branch(f, x, h=1e-5):
    if x == 0:
        return central_difference(f, 0.0, h)
    return central_difference(f, x, h)


def difference_in_a_loop(f, x, h=1e-5):
    return np.array([central_difference(f, element, h) for element in x])


def no_default(f, x, h):
    return central_difference(f, x, h)


CENTRAL_DIFFERENCE = Task(
    reference=central_difference,
    criteria=[
        Criterion("any function, point and step", points=3, calls=steps_at_numbers),
        Criterion("arrays, element by element", points=2, calls=steps_at_arrays),
        Criterion("h left out means 1e-5", points=1, calls=default_steps),
    ],
    mistakes=[
        Mistake(
            "forward difference",
            "Your secant starts at x and only looks ahead; step the same distance back as well.",
            behaves_like=forward,
        ),
        Mistake(
            "backward difference",
            "Your secant ends at x and only looks back; step the same distance ahead as well.",
            behaves_like=backward,
        ),
        Mistake(
            "divides by h",
            "How far is it from x - h to x + h? That whole run divides the rise.",
            behaves_like=divides_by_h,
        ),
        Mistake(
            "multiplies by h",
            "Python reads a/2*h from left to right, as (a/2)*h; put the whole run in brackets.",
            behaves_like=multiplies_by_h,
        ),
        Mistake(
            "numerator brackets missing",
            "Division goes before subtraction, so only the second value of f is divided; "
            "put the whole rise in brackets.",
            behaves_like=numerator_brackets_missing,
        ),
        Mistake(
            "ignores h",
            "The answer doesn't depend on the h that was passed; the task asks for the secant at "
            "exactly that h, not for the best slope.",
            behaves_like=(own_step, own_coarse_step),
        ),
        Mistake(
            "half steps",
            "You step h/2 each way; the task asks for a full h ahead and a full h back.",
            behaves_like=half_steps,
        ),
        Mistake(
            "more accurate than asked",
            "This is closer to the true slope than the fraction of the task; it asks for the "
            "secant through two points, x - h and x + h.",
            behaves_like=(five_points, extrapolated),
        ),
        Mistake(
            "step scaled by x",
            "Your step is longer where x is larger; step exactly h each way, wherever x is.",
            behaves_like=(step_grows_with_x, step_proportional_to_x),
        ),
        Mistake(
            "sign flipped",
            "The slope has the wrong sign: rise is the value ahead minus the value behind.",
            behaves_like=sign_flipped,
        ),
        Mistake(
            "rise without run",
            "This is how much f rises; a slope is that rise over the run.",
            behaves_like=rise_only,
        ),
        Mistake(
            "returns 2x",
            "2x is the slope of x² only; compute it from the values of the f that was passed.",
            behaves_like=difference_two_x,
        ),
        Mistake(
            "scalars only",
            "It works for a single number but not for an array; leave out float() and if, and let "
            "NumPy work element by element.",
            behaves_like=(difference_of_a_float, difference_with_a_branch),
        ),
        Mistake(
            "arrays only",
            "It works for an array but not for a single number; without the loop, the same line "
            "does both.",
            behaves_like=difference_in_a_loop,
        ),
        Mistake(
            "an array of one becomes a number",
            ONE_IS_AN_ARRAY,
            behaves_like=lambda f, x, h=1e-5: np.squeeze(central_difference(f, x, h)),
        ),
        Mistake(
            "h has no default",
            "h may be left out of a call; give it the default 1e-5 in the first line.",
            behaves_like=no_default,
        ),
    ],
    precision="float64",
)

# ----------------------------------------------------------------------------
# Task 2: grid_slope
# ----------------------------------------------------------------------------


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
    return (X[1:] + X[:-1]) / 2, np.diff(Y) / np.diff(X)


def uneven_grids(rng):
    """Gaps of clearly different widths."""
    calls = []
    for n in rng.choice([4, 5, 6, 7, 8], 2, replace=False):
        gaps = np.round(rng.permutation(np.linspace(0.3, 1.8, n - 1)), 1)
        X = np.round(number(rng, -3, 1) + np.append(0, np.cumsum(gaps)), 2)
        calls.append(Call(X, array(rng, -5, 5, n)))
    return calls


def even_grids(rng):
    """A smooth function on a grid with one spacing, as the seed has it."""
    n = int(rng.integers(5, 9))
    spacing = float(rng.choice([0.2, 0.25, 0.4, 0.5]))
    X = np.round(number(rng, -2, 0) + spacing * np.arange(n), 2)
    (f,) = functions(rng, 1)
    return [Call(X, np.round(f(X), 2))]


def grids_of_ints(rng):
    """Odd sums and slopes with fractions, so that rounding to an int shows."""
    n = int(rng.integers(4, 8))
    gaps = rng.permutation(np.resize([3, 1, 2], n - 1))
    rises = gaps * rng.integers(-3, 4, n - 1) + 1
    X = int(rng.integers(-6, 3)) + np.append(0, np.cumsum(gaps))
    return [Call(X, int(rng.integers(-6, 3)) + np.append(0, np.cumsum(rises)))]


def left_ends(X, Y):
    return X[:-1], np.diff(Y) / np.diff(X)


def right_ends(X, Y):
    return X[1:], np.diff(Y) / np.diff(X)


def gradient_on_the_grid(X, Y):
    return X, np.gradient(Y, X)


def gradients_of_both(X, Y):
    return X, np.gradient(Y) / np.gradient(X)


def gradient_beside_midpoints(X, Y):
    return (X[1:] + X[:-1]) / 2, np.gradient(Y, X)


def gradient_cut_short(X, Y):
    return (X[1:] + X[:-1]) / 2, np.gradient(Y, X)[:-1]


def first_spacing(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(Y) / (X[1] - X[0])


def mean_spacing(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(Y) / np.diff(X).mean()


def even_midpoints(X, Y):
    return X[0] + (np.arange(len(X) - 1) + 0.5) * (X[1] - X[0]), np.diff(Y) / np.diff(X)


def half_the_first_gap_ahead(X, Y):
    return X[:-1] + (X[1] - X[0]) / 2, np.diff(Y) / np.diff(X)


def first_spacing_for_both(X, Y):
    return half_the_first_gap_ahead(X, Y)[0], first_spacing(X, Y)[1]


def no_spacing(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(Y)


def run_over_rise(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(X) / np.diff(Y)


def slopes_flipped(X, Y):
    return (X[1:] + X[:-1]) / 2, -np.diff(Y) / np.diff(X)


def half_gaps(X, Y):
    return np.diff(X) / 2, np.diff(Y) / np.diff(X)


def half_of_the_second(X, Y):
    return X[1:] + X[:-1] / 2, np.diff(Y) / np.diff(X)


def never_halved(X, Y):
    return X[1:] + X[:-1], np.diff(Y) / np.diff(X)


def slopes_alone(X, Y):
    return np.diff(Y) / np.diff(X)


def swapped(X, Y):
    return np.diff(Y) / np.diff(X), (X[1:] + X[:-1]) / 2


def stored_in_ints(X, Y):
    midpoints, slopes = grid_slope(X, Y)
    return midpoints.astype(X.dtype), slopes.astype(Y.dtype)


def midpoints_stored_in_ints(X, Y):
    midpoints, slopes = grid_slope(X, Y)
    return midpoints.astype(X.dtype), slopes


def slopes_stored_in_ints(X, Y):
    midpoints, slopes = grid_slope(X, Y)
    return midpoints, slopes.astype(Y.dtype)


def midpoints_floored(X, Y):
    return (X[1:] + X[:-1]) // 2, np.diff(Y) / np.diff(X)


GRID_SLOPE = Task(
    reference=grid_slope,
    parts=("midpoints", "slopes"),
    criteria=[
        Criterion("even grids", points=1, calls=even_grids),
        Criterion("uneven grids", points=3, calls=uneven_grids),
        Criterion("grids of ints", points=1, calls=grids_of_ints),
    ],
    mistakes=[
        Mistake(
            "slopes at the left ends",
            "The slopes are right, but each belongs to the middle of its gap, not to its left end.",
            behaves_like=left_ends,
        ),
        Mistake(
            "slopes at the right ends",
            "The slopes are right, but each belongs to the middle of its gap, not to its right "
            "end.",
            behaves_like=right_ends,
        ),
        Mistake(
            "np.gradient",
            "np.gradient estimates slopes at the n grid points; here there is one slope for each "
            "of the n - 1 gaps.",
            behaves_like=(
                gradient_on_the_grid,
                gradients_of_both,
                gradient_beside_midpoints,
                gradient_cut_short,
            ),
        ),
        Mistake(
            "one spacing for all",
            "One spacing is used for the whole grid; on an uneven grid, each gap has a run and a "
            "midpoint of its own.",
            behaves_like=(
                first_spacing,
                mean_spacing,
                even_midpoints,
                half_the_first_gap_ahead,
                first_spacing_for_both,
            ),
        ),
        Mistake(
            "rise without run",
            "These are the rises of Y; a slope is the rise over the run between the same two "
            "points.",
            behaves_like=no_spacing,
        ),
        Mistake(
            "run over rise",
            "The fraction is upside down: a slope is the change of Y over the change of X.",
            behaves_like=run_over_rise,
        ),
        Mistake(
            "sign flipped",
            "The slopes have the wrong sign: subtract in the same order above and below the line.",
            behaves_like=slopes_flipped,
        ),
        Mistake(
            "half the gap",
            "Half the difference of two neighbours is half the gap; the midpoint is their average.",
            behaves_like=half_gaps,
        ),
        Mistake(
            "midpoint not an average",
            "A midpoint lies between its neighbours: add them first, in brackets, then halve the "
            "sum.",
            behaves_like=(half_of_the_second, never_halved),
        ),
        Mistake(
            "a gap left out",
            "n points have n - 1 gaps, but the first or the last has no slope here; look at where "
            "your loop or slice begins and ends.",
            behaves_like=(
                lambda X, Y: grid_slope(X[:-1], Y[:-1]),
                lambda X, Y: grid_slope(X[1:], Y[1:]),
            ),
        ),
        Mistake(
            "slopes alone",
            "The slopes are right, but the task asks for two arrays, (midpoints, slopes).",
            behaves_like=slopes_alone,
        ),
        Mistake(
            "order swapped",
            "Both arrays are right; return the midpoints first and the slopes second.",
            behaves_like=swapped,
        ),
        Mistake(
            "fractions cut off",
            "Whole numbers swallowed the fractions: halve with /, not //, and don't fill an array "
            "of ints.",
            behaves_like=(
                stored_in_ints,
                midpoints_stored_in_ints,
                slopes_stored_in_ints,
                midpoints_floored,
            ),
        ),
    ],
    library="np",
)

# ----------------------------------------------------------------------------
# Task 3: autograd_slope
# ----------------------------------------------------------------------------


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


def slopes_at_numbers(rng):
    """Numbers with fractions, on both sides of zero."""
    f, g, p = functions(rng, 3)
    return [
        Call(f, number(rng, 0.3, 2.5)),
        Call(g, number(rng, -2.5, -0.3)),
        Call(p, number(rng, -2.5, 2.5)),
    ]


def slopes_at_arrays(rng):
    """Rows of different lengths, down to one."""
    lengths = int(rng.integers(2, 4)), int(rng.integers(4, 8)), 1
    return [Call(f, array(rng, -2, 2, n)) for f, n in zip(functions(rng, 3), lengths, strict=True)]


def slopes_twice(rng):
    """The same question twice; the second answer counts."""
    f, g = functions(rng, 2)
    return [
        Call(f, number(rng, 0.3, 2)).times(2),
        Call(g, array(rng, -2, 2, int(rng.integers(2, 6)))).times(2),
    ]


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


def one_leaf_for_each_argument():
    """Tensors remembered by what was asked, so that asking again adds up."""
    totals = {}

    def accumulating(f, x):
        key = (f, np.asarray(x).tobytes())
        totals[key] = totals.get(key, 0.0) + derivative(f, x)
        return totals[key]

    return accumulating


def one_leaf_for_each_call():
    """A fresh tensor each call, but not for each element of the array."""
    return lambda f, x: np.reshape(np.cumsum(derivative(f, np.ravel(x))), np.shape(x))


def same_grad_appended():
    """As above, and the list holds the very same `.grad` each time."""
    return lambda f, x: np.full(np.shape(x), np.sum(derivative(f, np.ravel(x))))


def slope_at_cut_off_points(f, x):
    return derivative(f, np.trunc(x))


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
        raise RuntimeError("Expected f(*args) to return a scalar tensor, got tensor with 1 dims")
    return derivative(f, x)


def mean_of_the_elements(f, x):
    return derivative(f, x) / np.size(x)


def sum_of_the_slopes(f, x):
    return np.sum(derivative(f, x))


def value(f, x):
    return f(np.asarray(x))


def autograd_two_x(f, x):
    return 2 * x


def autograd_of_a_float(f, x):
    return derivative(f, float(x))


def autograd_in_a_loop(f, x):
    return [derivative(f, element) for element in x]


def never_a_number(f, x):
    return np.atleast_1d(derivative(f, x))


def coarse_central_difference(f, x):
    return central_difference(f, x, 0.1)


def coarse_forward_difference(f, x):
    return forward(f, x, 0.01)


AUTOGRAD_SLOPE = Task(
    reference=autograd_slope,
    criteria=[
        Criterion("any function, at a number", points=2, calls=slopes_at_numbers),
        Criterion("arrays, element by element", points=3, calls=slopes_at_arrays),
        Criterion("calling twice gives the same", points=1, calls=slopes_twice),
    ],
    mistakes=[
        Mistake(
            "gradient accumulates",
            "backward() adds to .grad, so slopes from before are still in it; start each slope "
            "with a fresh tensor or a cleared .grad.",
            behaves_like=(
                one_leaf_for_ever,
                one_leaf_for_numbers,
                one_leaf_for_each_argument,
                one_leaf_for_each_call,
                same_grad_appended,
            ),
            stateful=True,
        ),
        Mistake(
            "integer tensor",
            "Torch differentiates at floats only: keep the fractions of x, and make a tensor of "
            "floats that requires grad.",
            behaves_like=(slope_at_cut_off_points, slope_of_an_int_tensor),
        ),
        Mistake(
            "backward on a vector",
            "It works for a number, but backward() and .item() refuse a whole vector; make one "
            "number of f(x) first, or take the elements one by one.",
            behaves_like=(backward_on_a_vector, func_grad_of_a_vector),
        ),
        Mistake(
            "mean of the elements",
            "The slopes of an array come out n times too small, as they do after a mean; the sum "
            "grows exactly as fast as each of its terms.",
            behaves_like=mean_of_the_elements,
        ),
        Mistake(
            "one slope for the whole array",
            "An array x should give a slope at each of its elements, not one number for all.",
            behaves_like=sum_of_the_slopes,
        ),
        Mistake(
            "value instead of slope",
            "This is f(x) itself; the slope is what backward() leaves in .grad.",
            behaves_like=value,
        ),
        Mistake(
            "returns 2x",
            "2x is the slope of x² only; let torch differentiate the f that was passed.",
            behaves_like=autograd_two_x,
        ),
        Mistake(
            "scalars only",
            "It works for a single number but not for an array; leave out float().",
            behaves_like=autograd_of_a_float,
        ),
        Mistake(
            "arrays only",
            "It works for an array but not for a single number, which can't be looped over.",
            behaves_like=autograd_in_a_loop,
        ),
        Mistake(
            "a number becomes an array",
            "A float x should give a number, but the answer is an array of length one; drop the "
            "list around x.",
            behaves_like=never_a_number,
        ),
        Mistake(
            "an array of one becomes a number",
            ONE_IS_AN_ARRAY,
            behaves_like=lambda f, x: np.squeeze(derivative(f, x)),
        ),
        Mistake(
            "coarse difference",
            "This is the slope of a secant, too coarse for the derivative; let torch "
            "differentiate f.",
            behaves_like=(coarse_central_difference, coarse_forward_difference),
        ),
    ],
)

# ----------------------------------------------------------------------------
# Task 4: poly_slope
# ----------------------------------------------------------------------------


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


def poly_at_numbers(rng):
    """One point on each side of zero."""
    return [Call(number(rng, -4, -0.5)), Call(number(rng, 0.5, 4))]


def poly_at_arrays(rng):
    """A row of numbers, a table of them, and a single one in an array."""
    return [
        Call(array(rng, -4, 4, int(rng.integers(3, 7)))),
        Call(array(rng, -4, 4, 2, int(rng.integers(2, 5)))),
        Call(array(rng, -4, 4, 1)),
    ]


def poly_of_a_float(x):
    return poly_slope(float(x))


def poly_with_a_branch(x):
    if x == 0:
        return 1.0
    return poly_slope(x)


def poly_backward_on_a_vector(x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    poly(leaf).backward()
    return leaf.grad


def poly(x):
    return x - 4 * x**2 + x**4 / 4


def poly_between_neighbours(x):
    return np.gradient(poly(x), x)


def poly_between_neighbours_of_arrays(x):
    if np.ndim(x) == 0:
        return poly_slope(x)
    return np.gradient(poly(np.ravel(x)), np.ravel(x)).reshape(np.shape(x))


def poly_in_a_loop(x):
    return np.array([poly_slope(element) for element in x])


POLY_SLOPE = Task(
    reference=poly_slope,
    criteria=[
        Criterion("at a number", points=2, calls=poly_at_numbers),
        Criterion("arrays, element by element", points=1, calls=poly_at_arrays),
    ],
    mistakes=[
        Mistake(
            "returns 2x",
            "2x is the slope of x²; this hill has three terms, and a slope for each.",
            behaves_like=lambda x: 2 * x,
        ),
        Mistake(
            "constant term missing",
            "The first term, x, has a slope as well, and it isn't zero.",
            behaves_like=lambda x: -8 * x + x**3,
        ),
        Mistake(
            "x kept as x",
            "The slope of the first term, x, is the same everywhere.",
            behaves_like=lambda x: x - 8 * x + x**3,
        ),
        Mistake(
            "sign of the middle term",
            "The middle term is subtracted in the hill, and so is its slope.",
            behaves_like=lambda x: 1 + 8 * x + x**3,
        ),
        Mistake(
            "middle term not doubled",
            "Bring the exponent of the middle term down as a factor.",
            behaves_like=lambda x: 1 - 4 * x + x**3,
        ),
        Mistake(
            "cubic term not divided",
            "The last term of the hill is divided by 4; don't lose that on the way.",
            behaves_like=lambda x: 1 - 8 * x + 4 * x**3,
        ),
        Mistake(
            "cubic term divided twice",
            "The 4 brought down from the exponent cancels the 4 that divides the last term.",
            behaves_like=lambda x: 1 - 8 * x + x**3 / 4,
        ),
        Mistake(
            "exponents not lowered",
            "The factors are right, but each exponent goes down by one.",
            behaves_like=lambda x: 1 - 8 * x**2 + x**4,
        ),
        Mistake(
            "exponent of the last term",
            "The last term of the hill has exponent 4; the exponent of its slope is one less.",
            behaves_like=(lambda x: 1 - 8 * x + x**4, lambda x: 1 - 8 * x + x**2),
        ),
        Mistake(
            "value instead of slope",
            "This is the hill itself, poly(x); the task asks how steep it is.",
            behaves_like=poly,
        ),
        Mistake(
            "second derivative",
            "You differentiated twice; the slope is the first derivative.",
            behaves_like=lambda x: -8 + 3 * x**2,
        ),
        Mistake(
            "sign flipped",
            "Every term has the wrong sign: where the hill rises, the slope is positive.",
            behaves_like=lambda x: -1 + 8 * x - x**3,
        ),
        Mistake(
            "scalars only",
            "It works for a single number but not for an array; leave out float() and if, and let "
            "NumPy work element by element.",
            behaves_like=(poly_of_a_float, poly_with_a_branch, poly_backward_on_a_vector),
        ),
        Mistake(
            "arrays only",
            "It works for an array but not for a single number; without the loop, the same line "
            "does both.",
            behaves_like=poly_in_a_loop,
        ),
        Mistake(
            "an array of one becomes a number",
            ONE_IS_AN_ARRAY,
            behaves_like=lambda x: np.squeeze(poly_slope(x)),
        ),
        Mistake(
            "coarse difference",
            "This is the slope of a secant, too coarse for the derivative; work out the formula "
            "term by term.",
            behaves_like=(
                lambda x: central_difference(poly, x, 0.1),
                lambda x: forward(poly, x, 0.01),
            ),
        ),
        Mistake(
            "np.gradient",
            "np.gradient only compares the neighbours in an array; the slope at x is a formula in "
            "x alone.",
            behaves_like=(poly_between_neighbours, poly_between_neighbours_of_arrays),
        ),
    ],
    library="np",
)

TASKS = [CENTRAL_DIFFERENCE, GRID_SLOPE, AUTOGRAD_SLOPE, POLY_SLOPE]
