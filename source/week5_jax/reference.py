"""Marking notes of week 5: the same descent in JAX.

Right answers and mistakes are computed in float64 and never import JAX; what students return in float32 agrees well inside the tolerance. Three
things hide this week's mistakes: scalars hide what is wrong with vectors,
floats hide what is wrong with whole numbers, and a function that is not under
``jax.jit`` may convert, branch and append as it likes. So all of these are asked.
"""

from functools import lru_cache

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, derivative, gradient

#: What the notebook imports beside torch, NumPy and matplotlib.
REQUIRES = ("jax",)

# --- The right answers ---------------------------------------------------------------------


def slope(f):
    """The derivative of f, as a function.

    Parameters
    ----------
    f : callable
        A smooth JAX function of one number.

    Returns
    -------
    callable
        Takes a float and returns the slope of f there.
    """
    return lambda x: derivative(f, x)


def slopes(f, xs):
    """Slopes of f at many places at once.

    Parameters
    ----------
    f : callable
        A smooth JAX function of one number.
    xs : ndarray, shape (n,)
        Floats or ints.

    Returns
    -------
    ndarray, shape (n,)
    """
    return derivative(f, np.asarray(xs, dtype=float))


def gradient_descent_jax(f, x0, lr, n_steps):
    """The path of gradient descent from a number or from a point.

    Parameters
    ----------
    f : callable
        A smooth JAX function of what `x0` is.
    x0 : float, int or ndarray, shape (2,)
        The start, left untouched.
    lr : float
        Step size; may be large or negative.
    n_steps : int
        Number of updates, 0 or more.

    Returns
    -------
    ndarray, shape (n_steps + 1,) or (n_steps + 1, 2)
        The start and the place after each update, however often and however
        it is called (``jax.jit`` with f and n_steps static).
    """
    return walk(x0, n_steps, lambda x, k: x - lr * steepness(f, x))


def hessian_of(f):
    """The second derivatives of f, as a function.

    Parameters
    ----------
    f : callable
        A smooth JAX function of a point; not linear.

    Returns
    -------
    callable
        Takes an array of shape (2,) and returns one of shape (2, 2).
    """

    def at(v):
        leaf = torch.tensor(v, dtype=torch.float64, requires_grad=True)
        (slopes,) = torch.autograd.grad(f(leaf), leaf, create_graph=True)
        rows = [torch.autograd.grad(slope, leaf, retain_graph=True)[0] for slope in slopes]
        return torch.stack(rows).numpy()

    return at


def steepness(f, x):
    """The slope of f at a number, or its gradient at a point."""
    return gradient(f, x) if np.ndim(x) else float(derivative(f, x))


def walk(x0, n_steps, step):
    """The path of `step(x, k)` from a number or a point, start first."""
    path = [np.array(x0, dtype=float)]
    for k in range(n_steps):
        path.append(np.asarray(step(path[-1], k)))
    return np.array(path)


def second(f, v, h=1e-5):
    """The Hessian, shape (2, 2), by differences of exact gradients; good to about ten digits."""
    v = np.asarray(v, dtype=float)
    steps = h * np.eye(2)
    around = gradient(f, v[:, None] + np.hstack([steps, -steps]))
    return (around[:, :2] - around[:, 2:]) / (2 * h)


# --- What several tasks share --------------------------------------------------------------


def number(rng, low, high):
    """A number that a student can read and type."""
    return round(float(rng.uniform(low, high)), 2)


def either_sign(rng, low, high):
    return number(rng, low, high) * int(rng.choice([-1, 1]))


def place(rng, low=0.5, high=2.0):
    """A place off both axes, shape (2,)."""
    return np.round(rng.uniform(low, high, size=2) * rng.choice([-1, 1], size=2), 2)


def polynomial(rng):
    a, b, c = number(rng, 0.4, 0.9), either_sign(rng, 0.6, 1.9), either_sign(rng, 0.5, 2.5)
    return Function(f"{a}*x**3 + {b}*x**2 - {c}*x".replace("+ -", "- ").replace("- -", "+ "))


