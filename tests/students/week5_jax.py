# Student solutions for week 5, `jax_descent.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch, plt, jax, jnp, square, poly
# and valley exist.

# ------------------------------------------------------------------------------------------------------------- slope

# %% correct | slope | as in the text, annotated
from typing import Callable

def slope(f: Callable) -> Callable:
    return jax.grad(f)

# %% correct | slope | jitted, renamed parameter
def slope(func):
    return jax.jit(jax.grad(func))

# %% correct | slope | a lambda that returns a float
slope = lambda f: (lambda x: float(jax.grad(f)(float(x))))

# %% correct | slope | an inner function with a print and a docstring
def slope(f):
    """derivative"""
    def df(x):
        print("slope at", x)
        return jax.grad(f)(x)
    return df

# %% correct | slope | a callable object
class slope:
    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return jax.value_and_grad(self.f)(x)[1]

# %% correct | slope | forward mode, by jvp
def slope(f):
    return lambda x: jax.jvp(f, (x,), (1.0,))[1]

# %% correct | slope | vjp, the result in a tuple of one
def slope(f):
    def at(x):
        y, back = jax.vjp(f, jnp.float32(x))
        (g,) = back(jnp.ones_like(y))
        return g
    return at

# %% correct | slope | jacfwd
def slope(f):
    return jax.jacfwd(f)

# %% correct | slope | by torch, from old habit
def slope(f):
    def at(x):
        x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad
    return at

# %% mistake | slope | value instead of slope | hands f back
def slope(f):
    return jax.jit(f)

# %% mistake | slope | value instead of slope | value_and_grad
def slope(f):
    return jax.value_and_grad(f)

# %% mistake | slope | a value, not a function | takes x as well
def slope(f, x):
    return jax.grad(f)(x)

# %% mistake | slope | a value, not a function | x from nowhere
def slope(f):
    return jax.grad(f)(x)

# %% mistake | slope | a value, not a function | at 1
def slope(f):
    d = jax.grad(f)
    return d(1.0)

# %% mistake | slope | a value, not a function | a float
def slope(f):
    return float(jax.grad(f)(0.0))

# %% mistake | slope | always at the same place | the example's place
def slope(f):
    def df(x):
        return jax.grad(f)(3.0)
    return df

# %% mistake | slope | differentiated twice | grad where grad was already there
def slope(f):
    df = jax.grad(f)
    return jax.grad(df)

# %% mistake | slope | sign turned around | for going downhill
def slope(f):
    return lambda x: -jax.grad(f)(x)

# %% mistake | slope | fractions of x lost | int
def slope(f):
    return lambda x: jax.grad(f)(float(int(x)))

# %% mistake | slope | differences too coarse | forward, 0.01
def slope(f):
    h = 0.01
    return lambda x: (f(x + h) - f(x)) / h

# %% mistake | slope | slope hard-coded | 2x
def slope(f):
    return lambda x: 2 * x

# %% mistake | slope | slope hard-coded | that of poly
def slope(f):
    return jax.grad(poly)

# %% mistake | slope | returns nothing | forgets the return outside
def slope(f):
    def df(x):
        return jax.grad(f)(x)

# %% mistake | slope | returns nothing | forgets it inside
def slope(f):
    def df(x):
        jax.grad(f)(x)
    return df

# %% mistake | slope | sign lost | for how steep it is
def slope(f):
    return lambda x: jnp.abs(jax.grad(f)(x))

# %% correct | slope | the name is assigned: jacfwd itself
slope = jax.jacfwd

# %% correct | slope | partial of a helper, a 0-d tensor of torch comes back
from functools import partial


def _at(f, x):
    return torch.tensor(float(jax.grad(f)(float(x))), dtype=torch.float64)


def slope(f, *, verbose=False):
    if verbose:
        print("differentiating", f)
    return partial(_at, f)

# %% correct | slope | vmap over a batch of one
def slope(f):
    many = jax.vmap(jax.grad(f))

    def one(x):
        return many(jnp.array([x], dtype=jnp.float32))[0]

    return one

# %% correct | slope | 64 bits switched on, prints to stderr, warns
import sys
import warnings

jax.config.update("jax_enable_x64", True)


def slope(f):
    print("slope called", file=sys.stderr)
    warnings.warn("using 64 bit")
    return jax.grad(lambda x: 1.0 * f(x))

# %% correct | slope | lru_cache by place, one for each returned function
from functools import lru_cache


def slope(f):
    df = jax.grad(f)

    @lru_cache(maxsize=None)
    def cached(x):
        return df(x)

    return lambda x: cached(float(x))

# %% correct | slope | gradient of a function of one-entry arrays
from typing import Callable


def slope(f: Callable[[float], float]) -> Callable[[float], jax.Array]:
    """Treat the number as a vector of length one."""
    g = jax.grad(lambda v: f(v[0]))

    def fprime(x: float) -> jax.Array:
        grad_vec = g(jnp.reshape(jnp.asarray(x, dtype=jnp.float32), (1,)))
        return grad_vec[0]

    return fprime

# %% correct | slope | slope of f(x + t) at t = 0, a 0-d array
def slope(f):
    def df(x):
        return np.asarray(jax.grad(lambda t: f(x + t))(0.0))
    return df

# %% mistake | slope | keeps the first function | a cache by the function's name
_made = {}


def slope(f):
    name = getattr(f, "__name__", "f")
    if name not in _made:
        _made[name] = jax.grad(f)
    return _made[name]

# %% mistake | slope | clipped | at 10, for stability
def slope(f):
    g = jax.grad(f)

    def safe(x):
        return jnp.clip(g(x), -10.0, 10.0)

    return safe

