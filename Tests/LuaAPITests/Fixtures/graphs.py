"""Random graphs of operations with the values and gradients that PyTorch gives them.

Made by: python3 Tests/LuaAPITests/Fixtures/graphs.py > Tests/LuaAPITests/Fixtures/graphs.txt

A graph is a list of Lua statements, each made beside the Python statement that says the same to PyTorch: views, changes
in place, shared results, broadcasting, indexing, reductions, order, products, linear algebra. The reference is computed
in float64, whatever the leaves' dtypes; what float32 gives of the same graph tells how far rounding carries, and graphs
that it carries far are left out. PyTorch's gradients of gradients stand in the graphs of kind "second".
"""

import math
import random
import sys

import torch
import torch.nn.functional as F

from graph_operations import CHANGES, OPERATIONS

SINGLE, DOUBLE = torch.float32, torch.float64
SHAPES = [
    [(3, 4), (4,), (3, 1)],
    [(2, 3, 2), (3, 2), ()],
    [(5,), (5,), ()],
    [(3, 3), (3,), (3, 3)],
    [(2, 3), (3, 2), (2, 2)],
    [(1, 4), (4, 1), (1,)],
    [(0, 3), (3,), (2, 1)],
    [(2, 1, 3), (4, 1), ()],
    [(1,), (1, 1), ()],
    [(5,), (3, 5), (5, 2)],
]
# One gradient of float32 rounds about as often as the graph has operations; float64 leaves the digits that are printed.
ROUNDING = {"float32": 4e-6, "float64": 2e-12, "mixed": 4e-6}
# How much further another order of the same roundings may lead than the one that was measured.
CARRIED = 30
LARGEST, ELEMENTS, RANK = 1e3, 60, 4


class Graph:
    """A graph while it grows: its leaves, statements and the tensors they make in float64."""

    def __init__(self, rng, kind, changes):
        self.rng, self.kind, self.changes = rng, kind, changes
        self.leaves, self.steps, self.names = [], [], []
        self.env = environment(DOUBLE)

    def shape(self, name):
        return tuple(self.env[name].shape)

    def numbers(self, count, low=-2):
        return [self.rng.randint(low * 64, 128) / 64 for _ in range(count)]

    def leaf(self, shape):
        dtypes = {"float32": [SINGLE], "float64": [DOUBLE], "mixed": [SINGLE, DOUBLE]}[self.kind]
        name, dtype = f"x{len(self.leaves) + 1}", self.rng.choice(dtypes)
        self.leaves.append((name, shape, self.numbers(math.prod(shape)), dtype))
        self.env[name] = torch.tensor(self.leaves[-1][2], dtype=DOUBLE).reshape(shape).requires_grad_()
        self.names.append(name)

    def constant(self, shape):
        values = self.numbers(math.prod(shape))
        return f"T({table(values)}, {table(shape)})", f"T({values}, {list(shape)})"

    def indices(self, values, shape=None):
        shape = [len(values)] if shape is None else shape
        return f"I({table(v + 1 for v in values)}, {table(shape)})", f"I({values}, {list(shape)})"

    def partner(self, name):
        """A tensor that broadcasts with this one to something small."""
        fits = []
        for other in self.names:
            try:
                if math.prod(torch.broadcast_shapes(self.shape(name), self.shape(other))) <= ELEMENTS:
                    fits.append(other)
            except RuntimeError:
                pass
        return self.rng.choice(fits)

    def fitting(self, shape):
        """A tensor that broadcasts to this shape, nil where there is none."""
        fits = []
        for name in self.names:
            own = self.shape(name)
            if len(own) <= len(shape) and all(a in (1, b) for a, b in zip(reversed(own), reversed(shape))):
                fits.append(name)
        return self.rng.choice(fits) if fits else None

    def grow(self):
        """Adds a statement, if the one that is drawn suits."""
        results = [name for name in self.names if not self.env[name].is_leaf]
        if results and self.rng.random() < self.changes:
            pair = self.rng.choice(CHANGES)(self, self.rng.choice(results))
            if pair:
                exec(pair[1], self.env)
                self.steps.append(pair)
            return
        name = self.names[-1] if self.rng.random() < 0.5 else self.rng.choice(self.names)
        pair = self.rng.choice(OPERATIONS)(self, name)
        if not pair:
            return
        result, made = eval(pair[1], self.env), f"v{len(self.names) - len(self.leaves) + 1}"
        if result.dtype == DOUBLE and suits(result):
            self.env[made] = result
            self.names.append(made)
            self.steps.append((f"local {made} = {pair[0]}", f"{made} = {pair[1]}"))

    def finish(self):
        """Chooses what is compared, and the loss: all of it, weighted."""
        results = self.names[len(self.leaves) :]
        self.results = list(dict.fromkeys([results[-1]] + self.rng.sample(results, min(len(results), 2))))
        terms = [(name, self.constant(self.shape(name))) for name in self.results]
        self.loss = " + ".join(f"({n} * {c[0]}):sum()" for n, c in terms), " + ".join(
            f"({n} * {c[1]}).sum()" for n, c in terms
        )


