"""Marking notes of week 3: maps, gradients and descent in two dimensions.

The surface of the seed is separable, a sum of a function of x0 and a function of x1, and hides
the week's best mistake: moving one coordinate after the other. So most calls here mix the
coordinates, and few grids are square. Slips of order and of bookkeeping (a table transposed, two
results exchanged, a start missing, a step too few or too many) cost 1 to 3 points when they are
all that is wrong.
"""

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, draws, gradient, mistakes

SURFACE = Function("v[0]**2 + sin(v[1])")


def small_and_large(rng, answer, propose):
    """Questions about a very flat and about a very steep surface, and far from the origin.

    ``propose(f, away)`` asks about places that far away.
    """
    flat, steep = draws.surfaces(rng, 2)
    return [draws.until(draws.fine(answer), lambda: propose(draws.scaled(flat, 0.01), 0)),
        propose(draws.scaled(steep, -3000), 0),
        *(propose(draws.bowl(rng), sign * draws.decimal(rng, 120, 150)) for sign in (1, -1))]


# ---------------------------------------------------------------- Task 1: the map


def surface_grid(f, x0s, x1s):
    """Heights on a grid.

    Parameters
    ----------
    f : callable
        Takes v and reads v[0] and v[1].
    x0s : ndarray, shape (n,)
    x1s : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (m, n)
        ``f`` at ``(x0s[j], x1s[i])`` in row i and column j: what ``imshow``
        with ``origin="lower"`` and ``contour`` expect.

    References
    ----------
    Matplotlib documentation, "origin and extent in imshow".
    """
    return f(np.array(np.meshgrid(x0s, x1s)))


def transposed(f, x0s, x1s):
    return surface_grid(f, x0s, x1s).T


def x0s_twice(f, x0s, x1s):
    return surface_grid(f, x0s, x0s)


def two_profiles(f, x0s, x1s):
    here = f(np.zeros(2))
    along_0, along_1 = ([f(np.where(np.eye(2)[k], x, 0)) for x in xs] for k, xs in ((0, x0s), (1, x1s)))
    return np.add.outer(along_1, along_0) - here


def only_if_square(mistake):
    """Right on any other grid."""

    def variation(f, x0s, x1s):
        return (mistake if len(x0s) == len(x1s) else surface_grid)(f, x0s, x1s)

    return variation


def evenly(xs):
    return np.linspace(xs[0], xs[-1], len(xs))


def even_axis(rng, n):
    start, step = draws.decimal(rng, -3, -1), draws.decimal(rng, 0.4, 0.9)
    return np.round(start + step * np.arange(n), 2)


def uneven_axis(rng, n, low=-3, high=-1):
    """Up to five values with different gaps between them."""
    gaps = draws.several(rng, n - 1, [0.3, 0.5, 0.8, 1.4])
    return np.round(draws.decimal(rng, low, high) + np.cumsum([0.0, *gaps]), 2)


def even_grids(rng):
    """One of them square."""
    short = draws.whole(rng, 2, 3)
    wide = Call(draws.surface(rng), even_axis(rng, draws.whole(rng, 4, 6)), even_axis(rng, short))
    return draws.one_by_one(wide, Call(SURFACE, even_axis(rng, short), even_axis(rng, 5)))


def uneven_grids(rng):
    """Increasing, as all are; three differ by a sign, or by the order of their gaps, alone."""
    f, axes = draws.surface(rng), [uneven_axis(rng, n, 0.2, 0.9) for n in (5, 3)]
    return [Call(f, *axes), Call(draws.bowl(rng), *axes), Call(f, *(-draws.mirrored(xs) for xs in axes)),
        Call(f, *(np.round(xs[0] + xs[-1] - xs[::-1], 2) for xs in axes)),
        Call(draws.bowl(rng), uneven_axis(rng, 3), uneven_axis(rng, 4)),
        *small_and_large(rng, surface_grid,
            lambda f, away: Call(f, away + uneven_axis(rng, 4), away + uneven_axis(rng, 3)))]


