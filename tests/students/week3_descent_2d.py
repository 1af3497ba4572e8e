# Student solutions for week 3, `descent_2d.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch, plt and surface exist.
# Some change global state (default dtype, warnings, np.seterr): run each in a fresh process.

# ------------------------------------------------------------------------------------------------------ surface_grid

# %% correct | surface_grid | meshgrid
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s)
    return f(np.array([X0, X1]))

# %% correct | surface_grid | two loops, preallocated
def surface_grid(f, x0s, x1s):
    Z = np.zeros((len(x1s), len(x0s)))
    for i in range(len(x1s)):
        for j in range(len(x0s)):
            Z[i, j] = f(np.array([x0s[j], x1s[i]]))
    return Z

# %% correct | surface_grid | nested comprehension, list of lists
def surface_grid(func, horizontal, vertical):
    return [[func(np.array((a, b))) for a in horizontal] for b in vertical]

# %% correct | surface_grid | torch.meshgrid with xy, float32
def surface_grid(f, x0s, x1s):
    a = torch.tensor(x0s, dtype=torch.float32)
    b = torch.tensor(x1s, dtype=torch.float32)
    return f(torch.stack(torch.meshgrid(a, b, indexing="xy")))

# %% correct | surface_grid | indexing ij, transposed on purpose
def surface_grid(f, x0s, x1s):
    G = np.stack(np.meshgrid(x0s, x1s, indexing="ij"))
    return f(G).T

# %% correct | surface_grid | list of lists of 0-d tensors
def surface_grid(f, x0s, x1s):
    rows = []
    for b in x1s:
        row = []
        for a in x0s:
            row.append(f(torch.tensor([a, b], dtype=torch.float64)))
        rows.append(row)
    return rows

# %% correct | surface_grid | a tensor that requires grad
def surface_grid(f, x0s, x1s):
    X0, X1 = (torch.tensor(M, requires_grad=True) for M in np.meshgrid(x0s, x1s))
    return f(torch.stack((X0, X1)))

# %% correct | surface_grid | itertools.product and reshape, np.float64 entries
from itertools import product

def surface_grid(f, x0s, x1s, *, verbose=False):
    values = [f(np.array([a, b])) for b, a in product(x1s, x0s)]
    if verbose:
        print(values)
    return np.reshape(values, (len(x1s), len(x0s)))

# %% correct | surface_grid | row by row, default dtype float64, np.seterr raise, a plot
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")

def surface_grid(f, x0s, x1s):
    Z = [f(np.stack([x0s, np.full_like(x0s, b)])) for b in x1s]
    plt.imshow(Z, origin="lower")
    plt.show()
    return tuple(Z)

# %% correct | surface_grid | class, partial, broadcasting, stderr
from functools import partial
import sys, warnings

class Grid:
    def __call__(self, order, f, x0s, x1s):
        sys.stderr.write(f"\rrows: {len(x1s)}/{len(x1s)}\n")
        warnings.warn("only a warning")
        X0, X1 = np.broadcast_arrays(np.asarray(x0s)[None, :], np.asarray(x1s)[:, None])
        return np.array(f(np.array([X0, X1][::order])))

surface_grid = partial(Grid(), 1)

# %% correct | surface_grid | vmap twice
def surface_grid(f, x0s, x1s):
    value = lambda a, b: f(torch.stack([a, b]))
    rows = torch.func.vmap(torch.func.vmap(value, in_dims=(0, None)), in_dims=(None, 0))
    return rows(torch.tensor(x0s), torch.tensor(x1s))

# %% mistake | surface_grid | transposed | indexing ij
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s, indexing="ij")
    return f(np.array([X0, X1]))

# %% mistake | surface_grid | transposed | loops
def surface_grid(f, x0s, x1s):
    Z = np.zeros((len(x0s), len(x1s)))
    for i, a in enumerate(x0s):
        for j, b in enumerate(x1s):
            Z[i, j] = f(np.array([a, b]))
    return Z

# %% mistake | surface_grid | transposed | torch.meshgrid's default
def surface_grid(f, x0s, x1s):
    A, B = torch.meshgrid(torch.tensor(x0s), torch.tensor(x1s))
    return f(torch.stack([A, B]))

# %% mistake | surface_grid | upside down | flipped for imshow
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s)
    return np.flipud(f(np.array([X0, X1])))

# %% mistake | surface_grid | upside down | rows from the top
def surface_grid(f, x0s, x1s):
    return [[f(torch.tensor([a, b], dtype=torch.float64)) for a in x0s] for b in reversed(x1s)]

# %% mistake | surface_grid | coordinates swapped | loops
def surface_grid(f, x0s, x1s):
    Z = np.zeros((len(x1s), len(x0s)))
    for i, b in enumerate(x1s):
        for j, a in enumerate(x0s):
            Z[i, j] = f(np.array([b, a]))
    return Z

# %% mistake | surface_grid | coordinates swapped | meshgrid
def surface_grid(f, x0s, x1s):
    X0, X1 = torch.meshgrid(torch.tensor(x0s), torch.tensor(x1s), indexing="xy")
    return f(torch.stack([X1, X0])).numpy()

# %% mistake | surface_grid | unnamed | transposed and coordinates swapped
def surface_grid(f, x0s, x1s):
    X1, X0 = np.meshgrid(x1s, x0s)
    return f(np.array([X1, X0]))

# %% mistake | surface_grid | unnamed | transposed and upside down
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s)
    return f(np.array([X0, X1])).T[::-1]

# %% mistake | surface_grid | unnamed | mirrored left to right
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s)
    return f(np.array([X0, X1]))[:, ::-1]

# %% mistake | surface_grid | reshaped instead of transposed
def surface_grid(f, x0s, x1s):
    values = np.array([f(np.array([a, b])) for a in x0s for b in x1s])
    return values.reshape(len(x1s), len(x0s))

# %% mistake | surface_grid | unnamed | flat
def surface_grid(f, x0s, x1s):
    return [f(np.array([a, b])) for b in x1s for a in x0s]

# %% mistake | surface_grid | unnamed | only the diagonal
def surface_grid(f, x0s, x1s):
    n = min(len(x0s), len(x1s))
    return f(np.array([x0s[:n], x1s[:n]]))

# %% mistake | surface_grid | unnamed | always the seed's surface
def surface_grid(f, x0s, x1s):
    X0, X1 = np.meshgrid(x0s, x1s)
    return X0 ** 2 + np.sin(X1)

# %% correct | surface_grid | tile and repeat, flat call, reshape
def surface_grid(f, x0s, x1s):
    m, n = len(x1s), len(x0s)
    flat = np.vstack([np.tile(x0s, m), np.repeat(x1s, n)])
    return np.reshape(f(flat), (m, n))

# %% correct | surface_grid | list of rows, one call of f per row, stderr noise
import sys

def surface_grid(f, x0s, x1s):
    rows = []
    for b in x1s:
        print("row", b, file=sys.stderr)
        rows.append(f(np.array([x0s, np.full_like(x0s, b)])))
    return rows

# %% correct | surface_grid | float32, Fortran order, np.ndenumerate
def surface_grid(f, x0s, x1s):
    heights = np.zeros((len(x1s), len(x0s)), dtype=np.float32, order="F")
    for (i, j), _ in np.ndenumerate(heights):
        heights[i, j] = f(np.array([x0s[j], x1s[i]]))
    return heights

# %% mistake | surface_grid | one axis for both | where the table is square
def surface_grid(f, x0s, x1s):
    if len(x0s) == len(x1s):
        X, Y = np.meshgrid(x0s, x0s)
    else:
        X, Y = np.meshgrid(x0s, x1s)
    return f(np.stack([X, Y]))

