"""Marking notes of week 6: beliefs that meet measurements, and the filter that repeats it.

Where the measurement is as uncertain as the belief, half of the mistakes give the right numbers: no
call here has R near the variance. Where F is symmetric or Q is 0, others do; so F is lopsided, and
Q = 0 is asked only where somebody who forgot Q has a point to earn.
"""

from types import SimpleNamespace

import numpy as np

from autograder.marking import Call, Criterion, Mistake, Task, draws, mistakes

# --- What several tasks share --------------------------------------------------------------

BELIEF = ("mean", "variance")


def apart(rng, mean):
    """A measurement that is neither close to the mean nor on the other side of the world."""
    return round(mean + draws.signed(rng, 2, 5), 2)


def a_belief(rng, low, high):
    """Mean and variance."""
    return draws.signed(rng, 1, 6, 4), draws.decimal(rng, low, high)


#: Variances of a belief, and of a measurement, of which one is clearly the surer.
SURE, VAGUE = ((4, 9), (0.5, 2.5)), ((0.5, 2.5), (4, 9))


# --- Task 1: fuse --------------------------------------------------------------------------


def fuse(mean, variance, z, R):
    """A Gaussian belief after one measurement.

    Parameters
    ----------
    mean, variance : float
        The belief before.
    z, R : float
        The measurement and its variance.

    Returns
    -------
    tuple of two floats
        Mean and variance of the belief after.

    References
    ----------
    T. Babb, "How a Kalman filter works, in pictures", bzarg.com (2015).
    """
    gain = variance / (variance + R)
    return mean + gain * (z - mean), (1 - gain) * variance


def gained(gain, shrink=None):
    """`fuse` with another gain; the variance shrinks by `shrink`, else as that gain has it."""

    def variation(mean, variance, z, R):
        K = gain(variance, R)
        after = (1 - K) * variance if shrink is None else shrink(variance, R, K)
        return mean + K * (z - mean), after

    return variation


def other_gain(P, R):
    return R / (P + R)


def fused_variance(P, R, K=None):
    return P * R / (P + R)


def right_mean(after):
    """The mean is right; `after(P, R, K)` stands for the variance."""
    return gained(lambda P, R: P / (P + R), after)


def right_variance(mean_after):
    """The variance is right; `mean_after(mean, z, K)` stands for the mean."""

    def variation(mean, variance, z, R):
        return mean_after(mean, z, variance / (variance + R)), fused_variance(variance, R)

    return variation


def variance_first(mean, variance, z, R):
    variance = fused_variance(variance, R)
    return mean + variance / (variance + R) * (z - mean), variance


def to_the_power(power, back=1):
    """Both variances to a power, and the result to the power `back`."""

    def variation(mean, variance, z, R):
        after, found = fuse(mean, variance**power, z, R**power)
        return after, found**back

    return variation


def measurements(rng, limits):
    """Two calls; `limits` are those of the belief's variance, and of the measurement's."""
    calls = []
    for _ in range(2):
        mean, variance = a_belief(rng, *limits[0])
        calls.append(Call(mean, variance, apart(rng, mean), draws.decimal(rng, *limits[1])))
    return calls


def vague_measurements(rng):
    """Of the other belief only the variances differ, and the signs; 0 is a number like others."""
    one, other = measurements(rng, VAGUE)
    mean, _, z, _ = one.arguments
    return [*draws.one_by_one(one, draws.twin(draws.twin(other, 0, -mean), 2, -z)),
        *(draws.twin(one, k, 0.0) for k in (0, 2))]


def wide_and_narrow(rng):
    mean, variance = a_belief(rng, 20, 40)
    other, narrow = a_belief(rng, 0.05, 0.15)
    far, near = draws.signed(rng, 5000, 9000), draws.signed(rng, 0.1, 0.3)
    return [
        Call(mean, variance, apart(rng, mean), draws.decimal(rng, 0.5, 3)),
        Call(other, narrow, apart(rng, other), draws.decimal(rng, 0.8, 1.5)),
        # Far out, and in hundredths.
        *draws.both_ends(Call(far, draws.decimal(rng, 3000, 4000), round(far / 2), 7000.0), 0, 2),
        Call(near, draws.decimal(rng, 0.01, 0.04, 4), 2 * near, draws.decimal(rng, 0.06, 0.09, 4)),
    ]


