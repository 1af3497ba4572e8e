# Student solutions for week 1, `slopes.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch and plt exist. Some change
# global state (default dtype, warnings, np.seterr): run each in a fresh process.

# ------------------------------------------------------------------------------------------------ central_difference

# %% correct | central_difference | plain
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% correct | central_difference | renamed parameters, annotations, a keyword-only extra
from typing import Callable, Union

def central_difference(func: Callable, point: Union[float, np.ndarray], step: float = 1e-5, *, order: int = 2):
    """Symmetric difference quotient."""
    right = func(point + step)
    left = func(point - step)
    return (right - left) / order / step

# %% correct | central_difference | lambda, reordered
central_difference = lambda f, x, h=1e-5: 0.5 / h * (-f(x - h) + f(x + h))

# %% correct | central_difference | mean of the forward and the backward slope
def central_difference(f, x, h=1e-5):
    here = f(x)
    forward = (f(x + h) - here) / h
    backward = (here - f(x - h)) / h
    return (forward + backward) / 2

# %% correct | central_difference | one number at a time, a list for arrays
def central_difference(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (h + h)
    return [central_difference(f, xi, h) for xi in x]

# %% correct | central_difference | np.vectorize
def central_difference(f, x, h=1e-5):
    slope = np.vectorize(lambda t: (f(t + h) - f(t - h)) / (2 * h), otypes=[float])
    return slope(x)

# %% correct | central_difference | preallocated array, flat loop
def central_difference(f, x, h=1e-5):
    xs = np.atleast_1d(np.asarray(x, dtype=np.float64))
    out = np.zeros_like(xs)
    for i in range(xs.size):
        a, b = float(xs.flat[i]) - h, float(xs.flat[i]) + h
        out.flat[i] = (f(b) - f(a)) / (b - a)
    return out.reshape(np.shape(x))

# %% correct | central_difference | np.gradient of three points
def central_difference(f, x, h=1e-5):
    three = np.array([f(x - h), f(x), f(x + h)])
    return np.gradient(three, h, axis=0)[1]

# %% correct | central_difference | np.seterr raise, np.float64, two fractions
np.seterr(all="raise")

def central_difference(f, x, h=1e-5):
    h = np.float64(h)
    return np.divide(f(x + h), 2 * h) - np.divide(f(x - h), 2 * h)

# %% correct | central_difference | a float64 tensor at the end
def central_difference(f, x, h=1e-5):
    quotient = np.subtract(f(x + h), f(x - h)) / (2 * h)
    return torch.tensor(quotient, dtype=torch.float64)

# %% correct | central_difference | class, partial, prints, warning, extra evaluations
from functools import partial
import sys, warnings

class Quotient:
    def __init__(self, weights):
        self.weights = weights

    def __call__(self, f, x, h=1e-5):
        total = 0
        for offset, weight in self.weights.items():
            value = f(x + offset * h)
            print("f at", x + offset * h, "is", value)
            total = total + weight * value
        if h > 0.01:
            warnings.warn("h is rather large")
        print("done", file=sys.stderr)
        return total / h

central_difference = partial(Quotient({-1: -0.5, 0: 0.0, 1: 0.5}))

# %% correct | central_difference | generator and reduce, helper in another cell
from functools import reduce

def both_sides(f, x, h):
    yield f(x + h)
    yield f(x - h)

def central_difference(f, x, h=1e-5):
    return reduce(lambda right, left: right - left, both_sides(f, x, h)) * (1 / (2 * h))

# %% correct | central_difference | inner function, walrus, plot
def central_difference(f, x, h=1e-5):
    def rise(t):
        return (hi := f(t + h)) - (lo := f(t - h))
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    plt.close(fig)
    return rise(x) / 2 / h

# %% mistake | central_difference | forward difference
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h

# %% mistake | central_difference | forward difference | one number at a time
def central_difference(f, x, h=1e-5):
    slopes = []
    for t in np.ravel(x):
        slopes.append((f(t + h) - f(t)) / h)
    return np.array(slopes).reshape(np.shape(x))

# %% mistake | central_difference | forward difference | np.diff
def central_difference(f, x, h=1e-5):
    y = np.array([f(x), f(x + h)])
    return np.diff(y, axis=0)[0] / h

# %% mistake | central_difference | backward difference
def central_difference(f, x, h=1e-5):
    return (f(x) - f(x - h)) / h

# %% mistake | central_difference | backward difference | signs turned round
def central_difference(f, x, h=1e-5):
    before, now = f(x - h), f(x)
    return (before - now) / -h

# %% mistake | central_difference | divides by h
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h

# %% mistake | central_difference | divides by h | named pieces
def central_difference(f, x, h=1e-5):
    rise = np.asarray(f(x + h)) - np.asarray(f(x - h))
    run = h
    return rise / run

# %% mistake | central_difference | multiplies by h
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h

# %% mistake | central_difference | multiplies by h | one half first
def central_difference(f, x, h=1e-5):
    difference = f(x + h) - f(x - h)
    return [0.5 * d * h for d in difference] if np.ndim(x) else 0.5 * difference * h

# %% mistake | central_difference | numerator brackets missing
def central_difference(f, x, h=1e-5):
    return f(x + h) - f(x - h) / (2 * h)

# %% mistake | central_difference | numerator brackets missing | in two lines
def central_difference(f, x, h=1e-5):
    dx = 2 * h
    df = f(x + h) - f(x - h) / dx
    return np.array(df)

# %% mistake | central_difference | ignores h | sets its own
def central_difference(f, x, h=1e-5):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | ignores h | a constant of its own name
EPS = 1e-4

def central_difference(f, x, h=1e-5):
    return (f(x + EPS) - f(x - EPS)) / (2 * EPS)

# %% mistake | central_difference | half steps
def central_difference(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / h

# %% mistake | central_difference | half steps | halves h first
def central_difference(f, x, h=1e-5):
    half = 0.5 * h
    a, b = x - half, x + half
    return (f(b) - f(a)) / (2 * half)

# %% mistake | central_difference | returns 2x
def central_difference(f, x, h=1e-5):
    return 2 * x

# %% mistake | central_difference | returns 2x | the quotient of x**2
def central_difference(f, x, h=1e-5):
    f = lambda t: t ** 2
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | scalars only
def central_difference(f, x, h=1e-5):
    x = float(x)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | scalars only | an if on the result
def central_difference(f, x, h=1e-5):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    if abs(slope) < 1e-12:
        return 0.0
    return slope

# %% mistake | central_difference | scalars only | refuses anything but a number
def central_difference(f, x, h=1e-5):
    if not isinstance(x, (int, float)):
        raise TypeError("x must be a number")
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | unnamed | forward and divided by 2h
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x)) / (2 * h)