# %% mistake | slope | fractions of x lost | rounded
def slope(f):
    return lambda x: jax.grad(f)(float(round(x)))

# %% mistake | slope | differences too coarse | chord from 0
def slope(f):
    return lambda x: (f(x) - f(0.0)) / (x - 0.0)

# %% mistake | slope | unnamed | half precision
def slope(f):
    return lambda x: jax.grad(f)(jnp.asarray(x, dtype=jnp.bfloat16))

# ------------------------------------------------------------------------------------------------------------ slopes

# %% correct | slopes | a loop over floats
def slopes(f, xs):
    g = jax.grad(f)
    return [g(float(x)) for x in xs]

# %% correct | slopes | grad of the sum
def slopes(f, xs):
    xs = jnp.array(xs, dtype=jnp.float32)
    return jax.grad(lambda z: jnp.sum(f(z)))(xs)

# %% correct | slopes | jitted vmap, to NumPy
def slopes(f, points):
    d = jax.jit(jax.vmap(jax.grad(f)))
    return np.asarray(d(points.astype(float)))

# %% correct | slopes | diagonal of the jacobian
def slopes(f, xs):
    return jnp.diag(jax.jacobian(f)(jnp.asarray(xs) * 1.0))

# %% correct | slopes | jvp with ones
def slopes(f, xs):
    x = jnp.asarray(xs, float)
    return jax.jvp(f, (x,), (jnp.ones_like(x),))[1]

# %% correct | slopes | lax.map
def slopes(f, xs):
    return jax.lax.map(jax.grad(f), jnp.asarray(xs, dtype=float))

# %% correct | slopes | vectorize, and a progress print
def slopes(f, xs, verbose=True):
    if verbose:
        print(len(xs), "places")
    return jnp.vectorize(jax.grad(f))(jnp.asarray(xs, dtype="float32"))

# %% correct | slopes | numpy array filled one by one
def slopes(f, xs):
    out = np.empty(len(xs))
    for i in range(len(xs)):
        out[i] = jax.grad(f)(float(xs[i]))
    return out

# %% correct | slopes | at set, kept
def slopes(f, xs):
    out = jnp.zeros(xs.shape)
    for i, x in enumerate(xs):
        out = out.at[i].set(jax.grad(f)(float(x)))
    return out

# %% correct | slopes | generator
def slopes(f, xs):
    yield from map(jax.grad(f), np.asarray(xs, dtype=np.float32))

# %% correct | slopes | scan
def slopes(f, xs):
    step = lambda carry, x: (carry, jax.grad(f)(x))
    _, out = jax.lax.scan(step, 0, jnp.array(xs, dtype=float))
    return out

# %% mistake | slopes | grad of a vector | no vmap
def slopes(f, xs):
    return jax.grad(f)(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | grad of a vector | jitted
def slopes(f, xs):
    g = jax.jit(jax.grad(f))
    return g(xs * 1.0)

# %% mistake | slopes | whole numbers fail | vmap alone
def slopes(f, xs):
    return jax.vmap(jax.grad(f))(xs)

# %% mistake | slopes | whole numbers fail | a loop, jnp.array
def slopes(f, xs):
    return jnp.array([jax.grad(f)(x) for x in jnp.array(xs)])

# %% mistake | slopes | fractions lost | an array like xs
def slopes(f, xs):
    out = np.zeros_like(xs)
    for i in range(len(xs)):
        out[i] = jax.grad(f)(float(xs[i]))
    return out

# %% mistake | slopes | fractions lost | everything int, to be safe
def slopes(f, xs):
    return [jax.grad(f)(float(int(x))) for x in xs]

# %% mistake | slopes | slopes added up | sum
def slopes(f, xs):
    return jnp.sum(jax.vmap(jax.grad(f))(jnp.asarray(xs, float)))

# %% mistake | slopes | slopes added up | grad of the mean
def slopes(f, xs):
    return jax.grad(lambda xs: jnp.mean(f(xs)))(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | one slope only | return inside the loop
def slopes(f, xs):
    for x in xs:
        return jax.grad(f)(float(x))

# %% mistake | slopes | one slope only | overwritten
def slopes(f, xs):
    for x in xs:
        out = jax.grad(f)(float(x))
    return out

# %% mistake | slopes | one place short | range
def slopes(f, xs):
    return [jax.grad(f)(float(xs[i])) for i in range(len(xs) - 1)]

# %% mistake | slopes | a table | jacobian
def slopes(f, xs):
    return jax.jacobian(f)(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | a column | reshape
def slopes(f, xs):
    return jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float)).reshape(-1, 1)

# %% mistake | slopes | values instead of slopes | vmap of f
def slopes(f, xs):
    return jax.vmap(f)(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | values instead of slopes | value_and_grad
def slopes(f, xs):
    return jax.vmap(jax.value_and_grad(f))(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | differences of neighbours | gradient
def slopes(f, xs):
    xs = jnp.asarray(xs, dtype=float)
    return np.gradient(np.asarray(f(xs)), np.asarray(xs))

# %% mistake | slopes | differences of neighbours | diff
def slopes(f, xs):
    xs = jnp.asarray(xs, dtype=float)
    return jnp.diff(f(xs)) / jnp.diff(xs)

# %% mistake | slopes | differentiated twice | the curvature
def slopes(f, xs):
    return jax.vmap(jax.grad(jax.grad(f)))(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | sign turned around | minus
def slopes(f, xs):
    return -jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | append inside jit | in a jitted helper
def slopes(f, xs):
    out = []

    @jax.jit
    def one(x):
        out.append(jax.grad(f)(x))
        return x

    for x in xs:
        one(float(x))
    return jnp.array(out)

# %% mistake | slopes | append inside jit | in vmap, the list handed back
def slopes(f, xs):
    found = []
    jax.vmap(lambda x: found.append(jax.grad(f)(x)))(jnp.asarray(xs, dtype=float))
    return found

# %% mistake | slopes | a function, not slopes | forgot to call it
def slopes(f, xs):
    return jax.vmap(jax.grad(f))

# %% mistake | slopes | a function, not slopes | jitted and forgotten
def slopes(f, xs):
    return jax.jit(jax.vmap(jax.grad(f)))

# %% mistake | slopes | slope hard-coded | that of poly
def slopes(f, xs):
    return 1 - 8 * xs + xs**3

# %% mistake | slopes | returns nothing | prints
def slopes(f, xs):
    print(jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float)))

# %% mistake | slopes | unnamed | added up, and its sign turned around
def slopes(f, xs):
    return -jnp.cumsum(jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float)))

