# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 5: The same descent in JAX
#
# [← Week 4](../week4_curvature/curvature.ipynb) · [Week 6 →](../week6_kalman/kalman.ipynb)
#
# For four weeks you have asked for slopes one at a time: here is a place, give me the number. And
# each time there was some bookkeeping to do. Mark the number that moves, call `backward`, fetch the
# gradient, clear it before the next step.
#
# **What if you could ask for the whole slope at once, as a function?**
#
# * **You need** weeks 2 to 4: descent and the Hessian in torch; and functions that return functions.
# * **After this you can** say with `grad`, `vmap` and `jit` what took loops before, and what `jit` can't
#   stand.
# * **Time:** about 90 minutes: five tasks (45 minutes, 20 points by machine), one written question (20
#   minutes, 5 points by a person), and what lies between. Only an hour? Tasks 2 and 3 are the core.
#
# This week needs one more library, [JAX](https://docs.jax.dev). Where the next cell says *No module
# named 'jax'*, run `%pip install jax` in a cell of its own, once, and restart the kernel. After that,
# run the cells from top to bottom; a task you haven't solved yet doesn't stop the rest.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"


def square(x):
    """x², where every story begins."""
    return x**2


def poly(x):
    """x − 4x² + x⁴/4, our old friend with two valleys and a hilltop between them."""
    return x - 4 * x**2 + x**4 / 4


# %% tags=["figure"]
places = jnp.linspace(-4, 4, 161)
chain = [("poly", poly, BLUE), ("grad(poly)", jax.grad(poly), ORANGE),
         ("grad(grad(poly))", jax.grad(jax.grad(poly)), GREEN)]

fig, axes = plt.subplots(1, 3, figsize=(7, 2.7), layout="constrained")
for ax, (name, f, color) in zip(axes, chain):
    ax.axhline(0, color="0.8", lw=0.8)
    ax.plot(places, jax.vmap(f)(places), color=color, lw=2)
    ax.plot(2, f(2.0), "o", color=color, ms=7)
    ax.text(0.5, 0.88, f"{f(2.0):g} at 2", transform=ax.transAxes, ha="center", color=color)
    ax.set(title=name, xlabel="x", xticks=[-4, -2, 0, 2, 4])
axes[0].set(ylim=(-20, 24))
axes[1].set(ylim=(-35, 50))
axes[2].set(ylim=(-12, 60))
plt.show()

# %% [markdown]
# Three functions. The first is `poly`. The second was made from it, and the third from the second, by
# one and the same machine: `jax.grad` takes in a function and hands back a function, its derivative. No
# place was mentioned.
#
# (The next two cells are folded: they let the pictures draw *your* answer, and maps of landscapes.)

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
# @title Maps, and functions as answers: run this cell, there is no need to read it
def function(result, name):
    """What a task returned, if it is a function; anything else is an error that says so."""
    if not callable(result):
        raise TypeError(f"{name} should return a function, but this is of type {type(result).__name__}")
    return result


def draw_map(ax, f, levels, left, right, low, high):
    """Contour lines of f on a rectangle."""
    X0, X1 = np.meshgrid(np.linspace(left, right, 121), np.linspace(low, high, 121))
    ax.contour(X0, X1, f(np.array([X0, X1])), levels=levels, colors="0.65", linewidths=0.8)
    ax.set(xlabel="$x_0$", ylabel="$x_1$", xlim=(left, right), ylim=(low, high))


# %% [markdown]
# ## 1. A function in, a function out
#
# Smallest case with numbers. The slope of $x^2$ at 3 is 6. Side by side:
#
# | torch: at a place | JAX: as a function |
# |---|---|
# | `x = torch.tensor(3.0, requires_grad=True)` | `steep = jax.grad(square)` |
# | `square(x).backward()` | `steep(3.0)` |
# | `x.grad` | |
#
# On the right there is nothing to mark and nothing to clear. A place comes in only on the second line, as
# the argument of a function that exists already. Ask that function for another place, and another:

# %%
steep = jax.grad(square)
print(steep(3.0), steep(-1.5), steep(0.25))