FUSE_SLIPS = {
    "weights the wrong way round": ("The surer of the two should pull harder: the gain is variance "
        "/ (variance + R), small when R is large.", gained(other_gain),
        gained(other_gain, fused_variance), gained(other_gain, lambda P, R, K: (1 - K) * R)),
    "standard deviations for variances": ("variance and R are variances already, and a variance is "
        "asked for: nothing is to be squared, and no root taken.", to_the_power(2),
        to_the_power(2, back=0.5), to_the_power(0.5), to_the_power(0.5, back=2),
        gained(lambda P, R: P**2 / (P**2 + R**2), fused_variance),
        gained(lambda P, R: P**0.5 / (P**0.5 + R**0.5), fused_variance),
        right_mean(lambda P, R, K: fused_variance(P, R) ** 0.5),
        right_mean(lambda P, R, K: P**2 * R**2 / (P**2 + R**2))),
    "variance not shrinking": ("The mean has moved but the variance is the old one; a measurement "
        "makes you surer, by the factor 1 - gain.", right_mean(lambda P, R, K: P)),
    "variance grows": ("The result is less sure than the belief was; a measurement can only make "
        "you surer.", right_mean(lambda P, R, K: P + R), right_mean(lambda P, R, K: (1 + K) * P)),
    "m - z": ("The belief moves away from the measurement: the difference is z - mean, not mean - "
        "z.", right_variance(lambda mean, z, K: mean + K * (mean - z))),
    "distance instead of difference": ("The belief always moves the same way; z may lie below the "
        "mean or above, so the difference keeps its sign (no abs, no square).",
        right_variance(lambda mean, z, K: mean + K * abs(z - mean)),
        right_variance(lambda mean, z, K: mean - K * abs(z - mean))),
    "difference forgotten": ("The gain belongs to the difference z - mean, not to z alone.",
        right_variance(lambda mean, z, K: mean + K * z), right_variance(lambda mean, z, K: K * z),
        right_variance(lambda mean, z, K: K * (z - mean))),
    "plain average": ("The mean is half-way, whatever the variances; weigh the two by how sure "
        "they are.", right_variance(lambda mean, z, K: (mean + z) / 2),
        lambda mean, variance, z, R: ((mean + z) / 2, (variance + R) / 2),
        lambda mean, variance, z, R: ((mean + z) / 2, (variance + R) / 4),
        lambda mean, variance, z, R: ((mean + z) / 2, variance)),
    "the measurement's variance": ("The variance returned is built on R alone; it is (1 - gain) "
        "times the belief's own.", right_mean(lambda P, R, K: R),
        right_mean(lambda P, R, K: (1 - K) * R)),
    "average of the variances": ("Two vague opinions together are surer than either, so the "
        "variance is below both: add up 1/variance and 1/R, not the variances.",
        right_mean(lambda P, R, K: (P + R) / 2), right_mean(lambda P, R, K: P + K * (R - P))),
    "one over the variance": ("This is how sure the belief is, 1/variance + 1/R; the variance is "
        "one over that.", right_mean(lambda P, R, K: 1 / P + 1 / R)),
    "product of the variances": ("The product still has to be divided by the sum of the two "
        "variances.", right_mean(lambda P, R, K: P * R)),
    "gain instead of the variance": ("The second number is the gain (or 1 - gain); multiply the "
        "variance by 1 - gain.", right_mean(lambda P, R, K: K), right_mean(lambda P, R, K: 1 - K),
        right_mean(lambda P, R, K: K * P)),
    "gain squared": ("The variance shrinks by 1 - gain, once; (1 - gain)² is only the belief's "
        "share, and gain² R of the measurement would have to be added.",
        right_mean(lambda P, R, K: (1 - K) ** 2 * P), right_mean(lambda P, R, K: (1 - K**2) * P),
        right_mean(lambda P, R, K: (1 - K) ** 2 * P + K * R)),
    "variance updated first": ("The gain is computed from a variance that has shrunk already; take "
        "the gain first.", variance_first),
    "brackets forgotten": ("variance / variance + R is 1 + R; the sum below the line needs "
        "brackets.", gained(lambda P, R: 1 + R), gained(lambda P, R: 1 + R, fused_variance),
        right_mean(lambda P, R, K: P * R / P + R),
        lambda m, P, z, R: ((m * R + z * P) / P + R, fused_variance(P, R))),
    "ignores the measurement": ("The mean comes back as it was; move it towards z.",
        lambda mean, variance, z, R: (mean, variance), right_variance(lambda mean, z, K: mean)),
    "the example's numbers": ("These belong to the worked example; work them out from what is "
        "given.", gained(lambda P, R: 4 / 13), lambda *_: (1.6154, 2.7692)),
    "believes the measurement": ("The mean is z itself; the old belief still has a say.",
        lambda mean, variance, z, R: (z, R), right_variance(lambda mean, z, K: z)),
}

FUSE = Task(
    reference=fuse,
    parts=BELIEF,
    result="belief",
    criteria=[
        Criterion("a measurement surer than the belief", 2, lambda rng: measurements(rng, SURE)),
        Criterion("a measurement vaguer than the belief", 2, vague_measurements),
        Criterion("a wide belief, and a narrow one", 1, wide_and_narrow)],
    mistakes=[
        *mistakes.named(FUSE_SLIPS),
        *mistakes.pairs(mistakes.after_all(fuse), *BELIEF, leave_out=["only the variance"],
            costs={"variance before mean": 1}),
        *mistakes.limits(mistakes.after_all(fuse)), *mistakes.returns_nothing(),
        *mistakes.keeps(fuse, ["mean", "variance", "z", "R"]),
    ],
)


# --- Task 2: newton_fuse -------------------------------------------------------------------


def newton_fuse(start, mean, variance, z, R):
    """The same belief by one Newton step on the sum of two parabolas.

    Parameters
    ----------
    start : float
        Where the step starts; it makes no difference.
    mean, variance : float
        The belief before.
    z, R : float
        The measurement and its variance.

    Returns
    -------
    tuple of two floats
        Where the step ends, and one over the curvature.

    References
    ----------
    J. Humpherys, P. Redd and J. West, "A fresh look at the Kalman filter",
    SIAM Review 54 (2012), 801-823.
    """
    slope = (start - mean) / variance + (start - z) / R
    curvature = 1 / variance + 1 / R
    return start - slope / curvature, 1 / curvature


