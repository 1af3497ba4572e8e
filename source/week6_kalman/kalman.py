# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 6: A Kalman filter, in pictures
#
# [← Week 5](../week5_jax/jax_descent.ipynb)
#
# The fog is back, and this time you are at sea. You have been rowing for an hour, and you reckon
# that you are 1 km from the harbour, give or take 2. A friend with a wobbly instrument shouts: 3 km,
# give or take 3.
#
# **Two unsure voices disagree. Where are you, and how sure can you be now?**
#
# The answer took people to the Moon, and you know half of it already.
#
# * **You need** week 4: Newton's step, and that curvature is the slope of the slope; what a variance
#   is; how to multiply matrices.
# * **After this you can** weigh what you believe against what you measure, and write a Kalman filter.
# * **Time:** about 95 minutes: four tasks (40 minutes, 20 points by machine), one written question
#   (25 minutes, 5 points by a person), and what lies between. Only an hour? Tasks 1 and 4 are the core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"


def bell(x, mean, variance):
    """The Gaussian bell: how believable each x is."""
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def parabola(x, mean, variance):
    """(x − mean)² / (2 · variance), the same belief as a valley."""
    return (x - mean) ** 2 / (2 * variance)


# %% tags=["figure"]
x = np.linspace(-8, 13, 301)
fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
ax.plot(x, bell(x, 1, 4), color=BLUE, lw=2)
ax.plot(x, bell(x, 3, 9), color=ORANGE, lw=2, ls="--")
ax.annotate("you:\n1, variance 4", (-0.3, bell(-0.3, 1, 4)), (-6.5, 0.15), color=BLUE,
            arrowprops={"arrowstyle": "-", "color": BLUE})
ax.annotate("your friend:\n3, variance 9", (5.5, bell(5.5, 3, 9)), (7.5, 0.13), color=ORANGE,
            arrowprops={"arrowstyle": "-", "color": ORANGE})
ax.text(1.9, 0.215, "?", fontsize=22, ha="center", color=GREEN)
ax.set(xlabel="distance from the harbour, km", ylabel="how believable", ylim=(0, 0.26), yticks=[0, 0.1, 0.2])
plt.show()

# %% [markdown]
# A *belief* is two numbers: where you think you are (the **mean**) and how unsure you are (the
# **variance**). "Give or take 2" is a standard deviation; its square, 4, is the variance.
#
# Run the cells from top to bottom; a task you haven't solved yet doesn't stop the rest. (The next cell
# is folded: it lets the pictures draw *your* answer.)

# %% tags=["hide-input"]
# @title Helpers: run this cell, there is no need to read it
from contextlib import contextmanager
from textwrap import fill, shorten


def numbers(result):
    """Whatever a task returned (numbers, lists, arrays, tensors) as one array of floats."""
    if result is None:
        raise TypeError("expected numbers but got None; is there a return?")
    if callable(result):
        raise TypeError("expected numbers but got a function; call it")
    if torch.is_tensor(result):
        result = result.detach().numpy()
    if np.iscomplexobj(result):
        raise TypeError("expected real numbers but got complex ones")
    whole = isinstance(result, (str, dict)) or getattr(result, "dtype", object) != object
    if whole or not hasattr(result, "__iter__"):
        return np.asarray(result, dtype=float)
    items = [(item, numbers(item)) for item in result]
    return np.array([array[0] if array.shape == (1,) and hasattr(item, "dtype") else array for item, array in items])


def drawable(result, shape):
    """The same for a picture: of this shape and without nan or inf, else an error says so."""
    array = numbers(result)
    if array.shape != shape:
        raise ValueError(f"expected shape {shape}, got {array.shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError("it returned nan or inf")
    return np.clip(array, -1e6, 1e6)


@contextmanager
def yours(ax, task, width=26, at=0.5):
    """Draw a result of `task` inside this; if there is none, the picture says why, `at` this height."""
    try:
        with np.errstate(all="ignore"):
            yield
        return
    except NotImplementedError as error:
        which = str(error).split(":")[0]
        why = f"{which if which.startswith('Task') else task} isn't solved yet"
    except (Exception, SystemExit) as error:
        why = f"{task}: {type(error).__name__}: {error}".encode("ascii", "replace").decode()
    ax.text(0.5, at, fill(shorten(why, 110), width), transform=ax.transAxes, ha="center", va="center", fontsize=9,
            parse_math=False, zorder=9, bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "0.5"})


# %% [markdown]
# ## 1. One measurement
#
# How believable is it that you are at $x$ *and* your friend reads what she reads? If her error has
# nothing to do with yours (the two are *independent*: she doesn't listen to you), it is the one times
# the other: **multiply the bells**. The product is, up to its height, a bell again. Its mean lies
# between the two, and it is narrower than both.
#
# With numbers. Weigh each voice by how sure it is: by its *precision*, which is one over its variance.
# Yours counts 1/4, your friend's counts 1/9:
#
# $$\frac{\tfrac14 \cdot 1 + \tfrac19 \cdot 3}{\tfrac14 + \tfrac19} = 1.6154
# \qquad\text{and precisions add:}\qquad
# \frac{1}{\tfrac14 + \tfrac19} = 2.7692.$$
#
# A vague friend still helped: 2.77 is less than 4. Multiply the first fraction by $4 \cdot 9$, above and
# below, and it says how far you give way to her:
#
# $$\frac{9 \cdot 1 + 4 \cdot 3}{9 + 4} = 1 + \frac{4}{4 + 9}\,(3 - 1).$$
#
# With $z$ for the measurement, $R$ for its variance and $K$, the *gain*, for how far:
#
# | in words | as an equation | with our numbers |
# |---|---|---|
# | how far to give way | $K = \dfrac{\text{variance}}{\text{variance} + R}$ | $\frac{4}{4 + 9} = 0.3077$ |
# | move towards the measurement | $\text{mean} + K\,(z - \text{mean})$ | $1 + 0.3077 \cdot (3 - 1) = 1.6154$ |
# | and be surer than before | $(1 - K) \cdot \text{variance}$ | $0.6923 \cdot 4 = 2.7692$ |
#
# Compare the middle line with week 2: a new place is the old one plus a step, and $K$ is a learning
# rate. Only that nobody has to guess it.

