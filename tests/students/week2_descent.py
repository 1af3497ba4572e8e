# Student solutions for week 2, `descent.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch, plt, square and poly
# exist. Some change global state (default dtype, warnings, np.seterr): run each in a fresh process.

# ---------------------------------------------------------------------------------------------------- descent_update

# %% correct | descent_update | plain
def descent_update(x, gradient, lr):
    return x - lr * gradient

# %% correct | descent_update | renamed parameters, annotations, a default
def descent_update(point: "float | np.ndarray", slope: "float | np.ndarray", eta: float = 0.1) -> "float | np.ndarray":
    """One step downhill."""
    new_point = point - eta * slope
    return new_point

# %% correct | descent_update | lambda
descent_update = lambda x, g, a: -a * g + x

# %% correct | descent_update | numpy functions and a keyword-only extra
def descent_update(x, gradient, lr, *, sign=-1.0):
    return np.add(x, np.multiply(sign * lr, gradient))

# %% correct | descent_update | in place on a copy
def descent_update(x, gradient, lr):
    x = np.array(x, dtype=float)
    x -= lr * np.asarray(gradient)
    return x

# %% correct | descent_update | torch.sub with alpha, float64
def descent_update(x, gradient, lr):
    x = torch.tensor(x, dtype=torch.float64)
    gradient = torch.tensor(gradient, dtype=torch.float64)
    return torch.sub(x, gradient, alpha=lr)

# %% correct | descent_update | float32
def descent_update(x, gradient, lr):
    x32 = np.asarray(x).astype(np.float32)
    g32 = np.asarray(gradient).astype(np.float32)
    return x32 - np.float32(lr) * g32

# %% correct | descent_update | a list for arrays, a float for floats
def descent_update(x, gradient, lr):
    if np.ndim(x) == 0:
        return float(x) - lr * float(gradient)
    xs, gs = np.broadcast_arrays(x, gradient)
    return [a - lr * b for a, b in zip(xs, gs)]

# %% correct | descent_update | torch.optim.SGD where lr allows it
def descent_update(x, gradient, lr):
    if lr < 0:
        return x - lr * gradient
    p = torch.nn.Parameter(torch.tensor(x, dtype=torch.float64))
    p.grad = torch.tensor(gradient, dtype=torch.float64)
    torch.optim.SGD([p], lr=lr).step()
    return p          # still requires grad

# %% correct | descent_update | class, partial, print and warning
import functools, sys, warnings

class _Update:
    def __init__(self, direction):
        self.direction = direction

    def __call__(self, x, gradient, lr):
        print("updating", x, gradient, lr)
        print("to stderr as well", file=sys.stderr)
        warnings.warn("this is only a warning")
        return x + self.direction * (lr * gradient)

descent_update = functools.partial(_Update(-1))

# %% correct | descent_update | np.seterr raise, gradient divided by 1/lr
np.seterr(all="raise")

def descent_update(x, gradient, lr):
    return x - gradient / (1 / lr)

# %% mistake | descent_update | climbs | plus sign
def descent_update(x, gradient, lr):
    return x + lr * gradient

# %% mistake | descent_update | climbs | minus of a minus
def descent_update(x, gradient, lr):
    downhill = -gradient
    step = lr * downhill
    return x - step

# %% mistake | descent_update | climbs | torch
def descent_update(x, gradient, lr):
    x = torch.tensor(x, dtype=torch.float32)
    return torch.add(x, torch.tensor(gradient, dtype=torch.float32), alpha=lr)

# %% mistake | descent_update | ignores lr | plain
def descent_update(x, gradient, lr):
    return x - gradient

# %% mistake | descent_update | ignores lr | a rate of its own
def descent_update(x, gradient, lr):
    lr = 0.1
    return np.subtract(x, lr * np.asarray(gradient))

# %% mistake | descent_update | modifies its argument | minus-equals
def descent_update(x, gradient, lr):
    x -= lr * gradient
    return x

# %% mistake | descent_update | modifies its argument | writes into the array
def descent_update(x, gradient, lr):
    if isinstance(x, np.ndarray):
        for i in range(len(x)):
            x[i] = x[i] - lr * gradient[i]
        return x
    return x - lr * gradient

# %% mistake | descent_update | modifies its argument | through torch.from_numpy
def descent_update(x, gradient, lr):
    if np.ndim(x) == 0:
        return x - lr * gradient
    t = torch.from_numpy(x)
    t.sub_(torch.from_numpy(gradient), alpha=lr)
    return t.clone()

# %% mistake | descent_update | modifies its argument | the gradient rather than x
def descent_update(x, gradient, lr):
    gradient *= lr
    return x - gradient

# %% mistake | descent_update | unnamed | climbs and modifies its argument
def descent_update(x, gradient, lr):
    x += lr * gradient
    return x

# %% mistake | descent_update | unnamed | lr squared
def descent_update(x, gradient, lr):
    step = lr * gradient
    return x - lr * step

# %% mistake | descent_update | unnamed | only the step
def descent_update(x, gradient, lr):
    return -lr * gradient

# %% mistake | descent_update | unnamed | brackets
def descent_update(x, gradient, lr):
    return (x - lr) * gradient

# %% mistake | descent_update | unnamed | floats only
def descent_update(x, gradient, lr):
    return float(x) - lr * float(gradient)

# %% mistake | descent_update | unnamed | prints instead of returning
def descent_update(x, gradient, lr):
    print(x - lr * gradient)

# %% correct | descent_update | a torch Parameter that took a step
def descent_update(x, gradient, lr):
    if lr < 0:
        return x + abs(lr) * gradient
    p = torch.nn.Parameter(torch.tensor(x, dtype=torch.float64))
    p.grad = torch.tensor(gradient, dtype=torch.float64)
    torch.optim.SGD([p], lr=float(lr)).step()
    return p

# %% correct | descent_update | np.tensordot, np.seterr raise, a 0-d array for floats
np.seterr(all="raise")

def descent_update(x, gradient, lr):
    return np.tensordot(np.array([1.0, -lr]), np.stack([np.asarray(x, float), np.asarray(gradient, float)]), axes=1)

# %% mistake | descent_update | one step for all walkers | np.dot with ones
def descent_update(x, gradient, lr):
    return x - lr * np.dot(gradient, np.ones_like(gradient))

# %% mistake | descent_update | divides by lr
def descent_update(x, gradient, lr):
    return x - gradient / lr

# %% mistake | descent_update | only the sign of the gradient | np.sign
def descent_update(x, gradient, lr):
    return x - lr * np.sign(gradient)

# %% mistake | descent_update | ignores the sign of lr | abs
def descent_update(x, gradient, lr):
    return x - abs(lr) * gradient

# -------------------------------------------------------------------------------------------------- gradient_descent

# %% correct | gradient_descent | plain loop, list of floats
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        y = f(x)
        y.backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% correct | gradient_descent | list comprehension with walrus
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    return [x] + [x := x - lr * torch.autograd.grad(f(x), x)[0] for _ in range(n_steps)]

# %% correct | gradient_descent | tensor that still requires grad
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    points = [x]
    for k in range(n_steps):
        g, = torch.autograd.grad(f(points[-1]), points[-1], create_graph=True)
        points.append(points[-1] - lr * g.detach())
    return torch.stack(points)