SURFACE_GRID = Task(
    reference=surface_grid,
    criteria=[
        Criterion("the heights of any surface on an even grid", 3, even_grids),
        Criterion("a grid with uneven spacing", 1, uneven_grids),
    ],
    mistakes=[
        Mistake("reshaped instead of transposed", "The shape is right, but most heights are in the "
            "wrong place: reshape keeps the order of the numbers, while .T exchanges rows and "
            "columns.", lambda f, x0s, x1s: transposed(f, x0s, x1s).reshape(len(x1s), len(x0s))),
        mistakes.altering("upside down", "Row 0 belongs to the smallest x1. Don't turn the table "
            "over; imshow puts row 0 at the bottom when it is told origin='lower'.",
            surface_grid, lambda table: np.asarray(table)[::-1], costs=2),
        mistakes.altering("mirrored", "Column 0 belongs to the smallest x0; don't turn the rows "
            "round.", surface_grid, lambda table: np.asarray(table)[..., ::-1], costs=2),
        Mistake("two profiles added", "These are the heights along x0 and those along x1, added "
            "up; f may mix the two, so ask it at each place of the table.", two_profiles),
        Mistake("coordinates swapped", "f reads v[0] as x0 and v[1] as x1, but it is given them "
            "the other way round.",
            (lambda f, x0s, x1s: f(np.array(np.meshgrid(x0s, x1s))[::-1]),
                lambda f, x0s, x1s: surface_grid(f, x1s, x0s)),
            costs=2),
        Mistake("one axis for both", "The x0s are used along both sides of the table; each row has "
            "its own x1, from x1s.", (x0s_twice, only_if_square(x0s_twice))),
        Mistake("pairs instead of a grid", "f is asked at (x0s[0], x1s[0]), (x0s[1], x1s[1]), ... "
            "only; the table needs every x0 together with every x1.",
            lambda f, x0s, x1s: [f(pair) for pair in zip(x0s, x1s)]),
        Mistake("one row for all", "Each row is the last one, as in a list [row] * m, which holds one row "
            "m times; make each row anew.", lambda f, x0s, x1s: surface_grid(f, x0s, x1s)[[-1] * len(x1s)]),
        Mistake("spacing taken as even", "Use the x0s and x1s that are given; they need not be "
            "evenly spaced.", lambda f, x0s, x1s: surface_grid(f, evenly(x0s), evenly(x1s))),
        Mistake("fractions cut off", "The heights have lost their fractions, as they do in a table "
            "of ints; make it one of floats.",
            lambda f, x0s, x1s: np.trunc(surface_grid(f, x0s, x1s))),
        Mistake("surface hard-coded", "These are the heights of the notebook's `surface`, whatever "
            "f is; call the f that is given.", lambda f, x0s, x1s: surface_grid(SURFACE, x0s, x1s)),
        *mistakes.shapes(surface_grid,
            leave_out=["an axis too many", "an array of one becomes a number"],
            rename={"flattened": "one long list"},
            reword={
                "transposed": "Rows and columns are exchanged: the shape is (len(x1s), len(x0s)), "
                "each row has one x1. Look at the `indexing` of meshgrid, or at the order of your "
                "loops."},
            also={"transposed": [only_if_square(transposed)],
                "flattened": [lambda f, x0s, x1s: transposed(f, x0s, x1s).ravel()]},
            costs={"transposed": 2, "flattened": 1}),
        *mistakes.limits(mistakes.after_all(surface_grid)), *mistakes.returns_nothing(),
        *mistakes.keeps(surface_grid, ["f", "x0s", "x1s"]),
    ],
)


# ------------------------------------------------- Task 2: slopes by differences


def numerical_gradient(f, v, h=1e-5):
    """Gradient by central differences, at the given step.

    Parameters
    ----------
    f : callable
        Takes an ndarray of shape (2,); may refuse tensors.
    v : ndarray, shape (2,)
        Left untouched.
    h : float
        Nudge each way.

    Returns
    -------
    ndarray, shape (2,)
        ``(f(v + h e_i) - f(v - h e_i)) / 2h`` for i = 0, 1.

    References
    ----------
    J. Nocedal and S. Wright, "Numerical Optimization", 2nd ed. (2006),
    section 8.1.
    """
    return differences(f, v, h, h) / (2 * h)