# %% [markdown]
# **Task 1 (5 points, about 10 minutes)**
#
# `fuse(mean, variance, z, R)` returns the belief after one measurement, as a pair
# `(mean, variance)`.
#
# * All four are numbers, and both variances are larger than 0.
# * A tuple, a list, an array or a tensor of two numbers are all fine; the mean comes first.
#
# Worked value: `fuse(1, 4, 3, 9)` is `(1.6154, 2.7692)`.

# %% nbgrader={"grade": false, "grade_id": "fuse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fuse(mean, variance, z, R):
    """The belief (mean, variance) after a measurement z with variance R."""
    ### BEGIN SOLUTION Task 1: return the mean and the variance after the measurement
    gain = variance / (variance + R)
    return mean + gain * (z - mean), (1 - gain) * variance
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_fuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(fuse)
### END HIDDEN TESTS
for name, belief, z, R, expected in [
    ("the boat", (1.0, 4.0), 3.0, 9.0, [1.6154, 2.7692]),
    ("a sure friend", (1.0, 4.0), 3.0, 1.0, [2.6, 0.8]),
    ("from the other side", (-2.0, 0.5), -6.0, 1.5, [-3.0, 0.375]),
]:
    result = fuse(mean=belief[0], variance=belief[1], z=z, R=R)
    after = numbers(result)
    assert result is not None and after.shape == (2,), f"{name}: expected two numbers but got {shorten(repr(result), 60)}"
    assert np.allclose(after, expected, atol=1e-3), f"{name}: expected {expected} but got {after.round(4).tolist()}"
print("Task 1: the visible checks pass")

# %% [markdown]
# Your bell, for three friends who all say 3 but are more or less sure of it. A sure friend pulls
# hard and makes the bell narrow; a vague one leaves you nearly where you were.

# %% tags=["figure"]
x = np.linspace(-6, 9, 301)
expected = {1: (2.6, 0.8), 9: (1.6154, 2.7692), 40: (1.1818, 3.6364)}


def draw_bells(ax, beliefs):
    for (R, belief), style in zip(beliefs.items(), ["-", "--", ":"]):
        ax.plot(x, bell(x, *belief), color=GREEN, ls=style, lw=2, label=f"after z = 3, R = {R}")
    ax.legend(fontsize=8, loc="upper left")


fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your belief after", "what it should look like"]):
    ax.fill_between(x, bell(x, 1, 4), color=BLUE, alpha=0.2, lw=0)
    ax.axvline(3, color=ORANGE, lw=1)
    ax.text(3.15, 0.54, "z", color=ORANGE)
    ax.text(-3.4, 0.07, "before", color=BLUE, ha="center")
    ax.set(title=title, xlabel="x", xlim=(-6, 9), ylim=(0, 0.58))
with yours(axes[0], "Task 1"):
    draw_bells(axes[0], {R: drawable(fuse(1.0, 4.0, 3.0, float(R)), (2,)) for R in expected})
draw_bells(axes[1], expected)
plt.show()

# %% [markdown]
# ## 2. The same, as a valley
#
# What has all this to do with walking downhill? Take the logarithm, and turn the picture over. Minus
# the logarithm of a bell is a **parabola**, $(x - \text{mean})^2 / (2 \cdot \text{variance})$, plus a
# constant that nobody needs. A sure belief is a narrow valley, a vague one is a wide valley. And
# where bells multiply, their logarithms add:

# %% tags=["figure", "cover"]
x = np.linspace(-6, 9, 301)
fig, axes = plt.subplots(2, 2, figsize=(7, 4.4), sharex=True, layout="constrained")
product = bell(x, 1, 4) * bell(x, 3, 9)
total = parabola(x, 1, 4) + parabola(x, 3, 9)
for ax, shape in zip(axes[:, 0], [bell, parabola]):
    ax.plot(x, shape(x, 1, 4), color=BLUE, label="belief")
    ax.plot(x, shape(x, 3, 9), color=ORANGE, ls="--", label="measurement")
axes[0, 0].legend(fontsize=8)
axes[0, 1].plot(x, product, color=GREEN, lw=2)
axes[1, 1].plot(x, total, color=GREEN, lw=2)
for ax, title in zip(axes.flat, ["two bells …", "… multiply", "two parabolas …", "… add"]):
    ax.set_title(title)
for ax in axes[:, 1]:
    ax.axvline(1.6154, color=GREY, ls=":")
for ax in axes[1]:
    ax.set(ylim=(0, 9), xlabel="x")
axes[0, 1].text(1.9, 0.0008, "1.6154", color="#555555")
axes[1, 1].text(1.9, 6.5, "1.6154", color="#555555")
plt.show()

