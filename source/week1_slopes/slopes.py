# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 1: What is a slope?
#
# [Week 2 →](../week2_descent/descent.ipynb)
#
# You stand on a hillside in thick fog. You can't see the valley, but you can feel the ground tilt under your shoes, and
# that tilt is all that gradient descent, the subject of this course, ever knows about the hill.
#
# A slope is *rise over run*, and it takes two points to have a run.
# **How can there be a slope at a single point?**
#
# * **You need** Python functions and NumPy arrays, and to have met a derivative once. You needn't have liked it.
# * **After this you can** take a slope in four ways, and say how far to trust each.
# * **Time:** about 90 minutes: four tasks (45 minutes, 20 points by machine), one written question (20 minutes, 5
#   points by a person), and what lies between. Only an hour? Tasks 1 and 3 are the core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"  # apart for all eyes


def square(x):
    return x**2


def cube(x):
    return x**3


def poly(x):
    return x - 4 * x**2 + x**4 / 4


# %% tags=["figure"]
here = -1
fig, axes = plt.subplots(ncols=3, figsize=(7, 2.8), layout="constrained")
for ax, reach, title in zip(axes, [4, 0.4, 0.04], ["a hill", "10 times closer", "100 times closer"]):
    x = np.linspace(here - reach, here + reach, 200)
    ax.plot(x, poly(x), color=BLUE)
    ax.plot(here, poly(here), "o", color=ORANGE, markeredgecolor="black", markersize=5)
    ax.set(title=title, xlabel="x", xticks=[here - 0.75 * reach, here, here + 0.75 * reach])
    if reach > 0.1:
        bottom, top = poly(here - reach / 10), poly(here + reach / 10)
        ax.add_patch(plt.Rectangle((here - reach / 10, bottom), reach / 5, top - bottom, fill=False, linestyle="--"))
axes[0].set_ylabel("y")
plt.show()

# %% [markdown]
# Each panel magnifies the dashed box of the panel before. From far away the hill bends; from near enough it is a
# straight line, and a straight line has a slope. That is the whole idea.
#
# Run the cells from top to bottom; a task you haven't solved yet doesn't stop the rest. In all weeks, what counts is
# the numbers that you return, as a list, an array or a tensor, and not how you got them: an import, a helper of your
# own or an earlier task is fine. (If that one is wrong, mend it first; the feedback says so.)
#
# The next cell is folded: it lets the pictures draw *your* answer.

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
# ## 1. Two points, then closer
#
# Take $y = x^2$ at $x = 1$. Step to the right by $h$, and see how much higher you are:
#
# | $h$ | $(1 + h)^2$ | rise $(1 + h)^2 - 1$ | rise over run |
# |---|---|---|---|
# | 2 | 9 | 8 | 4 |
# | 1 | 4 | 3 | 3 |
# | 0.1 | 1.21 | 0.21 | 2.1 |
# | 0.01 | 1.0201 | 0.0201 | 2.01 |
#
# The last column is on its way to 2. A little algebra says why. At any $x$,
#
# $$\frac{(x + h)^2 - x^2}{h} = \frac{x^2 + 2xh + h^2 - x^2}{h} = 2x + h,$$
#
# and as $h$ shrinks only $2x$ is left. This is the derivative. For a function $f$,
#
# $$\frac{df}{dx}(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}.$$
#
# It is $h$ that goes to zero; $x$ stays where it is. In code the fraction is one line:

# %%
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h


for h in [2, 1, 0.1, 0.01]:
    print(f"h = {h:<5} slope = {forward_difference(square, 1.0, h):.4f}")

# %% [markdown]
# On the picture, the fraction is the slope of a *secant*, the line through both points. As the second point slides
# towards the first, the secant turns into the *tangent*.