# %% [markdown]
# Inside, it is the same reverse-mode autograd as in week 1: `square` is followed step by step at the
# place that you ask for, and the chain rule is applied from the end back to the beginning. JAX hasn't
# looked at a formula either.
#
# Three habits of JAX to know before you start:
#
# * `jnp` has the functions of NumPy under the same names: `jnp.sin`, `jnp.stack`, `jnp.linspace`.
# * Its arrays never change. There is no `path[k] = x`; you make a new array, or collect in a list.
# * Its numbers are float32, with about seven digits, unless told otherwise.
#
# **Task 1 (4 points, about 5 minutes)**
#
# `slope(f)` returns the derivative of `f`, *as a function*.
#
# * `f` is a smooth JAX function of one number.
# * What you return is called with a float, and returns the slope of `f` there: one number.
#
# Worked values: `slope(square)(3.0)` is 6, and `slope(poly)(2.0)` is $1 - 8 \cdot 2 + 2^3 = -7$.

# %% nbgrader={"grade": false, "grade_id": "slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slope(f):
    """The derivative of f: a function that takes a float and returns the slope of f there."""
    ### BEGIN SOLUTION Task 1: return a function
    return jax.grad(f)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_slope", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(slope)
### END HIDDEN TESTS
for name, f, place, expected in [
    ("square", square, 3.0, 6),
    ("poly", poly, 2.0, -7),
    ("sin", jnp.sin, 0.5, 0.87758),
]:
    found = numbers(function(slope(f=f), "slope(f)")(place))
    assert found.shape == (), f"slope({name})({place}): expected one number but got shape {found.shape}"
    assert abs(found - expected) < 1e-3, f"slope({name})({place}): expected {expected} but got {found:.5g}"
print("Task 1: the visible checks pass")

# %% [markdown]
# Here is `poly` with your slope under it, taken place by place. Where the hill is flat, the slope crosses
# zero.

# %% tags=["figure"]
places = np.linspace(-4, 4, 41)
flat = [-2.889, 0.125, 2.764]

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.2), sharex=True, layout="constrained")
top.plot(places, poly(places), color=BLUE, lw=2)
bottom.plot(places, 1 - 8 * places + places**3, color="0.78", lw=7, label="expected")
for place in flat:
    top.plot(place, poly(place), "o", color="black", ms=6, zorder=3)
    for ax in (top, bottom):
        ax.axvline(place, color="0.8", ls=":")
bottom.axhline(0, color="0.8", lw=0.8)
with yours(bottom, "Task 1"):
    steep = function(slope(poly), "slope(f)")
    bottom.plot(places, drawable([steep(float(place)) for place in places], (41,)), "o-", ms=4, lw=1,
                color=ORANGE, label="yours")
top.set(title="poly", ylabel="height")
bottom.set(title="slope(poly)", xlabel="x", ylabel="slope")
bottom.legend(fontsize=9, loc="lower right")
plt.show()

# %% [markdown]
# ## 2. Everywhere at once
#
# That picture asked for 41 slopes one after the other. Can't `grad` take all places in one array?

# %%
try:
    jax.grad(square)(jnp.array([1.0, 2.0, 3.0]))
except TypeError as error:
    print(str(error)[:70])

# %% [markdown]
# It can't, and it is right. `square` of three numbers is three numbers; which one's slope, along which
# of the three? What we *mean* is: at each place, the slope there. `jax.vmap` is the machine for "at
# each". It takes in a function of one thing and hands back a function of many. Here is one of a point,
# and what becomes of it:

# %%
def distance(v):
    """From (0, 0) to the point v."""
    return jnp.sqrt(v[0] ** 2 + v[1] ** 2)


points = jnp.array([[3.0, 4.0], [6.0, 8.0], [5.0, 12.0]])
print(distance(points[0]), jax.vmap(distance)(points))