# %% [markdown]
# The top of the product is the bottom of the sum. So the new mean is where
#
# $$f(x) = \frac{(x - \text{mean})^2}{2 \cdot \text{variance}} + \frac{(z - x)^2}{2 R}$$
#
# is lowest, and we have spent five weeks on finding such places. A sum of two parabolas is a parabola,
# and Newton's method (week 4) replaces a function by its parabola and jumps to the bottom of that. Here
# nothing is replaced. **One step, from anywhere, lands exactly.**
#
# Say we start at 10, far off:
#
# | | belief | measurement | sum |
# |---|---|---|---|
# | slope at 10 | $(10 - 1)/4 = 2.25$ | $(10 - 3)/9 = 0.7778$ | $3.0278$ |
# | curvature | $1/4 = 0.25$ | $1/9 = 0.1111$ | $0.3611$ |
#
# $$x_{\text{new}} = x - \frac{\text{slope}}{\text{curvature}}
# = 10 - \frac{3.0278}{0.3611} = 10 - 8.3846 = 1.6154.$$
#
# And the curvature is the precision: one over it is $1 / 0.3611 = 2.7692$, the new variance.
#
# Autograd will find slope and curvature too, if you'd rather not differentiate. For the belief alone:

# %%
x = torch.tensor(10.0, dtype=torch.float64, requires_grad=True)
height = parabola(x, 1, 4)
(slope,) = torch.autograd.grad(height, x, create_graph=True)
(curvature,) = torch.autograd.grad(slope, x)
print("slope", slope.item(), "  curvature", curvature.item())

# %% [markdown]
# **Task 2 (5 points, about 10 minutes)**
#
# `newton_fuse(start, mean, variance, z, R)` returns the pair `(mean, variance)` of the belief after
# the measurement, by one Newton step on $f$ from `start`: the place where the step ends, and one over
# the curvature.
#
# * `start` is a float, near or far; the others are as in Task 1.
# * Slope and curvature by hand or by autograd, as you like. (In float64, as above: seven digits don't
#   carry from a start that is very far.)
#
# Worked value: `newton_fuse(10.0, 1.0, 4.0, 3.0, 9.0)` is `(1.6154, 2.7692)`, and so it is from every
# other start.

# %% nbgrader={"grade": false, "grade_id": "newton_fuse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newton_fuse(start, mean, variance, z, R):
    """The belief (mean, variance) after a measurement, by one Newton step from any start."""
    ### BEGIN SOLUTION Task 2: return where one Newton step ends, and one over the curvature
    slope = (start - mean) / variance + (start - z) / R
    curvature = 1 / variance + 1 / R
    return start - slope / curvature, 1 / curvature
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_newton_fuse", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(newton_fuse)
### END HIDDEN TESTS
for start in (10.0, -50.0, 1.0, 3.0):
    result = newton_fuse(start=start, mean=1.0, variance=4.0, z=3.0, R=9.0)
    after = numbers(result)
    assert result is not None and after.shape == (2,), f"from {start}: expected two numbers but got {shorten(repr(result), 60)}"
    assert abs(after[0] - 1.6154) < 1e-3, f"from {start}: the step should end at 1.6154 but ends at {after[0]:.4f}"
    assert abs(after[1] - 2.7692) < 1e-3, f"from {start}: expected the variance 2.7692 but got {after[1]:.4f}"
print("Task 2: the visible checks pass")

# %% tags=["figure"]
starts = (-28.0, -9.0, 10.0, 33.0)
x = np.linspace(-36, 40, 301)


def draw_landings(ax, ends):
    for start, end, marker in zip(starts, ends, "osD^"):
        shown = np.clip(end, -36, 40)
        height, low = (parabola(at, 1, 4) + parabola(at, 3, 9) for at in (start, shown))
        ax.annotate("", (shown, low), (start, height),
                    arrowprops={"arrowstyle": "->", "color": GREY, "shrinkB": 5})
        ax.plot(start, height, marker, color=ORANGE, ms=7, label=f"from {start:g}: to {end:.4g}")
        ax.plot(shown, low, "*", color=GREEN, ms=12, zorder=3)
    ax.legend(fontsize=8, loc="upper center")


fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your Newton steps", "what they should look like"]):
    ax.plot(x, parabola(x, 1, 4) + parabola(x, 3, 9), color=BLUE)
    ax.set(title=title, xlabel="x", xlim=(-36, 40), ylim=(-15, 330))
axes[0].set_ylabel("f(x)")
with yours(axes[0], "Task 2"):
    ends = [drawable(newton_fuse(start, 1.0, 4.0, 3.0, 9.0), (2,))[0] for start in starts]
    draw_landings(axes[0], ends)
draw_landings(axes[1], [1.6154] * 4)
plt.show()

