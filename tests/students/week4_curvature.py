# Student solutions for week 4, `curvature.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch, plt, poly and valley exist.
# Some change global state (default dtype, warnings, np.seterr): run each in a fresh process.

# ----------------------------------------------------------------------------------------------------------- hessian

# %% correct | hessian | two gradients, row by row
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g = torch.autograd.grad(f(v), v, create_graph=True)[0]
    row0 = torch.autograd.grad(g[0], v, retain_graph=True)[0]
    row1 = torch.autograd.grad(g[1], v)[0]
    return torch.stack([row0, row1])

# %% correct | hessian | torch.func.hessian
def hessian(f, v):
    return torch.func.hessian(f)(torch.tensor(v))

# %% correct | hessian | torch.autograd.functional.hessian
def hessian(f, v):
    return torch.autograd.functional.hessian(f, torch.as_tensor(v)).numpy()

# %% correct | hessian | float32
def hessian(f, v):
    return torch.autograd.functional.hessian(f, torch.tensor(v, dtype=torch.float32))

# %% correct | hessian | backward twice, cleared, list of lists
def hessian(func, point):
    v = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(func(v), v, create_graph=True)
    rows = []
    for i in range(2):
        v.grad = None
        g[i].backward(retain_graph=True)
        rows.append(v.grad.tolist())
    return rows

# %% correct | hessian | jacrev of grad
def hessian(f, v):
    return torch.func.jacrev(torch.func.grad(f))(torch.from_numpy(v))

# %% correct | hessian | jacobian of the gradient function
def hessian(f, v):
    def gradient(w):
        return torch.autograd.grad(f(w), w, create_graph=True)[0]
    return torch.autograd.functional.jacobian(gradient, torch.tensor(v, requires_grad=True))

# %% correct | hessian | Hessian-vector products with vmap
def hessian(f, v):
    x = torch.tensor(v)
    push = lambda e: torch.func.jvp(torch.func.grad(f), (x,), (e,))[1]
    return torch.func.vmap(push)(torch.eye(2, dtype=torch.float64)).T

# %% correct | hessian | rows still require grad
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    return [torch.autograd.grad(gi, v, create_graph=True)[0] for gi in g]

# %% correct | hessian | the basis as grad_outputs
def hessian(f, v):
    x = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(x), x, create_graph=True)
    H, = torch.autograd.grad(g, x, torch.eye(2, dtype=g.dtype), is_grads_batched=True)
    return H.numpy()

# %% correct | hessian | differences of float64 gradients, symmetrised
def hessian(f, v, h=1e-5):
    grad = torch.func.grad(f)
    H = np.zeros((2, 2))
    for j, e in enumerate(np.eye(2)):
        H[:, j] = (grad(torch.tensor(v + h * e)) - grad(torch.tensor(v - h * e))).numpy() / (2 * h)
    return (H + H.T) / 2

# %% correct | hessian | two leaves with allow_unused, lists of 0-d tensors
def hessian(f, v):
    x = torch.tensor(v[0], requires_grad=True, dtype=torch.float64)
    y = torch.tensor(v[1], requires_grad=True, dtype=torch.float64)
    first = torch.autograd.grad(f((x, y)), (x, y), create_graph=True)
    zero = torch.tensor(0.0)
    rows = []
    for g in first:
        row = torch.autograd.grad(g, (x, y), retain_graph=True, allow_unused=True)
        rows.append([zero if r is None else r for r in row])
    return rows

# %% correct | hessian | a class, prints, a warning, default dtype float64
import sys, warnings
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")

class Hessian:
    def __call__(self, f, v, *, verbose: bool = True) -> torch.Tensor:
        print("at", v, file=sys.stderr)
        warnings.warn("only a warning")
        return torch.func.jacfwd(torch.func.jacfwd(f))(torch.Tensor(v.tolist()))

hessian = Hessian()

# %% mistake | hessian | mixed derivatives missing | filled the diagonal
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    H = np.zeros((2, 2))
    for i in range(2):
        H[i, i] = torch.autograd.grad(g[i], v, retain_graph=True)[0][i]
    return H

# %% mistake | hessian | mixed derivatives missing | a pair
def hessian(f, v):
    H = torch.func.hessian(f)(torch.tensor(v))
    return H[0, 0], H[1, 1]

# %% mistake | hessian | one triangle only
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    H = torch.zeros(2, 2)
    for i in range(2):
        row, = torch.autograd.grad(g[i], v, retain_graph=True)
        for j in range(i, 2):
            H[i, j] = row[j]
    return H

# %% mistake | hessian | slopes added up | grad of the sum
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    return torch.autograd.grad(g.sum(), v)[0]

# %% mistake | hessian | slopes added up | backward of ones
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    g.backward(torch.ones(2))
    return torch.diag(v.grad)

# %% mistake | hessian | accumulates gradients | first the gradient, then both rows
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    f(v).backward(create_graph=True)
    g = v.grad.clone()
    rows = []
    for i in range(2):
        g[i].backward(retain_graph=True)
        rows.append(v.grad.tolist())
    return rows

# %% mistake | hessian | accumulates gradients | second row holds both
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    H = np.empty((2, 2))
    g[0].backward(retain_graph=True)
    H[0] = v.grad
    g[1].backward()
    H[1] = v.grad
    return H

# %% mistake | hessian | accumulates gradients | the same .grad twice
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    rows = []
    for slope in g:
        slope.backward(retain_graph=True)
        rows.append(v.grad)
    return torch.stack(rows)

# %% mistake | hessian | first derivatives
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    f(v).backward()
    return v.grad

# %% mistake | hessian | products of slopes
def hessian(f, v):
    g = torch.func.grad(f)(torch.tensor(v))
    return torch.outer(g, g)

# %% mistake | hessian | products of slopes | squares
def hessian(f, v):
    return torch.func.grad(f)(torch.tensor(v)) ** 2

# %% mistake | hessian | entries in the wrong place
def hessian(f, v):
    return torch.func.hessian(f)(torch.tensor(v)).flip(0)

# %% mistake | hessian | entries in the wrong place | y first
def hessian(f, v):
    H = torch.func.hessian(lambda w: f(torch.stack([w[1], w[0]])))(torch.tensor(v[::-1].copy()))
    return H.numpy()

# %% mistake | hessian | four numbers in a row
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    out = []
    for gi in g:
        out.extend(torch.autograd.grad(gi, v, retain_graph=True)[0].tolist())
    return out

# %% mistake | hessian | four numbers in a row | f00, f01, f11
def hessian(f, v):
    H = torch.autograd.functional.hessian(f, torch.tensor(v))
    return H[0, 0].item(), H[0, 1].item(), H[1, 1].item()

# %% mistake | hessian | same row twice
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    return [torch.autograd.grad(g[0], v, retain_graph=True)[0] for _ in range(2)]

# %% mistake | hessian | second backward fails | no create_graph
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v)
    return torch.stack([torch.autograd.grad(gi, v)[0] for gi in g])

# %% mistake | hessian | second backward fails | no retain_graph
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    return torch.stack([torch.autograd.grad(gi, v)[0] for gi in g])

# %% mistake | hessian | second backward fails | backward of a vector
def hessian(f, v):
    v = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(v), v, create_graph=True)
    g.backward()
    return v.grad

