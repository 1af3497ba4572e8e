# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 4: Curvature
#
# [← Week 3](../week3_descent_2d/descent_2d.ipynb) · [Week 5 →](../week5_jax/jax_descent.ipynb)
#
# Still fog, still a hillside. You know the slope under your feet, you walk against it, and you have
# picked the best learning rate there is for this valley. And yet you spend the afternoon walking
# from one side of it to the other.
#
# **What would you have to know, beyond the slope, to walk straight to the bottom?**
#
# * **You need** weeks 2 and 3: descent in one and in two dimensions, by autograd; and what a matrix
#   does to a vector.
# * **After this you can** read a Hessian, write Newton's method and momentum, and say what each pays.
# * **Time:** about 120 minutes: four tasks (50 minutes, 20 points by machine), one written question
#   (25 minutes, 5 points by a person), and what lies between. Only an hour? Tasks 1 and 2 are the
#   core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"


def valley(v):
    """A long, narrow, oblique valley with its bottom at (0, 0)."""
    return 5 * v[0] ** 2 + 5 * v[1] ** 2 - 9 * v[0] * v[1]


def poly(x):
    """x − 4x² + x⁴/4, our old friend with two valleys and a hilltop between them."""
    return x - 4 * x**2 + x**4 / 4


# %% tags=["figure"]
steps, s = np.arange(21), np.linspace(-3, 3, 121)
zigzag = np.array([3 * 0.9**steps + (-0.9) ** steps, 3 * 0.9**steps - (-0.9) ** steps])
X0, X1 = np.meshgrid(np.linspace(-1.5, 5, 121), np.linspace(-1.5, 5, 121))

fig, (ax, ax_cuts) = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained")
ax.contour(X0, X1, valley([X0, X1]), levels=[0.5, 2, 5, 10, 20, 40, 80], colors="0.65", linewidths=0.8)
ax.plot(*zigzag, "o-", color=ORANGE, ms=4, lw=1)
ax.plot(0, 0, "k*", ms=12)
ax.annotate("start", (4, 2), (0, -14), textcoords="offset points", ha="center")
ax.set(title="20 steps, and still on the way", xlabel="$x_0$", ylabel="$x_1$", aspect="equal")
ax_cuts.plot(s, 0.5 * s**2, color=GREEN, lw=2)
ax_cuts.plot(s, 9.5 * s**2, color=BLUE, lw=2)
ax_cuts.text(3, 6, "along", color=GREEN, ha="right")
ax_cuts.text(-1.7, 20, "across", color=BLUE, ha="right")
ax_cuts.set(title="the same valley, cut open", xlabel="distance from the bottom", ylabel="height", ylim=(-1, 30))
plt.show()

# %% [markdown]
# On the left, descent with lr 0.1 on
#
# $$f(x_0, x_1) = 5x_0^2 + 5x_1^2 - 9x_0x_1 .$$
#
# On the right, why it is so slow: the walls are steep and the floor is nearly flat. One learning
# rate has to serve both. Any longer a step and the walk bounces up the walls; any shorter and it
# never gets along the floor.
#
# The two cuts have the same slope at the bottom, namely none. What tells them apart is how they *bend*.
#
# Run the cells from top to bottom; a task you haven't solved yet doesn't stop the rest. The next two
# cells are folded: they let the pictures draw *your* answer, and maps of landscapes.

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
LEVELS = [0.5, 2, 5, 10, 20, 40, 80]


def draw_map(ax, f, levels, left, right, low, high):
    """Contour lines of f on a rectangle."""
    X0, X1 = np.meshgrid(np.linspace(left, right, 121), np.linspace(low, high, 121))
    ax.contour(X0, X1, f(np.array([X0, X1])), levels=levels, colors="0.65", linewidths=0.8)
    ax.set(xlabel="$x_0$", ylabel="$x_1$", xlim=(left, right), ylim=(low, high))


# %% [markdown]
# ## 1. The slope of the slope
#
# Smallest case first, in one dimension. The slope of `poly` is $1 - 8x + x^3$. Take three places
# and watch the *slope*:
#
# | $x$ | 0.9 | 1 | 1.1 |
# |---|---|---|---|
# | slope of `poly` | −5.471 | −6 | −6.469 |
#
# From 0.9 to 1.1 the slope falls from −5.471 to −6.469, which is $-0.998$ over a distance of 0.2, or
# $-4.99$ per unit. This is the *curvature* at 1, the slope of the slope, the second derivative
# $f''(1) = -8 + 3 \cdot 1^2 = -5$. Negative: the ground bends down, as on a hilltop. Positive would
# be a bowl.
#
# Autograd does that too, if you ask it to keep notes of the first derivative
# (`create_graph=True`), so that the result can be differentiated again:

# %%
x = torch.tensor(1.0, requires_grad=True)
(slope,) = torch.autograd.grad(poly(x), x, create_graph=True)
(curvature,) = torch.autograd.grad(slope, x)
print("slope", slope.item(), "  curvature", curvature.item())