# %% [markdown]
# A parabola hides nothing: slope and curvature at one place give away the whole of it.
#
# ## 3. Time passes
#
# Now the boat moves while we are thinking. A belief about *now* has to become a belief about *in a
# minute*. Let's keep two numbers, the position and the speed, in a vector. You believe you are at 2
# and moving with speed 1. How sure you are now takes a matrix, the *covariance*: the two variances, 4 and
# 1, on its diagonal, and beside it how much the two errors go together, so far not at all.
#
# $$m = \begin{pmatrix} 2 \\ 1 \end{pmatrix}, \qquad
# P = \begin{pmatrix} 4 & 0 \\ 0 & 1 \end{pmatrix}, \qquad
# F = \begin{pmatrix} 1 & 1 \\ 0 & 1 \end{pmatrix}.$$
#
# $F$ is what a minute does: the new position is position plus speed, the speed stays. So the mean
# moves to $F m = (2 + 1, 1) = (3, 1)$. And the covariance? A number that is multiplied by $a$ has its
# variance, a mean of squares, multiplied by $a \cdot a$. With a matrix, one $F$ stands on either side:
#
# $$F P F^\mathsf{T} = \begin{pmatrix} 5 & 1 \\ 1 & 1 \end{pmatrix}.$$
#
# The position has become less sure, $4 + 1$, since we don't know the speed exactly. And there are
# ones beside the diagonal: *if* we are farther out than we think, we are probably faster than we
# think. Nobody told the filter; it follows. That is how a Kalman filter learns the speed of a thing
# of which it only ever measures the position.
#
# At last, wind and waves do what they like. What may happen in a minute has a covariance of its own,
# $Q$, and it is added. Gusts of variance 0.5 on the speed:
#
# $$F P F^\mathsf{T} + Q = \begin{pmatrix} 5 & 1 \\ 1 & 1 \end{pmatrix}
# + \begin{pmatrix} 0 & 0 \\ 0 & 0.5 \end{pmatrix} = \begin{pmatrix} 5 & 1 \\ 1 & 1.5 \end{pmatrix}.$$
#
# **Task 3 (4 points, about 5 minutes)**
#
# `predict(m, P, F, Q)` returns the pair $(F m,\; F P F^\mathsf{T} + Q)$.
#
# * `m` is an array of shape `(n,)`; `P`, `F` and `Q` are arrays of shape `(n, n)`. `n` may be larger
#   than 2.
# * The answer has two parts: the mean, of shape `(n,)`, and the covariance, of shape `(n, n)`.
#
# The worked value is the example above: `[3, 1]` and `[[5, 1], [1, 1.5]]`.

# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(m, P, F, Q):
    """The belief one time step later: mean of shape (n,) and covariance of shape (n, n)."""
    ### BEGIN SOLUTION Task 3: return the mean and the covariance one time step later
    return F @ m, F @ P @ F.T + Q
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_predict", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(predict)
### END HIDDEN TESTS
F = np.array([[1.0, 1.0], [0.0, 1.0]])
P, Q = np.array([[4.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 0.5]])
result = predict(m=np.array([2.0, 1.0]), P=P, F=F, Q=Q)
assert hasattr(result, "__len__") and len(result) == 2, f"expected the pair (mean, covariance) but got {shorten(repr(result), 60)}"
after, spread = numbers(result[0]), numbers(result[1])
assert after.shape == (2,), f"the mean should have shape (2,) but has {after.shape}"
assert np.allclose(after, [3, 1], atol=1e-4), f"mean: expected [3, 1] but got {after.tolist()}"
assert spread.shape == (2, 2), f"the covariance should have shape (2, 2) but has {spread.shape}"
right = [[5.0, 1.0], [1.0, 1.5]]
assert np.allclose(spread, right, atol=1e-4), f"covariance: expected {right} but got {spread.tolist()}"
print("Task 3: the visible checks pass")

# %% [markdown]
# A belief about two numbers is a bell over the plane, seen from above as an ellipse. (It holds about
# 86 % of the bell: two standard deviations, in every direction.) Three minutes without a
# measurement, each by your `predict`:

# %% tags=["figure"]
angles = np.linspace(0, 2 * np.pi, 100)
drift = np.array([[1.0, 1.0], [0.0, 1.0]])
gusts = np.array([[0.0, 0.0], [0.0, 0.1]])
expected = [
    ([0, 1], [[0.2, 0], [0, 0.1]]),
    ([1, 1], [[0.3, 0.1], [0.1, 0.2]]),
    ([2, 1], [[0.7, 0.3], [0.3, 0.3]]),
    ([3, 1], [[1.6, 0.6], [0.6, 0.4]]),
]


def draw_beliefs(ax, beliefs):
    for k, ((mean, spread), style) in enumerate(zip(beliefs, ["-", "--", "-.", ":"])):
        spread = np.asarray(spread)
        if not np.allclose(spread, spread.T, atol=1e-6):
            raise ValueError("a covariance is symmetric, this one is not")
        sizes, directions = np.linalg.eigh(spread)
        around = directions * np.sqrt(np.maximum(sizes, 0)) @ [np.cos(angles), np.sin(angles)]
        colour = BLUE if k == 0 else GREEN
        ax.plot(mean[0] + 2 * around[0], mean[1] + 2 * around[1], style, color=colour)
        ax.plot(*mean, "o", color=colour, ms=4)
        ax.annotate(f"{k}", mean, (0, 5), textcoords="offset points", ha="center", color=colour,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3})


fig, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your predictions", "what they should look like"]):
    ax.set(title=title, xlabel="position", xlim=(-2, 6.2), ylim=(-0.6, 2.6))
axes[0].set_ylabel("speed")
with yours(axes[0], "Task 3", at=0.88):
    belief, beliefs = (np.array([0.0, 1.0]), np.array([[0.2, 0.0], [0.0, 0.1]])), []
    for _ in expected:
        beliefs.append((drawable(belief[0], (2,)), drawable(belief[1], (2, 2))))
        belief = predict(*beliefs[-1], drift, gusts)
    draw_beliefs(axes[0], beliefs)
draw_beliefs(axes[1], expected)
plt.show()

