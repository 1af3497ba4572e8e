"""Marking notes of week 2: the right answers, what earns points, and the mistakes we know.

What every walk gets wrong comes from the library. Peculiar to this week: starts of three kinds
(float, int, tensor), learning rates of any size and sign, and answers that are words. Slips of
bookkeeping (a start missing, a step too few or too many, a word spelled otherwise) cost 2 or 1
points when they are all that is wrong.
"""

import numpy as np
import torch

from autograder.marking import Call, Criterion, Function, Mistake, Task, derivative, draws, mistakes

# --- Task 1: descent_update ----------------------------------------------------------------


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


def one_step(rng):
    """Each argument alone changes once, or is 0, and one step has more than four decimals."""
    first = Call(draws.decimal(rng, 1, 4), draws.decimal(rng, 2, 8), draws.decimal(rng, 0.1, 0.4))
    x, gradient, lr = first.arguments
    return [first, *(draws.twin(first, 0, to) for to in (-x, 0.0)),
        *(draws.twin(first, 1, to) for to in (-gradient, 0.0)),
        draws.twin(first, 2, draws.decimal(rng, 0.55, 0.9)), draws.twin(first, 2, -lr),
        Call(float(draws.tiny(rng)), float(draws.tiny(rng)), draws.decimal(rng, 0.1, 0.4))]


def any_rate(rng):
    return [
        Call(draws.decimal(rng, -4, 4), draws.decimal(rng, 2, 6), -draws.decimal(rng, 0.2, 0.8)),
        Call(draws.decimal(rng, -4, 4), -draws.decimal(rng, 2, 6), draws.decimal(rng, 1.3, 3)),
        *draws.both_ends(Call(draws.decimal(rng, 1500, 4000), draws.decimal(rng, 2, 6), 1.3), 0),
        *draws.both_ends(Call(draws.decimal(rng, 1, 4), draws.decimal(rng, 1500, 4000), 1.3), 1)]


def arrays(rng):
    calls = [
        Call(draws.array(rng, n, 1, 4), draws.array(rng, n, 2, 8), draws.decimal(rng, 0.1, 0.4))
        for n in (2, draws.whole(rng, 3, 5), 1)
    ]
    x, gradient, lr = calls[1].arguments
    return [*calls, Call(draws.mirrored(x), draws.mirrored(gradient), lr)]


def gradient_in_place(x, gradient, lr):
    gradient *= lr
    return x - gradient


