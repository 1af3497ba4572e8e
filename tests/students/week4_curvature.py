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