# %% tags=["figure", "cover"]
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
x = np.linspace(-0.5, 3.2, 200)
ax.plot(x, square(x), color=BLUE, linewidth=2.5)
line = np.array([-0.3, 3.45])
for h, style in [(2, ":"), (1, "-."), (0.5, "--")]:
    slope = forward_difference(square, 1.0, h)
    ax.plot(line, 1 + slope * (line - 1), style, color=GREY)
    ax.plot(1 + h, square(1 + h), "o", color=BLUE)
    ax.text(3.5, 1 + slope * 2.45, f"h = {h}: slope {slope:g}", va="center")
ax.plot(line, 1 + 2 * (line - 1), color=ORANGE, linewidth=2.5)
ax.text(3.5, 1 + 2 * 2.45, "tangent: slope 2", va="center", weight="bold")
ax.plot(1, 1, "o", color="black", markersize=8)
ax.set(title="the secants of x² at x = 1 close in on the tangent", xlabel="x", ylabel="y",
       xlim=(-0.5, 4.9), ylim=(-4.5, 11.5))
plt.show()

# %% [markdown]
# ## 2. Step both ways
#
# All those secants are too steep, since they only look ahead, and ahead the curve is steeper. Look the same distance
# back as well, and the two errors largely cancel. For $x^3$ at $x = 1$, where the slope is 3, and $h = 0.1$:
#
# | | rise | run | slope |
# |---|---|---|---|
# | forward | $1.1^3 - 1^3 = 0.331$ | 0.1 | 3.31 |
# | both ways | $1.1^3 - 0.9^3 = 0.602$ | 0.2 | **3.01** |
#
# Thirty-one times closer, for the same two evaluations of $f$. This is the *central difference*
#
# $$\frac{f(x + h) - f(x - h)}{2h}.$$
#
# **Task 1 (6 points, about 15 minutes)**
#
# `central_difference(f, x, h=1e-5)` returns the fraction above, at exactly the `h` it is given: `central_difference(cube, 1.0, h=0.1)` is `3.01`, the
# secant's slope, and not the 3 that a better method would find. When `h` is left out it is `1e-5`.
#
# * `x` is a float or an array of floats of any shape. The answer has the shape of `x`: a number for a float, and for
#   an array the slope at each of its elements.
# * `f` takes floats and arrays (of which it takes each element by itself, as `np.sin` does). It may refuse tensors.

# %% nbgrader={"grade": false, "grade_id": "central_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_difference(f, x, h=1e-5):
    """The slope of the secant of f from x - h to x + h, in the shape of x."""
    ### BEGIN SOLUTION Task 1: return the slope of the secant from x - h to x + h
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_central_difference", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(central_difference)
### END HIDDEN TESTS
def cube_without_tensors(x):
    assert not isinstance(x, torch.Tensor), "this f takes floats and arrays, but it was given a tensor"
    return x**3


slope = numbers(central_difference(cube_without_tensors, x=1.0, h=0.1))
assert slope.shape == (), f"a float x should give one number, but the answer has shape {slope.shape}"
assert abs(slope - 3.01) < 1e-3, f"x³ at 1 with h = 0.1: expected 3.01, but got {slope:.5g}"
slope = numbers(central_difference(np.sin, x=0.5))
assert abs(slope - 0.87758) < 1e-3, f"sin at 0.5 with the default h: expected 0.87758, but got {slope:.5g}"
slopes = numbers(central_difference(cube, x=np.array([[0.0, 1.0, 2.0], [-1.0, -2.0, 0.5]]), h=0.5))
assert slopes.shape == (2, 3), f"an x of shape (2, 3) should give shape (2, 3), but the answer has shape {slopes.shape}"
expected = [[0.25, 3.25, 12.25], [3.25, 12.25, 1.0]]
assert np.allclose(slopes, expected, atol=1e-3), f"x³ with h = 0.5: expected {expected}, but got {slopes.tolist()}"
print("Task 1: the visible checks pass")

# %% [markdown]
# The check above is a sample. Your points come from calls of the same kind with other functions and numbers, in this
# task and in all others.
#
# Here is your function at work on $\sin x$ with a clumsy $h = 1.5$, so clumsy that you can see it: the secants cut the
# corners, and come out at two thirds of the true slope $\cos x$. (The exact factor is $\sin(h) / h = 0.665$.)