# %% correct | slopes | vectorize, ints divided by 1
def slopes(f, xs):
    return jnp.vectorize(jax.grad(f))(xs / 1)

# %% correct | slopes | generator eaten by a deque
from collections import deque


def slopes(f, xs):
    g = jax.jit(jax.grad(f))

    def each():
        for x in np.asarray(xs).tolist():
            yield g(float(x))

    return deque(each())

# %% correct | slopes | NumPy's vectorize, a tensor that requires grad
def slopes(f, xs):
    df = np.vectorize(lambda x: jax.grad(f)(float(x)), otypes=[float])
    return torch.from_numpy(df(xs)).requires_grad_()

# %% correct | slopes | reduce, appending to a NumPy array
from functools import reduce


def slopes(f, xs, /, *, dtype=float):
    df = jax.grad(f)
    return reduce(lambda done, x: np.append(done, df(dtype(x))), xs, np.array([]))

# %% correct | slopes | each place once, put back by the inverse
def slopes(f, xs):
    unique, where = np.unique(np.asarray(xs), return_inverse=True)
    return jax.vmap(jax.jacrev(f))(jnp.asarray(unique, dtype=float))[where]

# %% correct | slopes | 64 bits, vjp, and a plot
jax.config.update("jax_enable_x64", True)


def slopes(f, xs):
    x = jnp.float64(xs)
    y, back = jax.vjp(jax.vmap(f), x)
    g, = back(jnp.ones(len(xs)))
    fig, ax = plt.subplots()
    ax.plot(x, g)
    plt.close(fig)
    return g

# %% mistake | slopes | whole numbers fail | allow_int silences the error
def slopes(f, xs):
    return jax.vmap(jax.grad(f, allow_int=True))(xs)

# %% mistake | slopes | places merged | a dict
def slopes(f, xs):
    table = {float(x): jax.grad(f)(float(x)) for x in xs}
    return jnp.array(list(table.values()))

# %% mistake | slopes | order lost | sorted first
def slopes(f, xs):
    return jax.vmap(jax.grad(f))(jnp.array(sorted(xs), dtype=float))

# %% mistake | slopes | remembers the last call | a default list
def slopes(f, xs, result=[]):
    df = jax.grad(f)
    for x in xs:
        result.append(float(df(float(x))))
    return np.array(result)

# %% mistake | slopes | keeps the first function | compiled once
def slopes(f, xs):
    if not hasattr(slopes, "compiled"):
        slopes.compiled = jax.jit(jax.vmap(jax.grad(f)))
    return slopes.compiled(jnp.asarray(xs, dtype=float))

# %% mistake | slopes | unnamed | differentiated twice, and added up
def slopes(f, xs):
    x = jnp.asarray(xs, dtype=float)
    return jnp.cumsum(jax.vmap(jax.grad(jax.grad(f)))(x))

# %% mistake | slopes | one place short | the last but one comes twice
def slopes(f, xs):
    out = [jax.grad(f)(float(xs[i])) for i in range(len(xs) - 1)]
    out.append(out[-1] if out else 0.0)
    return jnp.array(out)

# ---------------------------------------------------------------------------------------------- gradient_descent_jax

# %% correct | gradient_descent_jax | as in the text, gradient outside of the loop
def gradient_descent_jax(f, x0, lr, n_steps):
    g = jax.grad(f)
    x = jnp.asarray(x0, dtype=float)
    xs = [x]
    for i in range(n_steps):
        x = x - lr * g(x)
        xs.append(x)
    return jnp.array(xs)

# %% correct | gradient_descent_jax | scan, the start put in front
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=jnp.float32)

    def step(x, _):
        x = x - lr * jax.grad(f)(x)
        return x, x

    _, rest = jax.lax.scan(step, x0, None, length=n_steps)
    return jnp.concatenate([x0[None], rest])

# %% correct | gradient_descent_jax | scan with one more, emitted before the step
def gradient_descent_jax(f, x0, lr, n_steps):
    step = lambda x, _: (x - lr * jax.grad(f)(x), x)
    return jax.lax.scan(step, jnp.asarray(x0, float), length=n_steps + 1)[1]

# %% correct | gradient_descent_jax | fori_loop and at set
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.array(x0, dtype=float)
    path = jnp.zeros((n_steps + 1,) + x0.shape).at[0].set(x0)

    def body(k, path):
        x = path[k]
        return path.at[k + 1].set(x - lr * jax.grad(f)(x))

    return jax.lax.fori_loop(0, n_steps, body, path)