# %% correct | gradient_descent | preallocated numpy array, float64
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        x = torch.tensor(path[k], requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% correct | gradient_descent | preallocated float32 array of nan
def gradient_descent(f, x0, lr, n_steps):
    out = np.full(n_steps + 1, np.nan, dtype=np.float32)
    out[0] = float(x0)
    for i in range(1, n_steps + 1):
        t = torch.from_numpy(out[i - 1:i].copy()).requires_grad_()
        f(t).sum().backward()
        out[i] = out[i - 1] - np.float32(lr) * t.grad.numpy()[0]
    return out

# %% correct | gradient_descent | preallocated tensor filled in place
def gradient_descent(f, x0, lr, n_steps):
    path = torch.empty(n_steps + 1, dtype=torch.float64)
    path[0] = x0
    for k in range(n_steps):
        x = path[k].detach().clone().requires_grad_(True)
        (g,) = torch.autograd.grad(f(x), [x])
        path[k + 1] = path[k] - g * lr
    return path

# %% correct | gradient_descent | torch.func.grad, tuple
def gradient_descent(f, x0, lr, n_steps):
    df = torch.func.grad(f)
    xs = (torch.tensor(float(x0)),)
    for _ in range(n_steps):
        xs += (xs[-1] - lr * df(xs[-1]),)
    return xs

# %% correct | gradient_descent | jacrev
from torch.func import jacrev

def gradient_descent(f, x0, lr, n_steps):
    x = torch.as_tensor(x0, dtype=torch.float64).clone()
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jacrev(f)(x)
        path.append(x)
    return torch.stack(path).numpy()

# %% correct | gradient_descent | vmap of grad over a batch of one
def gradient_descent(f, x0, lr, n_steps):
    slopes = torch.func.vmap(torch.func.grad(f))
    batch = torch.tensor([float(x0)], dtype=torch.float64)
    track = [batch]
    for _ in range(n_steps):
        batch = batch - lr * slopes(batch)
        track.append(batch)
    return torch.cat(track)

# %% correct | gradient_descent | list of (1,)-tensors
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor([float(x0)], requires_grad=True)
    history = [x.detach().clone()]
    for _ in range(n_steps):
        f(x).backward()
        x.data = x.data - lr * x.grad
        x.grad = None
        history.append(x.detach().clone())
    return history

# %% correct | gradient_descent | torch.optim.SGD, by hand for negative lr
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [float(x)]
    opt = torch.optim.SGD([x], lr=lr) if lr >= 0 else None
    for _ in range(n_steps):
        if opt is not None:
            opt.zero_grad()
            f(x).backward()
            opt.step()
        else:
            g, = torch.autograd.grad(f(x), x)
            with torch.no_grad():
                x -= lr * g
        path.append(float(x))
    return path

# %% correct | gradient_descent | SGD that maximizes when lr is negative
def gradient_descent(f, x0, lr, n_steps):
    w = torch.nn.Parameter(torch.tensor(float(x0)))
    sgd = torch.optim.SGD([w], lr=abs(lr), maximize=(lr < 0))
    trace = [w.detach().clone()]
    for epoch in range(n_steps):
        sgd.zero_grad(set_to_none=False)
        loss = f(w)
        loss.backward()
        sgd.step()
        trace.append(w.detach().clone())
    return trace

# %% correct | gradient_descent | recursion
def gradient_descent(f, x0, lr, n_steps):
    if n_steps == 0:
        return [float(x0)]
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return [float(x0)] + gradient_descent(f, float(x0) - lr * float(x.grad), lr, n_steps - 1)

# %% correct | gradient_descent | recursion from the end
def gradient_descent(f, x0, lr, n):
    if n <= 0:
        return torch.tensor([float(x0)])
    before = gradient_descent(f, x0, lr, n - 1)
    last = before[-1].clone().requires_grad_()
    slope = torch.autograd.grad(f(last), last)[0]
    return torch.cat([before, (last - lr * slope).detach().reshape(1)])

# %% correct | gradient_descent | reduce
from functools import reduce

def gradient_descent(f, x0, lr, n_steps):
    def extend(path, _):
        x = torch.tensor(path[-1], requires_grad=True)
        return path + [path[-1] - lr * torch.autograd.grad(f(x), x)[0].item()]
    return reduce(extend, range(n_steps), [float(x0)])

# %% correct | gradient_descent | accumulate
from itertools import accumulate, repeat

def gradient_descent(f, x0, lr, n_steps):
    slope = torch.func.grad(f)
    steps = accumulate(repeat(None, n_steps), lambda x, _: x - lr * slope(x), initial=torch.tensor(float(x0)))
    return torch.stack(list(steps))

# %% correct | gradient_descent | while loop
def gradient_descent(f, x0, lr, n_steps):
    path = [torch.tensor(float(x0), dtype=torch.double)]
    while len(path) < n_steps + 1:
        x = path[-1].clone().requires_grad_(True)
        f(x).backward()
        path.append(x.detach() - lr * x.grad)
    return path

# %% correct | gradient_descent | while counting down
def gradient_descent(f, x0, lr, n_steps):
    x, path, left = float(x0), [], n_steps
    while True:
        path.append(x)
        if left == 0:
            return np.array(path)
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(t).backward()
        x = x - lr * t.grad.item()
        left -= 1

# %% correct | gradient_descent | deque
from collections import deque

def gradient_descent(f, x0, lr, n_steps):
    path = deque([float(x0)], maxlen=n_steps + 1)
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        y = f(x)
        y.backward()
        path.append(path[-1] - lr * x.grad.item())
    return path

# %% correct | gradient_descent | generator consumed into a list
def _walk(f, x, lr, n_steps):
    yield x
    for _ in range(n_steps):
        t = torch.tensor(x, requires_grad=True, dtype=torch.float64)
        x = x - lr * float(torch.autograd.grad(f(t), t)[0])
        yield x

def gradient_descent(f, x0, lr, n_steps):
    return list(_walk(f, float(x0), lr, n_steps))

# %% correct | gradient_descent | endless generator, islice, np.fromiter
import itertools

def gradient_descent(f, x0, lr, n_steps):
    def forever(x):
        while True:
            yield float(x)
            x = x - lr * torch.func.grad(f)(x)
    points = itertools.islice(forever(torch.tensor(float(x0))), n_steps + 1)
    return np.fromiter(points, dtype=float)

# %% correct | gradient_descent | a class with __call__
class GradientDescent:
    """Keeps nothing between two calls."""

    def slope(self, f, x):
        t = torch.tensor(x, requires_grad=True)
        f(t).backward()
        return t.grad.item()

    def __call__(self, f, x0, lr, n_steps):
        self.path = [float(x0)]
        for _ in range(n_steps):
            self.path.append(self.path[-1] - lr * self.slope(f, self.path[-1]))
        return self.path

gradient_descent = GradientDescent()

# %% correct | gradient_descent | partial
from functools import partial

def general_descent(momentum, f, x0, lr, n_steps):
    x = torch.tensor(x0, dtype=torch.float64)
    u = torch.zeros_like(x)
    path = [x.numpy().copy()]
    for _ in range(n_steps):
        x = x.detach().requires_grad_()
        g, = torch.autograd.grad(f(x), x)
        u = momentum * u + g
        x = x - lr * u
        path.append(x.detach().numpy().copy())
    return path

gradient_descent = partial(general_descent, 0.0)

# %% correct | gradient_descent | lambda
_next = lambda f, x, lr: x - lr * torch.func.grad(f)(x)
gradient_descent = lambda f, x0, lr, n: (lambda path: [path.append(_next(f, path[-1], lr)) for _ in range(n)] and path or path)([torch.tensor(float(x0))])

# %% correct | gradient_descent | helpers from other cells
def slope_at(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).backward()
    return t.grad.item()

def one_step(f, x, lr):
    return x - lr * slope_at(f, x)

def gradient_descent(f, x0, lr, n_steps):
    xs = [float(x0)]
    for _ in range(n_steps):
        xs.append(one_step(f, xs[-1], lr))
    return xs

# %% correct | gradient_descent | default dtype float64 at the top
torch.set_default_dtype(torch.float64)

def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.detach().clone()]
    for i in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x.sub_(lr * x.grad)
            x.grad.zero_()
        path.append(x.detach().clone())
    return torch.stack(path)

# %% correct | gradient_descent | np.seterr raise at the top
np.seterr(all="raise")

def gradient_descent(f, x0, lr, n_steps):
    x = np.float64(x0)
    path = [x]
    for _ in range(n_steps):
        t = torch.tensor(x, requires_grad=True)
        f(t).backward()
        x = x - np.float64(lr) * np.float64(t.grad)
        path.append(x)
    return path                     # np.float64 entries

# %% correct | gradient_descent | gradient tracking switched off at the top
torch.set_grad_enabled(False)

def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    path = [x.item()]
    for _ in range(n_steps):
        with torch.enable_grad():
            leaf = x.clone().requires_grad_(True)
            f(leaf).backward()
        x = x - lr * leaf.grad
        path.append(x.item())
    return path

# %% correct | gradient_descent | warnings made errors at the top
import warnings
warnings.simplefilter("error")

def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    path = [x]
    for _ in range(n_steps):
        x -= lr * torch.func.grad(f)(torch.tensor(x, dtype=torch.float64)).item()
        path.append(x)
    return torch.tensor(path)

# %% correct | gradient_descent | copy-construct warning from torch
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(x0, dtype=torch.float32, requires_grad=True)
    path = [torch.tensor(x)]
    for _ in range(n_steps):
        f(x).backward()
        x = torch.tensor(x - lr * x.grad, requires_grad=True)
        path.append(torch.tensor(x))
    return path