# %% tags=["figure"]
x = np.linspace(0, 2 * np.pi, 60)
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(x, np.cos(x), "--", color=BLUE, label="true slope, cos x")
ax.plot(x, 0.665 * np.cos(x), color="0.78", linewidth=7, label="expected")
with yours(ax, "Task 1"):
    slopes = drawable(central_difference(np.sin, x.copy(), 1.5), (60,))
    ax.plot(x, slopes, ".-", color=ORANGE, linewidth=1, label="yours")
ax.set(title="the slope of sin x by central differences, h = 1.5", xlabel="x", ylabel="slope", ylim=(-1.8, 1.8))
ax.legend(loc="upper center")
plt.show()

# %% [markdown]
# ## 3. How small is small?
#
# The limit says: the smaller $h$, the better. Let us take it at its word, on $x^3$ at $x = 1$, with $h$ from
# about 0.3 down to a million-millionth. Both axes are logarithmic, so that an error of $h^2$ is a straight line that drops two
# decades for each decade of $h$.

# %% tags=["figure"]
hs = 10.0 ** np.arange(-12, -0.4, 0.5)
forward = [abs(forward_difference(cube, 1.0, h) - 3) for h in hs]
about = [5e-5, 1e-11, 1e-1]  # of central differences at 1e-12, 5e-6 and 0.3

fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.set(title="the error of the slope of x³ at x = 1", xscale="log", yscale="log",
       xlabel="h (smaller steps are on the left)", ylabel="|slope − 3|", ylim=(1e-13, 30))
ax.plot([1e-12, 5e-6, 0.3], about, color="0.78", linewidth=9, label="expected, roughly")
ax.plot(hs, forward, "x--", color=BLUE, label="forward difference")
with yours(ax, "Task 1"):
    error = abs(drawable([central_difference(cube, 1.0, h) for h in hs], hs.shape) - 3)
    ax.plot(hs, np.maximum(error, 2e-13), "o-", color=ORANGE, markersize=4, label="yours")
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# From the right, both lines come down as promised, the central one twice as steeply. Then they turn round and climb:
# a V. At $h = 10^{-12}$ the central one is as far off as at $h = 0.01$.
#
# > **Student:** How small should I make $h$?  
# > **Mathematician:** As small as you like.  
# > **Computer:** I'd rather you didn't.
#
# Why it climbs is the written question at the end.
#
# ## 4. No function, only numbers
#
# Often there is no formula to evaluate at $x + h$, only a table. A hiker notes the altitude at 0, 1, 2, 4, 5 and 8
# hours:
#
# | hours | 0 | 1 | 2 | 4 | 5 | 8 |
# |---|---|---|---|---|---|---|
# | metres | 400 | 700 | 1100 | 1500 | 1500 | 300 |
#
# Between 2 and 4 hours she climbs 400 m in 2 hours, 200 m an hour. Was that her pace at 2 hours, or at 4? We can't
# know, but the best guess is neither: it is the middle, 3 hours. A secant from $a$ to $b$ *is* a central
# difference at the midpoint $(a + b)/2$, with $h = (b - a)/2$. So
#
# $$m_i = \frac{x_i + x_{i+1}}{2}, \qquad s_i = \frac{y_{i+1} - y_i}{x_{i+1} - x_i}.$$
#
# **Task 2 (5 points, about 10 minutes)**
#
# `grid_slope(X, Y)` returns the pair `(midpoints, slopes)`, both of shape `(n - 1,)`.
#
# * `X` and `Y` are arrays of shape `(n,)`, of floats or ints, with n at least 2.
# * `X` increases strictly, but may be unevenly spaced.
#
# Worked value: `grid_slope(np.array([0, 1, 3]), np.array([0, 1, 9]))` is `([0.5, 2.0], [1.0, 4.0])`.