# %% correct | gradient_descent_jax | a jitted step, a list of arrays
def gradient_descent_jax(f, x0, lr, n_steps):
    @jax.jit
    def step(x):
        return x - lr * jax.grad(f)(x)

    path = [jnp.asarray(x0, dtype=float)]
    while len(path) <= n_steps:
        path.append(step(path[-1]))
    return path

# %% correct | gradient_descent_jax | jitted by the student, too
from functools import partial

@partial(jax.jit, static_argnames=("f", "n_steps"))
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x -= lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% correct | gradient_descent_jax | recursion
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0) * 1.0
    if n_steps == 0:
        return x[None]
    rest = gradient_descent_jax(f, x - lr * jax.grad(f)(x), lr, n_steps - 1)
    return jnp.concatenate([x[jnp.newaxis], rest])

# %% correct | gradient_descent_jax | accumulate, and a default
from itertools import accumulate

def gradient_descent_jax(f, x0, lr=0.1, n_steps=10, *, verbose=False):
    start = jnp.asarray(x0, dtype="float32")
    return list(accumulate(range(n_steps), lambda x, _: x - lr * jax.grad(f)(x), initial=start))

# %% correct | gradient_descent_jax | a class with __call__
class Descent:
    def __call__(self, f, x0, lr, n_steps):
        x, path = jnp.asarray(x0, float), []
        for _ in range(n_steps):
            path += [x]
            x = x - jax.grad(f)(x) * lr
        return jnp.stack([*path, x])

gradient_descent_jax = Descent()

# %% correct | gradient_descent_jax | prints the placeholders, jax.debug inside
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for k in range(n_steps):
        print(k, x)
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | climbs | plus
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] + lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | fails under jit | float of every place
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x.tolist()]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x.tolist())
    return path

# %% mistake | gradient_descent_jax | fails under jit | NumPy inside
def gradient_descent_jax(f, x0, lr, n_steps):
    x = np.array(x0, dtype=np.float32)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * np.asarray(jax.grad(f)(x))
        path.append(x)
    return np.stack(path)

# %% mistake | gradient_descent_jax | fails under jit | asks how steep it is
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        g = jax.grad(f)(x)
        if jnp.any(jnp.isnan(g)):
            raise ValueError("diverged")
        x = x - lr * g
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | fails under jit | a formatted print
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        print(f"lr {lr:.2f}")
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    print(f"last lr {lr:.2f}")
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | append inside jit | in a jitted step
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]

    @jax.jit
    def step(x):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
        return x

    x = path[0]
    for _ in range(n_steps):
        x = step(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | append inside jit | in fori_loop
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=float)
    path = [x0]

    def body(i, x):
        new = x - lr * jax.grad(f)(x)
        path.append(new)
        return new

    jax.lax.fori_loop(0, n_steps, body, x0)
    return path

# %% mistake | gradient_descent_jax | remembers the last call | a default list
def gradient_descent_jax(f, x0, lr, n_steps, path=[]):
    x = jnp.asarray(x0, dtype=float)
    path.append(x)
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return path

# %% mistake | gradient_descent_jax | jit without static arguments | decorated
@jax.jit
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | jit without static arguments | only f is static
from functools import partial

@partial(jax.jit, static_argnums=0)
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | assigns into a JAX array | as in NumPy
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=float)
    path = jnp.zeros((n_steps + 1, *x0.shape))
    path[0] = x0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * jax.grad(f)(path[k])
    return path

# %% mistake | gradient_descent_jax | throws .at[].set() away | all of them
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = jnp.zeros((n_steps + 1, *x.shape))
    path.at[0].set(x)
    for k in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.at[k + 1].set(x)
    return path

# %% mistake | gradient_descent_jax | only numbers as a start | float at the beginning
def gradient_descent_jax(f, x0, lr, n_steps):
    x = x0 if isinstance(x0, jax.Array) else float(x0)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | only numbers as a start | room for numbers only
def gradient_descent_jax(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * jax.grad(f)(path[k])
    return path

# %% mistake | gradient_descent_jax | only points as a start | takes its length
def gradient_descent_jax(f, x0, lr, n_steps):
    path = jnp.zeros((n_steps + 1, len(x0)))
    path = path.at[0].set(x0)
    for k in range(n_steps):
        path = path.at[k + 1].set(path[k] - lr * jax.grad(f)(path[k]))
    return path

# %% mistake | gradient_descent_jax | whole numbers fail | takes x0 as it is
def gradient_descent_jax(f, x0, lr, n_steps):
    x = x0
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.array(path)

# %% mistake | gradient_descent_jax | fractions lost | an array of the start's type
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0)
    path = jnp.zeros((n_steps + 1, *x0.shape), dtype=x0.dtype)
    path = path.at[0].set(x0)
    for k in range(n_steps):
        here = path[k].astype(float)
        path = path.at[k + 1].set((here - lr * jax.grad(f)(here)).astype(x0.dtype))
    return path

# %% mistake | gradient_descent_jax | ignores lr | its own
def gradient_descent_jax(f, x0, lr, n_steps):
    lr = 0.1
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | ignores lr | none at all
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | lr twice | in the step and in the update
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        step = lr * jax.grad(f)(path[-1])
        path.append(path[-1] - lr * step)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | shrinking steps | divided by the step
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for k in range(1, n_steps + 1):
        path.append(path[-1] - lr / k * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | gradient computed once | before the loop
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    g = jax.grad(f)(x)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * g
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | gradient scaled | clipped for safety
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * jnp.clip(jax.grad(f)(path[-1]), -1, 1))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | sequential update | one coordinate after the other
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        if x.ndim == 0:
            x = x - lr * jax.grad(f)(x)
        else:
            for i in range(x.size):
                x = x.at[i].add(-lr * jax.grad(f)(x)[i])
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | start missing | scan alone
def gradient_descent_jax(f, x0, lr, n_steps):
    def step(x, _):
        x = x - lr * jax.grad(f)(x)
        return x, x
    _, path = jax.lax.scan(step, jnp.asarray(x0, dtype=float), None, length=n_steps)
    return path