# %% [markdown]
# `distance` knows nothing of rows. `jax.vmap(distance)` takes an array whose *first* axis counts the points,
# and returns one answer for each. It isn't a loop in disguise: the function is followed once, with whole arrays
# in the place of numbers.
#
# You have two machines now, and what they hand back can be fed to the other.
#
# One trap is left: between 2 and 3 there is no other whole number, so `grad` refuses ints, with a long
# message. Make floats of them first (`jnp.asarray(..., dtype=float)`).
#
# **Task 2 (4 points, about 10 minutes)**
#
# `slopes(f, xs)` returns the slopes of `f` at all places `xs`.
#
# * `f` is a smooth JAX function of one number.
# * `xs` is an array of shape `(n,)`, of floats or of *ints*.
# * The answer has shape `(n,)`, and its numbers are floats.
#
# Worked value: `slopes(poly, np.array([0, 1, 2]))` is `[1, -6, -7]`.

# %% nbgrader={"grade": false, "grade_id": "slopes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slopes(f, xs):
    """Slopes of f at the places xs (floats or ints), shape (n,) like xs."""
    ### BEGIN SOLUTION Task 2: return one slope for each place, shape (n,)
    return jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float))
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_slopes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(slopes)
### END HIDDEN TESTS
for name, f, xs, expected in [
    ("poly", poly, np.array([0.0, 1.0, 2.0]), [1, -6, -7]),
    ("poly at ints", poly, np.array([0, 1, 2]), [1, -6, -7]),
    ("sin", jnp.sin, np.array([0.5, -1.0]), [0.87758, 0.5403]),
]:
    found = numbers(slopes(f=f, xs=xs))
    assert found.shape == xs.shape, f"{name}: expected shape {xs.shape} but got {found.shape}"
    assert np.allclose(found, expected, atol=1e-3), f"{name}: expected {expected} but got {found.round(4).tolist()}"
print("Task 2: the visible checks pass")

# %% [markdown]
# Below, no curve is drawn in orange, only a short piece of tangent at each place, as steep as your `slopes`
# says. Right slopes lie along the grey curve.

# %% tags=["figure"]
def wave(x):
    """A wave on a bowl."""
    return jnp.sin(3 * x) + x**2 / 4


line = np.linspace(-3.2, 3.2, 201)
places = np.linspace(-3, 3, 31)
fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(line, wave(line), color="0.78", lw=6, label="sin 3x + x²/4")
with yours(ax, "Task 2"):
    steep = drawable(slopes(wave, places), (31,))
    reach = 0.16 / np.hypot(1, steep)
    ax.plot([places - reach, places + reach], [wave(places) - reach * steep, wave(places) + reach * steep],
            color=ORANGE, lw=2)
    ax.plot([], [], color=ORANGE, lw=2, label="pieces of your tangents")
ax.set(xlabel="x", ylabel="height", ylim=(-1.4, 4))
ax.legend(fontsize=9, loc="upper center")
plt.show()

# %% [markdown]
# ## 3. The same descent
#
# The update hasn't changed since week 2, $x_{k+1} = x_k - \text{lr} \cdot f'(x_k)$. What falls away is
# everything around it. (On the left, a torch loop that changes one tensor in place and clears its gradient.)
#
# | torch | and in JAX |
# |---|---|
# | `x = torch.tensor(x0, requires_grad=True)` | an array of floats; nothing to mark |
# | `f(x).backward()` | nothing to call: the slope is a function |
# | `with torch.no_grad(): x -= lr * x.grad` | the equation as it stands, and a *new* array |
# | `x.grad.zero_()` | nothing to clear |
#
# If the place is an array of two coordinates, and `f` reads `v[0]` and `v[1]`, then `jax.grad(f)` hands back the
# whole gradient, and the very same line descends in two dimensions, here down week 4's oblique valley:

# %%
def valley(v):
    """Week 4's long, narrow, oblique valley with its bottom at (0, 0)."""
    return 5 * v[0] ** 2 + 5 * v[1] ** 2 - 9 * v[0] * v[1]


print(jax.grad(valley)(jnp.array([4.0, 2.0])))

# %% [markdown]
# ### What `jit` wants from you
#
# There is a third machine. `jax.jit` takes in a function and hands back the same function, faster. To do so
# it reads yours *once* (for each shape and type of the arguments), writes down every operation that it meets,
# and compiles the list. From then on the list is run, and Python isn't asked any more:

