"""The workloads in PyTorch. Arguments: threads, seconds for each workload, names of workloads."""

import re

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


def pass_of(name, net, x, upstream):
    """Forward, and backward from an upstream gradient."""

    def run(_):
        net.zero_grad()
        net(x).backward(upstream)

    with torch.enable_grad():
        measure(name, 1, run)


def relu_batchnorm(name, depth, width, batch, dtype=torch.float32):
    """A pass of [Linear without bias, ReLU, batch norm], again and again."""
    layers = []
    for _ in range(depth):
        layers += [torch.nn.Linear(width, width, bias=False), torch.nn.ReLU(), torch.nn.BatchNorm1d(width)]
    net = torch.nn.Sequential(*layers).to(dtype)
    x, upstream = torch.randn(batch, width, dtype=dtype, requires_grad=True), torch.randn(batch, width, dtype=dtype)
    pass_of(name, net, x, upstream)


def training_step(net, features, batch, momentum):
    """Forward, cross-entropy, backward and a step of SGD."""

    def workload(name):
        x, classes = torch.randn(batch, features), torch.randint(0, 10, (batch,))
        optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=momentum)

        def run(_):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(x), classes).backward()
            optimiser.step()

        with torch.enable_grad():
            measure(name, 1, run)

    return workload


def blocks(inputs, width, depth, activation):
    """Hidden blocks of Linear, batch norm and activation, with a head of 10."""
    layers = []
    for _ in range(depth):
        layers += [torch.nn.Linear(inputs, width), torch.nn.BatchNorm1d(width), activation()]
        inputs = width
    return torch.nn.Sequential(*layers, torch.nn.Linear(width, 10))


def batch_norm(samples, units):
    """Batch normalisation alone."""

    def workload(name):
        x, upstream = torch.randn(samples, units, requires_grad=True), torch.randn(samples, units)
        pass_of(name, torch.nn.BatchNorm1d(units), x, upstream)

    return workload


def network(name):
    """A workload of the scaling: net_DEPTH_WIDTH_BATCH."""
    relu_batchnorm(name, *(int(size) for size in name.split("_")[1:]))


workloads["relu_batchnorm_f32"] = lambda name: relu_batchnorm(name, 20, 100, 1000)
workloads["relu_batchnorm_f64"] = lambda name: relu_batchnorm(name, 20, 100, 1000, torch.float64)
workloads["norm_small"] = batch_norm(256, 512)
workloads["norm_large"] = batch_norm(4096, 1024)
workloads["sigmoid_step"] = training_step(blocks(784, 100, 3, torch.nn.Sigmoid), 784, 60, 0)
workloads["deep_step"] = training_step(blocks(512, 512, 50, torch.nn.ReLU), 512, 256, 0.9)


def figures(x):
    """Moments, extremes, zeros, three percentiles (quantile refuses so many numbers) and a histogram."""
    distance = x - x.mean()
    square = distance * distance
    variance = square.mean()
    third, fourth = (square * distance).mean(), (square * square).mean()
    ordered = x.flatten().sort().values
    percentiles = [ordered[int(p * (len(ordered) - 1))] for p in (0.15, 0.5, 0.85)]
    return (variance, third, fourth, x.min(), x.max(), (x == 0).float().mean(), percentiles, torch.histc(x, 50))


for name, shape in (("stats_small", (1000, 100)), ("stats_large", (4096, 1024))):
    def statistics(name, shape=shape):
        x = torch.randn(shape)
        measure(name, 1, lambda n: figures(x))

    workloads[name] = statistics

blas = re.search(r"(oneAPI Math Kernel|Intel.R. .*Math Kernel) Library Version (\S+)", torch.__config__.show())
run_all(torch.__version__ + (f" with MKL {blas[2]}" if blas else ""), workloads, network)
