# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 2: Walking downhill
#
# [← Week 1](../week1_slopes/slopes.ipynb) · [Week 3 →](../week3_descent_2d/descent_2d.ipynb)
#
# You stand on a hillside in thick fog. You can't see the valley; you can't see anything. But you
# feel the slope of the ground under your feet, and that tells you which way is down.
#
# **How big a step do you take?**
#
# That is the whole question of this week. It has one number for an answer, the *learning rate*, and
# by the end you will know what happens when it is too small, just right, a little too large, and
# much too large.
#
# * **You need** week 1: what a slope is, and how torch takes one.
# * **After this you can** write gradient descent from memory, and say before you run it whether it
#   will arrive.
# * **Time:** about 75 minutes: four tasks (30 minutes, 20 points by machine), one written question
#   (15 minutes, 5 points by a person), and what lies between. Only an hour? Tasks 1 and 2 are the
#   core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"


def square(x):
    """x², a valley with its bottom at 0."""
    return x**2


def poly(x):
    """x − 4x² + x⁴/4, two valleys with a hill between them."""
    return x - 4 * x**2 + x**4 / 4


# %% tags=["figure"]
x = np.linspace(-4, 4, 401)
near = abs(x - 1) < 0.3

fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
for ax, title in zip(axes, ["what you know at x = 1", "what is really there"]):
    ax.axhspan(-30, 10, color="#E6E6E6", zorder=0)
    ax.axvspan(0.7, 1.3, color="white", zorder=1)
    ax.plot(x[near], poly(x[near]), color=BLUE, lw=2.5, zorder=3)
    ax.plot(1, poly(1), "o", color=ORANGE, ms=8, zorder=4)
    ax.set(title=title, xlabel="x", xlim=(-4, 4), ylim=(-24, 6))
axes[0].set_ylabel("poly(x)")
axes[0].text(-1.9, -14, "fog", color=GREY, fontsize=16, ha="center")
axes[0].annotate("slope −6:\nright is down", (1.05, -3.2), (1.4, 0.4), fontsize=9,
                 arrowprops={"arrowstyle": "-", "color": "black"})
axes[1].plot(x, poly(x), color=BLUE, lw=1, zorder=2)
for text, bottom, place in [("a valley", 2.76, (2.1, -18.5)), ("a deeper\nvalley", -2.89, (-0.9, -19))]:
    axes[1].annotate(text, (bottom, poly(bottom)), place, ha="center", arrowprops={"arrowstyle": "->"})
plt.show()

# %% [markdown]
# On the left, all that anybody walking downhill ever knows: one point, one slope. On the right, the
# map nobody has. Notice the catch: at $x = 1$ downhill points to the right, and the deeper valley
# is on the left.
#
# Two functions come back all the way through: `square`, the simplest valley there is, and `poly`,
# the hill above. Run the cells from top to bottom; a task you haven't solved yet doesn't stop the
# rest. (The next cell is folded. It lets the pictures draw *your* answer.)

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
# ## 1. One step
#
# Numbers first. Take $f(x) = x^2$ and stand at $x = 4$. The slope there is $2 \cdot 4 = 8$: go
# right and the ground rises 8 for every 1. So go left. How far? Let's say a tenth of the slope,
# $0.1 \cdot 8 = 0.8$:
#
# $$4 - 0.1 \cdot 8 = 3.2$$
#
# We were at height 16, now we are at height 10.24. Do it again. The slope at 3.2 is 6.4, so the
# next step is shorter, 0.64, and ends at 2.56. Steep ground, long steps; flat ground, short steps.
# At the very bottom the slope is 0 and the walk stops by itself.
#
# That *a tenth* is the learning rate, $\eta$ in books and `lr` in code. The minus sign is there
# because the slope points uphill.
#
# | in words | as an equation | in code |
# |---|---|---|
# | the slope where you are | $g_k = f'(x_k)$ | `gradient` |
# | where you are next | $x_{k+1} = x_k - \eta\, g_k$ | `descent_update(x, gradient, lr)` |
#
# **Task 1 (3 points, about 5 minutes)**
#
# `descent_update(x, gradient, lr)` returns the position after one step.
#
# * `x` and `gradient` are two floats, or two arrays of the same length (many walkers, each with a
#   slope of their own). `lr` is a number.
# * The answer has the shape of `x`.
# * `x` and `gradient` belong to the caller: after the call they must hold what they held before.
#
# Worked values: `descent_update(4.0, 8.0, 0.1)` is `3.2`. Two walkers at `[4, -1]` with slopes
# `[8, -2]` and lr 0.25 move to `[2, -0.5]`.