# %% [markdown]
# The ellipse moves, grows, and leans over: position and speed have got to know each other.
#
# ## 4. Measure one, learn both
#
# Now the friend shouts a position, 6 with variance $R = 5$. Of the speed she knows nothing. Precisions
# add, also as matrices (they are Hessians, and the inverses of covariances), so add hers to that of the
# prediction above:
#
# $$\begin{pmatrix} 5 & 1 \\ 1 & 1.5 \end{pmatrix}^{-1} + \begin{pmatrix} 1/5 & 0 \\ 0 & 0 \end{pmatrix}
# = \begin{pmatrix} 2.5 & 0.5 \\ 0.5 & 1.4 \end{pmatrix}^{-1}.$$
#
# The position is surer, 2.5 in place of 5: your `fuse` would say the same. But the *speed* is surer too,
# 1.4 in place of 1.5. Nobody measured it! The gain is now the first column of the covariance over
# $P_{00} + R$, a share for each of the two, and the bottom of the summed parabolas is at
#
# $$\begin{pmatrix} 3 \\ 1 \end{pmatrix} + \frac{1}{5 + 5} \begin{pmatrix} 5 \\ 1 \end{pmatrix} (6 - 3)
# = \begin{pmatrix} 4.5 \\ 1.3 \end{pmatrix}.$$
#
# ### Try it
#
# The blue ellipse is what you believe; dashed, a minute later by your `predict`; the orange line is the
# position that is measured, and green what you believe then. Turn $R$ up and down: the measurement
# squeezes the ellipse from the sides, and since it leans, that turns it. Whatever $R$ and $Q$ are, the
# mean moves along one line: a fifth in speed for each step in position. Where is that fifth from? Click
# to begin elsewhere.
#
# (Without `ipympl` it is a picture like any other: change the numbers in the last line and run the cell
# again. When you open the notebook anew, *model not found* may stand in its place until you run it.)

# %% tags=["hide-input"]
# @title The playground: run this cell, there is no need to read it
from time import monotonic


def alive(figure, clicked, slid, choices):
    """The figure as a widget over its sliders, and a still picture for others. Fails where nobody could click."""
    from IPython import get_ipython

    if not get_ipython().kernel.get_parent()["content"]["allow_stdin"]:  # nor answer an input()
        raise LookupError("nobody is there")
    backend = plt.rcParams["backend"]
    from ipympl.backend_nbagg import Canvas, FigureManager
    from ipywidgets import FloatSlider, IntSlider, VBox, interactive_output

    plt.switch_backend(backend)  # ipympl has taken over all figures, and we want it for this one
    canvas = FigureManager(Canvas(figure), 0).canvas
    canvas.header_visible = canvas.toolbar_visible = canvas.resizable = False
    canvas.mpl_disconnect(canvas.manager.key_press_handler_id)  # in which k means a logarithmic axis
    canvas.mpl_connect("button_press_event", clicked)
    sliders = {}
    for name, (lowest, first, highest) in choices.items():
        options = {"value": first, "min": lowest, "max": highest, "description": name}
        whole = isinstance(first, int)
        sliders[name] = IntSlider(**options) if whole else FloatSlider(**options, step=0.005, readout_format=".3f")
    interactive_output(slid, sliders)
    shown = canvas._repr_mimebundle_() | VBox([canvas, *sliders.values()])._repr_mimebundle_()
    figure.set_layout_engine("none")  # once is enough: each drawing takes a third less
    return {kind: shown[kind] for kind in shown if kind != "text/html"}


def playground(ax, f, walk, start, **choices):
    """Draw walk(f, start, ...), places of shape (n, 2), into ax; where somebody can click, again from each click.

    The other arguments of walk stand in choices as (lowest, first, highest), and get sliders.
    """
    place, values = list(start), {name: first for name, (_, first, _) in choices.items()}
    plt.close(ax.figure)  # it is shown below, and not once more by pyplot
    line, square = ax.plot([], [], "o-", [], [], "s", color="#D55E00", lw=1, ms=4, zorder=5)
    square.set_markersize(8)
    hint = ax.figure.supxlabel("to click into it: pip install ipympl, restart Jupyter, run again", fontsize=8)

    def draw():
        path, end = np.zeros((0, 2)), monotonic() + 3

        def in_time(*args):
            if monotonic() > end:  # a walk that takes longer is stopped at its next look at f
                raise TimeoutError("stopped after 3 seconds")
            return f(*args)

        try:
            with np.errstate(all="ignore"):
                path = np.clip(walk(in_time, np.array(place, dtype=float), **values), -1e6, 1e6)
            first, last = (f"({x:.3g}, {y:.3g})" for x, y in path[[0, -1]])
            said = f"from {first} " + (f"to {last}" if abs(path[-1]).max() < 1e6 else "and out of sight")
        except NotImplementedError as error:
            said = str(error).split(":")[0] + " isn't solved yet"
        except (Exception, SystemExit) as error:
            path, said = np.zeros((0, 2)), shorten(f"{type(error).__name__}: {error}", 60)
            said = said.encode("ascii", "replace").decode()  # the font knows no more
        line.set_data(*path.T)
        square.set_data(*path[:1].T)
        ax.set_title(said, parse_math=False)
        ax.figure.canvas.draw_idle()

    def clicked(event):
        if event.inaxes is ax:
            place[:] = event.xdata, event.ydata
            draw()

    def slid(**chosen):
        values.update(chosen)
        draw()

    draw()
    try:
        shown = alive(ax.figure, clicked, slid, choices)
    except Exception:
        display(ax.figure)
    else:
        hint.set_text("click anywhere: your own function walks from there")
        display(shown, raw=True)


