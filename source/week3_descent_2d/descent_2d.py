# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 3: Two dimensions
#
# [← Week 2](../week2_descent/descent.ipynb) · [Week 4 →](../week4_curvature/curvature.ipynb)
#
# You stand on a hillside in thick fog. Last week the hill was a curve, and the way down was either left or right.
# This week it is a landscape, and you may set off in any direction of the compass.
#
# **Which of all these directions is the way down?**
#
# * **You need** weeks 1 and 2: central differences, autograd, and the update $x - \text{lr} \cdot f'(x)$.
# * **After this you can** take a gradient, descend in two dimensions, and draw it the right way up.
# * **Time:** about 95 minutes: four tasks (55 minutes, 20 points by machine), one written question (15 minutes, 5
#   points by a person), and what lies between. Only an hour? Tasks 2 and 3 are the core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"


def sin(x):
    """A sine for NumPy and for torch, so that one surface serves both."""
    return torch.sin(x) if torch.is_tensor(x) else np.sin(x)


def surface(v):
    """Our landscape: a parabola from west to east, a wave from south to north."""
    return v[0] ** 2 + sin(v[1])


# %% tags=["figure"]
along, compass = np.linspace(-4, 4, 65), np.arange(0, 2 * np.pi, np.pi / 4)
x0, x1 = np.array([(a, b) for a in along for b in along]).T
fig = plt.figure(figsize=(7, 3.6), layout="constrained")
ax = fig.add_subplot(1, 2, 1, projection="3d", computed_zorder=False)
ax.plot_trisurf(x0, x1, surface([x0, x1]), cmap="cividis", linewidth=0, antialiased=False)
ax.plot([-2], [-2], [surface([-2, -2])], "o", color=ORANGE, ms=8, markeredgecolor="white", zorder=10)
ax.set(title="you are the dot", xlabel="$x_0$", ylabel="$x_1$", zlabel="height")
ax.view_init(elev=35, azim=-110)
ax.set_box_aspect(None, zoom=0.9)

ax = fig.add_subplot(1, 2, 2)
ax.tricontour(x0, x1, surface([x0, x1]), levels=12, colors="0.55", linewidths=0.8, linestyles="solid")
ax.quiver(8 * [-2], 8 * [-2], np.cos(compass), np.sin(compass), angles="xy", scale_units="xy", scale=0.75)
ax.plot(-2, -2, "o", color=ORANGE, ms=8)
ax.set(title="which way is down?", xlabel="$x_0$", ylabel="$x_1$", aspect="equal")
plt.show()

# %% [markdown]
# Our `surface` for today is
#
# $$f(x_0, x_1) = x_0^2 + \sin x_1$$
#
# and a *place* is a pair of numbers `v`, with `v[0]` counting to the right (east) and `v[1]` counting up (north).
# You stand at $(-2, -2)$, where the height is $4 + \sin(-2) = 3.09$.

# %%
v = np.array([-2.0, -2.0])
print(f"{surface(v):.2f}")

# %% [markdown]
# Run the cells from top to bottom; a task you haven't solved yet doesn't stop the rest. The next two cells are folded:
# they let the pictures draw *your* answer, and maps of landscapes.

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


# %% tags=["hide-input"]
# @title Maps: run this cell, there is no need to read it
LEVELS = [-0.5, 0, 0.5, 1, 2, 4, 8, 12]


def loose_points(left, right, low, high):
    """Some 4000 places on a map, shape (2, n), in one long list: enough to draw a surface from."""
    return np.array([(a, b) for a in np.linspace(left, right, 65) for b in np.linspace(low, high, 65)]).T


def draw_map(ax, f, levels, left, right, low, high):
    """Contour lines of f on a rectangle, each with its height, drawn from loose points."""
    points = loose_points(left, right, low, high)
    lines = ax.tricontour(*points, f(points), levels=levels, colors="0.55", linewidths=0.8, linestyles="solid")
    ax.set(xlabel="$x_0$", ylabel="$x_1$", aspect="equal", xlim=(left, right), ylim=(low, high))
    label_lines(ax, lines, {"facecolor": "white", "edgecolor": "none", "pad": 0.5})


def label_lines(ax, lines, box=None):
    """Write the height on each contour line, but not where the frame would cut the number."""
    for label in ax.clabel(lines, fontsize=7, fmt="%g", inline=box is None):
        label.set(bbox=box, zorder=2)
        x, y = ax.transAxes.inverted().transform(ax.transData.transform(label.get_position()))
        label.set_visible(0.05 < x < 0.95 and 0.05 < y < 0.95)