# %% nbgrader={"grade": false, "grade_id": "grid_slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grid_slope(X, Y):
    """The midpoints of the gaps of X and the slope of Y across each gap, both of shape (n - 1,)."""
    ### BEGIN SOLUTION Task 2: return the midpoints and the slopes between neighbouring points
    midpoints = (X[1:] + X[:-1]) / 2
    slopes = np.diff(Y) / np.diff(X)
    return midpoints, slopes
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_grid_slope", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(grid_slope)
### END HIDDEN TESTS
pair = grid_slope(X=np.array([0, 1, 3]), Y=np.array([0, 1, 9]))
assert pair is not None, "expected (midpoints, slopes), but got None: is the return missing?"
pair = list(pair)
assert len(pair) == 2, f"expected two things, (midpoints, slopes), but got {len(pair)}"
midpoints, slopes = numbers(pair[0]), numbers(pair[1])
assert midpoints.shape == (2,), f"3 points have 2 midpoints, but got shape {midpoints.shape}"
assert slopes.shape == (2,), f"3 points have 2 slopes between them, but got shape {slopes.shape}"
assert np.allclose(midpoints, [0.5, 2.0], atol=1e-4), f"expected midpoints [0.5, 2.0], but got {midpoints.tolist()}"
assert np.allclose(slopes, [1.0, 4.0], atol=1e-4), f"expected slopes [1.0, 4.0], but got {slopes.tolist()}"
print("Task 2: the visible checks pass")

# %% tags=["figure"]
hours = np.array([0, 1, 2, 4, 5, 8])
metres = np.array([400, 700, 1100, 1500, 1500, 300])

fig, (ax0, ax1) = plt.subplots(nrows=2, sharex=True, figsize=(7, 4.4), layout="constrained")
ax0.plot(hours, metres, "o-", color=BLUE)
ax0.set(title="a day on the hill", ylabel="altitude (m)", ylim=(0, 1800))
ax1.stairs([300, 400, 200, 0, -400], hours, baseline=None, color="0.78", linewidth=7,
           label="expected: dots in the middle of the bars")
ax1.axhline(0, color=GREY, linewidth=0.8)
with yours(ax1, "Task 2", width=60, at=0.17):
    midpoints, slopes = (drawable(part, (5,)) for part in grid_slope(hours.copy(), metres.copy()))
    ax1.plot(midpoints, np.clip(slopes, -1250, 950), "o", color=ORANGE, label="yours")
ax1.set(xlabel="time (hours)", ylabel="slope (m/h)", xlim=(-0.4, 8.4), ylim=(-1300, 1000))
ax1.legend(loc="upper right", ncols=2)
plt.show()

# %% [markdown]
# In the worked example the points lie on $y = x^2$, and the slopes 1 and 4 at the midpoints 0.5 and 2 are *exactly*
# $2x$. For parabolas the midpoint is no mere best guess: it is right.
#
# ## 5. Torch does neither
#
# Differences approximate. You could also do what you did at school, take the formula $x^2$ to the formula $2x$; a
# computer algebra system does that, and it is called *symbolic* differentiation. Torch does a third thing:

# %%
x = torch.tensor(4.0, requires_grad=True)   # "remember what happens to this number"
y = x**2                                    # 16, and a note: "I was made by squaring x"
y.backward()                                # walk back along the notes
print("y =", y.item(), " dy/dx =", x.grad.item())

# %% [markdown]
# While it computes $y$, torch writes down each operation. `backward()` reads those notes from the last to the first
# and multiplies the slopes of the single steps, by the chain rule. Take $\sin(x^2)$ at $x = 2$:
#
# | forwards | number | | backwards | number |
# |---|---|---|---|---|
# | $x$ | 2 | | $dy/dy$ | 1 |
# | $u = x^2$ | 4 | | $dy/du = \cos u$ | $-0.654$ |
# | $y = \sin u$ | $-0.757$ | | $dy/dx = dy/du \cdot 2x$ | $-2.615$ |
#
# This is *automatic differentiation* in *reverse mode*. There is no $h$, so it is exact but for the rounding of floats;
# and no formula for the derivative is ever built, only numbers flow, so it also works on loops and on networks with
# a million weights.
#
# | | needs | gives |
# |---|---|---|
# | finite differences | values of $f$ | a number, approximate |
# | symbolic | a formula | a formula, exact |
# | automatic (torch) | code made of known steps | a number, exact up to rounding |
#
# One habit of torch surprises everyone once. `backward()` doesn't *set* `x.grad`, it *adds* to it:

