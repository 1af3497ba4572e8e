# Student solutions for week 6, `kalman.ipynb`: correct ones that must get full marks, mistaken ones that must lose
# points and be named. Plain text, not a module: it is never imported as a whole.
#
# A section starts with a line
#     # %% correct | task | what is odd about it
#     # %% mistake | task | name of the mistake | how this student wrote it
# and its code, down to the next such line, is what one student typed into the solution cell. The fourth field only
# tells apart several codes of the same mistake. `unnamed` in the third: two mistakes at once, or half of one; it loses
# points, whatever it is called. Each section runs in a namespace of its own where np, torch and plt exist.
# Some change global state (default dtype, warnings, np.seterr): run each in a fresh process.

# -------------------------------------------------------------------------------------------------------------- fuse

# %% correct | fuse | gain
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) * variance

# %% correct | fuse | information form, list
def fuse(mean, variance, z, R):
    information = 1 / variance + 1 / R
    return [(mean / variance + z / R) / information, 1 / information]

# %% correct | fuse | weighted average, ndarray, renamed parameters
def fuse(mu1, var1, mu2, var2):
    return np.array([mu1 * var2 + mu2 * var1, var1 * var2]) / (var1 + var2)

# %% correct | fuse | float32 tensor
def fuse(mean, variance, z, R):
    m, P, z, R = torch.tensor([mean, variance, z, R])
    K = P / (P + R)
    return torch.stack([m + K * (z - m), P - K * P])

# %% correct | fuse | Joseph form, np.float64 entries
def fuse(mean, variance, z, R):
    mean, variance, z, R = np.array([mean, variance, z, R], dtype=np.float64)
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) ** 2 * variance + K**2 * R

# %% correct | fuse | np.average with weights
def fuse(mean, variance, z, R):
    middle, total = np.average([mean, z], weights=[1 / variance, 1 / R], returned=True)
    return middle, 1 / total

# %% correct | fuse | the measurement gives way instead
def fuse(mean, variance, z, R):
    share = R / (R + variance)
    return z - share * (z - mean), share * variance

# %% correct | fuse | least squares by a matrix inverse
def fuse(mean, variance, z, R):
    H = np.ones((2, 1))
    W = np.diag([1 / variance, 1 / R])
    cov = np.linalg.inv(H.T @ W @ H)
    best = cov @ H.T @ W @ np.array([mean, z])
    return best.item(), cov.item()

# %% correct | fuse | np.linalg.solve, tuple of (1,) tensors
def fuse(mean, variance, z, R):
    K = torch.linalg.solve(torch.tensor([[variance + R]]), torch.tensor([variance]))
    return mean + K * (z - mean), (1 - K) * variance

# %% correct | fuse | a generator, prints and warns
import sys
import warnings

def fuse(mean, variance, z, R):
    print("fusing", mean, z)
    warnings.warn("only a warning")
    sys.stderr.write("50%\r")
    K = variance / (variance + R)
    return (value for value in (mean + K * (z - mean), variance - K * variance))

# %% correct | fuse | tensors that require grad, default dtype float64, np.seterr raise
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")

def fuse(mean, variance, z, R, *, verbose=False):
    m = torch.tensor(mean, requires_grad=True)
    v = torch.tensor(variance, requires_grad=True)
    return torch.stack([(m * R + z * v) / (v + R), v * R / (v + R)])

# %% correct | fuse | a class with a product of bells
class Bell:
    def __init__(self, mean, variance):
        self.mean, self.variance = mean, variance

    def __mul__(self, other):
        total = self.variance + other.variance
        mean = (self.mean * other.variance + other.mean * self.variance) / total
        return Bell(mean, self.variance * other.variance / total)

def fuse(mean, variance, z, R):
    both = Bell(mean, variance) * Bell(z, R)
    return both.mean, both.variance

# %% correct | fuse | scalars as (1, 1) matrices, flattened, annotations
def fuse(mean: float, variance: float, z: float, R: float) -> tuple:
    x, P = np.array([[mean]]), np.array([[variance]])
    S = P + R
    K = P @ np.linalg.inv(S)
    x = x + K @ (np.array([[z]]) - x)
    P = (np.eye(1) - K) @ P
    return float(x[0, 0]), float(P[0, 0])

# %% correct | fuse | Fraction
from fractions import Fraction

def fuse(mean, variance, z, R):
    mean, variance, z, R = map(Fraction, (mean, variance, z, R))
    K = variance / (variance + R)
    return float(mean + K * (z - mean)), float((1 - K) * variance)

