"""Marking notes of week 5: the same descent in JAX.

Right answers and mistakes are computed in float64 and never import JAX; what students return in
float32 agrees well inside the tolerance. Three things hide this week's mistakes: scalars hide what
is wrong with vectors, floats hide what is wrong with whole numbers, and a function that is not
under ``jax.jit`` may convert, branch and append as it likes. So all of these are asked.
"""

import numpy as np

from autograder.marking import Call, Criterion, Function, Task, curvature
from autograder.marking import derivative, draws, gradient, mistakes

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
    return WALK.right(f, x0, lr, n_steps)


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
    return lambda v: curvature(f, v)


def steepness(f, x):
    """The slope of f at a number, or its gradient at a point."""
    return gradient(f, x) if np.ndim(x) else float(derivative(f, x))


def descend(f, slope, x, lr, n_steps):
    places = [x]
    for _ in range(n_steps):
        places.append(places[-1] - lr * slope(places[-1]))
    return places


#: From a number, and from a point alike.
WALK = mistakes.Walk(descend, slope=steepness)


# --- What several tasks share --------------------------------------------------------------

SQUARE = Function("x**2")
POLY = Function("x - 4*x**2 + x**4/4")
VALLEY = Function("5*v[0]**2 + 5*v[1]**2 - 9*v[0]*v[1]")

GRAD_OF_A_VECTOR = "Gradient only defined for scalar-output functions. Output had shape: (2,)."
INTEGERS = "grad requires real- or complex-valued inputs (input dtype that is a sub-dtype of"
LEAKED = "Encountered an unexpected tracer. A function transformed by JAX had a side effect"


def polynomial(rng):
    a, b, c = draws.decimal(rng, 0.4, 0.9), draws.signed(rng, 0.6, 1.9), draws.signed(rng, 0.5, 2.5)
    return Function(f"{a}*x**3 + {b}*x**2 - {c}*x".replace("+ -", "- ").replace("- -", "+ "))


def smooth(rng, count):
    """Different functions of one number, each with a slope of its own everywhere."""
    a, b, c = (draws.decimal(rng, 0.6, 1.4), draws.decimal(rng, 1.2, 1.9),
        draws.decimal(rng, 0.6, 1.1))
    texts = (f"{a}*sin({b}*x) + {c}*x**2", f"exp(-{a}*x) + {b}*x", f"log({b} + x**2) - {c}*cos(x)",
        f"sqrt({b} + x**2) + {c}*sin(2*x)", f"tanh({a}*x) - {c}*x**2 + {b}*x",
        f"{a}*x*cos(x) + {b}*x**2/2")
    return [Function(text) for text in draws.several(rng, count, texts)]


def raises(kind, message=""):
    """Whatever it is called with, it fails like this; `kind` may be the name of an error of JAX."""
    error = type(kind, (Exception,), {}) if isinstance(kind, str) else kind
    return mistakes.raising(error(message))


def bend(f, x, h=1e-5):
    """The second derivative of a function of one number."""
    return (derivative(f, x + h) - derivative(f, x - h)) / (2 * h)


def coarse(f, x):
    """Difference quotients with steps too long: forward, central, and back to 0."""
    yield from ((f(x + h) - f(x)) / h for h in (1.0, 0.1, 0.01, 1e-3))
    yield from ((f(x + h) - f(x - h)) / (2 * h) for h in (1.0, 0.5, 0.1))
    yield (f(x) - f(0.0)) / x


COARSE = range(len(list(coarse(SQUARE, 1.0))))


# --- Task 1: slope -------------------------------------------------------------------------


def polynomials(rng):
    """On gentle ground, far out where it is steep, and close to a bottom where digits count."""
    nearly_flat = Function("x**2 + 3*x**3")
    falling = Function(f"x - {draws.decimal(rng, 0.4, 0.9)}*x**3")
    return [*(Call(polynomial(rng)).then(draws.signed(rng, *far)) for far in ((0.4, 2), (120, 150))),
        *draws.both_ends(Call(falling).then(draws.decimal(rng, 120, 150))),
        *(Call(nearly_flat).then(sign * draws.decimal(rng, 0.01, 0.02, 4))
            for sign in (1, 1, -1, -1))]