# %%
x = torch.tensor(4.0, requires_grad=True)
for number in [1, 2]:
    y = x**2
    y.backward()
    print(f"after backward() number {number}: x.grad = {x.grad.item()}")

# %% [markdown]
# The slope at 4 is 8, both times. (There is a reason for the adding: a number that is used twice must collect both
# contributions.) Start from a fresh tensor, or clear its `.grad`.
#
# **Task 3 (6 points, about 15 minutes)**
#
# `autograd_slope(f, x)` returns the derivative of `f` at `x`, by torch's autograd.
#
# * `x` is a float or a 1-D array of floats. The answer has the shape of `x`: a number for a float, and for an array
#   the slope at each of its elements.
# * `f` is made of torch operations, and takes each element by itself. It takes tensors and nothing else: a float or
#   an array may raise a `TypeError`. It may have a ripple too fine to see, so differences won't do.
# * Calling twice with the same arguments gives the same answer twice.
# * `torch.tensor(4.0)` is a float32 of seven digits. That will do, but `dtype=torch.float64` gives you sixteen.
#
# Worked values: `autograd_slope(torch.sin, 0.0)` is `1.0`, and `autograd_slope(square, np.array([1.0, 4.0]))` is `[2.0, 8.0]`.
#
# *A hint for arrays:* `backward()` starts from a single number and refuses a whole vector. So add up $y_1, \dots, y_n$:
# how fast does the sum grow when only $x_i$ moves? Or take the elements one at a time.

# %% nbgrader={"grade": false, "grade_id": "autograd_slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def autograd_slope(f, x):
    """The derivative of the torch function f at each element of x, in the shape of x."""
    ### BEGIN SOLUTION Task 3: return the derivative of f at x by autograd
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(x).sum().backward()  # each x[i] moves only its own term of the sum
    return x.grad
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_autograd_slope", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(autograd_slope)
### END HIDDEN TESTS
for call in ["first", "second"]:
    slope = numbers(autograd_slope(f=torch.sin, x=0.0))
    assert slope.shape == (), f"a float x should give one number, but the answer has shape {slope.shape}"
    assert abs(slope - 1) < 1e-4, f"sin at 0, {call} call: expected 1.0, but got {slope:.5g}"
    slopes = numbers(autograd_slope(f=square, x=np.array([1.0, 4.0, -0.75])))
    assert slopes.shape == (3,), f"an x of shape (3,) should give shape (3,), but the answer has shape {slopes.shape}"
    expected = [2.0, 8.0, -1.5]
    assert np.allclose(slopes, expected, atol=1e-4), (
        f"x² at 1, 4 and -0.75, {call} call: expected {expected}, but got {slopes.tolist()}")
print("Task 3: the visible checks pass")

# %% [markdown]
# Your slopes of $\sin(x^2)$, which wiggles ever faster, beside what they should be:

# %% tags=["figure"]
x = np.linspace(-3, 3, 241)
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(x, np.sin(x**2), "--", color=BLUE, label="sin(x²)")
ax.plot(x, 2 * x * np.cos(x**2), color="0.78", linewidth=7, label="expected slope")
with yours(ax, "Task 3"):
    slopes = drawable(autograd_slope(lambda t: torch.sin(t**2), x.copy()), (241,))
    ax.plot(x, slopes, color=ORANGE, linewidth=1.5, label="yours")
ax.set(title="the slope of sin(x²) by autograd", xlabel="x", ylabel="function, and slope", ylim=(-6.5, 9))
ax.legend(loc="upper center", ncols=3, framealpha=1)
plt.show()

