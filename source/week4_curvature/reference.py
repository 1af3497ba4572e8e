"""Marking notes of week 4: curvature, Newton's method and momentum.

Three things hide this week's mistakes. A separable function has no mixed
second derivative, a quadratic one has the same Hessian everywhere, and in the
first step there is no velocity yet. So most calls here mix the coordinates,
bend unevenly, and take more than one step.
"""

from functools import lru_cache

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, gradient

# --- The right answers ---------------------------------------------------------------------


def hessian(f, v):
    """Second derivatives of f at v, by differentiating the gradient once more.

    Parameters
    ----------
    f : callable
        A smooth torch function that takes a tensor of shape (2,); not linear.
    v : ndarray, shape (2,)
        The place; left untouched.

    Returns
    -------
    ndarray, shape (2, 2)
        How the slope along coordinate i (row) changes along coordinate j
        (column).
    """
    _, curvatures = bend(f, torch.tensor(v, dtype=torch.float64))
    return curvatures.numpy()


def newton(f, v0, n_steps):
    """Path of the pure Newton iteration, by autograd in float64.

    Parameters
    ----------
    f : callable
        A smooth torch function that takes a tensor of shape (2,).
    v0 : ndarray, shape (2,)
        The start, left untouched.
    n_steps : int
        Number of updates, 0 or more.

    Returns
    -------
    ndarray, shape (n_steps + 1, 2)
        The start and the place after each update ``v <- v - inv(H(v)) g(v)``,
        wherever that leads: to a minimum, a maximum or a saddle.

    References
    ----------
    J. Nocedal and S. Wright, "Numerical Optimization", 2nd ed. (2006),
    section 3.3.
    """
    path = [torch.tensor(v0, dtype=torch.float64)]
    for _ in range(n_steps):
        slopes, curvatures = bend(f, path[-1])
        path.append(path[-1] - torch.linalg.solve(curvatures, slopes))
    return torch.stack(path).numpy()


def momentum_descent(f, v0, lr, beta, n_steps):
    """Path of gradient descent with momentum (the heavy ball), in float64.

    Parameters
    ----------
    f : callable
        A smooth torch function that takes a tensor of shape (2,).
    v0 : ndarray, shape (2,)
        The start, left untouched.
    lr : float
        Step size, above 0.
    beta : float
        What is kept of the velocity at each step, from 0 up to but not 1.
    n_steps : int
        Number of updates, 0 or more.

    Returns
    -------
    ndarray, shape (n_steps + 1, 2)
        The start and the place after each update ``u <- beta u + g(v)``,
        ``v <- v - lr u``, where u starts at 0.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration
    methods", USSR Computational Mathematics and Mathematical Physics 4 (1964),
    1-17.
    """
    v = torch.tensor(v0, dtype=torch.float64)
    u = torch.zeros_like(v)
    path = [v]
    for _ in range(n_steps):
        leaf = v.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(f(leaf), leaf)
        u = beta * u + slopes
        v = v - lr * u
        path.append(v)
    return torch.stack(path).numpy()


def classify_stationary_point(H):
    """What a place without slope is, by the signs of its two curvatures.

    Parameters
    ----------
    H : ndarray, shape (2, 2)
        Symmetric, invertible.

    Returns
    -------
    {"minimum", "maximum", "saddle"}
    """
    smaller, larger = np.linalg.eigvalsh(H)
    return _kind(smaller > 0, larger < 0)


def _kind(minimum, maximum):
    return "minimum" if minimum else "maximum" if maximum else "saddle"


def bend(f, v):
    """Gradient, shape (2,), and Hessian, shape (2, 2), of f at a tensor v."""
    leaf = v.detach().clone().requires_grad_()
    (slopes,) = torch.autograd.grad(f(leaf), leaf, create_graph=True)
    rows = [torch.autograd.grad(slope, leaf, retain_graph=True)[0] for slope in slopes]
    return slopes.detach(), torch.stack(rows)


# --- What several tasks share --------------------------------------------------------------


def second(f, v, h=1e-5):
    """The Hessian again, shape (2, 2), by differences of exact gradients.

    Good to about ten digits and far quicker than autograd: what the mistakes
    below compute with.
    """
    v = np.asarray(v, dtype=float)
    steps = h * np.eye(2)
    places = v[:, None] + np.hstack([steps, -steps])
    slopes = gradient(f, places)
    return (slopes[:, :2] - slopes[:, 2:]) / (2 * h)


def nothing(*arguments):
    return None


NO_RETURN = Mistake(
    "returns nothing",
    "The function computes but hands nothing back: end it with a return (printing is not "
    "returning).",
    behaves_like=nothing,
)


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
    middle, away = number(rng, 0.5, 1.5), number(rng, 0.5, 1.5)
    return Function(f"{a}*v[0]**2 + {b}*v[1]**2 + {c}*v[0]*v[1] - {middle}*v[0] + {away}*v[1]")


def separable(rng):
    """A function without a mixed derivative."""
    a, b = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9)
    formulas = (
        f"{a}*v[0]**2 + cos({b}*v[1])",
        f"log(1 + v[0]**2) + {a}*v[1]**3 - {b}*v[1]",
        f"sqrt({b} + v[0]**2) + sin(v[0]) + {a}*v[1]**2",
    )
    return Function(str(rng.choice(formulas)))


