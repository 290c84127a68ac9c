# Writes networks.txt: PyTorch's results on small networks, one tensor a line, `case/name extents: numbers`.
# Run: python3 Tests/NetworksTests/Fixtures/networks.py > Tests/NetworksTests/Fixtures/networks.txt
import torch
from torch import nn
from collections import OrderedDict


class Block(nn.Module):
    def __init__(self, inputs, width, activation, position):
        super().__init__()
        self.linear, self.norm = nn.Linear(inputs, width), nn.BatchNorm1d(width)
        self.activation, self.position = activation, position

    def forward(self, x):
        x = self.linear(x)
        if self.position == "before":
            return self.activation(self.norm(x))
        return self.norm(self.activation(x))


def mlp(activation, position):
    rows = [("0", Block(5, 7, activation, position)), ("1", Block(7, 7, activation, position)), ("head", nn.Linear(7, 3))]
    return nn.Sequential(OrderedDict(rows))


def sequential():
    return nn.Sequential(
        nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4, bias=False), nn.Tanh(), nn.LayerNorm(4),
        nn.Linear(4, 8), nn.LeakyReLU(0.01), nn.BatchNorm1d(8, eps=1e-3, momentum=0.3), nn.Linear(8, 5), nn.RMSNorm(5),
        nn.PReLU(), nn.Linear(5, 3), nn.LayerNorm(3, elementwise_affine=False))


def line(name, tensor):
    numbers = " ".join(repr(float(v)) for v in tensor.detach().reshape(-1))
    print(f"{name} {','.join(map(str, tensor.shape))}: {numbers}")


def randomise(net):
    for name, p in net.named_parameters():
        with torch.no_grad():
            p.copy_(torch.randn(p.shape, dtype=torch.float64) * 0.5 + (1 if "norm.weight" in name else 0))


def start(case, net, dtype):
    torch.manual_seed(7)
    net.to(torch.float64)
    randomise(net)
    x, dy = torch.randn(6, 5, dtype=torch.float64), torch.randn(6, 3, dtype=torch.float64)
    net.to(dtype)
    x, dy = x.to(dtype).requires_grad_(), dy.to(dtype)
    for name, t in net.state_dict().items():
        if "num_batches" not in name:
            line(f"{case}/state/{name}", t)
    line(f"{case}/x", x)
    line(f"{case}/dy", dy)
    return x, dy


def finish(case, net, x, dy):
    line(f"{case}/dx", x.grad)
    for name, p in net.named_parameters():
        line(f"{case}/grad/{name}", p.grad)
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
    for name, p in net.named_parameters():
        line(f"{case}/evalgrad/{name}", p.grad)


def once(case, net, dtype):
    x, dy = start(case, net, dtype)
    y = net(x)
    line(f"{case}/y", y)
    y.backward(dy)
    finish(case, net, x, dy)


def twice(case, net, dtype):
    x, dy = start(case, net, dtype)
    first, second = net(x), net(x * 2 - 1)
    line(f"{case}/y", second)
    second.backward(dy)
    first.backward(dy * 3)
    finish(case, net, x, dy)


def descent(case, net, dtype, **settings):
    x, _ = start(case, net, dtype)
    classes = torch.tensor([0, 1, 2, 0, 1, 2])
    optimiser, losses = torch.optim.SGD(net.parameters(), **settings), []
    for _ in range(100):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(x), classes)
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    line(f"{case}/losses", torch.stack(losses))
    for name, p in net.named_parameters():
        line(f"{case}/final/{name}", p)


ACTIVATIONS = {
    "linear": nn.Identity(), "relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(), "elu": nn.ELU(), "selu": nn.SELU(),
    "gelu": nn.GELU(), "silu": nn.SiLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "softplus": nn.Softplus(),
    "hardtanh": nn.Hardtanh(), "prelu": nn.PReLU(dtype=torch.float64)}

print("python3 Tests/NetworksTests/Fixtures/networks.py > Tests/NetworksTests/Fixtures/networks.txt")
for kind, dtype in (("f64", torch.float64), ("f32", torch.float32)):
    once(f"{kind}.before", mlp(nn.ReLU(), "before"), dtype)
    once(f"{kind}.after", mlp(nn.Tanh(), "after"), dtype)
    once(f"{kind}.sequential", sequential(), dtype)
    twice(f"{kind}.twice", mlp(nn.SiLU(), "before"), dtype)
    descent(f"{kind}.sgd", mlp(nn.Tanh(), "before"), dtype, lr=0.05)
    descent(f"{kind}.momentum", mlp(nn.Tanh(), "after"), dtype, lr=0.02, momentum=0.9, weight_decay=0.01)
    descent(f"{kind}.nesterov", mlp(nn.Tanh(), "after"), dtype, lr=0.02, momentum=0.9, nesterov=True)
    descent(f"{kind}.dampening", mlp(nn.Tanh(), "before"), dtype, lr=0.02, momentum=0.8, dampening=0.3)
x = torch.tensor([-30, -5, -1.5, -1, -0.3, -1e-9, 0, 1e-9, 0.2, 1, 1.7, 6, 19.5, 20.5, 40], dtype=torch.float64)
line("activation/x", x)
for name, function in ACTIVATIONS.items():
    x.grad = None
    y = function(x.requires_grad_())
    y.backward(torch.ones_like(y))
    line(f"activation/{name}/y", y)
    line(f"activation/{name}/dx", x.grad)