# %% correct | gradient_descent | prints at every step
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    print(f"start {x.item():.4f}")
    for k in range(n_steps):
        loss = f(x)
        loss.backward()
        x.data -= lr * x.grad.data
        x.grad.data.zero_()
        print(f"step {k + 1}: x = {x.item():.6f}, f(x) = {f(x).item():.6f}")   # f evaluated once more
        path.append(x.item())
    print("done!\n" + "=" * 40)
    return path

# %% correct | gradient_descent | warnings and logging on stderr
import logging, sys, warnings
logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
log = logging.getLogger("descent")

def gradient_descent(f, x0, lr, n_steps):
    if lr > 1 or lr < 0:
        warnings.warn(f"lr = {lr} will probably diverge", RuntimeWarning)
    x = float(x0)
    path = [x]
    for k in range(n_steps):
        t = torch.tensor(x, requires_grad=True)
        g = torch.autograd.grad(f(t), t)[0].item()
        log.info("step %d x=%g slope=%g", k, x, g)
        x = x - lr * g
        path.append(x)
    log.error("finished, not an error")
    return path

# %% correct | gradient_descent | a progress bar like tqdm's
import sys, time

def bar(it, total):
    start = time.time()
    for k, item in enumerate(it):
        yield item
        done = (k + 1) / total
        sys.stderr.write(f"\r{done:4.0%}|{'█' * int(10 * done):<10}| {k + 1}/{total} [{time.time() - start:.2f}s]")
        sys.stderr.flush()
    sys.stderr.write("\n")

def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in bar(range(n_steps), n_steps):
        x.grad = None
        f(x).backward()
        x = (x - lr * x.grad).detach().requires_grad_()
        path.append(x.item())
    return path

# %% correct | gradient_descent | a plot inside the function
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    plt.figure(figsize=(3, 2))
    plt.plot(range(n_steps + 1), path, "o-")
    plt.xlabel("step")
    plt.ylabel("x")
    plt.show()
    return np.asarray(path, dtype=np.float32)

# %% correct | gradient_descent | .data
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor([float(x0)], dtype=torch.float64, requires_grad=True)
    path = [x.data.numpy()[0]]
    for _ in range(n_steps):
        if x.grad is not None:
            x.grad.data.zero_()
        f(x).backward()
        x.data = x.data - lr * x.grad.data
        path.append(x.data.numpy()[0])
    return path

# %% correct | gradient_descent | a fresh leaf each step
def gradient_descent(f, x0, lr, n_steps):
    path = [x0]
    for i in range(n_steps):
        leaf = torch.tensor(float(path[i]), requires_grad=True)
        f(leaf).backward()
        path.append(leaf.item() - lr * leaf.grad.item())
    return path                     # an int or a tensor first, then floats

# %% correct | gradient_descent | mixed list of a float, tensors and tensors with grad
def gradient_descent(f, x0, lr, n_steps):
    path = [x0]
    x = torch.as_tensor(x0, dtype=torch.float64).detach().clone().requires_grad_()
    for k in range(n_steps):
        x = x - lr * torch.autograd.grad(f(x), x)[0]
        path.append(x if k % 2 else x.detach())
    return path

# %% correct | gradient_descent | defaults, annotations, keyword-only extras
from typing import Callable, Sequence

def gradient_descent(
    f: Callable[[torch.Tensor], torch.Tensor],
    x0: float,
    lr: float = 0.1,
    n_steps: int = 10,
    *,
    dtype: torch.dtype = torch.float64,
    verbose: bool = False,
) -> Sequence[float]:
    """Gradient descent from x0, the start included."""
    x = torch.tensor(float(x0), dtype=dtype)
    path: list[float] = [x.item()]
    for _ in range(n_steps):
        x = x.detach().requires_grad_(True)
        f(x).backward()
        x = x - lr * x.grad
        if verbose:
            print(x)
        path.append(x.item())
    return path

# %% correct | gradient_descent | renamed parameters, in Greek
def gradient_descent(φ, ξ, η, N):
    ξ = float(ξ)
    χ = [ξ]
    for _ in range(N):
        τ = torch.tensor(ξ, dtype=torch.float64, requires_grad=True)
        φ(τ).backward()
        ξ -= η * τ.grad.item()
        χ.append(ξ)
    return χ

# %% correct | gradient_descent | nn.Module
class Ball(torch.nn.Module):
    def __init__(self, start):
        super().__init__()
        self.x = torch.nn.Parameter(torch.tensor(float(start), dtype=torch.float64))

    def forward(self, f):
        return f(self.x)

def gradient_descent(f, x0, lr, n_steps):
    ball = Ball(x0)
    path = torch.zeros(n_steps + 1, dtype=torch.float64)
    path[0] = ball.x.detach()
    for k in range(n_steps):
        ball.zero_grad()
        ball(f).backward()
        with torch.no_grad():
            for p in ball.parameters():
                p.add_(p.grad, alpha=-lr)
        path[k + 1] = ball.x.detach()
    return path

# %% correct | gradient_descent | forward mode, jvp
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    one = torch.ones_like(x)
    path = [x]
    for _ in range(n_steps):
        _, slope = torch.func.jvp(f, (x,), (one,))
        x = x - lr * slope
        path.append(x)
    return path

# %% correct | gradient_descent | torch.autograd.functional.jacobian
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    path = x.reshape(1)
    for _ in range(n_steps):
        x = x - lr * torch.autograd.functional.jacobian(f, x)
        path = torch.hstack([path, x])
    return path

# %% correct | gradient_descent | central differences in float64
def gradient_descent(f, x0, lr, n_steps, h=1e-6):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * (f(x + h) - f(x - h)) / (2 * h)
        path.append(x)
    return path

# %% correct | gradient_descent | clone of the start, decorated with no_grad
@torch.no_grad()
def gradient_descent(f, x0, lr, n_steps):
    x = torch.as_tensor(x0, dtype=torch.float64).clone()
    path = [x.clone()]
    for _ in range(n_steps):
        with torch.enable_grad():
            x.requires_grad_(True)
            y = f(x)
            g = torch.autograd.grad(y, x)[0]
        x.requires_grad_(False)
        x -= lr * g
        path.append(x.clone())
    return path

# %% correct | gradient_descent | records before updating, one pass more
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = []
    for _ in range(n_steps + 1):
        path.append(x.item())
        g = torch.autograd.grad(f(x), x)[0]
        x = (x - lr * g).detach().requires_grad_()
    return path

# %% correct | gradient_descent | keeps the gradients and sums them up
def gradient_descent(f, x0, lr, n_steps):
    x0 = float(x0)
    gradients = []
    for _ in range(n_steps):
        x = torch.tensor(x0 - lr * sum(gradients), dtype=torch.float64, requires_grad=True)
        f(x).backward()
        gradients.append(x.grad.item())
    return x0 - lr * np.concatenate([[0.0], np.cumsum(gradients)])

# %% correct | gradient_descent | lets .grad accumulate and takes the difference
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    seen = 0.0
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        g = x.grad.item() - seen
        seen = x.grad.item()
        x.data -= lr * g
        path.append(x.item())
    return path

# %% correct | gradient_descent | dictionary by step number
def gradient_descent(f, x0, lr, n_steps):
    at = {0: float(x0)}
    for k in range(1, n_steps + 1):
        x = torch.tensor(at[k - 1], requires_grad=True)
        f(x).backward()
        at[k] = at[k - 1] - lr * x.grad.item()
    return list(at.values())

# %% correct | gradient_descent | built backwards with insert
def gradient_descent(f, x0, lr, n_steps):
    backwards = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(backwards[0], requires_grad=True)
        f(x).backward()
        backwards.insert(0, backwards[0] - lr * x.grad.item())
    return backwards[::-1]

# %% correct | gradient_descent | np.append, a negative-stride view
def gradient_descent(f, x0, lr, n_steps):
    back = np.array([float(x0)])
    for _ in range(n_steps):
        x = torch.tensor(back[0], requires_grad=True)
        f(x).backward()
        back = np.append(back[0] - lr * x.grad.item(), back)
    return back[::-1]

# %% correct | gradient_descent | array.array
from array import array

def gradient_descent(f, x0, lr, n_steps):
    path = array("d", [float(x0)])
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * float(x.grad))
    return path

