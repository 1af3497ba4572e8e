# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 7: One point at a time
#
# *About an hour: four tasks (20 points, marked by machine) and one written question (5 points).*
#
# A weight hangs on a spring. Twenty weights, twenty lengths, each a little off (the numbers are made
# up, the noise too). The line through them has two unknowns, so its loss is a landscape over a plane,
# and you know how to walk down a landscape.
#
# But real data have millions of points, and the slope of the loss needs all of them, for one step.
# **What if you look at one point only, drawn at random?** The direction is wrong, nearly always. It is
# right on average. Is that enough?

# %%
import matplotlib.pyplot as plt
import numpy as np

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8A8A8A"
weight, length = np.loadtxt("spring.csv", delimiter=",", skiprows=1, unpack=True)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.plot(weight, length, "o", color=BLUE)
ax.set(xlabel="weight (N)", ylabel="length (cm)")
plt.show()

# %% [markdown]
# **Task 1 (3 points, about 5 minutes)**
#
# `predict(x, intercept, slope)` returns `intercept + slope * x`, for a number or an array `x`.
# Worked value: `predict(2.0, 3.0, 1.5)` is `6.0`.


# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(x, intercept, slope):
    """The line at x, a number or an array."""
    ### BEGIN SOLUTION Task 1: the height of the line at x
    return intercept + slope * x
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_predict", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe

observe(predict)
### END HIDDEN TESTS
assert abs(float(predict(2.0, 3.0, 1.5)) - 6) < 1e-4, "the line 3 + 1.5 x at 2 is 6"

# %% [markdown]
# **Task 2 (3 points, about 5 minutes)**
#
# `mse(x, y, intercept, slope)` returns the mean over all points of the squared error, a number.
# Worked value: points (0, 1) and (1, 3), line 1 + x: the errors are 0 and −1, so it is `0.5`.


# %% nbgrader={"grade": false, "grade_id": "mse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse(x, y, intercept, slope):
    """The mean of the squared errors; x and y are arrays of shape (n,)."""
    ### BEGIN SOLUTION Task 2: the mean of the squared errors
    return np.mean((predict(x, intercept, slope) - y) ** 2)
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_mse", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe

observe(mse)
### END HIDDEN TESTS
loss = float(mse(np.array([0.0, 1.0]), np.array([1.0, 3.0]), 1.0, 1.0))
assert abs(loss - 0.5) < 1e-4, f"expected 0.5 but got {loss:g}"

# %% [markdown]
# **Task 3 (10 points, about 25 minutes)**
#
# `sgd(x, y, lr, n_steps, *, rng)` starts with intercept and slope 0. Each step draws one point,
# `i = rng.integers(len(x))`, with error $e = \text{prediction} - y_i$. The slopes of $e^2$ are $2e$
# (by the intercept) and $2e\,x_i$ (by the slope); step against both with learning rate `lr`.
#
# It returns a dict of three arrays of length `n_steps + 1`: `"intercept"`, `"slope"` and `"loss"`, the
# mean squared error over *all* points, each at the start and after every step.


# %% nbgrader={"grade": false, "grade_id": "sgd", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd(x, y, lr, n_steps, *, rng):
    """Trajectories of intercept, slope and loss, a dict of arrays of shape (n_steps + 1,)."""
    ### BEGIN SOLUTION Task 3: draw a point, step, and keep all three
    a, b = 0.0, 0.0
    paths = {"intercept": [a], "slope": [b], "loss": [mse(x, y, a, b)]}
    for _ in range(n_steps):
        i = rng.integers(len(x))
        error = predict(x[i], a, b) - y[i]
        a, b = a - lr * 2 * error, b - lr * 2 * error * x[i]
        for name, value in (("intercept", a), ("slope", b), ("loss", mse(x, y, a, b))):
            paths[name].append(value)
    return {name: np.array(path) for name, path in paths.items()}
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_sgd", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe

observe(sgd)
### END HIDDEN TESTS
paths = sgd(weight, length, 0.02, 5, rng=np.random.default_rng(0))
assert set(paths) == {"intercept", "slope", "loss"}, f"the keys are {sorted(paths)}"
assert len(paths["slope"]) == 6, "start plus one entry per step"

# %% [markdown]
# **Task 4 (4 points, about 10 minutes)**
#
# `loss_grid(x, y, intercepts, slopes)` returns the loss for every pair: an array of shape
# `(len(slopes), len(intercepts))`, a row for each slope. That is what `contour` draws.


# %% nbgrader={"grade": false, "grade_id": "loss_grid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_grid(x, y, intercepts, slopes):
    """The loss, shape (len(slopes), len(intercepts))."""
    ### BEGIN SOLUTION Task 4: a row for each slope
    return np.array([[mse(x, y, a, b) for a in intercepts] for b in slopes])
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_loss_grid", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe

observe(loss_grid)
### END HIDDEN TESTS
grid = np.array(loss_grid(weight, length, np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0])))
assert grid.shape == (2, 3), f"expected shape (2, 3) but got {grid.shape}"

# %% tags=["figure", "cover"]
intercepts, slopes = np.linspace(-1, 6, 60), np.linspace(-1, 4, 60)
fig, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
try:
    losses = np.array(loss_grid(weight, length, intercepts, slopes))
    ax.contour(
        intercepts, slopes, losses, levels=np.geomspace(0.2, 60, 12), colors=GREY, linewidths=0.7
    )
    paths = sgd(weight, length, 0.02, 300, rng=np.random.default_rng(1))
    ax.plot(paths["intercept"], paths["slope"], color=ORANGE, lw=0.8)
except Exception as error:
    ax.set_title(f"not yet: {type(error).__name__}")
ax.set(xlabel="intercept", ylabel="slope")
plt.show()

# %% [markdown]
# Drunk, but headed home.
#
# **Why does the walk not come to rest at the bottom, and what would you change so that it does?**

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# At the bottom the mean of the gradients is 0, but those of single points are not: each step still has a
# length. A learning rate that shrinks with the number of steps, or a mean over more points, brings it to rest.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 3 points: single gradients are not 0 where their mean is.
# - 2 points: a shrinking learning rate, larger batches, or the mean of the last positions.
# ### END MARK SCHEME

# %% [markdown]
# *To read*: L. Bottou, F. Curtis and J. Nocedal, [Optimization methods for large-scale machine
# learning](https://arxiv.org/abs/1606.04838), sections 1 to 4. *A statistician, asked the way to the
# station, points in a random direction. "On average," she says.*