def table(items):
    return "{" + ", ".join(repr(item) for item in items) + "}"


def suits(result):
    finite = bool(torch.isfinite(result).all()) and (result.numel() == 0 or result.abs().max() <= LARGEST)
    return finite and result.numel() <= ELEMENTS and result.dim() <= RANK


def environment(dtype):
    """The names that statements use, with constants of this dtype."""

    def constant(values, shape):
        return torch.tensor(values, dtype=dtype).reshape(shape)

    def indices(values, shape):
        return torch.tensor(values, dtype=torch.int64).reshape(shape)

    return {"torch": torch, "F": F, "T": constant, "I": indices}


def build(rng, kind, changes, length):
    graph = Graph(rng, kind, changes)
    for shape in rng.choice(SHAPES)[: rng.randint(1, 3)]:
        graph.leaf(shape)
    for _ in range(200):
        if len(graph.steps) < length:
            try:
                graph.grow()
            except RuntimeError:  # shapes that don't fit, or a change that PyTorch refuses
                pass
    if len(graph.names) == len(graph.leaves) or not all(suits(graph.env[name]) for name in graph.names):
        return None
    graph.finish()
    return graph


def run(graph, dtype, second):
    """Names and values that PyTorch gives, all computed in this dtype; nil where it refuses."""
    env = environment(dtype)
    for name, shape, values, _ in graph.leaves:
        env[name] = torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_()
    leaves = [env[name] for name, *_ in graph.leaves]
    try:
        for _, statement in graph.steps:
            exec(statement, env)
        loss = eval(graph.loss[1], env)
        found = [(name, env[name]) for name in graph.results]
        slopes = torch.autograd.grad(loss, leaves, create_graph=second, allow_unused=True)
        if second:
            slopes = [torch.zeros_like(leaf) if slope is None else slope for slope, leaf in zip(slopes, leaves)]
            found = [(f"d{place + 1}", slope) for place, slope in enumerate(slopes)]
            slopes = torch.autograd.grad(sum((slope**2).sum() for slope in slopes), leaves, allow_unused=True)
    except RuntimeError:
        return None
    for (name, *_), slope in zip(graph.leaves, slopes):
        found.append((name, torch.zeros_like(env[name]) if slope is None else slope))
    return [(name, value.detach().double()) for name, value in found]


def measured(graph, second):
    """What PyTorch gives and how far from it a result may be, as a part of its largest element; nil for unfit graphs."""
    exact, rough = run(graph, DOUBLE, second), run(graph, SINGLE, second)
    if exact is None or rough is None or not any(value.any() for _, value in exact):
        return None
    carried = 0
    for (_, value), (_, other) in zip(exact, rough):
        if value.shape != other.shape or not (torch.isfinite(value).all() and torch.isfinite(other).all()):
            return None
        if value.numel():
            carried = max(carried, ((value - other).abs().max() / max(value.abs().max(), 1e-3)).item())
    if carried > 3e-5:
        return None
    share = 2.0**-29 if graph.kind == "float64" else 1  # of the roundings of float32
    return exact, ROUNDING[graph.kind] + CARRIED * carried * share


def written(values, shape, dtype):
    """The form "dtype;extents;numbers"; results have the digits that their tolerance needs, and some."""
    digits = 9 if dtype == "float32" else 14
    return f"{dtype};{','.join(map(str, shape))};{' '.join(f'{value:.{digits}g}' for value in values)}"


def main():
    rng = random.Random(7)
    print(
        f"made by: python3 Tests/LuaAPITests/Fixtures/graphs.py > Tests/LuaAPITests/Fixtures/graphs.txt (PyTorch {torch.__version__})"
    )
    for second, changes, count in [(False, 0.0, 70), (False, 0.2, 50), (True, 0.0, 30), (True, 0.15, 10)]:
        while count:
            kind = rng.choice(["float32", "float64", "float64", "mixed"])
            graph = build(rng, kind, changes, rng.randint(2, 6) if second else rng.randint(3, 12))
            known = graph and measured(graph, second)
            if not known:
                continue
            count -= 1
            print("graph", "second" if second else "first", kind, f"{known[1]:.3g}", sep="\t")
            for name, shape, values, dtype in graph.leaves:
                print("leaf", name, written(values, shape, str(dtype)[6:]), sep="\t")
            for statement, _ in graph.steps:
                print("do", statement, sep="\t")
            print("loss", graph.loss[0], sep="\t")
            for name, value in known[0]:
                dtype = "float64" if kind == "float64" else "float32"
                print("is", name, written(value.flatten().tolist(), value.shape, dtype), sep="\t")


if __name__ == "__main__":
    sys.exit(main())