# %% mistake | hessian | fails without a mixed term
def hessian(f, v):
    x = torch.tensor(v[0], requires_grad=True)
    y = torch.tensor(v[1], requires_grad=True)
    gx, gy = torch.autograd.grad(f([x, y]), [x, y], create_graph=True)
    fxx, fxy = torch.autograd.grad(gx, [x, y], retain_graph=True)
    fyx, fyy = torch.autograd.grad(gy, [x, y])
    return np.array([[fxx.item(), fxy.item()], [fyx.item(), fyy.item()]])

# %% mistake | hessian | valley hard-coded
def hessian(f, v):
    return np.array([[10.0, -9.0], [-9.0, 10.0]])

# %% mistake | hessian | another place | at the origin
def hessian(f, v):
    return torch.func.hessian(f)(torch.zeros(2))

# %% mistake | hessian | half of it
def hessian(f, v):
    return 0.5 * torch.func.hessian(f)(torch.tensor(v))

# %% mistake | hessian | differences too coarse
def hessian(f, v, h=0.1):
    grad = torch.func.grad(f)
    v = torch.tensor(v)
    E = h * torch.eye(2, dtype=v.dtype)
    return torch.stack([(grad(v + e) - grad(v - e)) / (2 * h) for e in E])

# %% mistake | hessian | returns nothing
def hessian(f, v):
    print(torch.func.hessian(f)(torch.tensor(v)))

# %% mistake | hessian | unnamed | diagonal only, and halved
def hessian(f, v):
    return torch.diag(torch.diag(torch.func.hessian(f)(torch.tensor(v)))) / 2

# %% mistake | hessian | modifies v
def hessian(f, v):
    H = torch.func.hessian(f)(torch.tensor(v))
    v *= 0
    return H

# %% correct | hessian | polarisation: directional second derivatives only, no rows
def hessian(f, v):
    base = torch.tensor(v)
    def bend(direction):
        t = torch.zeros((), dtype=torch.float64, requires_grad=True)
        (s,) = torch.autograd.grad(f(base + t * torch.tensor(direction, dtype=torch.float64)), t, create_graph=True)
        (c,) = torch.autograd.grad(s, t)
        return float(c)
    a, b, both = bend([1, 0]), bend([0, 1]), bend([1, 1])
    mixed = (both - a - b) / 2
    return (a, mixed), (mixed, b)

# %% correct | hessian | batched vjp (is_grads_batched) and transposed on return
def hessian(f, v):
    x = torch.tensor(v, requires_grad=True)
    g, = torch.autograd.grad(f(x), [x], create_graph=True)
    H, = torch.autograd.grad(g, [x], torch.eye(2, dtype=g.dtype), is_grads_batched=True)
    return H.T.cpu().numpy().astype(np.float32)

# %% correct | hessian | callable class, default dtype set at the top, np.matrix returned
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")
class Hess:
    def __init__(self, eps=None):
        self.calls = 0
    def __call__(self, function, where):
        self.calls += 1
        leaf = torch.tensor(list(where), requires_grad=True)
        return np.matrix(torch.autograd.functional.jacobian(
            lambda p: torch.autograd.functional.jacobian(function, p, create_graph=True), leaf).tolist())
hessian = Hess()

# %% correct | hessian | forward over forward with jvp, product of basis vectors
from itertools import product
def hessian(f, v):
    p = torch.from_numpy(v.copy())
    I = torch.eye(2, dtype=torch.float64)
    def along(d):
        return lambda q: torch.func.jvp(f, (q,), (d,))[1]
    return np.array([torch.func.jvp(along(I[i]), (p,), (I[j],))[1].item() for i, j in product(range(2), repeat=2)]).reshape(2, 2)

# %% correct | hessian | reads f on a (2, 1) batch, sums, one entry computed and mirrored, entries (1,)-tensors
def hessian(f, v):
    X = torch.tensor(v).reshape(2, 1).requires_grad_(True)
    G = torch.autograd.grad(f(X).sum(), X, create_graph=True)[0]
    first = torch.autograd.grad(G[0].sum(), X, retain_graph=True)[0].detach()
    second = torch.autograd.grad(G[1].sum(), X)[0].detach()
    return [[first[0], first[1]], [first[1], second[1]]]

# %% mistake | hessian | accumulates gradients | the gradient itself in both rows
def hessian(f, v):
    x = torch.tensor(v, requires_grad=True)
    f(x).backward(create_graph=True)
    g = x.grad.clone()
    kept = x.grad.detach().clone()
    out = []
    for i in range(2):
        x.grad = kept.clone()
        g[i].backward(retain_graph=True)
        out.append(x.grad.tolist())
    return out

# %% mistake | hessian | half of it | H + H.T
def hessian(f, v):
    H = torch.func.hessian(f)(torch.tensor(v))
    return H + H.T

# %% mistake | hessian | half of some entries | the mixed term of Taylor's polynomial
def hessian(f, v):
    H = torch.func.hessian(f)(torch.as_tensor(v)).clone()
    H[0, 1] = H[1, 0] = H[0, 1] / 2
    return H

# %% mistake | hessian | another place | whole numbers
def hessian(f, v):
    x = torch.tensor([int(v[0]), int(v[1])]).float().requires_grad_()
    return torch.autograd.functional.hessian(f, x).detach()

# %% mistake | hessian | unnamed | absolute values of the entries
def hessian(f, v):
    return torch.autograd.functional.hessian(f, torch.tensor(v)).abs()

# %% mistake | hessian | another place | (x1, x0)
def hessian(f, v):
    H = torch.autograd.functional.hessian(lambda p: f(p), torch.tensor(v[::-1].copy()))
    return H.numpy()

# %% mistake | hessian | unnamed | only the diagonal, and with the wrong sign
def hessian(f, v):
    H = torch.func.hessian(f)(torch.tensor(v))
    return -torch.diag(torch.diag(H))

# ------------------------------------------------------------------------------------------------------------ newton

# %% correct | newton | solve
def newton(f, v0, n_steps):
    v = np.array(v0, dtype=float)
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v)
        g, H = torch.func.grad(f)(t).numpy(), torch.func.hessian(f)(t).numpy()
        v = v - np.linalg.solve(H, g)
        path.append(v)
    return np.array(path)

# %% correct | newton | inv
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for k in range(n_steps):
        v = v - torch.linalg.inv(torch.func.hessian(f)(v)) @ torch.func.grad(f)(v)
        path += [v]
    return torch.stack(path)

# %% correct | newton | Cramer's rule, floats
def newton(func, start, steps):
    x, y = map(float, start)
    path = [(x, y)]
    for _ in range(steps):
        v = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
        g, = torch.autograd.grad(func(v), v, create_graph=True)
        a, b = torch.autograd.grad(g[0], v, retain_graph=True)[0].tolist()
        c, d = torch.autograd.grad(g[1], v)[0].tolist()
        p, q = g.tolist()
        det = a * d - b * c
        x, y = x - (d * p - b * q) / det, y - (a * q - c * p) / det
        path.append((x, y))
    return path

# %% correct | newton | preallocated, lstsq
def newton(f, v0, n_steps):
    path = np.zeros((n_steps + 1, 2))
    path[0] = v0
    for k in range(n_steps):
        v = torch.tensor(path[k])
        H = torch.autograd.functional.hessian(f, v)
        g = torch.autograd.functional.jacobian(f, v)
        path[k + 1] = path[k] - np.linalg.lstsq(H.numpy(), g.numpy(), rcond=None)[0]
    return path

# %% correct | newton | recursion
def newton(f, v0, n_steps):
    def go(v, left):
        if left == 0:
            return [v]
        step = torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        return [v, *go(v - step, left - 1)]
    return go(torch.tensor(v0), n_steps)

