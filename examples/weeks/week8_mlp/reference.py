"""Marking notes of week 8: two layers, their gradients by hand, and the same as a class."""

import numpy as np
import torch

from autograder.marking import Call, Criterion, Mistake, Task, draws
from autograder.marking.mistakes import returns_nothing

# --- The right answers ---------------------------------------------------------------------


def forward(parameters, X):
    W1, b1, W2, b2 = (torch.as_tensor(part) for part in parameters)
    return torch.tanh(torch.as_tensor(X) @ W1 + b1) @ W2 + b2


def gradients(parameters, X, y):
    """By autograd; the students do it by hand."""
    leaves = [torch.tensor(part, requires_grad=True) for part in parameters]
    loss = torch.mean((forward(leaves, X) - torch.as_tensor(y)) ** 2)
    return [part.numpy() for part in torch.autograd.grad(loss, leaves)]


def MLP(parameters, X):
    return forward(parameters, X)


def train(X, y, lr, n_steps, *, hidden):
    torch.manual_seed(0)
    parameters = [torch.randn(X.shape[1], hidden), torch.zeros(hidden)]
    parameters = [part.numpy() for part in (*parameters, torch.randn(hidden, 1) * 0.5, torch.zeros(1))]
    losses = []
    for step in range(n_steps + 1):
        parts = gradients(parameters, np.float32(X), np.float32(y))
        losses.append(float(torch.mean((forward(parameters, np.float32(X)) - torch.as_tensor(y)) ** 2)))
        parameters = [part - lr * slope for part, slope in zip(parameters, parts)]
    return losses


# --- What is asked -------------------------------------------------------------------------


def network(rng, n, h):
    """Weights and biases from n numbers by h units to one; none is 0."""
    return [draws.array(rng, shape, 0.2, 1.0) for shape in ((n, h), (h,), (h, 1), (1,))]


def networks(rng):
    return [Call(network(rng, n, h), draws.array(rng, (4, n), 0.2, 1.5)) for n, h in ((2, 3), (1, 2))]


def with_targets(rng):
    return [
        Call(network(rng, n, h), draws.array(rng, (5, n), 0.2, 1.5), draws.array(rng, (5, 1), 0.2, 1))
        for n, h in ((2, 3), (3, 2))
    ]


def a_curve(rng):
    x = np.linspace(-2, 2, 21)[:, None]
    y = np.sin(draws.decimal(rng, 1.2, 1.6) * x)
    return [Call(x, np.round(y, 3), 0.1, 200, hidden=8)]


def learns(call, losses):
    """Whatever it starts from."""
    if np.shape(losses) != (201,):
        return "the loss at the start and after each of the 200 steps: 201 numbers"
    return losses[-1] < 0.1 or f"the loss should be below 0.1 after 200 steps, not {losses[-1]:.3g}"


def one_of(number, change):
    """All gradients right but one."""

    def behaviour(parameters, X, y):
        parts = gradients(parameters, X, y)
        parts[number] = change(parts[number])
        return parts

    return behaviour


def without_tanh_slope(parameters, X, y):
    """The errors pass the tanh as if it were a straight line."""
    W1, b1, W2, b2 = parameters
    error = 2 * (forward(parameters, X).numpy() - y) / len(X)
    back = error @ W2.T
    hidden = np.tanh(X @ W1 + b1)
    return [X.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]


STRAIGHT = Mistake(
    "no tanh", "Without the tanh two layers are one straight line.",
    behaves_like=lambda p, X: (X @ p[0] + p[1]) @ p[2] + p[3],
)  # fmt: skip
NO_BIAS = Mistake(
    "a bias is missing", "Both layers have a bias: b1 before the tanh, b2 at the end.",
    behaves_like=(lambda p, X: np.tanh(X @ p[0]) @ p[2] + p[3],
                  lambda p, X: np.tanh(X @ p[0] + p[1]) @ p[2]),
)  # fmt: skip

FORWARD = Task(
    forward,
    [Criterion("a number for each row", points=4, calls=networks)],
    [STRAIGHT, NO_BIAS, *returns_nothing()],
)

GRADIENTS = Task(
    gradients,
    [Criterion("a gradient for each of the four parts", points=8, untouched=True, calls=with_targets)],
    [
        Mistake("the slope of the tanh is missing", "Going back through tanh multiplies by 1 - tanh².",
                behaves_like=without_tanh_slope),
        Mistake("the gradient of a bias is one number a row", "A bias serves all rows: add them up.",
                behaves_like=one_of(3, lambda part: np.repeat(part[None], 5, axis=0))),
        Mistake("a sum instead of a mean", "The loss is a mean: divide by the number of rows.",
                behaves_like=lambda p, X, y: [len(X) * part for part in gradients(p, X, y)]),
        Mistake("the 2 is missing", "The slope of a square is twice what is squared.",
                behaves_like=lambda p, X, y: [part / 2 for part in gradients(p, X, y)]),
        *returns_nothing(),
    ],
    parts=("gradient by W1", "gradient by b1", "gradient by W2", "gradient by b2"),
)  # fmt: skip

CLASS = Task(
    MLP, [Criterion("the same, as a module", points=3, calls=networks)], [STRAIGHT, NO_BIAS, *returns_nothing()]
)  # fmt: skip

TRAIN = Task(
    train,
    [Criterion("the loss falls below 0.1 in 200 steps", points=5, calls=a_curve, holds=learns)],
    [Mistake("climbs", "Step against the gradient.",
             behaves_like=lambda X, y, lr, n, *, hidden: train(X, y, -lr, n, hidden=hidden)),
     Mistake("never steps", "The losses stay the same: are the parameters changed at all?",
             behaves_like=lambda X, y, lr, n, *, hidden: train(X, y, 0.0, n, hidden=hidden)),
     *returns_nothing()],
)  # fmt: skip

TASKS = [FORWARD, GRADIENTS, CLASS, TRAIN]