def differences(f, v, forward, backward):
    """``f(v + forward e_i) - f(v - backward e_i)``, shape (2,)."""
    return np.array([f(v + forward * e) - f(v - backward * e) for e in np.eye(2)])


def forward_difference(f, v, h=1e-5):
    return differences(f, v, h, 0) / h


def one_sided_in(i):
    """Central along one coordinate, and forward along coordinate i."""

    def variation(f, v, h=1e-5):
        slopes = numerical_gradient(f, v, h)
        slopes[i] = forward_difference(f, v, h)[i]
        return slopes

    return variation


def nudged_in_place(sign):
    """Both coordinates are nudged in place, and the first is left where it was nudged last."""

    def variation(f, v, h=1e-5):
        slopes = []
        for i in range(2):
            v[i] += sign * h
            first = f(v)
            v[i] -= sign * 2 * h
            slopes.append(sign * (first - f(v)) / (2 * h))
        return slopes

    return variation


def on_a_copy(mistake):
    return lambda f, v, h=1e-5: mistake(f, v.copy(), h)


def leaves(nudge):
    """Right slopes, and v is not where it was: ``nudge(v, h)`` moves it."""

    def variation(f, v, h=1e-5):
        slopes = numerical_gradient(f, v, h)
        v[:] = nudge(v, h)
        return slopes

    return variation


def nudges_both(f, v, h=1e-5):
    return (f(v + h) - f(v - h)) / (2 * h)


def curved_surfaces(rng, count):
    """Surfaces with third derivatives, so that the size of h shows, and mixed terms."""
    a, b = draws.decimal(rng, 0.6, 1.4), draws.decimal(rng, 1.3, 1.9)
    c = draws.decimal(rng, 0.6, 1.1)
    texts = (f"v[0]**3*v[1] + {a}*sin({b}*v[1])", f"exp({c}*v[0])*sin({b}*v[1]) - v[1]**3",
        f"{a}*v[0]**2*v[1]**3 - exp({b}*v[0])", f"{a}*v[1]*sin({b}*v[0]) + v[0]*v[1]**3",
        f"(v[0] - {c}*v[1])**3 + exp(v[0]*v[1])")
    return [Function(text, refuses_tensors=True) for text in draws.several(rng, count, texts)]


def steep_surfaces(rng, count):
    """Steep along both coordinates, so that with a tiny h even a forward difference is right."""
    a, b = draws.decimal(rng, 0.6, 1.4), draws.decimal(rng, 1.2, 1.9)
    texts = (f"exp({a}*v[0]) + 3*v[0] - 4*v[1] + sin(v[0]*v[1])",
        f"5*v[0] - {b}*v[0]*v[1] + 6*v[1] + cos(v[1])",
        f"tanh(v[0] - {a}*v[1]) + {b}*v[0] + 4*v[1]")
    return [Function(text, refuses_tensors=True) for text in draws.several(rng, count, texts)]


def h_left_out(rng):
    surface = Function(SURFACE.formula, refuses_tensors=True)
    steep = steep_surfaces(rng, 2)
    ripples = [mistakes.rippled(f, f"v[{i}]") for i, f in enumerate(steep)]
    return [Call(f, draws.place(rng)) for f in (*steep, surface, *ripples)]


def given_h(rng):
    f, g = curved_surfaces(rng, 2)
    v = draws.place(rng, 0.5, 0.95, 4)
    first = Call(f, v, draws.decimal(rng, 0.25, 0.5))
    second = Call(g, draws.mirrored(v), draws.decimal(rng, 0.05, 0.2))
    return [*draws.one_by_one(first, second),
        *small_and_large(rng, numerical_gradient,
            lambda f, away: Call(f, away + draws.place(rng), draws.decimal(rng, 0.2, 0.5)))]