def smooth_functions(rng):
    f, g, h = smooth(rng, 3)
    x = draws.signed(rng, 0.4, 0.95, 4)
    return [*draws.one_by_one(Call(f).then(x), Call(g).then(draws.mirrored(x))),
        Call(h).then(draws.signed(rng, 0.4, 2)), Call(h).then(0.0)]


def after_slope(change):
    """A function of a function, from a change of the slope."""
    return lambda f: lambda x: change(derivative(f, x))


SLOPE_SLIPS = {
    "value instead of slope": ("This is the height f(x); the slope is what grad(f) gives.",
        lambda f: f, lambda f: lambda x: [f(x), derivative(f, x)]),
    "always at the same place": ("The slope is taken at a place of your own; take it at the x that "
        "the function is called with.",
        *(lambda f, at=at: lambda x: derivative(f, at) for at in (0.0, 1.0, 2.0, 3.0))),
    "differentiated twice": ("This is the second derivative, how the slope changes; one grad is "
        "enough.", lambda f: lambda x: bend(f, x)),
    "fractions of x lost": ("x has become a whole number on the way; grad takes it as it is.",
        lambda f: lambda x: derivative(f, float(int(x))),
        lambda f: lambda x: derivative(f, float(round(x)))),
    "differences too coarse": ("A difference quotient is only roughly the slope; grad(f) is exact "
        "and shorter.", *(lambda f, k=k: lambda x: list(coarse(f, x))[k] for k in COARSE)),
    "slope hard-coded": ("This is the slope of one function, whatever f is; differentiate the f "
        "that is given.", lambda f: lambda x: derivative(SQUARE, x),
        lambda f: lambda x: derivative(POLY, x)),
    "returns nothing": ("Somewhere a return is missing: slope returns a function, and that "
        "function returns the slope.", lambda f: None, lambda f: lambda x: None),
}

SLOPE = Task(
    reference=slope,
    library="jnp",
    criteria=[Criterion("polynomials", 2, polynomials),
        Criterion("any smooth function", 2, smooth_functions)],
    mistakes=[
        *mistakes.named(SLOPE_SLIPS),
        *mistakes.value_for_a_function("slope", "x",
            [lambda f, x=x: np.asarray(derivative(f, x)) for x in (0.0, 1.0)]),
        *mistakes.numbers(after_slope, most=(1, 10, 100), leave_out=["half of it"]),
        *mistakes.limits(after_slope, leave_out=["kept in bounds"]),
        *mistakes.shares(slope, "f"), *mistakes.keeps(slope, ["f", "x"],
            rename={"keeps the first f": "keeps the first function"}),
    ],
)


# --- Task 2: slopes ------------------------------------------------------------------------


def places(rng, count, far=2.5):
    """Places in no order, shape (count,); of many, some come twice."""
    return np.round(rng.uniform(-far, far, size=count), 2)


def float_places(rng):
    f, g = smooth(rng, 2)
    # All of one length, as JAX compiles anew for each.
    xs = places(rng, 5, 0.95)
    return [*draws.one_by_one(Call(f, xs), Call(g, draws.mirrored(xs))),
        *draws.both_ends(Call(POLY, places(rng, 5, 300)), 1),
        Call(SQUARE, places(rng, 5, 2) / 100)]


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
    return slopes(f, xs).astype(xs.dtype)


def neighbours(f, xs):
    return np.diff(f(np.asarray(xs, float))) / np.diff(xs)


#: What JAX's transformations return, as far as can be seen from outside.
PjitFunction = type("PjitFunction", (), {})