# %% [markdown]
# ## 6. By hand, once
#
# We will meet the hill of the first picture again next week:
#
# $$y = x - 4x^2 + \tfrac14 x^4.$$
#
# An early draft of this course drew it with $2x$ as its slope, copied over from the parabola. Nobody noticed, since
# nothing crashes when a derivative is wrong; it just leads you somewhere else. Any of your three tools could
# have caught it, and so could your eyes: this hill is flat in three places, and $2x$ is zero in one.
#
# **Task 4 (3 points, about 5 minutes)**
#
# `poly_slope(x)` returns the derivative of `poly` at `x`, a float or an array of floats of any shape; the answer has
# the shape of `x`. Work out the formula with pencil and paper. Your other functions can check it.
#
# Worked value: `poly_slope(2.0)` is `-7.0`.

# %% nbgrader={"grade": false, "grade_id": "poly_slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def poly_slope(x):
    """The derivative of poly at x, in the shape of x."""
    ### BEGIN SOLUTION Task 4: return the derivative of poly at x
    return 1 - 8 * x + x**3
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_poly_slope", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(poly_slope)
### END HIDDEN TESTS
slope = numbers(poly_slope(x=2.0))
assert slope.shape == (), f"a float x should give one number, but the answer has shape {slope.shape}"
assert abs(slope + 7) < 1e-3, f"the slope of poly at 2: expected -7.0, but got {slope:.5g}"
slopes = numbers(poly_slope(x=np.array([[0.0, -2.0, 2.0], [-2.0, 2.0, 0.0]])))
assert slopes.shape == (2, 3), f"an x of shape (2, 3) should give shape (2, 3), but the answer has shape {slopes.shape}"
expected = [[1.0, 9.0, -7.0], [9.0, -7.0, 1.0]]
assert np.allclose(slopes, expected, atol=1e-3), f"expected slopes {expected}, but got {slopes.tolist()}"
print("Task 4: the visible checks pass")

# %% tags=["figure"]
x = np.linspace(-4, 4, 161)
expected = [-31, -2, 9, 8, 1, -6, -7, 4, 33]   # at -4, -3, ..., 4

fig, (ax0, ax1) = plt.subplots(nrows=2, sharex=True, figsize=(7, 4.5), layout="constrained")
ax0.plot(x, 2 * x, "--", color=BLUE, label="2x, the draft's mistake")
ax0.plot(x[::20], expected, "o", color="0.7", markersize=11, label="expected")
with yours(ax0, "Task 4", width=60, at=0.15):
    ax0.plot(x, drawable(poly_slope(x.copy()), (161,)), color=ORANGE, label="yours")
ax0.axhline(0, color=GREY, linewidth=0.8)
ax0.set(title="where the slope is zero, the hill is flat", ylabel="slope", ylim=(-36, 44))
ax0.legend(loc="upper center", ncols=3, framealpha=1)
ax1.plot(x, poly(x), color=BLUE)
ax1.set(xlabel="x", ylabel="y", ylim=(-24, 8))
for flat, name in [(-2.889, "global minimum"), (0.125, "hilltop"), (2.764, "local minimum")]:
    ax0.axvline(flat, color=GREY, linestyle=":")
    ax1.axvline(flat, color=GREY, linestyle=":")
    ax1.plot(flat, poly(flat), "o", color="black")
    ax1.text(flat, 4 if name == "hilltop" else 1, name, ha="center", va="center", backgroundcolor="white")
plt.show()