# %% nbgrader={"grade": false, "grade_id": "descent_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descent_update(x, gradient, lr):
    """The position after one step downhill, of the shape of x. Leaves its arguments as they are."""
    ### BEGIN SOLUTION Task 1: return the position after one step
    return x - lr * gradient
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_descent_update", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(descent_update)
### END HIDDEN TESTS
new = numbers(descent_update(x=4.0, gradient=8.0, lr=0.1))
assert new.shape == (), f"one walker: expected one number but got shape {new.shape}"
assert abs(new - 3.2) < 1e-4, f"from 4 with slope 8 and lr 0.1: expected 3.2 but got {new:g}"
walkers, slopes = np.array([4.0, -1.0]), np.array([8.0, -2.0])
moved = numbers(descent_update(x=walkers, gradient=slopes, lr=0.25))
assert moved.shape == (2,), f"two walkers: expected 2 positions but got shape {moved.shape}"
assert np.allclose(moved, [2, -0.5], atol=1e-4), f"expected [2, -0.5] but got {moved.tolist()}"
assert walkers.tolist() == [4, -1], f"x should still be [4, -1] but is now {walkers.tolist()}"
assert slopes.tolist() == [8, -2], f"gradient should still be [8, -2] but is now {slopes.tolist()}"
print("Task 1: the visible checks pass")

# %% tags=["figure"]
expected = {0.1: 3.2, 0.5: 0.0, 0.75: -2.0}
x = np.linspace(-5, 5, 201)


def draw_landings(ax, landings):
    for (lr, new), marker in zip(landings.items(), "s^D"):
        new = float(np.clip(new, -50, 50))
        ax.annotate("", (new, new**2), (4, 16), annotation_clip=True,
                    arrowprops={"arrowstyle": "->", "color": GREY, "shrinkA": 5, "shrinkB": 6})
        ax.plot(new, new**2, marker, color=GREEN, ms=8, label=f"lr {lr}: to {new:.3g}", zorder=3)
    ax.legend(loc="upper center", fontsize=9)


fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your step from x = 4", "what it should look like"]):
    ax.plot(x, x**2, color=BLUE)
    ax.plot(4, 16, "o", color=ORANGE, ms=9)
    ax.annotate("start", (4, 16), (6, -2), textcoords="offset points", va="top")
    ax.set(title=title, xlabel="x", xlim=(-6, 6), ylim=(-2, 32))
axes[0].set_ylabel("x²")
with yours(axes[0], "Task 1"):
    landings = {lr: drawable(descent_update(4.0, 8.0, lr), ()) for lr in expected}
    draw_landings(axes[0], landings)
draw_landings(axes[1], expected)
plt.show()

# %% [markdown]
# Three learning rates, one step each. A tenth is timid. A half lands on the bottom, exactly. Three
# quarters flies across the valley to the other side, and still ends lower than it started.
#
# ## 2. Where the slope comes from
#
# So far somebody told us that the slope is $2x$. From here on nobody will. As in week 1, we let
# PyTorch take it:

# %%
x = torch.tensor(4.0, requires_grad=True)
y = square(x)
y.backward()
print("height", y.item(), "  slope", x.grad.item())

# %% [markdown]
# That is the slope at this one point, exact but for rounding: no formula, no differences, but the
# notes of each operation, read backwards. And remember the habit that bites everybody once:

# %%
x = torch.tensor(4.0, requires_grad=True)
for _ in range(3):
    square(x).backward()
    print("the slope at 4 is 8, and x.grad says", x.grad.item())