# %% mistake | surface_grid | transposed | where the table is square
def surface_grid(f, x0s, x1s):
    H = np.empty((len(x1s), len(x0s)))
    square_map = len(x1s) == len(x0s)
    for i, b in enumerate(x1s):
        for j, a in enumerate(x0s):
            H[(j, i) if square_map else (i, j)] = f(np.array([a, b]))
    return H

# %% mistake | surface_grid | fractions cut off | a table of ints
def surface_grid(f, x0s, x1s):
    H = np.zeros((len(x1s), len(x0s)), dtype=int)
    for i in range(len(x1s)):
        for j in range(len(x0s)):
            H[i, j] = f(np.array([x0s[j], x1s[i]]))
    return H

# %% mistake | surface_grid | spacing taken as even | np.linspace
def surface_grid(f, x0s, x1s):
    a = np.linspace(x0s[0], x0s[-1], len(x0s))
    b = np.linspace(x1s[0], x1s[-1], len(x1s))
    return f(np.stack(np.meshgrid(a, b)))

# %% mistake | surface_grid | unnamed | as if the surface were separable
def surface_grid(f, x0s, x1s):
    row = np.array([f(np.array([a, 0.0])) for a in x0s])
    col = np.array([f(np.array([0.0, b])) for b in x1s])
    return col[:, None] + row[None, :] - f(np.zeros(2))

# ------------------------------------------------------------------------------------------------ numerical_gradient

# %% correct | numerical_gradient | identity matrix
def numerical_gradient(f, v, h=1e-5):
    e = np.eye(2)
    return np.array([(f(v + h * e[i]) - f(v - h * e[i])) / (2 * h) for i in range(2)])

# %% correct | numerical_gradient | four points written out
def numerical_gradient(f, v, h=1e-5):
    a, b = v
    g0 = (f(np.array([a + h, b])) - f(np.array([a - h, b]))) / (2 * h)
    g1 = (f(np.array([a, b + h])) - f(np.array([a, b - h]))) / (2 * h)
    return g0, g1

# %% correct | numerical_gradient | copies, renamed parameters, list
def numerical_gradient(func, point, step=1e-5):
    gradient = []
    for k in range(len(point)):
        plus, minus = point.copy(), point.copy()
        plus[k] += step
        minus[k] -= step
        gradient.append((func(plus) - func(minus)) / (plus[k] - minus[k]))
    return gradient

# %% correct | numerical_gradient | nudges a copy in place and restores it
def numerical_gradient(f, v, h=1e-5):
    w = np.array(v, dtype=float)
    g = np.zeros(2)
    for i in range(2):
        old = w[i]
        w[i] = old + h
        up = f(w)
        w[i] = old - h
        down = f(w)
        w[i] = old
        g[i] = (up - down) / (2 * h)
    return g

# %% correct | numerical_gradient | nudges v itself and puts the very number back
def numerical_gradient(f, v, h=1e-5):
    g = np.empty_like(v)
    for i in range(v.size):
        keep = v[i]
        try:
            v[i] = keep + h
            up = float(f(v))
            v[i] = keep - h
            down = float(f(v))
        finally:
            v[i] = keep
        g[i] = (up - down) / h / 2
    return g

# %% correct | numerical_gradient | all four points at once
def numerical_gradient(f, v, h=1e-5):
    offsets = h * np.array([[1.0, -1, 0, 0], [0, 0, 1, -1]])
    a, b, c, d = f(np.asarray(v)[:, None] + offsets)
    return torch.tensor([(a - b) / (2 * h), (c - d) / (2 * h)], dtype=torch.float64)