# %% correct | gradient_descent | closure with nonlocal, odd formatting
def gradient_descent ( f , x0 ,
      lr , n_steps ) :
    x = torch . tensor ( float ( x0 ) ) ; path = [ x . item ( ) ]
    def move ( ) :
        nonlocal x
        x = x . detach ( ) . requires_grad_ ( )
        ( f ( x ) * lr ) . backward ( )           # lr times the loss: the same step
        x = x - x . grad
        path . append ( x . item ( ) )
    for _ in " " * n_steps : move ( )
    return path

# %% correct | gradient_descent | tabs, globals and a shadowed builtin
sum = 0
path = None

def gradient_descent(f, x0, lr, n_steps):
	global sum, path
	path = []
	x = torch.tensor(float(x0), requires_grad=True)
	path.append(x.item())
	for i in range(n_steps):
		f(x).backward()
		with torch.no_grad():
			x -= lr*x.grad
		x.grad.zero_()
		path.append(x.item())
		sum = sum + 1
	return path

# %% correct | gradient_descent | tries its own work after the definition
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.tolist()]
    for _ in range(n_steps):
        g = torch.autograd.grad(outputs=f(x), inputs=x, grad_outputs=torch.ones_like(x))[0]
        x = torch.tensor(x.tolist() - lr * g.tolist(), dtype=torch.float64, requires_grad=True)
        path.append(x.tolist())
    return path

f = lambda x: torch.cos(x)
for lr in (0.1, 0.5, -0.5):
    print(lr, gradient_descent(f, 1.0, lr, 5))
x0, n_steps = 99, -1
assert len(gradient_descent(square, 4, 0.75, 2)) == 3

# %% correct | gradient_descent | asserts about its arguments, try and finally
def gradient_descent(f, x0, lr, n_steps):
    assert callable(f) and n_steps >= 0 and lr == lr
    x = torch.tensor(float(x0)).double().requires_grad_(True)
    path = []
    try:
        path.append(float(x.detach()))
        for _ in range(n_steps):
            y = f(x)
            assert y.numel() == 1
            y.backward()
            with torch.no_grad():
                x.copy_(x - x.grad * lr)
            x.grad.detach_().zero_()
            path.append(float(x.detach()))
    finally:
        del x
    return path

# %% correct | gradient_descent | numpy scalars between the steps
def gradient_descent(f, x0, lr, n_steps):
    p = np.empty((1 + n_steps,), dtype=np.float64)
    p[0] = np.float64(x0)
    for i, prev in enumerate(p[:-1]):
        t = torch.from_numpy(p[i:i + 1].copy())
        t.requires_grad = True
        f(t[0]).backward()
        p[i + 1] = p[i] - (lr * t.grad).numpy().item()
    return tuple(p)

# %% mistake | gradient_descent | climbs
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x += lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | climbs | with a list of 0-d tensors
def gradient_descent(f, x0, lr, n_steps):
    x = torch.as_tensor(x0, dtype=torch.float64).clone()
    path = [x]
    for _ in range(n_steps):
        path.append(path[-1] + lr * torch.func.grad(f)(path[-1]))
    return path

# %% mistake | gradient_descent | climbs | goes down -f, and then the other way
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = float(x0)
    for k in range(n_steps):
        x = torch.tensor(path[k], requires_grad=True)
        (-f(x)).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% mistake | gradient_descent | accumulates gradients
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | accumulates gradients | zeroed once before the loop
def gradient_descent(f, x0, lr, n_steps):
    x = torch.nn.Parameter(torch.tensor(float(x0), dtype=torch.float64))
    x.grad = torch.zeros_like(x)
    path = [x.detach().clone()]
    for _ in range(n_steps):
        f(x).backward()
        x.data.sub_(lr * x.grad)
        path.append(x.detach().clone())
    return torch.stack(path)

# %% mistake | gradient_descent | accumulates gradients | a running total
def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    g = 0.0
    path = np.empty(n_steps + 1)
    path[0] = x
    for k in range(n_steps):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        g += torch.autograd.grad(f(t), t)[0].item()
        x = x - lr * g
        path[k + 1] = x
    return path

# %% mistake | gradient_descent | accumulates gradients | zeroes a copy
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor([float(x0)], requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        x.data = x.data - lr * x.grad
        x.grad.clone().zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | ignores lr | plain
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        g, = torch.autograd.grad(f(x), x)
        x = (x - g).detach().requires_grad_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | ignores lr | 0.1 hard-coded
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    slope = torch.func.grad(f)
    path = [x]
    for _ in range(n_steps):
        x = x - 0.1 * slope(x)
        path.append(x)
    return torch.stack(path)

# %% mistake | gradient_descent | ignores lr | overwritten at the top
def gradient_descent(f, x0, lr, n_steps):
    lr = 0.25
    path = np.zeros(n_steps + 1, dtype=np.float32)
    path[0] = x0
    for k in range(n_steps):
        x = torch.tensor(path[k], requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% mistake | gradient_descent | squares lr | twice in a row
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        x.grad = None
        f(x).backward()
        step = lr * x.grad
        x.data = x.data - lr * step
        path.append(x.item())
    return path

# %% mistake | gradient_descent | squares lr | scales the loss too
def gradient_descent(f, x0, lr, n_steps):
    points = [torch.tensor(float(x0), dtype=torch.float64)]
    scaled = lambda x: lr * f(x)
    for _ in range(n_steps):
        points.append(points[-1] - lr * torch.func.grad(scaled)(points[-1]))
    return points

# %% mistake | gradient_descent | slope hard-coded to 2x
def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * 2 * x
        path.append(x)
    return path

# %% mistake | gradient_descent | slope hard-coded to 2x | differentiates square, not f
def gradient_descent(f, x0, lr, n_steps):
    path = torch.zeros(n_steps + 1, dtype=torch.float64)
    path[0] = x0
    for k in range(n_steps):
        x = path[k].clone().requires_grad_()
        y = square(x)
        y.backward()
        path[k + 1] = path[k] - lr * x.grad
    return path

# %% mistake | gradient_descent | slope hard-coded to 2x | a closed formula
def gradient_descent(f, x0, lr, n_steps):
    return float(x0) * (1 - 2 * lr) ** np.arange(n_steps + 1)

# %% mistake | gradient_descent | always 10 steps
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(10):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | always 10 steps | an array of eleven
def gradient_descent(f, x0, lr, n_steps):
    n_steps = 10
    path = np.zeros(11)
    path[0] = x0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * torch.func.grad(f)(torch.tensor(path[k])).item()
    return path

# %% mistake | gradient_descent | start missing
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = []
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | start missing | preallocated n_steps
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps)
    x = torch.tensor(float(x0), dtype=torch.float64)
    for k in range(n_steps):
        x = x - lr * torch.func.grad(f)(x)
        path[k] = x
    return path

# %% mistake | gradient_descent | start missing | comprehension
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    return [x := x - lr * torch.func.grad(f)(x) for _ in range(n_steps)]

# %% mistake | gradient_descent | one step short | range(n_steps - 1)
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps - 1):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    return path

# %% mistake | gradient_descent | one step short | range(1, n_steps)
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    xs = [x]
    for k in range(1, n_steps):
        x = x - lr * torch.func.grad(f)(x)
        xs.append(x)
    return torch.stack(xs)

# %% mistake | gradient_descent | one step short | records at the top of the loop
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = []
    for _ in range(n_steps):
        path.append(x.item())
        f(x).backward()
        x = (x - lr * x.grad).detach().requires_grad_()
    return np.array(path)

# %% mistake | gradient_descent | only the last point
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x

# %% mistake | gradient_descent | only the last point | in a list
def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    for _ in range(n_steps):
        path = []
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(t).backward()
        x = x - lr * t.grad.item()
        path.append(x)
    return path if n_steps else [x]

# %% mistake | gradient_descent | function values instead of points
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    losses = [f(x).item()]
    for _ in range(n_steps):
        loss = f(x)
        loss.backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        losses.append(f(x).item())
    return losses

# %% mistake | gradient_descent | function values instead of points | mapped at the end
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * torch.func.grad(f)(x)
        path.append(x)
    return torch.stack([f(p) for p in path])

# %% mistake | gradient_descent | records before updating
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        path.append(x.item())
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return path

# %% mistake | gradient_descent | records before updating | preallocated
def gradient_descent(f, x0, lr, n_steps):
    path = np.full(n_steps + 1, float(x0))
    x = torch.tensor(float(x0), dtype=torch.float64)
    for k in range(n_steps):
        path[k + 1] = x
        x = x - lr * torch.func.grad(f)(x)
    return path