# %% [markdown]
# `backward` *adds* to `x.grad`. (For a network that uses one weight in many places, adding is just
# right.) A walker who forgets this steps by the sum of all slopes met so far, like a skier who
# never brakes. Set the gradient back to zero before each step, or start each step with a new
# tensor.
#
# ## 3. Many steps
#
# Now walk. On $x^2$ from 4 with lr 0.75:
#
# | step $k$ | $x_k$ | slope $2x_k$ | $x_k - 0.75 \cdot$ slope |
# |---|---|---|---|
# | 0 | 4 | 8 | −2 |
# | 1 | −2 | −4 | 1 |
# | 2 | 1 | 2 | −0.5 |
# | 3 | −0.5 | … | … |
#
# **Task 2 (9 points, about 15 minutes)**
#
# `gradient_descent(f, x0, lr, n_steps)` returns the whole walk.
#
# * `f` is a smooth function written for torch tensors: `square`, `poly`, or one you have never
#   seen. Take its slope by autograd. (An `f` that you have never seen takes tensors and nothing
#   else; a float or an array raises a `TypeError`.)
# * `x0` is the start: a float, an int (3 means 3.0) or a 0-d tensor (of floats, without grad). It
#   belongs to the caller and stays as it is.
# * `lr` may be small, large or negative. Do with it what the equation says.
# * `n_steps` is the number of updates, exactly. Don't stop early, even when the ground is flat. 0
#   is allowed.
# * It returns the points in order, start first: shape `(n_steps + 1,)`. A list, an array and a
#   tensor are all fine.
#
# Worked value: `gradient_descent(square, 4.0, 0.75, 3)` is `[4, -2, 1, -0.5]`.
#
# Two things to keep in mind. If you append the same tensor every time and then change it in place,
# you own one number under many names: `x.item()` gives you a number that stays. And autograd records
# whatever you do to `x`, the step as well: take it with plain numbers, or inside `with torch.no_grad():`.

# %% nbgrader={"grade": false, "grade_id": "gradient_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent(f, x0, lr, n_steps):
    """The start and the point after each of n_steps steps downhill on f, shape (n_steps + 1,)."""
    ### BEGIN SOLUTION Task 2: return the start and the n_steps points after it
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)  # a new one: no zeroing
        f(x).backward()
        path.append(descent_update(x.item(), x.grad.item(), lr))
    return np.array(path)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_gradient_descent", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(gradient_descent)
### END HIDDEN TESTS
path = numbers(gradient_descent(f=square, x0=4.0, lr=0.75, n_steps=10))
assert path.shape == (11,), f"expected 11 points, the start and one per step, but got shape {path.shape}"
first = path[:4].tolist()
assert np.allclose(first, [4, -2, 1, -0.5], atol=1e-4), f"expected 4, -2, 1, -0.5, ... but got {first}"
start = torch.tensor(4.0, dtype=torch.float64)
for name, f, x0, lr, expected in [
    ("an int start", poly, 1, 0.05, [1, 1.3, 1.66015]),
    ("a negative lr", square, 4.0, -0.5, [4, 8, 16, 32]),
    ("no steps", square, 4.0, 0.1, [4]),
    ("a flat start", square, 0.0, 0.1, [0, 0, 0, 0]),
    ("a tensor start", square, start, 0.1, [4, 3.2, 2.56]),
]:
    path = numbers(gradient_descent(f=f, x0=x0, lr=lr, n_steps=len(expected) - 1))
    right = path.shape == np.shape(expected) and np.allclose(path, expected, atol=1e-3)
    assert right, f"{name}: expected {expected} but got {path.tolist()}"
assert start.item() == 4.0, f"x0 should still be 4 after the call but is {start.item()}"
print("Task 2: the visible checks pass")

# %% tags=["figure"]
x = np.linspace(-5, 5, 201)
expected = 4 * (-0.5) ** np.arange(11)  # every step halves x and flips its sign


def draw_path(ax, f, path, **style):
    """The walk as a line of dots on the graph of f, drawn into ax."""
    path = np.clip(numbers(path), -50, 50)
    ax.plot(path, f(path), **{"marker": "o", "ls": "-", "lw": 1, "ms": 5, "color": ORANGE, **style})


fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True, layout="constrained")
for ax, title in zip(axes, ["your walk, lr 0.75", "what it should look like"]):
    ax.plot(x, x**2, color=BLUE)
    ax.set(title=title, xlabel="x", xlim=(-5, 5), ylim=(-2, 25))
axes[0].set_ylabel("x²")
with yours(axes[0], "Task 2"):
    draw_path(axes[0], square, gradient_descent(square, 4.0, 0.75, 10))
draw_path(axes[1], square, expected)
for k, point in enumerate(expected[:4]):
    side = "left" if point > 0 else "right"
    axes[1].annotate(f"{k}", (point, point**2), (7 * np.sign(point), -3), textcoords="offset points",
                     ha=side)