# %% correct | newton | accumulate, list of lists of 0-d tensors
from itertools import accumulate

def newton(f, v0, n_steps):
    def step(v, _):
        return v - torch.linalg.solve(torch.func.jacrev(torch.func.jacrev(f))(v), torch.func.jacrev(f)(v))
    return [[w[0], w[1]] for w in accumulate(range(n_steps), step, initial=torch.tensor(v0))]

# %% correct | newton | float32, in place on a leaf
def newton(f, v0, n_steps):
    v = torch.tensor(v0, dtype=torch.float32, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        g, = torch.autograd.grad(f(v), v, create_graph=True)
        H = torch.stack([torch.autograd.grad(s, v, retain_graph=True)[0] for s in g])
        with torch.no_grad():
            v -= torch.linalg.solve(H, g)
        path.append(v.detach().clone())
    return torch.stack(path)

# %% correct | newton | eigenvectors
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = v[None]
    while len(path) <= n_steps:
        lam, Q = torch.linalg.eigh(torch.func.hessian(f)(v))
        v = v - Q @ ((Q.T @ torch.func.grad(f)(v)) / lam)
        path = torch.cat([path, v[None]])
    return path

# %% correct | newton | minimises the parabola's gradient with a minus in front, prints
def newton(f, v0, n_steps):
    v, path = np.array(v0), [tuple(v0)]
    for k in range(n_steps):
        t = torch.tensor(v, requires_grad=True)
        y = f(t)
        y.backward()
        p = np.linalg.solve(torch.func.hessian(f)(t.detach()).numpy(), -t.grad.numpy())
        v = v + p
        print(k, y.item())
        path.append(tuple(v))
    return path

# %% correct | newton | tensors that still require grad
def newton(f, v0, n_steps):
    path = [torch.tensor(v0, requires_grad=True)]
    for _ in range(n_steps):
        v = path[-1]
        g, = torch.autograd.grad(f(v), v, create_graph=True)
        H = torch.stack([torch.autograd.grad(g[i], v, create_graph=True)[0] for i in (0, 1)])
        path.append((v - torch.linalg.solve(H, g)).detach().requires_grad_())
    return path

# %% mistake | newton | plus sign
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v + torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | diagonal of H only
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        H = torch.func.hessian(f)(v)
        v = v - torch.func.grad(f)(v) / torch.diag(H)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | diagonal of H only | second derivative of each coordinate
def newton(f, v0, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        g, = torch.autograd.grad(f(v), v, create_graph=True)
        step = [g[i].item() / torch.autograd.grad(g[i], v, retain_graph=True)[0][i].item() for i in range(2)]
        path.append(path[-1] - step)
    return path

# %% mistake | newton | H times the gradient
def newton(f, v0, n_steps):
    v = np.array(v0)
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v)
        v = v - (torch.func.hessian(f)(t) @ torch.func.grad(f)(t)).numpy()
        path.append(v)
    return np.array(path)

# %% mistake | newton | H frozen at the start
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    inverse = torch.linalg.inv(torch.func.hessian(f)(v))
    path = [v]
    for _ in range(n_steps):
        v = v - inverse @ torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | H frozen at the start | v0 in the loop
def newton(f, v0, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        g = torch.func.grad(f)(torch.tensor(path[-1])).numpy()
        H = torch.func.hessian(f)(torch.tensor(v0)).numpy()
        path.append(path[-1] - np.linalg.solve(H, g))
    return path

# %% mistake | newton | gradient computed once
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    p = torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
    return [v - k * p for k in range(n_steps + 1)]

# %% mistake | newton | ignores the curvature
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - 0.1 * torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | damped
def newton(f, v0, n_steps, lr=0.5):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | H made larger
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        H = torch.func.hessian(f)(v) + 0.1 * torch.eye(2)
        v = v - torch.linalg.solve(H, torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | turned downhill | absolute eigenvalues
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        lam, Q = torch.linalg.eigh(torch.func.hessian(f)(v))
        v = v - Q @ ((Q.T @ torch.func.grad(f)(v)) / lam.abs())
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | turned downhill | flips the step
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        p = torch.linalg.solve(torch.func.hessian(f)(v), g)
        if p @ g < 0:
            p = -p
        v = v - p
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | inverse slipped | forgot the determinant
def newton(f, v0, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        t = torch.tensor(path[-1])
        g = torch.func.grad(f)(t).numpy()
        (a, b), (c, d) = torch.func.hessian(f)(t).tolist()
        path.append(path[-1] - np.array([[d, -b], [-c, a]]) @ g)
    return path

# %% mistake | newton | inverse slipped | no minus off the diagonal
def newton(f, v0, n_steps):
    path = [np.array(v0)]
    for _ in range(n_steps):
        t = torch.tensor(path[-1])
        g = torch.func.grad(f)(t).numpy()
        (a, b), (c, d) = torch.func.hessian(f)(t).tolist()
        path.append(path[-1] - np.array([[d, b], [c, a]]) @ g / (a * d - b * c))
    return path

# %% mistake | newton | entry by entry
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - torch.func.hessian(f)(v) ** -1 @ torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | divides by one number
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        v = v - torch.func.grad(f)(v) / torch.det(torch.func.hessian(f)(v))
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | accumulates gradients
def newton(f, v0, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        f(v).backward()
        H = torch.func.hessian(f)(v.detach())
        with torch.no_grad():
            v -= torch.linalg.solve(H, v.grad)
        path.append(v.detach().clone())
    return torch.stack(path)

# %% mistake | newton | stops early
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        if g.norm() < 1e-6:
            break
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), g)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | start missing
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = []
    for _ in range(n_steps):
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        path.append(v)
    return path

# %% mistake | newton | one step short
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = []
    for _ in range(n_steps):
        path.append(v)
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
    return path

# %% mistake | newton | only the last point
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    for _ in range(n_steps):
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
    return v

# %% mistake | newton | same array appended
def newton(f, v0, n_steps):
    v = v0.copy()
    path = [v]
    for _ in range(n_steps):
        t = torch.tensor(v)
        v -= np.linalg.solve(torch.func.hessian(f)(t).numpy(), torch.func.grad(f)(t).numpy())
        path.append(v)
    return np.array(path)

# %% mistake | newton | modifies the start
def newton(f, v0, n_steps):
    path = [v0.copy()]
    for _ in range(n_steps):
        t = torch.tensor(v0)
        v0 -= np.linalg.solve(torch.func.hessian(f)(t).numpy(), torch.func.grad(f)(t).numpy())
        path.append(v0.copy())
    return path

# %% mistake | newton | transposed output
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    xs, ys = [v[0]], [v[1]]
    for _ in range(n_steps):
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        xs.append(v[0])
        ys.append(v[1])
    return xs, ys

# %% mistake | newton | unnamed | plus sign and one step short
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = []
    for _ in range(n_steps):
        path.append(v)
        v = v + torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
    return path

# %% mistake | newton | unnamed | frozen, and the diagonal only
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    bends = torch.diag(torch.func.hessian(f)(v))
    path = [v]
    for _ in range(n_steps):
        v = v - torch.func.grad(f)(v) / bends
        path.append(v)
    return path

# %% mistake | newton | unnamed | a gradient step wherever the curvature isn't positive, else Newton
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        g, H = torch.func.grad(f)(v), torch.func.hessian(f)(v)
        v = v - (torch.linalg.solve(H, g) if torch.linalg.eigvalsh(H)[0] > 0 else 0.2 * g)
        path.append(v)
    return path

# %% correct | newton | itertools.accumulate over range, deque returned
from itertools import accumulate
from collections import deque
def newton(f, v0, n_steps):
    def jump(w, _):
        return w - torch.linalg.solve(torch.func.jacfwd(torch.func.jacrev(f))(w), torch.func.jacrev(f)(w))
    return deque(accumulate(range(n_steps), jump, initial=torch.from_numpy(v0.copy())))

# %% correct | newton | walrus comprehension with pinv and matrix products
def newton(fn, start, count):
    w = torch.tensor(start)
    return [w.tolist()] + [(w := w - torch.linalg.pinv(torch.func.hessian(fn)(w)).mm(torch.func.grad(fn)(w)[:, None])[:, 0]).tolist() for _ in range(count)]

# %% correct | newton | .data updated in place on one leaf, clones appended, tqdm on stderr
from tqdm import tqdm
def newton(f, v0, n_steps):
    v = torch.tensor(v0, dtype=torch.float64, requires_grad=True)
    result = [v.detach().clone()]
    for i in tqdm(range(n_steps), desc="Newton"):
        v.grad = None
        f(v).backward()
        H = torch.autograd.functional.hessian(f, v.detach())
        v.data -= torch.linalg.lstsq(H, v.grad.unsqueeze(1)).solution.squeeze(1)
        result.append(v.detach().clone())
    return result

# %% correct | newton | minus sign in the right hand side: solve(H, -g) added
def newton(f, v0, n_steps):
    hist = np.zeros((2, n_steps + 1))
    hist[:, 0] = v0
    for j in range(1, n_steps + 1):
        here = torch.tensor(hist[:, j - 1])
        hist[:, j] = hist[:, j - 1] + np.linalg.solve(torch.func.hessian(f)(here).numpy(), -torch.func.grad(f)(here).numpy())
    return hist.T

# %% correct | newton | class with state and a generator consumed into a tuple
class Newton:
    def __init__(self, f):
        self.f = f
    def derivatives(self, v):
        x = torch.tensor(v, requires_grad=True)
        (g,) = torch.autograd.grad(self.f(x), x, create_graph=True)
        H = [torch.autograd.grad(g, x, torch.tensor(e, dtype=x.dtype), retain_graph=True)[0].numpy() for e in ([1, 0], [0, 1])]
        return g.detach().numpy(), np.array(H)
    def walk(self, v, n):
        yield tuple(v)
        for _ in range(n):
            g, H = self.derivatives(v)
            v = v - np.linalg.inv(H).dot(g)
            yield tuple(v)
def newton(f, v0, n_steps):
    return tuple(Newton(f).walk(np.array(v0), n_steps))

# %% correct | newton | functools.reduce, gradient as the Jacobian, logging and a plot inside
import logging
from functools import reduce
def newton(f, v0, n_steps):
    def add(path, k):
        z = torch.tensor(path[-1])
        g = torch.autograd.functional.jacobian(f, z).numpy()
        H = torch.autograd.functional.hessian(f, z).numpy()
        logging.warning("step %d", k)
        return path + [path[-1] - np.linalg.solve(H.T, g)]
    path = reduce(add, range(n_steps), [np.array(v0)])
    plt.plot(*np.transpose(path))
    return path

# %% correct | newton | float32 output only at the end, first row from a copy, extra steps discarded
def newton(f, v0, n_steps, *, dtype=np.float32):
    xs = [torch.tensor(v0, dtype=torch.float64)]
    for k in range(n_steps):
        leaf = xs[k].clone().requires_grad_()
        with torch.enable_grad():
            g = torch.autograd.grad(f(leaf), leaf, create_graph=True)[0]
            H = torch.stack([torch.autograd.grad(g[i], leaf, retain_graph=True)[0] for i in range(2)])
        with torch.no_grad():
            L, piv = torch.linalg.lu_factor(H)
            xs.append(leaf - torch.linalg.lu_solve(L, piv, g.reshape(2, 1)).reshape(2))
    return np.array([x.detach().numpy() for x in xs]).astype(dtype)

# %% mistake | newton | H frozen at the start | of the place before
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    old = v
    out = [v.tolist()]
    for _ in range(n_steps):
        H = torch.func.hessian(f)(old)
        old = v
        v = v - torch.linalg.solve(H, torch.func.grad(f)(v))
        out.append(v.tolist())
    return out

# %% mistake | newton | damped | backtracking
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        p = torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        t = 1.0
        while f(v - t * p) > f(v) + 1e-9 and t > 1e-3:
            t /= 2
        v = v - t * p
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | damped | a trust region
def newton(f, v0, n_steps):
    v = np.array(v0); path = [v.copy()]
    for _ in range(n_steps):
        t = torch.tensor(v)
        p = np.linalg.solve(torch.func.hessian(f)(t).numpy(), torch.func.grad(f)(t).numpy())
        length = np.hypot(*p)
        if length > 1:
            p = p / length
        v = v - p
        path.append(v)
    return path

# %% mistake | newton | sequential update
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    path = [v.clone()]
    for _ in range(n_steps):
        for i in range(2):
            p = torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
            v = v.clone()
            v[i] -= p[i]
        path.append(v.clone())
    return torch.stack(path)

# %% mistake | newton | unnamed | frozen, and recorded before the update
def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    H = torch.func.hessian(f)(v)
    path = [v.tolist()]
    for _ in range(n_steps):
        path.append(v.tolist())
        v = v - torch.linalg.solve(H, torch.func.grad(f)(v))
    return path

# -------------------------------------------------------------------------------------------------- momentum_descent

# %% correct | momentum_descent | by hand, lr outside
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% correct | momentum_descent | lr inside the velocity
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = np.array(v0), np.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + lr * torch.func.grad(f)(torch.tensor(v)).numpy()
        v = v - u
        path.append(v)
    return path

# %% correct | momentum_descent | torch.optim.SGD
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0))
    optimizer = torch.optim.SGD([v], lr=lr, momentum=beta)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        optimizer.zero_grad()
        f(v).backward()
        optimizer.step()
        path.append(v.detach().clone())
    return torch.stack(path)

# %% correct | momentum_descent | Polyak's two-point form
def momentum_descent(f, v0, lr, beta, n_steps):
    grad = torch.func.grad(f)
    path = [torch.tensor(v0)]
    before = path[0]
    for _ in range(n_steps):
        v = path[-1]
        path.append(v - lr * grad(v) + beta * (v - before))
        before = v
    return path

# %% correct | momentum_descent | a velocity that points downhill
def momentum_descent(f, v0, lr, beta, n_steps):
    v, speed = torch.tensor(v0, dtype=torch.float32), torch.zeros(2)
    path = [v.tolist()]
    for _ in range(n_steps):
        speed = beta * speed - lr * torch.func.grad(f)(v)
        v = v + speed
        path.append(v.tolist())
    return path

# %% correct | momentum_descent | in place on a leaf
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    u = torch.zeros_like(v)
    path = [v.detach().numpy().copy()]
    for _ in range(n_steps):
        f(v).backward()
        u.mul_(beta).add_(v.grad)
        with torch.no_grad():
            v -= lr * u
        v.grad.zero_()
        path.append(v.detach().numpy().copy())
    return np.array(path)

# %% correct | momentum_descent | never clears .grad but multiplies it by beta: the velocity lives there
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    path = [v.detach().clone()]
    for k in range(n_steps):
        if k:
            v.grad.mul_(beta)
        f(v).backward()
        v.data.sub_(lr * v.grad)
        path.append(v.detach().clone())
    return path

# %% correct | momentum_descent | all gradients remembered and weighed
def momentum_descent(f, v0, lr, beta, n_steps):
    path, seen = [np.array(v0)], []
    for _ in range(n_steps):
        t = torch.tensor(path[-1], requires_grad=True)
        f(t).backward()
        seen.append(t.grad.numpy())
        u = sum(beta ** (len(seen) - 1 - k) * g for k, g in enumerate(seen))
        path.append(path[-1] - lr * u)
    return np.array(path)

# %% correct | momentum_descent | reduce over pairs, renamed
from functools import reduce

def momentum_descent(fn, start, rate, friction, count):
    def step(history, _):
        v, u = history[-1]
        u = friction * u + torch.func.grad(fn)(v)
        return history + [(v - rate * u, u)]
    return [v for v, _ in reduce(step, range(count), [(torch.tensor(start), torch.zeros(2))])]

# %% correct | momentum_descent | two floats at a time
def momentum_descent(f, v0, lr, beta, n_steps):
    x, y, p, q = float(v0[0]), float(v0[1]), 0.0, 0.0
    path = [(x, y)]
    while len(path) < n_steps + 1:
        v = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
        gx, gy = torch.autograd.grad(f(v), v)[0].tolist()
        p, q = beta * p + gx, beta * q + gy
        x, y = x - lr * p, y - lr * q
        path.append((x, y))
    return tuple(path)

# %% mistake | momentum_descent | gradient times (1 - beta)
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + (1 - beta) * torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | gradient times (1 - beta) | SGD with dampening
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0))
    optimizer = torch.optim.SGD([v], lr=lr, momentum=beta, dampening=beta)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        optimizer.zero_grad()
        f(v).backward()
        optimizer.step()
        path.append(v.detach().clone())
    return torch.stack(path)