# %%
def double(x):
    print("Python reads this line")
    return 2 * x


fast = jax.jit(double)
print(fast(1.0), fast(2.0), fast(3.0))

# %% [markdown]
# Three results and one line read. While it reads, `x` is not a number but a placeholder (JAX says
# *tracer*) that stands for whatever may come later. So it has a shape, and you can add and multiply it,
# but nobody can say how large it is. What then goes wrong under `jit`:
#
# * `float(x)`, `x.item()`, `np.array(x)`, `np.sin(x)` fail: they want the number now;
# * `if x > 0` fails: nobody knows yet;
# * a list *outside* of the function can be appended to, but gets a placeholder, once. A list that is made
#   inside and handed back by `jnp.stack` is fine.
#
# A loop over `range(n_steps)` is fine, too (and so is `jax.lax.scan`), as long as `n_steps` is a plain int.
# That has to be said: `jax.jit(gradient_descent_jax, static_argnums=(0, 3))` keeps the arguments number 0 and
# 3, `f` and `n_steps`, as they are, and makes placeholders of `x0` and `lr` only.
#
# **Task 3 (7 points, about 15 minutes)**
#
# `gradient_descent_jax(f, x0, lr, n_steps)` returns the whole path of gradient descent.
#
# * `x0` is a number (a float or an int) or an array of shape `(2,)`, which stays as it is. `f` is a smooth
#   function of such a thing, made of operations that JAX can follow.
# * `lr` may be large, and it may be negative.
# * `n_steps` is the number of updates, exactly, 0 or more. Don't stop early.
# * It returns the places in order, start first: shape `(n_steps + 1,)` for a number and `(n_steps + 1, 2)`
#   for a point. (This week best one JAX array, and no list of places: Task 3b maps over it.)
# * Called twice, or under `jax.jit` as above, it gives the same.
#
# Worked values: `gradient_descent_jax(square, 4.0, 0.75, 3)` is `[4, -2, 1, -0.5]`, and
# `gradient_descent_jax(valley, np.array([4.0, 2.0]), 0.1, 2)` is `[[4, 2], [1.8, 3.6], [3.24, 1.62]]`.

# %% nbgrader={"grade": false, "grade_id": "gradient_descent_jax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent_jax(f, x0, lr, n_steps):
    """The start and the place after each of n_steps updates; x0 is a number or has shape (2,)."""
    ### BEGIN SOLUTION Task 3: return the start and the n_steps places after it
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_gradient_descent_jax", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(gradient_descent_jax)
### END HIDDEN TESTS
for name, f, x0, lr, expected in [
    ("square", square, 4.0, 0.75, [4, -2, 1, -0.5]),
    ("square from an int", square, 4, 0.75, [4, -2, 1, -0.5]),
    ("no steps on square", square, 4.0, 0.75, [4]),
    ("poly", poly, 1.0, 0.05, [1, 1.3, 1.66015, 2.04543]),
    ("valley", valley, np.array([4.0, 2.0]), 0.1, [[4, 2], [1.8, 3.6], [3.24, 1.62]]),
]:
    n_steps = len(expected) - 1
    path = numbers(gradient_descent_jax(f=f, x0=x0, lr=lr, n_steps=n_steps))
    assert path.shape == np.shape(expected), f"{name}: expected shape {np.shape(expected)} but got {path.shape}"
    assert np.allclose(path, expected, atol=1e-3), f"{name}: expected {expected} but got {path.round(4).tolist()}"
    jitted = jax.jit(gradient_descent_jax, static_argnums=(0, 3))
    path = numbers(jitted(f, x0, lr, n_steps))
    assert np.allclose(path, expected, atol=1e-3), f"{name}, under jit: expected {expected} but got {path.round(4).tolist()}"
print("Task 3: the visible checks pass")

# %% [markdown]
# ### Torch and JAX on one map
#
# A function that only adds and multiplies doesn't care who evaluates it. Here is a bent valley, descended by
# the torch loop of the table and by your function, from the same start with the same steps.