SLOPES_SLIPS = {
    "grad of a vector": ("grad differentiates a function that returns one number, and f(xs) is "
        "many; jax.vmap(jax.grad(f)) asks for one place at a time.",
        raises(TypeError, GRAD_OF_A_VECTOR)),
    "whole numbers fail": ("Whole numbers have no derivative as far as grad is concerned; make "
        "floats of them first, like jnp.asarray(xs, dtype=float).",
        only_floats(slopes, raises(TypeError, INTEGERS)),
        only_floats(slopes, raises(ValueError)),
        # What `allow_int=True` gets: an array without any numbers.
        only_floats(slopes, lambda f, xs: np.zeros(len(xs), [("float0", "V")]))),
    "fractions lost": ("Somewhere the numbers are made whole; slopes and places are floats, also "
        "where xs holds ints.", in_the_array_of_places, lambda f, xs: slopes(f, np.trunc(xs)),
        from_slopes(np.trunc)),
    "slopes added up": ("The slopes are added up or averaged; each place has its own.",
        *map(from_slopes, (np.sum, np.mean, lambda s: s / len(s), np.cumsum))),
    "one slope only": ("This is one slope; return one for each place.",
        *(from_slopes(lambda s, part=part: s[part])
            for part in (0, -1, slice(0, 1), slice(-1, None)))),
    "one place short": ("The first or the last place is left out.", from_slopes(lambda s: s[:-1]),
        from_slopes(lambda s: s[1:]),
        from_slopes(lambda s: np.append(s[:-1], s[-2:-1] if len(s) > 1 else 0)),
        from_slopes(lambda s: np.append(s[:-1], 0))),
    "order lost": ("The slopes are in another order than the places; leave xs as it is, also where "
        "it is not sorted.", lambda f, xs: slopes(f, np.sort(xs)), from_slopes(np.sort),
        from_slopes(lambda s: s[::-1])),
    "places merged": ("A place that comes twice has two slopes (a dict or a set keeps one of "
        "them): one for each entry of xs.", lambda f, xs: slopes(f, list(dict.fromkeys(xs))),
        lambda f, xs: slopes(f, np.unique(xs))),
    "a table": ("jacobian differentiates each value by each place, an n by n table that is 0 off "
        "the diagonal; the slopes are its diagonal.", from_slopes(np.diag)),
    "values instead of slopes": ("These are the heights f(x) (value_and_grad returns them, too); "
        "the slopes are asked for.", lambda f, xs: f(np.asarray(xs, float)),
        lambda f, xs: np.array([f(np.asarray(xs, float)), slopes(f, xs)])),
    "differences of neighbours": ("The difference from place to place is only roughly the slope "
        "(and xs is in no order); let grad find it.", neighbours,
        lambda f, xs: np.gradient(f(np.asarray(xs, float)), xs),
        lambda f, xs: np.gradient(f(np.asarray(xs, float)))),
    "differentiated twice": ("These are second derivatives; one grad is enough.",
        lambda f, xs: bend(f, np.asarray(xs, float))),
    "differences too coarse": ("A difference quotient is only roughly the slope; grad(f) is exact "
        "and shorter.",
        *(lambda f, xs, k=k: list(coarse(f, np.asarray(xs, float)))[k] for k in COARSE)),
    "append inside jit": ("Under jit (and vmap) the code runs once, on placeholders: what it "
        "appends to a list are those, not numbers. Return the slope instead, and collect what "
        "comes back.", raises("UnexpectedTracerError", LEAKED),
        raises("TracerArrayConversionError", "The numpy.ndarray conversion method")),
    "a function, not slopes": ("This hands back the function that finds the slopes; call it with "
        "xs.", lambda f, xs: lambda *_: None, lambda f, xs: PjitFunction()),
    "slope hard-coded": ("These are slopes of one function, whatever f is; differentiate the f "
        "that is given.", lambda f, xs: slopes(SQUARE, xs), lambda f, xs: slopes(POLY, xs)),
}