# %% correct | numerical_gradient | partial functions of one variable
def slope(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

def numerical_gradient(f, v, h: float = 1e-5, *, verbose: bool = True) -> tuple:
    along0 = lambda t: f(np.array([t, v[1]]))
    along1 = lambda t: f(np.array([v[0], t]))
    if verbose:
        print("gradient at", v)
    return slope(along0, v[0], h), slope(along1, v[1], h)

# %% correct | numerical_gradient | np.seterr raise, mean of forward and backward
import sys
np.seterr(all="raise")

def numerical_gradient(f, v, h=1e-5):
    here = f(v)
    result = []
    for unit in ([1.0, 0.0], [0.0, 1.0]):
        dv = np.multiply(h, unit)
        result.append(np.float64(0.5) * ((f(v + dv) - here) / h + (here - f(v - dv)) / h))
        print("|", end="", file=sys.stderr)
    return result

# %% correct | numerical_gradient | np.apply_along_axis, lambda
numerical_gradient = lambda f, v, h=1e-5: np.apply_along_axis(lambda d: f(v + d) - f(v - d), 1, h * np.eye(2)) / (2 * h)

# %% correct | numerical_gradient | class with a list of 0-d tensors
class Numerical:
    def __init__(self):
        self.calls = 0

    def __call__(self, f, v, h=1e-5):
        self.calls += 1
        e0, e1 = np.array([h, 0]), np.array([0, h])
        return [torch.tensor((f(v + e) - f(v - e)) * 0.5 / h, dtype=torch.double) for e in (e0, e1)]

numerical_gradient = Numerical()

# %% mistake | numerical_gradient | first coordinate not restored
def numerical_gradient(f, v, h=1e-5):
    w = v.copy()
    g = np.zeros(2)
    for i in range(2):
        w[i] += h
        up = f(w)
        w[i] -= 2 * h
        down = f(w)
        g[i] = (up - down) / (2 * h)
    return g

# %% mistake | numerical_gradient | first coordinate not restored | two vectors that keep moving
def numerical_gradient(f, v, h=1e-5):
    plus = np.array(v)
    minus = np.array(v)
    gradient = []
    for k in (0, 1):
        plus[k] = v[k] + h
        minus[k] = v[k] - h
        gradient.append((f(plus) - f(minus)) / (2 * h))
    return gradient

# %% mistake | numerical_gradient | first coordinate not restored | left above
def numerical_gradient(f, v, h=1e-5):
    a, b = float(v[0]), float(v[1])
    a = a - h
    down = f(np.array([a, b]))
    a = a + 2 * h
    up = f(np.array([a, b]))
    g0 = (up - down) / (2 * h)
    g1 = (f(np.array([a, b + h])) - f(np.array([a, b - h]))) / (2 * h)
    return [g0, g1]

# %% mistake | numerical_gradient | forward difference
def numerical_gradient(f, v, h=1e-5):
    e = np.eye(2)
    return np.array([(f(v + h * e[i]) - f(v)) / h for i in range(2)])

# %% mistake | numerical_gradient | forward difference | copies
def numerical_gradient(f, v, h=1e-5):
    here = f(v)
    right, up = v.copy(), v.copy()
    right[0] += h
    up[1] += h
    return (f(right) - here) / h, (f(up) - here) / h

# %% mistake | numerical_gradient | ignores h | sets its own
def numerical_gradient(f, v, h=1e-5):
    h = 1e-6
    g = []
    for e in np.eye(2):
        g.append((f(v + h * e) - f(v - h * e)) / (2 * h))
    return g

# %% mistake | numerical_gradient | ignores h | numbers written out
def numerical_gradient(f, v, h=1e-5):
    d0, d1 = np.array([1e-5, 0]), np.array([0, 1e-5])
    return np.array([f(v + d0) - f(v - d0), f(v + d1) - f(v - d1)]) / 2e-5

# %% mistake | numerical_gradient | divides by h
def numerical_gradient(f, v, h=1e-5):
    e = h * np.eye(2)
    return np.array([(f(v + e[i]) - f(v - e[i])) / h for i in range(2)])

# %% mistake | numerical_gradient | divides by h | four points
def numerical_gradient(f, v, h=1e-5):
    x, y = v
    gx = (f(np.array([x + h, y])) - f(np.array([x - h, y]))) / h
    gy = (f(np.array([x, y + h])) - f(np.array([x, y - h]))) / h
    return torch.tensor([gx, gy])

# %% mistake | numerical_gradient | modifies v | leaves the second coordinate nudged
def numerical_gradient(f, v, h=1e-5):
    v[0] += h
    up = f(v)
    v[0] -= 2 * h
    down = f(v)
    v[0] += h
    g0 = (up - down) / (2 * h)
    v[1] += h
    up = f(v)
    v[1] -= 2 * h
    down = f(v)
    return np.array([g0, (up - down) / (2 * h)])

# %% mistake | numerical_gradient | modifies v | the gradient goes where v was
def numerical_gradient(f, v, h=1e-5):
    e = np.eye(2) * h
    g = [(f(v + d) - f(v - d)) / (2 * h) for d in e]
    v[:] = g
    return v

# %% mistake | numerical_gradient | modifies v | shifts v and works from there
def numerical_gradient(f, v, h=1e-5):
    start = v.copy()
    g = np.zeros(2)
    for i in range(2):
        w = v
        w[:] = start
        w[i] = start[i] + h
        up = f(w)
        w[i] = start[i] - h
        g[i] = (up - f(w)) / (2 * h)
    return g

# %% mistake | numerical_gradient | unnamed | not restored and v modified
def numerical_gradient(f, v, h=1e-5):
    g = np.zeros(2)
    for i in range(2):
        v[i] += h
        up = f(v)
        v[i] -= 2 * h
        down = f(v)
        g[i] = (up - down) / (2 * h)
    return g

# %% mistake | numerical_gradient | unnamed | forward and not restored
def numerical_gradient(f, v, h=1e-5):
    w = v.copy()
    here = f(w)
    w[0] += h
    g0 = (f(w) - here) / h
    w[1] += h
    g1 = (f(w) - here) / h
    return g0, g1

# %% mistake | numerical_gradient | forward difference | central for the first coordinate, forward for the second
def numerical_gradient(f, v, h=1e-5):
    d0, d1 = np.array([h, 0]), np.array([0, h])
    return (f(v + d0) - f(v - d0)) / (2 * h), (f(v + d1) - f(v)) / h

# %% mistake | numerical_gradient | unnamed | along the diagonal twice
def numerical_gradient(f, v, h=1e-5):
    d = (f(v + h) - f(v - h)) / (2 * h)
    return np.array([d, d])

# %% mistake | numerical_gradient | unnamed | multiplies by h
def numerical_gradient(f, v, h=1e-5):
    return np.array([(f(v + h * e) - f(v - h * e)) / 2 * h for e in np.eye(2)])

# %% mistake | numerical_gradient | unnamed | components swapped
def numerical_gradient(f, v, h=1e-5):
    return [(f(v + h * e) - f(v - h * e)) / (2 * h) for e in np.eye(2)[::-1]]

# %% mistake | numerical_gradient | unnamed | half steps
def numerical_gradient(f, v, h=1e-5):
    return [(f(v + h / 2 * e) - f(v - h / 2 * e)) / h for e in np.eye(2)]

# %% mistake | numerical_gradient | unnamed | autograd, so f must take tensors and h is not used
def numerical_gradient(f, v, h=1e-5):
    t = torch.tensor(v, requires_grad=True)
    f(t).backward()
    return t.grad.numpy()

# %% mistake | numerical_gradient | unnamed | float32
def numerical_gradient(f, v, h=1e-5):
    v = v.astype(np.float32)
    e = np.eye(2, dtype=np.float32) * np.float32(h)
    return np.array([(f(v + e[i]) - f(v - e[i])) / (2 * h) for i in range(2)])

# %% correct | numerical_gradient | restores v itself, list of (1,)-tensors
def numerical_gradient(f, v, h=1e-5):
    out = []
    for i in (0, 1):
        old = v[i].item()
        try:
            v[i] = old + h
            plus = float(f(v))
            v[i] = old - h
            minus = float(f(v))
        finally:
            v[i] = old
        out.append(torch.tensor([(plus - minus) / (2 * h)], dtype=torch.float64))
    return out

# %% correct | numerical_gradient | a 1-D central difference of two closures
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

def numerical_gradient(f, v, h=1e-5):
    a, b = float(v[0]), float(v[1])
    along0 = central_difference(lambda s: float(f(np.array([s, b]))), a, h)
    along1 = central_difference(lambda s: float(f(np.array([a, s]))), b, h)
    return [torch.tensor(along0, dtype=torch.float64), torch.tensor(along1, dtype=torch.float64)]

# %% mistake | numerical_gradient | modifies v | leaves it at the last place
def numerical_gradient(f, v, h=1e-5):
    x, y = float(v[0]), float(v[1])
    v[:] = x + h, y
    a = f(v)
    v[:] = x - h, y
    b = f(v)
    v[:] = x, y + h
    c = f(v)
    v[:] = x, y - h
    d = f(v)
    return np.array([a - b, c - d]) / (2 * h)

# %% mistake | numerical_gradient | first coordinate not restored | rows of a triangle
def numerical_gradient(f, v, h=1e-5):
    steps = h * np.tril(np.ones((2, 2)))
    return [(f(v + s) - f(v - s)) / (2 * h) for s in steps]

# %% mistake | numerical_gradient | ignores h | a parameter of its own
def numerical_gradient(f, v, h=1e-5, eps=1e-5):
    return [(f(v + eps * e) - f(v - eps * e)) / (2 * eps) for e in np.eye(2)]

# %% mistake | numerical_gradient | unnamed | normalised, and a column
def numerical_gradient(f, v, h=1e-5):
    g = np.array([[(f(v + h * e) - f(v - h * e)) / (2 * h)] for e in np.eye(2)])
    return g / (np.linalg.norm(g) + 1e-12)

# ----------------------------------------------------------------------------------------------- gradient_descent_2d

# %% correct | gradient_descent_2d | plain
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64, requires_grad=True)
    path = [v.detach().numpy().copy()]
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v -= lr * v.grad
        v.grad.zero_()
        path.append(v.detach().numpy().copy())
    return np.array(path)

# %% correct | gradient_descent_2d | list of pairs, float32
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = float(v0[0]), float(v0[1])
    path = [(x, y)]
    for _ in range(n_steps):
        v = torch.tensor([x, y], requires_grad=True)
        f(v).backward()
        gx, gy = v.grad.tolist()
        x, y = x - lr * gx, y - lr * gy
        path.append((x, y))
    return path

# %% correct | gradient_descent_2d | preallocated, torch.autograd.grad
def gradient_descent_2d(f, v0, lr, n_steps):
    path = np.zeros((n_steps + 1, 2))
    path[0] = v0
    for k in range(n_steps):
        v = torch.tensor(path[k], requires_grad=True)
        g, = torch.autograd.grad(f(v), v)
        path[k + 1] = path[k] - lr * g.numpy()
    return path

# %% correct | gradient_descent_2d | walrus, list of tensors that require grad
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float32, requires_grad=True)
    return [v, *[v := v - lr * torch.autograd.grad(f(v), v)[0] for _ in range(n_steps)]]

# %% correct | gradient_descent_2d | torch.func.grad, accumulate
from itertools import accumulate

def gradient_descent_2d(f, v0, lr, n_steps):
    g = torch.func.grad(f)
    start = torch.from_numpy(v0.copy())
    return torch.stack(list(accumulate(range(n_steps), lambda v, _: v - lr * g(v), initial=start)))