# %% mistake | gradient_descent | same tensor appended
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x]
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x)
    return path

# %% mistake | gradient_descent | same tensor appended | detached, but the memory is shared
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.detach()]
    for _ in range(n_steps):
        g = torch.autograd.grad(f(x), x)[0]
        x.data.sub_(lr * g)
        path.append(x.detach())
    return torch.stack(path)

# %% mistake | gradient_descent | same tensor appended | numpy views
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor([float(x0)], requires_grad=True)
    path = [x.detach().numpy()]
    for _ in range(n_steps):
        x.grad = None
        f(x).backward()
        x.data -= lr * x.grad
        path.append(x.detach().numpy())
    return np.concatenate(path)

# %% mistake | gradient_descent | same tensor appended | only the start is right
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    x = torch.tensor(float(x0), requires_grad=True)
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x)
    return path

# %% mistake | gradient_descent | modifies the start | as_tensor shares memory
def gradient_descent(f, x0, lr, n_steps):
    x = torch.as_tensor(x0, dtype=torch.float64)
    x.requires_grad_(True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | modifies the start | uses the caller's tensor
def gradient_descent(f, x0, lr, n_steps):
    if not isinstance(x0, torch.Tensor):
        x0 = torch.tensor(float(x0))
    x0.requires_grad = True
    path = [x0.detach().clone()]
    for _ in range(n_steps):
        x0.grad = None
        f(x0).backward()
        x0.data = x0.data - lr * x0.grad
        path.append(x0.detach().clone())
    return path

# %% mistake | gradient_descent | modifies the start | detach and sub_
def gradient_descent(f, x0, lr, n_steps):
    x = torch.as_tensor(x0, dtype=torch.double).detach()
    path = np.zeros(n_steps + 1)
    path[0] = x
    for k in range(n_steps):
        x.sub_(lr * torch.func.grad(f)(x.clone()))
        path[k + 1] = x
    return path

# %% mistake | gradient_descent | gradient computed once
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    f(x).backward()
    path = [x.item()]
    for _ in range(n_steps):
        with torch.no_grad():
            x -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | gradient computed once | always at the start
def gradient_descent(f, x0, lr, n_steps):
    start = torch.tensor(float(x0), dtype=torch.float64)
    slope = torch.func.grad(f)
    x = start
    path = [x]
    for _ in range(n_steps):
        x = x - lr * slope(start)
        path.append(x)
    return torch.stack(path).numpy()

# %% mistake | gradient_descent | lr shrinks each step | divided by the step number
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for k in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr / (k + 1) * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | lr shrinks each step | divided by the length so far
def gradient_descent(f, x0, lr, n_steps):
    path = [torch.tensor(float(x0), dtype=torch.float64)]
    while len(path) <= n_steps:
        path.append(path[-1] - torch.func.grad(f)(path[-1]) * lr / len(path))
    return path

# %% mistake | gradient_descent | lr shrinks each step | nine tenths of it each time
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        x = torch.tensor(path[k], requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
        lr *= 0.9
    return path

# %% mistake | gradient_descent | lr shrinks each step | square root
def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    path = [x]
    for k in range(1, n_steps + 1):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(t).backward()
        x = x - lr / np.sqrt(k) * t.grad.item()
        path.append(x)
    return path

# %% mistake | gradient_descent | stops early | small slope
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        if abs(x.grad) < 1e-3:
            break
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | stops early | small step
def gradient_descent(f, x0, lr, n_steps):
    path = [torch.tensor(float(x0), dtype=torch.float64)]
    step = float("inf")
    while len(path) <= n_steps and abs(step) > 1e-4:
        step = lr * torch.func.grad(f)(path[-1])
        path.append(path[-1] - step)
    return torch.stack(path)

# %% mistake | gradient_descent | stops early | f hardly changes
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        new = x - lr * torch.func.grad(f)(x)
        if abs(f(new) - f(x)) < 1e-6:
            return path
        x = new
        path.append(x.item())
    return path

# %% mistake | gradient_descent | stops early | and fills up with the last point
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        x = torch.tensor(path[k], requires_grad=True)
        f(x).backward()
        if x.grad.abs() < 0.05:
            path[k + 1:] = path[k]
            break
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% mistake | gradient_descent | int array swallows fractions | np.full of the start
def gradient_descent(f, x0, lr, n_steps):
    path = np.full(n_steps + 1, x0)
    for k in range(n_steps):
        x = torch.tensor(float(path[k]), requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% mistake | gradient_descent | int array swallows fractions | np.array of the start
def gradient_descent(f, x0, lr, n_steps):
    path = np.array([x0] * (n_steps + 1))
    x = torch.tensor(float(x0), dtype=torch.float64)
    for k in range(n_steps):
        x = x - lr * torch.func.grad(f)(x)
        path[k + 1] = x.item()
    return path

# %% mistake | gradient_descent | int array swallows fractions | torch.full
def gradient_descent(f, x0, lr, n_steps):
    start = float(x0) if torch.is_tensor(x0) else x0
    path = torch.full((n_steps + 1,), start)
    for k in range(n_steps):
        x = path[k].float().clone().requires_grad_(True)
        g, = torch.autograd.grad(f(x), x)
        path[k + 1] = (x - lr * g).detach()
    return path

# %% mistake | gradient_descent | unnamed | climbs and one step short
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps - 1):
        f(x).backward()
        with torch.no_grad():
            x += lr * x.grad
        x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | accumulates and forgets the start
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = []
    for _ in range(n_steps):
        f(x).backward()
        x.data -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | climbs and accumulates
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        x.data += lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | hard-coded slope and always 10 steps
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(10):
        path.append(path[-1] - lr * 2 * path[-1])
    return path

# %% mistake | gradient_descent | unnamed | ignores lr and records before updating
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        path.append(x.item())
        x = x - 0.1 * torch.func.grad(f)(x)
    return path

# %% mistake | gradient_descent | unnamed | an int start makes an integer tensor
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(x0, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        x = (x - lr * x.grad).detach().requires_grad_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | tensors only
def gradient_descent(f, x0, lr, n_steps):
    x = x0.detach().clone().requires_grad_(True)
    path = [x.item()]
    for _ in range(n_steps):
        g, = torch.autograd.grad(f(x), x)
        x = (x - lr * g).detach().requires_grad_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | SGD refuses a negative lr
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    opt = torch.optim.SGD([x], lr=lr)
    path = [x.item()]
    for _ in range(n_steps):
        opt.zero_grad()
        f(x).backward()
        opt.step()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | the absolute value of lr
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        x = x - abs(lr) * torch.func.grad(f)(x)
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | momentum
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    opt = torch.optim.SGD([x], lr=abs(lr), momentum=0.9, maximize=lr < 0)
    path = [x.item()]
    for _ in range(n_steps):
        opt.zero_grad()
        f(x).backward()
        opt.step()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | only the sign of the slope
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        x = x - lr * torch.sign(torch.func.grad(f)(x))
        path.append(x.item())
    return path

# %% mistake | gradient_descent | clips the slope
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        x = x - lr * torch.clamp(torch.func.grad(f)(x), -5, 5)
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | a list shared between calls
def gradient_descent(f, x0, lr, n_steps, path=[]):
    x = torch.tensor(float(x0), requires_grad=True)
    path.append(x.item())
    for _ in range(n_steps):
        f(x).backward()
        x = (x - lr * x.grad).detach().requires_grad_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | the last entry never filled in
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps - 1):
        x = torch.tensor(path[k], requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path

# %% mistake | gradient_descent | unnamed | one step too many
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps + 1):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    return path

# %% mistake | gradient_descent | unnamed | rounded to one decimal
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(round(path[-1] - lr * x.grad.item(), 1))
    return path

# %% mistake | gradient_descent | unnamed | path and losses
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    path, losses = [x.item()], [f(x).item()]
    for _ in range(n_steps):
        x = x - lr * torch.func.grad(f)(x)
        path.append(x.item())
        losses.append(f(x).item())
    return path, losses

# %% mistake | gradient_descent | unnamed | returns inside the loop
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
        return path
    return path

# %% mistake | gradient_descent | unnamed | prints instead of returning
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0))
    for _ in range(n_steps):
        print(x.item())
        x = x - lr * torch.func.grad(f)(x)
    print(x.item())

# %% correct | gradient_descent | generator consumed into a deque, torch.func.vjp
from collections import deque