# %% tags=["figure"]
def bend(v):
    """A valley that turns a corner; its lowest place is (1, 1)."""
    return (1 - v[0]) ** 2 + 5 * (v[1] - v[0] ** 2) ** 2


start, lr, n = np.array([-1.4, 0.6]), 0.02, 80
place = torch.tensor(start, requires_grad=True)
torch_path = [start]
for _ in range(n):
    bend(place).backward()
    with torch.no_grad():
        place -= lr * place.grad
    place.grad.zero_()
    torch_path.append(place.detach().numpy().copy())
torch_path = np.array(torch_path)

fig, (ax, apart) = plt.subplots(1, 2, figsize=(7, 3.6), width_ratios=(1.25, 1), layout="constrained")
draw_map(ax, bend, [0.3, 1, 3, 8, 16, 32], -1.8, 1.5, -0.6, 2.2)
ax.plot(*torch_path.T, "o", ms=7, color="black", mfc="none", mew=0.7, label="torch, float64")
ax.plot(1, 1, "k*", ms=11)
apart.axhspan(1e-8, 2.4e-7, color="0.9")
apart.text(n / 2, 4e-7, "grey: what float32 rounds off", ha="center", fontsize=9, color="#555555")
apart.set(title="how far apart they are", xlabel="step", yscale="log", ylim=(1e-8, 1), xlim=(-2, n + 2))
with yours(ax, "Task 3", at=0.72):
    path = drawable(gradient_descent_jax(bend, start, lr, n), (n + 1, 2))
    ax.plot(*path.T, ".-", ms=4, lw=1, color=ORANGE, label="JAX, yours")
    apart.plot(np.maximum(np.hypot(*(path - torch_path).T), 1.2e-8), ".-", color=ORANGE, lw=1)
ax.set(title="the same walk")
ax.legend(fontsize=9, loc="upper right")
plt.show()

# %% [markdown]
# The paths lie on each other. On the right is their distance on a log scale: about a ten-millionth. Torch
# counted in float64 and JAX in float32, which keeps about seven digits, and that is all the difference
# there is.
#
# ### Everybody at once
#
# `gradient_descent_jax` takes one start. With `jax.vmap` it takes many, without a change to a line of it.
#
# **Task 3b (no points, but the next picture; about 5 minutes)**
#
# `walk_together(f, starts, lr, n_steps)` returns the paths from all starts at once, without a loop over them.
#
# * `starts` is an array of shape `(n, 2)`, one start in each row; the others are as in Task 3, the same for all.
# * The answer has shape `(n, n_steps + 1, 2)`.
#
# `vmap` maps over *every* argument of the function that it gets. So give it a function of the start alone.

# %% nbgrader={"grade": false, "grade_id": "walk_together", "locked": false, "schema_version": 3, "solution": true, "task": false}
def walk_together(f, starts, lr, n_steps):
    """The paths from all starts, shape (n, 2), at once: shape (n, n_steps + 1, 2)."""
    ### BEGIN SOLUTION Task 3b: walk from all starts at once, with jax.vmap
    return jax.vmap(lambda start: gradient_descent_jax(f, start, lr, n_steps))(starts)
    ### END SOLUTION


# %% [markdown]
# Below, 225 walkers set off at the same moment on an egg box in a wide bowl,
#
# $$f = \sin(1.5x_0 - 0.5x_1) + \cos(0.5x_0 + 1.5x_1) + 0.12\,(x_0^2 + x_1^2),$$
#
# each in the shape and colour of the hollow in which it will end. The grey stars are the nine hollows.

# %% tags=["figure", "cover"]
def eggs(v):
    """An egg box in a wide bowl."""
    return jnp.sin(1.5 * v[0] - 0.5 * v[1]) + jnp.cos(0.5 * v[0] + 1.5 * v[1]) + 0.12 * (v[0] ** 2 + v[1] ** 2)


side = np.linspace(-4.4, 4.4, 15)
starts = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
bottoms = np.array([(-4.835, -0.297), (-3.69, 3.139), (-2.555, -4.798), (-1.432, -1.431), (-0.287, 2.004),
                    (0.835, 5.371), (2.0, -2.576), (3.145, 0.86), (4.268, 4.227)])