plt.show()

# %% [markdown]
# ## 4. Six learning rates
#
# Now play. Same valley, same start, six learning rates. The line with dots is your walk; the open
# circles are where it should go. Before you run the cell, guess: which of the six never arrive?

# %% tags=["figure", "cover"]
# the learning rate: what one step multiplies x by
factors = {0.1: 0.8, 0.5: 0.0, 0.75: -0.5, 1.0: -1.0, 1.5: -2.0, -0.5: 2.0}
x = np.linspace(-9, 9, 201)

fig, axes = plt.subplots(2, 3, figsize=(7, 4.6), sharex=True, sharey=True, layout="constrained")
for ax, (lr, factor) in zip(axes.flat, factors.items()):
    ax.plot(x, x**2, color=BLUE, lw=1)
    expected = 4 * factor ** np.arange(6)
    draw_path(ax, square, expected, ls="", ms=10, color="black", mfc="none", label="expected")
    with yours(ax, "Task 2"):
        draw_path(ax, square, gradient_descent(square, 4.0, lr, 5), label="yours")
    ax.set(title=f"lr = {lr}", xlim=(-9.5, 9.5), ylim=(-6, 74))
for ax in axes[:, 0]:
    ax.set_ylabel("x²")
for ax in axes[1]:
    ax.set_xlabel("x")
axes[0, 0].legend(fontsize=8, loc="upper center")
plt.show()

# %% [markdown]
# Print what your function returns, and a pattern shows. With lr 0.1 the walk is 4, 3.2, 2.56,
# …: each step multiplies $x$ by 0.8. With lr 0.75 it is 4, −2, 1, …: each step multiplies by −0.5.
# One number decides everything, and it is the same number at every step. Which number is it for a
# learning rate of your choice? (The written question will want to know.)
#
# **Task 3 (4 points, about 5 minutes)**
#
# `classify_learning_rate(lr)` says how descent on $x^2$ ends, from any start but 0, if you let it
# walk forever. It returns one of four strings, spelled like this:
#
# * `"converges"`: closer and closer to 0, on one side or jumping from side to side;
# * `"one step"`: on 0 exactly, after the first step;
# * `"oscillates"`: to and fro between two points, never closer, never farther;
# * `"diverges"`: farther and farther away.
#
# `lr` is a number, possibly negative. 0 isn't asked, and nothing closer than 0.02 to 0, 0.5 or 1,
# except exactly 0.5 and exactly 1.
#
# Worked value: `classify_learning_rate(0.75)` is `"converges"`.

# %% nbgrader={"grade": false, "grade_id": "classify_learning_rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify_learning_rate(lr):
    """How descent on x² ends: "converges", "one step", "oscillates" or "diverges"."""
    ### BEGIN SOLUTION Task 3: return one of the four words
    factor = 1 - 2 * lr  # x - lr * 2x = (1 - 2 lr) x
    if factor == 0:
        return "one step"
    if factor == -1:
        return "oscillates"
    return "converges" if abs(factor) < 1 else "diverges"
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_classify_learning_rate", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(classify_learning_rate)
### END HIDDEN TESTS
seen = {0.1: "converges", 0.5: "one step", 0.75: "converges",
        1.0: "oscillates", 1.5: "diverges", -0.5: "diverges"}
for rate, word in seen.items():
    answer = classify_learning_rate(lr=rate)
    assert answer == word, f"lr {rate}: expected {word!r} but got {answer!r}"
print("Task 3: the visible checks pass")

# %% tags=["figure"]
words = ["converges", "one step", "oscillates", "diverges"]
rates = [k / 20 for k in range(-12, 33) if k != 0]
curve = np.linspace(-0.6, 1.6, 441)
known = "expected, for the six panels"

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.4), sharex=True, layout="constrained")
top.semilogy(curve, np.maximum(abs(1 - 2 * curve) ** 20, 1e-9), color=BLUE)
top.axhline(1, color=GREY, ls=":")
top.text(1.58, 3e-2, "closer than at the start", ha="right", va="top", fontsize=9)
top.text(0.5, 30, "farther than at the start", ha="center", va="bottom", fontsize=9)
top.set(title="what it should agree with: distance from 0 after 20 steps from 1",
        ylabel="distance", ylim=(1e-8, 1e9))