# %% mistake | momentum_descent | weights exchanged
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = u + beta * torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | lr twice
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + lr * torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | velocity reset each step
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0)
    path = [v]
    for _ in range(n_steps):
        u = torch.zeros(2)
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | velocity reset each step | a new optimizer in the loop
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0))
    path = [v.tolist()]
    for _ in range(n_steps):
        optimizer = torch.optim.SGD([v], lr=lr, momentum=beta)
        optimizer.zero_grad()
        f(v).backward()
        optimizer.step()
        path.append(v.tolist())
    return path

# %% mistake | momentum_descent | Nesterov look-ahead
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v - lr * beta * u)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | Nesterov look-ahead | by SGD
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.nn.Parameter(torch.tensor(v0))
    optimizer = torch.optim.SGD([v], lr=lr, momentum=beta, nesterov=beta > 0)
    path = [v.tolist()]
    for _ in range(n_steps):
        optimizer.zero_grad()
        f(v).backward()
        optimizer.step()
        path.append(v.tolist())
    return path

# %% mistake | momentum_descent | climbs
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v + lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | climbs | two minus signs
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u - torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | velocity turned around
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = np.array(v0), np.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = torch.func.grad(f)(torch.tensor(v)).numpy() - beta * u
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | velocity never fades
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u += torch.func.grad(f)(v).float()
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | moves too late
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        v, u = v - lr * u, beta * u + torch.func.grad(f)(v)
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | pushed at the start
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0)
    u = torch.func.grad(f)(v)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | lr for one part only