looks = list(zip("os^DvPX<>", [ORANGE, BLUE, GREEN, PURPLE, GREEN, ORANGE, ORANGE, BLUE, PURPLE]))

moments = [0, 2, 5, 30]
fig, axes = plt.subplots(2, 2, figsize=(6.2, 6.2), sharex=True, sharey=True, layout="constrained")
for ax, k in zip(axes.flat, moments):
    ax.plot(*bottoms.T, "*", color="0.6", ms=13)
    ax.set(title=f"after {k} steps" if k else "start", aspect="equal",
           xlim=(-5.9, 5.9), ylim=(-5.9, 5.9), xticks=[-4, 0, 4], yticks=[-4, 0, 4])
with yours(axes[0, 0], "Task 3b", at=0.46):
    paths = drawable(walk_together(eggs, starts, 0.2, 60), (len(starts), 61, 2))
    ends = np.argmin(np.linalg.norm(paths[:, -1, None] - bottoms, axis=2), axis=1)
    for ax, k in zip(axes.flat, moments):
        for hollow, (marker, color) in enumerate(looks):
            ax.plot(*paths[ends == hollow, k].T, marker, color=color, ms=4, mew=0)
for ax in axes[:, 0]:
    ax.set_ylabel("$x_1$")
for ax in axes[1]:
    ax.set_xlabel("$x_0$")
plt.show()

# %% [markdown]
# There is no loop over walkers anywhere. If your `gradient_descent_jax` failed here and not before, it asks a
# placeholder for its value somewhere, as it may not under `jit` either.
#
# ## 4. The machine, fed with its own output
#
# In one dimension the curvature is `jax.grad(jax.grad(f))`, as in the first picture. In two it takes a
# moment's thought. The gradient has two numbers, `grad` wants a function of one, and so `grad` of the
# gradient is refused with the message that you know. The machine for functions with many outputs is
# `jax.jacobian`: each output, differentiated along each input. A row for each output, as here, where a
# distance and a direction become a place on the map:

# %%
def on_the_map(v):
    """Walk v[0] in the direction v[1]: two numbers in, two numbers out."""
    return jnp.array([v[0] * jnp.cos(v[1]), v[0] * jnp.sin(v[1])])


print(jax.jacobian(on_the_map)(jnp.array([2.0, 0.0])))

# %% [markdown]
# Two away in direction 0: going farther moves you along $x_0$, by 1 for 1; turning moves you along $x_1$, by 2 for each
# radian.
#
# | a function of a point | hands back | at $(1, 2)$, for $x_0^2 x_1^3$ |
# |---|---|---|
# | $f$ | one number | 8 |
# | its gradient | two slopes | $(16, 12)$ |
# | its Hessian | how each slope changes along each coordinate | $\begin{pmatrix} 16 & 24 \\ 24 & 12 \end{pmatrix}$ |
#
# The last line is week 4's Task 1, where torch, step by step, wants `create_graph`, `retain_graph` and a
# loop over rows.
#
# **Task 4 (5 points, about 10 minutes)**
#
# `hessian_of(f)` returns the Hessian of `f`, *as a function*.
#
# * `f` is a smooth JAX function that reads `v[0]` and `v[1]`.
# * What you return is called with an array of floats, of shape `(2,)`, and returns the Hessian of `f` there,
#   of shape `(2, 2)`.
# * `jax.hessian` would do, too: it is this task, solved by somebody else.
#
# Worked value: `hessian_of(valley)(np.array([4.0, 2.0]))` is `[[10, -9], [-9, 10]]`, here and everywhere
# else.