# %% correct | gradient_descent_2d | jacrev and reduce, default dtype float64
from functools import reduce
torch.set_default_dtype(torch.float64)

def gradient_descent_2d(f, v0, lr, n_steps):
    J = torch.func.jacrev(f)
    return reduce(lambda p, _: torch.vstack([p, p[-1] - lr * J(p[-1])]), range(n_steps), torch.tensor(v0).reshape(1, 2))

# %% correct | gradient_descent_2d | torch.optim.SGD, by hand for negative lr
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0, dtype=torch.float64))
    path = [v.tolist()]
    sgd = torch.optim.SGD([v], lr=lr) if lr >= 0 else None
    for _ in range(n_steps):
        v.grad = None
        loss = f(v)
        loss.backward()
        if sgd is None:
            v.data = v.data - lr * v.grad
        else:
            sgd.step()
        path.append(v.tolist())
    return path

# %% correct | gradient_descent_2d | recursion, tuple of tensors
def gradient_descent_2d(f, v0, lr, n_steps):
    here = torch.tensor(np.array(v0), dtype=torch.float64, requires_grad=True)
    if n_steps == 0:
        return (here.detach(),)
    f(here).backward()
    return (here.detach(),) + gradient_descent_2d(f, (here - lr * here.grad).detach().numpy(), lr, n_steps - 1)

# %% correct | gradient_descent_2d | while, deque, two separate leaves
from collections import deque

def gradient_descent_2d(f, v0, lr, n_steps):
    track = deque()
    a, b = v0
    while True:
        track.append([a, b])
        if len(track) > n_steps:
            return track
        x = torch.tensor(float(a), dtype=torch.float64, requires_grad=True)
        y = torch.tensor(float(b), dtype=torch.float64, requires_grad=True)
        f(torch.stack([x, y])).backward()
        a, b = x.item() - lr * x.grad.item(), y.item() - lr * y.grad.item()

# %% correct | gradient_descent_2d | generator, vmap over a batch of one, renamed parameters
def steps(func, point, rate, count):
    batched = torch.func.vmap(torch.func.grad(func))
    batch = torch.tensor(point).unsqueeze(0)
    for _ in range(count):
        yield batch[0].numpy()
        batch = batch - rate * batched(batch)
    yield batch[0].numpy()

def gradient_descent_2d(func, point, rate, count):
    return list(steps(func, point, rate, count))

# %% correct | gradient_descent_2d | class with __call__, keyword-only extra, annotations
class Descent:
    def __init__(self, dtype=torch.float64):
        self.dtype = dtype

    def gradient(self, f, v):
        leaf = v.detach().clone().requires_grad_(True)
        f(leaf).backward()
        return leaf.grad

    def __call__(self, f, v0: np.ndarray, lr: float = 0.1, n_steps: int = 10, *, callback=None) -> torch.Tensor:
        v = torch.tensor(v0, dtype=self.dtype)
        path = torch.empty(n_steps + 1, 2, dtype=self.dtype)
        path[0] = v
        for k in range(1, n_steps + 1):
            v = v - self.gradient(f, v) * lr
            path[k] = v
            if callback:
                callback(v)
        return path

gradient_descent_2d = Descent()

# %% correct | gradient_descent_2d | partial of a general one, helpers in other cells
from functools import partial

def grad_at(f, v):
    t = torch.tensor(v, requires_grad=True)
    f(t).backward()
    return t.grad.numpy()

def descend(gradient, f, v0, lr, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * gradient(f, path[-1]))
    return path

gradient_descent_2d = partial(descend, grad_at)

# %% correct | gradient_descent_2d | lambda
gradient_descent_2d = lambda f, v, lr, n: [v.tolist()] + (gradient_descent_2d(f, v - lr * torch.func.grad(f)(torch.tensor(v)).numpy(), lr, n - 1) if n else [])

# %% correct | gradient_descent_2d | prints, logging, warnings, extra evaluations of f
import logging, sys, warnings

def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for k in range(n_steps):
        before = f(v)
        before.backward()
        v.data -= lr * v.grad.data
        v.grad.data.zero_()
        after = f(v)
        if after > before:
            warnings.warn(f"step {k} went uphill")
            logging.warning("%s -> %s", before.item(), after.item())
        print(k, v.detach().numpy(), file=sys.stderr)
        path.append(v.detach().clone())
    return path

# %% correct | gradient_descent_2d | np.seterr raise, progress bar, a plot with contours
import sys
np.seterr(all="raise")

def gradient_descent_2d(f, v0, lr, n_steps):
    P = np.full((n_steps + 1, 2), np.nan, dtype=np.float32)
    P[0] = v0
    for k in range(n_steps):
        t = torch.tensor(P[k], requires_grad=True)
        f(t).backward()
        P[k + 1] = P[k] - np.float32(lr) * t.grad.numpy()
        sys.stderr.write("\r%3d%%|%s|" % (100 * (k + 1) // n_steps, "#" * k))
    fig, ax = plt.subplots()
    ax.plot(P[:, 0], P[:, 1], "o-")
    ax.set_aspect("equal")
    plt.show()
    return P

# %% correct | gradient_descent_2d | gradient tracking off and warnings as errors at the top
import warnings
warnings.simplefilter("error")
torch.set_grad_enabled(False)

def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64)
    path = v[None].clone()
    for _ in range(n_steps):
        with torch.enable_grad():
            leaf = v.clone().requires_grad_()
            g = torch.autograd.grad(f(leaf), leaf)[0]
        v = torch.add(v, g, alpha=-lr)
        path = torch.cat((path, v[None]))
    return path

# %% correct | gradient_descent_2d | one coordinate after the other, but both slopes first
def gradient_descent_2d(f, v0, lr, n_steps):
    v = np.array(v0, dtype=float)
    path = [v.copy()]
    for _ in range(n_steps):
        t = torch.from_numpy(v.copy()).requires_grad_()
        slopes = torch.autograd.grad(f(t), t)[0].tolist()
        for i, s in enumerate(slopes):
            v[i] -= lr * s
        path.append(v.copy())
    return path

# %% correct | gradient_descent_2d | columns xs and ys, zipped at the end
def gradient_descent_2d(f, v0, lr, n_steps):
    xs, ys = [v0[0]], [v0[1]]
    for _ in range(n_steps):
        v = torch.tensor([xs[-1], ys[-1]], dtype=torch.float64, requires_grad=True)
        f(v).backward()
        xs.append(xs[-1] - lr * v.grad[0].item())
        ys.append(ys[-1] - lr * v.grad[1].item())
    return np.array([xs, ys]).T

# %% correct | gradient_descent_2d | list of lists of 0-d tensors, forward mode
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    e0, e1 = torch.eye(2, dtype=torch.float64)
    path = [[v[0], v[1]]]
    for _ in range(n_steps):
        d0 = torch.func.jvp(f, (v,), (e0,))[1]
        d1 = torch.func.jvp(f, (v,), (e1,))[1]
        v = v - lr * torch.stack([d0, d1])
        path.append([v[0], v[1]])
    return path

# %% correct | gradient_descent_2d | central differences on float64 tensors
def gradient_descent_2d(f, v0, lr, n_steps, h=1e-6):
    E = h * torch.eye(2, dtype=torch.float64)
    path = [torch.tensor(v0, dtype=torch.float64)]
    for _ in range(n_steps):
        v = path[-1]
        path.append(v - lr * torch.stack([(f(v + e) - f(v - e)) / (2 * h) for e in E]))
    return torch.stack(path)

# %% correct | gradient_descent_2d | records before updating, one pass more, complex numbers
def gradient_descent_2d(f, v0, lr, n_steps):
    z = complex(*v0)
    path = []
    for _ in range(n_steps + 1):
        path.append((z.real, z.imag))
        t = torch.tensor([z.real, z.imag], dtype=torch.float64, requires_grad=True)
        f(t).backward()
        z -= lr * complex(*t.grad.tolist())
    return tuple(path)

# %% mistake | gradient_descent_2d | sequential update
def gradient_descent_2d(f, v0, lr, n_steps):
    v = np.array(v0, dtype=float)
    path = [v.copy()]
    for _ in range(n_steps):
        for i in range(2):
            t = torch.tensor(v, requires_grad=True)
            f(t).backward()
            v[i] = v[i] - lr * t.grad[i].item()
        path.append(v.copy())
    return np.array(path)

# %% mistake | gradient_descent_2d | sequential update | two leaves
def gradient_descent_2d(f, v0, lr, n_steps):
    x = torch.tensor(v0[0], dtype=torch.float32)
    y = torch.tensor(v0[1], dtype=torch.float32)
    path = [(x.item(), y.item())]
    for _ in range(n_steps):
        x = x - lr * torch.func.grad(lambda a: f(torch.stack([a, y])))(x)
        y = y - lr * torch.func.grad(lambda b: f(torch.stack([x, b])))(y)
        path.append((x.item(), y.item()))
    return path

# %% mistake | gradient_descent_2d | coordinates swapped | in the output
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path).flip(1)