NUMERICAL_GRADIENT = Task(
    reference=numerical_gradient,
    library="np",
    precision="float64",
    criteria=[
        Criterion("the gradient, with h left out; v stays as it was", 2, h_left_out,
            untouched=True),
        Criterion("central differences at the given h", 3, given_h),
    ],
    mistakes=[
        Mistake("first coordinate not restored", "When the second coordinate is nudged, the first "
            "is still off by h; start each nudge from a fresh copy of v.",
            (nudged_in_place(1), nudged_in_place(-1), on_a_copy(nudged_in_place(1)),
                on_a_copy(nudged_in_place(-1)),
                lambda f, v, h=1e-5: [numerical_gradient(f, v, h)[0], nudges_both(f, v, h)],
                lambda f, v, h=1e-5: [forward_difference(f, v, h)[0], (f(v + h) - f(v)) / h])),
        Mistake("forward difference", "A difference is one-sided; step h both ways from v, along "
            "both coordinates, and divide by the distance between the two places.",
            (forward_difference, lambda f, v, h=1e-5: differences(f, v, 0, h) / h, one_sided_in(0),
                one_sided_in(1))),
        Mistake("ignores h", "The result doesn't depend on h; use the h that is given, also when "
            "it is large.",
            (lambda f, v, h=1e-5: gradient(f, v),
                lambda f, v, h=1e-5: numerical_gradient(f, v, 1e-3))),
        Mistake("more accurate than asked", "This is closer to the true slopes than two places are; "
            "the task asks for v - h and v + h along each coordinate, and for nothing else.",
            tuple(
                lambda f, v, h=1e-5, k=k: (
                    4 * numerical_gradient(f, v, k * h) - numerical_gradient(f, v, 2 * k * h)) / 3
                for k in (0.5, 1)
            )),
        Mistake("divides by h", "The two places are 2h apart, so dividing by h gives twice the "
            "slope.", lambda f, v, h=1e-5: differences(f, v, h, h) / h),
        Mistake("rise without run", "This is how much f rises; a slope is that rise over the run.",
            (lambda f, v, h=1e-5: differences(f, v, h, h), lambda f, v, h=1e-5: differences(f, v, h, h) / 2)),
        Mistake("no rise at all", "f is asked twice at the same place: a = v gives v a second name only, so "
            "take a copy (and one of floats, or h is cut to 0).", lambda f, v, h=1e-5: np.zeros(2)),
        Mistake("steps h/2 each way", "Step the whole h each way: from v - h to v + h along each "
            "coordinate.", lambda f, v, h=1e-5: numerical_gradient(f, v, h / 2)),
        Mistake("brackets missing", "Python divides before it subtracts and works from left to "
            "right: check the brackets around the difference and around 2h.",
            (lambda f, v, h=1e-5: differences(f, v, h, h) / 2 * h,
                lambda f, v, h=1e-5: [f(v + h * e) - f(v - h * e) / (2 * h) for e in np.eye(2)])),
        Mistake("modifies v", "The slopes are right, but the caller's array v has changed; nudge a "
            "copy.", (leaves(lambda v, h: v - [0, h]), leaves(lambda v, h: v - h)), costs=1),
        Mistake("nudges both coordinates", "`v + h` moves both coordinates at once; nudge one and "
            "hold the other still.",
            (nudges_both, lambda f, v, h=1e-5: np.repeat(nudges_both(f, v, h), 2))),
        mistakes.altering("components swapped", "The slope along x0 comes first, then the one "
            "along x1.", numerical_gradient, lambda slopes: np.asarray(slopes)[::-1], costs=1),
        mistakes.altering("points downhill", "The sign is turned around: subtract the height at v "
            "- h from the height at v + h.", numerical_gradient, np.negative),
        Mistake("made length 1", "A gradient is as long as the ground is steep; don't divide by "
            "its length.", lambda f, v, h=1e-5: (g := numerical_gradient(f, v, h)) / np.hypot(*g)),
        Mistake("by autograd", "This task is about differences: f need not take tensors, so ask it "
            "beside v, h away along each coordinate.",
            mistakes.raising(TypeError("this f works on floats and NumPy arrays, not on torch"))),
        *mistakes.shapes(numerical_gradient,
            leave_out=["transposed", "flattened", "an array of one becomes a number"]),
        *mistakes.limits(mistakes.after_all(numerical_gradient)), *mistakes.returns_nothing(),
        *mistakes.default_step(numerical_gradient),
        *mistakes.keeps(numerical_gradient, ["f", "v", "h"]),
    ],
)


