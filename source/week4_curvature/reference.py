"""Marking notes of week 4: curvature, Newton's method and momentum.

Three things hide this week's mistakes. A separable function has no mixed
second derivative, a quadratic one has the same Hessian everywhere, and in the
first step there is no velocity yet. So most calls here mix the coordinates,
bend unevenly, and take more than one step.
"""

from types import SimpleNamespace

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Task, curvature, draws, gradient, mistakes

# --- The right answers ---------------------------------------------------------------------


def hessian(f, v):
    """Second derivatives of f at v.

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
    return curvature(f, v)


def newton(f, v0, n_steps):
    """Path of the pure Newton iteration.

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
    return NEWTONS.right(f, v0, n_steps)


def momentum_descent(f, v0, lr, beta, n_steps):
    """Path of gradient descent with momentum (the heavy ball).

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
    return ROLLS.right(f, v0, lr, beta, n_steps)


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


# --- What several tasks share --------------------------------------------------------------

VALLEY = Function("5*v[0]**2 + 5*v[1]**2 - 9*v[0]*v[1]")
SURFACE = Function("v[0]**2 + sin(v[1])")

NOT_BY_AUTOGRAD = (
    "f takes torch tensors and nothing else, so differences of floats or arrays won't do: make a "
    "tensor that requires grad and let autograd take the slope."
)
REFUSED = TypeError("this f works on torch tensors and nothing else")

#: What a slip of the record costs, of 6 points, where the walk itself is right.
RECORD = dict.fromkeys(
    ["start missing", "one step short", "one step too many", "coordinates swapped"], 2
) | {"transposed output": 1, "modifies the start": 2}


# --- Task 1: hessian -----------------------------------------------------------------------


def mixed_places(rng):
    f, g, h = draws.surfaces(rng, 3)
    # Gentle ground bends by a few hundredths, and a steep valley by thousands.
    gentle, steep = draws.decimal(rng, 0.02, 0.04, 3), draws.whole(rng, 1500, 4000)
    v = draws.place(rng, 0.5, 0.95, 4)
    return [*draws.one_by_one(Call(f, v), Call(g, draws.mirrored(v))),
        Call(h, draws.place(rng)),
        Call(Function(f"{gentle}*v[0]**2*v[1] + {gentle}*sin(v[1])"), draws.place(rng)),
        Call(Function(f"{steep}*(v[0]**2 - v[1]**2) - {steep}*v[0]*v[1]"), draws.place(rng)),
        *draws.both_ends(Call(Function("v[0]**2*v[1] - v[1]**3"), draws.place(rng, 120, 150)), 1)]


def added_up(with_gradient, aliased):
    """Rows by backward() on one component after the other, and .grad never cleared."""

    def variation(f, v):
        first, both = np.cumsum(curvature(f, v), axis=0) + with_gradient * gradient(f, v)
        return np.array([both if aliased else first, both])

    return variation


def two_leaves(f, v):
    """Each coordinate a tensor of its own: where they don't mix, autograd refuses."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in v]
    slopes = torch.autograd.grad(f(leaves), leaves, create_graph=True)
    rows = [torch.autograd.grad(slope, leaves, retain_graph=True) for slope in slopes]
    return np.array([[entry.item() for entry in row] for row in rows])


HESSIAN_SLIPS = {
    "not by autograd": (NOT_BY_AUTOGRAD, mistakes.raising(REFUSED)),
    "accumulates gradients": ("backward() adds to v.grad, so a row still holds what was there "
        "before; clear it for each row, or use torch.autograd.grad.",
        *(added_up(g, aliased) for g in (True, False) for aliased in (True, False)),
        lambda f, v: curvature(f, v) + gradient(f, v)),
    "fails without a mixed term": ("Where the slope along x0 doesn't contain x1, autograd finds "
        "nothing to differentiate; let both coordinates be one tensor, or say allow_unused=True "
        "and put 0.", two_leaves),
    "second backward fails": ("The gradient has to be differentiated again: take it with "
        "create_graph=True, then one component at a time, with retain_graph=True while another is "
        "still to come.",
        *(mistakes.raising(RuntimeError(message)) for message in (
            "element 0 of tensors does not require grad and does not",
            "Trying to backward through the graph a second time",
            "grad can be implicitly created only for scalar outputs"))),
}

