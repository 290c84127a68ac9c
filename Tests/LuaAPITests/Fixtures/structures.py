# Writes structures.txt: PyTorch's results on residual layers, layers of the user's own and Flatten, one tensor a line,
# `case/name extents: numbers`, all in float64 of inputs and weights that float32 holds exactly.
# Run: python3 Tests/LuaAPITests/Fixtures/structures.py > Tests/LuaAPITests/Fixtures/structures.txt
import copy
from collections import OrderedDict

import torch
from torch import nn

F = torch.float64


class Residual(nn.Sequential):
    """y = activation(shortcut(x) + scale f(x)); the layers of f are named by position, as in nn.Sequential."""

    def __init__(self, *layers, scale=1.0, shortcut=None, activation=None):
        super().__init__(*layers)
        self.scale, self.branch = scale, list(self._modules)
        if shortcut is not None:
            self.shortcut = shortcut
        if activation is not None:
            self.activation = activation

    def forward(self, x):
        h = x
        for name in self.branch:
            h = self._modules[name](h)
        around = self.shortcut(x) if "shortcut" in self._modules else x
        y = around + self.scale * h
        return self.activation(y) if "activation" in self._modules else y


class Block(nn.Module):
    """A block of nn.mlp{residual=...}."""

    def __init__(self, inputs, width, activation, norm, position, form, scale):
        super().__init__()
        self.linear, self.activation, self.position, self.scale = nn.Linear(inputs, width), activation, position, scale
        self.norm = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "rms": lambda n: nn.RMSNorm(n, eps=1e-5)}[norm](width)
        self.form = form if inputs == width else None

    def forward(self, x):
        h = self.linear(x)
        if self.position == "before":
            h = self.norm(h)
        if self.form == "post":
            h = x + self.scale * h
        h = self.activation(h)
        if self.position == "after":
            h = self.norm(h)
        return x + self.scale * h if self.form == "pre" else h


class Scale(nn.Module):
    """Scales and shifts."""

    def __init__(self, n):
        super().__init__()
        self.b, self.w = nn.Parameter(torch.ones(n)), nn.Parameter(torch.ones(n))

    def forward(self, x):
        return torch.tanh(x * self.w) * x + self.b


class Centre(nn.Module):
    """Takes a running mean away, which training moves towards the batch's."""

    def __init__(self, n):
        super().__init__()
        self.register_buffer("middle", torch.zeros(n))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.middle = 0.75 * self.middle + 0.25 * x.mean(0)
            return x - x.mean(0)
        return x - self.middle


class Widen(nn.Module):
    """Gives twice as many features: x W and its square."""

    def __init__(self, n):
        super().__init__()
        self.w = nn.Parameter(torch.ones(n, n))

    def forward(self, x):
        h = x @ self.w
        return torch.cat([h, h * h], 1)


def mlp(norm, position, form, scale=1.0, activation=nn.Tanh):
    sizes = [4, 6, 6, 6]
    rows = [(str(i), Block(sizes[i], sizes[i + 1], activation(), norm, position, form, scale)) for i in range(3)]
    return nn.Sequential(OrderedDict(rows + [("head", nn.Linear(6, 3))]))


def named(**layers):
    return OrderedDict(layers)