# --------------------------------------------------------------- Task 3: descent


def gradient_descent_2d(f, v0, lr, n_steps):
    """Path of gradient descent.

    Parameters
    ----------
    f : callable
        A torch function that takes a tensor of shape (2,).
    v0 : ndarray, shape (2,)
        The start, left untouched.
    lr : float
        Step size; may be large or negative.
    n_steps : int
        Number of updates, 0 or more.

    Returns
    -------
    ndarray, shape (n_steps + 1, 2)
        The start and the place after each update
        ``v <- v - lr * gradient(v)`` of both coordinates at once.

    References
    ----------
    A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
    simultanées", Comptes Rendus 25 (1847), 536-538.
    """
    return WALK.right(f, v0, lr, n_steps)


def descend(f, slope, v, lr, n_steps):
    """The same, over any slope."""
    path = [v]
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(path[-1]))
    return path


WALK = mistakes.Walk(descend, slope=gradient, dimensions=2)


def none_and_one_step(rng):
    f = draws.surface(rng)
    none = Call(f, draws.place(rng, 0.5, 0.95, 4), draws.decimal(rng, 0.1, 0.4), 0)
    one = draws.twin(none, 3, 1)
    return [none, one, draws.twin(one, 1, draws.mirrored(one.arguments[1]))]


def separable_descents(rng):
    # The last is long enough for the gradient to vanish: nobody is to stop before n_steps.
    # Its bottom is off both axes, so that no coordinate shrinks until it underflows.
    flat = Function(f"v[0]**2 - v[0] + {draws.decimal(rng, 0.8, 1.4)}*v[1]**2 - v[1]")
    surface, rate = draws.separable(rng), draws.decimal(rng, 0.1, 0.2)
    return [Call(SURFACE, draws.place(rng), draws.decimal(rng, 0.15, 0.4), draws.whole(rng, 6, 8)),
        Call(surface, draws.place(rng), rate, draws.whole(rng, 4, 7)),
        Call(flat, draws.place(rng), 0.3, draws.whole(rng, 101, 105))]


def mixed_descents(rng):
    f, g = draws.surfaces(rng, 2)
    rate, bowl = draws.decimal(rng, 0.1, 0.2), draws.bowl(rng)
    walk = Call(f, draws.place(rng), draws.decimal(rng, 0.05, 0.15), draws.whole(rng, 11, 14))
    return [walk, draws.twin(walk, 0, g),
        Call(bowl, draws.across(rng, 120, 150), rate, draws.whole(rng, 5, 8))]


def large_and_negative_steps(rng):
    back = -draws.decimal(rng, 0.05, 0.2)
    large = Call(draws.bowl(rng), draws.place(rng), draws.decimal(rng, 0.6, 0.9), 3)
    return [large, Call(draws.surface(rng), draws.place(rng), back, draws.whole(rng, 3, 5)),
        draws.twin(large, 2, draws.decimal(rng, 1.1, 1.6)), draws.runaway(rng, dimensions=2)]