def momentum_descent(f, v0, lr, beta, n_steps):
    path, u = [np.array(v0)], np.zeros(2)
    for _ in range(n_steps):
        g = torch.func.grad(f)(torch.tensor(path[-1])).numpy()
        path.append(path[-1] - beta * u - lr * g)
        u = beta * u + g
    return path

# %% mistake | momentum_descent | lr and beta swapped
def momentum_descent(f, v0, beta, lr, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | ignores beta
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = 0.9 * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | accumulates gradients
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    u = torch.zeros(2)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        f(v).backward()
        u = beta * u + v.grad
        with torch.no_grad():
            v -= lr * u
        path.append(v.detach().clone())
    return path

# %% mistake | momentum_descent | gradient computed once
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    g = torch.func.grad(f)(v)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + g
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | sequential update
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = np.array(v0), np.zeros(2)
    path = [v.copy()]
    for _ in range(n_steps):
        for i in range(2):
            u[i] = beta * u[i] + torch.func.grad(f)(torch.tensor(v))[i].item()
            v[i] = v[i] - lr * u[i]
        path.append(v.copy())
    return path

# %% mistake | momentum_descent | normalised gradient
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        u = beta * u + g / g.norm()
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | stops early
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        if g.norm() < 1e-3:
            break
        u = beta * u + g
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | start missing
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = []
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | start twice | moves by the old velocity
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        v = v - lr * u
        u = beta * u + torch.func.grad(f)(v)
        path.append(v)
    return path

# %% mistake | momentum_descent | one step short
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(1, n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | only the last point
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v)
        v = v - lr * u
    return v

# %% mistake | momentum_descent | same array appended
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = v0.copy(), np.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(torch.tensor(v)).numpy()
        v -= lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | modifies the start | from_numpy shares memory
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.from_numpy(v0), torch.zeros(2)
    path = [v.clone()]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(v.clone())
        v -= lr * u
        path.append(v.clone())
    return torch.stack(path)

# %% mistake | momentum_descent | unnamed | (1 - beta) and lr twice
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for _ in range(n_steps):
        u = beta * u + (1 - beta) * lr * torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return path

# %% mistake | momentum_descent | unnamed | climbs and one step short
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = []
    for _ in range(n_steps):
        path.append(v)
        u = beta * u + torch.func.grad(f)(v)
        v = v + lr * u
    return path

# %% mistake | momentum_descent | unnamed | the velocity is lost every other step
def momentum_descent(f, v0, lr, beta, n_steps):
    v, u = torch.tensor(v0), torch.zeros(2)
    path = [v]
    for k in range(n_steps):
        u = (k % 2) * beta * u + torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v)
    return path

# %% correct | momentum_descent | recursion with a default argument for the velocity
def momentum_descent(f, v0, lr, beta, n_steps, u=None):
    here = np.array(v0, dtype=float)
    if not n_steps:
        return [here]
    u = np.zeros(2) if u is None else u
    t = torch.from_numpy(here).clone().requires_grad_(True)
    f(t).backward()
    u = u * beta + t.grad.numpy()
    return [here] + momentum_descent(f, here - u * lr, lr, beta, n_steps - 1, u)

# %% correct | momentum_descent | accumulate over (v, u) pairs, numpy float entries
from itertools import accumulate, repeat
def momentum_descent(f, v0, lr, beta, n_steps):
    def roll(state, _):
        v, u = state
        x = torch.tensor(v, requires_grad=True)
        u = beta * u + torch.autograd.grad(f(x), x)[0].numpy()
        return v - lr * u, u
    return [[v[0], v[1]] for v, _ in accumulate(repeat(None, n_steps), roll, initial=(np.array(v0), np.zeros(2)))]

# %% correct | momentum_descent | float32 throughout, in-place mul_ add_ like an optimiser
def momentum_descent(f, v0, lr, beta, n_steps):
    w = torch.tensor(v0, dtype=torch.float32, requires_grad=True)
    buf = torch.zeros(2)
    trace = torch.empty(n_steps + 1, 2)
    trace[0] = w.detach()
    for k in range(n_steps):
        w.grad = None
        f(w).backward()
        buf.mul_(beta).add_(w.grad)
        w.data.add_(buf, alpha=-lr)
        trace[k + 1] = w.data
    return trace

