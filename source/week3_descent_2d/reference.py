"""Marking notes of week 3: maps, gradients and descent in two dimensions.

The surface of the seed is separable, a sum of a function of x0 and a function
of x1, and hides the week's best mistake: moving one coordinate after the
other. So most calls here mix the coordinates, and few grids are square.
"""

from functools import lru_cache

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, gradient

# ------------------------------------------------------------ surfaces and places


def number(rng, low, high):
    """A number that a student can read and type."""
    return round(float(rng.uniform(low, high)), 2)


def place(rng, low=0.5, high=2.0):
    """A place off both axes, shape (2,)."""
    sizes = rng.uniform(low, high, size=2) * rng.choice([-1, 1], size=2)
    return np.round(sizes, 2)


def bowl(rng):
    """A tilted bowl: quadratic, convex, with a mixed term."""
    a, b, c = number(rng, 0.6, 1.0), number(rng, 1.3, 1.9), number(rng, 0.6, 1.1)
    return Function(f"{a}*v[0]**2 + {b}*v[1]**2 + {c}*v[0]*v[1]")


def separable_surface(rng):
    """A surface without coupling, other than the seed's."""
    a, b = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9)
    formulas = (
        f"{a}*v[0]**2 + cos({b}*v[1])",
        f"log(1 + v[0]**2) + {a}*v[1]**2 - {b}*v[1]",
        f"sqrt({b} + v[0]**2) + sin(v[0]) + {a}*v[1]**2",
    )
    return Function(str(rng.choice(formulas)))