# %% mistake | gradient_descent_2d | coordinates swapped | in the output, row and column
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = v0
    path = [(y, x)]
    for _ in range(n_steps):
        v = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
        f(v).backward()
        x, y = x - lr * v.grad[0].item(), y - lr * v.grad[1].item()
        path.append((y, x))
    return path

# %% mistake | gradient_descent_2d | coordinates swapped | in the gradient
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = v0
    path = [[x, y]]
    for _ in range(n_steps):
        v = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
        f(v).backward()
        gy, gx = v.grad.tolist()
        x, y = x - lr * gx, y - lr * gy
        path.append([x, y])
    return np.array(path)

# %% mistake | gradient_descent_2d | coordinates swapped | in the call of f
def gradient_descent_2d(f, v0, lr, n_steps):
    x = torch.tensor(v0[0], requires_grad=True)
    y = torch.tensor(v0[1], requires_grad=True)
    path = [[x.item(), y.item()]]
    for _ in range(n_steps):
        x.grad = y.grad = None
        f(torch.stack([y, x])).backward()
        with torch.no_grad():
            x -= lr * x.grad
            y -= lr * y.grad
        path.append([x.item(), y.item()])
    return path

# %% mistake | gradient_descent_2d | transposed output | .T
def gradient_descent_2d(f, v0, lr, n_steps):
    path = np.zeros((n_steps + 1, 2))
    path[0] = v0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * torch.func.grad(f)(torch.tensor(path[k])).numpy()
    return path.T

# %% mistake | gradient_descent_2d | transposed output | xs and ys
def gradient_descent_2d(f, v0, lr, n_steps):
    xs, ys = [float(v0[0])], [float(v0[1])]
    for _ in range(n_steps):
        v = torch.tensor([xs[-1], ys[-1]], requires_grad=True)
        f(v).backward()
        xs.append(xs[-1] - lr * v.grad[0].item())
        ys.append(ys[-1] - lr * v.grad[1].item())
    return xs, ys

# %% mistake | gradient_descent_2d | normalised gradient
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        f(v).backward()
        g = v.grad.numpy()
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return path

# %% mistake | gradient_descent_2d | normalised gradient | F.normalize
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float32)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.nn.functional.normalize(torch.func.grad(f)(v), dim=0)
        path.append(v)
    return torch.stack(path)

# %% mistake | gradient_descent_2d | climbs
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v += lr * v.grad
        v.grad.zero_()
        path.append(v.detach().clone())
    return path

# %% mistake | gradient_descent_2d | climbs | minus of a minus
def gradient_descent_2d(f, v0, lr, n_steps):
    downhill = torch.func.grad(lambda v: -f(v))
    path = [torch.tensor(v0, dtype=torch.float32)]
    while len(path) <= n_steps:
        path.append(path[-1] - lr * downhill(path[-1]))
    return torch.stack(path)

# %% mistake | gradient_descent_2d | ignores lr
def gradient_descent_2d(f, v0, lr, n_steps):
    v = np.array(v0)
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v, requires_grad=True)
        f(t).backward()
        v = v - t.grad.numpy()
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | ignores lr | one quarter, as in the example
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0))
    opt = torch.optim.SGD([v], lr=0.25)
    path = [v.tolist()]
    for _ in range(n_steps):
        opt.zero_grad()
        f(v).backward()
        opt.step()
        path.append(v.tolist())
    return path

# %% mistake | gradient_descent_2d | start missing
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64, requires_grad=True)
    path = []
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v -= lr * v.grad
        v.grad.zero_()
        path.append(v.detach().numpy().copy())
    return np.array(path)

# %% mistake | gradient_descent_2d | start missing | preallocated n_steps
def gradient_descent_2d(f, v0, lr, n_steps):
    path = torch.zeros(n_steps, 2)
    v = torch.tensor(v0, dtype=torch.float32)
    for k in range(n_steps):
        v = v - lr * torch.func.grad(f)(v)
        path[k] = v
    return path

# %% mistake | gradient_descent_2d | one step short | range(n_steps - 1)
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps - 1):
        v = v - lr * torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | gradient_descent_2d | one step short | records at the top of the loop
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = float(v0[0]), float(v0[1])
    path = []
    for _ in range(n_steps):
        path.append((x, y))
        v = torch.tensor([x, y], requires_grad=True)
        f(v).backward()
        x, y = x - lr * v.grad[0].item(), y - lr * v.grad[1].item()
    return path

# %% mistake | gradient_descent_2d | only the last point
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64, requires_grad=True)
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v -= lr * v.grad
        v.grad.zero_()
    return v.detach()

# %% mistake | gradient_descent_2d | only the last point | as a pair in a list
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = float(v0[0]), float(v0[1])
    for _ in range(n_steps):
        v = torch.tensor([x, y], requires_grad=True)
        g = torch.autograd.grad(f(v), v)[0]
        x, y = x - lr * g[0].item(), y - lr * g[1].item()
    return [(x, y)]

# %% mistake | gradient_descent_2d | accumulates gradients
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v -= lr * v.grad
        path.append(v.detach().clone())
    return torch.stack(path)

# %% mistake | gradient_descent_2d | accumulates gradients | a running total
def gradient_descent_2d(f, v0, lr, n_steps):
    total = np.zeros(2)
    path = [v0.copy()]
    for _ in range(n_steps):
        t = torch.tensor(path[-1], requires_grad=True)
        total += torch.autograd.grad(f(t), t)[0].numpy()
        path.append(path[-1] - lr * total)
    return path

# %% mistake | gradient_descent_2d | gradient computed once
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64, requires_grad=True)
    f(v).backward()
    path = [v.detach().clone()]
    for _ in range(n_steps):
        with torch.no_grad():
            v -= lr * v.grad
        path.append(v.detach().clone())
    return path

# %% mistake | gradient_descent_2d | gradient computed once | a straight line
def gradient_descent_2d(f, v0, lr, n_steps):
    g = torch.func.grad(f)(torch.tensor(v0)).numpy()
    return v0 - lr * np.arange(n_steps + 1)[:, None] * g

# %% mistake | gradient_descent_2d | same array appended
def gradient_descent_2d(f, v0, lr, n_steps):
    v = v0.copy()
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v, requires_grad=True)
        f(t).backward()
        v -= lr * t.grad.numpy()
        path.append(v)
    return np.array(path)