# %% nbgrader={"grade": false, "grade_id": "hessian_of", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hessian_of(f):
    """The Hessian of f: a function that takes v, shape (2,), and returns shape (2, 2)."""
    ### BEGIN SOLUTION Task 4: return a function
    return jax.jacobian(jax.grad(f))
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_hessian_of", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(hessian_of)
### END HIDDEN TESTS
for name, f, place, expected in [
    ("x0² x1³", lambda v: v[0] ** 2 * v[1] ** 3, [1.0, 2.0], [[16, 24], [24, 12]]),
    ("valley", valley, [4.0, 2.0], [[10, -9], [-9, 10]]),
    ("x0² + sin x1", lambda v: v[0] ** 2 + jnp.sin(v[1]), [1.0, 2.0], [[2, 0], [0, -0.9093]]),
]:
    H = numbers(function(hessian_of(f=f), "hessian_of(f)")(np.array(place)))
    assert H.shape == (2, 2), f"{name} at {place}: expected shape (2, 2) but got {H.shape}"
    assert np.allclose(H, expected, atol=1e-3), f"{name} at {place}: expected {expected} but got {H.round(4).tolist()}"
print("Task 4: the visible checks pass")

# %% [markdown]
# `vmap` takes your Hessian everywhere at once. Here is the egg box again, coloured by the two curvatures at
# each of 6400 places: both positive (a bowl), both negative (a dome), or one of each (a saddle). Newton's
# method would feel at home in the blue parts only.

# %% tags=["figure"]
from matplotlib.colors import ListedColormap

side = np.linspace(-5.5, 5.5, 80)
X0, X1 = np.meshgrid(side, side)


def kinds(curvatures):
    """0 for a dome, 1 for a saddle, 2 for a bowl."""
    return (curvatures > 0).sum(axis=-1)


s, c = np.sin(1.5 * X0 - 0.5 * X1), np.cos(0.5 * X0 + 1.5 * X1)
table = [[-2.25 * s - 0.25 * c + 0.24, 0.75 * s - 0.75 * c], [0.75 * s - 0.75 * c, -0.25 * s - 2.25 * c + 0.24]]
expected = kinds(np.linalg.eigvalsh(np.moveaxis(np.array(table), (0, 1), (2, 3))))