def mixed(rng, count):
    """Different functions whose Hessian has four entries and differs from place to place."""
    a, b, c = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9), number(rng, 0.6, 1.1)
    formulas = (
        f"({a} - v[0])**2 + {c}*(v[1] - sin({b}*v[0]))**2",
        f"log(1 + v[0]**2 + {a}*v[1]**2) + {c}*sin(v[0] + {b}*v[1])",
        f"sqrt(1 + v[0]**2 + {b}*v[1]**2) + {c}*v[0]*v[1] - {a}*v[0]",
        f"exp(0.5*v[0] - {c}*v[1]) + {a}*v[0]**2 + {b}*v[1]**2",
        f"{a}*cos(v[0])*sin({b}*v[1]) + {c}*v[0]**2 - 2*v[1]",
        f"v[0]**4/4 + {a}*v[0]*v[1]**2 + {b}*v[1]**2 - {c}*v[0]",
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


VALLEY = Function("5*v[0]**2 + 5*v[1]**2 - 9*v[0]*v[1]")
SURFACE = Function("v[0]**2 + sin(v[1])")


def walk(v0, n_steps, step):
    """The path of `step(v, k)`, shape (n_steps + 1, 2): the frame of the variations below."""
    path = [np.array(v0)]
    for k in range(n_steps):
        path.append(step(path[-1], k))
    return np.array(path)


def spoilt(right):
    """What can go wrong with any path, after the steps themselves are right.

    `right(f, v0, ..., n_steps)` computes the right path; the mistakes have its
    signature.
    """

    def after(change):
        return lambda *arguments: change(right(*arguments))

    def steps(count):
        return lambda *arguments: right(*arguments[:-1], count(arguments[-1]))

    def heights(f, *rest):
        return [f(v) for v in right(f, *rest)]

    def same(path):
        return np.tile(path[-1], (len(path), 1))

    def same_as_the_start(f, v0, *rest):
        path = same(right(f, v0, *rest))
        v0[:] = path[-1]
        return path

    def modifies_start(f, v0, *rest):
        path = right(f, v0, *rest)
        v0[:] = path[-1]
        return path

    return [
        Mistake(
            "start missing",
            "The path begins after the first step; row 0 is the start v0.",
            behaves_like=after(lambda path: path[1:]),
        ),
        Mistake(
            "one step short",
            "The last place is missing: n_steps updates make n_steps + 1 rows, the start included.",
            behaves_like=(after(lambda path: path[:-1]), steps(lambda n: max(n - 1, 0))),
        ),
        Mistake(
            "one step too many",
            "There is one update more than n_steps; the path has n_steps + 1 rows, with the start.",
            behaves_like=steps(lambda n: n + 1),
        ),
        Mistake(
            "start twice",
            "The start comes twice and every other place one row late: first update, then move, "
            "then record.",
            behaves_like=after(lambda path: np.concatenate([path[:1], path[:-1]])),
        ),
        Mistake(
            "only the last point",
            "Return the whole path, one row for each place, not only where it ends.",
            behaves_like=(after(lambda path: path[-1]), after(lambda path: path[-1:])),
        ),
        Mistake(
            "heights instead of places",
            "These are heights f(v); the path consists of the places v themselves.",
            behaves_like=heights,
        ),
        Mistake(
            "transposed output",
            "The path has one row for each place and two columns; yours lists all x0, then all x1 "
            "(.T turns a table round, reshape doesn't).",
            behaves_like=(
                after(np.transpose),
                after(lambda path: path.T.reshape(-1, 2)),
            ),
        ),
        Mistake(
            "coordinates swapped",
            "x0 and x1 are exchanged: each row of the path is (x0, x1).",
            behaves_like=after(lambda path: path[:, ::-1]),
        ),
        Mistake(
            "always 10 steps",
            "The number of updates is n_steps, not always 10.",
            behaves_like=steps(lambda n: 10),
        ),
        Mistake(
            "same array appended",
            "All rows are equal: the path holds one and the same array many times; append a copy.",
            behaves_like=(after(same), same_as_the_start),
        ),
        Mistake(
            "modifies the start",
            "The path is right, but the caller's array v0 has changed; work on a copy (as_tensor "
            "and from_numpy share memory with the array).",
            behaves_like=modifies_start,
        ),
    ]


# --- Task 1: hessian -----------------------------------------------------------------------


def separable_places(rng):
    return [Call(separable(rng), place(rng)), Call(SURFACE, place(rng))]


def bowl_places(rng):
    return [Call(bowl(rng), place(rng)), Call(VALLEY, place(rng))]


def mixed_places(rng):
    return [Call(f, place(rng)) for f in mixed(rng, 3)]


def from_second(change):
    """A change of the right Hessian."""
    return lambda f, v: change(second(f, v))


def added_up(with_gradient, aliased):
    """Rows by backward() on one component after the other, and .grad never cleared."""

    def variation(f, v):
        first, both = np.cumsum(second(f, v), axis=0) + with_gradient * gradient(f, v)
        return np.array([both if aliased else first, both])

    return variation


def one_sided(h):
    def variation(f, v):
        here = gradient(f, v)
        return np.array([(gradient(f, v + h * e) - here) / h for e in np.eye(2)]).T

    return variation


def moves_v(f, v):
    H = second(f, v)
    v += 1e-5
    return H


def two_leaves(f, v):
    """Each coordinate a tensor of its own: where they don't mix, autograd refuses."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in v]
    slopes = torch.autograd.grad(f(leaves), leaves, create_graph=True)
    rows = [torch.autograd.grad(slope, leaves, retain_graph=True) for slope in slopes]
    return np.array([[entry.item() for entry in row] for row in rows])


def raises(error):
    def variation(*arguments):
        raise error

    return variation


HESSIAN = Task(
    reference=hessian,
    criteria=[
        Criterion("functions where x0 and x1 don't mix", points=1, calls=separable_places),
        Criterion(
            "tilted bowls and valleys; v stays as it was",
            points=1,
            calls=bowl_places,
            untouched=True,
        ),
        Criterion("functions that mix and bend everywhere anew", points=2, calls=mixed_places),
    ],
    mistakes=[
        Mistake(
            "mixed derivatives missing",
            "These are the second derivatives along x0 and along x1 only; the slope along x0 also "
            "changes when x1 moves, and that goes off the diagonal.",
            behaves_like=(
                from_second(lambda H: np.diag(np.diag(H))),
                from_second(np.diag),
            ),
        ),
        Mistake(
            "one triangle only",
            "One of the mixed entries is missing: the table is symmetric, so each stands twice.",
            behaves_like=(from_second(np.triu), from_second(np.tril)),
        ),
        Mistake(
            "only mixed derivatives",
            "The diagonal is missing: d²f/dx0² and d²f/dx1² belong there.",
            behaves_like=(
                from_second(lambda H: H - np.diag(np.diag(H))),
                from_second(lambda H: H[0, 1]),
            ),
        ),
        Mistake(
            "slopes added up",
            "Differentiating the sum of both slopes adds the two rows together; differentiate one "
            "component of the gradient at a time.",
            behaves_like=(
                from_second(lambda H: H.sum(axis=0)),
                from_second(lambda H: np.diag(H.sum(axis=0))),
            ),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to v.grad, so a row still holds what was there before; clear it for "
            "each row, or use torch.autograd.grad.",
            behaves_like=(
                added_up(with_gradient=True, aliased=False),
                added_up(with_gradient=False, aliased=False),
                added_up(with_gradient=True, aliased=True),
                added_up(with_gradient=False, aliased=True),
                lambda f, v: second(f, v) + gradient(f, v),
            ),
        ),
        Mistake(
            "same row twice",
            "Both rows are the same: the second one is the gradient of the slope along x1 (and a "
            "list that holds v.grad itself twice needs copies).",
            behaves_like=(
                from_second(lambda H: H[[0, 0]]),
                from_second(lambda H: H[[1, 1]]),
            ),
        ),
        Mistake(
            "first derivatives",
            "This is the gradient, the slopes themselves; the Hessian says how they change, so "
            "differentiate once more.",
            behaves_like=(gradient, lambda f, v: np.diag(gradient(f, v))),
        ),
        Mistake(
            "products of slopes",
            "A second derivative is the derivative of a slope, not one slope times another.",
            behaves_like=(
                lambda f, v: np.outer(gradient(f, v), gradient(f, v)),
                lambda f, v: gradient(f, v) ** 2,
            ),
        ),
        Mistake(
            "entries in the wrong place",
            "Row 0 and column 0 belong to x0, row 1 and column 1 to x1.",
            behaves_like=(
                from_second(lambda H: H[::-1, ::-1]),
                from_second(lambda H: H[::-1]),
            ),
        ),
        Mistake(
            "four numbers in a row",
            "The numbers are right, but in one long list; give them the shape (2, 2).",
            behaves_like=(
                from_second(np.ravel),
                from_second(lambda H: H.ravel()[[0, 3, 1]]),
                from_second(lambda H: H.ravel()[[0, 1, 3]]),
            ),
        ),
        Mistake(
            "one number only",
            "This is one number; the Hessian has four, one for each pair of coordinates.",
            behaves_like=(from_second(np.trace), from_second(np.linalg.det)),
        ),
        Mistake(
            "sign turned around",
            "Every sign is turned around; the Hessian belongs to f itself, not to minus f.",
            behaves_like=from_second(np.negative),
        ),
        Mistake(
            "half of it",
            "Every entry is half (or twice) as large as it should be: the 1/2 of Taylor's formula "
            "is not a part of the Hessian.",
            behaves_like=(from_second(lambda H: H / 2), from_second(lambda H: 2 * H)),
        ),
        Mistake(
            "half of some entries",
            "Diagonal and mixed entries don't go together: some are half (or twice) as large as "
            "they should be. Each of the four is a second derivative, whole and once.",
            behaves_like=(
                from_second(lambda H: H * [[1, 0.5], [0.5, 1]]),
                from_second(lambda H: H * [[1, 2], [2, 1]]),
                from_second(lambda H: H * [[2, 1], [1, 2]]),
            ),
        ),
        Mistake(
            "another place",
            "This is the Hessian at another place; only a quadratic f bends the same everywhere.",
            behaves_like=(
                lambda f, v: second(f, np.zeros(2)),
                lambda f, v: second(f, np.ones(2)),
                lambda f, v: second(f, v[::-1]),
                lambda f, v: second(f, np.trunc(v)),
            ),
        ),
        Mistake(
            "differences too coarse",
            "The difference of two slopes some way apart is only roughly the second derivative; "
            "let autograd differentiate the gradient.",
            behaves_like=(
                # By rows or by columns: such a table isn't symmetric.
                lambda f, v: second(f, v, 0.1),
                lambda f, v: second(f, v, 0.1).T,
                one_sided(0.1),
                one_sided(0.01),
                lambda f, v: one_sided(0.1)(f, v).T,
                lambda f, v: one_sided(0.01)(f, v).T,
            ),
        ),
        Mistake(
            "modifies v",
            "The Hessian is right, but the caller's array v has changed; work on a copy (as_tensor "
            "and from_numpy share memory with the array).",
            behaves_like=moves_v,
        ),
        Mistake(
            "second backward fails",
            "The gradient has to be differentiated again: take it with create_graph=True, then one "
            "component at a time, with retain_graph=True while another is still to come.",
            behaves_like=(
                raises(RuntimeError("element 0 of tensors does not require grad and does not")),
                raises(RuntimeError("Trying to backward through the graph a second time")),
                raises(RuntimeError("grad can be implicitly created only for scalar outputs")),
            ),
        ),
        Mistake(
            "fails without a mixed term",
            "Where the slope along x0 doesn't contain x1, autograd finds nothing to differentiate; "
            "let both coordinates be one tensor, or say allow_unused=True and put 0.",
            behaves_like=two_leaves,
        ),
        Mistake(
            "valley hard-coded",
            "This is the Hessian of the notebook's `valley`, whatever f is; differentiate the f "
            "that is given.",
            behaves_like=lambda f, v: second(VALLEY, v),
        ),
        NO_RETURN,
    ],
)


# --- Task 2: newton ------------------------------------------------------------------------


def newtons(f, v0, n_steps):
    """The reference again, cheaply."""
    return newton_remembered(f, tuple(v0), n_steps).copy()


@lru_cache(maxsize=256)  # half of the variations start from the same right path
def newton_remembered(f, v0, n_steps):
    return walk(v0, n_steps, lambda v, k: v - np.linalg.solve(second(f, v), gradient(f, v)))


def stepping(step):
    """The walk with another step; `step(H, g)` is what is taken away from v."""
    return lambda f, v0, n_steps: walk(
        v0, n_steps, lambda v, k: v - step(second(f, v), gradient(f, v))
    )


def cofactors(sign):
    """The table in Cramer's rule: diagonal exchanged, the others times `sign`."""
    return lambda H: np.array([[H[1, 1], sign * H[0, 1]], [sign * H[1, 0], H[0, 0]]])


def absolute(H):
    """The Hessian with every curvature counted as positive."""
    curvatures, directions = np.linalg.eigh(H)
    return directions @ np.diag(abs(curvatures)) @ directions.T


def frozen(f, v0, n_steps):
    H = second(f, v0)
    return walk(v0, n_steps, lambda v, k: v - np.linalg.solve(H, gradient(f, v)))


def hessian_of_the_place_before(f, v0, n_steps):
    before = v0

    def step(v, k):
        nonlocal before
        H, before = second(f, before), v
        return v - np.linalg.solve(H, gradient(f, v))

    return walk(v0, n_steps, step)


def first_step_repeated(f, v0, n_steps):
    step = np.linalg.solve(second(f, v0), gradient(f, v0))
    return walk(v0, n_steps, lambda v, k: v - step)


def gradient_frozen(f, v0, n_steps):
    slopes = gradient(f, v0)
    return walk(v0, n_steps, lambda v, k: v - np.linalg.solve(second(f, v), slopes))


def hessian_at_fixed(point):
    def variation(f, v0, n_steps):
        H = second(f, point)
        return walk(v0, n_steps, lambda v, k: v - np.linalg.solve(H, gradient(f, v)))

    return variation


def newton_accumulates(f, v0, n_steps):
    total = np.zeros(2)

    def step(v, k):
        nonlocal total
        total = total + gradient(f, v)
        return v - np.linalg.solve(second(f, v), total)

    return walk(v0, n_steps, step)


def newton_one_by_one(f, v0, n_steps):
    """One coordinate after the other, each by its own slope and curvature."""

    def step(v, k):
        v = v.copy()
        for i in range(2):
            v[i] -= gradient(f, v)[i] / second(f, v)[i, i]
        return v

    return walk(v0, n_steps, step)


def newton_moves_halfway(f, v0, n_steps):
    """One coordinate after the other, each by its part of a step solved anew."""

    def step(v, k):
        v = v.copy()
        for i in range(2):
            v[i] -= np.linalg.solve(second(f, v), gradient(f, v))[i]
        return v

    return walk(v0, n_steps, step)


def newton_backtracks(f, v0, n_steps):
    """The step is halved, up to ten times, while it leads up."""

    def step(v, k):
        move, height = np.linalg.solve(second(f, v), gradient(f, v)), f(v) + 1e-9
        for _ in range(10):
            if f(v - move) <= height:
                break
            move = move / 2
        return v - move

    return walk(v0, n_steps, step)


def at_most_one(move):
    return move / max(1, np.linalg.norm(move))


def newton_stops(tolerance):
    def variation(f, v0, n_steps):
        path = [np.array(v0)]
        for _ in range(n_steps):
            slopes = gradient(f, path[-1])
            if np.linalg.norm(slopes) < tolerance:
                break
            path.append(path[-1] - np.linalg.solve(second(f, path[-1]), slopes))
        return np.array(path)

    return variation


def steadily_bent(f, v0, n_steps, highest=25.0):
    """Whether rounding does little to a Newton path, and each of its places matters."""
    path = newtons(f, v0, n_steps)
    if not np.all(np.abs(path) < 8):  # nan compares as False
        return False
    sizes = [np.abs(np.linalg.eigvalsh(second(f, v))) for v in path]
    return all(low > 0.25 and high < highest * low for low, high in map(np.sort, sizes))


def newton_call(rng, functions, n_steps, suits=lambda f, path: True):
    """A Newton path that is worth asking for, or the last one tried."""
    for _ in range(200):
        (f,), v0 = functions(rng, 1), place(rng)
        if not steadily_bent(f, v0, n_steps):
            continue
        path = newtons(f, v0, n_steps)
        moved = np.linalg.norm(np.diff(path, axis=0), axis=1)
        if np.all(moved[:2] > 0.1) and suits(f, path):
            break
    return Call(f, v0, n_steps)


def bends_anew(f, path):
    """Whether the Hessian differs noticeably between the first places."""
    first, then = second(f, path[0]), second(f, path[1])
    return bool(np.abs(first - then).max() > 0.2)


def not_upwards(f, path):
    """Whether some curvature at the start is negative, so that Newton may climb."""
    return bool(np.linalg.eigvalsh(second(f, path[0]))[0] < -0.3)


def leads_up(f, path):
    """Whether the first step climbs, from a place that bends down in some direction."""
    return bool(f(path[1]) > f(path[0]) + 0.1) and not_upwards(f, path)


def hills(rng, count):
    """Functions with hilltops and saddles."""
    a, b, c = number(rng, 0.8, 1.4), number(rng, 1.0, 1.6), number(rng, 0.3, 0.7)
    formulas = (
        f"{a}*cos(v[0])*cos(v[1]) + {c}*v[0]*v[1]",
        f"{b}*v[0] - 4*v[0]**2 + v[0]**4/4 + {a}*v[1]**2 + {c}*v[0]*v[1]",
        f"{a}*sin(v[0] + {c}*v[1]) - {b}*cos(v[1])",
        f"exp(-{c}*v[0]**2) - {a}*v[1]**2 + {c}*v[0]*v[1]",
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


def newton_none_and_one(rng):
    (f,) = mixed(rng, 1)
    return [
        Call(f, place(rng), 0),
        newton_call(rng, mixed, 1),
        newton_call(rng, mixed, 1),
    ]


def newton_bowls(rng):
    # The bottom is reached at once; the other steps stay there, and nobody is to stop.
    return [
        Call(bowl(rng), place(rng), int(rng.integers(2, 5))),
        Call(VALLEY, place(rng), 3),
    ]


def newton_paths(rng):
    return [
        newton_call(rng, mixed, 2, bends_anew),
        newton_call(rng, mixed, int(rng.integers(3, 5)), bends_anew),
        newton_call(rng, lambda rng, count: [separable(rng)], 3, bends_anew),
    ]


def newton_climbs(rng):
    return [
        newton_call(rng, hills, 1, leads_up),
        newton_call(rng, hills, int(rng.integers(2, 4)), not_upwards),
    ]


NEWTON = Task(
    reference=newton,
    criteria=[
        Criterion(
            "no step, and one step; the start stays as it was",
            points=2,
            calls=newton_none_and_one,
            untouched=True,
        ),
        Criterion("a bowl: at its bottom in one step, then staying", points=1, calls=newton_bowls),
        Criterion("many steps where the curvature changes", points=2, calls=newton_paths),
        Criterion("also to saddles and hilltops", points=1, calls=newton_climbs),
    ],
    mistakes=[
        Mistake(
            "plus sign",
            "The step goes the wrong way: take H⁻¹g away from v, don't add it.",
            behaves_like=stepping(lambda H, g: -np.linalg.solve(H, g)),
        ),
        Mistake(
            "diagonal of H only",
            "Each slope is divided by its own curvature, as if x0 and x1 didn't mix; solve with "
            "the whole Hessian.",
            behaves_like=(stepping(lambda H, g: g / np.diag(H)), newton_one_by_one),
        ),
        Mistake(
            "H times the gradient",
            "The gradient is multiplied by H; the step is H⁻¹g, the p that solves H p = g.",
            behaves_like=(
                stepping(lambda H, g: H @ g),
                stepping(lambda H, g: np.diag(H) * g),
            ),
        ),
        Mistake(
            "H frozen at the start",
            "The Hessian is that of another place, mostly because it is taken once and kept; where "
            "f isn't quadratic it has to be taken anew at each place.",
            behaves_like=(
                frozen,
                hessian_of_the_place_before,
                hessian_at_fixed(np.zeros(2)),
                hessian_at_fixed(np.ones(2)),
            ),
        ),
        Mistake(
            "gradient computed once",
            "The gradient of the start is used at every step; take it anew at each place.",
            behaves_like=(first_step_repeated, gradient_frozen),
        ),
        Mistake(
            "ignores the curvature",
            "This is gradient descent; the step of Newton's method is H⁻¹g.",
            behaves_like=tuple(
                stepping(lambda H, g, lr=lr: lr * g) for lr in (1.0, 0.5, 0.25, 0.1, 0.05, 0.01)
            ),
        ),
        Mistake(
            "damped",
            "The step is made shorter; pure Newton takes all of H⁻¹g, without a learning rate, "
            "however long it is and even where it leads up.",
            behaves_like=(
                *(
                    stepping(lambda H, g, lr=lr: lr * np.linalg.solve(H, g))
                    for lr in (0.5, 0.25, 0.1, 0.05, 0.01)
                ),
                stepping(lambda H, g: at_most_one(np.linalg.solve(H, g))),
                newton_backtracks,
            ),
        ),
        Mistake(
            "H made larger",
            "Something is added to the diagonal of H; pure Newton takes the Hessian as it is (it "
            "is always invertible here).",
            behaves_like=tuple(
                stepping(lambda H, g, add=add: np.linalg.solve(H + add * np.eye(2), g))
                for add in (1.0, 0.1, 0.01)
            ),
        ),
        Mistake(
            "turned downhill",
            "Where the ground bends down, pure Newton climbs, and here it should; don't turn the "
            "curvature or the step around.",
            behaves_like=(
                stepping(lambda H, g: np.linalg.solve(absolute(H), g)),
                stepping(
                    lambda H, g: (
                        np.linalg.solve(H, g) * (1 if g @ np.linalg.solve(H, g) > 0 else -1)
                    )
                ),
                stepping(
                    lambda H, g: np.linalg.solve(H, g) if g @ np.linalg.solve(H, g) > 0 else 0.1 * g
                ),
            ),
        ),
        Mistake(
            "inverse slipped",
            "The inverse of H isn't right: it is [[d, -b], [-c, a]] / (ad - bc); np.linalg.solve "
            "knows.",
            behaves_like=(
                stepping(lambda H, g: cofactors(-1)(H) @ g),
                stepping(lambda H, g: cofactors(1)(H) @ g / np.linalg.det(H)),
                stepping(lambda H, g: cofactors(-1)(H) @ g / (H[0, 0] * H[1, 1] + H[0, 1] ** 2)),
                stepping(lambda H, g: cofactors(-1)(H) @ g * np.linalg.det(H)),
                stepping(lambda H, g: cofactors(-1)(H)[::-1, ::-1] @ g / np.linalg.det(H)),
            ),
        ),
        Mistake(
            "entry by entry",
            "1/H takes each entry's reciprocal, which is not the inverse of the matrix; solve "
            "H p = g.",
            behaves_like=(
                stepping(lambda H, g: (1 / H) @ g),
                stepping(lambda H, g: (g / H).sum(axis=1)),
                stepping(lambda H, g: (g / H).sum(axis=0)),
                stepping(lambda H, g: g / H.sum(axis=0)),
            ),
        ),
        Mistake(
            "divides by one number",
            "The whole gradient is divided by one number; each direction has a curvature of its "
            "own, so solve H p = g.",
            behaves_like=(
                stepping(lambda H, g: g / np.linalg.det(H)),
                stepping(lambda H, g: g / np.trace(H)),
                stepping(lambda H, g: g / np.linalg.norm(H)),
                stepping(lambda H, g: g / np.linalg.eigvalsh(H)[1]),
            ),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to v.grad, so each step also uses the gradients of all steps before; "
            "clear it before each step.",
            behaves_like=newton_accumulates,
        ),
        Mistake(
            "sequential update",
            "One coordinate has moved before the step of the other is computed; solve once, at the "
            "old place, then move both.",
            behaves_like=newton_moves_halfway,
        ),
        Mistake(
            "stops early",
            "The path ends when the ground is nearly flat; make exactly n_steps updates.",
            behaves_like=(newton_stops(1e-2), newton_stops(1e-3), newton_stops(1e-6)),
        ),
        Mistake(
            "valley hard-coded",
            "These are the steps for the notebook's `valley`, whatever f is; use the f that is "
            "given.",
            behaves_like=lambda f, v0, n_steps: newtons(VALLEY, v0, n_steps),
        ),
        *spoilt(newtons),
        NO_RETURN,
    ],
)


# --- Task 3: momentum_descent --------------------------------------------------------------


def rolling(push, move=lambda v, u, g, lr, beta: v - lr * u):
    """The walk with another velocity, ``push(u, g, beta, k)``, or another move."""

    def variation(f, v0, lr, beta, n_steps):
        u = np.zeros(2)

        def step(v, k):
            nonlocal u
            slopes = gradient(f, v)
            u = push(u, slopes, beta, k)
            return move(v, u, slopes, lr, beta)

        return walk(v0, n_steps, step)

    return variation


def heavy(u, g, beta, k):
    """The right velocity."""
    return beta * u + g


def momentum(f, v0, lr, beta, n_steps):
    """The reference again, cheaply."""
    return momentum_remembered(f, tuple(v0), lr, beta, n_steps).copy()


momentum_remembered = lru_cache(maxsize=256)(rolling(heavy))


def look_ahead(f, v0, lr, beta, n_steps):
    u = np.zeros(2)

    def step(v, k):
        nonlocal u
        u = beta * u + gradient(f, v - lr * beta * u)
        return v - lr * u

    return walk(v0, n_steps, step)


def moves_first(f, v0, lr, beta, n_steps):
    """Moves by the old velocity, which is updated with the old slopes afterwards."""
    u = np.zeros(2)

    def step(v, k):
        nonlocal u
        slopes = gradient(f, v)
        moved = v - lr * u
        u = beta * u + slopes
        return moved

    return walk(v0, n_steps, step)


def pushed_at_the_start(f, v0, lr, beta, n_steps):
    u = gradient(f, v0)

    def step(v, k):
        nonlocal u
        u = beta * u + gradient(f, v)
        return v - lr * u

    return walk(v0, n_steps, step)


def momentum_accumulates(f, v0, lr, beta, n_steps):
    total, u = np.zeros(2), np.zeros(2)

    def step(v, k):
        nonlocal total, u
        total = total + gradient(f, v)
        u = beta * u + total
        return v - lr * u

    return walk(v0, n_steps, step)


def last_gradient_kept(f, v0, lr, beta, n_steps):
    last = np.zeros(2)

    def step(v, k):
        nonlocal last
        slopes = gradient(f, v)
        v, last = v - lr * (slopes + beta * last), slopes
        return v

    return walk(v0, n_steps, step)


def clipped(g, length):
    return g * min(1, length / np.linalg.norm(g))


def slopes_of_the_start(f, v0, lr, beta, n_steps):
    slopes, u = gradient(f, v0), np.zeros(2)

    def step(v, k):
        nonlocal u
        u = beta * u + slopes
        return v - lr * u

    return walk(v0, n_steps, step)


def momentum_one_by_one(f, v0, lr, beta, n_steps):
    u = np.zeros(2)

    def step(v, k):
        v = v.copy()
        for i in range(2):
            u[i] = beta * u[i] + gradient(f, v)[i]
            v[i] -= lr * u[i]
        return v

    return walk(v0, n_steps, step)


def momentum_stops(tolerance):
    def variation(f, v0, lr, beta, n_steps):
        path = momentum(f, v0, lr, beta, n_steps)
        flat = [k for k, v in enumerate(path[:-1]) if np.linalg.norm(gradient(f, v)) < tolerance]
        return path[: flat[0] + 1] if flat else path

    return variation


def velocities(f, v0, lr, beta, n_steps):
    path = momentum(f, v0, lr, beta, n_steps)
    return np.vstack([np.zeros((1, 2)), (path[:-1] - path[1:]) / lr])


def momentum_none_and_one(rng):
    f, g = mixed(rng, 2)
    return [
        Call(f, place(rng), number(rng, 0.1, 0.4), number(rng, 0.3, 0.9), 0),
        Call(g, place(rng), number(rng, 0.1, 0.3), number(rng, 0.3, 0.9), 1),
        Call(bowl(rng), place(rng), number(rng, 0.05, 0.2), number(rng, 0.3, 0.9), 1),
    ]


def momentum_few(rng):
    (f,) = mixed(rng, 1)
    return [
        # A place so far away that the ground is steep.
        Call(bowl(rng), place(rng, 3, 5), number(rng, 0.1, 0.25), number(rng, 0.3, 0.45), 2),
        Call(f, place(rng), number(rng, 0.1, 0.25), number(rng, 0.6, 0.8), 3),
    ]


def momentum_many(rng):
    f, g = mixed(rng, 2)
    return [
        Call(
            f, place(rng), number(rng, 0.05, 0.12), number(rng, 0.5, 0.9), int(rng.integers(4, 8))
        ),
        Call(
            g, place(rng), number(rng, 0.03, 0.1), number(rng, 0.3, 0.8), int(rng.integers(11, 15))
        ),
        # Long enough for the gradient to vanish: nobody is to stop before n_steps.
        Call(bowl(rng), place(rng), 0.2, number(rng, 0.2, 0.4), int(rng.integers(30, 35))),
    ]


def momentum_edges(rng):
    f, g = mixed(rng, 2)
    return [
        Call(f, place(rng), number(rng, 0.05, 0.2), 0.0, int(rng.integers(3, 6))),
        Call(
            g, place(rng), number(rng, 0.03, 0.08), number(rng, 0.92, 0.98), int(rng.integers(3, 6))
        ),
        Call(bowl(rng), place(rng), number(rng, 0.6, 0.9), number(rng, 0.3, 0.6), 4),
    ]


MOMENTUM_DESCENT = Task(
    reference=momentum_descent,
    criteria=[
        Criterion(
            "no step, and one step; the start stays as it was",
            points=1,
            calls=momentum_none_and_one,
            untouched=True,
        ),
        Criterion("two and three steps: the velocity is carried on", points=2, calls=momentum_few),
        Criterion("longer walks on any function", points=2, calls=momentum_many),
        Criterion("beta 0, beta close to 1, and a large lr", points=1, calls=momentum_edges),
    ],
    mistakes=[
        Mistake(
            "gradient times (1 - beta)",
            "The gradient goes into the velocity whole: u is beta·u + g, without a (1 - beta).",
            behaves_like=(
                rolling(lambda u, g, beta, k: beta * u + (1 - beta) * g),
                rolling(lambda u, g, beta, k: beta * u + (1 - beta if k else 1) * g),
            ),
        ),
        Mistake(
            "weights exchanged",
            "It is the velocity that beta shortens: u is beta·u + g.",
            behaves_like=(
                rolling(lambda u, g, beta, k: (1 - beta) * u + g),
                rolling(lambda u, g, beta, k: (1 - beta) * u + beta * g),
                rolling(lambda u, g, beta, k: u + beta * g),
                rolling(lambda u, g, beta, k: beta * (u + g)),
            ),
        ),
        Mistake(
            "lr twice",
            "The learning rate is multiplied in twice; put it into the velocity or into the move, "
            "not into both.",
            behaves_like=lambda f, v0, lr, beta, n_steps: momentum(f, v0, lr * lr, beta, n_steps),
        ),
        Mistake(
            "velocity reset each step",
            "This is plain gradient descent: the velocity has to live on from one step to the "
            "next, so start it at 0 before the loop, not inside.",
            behaves_like=lambda f, v0, lr, beta, n_steps: momentum(f, v0, lr, 0.0, n_steps),
        ),
        Mistake(
            "Nesterov look-ahead",
            "The gradient is taken where the velocity would lead (Nesterov's variant); take it at "
            "the place where you are.",
            behaves_like=(
                look_ahead,
                rolling(heavy, lambda v, u, g, lr, beta: v - lr * (g + beta * u)),
            ),
        ),
        Mistake(
            "climbs",
            "The gradient points uphill; move against the velocity.",
            behaves_like=lambda f, v0, lr, beta, n_steps: momentum(f, v0, -lr, beta, n_steps),
        ),
        Mistake(
            "velocity turned around",
            "The old velocity is taken away instead of carried on: u is beta·u plus g.",
            behaves_like=rolling(lambda u, g, beta, k: g - beta * u),
        ),
        Mistake(
            "velocity never fades",
            "The velocity only grows; multiply the old one by beta at each step.",
            behaves_like=rolling(lambda u, g, beta, k: u + g),
        ),
        Mistake(
            "only the last gradient",
            "Only the gradient of the step before is carried on; it is the velocity u, with all "
            "that is in it, that beta shortens.",
            behaves_like=last_gradient_kept,
        ),
        Mistake(
            "beta changes with the step",
            "beta is taken to the power of the step; the same beta counts at each step.",
            behaves_like=(
                rolling(lambda u, g, beta, k: beta**k * u + g),
                rolling(lambda u, g, beta, k: beta ** (k + 1) * u + g),
            ),
        ),
        Mistake(
            "moves too late",
            "The walker moves by the velocity of the step before; update the velocity first, then "
            "move.",
            behaves_like=moves_first,
        ),
        Mistake(
            "pushed at the start",
            "The velocity starts at 0; yours starts with the first gradient, which then counts "
            "again.",
            behaves_like=pushed_at_the_start,
        ),
        Mistake(
            "lr for one part only",
            "The learning rate scales the whole move lr·u, the old velocity and the new gradient "
            "alike.",
            behaves_like=(
                rolling(heavy, lambda v, u, g, lr, beta: v - u),
                rolling(heavy, lambda v, u, g, lr, beta: v - lr * g - (u - g)),
            ),
        ),
        Mistake(
            "lr and beta swapped",
            "lr and beta have changed places: beta keeps the velocity, lr scales the move.",
            behaves_like=lambda f, v0, lr, beta, n_steps: momentum(f, v0, beta, lr, n_steps),
        ),
        Mistake(
            "ignores beta",
            "The walk is the same whatever beta is; use the beta that is given.",
            behaves_like=tuple(
                lambda f, v0, lr, beta, n_steps, fixed=fixed: momentum(f, v0, lr, fixed, n_steps)
                for fixed in (0.9, 0.5)
            ),
        ),
        Mistake(
            "ignores lr",
            "The walk is the same whatever lr is; use the lr that is given.",
            behaves_like=tuple(
                lambda f, v0, lr, beta, n_steps, fixed=fixed: momentum(f, v0, fixed, beta, n_steps)
                for fixed in (0.1, 0.01)
            ),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to v.grad, so the velocity also gets the gradients of all steps "
            "before; clear it before each step.",
            behaves_like=momentum_accumulates,
        ),
        Mistake(
            "gradient computed once",
            "The gradient of the start is used at every step; take it anew at each place.",
            behaves_like=slopes_of_the_start,
        ),
        Mistake(
            "sequential update",
            "One coordinate has moved before the slope along the other is taken; measure both "
            "slopes at the old place, then move both.",
            behaves_like=momentum_one_by_one,
        ),
        Mistake(
            "normalised gradient",
            "The gradient goes in as it is, short on gentle ground and long on steep ground; don't "
            "scale it to length 1, nor clip it.",
            behaves_like=(
                rolling(lambda u, g, beta, k: beta * u + g / np.linalg.norm(g)),
                rolling(lambda u, g, beta, k: beta * u + clipped(g, 1)),
                rolling(lambda u, g, beta, k: beta * u + clipped(g, 5)),
            ),
        ),
        Mistake(
            "stops early",
            "The path ends when the ground is nearly flat; make exactly n_steps updates.",
            behaves_like=(momentum_stops(1e-2), momentum_stops(1e-3)),
        ),
        Mistake(
            "velocities instead of places",
            "These are the velocities u; the path consists of the places v.",
            behaves_like=velocities,
        ),
        Mistake(
            "valley hard-coded",
            "These are the steps for the notebook's `valley`, whatever f is; differentiate the f "
            "that is given.",
            behaves_like=lambda f, *rest: momentum(VALLEY, *rest),
        ),
        *spoilt(momentum),
        NO_RETURN,
    ],
)


# --- Task 4: classify_stationary_point -----------------------------------------------------


def table(a, b, c):
    return np.array([[a, b], [b, c]])


def either_sign(rng, low, high):
    return number(rng, low, high) * int(rng.choice([-1, 1]))


def round_bowl(rng):
    """A minimum with a mixed derivative."""
    return table(number(rng, 2, 4), either_sign(rng, 0.5, 1.5), number(rng, 2, 4))


def steep_saddle(rng, sign):
    """A saddle, though both entries on the diagonal are positive."""
    return table(number(rng, 0.5, 2), sign * number(rng, 2.6, 4), number(rng, 0.5, 2))


def gentle_bowl(rng):
    """A minimum where the ground bends little in every direction, but clearly."""
    return table(number(rng, 0.05, 0.07), either_sign(rng, 0.01, 0.02), number(rng, 0.05, 0.07))


def narrow_saddle(rng):
    """A saddle that bends the other way only between an axis and a diagonal."""
    a = number(rng, 0.8, 1.4)
    mixed = round(a * float(rng.uniform(3.6, 4.2)), 2) * int(rng.choice([-1, 1]))
    H = table(a, mixed, round(a * float(rng.uniform(8, 10)), 2))
    return H if rng.random() < 0.5 else H[::-1, ::-1].copy()


def shuffled(rng, *hessians):
    return [Call(hessians[k]) for k in rng.permutation(len(hessians))]


def plain_points(rng):
    a, b, c, d, e, f = (number(rng, 0.5, 4) for _ in range(6))
    return shuffled(rng, table(a, 0.0, b), table(-c, 0.0, -d), table(e, 0.0, -f))


def tilted_points(rng):
    a, c = number(rng, 1, 4), number(rng, 1, 4)
    return shuffled(
        rng,
        round_bowl(rng),
        table(3.0, -abs(either_sign(rng, 0.5, 1.5)), number(rng, 2, 4)),
        -round_bowl(rng),
        table(-3.0, abs(either_sign(rng, 0.5, 1.5)), -number(rng, 2, 4)),
        table(a, either_sign(rng, 0.5, 3), -c),
        table(-a, either_sign(rng, 0.5, 3), c),
        gentle_bowl(rng),
        -gentle_bowl(rng),
    )


def hidden_saddles(rng):
    return shuffled(
        rng,
        steep_saddle(rng, 1),
        steep_saddle(rng, -1),
        -steep_saddle(rng, either_sign(rng, 1, 1)),
        table(0.0, either_sign(rng, 0.5, 3), number(rng, 0.5, 2)),
        table(0.0, either_sign(rng, 0.5, 3), 0.0),
        narrow_saddle(rng),
        -narrow_saddle(rng),
        # The determinant of a small bowl is small, and yet it is a minimum.
        table(0.9, either_sign(rng, 0.3, 0.5), 0.8),
        round_bowl(rng),
        -round_bowl(rng),
    )


def by_signs(numbers):
    """Judges by two numbers that stand in for the curvatures."""

    def variation(H):
        found = np.ravel(numbers(H))
        return _kind(np.all(found > 0), np.all(found < 0))

    return variation


def by_determinant(determinant, positive, negative="saddle"):
    """Judges by the sign of a determinant; `positive(H)` is the word if it is above 0."""
    return lambda H: positive(H) if determinant(H) > 0 else negative


def cut_to_integers(H):
    low, high = np.linalg.eigvalsh(H).astype(int)
    return "saddle" if low * high < 0 else "minimum" if low + high > 0 else "maximum"


def by_corner(H):
    return "minimum" if H[0, 0] > 0 else "maximum"


def minors(H):
    """H[0, 0] and the determinant; at a maximum they differ in sign."""
    return np.array([H[0, 0], np.linalg.det(H)])


def along(*ways):
    """Judges by how f bends in these directions."""
    return by_signs(lambda H: [np.array(way) @ H @ np.array(way) for way in ways])


def forgets(forgotten):
    """No answer at all where `forgotten(H, word)`."""

    def variation(H):
        word = classify_stationary_point(H)
        return None if forgotten(H, word) else word

    return variation


def always(word):
    return lambda *arguments: word


def renamed(**names):
    """The right answer under another name."""
    return lambda H: names.get(classify_stationary_point(H), classify_stationary_point(H))


def spelled(spell):
    return lambda H: spell(classify_stationary_point(H))


CLASSIFY_STATIONARY_POINT = Task(
    reference=classify_stationary_point,
    library="np",
    criteria=[
        Criterion("one of each, without a mixed derivative", points=1, calls=plain_points),
        Criterion("with a mixed derivative", points=1, calls=tilted_points),
        Criterion("saddles that the diagonal hides", points=2, calls=hidden_saddles),
    ],
    mistakes=[
        Mistake(
            "diagonal only",
            "The diagonal says how f bends along x0 and along x1, but it may bend the other way "
            "in between; look at the eigenvalues, or at the determinant with the diagonal.",
            behaves_like=(
                by_signs(np.diag),
                lambda H: _kind(np.all(np.diag(H) >= 0), np.all(np.diag(H) <= 0)),
                by_determinant(lambda H: H[0, 0] * H[1, 1], by_corner),
            ),
        ),
        Mistake(
            "a few directions only",
            "f may bend the other way in a direction that you haven't looked at; the eigenvalues "
            "are the least and the greatest curvature of all directions.",
            behaves_like=(
                along((1, 0), (0, 1), (1, 1), (1, -1)),
                along((1, 0), (0, 1), (1, 1)),
                along((1, 0), (0, 1), (1, -1)),
                along((1, 1), (1, -1)),
            ),
        ),
        Mistake(
            "little taken for nothing",
            "A curvature or a determinant may be small: only its sign counts, so compare it with "
            "0, and don't round it.",
            behaves_like=(
                lambda H: _kind(*(np.all(s * np.linalg.eigvalsh(H) > 0.1) for s in (1, -1))),
                by_determinant(lambda H: np.linalg.det(H) - 0.01, by_corner),
                by_signs(lambda H: np.linalg.eigvalsh(H).astype(int)),
                by_signs(lambda H: np.linalg.eigvalsh(H).round()),
                cut_to_integers,
            ),
        ),
        Mistake(
            "signs of the entries",
            "The signs of the four entries don't decide: a bowl may well have a negative mixed "
            "derivative; look at the eigenvalues.",
            behaves_like=(
                by_signs(lambda H: H),
                lambda H: _kind(np.all(H >= 0), np.all(H <= 0)),
            ),
        ),
        Mistake(
            "determinant alone",
            "A positive determinant says that both curvatures have the same sign, but not which: "
            "minimum or maximum is decided by H[0, 0] (or the trace).",
            behaves_like=(
                by_determinant(np.linalg.det, always("minimum")),
                by_determinant(np.linalg.det, always("maximum")),
                by_determinant(np.linalg.det, always("minimum"), "maximum"),
            ),
        ),
        Mistake(
            "determinant slipped",
            "The determinant isn't right: it is H[0, 0]·H[1, 1] - H[0, 1]·H[1, 0].",
            behaves_like=(
                by_determinant(lambda H: H[0, 0] * H[1, 1] + H[0, 1] ** 2, by_corner),
                by_determinant(lambda H: H[0, 0] * H[1, 1] - H[0, 1], by_corner),
                by_determinant(lambda H: H[0, 1] ** 2 - H[0, 0] * H[1, 1], by_corner),
            ),
        ),
        Mistake(
            "saddle never",
            "One number can't tell three cases apart: a saddle bends up in one direction and down "
            "in another, so look at both eigenvalues.",
            behaves_like=(
                lambda H: "minimum" if np.trace(H) > 0 else "maximum",
                by_corner,
            ),
        ),
        Mistake(
            "minimum and maximum swapped",
            "At a minimum the ground bends up in every direction: both eigenvalues are positive.",
            behaves_like=renamed(minimum="maximum", maximum="minimum"),
        ),
        Mistake(
            "saddle and maximum swapped",
            "A maximum has two negative eigenvalues (and a positive determinant), a saddle one of "
            "each sign.",
            behaves_like=(
                renamed(saddle="maximum", maximum="saddle"),
                renamed(saddle="minimum", minimum="saddle"),
                lambda H: _kind(*(np.all(s * minors(H) > 0) for s in (1, -1))),
            ),
        ),
        Mistake(
            "one curvature is enough",
            "A minimum needs all eigenvalues above 0 and a maximum all below; one of them doesn't "
            "decide (is there an `any` that should be `all`?).",
            behaves_like=(renamed(saddle="minimum"), renamed(saddle="maximum")),
        ),
        Mistake(
            "always the same word",
            "The answer is the same for every H; it has to depend on the signs of the eigenvalues "
            "(singular values have none).",
            behaves_like=tuple(always(word) for word in ("minimum", "maximum", "saddle")),
        ),
        Mistake(
            "numbers instead of a word",
            'The curvatures are there, but the answer is one of the words "minimum", "maximum" '
            'and "saddle".',
            behaves_like=(np.linalg.eigvalsh, np.linalg.det),
        ),
        Mistake(
            "spelled differently",
            'The words are "minimum", "maximum" and "saddle", in lower case and nothing else.',
            behaves_like=tuple(
                spelled(spell)
                for spell in (
                    str.capitalize,
                    str.upper,
                    lambda word: word.removesuffix("imum"),
                    lambda word: word.replace("saddle", "saddle point"),
                    lambda word: f"{word} point",
                    lambda word: word.replace("m", "local m", 1) if word[0] == "m" else word,
                )
            ),
        ),
        Mistake(
            "a case without an answer",
            "For some H no return is reached, so the answer is None; each case needs its word (is "
            "there an else?).",
            behaves_like=(
                forgets(lambda H, word: word == "saddle"),
                forgets(lambda H, word: word == "saddle" and H[0, 0] < 0),
                forgets(lambda H, word: word == "maximum"),
            ),
        ),
        NO_RETURN,
    ],
)

TASKS = [HESSIAN, NEWTON, MOMENTUM_DESCENT, CLASSIFY_STATIONARY_POINT]