# %% [markdown]
# Read it from the top. Left of $-2.889$ the slope is negative and the hill falls; there it crosses zero, and the hill
# turns up again.
#
# ## Written question (5 points, about 20 minutes)
#
# Look again at the V, the error of your central difference against $h$.
#
# **Why does the error grow again below $h \approx 10^{-5}$?** Say which step of the computation goes wrong, and why; how
# the two kinds of error depend on $h$; and why they meet near $10^{-5}$ and not, say, at $10^{-10}$.
# Five or six sentences will do. It helps to know that a Python float keeps about 16 significant digits.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Two errors add up. The first belongs to the formula: a secant isn't a tangent. For the central difference it is about
# $\frac{h^2}{6} |f'''(x)|$, so it shrinks with $h$, two decades for one; for $x^3$ it is $h^2$ exactly.
#
# The second belongs to the floats. Each value of $f$ is rounded to about 16 digits, which is an error of about
# $\varepsilon |f(x)|$ with $\varepsilon \approx 10^{-16}$. When $h$ is small, $f(x + h)$ and $f(x - h)$ agree in almost all
# of their digits. The subtraction cancels those, and what is left is mostly the rounding errors, which don't
# shrink. Dividing by the tiny $2h$ magnifies them to about $\varepsilon |f(x)| / h$. That grows as $h$ shrinks, one
# decade for one.
#
# The sum is smallest where the two are about equal, $h^2 \approx \varepsilon / h$, so $h \approx \varepsilon^{1/3}
# \approx 5 \cdot 10^{-6}$, which is near $10^{-5}$. Below it the rounding wins. (For the forward difference it is
# $h \approx \varepsilon / h$, so $h \approx 10^{-8}$, which is where the other V of the picture turns.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 2 points: floats are rounded, and subtracting two nearly equal values of $f$ cancels the leading digits and leaves
#   mostly the rounding error (1 point for "rounding" or "floating point" alone, with no word on the subtraction).
# - 1 point: dividing by $h$ magnifies that error, so this part grows like $1/h$.
# - 1 point: the error of the formula falls with $h$, like $h^2$; so the sum has the shape of a V.
# - 1 point: the turn is where the two are about equal, with a number: $h^2 \approx \varepsilon/h$ gives $h \approx
#   \varepsilon^{1/3}$, or values read off the picture and compared. A constant factor more or less doesn't matter.
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* Of $x^3$ at 1, the central difference is off by exactly $h^2$. Take it once with $h$ and
# once with $h/2$: you know by what factor the second error is smaller, so you can combine the two such that the
# errors cancel, without knowing either. This is *Richardson's extrapolation*. On $x^3$ only rounding is left. On
# $\sin$ at 0.5 with $h = 0.1$, the central difference is off by 0.0015, and yours should be off by 0.0000002. Where
# does the V of $\sin$ turn now?

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def richardson(f, x, h):
    """The slope of f at x from central differences with h and with h / 2, such that their errors cancel."""
    ### BEGIN SOLUTION If you have time: combine two central differences
    return (4 * central_difference(f, x, h / 2) - central_difference(f, x, h)) / 3
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. A slope is the limit of rise over run: the run goes to zero, the place stays.
# 2. With floats, the smallest step is not the best one; both ways is better than ahead.
# 3. Autograd is neither differences nor formulas: it is the chain rule on numbers, walked backwards.
#
# ## Where to read on
#
# * Piotr Migdał, [Thinking in tensors, writing in PyTorch](https://github.com/stared/thinking-in-tensors-writing-in-pytorch).
#   The course that this one grew out of: the same hill and parabola, and much more on networks.
# * Grant Sanderson (3Blue1Brown), [The paradox of the derivative](https://www.3blue1brown.com/lessons/derivatives),
#   chapter 2 of *Essence of calculus* (video). Our question of the week, animated: how can there be a speed at one instant?
# * Andrej Karpathy, [micrograd](https://github.com/karpathy/micrograd). Reverse-mode autograd in about a hundred lines
#   of Python. Read `engine.py`, and `backward()` holds no more secrets, not even why it adds.
# * A. G. Baydin, B. Pearlmutter, A. Radul and J. Siskind,
#   [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), *Journal of
#   Machine Learning Research* 18 (2018). Numerical, symbolic and automatic side by side; the first ten pages are enough.
# * David Goldberg, [What every computer scientist should know about floating-point
#   arithmetic](https://doi.org/10.1145/103162.103163), *ACM Computing Surveys* 23 (1991). The classic on what happens
#   left of the V. Look for "cancellation".
#
# ## Next week
#
# You have a slope, and its sign says which way is down. In week 2, "walking downhill", you take a step that way, and another,
# and find out that the size of the step decides whether you arrive, bounce for ever, or fly off the hill.
#
# [Week 2 →](../week2_descent/descent.ipynb)