# %% correct | momentum_descent | SGD with an inner class, default dtype changed, prints each loss
torch.set_default_dtype(torch.float64)
class Ball:
    def __init__(self, place):
        self.v, self.u = torch.as_tensor(place).clone(), 0.0
    def step(self, f, lr, beta):
        leaf = self.v.detach().requires_grad_()
        loss = f(leaf)
        loss.backward()
        print("loss", float(loss))
        self.u = leaf.grad + beta * self.u
        self.v = self.v.detach() - self.u * lr
        return self.v
def momentum_descent(f, v0, lr, beta, n_steps):
    ball = Ball(v0)
    return [torch.tensor(v0)] + [ball.step(f, lr, beta) for _ in range(n_steps)]

# %% correct | momentum_descent | never detached: backpropagation through the whole path, requires grad
def momentum_descent(f, v0, lr, beta, n_steps):
    x = torch.tensor(v0, requires_grad=True)
    m = torch.zeros(2, dtype=torch.float64)
    keep = [x]
    for _ in range(n_steps):
        g = torch.autograd.grad(f(x), x, create_graph=True, retain_graph=True)[0]
        m = beta * m + g
        x = x - lr * m
        keep.append(x)
    return torch.stack(keep)

# %% correct | momentum_descent | functools.partial of a helper with swapped arguments, state matrix filled by columns
from functools import partial
def _ball(n_steps, beta, lr, v0, f):
    S = np.zeros((4, n_steps + 1))
    S[:2, 0] = v0
    slope = lambda p: torch.autograd.functional.jacobian(f, torch.tensor(p.copy())).numpy()
    for n in range(n_steps):
        S[2:, n + 1] = beta * S[2:, n] + slope(S[:2, n])
        S[:2, n + 1] = S[:2, n] - lr * S[2:, n + 1]
    return S[:2].T.tolist()
def momentum_descent(f, v0, lr, beta, n_steps, **unused):
    return partial(_ball, n_steps, beta, lr)(v0, f)

# %% mistake | momentum_descent | gradient times (1 - beta) | lerp
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0); u = torch.zeros(2, dtype=torch.float64); path = [v]
    for _ in range(n_steps):
        u = torch.lerp(torch.func.grad(f)(v), u, beta)
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | only the last gradient
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0); last = torch.zeros_like(v); path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        v = v - lr * (g + beta * last)
        last = g
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | beta changes with the step
def momentum_descent(f, v0, lr, beta, n_steps):
    v = np.array(v0); u = np.zeros(2); path = [v]
    for k in range(n_steps):
        u = beta ** k * u + torch.func.grad(f)(torch.tensor(v)).numpy()
        v = v - lr * u
        path.append(v)
    return np.array(path)

# %% mistake | momentum_descent | unnamed | the velocity is dropped whenever it points uphill
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0); u = torch.zeros_like(v); path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        if torch.dot(u, g) < 0:
            u = torch.zeros_like(u)
        u = beta * u + g
        v = v - lr * u
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | normalised gradient | clipped to norm 5
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0, requires_grad=True)
    opt = torch.optim.SGD([v], lr=lr, momentum=beta)
    path = [v.detach().clone()]
    for _ in range(n_steps):
        opt.zero_grad()
        f(v).backward()
        torch.nn.utils.clip_grad_norm_([v], 5.0)
        opt.step()
        path.append(v.detach().clone())
    return path

# %% mistake | momentum_descent | unnamed | (1 - beta) g with lr twice, and the start missing
def momentum_descent(f, v0, lr, beta, n_steps):
    v = torch.tensor(v0); u = 0; path = []
    for _ in range(n_steps):
        u = beta * u + (1 - beta) * lr * torch.func.grad(f)(v)
        v = v - lr * u
        path.append(v.numpy())
    return np.array(path).reshape(-1, 2)

# ----------------------------------------------------------------------------------------- classify_stationary_point

# %% correct | classify_stationary_point | eigenvalues
def classify_stationary_point(H):
    low, high = np.linalg.eigvalsh(H)
    if low > 0:
        return "minimum"
    if high < 0:
        return "maximum"
    return "saddle"

# %% correct | classify_stationary_point | determinant and corner
def classify_stationary_point(H):
    (a, b), (c, d) = H
    if a * d - b * c < 0:
        return "saddle"
    return "minimum" if a > 0 else "maximum"

# %% correct | classify_stationary_point | determinant and trace, torch float32
def classify_stationary_point(hess):
    T = torch.tensor(hess, dtype=torch.float32)
    if torch.det(T) < 0:
        return "saddle"
    return "maximum" if torch.trace(T) < 0 else "minimum"

# %% correct | classify_stationary_point | counts negative eigenvalues, general eig
def classify_stationary_point(H, *, names=("minimum", "saddle", "maximum")):
    return names[int(np.sum(np.real(np.linalg.eig(H)[0]) < 0))]

# %% correct | classify_stationary_point | quadratic formula, np.str_
def classify_stationary_point(H):
    t, d = H[0][0] + H[1][1], H[0][0] * H[1][1] - H[0][1] ** 2
    root = (t * t / 4 - d) ** 0.5
    first, second = t / 2 + root, t / 2 - root
    return np.array(["saddle", "minimum", "maximum"])[1 if second > 0 else 2 if first < 0 else 0]

# %% correct | classify_stationary_point | Cholesky
def classify_stationary_point(H):
    def positive(M):
        try:
            np.linalg.cholesky(M)
        except np.linalg.LinAlgError:
            return False
        return True
    return "minimum" if positive(H) else "maximum" if positive(-H) else "saddle"

# %% correct | classify_stationary_point | walks around the compass
def classify_stationary_point(H):
    t = np.linspace(0, np.pi, 2001)
    d = np.array([np.cos(t), np.sin(t)])
    bends = np.einsum("ik,ij,jk->k", d, H, d)
    return "minimum" if bends.min() > 0 else "maximum" if bends.max() < 0 else "saddle"

# %% mistake | classify_stationary_point | diagonal only
def classify_stationary_point(H):
    if H[0, 0] > 0 and H[1, 1] > 0:
        return "minimum"
    if H[0, 0] < 0 and H[1, 1] < 0:
        return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | diagonal only | np.diag, not strictly
def classify_stationary_point(H):
    d = np.diag(H)
    return "minimum" if (d >= 0).all() else "maximum" if (d <= 0).all() else "saddle"

# %% mistake | classify_stationary_point | signs of the entries
def classify_stationary_point(H):
    if (H > 0).all():
        return "minimum"
    elif (H < 0).all():
        return "maximum"
    else:
        return "saddle"

# %% mistake | classify_stationary_point | determinant alone
def classify_stationary_point(H):
    return "minimum" if np.linalg.det(H) > 0 else "saddle"

# %% mistake | classify_stationary_point | determinant alone | maximum below
def classify_stationary_point(H):
    det = np.linalg.det(H)
    if det > 0:
        return "minimum"
    if det < 0:
        return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | determinant slipped
def classify_stationary_point(H):
    det = H[0, 0] * H[1, 1] + H[0, 1] * H[1, 0]
    if det < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"

# %% mistake | classify_stationary_point | determinant slipped | not squared
def classify_stationary_point(H):
    if H[0, 0] * H[1, 1] - H[0, 1] < 0:
        return "saddle"
    return "minimum" if H[0, 0] > 0 else "maximum"

# %% mistake | classify_stationary_point | saddle never | trace
def classify_stationary_point(H):
    return "minimum" if np.trace(H) > 0 else "maximum" if np.trace(H) < 0 else "saddle"