def cases():
    yield "pre", (4,), nn.Sequential(
        nn.Linear(4, 6), Residual(nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 6)), nn.Linear(6, 3))
    yield "post", (4,), nn.Sequential(
        nn.Linear(4, 6), Residual(nn.Linear(6, 6), nn.BatchNorm1d(6), activation=nn.ReLU()), nn.Linear(6, 3))
    yield "scale", (4,), nn.Sequential(
        nn.Linear(4, 6), nn.ReLU(), Residual(nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 6), scale=0.3),
        Residual(nn.Linear(6, 6), scale=-2.0, activation=nn.Tanh()), nn.Linear(6, 3))
    yield "shortcut", (4,), nn.Sequential(
        Residual(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 7), scale=0.5, shortcut=nn.Linear(4, 7)),
        Residual(nn.Linear(7, 3), nn.BatchNorm1d(3), shortcut=nn.Linear(7, 3, bias=False), activation=nn.PReLU()))
    yield "narrow", (9,), nn.Sequential(
        Residual(nn.Linear(9, 2), nn.Sigmoid(), shortcut=nn.Linear(9, 2)), nn.Linear(2, 3))
    yield "nested", (4,), nn.Sequential(
        nn.Linear(4, 6),
        Residual(
            nn.Linear(6, 6), Residual(nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 6), scale=0.5), nn.ReLU(),
            Residual(Residual(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 6)), nn.BatchNorm1d(6), activation=nn.SiLU())),
        nn.Linear(6, 3))
    yield "row", (5,), nn.Sequential(
        Residual(nn.Linear(5, 5), nn.Tanh()), Residual(nn.Tanh(), nn.Linear(5, 5)),
        Residual(nn.RMSNorm(5, eps=1e-5), nn.Linear(5, 5), nn.Dropout(0.0), activation=nn.Sigmoid()))
    yield "alone", (5,), nn.Sequential(Residual(nn.Linear(5, 5), nn.ReLU(), activation=nn.Tanh()))
    yield "bare", (5,), nn.Sequential(nn.Linear(5, 5), nn.ReLU(), Residual(nn.Sigmoid()), Residual(nn.Tanh()))
    yield "normlast", (5,), nn.Sequential(
        Residual(nn.ReLU(), nn.Linear(5, 5), nn.BatchNorm1d(5, eps=1e-3, momentum=0.3)), nn.BatchNorm1d(5), nn.ReLU(),
        nn.Linear(5, 3), nn.Softplus())
    yield "named", (4,), nn.Sequential(named(
        fc1=nn.Linear(4, 6), act=nn.ReLU(), block=Residual(named(inside=nn.Linear(6, 6), bn=nn.BatchNorm1d(6))),
        fc2=nn.Linear(6, 3)))
    for norm in ("batch", "layer", "rms"):
        for position in ("before", "after"):
            for form in ("pre", "post"):
                scale = 0.5 if norm == "layer" else 1.0
                yield f"mlp.{norm}.{position}.{form}", (4,), mlp(norm, position, form, scale)
    yield "custom", (4,), nn.Sequential(
        Scale(4), nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), Scale(6), nn.Linear(6, 3), Scale(3))
    yield "buffers", (4,), nn.Sequential(nn.Linear(4, 6), Centre(6), nn.ReLU(), Centre(6), nn.Linear(6, 3))
    yield "widening", (4,), nn.Sequential(nn.Linear(4, 3), Widen(3), nn.Tanh(), nn.Linear(6, 2), Widen(2))
    yield "customresidual", (4,), nn.Sequential(
        Residual(Scale(4), Centre(4), nn.Linear(4, 4), Scale(4), scale=0.5),
        Residual(Widen(4), nn.Linear(8, 4), activation=nn.ReLU()), Residual(Residual(Scale(4))), nn.Linear(4, 3))
    yield "flatten", (2, 3), nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    yield "flattenfirst", (2, 3), nn.Sequential(
        nn.Flatten(), nn.Identity(), Residual(nn.LayerNorm(6), nn.Linear(6, 6)), nn.Flatten(), Scale(6))


def line(name, tensor):
    numbers = " ".join(repr(float(v)) for v in tensor.detach().reshape(-1))
    print(f"{name} {','.join(map(str, tensor.shape))}: {numbers}")


def grads(case, net, prefix):
    for name, p in net.named_parameters():
        line(f"{case}/{prefix}/{name}", p.grad)


def randomise(net):
    for name, p in net.named_parameters():
        with torch.no_grad():
            p.copy_((torch.randn(p.shape) * 0.5 + (1 if "norm" in name or "bn" in name else 0)))


def probe(case, net, x, dy):
    """Mean, standard deviation, norm, least and largest of each row's output and of the gradient there."""
    net, seen = copy.deepcopy(net).train(), []
    net.zero_grad()
    # layers of the user's own are told that it is no training: they must change nothing and draw nothing
    for module in net.modules():
        if isinstance(module, Centre):
            module.eval()
    for row in net.children():
        row.register_forward_hook(lambda module, inputs, output: (output.retain_grad(), seen.append(output)) and None)
    net(x.detach().requires_grad_()).backward(dy)

    def measures(t):
        return [t.mean(), t.std(unbiased=False), t.norm(), t.min(), t.max()]

    for index, output in enumerate(seen):
        line(f"{case}/probe/{index + 1}", torch.stack(measures(output.detach()) + measures(output.grad)))


def write(case, extents, net):
    torch.manual_seed(7)
    randomise(net)
    x = torch.randn(6, *extents)
    net.to(F)
    x = x.to(F).requires_grad_()
    dy = torch.randn(net.eval()(x).shape).to(F)
    net.train()
    for name, t in net.state_dict().items():
        if "num_batches" not in name:
            line(f"{case}/state/{name}", t)
    line(f"{case}/x", x)
    line(f"{case}/dy", dy)
    probe(case, net, x, dy)
    y = net(x)
    line(f"{case}/y", y)
    y.backward(dy)
    line(f"{case}/dx", x.grad)
    grads(case, net, "grad")
    x.grad = None
    net.zero_grad()
    first, second = net(x), net(x * 2 - 1)
    second.backward(dy)
    first.backward(dy * 3)
    line(f"{case}/twicedx", x.grad)
    grads(case, net, "twice")
    for name, b in net.named_buffers():
        if "num_batches" not in name:
            line(f"{case}/running/{name}", b)
    net.eval()
    x.grad = None
    net.zero_grad()
    y = net(x)
    line(f"{case}/eval", y)
    y.backward(dy)
    line(f"{case}/evaldx", x.grad)
    grads(case, net, "evalgrad")


print("python3 Tests/LuaAPITests/Fixtures/structures.py > Tests/LuaAPITests/Fixtures/structures.txt")
for case, extents, net in cases():
    write(case, extents, net)