HESSIAN = Task(
    reference=hessian,
    criteria=[Criterion("functions where x0 and x1 don't mix", 1,
            draws.for_tensors(
                lambda rng: [Call(f, draws.place(rng)) for f in (draws.separable(rng), SURFACE)])),
        Criterion("tilted bowls and valleys; v stays as it was", 1,
            draws.for_tensors(
                lambda rng: [Call(f, draws.place(rng)) for f in (draws.bowl(rng), VALLEY)]),
            untouched=True),
        Criterion("functions that mix and bend everywhere anew", 2,
            draws.for_tensors(mixed_places))],
    mistakes=[
        *mistakes.hessians(notebook={"valley": VALLEY},
            rename={"one row only": "same row twice", "always at the same place": "another place",
                "coordinates of the place swapped": "another place",
                "fractions lost": "another place"},
            costs={"four numbers in a row": 1, "half of it": 2, "sign turned around": 2,
                "entries in the wrong place": 2}),
        *mistakes.named(HESSIAN_SLIPS),
        *mistakes.modifies(curvature, 1, "modifies v", costs={"modifies v": 1}),
        *mistakes.limits(mistakes.after_all(curvature)),
        *mistakes.keeps(curvature, ["f", "v"]),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 2: newton ------------------------------------------------------------------------


def newton_path(f, slope, v, n_steps):
    places = [v]
    for _ in range(n_steps):
        v = v - np.linalg.solve(curvature(f, v), slope(v))
        places.append(v)
    return places


NEWTONS = mistakes.Walk(newton_path, slope=gradient, parameters=(), dimensions=2)


def instead(step):
    """Another step: ``step(H, g)`` is what is taken away from the place."""
    return NEWTONS.taking(
        lambda f, slope, places: (places[-1] - step(curvature(f, places[-1]), slope(places[-1]))))


def curved_elsewhere(where):
    """The Hessian is that of ``where(places)``."""
    return NEWTONS.taking(
        lambda f, slope, places: (
            places[-1] - np.linalg.solve(curvature(f, where(places)), slope(places[-1]))
        ))


def one_by_one(f, slope, places):
    """One coordinate after the other, each by its own slope and curvature."""
    v = places[-1].copy()
    for i in range(2):
        v[i] -= slope(v)[i] / curvature(f, v)[i, i]
    return v


def backtracks(f, slope, places):
    """The step is halved, up to ten times, while it leads up."""
    v, halvings = places[-1], 0
    move = np.linalg.solve(curvature(f, v), slope(v))
    while f(v - move) > f(v) + 1e-9 and halvings < 10:
        move, halvings = move / 2, halvings + 1
    return v - move


def at_most_one(H, g):
    move = np.linalg.solve(H, g)
    return move / max(1, np.linalg.norm(move))


def absolute(H, g):
    """The step with every curvature counted as positive."""
    curvatures, directions = np.linalg.eigh(H)
    return directions @ (directions.T @ g / abs(curvatures))


def downhill(otherwise, bends_up=False):
    """Newton's step where it leads down, or where all bends up; else ``otherwise(step, g)``."""

    def step(H, g):
        move = np.linalg.solve(H, g)
        suits = np.linalg.eigvalsh(H)[0] if bends_up else g @ move
        return move if suits > 0 else otherwise(move, g)

    return step


def steadily_bent(f, v0, n_steps, highest=25.0):
    """Whether rounding does little to a Newton path, and each of its places matters."""
    try:
        path = NEWTONS.right(f, v0, n_steps)
    except np.linalg.LinAlgError:  # far out, where the ground is flat
        return False
    if not np.all(np.abs(path) < 8):  # nan compares as False
        return False
    sizes = [np.abs(np.linalg.eigvalsh(curvature(f, v))) for v in path]
    return all(low > 0.25 and high < highest * low for low, high in map(np.sort, sizes))


def newton_call(rng, function, n_steps, suits=lambda f, path: True):
    """A Newton path that is worth asking for, or the last one tried."""

    def worth(call):
        f, v0, n_steps = call.arguments
        if not steadily_bent(f, v0, n_steps):
            return False
        path = NEWTONS.right(f, v0, n_steps)
        moved = np.linalg.norm(np.diff(path, axis=0), axis=1)
        return bool(np.all(moved[:2] > 0.1) and suits(f, path))

    return draws.until(worth, lambda: Call(function(rng), draws.place(rng), n_steps), tries=200)


def bends_anew(f, path):
    """Whether the Hessian differs noticeably between the first places."""
    return bool(np.abs(curvature(f, path[0]) - curvature(f, path[1])).max() > 0.2)


def not_upwards(f, path):
    """Whether some curvature at the start is negative, so that Newton may climb."""
    return bool(np.linalg.eigvalsh(curvature(f, path[0]))[0] < -0.3)


def leads_up(f, path):
    """Whether the first step climbs, from a place that bends down in some direction."""
    return bool(f(path[1]) > f(path[0]) + 0.1) and not_upwards(f, path)


def newton_none_and_one(rng):
    return [Call(draws.surface(rng), draws.place(rng), 0), newton_call(rng, draws.surface, 1),
        newton_call(rng, draws.surface, 1)]


def newton_bowls(rng):
    # The bottom is reached at once; the other steps stay there, and nobody is to stop.
    x, y = draws.signed(rng, 2500, 4000, 0), draws.signed(rng, 2500, 4000, 0)
    bowl = Call(draws.bowl(rng), draws.place(rng, 0.5, 0.95, 4), draws.whole(rng, 3, 4))
    return [
        bowl,
        draws.twin(bowl, 1, draws.mirrored(bowl.arguments[1])),
        # In eighths, on which rounding leaves no trace: one of few narrow valleys is always asked.
        Call(VALLEY, draws.place(rng, 4, 16, 0) / 8, draws.whole(rng, 21, 24)),
        # From far away to a bottom far away.
        Call(Function(f"(v[0] - {x})**2 + 2*(v[1] - {y})**2 + v[0]*v[1]"),
            draws.across(rng, 120, 150), 2),
    ]


def newton_paths(rng):
    path = newton_call(rng, draws.surface, 2, bends_anew)
    longer = newton_call(rng, draws.surface, draws.whole(rng, 3, 4), bends_anew)
    a, b = draws.decimal(rng, 0.8, 1.2), draws.decimal(rng, 1.3, 1.7)
    small = Function(f"{b} + {a}*v[0]**2 + {b}*v[1]**2 + v[0]**2*v[1] + {a}*sin(v[0]*v[1])")
    return [
        *draws.one_by_one(path, longer),
        longer,
        newton_call(rng, draws.separable, 3, bends_anew),
        # A few hundredths from the bottom, and so near to it that the ground seems flat.
        Call(small, draws.place(rng, 0.05, 0.12), 1),
        Call(small, draws.place(rng, 2e-4, 4e-4, 5), 1),
    ]


def newton_climbs(rng):
    return [newton_call(rng, draws.hills, 1, leads_up),
        newton_call(rng, draws.hills, draws.whole(rng, 2, 3), not_upwards)]


#: What somebody may have put in place of one over the curvature.
RATES = (1.0, 0.5, 0.25, 0.1, 0.05, 0.01)

NEWTON_SLIPS = {
    "not by autograd": (NOT_BY_AUTOGRAD,
        *mistakes.refusing(NEWTONS.right, lambda f, v0, n_steps: n_steps == 0, REFUSED)),
    "H frozen at the start": ("The Hessian is that of another place, mostly because it is taken "
        "once and kept; where f isn't quadratic it has to be taken anew at each place.",
        curved_elsewhere(lambda places: places[0]),
        curved_elsewhere(lambda places: places[max(len(places) - 2, 0)]),
        curved_elsewhere(lambda places: np.zeros(2)), curved_elsewhere(lambda places: np.ones(2))),
    "ignores the curvature": ("This is gradient descent; the step of Newton's method is H⁻¹g.",
        *(instead(lambda H, g, lr=lr: lr * g) for lr in RATES)),
    "turned downhill": ("Where the ground bends down, pure Newton climbs, and here it should; "
        "don't turn the curvature or the step around.", instead(absolute),
        instead(downhill(lambda move, g: -move)),
        *(instead(downhill(lambda move, g, lr=lr: lr * g, bends_up)) for lr in RATES
            for bends_up in (False, True))),
}

NEWTON = Task(
    reference=newton,
    criteria=[Criterion("no step, and one step; the start stays as it was", 2,
            draws.for_tensors(newton_none_and_one), untouched=True),
        Criterion("a bowl: at its bottom in one step, then staying", 1,
            draws.for_tensors(newton_bowls)),
        Criterion("many steps where the curvature changes", 2, draws.for_tensors(newton_paths)),
        Criterion("also to saddles and hilltops", 1, draws.for_tensors(newton_climbs))],
    mistakes=[
        *mistakes.steps(NEWTONS, notebook={"valley": VALLEY}, flat=(1e-2, 1e-3, 1e-6),
            waits=(1e-2,), rename={"climbs": "plus sign"},
            reword={"climbs": "The step goes the wrong way: take H⁻¹g away from v, don't add it.",
                "damped": "The step is shorter than H⁻¹g (by a learning rate, a limit, or an H too "
                "large); pure Newton takes all of it, even where it leads up."},
            also={"damped": [instead(at_most_one), NEWTONS.taking(backtracks)],
                "gradient computed once": [
                    NEWTONS.moving(lambda step, v, start, k: v + step(start) - start)]}),
        *mistakes.solving(instead, rename={"H times g": "H times the gradient"},
            also={"diagonal of H only": [NEWTONS.taking(one_by_one)]}),
        *mistakes.named(NEWTON_SLIPS),
        *mistakes.records(NEWTONS, costs=RECORD),
        *mistakes.limits(NEWTONS.after),
        *mistakes.keeps(NEWTONS.right, ["f", "v0", "n_steps"]),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 3: momentum_descent --------------------------------------------------------------


def rolling(push, move=lambda s: s.v - s.lr * s.u, u0=lambda s: 0 * s.v):
    """A way of walking: ``push(s)`` is the new velocity, ``move(s)`` the new place.

    The state s has the place v, its gradient g, the velocity u and the one before, `old`, the
    `slope` at any place, lr, beta and the number of the step, k.
    """

    def path(f, slope, v, lr, beta, n_steps):
        s = SimpleNamespace(v=v, slope=slope, lr=lr, beta=beta)
        places = [v]
        for s.k in range(n_steps):
            s.g = slope(s.v)
            s.old = s.u if s.k else u0(s)
            s.u = s.old
            s.u = push(s)
            s.v = move(s)
            places.append(s.v)
        return places

    return path


def heavy(s):
    """The right velocity."""
    return s.beta * s.u + s.g


ROLLS = mistakes.Walk(rolling(heavy), slope=gradient, parameters=("lr", "beta"), dimensions=2)


def pushed(push):
    return ROLLS.by(rolling(push))


def moved(move):
    return ROLLS.by(rolling(heavy, move))


def coordinate_by_coordinate(f, slope, v, lr, beta, n_steps):
    u, places = 0 * v, [v]
    for _ in range(n_steps):
        v = v.copy()
        for i in range(2):
            u[i] = beta * u[i] + slope(v)[i]
            v[i] -= lr * u[i]
        places.append(v)
    return places


def velocities(f, v0, lr, beta, n_steps):
    path = ROLLS.right(f, v0, lr, beta, n_steps)
    return np.vstack([np.zeros((1, 2)), (path[:-1] - path[1:]) / lr])


def roll(rng, f, far, lr, beta, n_steps):
    """A call; `far`, `lr`, `beta` and `n_steps` are limits."""
    return Call(f, draws.place(rng, *far), draws.decimal(rng, *lr), draws.decimal(rng, *beta),
        draws.whole(rng, *n_steps))


NEAR = (0.5, 2.0)


def momentum_none_and_one(rng):
    f, g = draws.surfaces(rng, 2)
    return [roll(rng, f, NEAR, (0.1, 0.4), (0.3, 0.9), (0, 0)),
        roll(rng, g, NEAR, (0.1, 0.3), (0.3, 0.9), (1, 1)),
        roll(rng, draws.bowl(rng), NEAR, (0.05, 0.2), (0.3, 0.9), (1, 1))]


def momentum_few(rng):
    return [
        # A place so far away that the ground is steep.
        *draws.both_ends(
            roll(rng, draws.bowl(rng), (120, 150), (0.1, 0.25), (0.3, 0.45), (2, 2)), 1),
        roll(rng, draws.surface(rng), NEAR, (0.1, 0.25), (0.6, 0.8), (3, 3)),
        # A walk of a few hundredths.
        roll(rng, draws.bowl_at_the_origin(rng), (0.05, 0.12), (0.1, 0.25), (0.3, 0.6), (3, 3)),
    ]


def momentum_many(rng):
    f, g = draws.surfaces(rng, 2)
    walk = roll(rng, f, NEAR, (0.05, 0.12), (0.5, 0.9), (4, 7))
    longer = roll(rng, g, NEAR, (0.03, 0.1), (0.3, 0.8), (11, 14))
    v = draws.place(rng, 0.5, 0.95, 4)
    walk, longer = draws.twin(walk, 1, v), draws.twin(longer, 1, draws.mirrored(v))
    return [
        *draws.one_by_one(walk, longer),
        longer,
        # Long enough for the gradient to vanish: nobody is to stop before n_steps.
        roll(rng, draws.bowl(rng), NEAR, (0.2, 0.2), (0.2, 0.4), (101, 105)),
    ]


def momentum_edges(rng):
    f, g = draws.surfaces(rng, 2)
    return [
        roll(rng, f, NEAR, (0.05, 0.2), (0, 0), (3, 5)),
        roll(rng, g, NEAR, (0.03, 0.08), (0.92, 0.98), (3, 5)),
        roll(rng, draws.bowl(rng), NEAR, (0.6, 0.9), (0.3, 0.6), (4, 4)),
        # Out of the bowl, and far away.
        roll(rng, draws.bowl(rng), NEAR, (2.5, 3), (0.3, 0.6), (6, 6)),
    ]


def one_velocity_for_all():
    """A velocity that outlives the call, as a global one does."""
    kept = [np.zeros(2)]

    def push(s):
        kept.append(heavy(s))
        return kept[-1]

    return ROLLS.by(rolling(push, u0=lambda s: kept[-1]))


MOMENTUM_SLIPS = {
    "not by autograd": (NOT_BY_AUTOGRAD,
        *mistakes.refusing(ROLLS.right, lambda f, v0, lr, beta, n_steps: n_steps == 0, REFUSED)),
    "gradient times (1 - beta)": ("The gradient goes into the velocity whole: u is beta·u + g, "
        "without a (1 - beta).", pushed(lambda s: s.beta * s.u + (1 - s.beta) * s.g),
        pushed(lambda s: s.beta * s.u + (1 - s.beta if s.k else 1) * s.g)),
    "weights exchanged": ("It is the velocity that beta shortens: u is beta·u + g.",
        pushed(lambda s: (1 - s.beta) * s.u + s.g),
        pushed(lambda s: (1 - s.beta) * s.u + s.beta * s.g), pushed(lambda s: s.u + s.beta * s.g),
        pushed(lambda s: s.beta * (s.u + s.g))),
    "velocity reset each step": ("This is plain gradient descent: the velocity has to live on from "
        "one step to the next, so start it at 0 before the loop, not inside.",
        pushed(lambda s: s.g)),
    "velocity turned around": ("The old velocity is taken away instead of carried on: u is beta·u "
        "plus g.", pushed(lambda s: s.g - s.beta * s.u)),
    "velocity never fades": ("The velocity only grows; multiply the old one by beta at each step.",
        pushed(lambda s: s.u + s.g)),
    "beta changes with the step": ("beta is taken to the power of the step; the same beta counts "
        "at each step.", pushed(lambda s: s.beta**s.k * s.u + s.g),
        pushed(lambda s: s.beta ** (s.k + 1) * s.u + s.g)),
    "Nesterov look-ahead": ("The gradient is taken where the velocity would lead (Nesterov's "
        "variant); take it at the place where you are.",
        pushed(lambda s: s.beta * s.u + s.slope(s.v - s.lr * s.beta * s.u)),
        moved(lambda s: s.v - s.lr * (s.g + s.beta * s.u))),
    "moves too late": ("The walker moves by the velocity of the step before; update the velocity "
        "first, then move.", moved(lambda s: s.v - s.lr * s.old)),
    "lr for one part only": ("The learning rate scales the whole move lr·u, old velocity and new "
        "gradient alike.", moved(lambda s: s.v - s.u),
        moved(lambda s: s.v - s.lr * s.g - (s.u - s.g))),
    "only the last gradient": ("Only the gradient of the step before is carried on; it is the "
        "velocity u, with all that is in it, that beta shortens.",
        ROLLS.by(rolling(lambda s: s.g, lambda s: s.v - s.lr * (s.g + s.beta * s.old)))),
    "pushed at the start": ("The velocity starts at 0; yours starts with the first gradient, which "
        "then counts again.", ROLLS.by(rolling(heavy, u0=lambda s: s.g))),
    "lr and beta swapped": ("lr and beta have changed places: beta keeps the velocity, lr scales "
        "the move.", lambda f, v0, lr, beta, n_steps: ROLLS.right(f, v0, beta, lr, n_steps)),
    "ignores beta": ("The walk is the same whatever beta is; use the beta that is given.",
        *(ROLLS.with_parameter(1, lambda _, beta=beta: beta) for beta in (0.9, 0.5))),
    "velocities instead of places": ("These are the velocities u; the path consists of the places "
        "v.", velocities),
}

MOMENTUM_DESCENT = Task(
    reference=momentum_descent, by_name=False,
    criteria=[Criterion("no step, and one step; the start stays as it was", 1,
            draws.for_tensors(momentum_none_and_one), untouched=True),
        Criterion("two and three steps: the velocity is carried on", 2,
            draws.for_tensors(momentum_few)),
        Criterion("longer walks on any function", 2, draws.for_tensors(momentum_many)),
        Criterion("beta 0, beta close to 1, and a large lr", 1, draws.for_tensors(momentum_edges))],
    mistakes=[
        *mistakes.steps(ROLLS, notebook={"valley": VALLEY}, rates=(0.5, 0.25, 0.1, 0.01),
            leave_out=["ignores the sign of lr", "refuses a negative lr"],
            rename={"clips the gradient": "normalised gradient"},
            reword={"climbs": "The gradient points uphill; move against the velocity.",
                "normalised gradient": "The gradient goes in as it is, short on gentle ground and "
                "long on steep ground; don't scale it to length 1, nor clip it.",
                "lr twice": "The learning rate is multiplied in twice; put it into the velocity or "
                "into the move, not into both."},
            also={"sequential update": [ROLLS.by(coordinate_by_coordinate)]}),
        *mistakes.named(MOMENTUM_SLIPS),
        *mistakes.records(ROLLS, costs=RECORD,
            also={"remembers the last call": [one_velocity_for_all]},
            reword={"remembers the last call": "What the call before has found is still there: make "
                "list and velocity inside the function (a default argument is made only once)."}),
        *mistakes.limits(ROLLS.after),
        *mistakes.keeps(ROLLS.right, ["f", "v0", "lr", "beta", "n_steps"]),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 4: classify_stationary_point -----------------------------------------------------


def table(a, b, c):
    return np.array([[a, b], [b, c]])


def round_bowl(rng):
    """A minimum with a mixed derivative."""
    return table(draws.decimal(rng, 2, 4), draws.signed(rng, 0.5, 1.5), draws.decimal(rng, 2, 4))


def steep_saddle(rng, sign):
    """A saddle, though both entries on the diagonal are positive."""
    a, c = draws.decimal(rng, 0.5, 2), draws.decimal(rng, 0.5, 2)
    return table(a, sign * draws.decimal(rng, 2.6, 4), c)


def gentle_bowl(rng):
    """A minimum where the ground bends little in every direction, but clearly."""
    a, c = draws.decimal(rng, 0.004, 0.006, 4), draws.decimal(rng, 0.004, 0.006, 4)
    return table(a, draws.signed(rng, 0.001, 0.002, 4), c)


def narrow_saddle(rng):
    """A saddle that bends the other way only between an axis and a diagonal."""
    a = draws.decimal(rng, 0.8, 1.4)
    b, c = draws.signed(rng, 3.6 * a, 4.2 * a), draws.decimal(rng, 8 * a, 10 * a)
    return draws.choice(rng, table(a, b, c), table(c, b, a))


def long_valley(rng):
    """A minimum whose mixed derivative is larger than one of those on the diagonal."""
    a = draws.decimal(rng, 0.8, 1.4)
    return table(a, draws.signed(rng, 1.6 * a, 1.9 * a), draws.decimal(rng, 5 * a, 6 * a))


def asked(rng, *hessians):
    return [Call(H) for H in draws.shuffled(rng, hessians)]


def plain_points(rng):
    a, b = draws.decimal(rng, 0.5, 4), draws.decimal(rng, 0.5, 0.95)
    return asked(rng, table(a, 0.0, b), table(-a, 0.0, -b), table(a, 0.0, -b))


def tilted_points(rng):
    a, b, c, d = (draws.decimal(rng, 1, 4) for _ in range(4))
    return asked(rng, round_bowl(rng),
        table(3.0, -draws.decimal(rng, 0.5, 1.5), draws.decimal(rng, 2, 4)), -round_bowl(rng),
        table(-3.0, draws.decimal(rng, 0.5, 1.5), -draws.decimal(rng, 2, 4)),
        table(a, draws.signed(rng, 0.5, 3), -b), table(-c, draws.signed(rng, 0.5, 3), d),
        gentle_bowl(rng), -gentle_bowl(rng), long_valley(rng), -long_valley(rng),
        table(draws.decimal(rng, 120, 150), 1.0, 2.0), table(-2.0, 1.0, -draws.whole(rng, 120, 150)))


def hidden_saddles(rng):
    return asked(rng, steep_saddle(rng, 1), steep_saddle(rng, -1),
        -steep_saddle(rng, draws.choice(rng, -1, 1)),
        table(0.0, draws.signed(rng, 0.5, 3), draws.decimal(rng, 0.5, 2)),
        table(0.0, draws.signed(rng, 0.5, 3), 0.0), narrow_saddle(rng), -narrow_saddle(rng),
        # The determinant of a small bowl is small, and yet it is a minimum.
        table(0.9, draws.signed(rng, 0.3, 0.5), 0.8), round_bowl(rng), -round_bowl(rng))


def by_signs(numbers):
    """Judges by two numbers that stand in for the curvatures."""

    def variation(H):
        found = np.ravel(numbers(H))
        return _kind(np.all(found > 0), np.all(found < 0))

    return variation


def by_determinant(determinant, positive, negative="saddle"):
    """Judges by the sign of a determinant; `positive(H)` is the word if it is above 0."""
    return lambda H: positive(H) if determinant(H) > 0 else negative


def by_corner(H):
    return "minimum" if H[0, 0] > 0 else "maximum"


def cut_to_integers(H):
    low, high = np.linalg.eigvalsh(H).astype(int)
    return "saddle" if low * high < 0 else "minimum" if low + high > 0 else "maximum"


def minors(H):
    """H[0, 0] and the determinant; at a maximum they differ in sign."""
    return np.array([H[0, 0], np.linalg.det(H)])


def along(*ways):
    """Judges by how f bends in these directions."""
    return by_signs(lambda H: [np.array(way) @ H @ np.array(way) for way in ways])


def renamed(**names):
    """The right answer under another name."""
    return lambda H: names.get(classify_stationary_point(H), classify_stationary_point(H))


SPELLED = [
    renamed(minimum=case(low), maximum=case(high), saddle=case(saddle))
    for low, high in (("minimum", "maximum"), ("min", "max"), ("local minimum", "local maximum"),
        ("minima", "maxima"), ("minimum point", "maximum point"))
    for saddle in ("saddle", "saddle point", "saddlepoint")
    for case in (str, str.title, str.capitalize, lambda word: word.replace(" ", "_"))
    if (case(low), case(saddle)) != ("minimum", "saddle")
]


CLASSIFY_SLIPS = {
    "diagonal only": ("The diagonal says how f bends along x0 and along x1, but it may bend the "
        "other way in between; look at the eigenvalues, or at the determinant with the diagonal.",
        by_signs(np.diag), lambda H: _kind(np.all(np.diag(H) >= 0), np.all(np.diag(H) <= 0)),
        by_determinant(lambda H: H[0, 0] * H[1, 1], by_corner)),
    "a few directions only": ("f may bend the other way in a direction that you haven't looked at; "
        "the eigenvalues are the least and the greatest curvature of all directions.",
        along((1, 0), (0, 1), (1, 1), (1, -1)), along((1, 0), (0, 1), (1, 1)),
        along((1, 0), (0, 1), (1, -1)), along((1, 1), (1, -1))),
    "little taken for nothing": ("A curvature or a determinant may be small: only its sign counts, "
        "so compare it with 0, and don't round it.",
        lambda H: _kind(*(np.all(s * np.linalg.eigvalsh(H) > 0.1) for s in (1, -1))),
        by_determinant(lambda H: np.linalg.det(H) - 0.01, by_corner),
        by_signs(lambda H: np.linalg.eigvalsh(H).astype(int)),
        by_signs(lambda H: np.linalg.eigvalsh(H).round()), cut_to_integers),
    "large mixed derivative": ("Its size alone makes no saddle: compare H[0, 1]² with the product "
        "H[0, 0]·H[1, 1].", lambda H: (classify_stationary_point(H)
            if abs(H[0, 1]) < abs(np.diag(H)).min() else "saddle")),
    "signs of the entries": ("The signs of the four entries don't decide: a bowl may well have a "
        "negative mixed derivative; look at the eigenvalues.", by_signs(lambda H: H),
        lambda H: _kind(np.all(H >= 0), np.all(H <= 0))),
    "determinant alone": ("A positive determinant says that both curvatures have the same sign, "
        "but not which: minimum or maximum is decided by H[0, 0] (or the trace).",
        by_determinant(np.linalg.det, lambda H: "minimum"),
        by_determinant(np.linalg.det, lambda H: "maximum"),
        by_determinant(np.linalg.det, lambda H: "minimum", "maximum")),
    "determinant slipped": ("The determinant isn't right: it is H[0, 0]·H[1, 1] - H[0, 1]·H[1, 0].",
        by_determinant(lambda H: H[0, 0] * H[1, 1] + H[0, 1] ** 2, by_corner),
        by_determinant(lambda H: H[0, 0] * H[1, 1] - H[0, 1], by_corner),
        by_determinant(lambda H: H[0, 1] ** 2 - H[0, 0] * H[1, 1], by_corner)),
    "saddle never": ("One number can't tell three cases apart: a saddle bends up in one direction "
        "and down in another, so look at both eigenvalues.",
        lambda H: "minimum" if np.trace(H) > 0 else "maximum", by_corner,
        lambda H: _kind(np.trace(H) > 0, np.trace(H) < 0)),
    "saddle and maximum swapped": ("A maximum has two negative eigenvalues (and a positive "
        "determinant), a saddle one of each sign.", renamed(saddle="maximum", maximum="saddle"),
        renamed(saddle="minimum", minimum="saddle"),
        lambda H: _kind(*(np.all(s * minors(H) > 0) for s in (1, -1)))),
    "one curvature is enough": ("A minimum needs all eigenvalues above 0 and a maximum all below; "
        "one of them doesn't decide (is there an `any` that should be `all`?).",
        renamed(saddle="minimum"), renamed(saddle="maximum")),
    "numbers instead of a word": ("The curvatures are there, but the answer is one of the words "
        "\"minimum\", \"maximum\" and \"saddle\".", np.linalg.eigvalsh, np.linalg.det),
}

CLASSIFY_STATIONARY_POINT = Task(
    reference=classify_stationary_point,
    library="np",
    criteria=[Criterion("one of each, without a mixed derivative", 1, plain_points),
        Criterion("with a mixed derivative", 1, tilted_points),
        Criterion("saddles that the diagonal hides", 2, hidden_saddles)],
    mistakes=[
        *mistakes.named(CLASSIFY_SLIPS),
        *mistakes.words(classify_stationary_point, ["minimum", "maximum", "saddle"],
            also={
                "spelled differently": SPELLED,
                # A tilted saddle may be another branch than a plain one.
                "a case without an answer": [lambda H: (None
                    if classify_stationary_point(H) == "saddle" and H[0, 0] < 0
                    else classify_stationary_point(H))]},
            costs={"spelled differently": 1}),
        *mistakes.returns_nothing(),
    ],
)

TASKS = [HESSIAN, NEWTON, MOMENTUM_DESCENT, CLASSIFY_STATIONARY_POINT]