def _walk(f, x, lr, n):
    yield x
    for _ in range(n):
        _, pull = torch.func.vjp(f, torch.tensor(x, dtype=torch.float64))
        x = x - lr * pull(torch.ones((), dtype=torch.float64))[0].item()
        yield x

def gradient_descent(f, x0, lr, n_steps):
    return deque(_walk(f, float(x0), lr, n_steps))

# %% correct | gradient_descent | differences of fourth order in float64, walrus
def gradient_descent(f, x0, lr, n_steps):
    def d(x, h=1e-3):
        t = torch.tensor([x - 2 * h, x - h, x + h, x + 2 * h], dtype=torch.float64)
        a, b, c, e = [float(f(s)) for s in t]
        return (a - 8 * b + 8 * c - e) / (12 * h)

    x = float(x0)
    return [x] + [x := x - lr * d(x) for _ in range(n_steps)]

# %% correct | gradient_descent | one gradient too many is computed, cumsum of the steps
torch.set_default_dtype(torch.float64)

def gradient_descent(f, x0, lr, n_steps, *, verbose=False):
    x, steps = torch.tensor(float(x0)), [float(x0)]
    for k in range(n_steps + 1):
        leaf = x.detach().clone().requires_grad_(True)
        f(leaf).backward()
        if k == n_steps:
            break
        steps.append(-float(lr) * leaf.grad.item())
        with torch.no_grad():
            x = leaf + steps[-1]
    return np.cumsum(steps)

# %% mistake | gradient_descent | unnamed | clears the gradient every other time
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for k in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        if k % 2:
            x.grad.zero_()
        path.append(x.item())
    return path

# %% mistake | gradient_descent | stops early | where the slope is below a tenth, padded
def gradient_descent(f, x0, lr, n_steps):
    x = float(x0)
    path = [x]
    for _ in range(n_steps):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(t).backward()
        g = t.grad.item()
        if abs(g) < 0.1:
            break
        x -= lr * g
        path.append(x)
    return path + [x] * (n_steps + 1 - len(path))

# %% mistake | gradient_descent | clips the slope | clip_grad_value_
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        x.grad = None
        f(x).backward()
        torch.nn.utils.clip_grad_value_([x], 10.0)
        with torch.no_grad():
            x -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | same tensor appended | detach shares it
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    history = [x.detach()]
    for _ in range(n_steps):
        g, = torch.autograd.grad(f(x), x)
        x.data.sub_(lr * g)
        history.append(x.detach())
    return torch.stack(history)

# %% mistake | gradient_descent | int array swallows fractions | np.full of the start
def gradient_descent(f, x0, lr, n_steps):
    path = np.full(n_steps + 1, x0.item() if torch.is_tensor(x0) else x0)
    for k in range(n_steps):
        t = torch.tensor(float(path[k]), dtype=torch.float64, requires_grad=True)
        f(t).backward()
        path[k + 1] = path[k] - lr * t.grad.item()
    return path
# %% correct | classify_learning_rate | chain of ifs
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    if lr == 1:
        return "oscillates"
    if lr > 0 and lr < 1:
        return "converges"
    return "diverges"

# %% correct | classify_learning_rate | the factor 1 - 2 lr
def classify_learning_rate(learning_rate: float) -> str:
    factor = abs(1 - 2 * learning_rate)
    if factor == 0:
        return 'one step'
    elif factor < 1:
        return 'converges'
    elif factor == 1:
        return 'oscillates'
    else:
        return 'diverges'

# %% correct | classify_learning_rate | match
def classify_learning_rate(lr):
    match lr:
        case 0.5:
            return "one step"
        case 1:
            return "oscillates"
        case _ if 0 < lr < 1:
            return "converges"
        case _:
            return "diverges"

# %% correct | classify_learning_rate | simulation in floats
def classify_learning_rate(lr):
    x, path = 1.0, [1.0]
    for _ in range(200):
        x = x - lr * 2 * x
        path.append(x)
        if abs(x) > 1e6:
            break
    if path[1] == 0:
        return "one step"
    if abs(path[-1]) == 1:
        return "oscillates"
    return "diverges" if abs(path[-1]) > 1 else "converges"

# %% correct | classify_learning_rate | simulation with autograd, prints
def classify_learning_rate(lr):
    x = torch.tensor(2.0, requires_grad=True)
    for k in range(1000):
        y = square(x)
        y.backward()
        x = (x - lr * x.grad).detach().requires_grad_()
        if x.item() == 0 and k == 0:
            print("there already")
            return "one step"
        if abs(x.item()) > 100:
            print("off it goes")
            return "diverges"
    return "converges" if abs(x.item()) < 1 else "oscillates"

# %% correct | classify_learning_rate | nested ternary lambda
classify_learning_rate = lambda lr: "one step" if lr == .5 else "oscillates" if lr == 1 else "converges" if abs(2*lr-1) < 1 else "diverges"

# %% correct | classify_learning_rate | np.select, np.str_ entries
def classify_learning_rate(lr):
    r = np.abs(1 - 2 * np.float64(lr))
    names = np.array(["one step", "converges", "oscillates", "diverges"])
    which = np.select([np.isclose(r, 0), np.isclose(r, 1), r < 1], [0, 2, 1], default=3)
    return names[which]

# %% correct | classify_learning_rate | bisect, a default and a keyword-only extra
from bisect import bisect

def classify_learning_rate(lr=0.1, *, curvature=2):
    special = {0.5: "one step", 1.0: "oscillates"}
    lr = float(lr) * curvature / 2
    return special.get(lr) or ["diverges", "converges", "diverges"][bisect([0, 1], lr)]

# %% correct | classify_learning_rate | class and f-string, logging on stderr
import logging

class _Classifier:
    names = {0: "one step", 1: "oscillates"}

    def __call__(self, lr):
        r = abs(1 - 2 * lr)
        logging.getLogger().warning("ratio %s", r)
        verb = "converge" if r < 1 else "diverge"
        return self.names.get(r, f"{verb}s")

classify_learning_rate = _Classifier()

# %% correct | classify_learning_rate | fractions, two simulated steps
from fractions import Fraction

def classify_learning_rate(lr):
    start = Fraction(7)
    first = start - Fraction(lr) * 2 * start
    second = first - Fraction(lr) * 2 * first
    if first == 0:
        return "one step"
    if second == start:
        return "oscillates"
    return "converges" if abs(first) < start else "diverges"

# %% correct | classify_learning_rate | a member of a str Enum
from enum import Enum

class Fate(str, Enum):
    C = "converges"
    ONE = "one step"
    O = "oscillates"
    D = "diverges"

def classify_learning_rate(lr):
    if np.isclose(lr, 0.5):
        return Fate.ONE
    if np.isclose(lr, 1):
        return Fate.O
    return Fate.C if 0 < lr < 1 else Fate.D

# %% mistake | classify_learning_rate | lr 1 diverges | strict inequality
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    if abs(1 - 2 * lr) < 1:
        return "converges"
    return "diverges"

# %% mistake | classify_learning_rate | lr 1 diverges | the case comes too late
def classify_learning_rate(lr):
    if lr < 0 or lr >= 1:
        return "diverges"
    elif lr == 1:
        return "oscillates"
    elif lr == 0.5:
        return "one step"
    return "converges"

# %% mistake | classify_learning_rate | lr 1 converges | less or equal
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    elif 0 < lr <= 1:
        return "converges"
    else:
        return "diverges"

# %% mistake | classify_learning_rate | lr 1 converges | simulation that asks whether it grew
def classify_learning_rate(lr):
    x = 4.0
    for k in range(100):
        x -= lr * 2 * x
        if x == 0 and k == 0:
            return "one step"
    return "diverges" if abs(x) > 4.0 else "converges"

# %% mistake | classify_learning_rate | alternating called oscillating | above one half
def classify_learning_rate(lr):
    if lr < 0 or lr > 1:
        return "diverges"
    if lr == 0.5:
        return "one step"
    return "oscillates" if lr > 0.5 else "converges"

# %% mistake | classify_learning_rate | alternating called oscillating | sign of the factor
def classify_learning_rate(lr):
    r = 1 - 2 * lr
    if r == 0:
        return "one step"
    if abs(r) > 1:
        return "diverges"
    return "converges" if r > 0 else "oscillates"