for rate, word in {0.1: "converges", 0.5: "one step", 0.75: "converges",
                   1.0: "oscillates", 1.5: "diverges", -0.5: "diverges"}.items():
    bottom.plot(rate, words.index(word), "o", ms=11, color="black", mfc="none", label=known)
with yours(bottom, "Task 3"):
    for rate in rates:
        word = classify_learning_rate(rate)
        if word not in words:
            raise ValueError(f"for lr {rate} it returned {word!r}, not one of the four words")
        bottom.plot(rate, words.index(word), "o", ms=5, color=ORANGE, label="yours")
bottom.set(title="your word for it", xlabel="lr", xlim=(-0.65, 1.65), ylim=(3.5, -0.5))
bottom.set_yticks(range(4), words)
handles = dict(zip(*reversed(bottom.get_legend_handles_labels())))
bottom.legend(handles.values(), handles.keys(), fontsize=8, loc="lower center")
plt.show()

# %% [markdown]
# The curve above and the words below should change at the same learning rates: where the distance
# stays 1, and where it drops to nothing.
#
# ## 5. Two valleys
#
# On $x^2$ there is one place to end. `poly` has two: $x \approx -2.889$ and $x \approx 2.764$, with
# a hilltop at $x \approx 0.125$ between them. All three have slope 0 (check: the slope is
# $1 - 8x + x^3$). Start from 4 with a small learning rate and then with a larger one:

# %% tags=["figure"]
small = [4, 2.35, 2.591, 2.708, 2.748, 2.76, 2.763, 2.763, 2.764, 2.764, 2.764, 2.764, 2.764]
large = [4, 0.04, -0.042, -0.202, -0.514, -1.111, -2.133,
         -3.136, -2.565, -3.122, -2.587, -3.113, -2.602]
x = np.linspace(-4.1, 4.1, 301)

fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True, layout="constrained")
for ax, lr, expected in zip(axes, [0.05, 0.12], [small, large]):
    ax.plot(x, poly(x), color=BLUE, lw=1)
    draw_path(ax, poly, expected, ls="", ms=10, color="black", mfc="none", label="expected")
    with yours(ax, "Task 2", at=0.85):
        draw_path(ax, poly, gradient_descent(poly, 4.0, lr, 12), label="yours")
    ax.set(title=f"12 steps from 4, lr = {lr}", xlabel="x", xlim=(-4.3, 4.6), ylim=(-23, 9))
    ax.annotate("start", (4, poly(4)), (-8, 3), textcoords="offset points", ha="right")
axes[0].set_ylabel("poly(x)")
axes[0].legend(fontsize=9, loc="lower center")
plt.show()

# %% [markdown]
# With lr 0.05 the walk settles in the nearer valley within a handful of steps. With lr 0.12 the
# first step, on very steep ground, is so long that it clears the valley and lands at 0.04, just
# past the hilltop. Then it rolls down the *other* side. And there it never quite settles: the left
# valley is a little narrower, and 0.12 is a little too large for it, just as 1 is too large for
# $x^2$.
#
# ### Try it
#
# The next picture is yours to play with. Click anywhere, and *your* `gradient_descent` walks from there;
# the sliders choose the learning rate and how many steps. Which starts end left, and which right? How
# far can you turn up the learning rate before the walk from 4 jumps over the hill?
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
x = np.linspace(-4.5, 4.5, 301)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(x, poly(x), color=BLUE, lw=1)
ax.set(xlabel="x", ylabel="poly(x)", xlim=(-4.5, 4.5), ylim=(-24, 12))
ax.format_coord = lambda x, y: f"x = {x:.2f}, poly(x) = {poly(x):.2f}"


def walk(f, place, lr, steps):
    path = numbers(gradient_descent(f, place[0], lr, steps))
    return np.transpose([path, poly(path)])


playground(ax, poly, walk, start=(4, 4), lr=(-0.05, 0.12, 0.3), steps=(0, 12, 50))

# %% [markdown]
# So where you end depends on where you start *and* on the learning rate. The set of starts that
# lead to a minimum is called its *basin of attraction*. Let's map the two basins, at the learning
# rate that behaves.
#
# **Task 4 (4 points, about 5 minutes)**
#
# `basin(x0)` says where descent on `poly` from `x0`, with lr 0.05 and 300 steps, ends: `"left"` for
# the minimum near −2.889, `"right"` for the one near 2.764.
#
# * `x0` is a float or an int between −4 and 4. It may be close to the hilltop, but not closer than
#   0.01. Mind where the hilltop is.
# * You have a function that walks. Use it.
#
# Worked values: `basin(1.0)` is `"right"`, `basin(0.0)` is `"left"`.