# %% [markdown]
# In two dimensions there are two slopes, and each can change in two directions. Take the valley,
# whose gradient is $(10x_0 - 9x_1,\; 10x_1 - 9x_0)$:
#
# |  | slope along $x_0$ | slope along $x_1$ |
# |---|---|---|
# | at (4, 2) | 22 | −16 |
# | one to the right, at (5, 2) | 32 | −25 |
# | one up, at (4, 3) | 13 | −6 |
#
# Going right changes the slopes by $+10$ and $-9$; going up changes them by $-9$ and $+10$. Four
# numbers, and they make a table, the **Hessian**:
#
# $$H = \begin{pmatrix} \partial g_0 / \partial x_0 & \partial g_0 / \partial x_1 \\
# \partial g_1 / \partial x_0 & \partial g_1 / \partial x_1 \end{pmatrix}
# = \begin{pmatrix} 10 & -9 \\ -9 & 10 \end{pmatrix},
# \qquad H_{ij} = \frac{\partial^2 f}{\partial x_i \, \partial x_j} .$$
#
# Row $i$ belongs to the slope along $x_i$. The table is symmetric, because it makes no difference
# which derivative is taken first. The valley is quadratic and has the same Hessian everywhere;
# other functions have another one at each place.
#
# **Task 1 (4 points, about 15 minutes)**
#
# `hessian(f, v)` returns the Hessian of `f` at the place `v`.
#
# * `f` is a smooth torch function that reads `v[0]` and `v[1]`, and never a plane; it takes tensors
#   and nothing else (a float or an array raises a `TypeError`). `v` is an array of floats, of shape
#   `(2,)`, which stays as it is.
# * The answer has shape `(2, 2)`.
# * One way by autograd: first the gradient, a vector of two numbers; then the gradient of each of
#   them. (`backward` and `grad` throw their notes away after use, unless you say `retain_graph=True`.)
#
# Worked value: for $f = x_0^2 x_1^3$ at $(1, 2)$ it is $\begin{pmatrix} 16 & 24 \\ 24 & 12 \end{pmatrix}$.

