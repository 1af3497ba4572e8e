# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 8: Two layers
#
# [← Week 7](../week7_sgd/sgd.ipynb)
#
# *About an hour and a half: four tasks (20 points, marked by machine) and one written question (5 points).*
#
# A line has two parameters, and you found them by walking downhill. A network has as many as you like,
# and nobody would differentiate by hand with respect to each of them. **Or is it less work than it seems?**
#
# Here is a network with one hidden layer. For rows of inputs $X$, shape $(N, n)$:
#
# $$ H = \tanh(X W_1 + b_1), \qquad \hat{y} = H W_2 + b_2 $$
#
# The four parts have the shapes $(n, h)$, $(h,)$, $(h, 1)$ and $(1,)$, and $\hat{y}$ has the shape $(N, 1)$.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

BLUE, ORANGE = "#0072B2", "#D55E00"

# %% [markdown]
# **Task 1 (4 points, about 10 minutes)**
#
# `forward(parameters, X)` returns $\hat{y}$; `parameters` is the list `[W1, b1, W2, b2]`, all of them
# NumPy arrays, like `X`. Worked value: with all four parts 0 the answer is 0 everywhere.

# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(parameters, X):
    """The network's answers, shape (N, 1), for rows X of shape (N, n)."""
    ### BEGIN SOLUTION Task 1: a tanh between two layers
    W1, b1, W2, b2 = parameters
    return np.tanh(X @ W1 + b1) @ W2 + b2
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_forward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(forward)
### END HIDDEN TESTS
zeros = [np.zeros((2, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1)]
assert np.shape(forward(zeros, np.ones((5, 2)))) == (5, 1), "a number for each of five rows"

# %% [markdown]
# The loss is the mean of the squared errors. Going back through the network, each layer hands on what it
# was handed:
#
# $$ E = \tfrac{2}{N}(\hat{y} - y), \qquad D = (E\,W_2^T) \odot (1 - H \odot H) $$
#
# and the gradients are $X^T D$, the column sums of $D$, $H^T E$, and the column sums of $E$.
#
# **Task 2 (8 points, about 25 minutes)**
#
# `gradients(parameters, X, y)` returns the list of the four gradients, each of the shape of its part.

# %% nbgrader={"grade": false, "grade_id": "gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradients(parameters, X, y):
    """The gradients of the mean squared error, a list like `parameters`; y has the shape (N, 1)."""
    ### BEGIN SOLUTION Task 2: from the errors back through both layers
    W1, b1, W2, b2 = parameters
    H = np.tanh(X @ W1 + b1)
    E = 2 * (H @ W2 + b2 - y) / len(X)
    D = (E @ W2.T) * (1 - H**2)
    return [X.T @ D, D.sum(axis=0), H.T @ E, E.sum(axis=0)]
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_gradients", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(gradients)
### END HIDDEN TESTS
parts = gradients(zeros, np.ones((5, 2)), np.ones((5, 1)))
assert [np.shape(part) for part in parts] == [(2, 3), (3,), (3, 1), (1,)], "each has the shape of its part"
assert abs(float(parts[3][0]) + 2) < 1e-4, "by b2, with all answers 1 too low: −2"

# %% [markdown]
# **Task 3 (3 points, about 15 minutes)**
#
# The same as PyTorch would have it: `class MLP(nn.Module)`. `MLP(parameters)` takes the four arrays and
# keeps each as an `nn.Parameter`; calling it with a tensor `X` gives $\hat{y}$, a tensor.

# %% nbgrader={"grade": false, "grade_id": "MLP", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MLP(nn.Module):
    """The network as a module; `parameters` are the arrays W1, b1, W2, b2."""

    def __init__(self, parameters):
        super().__init__()
        ### BEGIN SOLUTION Task 3: keep the four parts, and compute with them
        self.parts = nn.ParameterList(nn.Parameter(torch.tensor(part)) for part in parameters)
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        W1, b1, W2, b2 = self.parts
        return torch.tanh(X @ W1 + b1) @ W2 + b2
        ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_MLP", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(lambda parameters, X: MLP(parameters)(torch.tensor(X)), task="MLP")
### END HIDDEN TESTS
assert len(list(MLP(zeros).parameters())) == 4, "four parameters"

# %% [markdown]
# **Task 4 (5 points, about 20 minutes)**
#
# `train(X, y, lr, n_steps, *, hidden)` makes a network of `hidden` units as you like it, takes `n_steps`
# steps of gradient descent on all rows, and returns the list of the `n_steps + 1` losses, from the start on.
# On a wave of two periods, with `lr=0.1` and 8 units, the last should be below 0.1 after 200 steps.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, y, lr, n_steps, *, hidden):
    """The losses at the start and after each step of gradient descent."""
    ### BEGIN SOLUTION Task 4: random weights, then step after step
    rng = np.random.default_rng(0)
    shapes = [(X.shape[1], hidden), (hidden,), (hidden, 1), (1,)]
    parameters = [rng.normal(0, 0.7, size=shape) for shape in shapes]
    losses = [np.mean((forward(parameters, X) - y) ** 2)]
    for _ in range(n_steps):
        slopes = gradients(parameters, X, y)
        parameters = [part - lr * slope for part, slope in zip(parameters, slopes)]
        losses.append(np.mean((forward(parameters, X) - y) ** 2))
    return losses
    ### END SOLUTION


# %% tags=["raises-exception"] nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(train)
### END HIDDEN TESTS
x = np.linspace(-2, 2, 21)[:, None]
losses = train(x, np.sin(1.5 * x), 0.1, 200, hidden=8)
assert len(losses) == 201, "the start and 200 steps"
assert losses[-1] < 0.1, f"the last loss is {losses[-1]:.3f}"

# %% tags=["figure", "cover"]
fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
try:
    for lr, colour in ((0.02, BLUE), (0.1, ORANGE)):
        ax.semilogy(train(x, np.sin(1.5 * x), lr, 400, hidden=8), color=colour, label=f"lr {lr}")
    ax.legend(frameon=False)
except Exception as error:
    ax.set_title(f"not yet: {type(error).__name__}")
ax.set(xlabel="step", ylabel="loss")
plt.show()

# %% [markdown]
# **Start all weights at the same number. Which units can differ after a thousand steps, and why?**

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# None. Units with the same weights give the same output and get the same gradient, so they stay the same: the
# network has one unit, many times. Random weights break the symmetry.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 3 points: the same weights get the same gradients, at every step.
# - 2 points: so random starts are needed (or: the network is worth one unit).
# ### END MARK SCHEME

# %% [markdown]
# *To read*: A. Karpathy, [micrograd](https://github.com/karpathy/micrograd), all of this in a hundred lines.
# *Backpropagation: blaming those below you, in proportion.*