def stepped(end, after=lambda h: 1 / h):
    """The step from another rule: `end(start, slope, curvature)`."""

    def variation(start, mean, variance, z, R):
        slope = (start - mean) / variance + (start - z) / R
        curvature = 1 / variance + 1 / R
        return end(start, slope, curvature), after(curvature)

    return variation


def derived(slope, curvature):
    """A Newton step with other derivatives, each of (x, mean, variance, z, R)."""

    def variation(*arguments):
        g, h = slope(*arguments), curvature(*arguments)
        return arguments[0] - g / h, 1 / h

    return variation


def slope_of(x, m, P, z, R):
    return (x - m) / P + (x - z) / R


def curvature_of(x, m, P, z, R):
    return 1 / P + 1 / R


def turned(x, m, P, z, R):
    """The slope with the sign of the measurement's part turned around."""
    return (x - m) / P + (z - x) / R


def descended(lr, n_steps):
    """Many steps of gradient descent; each leaves 1 - lr h of the way."""
    return stepped(lambda x, g, h: x - (1 - (1 - lr * h) ** n_steps) * g / h)


def newton(x, g, h):
    return x - g / h


def starts(rng, start_from):
    """A sure and a vague measurement, each with a start ``start_from(mean)``."""
    calls = []
    for spread, sureness in (SURE, VAGUE):
        mean, variance = a_belief(rng, *spread)
        calls.append(
            Call(start_from(mean), mean, variance, apart(rng, mean), draws.decimal(rng, *sureness)))
    return calls


def nearby_starts(rng):
    return starts(rng, lambda mean: round(mean + draws.signed(rng, 0.6, 1.8), 2))


def far_starts(rng):
    one, other = starts(rng, lambda mean: draws.signed(rng, 20, 60))
    far = draws.signed(rng, 5000, 9000)
    # What differs in the start alone has the same answer.
    return [*draws.one_by_one(one, other),
        *(draws.twin(one, k, to * one.arguments[k]) for k in (1, 3) for to in (-1, 0)),
        *draws.both_ends(Call(0.0, far, draws.decimal(rng, 3000, 4000), round(far / 2), 7e3), 1, 3)]


def starts_on_a_bottom(rng):
    """On the bottom of one of the two parabolas, where only the other has a slope."""
    (mean, variance), (other, wide) = a_belief(rng, 0.5, 2.5), a_belief(rng, 4, 9)
    z, near = apart(rng, other), draws.signed(rng, 0.1, 0.3)
    return [Call(mean, mean, variance, apart(rng, mean), draws.decimal(rng, 4, 9)),
        Call(z, other, wide, z, draws.decimal(rng, 0.5, 2.5)),
        *(Call(near, near, draws.decimal(rng, 0.01, 0.04, 3), z, draws.decimal(rng, 0.06, 0.09, 3))
            for z in (2 * near, 3 * near))]