DESCENT_UPDATE = Task(
    reference=descent_update,
    criteria=[
        Criterion("one step downhill from a float", 1, one_step),
        Criterion("any learning rate, also above 1 or negative", 1, any_rate),
        Criterion("an array steps entry by entry and stays as it was", 1, arrays, untouched=True),
    ],
    mistakes=[
        Mistake("climbs", "The gradient points uphill, so this walks up; step against it.",
            lambda x, gradient, lr: x + lr * gradient),
        Mistake("ignores lr", "The step has the same length whatever lr is; the learning rate "
            "should scale it.",
            tuple(
                lambda x, gradient, lr, rate=rate: x - rate * gradient
                for rate in (1, 0.1, 0.01, 0.25)
            )),
        Mistake("ignores the sign of lr", "A negative learning rate is allowed and means walking "
            "the other way; use lr as it is given.",
            lambda x, gradient, lr: x - abs(lr) * gradient),
        Mistake("ignores the sign of the gradient", "Which way is down is what the sign of the gradient "
            "says; use it as it is given.", lambda x, gradient, lr: x - lr * np.abs(gradient)),
        Mistake("squares lr", "The learning rate is multiplied in twice; once is enough.",
            lambda x, gradient, lr: x - lr * lr * gradient),
        Mistake("divides by lr", "A small learning rate should give a short step; multiply the "
            "gradient by lr instead of dividing.", lambda x, gradient, lr: x - gradient / lr),
        Mistake("ignores the gradient", "The step doesn't depend on the gradient it was given; "
            "steep ground should give long steps.",
            (lambda x, gradient, lr: x - lr, lambda x, gradient, lr: x - lr * x)),
        Mistake("slope hard-coded to 2x", "This takes 2x for the slope, which is right on x² only; "
            "use the gradient that is passed in.", lambda x, gradient, lr: x - lr * 2 * x),
        Mistake("only the sign of the gradient", "Every step is lr long here; its length should be "
            "lr times the gradient.",
            (lambda x, gradient, lr: x - lr * np.sign(gradient),
                lambda x, gradient, lr: x - lr * gradient / np.linalg.norm(gradient))),
        Mistake("clips the gradient", "On steep ground the step is shorter than lr times the "
            "gradient; take the gradient as it is.",
            tuple(
                lambda x, gradient, lr, most=most: x - lr * np.clip(gradient, -most, most)
                for most in (1, 10, 100, 1000)
            )),
        Mistake("returns the step", "This is the step itself; the answer is the position after "
            "taking it.",
            (lambda x, gradient, lr: lr * gradient, lambda x, gradient, lr: -lr * gradient)),
        Mistake("parentheses in the wrong place", "The learning rate multiplies x as well (or not "
            "the gradient); it belongs to the gradient alone.",
            (lambda x, gradient, lr: lr * (x - gradient), lambda x, gradient, lr: lr * x - gradient,
                lambda x, gradient, lr: x - (lr + gradient))),
        Mistake("subtracts the wrong way round", "The difference is turned around: start at x and "
            "take the step away from it.", lambda x, gradient, lr: lr * gradient - x),
        Mistake("one step for all walkers", "All entries move by the same amount; each walker has "
            "a slope of its own in gradient.",
            (lambda x, gradient, lr: x - lr * np.sum(gradient),
                lambda x, gradient, lr: x - lr * np.mean(gradient))),
        *mistakes.modifies(descent_update, 0, also={"modifies its argument": [gradient_in_place]}),
        *mistakes.scalars_only(descent_update),
        *mistakes.arrays_only(descent_update),
        *mistakes.shapes(descent_update, leave_out=["transposed", "flattened", "an axis too many"]),
        *mistakes.keeps(descent_update, ["x", "gradient", "lr"]),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 2: gradient_descent --------------------------------------------------------------


def gradient_descent(f, x0, lr, n_steps):
    """Trajectory of gradient descent on a function of one number.

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
    return WALK.right(f, x0, lr, n_steps)


def descend(f, slope, x, lr, n_steps):
    """The same, over any slope."""
    path = [x]
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(path[-1]))
    return path


WALK = mistakes.Walk(descend, slope=derivative)
moves = draws.lively(WALK.right, derivative, steep=0.12)


def any_function(rng):
    """A smooth function whose slope is not 2x, gently curved wherever the calls go."""
    d = draws.decimal
    texts = (f"{d(rng, 0.3, 0.9)}*x**2 + {d(rng, 0.3, 0.8)}*sin({d(rng, 1, 1.6)}*x)",
        f"{d(rng, 1, 3)}*sqrt(1 + (x - {d(rng, 0.5, 2)})**2)",
        f"log(1 + exp({d(rng, 1, 2)}*x)) - {d(rng, 0.1, 0.4)}*x",
        f"x**4/{draws.whole(rng, 25, 44)} - {d(rng, 0.2, 0.6)}*x**2 + x",
        f"exp({draws.signed(rng, 0.2, 0.45)}*x) + {d(rng, 0.5, 1.2)}*cos(x)",
        f"{d(rng, 0.3, 0.8)}*x**2 - {d(rng, 1.2, 2)}*tanh(x - {d(rng, 0.2, 0.8)})")
    return Function(draws.choice(rng, *texts))


def is_lively(call, limit=40):
    """Whether a walk keeps moving; who climbs instead stays within the limit."""
    f, x0, lr, n_steps = call.arguments
    with np.errstate(over="ignore", invalid="ignore"):
        return moves(call) and abs(WALK.right(f, x0, -lr, n_steps)).max() < limit


def lively(propose, limit=40):
    """A proposed call whose walk is lively."""
    return draws.until(lambda call: is_lively(call, limit), propose)


def from_the_other_side(call):
    """The same walk from minus its start."""
    return draws.twin(call, 1, -call.arguments[1])


def start(rng):
    return draws.signed(rng, 0.6, 3)


def small(rng):
    return draws.decimal(rng, 0.12, 0.4)


def first_step(rng):
    one = lively(lambda: Call(any_function(rng), start(rng), small(rng), 1))
    return [one, lively(lambda: draws.twin(one, 2, draws.decimal(rng, 0.55, 0.9)))]


def many_steps(rng):
    walk = draws.until(
        lambda call: is_lively(call) and is_lively(from_the_other_side(call)),
        lambda: Call(any_function(rng), start(rng), small(rng), draws.whole(rng, 4, 8)))
    far = Function(f"{draws.decimal(rng, 0.3, 0.6)}*x**2 + {draws.whole(rng, 2, 4)}*sin(x)")
    return [walk, from_the_other_side(walk), lively(lambda: draws.twin(walk, 0, any_function(rng))),
        *draws.both_ends(Call(far, draws.decimal(rng, 120, 150), draws.decimal(rng, 0.06, 0.1), 3), 1)]


def wild_rates(rng):
    def far_out():  # slopes above 10
        f = Function(f"{draws.decimal(rng, 0.9, 1.1)}*x**2 + {draws.decimal(rng, 0.2, 0.5)}*sin(x)")
        rate = draws.decimal(rng, 1.05, 1.35)
        return Call(f, draws.signed(rng, 5.8, 6.6), rate, draws.whole(rng, 3, 5))

    return [lively(far_out, limit=4000),
        lively(lambda: Call(any_function(rng), start(rng), -small(rng), draws.whole(rng, 3, 5))),
        draws.runaway(rng)]


def kinds_of_start(rng):
    def from_an_int():
        x0 = draws.choice(rng, -3, -2, -1, 1, 2, 3)
        return Call(any_function(rng), x0, small(rng), draws.whole(rng, 3, 5))

    walk = lively(from_an_int)
    tensor = lively(lambda: draws.twin(walk, 1, torch.tensor(start(rng), dtype=torch.float64)))
    return [walk, tensor,
        lively(lambda: Call(any_function(rng), 0, small(rng), draws.whole(rng, 3, 5)))]


def numbers_of_steps(rng):
    # Lands on the bottom in one step, exactly, in float32 and in float64.
    scale, rate = draws.choice(rng, (2, 0.25), (4, 0.125))
    bottom, x0 = 0.25 * draws.whole(rng, 2, 8), -0.25 * draws.whole(rng, 1, 8)
    # Starts so close to a hilltop that the ground seems flat, and yet gets away.
    hill = Function(f"{draws.decimal(rng, 1.9, 2.1)}*cos(x)")
    almost = round(draws.whole(rng, 20, 44) * 1e-8, 8)
    long = lively(
        lambda: Call(any_function(rng), start(rng), draws.decimal(rng, 0.06, 0.12), draws.whole(rng, 11, 14)))
    return [draws.twin(long, 3, 0), long,
        Call(Function(f"{scale}*(x - {bottom})**2"), x0, rate, draws.whole(rng, 101, 105)),
        Call(hill, almost, draws.decimal(rng, 1.2, 1.3), 6)]


def points_and_heights(f, x0, lr, n_steps):
    path = WALK.right(f, x0, lr, n_steps)
    return np.array([path, f(path)])


GRADIENT_DESCENT = Task(
    reference=gradient_descent,
    criteria=[
        Criterion("one step goes downhill", 2, draws.for_tensors(first_step)),
        Criterion("many steps on any function", 3, draws.for_tensors(many_steps)),
        Criterion("large and negative learning rates", 2, draws.for_tensors(wild_rates)),
        Criterion("an int or a tensor as the start, left untouched", 1,
            draws.for_tensors(kinds_of_start), untouched=True),
        Criterion("exactly n_steps updates, from none to many", 1,
            draws.for_tensors(numbers_of_steps)),
    ],
    mistakes=[
        *mistakes.steps(WALK, notebook={"square": Function("x**2")}, flat=(2e-6, 1e-3), far=(1e3,),
            rename={"lr twice": "squares lr", "normalised gradient": "only the sign of the slope",
                "clips the gradient": "clips the slope", "lr shrinks": "lr shrinks each step",
                "square hard-coded": "slope hard-coded to 2x"}),
        *mistakes.records(WALK,
            rename={"start twice": "records before updating",
                "heights instead of places": "function values instead of points",
                "slopes instead of places": "slopes instead of points",
                "same array appended": "same tensor appended"},
            also={
                "heights instead of places": [points_and_heights,
                    lambda *arguments: points_and_heights(*arguments).T]},
            costs={"start missing": 2, "one step short": 2, "one step too many": 2,
                "start twice": 3, "in another order": 2, "an axis of one added": 1}),
        *mistakes.starts(WALK,
            rename={"truncated to ints": "int array swallows fractions",
                "int start fails": "integer start fails"}),
        *mistakes.limits(WALK.after, walk=WALK), *mistakes.lost_leaf(WALK.right),
        *mistakes.keeps(WALK.right, ["f", "x0", "lr", "n_steps"]),
        *mistakes.not_by_autograd(gradient_descent, asks=lambda f, x0, lr, n_steps: n_steps > 0),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 3: classify_learning_rate --------------------------------------------------------


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
    return fate(1 - 2 * lr)


def fate(factor):
    if factor == 0:
        return "one step"
    if factor == -1:
        return "oscillates"
    return "converges" if abs(factor) < 1 else "diverges"


def ordinary_rates(rng):
    # Some as close to 0, 0.5 and 1 as the task allows: slow walks, and quick ones.
    limits = [(0.021, 0.025), (0.15, 0.4), (0.455, 0.479), (0.521, 0.545), (0.6, 0.85),
        (0.975, 0.979), (1.021, 1.025)]
    rates = [draws.decimal(rng, *pair, 3) for pair in limits]
    return draws.shuffled(rng, [Call(rate) for rate in (*rates, -rates[1])])


def half(rng):
    rates = [0.5, draws.decimal(rng, 0.15, 0.45, 3), draws.decimal(rng, 1.05, 1.45, 3)]
    return [Call(rate) for rate in rates]


def exactly_one(rng):
    return [Call(1.0), Call(draws.decimal(rng, 1.05, 1.45, 3))]


def regions(
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


def wide(is_half):
    """Takes all that is near 0.5 for 0.5."""
    return lambda lr: "one step" if is_half(lr) else classify_learning_rate(lr)


def simulated(start, n_steps, near):
    """Judges by where a few steps lead."""

    def behaviour(lr):
        x = start
        for k in range(n_steps):
            x -= lr * 2 * x
            if x == 0:
                return "one step" if k == 0 else "converges"
        return "converges" if abs(x) < near else "diverges" if abs(x) * near > 1 else "oscillates"

    return behaviour


CLASSIFY_LEARNING_RATE = Task(
    reference=classify_learning_rate,
    criteria=[
        Criterion("small, alternating, large and negative rates", 2, ordinary_rates),
        Criterion("0.5 arrives in one step, its neighbours don't", 1, half),
        Criterion("1 oscillates, more diverges", 1, exactly_one),
    ],
    mistakes=[
        Mistake("lr 1 diverges", "At lr 1 the walk goes from x to -x and back: it gets neither "
            "closer nor farther.", regions(one="diverges")),
        Mistake("lr 1 converges", "At lr 1 the walk goes from x to -x and back forever, so it "
            "never gets closer to 0.", regions(one="converges")),
        Mistake("lr 1 in one step", "From 4 with lr 1 the first step leads to -4, not to 0; work "
            "out which lr makes the first step end on 0.",
            (regions(one="one step"), regions(half="converges", one="one step"))),
        Mistake("alternating called oscillating", "Between 0.5 and 1 the walk changes sides but "
            "comes closer each time, so it converges.",
            (regions(alternating="oscillates"), regions(alternating="oscillates", one="diverges"),
                regions(alternating="oscillates", one="converges"),
                regions(half="oscillates", alternating="oscillates"))),
        Mistake("alternating diverges", "Between 0.5 and 1 the walk jumps over the bottom but "
            "still comes closer each time; follow a few steps at 0.75.",
            (regions(alternating="diverges"), regions(alternating="diverges", one="diverges"),
                regions(half="converges", alternating="diverges", one="diverges"))),
        Mistake("alternating called one step", "Only one learning rate lands on 0 in one step; "
            "between 0.5 and 1 the first step jumps over it.",
            (regions(alternating="one step"), regions(alternating="one step", one="one step"))),
        Mistake("one step never", "At lr 0.5 the very first step ends on 0 exactly, which has a "
            "word of its own.", regions(half="converges")),
        Mistake("one step near 0.5, too", "Only 0.5 itself lands on 0 in one step; right beside it "
            "the first step nearly gets there, and the next ones come closer.",
            (wide(lambda lr: round(lr, 1) == 0.5), wide(lambda lr: abs(lr - 0.5) < 0.1),
                wide(lambda lr: int(10 * lr) == 5))),
        Mistake("negative lr converges", "A negative learning rate walks uphill, so it gets "
            "farther and farther away.",
            (regions(negative="converges"), regions(negative="converges", one="diverges"),
                regions(negative="converges", half="converges"))),
        Mistake("negative lr oscillates", "A negative learning rate never changes sides; it walks "
            "uphill, farther and farther away.", regions(negative="oscillates")),
        Mistake("large lr oscillates", "Above 1 the walk changes sides, but lands farther out each "
            "time; follow a few steps at 1.5.",
            (regions(large="oscillates"), regions(alternating="oscillates", large="oscillates"),
                regions(one="converges", large="oscillates"),
                regions(large="oscillates", negative="oscillates"))),
        Mistake("large lr converges", "Above 1 each step lands farther out on the other side; it "
            "is the size of the factor that counts, not its sign.",
            (regions(large="converges"), regions(one="converges", large="converges"))),
        Mistake("slope x instead of 2x", "This looks like the answer for slope x; the slope of x² "
            "is 2x, which halves all the limits.", lambda lr: fate(1 - lr)),
        Mistake("too few steps tried", "A few steps cannot tell a slow walk from one that goes "
            "nowhere; look at what one step does to x instead.",
            tuple(
                simulated(start, n_steps, near)
                for start in (4.0, 1.0)
                for n_steps, near in [(10, 0.1), (10, 1e-2), (10, 1e-3), (20, 1e-2), (20, 1e-3),
                    (40, 0.1), (50, 1e-6), (100, 1e-3)])),
        *mistakes.words(classify_learning_rate, ["converges", "diverges", "one step", "oscillates"],
            costs={"spelled differently": 1}),
        *mistakes.returns_nothing(),
    ],
)


# --- Task 4: basin -------------------------------------------------------------------------


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
    return side(end(x0))


def end(x0, lr=0.05, n_steps=300):
    x = np.float64(x0)
    for _ in range(n_steps):
        x = x - lr * slope(x)
    return x


def slope(x):
    return 1 - 8 * x + x * x * x


def side(x):
    return "left" if x < 0 else "right"


LEFT_MINIMUM, _, RIGHT_MINIMUM = np.sort(np.roots([1, 0, -8, 1]).real)


def on_the_slopes(rng):
    # Few, as each walks 300 steps; one of them an int; none where a hilltop might be thought to be.
    x0 = draws.decimal(rng, 1.05, 2.4)
    far = draws.decimal(rng, 3.985, 4, 3)
    starts = [draws.choice(rng, -4, -3, -2, -1), x0, -x0, far, -far]
    return draws.shuffled(rng, [Call(x0) for x0 in starts])


def near_the_hilltop(rng):
    # Two as close to it as the task allows.
    limits = [(-0.055, -0.015), (0.012, 0.03), (0.1137, 0.1149), (0.1355, 0.137)]
    return draws.shuffled(rng, [Call(draws.decimal(rng, *pair, 4)) for pair in limits])


def climbs(word_if_lost):
    """Who keeps it in bounds stays on his side out there."""

    def behaviour(x0):
        x = end(x0, lr=-0.05)
        return side(x) if np.isfinite(x) else word_if_lost or side(x0)

    return behaviour


BASIN = Task(
    reference=basin,
    criteria=[
        Criterion("starts on the slopes of the valleys", 2, on_the_slopes),
        Criterion("starts near the hilltop", 2, near_the_hilltop),
    ],
    mistakes=[
        Mistake("sign of the start", "Negative starts go left, but so do some positive ones: the "
            "watershed is the hilltop, and that isn't at 0.", side),
        Mistake("nearest minimum", "A walker doesn't go to the nearest valley but downhill; what "
            "divides the starts is the hilltop, not the midpoint.",
            lambda x0: side(abs(x0 - LEFT_MINIMUM) - abs(x0 - RIGHT_MINIMUM))),
        Mistake("direction of the first step", "Which way the first step goes is not where the "
            "walk ends: from 4 it goes left and ends right.",
            (lambda x0: side(-slope(x0)), lambda x0: side(slope(x0)))),
        Mistake("always the deeper valley", "Descent doesn't look for the deepest valley; it ends "
            "in the one it happens to stand in.", lambda x0: "left"),
        Mistake("climbs", "This follows the slope uphill; check the sign of the step.",
            (climbs("left"), climbs(""))),
        Mistake("always to the right", "From all starts the answer is the same, as where the steps lead "
            "uphill or too far and nan comes out; print where a walk ends.", lambda x0: "right"),
        Mistake("too few steps", "Near the hilltop the walk starts slowly, so a few steps don't show where "
            "it ends; take all 300, and the hilltop for where it is, near 0.125.",
            tuple(lambda x0, n=n: side(end(x0, n_steps=n)) for n in (1, 2, 3, 5))),
        Mistake("another learning rate", "With a larger learning rate the first step can jump over "
            "the hill; use lr 0.05.",
            tuple(lambda x0, lr=lr: side(end(x0, lr=lr)) for lr in (0.12, 0.15))),
        Mistake("hilltop in the wrong place", "The border between the two basins is too far to the "
            "right; it is the hilltop, near 0.125.",
            tuple(lambda x0, top=top: side(x0 - top) for top in (0.25, 0.5, 1.0))),
        Mistake("a number instead of a word", "The walk is there, but the answer should be the "
            "word \"left\" or \"right\", not where it ended.", end),
        *mistakes.words(basin, ["left", "right"], leave_out=["always the same word"],
            also={"spelled differently": [lambda x0: f"{basin(x0)} valley"]},
            costs={"spelled differently": 1}),
        *mistakes.returns_nothing(),
    ],
)

TASKS = [DESCENT_UPDATE, GRADIENT_DESCENT, CLASSIFY_LEARNING_RATE, BASIN]