# %% nbgrader={"grade": false, "grade_id": "basin", "locked": false, "schema_version": 3, "solution": true, "task": false}
def basin(x0):
    """The valley of poly in which descent from x0 (lr 0.05, 300 steps) ends: "left" or "right"."""
    ### BEGIN SOLUTION Task 4: return the word left or right
    end = gradient_descent(poly, x0, lr=0.05, n_steps=300)[-1]
    return "left" if end < 0 else "right"
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_basin", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(basin)
### END HIDDEN TESTS
seen = {1.0: "right", 0.0: "left", -4: "left", 4.0: "right"}
for start, word in seen.items():
    answer = basin(x0=start)
    assert answer == word, f"from {start}: expected {word!r} but got {answer!r}"
print("Task 4: the visible checks pass")

# %% tags=["figure"]
far, near = np.arange(-4, 4.5, 0.5), np.array([-0.2, -0.12, -0.04, 0.04, 0.08, 0.2, 0.3, 0.4])
x = np.linspace(-4.1, 4.1, 401)


def draw_basins(above, below, word_of):
    for ax, starts in [(above, far), (below, near)]:
        words = np.array([word_of(float(start)) for start in starts])
        for word, marker, color in [("left", "<", ORANGE), ("right", ">", GREEN)]:
            these = starts[words == word]
            ax.plot(these, poly(these), marker, ls="", ms=8, color=color, label=f"ends {word}")
    above.legend(fontsize=9, loc="lower center")


def your_word(start):
    word = basin(start)
    if word not in ("left", "right"):
        raise ValueError(f"from {start} it returned {word!r}, not left or right")
    return word


fig, axes = plt.subplots(2, 2, figsize=(7, 4.8), sharey="row", height_ratios=(1.5, 1), layout="constrained")
for (above, below), title in zip(axes.T, ["where your walks end", "what it should look like"]):
    for ax in (above, below):
        ax.plot(x, poly(x), color=BLUE, lw=1)
        ax.axvline(0.125, color=GREY, ls=":")
    above.text(0.3, 5.5, "hilltop", color="#555555")
    above.set(title=title, xlim=(-4.4, 4.4), ylim=(-28, 8))
    below.set(xlabel="start, around the hilltop", xlim=(-0.27, 0.47), ylim=(-0.75, 0.2))
for ax in axes[:, 0]:
    ax.set_ylabel("poly(start)")
with yours(axes[0, 0], "Task 4"):
    draw_basins(*axes[:, 0], your_word)
draw_basins(*axes[:, 1], lambda start: "left" if start < 0.125 else "right")
plt.show()

# %% [markdown]
# At this learning rate the hilltop is a watershed: whoever starts left of it ends left, deeper
# valley or not. Gradient descent finds *a* valley, the one it happens to stand in. (With lr 0.12 it
# is no longer that simple, as the start from 4 has shown.)
#
# ## Written question (5 points, about 15 minutes)
#
# Derive that descent on $x^2$ converges to 0, from any start but 0, exactly when
# $|1 - 2\,\text{lr}| < 1$, and say which learning rates these are. Then redo it for $10x^2$: which
# learning rates converge now, which one lands in one step, and what does that tell you about steep
# valleys? Six to ten lines, in the cell below.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The slope of $x^2$ is $2x$, so one step is
#
# $$x_{k+1} = x_k - \text{lr} \cdot 2 x_k = (1 - 2\,\text{lr})\, x_k .$$
#
# The same factor at every step, so after $k$ steps $x_k = (1 - 2\,\text{lr})^k\, x_0$. For
# $x_0 \ne 0$ this goes to 0 exactly when $|1 - 2\,\text{lr}| < 1$, which means
# $-1 < 1 - 2\,\text{lr} < 1$, and so $0 < \text{lr} < 1$. The factor is 0 at lr = 0.5 (one step),
# −1 at lr = 1 (to and fro between $x_0$ and $-x_0$), and larger than 1 in size outside, where the
# walk runs away. Between 0.5 and 1 the factor is negative: the walk changes sides but still
# converges.
#
# For $10x^2$ the slope is $20x$ and the factor is $1 - 20\,\text{lr}$. It converges for
# $0 < \text{lr} < 0.1$, and lr = 0.05 lands in one step: everything is ten times smaller. The
# steeper the valley walls (the larger the second derivative), the smaller the learning rate has to
# be; the bound is $2 / f''$.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the update on $x^2$ written as multiplication by $1 - 2\,\text{lr}$.
# - 1 point: repeated, $x_k = (1 - 2\,\text{lr})^k x_0$, and why this goes to 0 exactly when the
#   factor is below 1 in size (both directions).
# - 1 point: solved for the learning rate, $0 < \text{lr} < 1$.
# - 1 point: for $10x^2$ the factor is $1 - 20\,\text{lr}$: converges for $0 < \text{lr} < 0.1$, in
#   one step at 0.05.
# - 1 point: the lesson in words: a larger second derivative (a narrower valley) needs a smaller
#   learning rate.
# - Take off no points for lr = 0, for notation, or for a wrong number carried through correctly.
# ### END MARK SCHEME