NEWTON_SLIPS = {
    "climbs": ("The step goes the wrong way: it is minus slope over curvature.",
        stepped(lambda x, g, h: x + g / h)),
    "a gradient step": ("This is gradient descent; Newton divides the slope by the curvature, and "
        "needs no learning rate and only one step.",
        *(stepped(lambda x, g, h, lr=lr: x - lr * g) for lr in (1, 0.5, 0.1, 0.01)),
        *(descended(*how) for how in ((0.1, 100), (0.1, 10), (0.05, 10), (0.01, 100)))),
    "a learning rate left in": ("Newton's step is the whole of slope over curvature; don't scale "
        "it, however far it leads.", stepped(lambda x, g, h: x - 0.1 * g / h),
        stepped(lambda x, g, h: x - 0.25 * g / h),
        stepped(lambda x, g, h: x - np.clip(g / h, -1, 1)),
        stepped(lambda x, g, h: x - np.clip(g / h, -20, 20))),
    "multiplies by the curvature": ("A narrow valley needs a short step: divide the slope by the "
        "curvature.", stepped(lambda x, g, h: x - g * h)),
    "curvature upside down": ("The second number is the curvature; the variance is one over it.",
        stepped(newton, after=lambda h: h)),
    "standard deviation returned": ("The second number is the square root of what is asked: one "
        "over the curvature is the variance itself.", stepped(newton, after=lambda h: h**-0.5)),
    "halves lost": ("Each parabola is divided by twice its variance; without that 2, its slope and "
        "curvature double, and the variance comes out too small (if both lack it, the place stays, "
        "so it is easy to miss).", stepped(newton, after=lambda h: 0.5 / h),
        lambda x, m, P, z, R: newton_fuse(x, m, P, z, R / 2),
        lambda x, m, P, z, R: newton_fuse(x, m, P / 2, z, R)),
    "halves kept": ("The square brings down a 2, which cancels the 2 below the line: the slopes "
        "are (x - mean) / variance and (x - z) / R.", stepped(newton, after=lambda h: 2 / h),
        stepped(lambda x, g, h: x - g / (2 * h)),
        stepped(lambda x, g, h: x - g / (2 * h), after=lambda h: 0.5 / h),
        stepped(lambda x, g, h: x - 2 * g / h),
        stepped(lambda x, g, h: x - 2 * g / h, after=lambda h: 2 / h)),
    "sign of the measurement's slope": ("The derivative of (z - x)² by x is -2 (z - x): the slope "
        "of the second parabola is (x - z) / R.", derived(turned, curvature_of),
        derived(turned, lambda x, m, P, z, R: 1 / P - 1 / R),
        derived(slope_of, lambda x, m, P, z, R: 1 / P - 1 / R)),
    "one parabola forgotten": ("Slope and curvature are each a sum of two terms, one from the "
        "belief and one from the measurement.", derived(slope_of, lambda x, m, P, z, R: 1 / P),
        derived(slope_of, lambda x, m, P, z, R: 1 / R),
        derived(lambda x, m, P, z, R: (x - m) / P, curvature_of),
        derived(lambda x, m, P, z, R: (x - z) / R, curvature_of), lambda x, m, P, z, R: (m, P),
        lambda x, m, P, z, R: (z, R)),
    "multiplies by the variances": ("A large variance makes a flat parabola: its slope is divided "
        "by the variance, not multiplied by it.",
        derived(lambda x, m, P, z, R: (x - m) * P + (x - z) * R, lambda x, m, P, z, R: P + R),
        derived(slope_of, lambda x, m, P, z, R: P + R)),
    "one over a sum": ("The curvatures 1/variance and 1/R are added up one by one; 1/(variance + "
        "R) is something else.", derived(slope_of, lambda x, m, P, z, R: 1 / (P + R)),
        lambda x, m, P, z, R: (newton_fuse(x, m, P, z, R)[0], P + R)),
    "standard deviations for variances": ("variance and R are variances already: nothing is to be "
        "squared, and no root taken.", lambda x, m, P, z, R: newton_fuse(x, m, P**2, z, R**2),
        lambda x, m, P, z, R: newton_fuse(x, m, P**0.5, z, R**0.5)),
    "variance not shrinking": ("The variance is the old one; the new one is one over the curvature "
        "of the sum.", lambda x, m, P, z, R: (newton_fuse(x, m, P, z, R)[0], P)),
    "belief and measurement exchanged": ("variance goes with the mean, and R with z.",
        lambda x, m, P, z, R: newton_fuse(x, z, P, m, R)),
    "only the step": ("This is the step itself; add it to the start.",
        stepped(lambda x, g, h: -g / h), stepped(lambda x, g, h: g / h)),
    "stays at the start": ("The place returned is the start; return where the step ends.",
        stepped(lambda x, g, h: x)),
}

NEWTON_FUSE = Task(
    reference=newton_fuse,
    parts=BELIEF,
    result="belief",
    criteria=[Criterion("a start nearby", 2, nearby_starts),
        Criterion("a start far away", 2, far_starts),
        Criterion("a start at the belief's mean, and at z", 1, starts_on_a_bottom)],
    mistakes=[
        *mistakes.named(NEWTON_SLIPS),
        *mistakes.pairs(mistakes.after_all(newton_fuse), *BELIEF, leave_out=["only the variance"],
            costs={"variance before mean": 1}),
        *mistakes.limits(mistakes.after_all(newton_fuse)), *mistakes.returns_nothing(),
        *mistakes.keeps(newton_fuse, ["start", "mean", "variance", "z", "R"], idle=["start"]),
    ],
)


# --- Task 3: predict -----------------------------------------------------------------------


def predict(m, P, F, Q):
    """A belief about several numbers, one time step later.

    Parameters
    ----------
    m : ndarray, shape (n,)
        Mean.
    P : ndarray, shape (n, n)
        Covariance; symmetric.
    F : ndarray, shape (n, n)
        What one time step does to the state.
    Q : ndarray, shape (n, n)
        Covariance of what may happen on the way; symmetric.

    Returns
    -------
    tuple of two ndarrays, shapes (n,) and (n, n)
        ``F m`` and ``F P Fᵀ + Q``.

    References
    ----------
    R. E. Kalman, "A new approach to linear filtering and prediction
    problems", Journal of Basic Engineering 82 (1960), 35-45.
    """
    return F @ m, F @ P @ F.T + Q


def moved(mean=None, covariance=None):
    """`predict` with another mean, or another covariance, each from (m, P, F, Q)."""

    def variation(m, P, F, Q):
        right = predict(m, P, F, Q)
        return (right[0] if mean is None else mean(m, P, F, Q),
            right[1] if covariance is None else covariance(m, P, F, Q))

    return variation


def spread(covariance):
    """`predict` with another covariance."""
    return moved(None, covariance)


def later(m, P, F, Q):
    return predict(m, P, F, Q)[1]


def even(table):
    """What makes a table symmetric, and hides that it was not."""
    return (table + table.T) / 2


def unpacks_two(m, P, F, Q):
    _, _ = m
    return predict(m, P, F, Q)


def lopsided(rng, n):
    """A matrix that is neither symmetric, nor near its inverse or its transpose, shape (n, n)."""
    return np.round(draws.array(rng, (n, n), 0.3, 1.2) + np.eye(n), 1)


