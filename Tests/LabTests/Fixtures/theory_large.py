"""Pairs of ELU, SELU and Hardtanh at large standard deviations, by closed forms and scipy.integrate.quad:

python3 Tests/LabTests/Fixtures/theory_large.py > Tests/LabTests/Fixtures/theory_large.txt

Both variables are std (sqrt(c) g + sqrt(1 - c) z); means over z have closed forms, the mean over g is a sum of pieces.
"""
import math
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.special import erfcx, ndtr

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def elu(m, s, alpha, scale):
    # E exp(x) [x < 0] = exp(m + s^2/2) cdf(-m/s - s), as one exponent
    low, e = ndtr(-m / s), density(m / s) * math.sqrt(math.pi / 2) * erfcx((m / s + s) / math.sqrt(2))
    above = m * ndtr(m / s) + s * density(m / s)
    return scale * (above + alpha * (e - low)), scale * (ndtr(m / s) + alpha * e)


def hardtanh(m, s):
    shares = WEIGHTS * density((NODES - m) / s) / s
    return shares @ NODES + ndtr((m - 1) / s) - ndtr((-1 - m) / s), shares.sum()


TABLE = {
    "elu": lambda m, s: elu(m, s, 1.0, 1.0),
    "selu": lambda m, s: elu(m, s, ALPHA, SCALE),
    "hardtanh": hardtanh,
}

print("# python3 Tests/LabTests/Fixtures/theory_large.py > Tests/LabTests/Fixtures/theory_large.txt; scipy", scipy.__version__)
print("# large: name, std, c, E phi phi over std^2, E phi' phi'")
for name, inner in TABLE.items():
    for std in (1e3, 1e17, 1e84):
        for c in (0.3, 0.99):
            common, own = std * math.sqrt(c), std * math.sqrt(1 - c)
            ends = [-10, -5, -2, -1, -0.5, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
            mean = lambda f: sum(
                quad(lambda g: density(g) * f(inner(common * g, own)), a, b, epsabs=0, epsrel=1e-12, limit=200)[0]
                for a, b in zip(ends, ends[1:]))
            print("large", name, std, c, repr(float(mean(lambda v: (v[0] / std) ** 2))), repr(float(mean(lambda v: v[1] ** 2))))