# %% nbgrader={"grade": false, "grade_id": "hessian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hessian(f, v):
    """Second derivatives of f at v, shape (2, 2): row i, column j has d²f / dx_i dx_j."""
    ### BEGIN SOLUTION Task 1: return the four second derivatives, shape (2, 2)
    v = torch.tensor(v, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(f(v), v, create_graph=True)
    rows = [torch.autograd.grad(slope, v, retain_graph=True)[0] for slope in gradient]
    return torch.stack(rows).numpy()
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_hessian", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(hessian)
### END HIDDEN TESTS
v = np.array([1.0, 2.0])
for name, f, expected in [
    ("x0² x1³", lambda v: v[0] ** 2 * v[1] ** 3, [[16, 24], [24, 12]]),
    ("valley", valley, [[10, -9], [-9, 10]]),
    ("x0² + sin x1", lambda v: v[0] ** 2 + torch.sin(v[1]), [[2, 0], [0, -0.9093]]),
]:
    H = numbers(hessian(f=f, v=v))
    assert H.shape == (2, 2), f"{name} at (1, 2): expected shape (2, 2) but got {H.shape}"
    assert np.allclose(H, expected, atol=1e-3), f"{name} at (1, 2): expected {expected} but got {H.round(4).tolist()}"
assert np.allclose(v, [1, 2], rtol=1e-9, atol=1e-9), f"v should still be [1, 2] but is now {v.tolist()}"
print("Task 1: the visible checks pass")

# %% [markdown]
# Four numbers say how the ground bends in *every* direction. Walk through the place in the direction
# $\theta$, and the curvature along your way is
#
# $$H_{00} \cos^2\theta + 2 H_{01} \cos\theta \sin\theta + H_{11} \sin^2\theta .$$
#
# Drawn for the valley, from your Hessian:

# %% tags=["figure"]
theta = np.linspace(0, np.pi, 181)
places = np.radians([45, 135])

fig, (ax, ax_bend) = plt.subplots(1, 2, figsize=(7, 3.4), width_ratios=(1, 1.4), layout="constrained")
draw_map(ax, valley, LEVELS, -2.5, 2.5, -2.5, 2.5)
ax.set(title="two special directions", aspect="equal")
for angle, color, word in zip(places, [GREEN, BLUE], ["along", "across"]):
    east, north = 2 * np.cos(angle), 2 * np.sin(angle)
    ax.annotate("", (east, north), (-east, -north), arrowprops={"arrowstyle": "<->", "color": color, "lw": 2})
    ax.text(1.25 * east, 1.25 * north, word, color=color, va="center", ha="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
ax_bend.plot(np.degrees(theta), 10 - 9 * np.sin(2 * theta), color="0.78", lw=6, label="expected")
for angle, bend, color in zip(places, [1, 19], [GREEN, BLUE]):
    ax_bend.plot(np.degrees(angle), bend, "s", ms=11, color=color)
    ax_bend.annotate(f"{bend}", (np.degrees(angle), bend), (0, 9), textcoords="offset points", ha="center")
ax_bend.set(title="curvature in every direction", xlabel=r"direction $\theta$ (0° right, 90° up)",
            ylabel="curvature", xticks=[0, 45, 90, 135, 180], ylim=(-2, 23))
with yours(ax_bend, "Task 1"):
    H = drawable(hessian(valley, np.array([1.0, 1.0])), (2, 2))
    c, s = np.cos(theta[::6]), np.sin(theta[::6])
    ax_bend.plot(np.degrees(theta[::6]), H[0, 0] * c**2 + (H[0, 1] + H[1, 0]) * c * s + H[1, 1] * s**2,
                 "o", ms=4, color=ORANGE, label="yours")
ax_bend.legend(fontsize=9, loc="upper left")
plt.show()

# %% [markdown]
# The smallest and the largest curvature, 1 and 19, are the *eigenvalues* of $H$, and their
# directions, always at right angles, are its eigenvectors. Along the valley one step of descent
# multiplies your distance by $1 - 1 \cdot \text{lr}$, across it by $1 - 19 \cdot \text{lr}$: week 2,
# twice. At lr 0.1 that is 0.9 and −0.9. No other learning rate does better, and with lr above
# $2/19$ the walk leaves the valley. It is the ratio 19, the *condition number*, that makes it slow.
#
# ## 2. Newton: jump to the bottom of the parabola
#
# With slope *and* curvature, you know the parabola that fits the ground where you stand. So jump to
# its bottom. On `poly` at $x = 4$ the slope is 33 and the curvature is 40. On that parabola the slope
# falls by 40 for each unit that you go left, so it is used up after $33/40 = 0.825$ units:
#
# $$4 - \frac{33}{40} = 3.175 .$$
#
# From there the next parabola leads to 2.833, the next to 2.766, then 2.7637, and there the valley
# is. Nobody had to choose a learning rate; the curvature does.

# %% tags=["figure"]
x = np.linspace(1.2, 4.3, 201)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
for ax, (start, height, slope, curvature) in zip(axes, [(4, 4, 33, 40), (3.175, -11.743, 7.606, 22.242)]):
    ax.plot(x, poly(x), color=BLUE, lw=2, label="poly")
    ax.plot(x, height + slope * (x - start) + curvature / 2 * (x - start) ** 2, "--", color=GREEN,
            label="its parabola")
    bottom = start - slope / curvature
    ax.vlines(bottom, height - slope**2 / curvature / 2, poly(bottom), color=GREY, ls=":")
    ax.plot(start, height, "o", color=ORANGE, ms=9, zorder=4)
    ax.plot(bottom, poly(bottom), "o", color=ORANGE, ms=9, mfc="white", zorder=4)
    ax.set(title=f"from {start} to {bottom:.3f}", xlabel="x", ylim=(-20, 12))
axes[0].legend(fontsize=9, loc="lower left")
plt.show()

# %% [markdown]
# In two dimensions the slope is a vector and the curvature a matrix, so dividing becomes solving (in
# NumPy, `np.linalg.solve(H, g)`):
#
# | | one dimension | two dimensions |
# |---|---|---|
# | the step $p$ uses up the slope | $f''(x)\, p = f'(x)$ | $H(v)\, p = g(v)$ |
# | where you are next | $x_{k+1} = x_k - p$ | $v_{k+1} = v_k - p$ |
#
# On the valley at $(4, 2)$ we have to solve $10p_0 - 9p_1 = 22$ and $-9p_0 + 10p_1 = -16$. The answer
# is $p = (4, 2)$, and the step leads to $(0, 0)$, the bottom, at once.
#
# **Task 2 (6 points, about 15 minutes)**
#
# `newton(f, v0, n_steps)` returns the whole path of Newton's method.
#
# * `f` is a smooth torch function that takes tensors and nothing else, `v0` an array of floats, of
#   shape `(2,)`, which stays as it is.
# * `n_steps` is the number of updates, exactly, 0 or more. Don't stop early.
# * Take the gradient and the Hessian anew at each place. You have a function for one of them.
# * It is the *pure* method: the whole step, no learning rate, wherever it leads. The Hessian is
#   invertible wherever you are asked.
# * It returns the places in order, start first: shape `(n_steps + 1, 2)`.
#
# Worked values: `newton(valley, np.array([4.0, 2.0]), 1)` is `[[4, 2], [0, 0]]`. For
# $f = x_0^2 x_1^3$ the step from $(1, 2)$ leads to $(0.75, 1.5)$, as $H p = g$ reads
# $16p_0 + 24p_1 = 16$ and $24p_0 + 12p_1 = 12$.

# %% nbgrader={"grade": false, "grade_id": "newton", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newton(f, v0, n_steps):
    """The start and the place after each of n_steps Newton steps on f, shape (n_steps + 1, 2)."""
    ### BEGIN SOLUTION Task 2: return the start and the n_steps places after it
    path = [np.array(v0, dtype=float)]
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        f(v).backward()
        path.append(path[-1] - np.linalg.solve(hessian(f, path[-1]), v.grad.numpy()))
    return np.array(path)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_newton", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(newton)
### END HIDDEN TESTS
for name, f, start, expected in [
    ("valley", valley, [4, 2], [[4, 2], [0, 0], [0, 0]]),
    ("x0² x1³", lambda v: v[0] ** 2 * v[1] ** 3, [1, 2], [[1, 2], [0.75, 1.5], [0.5625, 1.125]]),
    ("poly(x0) + x1², up a hill", lambda v: poly(v[0]) + v[1] ** 2, [1, 3], [[1, 3], [-0.2, 0]]),
    ("no steps on the valley", valley, [4, 2], [[4, 2]]),
]:
    v0 = np.array(start, dtype=float)
    path = numbers(newton(f=f, v0=v0, n_steps=len(expected) - 1))
    assert path.shape == np.shape(expected), f"{name}: expected shape {np.shape(expected)} but got {path.shape}"
    assert np.allclose(path, expected, atol=1e-3), f"{name}: expected {expected} but got {path.round(4).tolist()}"
    assert np.allclose(v0, start, rtol=1e-9, atol=1e-9), f"{name}: v0 should still be {start} but is now {v0.tolist()}"
print("Task 2: the visible checks pass")

# %% [markdown]
# The valley was too easy: it *is* its own parabola. Here is the banana that every method has to slip
# on, Rosenbrock's function of 1960, whose floor is curved:
#
# $$f(x_0, x_1) = (1 - x_0)^2 + 100\,(x_1 - x_0^2)^2 .$$

# %% tags=["figure"]
def banana(v):
    return (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2


expected = [(-1.2, 1), (-1.1753, 1.3807), (0.7631, -3.175), (0.7634, 0.5828), (1, 0.944), (1, 1), (1, 1)]


def draw_jumps(ax, path, color):
    ax.plot(*np.transpose(path), "o-", color=color, ms=5, lw=1)
    for k, (x0, x1) in enumerate(path[:5]):
        left = k in (0, 1)
        ax.annotate(f"{k}", (x0, x1), (-7 if left else 7, -3), textcoords="offset points", ha="right" if left else "left")


fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your six Newton steps", "what it should look like"]):
    draw_map(ax, banana, [1, 5, 20, 100, 400, 1000], -1.8, 1.8, -3.6, 2.6)
    ax.plot(1, 1, "k*", ms=13, zorder=0)
    ax.set_title(title)
axes[1].set_ylabel("")
with yours(axes[0], "Task 2"):
    draw_jumps(axes[0], drawable(newton(banana, np.array([-1.2, 1.0]), 6), (7, 2)), ORANGE)
draw_jumps(axes[1], expected, GREY)
plt.show()

# %% [markdown]
# Step 2 takes a wild leap *up* the wall, from height 5 to height 1412: the parabola is an honest
# picture of the ground nearby, and its bottom was far away. Then it lands, and once it is close, the
# number of correct digits doubles with each step. Gradient descent needs thousands of steps here.
#
# ## 3. Momentum: a heavy ball
#
# Newton's method has its price. With a million coordinates, the Hessian has a million million
# entries. So here is a poor man's way of noticing curvature: *remember*.
#
# A walker without memory turns on the spot at each step. A heavy ball doesn't: it keeps a part of its
# velocity. Across the valley, where the slope points left, then right, then left, the pushes cancel.
# Along the valley, where it always points the same way, they add up.
#
# | in words | as an equation |
# |---|---|
# | keep a part of the velocity, add the gradient | $u_{k+1} = \beta\, u_k + g(v_k)$, starting with $u_0 = 0$ |
# | move against it | $v_{k+1} = v_k - \text{lr} \cdot u_{k+1}$ |
#
# Numbers: the valley from $(4, 2)$, lr 0.1, $\beta = 0.5$.
#
# | step | place $v$ | gradient $g$ | velocity $u$ = 0.5 · old $u$ + $g$ | next place |
# |---|---|---|---|---|
# | 0 | (4, 2) | (22, −16) | (22, −16) | (1.8, 3.6) |
# | 1 | (1.8, 3.6) | (−14.4, 19.8) | (−3.4, 11.8) | (2.14, 2.42) |
# | 2 | (2.14, 2.42) | (−0.38, 4.94) | (−2.08, 10.84) | (2.348, 1.336) |
#
# The first step is that of gradient descent, as there is no velocity yet. In the second one, look at
# $x_0$: the new push, −14.4, would throw the walker all the way back. The old velocity, 11, all but
# stops it.
#
# **Task 3 (6 points, about 15 minutes)**
#
# `momentum_descent(f, v0, lr, beta, n_steps)` returns the whole path of the heavy ball.
#
# * `f` is a smooth torch function that takes tensors and nothing else; take its gradient by autograd.
#   `v0` is an array of floats, of shape `(2,)`, which stays as it is.
# * `lr` is above 0, `beta` is from 0 (no memory at all) up to but not 1. (The playground below goes on
#   to 1, to show what happens there.)
# * `n_steps` is the number of updates, exactly, 0 or more.
# * It returns the places, start first, without the velocities: shape `(n_steps + 1, 2)`.
#
# Worked values: the three steps in the table above.

# %% nbgrader={"grade": false, "grade_id": "momentum_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_descent(f, v0, lr, beta, n_steps):
    """The start and the place after each of n_steps steps with momentum, shape (n_steps + 1, 2)."""
    ### BEGIN SOLUTION Task 3: return the start and the n_steps places after it
    velocity = np.zeros(2)
    path = [np.array(v0, dtype=float)]
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        f(v).backward()
        velocity = beta * velocity + v.grad.numpy()
        path.append(path[-1] - lr * velocity)
    return np.array(path)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_momentum_descent", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(momentum_descent)
### END HIDDEN TESTS
for name, f, start, lr, beta, expected in [
    ("valley", valley, [4, 2], 0.1, 0.5, [[4, 2], [1.8, 3.6], [2.14, 2.42], [2.348, 1.336]]),
    ("valley with beta 0", valley, [4, 2], 0.1, 0.0, [[4, 2], [1.8, 3.6], [3.24, 1.62]]),
    ("x0² x1³", lambda v: v[0] ** 2 * v[1] ** 3, [1, 2], 0.01, 0.5, [[1, 2], [0.84, 1.88], [0.6484, 1.7452]]),
    ("no steps on the valley", valley, [4, 2], 0.1, 0.5, [[4, 2]]),
]:
    v0 = np.array(start, dtype=float)
    path = numbers(momentum_descent(f=f, v0=v0, lr=lr, beta=beta, n_steps=len(expected) - 1))
    assert path.shape == np.shape(expected), f"{name}: expected shape {np.shape(expected)} but got {path.shape}"
    assert np.allclose(path, expected, atol=1e-3), f"{name}: expected {expected} but got {path.round(4).tolist()}"
    assert np.allclose(v0, start, rtol=1e-9, atol=1e-9), f"{name}: v0 should still be {start} but is now {v0.tolist()}"
print("Task 3: the visible checks pass")

# %% [markdown]
# ### The race
#
# Descent, momentum and Newton, all from $(4, 2)$. Descent is your `momentum_descent` with $\beta = 0$.
# The lines are yours; the open circles are where they should go.

# %% tags=["figure"]
n = 30
descent = np.transpose([3 * 0.9 ** np.arange(n + 1) + (-0.9) ** np.arange(n + 1),
                        3 * 0.9 ** np.arange(n + 1) - (-0.9) ** np.arange(n + 1)])
along, across = [3.0, 2.7], [1.0, -0.9]  # the ball, in the directions of the valley
for _ in range(n - 1):
    along.append(1.4 * along[-1] - 0.5 * along[-2])
    across.append(-0.4 * across[-1] - 0.5 * across[-2])
ball = np.transpose([np.add(along, across), np.subtract(along, across)])
jump = np.vstack([[4, 2], np.zeros((n, 2))])

start = np.array([4.0, 2.0])
racers = [
    ("descent", ORANGE, "Task 3", descent, lambda: momentum_descent(valley, start, 0.1, 0.0, n)),
    ("momentum", BLUE, "Task 3", ball, lambda: momentum_descent(valley, start, 0.1, 0.5, n)),
    ("Newton", GREEN, "Task 2", jump, lambda: newton(valley, start, n)),
]
fig, axes = plt.subplot_mosaic([["descent", "momentum", "Newton"], ["distance"] * 3], figsize=(7, 5.4),
                               height_ratios=(1, 1.15), layout="constrained")
distance = axes["distance"]
for (name, color, task, expected, run) in racers:
    ax = axes[name]
    draw_map(ax, valley, LEVELS, -2, 5, -2, 5)
    ax.set(title=name, aspect="equal")
    ax.plot(0, 0, "k*", ms=10, zorder=0)
    ax.plot(*expected.T, "o", ms=8, color="black", mfc="none", mew=0.7)
    away = np.maximum(np.hypot(*expected.T), 1e-5)
    distance.semilogy(away, "o", ms=8, color="black", mfc="none", mew=0.7)
    with yours(ax, task, width=18):
        path = drawable(run(), (n + 1, 2))
        ax.plot(*path.T, "o-", color=color, ms=3.5, lw=1)
        distance.semilogy(np.maximum(np.hypot(*path.T), 1e-5), "o-", color=color, ms=3.5, lw=1, label=name)
distance.set(title="distance from the bottom", xlabel="step", ylim=(4e-6, 400))
distance.plot([], [], "o", ms=8, color="black", mfc="none", mew=0.7, label="expected")
distance.text(2, 2.2e-5, "less than 0.00001", fontsize=9, color=GREEN)
goal = [4.4721, 1.7162, 0.2959, 0.0412, 0.00521, 0.000622, 0.0000716]
distance.plot(range(0, 31, 5), goal, "--", color=GREY, label="goal")
distance.legend(fontsize=9, loc="upper right", ncols=4)
plt.show()

# %% [markdown]
# Read the slopes of the lines below. A step of descent leaves nine tenths of the distance, here and
# at best. A step with momentum leaves about seven tenths, at the same learning rate and for the price
# of remembering two numbers. (The dip at step 19 is the moment when the ball rolls through the bottom,
# and a little beyond.) Newton is there after one step and has nothing left to do.
#
# The grey dashed line is a goal: momentum at the learning rate and the $\beta$ that are best for this
# valley in the long run; your ball is ahead of it at first. Can you find them?
#
# ### Try it
#
# Click anywhere in the valley, and *your* `momentum_descent` rolls from there; the sliders choose the
# learning rate, $\beta$ and how many steps. With $\beta = 0$, which learning rate makes it leave the
# valley? (Look up: you know the number.) Does the ball leave there too?
#
# And turn $\beta$ up to 1. Now nothing is ever forgotten, and $u$ is the plain sum of all gradients so
# far. You have met this walker: it is the one of week 2 who forgot to set `x.grad` back to zero. It
# rolls to and fro for ever.
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
fig, ax = plt.subplots(figsize=(6, 5), layout="constrained")
draw_map(ax, valley, LEVELS, -5, 5, -5, 5)
ax.format_coord = lambda x0, x1: f"({x0:.2f}, {x1:.2f}), height {valley((x0, x1)):.2f}"


def walk(f, place, lr, beta, steps):
    return numbers(momentum_descent(f, place, lr, beta, steps))


playground(ax, valley, walk, start=(4, 2), lr=(0, 0.1, 0.2), beta=(0, 0.5, 1), steps=(0, 30, 100))

# %% [markdown]
# ## 4. Where such valleys come from
#
# Not from textbooks: from data. A cup of coffee cools, and six times somebody reads a thermometer.

# %%
hours = [0.2, 0.7, 0.7, 1.1, 1.1, 1.6]
degrees = [84, 71, 69, 62, 58, 49]


def misfit(w):
    """How badly the line w[0] − w[1] · hours misses the six readings: the mean of the squares."""
    return sum((w[0] - w[1] * x - y) ** 2 for x, y in zip(hours, degrees)) / 6


# %% [markdown]
# To fit a line by *least squares* is to go downhill on `misfit`: from the line $92 - 27t$, say, to the
# best one, $88 - 25t$. Its Hessian (find it with your Task 1, or by hand) is
#
# $$\begin{pmatrix} 2 & -2\,\overline{t} \\ -2\,\overline{t} & 2\,\overline{t^2} \end{pmatrix}
# = \begin{pmatrix} 2 & -1.8 \\ -1.8 & 2 \end{pmatrix},$$
#
# where the bar is a mean over the six times: 0.9 and 1. It is our valley, a fifth as steep! So your
# descent makes the zigzag of the first picture again, at five times the learning rate.

# %% tags=["figure"]
fig, (ax, ax_map) = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
t, n = np.array([0, 1.8]), np.arange(31)
ax.plot(hours, degrees, "o", color="black", ms=5, label="readings")
ax.plot(t, 92 - 27 * t, ":", color=GREY, label="start: 92 − 27t")
ax.plot(t, 88 - 25 * t, color="0.78", lw=6, zorder=0, label="best: 88 − 25t")
ax.set(title="six readings", xlabel="hours t", ylabel="degrees", ylim=(38, 97))
draw_map(ax_map, misfit, 2.167 + np.array([0.1, 0.4, 1, 2, 4, 8, 16]), 86.5, 93, 23.5, 30)
ax_map.plot(88, 25, "k*", ms=11)
ax_map.plot(88 + 3 * 0.9**n + (-0.9) ** n, 25 + 3 * 0.9**n - (-0.9) ** n, "o", ms=8, color="black", mfc="none", mew=0.7)
ax_map.set(title="misfit of each line", xlabel="height at the start, $w_0$", ylabel="loss in an hour, $w_1$", aspect="equal")
with yours(ax_map, "Task 3", at=0.92):
    path = drawable(momentum_descent(misfit, np.array([92.0, 27.0]), 0.5, 0.0, 30), (31, 2))
    ax_map.plot(*path.T, "o-", color=ORANGE, ms=3.5, lw=1)
    ax.plot(t, path[-1, 0] - path[-1, 1] * t, color=ORANGE, label="yours after 30 steps")
ax.legend(fontsize=8, loc="upper right")
plt.show()

# %% [markdown]
# Why is it oblique? All the readings were taken after the start, 0.9 hours on average, so a higher line
# that falls faster fits nearly as well. Count the hours from their mean instead, and the valley stands
# straight, with curvatures 2 and 0.38. Measure them in units of their spread, too, and it is round: one
# step. That is why inputs are centred and scaled before anything is trained.
#
# Two ways lead on from here:
#
# * With six million readings, a *minibatch* of a few, drawn anew for each step, gives a gradient that
#   is right on average. Momentum smooths the noise.
# * *Adam*, which trains most networks today, is momentum with a learning rate for each coordinate, by
#   the running size of its gradients. A straight valley becomes round. An oblique one, like ours,
#   stays oblique.
#
# ## 5. Flat is not yet the bottom
#
# Newton's method looks for the place where the slope is used up. It doesn't ask what kind of place
# that is. At a *stationary point* the gradient is zero, so the slope has nothing to say, and the
# curvature decides:
#
# | smallest curvature | largest curvature | the place is a |
# |---|---|---|
# | positive | positive | `"minimum"`: up in every direction |
# | negative | negative | `"maximum"`: down in every direction |
# | negative | positive | `"saddle"`: a mountain pass, down to two sides and up to the other two |
#
# The smallest example that bites is $f = x_0^2 + x_1^2 + 6x_0x_1$, with
# $H = \begin{pmatrix} 2 & 6 \\ 6 & 2 \end{pmatrix}$. Along $x_0$ it is a bowl, along $x_1$ it is a
# bowl. But walk along the diagonal $x_1 = -x_0$: there $f = 2x_0^2 - 6x_0^2 = -4x_0^2$, downhill both
# ways. It is a saddle. The eigenvalues, 8 and −4, know.
#
# `np.linalg.eigvalsh(H)` gives the eigenvalues of a symmetric matrix. Or remember that their product
# is the determinant and their sum is the trace.
#
# **Task 4 (4 points, about 5 minutes)**
#
# `classify_stationary_point(H)` says what a place without slope is: `"minimum"`, `"maximum"` or
# `"saddle"`, spelled like this.
#
# * `H` is the Hessian there, an array of shape `(2, 2)`, symmetric and invertible. So neither
#   eigenvalue is 0.
#
# Worked value: for `np.array([[2.0, 6.0], [6.0, 2.0]])` it is `"saddle"`.

# %% nbgrader={"grade": false, "grade_id": "classify_stationary_point", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify_stationary_point(H):
    """What a place without slope and with Hessian H is: "minimum", "maximum" or "saddle"."""
    ### BEGIN SOLUTION Task 4: return one of the three words
    curvatures = np.linalg.eigvalsh(H)
    if np.all(curvatures > 0):
        return "minimum"
    return "maximum" if np.all(curvatures < 0) else "saddle"
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_classify_stationary_point", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(classify_stationary_point)
### END HIDDEN TESTS
for table, word in [
    ([[2.0, 6.0], [6.0, 2.0]], "saddle"),
    ([[10.0, -9.0], [-9.0, 10.0]], "minimum"),
    ([[-3.0, 1.0], [1.0, -2.0]], "maximum"),
    ([[1.0, 0.0], [0.0, -1.0]], "saddle"),
]:
    answer = classify_stationary_point(H=np.array(table))
    assert answer == word, f"H = {table}: expected {word!r} but got {answer!r}"
print("Task 4: the visible checks pass")

# %% [markdown]
# An egg box, $f = \cos x_0 \cos x_1$, has all three. Its Hessians are known from the formula, so this
# picture needs only your Task 4.

# %% tags=["figure"]
tops = [(x0, x1, np.diag([-1.0, -1.0]), "maximum") for x0, x1 in [(0, 0), (-np.pi, -np.pi), (-np.pi, np.pi), (np.pi, -np.pi), (np.pi, np.pi)]]
bottoms = [(x0, x1, np.diag([1.0, 1.0]), "minimum") for x0, x1 in [(0, np.pi), (0, -np.pi), (np.pi, 0), (-np.pi, 0)]]
passes = [(np.pi / 2 * a, np.pi / 2 * b, np.array([[0.0, a * b], [a * b, 0.0]]), "saddle") for a in (-1, 1) for b in (-1, 1)]
points = tops + bottoms + passes
marks = {"minimum": ("v", BLUE), "maximum": ("^", ORANGE), "saddle": ("X", GREEN)}


def draw_marks(ax, words):
    for word, (marker, color) in marks.items():
        these = np.array([(x0, x1) for (x0, x1, _, _), said in zip(points, words) if said == word]).reshape(-1, 2)
        ax.plot(*these.T, marker, ls="", ms=11, color=color, mec="white", label=word, clip_on=False, zorder=3)


X0, X1 = np.meshgrid(np.linspace(-3.6, 3.6, 145), np.linspace(-3.6, 3.6, 145))
fig, axes = plt.subplots(1, 2, figsize=(7, 3.9), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your words for it", "what it should look like"]):
    heights = ax.imshow(np.cos(X0) * np.cos(X1), origin="lower", extent=(-3.6, 3.6, -3.6, 3.6), cmap="cividis", alpha=0.75)
    ax.set(title=title, xlabel="$x_0$")
axes[0].set_ylabel("$x_1$")
draw_marks(axes[1], [right for *_, right in points])
with yours(axes[0], "Task 4"):
    words = [classify_stationary_point(H.copy()) for _, _, H, _ in points]
    for word in words:
        if word not in list(marks):
            raise ValueError(f"it returned {word!r}, not one of the three words")
    draw_marks(axes[0], words)
fig.colorbar(heights, ax=axes, label="height", shrink=0.8)
fig.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
plt.show()

# %% [markdown]
# ### Where does Newton end?
#
# In week 2, descent on `poly` ended left or right of the hilltop, depending on the side it started
# on. Here is the same map for Newton: for each start, where your `newton` is after 20 steps. (It needs
# two dimensions, so it walks on $\text{poly}(x_0) + x_1^2$; the second coordinate just goes to 0.)

# %% tags=["figure", "cover"]
borders = [-4, -1.633, -1.273, -1.229, -1.22, 1.309, 1.359, 1.633, 4]
reached = [-2.889, 2.764, -2.889, 2.764, 0.125, 2.764, -2.889, 2.764]
starts = np.sort([*np.arange(-4, 4.05, 0.125), 1.338])  # the last one for a thin band
x = np.linspace(-4.1, 4.1, 301)

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.8), sharex=True, height_ratios=(1, 1.2), layout="constrained")
top.plot(x, poly(x), color=BLUE)
top.axvspan(-1.633, 1.633, color="#E6E6E6", zorder=0)
top.text(0, -19, "bends down", ha="center", color="#555555")
for place, word in [(-2.889, "minimum"), (0.125, "maximum"), (2.764, "minimum")]:
    top.plot(place, poly(place), marks[word][0], ms=9, color=marks[word][1])
top.set(ylabel="poly", ylim=(-23, 8), title="the ground")
for left, right, place in zip(borders, borders[1:], reached):
    bottom.plot([left, right], [place, place], color="0.78", lw=7, solid_capstyle="butt")
bottom.plot([], [], color="0.78", lw=7, label="expected")
with yours(bottom, "Task 2", at=0.33):
    ends = []
    for start in starts:
        path = newton(lambda v: poly(v[0]) + v[1] ** 2, np.array([start, 1.0]), 20)
        ends.append(drawable(path, (21, 2))[-1, 0])
    bottom.plot(starts, np.clip(ends, -4.2, 4.2), "o", ms=4, color=ORANGE, label="yours")
bottom.set(title="where Newton ends", xlabel="start", ylabel="end", xlim=(-4.2, 4.2), ylim=(-4.3, 4.3))
bottom.set_yticks([-2.889, 0.125, 2.764], ["left minimum", "hilltop", "right minimum"])
bottom.legend(fontsize=9, loc="lower right")
plt.show()

# %% [markdown]
# Everything that starts in the middle ends *on the hilltop*. And near the two places where the
# curvature is 0 the parabola is nearly a straight line, its bottom is far away, and a start at 1.5
# ends in the left valley, across the hill. (Where the middle ends, near −1.22 and 1.31, some bands are
# too thin for a picture.)
#
# ## Written question (5 points, about 25 minutes)
#
# **Why does Newton's method climb from `poly` at $x = 1$?**
#
# Compute the slope, the curvature and the first step there, and the heights before and after it. To
# which point of which parabola does the method jump? From which starts is that the parabola's *top*?
# Which way does gradient descent go from $x = 1$, and how could you change Newton's method so that it,
# too, always sets off downhill? (How far it then goes isn't asked.) Eight to twelve lines, in the cell
# below.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# At $x = 1$ the slope is $1 - 8 + 1 = -6$ and the curvature is $-8 + 3 = -5$. The step is
# $p = -6 / -5 = 1.2$, and it leads to $1 - 1.2 = -0.2$. The height was $-2.75$ and is now $-0.36$: it
# climbed.
#
# Newton's method replaces the ground by the parabola with the same height, slope and curvature, here
# $-2.75 - 6(x - 1) - 2.5(x - 1)^2$, and jumps to the place where *its* slope is 0. The curvature is
# negative, so the parabola opens downwards, and that place is not its bottom but its top. The method
# solves $f'(x) = 0$; nothing in it asks for a minimum. In other words, dividing by a negative
# curvature turns the direction $-f'$ around.
#
# This happens wherever $f''(x) = 3x^2 - 8 < 0$, so for $|x| < \sqrt{8/3} \approx 1.633$. Gradient
# descent never divides by the curvature: at $x = 1$ it goes right, downhill, and with a small
# learning rate ends at 2.764.
#
# So that it sets off downhill, one can divide by $|f''|$ instead of $f''$ (in two dimensions: take the
# absolute values of the eigenvalues of $H$), add enough to the diagonal of $H$ to make it positive, or
# take a gradient step wherever the curvature isn't positive; and shorten the step if it ends higher.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: slope −6, curvature −5, step to −0.2. A slip in arithmetic with the right formula keeps it.
# - 1 point: shows that it climbs, from −2.75 to −0.36 (or by the sign: to the left the ground rises).
# - 1 point: the reason: the parabola opens downwards, and the method goes to its top, since it only
#   looks for slope 0. "Because the step is too large" earns nothing here.
# - 1 point: where: negative curvature, $|x| < \sqrt{8/3} \approx 1.63$. "Between the two minima" earns
#   nothing; between 1.63 and 2.76 it doesn't climb its parabola.
# - 1 point: gradient descent goes right and down, and one workable change: absolute value of the
#   curvature, a positive diagonal added, a gradient step instead, or a check of the height. Dividing by
#   $|f''|$ may overshoot and end higher (from 1.5 it goes to 7.6): it keeps the point all the same, with
#   or without saying so. "A learning rate" alone isn't one: a shorter step in the wrong direction still
#   climbs.
#
# Some will note that from 1.4 the first step goes to −2.12, up its own parabola and yet to lower ground
# (−15.0 after −5.5). That is right, and no reason to take points off.
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* Find the goal of the race: the learning rate and the $\beta$ with which
# momentum is fastest in a valley whose smallest and largest curvature you know. Try it out (a grid, and
# the distance after 60 steps), or think: along each curvature $\lambda$ the ball obeys
# $x_{k+1} = (1 + \beta - \text{lr}\,\lambda)\,x_k - \beta\,x_{k-1}$, and as long as it swings, each step
# leaves $\sqrt\beta$, whatever $\lambda$ is. For curvatures 1 and 19, the best that you can get is about
# 0.63 per step, where descent leaves 0.9.

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_momentum(smallest, largest):
    """The lr and the beta with which momentum is fastest between these two curvatures."""
    ### BEGIN SOLUTION If you have time: return the best lr and the best beta
    # The least beta at which both directions still swing: |1 + beta - lr * curvature| = 2 sqrt(beta) for both.
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. The Hessian says how the slope changes; its eigenvalues are the curvatures, and their ratio is what
#    makes descent slow.
# 2. Newton jumps to where its parabola is flat. That needs no learning rate, and may be a hilltop.
# 3. Momentum remembers: pushes that alternate cancel, pushes that agree add up.
#
# ## Where to read on
#
# * Gabriel Goh, [Why Momentum Really Works](https://distill.pub/2017/momentum/), Distill, 2017. Now read
#   the rest of it: the best choice of $\beta$, and the square root that momentum takes out of the
#   condition number. Drag everything that can be dragged.
# * B. T. Polyak, [Some methods of speeding up the convergence of iteration
#   methods](https://doi.org/10.1016/0041-5553(64)90137-5), *USSR Computational Mathematics and
#   Mathematical Physics* 4 (1964), 1–17. Where the heavy ball comes from.
# * D. P. Kingma and J. Ba, [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980),
#   2015. Read the one box with the algorithm: you know half of its lines already.
# * Y. Dauphin and others, [Identifying and attacking the saddle point problem in high-dimensional
#   non-convex optimization](https://arxiv.org/abs/1406.2572), 2014. With many coordinates nearly all flat
#   places are saddles, and Newton loves them. The cure is one pair of absolute-value bars.
# * T. J. Ypma, [Historical development of the Newton–Raphson method](https://doi.org/10.1137/1037125),
#   *SIAM Review* 37 (1995), 531–551. How little of Newton's method is by Newton.
#
# > Descent, Momentum and Newton race to the bottom of a valley.
# >
# > "Here I am!" Newton shouts after a single step. "What a view!"
#
# ## Next week
#
# You wrote "take the gradient", "take it once more", "do it for each start". Next week does the same
# descent in JAX, where these are three functions that eat functions: `grad`, `grad` of `grad`, and
# `vmap`. A Hessian is one line, and a whole grid of walkers sets off at once.
#
# [← Week 3](../week3_descent_2d/descent_2d.ipynb) · [Week 5 →](../week5_jax/jax_descent.ipynb)