def covariance(rng, n, low, high):
    """Positive definite, with correlations one sees, shape (n, n)."""
    sizes = rng.uniform(low, high, size=n)
    couplings = rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 0.4, size=(n, n)) / (n - 1)
    table = np.sqrt(np.outer(sizes, sizes)) * couplings
    return np.round((table + table.T) / 2 * (1 - np.eye(n)) + np.diag(sizes), 2)


def rolling(rng):
    """F of a cart with a position and a speed, with some friction: no step back is a step."""
    return np.array([[1.0, draws.decimal(rng, 0.3, 0.8)], [0.0, draws.decimal(rng, 0.6, 0.9)]])


def belief_of(rng, F, noise, scale=1.0):
    """A call with this F, and with Q drawn between the limits `noise`, or 0."""
    n = len(F)
    Q = scale * covariance(rng, n, *noise) if noise else np.zeros((n, n))
    return Call(scale * draws.array(rng, n, 1, 5), scale * covariance(rng, n, 1, 5), F, Q)


def rough_roads(rng):
    one, other = (belief_of(rng, rolling(rng), noise=(0.5, 2)) for _ in range(2))
    return draws.one_by_one(one, draws.twin(other, 0, draws.mirrored(one.arguments[0])))


def any_systems(rng):
    return [
        *(belief_of(rng, lopsided(rng, n), noise=(0.5, 2)) for n in (2, 3, 4)),
        # Far out, and in hundredths.
        *draws.both_ends(belief_of(rng, lopsided(rng, 2), noise=(0.5, 2), scale=4000.0), 0),
        belief_of(rng, lopsided(rng, 2), noise=(0.5, 2), scale=0.02),
    ]


PREDICT_SLIPS = {
    "transpose forgotten": ("The covariance is F P Fᵀ: the second F is transposed (.T).",
        spread(lambda m, P, F, Q: F @ P @ F + Q), spread(lambda m, P, F, Q: F @ P @ F),
        spread(lambda m, P, F, Q: even(F @ P @ F) + Q)),
    "transpose on the wrong side": ("It is F P Fᵀ, not Fᵀ P F: the left F stays as it is.",
        spread(lambda m, P, F, Q: F.T @ P @ F + Q), spread(lambda m, P, F, Q: F.T @ P @ F.T + Q)),
    "mean multiplied from the wrong side": ("The mean is F m, rows of F times m; m F is Fᵀ m.",
        moved(lambda m, P, F, Q: F.T @ m),
        moved(lambda m, P, F, Q: F.T @ m, lambda m, P, F, Q: F.T @ P @ F + Q)),
    "inverse for transpose": ("The T in Fᵀ is a transpose, not an inverse.",
        spread(lambda m, P, F, Q: F @ P @ np.linalg.inv(F) + Q)),
    "F on one side only": ("F is needed twice, F P Fᵀ: a variance is a square, so it feels the "
        "step twice.", spread(lambda m, P, F, Q: F @ P + Q), spread(lambda m, P, F, Q: P @ F.T + Q),
        spread(lambda m, P, F, Q: P @ F + Q), spread(lambda m, P, F, Q: F @ F.T @ P + Q),
        spread(lambda m, P, F, Q: F @ F @ P + Q),
        spread(lambda m, P, F, Q: even(F @ F @ P) + Q), spread(lambda m, P, F, Q: even(F @ P) + Q)),
    "back in time": ("This is where the state was one step before; F leads ahead, not its inverse.",
        lambda m, P, F, Q: predict(m, P, np.linalg.inv(F), Q)),
    "the example's F": ("This F is the example's; use the one that is given.",
        lambda m, P, F, Q: predict(m, P, np.array([[1, 1], [0, 1]]), Q)),
    "entry by entry": ("The star multiplies entry by entry; a matrix product is written with @.",
        lambda m, P, F, Q: (F * m, F * P * F.T + Q), moved(lambda m, P, F, Q: F * m),
        spread(lambda m, P, F, Q: F * P * F.T + Q), spread(lambda m, P, F, Q: F**2 * P + Q),
        spread(lambda m, P, F, Q: F @ P * F.T + Q)),
    "Q forgotten": ("What may happen on the way makes the belief less sure: add Q.",
        spread(lambda m, P, F, Q: F @ P @ F.T)),
    "Q added too early": ("Q comes last: F moves the old covariance only, then Q is added.",
        spread(lambda m, P, F, Q: F @ (P + Q) @ F.T), spread(lambda m, P, F, Q: F @ (P @ F.T + Q))),
    "Q the wrong way": ("Q is added, as it is: time makes a belief less sure.",
        spread(lambda m, P, F, Q: F @ P @ F.T - Q), spread(lambda m, P, F, Q: F @ P @ F.T + 2 * Q),
        spread(lambda m, P, F, Q: F @ P @ F.T + Q @ Q.T),
        spread(lambda m, P, F, Q: F @ P @ F.T + np.sqrt(abs(Q))),
        spread(lambda m, P, F, Q: F @ P @ F.T + np.diag(np.diag(Q)))),
    "Q added to the mean": ("Q says how unsure the step is, not where it leads: it belongs to the "
        "covariance alone.", moved(lambda m, P, F, Q: F @ m + Q),
        moved(lambda m, P, F, Q: F @ m + np.diag(Q))),
    "covariance not moved": ("F moves the belief's width as well as its mean: F P Fᵀ + Q.",
        spread(lambda m, P, F, Q: P + Q), spread(lambda m, P, F, Q: P)),
    "mean not moved": ("The mean is the old one; one time step makes it F m.",
        moved(lambda m, P, F, Q: m)),
    "only the diagonal": ("The entries beside the diagonal are lost; they say how the errors of "
        "position and speed go together.",
        spread(lambda *arguments: np.diag(np.diag(later(*arguments)))),
        spread(lambda *arguments: np.diag(later(*arguments))),
        spread(lambda m, P, F, Q: F @ np.diag(np.diag(P)) @ F.T + Q)),
    "two dimensions only": ("This is written out for two numbers; there may be more of them, and @ "
        "multiplies matrices of any size.",
        lambda m, P, F, Q: predict(m[:2], P[:2, :2], F[:2, :2], Q[:2, :2]), unpacks_two),
    "mean as a column": ("The mean has the shape of m, (n,), not that of a column, (n, 1), or a "
        "row, (1, n).", moved(lambda m, P, F, Q: (F @ m)[:, None]),
        moved(lambda m, P, F, Q: (F @ m)[None, :])),
}