# %% [markdown]
# ## 1. A table of heights
#
# Before we walk, we want a map. A map starts as a table of heights, so let's write a small one by hand. Take
# $f(x_0, x_1) = x_0 + 10 x_1$, three values of $x_0$ (0, 1, 2) and two of $x_1$ (0, 1):
#
# |           | $x_0 = 0$ | $x_0 = 1$ | $x_0 = 2$ |
# |-----------|-----------|-----------|-----------|
# | $x_1 = 0$ | 0         | 1         | 2         |
# | $x_1 = 1$ | 10        | 11        | 12        |
#
# Going right changes $x_0$ and going to another row changes $x_1$. So the array has **one row for each $x_1$ and one
# column for each $x_0$**: its shape is `(len(x1s), len(x0s))`, here `(2, 3)`, and
#
# $$\texttt{heights[i, j]} = f(\texttt{x0s[j]}, \texttt{x1s[i]}).$$
#
# Look at how the letters cross over. We say a place as (right, up); an array is read as [row, column], which is
# (vertical, horizontal).
#
# There is a second trap. A photograph starts with its top row, so `imshow` draws row 0 at the *top*. Our row 0 is the
# smallest $x_1$ and belongs at the *bottom*. The cure isn't to turn the table over; it is to tell the picture:
# `imshow(heights, origin="lower")`.

# %% [markdown]
# **Task 1 (4 points, about 10 minutes)**
#
# `surface_grid(f, x0s, x1s)` returns the table of heights of `f`, shape `(len(x1s), len(x0s))`.
#
# * `x0s` and `x1s` are arrays of shape `(n,)` and `(m,)`, increasing, but not necessarily evenly spaced.
# * `f` takes one argument `v` and reads `v[0]` and `v[1]`, which may be numbers or whole arrays of one shape: two loops
#   are fine, and so is one call of `f` on what `np.meshgrid` makes (mind its `indexing`).
#
# Worked value: with `x0s = [0, 1, 2]` and `x1s = [0, 1]`, the function `v[0] + 10 * v[1]` gives
# `[[0, 1, 2], [10, 11, 12]]`.

# %% nbgrader={"grade": false, "grade_id": "surface_grid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def surface_grid(f, x0s, x1s):
    """Heights of f on a grid, shape (len(x1s), len(x0s)): row i has x1s[i], column j has x0s[j]."""
    ### BEGIN SOLUTION Task 1: return the table of heights, one row for each x1
    X0, X1 = np.meshgrid(x0s, x1s)
    return f(np.array([X0, X1]))
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_surface_grid", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(surface_grid)
### END HIDDEN TESTS
heights = numbers(surface_grid(lambda v: v[0] + 10 * v[1], x0s=np.array([0.0, 1.0, 2.0]), x1s=np.array([0.0, 1.0])))
expected = np.array([[0.0, 1.0, 2.0], [10.0, 11.0, 12.0]])
assert heights.shape == (2, 3), f"two x1s and three x0s: expected shape (2, 3), one row for each x1, but got {heights.shape}"
assert np.allclose(heights, expected, rtol=1e-4, atol=1e-5), f"expected {expected.tolist()} but got {heights.tolist()}"
heights = numbers(surface_grid(surface, x0s=np.array([-1.0, 0.0, 2.0, 2.5]), x1s=np.array([-2.0, 0.0, 0.5])))
assert heights.shape == (3, 4), f"three x1s and four x0s: expected shape (3, 4), but got {heights.shape}"
assert abs(heights[0, 3] - 5.3407) < 1e-3, f"at x0 = 2.5, x1 = -2 (row 0, column 3) expected 5.3407 but got {heights[0, 3]:.4f}"
print("Task 1: the visible checks pass")

# %% [markdown]
# Your map as a heat map, with its contour lines over it. A contour line joins places of equal height, as on a
# hiking map: walk along it and you neither climb nor descend. Where lines crowd, the ground is steep.

