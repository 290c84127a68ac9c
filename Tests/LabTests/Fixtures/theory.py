"""Moments of activations of normal variables by scipy.integrate.quad, of all of them or of those named as arguments:

python3 Tests/LabTests/Fixtures/theory.py > Tests/LabTests/Fixtures/theory.txt
"""
import math
import sys
import numpy as np
from scipy.integrate import quad
from scipy.special import erfc, expit

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def phi_cdf(x):
    return 0.5 * erfc(-x / math.sqrt(2))


def density(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def softplus(x):
    return x if x > 20 else math.log1p(math.exp(x))


# name: function, derivative, kinks
TABLE = {
    "linear": (lambda x: x, lambda x: 1.0, []),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0), [0]),
    "leaky_relu": (lambda x: x if x > 0 else 0.01 * x, lambda x: 1.0 if x > 0 else 0.01, [0]),
    "prelu": (lambda x: x if x > 0 else 0.25 * x, lambda x: 1.0 if x > 0 else 0.25, [0]),
    "elu": (lambda x: x if x > 0 else math.expm1(x), lambda x: 1.0 if x > 0 else math.exp(x), [0]),
    "selu": (
        lambda x: SCALE * (x if x > 0 else ALPHA * math.expm1(x)),
        lambda x: SCALE * (1.0 if x > 0 else ALPHA * math.exp(x)), [0]),
    "gelu": (lambda x: x * phi_cdf(x), lambda x: phi_cdf(x) + x * density(x), []),
    "silu": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x)), []),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2, []),
    "sigmoid": (lambda x: expit(x), lambda x: expit(x) * expit(-x), []),
    "softplus": (softplus, lambda x: 1.0 if x > 20 else expit(x), [20]),
    "hardtanh": (lambda x: min(max(x, -1.0), 1.0), lambda x: float(-1 < x < 1), [-1, 1]),
}


def mean(function, std, kinks, center=0.0):
    """The mean over x normal about center: a sum over pieces that double away from 0, each by quad."""
    low, high = center - 10 * std, center + 10 * std
    ends = [0.0] + list(map(float, kinks)) + [center + std * z for z in range(-9, 10)]
    ends += [sign * 2.0 ** k for k in range(-1, 40) for sign in (-1, 1)] if std > 0.2 else []
    ends = sorted({low, high, *[e for e in ends if low < e < high]})
    weight = lambda x: math.exp(-((x - center) / std) ** 2 / 2) / (std * math.sqrt(2 * math.pi))
    total = 0.0
    for a, b in zip(ends, ends[1:]):
        if max(weight(a), weight(b)) > 1e-22 / std or a < center < b:
            total += quad(lambda x: function(x) * weight(x), a, b, epsabs=0, epsrel=1e-11, limit=200)[0]
    return total


def pair(function, std, c, kinks):
    """E f(u1) f(u2) as a mean over u1 of that of u2 given u1."""
    own = std * math.sqrt(1 - c * c)
    inner = lambda u: mean(function, own, kinks, center=c * u)
    # where the inner mean turns
    return mean(lambda u: function(u) * inner(u), std, kinks + [k / c for k in kinks if c and abs(k / c) < 1e6])


import warnings
warnings.simplefilter("ignore")
print("# python3 Tests/LabTests/Fixtures/theory.py > Tests/LabTests/Fixtures/theory.txt; scipy", __import__("scipy").__version__)
print("# moments: name, std, E phi^2 and E phi over the scale, E phi'^2, E phi'; pair: name, std, c, E phi phi over its square, E phi' phi'")
for name in sys.argv[1:] or TABLE:
    f, d, kinks = TABLE[name]
    through_zero = name not in ("sigmoid", "softplus")
    for std in (1e-20, 1e-3, 0.5, 1.0, 3.0, 100.0, 1e10):
        s = std if through_zero else 1.0
        row = [mean(lambda x: (f(x) / s) ** 2, std, kinks), mean(lambda x: f(x) / s, std, kinks),
               mean(lambda x: d(x) ** 2, std, kinks), mean(d, std, kinks)]
        print("moments", name, repr(std), *[repr(float(v)) for v in row], flush=True)
    for std, c in ((1.0, -0.6), (1.0, 0.3), (0.7, 0.95), (4.0, 0.5)):
        s = std if through_zero else 1.0
        print("pair", name, std, c, repr(float(pair(lambda x: f(x) / s, std, c, kinks))), repr(float(pair(d, std, c, kinks))), flush=True)
