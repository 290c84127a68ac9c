"""The workloads in PyTorch. Arguments: threads, seconds for each workload, names of workloads."""

import torch
from measure import LARGE, THREADS, measure, repeat, run_all

torch.set_num_threads(THREADS)
torch.set_grad_enabled(False)

t, a, b = (torch.ones(10) for _ in range(3))
small = {"t": t, "a": a, "b": b}
workloads = {
    "add_in_place": lambda name: measure(name, 10000, repeat("t.add_(1)", small)),
    "element": lambda name: measure(name, 10000, repeat("t[3]", small)),
    "add": lambda name: measure(name, 10000, repeat("a + b", small)),
}


class Numbers:
    """The large tensors of a dtype."""

    made = {}

    def __init__(self, dtype):
        torch.manual_seed(1)
        self.a, self.b = torch.rand(LARGE, dtype=dtype), torch.rand(LARGE, dtype=dtype)
        self.t = self.a.clone()
        self.mask = self.a > self.b

    @classmethod
    def of(cls, dtype):
        if dtype not in cls.made:
            cls.made[dtype] = cls(dtype)
        return cls.made[dtype]


def exp_of_copy(x):
    x.b.exp_()
    x.b.copy_(x.a)


elementwise = {
    "copy": lambda x: x.t.copy_(x.a),
    "fill": lambda x: x.t.fill_(1),
    "addi": lambda x: x.t.add_(x.b),
    "add": lambda x: x.a + x.b,
    "muli": lambda x: x.t.mul_(x.b),
    "mul": lambda x: x.a * x.b,
    "relui": lambda x: x.t.relu_(),
    "relu": lambda x: x.a.relu(),
    "gt": lambda x: x.a.gt(x.b),
    "where": lambda x: torch.where(x.mask, x.a, x.b),
    "expi": exp_of_copy,
    "tanhi": lambda x: x.t.tanh_(),
    "sum": lambda x: x.a.sum(),
}
for suffix, dtype in (("f32", torch.float32), ("f64", torch.float64)):
    for kind, body in elementwise.items():
        def workload(name, body=body, dtype=dtype):
            x = Numbers.of(dtype)
            measure(name, 1, lambda n: body(x))

        workloads[f"{kind}_{suffix}"] = workload

run_all(torch.__version__, workloads)