# %% mistake | gradient_descent_jax | one step short | scan that emits before the step
def gradient_descent_jax(f, x0, lr, n_steps):
    step = lambda x, _: (x - lr * jax.grad(f)(x), x)
    last, path = jax.lax.scan(step, jnp.asarray(x0, dtype=float), None, length=n_steps)
    return path

# %% mistake | gradient_descent_jax | one step too many | range one too long
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps + 1):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | start twice | recorded before the step
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        path.append(x)
        x = x - lr * jax.grad(f)(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | only the last point | what fori_loop gives
def gradient_descent_jax(f, x0, lr, n_steps):
    body = lambda i, x: x - lr * jax.grad(f)(x)
    return jax.lax.fori_loop(0, n_steps, body, jnp.asarray(x0, dtype=float))

# %% mistake | gradient_descent_jax | heights instead of places | f of each
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [f(x)]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(f(x))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | never moves | the new place is forgotten
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | same array appended | in place, NumPy
def gradient_descent_jax(f, x0, lr, n_steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x -= lr * np.asarray(jax.grad(f)(x))
        path.append(x)
    return path

# %% mistake | gradient_descent_jax | transposed output | stacked along the other axis
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    return jnp.stack(path, axis=-1)

# %% mistake | gradient_descent_jax | always 10 steps | a number from the seed
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(10):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | stops early | when flat
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        g = jax.grad(f)(x)
        if jnp.linalg.norm(g) < 1e-2:
            break
        x = x - lr * g
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | slope hard-coded | 2x
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * 2 * path[-1])
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | returns nothing | draws
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(path[-1] - lr * jax.grad(f)(path[-1]))
    print(path[-1])

# %% mistake | gradient_descent_jax | unnamed | climbs and is one short
def gradient_descent_jax(f, x0, lr, n_steps):
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps - 1):
        path.append(path[-1] + lr * jax.grad(f)(path[-1]))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | unnamed | climbs, and fails under jit
def gradient_descent_jax(f, x0, lr, n_steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x = x + lr * np.asarray(jax.grad(f)(x))
        path.append(x)
    return path

# %% mistake | gradient_descent_jax | unnamed | numbers only, and fails under jit
def gradient_descent_jax(f, x0, lr, n_steps):
    x = float(x0)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * float(jax.grad(f)(x))
        path.append(x)
    return path

# %% correct | gradient_descent_jax | jitted by the student, a callback for prints
from functools import partial
import sys


@partial(jax.jit, static_argnames=("f", "n_steps"))
def gradient_descent_jax(f, x0, lr, n_steps):
    x = x0 * 1.0
    path = [x]
    for k in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    jax.debug.callback(lambda end: print("end", end, file=sys.stderr), x)
    return jnp.stack([jnp.asarray(p) for p in path])

# %% correct | gradient_descent_jax | walrus in a list
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, float)
    return [x] + [x := x - lr * jax.jacrev(f)(x) for _ in range(n_steps)]

# %% correct | gradient_descent_jax | while_loop, 64 bits, heights thrown away
jax.config.update("jax_enable_x64", True)


def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=jnp.float64)
    hist = jnp.zeros((n_steps + 1, *x0.shape), dtype=jnp.float64).at[0].set(x0)
    losses = jnp.zeros(n_steps + 1)

    def cond(s):
        return s[0] < n_steps

    def body(s):
        k, x, hist, losses = s
        losses = losses.at[k].set(f(x))
        x = x - lr * jax.grad(f)(x)
        return k + 1, x, hist.at[k + 1].set(x), losses

    return jax.lax.while_loop(cond, body, (0, x0, hist, losses))[2]

# %% correct | gradient_descent_jax | the update is a gradient itself
def gradient_descent_jax(f, x0, lr, n_steps):
    potential = lambda x: 0.5 * jnp.sum(x * x) - lr * f(x)
    jump = jax.grad(potential)
    path = [jnp.asarray(x0, dtype=float)]
    for _ in range(n_steps):
        path.append(jump(path[-1]))
    return jnp.stack(path, axis=0)

# %% correct | gradient_descent_jax | NumPy outside of jit, jnp inside
def _walk(f, x, lr, n_steps):
    yield x
    for _ in range(n_steps):
        (g,) = jax.vjp(f, x)[1](jnp.float32(1))
        x = jnp.add(x, -lr * g)
        yield x


def gradient_descent_jax(f, x0, lr, n_steps, *, verbose=False):
    path = list(_walk(f, jnp.asarray(x0, dtype=jnp.float32), lr, n_steps))
    if isinstance(path[-1], jax.core.Tracer) or isinstance(lr, jax.core.Tracer):
        return jnp.stack(path)
    if verbose:
        print(path)
    return np.array(path, dtype=np.float64)

# %% correct | gradient_descent_jax | reduce, vstack and hstack
from functools import reduce


def gradient_descent_jax(f, x0, lr, n_steps):
    df = jax.jacfwd(f)
    first = (jnp.asarray(x0, dtype=float),)
    places = reduce(lambda p, _: p + (p[-1] - lr * df(p[-1]),), range(n_steps), first)
    return jnp.vstack(places) if np.ndim(x0) else jnp.hstack(places)

# %% correct | gradient_descent_jax | a velocity without momentum, tqdm
from tqdm.auto import tqdm