# %% mistake | classify_learning_rate | alternating called oscillating | looks at the first two points
def classify_learning_rate(lr):
    x = np.array([3.0, 0.0])
    x[1] = x[0] - lr * 2 * x[0]
    if x[1] == 0:
        return "one step"
    if abs(x[1]) > abs(x[0]):
        return "diverges"
    if x[0] * x[1] < 0:
        return "oscillates"
    return "converges"

# %% mistake | classify_learning_rate | negative lr converges | never thinks of it
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    if lr < 1:
        return "converges"
    if lr == 1:
        return "oscillates"
    return "diverges"

# %% mistake | classify_learning_rate | negative lr converges | only asks whether lr is too large
def classify_learning_rate(lr):
    special = {0.5: "one step", 1: "oscillates"}
    too_large = lr > 1
    return special.get(lr, "diverges" if too_large else "converges")

# %% mistake | classify_learning_rate | unnamed | lr 1 diverges and negative converges
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    return "converges" if lr < 1 else "diverges"

# %% mistake | classify_learning_rate | unnamed | takes the absolute value of a negative lr
def classify_learning_rate(lr):
    r = abs(1 - 2 * abs(lr))
    return {0: "one step", 1: "oscillates"}.get(r, "converges" if r < 1 else "diverges")

# %% mistake | classify_learning_rate | unnamed | everything above one half diverges
def classify_learning_rate(lr):
    if lr < 0 or lr > 0.5:
        return "oscillates" if lr == 1 else "diverges"
    return "one step" if lr == 0.5 else "converges"

# %% mistake | classify_learning_rate | unnamed | one half merely converges
def classify_learning_rate(lr):
    if lr == 1:
        return "oscillates"
    return "converges" if 0 < lr < 1 else "diverges"

# %% mistake | classify_learning_rate | unnamed | the factor 1 - lr
def classify_learning_rate(lr):
    r = abs(1 - lr)
    return "one step" if r == 0 else "oscillates" if r == 1 else "converges" if r < 1 else "diverges"

# %% mistake | classify_learning_rate | unnamed | other words
def classify_learning_rate(lr):
    r = abs(1 - 2 * lr)
    return "one" if r == 0 else "oscillating" if r == 1 else "convergent" if r < 1 else "divergent"

# %% mistake | classify_learning_rate | unnamed | always the same
def classify_learning_rate(lr):
    return "converges"

# %% correct | classify_learning_rate | simulation of 2000 steps, early exit
def classify_learning_rate(lr):
    x = 1.0
    for k in range(2000):
        x = x - lr * 2 * x
        if x == 0:
            return "one step" if k == 0 else "converges"
        if abs(x) > 1e6:
            return "diverges"
    return "oscillates" if abs(x) == 1 else "converges"

# %% correct | classify_learning_rate | nested ternaries, within 0.01
classify_learning_rate = lambda eta: (
    "one step" if abs(eta - 0.5) < 0.01 else "oscillates" if abs(eta - 1) < 0.01 else
    "converges" if eta * (1 - eta) > 0 else "diverges")

# %% correct | classify_learning_rate | words looked up by np.argmax, np.str_
def classify_learning_rate(lr):
    words = np.array(["one step", "oscillates", "converges", "diverges"])
    return words[np.argmax([lr == 0.5, lr == 1, 0 < lr < 1, True])]

# %% mistake | classify_learning_rate | too few steps tried | forty, and wide thresholds
def classify_learning_rate(lr):
    x = 4.0
    for k in range(40):
        x -= lr * 2 * x
        if x == 0 and k == 0:
            return "one step"
    if abs(x) < 0.5:
        return "converges"
    return "diverges" if abs(x) > 8 else "oscillates"

# %% mistake | classify_learning_rate | one step near 0.5, too | rounded to one decimal
def classify_learning_rate(lr):
    if round(lr, 1) == 0.5:
        return "one step"
    if lr == 1:
        return "oscillates"
    return "converges" if 0 < lr < 1 else "diverges"

# %% mistake | classify_learning_rate | large lr converges | size of 1 - lr
def classify_learning_rate(lr):
    r = abs(1 - lr)
    if lr == 0.5:
        return "one step"
    if lr == 1:
        return "oscillates"
    return "converges" if r < 1 else "diverges"

# %% mistake | classify_learning_rate | negative lr converges | size of lr
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    if abs(lr) == 1:
        return "oscillates"
    return "converges" if abs(lr) < 1 else "diverges"

# %% mistake | classify_learning_rate | large lr oscillates | from 1 to 2
def classify_learning_rate(lr):
    if lr == 0.5:
        return "one step"
    if 0 < lr < 1:
        return "converges"
    return "oscillates" if 1 <= lr < 2 else "diverges"

# ------------------------------------------------------------------------------------------------------------- basin

# %% correct | basin | the hilltop
def basin(x0):
    return "left" if x0 < 0.125 else "right"

# %% correct | basin | the hilltop from np.roots
hilltop = sorted(np.roots([1, 0, -8, 1]).real)[1]

def basin(start: float) -> str:
    if start > hilltop:
        return "right"
    return "left"

# %% correct | basin | descent in floats
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x = x - 0.05 * (1 - 8 * x + x ** 3)
    return "left" if x < 0 else "right"