GRADIENT_DESCENT_2D = Task(
    reference=gradient_descent_2d,
    criteria=[
        Criterion("no step, and one step; the start stays as it was", 2,
            draws.for_tensors(none_and_one_step), untouched=True),
        Criterion("paths where x0 and x1 don't mix", 2, draws.for_tensors(separable_descents)),
        Criterion("paths where x0 and x1 mix", 2, draws.for_tensors(mixed_descents)),
        Criterion("large and negative step sizes", 2, draws.for_tensors(large_and_negative_steps)),
    ],
    mistakes=[
        *mistakes.steps(WALK, notebook={"surface": SURFACE}, far=(1e3,),
            rename={"one slope for all": "one slope for both",
                "others held still": "separable surface assumed"}),
        *mistakes.records(WALK,
            also={
                "coordinates swapped": [
                    WALK.with_slope(lambda f, slope, start: lambda v: slope(v)[::-1]),
                    WALK.with_slope(lambda f, slope, start: lambda v: slope(v[::-1])[::-1])]},
            costs={"start missing": 2, "one step short": 2, "one step too many": 2,
                "start twice": 3, "transposed output": 2, "coordinates swapped": 3,
                "in another order": 2, "an axis of one added": 1}),
        *mistakes.limits(WALK.after, walk=WALK), *mistakes.lost_leaf(WALK.right), *mistakes.returns_nothing(),
        *mistakes.keeps(WALK.right, ["f", "v0", "lr", "n_steps"]),
        *mistakes.not_by_autograd(gradient_descent_2d, asks=lambda f, v0, lr, n_steps: n_steps > 0),
    ],
)


# ----------------------------------------------------------- Task 4: a whole field


