# Writes gains.txt: a line `name unit torch` an activation, tab-separated: 1/sqrt(E phi(z)^2) of standard normal z by
# integrating PyTorch's function, and torch.nn.init.calculate_gain, 1 where PyTorch's table has no such function.
# Run: python3 Tests/LuaAPITests/Fixtures/gains.py > Tests/LuaAPITests/Fixtures/gains.txt
import math

import numpy as np
import torch
import torch.nn.functional as F

FUNCTIONS = {
    "linear": lambda z: z, "relu": F.relu, "leaky_relu": lambda z: F.leaky_relu(z, 0.01), "prelu": lambda z: F.leaky_relu(z, 0.25),
    "elu": F.elu, "selu": F.selu, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "softplus": F.softplus, "hardtanh": F.hardtanh,
}


def unit(function):
    # Gauss and Legendre's rule of 40 points on each eighth, so that no panel has a kink inside
    nodes, weights = np.polynomial.legendre.leggauss(40)
    total = 0.0
    for left in np.arange(-14, 14, 0.125):
        z = torch.tensor(left + 0.0625 * (nodes + 1))
        density = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        total += 0.0625 * float((function(z) ** 2 * density * torch.tensor(weights)).sum())
    return 1 / math.sqrt(total)


def by_torch(name):
    known = {"linear": None, "sigmoid": None, "tanh": None, "relu": None, "selu": None, "leaky_relu": 0.01}
    return torch.nn.init.calculate_gain(name, known[name]) if name in known else 1


print("python3 Tests/LuaAPITests/Fixtures/gains.py > Tests/LuaAPITests/Fixtures/gains.txt")
for name, function in FUNCTIONS.items():
    print(name, repr(unit(function)), repr(float(by_torch(name))), sep="\t")