# %% mistake | central_difference | unnamed | ignores h and divides by h
def central_difference(f, x, h=1e-5):
    return (f(x + 1e-5) - f(x - 1e-5)) / h

# %% mistake | central_difference | unnamed | half steps over 2h
def central_difference(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / (2 * h)

# %% mistake | central_difference | unnamed | the sign
def central_difference(f, x, h=1e-5):
    return (f(x - h) - f(x + h)) / (2 * h)

# %% mistake | central_difference | unnamed | the sum of the two values
def central_difference(f, x, h=1e-5):
    return (f(x + h) + f(x - h)) / (2 * h)

# %% mistake | central_difference | more accurate than asked | Richardson
def central_difference(f, x, h=1e-5):
    d = lambda s: (f(x + s) - f(x - s)) / (2 * s)
    return (4 * d(h / 2) - d(h)) / 3

# %% mistake | central_difference | unnamed | autograd, so f must take tensors and h is not used
def central_difference(f, x, h=1e-5):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).sum().backward()
    return t.grad.numpy()

# %% mistake | central_difference | unnamed | float32
def central_difference(f, x, h=1e-5):
    x, h = np.float32(x), np.float32(h)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | unnamed | the mean slope of an array
def central_difference(f, x, h=1e-5):
    return np.mean((f(x + h) - f(x - h)) / (2 * h))

# %% mistake | central_difference | unnamed | the first element of an array
def central_difference(f, x, h=1e-5):
    x = np.ravel(x)[0]
    return (f(x + h) - f(x - h)) / (2 * h)

# %% correct | central_difference | stacks both points, one call of f, np.seterr raise on top, returns 0-d array for a float
np.seterr(all="raise")

def central_difference(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    both = np.stack([x - h, x + h])
    lo, hi = f(both)
    return np.asarray((hi - lo) / (2 * h))

# %% correct | central_difference | element by element, np.ndindex, plain floats to f
def central_difference(f, x, h=1e-5):
    a = np.asarray(x, dtype=np.float64)
    if a.ndim == 0:
        return (f(float(a) + h) - f(float(a) - h)) / (2 * h)
    out = np.empty(a.shape)
    for idx in np.ndindex(*a.shape):
        out[idx] = (f(float(a[idx]) + h) - f(float(a[idx]) - h)) / h / 2
    return out

# %% correct | central_difference | nested lists out, recursion over the dimensions
def central_difference(f, x, h=1e-5):
    if np.ndim(x) > 0:
        return [central_difference(f, row, h) for row in x]
    x = float(x)
    return sum(s * f(x + s * h) for s in (1, -1)) / (2 * h)

# %% mistake | central_difference | more accurate than asked | five points
def central_difference(f, x, h=1e-5):
    return (-f(x + 2 * h) + 8 * f(x + h) - 8 * f(x - h) + f(x - 2 * h)) / (12 * h)

# %% mistake | central_difference | step scaled by x | relative to x where that is large
def central_difference(f, x, h=1e-5):
    step = h * np.maximum(1.0, np.abs(x))
    return (f(x + step) - f(x - step)) / (2 * step)

# %% mistake | central_difference | ignores h | no longer than 1e-3
def central_difference(f, x, h=1e-5):
    h = min(h, 1e-3)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | backward difference | from a shifted place
def central_difference(f, x, h=1e-5):
    shifted = x - h
    return (f(shifted + h) - f(shifted)) / h

# %% mistake | central_difference | unnamed | forward over 2h, and one long row
def central_difference(f, x, h=1e-5):
    s = (f(x + 2 * h) - f(x)) / (2 * h)
    return s.ravel() if isinstance(s, np.ndarray) else s

# -------------------------------------------------------------------------------------------------------- grid_slope

# %% correct | grid_slope | np.diff
def grid_slope(X, Y):
    midpoints = (X[1:] + X[:-1]) / 2
    slopes = np.diff(Y) / np.diff(X)
    return midpoints, slopes

# %% correct | grid_slope | loop and lists, renamed parameters
def grid_slope(xs, ys):
    mid, slo = [], []
    for k in range(len(xs) - 1):
        mid.append(0.5 * (xs[k] + xs[k + 1]))
        slo.append((ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k]))
    return [mid, slo]