# %% correct | fuse | lambda and partial
from functools import partial

def general(H, mean, variance, z, R):
    S = H * variance * H + R
    K = variance * H / S
    return mean + K * (z - H * mean), variance - K * S * K

fuse = partial(general, 1)

# %% mistake | fuse | weights the wrong way round
def fuse(mean, variance, z, R):
    K = R / (variance + R)
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | fuse | weights the wrong way round | weighted average by own variances
def fuse(mean, variance, z, R):
    new = (mean * variance + z * R) / (variance + R)
    return new, 1 / (1 / variance + 1 / R)

# %% mistake | fuse | standard deviations for variances | squares
def fuse(mean, variance, z, R):
    K = variance**2 / (variance**2 + R**2)
    return mean + K * (z - mean), (1 - K) * variance**2

# %% mistake | fuse | standard deviations for variances | square root returned
import math

def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), math.sqrt((1 - K) * variance)

# %% mistake | fuse | standard deviations for variances | roots first
def fuse(mean, variance, z, R):
    s, r = np.sqrt(variance), np.sqrt(R)
    K = s / (s + r)
    return mean + K * (z - mean), ((1 - K) * s) ** 2

# %% mistake | fuse | variance not shrinking
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    mean = mean + K * (z - mean)
    return mean, variance

# %% mistake | fuse | variance grows | plus
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), variance + K * variance

# %% mistake | fuse | variance grows | sum
def fuse(mean, variance, z, R):
    return (R * mean + variance * z) / (variance + R), variance + R

# %% mistake | fuse | m - z
def fuse(mean, variance, z, R):
    innovation = mean - z
    K = variance / (variance + R)
    return mean + K * innovation, (1 - K) * variance

# %% mistake | fuse | difference forgotten
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * z, (1 - K) * variance

# %% mistake | fuse | plain average
def fuse(mean, variance, z, R):
    return (mean + z) / 2, variance * R / (variance + R)

# %% mistake | fuse | plain average | of both
def fuse(mean, variance, z, R):
    return np.mean([[mean, variance], [z, R]], axis=0)

# %% mistake | fuse | the measurement's variance
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) * R

# %% mistake | fuse | average of the variances
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), np.mean([variance, R])

# %% mistake | fuse | one over the variance
def fuse(mean, variance, z, R):
    w1, w2 = 1 / variance, 1 / R
    return (w1 * mean + w2 * z) / (w1 + w2), w1 + w2

# %% mistake | fuse | product of the variances
def fuse(mean, variance, z, R):
    return (mean * R + z * variance) / (variance + R), variance * R

# %% mistake | fuse | gain instead of the variance
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), 1 - K

# %% mistake | fuse | gain squared | half of the Joseph form
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) * variance * (1 - K)

# %% mistake | fuse | variance updated first
def fuse(mean, variance, z, R):
    variance = 1 / (1 / variance + 1 / R)
    mean += variance / (variance + R) * (z - mean)
    return mean, variance

# %% mistake | fuse | brackets forgotten
def fuse(mean, variance, z, R):
    K = variance / variance + R
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | fuse | ignores the measurement
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    mean + K * (z - mean)
    (1 - K) * variance
    return mean, variance

# %% mistake | fuse | believes the measurement
def fuse(mean, variance, z, R):
    return z, R

# %% mistake | fuse | variance before mean
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return (1 - K) * variance, mean + K * (z - mean)

# %% mistake | fuse | only the mean
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean)

# %% mistake | fuse | returns nothing | prints
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    print(mean + K * (z - mean), (1 - K) * variance)

# %% mistake | fuse | unnamed | m - z and the variance not shrinking
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (mean - z), variance

# %% mistake | fuse | unnamed | whole numbers
def fuse(mean, variance, z, R):
    K = variance // (variance + R)
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | fuse | unnamed | the worked value by heart
def fuse(mean, variance, z, R):
    return 1.6154, 2.7692

# %% mistake | fuse | unnamed | the gain of the example
def fuse(mean, variance, z, R):
    K = 4 / 13
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | fuse | unnamed | jumps to z if it is surer
def fuse(mean, variance, z, R):
    if R < variance:
        return z, R
    return mean, variance

# %% mistake | fuse | unnamed | right for sure measurements only
def fuse(mean, variance, z, R):
    K = max(variance, R) / (variance + R)
    return mean + K * (z - mean), variance * R / (variance + R)

# %% mistake | fuse | unnamed | rounded
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return round(mean + K * (z - mean), 2), round((1 - K) * variance, 2)