# %% tags=["figure"]
angles, minute = np.linspace(0, 2 * np.pi, 100), np.array([[1.0, 1.0], [0.0, 1.0]])
circle = np.array([np.cos(angles), np.sin(angles)])
fig, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
ax.axvline(6, color=ORANGE, lw=1)
ax.text(6.1, 4.2, "measured", color=ORANGE)
ax.set(xlabel="position", ylabel="speed", xlim=(-4.5, 10.5), ylim=(-2.5, 4.8))
looks = [("-", BLUE, "before"), ("--", BLUE, "a minute later"), ("-", GREEN, "and measured")]
ax.format_coord = lambda x, y: f"position {x:.2f}, speed {y:.2f}"
outlines = [ax.plot([], [], style, color=color, label=label)[0] for style, color, label in looks]
ax.legend(loc="upper left", fontsize=9)


def outline(m, P):
    """The ellipse of a belief: two standard deviations in every direction."""
    return np.reshape(m, (2, 1)) + 2 * np.linalg.cholesky(P) @ circle


def walk(f, place, Q, R):
    P = np.diag([4.0, 1.0])
    for line, shape in zip(outlines, [outline(place, P), [[], []], [[], []]]):
        line.set_data(*shape)
    m, P1 = f(place, P, minute, np.diag([0.0, Q]))
    m, P1 = drawable(m, (2,)), drawable(P1, (2, 2))
    P2 = np.linalg.inv(np.linalg.inv(P1) + np.diag([1 / R, 0.0]))  # precisions add
    end = P2 @ (np.linalg.inv(P1) @ m + [6 / R, 0.0])
    outlines[1].set_data(*outline(m, P1))
    outlines[2].set_data(*outline(end, P2))
    return np.array([place, m, end])


playground(ax, lambda *belief: predict(*belief), walk, start=(2, 1), Q=(0, 0.5, 3), R=(0.1, 5.0, 25))

# %% [markdown]
# ## 5. Predict, update, predict, update, …
#
# That is the Kalman filter: **predict** (time passes, you get less sure), **update** (a measurement
# comes, you get surer), and again. We build it for a single number that drifts, $F = 1$. Then
# predicting leaves the mean where it is and adds $Q$ to the variance, and updating is your `fuse`.
#
# Start from the belief $m_0 = 1$ with variance $P_0 = 3$. Let $Q = 1$ and $R = 9$, and measure 3, then
# 5:
#
# | | mean | variance |
# |---|---|---|
# | initial belief | 1 | 3 |
# | predict | 1 | 4 |
# | update with 3 | **1.6154** | **2.7692** |
# | predict | 1.6154 | 3.7692 |
# | update with 5 | **2.6145** | **2.6566** |
#
# **Task 4 (6 points, about 15 minutes)**
#
# `kalman_1d(zs, m0, P0, Q, R)` returns the belief after each measurement.
#
# * `zs` is an array of shape `(N,)`, with one measurement at least. The others are numbers; `Q` may
#   be 0, `P0` and `R` are larger than 0.
# * At each measurement predict first, then update. Also at the first one.
# * It returns shape `(N, 2)`: a row for each measurement, mean and variance *after* the update. The
#   initial belief is not a row.
#
# The worked value is the bold part of the table:
# `kalman_1d(np.array([3.0, 5.0]), 1.0, 3.0, 1.0, 9.0)` is `[[1.6154, 2.7692], [2.6145, 2.6566]]`.

# %% nbgrader={"grade": false, "grade_id": "kalman_1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kalman_1d(zs, m0, P0, Q, R):
    """Mean and variance after each measurement, shape (N, 2)."""
    ### BEGIN SOLUTION Task 4: return a mean and a variance for each measurement
    mean, variance = m0, P0
    beliefs = []
    for z in zs:
        mean, variance = fuse(mean, variance + Q, z, R)
        beliefs.append((mean, variance))
    return np.array(beliefs)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_kalman_1d", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(kalman_1d)
### END HIDDEN TESTS
for name, measured, Q, expected in [
    ("two measurements", [3.0, 5.0], 1.0, [[1.6154, 2.7692], [2.6145, 2.6566]]),
    ("only one", [3.0], 1.0, [[1.6154, 2.7692]]),
    ("nothing drifts", [3.0, 5.0, 4.0], 0.0, [[1.5, 2.25], [2.2, 1.8], [2.5, 1.5]]),
]:
    result = kalman_1d(zs=np.array(measured), m0=1.0, P0=3.0, Q=Q, R=9.0)
    beliefs, shape = numbers(result), (len(measured), 2)
    came = "None" if result is None else f"shape {beliefs.shape}"
    assert result is not None and beliefs.shape == shape, f"{name}: expected shape {shape} but got {came}"
    assert np.allclose(beliefs, expected, atol=1e-3), f"{name}: expected {expected} but got {beliefs.round(4).tolist()}"
print("Task 4: the visible checks pass")

# %% [markdown]
# Thirty minutes at sea: a boat that drifts ($Q = 1$) and a wobbly instrument ($R = 6$). The dots are
# what you measure, the dotted line is where the boat really was (nobody on board knows), and the band
# is what the filter should believe: its mean, two standard deviations up and down. Yours is drawn over it.

# %%
truth = [1.6, 2.3, 1.3, 1.1, 0.8, 3.2, 2.3, 3.6, 3.8, 4.8, 4.8, 5.2, 5.7, 5.8, 6.4,
         6.8, 8.0, 9.8, 9.7, 9.5, 10.0, 8.3, 8.6, 8.1, 7.3, 5.7, 5.5, 6.0, 5.4, 4.5]