# %% correct | grid_slope | zip of pairs
def grid_slope(X, Y):
    points = list(zip(X, Y))
    rows = [((a + b) / 2, (q - p) / (b - a)) for (a, p), (b, q) in zip(points, points[1:])]
    return tuple(zip(*rows))

# %% correct | grid_slope | torch, float64
def grid_slope(X, Y):
    X = torch.as_tensor(X, dtype=torch.float64)
    Y = torch.as_tensor(Y, dtype=torch.float64)
    return (X[:-1] + X[1:]) / 2, torch.diff(Y) / torch.diff(X)

# %% correct | grid_slope | one (2, n-1) array
def grid_slope(X, Y):
    out = np.empty((2, len(X) - 1))
    out[0] = X[:-1] + np.diff(X) / 2
    out[1] = np.divide(np.ediff1d(Y), np.ediff1d(X))
    return out

# %% correct | grid_slope | named tuple, annotations, keyword-only extra
from typing import NamedTuple

class Slopes(NamedTuple):
    midpoints: np.ndarray
    slopes: np.ndarray

def grid_slope(X: np.ndarray, Y: np.ndarray, *, verbose: bool = False) -> Slopes:
    if verbose:
        print(X, Y)
    return Slopes(np.convolve(X, [0.5, 0.5], "valid"), np.convolve(Y, [1, -1], "valid") / np.convolve(X, [1, -1], "valid"))

# %% correct | grid_slope | np.seterr raise, in place on a copy
np.seterr(all="raise")

def grid_slope(X, Y):
    x, y = X.astype(float), np.array(Y, dtype=float)
    y[:-1] -= y[1:]
    m = x[:-1].copy()
    x[:-1] -= x[1:]
    m -= x[:-1] / 2
    return m, y[:-1] / x[:-1]

# %% correct | grid_slope | pairwise, deques, a plot and a progress line
from collections import deque
from itertools import pairwise
import sys

def grid_slope(X, Y):
    m = deque((a + b) / 2 for a, b in pairwise(X))
    rise = (b - a for a, b in pairwise(Y))
    run = (b - a for a, b in pairwise(X))
    s = deque(r / w for r, w in zip(rise, run))
    plt.plot(m, s, "o")
    plt.close("all")
    sys.stderr.write(f"\r100%|##########| {len(m)}/{len(m)}\n")
    return m, s

# %% correct | grid_slope | a matrix of differences
def grid_slope(X, Y):
    n = len(X)
    D = np.eye(n, k=1)[:-1] - np.eye(n)[:-1]
    M = np.abs(D) / 2
    return M @ X, (D @ Y) / (D @ X)

# %% correct | grid_slope | list of 0-d tensors
def grid_slope(X, Y):
    X, Y = torch.tensor(X).double(), torch.tensor(Y).double()
    pairs = [(i, i + 1) for i in range(X.numel() - 1)]
    return [torch.mean(X[[i, j]]) for i, j in pairs], [torch.div(Y[j] - Y[i], X[j] - X[i]) for i, j in pairs]

# %% correct | grid_slope | lambda, slopes with the sign turned twice
grid_slope = lambda X, Y: (X[1:] - (X[1:] - X[:-1]) * 0.5, -(Y[:-1] - Y[1:]) / (X[1:] - X[:-1]))

# %% mistake | grid_slope | slopes at the left ends
def grid_slope(X, Y):
    return X[:-1], np.diff(Y) / np.diff(X)

# %% mistake | grid_slope | slopes at the left ends | loop
def grid_slope(X, Y):
    places, slopes = [], []
    for i in range(len(X) - 1):
        places.append(X[i])
        slopes.append((Y[i + 1] - Y[i]) / (X[i + 1] - X[i]))
    return places, slopes

# %% mistake | grid_slope | slopes at the left ends | torch
def grid_slope(X, Y):
    X, Y = torch.tensor(X, dtype=torch.float64), torch.tensor(Y, dtype=torch.float64)
    midpoints = X[:len(X) - 1]
    return midpoints, (Y[1:] - Y[:-1]) / (X[1:] - X[:-1])

# %% mistake | grid_slope | np.gradient
def grid_slope(X, Y):
    return X, np.gradient(Y, X)

# %% mistake | grid_slope | np.gradient | two of them
def grid_slope(X, Y):
    slopes = np.gradient(Y) / np.gradient(X)
    return X, slopes

# %% mistake | grid_slope | np.gradient | with midpoints
def grid_slope(X, Y):
    midpoints = (X[1:] + X[:-1]) / 2
    return midpoints, np.gradient(Y, X)

