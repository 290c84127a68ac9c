# Writes normalisation_modes.txt: PyTorch's training with batch normalisation in each mode, `case/name extents: numbers`.
# Run: python3 Tests/NetworksTests/Fixtures/normalisation_modes.py > Tests/NetworksTests/Fixtures/normalisation_modes.txt
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import update_bn
from collections import OrderedDict


class Norm(nn.BatchNorm1d):
    mode = "auto"

    def forward(self, x):
        if self.mode in ("running", "frozen"):
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0, self.eps)
        if self.mode == "batch" and not self.training:
            return F.batch_norm(x, None, None, self.weight, self.bias, True, 0, self.eps)
        return super().forward(x)

    def set_mode(self, mode):
        self.mode = mode
        for p in self.parameters():
            p.requires_grad_(mode != "frozen")
            p.grad = None if mode == "frozen" else p.grad


class Block(nn.Module):
    def __init__(self, inputs, width, activation, position, momentum):
        super().__init__()
        self.linear, self.norm = nn.Linear(inputs, width), Norm(width, momentum=momentum)
        self.activation, self.position = activation, position

    def forward(self, x):
        x = self.linear(x)
        if self.position == "before":
            return self.activation(self.norm(x))
        return self.norm(self.activation(x))


def mlp(position, momentum):
    activation = nn.ReLU() if position == "before" else nn.Tanh()
    rows = [("0", Block(3, 4, activation, position, momentum)), ("1", Block(4, 4, activation, position, momentum))]
    return nn.Sequential(OrderedDict(rows + [("head", nn.Linear(4, 2))]))


def line(name, tensor):
    digits = 17 if tensor.dtype == torch.float64 else 9
    numbers = " ".join(f"{float(v):.{digits}g}" for v in tensor.detach().reshape(-1))
    print(f"{name} {','.join(map(str, tensor.shape))}: {numbers}")


def state(case, net):
    for name, t in net.state_dict().items():
        if "num_batches" not in name:
            line(f"{case}/{name}", t)


def start(case, position, momentum, dtype):
    torch.manual_seed(11)
    net = mlp(position, momentum).to(torch.float64)
    with torch.no_grad():
        for name, t in net.state_dict().items():
            if "running_var" in name and momentum is not None:
                t.copy_(torch.rand(t.shape, dtype=torch.float64) + 0.5)
            elif "running" in name and momentum is not None:
                t.copy_(torch.randn(t.shape, dtype=torch.float64) * 0.3)
            elif "running" not in name and "num_batches" not in name:
                t.copy_(torch.randn(t.shape, dtype=torch.float64) * 0.5 + (1 if "norm.weight" in name else 0))
    net.to(dtype)
    state(f"{case}/state", net)
    return net


# A step is the modes of the two normalisations, and whether the network is in training; each ends with an update.
def train(case, position, schedule, dtype, momentum=0.1):
    net = start(case, position, momentum, dtype)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
    for step, (first, second, training) in enumerate(schedule):
        net.train(training)
        net[0].norm.set_mode(first)
        net[1].norm.set_mode(second)
        x = torch.randn(5 + step, 3, dtype=torch.float64).to(dtype).requires_grad_()
        dy = torch.randn(5 + step, 2, dtype=torch.float64).to(dtype)
        line(f"{case}/{step}/x", x)
        line(f"{case}/{step}/dy", dy)
        optimiser.zero_grad(set_to_none=False)
        y = net(x)
        y.backward(dy)
        line(f"{case}/{step}/y", y)
        line(f"{case}/{step}/dx", x.grad)
        for name, p in net.named_parameters():
            if p.requires_grad:
                line(f"{case}/{step}/grad/{name}", p.grad)
        for name, b in net.named_buffers():
            if "num_batches" not in name:
                line(f"{case}/{step}/running/{name}", b)
        optimiser.step()
    state(f"{case}/final", net)


def recalibrate(case, position, dtype):
    net = start(case, position, 0.1, dtype)
    x = (torch.randn(23, 3, dtype=torch.float64) * 2 + 1).to(dtype)
    line(f"{case}/x", x)
    for passes in 1, 2:
        update_bn(list(x.split(6)) * passes, net)
        for name, b in net.named_buffers():
            line(f"{case}/{passes}/{name}", b.reshape(-1))
    net.eval()
    line(f"{case}/y", net(x))
    # a cumulative average goes on from there
    for block in net[0], net[1]:
        block.norm.momentum = None
    net.train()(x[:7])
    for name, b in net.named_buffers():
        line(f"{case}/more/{name}", b.reshape(-1))


print("python3 Tests/NetworksTests/Fixtures/normalisation_modes.py > Tests/NetworksTests/Fixtures/normalisation_modes.txt")
for kind, dtype in (("f64", torch.float64), ("f32", torch.float32)):
    for position in "before", "after":
        for mode in "auto", "batch", "running", "frozen":
            train(f"{kind}.{position}.{mode}", position, [(mode, mode, t) for t in (True, True, True, False)], dtype)
        train(f"{kind}.{position}.cumulative", position, [("auto", "auto", True)] * 3 + [("auto", "auto", False)], dtype, None)
        recalibrate(f"{kind}.{position}.recalibrate", position, dtype)
        switched = [("auto", "auto", True), ("frozen", "batch", True), ("frozen", "running", False), ("auto", "frozen", True),
                    ("batch", "auto", False), ("running", "batch", True)]
        train(f"{kind}.{position}.switched", position, switched, dtype)