# %% mistake | classify_stationary_point | one curvature is enough | any
def classify_stationary_point(H):
    eig = np.linalg.eigvalsh(H)
    if np.any(eig > 0):
        return "minimum"
    if np.any(eig < 0):
        return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | one curvature is enough | smallest only
def classify_stationary_point(H):
    return "minimum" if np.linalg.eigvalsh(H)[0] > 0 else "maximum"

# %% mistake | classify_stationary_point | minimum and maximum swapped
def classify_stationary_point(H):
    eig = np.linalg.eigvalsh(H)
    return "maximum" if all(eig > 0) else "minimum" if all(eig < 0) else "saddle"

# %% mistake | classify_stationary_point | saddle and maximum swapped
def classify_stationary_point(H):
    if np.linalg.det(H) < 0:
        return "maximum"
    return "minimum" if H[0, 0] > 0 else "saddle"

# %% mistake | classify_stationary_point | always the same word | singular values
def classify_stationary_point(H):
    s = np.linalg.svd(H)[1]
    return "minimum" if all(s > 0) else "maximum" if all(s < 0) else "saddle"

# %% mistake | classify_stationary_point | numbers instead of a word
def classify_stationary_point(H):
    return np.linalg.eigvalsh(H)

# %% mistake | classify_stationary_point | spelled differently | min, max
def classify_stationary_point(H):
    eig = np.linalg.eigvalsh(H)
    return "min" if all(eig > 0) else "max" if all(eig < 0) else "saddle"

# %% mistake | classify_stationary_point | spelled differently | saddle point
def classify_stationary_point(H):
    eig = np.linalg.eigvalsh(H)
    return "minimum" if all(eig > 0) else "maximum" if all(eig < 0) else "saddle point"

# %% mistake | classify_stationary_point | returns nothing
def classify_stationary_point(H):
    eig = np.linalg.eigvalsh(H)
    print("minimum" if all(eig > 0) else "maximum" if all(eig < 0) else "saddle")

# %% mistake | classify_stationary_point | unnamed | diagonal only, and min for max
def classify_stationary_point(H):
    a, d = H[0, 0], H[1, 1]
    return "saddle" if a * d < 0 else "maximum" if a > 0 else "minimum"

# %% mistake | classify_stationary_point | unnamed | only looks at the mixed entry
def classify_stationary_point(H):
    return "saddle" if abs(H[0, 1]) > 2 else "minimum" if H[0, 0] > 0 else "maximum"

# %% correct | classify_stationary_point | match statement on the signs, torch eigenvalues
def classify_stationary_point(H):
    signs = torch.linalg.eigvalsh(torch.tensor(H)).sign().int().tolist()
    match signs:
        case [1, 1]:
            return "minimum"
        case [-1, -1]:
            return "maximum"
        case _:
            return "saddle"

# %% correct | classify_stationary_point | dictionary keyed by a set of signs, general eigvals
def classify_stationary_point(H):
    key = frozenset(np.sign(np.linalg.eigvals(H).real).astype(int))
    return {frozenset({1}): "minimum", frozenset({-1}): "maximum", frozenset({1, -1}): "saddle"}[key]

# %% correct | classify_stationary_point | pivots of Gaussian elimination (inertia), rows exchanged by the larger diagonal
def classify_stationary_point(H):
    a, b, d = H[0, 0], H[0, 1], H[1, 1]
    if abs(a) < abs(d):
        a, d = d, a
    if a == 0:
        return "saddle"
    pivot2 = d - b * b / a
    if a * pivot2 < 0:
        return "saddle"
    return "minimum" if a > 0 else "maximum"

# %% correct | classify_stationary_point | word assembled from pieces, booleans as indices
def classify_stationary_point(H):
    lo, hi = sorted(np.linalg.eigh(H)[0])
    if lo * hi < 0:
        return "".join(["sad", "dle"])
    return ("max", "min")[int(lo > 0)] + "imum"

# %% correct | classify_stationary_point | roots of the characteristic polynomial, class with static method
class Classifier:
    names = {2: "minimum", 0: "saddle", -2: "maximum"}
    def __call__(self, H, tol=0.0):
        roots = np.roots([1.0, -(H[0, 0] + H[1, 1]), H[0, 0] * H[1, 1] - H[0, 1] * H[1, 0]]).real
        return self.names[sum(1 if r > tol else -1 for r in roots)]
classify_stationary_point = Classifier()

# %% correct | classify_stationary_point | Rayleigh quotients of the eigenvectors, Enum value, warning on stderr
import sys
from enum import Enum
class Kind(Enum):
    BOWL = "minimum"
    DOME = "maximum"
    PASS = "saddle"
def classify_stationary_point(H, /):
    _, V = np.linalg.eigh(H)
    bends = [v @ H @ v for v in V.T]
    print("bends", bends, file=sys.stderr)
    up, down = any(b > 0 for b in bends), any(b < 0 for b in bends)
    return (Kind.PASS if up and down else Kind.BOWL if up else Kind.DOME).value

# %% mistake | classify_stationary_point | saddle and maximum swapped | two negative minors for a maximum
def classify_stationary_point(H):
    m1, m2 = H[0, 0], np.linalg.det(H)
    if m1 > 0 and m2 > 0: return "minimum"
    if m1 < 0 and m2 < 0: return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | always the same word | a bracket closed too early
def classify_stationary_point(H):
    w = np.linalg.eigvalsh(H)
    if np.all(w) > 0:
        return "minimum"
    elif np.all(w) < 0:
        return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | little taken for nothing | below 0.1
def classify_stationary_point(H):
    w = np.linalg.eigvalsh(H)
    if (w > 0.1).all(): return "minimum"
    if (w < -0.1).all(): return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | little taken for nothing | cut to integers
def classify_stationary_point(H):
    a, b = np.linalg.eigvalsh(H).astype(int)
    if a * b < 0: return "saddle"
    return "minimum" if a + b > 0 else "maximum"

# %% mistake | classify_stationary_point | a few directions only
def classify_stationary_point(H):
    ways = np.array([[1, 0], [0, 1], [1, 1], [1, -1]])
    bends = np.array([w @ H @ w for w in ways])
    if np.all(bends > 0): return "minimum"
    if np.all(bends < 0): return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | saddle never | singular values with the sign of the trace
def classify_stationary_point(H):
    s = np.linalg.svd(H, compute_uv=False) * np.sign(np.trace(H))
    if (s > 0).all(): return "minimum"
    if (s < 0).all(): return "maximum"
    return "saddle"

# %% mistake | classify_stationary_point | a case without an answer
def classify_stationary_point(H):
    D = np.linalg.det(H)
    if H[0, 0] > 0:
        return "minimum" if D > 0 else "saddle"
    elif D > 0:
        return "maximum"

# %% mistake | newton | stops early | stands still where the slope is below a hundredth
def newton(f, v0, n_steps):
    v = torch.tensor(v0, dtype=torch.float64)
    path = [v]
    for _ in range(n_steps):
        g = torch.func.grad(f)(v)
        if g.norm() > 1e-2:
            v = v - torch.linalg.solve(torch.func.hessian(f)(v), g)
        path.append(v)
    return torch.stack(path)

# %% mistake | newton | an axis of one lost | the start alone
def newton(f, v0, n_steps):
    v = torch.tensor(v0, dtype=torch.float64)
    path = [v]
    for _ in range(n_steps):
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path) if n_steps else v