words, shades = ["dome", "saddle", "bowl"], ["#E8A27C", "#F2F2F2", "#7FB2DC"]
fig, axes = plt.subplots(1, 2, figsize=(7, 3.9), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your curvatures", "what it should look like"]):
    draw_map(ax, eggs, np.linspace(-1.4, 5, 8), -5.5, 5.5, -5.5, 5.5)
    ax.set(title=title, aspect="equal")
axes[1].set_ylabel("")
look = {"origin": "lower", "extent": (-5.5, 5.5, -5.5, 5.5), "cmap": ListedColormap(shades), "vmin": 0, "vmax": 2}
axes[1].imshow(expected, **look)
with yours(axes[0], "Task 4"):
    tables = jax.vmap(function(hessian_of(eggs), "hessian_of(f)"))(np.stack([X0.ravel(), X1.ravel()], axis=-1))
    tables = drawable(tables, (6400, 2, 2))
    axes[0].imshow(kinds(np.linalg.eigvalsh(tables)).reshape(80, 80), **look)
for ax in axes:
    ax.plot(*bottoms.T, "k*", ms=8, mec="white", clip_on=False)
swatches = [plt.Rectangle((0, 0), 1, 1, facecolor=shade, edgecolor="0.6") for shade in shades]
fig.legend(swatches, words, loc="outside lower center", ncols=3, fontsize=9)
plt.show()

# %% [markdown]
# ## Written question (5 points, about 20 minutes)
#
# **Why does `if x > 0` fail under `jax.jit`, while `for _ in range(n_steps)` works?**
#
# Say what `jit` does with your function and what `x` is meanwhile. Why is the loop allowed, what is in the
# compiled list of operations when it is over, and what happens if you call the same jitted function with
# another `n_steps`? A classmate writes `print(x)` into the loop to watch the descent: what will be
# printed, and how often? Last, how could you write $f(x) = |x|$ without `abs`, such that it works under
# `jit`? (Look up `jnp.where` or `jnp.maximum`.) Six to ten lines, in the cell below.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# `jit` runs the Python function once, with placeholders (tracers) in the place of the arguments, and writes
# down the operations on them. The list is compiled and used again for every later call with arguments of
# the same shape and type. A placeholder has a shape and a type but no value. `if x > 0` makes Python ask
# for True or False *now*, to know which branch to follow, and there is no answer, since the compiled list has to
# be right for every `x`. So JAX refuses.
#
# `n_steps` is static: it isn't replaced, but stays a plain int, known while the function is read. So
# `range(n_steps)` can be run, and the list contains the steps one after the other: the loop is unrolled,
# and for 1000 steps the list is a thousand times as long. Called with another `n_steps`, the function is
# read and compiled again, once for each value.
#
# `print(x)` prints while the function is read, and only then: `n_steps` lines, each with a placeholder
# instead of a number, at the first call, and nothing at all at the next one (`jax.debug.print` does what was
# meant).
#
# `jnp.where(x > 0, x, -x)` computes both and chooses number by number, without asking Python; `jnp.sqrt(x**2)`
# also has the right values.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: `jit` reads (traces) the function once with placeholders, and later runs what it has compiled.
# - 1 point: `x` has no value while it is read, so Python can't choose a branch. "JAX doesn't support if" alone
#   earns nothing: `if n_steps > 0` is fine.
# - 1 point: `n_steps` is static, a real int, so the loop is unrolled into the list; another `n_steps` is
#   compiled anew. One of the two consequences is enough.
# - 1 point: `print(x)` shows placeholders, not numbers, and only at the first call. "Once" for "n_steps times, at
#   the first call" keeps the point.
# - 1 point: a way without a Python branch: `jnp.where`, `jax.lax.cond`, `jnp.sqrt(x**2)`, `jnp.maximum(x, -x)`.
#
# Some will say that gradients of `jnp.sqrt(x**2)` are nan at 0. That is right, and worth a friendly remark.
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* `vmap` doesn't care what it maps over. Map over the *learning rate*: where does
# descent on $x^2$ from 4 end after 20 steps, for 300 learning rates between −0.2 and 1.3? It should be
# $4\,(1 - 2\,\text{lr})^{20}$: week 2's Task 3, in one line. Then put one `vmap` around another, take `poly`,
# 400 starts and 300 learning rates up to 0.2, and show the sign of the end with `imshow(origin="lower")`. Small
# learning rates cut it cleanly in two. And the others?

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ends(f, x0, lrs, n_steps):
    """Where descent on f from x0 ends with each of the learning rates, shape (n,)."""
    ### BEGIN SOLUTION If you have time: map over the learning rate
    return jax.vmap(lambda lr: gradient_descent_jax(f, x0, lr, n_steps)[-1])(jnp.asarray(lrs))
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. `grad`, `vmap`, `jacobian` and `jit` take a function and hand back a function. So they can be chained.
# 2. `vmap` says "at each" without a loop: over places, over starts, over learning rates.
# 3. Under `jit` Python runs once, with placeholders; what needs to know a value then fails.
#
# ## Where to read on
#
# * [JAX: the sharp bits](https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html), JAX
#   documentation. Everything that will bite you in your second week: arrays that can't be changed, functions
#   with side effects, random numbers without a memory.
# * [The autodiff cookbook](https://docs.jax.dev/en/latest/notebooks/autodiff_cookbook.html), also there. `grad`,
#   `jacobian` and `hessian` with recipes, and why one goes forward and the other in reverse. Read it up to
#   Hessian-vector products.
# * R. Frostig, M. Johnson and C. Leary, [Compiling machine learning programs via high-level
#   tracing](https://mlsys.org/Conferences/doc/2018/146.pdf), SysML 2018. Three pages by the people who made it:
#   what is read, when, and what becomes of it.
# * R. E. Wengert, [A simple automatic derivative evaluation program](https://doi.org/10.1145/355586.364791),
#   *Communications of the ACM* 7 (1964), 463–464. One page and a half, and the idea is all there.
#
# > A JAX programmer walks into a bar. The bar stays as it was.
# > A new bar is returned, with a JAX programmer in it.
#
# ## Next week
#
# You now have slopes and curvatures as things that can be held in the hand. Next week you meet somebody
# who needs both: a rower in the fog with two unsure voices in the ear. How sure a voice is turns out to
# be a curvature, and listening to it is one Newton step.
#
# [← Week 4](../week4_curvature/curvature.ipynb) · [Week 6 →](../week6_kalman/kalman.ipynb)