def smooth(rng, count):
    """Different functions of one number, each with a slope of its own everywhere."""
    a, b, c = number(rng, 0.6, 1.4), number(rng, 1.2, 1.9), number(rng, 0.6, 1.1)
    formulas = (
        f"{a}*sin({b}*x) + {c}*x**2",
        f"exp(-{a}*x) + {b}*x",
        f"log({b} + x**2) - {c}*cos(x)",
        f"sqrt({b} + x**2) + {c}*sin(2*x)",
        f"tanh({a}*x) - {c}*x**2 + {b}*x",
        f"{a}*x*cos(x) + {b}*x**2/2",
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


def valleys(rng, count):
    """Different functions of one number whose walks with moderate steps stay tame."""
    a, b, c = number(rng, 0.6, 1.2), number(rng, 1.2, 1.8), number(rng, 0.4, 0.8)
    formulas = (
        f"{a}*x**2 + {c}*sin({b}*x)",
        f"sqrt({b} + x**2) + {c}*cos(x)",
        f"log({b} + x**2) + {a}*x**2/2",
        f"exp(-{c}*x) + {a}*x**2",
        f"{a}*x**2 - {c}*tanh({b}*x)",
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


def plain(rng):
    """A valley so wide that it looks flat."""
    return Function(f"{number(rng, 0.6, 1.2)}*x**2/5000")


def bowl(rng):
    """A tilted bowl: quadratic, convex, with a mixed term."""
    a, b, c = number(rng, 0.6, 1.0), number(rng, 1.3, 1.9), number(rng, 0.6, 1.1)
    return Function(f"{a}*v[0]**2 + {b}*v[1]**2 + {c}*v[0]*v[1] - {number(rng, 0.5, 1.5)}*v[0]")


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
    )
    return [Function(str(formula)) for formula in rng.choice(formulas, count, replace=False)]


SQUARE = Function("x**2")
POLY = Function("x - 4*x**2 + x**4/4")
VALLEY = Function("5*v[0]**2 + 5*v[1]**2 - 9*v[0]*v[1]")


def nothing(*arguments):
    return None


def raises(kind, message):
    """Whatever it is called with, it fails like this; `kind` may be the name of an error of JAX."""
    error = type(kind, (Exception,), {}) if isinstance(kind, str) else kind

    def variation(*arguments):
        raise error(message)

    return variation


GRAD_OF_A_VECTOR = "Gradient only defined for scalar-output functions. Output had shape: (2,)."
INTEGERS = "grad requires real- or complex-valued inputs (input dtype that is a sub-dtype of"
LEAKED = "Encountered an unexpected tracer. A function transformed by JAX had a side effect"
IMMUTABLE = "JAX arrays are immutable and do not support in-place item assignment."


def missing(name, argument):
    return f"{name}() missing 1 required positional argument: {argument!r}"


def no_function(name, argument, at):
    """Answers that come too early: a value, where a function was asked for."""
    return Mistake(
        "a value, not a function",
        f"{name} is given f alone and hands back a function; whoever calls that one brings the "
        f"{argument}.",
        behaves_like=(
            *(lambda f, x=x: np.asarray(at(f, x)) for x in (0.0, 1.0)),
            lambda f: 1.0,
            raises(TypeError, missing(name, argument)),
            raises(TypeError, missing("<lambda>", argument)),
            raises(NameError, f"name {argument!r} is not defined"),
        ),
    )


def first_function_kept(right):
    """Fresh behaviours that answer for the f of the first call for ever."""

    def fresh():
        kept = []

        def behaviour(f, *rest):
            kept.append(f)
            return right(kept[0], *rest)

        return behaviour

    return fresh


NO_RETURN = Mistake(
    "returns nothing",
    "The function computes but hands nothing back: end it with a return (printing is not "
    "returning).",
    behaves_like=(nothing,),
)


# --- Task 1: slope -------------------------------------------------------------------------


def polynomials(rng):
    """On gentle ground, and far out where it is steep."""
    return [Call(polynomial(rng)).then(either_sign(rng, *far)) for far in ((0.4, 2), (12.0, 15.0))]


def smooth_functions(rng):
    return [Call(f).then(either_sign(rng, 0.4, 2)) for f in smooth(rng, 3)]


def from_slope(change):
    """A function of a function, from what becomes of f, x and the slope."""
    return lambda f: lambda x: change(f, x, derivative(f, x))


def bend(f, x, h=1e-5):
    """The second derivative of a function of one number."""
    return (derivative(f, x + h) - derivative(f, x - h)) / (2 * h)


def coarse(f, x):
    """Difference quotients with steps too long: forward, central, and back to 0."""
    yield from ((f(x + h) - f(x)) / h for h in (1.0, 0.1, 0.01, 1e-3))
    yield from ((f(x + h) - f(x - h)) / (2 * h) for h in (1.0, 0.5, 0.1))
    yield (f(x) - f(0.0)) / x


COARSE = range(len(list(coarse(SQUARE, 1.0))))

SLOPE = Task(
    reference=slope,
    library="jnp",
    criteria=[
        Criterion("polynomials", points=2, calls=polynomials),
        Criterion("any smooth function", points=2, calls=smooth_functions),
    ],
    mistakes=[
        Mistake(
            "value instead of slope",
            "This is the height f(x); the slope is what grad(f) gives.",
            behaves_like=(lambda f: f, from_slope(lambda f, x, s: [f(x), s])),
        ),
        no_function("slope", "x", lambda f, x: derivative(f, x)),
        Mistake(
            "always at the same place",
            "The slope is taken at a place of your own; take it at the x that the function is "
            "called with.",
            behaves_like=tuple(
                lambda f, at=at: lambda x: derivative(f, at) for at in (0.0, 1.0, 2.0, 3.0)
            ),
        ),
        Mistake(
            "differentiated twice",
            "This is the second derivative, how the slope changes; one grad is enough.",
            behaves_like=from_slope(lambda f, x, s: bend(f, x)),
        ),
        Mistake(
            "sign turned around",
            "The sign is turned around: the slope is positive where f rises.",
            behaves_like=from_slope(lambda f, x, s: -s),
        ),
        Mistake(
            "sign lost",
            "The slope has lost its sign: it is negative where f falls.",
            behaves_like=from_slope(lambda f, x, s: abs(s)),
        ),
        Mistake(
            "clipped",
            "Steep ground has come out less steep; return the slope as it is, however large.",
            behaves_like=tuple(
                from_slope(lambda f, x, s, most=most: np.clip(s, -most, most))
                for most in (1, 10, 100)
            ),
        ),
        Mistake(
            "keeps the first function",
            "This is the slope of a function from an earlier call; what you keep between calls "
            "must not depend on f.",
            behaves_like=first_function_kept(slope),
            stateful=True,
        ),
        Mistake(
            "fractions of x lost",
            "x has become a whole number on the way; grad takes it as it is.",
            behaves_like=(
                lambda f: lambda x: derivative(f, float(int(x))),
                lambda f: lambda x: derivative(f, float(round(x))),
            ),
        ),
        Mistake(
            "differences too coarse",
            "A difference quotient is only roughly the slope; grad(f) is exact and shorter.",
            behaves_like=tuple(
                from_slope(lambda f, x, s, k=k: list(coarse(f, x))[k]) for k in COARSE
            ),
        ),
        Mistake(
            "slope hard-coded",
            "This is the slope of one function, whatever f is; differentiate the f that is given.",
            behaves_like=(
                lambda f: lambda x: derivative(SQUARE, x),
                lambda f: lambda x: derivative(POLY, x),
            ),
        ),
        Mistake(
            "returns nothing",
            "Somewhere a return is missing: slope returns a function, and that function returns "
            "the slope.",
            behaves_like=(nothing, lambda f: nothing),
        ),
    ],
)


# --- Task 2: slopes ------------------------------------------------------------------------


def places(rng, count, far=2.5):
    """Places in no order, shape (count,); of many, some come twice."""
    return np.round(rng.uniform(-far, far, size=count), 2)


def float_places(rng):
    f, g = smooth(rng, 2)
    # All of one length, as JAX compiles anew for each.
    return [Call(h, places(rng, 5)) for h in (f, g)] + [Call(polynomial(rng), places(rng, 5, 9))]


def whole_places(rng):
    f, g = smooth(rng, 2)
    return [Call(f, rng.permutation(np.arange(-2, 3))), Call(g, rng.permutation(np.arange(1, 6)))]


def few_and_many(rng):
    f, g = smooth(rng, 2)
    return [Call(f, places(rng, 1)), Call(g, places(rng, 60))]


def from_slopes(change):
    return lambda f, xs: change(slopes(f, xs))


def only_floats(behaviour, otherwise):
    """Does something else when the numbers are whole."""

    def variation(f, x, *rest):
        return (otherwise if np.asarray(x).dtype.kind == "i" else behaviour)(f, x, *rest)

    return variation


def in_the_array_of_places(f, xs):
    """Results stored among whole numbers lose their fractions."""
    found = np.zeros_like(xs)
    found[:] = slopes(f, xs)
    return found


def one_list_of_slopes():
    """A list that outlives the call, as a default argument does."""
    kept = []

    def variation(f, xs):
        kept.extend(slopes(f, xs))
        return list(kept)

    return variation


def neighbours(f, xs):
    return np.diff(f(np.asarray(xs, float))) / np.diff(xs)


#: What JAX's transformations return, as far as can be seen from outside.
PjitFunction = type("PjitFunction", (), {})

SLOPES = Task(
    reference=slopes,
    library="jnp",
    criteria=[
        Criterion("several places", points=2, calls=float_places),
        Criterion("places given as whole numbers", points=1, calls=whole_places),
        Criterion("one place only, and many", points=1, calls=few_and_many),
    ],
    mistakes=[
        Mistake(
            "grad of a vector",
            "grad differentiates a function that returns one number, and f(xs) is many; "
            "jax.vmap(jax.grad(f)) asks for one place at a time.",
            behaves_like=raises(TypeError, GRAD_OF_A_VECTOR),
        ),
        Mistake(
            "whole numbers fail",
            "Whole numbers have no derivative as far as grad is concerned; make floats of them "
            "first, like jnp.asarray(xs, dtype=float).",
            behaves_like=(
                only_floats(slopes, raises(TypeError, INTEGERS)),
                only_floats(slopes, raises(ValueError, "")),
                # What `allow_int=True` gets: an array without any numbers.
                only_floats(slopes, lambda f, xs: np.zeros(len(xs), [("float0", "V")])),
            ),
        ),
        Mistake(
            "fractions lost",
            "Somewhere the numbers are made whole; slopes and places are floats, also where xs "
            "holds ints.",
            behaves_like=(
                in_the_array_of_places,
                lambda f, xs: slopes(f, np.trunc(xs)),
                lambda f, xs: np.trunc(slopes(f, xs)),
            ),
        ),
        Mistake(
            "slopes added up",
            "The slopes are added up or averaged; each place has its own.",
            behaves_like=(
                from_slopes(np.sum),
                from_slopes(np.mean),
                from_slopes(lambda s: s / len(s)),
                from_slopes(np.cumsum),
            ),
        ),
        Mistake(
            "one slope only",
            "This is one slope; return one for each place.",
            behaves_like=tuple(
                from_slopes(lambda s, part=part: s[part])
                for part in (0, -1, slice(0, 1), slice(-1, None))
            ),
        ),
        Mistake(
            "one place short",
            "The first or the last place is left out.",
            behaves_like=(
                from_slopes(lambda s: s[:-1]),
                from_slopes(lambda s: s[1:]),
                from_slopes(lambda s: np.append(s[:-1], s[-2:-1] if len(s) > 1 else 0)),
                from_slopes(lambda s: np.append(s[:-1], 0)),
            ),
        ),
        Mistake(
            "order lost",
            "The slopes are in another order than the places; leave xs as it is, also where it is "
            "not sorted.",
            behaves_like=(
                lambda f, xs: slopes(f, np.sort(xs)),
                from_slopes(np.sort),
                from_slopes(lambda s: s[::-1]),
            ),
        ),
        Mistake(
            "places merged",
            "A place that comes twice has two slopes (a dict or a set keeps one of them): one for "
            "each entry of xs.",
            behaves_like=(
                lambda f, xs: slopes(f, list(dict.fromkeys(xs))),
                lambda f, xs: slopes(f, np.unique(xs)),
            ),
        ),
        Mistake(
            "remembers the last call",
            "The slopes of the call before are still there: make the list inside the function (a "
            "default argument [] is made only once).",
            behaves_like=one_list_of_slopes,
            stateful=True,
        ),
        Mistake(
            "keeps the first function",
            "These are slopes of a function from an earlier call; what you keep between calls "
            "must not depend on f.",
            behaves_like=first_function_kept(slopes),
            stateful=True,
        ),
        Mistake(
            "a table",
            "jacobian differentiates each value by each place, an n by n table that is 0 off the "
            "diagonal; the slopes are its diagonal.",
            behaves_like=from_slopes(np.diag),
        ),
        Mistake(
            "a column",
            "The numbers are right; their shape is (n,), the shape of xs.",
            behaves_like=(
                from_slopes(lambda s: s[:, None].tolist()),
                from_slopes(lambda s: s[None]),
            ),
        ),
        Mistake(
            "values instead of slopes",
            "These are the heights f(x) (value_and_grad returns them, too); the slopes are asked "
            "for.",
            behaves_like=(
                lambda f, xs: f(np.asarray(xs, float)),
                lambda f, xs: np.array([f(np.asarray(xs, float)), slopes(f, xs)]),
            ),
        ),
        Mistake(
            "differences of neighbours",
            "The difference from place to place is only roughly the slope (and xs is in no "
            "order); let grad find it.",
            behaves_like=(
                neighbours,
                lambda f, xs: np.gradient(f(np.asarray(xs, float)), xs),
                lambda f, xs: np.gradient(f(np.asarray(xs, float))),
            ),
        ),
        Mistake(
            "differentiated twice",
            "These are second derivatives; one grad is enough.",
            behaves_like=lambda f, xs: bend(f, np.asarray(xs, float)),
        ),
        Mistake(
            "sign turned around",
            "Every sign is turned around: a slope is positive where f rises.",
            behaves_like=from_slopes(np.negative),
        ),
        Mistake(
            "sign lost",
            "The slopes have lost their signs: a slope is negative where f falls.",
            behaves_like=from_slopes(np.abs),
        ),
        Mistake(
            "clipped",
            "Steep ground has come out less steep; return the slopes as they are, however large.",
            behaves_like=tuple(
                from_slopes(lambda s, most=most: np.clip(s, -most, most)) for most in (1, 10)
            ),
        ),
        Mistake(
            "differences too coarse",
            "A difference quotient is only roughly the slope; grad(f) is exact and shorter.",
            behaves_like=tuple(
                lambda f, xs, k=k: list(coarse(f, np.asarray(xs, float)))[k] for k in COARSE
            ),
        ),
        Mistake(
            "append inside jit",
            "Under jit (and vmap) the code runs once, on placeholders: what it appends to a list "
            "are those, not numbers. Return the slope instead, and collect what comes back.",
            behaves_like=(
                raises("UnexpectedTracerError", LEAKED),
                raises("TracerArrayConversionError", "The numpy.ndarray conversion method"),
            ),
        ),
        Mistake(
            "a function, not slopes",
            "This hands back the function that finds the slopes; call it with xs.",
            behaves_like=(lambda f, xs: nothing, lambda f, xs: PjitFunction()),
        ),
        Mistake(
            "slope hard-coded",
            "These are slopes of one function, whatever f is; differentiate the f that is given.",
            behaves_like=(
                lambda f, xs: slopes(SQUARE, xs),
                lambda f, xs: slopes(POLY, xs),
            ),
        ),
        NO_RETURN,
    ],
)


# --- Task 3: gradient_descent_jax ----------------------------------------------------------


@lru_cache(maxsize=512)  # half of the variations start from the same right path
def remembered(f, x0, lr, n_steps):
    return gradient_descent_jax(f, np.array(x0) if isinstance(x0, tuple) else x0, lr, n_steps)


def right(f, x0, lr, n_steps):
    """The reference again, cheaply."""
    return remembered(f, tuple(x0) if np.ndim(x0) else x0, lr, n_steps).copy()


@lru_cache(maxsize=512)
def flat_ground(f, x0, lr, n_steps, tolerance):
    """Number of the first place on the right path where it is nearly flat; None if nowhere."""
    path = remembered(f, x0, lr, n_steps)
    slow = (k for k, x in enumerate(path[:-1]) if np.linalg.norm(steepness(f, x)) < tolerance)
    return next(slow, None)


def first_flat(f, x0, lr, n_steps, tolerance):
    return flat_ground(f, tuple(x0) if np.ndim(x0) else x0, lr, n_steps, tolerance)


def after(change):
    """A change of the right path."""
    return lambda *arguments: change(right(*arguments))


def steps(count):
    """Another number of steps."""
    return lambda f, x0, lr, n_steps: right(f, x0, lr, count(n_steps))


def rates(rate):
    """Another learning rate."""
    return lambda f, x0, lr, n_steps: right(f, x0, rate(lr), n_steps)


def moves(step):
    """Another step: `step(f, x, lr, k)` is what is taken away from x."""
    return lambda f, x0, lr, n_steps: walk(x0, n_steps, lambda x, k: x - step(f, x, lr, k))


def heights(f, x0, lr, n_steps):
    return np.array([f(x) for x in right(f, x0, lr, n_steps)])


def slope_of_the_start(f, x0, lr, n_steps):
    steep = steepness(f, np.asarray(x0, dtype=float))
    return walk(x0, n_steps, lambda x, k: x - lr * steep)


def one_by_one(f, x0, lr, n_steps):
    """One coordinate after the other; a number has no other."""

    def step(x, k):
        if not np.ndim(x):
            return x - lr * steepness(f, x)
        x = x.copy()
        for i in range(len(x)):
            x[i] -= lr * steepness(f, x)[i]
        return x

    return walk(x0, n_steps, step)


def stops(tolerance):
    def variation(f, x0, lr, n_steps):
        path = right(f, x0, lr, n_steps)
        flat = first_flat(f, x0, lr, n_steps, tolerance)
        return path if flat is None else path[: flat + 1]

    return variation


def waits(tolerance):
    """Stays where it is nearly flat, as `jnp.where` does it."""

    def variation(f, x0, lr, n_steps):
        path = right(f, x0, lr, n_steps)
        flat = first_flat(f, x0, lr, n_steps, tolerance)
        if flat is not None:
            path[flat:] = path[flat]
        return path

    return variation


def clipped(most):
    """No slope beyond `most`, along each coordinate."""
    return moves(lambda f, x, lr, k: lr * np.clip(steepness(f, x), -most, most))


def shortened(most):
    """No gradient longer than `most`."""

    def step(f, x, lr, k):
        steep = steepness(f, x)
        return lr * steep * min(1, most / max(np.linalg.norm(steep), 1e-9))

    return moves(step)


def column(f, x0, lr, n_steps):
    """What ``atleast_1d`` makes of a number."""
    path = right(f, x0, lr, n_steps)
    return path if np.ndim(x0) else path[:, None].tolist()


def last_left_out(path):
    """A path of the right length that nobody wrote the end of."""
    return np.concatenate([path[:-1], 0 * path[-1:]]) if len(path) > 1 else path


def only_numbers(kind, message):
    """Fails for a start with coordinates."""
    return lambda f, x0, *rest: (raises(kind, message) if np.ndim(x0) else right)(f, x0, *rest)


def only_points(kind, message):
    """Fails for a start that is a number."""
    return lambda f, x0, *rest: (right if np.ndim(x0) else raises(kind, message))(f, x0, *rest)


def truncated_start(f, x0, lr, n_steps):
    return right(f, np.trunc(x0), lr, n_steps)


def path_of_whole_numbers(f, x0, lr, n_steps):
    """A path stored with the start's dtype; `moves` by what it finds there."""
    path = np.zeros((n_steps + 1, *np.shape(x0)), dtype=np.asarray(x0).dtype)
    path[0] = x0
    for k in range(n_steps):
        here = np.asarray(path[k], dtype=float)
        path[k + 1] = here - lr * steepness(f, here)
    return path


def stored_as_whole_numbers(f, x0, lr, n_steps):
    """The same, but the walk itself goes on in floats."""
    return right(f, x0, lr, n_steps).astype(np.asarray(x0).dtype)


def dropped(rows):
    """Results of ``.at[].set()`` thrown away: a path of zeros, but for what `rows` keeps."""

    def variation(*arguments):
        path = right(*arguments)
        kept = np.zeros_like(path)
        kept[rows] = path[rows]
        return kept

    return variation


def all_starts(*arguments):
    path = right(*arguments)
    return np.array([path[0]] * len(path))


def same(path):
    return np.array([path[-1]] * len(path))


def same_point(f, x0, lr, n_steps):
    """One array appended many times; with a number nothing is wrong."""
    path = right(f, x0, lr, n_steps)
    return same(path) if np.ndim(x0) else path


def same_as_the_start(f, x0, lr, n_steps):
    path = right(f, x0, lr, n_steps)
    if np.ndim(x0):
        path = same(path)
        x0[:] = path[-1]
    return path


def modifies_start(f, x0, lr, n_steps):
    path = right(f, x0, lr, n_steps)
    if np.ndim(x0):
        x0[:] = path[-1]
    return path


def failing_under_jit(behaviour, kind, message=""):
    """The same, but it cannot be traced."""

    def variation(*arguments):
        return behaviour(*arguments)

    variation.jitted = raises(kind, message)
    return variation


def one_list_for_all():
    """A path that outlives the call: a list outside of the function, or a default argument."""
    kept = []

    def variation(*arguments):
        kept.extend(right(*arguments))
        return list(kept)

    def traced(*arguments):
        before = list(kept)
        path = right(*arguments)
        return before + list(path)

    variation.jitted = traced
    return variation


def one_stack_for_all():
    """The same, stacked: numbers and points don't go together."""
    kept = []

    def variation(*arguments):
        kept.extend(right(*arguments))
        if len({np.shape(x) for x in kept}) > 1:
            raise ValueError("All input arrays must have the same shape.")
        return np.array(kept)

    return variation


def none_and_one(rng):
    f, g, h = valleys(rng, 3)
    return [
        Call(f, either_sign(rng, 0.5, 2), number(rng, 0.2, 0.4), 0),
        Call(g, either_sign(rng, 0.5, 2), number(rng, 0.2, 0.4), 1),
        Call(h, either_sign(rng, 0.5, 2), number(rng, 0.2, 0.4), 1),
    ]


def from_numbers(rng):
    f, g, h, i = valleys(rng, 4)
    return [
        Call(f, either_sign(rng, 1.1, 2.4), number(rng, 0.2, 0.35), int(rng.integers(4, 8))),
        # A whole number, as people type it.
        Call(g, int(rng.choice([-3, -2, 2, 3])), number(rng, 0.2, 0.35), int(rng.integers(3, 6))),
        # Large steps, and steps uphill.
        Call(h, either_sign(rng, 1.1, 2.0), number(rng, 0.6, 0.8), int(rng.integers(2, 4))),
        Call(i, either_sign(rng, 0.5, 1.0), -number(rng, 0.15, 0.25), 3),
        # Long enough for the slope to vanish: nobody is to stop before n_steps.
        Call(f, either_sign(rng, 1.1, 2.4), number(rng, 0.3, 0.35), int(rng.integers(20, 26))),
        # Very gentle ground, which needs very large steps.
        Call(plain(rng), either_sign(rng, 1.1, 2.0), number(rng, 20, 40), 3),
    ]


def from_points(rng):
    f, g = mixed(rng, 2)
    return [
        Call(f, place(rng), number(rng, 0.06, 0.12), int(rng.integers(3, 6))),
        Call(g, place(rng), number(rng, 0.12, 0.19), int(rng.integers(7, 10))),
        # From far out, where it is steep.
        Call(bowl(rng), place(rng, 6, 9), number(rng, 0.2, 0.24), 2),
        Call(bowl(rng), place(rng), number(rng, 0.12, 0.19), 0),
    ]


STATIC = (0, 3)


def again_and_traced(rng):
    f, g = valleys(rng, 2)
    return [
        Call(f, either_sign(rng, 0.5, 2), number(rng, 0.2, 0.3), 3).times(2),
        Call(bowl(rng), place(rng), number(rng, 0.12, 0.24), 3).times(2),
        Call(g, either_sign(rng, 0.5, 2), number(rng, 0.2, 0.3), 3).jit(*STATIC),
        Call(bowl(rng), place(rng), number(rng, 0.12, 0.24), 2).jit(*STATIC),
    ]


GRADIENT_DESCENT_JAX = Task(
    reference=gradient_descent_jax,
    library="jnp",
    criteria=[
        Criterion("no step, and one step", points=1, calls=none_and_one),
        Criterion("many steps from a number", points=2, calls=from_numbers),
        Criterion(
            "from a point with two coordinates, which stays as it was",
            points=2,
            calls=from_points,
            untouched=True,
        ),
        Criterion(
            "the same when called twice, and under jax.jit", points=2, calls=again_and_traced
        ),
    ],
    mistakes=[
        Mistake(
            "climbs",
            "The gradient points uphill; step against it.",
            behaves_like=rates(lambda lr: -lr),
        ),
        Mistake(
            "fails under jit",
            "Under jax.jit x0 and lr are placeholders, not numbers: float(x), np.array(x), .item(), "
            "printing a formatted x and `if x > 0` fail. Keep to jnp inside.",
            behaves_like=tuple(
                failing_under_jit(right, kind)
                for kind in (
                    "ConcretizationTypeError",
                    "TracerArrayConversionError",
                    "TracerBoolConversionError",
                    TypeError,
                    ValueError,
                )
            ),
        ),
        Mistake(
            "append inside jit",
            "Under jit the code of a step runs once, on placeholders: what it appends to a list "
            "are those, not places. Return the new place from it, and append outside.",
            behaves_like=(
                raises("UnexpectedTracerError", LEAKED),
                raises("TracerArrayConversionError", "The numpy.ndarray conversion method"),
                lambda f, x0, lr, n: (
                    raises("UnexpectedTracerError", LEAKED)(f) if n else right(f, x0, lr, n)
                ),
            ),
        ),
        Mistake(
            "remembers the last call",
            "The path of the call before is still there: make the list inside the function (a "
            "default argument [] is made only once).",
            behaves_like=(one_list_for_all, one_stack_for_all),
            stateful=True,
        ),
        Mistake(
            "jit without static arguments",
            "jax.jit turns every argument into an array, and f and n_steps can't be one: say "
            "static_argnums=(0, 3), or jit only the step.",
            behaves_like=(
                raises(TypeError, "Error interpreting argument to <function gradient_descent_jax"),
                raises(TypeError, "Cannot interpret value of type <class"),
                raises("TracerIntegerConversionError", "The __index__() method was called on"),
            ),
        ),
        Mistake(
            "assigns into a JAX array",
            "JAX arrays can't be changed, so path[k] = x fails; write path = path.at[k].set(x), or "
            "collect the places in a list.",
            behaves_like=(
                raises(TypeError, IMMUTABLE),
                raises(TypeError, "'<class 'jaxlib._jax.ArrayImpl'>' object does not support"),
            ),
        ),
        Mistake(
            "throws .at[].set() away",
            "path.at[k].set(x) doesn't change path, it returns a new array; keep that: "
            "path = path.at[k].set(x).",
            behaves_like=(dropped(slice(0)), dropped(slice(1))),
        ),
        Mistake(
            "only numbers as a start",
            "It fails where x0 has coordinates: float(x0) and the like are for one number; "
            "jnp.asarray(x0, dtype=float) takes both.",
            behaves_like=tuple(
                only_numbers(kind, message)
                for kind, message in (
                    (TypeError, "Only scalar arrays can be converted to Python scalars"),
                    (TypeError, "only length-1 arrays can be converted to Python scalars"),
                    (ValueError, "setting an array element with a sequence."),
                )
            ),
        ),
        Mistake(
            "only points as a start",
            "It fails where x0 is a number, which has no len and no shape; start with "
            "jnp.asarray(x0, dtype=float).",
            behaves_like=tuple(
                only_points(kind, message)
                for kind, message in (
                    (TypeError, "object of type 'float' has no len()"),
                    (AttributeError, "'float' object has no attribute 'shape'"),
                    (IndexError, "tuple index out of range"),
                )
            ),
        ),
        Mistake(
            "whole numbers fail",
            "A whole number as a start has no derivative as far as grad is concerned; begin with "
            "jnp.asarray(x0, dtype=float).",
            behaves_like=(
                only_floats(right, raises(TypeError, INTEGERS)),
                only_floats(right, raises(ValueError, "")),
            ),
        ),
        Mistake(
            "fractions lost",
            "Somewhere the numbers are made whole: start with jnp.asarray(x0, dtype=float), also "
            "where x0 is an int.",
            behaves_like=(
                truncated_start,
                path_of_whole_numbers,
                stored_as_whole_numbers,
                after(np.trunc),
            ),
        ),
        Mistake(
            "ignores lr",
            "The walk is the same whatever lr is; use the lr that is given.",
            behaves_like=tuple(rates(lambda lr, fixed=fixed: fixed) for fixed in (0.1, 0.01, 1.0)),
        ),
        Mistake(
            "lr kept in bounds",
            "lr may be negative, and it may be large; take it as it is.",
            behaves_like=(
                rates(abs),
                rates(lambda lr: max(lr, 0)),
                rates(lambda lr: min(lr, 1)),
                rates(lambda lr: np.clip(lr, 0, 1)),
            ),
        ),
        Mistake(
            "lr twice",
            "The learning rate is multiplied in twice.",
            behaves_like=rates(lambda lr: lr * lr),
        ),
        Mistake(
            "shrinking steps",
            "The learning rate gets smaller with each step; keep it.",
            behaves_like=(
                moves(lambda f, x, lr, k: lr / (k + 1) * steepness(f, x)),
                moves(lambda f, x, lr, k: lr**k * lr * steepness(f, x)),
                moves(lambda f, x, lr, k: lr / (1 + 0.1 * k) * steepness(f, x)),
                moves(lambda f, x, lr, k: lr * 0.9**k * steepness(f, x)),
            ),
        ),
        Mistake(
            "gradient computed once",
            "The gradient of the start is used at every step; take it anew at each place.",
            behaves_like=slope_of_the_start,
        ),
        Mistake(
            "gradient scaled",
            "The gradient goes in as it is, short on gentle ground and long on steep ground; don't "
            "clip it or scale it to length 1.",
            behaves_like=(
                moves(lambda f, x, lr, k: lr * steepness(f, x) / np.linalg.norm(steepness(f, x))),
                clipped(1),
                clipped(10),
                shortened(1),
                shortened(5),
                shortened(10),
            ),
        ),
        Mistake(
            "sequential update",
            "One coordinate has moved before the slope along the other is taken; move both at "
            "once.",
            behaves_like=one_by_one,
        ),
        Mistake(
            "stops early",
            "The walk ends where the ground is nearly flat; make exactly n_steps updates.",
            # Who looks at a value to decide about it fails under jit as well.
            behaves_like=(
                *(
                    failing_under_jit(stops(tolerance), kind)
                    for tolerance in (1e-2, 1e-3)
                    for kind in ("TracerBoolConversionError", "ConcretizationTypeError")
                ),
                *(waits(tolerance) for tolerance in (1e-2, 1e-3)),
            ),
        ),
        Mistake(
            "start missing",
            "The path begins after the first step; the first entry is the start x0.",
            behaves_like=after(lambda path: path[1:]),
        ),
        Mistake(
            "one step short",
            "The last place is missing: n_steps updates make n_steps + 1 places, with the start.",
            behaves_like=(
                after(lambda path: path[:-1]),
                steps(lambda n: max(n - 1, 0)),
                after(last_left_out),
            ),
        ),
        Mistake(
            "one step too many",
            "There is one update more than n_steps.",
            behaves_like=steps(lambda n: n + 1),
        ),
        Mistake(
            "start twice",
            "The start comes twice and every other place one late: first update, then record.",
            behaves_like=after(lambda path: np.concatenate([path[:1], path[:-1]])),
        ),
        Mistake(
            "only the last point",
            "Return the whole path, not only where it ends.",
            behaves_like=(after(lambda path: path[-1]), after(lambda path: path[-1:])),
        ),
        Mistake(
            "heights instead of places",
            "These are heights f(x); the path consists of the places x themselves.",
            behaves_like=heights,
        ),
        Mistake(
            "never moves",
            "Every entry is the start: the new place has to become x for the next step.",
            behaves_like=all_starts,
        ),
        Mistake(
            "same array appended",
            "All entries are equal: the list holds one array many times, and x -= ... changes it "
            "in place; write x = x - ... .",
            behaves_like=(after(same), same_point, same_as_the_start),
        ),
        Mistake(
            "modifies the start",
            "The path is right, but the caller's x0 has changed; x -= ... on a NumPy array does "
            "that, so start with jnp.asarray(x0, dtype=float).",
            behaves_like=modifies_start,
        ),
        Mistake(
            "transposed output",
            "The path has one row for each place; yours lists all x0, then all x1.",
            behaves_like=after(np.transpose),
        ),
        Mistake(
            "a column",
            "The places are right, but from a number the path has shape (n_steps + 1,); make no "
            "array of one entry out of x0.",
            behaves_like=column,
        ),
        Mistake(
            "always 10 steps",
            "The number of updates is n_steps, not always 10.",
            behaves_like=steps(lambda n: 10),
        ),
        Mistake(
            "slope hard-coded",
            "These are steps on one function, whatever f is; differentiate the f that is given.",
            behaves_like=(
                moves(lambda f, x, lr, k: lr * 2 * x),
                moves(lambda f, x, lr, k: lr * (1 - 8 * x + x**3)),
            ),
        ),
        NO_RETURN,
    ],
    # Both fail with a TypeError wherever they are called; what it says tells them apart.
    indistinguishable=[("jit without static arguments", "assigns into a JAX array")],
)


# --- Task 4: hessian_of --------------------------------------------------------------------


def separable_places(rng):
    return [Call(separable(rng)).then(place(rng)) for _ in range(2)]


def bowl_places(rng):
    return [Call(bowl(rng)).then(place(rng)), Call(VALLEY).then(place(rng))]


def mixed_places(rng):
    return [Call(f).then(place(rng)) for f in mixed(rng, 3)]


def from_second(change):
    """A function of a function, from a change of the right Hessian."""
    return lambda f: lambda v: change(second(f, v))


def from_gradient(change):
    return lambda f: lambda v: change(gradient(f, v))


def bent_up(H):
    """Every curvature turned positive."""
    curvatures, directions = np.linalg.eigh(H)
    return directions * np.abs(curvatures) @ directions.T


def returning(behaviour):
    """Gives back a function with this behaviour, whatever f is."""
    return lambda f: behaviour


def one_sided(f, v, h):
    here = gradient(f, v)
    return np.array([(gradient(f, v + h * e) - here) / h for e in np.eye(2)])


HESSIAN_OF = Task(
    reference=hessian_of,
    library="jnp",
    criteria=[
        Criterion("functions where x0 and x1 don't mix", points=1, calls=separable_places),
        Criterion("tilted bowls and valleys", points=1, calls=bowl_places),
        Criterion("functions that mix and bend everywhere anew", points=3, calls=mixed_places),
    ],
    mistakes=[
        Mistake(
            "first derivatives",
            "This is the gradient, two slopes; the Hessian says how they change, so differentiate "
            "once more.",
            behaves_like=(from_gradient(np.copy), from_gradient(np.diag)),
        ),
        Mistake(
            "grad of a gradient",
            "grad differentiates a function that returns one number, and a gradient is two; the "
            "second time it takes jax.jacobian (or jacfwd).",
            behaves_like=returning(raises(TypeError, GRAD_OF_A_VECTOR)),
        ),
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
            "slopes added up",
            "Differentiating the sum of both slopes adds the two rows together; each slope has a "
            "row of its own.",
            behaves_like=(
                from_second(lambda H: H.sum(axis=0)),
                from_second(lambda H: np.diag(H.sum(axis=0))),
                from_second(np.sum),
            ),
        ),
        Mistake(
            "one row only",
            "This is how one of the slopes changes; the other one needs a row, too.",
            behaves_like=(
                from_second(lambda H: H[0]),
                from_second(lambda H: H[1]),
                from_second(lambda H: H[[0, 0]]),
                from_second(lambda H: H[[1, 1]]),
            ),
        ),
        no_function("hessian_of", "v", lambda f, x: second(f, np.full(2, x))),
        Mistake(
            "always at the same place",
            "The Hessian is taken at a place of your own; take it at the v that the function is "
            "called with.",
            behaves_like=tuple(
                lambda f, at=at: lambda v: second(f, np.full(2, at)) for at in (0.0, 1.0)
            ),
        ),
        Mistake(
            "products of slopes",
            "A second derivative is the derivative of a slope, not one slope times another.",
            behaves_like=(
                from_gradient(lambda g: np.outer(g, g)),
                from_gradient(np.square),
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
            "coordinates of the place swapped",
            "This is the Hessian at (v[1], v[0]); v[0] comes first.",
            behaves_like=lambda f: lambda v: second(f, v[::-1]),
        ),
        Mistake(
            "made safe for Newton",
            "Return the Hessian as it is, also where the ground bends down; add nothing to its "
            "diagonal and turn no sign.",
            behaves_like=(
                from_second(bent_up),
                from_second(lambda H: H + 0.01 * np.eye(2)),
                from_second(lambda H: H + 0.1 * np.eye(2)),
                from_second(lambda H: H + np.eye(2)),
            ),
        ),
        Mistake(
            "keeps the first function",
            "This is the Hessian of a function from an earlier call; what you keep between calls "
            "must not depend on f.",
            behaves_like=first_function_kept(lambda f: lambda v: second(f, v)),
            stateful=True,
        ),
        Mistake(
            "four numbers in a row",
            "The numbers are right, but in one long list; give them the shape (2, 2).",
            behaves_like=(from_second(np.ravel), from_second(lambda H: H.ravel()[[0, 3, 1]])),
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
            "Every entry is half (or twice) as large as it should be.",
            behaves_like=(from_second(lambda H: H / 2), from_second(lambda H: 2 * H)),
        ),
        Mistake(
            "inverse",
            "This is the inverse of the Hessian; Newton's method needs that, but it isn't asked "
            "for here.",
            behaves_like=from_second(np.linalg.inv),
        ),
        Mistake(
            "differences too coarse",
            "The difference of two slopes some way apart is only roughly the second derivative; "
            "let JAX differentiate the gradient.",
            behaves_like=(
                *(lambda f, h=h: lambda v: one_sided(f, v, h) for h in (0.1, 0.01)),
                *(lambda f, h=h: lambda v: one_sided(f, v, h).T for h in (0.1, 0.01)),
                lambda f: lambda v: second(f, v, 0.1),
            ),
        ),
        Mistake(
            "value instead of Hessian",
            "This is the height f(v) itself; differentiate it twice.",
            behaves_like=lambda f: f,
        ),
        Mistake(
            "valley hard-coded",
            "This is the Hessian of the notebook's `valley`, whatever f is; differentiate the f "
            "that is given.",
            behaves_like=lambda f: lambda v: second(VALLEY, v),
        ),
        Mistake(
            "returns nothing",
            "Somewhere a return is missing: hessian_of returns a function, and that function "
            "returns the table.",
            behaves_like=(nothing, lambda f: nothing),
        ),
    ],
    # Both fail with a TypeError wherever they are called; what it says tells them apart.
    indistinguishable=[("grad of a gradient", "a value, not a function")],
)

TASKS = [SLOPE, SLOPES, GRADIENT_DESCENT_JAX, HESSIAN_OF]