def mixed_surfaces(rng, count):
    """Different surfaces on which each slope depends on both coordinates."""
    a, b, c = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9), number(rng, 0.6, 1.1)
    formulas = (
        f"({a} - v[0])**2 + {c}*(v[1] - sin({b}*v[0]))**2",
        f"log(1 + v[0]**2 + {a}*v[1]**2) + {c}*sin(v[0] + {b}*v[1])",
        f"sqrt(1 + v[0]**2 + {b}*v[1]**2) + {c}*v[0]*v[1]",
        f"tanh(v[0] - {a}*v[1]) + {c}*v[0]**2 + 0.5*v[1]**2 + {b}*v[1]",
        f"{a}*cos(v[0])*sin({b}*v[1]) + {c}*v[0]**2 - 2*v[1]",
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


SURFACE = Function("v[0]**2 + sin(v[1])")


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


def coordinates_swapped(f, x0s, x1s):
    return f(np.array(np.meshgrid(x0s, x1s))[::-1])


def grid_of_swapped_axes(f, x0s, x1s):
    return f(np.array(np.meshgrid(x1s, x0s)))


def transposed(f, x0s, x1s):
    return surface_grid(f, x0s, x1s).T


def only_if_square(mistake):
    """Right on any other grid."""

    def variation(f, x0s, x1s):
        return (mistake if len(x0s) == len(x1s) else surface_grid)(f, x0s, x1s)

    return variation


def x0s_twice(f, x0s, x1s):
    return surface_grid(f, x0s, x0s)


def evenly(xs):
    return np.linspace(xs[0], xs[-1], len(xs))


def even_axis(rng, n):
    start, step = number(rng, -3, -1), number(rng, 0.4, 0.9)
    return np.round(start + step * np.arange(n), 2)


def uneven_axis(rng, n):
    """Up to five values with different gaps between them."""
    gaps = rng.permutation([0.3, 0.5, 0.8, 1.4])[: n - 1]
    return np.round(number(rng, -3, -1) + np.cumsum([0.0, *gaps]), 2)


def even_grids(rng):
    f, g, k = mixed_surfaces(rng, 3)
    short, long = rng.integers(2, 4), rng.integers(4, 7)
    return [
        Call(SURFACE, even_axis(rng, long), even_axis(rng, short)),
        Call(f, even_axis(rng, short), even_axis(rng, long)),
        Call(g, even_axis(rng, long), even_axis(rng, short)),
        Call(k, even_axis(rng, short), even_axis(rng, short)),
    ]


def uneven_grids(rng):
    (f,) = mixed_surfaces(rng, 1)
    return [
        Call(f, uneven_axis(rng, 5), uneven_axis(rng, 3)),
        Call(bowl(rng), uneven_axis(rng, 3), uneven_axis(rng, 4)),
    ]


SURFACE_GRID = Task(
    reference=surface_grid,
    criteria=[
        Criterion("the heights of any surface on an even grid", points=3, calls=even_grids),
        Criterion("a grid with uneven spacing", points=1, calls=uneven_grids),
    ],
    mistakes=[
        Mistake(
            "transposed",
            "Rows and columns are exchanged: the shape is (len(x1s), len(x0s)), each row has one "
            "x1. Look at the `indexing` of meshgrid, or at the order of your loops.",
            behaves_like=(transposed, only_if_square(transposed)),
        ),
        Mistake(
            "reshaped instead of transposed",
            "The shape is right, but most heights are in the wrong place: reshape keeps the order "
            "of the numbers, while .T exchanges rows and columns.",
            behaves_like=lambda f, x0s, x1s: transposed(f, x0s, x1s).reshape(len(x1s), len(x0s)),
        ),
        Mistake(
            "upside down",
            "Row 0 belongs to the smallest x1. Don't turn the table over; imshow puts row 0 at the "
            "bottom when it is told origin='lower'.",
            behaves_like=lambda f, x0s, x1s: surface_grid(f, x0s, x1s)[::-1],
        ),
        Mistake(
            "coordinates swapped",
            "f reads v[0] as x0 and v[1] as x1, but it is given them the other way round.",
            behaves_like=(coordinates_swapped, grid_of_swapped_axes),
        ),
        Mistake(
            "one axis for both",
            "The x0s are used along both sides of the table; each row has its own x1, from x1s.",
            behaves_like=(x0s_twice, only_if_square(x0s_twice)),
        ),
        Mistake(
            "pairs instead of a grid",
            "f is asked at (x0s[0], x1s[0]), (x0s[1], x1s[1]), ... only; the table needs every x0 "
            "together with every x1.",
            behaves_like=lambda f, x0s, x1s: [f(pair) for pair in zip(x0s, x1s)],
        ),
        Mistake(
            "one long list",
            "The heights are all there, but in one long list; give the table its shape, "
            "(len(x1s), len(x0s)).",
            behaves_like=(
                lambda f, x0s, x1s: surface_grid(f, x0s, x1s).ravel(),
                lambda f, x0s, x1s: surface_grid(f, x0s, x1s).T.ravel(),
            ),
        ),
        Mistake(
            "spacing taken as even",
            "Use the x0s and x1s that are given; they need not be evenly spaced.",
            behaves_like=lambda f, x0s, x1s: surface_grid(f, evenly(x0s), evenly(x1s)),
        ),
        Mistake(
            "fractions cut off",
            "The heights have lost their fractions, as they do in a table of ints; make it one of "
            "floats.",
            behaves_like=lambda f, x0s, x1s: np.trunc(surface_grid(f, x0s, x1s)),
        ),
        Mistake(
            "surface hard-coded",
            "These are the heights of the notebook's `surface`, whatever f is; call the f that is "
            "given.",
            behaves_like=lambda f, x0s, x1s: surface_grid(SURFACE, x0s, x1s),
        ),
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


def one_sided_forward(f, v, h=1e-5):
    return differences(f, v, h, 0) / h


def one_sided_backward(f, v, h=1e-5):
    return differences(f, v, 0, h) / h


def one_sided_in(i):
    """Central along one coordinate, and forward along coordinate i."""

    def variation(f, v, h=1e-5):
        slopes = numerical_gradient(f, v, h)
        slopes[i] = one_sided_forward(f, v, h)[i]
        return slopes

    return variation


def left_behind(f, v, h=1e-5):
    """Both coordinates nudged in place, the first left at v0 - h."""
    slopes = []
    for i in range(2):
        v[i] += h
        above = f(v)
        v[i] -= 2 * h
        slopes.append((above - f(v)) / (2 * h))
    return slopes


def left_ahead(f, v, h=1e-5):
    """The same, below before above: the first coordinate is left at v0 + h."""
    slopes = []
    for i in range(2):
        v[i] -= h
        below = f(v)
        v[i] += 2 * h
        slopes.append((f(v) - below) / (2 * h))
    return slopes


def second_not_restored(f, v, h=1e-5):
    slopes = numerical_gradient(f, v, h)
    v[1] -= h
    return slopes


def ends_nudged(f, v, h=1e-5):
    slopes = numerical_gradient(f, v, h)
    v -= h
    return slopes


def nudges_both(f, v, h=1e-5):
    return (f(v + h) - f(v - h)) / (2 * h)


def brackets_missing(f, v, h=1e-5):
    return differences(f, v, h, h) / 2 * h


def subtrahend_divided(f, v, h=1e-5):
    return [f(v + h * e) - f(v - h * e) / (2 * h) for e in np.eye(2)]


def curved_surfaces(rng, count):
    """Surfaces with third derivatives, so that the size of h shows, and mixed terms."""
    a, b, c = number(rng, 0.6, 1.4), number(rng, 1.3, 1.9), number(rng, 0.6, 1.1)
    formulas = (
        f"v[0]**3*v[1] + {a}*sin({b}*v[1])",
        f"exp({c}*v[0])*sin({b}*v[1]) - v[1]**3",
        f"{a}*v[0]**2*v[1]**3 - exp({b}*v[0])",
        f"{a}*v[1]*sin({b}*v[0]) + v[0]*v[1]**3",
        f"(v[0] - {c}*v[1])**3 + exp(v[0]*v[1])",
    )
    chosen = rng.choice(formulas, count, replace=False)
    return [Function(str(formula), refuses_tensors=True) for formula in chosen]


def steep_surfaces(rng, count):
    """Steep along both coordinates, so that with a tiny h even a forward difference is right."""
    a, b = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9)
    formulas = (
        f"exp({a}*v[0]) + 3*v[0] - 4*v[1] + sin(v[0]*v[1])",
        f"5*v[0] - {b}*v[0]*v[1] + 6*v[1] + cos(v[1])",
        f"tanh(v[0] - {a}*v[1]) + {b}*v[0] + 4*v[1]",
    )
    chosen = rng.choice(formulas, count, replace=False)
    return [Function(str(formula), refuses_tensors=True) for formula in chosen]


def h_left_out(rng):
    f, g = steep_surfaces(rng, 2)
    return [
        Call(f, place(rng)),
        Call(Function(SURFACE.formula, refuses_tensors=True), place(rng)),
        Call(g, place(rng)),
    ]


def given_h(rng):
    f, g, k = curved_surfaces(rng, 3)
    return [
        Call(f, place(rng), number(rng, 0.25, 0.5)),
        Call(g, place(rng), number(rng, 0.05, 0.2)),
        Call(k, place(rng), number(rng, 0.1, 0.4)),
        Call(mixed_surfaces(rng, 1)[0], place(rng), number(rng, 0.2, 0.5)),
    ]


NUMERICAL_GRADIENT = Task(
    reference=numerical_gradient,
    library="np",
    precision="float64",
    criteria=[
        Criterion(
            "the gradient, with h left out; v stays as it was",
            points=2,
            calls=h_left_out,
            untouched=True,
        ),
        Criterion("central differences at the given h", points=3, calls=given_h),
    ],
    mistakes=[
        Mistake(
            "first coordinate not restored",
            "When the second coordinate is nudged, the first is still off by h; start each nudge "
            "from a fresh copy of v.",
            behaves_like=(
                left_behind,
                left_ahead,
                lambda f, v, h=1e-5: left_behind(f, v.copy(), h),
                lambda f, v, h=1e-5: left_ahead(f, v.copy(), h),
                lambda f, v, h=1e-5: [numerical_gradient(f, v, h)[0], nudges_both(f, v, h)],
            ),
        ),
        Mistake(
            "forward difference",
            "A difference is one-sided; step h both ways from v, along both coordinates, and "
            "divide by the distance between the two places.",
            behaves_like=(
                one_sided_forward,
                one_sided_backward,
                one_sided_in(0),
                one_sided_in(1),
            ),
        ),
        Mistake(
            "ignores h",
            "The result doesn't depend on h; use the h that is given, also when it is large.",
            behaves_like=(
                lambda f, v, h=1e-5: gradient(f, v),
                lambda f, v, h=1e-5: numerical_gradient(f, v, 1e-3),
            ),
        ),
        Mistake(
            "divides by h",
            "The two places are 2h apart, so dividing by h gives twice the slope.",
            behaves_like=lambda f, v, h=1e-5: differences(f, v, h, h) / h,
        ),
        Mistake(
            "steps h/2 each way",
            "Step the whole h each way: from v - h to v + h along each coordinate.",
            behaves_like=lambda f, v, h=1e-5: numerical_gradient(f, v, h / 2),
        ),
        Mistake(
            "brackets missing",
            "Python divides before it subtracts and works from left to right: check the brackets "
            "around the difference and around 2h.",
            behaves_like=(brackets_missing, subtrahend_divided),
        ),
        Mistake(
            "modifies v",
            "The slopes are right, but the caller's array v has changed; nudge a copy.",
            behaves_like=(second_not_restored, ends_nudged),
        ),
        Mistake(
            "nudges both coordinates",
            "`v + h` moves both coordinates at once; nudge one and hold the other still.",
            behaves_like=(
                nudges_both,
                lambda f, v, h=1e-5: np.repeat(nudges_both(f, v, h), 2),
            ),
        ),
        Mistake(
            "components swapped",
            "The slope along x0 comes first, then the one along x1.",
            behaves_like=lambda f, v, h=1e-5: numerical_gradient(f, v, h)[::-1],
        ),
        Mistake(
            "points downhill",
            "The sign is turned around: subtract the height at v - h from the height at v + h.",
            behaves_like=lambda f, v, h=1e-5: -numerical_gradient(f, v, h),
        ),
    ],
)


# --------------------------------------------------------------- Task 3: descent


def gradient_descent_2d(f, v0, lr, n_steps):
    """Path of gradient descent by autograd, in float64.

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
    v = torch.tensor(v0, dtype=torch.float64)
    path = [v]
    for _ in range(n_steps):
        leaf = v.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(f(leaf), leaf)
        v = v - lr * slopes
        path.append(v)
    return torch.stack(path).numpy()


def walk(v0, n_steps, step):
    """The path of `step(v, k)`, shape (n_steps + 1, 2): the frame of the variations below."""
    path = [np.array(v0)]
    for k in range(n_steps):
        path.append(step(path[-1], k))
    return np.array(path)


def descend(f, v0, lr, n_steps):
    """The reference again, by complex steps: the same to rounding and far quicker."""
    return _remembered(f, tuple(v0), lr, n_steps).copy()


@lru_cache(maxsize=256)  # half of the variations start from the same right path
def _remembered(f, v0, lr, n_steps):
    return walk(v0, n_steps, lambda v, k: v - lr * gradient(f, v))


def one_after_the_other(order):
    def variation(f, v0, lr, n_steps):
        def step(v, k):
            v = v.copy()
            for i in order:
                v[i] -= lr * gradient(f, v)[i]
            return v

        return walk(v0, n_steps, step)

    return variation


def slopes_swapped(f, v0, lr, n_steps):
    return walk(v0, n_steps, lambda v, k: v - lr * gradient(f, v)[::-1])


def normalised(f, v0, lr, n_steps):
    def step(v, k):
        slopes = gradient(f, v)
        return v - lr * slopes / np.linalg.norm(slopes)

    return walk(v0, n_steps, step)


def clipped(length):
    def variation(f, v0, lr, n_steps):
        def step(v, k):
            slopes = gradient(f, v)
            return v - lr * slopes / max(1, np.linalg.norm(slopes) / length)

        return walk(v0, n_steps, step)

    return variation


def accumulates(f, v0, lr, n_steps):
    total = np.zeros(2)

    def step(v, k):
        nonlocal total
        total = total + gradient(f, v)
        return v - lr * total

    return walk(v0, n_steps, step)


def computed_once(f, v0, lr, n_steps):
    slopes = gradient(f, v0)
    return walk(v0, n_steps, lambda v, k: v - lr * slopes)


def same_array(f, v0, lr, n_steps):
    return np.tile(descend(f, v0, lr, n_steps)[-1], (n_steps + 1, 1))


def same_array_as_the_start(f, v0, lr, n_steps):
    path = same_array(f, v0, lr, n_steps)
    v0[:] = path[-1]
    return path


def modifies_start(f, v0, lr, n_steps):
    path = descend(f, v0, lr, n_steps)
    v0[:] = path[-1]
    return path


def others_held(still):
    """Two one-dimensional descents: each slope with the other coordinate held at `still(v0)`."""

    def variation(f, v0, lr, n_steps):
        held = still(v0)

        def step(v, k):
            slope0 = gradient(f, [v[0], held[1]])[0]
            slope1 = gradient(f, [held[0], v[1]])[1]
            return v - lr * np.array([slope0, slope1])

        return walk(v0, n_steps, step)

    return variation


def one_slope_for_both(f, v0, lr, n_steps):
    return walk(v0, n_steps, lambda v, k: v - lr * gradient(f, v).sum())


def stops_early(tolerance):
    def variation(f, v0, lr, n_steps):
        path = [np.array(v0)]
        for _ in range(n_steps):
            slopes = gradient(f, path[-1])
            if np.linalg.norm(slopes) < tolerance:
                break
            path.append(path[-1] - lr * slopes)
        return np.array(path)

    return variation


def refuses_to_rise(f, v0, lr, n_steps):
    def step(v, k):
        new = v - lr * gradient(f, v)
        return new if f(new) < f(v) else v

    return walk(v0, n_steps, step)


def start_twice(f, v0, lr, n_steps):
    path = descend(f, v0, lr, n_steps)
    return np.concatenate([path[:1], path[:-1]])


def heights(f, v0, lr, n_steps):
    return [f(v) for v in descend(f, v0, lr, n_steps)]


def none_and_one_step(rng):
    f, g = mixed_surfaces(rng, 2)
    return [
        Call(f, place(rng), number(rng, 0.1, 0.4), 0),
        Call(g, place(rng), number(rng, 0.1, 0.4), 1),
        Call(bowl(rng), place(rng), number(rng, 0.05, 0.2), 1),
    ]


def separable_descents(rng):
    a = number(rng, 0.8, 1.4)
    return [
        Call(SURFACE, place(rng), number(rng, 0.15, 0.4), int(rng.integers(6, 9))),
        Call(separable_surface(rng), place(rng), number(rng, 0.1, 0.2), int(rng.integers(4, 8))),
        # Long enough for the gradient to vanish: nobody is to stop before n_steps.
        Call(Function(f"v[0]**2 + {a}*v[1]**2 - v[1]"), place(rng), 0.3, int(rng.integers(20, 25))),
    ]


def mixed_descents(rng):
    f, g = mixed_surfaces(rng, 2)
    return [
        Call(f, place(rng), number(rng, 0.1, 0.25), int(rng.integers(3, 6))),
        Call(g, place(rng), number(rng, 0.05, 0.15), int(rng.integers(11, 15))),
        Call(bowl(rng), place(rng), number(rng, 0.1, 0.2), int(rng.integers(5, 9))),
    ]


def large_and_negative_steps(rng):
    (f,) = mixed_surfaces(rng, 1)
    return [
        Call(bowl(rng), place(rng), number(rng, 0.6, 0.9), int(rng.integers(3, 6))),
        Call(f, place(rng), -number(rng, 0.05, 0.2), int(rng.integers(3, 6))),
        Call(bowl(rng), place(rng), number(rng, 1.1, 1.6), 2),
    ]


GRADIENT_DESCENT_2D = Task(
    reference=gradient_descent_2d,
    criteria=[
        Criterion(
            "no step, and one step; the start stays as it was",
            points=2,
            calls=none_and_one_step,
            untouched=True,
        ),
        Criterion("paths where x0 and x1 don't mix", points=2, calls=separable_descents),
        Criterion("paths where x0 and x1 mix", points=2, calls=mixed_descents),
        Criterion("large and negative step sizes", points=2, calls=large_and_negative_steps),
    ],
    mistakes=[
        Mistake(
            "sequential update",
            "One coordinate has moved before the slope along the other is taken; measure both "
            "slopes at the old place, then move both.",
            behaves_like=(one_after_the_other((0, 1)), one_after_the_other((1, 0))),
        ),
        Mistake(
            "coordinates swapped",
            "x0 and x1 (or their slopes) are exchanged; each coordinate moves by its own slope, "
            "and each row of the path is (x0, x1).",
            behaves_like=(
                slopes_swapped,
                lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps)[:, ::-1],
                lambda f, v0, lr, n_steps: descend(f, v0[::-1], lr, n_steps),
            ),
        ),
        Mistake(
            "transposed output",
            "The path has one row for each place and two columns; yours lists all x0, then all x1.",
            behaves_like=lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps).T,
        ),
        Mistake(
            "normalised gradient",
            "The step is lr times the whole gradient, short on gentle ground and long on steep "
            "ground; don't scale the gradient to length 1.",
            behaves_like=normalised,
        ),
        Mistake(
            "clips the gradient",
            "Long gradients are shortened to a largest length here; the step is lr times the whole "
            "gradient, however long that is.",
            behaves_like=(clipped(1), clipped(5)),
        ),
        Mistake(
            "climbs",
            "The gradient points uphill; step against it.",
            behaves_like=lambda f, v0, lr, n_steps: descend(f, v0, -lr, n_steps),
        ),
        Mistake(
            "ignores lr",
            "The steps don't depend on lr; multiply the gradient by the lr that is given.",
            behaves_like=(
                lambda f, v0, lr, n_steps: descend(f, v0, 1.0, n_steps),
                lambda f, v0, lr, n_steps: descend(f, v0, 0.25, n_steps),
            ),
        ),
        Mistake(
            "lr shrinks",
            "The step size is lr at every step; don't make it smaller on the way.",
            behaves_like=lambda f, v0, lr, n_steps: walk(
                v0, n_steps, lambda v, k: v - lr / (k + 1) * gradient(f, v)
            ),
        ),
        Mistake(
            "start missing",
            "The path begins after the first step; row 0 is the start v0.",
            behaves_like=lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps)[1:],
        ),
        Mistake(
            "one step short",
            "The last place is missing: n_steps updates make n_steps + 1 rows, the start included.",
            behaves_like=(
                lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps)[:-1],
                lambda f, v0, lr, n_steps: descend(f, v0, lr, max(n_steps - 1, 0)),
            ),
        ),
        Mistake(
            "one step too many",
            "There is one update more than n_steps; the path has n_steps + 1 rows, with the start.",
            behaves_like=lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps + 1),
        ),
        Mistake(
            "start twice",
            "Each place is recorded before the update, so the start comes twice and the last place "
            "never.",
            behaves_like=start_twice,
        ),
        Mistake(
            "only the last point",
            "Return the whole path, one row for each place, not only where it ends.",
            behaves_like=(
                lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps)[-1],
                lambda f, v0, lr, n_steps: descend(f, v0, lr, n_steps)[-1:],
            ),
        ),
        Mistake(
            "heights instead of places",
            "These are heights f(v); the path consists of the places v themselves.",
            behaves_like=heights,
        ),
        Mistake(
            "always 10 steps",
            "The number of updates is n_steps, not always 10.",
            behaves_like=lambda f, v0, lr, n_steps: descend(f, v0, lr, 10),
        ),
        Mistake(
            "stops early",
            "The path ends where the ground is nearly flat or begins to rise; make exactly n_steps "
            "updates, wherever they lead.",
            behaves_like=(stops_early(1e-2), stops_early(1e-3), refuses_to_rise),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to v.grad, so each step also uses the gradients of all steps before; "
            "clear it after each update.",
            behaves_like=accumulates,
        ),
        Mistake(
            "gradient computed once",
            "The gradient of the start is used at every step; take it anew at each place.",
            behaves_like=computed_once,
        ),
        Mistake(
            "same array appended",
            "All rows are equal: the path holds one and the same array many times; append a copy.",
            behaves_like=(same_array, same_array_as_the_start),
        ),
        Mistake(
            "modifies the start",
            "The path is right, but the caller's array v0 has changed; work on a copy (as_tensor "
            "and from_numpy share memory with the array).",
            behaves_like=modifies_start,
        ),
        Mistake(
            "separable surface assumed",
            "Each slope is taken as if the other coordinate stood still; both slopes depend on the "
            "current x0 and x1.",
            behaves_like=(others_held(lambda v0: v0), others_held(lambda v0: np.zeros(2))),
        ),
        Mistake(
            "surface hard-coded",
            "This is the gradient of the notebook's `surface`, whatever f is; differentiate the f "
            "that is given.",
            behaves_like=lambda f, v0, lr, n_steps: descend(SURFACE, v0, lr, n_steps),
        ),
        Mistake(
            "one slope for both",
            "Both coordinates move by the same amount; each moves by the slope along itself.",
            behaves_like=one_slope_for_both,
        ),
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


def added_up(f, X0, X1):
    """One leaf for all places, one after the other, and never cleared."""
    return np.cumsum(field(f, X0, X1).reshape(2, -1), axis=1).reshape(2, *X0.shape)


def rebuilt_grid(f, X0, X1):
    return field(f, *np.meshgrid(X0[0], X1[:, 0]))


def between_places(f, X0, X1):
    """np.gradient of the heights, with the right spacing and order."""
    G1, G0 = np.gradient(f(np.array([X0, X1])), X1[:, 0], X0[0])
    return G0, G1


def between_places_swapped(f, X0, X1):
    return between_places(f, X0, X1)[::-1]


def between_indices(f, X0, X1):
    return np.gradient(f(np.array([X0, X1])))[::-1]


def between_indices_swapped(f, X0, X1):
    return np.gradient(f(np.array([X0, X1])))


def summed_over_the_grid(f, X0, X1):
    """The gradient by the axes, not by the places: a column's slopes are added up."""
    G0, G1 = field(f, X0, X1)
    return [G0.sum(axis=0), G1.sum(axis=1)]


def summed_and_spread(f, X0, X1):
    G0, G1 = field(f, X0, X1)
    return G0.sum(axis=0) + 0 * X0, G1.sum(axis=1)[:, None] + 0 * X0


def normalised_arrows(f, X0, X1):
    G = field(f, X0, X1)
    return G / np.hypot(*G)


def grid(rng, n, m):
    """Coordinates of a grid of m rows and n columns."""
    return np.meshgrid(even_axis(rng, n), even_axis(rng, m))


def separable_fields(rng):
    return [
        Call(SURFACE, *grid(rng, 4, 3)),
        Call(separable_surface(rng), *grid(rng, 3, 5)),
        # Places that went their own ways, as in the picture after the task.
        Call(separable_surface(rng), *np.round(rng.uniform(-2, 2, (2, 2, 3)), 2)),
    ]


def mixed_fields(rng):
    f, g = mixed_surfaces(rng, 2)
    return [
        Call(f, *grid(rng, int(rng.integers(4, 6)), 3)),
        Call(g, *grid(rng, 2, int(rng.integers(3, 5)))),
        Call(bowl(rng), *grid(rng, 3, 2)),
    ]


GRADIENT_FIELD = Task(
    reference=gradient_field,
    parts=("G0", "G1"),
    criteria=[
        Criterion("surfaces where x0 and x1 don't mix", points=1, calls=separable_fields),
        Criterion("surfaces where x0 and x1 mix", points=2, calls=mixed_fields),
    ],
    mistakes=[
        Mistake(
            "components swapped",
            "The slopes along x0 come first, then those along x1.",
            behaves_like=lambda f, X0, X1: field(f, X0, X1)[::-1],
        ),
        Mistake(
            "points downhill",
            "The gradient points uphill; the minus sign belongs to the picture, not to the field.",
            behaves_like=lambda f, X0, X1: -field(f, X0, X1),
        ),
        Mistake(
            "transposed",
            "Rows and columns are exchanged: G0[i, j] is the slope at (X0[i, j], X1[i, j]).",
            behaves_like=lambda f, X0, X1: field(f, X0, X1).transpose(0, 2, 1),
        ),
        Mistake(
            "components in the last axis",
            "Return the two tables one after the other, (G0, G1), not a table of pairs.",
            behaves_like=lambda f, X0, X1: np.moveaxis(field(f, X0, X1), 0, -1),
        ),
        Mistake(
            "differences between places",
            "The differences from one place of the grid to the next are too coarse; take the slope "
            "of f itself at each place, by autograd.",
            behaves_like=(
                between_places,
                between_places_swapped,
                between_indices,
                between_indices_swapped,
            ),
        ),
        Mistake(
            "coarse differences",
            "These are slopes of secants with a long step; take the slope of f itself at each "
            "place, by autograd.",
            behaves_like=coarse_differences,
        ),
        Mistake(
            "gradient accumulates",
            "backward() adds to .grad, so what it left there before is counted again; start with a "
            "fresh tensor, or clear .grad first.",
            behaves_like=(
                lambda f, X0, X1: field(f, X0, X1) * [[[1]], [[2]]],
                lambda f, X0, X1: field(f, X0, X1) * 2,
                added_up,
            ),
        ),
        Mistake(
            "grid rebuilt from its edges",
            "Only the first row of X0 and the first column of X1 are used; the places need not "
            "stand in straight rows, so take X0[i, j] with X1[i, j].",
            behaves_like=rebuilt_grid,
        ),
        Mistake(
            "mean instead of sum",
            "The mean divides every slope by the number of places; add the heights up before you "
            "differentiate.",
            behaves_like=lambda f, X0, X1: field(f, X0, X1) / X0.size,
        ),
        Mistake(
            "slopes added up",
            "The slopes of a whole column or row are added together; make every entry of X0 and X1 "
            "a variable of its own.",
            behaves_like=(summed_over_the_grid, summed_and_spread),
        ),
        Mistake(
            "normalised arrows",
            "All arrows have length 1; leave the slopes as steep as they are.",
            behaves_like=normalised_arrows,
        ),
        Mistake(
            "surface hard-coded",
            "This is the gradient of the notebook's `surface`, whatever f is; differentiate the f "
            "that is given.",
            behaves_like=lambda f, X0, X1: field(SURFACE, X0, X1),
        ),
    ],
)

TASKS = [SURFACE_GRID, NUMERICAL_GRADIENT, GRADIENT_DESCENT_2D, GRADIENT_FIELD]