SLOPES = Task(
    reference=slopes,
    library="jnp",
    criteria=[Criterion("several places", 2, float_places),
        Criterion("places given as whole numbers", 1, whole_places),
        Criterion("one place only, and many", 1, few_and_many)],
    mistakes=[
        *mistakes.named(SLOPES_SLIPS),
        *mistakes.remembers(slopes),
        *mistakes.shapes(slopes,
            leave_out=["transposed", "flattened"], rename={"an axis too many": "a column"},
            also={"an axis too many": [from_slopes(lambda s: s[:, None].tolist())]},
            costs={"an axis too many": 1, "an array of one becomes a number": 1}),
        *mistakes.numbers(from_slopes, leave_out=["half of it"]),
        *mistakes.limits(from_slopes, leave_out=["kept in bounds"]),
        *mistakes.keeps(slopes, ["f", "xs"],
            rename={"keeps the first f": "keeps the first function"}),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 3: gradient_descent_jax ----------------------------------------------------------


def one_by_one(f, slope, places, lr):
    """One coordinate after the other; a number has no other."""
    x = places[-1]
    if not np.ndim(x):
        return x - lr * slope(x)
    x = x.copy()
    for i in range(len(x)):
        x[i] -= lr * slope(x)[i]
    return x


def clipped(most):
    """No slope beyond `most`, along each coordinate."""
    return WALK.with_slope(lambda f, slope, start: lambda x: np.clip(slope(x), -most, most))


def column(f, x0, lr, n_steps):
    """What ``atleast_1d`` makes of a number."""
    path = WALK.right(f, x0, lr, n_steps)
    return path if np.ndim(x0) else path[:, None].tolist()


def only_from(numbers, kind, message):
    """Fails for a start of the other sort."""

    def variation(f, x0, *rest):
        right = WALK.right if numbers == (np.ndim(x0) == 0) else raises(kind, message)
        return right(f, x0, *rest)

    return variation


def whole_path(f, x0, lr, n_steps):
    """A path stored with the start's dtype; it goes on from what it finds there."""
    path = np.zeros((n_steps + 1, *np.shape(x0)), dtype=np.asarray(x0).dtype)
    path[0] = x0
    for k in range(n_steps):
        here = np.asarray(path[k], dtype=float)
        path[k + 1] = here - lr * steepness(f, here)
    return path


def stored_as_whole_numbers(f, x0, *rest):
    """The same, but the walk itself goes on in floats."""
    return WALK.right(f, x0, *rest).astype(np.asarray(x0).dtype)


def dropped(rows):
    """Results of ``.at[].set()`` thrown away: a path of zeros, but for the first `rows`."""
    return WALK.after(lambda path: np.concatenate([path[:rows], 0 * path[rows:]]))


def same_point(f, x0, *rest):
    """One array appended many times; with a number nothing is wrong."""
    path = WALK.right(f, x0, *rest)
    return np.array([path[-1]] * len(path)) if np.ndim(x0) else path


def failing_under_jit(behaviour, kind, message=""):
    """The same, but it cannot be traced."""

    def variation(*arguments):
        return behaviour(*arguments)

    variation.jitted = raises(kind, message)
    return variation


def roll(rng, f, start, lr, n_steps):
    """A call; `lr` and `n_steps` are limits."""
    return Call(f, start, draws.decimal(rng, *lr), draws.whole(rng, *n_steps))


def none_and_one(rng):
    return [
        roll(rng, f, draws.signed(rng, 0.5, 2), (0.2, 0.4), (n, n))
        for f, n in zip(draws.formulas(rng, 3), (0, 1, 1), strict=True)
    ]


def from_numbers(rng):
    f, g, h, i = draws.formulas(rng, 4)
    wide = Function(f"{draws.decimal(rng, 0.6, 1.2)}*x**2/5000")
    first = roll(rng, f, draws.signed(rng, 1.1, 2.4, 4), (0.2, 0.35), (4, 7))
    # A whole number, as people type it.
    second = roll(rng, g, draws.choice(rng, -3, -2, 2, 3), (0.2, 0.35), (3, 3))
    return [
        *draws.one_by_one(first, second),
        draws.twin(first, 1, draws.mirrored(first.arguments[1])),
        # Large steps, and steps uphill.
        roll(rng, h, draws.signed(rng, 1.1, 2.0), (0.6, 0.8), (2, 3)),
        Call(i, draws.signed(rng, 0.5, 1.0), -draws.decimal(rng, 0.15, 0.25), 3),
        # Long enough for the slope to vanish: nobody is to stop before n_steps. Not longer, as a
        # loop under jit is compiled step by step.
        roll(rng, f, draws.signed(rng, 1.1, 2.4), (0.3, 0.35), (20, 25)),
        # Very gentle ground, which needs very large steps.
        roll(rng, wide, draws.signed(rng, 1.1, 2.0), (20, 40), (3, 3)),
        # Far away, and a walk of a few hundredths.
        roll(rng, SQUARE, draws.signed(rng, 1.1, 2.0), (2.5, 3), (6, 6)),
        roll(rng, SQUARE, draws.signed(rng, 0.05, 0.09), (0.1, 0.2), (4, 4)),
    ]


def from_points(rng):
    f, g = draws.surfaces(rng, 2)
    first = roll(rng, f, draws.place(rng, 0.5, 0.95, 4), (0.06, 0.12), (3, 5))
    return [
        first,
        draws.twin(first, 1, draws.mirrored(first.arguments[1])),
        roll(rng, g, draws.place(rng), (0.12, 0.19), (7, 9)),
        # From far out, where it is steep.
        roll(rng, draws.bowl(rng), draws.across(rng, 120, 150), (0.2, 0.24), (2, 2)),
        roll(rng, draws.bowl(rng), draws.place(rng), (0.12, 0.19), (0, 0)),
    ]


def again_and_traced(rng):
    f, g = draws.formulas(rng, 2)
    return [roll(rng, f, draws.signed(rng, 0.5, 2), (0.2, 0.3), (3, 3)).times(2),
        roll(rng, draws.bowl(rng), draws.place(rng), (0.12, 0.24), (3, 3)).times(2),
        roll(rng, g, draws.signed(rng, 0.5, 2), (0.2, 0.3), (3, 3)).jit(0, 3),
        roll(rng, draws.bowl(rng), draws.place(rng), (0.12, 0.24), (2, 2)).jit(0, 3)]


#: What looks at a value fails under jit, in one of these ways.
LOOKS = ("ConcretizationTypeError", "TracerArrayConversionError", "TracerBoolConversionError")

WALK_SLIPS = {
    "fails under jit": ("Under jax.jit x0 and lr are placeholders, not numbers: float(x), "
        "np.array(x), .item(), printing a formatted x and `if x > 0` fail. Keep to jnp inside.",
        *(failing_under_jit(WALK.right, kind) for kind in (*LOOKS, TypeError, ValueError))),
    "append inside jit": (
        "Under jit the code of a step runs once, on placeholders: what it appends to a list are "
        "those, not places. Return the new place from it, and append outside.",
        raises("UnexpectedTracerError", LEAKED),
        raises("TracerArrayConversionError", "The numpy.ndarray conversion method"),
        lambda *arguments: (
            raises("UnexpectedTracerError", LEAKED) if arguments[-1] else WALK.right
        )(*arguments),
    ),
    "jit without static arguments": ("jax.jit turns every argument into an array, and f and "
        "n_steps can't be one: say static_argnums=(0, 3), or jit only the step.",
        raises(TypeError, "Error interpreting argument to <function gradient_descent_jax"),
        raises(TypeError, "Cannot interpret value of type <class"),
        raises("TracerIntegerConversionError", "The __index__() method was called on")),
    "assigns into a JAX array": ("JAX arrays can't be changed, so path[k] = x fails; write path = "
        "path.at[k].set(x), or collect the places in a list.",
        raises(TypeError, "JAX arrays are immutable and do not support in-place item assignment."),
        raises(TypeError, "'<class 'jaxlib._jax.ArrayImpl'>' object does not support")),
    "throws .at[].set() away": ("path.at[k].set(x) doesn't change path, it returns a new array; "
        "keep that: path = path.at[k].set(x).", dropped(0), dropped(1)),
    "only numbers as a start": ("It fails where x0 has coordinates: float(x0), a path of "
        "np.zeros(n_steps + 1) and such things are for one number; jnp.asarray(x0, dtype=float) "
        "takes both.",
        *(
            made
            for kind, message in (
                (TypeError, "Only scalar arrays can be converted to Python scalars"),
                (TypeError, "only length-1 arrays can be converted to Python scalars"),
                (TypeError, "only 0-dimensional arrays can be converted to Python scalars"),
                (ValueError, "setting an array element with a sequence."),
            )
            for right in [only_from(True, kind, message)]
            # What puts x0 into an array of NumPy, or into float(), can't be traced either.
            for made in (right, *(failing_under_jit(right, name) for name in LOOKS[:2]))
        )),
    "only points as a start": ("It fails where x0 is a number, which has no len and no shape; "
        "start with jnp.asarray(x0, dtype=float).",
        only_from(False, TypeError, "object of type 'float' has no len()"),
        only_from(False, AttributeError, "'float' object has no attribute 'shape'"),
        only_from(False, IndexError, "tuple index out of range")),
    "whole numbers fail": ("A whole number as a start has no derivative as far as grad is "
        "concerned; begin with jnp.asarray(x0, dtype=float).",
        only_floats(WALK.right, raises(TypeError, INTEGERS)),
        only_floats(WALK.right, raises(ValueError))),
    "fractions lost": ("Somewhere the numbers are made whole: start with jnp.asarray(x0, "
        "dtype=float), also where x0 is an int.",
        lambda f, x0, *rest: WALK.right(f, np.trunc(x0), *rest), whole_path,
        stored_as_whole_numbers, WALK.after(np.trunc)),
    "sequential update": ("One coordinate has moved before the slope along the other is taken; "
        "move both at once.", WALK.taking(one_by_one)),
    "transposed output": ("The path has one row for each place; yours lists all x0, then all x1.",
        WALK.after(np.transpose)),
    "a column": ("The places are right, but from a number the path has shape (n_steps + 1,); make "
        "no array of one entry out of x0.", column),
    "slope hard-coded": ("These are steps on one function, whatever f is; differentiate the f that "
        "is given.", WALK.with_slope(lambda f, slope, start: lambda x: 2 * x),
        WALK.with_slope(lambda f, slope, start: lambda x: 1 - 8 * x + x**3)),
}

STEPS = mistakes.steps(WALK, waits=(1e-2, 1e-3),
    rename={"normalised gradient": "gradient scaled", "clips the gradient": "gradient scaled",
        "ignores the sign of lr": "lr kept in bounds", "lr shrinks": "shrinking steps",
        "never leaves the start": "never moves"},
    reword={
        "normalised gradient": "The gradient goes in as it is, short on gentle ground and long on "
        "steep ground; don't clip it or scale it to length 1.",
        "ignores the sign of lr": "lr may be negative, and it may be large; take it as it is."},
    also={"normalised gradient": [clipped(1), clipped(10)],
        "ignores the sign of lr": [WALK.with_parameter(0, lambda lr: max(lr, 0)),
            WALK.with_parameter(0, lambda lr: min(lr, 1)),
            WALK.with_parameter(0, lambda lr: np.clip(lr, 0, 1))]})
# Who looks at a slope to decide about the walk fails under jit as well.
(STOPS,) = (mistake for mistake in STEPS if mistake.name == "stops early")
STEPS = mistakes.changed(STEPS, also={"stops early": [failing_under_jit(variant, kind)
    for variant in STOPS.variants[:4:2] for kind in LOOKS[::2]]})

GRADIENT_DESCENT_JAX = Task(
    reference=gradient_descent_jax,
    library="jnp",
    criteria=[Criterion("no step, and one step", 1, none_and_one),
        Criterion("many steps from a number", 2, from_numbers),
        Criterion("from a point with two coordinates, which stays as it was", 2, from_points,
            untouched=True),
        Criterion("the same when called twice, and under jax.jit", 2, again_and_traced)],
    mistakes=[
        *mistakes.changed(mistakes.named(WALK_SLIPS),
            costs={"transposed output": 1, "a column": 2}),
        *STEPS,
        *mistakes.records(WALK, also={"same array appended": [same_point]},
            costs=dict.fromkeys(["start missing", "one step short", "one step too many"], 2)),
        *mistakes.limits(WALK.after), *mistakes.keeps(WALK.right, ["f", "x0", "lr", "n_steps"]),
        *mistakes.returns_nothing()],
    # Both fail with a TypeError wherever they are called; what it says tells them apart.
    indistinguishable=[("jit without static arguments", "assigns into a JAX array")],
)


# --- Task 4: hessian_of --------------------------------------------------------------------


def mixed_places(rng):
    f, g, h = draws.surfaces(rng, 3)
    gentle, steep = draws.decimal(rng, 0.02, 0.04, 3), draws.whole(rng, 1500, 4000)
    v = draws.place(rng, 0.5, 0.95, 4)
    return [
        *draws.one_by_one(Call(f).then(v), Call(g).then(draws.mirrored(v))),
        Call(h).then(draws.place(rng)),
        # Gentle ground bends by a few hundredths, and a steep valley by thousands.
        Call(Function(f"{gentle}*v[0]**2*v[1] + {gentle}*sin(v[1])")).then(draws.place(rng)),
        Call(Function(f"{steep}*(v[0]**2 - v[1]**2) - {steep}*v[0]*v[1]")).then(draws.place(rng)),
        *draws.both_ends(Call(Function("v[0]**2*v[1] - v[1]**3")).then(draws.place(rng, 120, 150))),
    ]


def answered(at):
    """A function of a function, from ``at(f, v)``."""
    return lambda f: lambda v: at(f, v)


def after_hessian(change):
    return answered(lambda f, v: change(curvature(f, v)))


HESSIAN_SLIPS = {
    "grad of a gradient": ("grad differentiates a function that returns one number, and a gradient "
        "is two; the second time it takes jax.jacobian (or jacfwd).",
        lambda f: raises(TypeError, GRAD_OF_A_VECTOR)),
    "value instead of Hessian": ("This is the height f(v) itself; differentiate it twice.",
        lambda f: f),
    "returns nothing": ("Somewhere a return is missing: hessian_of returns a function, and that "
        "function returns the table.", lambda f: None, lambda f: lambda v: None),
}

HESSIAN_OF = Task(
    reference=hessian_of,
    library="jnp",
    criteria=[Criterion("functions where x0 and x1 don't mix", 1,
            lambda rng: [Call(draws.separable(rng)).then(draws.place(rng)) for _ in range(2)]),
        Criterion("tilted bowls and valleys", 1,
            lambda rng: [Call(f).then(draws.place(rng)) for f in (draws.bowl(rng), VALLEY)]),
        Criterion("functions that mix and bend everywhere anew", 3, mixed_places)],
    mistakes=[*mistakes.named(HESSIAN_SLIPS),
        *mistakes.hessians(answered, notebook={"valley": VALLEY},
            rename={"made positive": "made safe for Newton"},
            costs={"four numbers in a row": 1, "half of it": 2, "sign turned around": 2}),
        *mistakes.value_for_a_function("hessian_of", "v",
            [lambda f, x=x: curvature(f, np.full(2, x)) for x in (0.0, 1.0)]),
        *mistakes.limits(after_hessian),
        *mistakes.shares(hessian_of, "f"), *mistakes.keeps(answered(curvature), ["f", "v"],
            rename={"keeps the first f": "keeps the first function"})],
    # Both fail with a TypeError wherever they are called; what it says tells them apart.
    indistinguishable=[("grad of a gradient", "a value, not a function")],
)

TASKS = [SLOPE, SLOPES, GRADIENT_DESCENT_JAX, HESSIAN_OF]