# %% mistake | grid_slope | one spacing for all
def grid_slope(X, Y):
    h = X[1] - X[0]
    return (X[:-1] + X[1:]) / 2, np.diff(Y) / h

# %% mistake | grid_slope | one spacing for all | midpoints too
def grid_slope(X, Y):
    dx = X[1] - X[0]
    slopes = [(Y[k + 1] - Y[k]) / dx for k in range(len(Y) - 1)]
    midpoints = [(X[k] + X[k + 1]) / 2 for k in range(len(X) - 1)]
    return np.array(midpoints), np.array(slopes)

# %% mistake | grid_slope | unnamed | np.gradient cut to length
def grid_slope(X, Y):
    return (X[1:] + X[:-1]) / 2, np.gradient(Y, X)[:-1]

# %% mistake | grid_slope | one spacing for all | left ends plus half the first spacing, and that spacing for all
def grid_slope(X, Y):
    dx = X[1] - X[0]
    return X[:-1] + dx / 2, np.diff(Y) / dx

# %% mistake | grid_slope | one spacing for all | the mean spacing
def grid_slope(X, Y):
    h = (X[-1] - X[0]) / (len(X) - 1)
    return (X[:-1] + X[1:]) / 2, np.diff(Y) / h

# %% mistake | grid_slope | unnamed | right ends
def grid_slope(X, Y):
    return X[1:], np.diff(Y) / np.diff(X)

# %% mistake | grid_slope | unnamed | left ends and the first spacing
def grid_slope(X, Y):
    return X[:-1], np.diff(Y) / (X[1] - X[0])

# %% mistake | grid_slope | unnamed | slopes first
def grid_slope(X, Y):
    return np.diff(Y) / np.diff(X), (X[1:] + X[:-1]) / 2

# %% mistake | grid_slope | unnamed | whole numbers only in the midpoints
def grid_slope(X, Y):
    return (X[1:] + X[:-1]) // 2, np.diff(Y) / np.diff(X)

# %% mistake | grid_slope | unnamed | no division by the spacing
def grid_slope(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(Y)

# %% mistake | grid_slope | unnamed | run over rise
def grid_slope(X, Y):
    return (X[1:] + X[:-1]) / 2, np.diff(X) / np.diff(Y)

# %% mistake | grid_slope | a gap left out | the last interval left out
def grid_slope(X, Y):
    n = len(X) - 2
    return [(X[k] + X[k + 1]) / 2 for k in range(n)], [(Y[k + 1] - Y[k]) / (X[k + 1] - X[k]) for k in range(n)]

# %% mistake | grid_slope | unnamed | an int array swallows fractions
def grid_slope(X, Y):
    midpoints = np.zeros_like(X[:-1])
    slopes = np.zeros_like(X[:-1])
    for k in range(len(X) - 1):
        midpoints[k] = (X[k] + X[k + 1]) / 2
        slopes[k] = (Y[k + 1] - Y[k]) / (X[k + 1] - X[k])
    return midpoints, slopes

# %% mistake | grid_slope | unnamed | slopes alone
def grid_slope(X, Y):
    return np.diff(Y) / np.diff(X)

# %% correct | grid_slope | np.diff and np.convolve
def grid_slope(X, Y):
    return np.convolve(X, [0.5, 0.5], mode="valid"), np.diff(Y) / np.diff(X)

# %% correct | grid_slope | a straight line through each pair, np.polyfit
def grid_slope(X, Y):
    X, Y = np.asarray(X, float), np.asarray(Y, float)
    mids, slopes = [], []
    for i in range(1, len(X)):
        m = X[i - 1:i + 1].mean()
        mids.append(m)
        slopes.append(np.polyfit(X[i - 1:i + 1] - m, Y[i - 1:i + 1], 1)[0])
    return [mids, slopes]

# %% correct | grid_slope | zip(*) of a comprehension with walrus, warns and plots
import warnings

def grid_slope(X, Y):
    warnings.warn("grid may be uneven")
    X, Y = X.tolist(), Y.tolist()
    fig, ax = plt.subplots()
    ax.plot(X, Y)
    plt.close(fig)
    return tuple(zip(*[(X[i] + (gap := X[i + 1] - X[i]) / 2, (Y[i + 1] - Y[i]) / gap) for i in range(len(X) - 1)]))

# %% mistake | grid_slope | one spacing for all | in the midpoints only
def grid_slope(X, Y):
    step = X[1] - X[0]
    mids = X[0] + step * (np.arange(len(X) - 1) + 0.5)
    return mids, (Y[1:] - Y[:-1]) / (X[1:] - X[:-1])

# %% mistake | grid_slope | fractions cut off | np.empty_like of an int Y
def grid_slope(X, Y):
    slopes = np.empty_like(Y)[:-1]
    for k in range(len(slopes)):
        slopes[k] = (Y[k + 1] - Y[k]) / (X[k + 1] - X[k])
    return 0.5 * X[:-1] + 0.5 * X[1:], slopes

# %% mistake | grid_slope | fractions cut off | on purpose, for ints
def grid_slope(X, Y):
    total = X[1:] + X[:-1]
    mids = total // 2 if total.dtype.kind == "i" else total / 2
    return mids, np.diff(Y) / np.diff(X)

# %% mistake | grid_slope | unnamed | slopes first, and beyond the right ends
def grid_slope(X, Y):
    gaps = np.diff(X)
    return np.diff(Y) / gaps, X[1:] + gaps / 2

# ---------------------------------------------------------------------------------------------------- autograd_slope

# %% correct | autograd_slope | sum and backward
def autograd_slope(f, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(x).sum().backward()
    return x.grad

# %% correct | autograd_slope | float32, numpy returned
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float32).requires_grad_(True)
    y = f(t)
    y.backward(torch.ones_like(y))
    return t.grad.numpy()

# %% correct | autograd_slope | torch.autograd.grad with grad_outputs, renamed parameters
def autograd_slope(func, point):
    p = torch.as_tensor(point, dtype=torch.double).clone().requires_grad_()
    value = func(p)
    (slope,) = torch.autograd.grad(value, p, grad_outputs=torch.ones_like(value))
    return slope.detach().numpy()

# %% correct | autograd_slope | torch.func.grad of the sum
def autograd_slope(f, x):
    return torch.func.grad(lambda t: f(t).sum())(torch.tensor(x, dtype=torch.float64))

# %% correct | autograd_slope | vmap
from torch.func import grad, vmap

def autograd_slope(f, x):
    t = torch.tensor(x)
    return grad(f)(t) if t.ndim == 0 else vmap(grad(f))(t)

# %% correct | autograd_slope | diagonal of jacrev
def autograd_slope(f, x):
    J = torch.func.jacrev(f)(torch.tensor(x, dtype=torch.float64))
    return J if J.ndim == 0 else torch.diagonal(J)

# %% correct | autograd_slope | one number at a time, list of floats
def autograd_slope(f, x):
    if not np.ndim(x):
        leaf = torch.tensor(float(x), requires_grad=True)
        f(leaf).backward()
        return leaf.grad.item()
    return [autograd_slope(f, xi) for xi in x]

# %% correct | autograd_slope | one number at a time, list of 0-d tensors
def autograd_slope(f, x):
    def one(value):
        leaf = torch.nn.Parameter(torch.tensor(value, dtype=torch.float64))
        f(leaf).backward()
        return leaf.grad
    if isinstance(x, float):
        return one(x)
    return [one(v) for v in x]

# %% correct | autograd_slope | still requires grad (create_graph)
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(t).sum() + 0 * (t ** 2).sum(), t, create_graph=True)[0]