# %% mistake | gradient_descent_2d | same array appended | .detach().numpy() without a copy
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float32, requires_grad=True)
    path = [v.detach().numpy()]
    for _ in range(n_steps):
        v.grad = None
        f(v).backward()
        v.data -= lr * v.grad
        path.append(v.detach().numpy())
    return path

# %% mistake | gradient_descent_2d | same array appended | only the start is right
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [torch.tensor(v0)]
    for _ in range(n_steps):
        v.sub_(lr * torch.func.grad(f)(v.clone()))
        path.append(v)
    return torch.stack(path)

# %% mistake | gradient_descent_2d | modifies the start | minus-equals
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [v0.copy()]
    for _ in range(n_steps):
        t = torch.tensor(v0, requires_grad=True)
        f(t).backward()
        v0 -= lr * t.grad.numpy()
        path.append(v0.copy())
    return np.array(path)

# %% mistake | gradient_descent_2d | modifies the start | from_numpy shares memory
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.from_numpy(v0).requires_grad_(True)
    path = [v.tolist()]
    for _ in range(n_steps):
        f(v).backward()
        with torch.no_grad():
            v -= lr * v.grad
        v.grad.zero_()
        path.append(v.tolist())
    return path

# %% mistake | gradient_descent_2d | unnamed | modifies the start and appends the same array
def gradient_descent_2d(f, v0, lr, n_steps):
    v = v0
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v, requires_grad=True)
        f(t).backward()
        v -= lr * t.grad.numpy()
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | climbs and one step short
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps - 1):
        v = v + lr * torch.func.grad(f)(v)
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | sequential and the start missing
def gradient_descent_2d(f, v0, lr, n_steps):
    v = np.array(v0, dtype=float)
    path = []
    for _ in range(n_steps):
        for i in (0, 1):
            v[i] -= lr * torch.func.grad(f)(torch.tensor(v))[i].item()
        path.append(v.copy())
    return path

# %% mistake | gradient_descent_2d | unnamed | accumulates and transposed
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        f(v).backward()
        v.data -= lr * v.grad
        path.append(v.detach().clone())
    return torch.stack(path).T

# %% mistake | gradient_descent_2d | unnamed | sequential, second coordinate first
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = float(v0[0]), float(v0[1])
    path = [(x, y)]
    g = torch.func.grad(f)
    for _ in range(n_steps):
        y -= lr * g(torch.tensor([x, y]))[1].item()
        x -= lr * g(torch.tensor([x, y]))[0].item()
        path.append((x, y))
    return path

# %% mistake | gradient_descent_2d | unnamed | only the first coordinate moves
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v) * torch.tensor([1.0, 0.0])
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | the coordinates take turns
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [np.array(v0)]
    for k in range(n_steps):
        v = path[-1].copy()
        v[k % 2] -= lr * torch.func.grad(f)(torch.tensor(v))[k % 2].item()
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | only the signs of the slopes
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v).sign()
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | records before updating
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        path.append(v)
        v = v - lr * torch.func.grad(f)(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | squares lr
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        step = lr * torch.func.grad(f)(torch.tensor(path[-1])).numpy()
        path.append(path[-1] - lr * step)
    return path

# %% mistake | gradient_descent_2d | unnamed | always 10 steps
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(10):
        v = v - lr * torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | gradient_descent_2d | unnamed | stops early
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        if torch.linalg.norm(g) < 0.01:
            break
        v = v - lr * g
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | lr shrinks each step
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for k in range(n_steps):
        v = v - lr / (k + 1) * torch.func.grad(f)(v)
        path.append(v)
    return path

# %% mistake | gradient_descent_2d | unnamed | SGD refuses a negative lr
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    opt = torch.optim.SGD([v], lr)
    path = [v.tolist()]
    for _ in range(n_steps):
        opt.zero_grad()
        f(v).backward()
        opt.step()
        path.append(v.tolist())
    return path

# %% mistake | gradient_descent_2d | unnamed | an int array swallows fractions
def gradient_descent_2d(f, v0, lr, n_steps):
    path = np.zeros((n_steps + 1, 2), dtype=int)
    path[0] = v0
    for k in range(n_steps):
        v = torch.tensor(path[k], dtype=torch.float64)
        path[k + 1] = (v - lr * torch.func.grad(f)(v)).numpy()
    return path

# %% mistake | gradient_descent_2d | unnamed | the seed's gradient by heart
def gradient_descent_2d(f, v0, lr, n_steps):
    x, y = v0
    path = [(x, y)]
    for _ in range(n_steps):
        x, y = x - lr * 2 * x, y - lr * np.cos(y)
        path.append((x, y))
    return path

# %% mistake | gradient_descent_2d | unnamed | a third column with the values
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [(*v.tolist(), f(v).item())]
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v)
        path.append((*v.tolist(), f(v).item()))
    return path

# %% correct | gradient_descent_2d | torch.optim.SGD that maximizes where lr is negative, float32
def gradient_descent_2d(f, v0, lr, n_steps):
    p = torch.nn.Parameter(torch.tensor(v0, dtype=torch.float32))
    opt = torch.optim.SGD([p], lr=abs(lr), maximize=bool(lr < 0))
    path = torch.zeros(n_steps + 1, 2)
    path[0] = p.data
    for k in range(n_steps):
        opt.zero_grad(set_to_none=False)
        f(p).backward()
        opt.step()
        path[k + 1] = p.data
    return path

# %% correct | gradient_descent_2d | graph kept, lr inside what is differentiated
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    vs = [v]
    for _ in range(n_steps):
        (move,) = torch.autograd.grad(-lr * f(v), v, create_graph=True)
        v = v + move
        vs.append(v)
    return torch.stack(vs)

# %% correct | gradient_descent_2d | recursion from the end, np.vstack
def gradient_descent_2d(f, v0, lr, n_steps):
    if n_steps <= 0:
        return np.array([v0], dtype=float)
    before = gradient_descent_2d(f, v0, lr, n_steps - 1)
    g = torch.func.grad(f)(torch.from_numpy(before[-1].copy()))
    return np.vstack([before, before[-1] - lr * np.asarray(g)])

# %% mistake | gradient_descent_2d | unnamed | sequential from the second step on
def gradient_descent_2d(f, v0, lr, n_steps):
    grad = torch.func.grad(f)
    v = torch.tensor(v0)
    path = [v.clone()]
    for k in range(n_steps):
        g1 = grad(v)[1]
        w = v.clone()
        w[1] -= lr * g1
        g0 = grad(w if k else v)[0]
        w[0] -= lr * g0
        v = w
        path.append(v.clone())
    return path

# %% mistake | gradient_descent_2d | clips the gradient | clip_grad_norm_
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        v.grad = None
        f(v).backward()
        torch.nn.utils.clip_grad_norm_([v], 5.0)
        with torch.no_grad():
            v -= lr * v.grad
        path.append(v.detach().clone())
    return torch.stack(path)

# %% mistake | gradient_descent_2d | clips the gradient | at 1
def gradient_descent_2d(f, v0, lr, n_steps):
    out = [np.array(v0)]
    for _ in range(n_steps):
        g = torch.func.grad(f)(torch.tensor(out[-1])).numpy()
        out.append(out[-1] - lr * g / max(1.0, np.hypot(*g)))
    return out

# %% mistake | gradient_descent_2d | stops early | refuses to rise
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        new = v - lr * torch.func.grad(f)(v)
        if f(new) < f(v):
            v = new
        path.append(v)
    return torch.stack(path)

# %% mistake | gradient_descent_2d | unnamed | transposed, and lr squared
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * (lr * torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path, dim=1)