# %% [markdown]
# ## If you have time
#
# *No points, only pleasure.* Why choose a learning rate at all? Start each step with a bold one, 1,
# and halve it until the step ends lower than it began, by at least half of what the slope promises:
# $f(x - \text{lr}\,g) \le f(x) - \tfrac12\,\text{lr}\,g^2$. This is a *line search*. On $x^2$ from 4 it
# is at the bottom after one step. On $10x^2$, where 0.1 is too much already, it finds 1/32 by itself, and
# each step leaves three eighths of the way. Then try `poly` from 4, for ten steps. (After that only
# rounding is left to compare, and the step shrinks to nothing.)

# %% nbgrader={"grade": false, "grade_id": "if_you_have_time", "locked": false, "schema_version": 3, "solution": true, "task": false}
def line_search_descent(f, x0, n_steps):
    """The start and the points after it, each step with a learning rate halved from 1 until it pays."""
    ### BEGIN SOLUTION If you have time: halve the learning rate until the step pays
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        height = f(x)
        height.backward()
        g, lr = x.grad.item(), 1.0
        while f(x - lr * g) > height - lr * g**2 / 2:
            lr = lr / 2
        path.append(x.item() - lr * g)
    return np.array(path)
    ### END SOLUTION


# %% [markdown]
# ## To take away
#
# 1. Step against the slope, by learning rate times slope: $x - \text{lr} \cdot f'(x)$. That is all.
# 2. On $x^2$ every step multiplies $x$ by the same number, $1 - 2\,\text{lr}$: below 1 in size it
#    arrives, above it runs away.
# 3. Descent finds *a* valley. Which one depends on the start and on the learning rate.
#
# ## Where to read on
#
# * Gabriel Goh, [Why Momentum Really Works](https://distill.pub/2017/momentum/), Distill, 2017. Starts
#   with exactly this week's question, in many dimensions at once, with sliders. Play with the first one.
# * A. Zhang, Z. Lipton, M. Li and A. Smola, *Dive into Deep Learning*, [Gradient
#   Descent](https://d2l.ai/chapter_optimization/gd.html). One plot at three learning rates, then Newton's
#   method, which is our week 4.
# * Andrej Karpathy, [micrograd](https://github.com/karpathy/micrograd). A whole `backward` in about a
#   hundred lines of Python. Look for the `+=` on the gradients: it is the habit that bites.
# * Claude Lemaréchal, [Cauchy and the Gradient
#   Method](https://www.math.uni-bielefeld.de/documenta/vol-ismp/40_lemarechal-claude.pdf), Documenta
#   Mathematica, 2012. Four pages: the method is from 1847, made up to compute orbits, and Cauchy was
#   already asking how long a step should be.
#
# > How many steps does gradient descent need to change a light bulb?
# > With lr = 1: on, off, on, off, on, off, …
#
# ## Next week
#
# Next week the fog stays and the ground gets a second dimension: the slope becomes an arrow, the
# path wanders over a map with contour lines, and the same two lines of code carry you down. And where
# the ground is steep one way and gentle the other, one learning rate has to please both.
#
# [← Week 1](../week1_slopes/slopes.ipynb) · [Week 3 →](../week3_descent_2d/descent_2d.ipynb)