# %% correct | autograd_slope | forward mode
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64)
    return torch.func.jvp(f, (t,), (torch.ones_like(t),))[1]

# %% correct | autograd_slope | default dtype float64, zeroes a gradient that is new anyway
torch.set_default_dtype(torch.float64)

def autograd_slope(f, x):
    x = torch.tensor(x, requires_grad=True)
    if x.grad is not None:
        x.grad.zero_()
    torch.mean(f(x)).backward()
    return x.grad.mul(x.numel())

# %% correct | autograd_slope | one leaf kept between calls and zeroed
_leaf = torch.zeros((), dtype=torch.float64, requires_grad=True)

def autograd_slope(f, x):
    out = np.zeros(np.shape(x))
    for index, value in np.ndenumerate(x):
        _leaf.data.fill_(value)
        _leaf.grad = None
        f(_leaf).backward()
        out[index] = _leaf.grad
    return out

# %% correct | autograd_slope | gradient tracking off at the top, prints and warnings
import sys, warnings
torch.set_grad_enabled(False)

def autograd_slope(f, x):
    with torch.enable_grad():
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = f(t)
        y.backward(gradient=torch.full_like(y, 1.0))
    print("slope:", t.grad)
    print("slope:", t.grad, file=sys.stderr)
    warnings.warn("a harmless warning")
    return t.grad.tolist()

# %% correct | autograd_slope | class, lambda inside, extra evaluation of f
class Slope:
    def __call__(self, f, x, /, *, dtype=torch.float64):
        t = torch.tensor(x, dtype=dtype, requires_grad=True)
        f(t)
        total = (lambda y: y.sum() if y.dim() else y)(f(t))
        total.backward(retain_graph=True)
        return t.grad.clone()

autograd_slope = Slope()

# %% mistake | autograd_slope | unnamed | central differences of a tensor, in float64
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64)
    return (f(t + 1e-6) - f(t - 1e-6)) / 2e-6

# %% mistake | autograd_slope | not by autograd | the function of Task 1
def autograd_slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | autograd_slope | gradient accumulates | one leaf for all elements
def autograd_slope(f, x):
    leaf = torch.tensor(0.0, requires_grad=True)
    slopes = []
    for value in np.ravel(x):
        leaf.data.fill_(float(value))
        f(leaf).backward()
        slopes.append(leaf.grad.item())
    return np.array(slopes).reshape(np.shape(x))

# %% mistake | autograd_slope | gradient accumulates | leaves kept by their value
_leaves = {}

def autograd_slope(f, x):
    key = tuple(np.ravel(x)), np.shape(x)
    if key not in _leaves:
        _leaves[key] = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    t = _leaves[key]
    f(t).sum().backward()
    return t.grad.clone()

# %% mistake | autograd_slope | gradient accumulates | one leaf per shape
from functools import lru_cache