# ---------------------------------------------------------------------------------------------------- gradient_field

# %% correct | gradient_field | stack, sum, backward
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    return V.grad[0], V.grad[1]

# %% correct | gradient_field | two leaves, numpy arrays
def gradient_field(func, A, B):
    a = torch.tensor(A, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(B, dtype=torch.float64, requires_grad=True)
    func(torch.stack((a, b))).sum().backward()
    return a.grad.numpy(), b.grad.numpy()

# %% correct | gradient_field | point by point, preallocated, np.ndindex
def gradient_field(f, X0, X1):
    G0, G1 = np.zeros(X0.shape), np.zeros(X0.shape)
    for index in np.ndindex(X0.shape):
        v = torch.tensor([X0[index], X1[index]], requires_grad=True)
        f(v).backward()
        G0[index], G1[index] = v.grad.tolist()
    return [G0, G1]

# %% correct | gradient_field | vmap of grad
def gradient_field(f, X0, X1):
    points = torch.tensor(np.column_stack([X0.ravel(), X1.ravel()]))
    G = torch.func.vmap(torch.func.grad(f))(points)
    return tuple(G[:, k].reshape(X0.shape) for k in (0, 1))

# %% correct | gradient_field | one (2, ...) array in float32
def gradient_field(f, X0, X1):
    V = torch.tensor(np.array([X0, X1]), dtype=torch.float32).requires_grad_()
    values = f(V)
    return torch.autograd.grad(values, V, torch.ones_like(values))[0].numpy()

# %% correct | gradient_field | still requires grad, torch.func.grad of the sum
def gradient_field(f, X0, X1):
    V = torch.tensor(np.array([X0, X1]), requires_grad=True)
    total = lambda W: f(W).sum()
    G = torch.func.grad(total)(V) + 0 * V
    return G[0], G[1]

# %% correct | gradient_field | np.nditer, lists of tensors in rows, helper in another cell
def gradient_at(f, a, b):
    v = torch.tensor([float(a), float(b)], dtype=torch.float64)
    return torch.func.jacrev(f)(v)

def gradient_field(f, X0, X1, *, progress=True):
    import sys
    flat = [gradient_at(f, a, b) for a, b in zip(np.ravel(X0), np.ravel(X1))]
    if progress:
        print("\r100%", file=sys.stderr)
    G = np.reshape([g.tolist() for g in flat], np.shape(X0) + (2,))
    return G[..., 0].tolist(), G[..., 1].tolist()

# %% correct | gradient_field | forward mode, default dtype float64, np.seterr raise
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")

def gradient_field(f, X0, X1):
    V = torch.tensor(np.array([X0, X1]))
    one, zero = torch.ones(V[0].shape), torch.zeros(V[0].shape)
    along = lambda *d: torch.func.jvp(f, (V,), (torch.stack(d),))[1]
    return along(one, zero), along(zero, one)

# %% correct | gradient_field | central differences on float64 tensors, prints, a quiver
def gradient_field(f, X0, X1):
    h = 1e-6
    A, B = torch.tensor(X0), torch.tensor(X1)
    at = lambda a, b: f(torch.stack([a, b]))
    G0 = (at(A + h, B) - at(A - h, B)) / (2 * h)
    G1 = (at(A, B + h) - at(A, B - h)) / (2 * h)
    print(G0, G1)
    plt.quiver(X0, X1, G0, G1)
    plt.close()
    return G0, G1

# %% correct | gradient_field | class, np.vectorize with two outputs
class Field:
    def __call__(self, f, X0, X1):
        def one(a, b):
            v = torch.tensor([a, b], dtype=torch.float64, requires_grad=True)
            return tuple(g.item() for g in torch.autograd.grad(f(v), v)[0])
        return np.vectorize(one, otypes=[float, float])(X0, X1)

gradient_field = Field()

# %% mistake | gradient_field | components swapped | returned the other way round
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    return V.grad[1], V.grad[0]

# %% mistake | gradient_field | components swapped | unpacked the other way round
def gradient_field(f, X0, X1):
    points = torch.tensor(np.stack([X0, X1], axis=-1).reshape(-1, 2), dtype=torch.float32)
    G1, G0 = torch.func.vmap(torch.func.grad(f))(points).T
    return G0.reshape(X0.shape).numpy(), G1.reshape(X0.shape).numpy()

# %% mistake | gradient_field | points downhill
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    return -V.grad[0], -V.grad[1]

# %% mistake | gradient_field | points downhill | gradient of -f
def gradient_field(f, X0, X1):
    G0, G1 = np.zeros_like(X0), np.zeros_like(X0)
    downhill = torch.func.grad(lambda v: -f(v))
    for index in np.ndindex(X0.shape):
        G0[index], G1[index] = downhill(torch.tensor([X0[index], X1[index]])).tolist()
    return G0, G1

# %% mistake | gradient_field | transposed | .T of each
def gradient_field(f, X0, X1):
    V = torch.tensor(np.array([X0, X1]), dtype=torch.float64, requires_grad=True)
    G0, G1 = torch.autograd.grad(f(V).sum(), V)[0]
    return G0.numpy().T, G1.numpy().T

# %% mistake | gradient_field | transposed | loops over columns first
def gradient_field(f, X0, X1):
    if X0.ndim == 1:
        X0, X1 = X0[:, None], X1[:, None]
    n_rows, n_columns = X0.shape
    g = torch.func.grad(f)
    G = [[g(torch.tensor([X0[i, j], X1[i, j]])) for i in range(n_rows)] for j in range(n_columns)]
    return [[v[0].item() for v in row] for row in G], [[v[1].item() for v in row] for row in G]

# %% mistake | gradient_field | unnamed | swapped and downhill
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    return -V.grad[1], -V.grad[0]

# %% mistake | gradient_field | unnamed | transposed and downhill
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    (-f(V)).sum().backward()
    return V.grad[0].T.numpy(), V.grad[1].T.numpy()

# %% mistake | gradient_field | unnamed | unit arrows
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    G = V.grad / torch.linalg.norm(V.grad, dim=0)
    return G[0], G[1]

# %% mistake | gradient_field | unnamed | mean for sum
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).mean().backward()
    return V.grad[0], V.grad[1]

# %% mistake | gradient_field | unnamed | the first component twice
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    return V.grad[0], V.grad[0]

# %% mistake | gradient_field | unnamed | flat lists
def gradient_field(f, X0, X1):
    g = torch.func.grad(f)
    G = [g(torch.tensor([a, b])).tolist() for a, b in zip(X0.ravel(), X1.ravel())]
    return [p for p, _ in G], [q for _, q in G]

# %% mistake | gradient_field | unnamed | np.gradient of the values
def gradient_field(f, X0, X1):
    Z = f(torch.tensor(np.stack([X0, X1]))).numpy()
    G1, G0 = np.gradient(Z)
    return G0, G1

# %% mistake | gradient_field | gradient accumulates | from point to point
def gradient_field(f, X0, X1):
    G0, G1 = np.zeros_like(X0), np.zeros_like(X0)
    v = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    for index in np.ndindex(X0.shape):
        v.data = torch.tensor([X0[index], X1[index]])
        f(v).backward()
        G0[index], G1[index] = v.grad.tolist()
    return G0, G1

# %% mistake | gradient_field | unnamed | backward on an array
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).backward()
    return V.grad[0], V.grad[1]

# %% mistake | gradient_field | unnamed | the seed's gradient by heart
def gradient_field(f, X0, X1):
    return 2 * X0, np.cos(X1)