def gradient_field(f, X0, X1):
    """Gradient at every place of a grid, by autograd of the sum of all heights.

    Parameters
    ----------
    f : callable
        A torch function of v[0] and v[1], each of any shape.
    X0, X1 : ndarray, shape (m, n)
        Coordinates of the places.

    Returns
    -------
    tuple of two ndarrays, shape (m, n) each
        The slopes along x0 and along x1.

    Notes
    -----
    A height depends on its own place only, so the derivative of the sum by
    one place's coordinate is the slope at that place.
    """
    V = torch.tensor(np.array([X0, X1]), dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(f(V).sum(), V)
    return tuple(slopes.numpy())


def field(f, X0, X1):
    """The reference again, by complex steps, shape (2, m, n)."""
    return gradient(f, np.array([X0, X1]))


def coarse_differences(f, X0, X1):
    G0 = (f([X0 + 0.1, X1]) - f([X0 - 0.1, X1])) / 0.2
    G1 = (f([X0, X1 + 0.1]) - f([X0, X1 - 0.1])) / 0.2
    return G0, G1


def between_places(f, X0, X1):
    """np.gradient of the heights, with the right spacing; the slopes along x1 first."""
    return np.gradient(f(np.array([X0, X1])), X1[:, 0], X0[0])


def between_indices(f, X0, X1):
    return np.gradient(f(np.array([X0, X1])))


def added_up(f, X0, X1):
    """One leaf for all places, one after the other, and never cleared."""
    return np.cumsum(field(f, X0, X1).reshape(2, -1), axis=1).reshape(2, *X0.shape)


def summed_over_the_grid(f, X0, X1):
    """The gradient by the axes, not by the places: a column's slopes are added up."""
    G0, G1 = field(f, X0, X1)
    return [G0.sum(axis=0), G1.sum(axis=1)]


def summed_and_spread(f, X0, X1):
    along_rows, along_columns = summed_over_the_grid(f, X0, X1)
    return along_rows + 0 * X0, along_columns[:, None] + 0 * X0


def grid(rng, n, m):
    """Coordinates of a grid of m rows and n columns."""
    return np.meshgrid(even_axis(rng, n), even_axis(rng, m))


def separable_fields(rng):
    return [
        Call(draws.separable(rng), *grid(rng, 3, 5)),
        Call(SURFACE, *grid(rng, 4, 3)),
        # Places that went their own ways, as in the picture after the task.
        Call(draws.separable(rng), *np.round(rng.uniform(-2, 2, (2, 2, 3)), 2)),
    ]


def mixed_fields(rng):
    f, g = draws.surfaces(rng, 2)
    n = draws.whole(rng, 4, 5)
    X0, X1 = grid(rng, n, 3)
    return [
        *draws.one_by_one(Call(f, X0, X1), Call(g, draws.mirrored(X0), draws.mirrored(X1))),
        *small_and_large(rng, field,
            lambda f, away: Call(f, *(away + X for X in grid(rng, 3, 2))))]


GRADIENT_FIELD = Task(
    reference=gradient_field,
    parts=("G0", "G1"),
    criteria=[
        Criterion("surfaces where x0 and x1 don't mix", 1, draws.for_tensors(separable_fields)),
        Criterion("surfaces where x0 and x1 mix", 2, draws.for_tensors(mixed_fields)),
    ],
    mistakes=[
        mistakes.altering("components swapped", "The slopes along x0 come first, then those along "
            "x1.", field, lambda G: np.asarray(G)[::-1], costs=1),
        mistakes.altering("points downhill", "The gradient points uphill; the minus sign belongs "
            "to the picture, not to the field.", field, np.negative),
        mistakes.altering("transposed", "Rows and columns are exchanged: G0[i, j] is the slope at "
            "(X0[i, j], X1[i, j]).", field, lambda G: np.swapaxes(G, 1, 2), costs=1),
        mistakes.altering("in one long list", "G0 and G1 have the shape of X0, a row for each x1.",
            field, lambda G: np.reshape(G, (2, -1)), costs=1),
        Mistake("one component twice", "Both tables are the same; the second one holds the slopes "
            "along x1.", (lambda f, X0, X1: field(f, X0, X1)[[0, 0]],
                lambda f, X0, X1: field(f, X0, X1)[[1, 1]])),
        Mistake("backward on a table", "backward() starts from one number; add the heights of all "
            "places up first.",
            mistakes.raising(RuntimeError("grad can be implicitly created only for scalar outputs"))),
        Mistake("components in the last axis", "Return the two tables one after the other, (G0, "
            "G1), not a table of pairs.", lambda f, X0, X1: np.moveaxis(field(f, X0, X1), 0, -1),
            costs=1),
        Mistake("differences between places", "The differences from one place of the grid to the "
            "next are too coarse; take the slope of f itself at each place, by autograd.",
            (between_places, between_indices, lambda *arguments: between_places(*arguments)[::-1],
                lambda *arguments: between_indices(*arguments)[::-1])),
        Mistake("coarse differences", "These are slopes of secants with a long step; take the "
            "slope of f itself at each place, by autograd.", coarse_differences),
        Mistake("gradient accumulates", "backward() adds to .grad, so what it left there before is "
            "counted again; start with a fresh tensor, or clear .grad first.",
            (lambda f, X0, X1: field(f, X0, X1) * [[[1]], [[2]]],
                lambda f, X0, X1: field(f, X0, X1) * 2, added_up)),
        Mistake("grid rebuilt from its edges", "Only the first row of X0 and the first column of "
            "X1 are used; the places need not stand in straight rows, so take X0[i, j] with X1[i, "
            "j].", lambda f, X0, X1: field(f, *np.meshgrid(X0[0], X1[:, 0]))),
        Mistake("mean instead of sum", "The mean divides every slope by the number of places; add "
            "the heights up before you differentiate.",
            lambda f, X0, X1: field(f, X0, X1) / X0.size),
        Mistake("slopes added up", "The slopes of a whole column or row are added together; make "
            "every entry of X0 and X1 a variable of its own.",
            (summed_over_the_grid, summed_and_spread)),
        Mistake("normalised arrows", "All arrows have length 1; leave the slopes as steep as they "
            "are.", lambda f, X0, X1: (G := field(f, X0, X1)) / np.hypot(*G)),
        Mistake("surface hard-coded", "This is the gradient of the notebook's `surface`, whatever "
            "f is; differentiate the f that is given.", lambda f, X0, X1: field(SURFACE, X0, X1)),
        *mistakes.limits(mistakes.after_all(field)), *mistakes.returns_nothing(),
        *mistakes.keeps(field, ["f", "X0", "X1"]),
        *mistakes.not_by_autograd(field),
    ],
)

TASKS = [SURFACE_GRID, NUMERICAL_GRADIENT, GRADIENT_DESCENT_2D, GRADIENT_FIELD]