@lru_cache(maxsize=None)
def leaf_of(shape):
    return torch.zeros(shape, requires_grad=True)

def autograd_slope(f, x):
    t = leaf_of(np.shape(x))
    with torch.no_grad():
        t.copy_(torch.as_tensor(x))
    f(t).sum().backward()
    return t.grad.detach().numpy().copy()

# %% mistake | autograd_slope | integer tensor | dtype int
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=int, requires_grad=True)
    f(t).sum().backward()
    return t.grad

# %% mistake | autograd_slope | integer tensor | long
def autograd_slope(f, x):
    t = torch.as_tensor(x).long()
    t.requires_grad = True
    y = f(t)
    return torch.autograd.grad(y, t, torch.ones_like(y))[0]

# %% mistake | autograd_slope | integer tensor | astype int
def autograd_slope(f, x):
    whole = np.asarray(x).astype(int)
    t = torch.from_numpy(np.atleast_1d(whole)).requires_grad_()
    f(t).sum().backward()
    return t.grad.reshape(np.shape(x))

# %% mistake | autograd_slope | backward on a vector
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(t)
    y.backward()
    return t.grad

# %% mistake | autograd_slope | backward on a vector | torch.autograd.grad
def autograd_slope(f, x):
    t = torch.as_tensor(x, dtype=torch.float32).clone().requires_grad_()
    return torch.autograd.grad(f(t), t)[0].numpy()

# %% mistake | autograd_slope | backward on a vector | torch.func.grad
def autograd_slope(f, x):
    slope = torch.func.grad(f)
    return slope(torch.tensor(x, dtype=torch.float64))

# %% mistake | autograd_slope | unnamed | cuts the fractions off
def autograd_slope(f, x):
    t = torch.tensor(np.array(x, dtype=int)).double().requires_grad_()
    f(t).sum().backward()
    return t.grad

# %% mistake | autograd_slope | unnamed | accumulates and takes scalars only
_t = torch.tensor(0.0, requires_grad=True)

def autograd_slope(f, x):
    _t.data = torch.tensor(float(x))
    f(_t).backward()
    return _t.grad.item()

# %% mistake | autograd_slope | unnamed | the whole Jacobian
def autograd_slope(f, x):
    return torch.func.jacrev(f)(torch.tensor(x, dtype=torch.float64))

# %% mistake | autograd_slope | unnamed | the sum of the slopes
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).sum().backward()
    return t.grad.sum()

# %% mistake | autograd_slope | unnamed | the mean, so slopes divided by n
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).mean().backward()
    return t.grad

# %% mistake | autograd_slope | unnamed | backward twice
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(t).sum()
    y.backward(retain_graph=True)
    y.backward()
    return t.grad

# %% mistake | autograd_slope | unnamed | returns 2x
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (t ** 2).sum().backward()
    return t.grad

# %% mistake | autograd_slope | unnamed | the values of f
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(t)
    y.sum().backward()
    return y

# %% mistake | autograd_slope | unnamed | .grad of a tensor that is no leaf
def autograd_slope(f, x):
    t = torch.tensor(x, requires_grad=True) * 1.0
    f(t).sum().backward()
    return t.grad

# %% mistake | autograd_slope | unnamed | central difference in float32
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float32)
    return (f(t + 1e-5) - f(t - 1e-5)) / 2e-5

# %% correct | autograd_slope | full Jacobian, then its diagonal
def autograd_slope(func, point):
    p = torch.tensor(np.asarray(point, dtype=float))
    J = torch.autograd.functional.jacobian(func, p)
    return J if J.ndim == 0 else torch.diagonal(J)

# %% correct | autograd_slope | backward(gradient=ones), tuple of (1,)-tensors for arrays, print
def autograd_slope(f, x):
    t = torch.tensor(np.atleast_1d(x).astype("float64"), requires_grad=True)
    y = f(t)
    y.backward(torch.ones(t.shape, dtype=torch.float64))
    print("slopes:", t.grad)
    return t.grad.item() if np.ndim(x) == 0 else tuple(t.grad.split(1))

# %% correct | autograd_slope | default dtype set on top, dot with ones, create_graph so the answer still requires grad
torch.set_default_dtype(torch.float64)

def autograd_slope(f, x):
    x = torch.tensor(x, requires_grad=True)
    loss = (f(x) * torch.ones_like(x)).sum()
    return torch.autograd.grad(loss, x, create_graph=True)[0]

# %% mistake | autograd_slope | an array of one becomes a number | squeeze
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).sum().backward()
    return t.grad.squeeze()

# %% mistake | autograd_slope | coarse difference | a tenth each way
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64)
    return (f(t + 0.1) - f(t - 0.1)) / 0.2

# %% mistake | autograd_slope | unnamed | the second derivative of arrays
def autograd_slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    g = torch.autograd.grad(f(t).sum(), t, create_graph=True)[0]
    if t.ndim:
        g = torch.autograd.grad(g.sum(), t, allow_unused=True)[0]
    return g

# %% mistake | autograd_slope | unnamed | backward twice, and a list around a number
def autograd_slope(f, x):
    t = torch.tensor(np.atleast_1d(x), dtype=torch.float64, requires_grad=True)
    f(t).sum().backward()
    f(t).sum().backward()
    return t.grad