# %% tags=["figure"]
x0s, x1s = np.linspace(-4, 4, 81), np.linspace(-4, 4, 61)
half = (x0s[1] - x0s[0]) / 2, (x1s[1] - x1s[0]) / 2  # a pixel is centred on its point
extent = (-4 - half[0], 4 + half[0], -4 - half[1], 4 + half[1])
fig, (ax, ax_expected) = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained")
ax.set(title="your heights", xlabel="$x_0$", ylabel="$x_1$", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
with yours(ax, "Task 1"):
    heights = drawable(surface_grid(surface, x0s, x1s), (61, 81))
    ax.imshow(heights, origin="lower", extent=extent, cmap="cividis", vmin=-1, vmax=17)
    lines = ax.contour(x0s, x1s, heights, levels=LEVELS, colors="white", linewidths=0.8, linestyles="solid")
    ax.set(xlim=(-4, 4), ylim=(-4, 4))
    label_lines(ax, lines)
points = loose_points(-4, 4, -4, 4)
colours = ax_expected.tripcolor(*points, surface(points), shading="gouraud", cmap="cividis", vmin=-1, vmax=17)
lines = ax_expected.tricontour(*points, surface(points), levels=LEVELS, colors="white", linewidths=0.8, linestyles="solid")
ax_expected.set(title="what it should look like", xlabel="$x_0$", ylabel="$x_1$", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
label_lines(ax_expected, lines)
fig.colorbar(colours, ax=[ax, ax_expected], label="height", shrink=0.85)
plt.show()

# %% [markdown]
# ## 2. Two slopes at one place
#
# Back to the fog at $(-2, -2)$. You can't see the map, but you can feel the ground under your feet.
#
# First keep $x_1$ fixed and shift your weight east and west, by 0.1 each way. The heights differ by
#
# $$f(-1.9, -2) - f(-2.1, -2) = 3.61 - 4.41 = -0.8 \quad\text{over a distance of}\quad 0.2,$$
#
# so the slope towards the east is $-0.8 / 0.2 = -4$: steeply down. Now go back to $(-2, -2)$, keep $x_0$ fixed, and
# shift your weight north and south:
#
# $$\frac{f(-2, -1.9) - f(-2, -2.1)}{0.2} = \frac{\sin(-1.9) - \sin(-2.1)}{0.2} = -0.4155.$$
#
# Gently down. These are week 1's slopes, one for each coordinate while the other is held still. They are called
# *partial derivatives*, and the pair of them is the **gradient**:
#
# $$\nabla f(x_0, x_1) = \left(\frac{\partial f}{\partial x_0}, \frac{\partial f}{\partial x_1}\right),
# \qquad \nabla f(-2, -2) = (2 \cdot (-2),\, \cos(-2)) = (-4, -0.4161) \text{ for our surface.}$$
#
# (With $h = 0.1$ we had missed it by 0.0007.) In general, with nudges of size $h$ as in week 1,
#
# $$g_0 = \frac{f(v_0 + h, v_1) - f(v_0 - h, v_1)}{2h}, \qquad g_1 = \frac{f(v_0, v_1 + h) - f(v_0, v_1 - h)}{2h}.$$

# %% [markdown]
# **Task 2 (5 points, about 15 minutes)**
#
# `numerical_gradient(f, v, h=1e-5)` returns $(g_0, g_1)$ by central differences, with exactly the given `h`.
#
# * `v` is an array of floats, of shape `(2,)`, and the answer has this shape, too.
# * `f` takes an array of two numbers and may be allergic to tensors, so no autograd here.
# * Leave `v` as you found it: whoever called you may still be standing there. (Nudge a copy. Adding `h` to `v[0]` and
#   taking it away again may miss the last digit.)
#
# Worked value: for $f = v_0^3 v_1$ at $v = (1, 2)$ with $h = 0.1$ the result is $(6.02, 1)$. The true gradient is
# $(6, 1)$; we want what the formula gives at this $h$.

# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, v, h=1e-5):
    """Central differences of f along each coordinate at v, shape (2,)."""
    ### BEGIN SOLUTION Task 2: return two central differences, one for each coordinate
    step0 = np.array([h, 0.0])
    step1 = np.array([0.0, h])
    g0 = (f(v + step0) - f(v - step0)) / (2 * h)
    g1 = (f(v + step1) - f(v - step1)) / (2 * h)
    return np.array([g0, g1])
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_numerical_gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(numerical_gradient)
### END HIDDEN TESTS
v = np.array([1.0, 2.0])
g = numbers(numerical_gradient(lambda v: v[0] ** 3 * v[1], v=v, h=0.1))
assert g.shape == (2,), f"expected two numbers, shape (2,), but got shape {g.shape}"
assert np.allclose(g, [6.02, 1.0], rtol=1e-3), f"expected (6.02, 1.00) but got ({g[0]:.4f}, {g[1]:.4f})"
assert np.allclose(v, [1.0, 2.0], rtol=1e-9, atol=1e-9), f"v must stay [1.0, 2.0], but your function changed it to {v.tolist()}"
g = numbers(numerical_gradient(surface, np.array([-2.0, -2.0])))
assert np.allclose(g, [-4.0, -0.4161], atol=1e-3), f"with h left out, expected (-4.0000, -0.4161) but got ({g[0]:.4f}, {g[1]:.4f})"
print("Task 2: the visible checks pass")

# %% [markdown]
# Two numbers, and yet the compass has 360 degrees. What about the slope towards the north-east? A short step of length
# $s$ in the direction $\theta$ moves you by $s\cos\theta$ along $x_0$ and by $s\sin\theta$ along $x_1$, and up close
# every smooth landscape is a tilted plane. So the two effects just add:
#
# $$\text{slope in direction } \theta \;=\; g_0 \cos\theta + g_1 \sin\theta .$$
#
# That is a single cosine wave. Its top lies exactly in the direction of the vector $(g_0, g_1)$, and its bottom exactly
# opposite. That answers the question of this notebook: **the gradient points straight uphill, so the way down is minus
# the gradient.** Its two zeros are a quarter turn to either side, where you would walk along a contour line.

# %% tags=["figure"]
theta = np.linspace(0, 2 * np.pi, 145)
true_slopes = -4 * np.cos(theta) + np.cos(-2) * np.sin(theta)
fig, (ax, ax_slope) = plt.subplots(1, 2, figsize=(7, 3.5), width_ratios=(1, 1.35), layout="constrained")

draw_map(ax, surface, np.arange(-1, 9), -3, -1, -3, -1)
ax.set_title("downhill at (−2, −2)")
ax.annotate("", (-2 + 0.8, -2 + 0.8 * 0.104), (-2, -2), arrowprops={"arrowstyle": "simple", "color": "0.75"})
ax.plot(-2, -2, "o", color="black", markersize=7)
ax_slope.plot(np.degrees(theta), true_slopes, color="0.75", linewidth=5, label="expected")
ax_slope.axhline(0, color="0.3", linewidth=0.6)
ax_slope.set(title="slope in every direction", xlabel=r"direction $\theta$ (0° east, 90° north)", ylabel="slope")
ax_slope.set(xticks=[0, 90, 180, 270, 360], ylim=(-5, 6.6))
ax.text(-2.9, -1.3, "minus your gradient\n(grey: expected)", fontsize=8, color=ORANGE, backgroundcolor=(1, 1, 1, 0.7))
with yours(ax_slope, "Task 2"):
    g0, g1 = drawable(numerical_gradient(surface, np.array([-2.0, -2.0])), (2,))
    some = theta[::6]
    ax_slope.plot(np.degrees(some), g0 * np.cos(some) + g1 * np.sin(some), "o", color=ORANGE, ms=4, label="yours")
    length = np.hypot(g0, g1) or 1.0
    ax.annotate("", (-2 - 0.8 * g0 / length, -2 - 0.8 * g1 / length), (-2, -2),
                arrowprops={"arrowstyle": "->", "color": ORANGE, "lw": 1.5})
ax_slope.legend(loc="upper left", ncols=2, fontsize=8)
plt.show()

# %% [markdown]
# ## 3. Walking down
#
# Now walk. From $(-2, -2)$, with the step size `lr = 0.25`, and the gradient $(2x_0, \cos x_1)$ of our surface:
#
# | step | place               | gradient there       | next place = place − 0.25 · gradient |
# |------|---------------------|----------------------|--------------------------------------|
# | 0    | (−2, −2)            | (−4, −0.4161)        | (−1, −1.8960)                        |
# | 1    | (−1, −1.8960)       | (−2, −0.3195)        | (−0.5, −1.8161)                      |
# | 2    | (−0.5, −1.8161)     | (−1, −0.2428)        | (−0.25, −1.7554)                     |
#
# It is last week's rule with a vector in place of a number,
#
# $$v_{k+1} = v_k - \text{lr} \cdot \nabla f(v_k), \qquad\qquad \texttt{v = v - lr * gradient}.$$
#
# One thing is new. *Both* slopes are measured at the old place $v_k$, and only then do both coordinates move. You feel
# the ground with both feet before you lift either.
#
# We don't have to derive the gradient by hand. With torch, one `backward()` fills in both partial derivatives:

# %%
v = torch.tensor([-2.0, -2.0], requires_grad=True)
height = surface(v)
height.backward()
print(v.grad)

# %% [markdown]
# **Task 3 (8 points, about 20 minutes)**
#
# `gradient_descent_2d(f, v0, lr, n_steps)` returns the whole path, shape `(n_steps + 1, 2)`: row 0 is the start, row k
# the place after k steps.
#
# * `f` is any smooth torch function of `v[0]` and `v[1]`, not only our surface; other than our surface, it may take
#   tensors and nothing else (a float or an array raises a `TypeError`). Take its gradient by autograd.
# * `v0` is an array of floats, of shape `(2,)`. Leave it unchanged (`torch.tensor(v0)` copies it,
#   `torch.as_tensor(v0)` does not).
# * `n_steps` is the number of steps, exactly, and may be 0. Each step goes by the full gradient, not scaled to length 1.
# * `lr` may be large or negative: then the path goes where the rule leads.
#
# Worked values: on `surface` from (−2, −2) with lr 0.25, ten steps end at (−0.0020, −1.5955). On
# $f = x_0^2 + 3x_1^2 + 2x_0x_1$, one step from (1, 1) with lr 0.1 leads to (0.6, 0.2), because the gradient at (1, 1) is
# (4, 8).

# %% nbgrader={"grade": false, "grade_id": "gradient_descent_2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent_2d(f, v0, lr, n_steps):
    """Path of gradient descent from v0, shape (n_steps + 1, 2), the start included."""
    ### BEGIN SOLUTION Task 3: return the start and the n_steps places after it
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().numpy().copy()]
    for _ in range(n_steps):
        (gradient,) = torch.autograd.grad(f(v), v)
        with torch.no_grad():
            v -= lr * gradient
        path.append(v.detach().numpy().copy())
    return np.array(path)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_gradient_descent_2d", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(gradient_descent_2d)
### END HIDDEN TESTS
v0 = np.array([-2.0, -2.0])
path = numbers(gradient_descent_2d(surface, v0=v0, lr=0.25, n_steps=10))
assert path.shape == (11, 2), f"the start and ten steps: expected shape (11, 2), but got {path.shape}"
assert np.allclose(path[0], [-2, -2]), f"row 0 is the start: expected (-2, -2) but got {path[0].tolist()}"
assert np.allclose(path[1], [-1, -1.8960], atol=1e-3), f"after one step expected (-1, -1.8960) but got {path[1].round(4).tolist()}"
assert np.allclose(path[-1], [-0.0020, -1.5955], atol=1e-3), f"after ten steps expected (-0.0020, -1.5955) but got {path[-1].round(4).tolist()}"
assert np.allclose(v0, [-2.0, -2.0], rtol=1e-9, atol=1e-9), f"v0 must stay [-2.0, -2.0], but your function changed it to {v0.tolist()}"
path = numbers(gradient_descent_2d(lambda v: v[0] ** 2 + 3 * v[1] ** 2 + 2 * v[0] * v[1], np.array([1.0, 1.0]), 0.1, 1))
assert path.shape == (2, 2), f"one step: expected shape (2, 2), but got {path.shape}"
assert np.allclose(path[1], [0.6, 0.2], atol=1e-3), f"one step from (1, 1) expected (0.6, 0.2) but got {path[1].round(4).tolist()}"
print("Task 3: the visible checks pass")

# %% [markdown]
# Your path on the contour lines. Each step starts at right angles to the contour it stands on: that is where downhill
# is. The steps shrink by themselves, because the gradient does.

# %% tags=["figure", "cover"]
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
walked = np.array([
    (-2, -2), (-1, -1.8960), (-0.5, -1.8161), (-0.25, -1.7554), (-0.125, -1.7095), (-0.0625, -1.6749),
    (-0.0312, -1.6489), (-0.0156, -1.6294), (-0.0078, -1.6148), (-0.0039, -1.6038), (-0.0020, -1.5955),
])  # fmt: skip


for ax, title in zip(axes, ["your path", "what it should look like"]):
    draw_map(ax, surface, [-0.9, -0.5, 0, 0.5, 1, 2, 3, 4, 6], -2.75, 0.75, -3.75, -0.25)
    ax.plot(-2, -2, "s", color="black", ms=8, label="start")
    ax.plot(0, -np.pi / 2, "k*", ms=10, label="lowest point", zorder=0)
    ax.legend(loc="lower left", fontsize=8)
    ax.set_title(title)
with yours(axes[0], "Task 3", at=0.8):
    path = drawable(gradient_descent_2d(surface, np.array([-2.0, -2.0]), 0.25, 10), (11, 2))
    axes[0].plot(*path.T, "o-", color=ORANGE, ms=4, lw=1.2)
axes[1].plot(*walked.T, "o-", color="0.35", ms=4, lw=1.2)
plt.show()

# %% [markdown]
# ### Try it
#
# And from elsewhere? Click anywhere on the map, and *your* `gradient_descent_2d` walks from there; the sliders choose
# the learning rate and how many steps. Find a start that leads to the other lowest point. And two learning rates: the
# one that gets $x_0$ right in a single step, and the one above which $x_0$ runs away.
#
# (Without `ipympl` it is a picture like any other: change the numbers in the last line and run the cell again. When you
# open the notebook anew, *model not found* may stand in its place until you run it.)

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
fig, ax = plt.subplots(figsize=(6, 6), layout="constrained")
draw_map(ax, surface, LEVELS, -4.5, 4.5, -3.6, 6.4)
ax.plot([0, 0], [-np.pi / 2, 1.5 * np.pi], "k*", ms=11)
ax.format_coord = lambda x0, x1: f"({x0:.2f}, {x1:.2f}), height {surface((x0, x1)):.2f}"


def walk(f, place, lr, steps):
    return numbers(gradient_descent_2d(f, place, lr, steps))


playground(ax, surface, walk, start=(-2, -2), lr=(-0.2, 0.25, 1.2), steps=(0, 10, 50))

# %% [markdown]
# ## 4. Arrows everywhere
#
# A path asks for the gradient at one place after another. To see the whole landscape at once, let's ask for it at
# many places: an arrow on each. One pair of numbers for each place of the map makes two tables, `G0` with all the
# slopes along $x_0$ and `G1` with all the slopes along $x_1$.
#
# The smallest case: $f = x_0 x_1$, whose gradient is $(x_1, x_0)$, on a map of two rows and three columns.
#
# ```python
# X0 = [[1, 2, 3],         X1 = [[10, 10, 10],
#       [1, 2, 3]]               [20, 20, 20]]
#
# G0 = [[10, 10, 10],      G1 = [[1, 2, 3],
#       [20, 20, 20]]            [1, 2, 3]]
# ```
#
# The slopes along $x_0$ are the $x_1$ values, and the other way round.
#
# Let torch do them all at once. `V = torch.tensor(np.array([X0, X1]), requires_grad=True)` holds both tables. Each
# height depends on its own place only, so in the *sum* of all heights, the derivative by one place's coordinate is
# exactly the slope at that place,
#
# $$\frac{\partial}{\partial x_0^{(i)}} \sum_j f\big(x_0^{(j)}, x_1^{(j)}\big)
# = \frac{\partial f}{\partial x_0}\big(x_0^{(i)}, x_1^{(i)}\big),
# \qquad\qquad \texttt{f(V).sum().backward()} .$$

# %% [markdown]
# **Task 4 (3 points, about 10 minutes)**
#
# `gradient_field(f, X0, X1)` returns the pair `(G0, G1)`: the slopes of `f` along $x_0$ and along $x_1$ at the places
# `(X0[i, j], X1[i, j])`.
#
# * `X0` and `X1` are arrays of floats, of one shape `(m, n)`, and `G0` and `G1` have this shape, too.
# * `f` is a smooth torch function of both `v[0]` and `v[1]`, which are tensors of one shape; here, too, it may refuse
#   floats and arrays with a `TypeError`.
# * We want the true slopes: differences between neighbouring places of the map are too coarse.
#
# The worked value is the example above.

# %% nbgrader={"grade": false, "grade_id": "gradient_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_field(f, X0, X1):
    """Slopes (G0, G1) of f along x0 and along x1 at each place of the grid, each of X0's shape."""
    ### BEGIN SOLUTION Task 4: return the slopes along x0 and along x1, each the shape of X0
    V = torch.tensor(np.array([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    G0, G1 = V.grad.numpy()
    return G0, G1
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_gradient_field", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(gradient_field)
### END HIDDEN TESTS
X0 = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
X1 = np.array([[10.0, 10.0, 10.0], [20.0, 20.0, 20.0]])
G0, G1 = gradient_field(lambda v: v[0] * v[1], X0, X1)
G0, G1 = numbers(G0), numbers(G1)
assert G0.shape == (2, 3) and G1.shape == (2, 3), f"expected two arrays of shape (2, 3), but got {G0.shape} and {G1.shape}"
assert np.allclose(G0, X1, rtol=1e-3), f"slopes along x0: expected {X1.tolist()} but got {G0.tolist()}"
assert np.allclose(G1, X0, rtol=1e-3), f"slopes along x1: expected {X0.tolist()} but got {G1.tolist()}"
print("Task 4: the visible checks pass")

# %% [markdown]
# Uphill is where the gradient points, so the picture shows *minus* your field, the way water would flow. Longer arrows
# mean steeper ground.

# %% tags=["figure"]
X0 = np.ones((9, 1)) * np.linspace(-3.6, 3.6, 11)
X1 = np.ones((1, 11)) * np.linspace(-3.6, 3.6, 9).reshape(9, 1)
look = {"angles": "xy", "scale_units": "xy", "scale": 10, "width": 0.007, "headwidth": 4}
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
for ax, title in zip(axes, ["minus your field", "what it should look like"]):
    draw_map(ax, surface, LEVELS, -4, 4, -4, 4)
    ax.set_title(title)
with yours(axes[0], "Task 4"):
    G0, G1 = gradient_field(surface, X0, X1)
    axes[0].quiver(X0, X1, -drawable(G0, X0.shape), -drawable(G1, X0.shape), color=ORANGE, **look)
axes[1].quiver(X0, X1, -2 * X0, -np.cos(X1), color="0.35", **look)
plt.show()

# %% [markdown]
# ### Where does the rain go?
#
# Let a drop fall on each place of the map, move all of them with your `gradient_field`, and mark each place by the
# lowest point its drop ends in. Places with the same end make a *basin*, and between two basins runs a watershed.
#
# On our `surface` the watersheds are the crests of the sine wave, at $x_1 = \pi/2 + 2\pi k$. On the right is a landscape
# with four lowest points, Himmelblau's function of 1972, loved by everyone who tests optimizers:
#
# $$f(x_0, x_1) = (x_0^2 + x_1 - 11)^2 + (x_0 + x_1^2 - 7)^2 .$$

# %% tags=["figure"]
def himmelblau(v):
    return (v[0] ** 2 + v[1] - 11) ** 2 + (v[0] + v[1] ** 2 - 7) ** 2


def draw_basins(ax, f, reach, lr, n_steps, lowest):
    """Mark each start by the lowest point that the student's field leads it to."""
    start0 = np.ones((24, 1)) * np.linspace(-reach, reach, 24)
    start1 = np.linspace(-reach, reach, 24).reshape(24, 1) * np.ones((1, 24))
    X0, X1 = start0, start1
    for _ in range(n_steps):
        G0, G1 = gradient_field(f, X0, X1)
        X0 = np.clip(X0 - lr * drawable(G0, X0.shape), -20, 20)
        X1 = np.clip(X1 - lr * drawable(G1, X1.shape), -20, 20)
    distances = np.array([np.hypot(X0 - a, X1 - b) for a, b in lowest])
    ends = np.where(distances.min(axis=0) < 0.7, distances.argmin(axis=0), -1)
    for k, (marker, color) in enumerate(zip("os^D", (BLUE, ORANGE, GREEN, PURPLE))):
        ax.plot(start0[ends == k], start1[ends == k], marker, color=color, markersize=3.5)
    ax.plot(start0[ends == -1], start1[ends == -1], "x", color="0.6", markersize=3.5)


watersheds = [
    [(0.25, 4.5), (0.13, 3.29), (-0.03, 1.89), (-0.22, 0.49), (-0.30, -0.22), (-0.27, -0.92)],
    [(-0.27, -0.92), (0.22, -0.56), (0.84, -0.37), (1.48, -0.23), (2.76, -0.01), (4.06, 0.15), (4.5, 0.2)],
    [(-4.5, 0.05), (-2.96, -0.09), (-2.38, -0.17), (-1.80, -0.26), (-1.23, -0.37), (-0.67, -0.54), (-0.27, -0.92)],
    [(0.11, -4.5), (0.05, -3.76), (-0.04, -2.81), (-0.14, -1.86), (-0.27, -0.92)],
]
fig, (ax, ax_four) = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
ax.set(title="your drops on surface", xlabel="$x_0$", ylabel="$x_1$", aspect="equal", xlim=(-8, 8), ylim=(-9, 7))
for crest in (-1.5 * np.pi, 0.5 * np.pi):
    ax.axhline(crest, color="k", linestyle="--", linewidth=1.5)
ax_four.set(title="your drops on himmelblau", xlabel="$x_0$", ylabel="$x_1$", aspect="equal", xlim=(-4.7, 4.7), ylim=(-4.7, 4.7))
for line in watersheds:
    ax_four.plot(*np.transpose(line), "k--", linewidth=1.5)
belts = [(0, -2.5 * np.pi), (0, -0.5 * np.pi), (0, 1.5 * np.pi)]
with yours(ax, "Task 4", at=0.57):
    draw_basins(ax, surface, 6.6, 0.5, 30, belts)
four = [(3, 2), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)]
with yours(ax_four, "Task 4", at=0.8):
    draw_basins(ax_four, himmelblau, 4.4, 0.005, 60, four)
for ax, lowest in [(ax, belts), (ax_four, four)]:
    ax.plot(*np.transpose(lowest), "k*", markersize=13, markeredgecolor="white")
fig.supxlabel("stars: lowest points; dashed: where the mark should change; grey ×: not there yet", fontsize=8)
plt.show()

# %% [markdown]
# ## Written question (5 points, about 15 minutes)
#
# A friend's descent moves one coordinate after the other. It takes the slope along $x_0$ and moves $x_0$; then, *from
# the new place*, it takes the slope along $x_1$ and moves $x_1$:
#
# ```python
# v[0] = v[0] - lr * slope_along_x0(v)
# v[1] = v[1] - lr * slope_along_x1(v)      # v has moved already
# ```
#
# On `surface` your friend gets the path of gradient descent, to the last digit. On $f = x_0^2 + 3x_1^2 + 2x_0x_1$ the
# two part at the very first step, though both arrive (both from (1.8, 1) with lr 0.2; the numbers were computed
# beforehand).

# %% tags=["figure"]
together = np.array([(1.8, 1.0), (0.68, -0.92), (0.776, -0.088), (0.501, -0.293), (0.418, -0.142), (0.307, -0.139), (0.240, -0.095)])
one_by_one = np.array([(1.8, 1.0), (0.68, -0.472), (0.597, -0.144), (0.416, -0.137), (0.304, -0.094), (0.220, -0.069), (0.160, -0.050)])
fig, (ax, ax_tilted) = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")

draw_map(ax, surface, [-0.9, -0.5, 0, 0.5, 1, 2, 3, 4, 6], -2.5, 0.5, -3.2, -0.2)
ax.plot(*walked.T, "s-", color=ORANGE, markersize=8, label="both at once")
ax.plot(*walked.T, "o--", color=BLUE, markersize=4, label="one by one")
ax.set_title("surface")

draw_map(ax_tilted, lambda v: v[0] ** 2 + 3 * v[1] ** 2 + 2 * v[0] * v[1], [0.1, 0.5, 1, 2, 4, 8, 12], -0.8, 2.2, -1.5, 1.5)
ax_tilted.plot(*together.T, "s-", color=ORANGE, markersize=6, label="both at once")
ax_tilted.plot(*one_by_one.T, "o--", color=BLUE, markersize=4, label="one by one")
ax_tilted.set_title("$x_0^2 + 3x_1^2 + 2x_0x_1$")
ax.legend(loc="lower left", fontsize=8)
ax_tilted.legend(loc="upper left", fontsize=8)
plt.show()

# %% [markdown]
# **Why is one coordinate after the other the same path on `surface`, and another one on $x_0^2 + 3x_1^2 + 2x_0x_1$?**
#
# Write down both partial derivatives of both functions, say what property of a function decides it, and compute the
# first step from (1, 1) with lr 0.1 both ways for the second function. Five to ten lines, in the cell below.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# For `surface` the partial derivatives are $2x_0$ and $\cos x_1$. The slope along $x_1$ doesn't contain $x_0$, so it
# makes no difference whether it is taken before or after $x_0$ has moved: both orders compute the same numbers. The
# function is *separable*, a sum of a function of $x_0$ and a function of $x_1$, and the descent is two one-dimensional
# descents that never look at each other. (In terms of second derivatives: $\partial^2 f / \partial x_0 \partial x_1 = 0$
# everywhere.)
#
# For $x_0^2 + 3x_1^2 + 2x_0x_1$ they are $2x_0 + 2x_1$ and $6x_1 + 2x_0$. The term $2x_0x_1$ couples the coordinates: the
# slope along $x_1$ depends on $x_0$, so after $x_0$ has moved it is another slope, that of the corner
# $(x_0^{\text{new}}, x_1^{\text{old}})$, a place that is not on the path.
#
# From (1, 1) with lr 0.1 the gradient is (4, 8). Both at once: $(1 - 0.4, 1 - 0.8) = (0.6, 0.2)$. One by one: first
# $x_0 = 0.6$; then the slope along $x_1$ is $6 + 1.2 = 7.2$, so $x_1 = 1 - 0.72 = 0.28$. The first coordinate agrees, the
# second doesn't.
#
# So it isn't gradient descent, but neither is it wrong: it is another method (coordinate descent, like Gauss–Seidel
# beside Jacobi), which also finds the minimum here, and even for some step sizes where gradient descent diverges.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: all four partial derivatives are right.
# - 1 point: on `surface` the slope along x1 doesn't depend on x0, so the order can't matter.
# - 1 point: names the property, in any of its words: separable, a sum of two functions of one variable, no mixed term,
#   mixed second derivative zero, $\partial g_1/\partial x_0 = 0$ everywhere. "Because it is symmetric" or "because it is
#   simpler" earns nothing here.
# - 1 point: on the other function, the second slope is taken at a mixed place, new x0 with old x1.
# - 1 point: the numbers (0.6, 0.2) and (0.6, 0.28). Small slips in arithmetic with the right idea keep the point.
#
# Saying that the one-by-one method "doesn't converge" is wrong, but costs nothing if the rest is right; correct it in the
# comment. Updating x1 first instead is fine: that gives (0.76, 0.2).
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* On $x_0^2 + 25x_1^2$ one learning rate has to serve two slopes of very different steepness:
# at best ($\text{lr} = 1/26$) a step leaves 92 % of the way. So give each coordinate its own, and divide the gradient
# by `scale`, coordinate by coordinate, before you step. This is *preconditioning*. With `scale = (2, 50)` and lr 1 one
# step from anywhere lands on the bottom. Where are 2 and 50 from? And on the oblique $x_0^2 + 3x_1^2 + 2x_0x_1$, with
# `scale = (2, 6)` and lr 1, why does it take two steps to leave a third of the way?

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled_descent(f, v0, lr, scale, n_steps):
    """The path of descent by the gradient divided by scale, shape (n_steps + 1, 2)."""
    ### BEGIN SOLUTION If you have time: divide each slope by its scale
    path = [np.array(v0, dtype=float)]
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        f(v).backward()
        path.append(path[-1] - lr * v.grad.numpy() / np.array(scale))
    return np.array(path)
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. The gradient holds one slope for each coordinate, and it points straight uphill. Down is the other way.
# 2. All slopes are taken at the old place; then all coordinates move at once.
# 3. A place is (right, up), an array is [row, column]. Most wrong maps are that one crossing.
#
# ## Where to read on
#
# * A. Zhang, Z. Lipton, M. Li and A. Smola, *Dive into Deep Learning*, [Gradient
#   Descent](https://d2l.ai/chapter_optimization/gd.html). The same step from one dimension to two, then on to
#   preconditioning; its plots of good and bad step sizes are worth ten minutes.
# * Matplotlib, [origin and extent in imshow](https://matplotlib.org/stable/users/explain/artists/imshow_extent.html). All
#   the ways a picture can be upside down, drawn in one table.
# * S. J. Wright, [Coordinate descent algorithms](https://doi.org/10.1007/s10107-015-0892-3), *Mathematical Programming*
#   151 (2015), 3–34. What your friend's method is when it is done on purpose, and when it wins.
# * [Test functions for optimization](https://en.wikipedia.org/wiki/Test_functions_for_optimization), Wikipedia.
#   Himmelblau's function, and many other landscapes to get lost in.
#
# > X: You said the treasure was at row 3, column 5. We dug at x = 3, y = 5.
# >
# > Me: And?
# >
# > X: We have a very nice hole.
#
# ## Next week
#
# Look once more at the last picture: the valley on the right is oblique and a little narrow, and the first step leaps
# to its other side. Next week's is narrower, and there descent does little else: one learning rate has to serve a steep
# direction and a flat one. So we'll measure how fast the *slope itself* changes, the curvature, and set two walkers
# against descent that know about it: momentum and Newton's method.
#
# [← Week 2](../week2_descent/descent.ipynb) · [Week 4 →](../week4_curvature/curvature.ipynb)