# %% mistake | classify_stationary_point | large mixed derivative | Gershgorin's discs
def classify_stationary_point(H):
    r = abs(H[0, 1])
    if min(H[0, 0], H[1, 1]) > r:
        return "minimum"
    return "maximum" if max(H[0, 0], H[1, 1]) < -r else "saddle"

# %% mistake | classify_stationary_point | unnamed | a curvature twenty times as small is taken for nothing
def classify_stationary_point(H):
    curvatures = np.linalg.eigvalsh(H / np.abs(H).max())
    if np.all(curvatures > 0.05):
        return "minimum"
    return "maximum" if np.all(curvatures < -0.05) else "saddle"

# %% mistake | classify_stationary_point | unnamed | nothing beyond a hundred
def classify_stationary_point(H):
    curvatures = np.linalg.eigvalsh(H)
    if np.abs(curvatures).max() > 100:
        return "saddle"
    return "minimum" if curvatures.min() > 0 else "maximum" if curvatures.max() < 0 else "saddle"

# %% mistake | newton | remembers the last call | a default list
def newton(f, v0, n_steps, path=[]):
    v = torch.tensor(v0)
    path.append(v)
    for _ in range(n_steps):
        v = v - torch.linalg.solve(torch.func.hessian(f)(v), torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path)

# %% mistake | momentum_descent | remembers the last call | a global velocity
u = np.zeros(2)
def momentum_descent(f, v0, lr, beta, n_steps):
    global u
    path = [np.array(v0)]
    for _ in range(n_steps):
        u = beta * u + torch.func.grad(f)(torch.tensor(path[-1])).numpy()
        path.append(path[-1] - lr * u)
    return path

# %% mistake | classify_stationary_point | saddle never | unless the trace is 0
def classify_stationary_point(H):
    trace = np.trace(H)
    return "minimum" if trace > 0 else "maximum" if trace < 0 else "saddle"

# %% correct | newton | an object that can be iterated
class Path:
    def __init__(self, f, v, n):
        self.f, self.v, self.n = f, torch.tensor(v), n

    def __iter__(self):
        yield self.v
        for _ in range(self.n):
            self.v = self.v - torch.linalg.solve(torch.func.hessian(self.f)(self.v), torch.func.grad(self.f)(self.v))
            yield self.v


def newton(f, v0, n_steps):
    return Path(f, v0, n_steps)

# %% mistake | newton | turned downhill | a gradient step unless Cholesky says all bends up
def newton(f, v0, n_steps, lr=0.1):
    path = [v0]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True); f(x).backward()
        g = x.grad.numpy(); H = torch.func.hessian(f)(torch.tensor(path[-1])).numpy()
        try:
            np.linalg.cholesky(H); p = np.linalg.solve(H, g)
        except np.linalg.LinAlgError:
            p = lr * g
        path.append(path[-1] - p)
    return path

# %% mistake | newton | start twice | kept, and walked from
def newton(f, v0, n_steps):
    path = [v0, v0]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True); f(x).backward()
        path.append(path[-1] - np.linalg.solve(torch.func.hessian(f)(torch.tensor(path[-1])).numpy(), x.grad.numpy()))
    return path

# %% mistake | hessian | keeps an earlier result | an attribute, the first for ever
def hessian(f, v):
    if not hasattr(hessian, "H"):
        hessian.H = torch.func.hessian(f)(torch.tensor(v)).numpy()
    return hessian.H

# %% mistake | classify_stationary_point | spelled differently | saddle_point
def classify_stationary_point(H):
    w = np.linalg.eigvalsh(H)
    return "minimum" if w[0] > 0 else "maximum" if w[1] < 0 else "saddle_point"

# %% mistake | classify_stationary_point | spelled differently | in full and capital
def classify_stationary_point(H):
    w = np.linalg.eigvalsh(H)
    return "Local Minimum" if w[0] > 0 else "Local Maximum" if w[1] < 0 else "Saddle Point"

# %% mistake | classify_stationary_point | little taken for nothing | a tolerance
def classify_stationary_point(H):
    w = np.linalg.eigvalsh(H)
    return "minimum" if w[0] > 1e-2 else "maximum" if w[1] < -1e-2 else "saddle"

# %% mistake | classify_stationary_point | little taken for nothing | a small determinant
def classify_stationary_point(H):
    d = np.linalg.det(H)
    if d > 1e-3: return "minimum" if H[0,0] > 0 else "maximum"
    return "saddle"

# %% correct | hessian | a tensor of a class of its own
class Place(torch.Tensor):
    pass
def hessian(f, v):
    x = torch.tensor(v).as_subclass(Place).requires_grad_()
    g, = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.stack([torch.autograd.grad(gi, x, retain_graph=True)[0] for gi in g]).detach()

# %% correct | hessian | a complex step of tensors, differences of it
def hessian(f, v):
    def g(p, i):
        z = torch.tensor(p, dtype=torch.complex128)
        z[i] += 1e-30j
        return f(z).imag.item() / 1e-30
    H = np.zeros((2, 2))
    h = 1e-5
    for i in range(2):
        for j in range(2):
            e = np.zeros(2); e[j] = h
            H[i, j] = (g(v + e, i) - g(v - e, i)) / (2 * h)
    return H

# %% correct | hessian | of two numbers, a tuple of tuples of tensors
def hessian(f, v):
    a, b = (torch.tensor(t) for t in v)
    return torch.autograd.functional.hessian(lambda a, b: f(torch.stack([a, b])), (a, b))

# %% correct | newton | conjugate gradients by Hessian-vector products
def newton(f, v0, n_steps):
    import torch.autograd.functional as F
    v = torch.tensor(v0); path = [v]
    for _ in range(n_steps):
        g = F.jacobian(f, v)
        hv = lambda p: F.hvp(f, v, p)[1]
        p = torch.zeros(2).double(); r = g.clone(); d = r.clone()
        for _ in range(2):
            if r.norm() == 0: break
            Hd = hv(d)
            a = (r @ r) / (d @ Hd)
            p = p + a * d
            r2 = r - a * Hd
            d = r2 + (r2 @ r2) / (r @ r) * d
            r = r2
        v = v - p
        path.append(v)
    return torch.stack(path)

# %% correct | momentum_descent | a hook makes a velocity of the gradient
def momentum_descent(f, v0, lr, beta, n_steps):
    state = {"u": torch.zeros(2, dtype=torch.float64)}
    def hook(g):
        state["u"] = beta * state["u"] + g
        return state["u"]
    path = [torch.tensor(v0)]
    for _ in range(n_steps):
        x = path[-1].clone().requires_grad_()
        x.register_hook(hook)
        f(x).backward()
        path.append((x - lr * x.grad).detach())
    return torch.stack(path)

# %% correct | momentum_descent | the plane as complex numbers
def momentum_descent(f, v0, lr, beta, n_steps):
    z, u = complex(*v0), 0j
    out = [z]
    for _ in range(n_steps):
        x = torch.tensor([z.real, z.imag], dtype=torch.float64, requires_grad=True)
        g = torch.autograd.grad(f(x), x)[0]
        u = beta * u + complex(*g.tolist())
        z = z - lr * u
        out.append(z)
    z = np.array(out)
    return np.stack([z.real, z.imag], axis=-1)

# %% correct | momentum_descent | what is no place goes by keyword only
def momentum_descent(f, v0, *, lr: float, beta: float, n_steps: int) -> np.ndarray:
    velocity, path = np.zeros(2), [v0]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        velocity = beta * velocity + x.grad.numpy()
        path.append(path[-1] - lr * velocity)
    return np.array(path)