track = [0.2, 1.9, -1.5, -0.2, -1.8, 2.9, 6.6, 4.0, 8.7, 3.1, 2.0, 4.5, 5.9, 6.7, 7.3,
         6.0, 10.2, 9.6, 11.4, 10.6, 10.6, 8.8, 6.8, 9.4, 8.7, 4.5, 11.7, 6.4, 2.3, 0.7]

# %% tags=["figure"]
means = np.array([0.12, 0.91, 0.0, -0.07, -0.66, 0.54, 2.57, 3.05, 4.93, 4.32, 3.55, 3.87, 4.54, 5.26, 5.94,
         5.96, 7.37, 8.12, 9.21, 9.67, 9.98, 9.59, 8.66, 8.91, 8.84, 7.39, 8.83, 8.02, 6.11, 4.31])
width = 2 * np.sqrt([3.75, 2.65, 2.27, 2.12, 2.05, 2.02, 2.01] + 23 * [2.0])
minutes = np.arange(1, 31)

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.fill_between(minutes, means - width, means + width, color="0.88", lw=0, label="expected band")
ax.plot(minutes, means, color="0.7", lw=6, label="expected mean")
ax.plot(minutes, truth, color="black", lw=1, ls=":", label="the boat")
ax.plot(minutes, track, "o", color=ORANGE, ms=4, label="measurements")
with yours(ax, "Task 4", at=0.92):
    mean, variance = drawable(kalman_1d(np.array(track), 0.0, 9.0, 1.0, 6.0), (30, 2)).T
    if np.any(variance < 0):
        raise ValueError("a variance is never negative")
    ax.plot(minutes, mean, color=GREEN, lw=2, label="yours: the mean")
    ax.plot(minutes, mean - 2 * np.sqrt(variance), color=GREEN, lw=1, label="yours: the band")
    ax.plot(minutes, mean + 2 * np.sqrt(variance), color=GREEN, lw=1)
ax.set(title="thirty minutes at sea", xlabel="minute", ylabel="km", ylim=(-8, 16))
ax.legend(fontsize=8, loc="lower right", ncols=3)
plt.show()

# %% [markdown]
# The measurements are off by 2.3 km in the root mean square, the filter by 1.3. In 29 of the 30
# minutes the boat is inside the band, about what two standard deviations promise. And look at the
# width of the band: after a few minutes it doesn't change any more. What the waves take each minute,
# the measurement gives back. The variance has found its level at 2, and the gain at 1/3.
#
# ## Written question (5 points, about 25 minutes)
#
# Twice this week the start made no difference. Newton's step lands at the same place from everywhere.
# And here is your filter on the same track, from three initial beliefs that couldn't be more
# different ($m_0 = -20$, $0$ and $20$, all with $P_0 = 9$; circles: what to expect):

# %% tags=["figure"]
expected = {
    -20: [-7.38, -3.28, -2.60, -1.76, -1.77, -0.20, 2.08, 2.72, 4.72, 4.18, 3.45, 3.80],
    0: [0.12, 0.91, 0.0, -0.07, -0.66, 0.54, 2.57, 3.05, 4.93, 4.32, 3.55, 3.87],
    20: [7.62, 5.10, 2.60, 1.61, 0.45, 1.27, 3.06, 3.37, 5.15, 4.47, 3.64, 3.93],
}
fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(range(1, 13), track[:12], "o", color=ORANGE, ms=4, label="measurements")
for (start, expected_means), colour in zip(expected.items(), [BLUE, GREEN, "#555555"]):
    ax.plot(0, start, "s", color=colour, ms=7)
    ax.plot(range(1, 13), expected_means, "o", mfc="none", color=colour, ms=8)
with yours(ax, "Task 4", at=0.2):
    for start, colour in zip(expected, [BLUE, GREEN, "#555555"]):
        beliefs = drawable(kalman_1d(np.array(track[:12]), float(start), 9.0, 1.0, 6.0), (12, 2))
        path = np.concatenate([[start], beliefs[:, 0]])
        ax.plot(range(13), path, color=colour, label=f"from {start}")
ax.set(xlabel="minute", ylabel="mean, km", ylim=(-23, 23))
ax.legend(fontsize=8, loc="upper right")
plt.show()