PREDICT = Task(
    reference=predict,
    parts=("mean", "covariance"),
    result="belief",
    criteria=[Criterion("a rolling cart on a smooth road (Q = 0)", 1,
            lambda rng: [belief_of(rng, rolling(rng), noise=None) for _ in range(2)]),
        Criterion("a rolling cart on a rough road", 1, rough_roads),
        Criterion("any F, P and Q, in two to four dimensions", 2, any_systems)],
    mistakes=[
        *mistakes.named(PREDICT_SLIPS),
        mistakes.altering("in one list", "Return two arrays, the mean and the covariance.", predict,
            lambda belief: np.concatenate([np.ravel(part) for part in belief])),
        *mistakes.pairs(mistakes.after_all(predict), "mean", "covariance",
            costs={"covariance before mean": 1}),
        *mistakes.limits(mistakes.after_all(predict)), *mistakes.returns_nothing(),
        *mistakes.keeps(predict, ["m", "P", "F", "Q"]),
    ],
)


# --- Task 4: kalman_1d ---------------------------------------------------------------------


def kalman_1d(zs, m0, P0, Q, R):
    """Beliefs of a Kalman filter about a number that drifts.

    Parameters
    ----------
    zs : ndarray, shape (N,)
        Measurements.
    m0, P0 : float
        Mean and variance of the belief before the first time step.
    Q : float
        What a time step adds to the variance.
    R : float
        Variance of a measurement.

    Returns
    -------
    ndarray, shape (N, 2)
        Mean and variance after the prediction and the update at each measurement.

    References
    ----------
    R. E. Kalman, "A new approach to linear filtering and prediction
    problems", Journal of Basic Engineering 82 (1960), 35-45.
    """
    m, P, rows = m0, P0, []
    for z in zs:
        m, P = fuse(m, P + Q, z, R)
        rows.append((m, P))
    return np.array(rows)


def filtered(update, grow=lambda s: s.P + s.Q, row=lambda s: (s.m, s.P)):
    """The filter with another update, another growth of the variance, or another row.

    The state s has all that is given, the measurement z and its number k, the mean m and the
    variance P, the mean `before` the update, and the variances `old` and `predicted`.
    """

    def variation(zs, m0, P0, Q, R):
        s, rows = SimpleNamespace(m=m0, P=P0, m0=m0, P0=P0, Q=Q, R=R), []
        for s.k, s.z in enumerate(zs):
            s.before, s.old = s.m, s.P
            s.P = s.predicted = grow(s)
            s.m, s.P = update(s)
            rows.append(row(s))
        return np.array([row for row in rows if row])

    return variation


def by(rule):
    """An update by a rule for one measurement."""
    return lambda s: rule(s.m, s.P, s.z, s.R)


right = by(fuse)


def by_gain(gain):
    return lambda s: (s.m + gain(s) * (s.z - s.m), (1 - gain(s)) * s.P)


def with_variance(variance):
    """The mean is right; ``variance(s)`` comes after the predicted one."""
    return filtered(lambda s: (right(s)[0], variance(s)))


def settled(s):
    """The variance that the filter tends to; without drift the first one."""
    return (s.Q + np.sqrt(s.Q * s.Q + 4 * s.Q * s.R)) / 2 if s.Q else s.P0


def gated(sigmas):
    """Measurements too far off are passed over."""
    return lambda s: ((s.m, s.P) if abs(s.z - s.m) > sigmas * (s.P + s.R) ** 0.5 else right(s))


def drifts_too(zs, m0, P0, Q, R):
    """Q is added to the mean as well."""
    drifted = zs - Q * np.arange(1, len(zs) + 1)
    rows = kalman_1d(drifted, m0, P0, Q, R)
    return rows + np.outer(Q * np.arange(1, len(zs) + 1), [1, 0])


def with_initial(rule):
    return lambda zs, m0, P0, *noise: np.vstack([[m0, P0], rule(zs, m0, P0, *noise)])


def begins_at_the_first(zs, m0, P0, Q, R):
    return np.vstack([[zs[0], R], kalman_1d(zs[1:], zs[0], R, Q, R).reshape(-1, 2)])


