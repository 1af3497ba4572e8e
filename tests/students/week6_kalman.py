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

# %% mistake | fuse | ignores the measurement | whole numbers
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

# %% correct | fuse | exact fractions, converts by float
from fractions import Fraction
def fuse(mean, variance, z, R):
    mean, variance, z, R = map(Fraction, (mean, variance, z, R))
    return (mean * R + z * variance) / (variance + R), variance * R / (variance + R)

# %% correct | fuse | float32 tensor of two numbers
def fuse(mean, variance, z, R):
    mean, variance, z, R = torch.tensor([float(a) for a in (mean, variance, z, R)])
    K = variance / (variance + R)
    return torch.stack((torch.lerp(mean, z, K), variance - K * variance))

# %% correct | fuse | namedtuple and logging to stderr
import logging
from collections import namedtuple
Belief = namedtuple("Belief", "mean variance")
def fuse(mean, variance, z, R):
    gain = variance / (R + variance)
    logging.getLogger().warning("gain %s", gain)
    return Belief(variance=variance * R / (variance + R), mean=(1 - gain) * mean + gain * z)

# %% correct | fuse | two Newton steps by autograd, list of 0-d tensors that require grad
def fuse(mean, variance, z, R):
    x = torch.tensor(float(z), dtype=torch.float64, requires_grad=True)
    height = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    (g,) = torch.autograd.grad(height, x, create_graph=True)
    (c,) = torch.autograd.grad(g, x, create_graph=True)
    return [x - g / c, 1 / c + 0 * x]

# %% correct | fuse | Decimal arithmetic with a helper class
from decimal import Decimal
class Bell:
    def __init__(self, m, v):
        self.m, self.v = Decimal(m), Decimal(v)
    def __mul__(self, other):
        v = 1 / (1 / self.v + 1 / other.v)
        return Bell(v * (self.m / self.v + other.m / other.v), v)
fuse = lambda mean, variance, z, R: (lambda b: (float(b.m), float(b.v)))(Bell(float(mean), float(variance)) * Bell(float(z), float(R)))

# %% mistake | fuse | standard deviations for variances | in the gain only
def fuse(mean, variance, z, R):
    a, b = variance ** 0.5, R ** 0.5
    return mean + a / (a + b) * (z - mean), variance * R / (variance + R)

# %% mistake | fuse | brackets forgotten | in the variance
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return K * z + (1 - K) * mean, variance * R / variance + R

# %% mistake | fuse | ignores the measurement | whole-number division
def fuse(mean, variance, z, R):
    K = variance // (variance + R)
    return mean + K * (z - mean), variance * R / (variance + R)

# %% mistake | fuse | distance instead of difference
def fuse(mean, variance, z, R):
    K = variance / (variance + R)
    return mean + K * abs(z - mean), (1 - K) * variance

# %% mistake | fuse | unnamed | a vague measurement is not heard
def fuse(mean, variance, z, R):
    if R > 4 * variance:
        return mean, variance
    K = variance / (variance + R)
    return mean + K * (z - mean), (1 - K) * variance

# %% mistake | fuse | unnamed | wrong gain, and the variance not shrinking
def fuse(mean, variance, z, R):
    g = R / (R + variance)
    return [(1 - g) * mean + g * z, variance]

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

# %% mistake | newton_fuse | a gradient step | ten of them
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

# %% correct | newton_fuse | torch.func.grad twice, tensor of two numbers
def newton_fuse(start, mean, variance, z, R):
    def f(x):
        return parabola(x, mean, variance) + parabola(z, x, R)
    x = torch.tensor(float(start), dtype=torch.double)
    d1, d2 = torch.func.grad(f), torch.func.grad(torch.func.grad(f))
    return torch.tensor([x - d1(x) / d2(x), d2(x).reciprocal()])