# %% [markdown]
# **Why doesn't the start matter?**
#
# 1. For Newton: show that one step on $f(x) = \tfrac12 c\,(x - b)^2$ ends at $b$ from every start.
#    What would be different on `poly` of week 2?
# 2. For the filter: two filters differ only in $m_0$. By how much do their means differ after $k$
#    measurements, with the gains $K_1, \dots, K_k$? With $Q > 0$, what keeps the gain away from 0? How
#    fast does the difference go to 0 once the gain is 1/3?
# 3. And with $Q = 0$, when you are very sure of a wrong $m_0$ (a tiny $P_0$): does the start matter in
#    the end, and for how long does it?
#
# Eight to twelve lines, in the cell below.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1\. The slope is $c\,(x - b)$ and the curvature is $c$, so the step ends at
# $x - c\,(x - b)/c = b$, whatever $x$ is. The two parabolas of a belief and a measurement add up to
# such an $f$ (plus a constant), with $b$ the new mean and $1/c$ the new variance. `poly` is no
# parabola: its curvature changes from place to place, a step lands at the bottom of the parabola that
# fits at the start, which is another one for each start, and near the hilltop it even leads uphill.
#
# 2\. The variances, and so the gains $K_1, K_2, \dots$, depend on $P_0$, $Q$ and $R$ only, not on $m_0$
# and not on the measurements: they are the same in both filters. The update is
# $m_k = (1 - K_k)\,m_{k-1} + K_k z_k$. The measurement $z_k$ is the same too, so in the difference it
# drops out, and
#
# $$d_k = (1 - K_k)\,d_{k-1} = (1 - K_k) \cdots (1 - K_1)\,d_0 .$$
#
# With $Q > 0$ the predicted variance is at least $Q$, so each gain is at least $Q/(Q + R)$, and each
# factor is at most $R/(Q + R) < 1$: the difference shrinks geometrically. Once the gain is 1/3 every
# measurement leaves two thirds of it; ten of them leave less than 2 %.
#
# 3\. With $Q = 0$ precisions only add up: $1/P_k = 1/P_0 + k/R$. The product of the factors is
# $P_k / P_0 = R / (R + k P_0)$: it still goes to 0, but only like $1/k$, and it is as good as 1 until
# $k$ is about $R / P_0$. So with a tiny $P_0$ the start matters for a very long time (and for ever if
# $P_0 = 0$: who is perfectly sure learns nothing).
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: Newton on a parabola, computed: slope over curvature is exactly the distance to the bottom.
# - 1 point: on `poly` the curvature changes (or: it is no parabola), so where one step ends depends on the start.
# - 1 point: the difference of the means is multiplied by 1 − K at each measurement; the measurements cancel,
#   and the gains are the same in both filters.
# - 1 point: why it goes to 0: with Q > 0 the gain stays above a positive number, so the decay is geometric; by
#   2/3 a step in the end.
# - 1 point: with Q = 0 the gain goes to 0, and the start fades slowly (like 1/k) or, for a tiny P0, hardly at all.
#
# "Because the filter converges" or "because new data outweigh the old" without a factor earns 1 of the points 3 and 4
# together. For point 5 "no, not in the limit" and "yes, in practice, for about $R/P_0$ measurements" are both right. Any
# argument that the gain is nearly 0 is enough; the formula isn't asked for.
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* The picture with the ellipses needed three inverses for one measurement.
# There is a way without any. Only the position is measured, so the gain is a vector, the one of section 4.
# Move the mean by the gain times the surprise $z - m_0$, and take gain times first row away from $P$.
# From (3, 1) and the covariance $\begin{pmatrix} 5 & 1 \\ 1 & 1.5 \end{pmatrix}$ with $z = 6$
# and $R = 5$, that must be (4.5, 1.3) and $\begin{pmatrix} 2.5 & 0.5 \\ 0.5 & 1.4 \end{pmatrix}$. With your `predict` it is
# a whole Kalman filter in two dimensions. Let a boat with speed 1 run past, measure only its positions,
# and watch the speed being learned.

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def update(m, P, z, R):
    """The belief (m, P) about position and speed after the position was measured as z with variance R."""
    ### BEGIN SOLUTION If you have time: update position and speed by a measured position
    gain = P[:, 0] / (P[0, 0] + R)
    return m + gain * (z - m[0]), P - np.outer(gain, P[0])
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. Bells multiply, their parabolas add: precision is curvature, and one Newton step fuses two voices.
# 2. Time widens a belief ($+ Q$), a measurement narrows it. In the end the two balance.
# 3. What is never measured is learned all the same, through what it does to the measured.
#
# ## Where to read on
#
# * Tim Babb, [How a Kalman filter works, in pictures](https://www.bzarg.com/p/how-a-kalman-filter-works-in-pictures/),
#   2015. Where the title of this week is from. A robot in the woods, bells as clouds, and the matrices in
#   colour; read it after Task 3.
# * J. Humpherys, P. Redd and J. West, [A fresh look at the Kalman filter](https://doi.org/10.1137/100799666), *SIAM
#   Review* 54 (2012), 801–823. The whole filter as one Newton step on a sum of parabolas, with many time
#   steps at once: our Task 2, grown up.
# * Roger Labbe, [Kalman and Bayesian filters in
#   Python](https://github.com/rlabbe/Kalman-and-Bayesian-Filters-in-Python). A book made of notebooks. The
#   chapter on one-dimensional filters is this week at leisure.
# * R. E. Kalman, [A new approach to linear filtering and prediction problems](https://doi.org/10.1115/1.3662552),
#   *Journal of Basic Engineering* 82 (1960), 35–45. The beginning. What we call $F$ is $\Phi$ there.
# * L. McGee and S. Schmidt, [Discovery of the Kalman filter as a practical tool for aerospace and
#   industry](https://ntrs.nasa.gov/citations/19860003843), NASA TM-86847, 1985. Two people who were there tell
#   how it got to Apollo, and which of its numbers went wrong in a small computer.
#
# > A man with one watch knows what time it is. A man with two watches is never sure.
# > A man with two watches and their variances is late: he was still computing the gain.
#
# ## Next week
#
# There is no next week; this was the last one, and it closes the circle. You began with a slope, went
# downhill with it, learnt from the curvature how long a step should be, and found out today that
# curvature is another word for being sure. Keep that one. When you next train a model by going
# downhill on a sum of squares, you are multiplying bells. And for curved worlds, where $F$ is no
# matrix but a function, take its Jacobian by autograd (week 4 or 5) and go on as here: that is
# the *extended* Kalman filter, and most things that fly have one.
#
# [← Week 5](../week5_jax/jax_descent.ipynb)