def filter_call(rng, n, P0=(3, 6), Q=(0.3, 0.8), R=(1.2, 2.2), outlier=None, scale=1.0):
    """A call about something that drifts, with n measurements; the others are limits."""
    m0 = draws.signed(rng, 1, 4)
    zs = m0 + draws.signed(rng, 2, 4) + np.cumsum(draws.array(rng, n, 0.6, 1.8))
    if outlier:  # far off, by any measure, and yet a measurement
        zs[int(rng.integers(n // 3, 2 * n // 3))] += draws.signed(rng, *outlier)
    variances = (scale * draws.decimal(rng, *ends) for ends in (P0, Q, R))
    return Call(np.round(scale * zs, 3), scale * m0, *variances)


def drifting(rng):
    one = filter_call(rng, 3)
    other = filter_call(rng, draws.whole(rng, 5, 8), P0=(0.3, 0.8), Q=(1.2, 2.2), R=(3, 6))
    zs, m0, *_ = one.arguments
    return [*draws.one_by_one(one, draws.twin(other, 1, -m0)), other,
        draws.twin(one, 0, draws.mirrored(zs)),
        # The same twice, and nothing: each is a measurement like others.
        draws.twin(draws.twin(one, 1, 0.0), 0, zs[0] * np.array([1.0, 0, 1]))]


def sure_and_unsure(rng):
    return [filter_call(rng, 4, P0=(25, 40)), filter_call(rng, 4, P0=(0.05, 0.15)),
        # Far out, and in hundredths.
        *draws.both_ends(filter_call(rng, 3, scale=4000.0), 0, 1), filter_call(rng, 3, scale=0.02)]


def one_and_many(rng):
    return [filter_call(rng, 1, R=(7, 9)),
        filter_call(rng, draws.whole(rng, 25, 31), Q=(0.1, 0.25), outlier=(25, 35))]


def one_belief_for_all():
    """A belief that outlives the call, as a global one does; the given one counts once."""
    kept = []

    def variation(zs, m0, P0, Q, R):
        kept[:] = kalman_1d(zs, *(kept[-1] if kept else (m0, P0)), Q, R)
        return np.array(kept)

    return variation


spoilt = mistakes.after_all(kalman_1d)

KALMAN_SLIPS = {
    "update before predict": ("Time passes before each measurement, also before the first: add Q, "
        "then update, then write down the row.",
        filtered(right, lambda s: s.P + s.Q if s.k else s.P),
        filtered(right, lambda s: s.P + s.Q if s.k else s.P, row=lambda s: (s.m, s.P + s.Q))),
    "gain before Q": ("The gain is computed before Q is added; it belongs to the predicted "
        "variance.", filtered(by_gain(lambda s: s.old / (s.old + s.R)))),
    "Q forgotten": ("The belief never widens between measurements: add Q to the variance at each "
        "step.", filtered(right, grow=lambda s: s.P),
        filtered(right, grow=lambda s: s.P if s.k else s.P + s.Q)),
    "Q in the wrong place": ("Q is added to the variance of the belief, once in each step, and to "
        "nothing else.", filtered(right, grow=lambda s: s.P + 2 * s.Q),
        filtered(right, grow=lambda s: s.P + (s.k + 1) * s.Q),
        filtered(right, lambda s: s.P + s.Q * (2 if s.k else 1), row=lambda s: (s.m, s.P + s.Q)),
        filtered(right, grow=lambda s: s.P * s.Q),
        lambda zs, m0, P0, Q, R: kalman_1d(zs, m0, P0, 0, R + Q), drifts_too),
    "Q and R exchanged": ("Q belongs to the passing of time, R to the measurement; here each does "
        "the other's work.", lambda zs, m0, P0, Q, R: kalman_1d(zs, m0, P0, R, Q)),
    "predicted variance": ("The means are right, but the variance is the one before the update; it "
        "shrinks by 1 - gain.", filtered(right, row=lambda s: (s.m, s.predicted))),
    "predictions instead of updates": ("These are the beliefs before each measurement; a row is "
        "the belief after it.", filtered(right, row=lambda s: (s.before, s.predicted))),
    "variance never shrinks": ("The variance only grows; each measurement must also make it "
        "smaller, by the factor 1 - gain.", with_variance(lambda s: s.P),
        filtered(lambda s: (right(s)[0], s.P), row=lambda s: (s.m, fused_variance(s.P, s.R)))),
    "R in place of P": ("The variance after the update is (1 - gain) times the predicted variance, "
        "not times R.", with_variance(lambda s: (1 - s.P / (s.P + s.R)) * s.R),
        with_variance(lambda s: s.R)),
    "weights the wrong way round": ("The surer of the two should pull harder: the gain is P / (P + "
        "R), with the predicted P.", filtered(by(gained(other_gain))),
        filtered(by(gained(other_gain, fused_variance))),
        filtered(by(gained(other_gain)), lambda s: s.P + s.Q if s.k else s.P)),
    "variance updated first": ("The gain is computed from a variance that has shrunk already.",
        filtered(by(variance_first))),
    "average of the measurements": ("This is their mean so far; the initial belief has a say, and "
        "old ones count less.", lambda zs, m0, P0, Q, R: np.transpose(
            [np.cumsum(zs), 0 * zs + R] / np.arange(1, len(zs) + 1))),
    "backwards in time": ("Begin with the first measurement.",
        lambda zs, *others: kalman_1d(zs[::-1], *others)[::-1]),
    "m - z": ("The belief moves away from the measurement: the difference is z - m.",
        filtered(by(right_variance(lambda m, z, K: m + K * (m - z))))),
    "starts afresh": ("Each measurement must meet the belief that the one before has left, not the "
        "initial one.", filtered(lambda s: fuse(s.m0, s.P, s.z, s.R), grow=lambda s: s.P0 + s.Q),
        filtered(lambda s: fuse(s.m0, s.P, s.z, s.R)), filtered(right, grow=lambda s: s.P0 + s.Q),
        filtered(lambda s: (s.m + s.P / (s.P + s.R) * (s.z - s.m0), right(s)[1]))),
    "gain computed once": ("The gain changes as the belief gets surer; compute it anew at each "
        "measurement.", filtered(by_gain(lambda s: (s.P0 + s.Q) / (s.P0 + s.Q + s.R))),
        filtered(right, grow=settled)),
    "outliers thrown away": ("A measurement far off is passed over; it counts like any other, as "
        "the gain depends on the variances alone.",
        *(filtered(gated(sigmas)) for sigmas in (2, 3, 5)),
        filtered(gated(3), row=lambda s: None if s.m == s.before else (s.m, s.P))),
    "begins at the first measurement": ("The initial belief (m0, P0) is ignored; it has a say at "
        "the first measurement too.", begins_at_the_first,
        lambda zs, m0, P0, Q, R: kalman_1d(zs, zs[0], P0, Q, R)),
    "standard deviations for variances": ("P0, Q, R and the second column are variances: nothing "
        "is to be squared or rooted.",
        spoilt(lambda rows: np.stack([rows[:, 0], rows[:, 1] ** 0.5], axis=1)),
        lambda zs, m0, P0, Q, R: kalman_1d(zs, m0, P0**2, Q**2, R**2),
        lambda zs, m0, P0, Q, R: kalman_1d(zs, m0, P0, Q**2, R**2),
        lambda zs, m0, P0, Q, R: kalman_1d(zs, m0, P0, Q, R**2)),
    "fractions lost": ("They are, in an array of ints.", spoilt(np.trunc)),
    "a measurement left out": ("There is one row for each measurement, from the first to the last; "
        "here one is missing.", lambda zs, *others: kalman_1d(zs[1:], *others),
        lambda zs, *others: kalman_1d(zs[:-1], *others), spoilt(lambda rows: rows[1:]),
        lambda zs, *others: kalman_1d(list(dict.fromkeys(zs)), *others)),
    "only the means": ("Each row has two numbers, the mean and the variance.",
        spoilt(lambda rows: rows[:, 0])),
    "only the last belief": ("Return the beliefs after every measurement, not only the last.",
        spoilt(lambda rows: rows[-1]), spoilt(lambda rows: rows[-1:])),
    "an axis of one lost": ("One measurement gives a table of one row; leave out squeeze().",
        spoilt(np.squeeze)),
    "same row appended": ("All rows are equal: one and the same array was appended each time; "
        "append a new one.", spoilt(lambda rows: np.tile(rows[-1], (len(rows), 1)))),
}

#: Right numbers in the wrong place cost 2 of 6, not everything.
KALMAN_PLACES = {
    "transposed": ("One row for each measurement and two columns, (N, 2); yours lists all means, "
        "then all variances (.T turns a table round, reshape doesn't).",
        spoilt(lambda rows: rows.T), spoilt(lambda rows: rows.T.reshape(-1, 2))),
    "variance before mean": ("The columns are exchanged: the mean comes first.",
        spoilt(lambda rows: rows[:, ::-1])),
}

KALMAN_1D = Task(
    reference=kalman_1d, by_name=False,
    columns=BELIEF,
    criteria=[Criterion("a number that stands still (Q = 0)", 1,
            lambda rng: [filter_call(rng, draws.whole(rng, 3, 6), Q=(0, 0)) for _ in range(2)]),
        Criterion("a number that drifts", 3, drifting),
        Criterion("a sure and an unsure initial belief", 1, sure_and_unsure),
        Criterion("one measurement, and many", 1, one_and_many)],
    mistakes=[
        *mistakes.named(KALMAN_SLIPS),
        Mistake("initial belief as a row", "The initial belief is not a row: there is one row for "
            "each measurement.", (with_initial(kalman_1d),
                lambda *arguments: with_initial(kalman_1d)(*arguments)[:-1]),
            alters=(with_initial,)),
        *mistakes.changed(mistakes.named(KALMAN_PLACES), costs=dict.fromkeys(KALMAN_PLACES, 2)),
        *mistakes.limits(spoilt), *mistakes.returns_nothing(),
        *mistakes.remembers(kalman_1d, also={"remembers the last call": [one_belief_for_all]},
            reword={"remembers the last call": "What the call before has found is still there: "
                "list and belief begin anew in each call (a default argument is made only once)."}),
        *mistakes.keeps(kalman_1d, ["zs", "m0", "P0", "Q", "R"]),
    ],
)

TASKS = [FUSE, NEWTON_FUSE, PREDICT, KALMAN_1D]