# %% correct | newton_fuse | sympy differentiates
import sympy
def newton_fuse(start, mean, variance, z, R):
    x = sympy.Symbol("x")
    f = (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / (2 * R)
    slope, bend = f.diff(x), f.diff(x, 2)
    return float(start - (slope / bend).subs(x, start)), float(1 / bend.subs(x, start))

# %% correct | newton_fuse | polynomial coefficients by np.polyder, as an ndarray
def newton_fuse(x0, m, P, z, R):
    p = np.poly1d([1, -2 * m, m * m]) / (2 * P) + np.poly1d([1, -2 * z, z * z]) / (2 * R)
    d = p.deriv()
    dd = d.deriv()
    return np.array([x0 - d(x0) / dd(x0), 1 / dd(x0)])

# %% correct | newton_fuse | residuals and Gauss-Newton (J^T J is the exact curvature here)
def newton_fuse(start, mean, variance, z, R):
    J = np.array([variance ** -0.5, R ** -0.5])
    r = J * np.array([start - mean, start - z])
    return start - J @ r / (J @ J), 1 / (J @ J)

# %% correct | newton_fuse | objective scaled by variance * R for the step, scaled back for the variance
class Step:
    def __call__(self, start, mean, variance, z, R):
        scaled_slope = R * (start - mean) + variance * (start - z)
        scaled_bend = R + variance
        return {"mean": start - scaled_slope / scaled_bend, "variance": variance * R / scaled_bend}
newton_fuse = lambda *a: tuple(Step()(*a).values())

# %% mistake | newton_fuse | halves lost | in one parabola
def newton_fuse(start, mean, variance, z, R):
    f = lambda x: (x - mean) ** 2 / (2 * variance) + (z - x) ** 2 / R
    x = torch.tensor(float(start), dtype=torch.float64)
    g, c = torch.func.grad(f)(x), torch.func.grad(torch.func.grad(f))(x)
    return x - g / c, 1 / c

# %% mistake | newton_fuse | a learning rate left in | at most 20
def newton_fuse(start, mean, variance, z, R):
    c = 1 / variance + 1 / R
    step = ((start - mean) / variance + (start - z) / R) / c
    return start - np.clip(step, -20, 20), 1 / c

# %% mistake | newton_fuse | one parabola forgotten | the start stands for the mean
def newton_fuse(start, mean, variance, z, R):
    K = variance / (variance + R)
    return start + K * (z - start), (1 - K) * variance

# %% mistake | newton_fuse | a gradient step | a hundred of them
def newton_fuse(start, mean, variance, z, R):
    x = start
    for _ in range(100):
        x = x - 0.1 * ((x - mean) / variance - (z - x) / R)
    return x, 1 / (1 / variance + 1 / R)

# %% mistake | newton_fuse | unnamed | climbs, and the standard deviation returned
def newton_fuse(start, mean, variance, z, R):
    c = 1 / variance + 1 / R
    return start + ((start - mean) / variance + (start - z) / R) / c, c ** -0.5

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

# %% mistake | predict | two dimensions only
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

# %% correct | predict | mean as a list of 0-d tensors that require grad
def predict(m, P, F, Q):
    m = torch.tensor(m, requires_grad=True)
    F_ = torch.from_numpy(F.copy())
    return list(F_.matmul(m)), F_.matmul(torch.tensor(P)).matmul(F_.T) + torch.tensor(Q)

# %% correct | predict | m @ F.T, multi_dot, deque of rows
from collections import deque
def predict(m, P, F, Q):
    return m @ F.T, deque(np.linalg.multi_dot([F, P, F.T]) + Q)

# %% correct | predict | Kronecker product on the flattened covariance
def predict(mean, cov, A, W):
    n = mean.size
    flat = np.kron(A, A) @ cov.reshape(-1) + W.reshape(-1)
    return A.dot(mean), flat.reshape(n, n)

# %% correct | predict | augmented block matrix [F I] diag(P, Q) [F I]^T
def predict(m, P, F, Q):
    n = len(m)
    B = np.hstack([F, np.eye(n)])
    D = np.block([[P, np.zeros((n, n))], [np.zeros((n, n)), Q]])
    return np.dot(F, m), B @ D @ B.T

# %% correct | predict | in place on copies, tuple of tuples
def predict(m, P, F, Q, *, dt=1.0):
    P = P.copy()
    P = np.matmul(F, P)
    P = np.matmul(P, np.swapaxes(F, 0, 1))
    P += Q
    return tuple(np.inner(F, m)), tuple(map(tuple, P))

# %% correct | predict | column vectors and rank-one sums over the columns of F
from functools import reduce
class Belief(tuple):
    pass
def predict(m, P, F, Q):
    n = m.shape[0]
    mean = reduce(np.add, (m[k] * F[:, k] for k in range(n)))
    cov = sum((P[k, l] * np.outer(F[:, k], F[:, l]) for k in range(n) for l in range(n)), start=np.array(Q, dtype=float))
    return Belief((mean, cov))

# %% mistake | predict | transpose forgotten | einsum
def predict(m, P, F, Q):
    return np.einsum("ij,j", F, m), np.einsum("ij,jk,kl->il", F, P, F) + Q

# %% mistake | predict | only the diagonal | of P
def predict(m, P, F, Q):
    return F @ m, F @ np.diag(np.diag(P)) @ F.T + Q

# %% mistake | predict | Q the wrong way | its diagonal only
def predict(m, P, F, Q):
    P = F @ P @ F.T
    for i in range(len(m)):
        P[i, i] += Q[i, i]
    return F @ m, P

# %% mistake | predict | unnamed | F on one side, made symmetric
def predict(m, P, F, Q):
    S = F @ F @ P
    return F @ m, (S + S.T) / 2 + Q

# %% mistake | predict | unnamed | F inverted
def predict(m, P, F, Q):
    G = np.linalg.inv(F)
    return G @ m, G @ P @ G.T + Q

# %% mistake | predict | unnamed | Q subtracted and transpose on the wrong side
def predict(m, P, F, Q):
    return F @ m, F.T @ P @ F - Q

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

# %% mistake | kalman_1d | gain computed once | settled from the start
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

# %% correct | kalman_1d | generator consumed into a tuple, with the matrix filter of size 1
def kalman_1d(zs, m0, P0, Q, R):
    I = np.eye(1)
    F = H = I
    def run(x, P):
        for z in zs:
            x, P = F @ x, F @ P @ F.T + Q * I
            S = H @ P @ H.T + R
            K = P @ H.T @ np.linalg.inv(S)
            x, P = x + K @ (np.array([z]) - H @ x), (I - K @ H) @ P
            yield x[0], P[0, 0]
    return tuple(run(np.array([float(m0)]), np.array([[float(P0)]])))

# %% correct | kalman_1d | Newton steps by autograd for every measurement, list of pairs of tensors requiring grad
def kalman_1d(zs, m0, P0, Q, R):
    m = torch.tensor(float(m0), dtype=torch.float64)
    P = torch.tensor(float(P0), dtype=torch.float64)
    beliefs = []
    for z in torch.tensor(zs):
        P = P + Q
        x = z.clone().requires_grad_()
        f = (x - m) ** 2 / (2 * P) + (z - x) ** 2 / (2 * R)
        g = torch.autograd.grad(f, x, create_graph=True)[0]
        c = torch.autograd.grad(g, x)[0]
        beliefs.append((x - g / c, 1 / c))
        m, P = (x - g / c).detach(), 1 / c
    return beliefs

# %% correct | kalman_1d | update first, predict after for the next, starting from P0 + Q
def kalman_1d(zs, m0, P0, Q, R):
    prior_m, prior_P = m0, P0 + Q
    history = []
    for z in zs:
        gain = prior_P / (prior_P + R)
        post_m = prior_m + gain * (z - prior_m)
        post_P = (1 - gain) ** 2 * prior_P + gain ** 2 * R
        history.append([post_m, post_P])
        prior_m, prior_P = post_m, post_P + Q
    return np.array(history)

# %% correct | kalman_1d | float32 tensor, class with state, tqdm
from tqdm import tqdm
class Filter:
    def __init__(self, m, P, Q, R):
        self.m, self.P, self.Q, self.R = m, P, Q, R
    def predict(self):
        self.P = self.P + self.Q
    def update(self, z):
        K = self.P / (self.P + self.R)
        self.m = self.m + K * (z - self.m)
        self.P = self.P - K * self.P
    def __call__(self, z):
        self.predict(); self.update(z)
        return [self.m, self.P]
def kalman_1d(zs, m0, P0, Q, R):
    kf = Filter(m0, P0, Q, R)
    return torch.tensor([kf(float(z)) for z in tqdm(zs)], dtype=torch.float32)

# %% correct | kalman_1d | the whole of it as one weighted least squares per row (solves a growing linear system)
def kalman_1d(zs, m0, P0, Q, R):
    """posterior of x_k: prior covariance of the walk, conditioned on all z so far"""
    n = len(zs)
    k = np.arange(1, n + 1)
    C = P0 + Q * np.minimum.outer(k, k)
    out = []
    for i in range(1, n + 1):
        S = C[:i, :i] + R * np.eye(i)
        w = np.linalg.solve(S, C[:i, i - 1])
        out.append((m0 + w @ (zs[:i] - m0), C[i - 1, i - 1] - w @ C[:i, i - 1]))
    return out

# %% correct | kalman_1d | information filter, default dtype float64, warning and extra keyword
import warnings
torch.set_default_dtype(torch.float64)
def kalman_1d(measurements, start_mean, start_var, process, noise, *, plot=False):
    warnings.warn("filtering")
    Y = 1 / start_var
    y = Y * start_mean
    rows = torch.empty(len(measurements), 2)
    i = 0
    while i < len(measurements):
        Y_pred = Y / (1 + process * Y)
        y = y / Y * Y_pred + measurements[i] / noise
        Y = Y_pred + 1 / noise
        rows[i, 0], rows[i, 1] = y / Y, 1 / Y
        i += 1
    return rows

# %% mistake | kalman_1d | update before predict | no predict at the first
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for i, z in enumerate(zs):
        P = P + Q if i else P
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append([m, P])
    return rows

# %% mistake | kalman_1d | gain computed once | the one that settles
def kalman_1d(zs, m0, P0, Q, R):
    if Q == 0:
        prior = P0
    else:
        prior = (Q + (Q * Q + 4 * Q * R) ** 0.5) / 2
    K = prior / (prior + R)
    rows, m = [], m0
    for z in zs:
        m = m + K * (z - m)
        rows.append([m, (1 - K) * prior])
    return rows

# %% mistake | kalman_1d | outliers thrown away
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        if abs(z - m) < 3 * (P + R) ** 0.5:
            K = P / (P + R)
            m, P = m + K * (z - m), (1 - K) * P
        rows.append([m, P])
    return np.array(rows)

# %% mistake | kalman_1d | transposed | reshape
def kalman_1d(zs, m0, P0, Q, R):
    m, P, ms, Ps = m0, P0, [], []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        ms.append(m); Ps.append(P)
    return np.array([ms, Ps]).reshape(-1, 2)

# %% mistake | kalman_1d | unnamed | smoothed backwards
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append([m, P])
    for k in range(len(rows) - 2, -1, -1):
        C = rows[k][1] / (rows[k][1] + Q)
        rows[k][0] += C * (rows[k + 1][0] - rows[k][0])
        rows[k][1] += C ** 2 * (rows[k + 1][1] - rows[k][1] - Q)
    return rows

# %% mistake | kalman_1d | begins at the first measurement | as the mean
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = zs[0], P0, []
    for z in zs:
        P = P + Q
        K = P / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append((m, P))
    return np.array(rows)

# %% mistake | kalman_1d | unnamed | wrong gain, and Q added after the update
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        K = R / (P + R)
        m, P = m + K * (z - m), (1 - K) * P
        rows.append([m, P])
        P = P + Q
    return rows

# %% mistake | kalman_1d | an axis of one lost | squeeze
def kalman_1d(zs, m0, P0, Q, R):
    rows = []
    for z in zs:
        P0 = P0 + Q
        gain = P0 / (P0 + R)
        m0, P0 = m0 + gain * (z - m0), (1 - gain) * P0
        rows.append((m0, P0))
    return np.squeeze(rows)

# %% mistake | kalman_1d | remembers the last call | a default list
def kalman_1d(zs, m0, P0, Q, R, beliefs=[]):
    for z in zs:
        P0 = P0 + Q
        gain = P0 / (P0 + R)
        m0, P0 = m0 + gain * (z - m0), (1 - gain) * P0
        beliefs.append((m0, P0))
    return np.array(beliefs)

# %% mistake | kalman_1d | remembers the last call | a global belief
def fuse(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), (1 - K) * P

mean = variance = None
def kalman_1d(zs, m0, P0, Q, R):
    global mean, variance
    if mean is None: mean, variance = m0, P0
    rows = []
    for z in zs:
        mean, variance = fuse(mean, variance+Q, z, R); rows.append((mean, variance))
    return np.array(rows)

# %% mistake | kalman_1d | variance never shrinks | though the rows say so
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P += Q; K = P/(P+R); m += K*(z-m); rows.append((m, (1-K)*P))
    return np.array(rows)

# %% mistake | kalman_1d | Q in the wrong place | before and after
def fuse(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), (1 - K) * P

def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        m, P = fuse(m, P+Q, z, R); P += Q; rows.append((m, P))
    return np.array(rows)

# %% mistake | kalman_1d | starts afresh | the surprise is that of m0
def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in zs:
        P += Q; K = P/(P+R); m += K*(z-m0); P *= 1-K; rows.append((m, P))
    return np.array(rows)

# %% mistake | kalman_1d | a measurement left out | a dict
def fuse(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), (1 - K) * P

def kalman_1d(zs, m0, P0, Q, R):
    m, P, rows = m0, P0, []
    for z in dict.fromkeys(zs):
        m, P = fuse(m, P+Q, z, R); rows.append((m, P))
    return np.array(rows)

# %% correct | kalman_1d | all at once, by the covariance of the measurements
def kalman_1d(zs, m0, P0, Q, R):
    N = len(zs); i = np.arange(1, N+1)
    C = P0 + Q*np.minimum.outer(i, i)
    rows = []
    for k in range(1, N+1):
        S = C[:k,:k] + R*np.eye(k); c = C[k-1,:k]
        w = np.linalg.solve(S, c)
        rows.append((m0 + w @ (zs[:k]-m0), C[k-1,k-1] - w @ c))
    return np.array(rows)

# %% correct | kalman_1d | the variance by 2 by 2 matrices
def kalman_1d(zs, m0, P0, Q, R):
    M = np.array([[R, R*Q], [1.0, Q+R]]); v = np.array([P0, 1.0]); m = m0; out = []
    for z in zs:
        v = M @ v; v /= v[1]
        m = m + v[0]/R*(z-m); out.append([m, v[0]])
    return np.array(out)

# %% correct | kalman_1d | a generator that is sent the measurements
def fuse(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), (1 - K) * P

def kalman_1d(zs, m0, P0, Q, R):
    def filt(m, P):
        b = None
        while True:
            z = yield b
            m, P = b = fuse(m, P + Q, z, R)
    g = filt(m0, P0); next(g)
    return np.array([g.send(z) for z in zs])

# %% correct | predict | square roots, by QR
def predict(m, P, F, Q):
    L = np.linalg.cholesky(P); w, U = np.linalg.eigh(Q)
    G = U * np.sqrt(np.clip(w, 0, None))
    A = np.hstack([F @ L, G]); R = np.linalg.qr(A.T, mode="r")
    return F @ m, R.T @ R

# %% correct | predict | sigma points
def predict(m, P, F, Q):
    n = len(m); L = np.linalg.cholesky(n * P)
    X = np.concatenate([m + L.T, m - L.T])
    Y = X @ F.T; mu = Y.mean(axis=0)
    return mu, (Y - mu).T @ (Y - mu) / (2*n) + Q

# %% correct | fuse | least squares with singular values
def fuse(mean, variance, z, R):
    A = np.array([[variance**-.5], [R**-.5]])
    b = np.array([mean*variance**-.5, z*R**-.5])
    x, res, rank, s = np.linalg.lstsq(A, b, rcond=None)
    return x[0], 1/s[0]**2

# %% mistake | predict | transpose forgotten | made symmetric afterwards
def predict(m, P, F, Q):
    C = F @ P @ F + Q
    return F @ m, (C + C.T) / 2

# %% mistake | predict | F on one side only | made symmetric afterwards
def predict(m, P, F, Q):
    C = F @ P + Q
    return F @ m, (C + C.T) / 2

# %% mistake | predict | Q added too early | to the right half
def predict(m, P, F, Q):
    return F @ m, F @ (P @ F.T + Q)

# %% mistake | predict | Q the wrong way | twice
def predict(m, P, F, Q):
    P = F @ P @ F.T + Q
    P += Q
    return F @ m, P