def gradient_descent_jax(f, x0, lr, n_steps):
    momentum = 0.0
    x = jnp.asarray(x0, dtype="float32")
    v = jnp.zeros_like(x)
    xs = [x]
    for _ in tqdm(range(n_steps), leave=False):
        v = momentum * v + lr * jax.grad(f)(x)
        x = x - v
        xs.append(x)
    return jnp.stack(xs)

# %% mistake | gradient_descent_jax | remembers the last call | a list outside, stacked
history = []


def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    history.append(x)
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        history.append(x)
    return jnp.stack(history)

# %% mistake | gradient_descent_jax | stops early | where it is flat it stays
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=float)

    def step(x, _):
        g = jax.grad(f)(x)
        small = jnp.linalg.norm(jnp.atleast_1d(g)) < 2e-2
        x = jnp.where(small, x, x - lr * g)
        return x, x

    _, rest = jax.lax.scan(step, x0, None, length=n_steps)
    return jnp.concatenate([x0[None], rest])

# %% mistake | gradient_descent_jax | unnamed | a compiled step for each f, with the first lr in it
_steps = {}


def gradient_descent_jax(f, x0, lr, n_steps):
    if f not in _steps:
        _steps[f] = jax.jit(lambda x: x - lr * jax.grad(f)(x))
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x = _steps[f](x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | modifies the start | walks in the caller's array
def gradient_descent_jax(f, x0, lr, n_steps):
    if isinstance(x0, np.ndarray) and x0.dtype == float and x0.ndim:
        path = [jnp.array(x0)]
        for _ in range(n_steps):
            x0 -= lr * np.array(jax.grad(f)(jnp.array(x0)))
            path.append(jnp.array(x0))
        return jnp.stack(path)
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | gradient scaled | norm cut at 5
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        g = jax.grad(f)(x)
        g = g * jnp.minimum(1.0, 5.0 / (jnp.sqrt(jnp.sum(g**2)) + 1e-9))
        x = x - lr * g
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | lr kept in bounds | between 0 and 1
def gradient_descent_jax(f, x0, lr, n_steps):
    lr = jnp.clip(lr, 0.0, 1.0)
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        path.append(x := x - lr * jax.grad(f)(x))
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | one step short | fori_loop from 1, the last row stays 0
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=float)
    path = jnp.zeros((n_steps + 1,) + x0.shape).at[0].set(x0)

    def body(k, path):
        return path.at[k].set(path[k - 1] - lr * jax.grad(f)(path[k - 1]))

    return jax.lax.fori_loop(1, n_steps, body, path)