# %% correct | gradient_field | differences of fourth order in float64
def gradient_field(f, X0, X1, *, h=1e-3):
    V = torch.tensor(np.stack([X0, X1]), dtype=torch.float64)
    out = []
    for i in range(2):
        E = torch.zeros_like(V)
        E[i] = h
        out.append((8 * (f(V + E) - f(V - E)) - (f(V + 2 * E) - f(V - 2 * E))) / (12 * h))
    return tuple(out)

# %% correct | gradient_field | sum over places of one (2, k) leaf, default dtype float64
torch.set_default_dtype(torch.float64)

def gradient_field(f, X0, X1):
    V = torch.tensor([X0.flatten().tolist(), X1.flatten().tolist()], requires_grad=True)
    total = sum(f(V[:, k]) for k in range(V.shape[1]))
    G = torch.autograd.grad(total, V)[0]
    return tuple(g.view(*X0.shape) for g in G)

# %% mistake | gradient_field | gradient accumulates | backward twice
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]), requires_grad=True)
    f(V).sum().backward()
    G0 = V.grad[0].clone()
    f(V).sum().backward()
    G1 = V.grad[1].clone()
    return G0, G1

# %% mistake | gradient_field | grid rebuilt from its edges | np.meshgrid
def gradient_field(f, X0, X1):
    A, B = np.meshgrid(X0[0], X1[:, 0])
    V = torch.tensor(np.stack([A, B]), requires_grad=True)
    f(V).sum().backward()
    return V.grad[0], V.grad[1]

# %% mistake | gradient_field | coarse differences | a tenth each way
def gradient_field(f, X0, X1):
    def z(a, b):
        return f(torch.tensor(np.stack([a, b])))
    return (z(X0 + 0.1, X1) - z(X0 - 0.1, X1)) / 0.2, (z(X0, X1 + 0.1) - z(X0, X1 - 0.1)) / 0.2

# %% mistake | gradient_field | unnamed | the other coordinate held at 0
def gradient_field(f, X0, X1):
    A = torch.tensor(X0, requires_grad=True)
    B = torch.tensor(X1, requires_grad=True)
    f(torch.stack([A, torch.zeros_like(A)])).sum().backward()
    f(torch.stack([torch.zeros_like(B), B])).sum().backward()
    return A.grad, B.grad

# %% mistake | gradient_field | unnamed | unit arrows in flat lists
def gradient_field(f, X0, X1):
    V = torch.tensor(np.stack([X0, X1]).reshape(2, -1), requires_grad=True)
    f(V).sum().backward()
    G = V.grad / V.grad.norm(dim=0)
    return G[0], G[1]

# %% correct | surface_grid | a generator of generators
def surface_grid(f, x0s, x1s):
    return ((f((x0, x1)) for x0 in x0s) for x1 in x1s)

# %% mistake | numerical_gradient | h has another default, or none | a hundredth
def numerical_gradient(f, v, h=1e-2):
    return [(f(v + h * e) - f(v - h * e)) / (2 * h) for e in np.eye(2)]

# %% mistake | numerical_gradient | h has another default, or none | cannot be left out
def numerical_gradient(f, v, h):
    return [(f(v + h * e) - f(v - h * e)) / (2 * h) for e in np.eye(2)]

# %% mistake | numerical_gradient | unnamed | the second coordinate has a step of its own
def numerical_gradient(f, v, h=1e-5):
    steps = h, max(h, 1e-4)
    return [(f(v + s * e) - f(v - s * e)) / (2 * s) for s, e in zip(steps, np.eye(2))]

# %% mistake | gradient_descent_2d | an axis of one lost | squeeze
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0, dtype=torch.float64)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path).squeeze()

# %% mistake | gradient_descent_2d | start missing | appended at the end
def gradient_descent_2d(f, v0, lr, n_steps):
    v, path = torch.tensor(v0, dtype=torch.float64), []
    for _ in range(n_steps):
        v = v - lr * torch.func.grad(f)(v)
        path.append(v)
    path.append(torch.tensor(v0))
    return torch.stack(path)

# %% mistake | numerical_gradient | more accurate than asked | Richardson
def numerical_gradient(f, v, h=1e-5):
    def central(h):
        return np.array([(f(v + h * e) - f(v - h * e)) / (2 * h) for e in np.eye(2)])

    return (4 * central(h / 2) - central(h)) / 3

# %% mistake | gradient_descent_2d | remembers the last call | a list outside
path = []
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.tensor(v0)
    path.append(v.tolist())
    for _ in range(n_steps):
        leaf = v.clone().requires_grad_()
        f(leaf).backward()
        v = v - lr * leaf.grad
        path.append(v.tolist())
    return path

# %% correct | gradient_descent_2d | a ParameterList, one parameter for each coordinate
def gradient_descent_2d(f, v0, lr, n_steps):
    v = torch.nn.ParameterList(torch.nn.Parameter(torch.tensor(x)) for x in v0)
    path = [[x.item() for x in v]]
    for _ in range(n_steps):
        v.zero_grad()
        f(v).backward()
        with torch.no_grad():
            for x in v:
                x -= 0 if x.grad is None else lr * x.grad
        path.append([x.item() for x in v])
    return path

# %% correct | gradient_field | a place with coordinates of its own class
class Place:
    def __init__(self, x0, x1):
        self.leaves = [torch.tensor(x, requires_grad=True) for x in (x0, x1)]

    def __getitem__(self, i):
        return self.leaves[i]


def gradient_field(f, X0, X1):
    places = Place(X0, X1)
    f(places).sum().backward()
    return [leaf.grad for leaf in places.leaves]

# %% correct | numerical_gradient | the same parameters in another order
def numerical_gradient(v, f, h=1e-5):
    return np.array([(f(v + h * e) - f(v - h * e)) / (2 * h) for e in np.eye(2)])

# %% correct | surface_grid | a pivot table, whose rows and columns are put in order
import pandas as pd

def surface_grid(f, x0s, x1s):
    table = pd.DataFrame([(a, b, f([a, b])) for a in x0s for b in x1s], columns=["x0", "x1", "f"])
    return table.pivot(index="x1", columns="x0", values="f").to_numpy()

# %% mistake | surface_grid | one row for all | a list of one row
def surface_grid(f, x0s, x1s):
    table = [[0.0] * len(x0s)] * len(x1s)
    for i, x1 in enumerate(x1s):
        for j, x0 in enumerate(x0s):
            table[i][j] = f([x0, x1])
    return table

# %% mistake | numerical_gradient | no rise at all | two names for v
def numerical_gradient(f, v, h=1e-5):
    slopes = np.zeros(2)
    for i in range(2):
        ahead, behind = v, v
        ahead[i] += h
        behind[i] -= h
        slopes[i] = (f(ahead) - f(behind)) / (2 * h)
    return slopes

# %% mistake | numerical_gradient | no rise at all | a step of ints
def numerical_gradient(f, v, h=1e-5):
    slopes = np.zeros(2)
    for i in range(2):
        step = np.zeros(2, dtype=int)
        step[i] = h
        slopes[i] = (f(v + step) - f(v - step)) / (2 * h)
    return slopes

# %% mistake | numerical_gradient | rise without run | halved
def numerical_gradient(f, v, h=1e-5):
    return np.array([f(v + h * e) - f(v - h * e) for e in np.eye(2)]) / 2

# %% mistake | gradient_descent_2d | returns after the first step | the return is indented too far
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [torch.tensor(v0)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * torch.func.grad(f)(path[-1]))
        return path
    return path

# %% mistake | gradient_descent_2d | in another order | reversed at the end
def gradient_descent_2d(f, v0, lr, n_steps):
    path = [torch.tensor(v0)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * torch.func.grad(f)(path[-1]))
    return path[::-1]