# ------------------------------------------------------------------------------------------------------- newton_fuse

# %% correct | newton_fuse | by hand
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance - (z - start) / R
    h = 1 / variance + 1 / R
    return start - g / h, 1 / h

# %% correct | newton_fuse | autograd twice, list of tensors that require grad
def newton_fuse(start, mean, variance, z, R):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    f = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    g, = torch.autograd.grad(f, x, create_graph=True)
    h, = torch.autograd.grad(g, x)
    return [x - g / h, 1 / h]

# %% correct | newton_fuse | backward, float32
def newton_fuse(start, mean, variance, z, R):
    x = torch.tensor(start, requires_grad=True)
    f = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    f.backward(create_graph=True)
    slope = x.grad.clone()
    x.grad = None
    slope.backward()
    return (x - slope / x.grad).item(), (1 / x.grad).item()

# %% correct | newton_fuse | torch.func
from torch.func import grad

def newton_fuse(start, mean, variance, z, R):
    f = lambda x: (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    x = torch.tensor(start, dtype=torch.float64)
    return torch.stack((x - grad(f)(x) / grad(grad(f))(x), 1 / grad(grad(f))(x)))

# %% correct | newton_fuse | (1,)-tensors and the Hessian's inverse
def newton_fuse(start, mean, variance, z, R):
    f = lambda v: ((v - mean) ** 2 / (2 * variance) + (z - v) ** 2 / (2 * R)).sum()
    v = torch.tensor([start], dtype=torch.float64)
    H = torch.autograd.functional.hessian(f, v)
    g = torch.autograd.functional.jacobian(f, v)
    return v - torch.linalg.solve(H, g), torch.linalg.inv(H)[0]

# %% correct | newton_fuse | finite differences, which are exact on a parabola
def newton_fuse(start, mean, variance, z, R):
    f = lambda x: (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    slope = (f(start + 1) - f(start - 1)) / 2
    curvature = f(start + 1) - 2 * f(start) + f(start - 1)
    return np.array([start - slope / curvature, 1 / curvature])

# %% correct | newton_fuse | np.polyfit
def newton_fuse(start, mean, variance, z, R):
    a, b, c = np.polyfit([0, 1, 2], [(x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R) for x in (0, 1, 2)], 2)
    return start - (2 * a * start + b) / (2 * a), 1 / (2 * a)

# %% correct | newton_fuse | two steps, the second of which stays
def newton_fuse(start, mean, variance, z, R):
    x = np.float64(start)
    for _ in range(2):
        x -= ((x - mean) / variance + (x - z) / R) / (1 / variance + 1 / R)
    return x, variance * R / (variance + R)

# %% correct | newton_fuse | multiplied out, renamed parameters
def newton_fuse(x0, a, va, b, vb):
    slope = (x0 - a) * vb + (x0 - b) * va
    return (x0 - slope / (va + vb), va * vb / (va + vb))

# %% correct | newton_fuse | gradient descent with lr one over the curvature
def newton_fuse(start, mean, variance, z, R):
    lr = 1 / (1 / variance + 1 / R)
    return start - lr * ((start - mean) / variance + (start - z) / R), lr

# %% correct | newton_fuse | by the gain, whatever the start
def newton_fuse(start, mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | newton_fuse | climbs
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start + g / h, 1 / h

# %% mistake | newton_fuse | a gradient step
def newton_fuse(start, mean, variance, z, R):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    f = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    f.backward()
    return (x - 0.1 * x.grad).item(), 1 / (1 / variance + 1 / R)

# %% mistake | newton_fuse | a learning rate left in
def newton_fuse(start, mean, variance, z, R, lr=0.1):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start - lr * g / h, 1 / h

# %% mistake | newton_fuse | multiplies by the curvature
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start - h * g, 1 / h

# %% mistake | newton_fuse | curvature upside down
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start - g / h, h

# %% mistake | newton_fuse | standard deviation returned
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start - g / h, (1 / h) ** 0.5

# %% mistake | newton_fuse | halves lost
def newton_fuse(start, mean, variance, z, R):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    f = (x - mean) ** 2 / variance + (z - x) ** 2 / R
    g, = torch.autograd.grad(f, x, create_graph=True)
    h, = torch.autograd.grad(g, x)
    return x - g / h, 1 / h

# %% mistake | newton_fuse | halves kept
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / (2 * variance) + (start - z) / (2 * R)
    h = 1 / variance + 1 / R
    return start - g / h, 1 / h

# %% mistake | newton_fuse | sign of the measurement's slope
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (z - start) / R
    h = 1 / variance + 1 / R
    return start - g / h, 1 / h

# %% mistake | newton_fuse | sign of the measurement's slope | and of its curvature
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (z - start) / R
    h = 1 / variance - 1 / R
    return start - g / h, 1 / h

# %% mistake | newton_fuse | one parabola forgotten
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance
    return start - g / h, 1 / h

# %% mistake | newton_fuse | multiplies by the variances
def newton_fuse(start, mean, variance, z, R):
    g = variance * (start - mean) + R * (start - z)
    h = variance + R
    return start - g / h, 1 / h

# %% mistake | newton_fuse | one over a sum
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / (variance + R)
    return start - g / h, 1 / h

# %% mistake | newton_fuse | variance not shrinking
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start - g / h, variance

# %% mistake | newton_fuse | only the step
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return -g / h, 1 / h

# %% mistake | newton_fuse | stays at the start
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    x = start
    x - g / h
    return x, 1 / h

# %% mistake | newton_fuse | standard deviations for variances
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance**2 + (start - z) / R**2
    h = variance**-2 + R**-2
    return start - g / h, 1 / h

# %% mistake | newton_fuse | variance before mean
def newton_fuse(start, mean, variance, z, R):
    h = 1 / variance + 1 / R
    return 1 / h, start - ((start - mean) / variance + (start - z) / R) / h

# %% mistake | newton_fuse | only the mean
def newton_fuse(start, mean, variance, z, R):
    h = 1 / variance + 1 / R
    return start - ((start - mean) / variance + (start - z) / R) / h

# %% mistake | newton_fuse | returns nothing
def newton_fuse(start, mean, variance, z, R):
    h = 1 / variance + 1 / R
    x = start - ((start - mean) / variance + (start - z) / R) / h

# %% mistake | newton_fuse | unnamed | climbs, and the curvature upside down
def newton_fuse(start, mean, variance, z, R):
    g = (start - mean) / variance + (start - z) / R
    h = 1 / variance + 1 / R
    return start + g / h, h

# %% mistake | newton_fuse | unnamed | z and mean exchanged
def newton_fuse(start, mean, variance, z, R):
    g = (start - z) / variance + (start - mean) / R
    h = 1 / variance + 1 / R
    return start - g / h, 1 / h

# %% mistake | newton_fuse | unnamed | Newton's method for a zero of f
def newton_fuse(start, mean, variance, z, R):
    f = (start - mean) ** 2 / (2 * variance) + (z - start) ** 2 / (2 * R)
    slope = (start - mean) / variance + (start - z) / R
    return start - f / slope, 1 / (1 / variance + 1 / R)

# %% mistake | newton_fuse | unnamed | ten gradient steps
def newton_fuse(start, mean, variance, z, R):
    x = start
    for _ in range(10):
        x = x - 0.05 * ((x - mean) / variance + (x - z) / R)
    return x, 1 / (1 / variance + 1 / R)

# %% mistake | newton_fuse | unnamed | accumulated gradient taken for the curvature
def newton_fuse(start, mean, variance, z, R):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    f = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    f.backward(create_graph=True)
    slope = x.grad
    slope.backward()
    return (x - slope / x.grad).item(), (1 / x.grad).item()

# ----------------------------------------------------------------------------------------------------------- predict

# %% correct | predict | plain
def predict(m, P, F, Q):
    return F @ m, F @ P @ F.T + Q

# %% correct | predict | a list of two, np.dot
def predict(m, P, F, Q):
    return [np.dot(F, m), np.dot(np.dot(F, P), np.transpose(F)) + Q]

# %% correct | predict | torch, float64
def predict(m, P, F, Q):
    m, P, F, Q = map(torch.from_numpy, (m, P, F, Q))
    return F @ m, F @ P @ F.T + Q

# %% correct | predict | torch, float32, requires grad
def predict(m, P, F, Q):
    m, P, F, Q = (torch.tensor(a, dtype=torch.float32, requires_grad=True) for a in (m, P, F, Q))
    return torch.mv(F, m), torch.linalg.multi_dot([F, P, F.mT]) + Q

# %% correct | predict | einsum
def predict(m, P, F, Q):
    return np.einsum("ij,j", F, m), np.einsum("ij,jk,lk->il", F, P, F) + Q

# %% correct | predict | loops and lists
def predict(m, P, F, Q):
    n = len(m)
    mean = [sum(F[i, j] * m[j] for j in range(n)) for i in range(n)]
    cov = [[Q[i][j] for j in range(n)] for i in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                for l in range(n):
                    cov[i][j] += F[i][k] * P[k][l] * F[j][l]
    return mean, cov

# %% correct | predict | m Fᵀ, and F (F P)ᵀ as P is symmetric
def predict(m, P, F, Q):
    return m @ F.T, F @ (F @ P).T + Q

# %% correct | predict | by a square root of P
def predict(m, P, F, Q):
    L = F @ np.linalg.cholesky(P)
    return F.dot(m), L @ L.T + Q

# %% correct | predict | column inside, flat outside, symmetrised, in a class
class Model:
    def __call__(self, m, P, F, Q):
        column = F @ m.reshape(-1, 1)
        P = F @ P @ F.T + Q
        return column.ravel(), (P + P.T) / 2

predict = Model()

# %% correct | predict | np.matrix, prints, default dtype float64
torch.set_default_dtype(torch.float64)

def predict(m, P, F, Q):
    print("F =", F)
    F = np.matrix(F)
    return np.asarray(F @ m).ravel(), F * P * F.T + Q

# %% correct | predict | adds into Q
def predict(m, P, F, Q):
    Q = Q.copy()
    Q += F @ P @ F.T
    yield F @ m
    yield Q

# %% correct | predict | multivariate by autograd's Jacobian
def predict(m, P, F, Q):
    A = torch.as_tensor(F)
    step = lambda v: A @ v
    J = torch.func.jacrev(step)(torch.as_tensor(m)).numpy()
    return step(torch.as_tensor(m)), J @ P @ J.T + Q

# %% mistake | predict | transpose forgotten
def predict(m, P, F, Q):
    return F @ m, F @ P @ F + Q

# %% mistake | predict | transpose forgotten | .T without effect
def predict(m, P, F, Q):
    F_t = F
    F_t.T
    return F @ m, F.dot(P).dot(F_t) + Q

# %% mistake | predict | transpose on the wrong side
def predict(m, P, F, Q):
    return F @ m, F.T @ P @ F + Q

# %% mistake | predict | mean multiplied from the wrong side
def predict(m, P, F, Q):
    return m @ F, F @ P @ F.T + Q

# %% mistake | predict | inverse for transpose
def predict(m, P, F, Q):
    return F @ m, F @ P @ np.linalg.inv(F) + Q

# %% mistake | predict | F on one side only
def predict(m, P, F, Q):
    return np.matmul(F, m), np.matmul(F, P) + Q

# %% mistake | predict | entry by entry
def predict(m, P, F, Q):
    return F * m, F * P * F.T + Q

# %% mistake | predict | entry by entry | the covariance only
def predict(m, P, F, Q):
    return F @ m, F * P * np.transpose(F) + Q

# %% mistake | predict | Q forgotten
def predict(m, P, F, Q):
    return F @ m, F @ P @ F.T

# %% mistake | predict | Q added too early
def predict(m, P, F, Q):
    P = P + Q
    return F @ m, F @ P @ F.T

# %% mistake | predict | Q the wrong way | minus
def predict(m, P, F, Q):
    return F @ m, F @ P @ F.T - Q

# %% mistake | predict | Q added to the mean
def predict(m, P, F, Q):
    return F @ m + Q, F @ P @ F.T + Q

# %% mistake | predict | covariance not moved
def predict(m, P, F, Q):
    return F @ m, P + Q

# %% mistake | predict | mean not moved
def predict(m, P, F, Q):
    new_m = F @ m
    return m, F @ P @ F.T + Q

# %% mistake | predict | only the diagonal
def predict(m, P, F, Q):
    return F @ m, np.diag(np.diag(F @ P @ F.T + Q))

# %% mistake | predict | mean as a column
def predict(m, P, F, Q):
    return F @ m.reshape(-1, 1), F @ P @ F.T + Q

# %% mistake | predict | covariance before mean
def predict(m, P, F, Q):
    return F @ P @ F.T + Q, F @ m

# %% mistake | predict | only the mean
def predict(m, P, F, Q):
    return F @ m

# %% mistake | predict | only the covariance
def predict(m, P, F, Q):
    m = F @ m
    P = F @ P @ F.T + Q
    return P

# %% mistake | predict | returns nothing | changes its arguments
def predict(m, P, F, Q):
    m[:] = F @ m
    P[:] = F @ P @ F.T + Q

# %% mistake | predict | unnamed | transpose forgotten and Q forgotten
def predict(m, P, F, Q):
    return F @ m, F @ P @ F

# %% mistake | predict | unnamed | stacked into one list
def predict(m, P, F, Q):
    return np.concatenate([F @ m, (F @ P @ F.T + Q).ravel()])

# %% mistake | predict | unnamed | the matrix of the example
def predict(m, P, F, Q):
    F = np.array([[1.0, 1.0], [0.0, 1.0]])
    return F @ m, F @ P @ F.T + Q

# %% mistake | predict | unnamed | two dimensions only
def predict(m, P, F, Q):
    mean = np.array([F[0, 0] * m[0] + F[0, 1] * m[1], F[1, 0] * m[0] + F[1, 1] * m[1]])
    F, P = F[:2, :2], P[:2, :2]
    return mean, F @ P @ F.T + Q[:2, :2]

# %% mistake | predict | unnamed | flips the coordinates
def predict(m, P, F, Q):
    return (F @ m)[::-1], (F @ P @ F.T + Q)[::-1, ::-1]

# %% mistake | predict | unnamed | a sample instead of the mean
def predict(m, P, F, Q):
    rng = np.random.default_rng(0)
    return F @ m + rng.normal(size=len(m)) * np.sqrt(np.diag(Q)), F @ P @ F.T + Q

# --------------------------------------------------------------------------------------------------------- kalman_1d

# %% correct | kalman_1d | plain
def kalman_1d(zs, m0, P0, Q, R):
    m, P = m0, P0
    out = []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m = m + K * (z - m)
        P = (1 - K) * P
        out.append([m, P])
    return np.array(out)

# %% correct | kalman_1d | information form, list of tuples
def kalman_1d(zs, m0, P0, Q, R):
    m, P = m0, P0
    out = []
    for z in zs:
        info = 1 / (P + Q) + 1 / R
        m = (m / (P + Q) + z / R) / info
        P = 1 / info
        out.append((m, P))
    return out

# %% correct | kalman_1d | Joseph form, preallocated, renamed parameters
def kalman_1d(measurements, mean, variance, process, noise):
    beliefs = np.zeros((len(measurements), 2))
    for i in range(len(measurements)):
        variance += process
        K = variance / (variance + noise)
        mean = (1 - K) * mean + K * measurements[i]
        variance = (1 - K) * variance * (1 - K) + K * noise * K
        beliefs[i] = mean, variance
    return beliefs

# %% correct | kalman_1d | preallocated in float32
def kalman_1d(zs, m0, P0, Q, R):
    rows = np.empty((len(zs), 2), dtype=np.float32)
    m, P = np.float32(m0), np.float32(P0)
    for k, z in enumerate(zs.astype(np.float32)):
        P = P + np.float32(Q)
        K = P / (P + np.float32(R))
        m += K * (z - m)
        P -= K * P
        rows[k] = m, P
    return rows

# %% correct | kalman_1d | torch, list of lists of 0-d tensors that require grad
def kalman_1d(zs, m0, P0, Q, R):
    m = torch.tensor(m0, dtype=torch.float64, requires_grad=True)
    P = torch.tensor(P0, dtype=torch.float64)
    rows = []
    for z in torch.tensor(zs):
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append([m, P])
    return rows

# %% correct | kalman_1d | float32 tensor, torch.stack
def kalman_1d(zs, m0, P0, Q, R):
    belief = torch.tensor([m0, P0], dtype=torch.float32)
    rows = []
    for z in zs:
        m, P = belief[0], belief[1] + Q
        K = P / (P + R)
        belief = torch.stack([m + K * (float(z) - m), P * (1 - K)])
        rows.append(belief)
    return torch.stack(rows)

# %% correct | kalman_1d | accumulate
from itertools import accumulate, islice

def kalman_1d(zs, m0, P0, Q, R):
    def step(belief, z):
        m, P = belief
        P += Q
        return (m * R + z * P) / (P + R), P * R / (P + R)
    return list(islice(accumulate(zs, step, initial=(m0, P0)), 1, None))

# %% correct | kalman_1d | recursion
def kalman_1d(zs, m0, P0, Q, R):
    if len(zs) == 0:
        return []
    P = P0 + Q
    K = P / (P + R)
    m, P = m0 + K * (zs[0] - m0), (1 - K) * P
    return [(m, P)] + kalman_1d(zs[1:], m, P, Q, R)

# %% correct | kalman_1d | a generator, helper in another cell
def update(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), P - K * P

def kalman_1d(zs, m0, P0, Q, R):
    m, P = m0, P0
    for z in zs:
        m, P = update(m, P + Q, z, R)
        yield m, P

# %% correct | kalman_1d | comprehension with walrus
def kalman_1d(zs, m0, P0, Q, R):
    b = (m0, P0)
    fuse = lambda m, P, z: (m + P / (P + R) * (z - m), P * R / (P + R))
    return np.array([b := fuse(b[0], b[1] + Q, z) for z in zs])

# %% correct | kalman_1d | matrices of one entry
def kalman_1d(zs, m0, P0, Q, R):
    x, P = np.array([[m0]]), np.array([[P0]])
    F = H = I = np.eye(1)
    rows = []
    for z in zs:
        x, P = F @ x, F @ P @ F.T + Q
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ (z - H @ x)
        P = (I - K @ H) @ P
        rows.append((x.item(), P.item()))
    return rows

# %% correct | kalman_1d | variances first, then the means, np.linalg.solve
def kalman_1d(zs, m0, P0, Q, R):
    gains, variances, P = [], [], P0
    for _ in zs:
        K = np.linalg.solve([[P + Q + R]], [P + Q])[0]
        P = (1 - K) * (P + Q)
        gains.append(K)
        variances.append(P)
    means, m = [], m0
    for K, z in zip(gains, zs):
        m = (1 - K) * m + K * z
        means.append(m)
    return np.column_stack([means, variances])

# %% correct | kalman_1d | initial belief in the list, cut off at the end, while, deque
from collections import deque

def kalman_1d(zs, m0, P0, Q, R):
    rows, left = [(m0, P0)], deque(zs)
    while left:
        z = left.popleft()
        m, P = rows[-1]
        P = P + Q
        K = P / (P + R)
        rows.append((m + K * (z - m), (1 - K) * P))
    return rows[1:]

# %% correct | kalman_1d | class, prints, a plot, np.seterr raise
np.seterr(all="raise")

class Filter:
    def __init__(self, m, P, Q, R):
        self.m, self.P, self.Q, self.R = m, P, Q, R

    def __call__(self, z):
        self.P += self.Q
        K = self.P / (self.P + self.R)
        self.m += K * (z - self.m)
        self.P *= 1 - K
        print(f"{self.m:.2f}")
        return self.m, self.P

def kalman_1d(zs, m0, P0, Q, R, *, draw=True):
    belief = Filter(m0, P0, Q, R)
    rows = np.array([belief(z) for z in zs])
    if draw:
        plt.plot(rows[:, 0])
        plt.show()
    return rows

# %% correct | kalman_1d | Newton on the sum of two parabolas at each measurement
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, ()
    for z in zs:
        P = P + Q
        h = 1 / P + 1 / R
        m, P = m - (m - z) / R / h, 1 / h
        rows += ((m, P),)
    return rows

# %% mistake | kalman_1d | update before predict
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        K = P / (P + R)
        m = m + K * (z - m)
        P = (1 - K) * P
        rows.append((m, P))
        P = P + Q
    return np.array(rows)

# %% mistake | kalman_1d | update before predict | row after both
def kalman_1d(zs, m0, P0, Q, R):
    m, P = m0, P0
    rows = np.zeros((len(zs), 2))
    for i, z in enumerate(zs):
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P + Q
        rows[i] = [m, P]
    return rows

# %% mistake | kalman_1d | gain before Q
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        K = P / (P + R)
        P = P + Q
        m = m + K * (z - m)
        P = (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | initial belief as a row
def kalman_1d(zs, m0, P0, Q, R):
    rows = [(m0, P0)]
    for z in zs:
        m, P = rows[-1][0], rows[-1][1] + Q
        K = P / (P + R)
        rows.append((m + K * (z - m), (1 - K) * P))
    return np.array(rows)

# %% mistake | kalman_1d | initial belief as a row | recorded at the top of the loop
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        rows.append((m, P))
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
    return rows

# %% mistake | kalman_1d | Q forgotten
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | Q forgotten | added before the loop only
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0 + Q, []
    for z in zs:
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | Q in the wrong place | added to R
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        K = P / (P + Q + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | Q in the wrong place | grows with each step
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows, noise = m0, P0, [], 0
    for z in zs:
        noise += Q
        P = P + noise
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | Q and R exchanged
def kalman_1d(zs, m0, P0, R, Q):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | predicted variance
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P_pred = P + Q
        K = P_pred / (P_pred + R)
        m, P = m + K * (z - m), (1 - K) * P_pred
        rows.append((m, P_pred))
    return rows

# %% mistake | kalman_1d | predictions instead of updates
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        rows.append((m, P))
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
    return rows

# %% mistake | kalman_1d | variance never shrinks
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P += Q
        m += P / (P + R) * (z - m)
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | R in place of P
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * R
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | weights the wrong way round
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = R / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | m - z
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (m - z), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | starts afresh
def kalman_1d(zs, m0, P0, Q, R):
    rows = []
    for z in zs:
        m, P = m0, P0 + Q
        K = P / (P + R)
        rows.append((m + K * (z - m), (1 - K) * P))
    return rows

# %% mistake | kalman_1d | starts afresh | the mean only
def kalman_1d(zs, m0, P0, Q, R):
    P, rows = P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m = m0 + K * (z - m0)
        P = (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | gain computed once
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    K = (P + Q) / (P + Q + R)
    for z in zs:
        P = P + Q
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | begins at the first measurement
def kalman_1d(zs, m0, P0, Q, R):
    m, P = zs[0], R
    rows = [(m, P)]
    for z in zs[1:]:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | standard deviations for variances | in the second column
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, np.sqrt(P)))
    return rows

# %% mistake | kalman_1d | standard deviations for variances | squared noise
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q**2
        K = P / (P + R**2)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | a measurement left out | the first
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for k in range(1, len(zs)):
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (zs[k] - m), (1 - K) * P
        rows.append((m, P))
    return np.array(rows)

# %% mistake | kalman_1d | a measurement left out | the last
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for k in range(len(zs) - 1):
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (zs[k] - m), (1 - K) * P
        rows.append((m, P))
    return np.array(rows)

# %% mistake | kalman_1d | only the means
def kalman_1d(zs, m0, P0, Q, R):
    m, P, means = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        means.append(m)
    return means

# %% mistake | kalman_1d | only the last belief | a pair
def kalman_1d(zs, m0, P0, Q, R):
    m, P = m0, P0
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
    return m, P

# %% mistake | kalman_1d | transposed
def kalman_1d(zs, m0, P0, Q, R):
    m, P, means, variances = m0, P0, [], []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        means.append(m)
        variances.append(P)
    return means, variances

# %% mistake | kalman_1d | variance before mean
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((P, m))
    return rows

# %% mistake | kalman_1d | same row appended
def kalman_1d(zs, m0, P0, Q, R):
    belief, rows = np.array([m0, P0]), []
    for z in zs:
        belief[1] += Q
        K = belief[1] / (belief[1] + R)
        belief[0] += K * (z - belief[0])
        belief[1] *= 1 - K
        rows.append(belief)
    return rows

# %% mistake | kalman_1d | returns nothing | draws it
def kalman_1d(zs, m0, P0, Q, R):
    m, P, means = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        means.append(m)
    plt.plot(means)
    plt.show()

# %% mistake | kalman_1d | unnamed | initial belief as a row and Q forgotten
def kalman_1d(zs, m0, P0, Q, R):
    rows = [(m0, P0)]
    for z in zs:
        m, P = rows[-1]
        K = P / (P + R)
        rows.append((m + K * (z - m), (1 - K) * P))
    return rows

# %% mistake | kalman_1d | unnamed | m - z and the predicted variance
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m = m - K * (z - m)
        rows.append((m, P))
        P = (1 - K) * P
    return rows

# %% mistake | kalman_1d | unnamed | running average of the measurements
def kalman_1d(zs, m0, P0, Q, R):
    n = np.arange(1, len(zs) + 1)
    return np.column_stack([np.cumsum(zs) / n, R / n])

# %% mistake | kalman_1d | unnamed | the settled gain from the start
def kalman_1d(zs, m0, P0, Q, R):
    P = (-Q + np.sqrt(Q * Q + 4 * Q * R)) / 2
    K = (P + Q) / (P + Q + R)
    m, rows = m0, []
    for z in zs:
        m = m + K * (z - m)
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | unnamed | the variance shrinks before the mean moves
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        P = P * R / (P + R)
        m = m + P / (P + R) * (z - m)
        rows.append((m, P))
    return rows

# %% mistake | kalman_1d | unnamed | an array of ints swallows the fractions
def kalman_1d(zs, m0, P0, Q, R):
    rows = np.zeros((len(zs), 2), dtype=int)
    m, P = m0, P0
    for i, z in enumerate(zs):
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows[i] = m, P
    return rows

# %% mistake | kalman_1d | unnamed | backwards in time
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs[::-1]:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return rows[::-1]

# %% mistake | kalman_1d | unnamed | needs two measurements
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for before, z in zip(zs, zs[1:]):
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - before), (1 - K) * P
        rows.append((m, P))
    return rows