# %% mistake | gradient_descent_jax | unnamed | climbs, and the start is missing
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = []
    for _ in range(n_steps + 1):
        x = x - (-lr) * jax.grad(f)(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | a column | atleast_1d
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.atleast_1d(jnp.asarray(x0, dtype=float))
    path = [x]
    for _ in range(n_steps):
        x = x - lr * jax.grad(lambda v: jnp.squeeze(f(v)))(x)
        path.append(x)
    return jnp.stack(path)

# %% mistake | gradient_descent_jax | shrinking steps | decays slowly
def gradient_descent_jax(f, x0, lr, n_steps):
    x0 = jnp.asarray(x0, dtype=float)

    def step(x, k):
        x = x - lr / (1 + 0.1 * k) * jax.grad(f)(x)
        return x, x

    _, rest = jax.lax.scan(step, x0, jnp.arange(n_steps))
    return jnp.concatenate([x0[None], rest])

# %% mistake | gradient_descent_jax | fails under jit | if the slope is small
def gradient_descent_jax(f, x0, lr, n_steps):
    x = jnp.asarray(x0, dtype=float)
    path = [x]
    for _ in range(n_steps):
        g = jax.grad(f)(x)
        if jnp.max(jnp.abs(g)) > 1e-8:
            x = x - lr * g
        path.append(x)
    return jnp.stack(path)

# -------------------------------------------------------------------------------------------------------- hessian_of

# %% correct | hessian_of | jax.hessian
def hessian_of(f):
    return jax.hessian(f)

# %% correct | hessian_of | forward over reverse, jitted
hessian_of = lambda f: jax.jit(jax.jacfwd(jax.grad(f)))

# %% correct | hessian_of | twice in reverse, to nested lists
def hessian_of(func):
    def H(point):
        return jax.jacrev(jax.jacrev(func))(jnp.array(point)).tolist()
    return H

# %% correct | hessian_of | grad of each slope
def hessian_of(f):
    g = jax.grad(f)
    def H(v):
        v = jnp.asarray(v, dtype=float)
        rows = [jax.grad(lambda w, i=i: g(w)[i])(v) for i in range(2)]
        return jnp.stack(rows)
    return H

# %% correct | hessian_of | Hessian-vector products
def hessian_of(f):
    def H(v):
        v = jnp.asarray(v, dtype=float)
        return jax.vmap(lambda e: jax.jvp(jax.grad(f), (v,), (e,))[1])(jnp.eye(v.size))
    return H

# %% correct | hessian_of | by torch, from last week
def hessian_of(f):
    return lambda v: torch.func.hessian(f)(torch.tensor(v))

# %% correct | hessian_of | a callable object
class hessian_of:
    def __init__(self, f):
        self._h = jax.hessian(f)

    def __call__(self, v):
        return np.array(self._h(jnp.asarray(v, dtype=jnp.float32)))

# %% mistake | hessian_of | first derivatives | one jacobian
def hessian_of(f):
    return jax.jacobian(f)

# %% mistake | hessian_of | first derivatives | grad
def hessian_of(f):
    return jax.grad(f)

# %% mistake | hessian_of | grad of a gradient | as in one dimension
def hessian_of(f):
    return jax.grad(jax.grad(f))

# %% mistake | hessian_of | mixed derivatives missing | on the diagonal
def hessian_of(f):
    return lambda v: jnp.diag(jnp.diag(jax.hessian(f)(v)))

# %% mistake | hessian_of | mixed derivatives missing | coordinate by coordinate
def hessian_of(f):
    def H(v):
        d0 = jax.grad(jax.grad(lambda a: f(jnp.array([a, v[1]]))))(float(v[0]))
        d1 = jax.grad(jax.grad(lambda b: f(jnp.array([v[0], b]))))(float(v[1]))
        return jnp.array([[d0, 0.0], [0.0, d1]])
    return H

# %% mistake | hessian_of | one triangle only | fills half
def hessian_of(f):
    return lambda v: jnp.triu(jax.hessian(f)(v))

# %% mistake | hessian_of | slopes added up | grad of the sum of slopes
def hessian_of(f):
    return jax.grad(lambda v: jnp.sum(jax.grad(f)(v)))

# %% mistake | hessian_of | one row only | the first slope
def hessian_of(f):
    return jax.grad(lambda v: jax.grad(f)(v)[0])

# %% mistake | hessian_of | a value, not a function | takes v as well
def hessian_of(f, v):
    return jax.hessian(f)(v)

# %% mistake | hessian_of | a value, not a function | at the origin
def hessian_of(f):
    return jax.hessian(f)(jnp.zeros(2))

# %% mistake | hessian_of | a value, not a function | v from nowhere
def hessian_of(f):
    return jax.jacobian(jax.grad(f))(v)

# %% mistake | hessian_of | always at the same place | ones
def hessian_of(f):
    H = jax.hessian(f)(jnp.ones(2))
    return lambda v: H

# %% mistake | hessian_of | products of slopes | outer
def hessian_of(f):
    g = jax.grad(f)
    return lambda v: jnp.outer(g(v), g(v))

# %% mistake | hessian_of | four numbers in a row | flattened
def hessian_of(f):
    return lambda v: jax.hessian(f)(v).flatten()

# %% mistake | hessian_of | one number only | the determinant
def hessian_of(f):
    return lambda v: jnp.linalg.det(jax.hessian(f)(v))

# %% mistake | hessian_of | sign turned around | minus
def hessian_of(f):
    return lambda v: -jax.hessian(f)(v)

# %% mistake | hessian_of | half of it | Taylor
def hessian_of(f):
    return lambda v: 0.5 * jax.hessian(f)(v)

# %% mistake | hessian_of | inverse | for Newton
def hessian_of(f):
    return lambda v: jnp.linalg.inv(jax.hessian(f)(v))

# %% mistake | hessian_of | value instead of Hessian | hands f back
def hessian_of(f):
    return f

# %% mistake | hessian_of | valley hard-coded | the worked value
def hessian_of(f):
    return lambda v: jnp.array([[10.0, -9.0], [-9.0, 10.0]])

# %% mistake | hessian_of | returns nothing | inside
def hessian_of(f):
    def H(v):
        h = jax.hessian(f)(v)
    return H

# %% mistake | hessian_of | unnamed | transposes a half, and its sign
def hessian_of(f):
    return lambda v: -jnp.tril(jax.hessian(f)(v))

# %% correct | hessian_of | argnums, a tuple of tuples
def hessian_of(f):
    split = lambda a, b: f(jnp.array([a, b]))
    table = jax.hessian(split, argnums=(0, 1))
    return lambda v: table(jnp.float32(v[0]), jnp.float32(v[1]))

# %% correct | hessian_of | along both axes and along the diagonal
def hessian_of(f):
    def along(v, d):
        line = lambda t: f(v + t * d)
        return jax.grad(jax.grad(line))(0.0)

    def H(v):
        v = jnp.asarray(v, dtype=jnp.float32)
        a = along(v, jnp.array([1.0, 0.0]))
        b = along(v, jnp.array([0.0, 1.0]))
        s = along(v, jnp.array([1.0, 1.0]))
        off = (s - a - b) / 2
        return jnp.array([[a, off], [off, b]])

    return H

# %% correct | hessian_of | partial of a helper, a tensor
import functools


def _hess(v, func=None):
    out = jax.hessian(func)(jnp.array(v, dtype=float))
    return torch.tensor(np.array(out))


def hessian_of(f):
    return functools.partial(_hess, func=f)

# %% correct | hessian_of | linearize, columns side by side
def hessian_of(f):
    def H(v):
        v = jnp.asarray(v, jnp.float32)
        _, push = jax.linearize(jax.grad(f), v)
        return jnp.column_stack([push(jnp.array([1.0, 0.0])), push(jnp.array([0.0, 1.0]))])
    return H

# %% correct | hessian_of | 64 bits, a list of two arrays, a warning
import warnings

jax.config.update("jax_enable_x64", True)


def hessian_of(f, *, tol=1e-3):
    jac = jax.jacobian(jax.jacobian(f))

    def wrapped(point):
        M = jac(jnp.asarray(point, dtype=jnp.float64))
        print(M)
        if abs(float(M[0, 1] - M[1, 0])) > tol:
            warnings.warn("not symmetric?!")
        return [M[0], M[1]]

    return wrapped

# %% correct | hessian_of | in a rotated frame, and back
def hessian_of(f):
    c, s = np.float32(0.6), np.float32(0.8)
    Q = jnp.array([[c, -s], [s, c]])

    def H(v):
        w = Q.T @ jnp.asarray(v, dtype=jnp.float32)
        K = jax.hessian(lambda w: f(Q @ w))(w)
        return Q @ K @ Q.T

    return H

# %% mistake | hessian_of | slopes added up | one product with ones, on the diagonal
def hessian_of(f):
    def H(v):
        v = jnp.asarray(v, dtype=float)
        return jnp.diag(jax.jvp(jax.grad(f), (v,), (jnp.ones(2),))[1])
    return H

# %% mistake | hessian_of | always at the same place | the origin
def hessian_of(f):
    H0 = jax.hessian(f)(jnp.zeros(2))
    return lambda v: H0

# %% mistake | hessian_of | half of it | made symmetric without the half
def hessian_of(f):
    def H(v):
        M = jax.hessian(f)(v)
        return M + M.T
    return H

# %% mistake | hessian_of | unnamed | second differences in float32
def hessian_of(f):
    h = 1e-3
    e = jnp.eye(2) * h

    def H(v):
        v = jnp.asarray(v, dtype=jnp.float32)
        return jnp.array([[(f(v + a + b) - f(v + a - b) - f(v - a + b) + f(v - a - b)) / (4 * h * h) for a in e] for b in e])

    return H

# %% mistake | hessian_of | differences too coarse | forward, 0.01
def hessian_of(f):
    df = jax.grad(f)

    def H(v, h=0.01):
        v = jnp.asarray(v, dtype=float)
        return jnp.stack([(df(v.at[i].add(h)) - df(v)) / h for i in range(2)])

    return H

# %% mistake | hessian_of | entries in the wrong place | both axes reversed
def hessian_of(f):
    return lambda v: jax.hessian(f)(v)[::-1, ::-1]

# %% mistake | hessian_of | coordinates of the place swapped | x1 and x0 unpacked the wrong way round
def hessian_of(f):
    def H(v):
        x1, x0 = v
        return jax.hessian(f)(jnp.array([x0, x1], dtype=float))
    return H

# %% mistake | hessian_of | made safe for Newton | eigenvalues turned positive
def hessian_of(f):
    def H(v):
        lam, Q = jnp.linalg.eigh(jax.hessian(f)(jnp.asarray(v, dtype=float)))
        return Q @ jnp.diag(jnp.abs(lam)) @ Q.T
    return H

# %% mistake | hessian_of | made safe for Newton | damped
def hessian_of(f):
    return lambda v: jax.hessian(f)(v) + 0.01 * jnp.eye(len(v))

# %% mistake | hessian_of | one row only | a lambda that binds late
def hessian_of(f):
    df = jax.grad(f)
    parts = []
    for i in range(2):
        parts.append(lambda v: df(v)[i])

    def H(v):
        v = jnp.asarray(v, dtype=float)
        return jnp.stack([jax.grad(p)(v) for p in parts])

    return H

# %% mistake | hessian_of | unnamed | half of it, and the signs of the mixed ones
def hessian_of(f):
    sign = jnp.array([[1.0, -1.0], [-1.0, 1.0]])
    return lambda v: 0.5 * sign * jax.hessian(f)(v)

# %% mistake | hessian_of | unnamed | the other coordinate at 0, and no mixed ones
def hessian_of(f):
    def H(v):
        a = jax.grad(jax.grad(lambda t: f(jnp.array([t, 0.0]))))(float(v[0]))
        b = jax.grad(jax.grad(lambda t: f(jnp.array([0.0, t]))))(float(v[1]))
        return jnp.array([[a, 0.0], [0.0, b]])
    return H

# %% mistake | slope | clipped | from below only
def slope(f):
    return lambda x: jnp.maximum(jax.grad(f)(x), -10.0)

# %% mistake | slopes | an array of one becomes a number | squeeze
def slopes(f, xs):
    return jnp.squeeze(jax.vmap(jax.grad(f))(jnp.asarray(xs, dtype=float)))

# %% mistake | slope | uses the last f | a global one
F = None

def df(x):
    return jax.grad(F)(x)

def slope(f):
    global F
    F = f
    return df

# %% mistake | slope | uses the last f | one object for all
class Slope:
    def __call__(self, x):
        return jax.grad(self.f)(x)

the_slope = Slope()

def slope(f):
    the_slope.f = f
    return the_slope

# %% mistake | hessian_of | uses the last f | an attribute of the function
def hessian_of(f):
    hessian_of.f = f
    return lambda v: jax.hessian(hessian_of.f)(jnp.asarray(v, dtype=float))

# %% correct | hessian_of | each pair of axes by grad of grad, of two numbers
def hessian_of(f):
    h = lambda a, b: f(jnp.array([a, b]))
    d = [[jax.grad(jax.grad(h, i), j) for j in (0, 1)] for i in (0, 1)]
    return lambda v: jnp.array([[d[i][j](*map(float, v)) for j in (0, 1)] for i in (0, 1)])

# %% correct | gradient_descent_jax | a dataclass registered as a pytree
from dataclasses import dataclass

@jax.tree_util.register_pytree_node_class
@dataclass
class Walker:
    x: object
    lr: object

    def tree_flatten(self):
        return (self.x, self.lr), None

    @classmethod
    def tree_unflatten(cls, _, children):
        return cls(*children)

def gradient_descent_jax(f, x0, lr, n_steps):
    step = jax.jit(lambda w: Walker(w.x - w.lr * jax.grad(f)(w.x), w.lr))
    walker = Walker(jnp.asarray(x0, float), lr)
    path = [walker.x]
    for _ in range(n_steps):
        walker = step(walker)
        path.append(walker.x)
    return jnp.array(path)