# -------------------------------------------------------------------------------------------------------- poly_slope

# %% correct | poly_slope | plain
def poly_slope(x):
    return 1 - 8 * x + x ** 3

# %% correct | poly_slope | Horner, renamed parameter
def poly_slope(t: float) -> float:
    return (t * t - 8) * t + 1

# %% correct | poly_slope | np.polyval
def poly_slope(x):
    return np.polyval(np.polyder([1 / 4, 0, -4, 1, 0]), x)

# %% correct | poly_slope | np.poly1d, lambda
poly_slope = lambda x, p=np.poly1d([0.25, 0, -4, 1, 0]): p.deriv()(x)

# %% correct | poly_slope | numpy's Polynomial, class
class PolySlope(np.polynomial.Polynomial):
    pass

poly_slope = PolySlope([0, 1, -4, 0, 1 / 4]).deriv()

# %% correct | poly_slope | autograd, float32
def my_poly(x):
    return x - 4 * x ** 2 + x ** 4 / 4

def poly_slope(x):
    t = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    my_poly(t).sum().backward()
    return t.grad.numpy()

# %% correct | poly_slope | list comprehension for arrays, prints
def poly_slope(x):
    print("poly_slope called with", x)
    if np.ndim(x) == 0:
        return 1.0 - 8.0 * x + pow(x, 3)
    return [poly_slope(v) for v in x]

# %% correct | poly_slope | np.vectorize
@np.vectorize
def poly_slope(x):
    return 1.0 + x * (x ** 2 - 8)

# %% correct | poly_slope | central differences
def poly_slope(x, h=1e-5):
    p = lambda t: t - 4 * t ** 2 + t ** 4 / 4
    return (p(x + h) - p(x - h)) / (2 * h)

# %% correct | poly_slope | sum of terms in a tensor, np.seterr raise
np.seterr(all="raise")

def poly_slope(x):
    t = torch.as_tensor(x, dtype=torch.float64)
    return sum(k * c * t ** (k - 1) for k, c in enumerate([0, 1, -4, 0, 0.25]) if k)

# %% correct | poly_slope | factored by its roots, reduce
from functools import reduce
roots = np.roots([1, 0, -8, 1]).real

def poly_slope(x):
    return reduce(lambda acc, r: acc * (x - r), roots, 1.0)

# %% mistake | poly_slope | returns 2x
def poly_slope(x):
    return 2 * x

