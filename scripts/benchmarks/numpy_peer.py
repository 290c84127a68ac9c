"""The workloads in NumPy. Arguments: threads, seconds for each workload, names of workloads."""

import numpy as np
import numpy_nets
from measure import LARGE, measure, repeat, run_all

t, a, b = (np.ones(10, np.float32) for _ in range(3))
small = {"t": t, "a": a, "b": b}
workloads = {
    "add_in_place": lambda name: measure(name, 10000, repeat("t += 1", small)),
    "element": lambda name: measure(name, 10000, repeat("t[3]", small)),
    "add": lambda name: measure(name, 10000, repeat("a + b", small)),
}


class Numbers:
    """The large arrays of a dtype."""

    made = {}

    def __init__(self, dtype):
        rng = np.random.default_rng(1)
        self.a, self.b = rng.random(LARGE, dtype), rng.random(LARGE, dtype)
        self.t = self.a.copy()
        self.mask = self.a > self.b

    @classmethod
    def of(cls, dtype):
        if dtype not in cls.made:
            cls.made[dtype] = cls(dtype)
        return cls.made[dtype]


def exp_of_copy(x):
    np.exp(x.b, out=x.b)
    np.copyto(x.b, x.a)


elementwise = {
    "copy": lambda x: np.copyto(x.t, x.a),
    "fill": lambda x: x.t.fill(1),
    "addi": lambda x: np.add(x.t, x.b, out=x.t),
    "add": lambda x: x.a + x.b,
    "muli": lambda x: np.multiply(x.t, x.b, out=x.t),
    "mul": lambda x: x.a * x.b,
    "relui": lambda x: np.maximum(x.t, 0, out=x.t),
    "relu": lambda x: np.maximum(x.a, 0),
    "gt": lambda x: x.a > x.b,
    "where": lambda x: np.where(x.mask, x.a, x.b),
    "expi": exp_of_copy,
    "tanhi": lambda x: np.tanh(x.t, out=x.t),
    "sum": lambda x: x.a.sum(),
}
for suffix, dtype in (("f32", np.float32), ("f64", np.float64)):
    for kind, body in elementwise.items():
        def workload(name, body=body, dtype=dtype):
            x = Numbers.of(dtype)
            measure(name, 1, lambda n: body(x))

        workloads[f"{kind}_{suffix}"] = workload


def figures(x):
    """Moments, extremes, zeros, three percentiles and a histogram."""
    distance = x - x.mean()
    square = distance * distance
    variance = square.mean()
    third, fourth = (square * distance).mean(), (square * square).mean()
    return (variance, third, fourth, x.min(), x.max(), (x == 0).mean(), np.percentile(x, [15, 50, 85]), np.histogram(x, 50))


for name, shape in (("stats_small", (1000, 100)), ("stats_large", (4096, 1024))):
    def statistics(name, shape=shape):
        x = np.random.default_rng(1).standard_normal(shape, np.float32)
        measure(name, 1, lambda n: figures(x))

    workloads[name] = statistics

workloads.update(numpy_nets.workloads)

blas = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
run_all(f"{np.__version__} with {blas.get('name', 'unknown BLAS')} {blas.get('version', '')}".rstrip(), workloads)