# %% correct | basin | descent by autograd, nearest minimum at the end
def _descend(x0, lr, n):
    x = torch.tensor(float(x0), requires_grad=True)
    for _ in range(n):
        poly(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        x.grad.zero_()
    return x.item()

def basin(x0, lr=0.05, n_steps=300):
    end = _descend(x0, lr, n_steps)
    return min([("left", -2.889), ("right", 2.764)], key=lambda m: abs(m[1] - end))[0]

# %% correct | basin | torch.func.grad in float64, progress on stderr
import sys

def basin(x0, *, verbose=True):
    x = torch.tensor(x0, dtype=torch.float64)
    slope = torch.func.grad(poly)
    for k in range(300):
        x = x - 0.05 * slope(x)
        if verbose and k % 100 == 0:
            print(f"\r{k}/300", end="", file=sys.stderr)
    return "right" if torch.sign(x) > 0 else "left"

# %% correct | basin | lambda on an index
basin = lambda x0: ("left", "right")[int(float(x0) > 0.12525)]

# %% correct | basin | np.where, a plot
def basin(x0):
    xs = [float(x0)]
    while len(xs) < 301:
        xs.append(xs[-1] - 0.05 * np.polyval([1, 0, -8, 1], xs[-1]))
    plt.plot(xs)
    plt.close()
    return str(np.where(xs[-1] > 0, "right", "left"))

# %% correct | basin | reduce, default dtype float64
from functools import reduce
torch.set_default_dtype(torch.float64)

def basin(x0):
    end = reduce(lambda x, _: x - 0.05 * torch.func.grad(poly)(x), range(300), torch.tensor(float(x0)))
    return {True: "left", False: "right"}[bool(end < 0)]

# %% correct | basin | which side of the hilltop, from slope and curvature
def basin(x0):
    x = float(x0)
    slope = 1 - 8 * x + x ** 3
    if abs(x) > 2:                      # far out, beyond any doubt
        return "left" if x < 0 else "right"
    return "left" if slope > 0 else "right"

# %% mistake | basin | sign of the start | plain
def basin(x0):
    return "left" if x0 < 0 else "right"

# %% mistake | basin | sign of the start | np.sign in a dictionary
def basin(x0):
    names = {-1: "left", 0: "left", 1: "right"}
    return names[int(np.sign(float(x0)))]

# %% mistake | basin | left and right swapped | the hilltop
def basin(x0):
    if x0 < 0.125:
        return "right"
    else:
        return "left"

# %% mistake | basin | left and right swapped | descent
def basin(x0):
    x = torch.tensor(float(x0))
    for _ in range(300):
        x = x - 0.05 * torch.func.grad(poly)(x)
    return "left" if x > 0 else "right"

# %% mistake | basin | nearest minimum | distances from the start
def basin(x0):
    to_left = abs(x0 - (-2.889))
    to_right = abs(x0 - 2.764)
    return "left" if to_left < to_right else "right"

# %% mistake | basin | nearest minimum | argmin
def basin(x0):
    minima = np.sort(np.roots([1, 0, -8, 1]).real)[[0, 2]]
    return ["left", "right"][np.argmin(np.abs(minima - float(x0)))]

# %% mistake | basin | direction of the first step | one step
def basin(x0):
    x = float(x0)
    x1 = x - 0.05 * (1 - 8 * x + x ** 3)
    return "left" if x1 < x else "right"

# %% mistake | basin | direction of the first step | sign of the slope
def basin(x0):
    x = torch.tensor(float(x0), requires_grad=True)
    poly(x).backward()
    return "left" if x.grad > 0 else "right"

# %% mistake | basin | unnamed | sign of the start, swapped
def basin(x0):
    return "right" if x0 < 0 else "left"

# %% mistake | basin | unnamed | three steps only
def basin(x0):
    x = float(x0)
    for _ in range(3):
        x = x - 0.05 * (1 - 8 * x + x ** 3)
    return "left" if x < 0 else "right"

# %% mistake | basin | unnamed | the slope without its constant
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x = x - 0.05 * (-8 * x + x ** 3)
    return "left" if x < 0 else "right"

# %% mistake | basin | climbs | between -4 and 4
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x = min(max(x + 0.05 * (1 - 8 * x + x ** 3), -4), 4)
    return "left" if x < 0.125 else "right"

# %% mistake | basin | unnamed | the end point, not its name
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x = x - 0.05 * (1 - 8 * x + x ** 3)
    return x

# %% mistake | basin | unnamed | always left, the global minimum
def basin(x0):
    return "left"

# %% correct | basin | bisected hilltop, cached
from functools import lru_cache

@lru_cache
def _top(lo=0.0, hi=1.0):
    for _ in range(60):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if 1 - 8 * mid + mid**3 > 0 else (lo, mid)
    return lo

def basin(x0: float) -> str:
    return "left" if x0 < _top() else "right"

# %% correct | basin | class with __call__, stops once well inside a valley
class Basin:
    hilltop = 0.125

    def __call__(self, x0):
        x = float(x0)
        for _ in range(300):
            if abs(x - self.hilltop) > 1:
                break
            x -= 0.05 * (1 - 8 * x + x**3)
        return "right" if x > self.hilltop else "left"

basin = Basin()

# %% correct | basin | walrus in a while, np.sign as dictionary key
def basin(x0):
    x, k = np.float64(x0), 0
    while (k := k + 1) <= 300:
        x = x + 0.05 * (8 * x - 1 - x * x * x)
    return {-1.0: "left", 1.0: "right"}[np.sign(x)]

# %% mistake | basin | another learning rate | 0.12
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x -= 0.12 * (1 - 8 * x + x**3)
    return "left" if x < 0 else "right"

# %% mistake | basin | hilltop in the wrong place | cuts the fraction off the start
def basin(x0):
    x = float(int(x0))
    for _ in range(300):
        x -= 0.05 * (1 - 8 * x + x**3)
    return "right" if x > 0 else "left"

# %% mistake | basin | hilltop in the wrong place | asks for the deeper valley
def basin(x0):
    p = lambda x: x - 4 * x**2 + x**4 / 4
    if x0 >= 1:
        return "right"
    return "left" if p(-2.889) < p(2.764) else "right"

# %% mistake | basin | climbs | within bounds
def basin(x0):
    x = float(x0)
    for _ in range(300):
        x = max(-5.0, min(5.0, x + 0.05 * (1 - 8 * x + x**3)))
    return "right" if x > 0.1252 else "left"

# %% mistake | descent_update | a number becomes an array | np.atleast_1d
def descent_update(x, gradient, lr):
    return np.atleast_1d(x) - lr * np.atleast_1d(gradient)

# %% mistake | gradient_descent | start missing | it comes last
def gradient_descent(f, x0, lr, n_steps):
    x, path = torch.tensor(float(x0), dtype=torch.float64), []
    for _ in range(n_steps):
        x = x - lr * torch.func.grad(f)(x)
        path.append(x.item())
    return [*path, float(x0)]

# %% mistake | gradient_descent | an axis of one lost | squeeze
def gradient_descent(f, x0, lr, n_steps):
    path = np.zeros((n_steps + 1, 1))
    path[0] = float(x0)
    for k in range(n_steps):
        x = torch.tensor(path[k, 0], requires_grad=True)
        f(x).backward()
        path[k + 1] = path[k] - lr * x.grad.item()
    return path.squeeze()

# %% mistake | basin | hilltop in the wrong place | a little too far to the right
def basin(x0):
    return "left" if x0 < 0.14 else "right"

# %% mistake | basin | hilltop in the wrong place | rounded to a tenth
def basin(x0):
    return "left" if round(x0, 1) <= 0.1 else "right"

# %% mistake | basin | unnamed | a little too far to the left
def basin(x0):
    return "left" if x0 < 0.1145 - 0.001 else "right"

# %% mistake | basin | unnamed | turns back far out on the left
def basin(x0):
    return "right" if x0 > 0.125 or x0 < -3.8 else "left"

# %% mistake | descent_update | clips the gradient | for stability
def descent_update(x, gradient, lr):
    return x - lr * np.clip(gradient, -10, 10)

# %% mistake | gradient_descent | remembers the last call | a default list
def gradient_descent(f, x0, lr, n_steps, path=[]):
    path.append(float(x0))
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    return np.array(path)

# %% correct | gradient_descent | a default list that is cleared
def gradient_descent(f, x0, lr, n_steps, path=[]):
    path[:] = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    return path

# %% correct | gradient_descent | goes on until the array is full
def gradient_descent(f, x0, lr, n_steps):
    path, k = np.full(n_steps + 1, np.nan), 0
    path[0] = x0
    try:
        while True:
            x = torch.tensor(path[k], requires_grad=True)
            f(x).backward()
            path[k + 1] = path[k] - lr * x.grad.numpy()
            k += 1
    except IndexError:
        return path

# %% correct | gradient_descent | the same parameters in another order, one of them with a default
def gradient_descent(f, x0, n_steps, lr=0.1):
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        f(x).backward()
        path.append(x.item() - lr * x.grad.item())
    return path

# %% mistake | descent_update | ignores the sign of the gradient | abs
def descent_update(x, gradient, lr):
    return x - lr * abs(gradient)

# %% mistake | gradient_descent | in another order | each place in front of the others
def gradient_descent(f, x0, lr, n_steps):
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[0], dtype=torch.float64, requires_grad=True)
        f(x).backward()
        path.insert(0, x.item() - lr * x.grad.item())
    return path

# %% mistake | gradient_descent | in another order | sorted
def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(torch.tensor(path[-1], dtype=torch.float64)).item())
    return sorted(path)

# %% mistake | gradient_descent | returns after the first step | the return is indented too far
def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(torch.tensor(path[-1], dtype=torch.float64)).item())
        return path

# %% mistake | gradient_descent | an axis of one added | a column
def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(torch.tensor(path[-1], dtype=torch.float64)).item())
    return np.array(path).reshape(-1, 1)

# %% mistake | gradient_descent | sign of the slope lost | abs
def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * abs(slope(torch.tensor(path[-1], dtype=torch.float64)).item()))
    return path

# %% mistake | gradient_descent | stops early | where the walk has gone too far
def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(torch.tensor(path[-1], dtype=torch.float64)).item())
        if abs(path[-1]) > 1e3:
            print("diverged")
            break
    return path

# %% mistake | gradient_descent | remembers the last call | a default list, cut to length
def gradient_descent(f, x0, lr, n_steps, path=[]):
    path.append(float(x0))
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        f(x).backward()
        path.append(path[-1] - lr * x.grad.item())
    return path[: n_steps + 1]

# %% mistake | basin | always to the right | the walk is lost
def basin(x0):
    end = gradient_descent(poly, x0, lr=0.5, n_steps=300)[-1]
    return "left" if end < 0 else "right"

def gradient_descent(f, x0, lr, n_steps):
    path, slope = [float(x0)], torch.func.grad(f)
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(torch.tensor(path[-1], dtype=torch.float64)).item())
    return path

# %% mistake | gradient_descent | step leaves the leaf | x becomes a result
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        x = x - lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | step leaves the leaf | a result without notes
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        with torch.no_grad():
            x = x - lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | step leaves the leaf | the step is recorded
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        f(x).backward()
        x -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | step leaves the leaf | cleared before it is there
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path = [x.item()]
    for _ in range(n_steps):
        x.grad.zero_()
        f(x).backward()
        x.data -= lr * x.grad
        path.append(x.item())
    return path

# %% mistake | gradient_descent | unnamed | one height for all steps
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64, requires_grad=True)
    path, height = [x.item()], f(x) * 1.0
    for _ in range(n_steps):
        height.backward()
        x.data -= lr * x.grad
        x.grad = None
        path.append(x.item())
    return path