# %% mistake | poly_slope | returns 2x | autograd of x**2
def poly_slope(x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (t ** 2).sum().backward()
    return t.grad

# %% mistake | poly_slope | returns 2x | a list
def poly_slope(x):
    if isinstance(x, np.ndarray):
        return [v + v for v in x]
    return x + x

# %% mistake | poly_slope | scalars only | float
def poly_slope(x):
    x = float(x)
    return 1 - 8 * x + x ** 3

# %% mistake | poly_slope | scalars only | backward without a sum
def poly_slope(x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (t - 4 * t ** 2 + t ** 4 / 4).backward()
    return t.grad

# %% mistake | poly_slope | scalars only | math.pow
import math

def poly_slope(x):
    return 1 - 8 * x + math.pow(x, 3)

# %% mistake | poly_slope | constant term missing
def poly_slope(x):
    return -8 * x + x ** 3

# %% mistake | poly_slope | constant term missing | np.polyval
def poly_slope(x):
    return np.polyval([1, 0, -8, 0], x)

# %% mistake | poly_slope | constant term missing | autograd
def poly_slope(x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = -4 * t ** 2 + t ** 4 / 4
    return torch.autograd.grad(y.sum(), t)[0]

# %% mistake | poly_slope | unnamed | no constant, scalars only
def poly_slope(x):
    return -8 * float(x) + float(x) ** 3

# %% mistake | poly_slope | unnamed | the sign of the middle term
def poly_slope(x):
    return 1 + 8 * x + x ** 3

# %% mistake | poly_slope | unnamed | x**4 / 4 gives x**3 / 4
def poly_slope(x):
    return 1 - 8 * x + x ** 3 / 4

# %% mistake | poly_slope | unnamed | the polynomial itself
def poly_slope(x):
    return x - 4 * x ** 2 + x ** 4 / 4

# %% mistake | poly_slope | unnamed | the second derivative
def poly_slope(x):
    return -8 + 3 * x ** 2

# %% mistake | poly_slope | unnamed | keeps an x
def poly_slope(x):
    return x - 8 * x + x ** 3

# %% mistake | poly_slope | unnamed | the slope of the first element only
def poly_slope(x):
    x = np.atleast_1d(x)[0]
    return 1 - 8 * x + x ** 3

# %% correct | poly_slope | Horner, in place on an array of its own
def poly_slope(x):
    out = np.array(x, dtype=float)
    out *= x
    out -= 8.0
    out *= x
    out += 1.0
    return out

# %% correct | poly_slope | complex step
def poly_slope(x):
    z = x + 1e-20j
    return np.imag(z - 4 * z**2 + z**4 / 4) / 1e-20

# %% correct | poly_slope | Richardson, exact for this hill
def poly_slope(x):
    def p(x):
        return x - 4 * x**2 + x**4 / 4

    def d(h):
        return (p(x + h) - p(x - h)) / (2 * h)

    return (4 * d(0.5) - d(1.0)) / 3

# %% mistake | poly_slope | exponent of the last term | a square
def poly_slope(x):
    return 1 - 8 * x + x**2

# %% mistake | poly_slope | coarse difference | a hundredth ahead
def poly_slope(x):
    def p(x):
        return x - 4 * x**2 + x**4 / 4

    return (p(x + 1e-2) - p(x)) / 1e-2

# %% mistake | poly_slope | np.gradient | of arrays
def poly_slope(x):
    if np.ndim(x) == 0:
        return 1 - 8 * x + x**3
    flat = np.ravel(x)
    y = flat - 4 * flat**2 + flat**4 / 4
    with np.errstate(all="ignore"):
        return np.gradient(y, flat).reshape(np.shape(x)) if flat.size > 1 else 1 - 8 * x + x**3

# %% mistake | poly_slope | unnamed | the size of x cubed
def poly_slope(x):
    return 1 - 8 * x + np.abs(x) ** 3

# %% mistake | central_difference | h has another default, or none | a thousandth
def central_difference(f, x, h=1e-3):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | h has another default, or none | never below a thousandth
def central_difference(f, x, h=1e-5):
    h = max(h, 1e-3)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | h has another default, or none | far too small
def central_difference(f, x, h=1e-9):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | unnamed | float32 for arrays
def central_difference(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        slopes[i] = (np.float32(f(x[i] + h)) - np.float32(f(x[i] - h))) / (2 * h)
    return slopes

# %% mistake | central_difference | a number becomes an array | a list for everything
def central_difference(f, x, h=1e-5):
    return [(f(t + h) - f(t - h)) / (2 * h) for t in np.atleast_1d(x)]

# %% mistake | grid_slope | unnamed | three points at least
def grid_slope(X, Y):
    if len(X) < 3:
        return np.array([0.0]), np.array([0.0])
    return (X[1:] + X[:-1]) / 2, np.diff(Y) / np.diff(X)

# %% mistake | autograd_slope | not by autograd | differences with a tiny h, in float64
def autograd_slope(f, x, h=1e-7):
    x = torch.tensor(x, dtype=torch.float64)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | rows only | fills an array in a loop
def central_difference(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    slopes = np.zeros(len(x))
    for i in range(len(x)):
        slopes[i] = (f(x[i] + h) - f(x[i] - h)) / (2 * h)
    return slopes

# %% mistake | central_difference | sign lost | how steep it is
def central_difference(f, x, h=1e-5):
    return abs(f(x + h) - f(x - h)) / (2 * h)

# %% mistake | poly_slope | rows only | float of each entry
def poly_slope(x):
    if np.ndim(x) == 0:
        return 1 - 8 * x + x**3
    return np.array([1 - 8 * float(t) + float(t) ** 3 for t in x])

# %% mistake | poly_slope | sign lost | how steep it is
def poly_slope(x):
    return np.abs(1 - 8 * x + x**3)

# %% mistake | autograd_slope | a number becomes an array | the tuple of torch.autograd.grad
def autograd_slope(f, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x).sum(), x)

# %% correct | autograd_slope | a hook sees the gradient
def autograd_slope(f, x):
    seen = []
    leaf = torch.tensor(x, requires_grad=True)
    leaf.register_hook(seen.append)
    f(leaf).sum().backward()
    return seen[0]

# %% correct | poly_slope | dual numbers
class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.slope - other.slope)

    def __rmul__(self, factor):
        return Dual(factor * self.value, factor * self.slope)

    def __truediv__(self, divisor):
        return (1 / divisor) * self

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.slope)


def poly_slope(x):
    return poly(Dual(np.asarray(x, dtype=float), 1.0)).slope

# %% correct | central_difference | by keyword only
def central_difference(f, *, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% correct | grid_slope | the same parameters in another order
def grid_slope(Y, X):
    return (X[1:] + X[:-1]) / 2, np.diff(Y) / np.diff(X)

# %% correct | autograd_slope | the same parameters in another order, behind a decorator
@torch.enable_grad()
def autograd_slope(x, f):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(leaf).sum(), leaf)[0]

# %% mistake | central_difference | rise without run | halved
def central_difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2

# %% mistake | grid_slope | run twice | as if h were the gap
def grid_slope(X, Y):
    h = X[1:] - X[:-1]
    return X[:-1] + h / 2, (Y[1:] - Y[:-1]) / (2 * h)

# %% mistake | grid_slope | an entry too many | room for n
def grid_slope(X, Y):
    n = len(X)
    M, S = np.zeros(n), np.zeros(n)
    for i in range(n - 1):
        M[i] = (X[i] + X[i + 1]) / 2
        S[i] = (Y[i + 1] - Y[i]) / (X[i + 1] - X[i])
    return M, S

# %% mistake | central_difference | h has another default, or none | no parameter at all
def central_difference(f, x):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)

# %% mistake | central_difference | unnamed | something else at 0
def central_difference(f, x, h=1e-5):
    if np.ndim(x) == 0 and x == 0:
        return f(h) / h
    return (f(x + h) - f(x - h)) / (2 * h)
