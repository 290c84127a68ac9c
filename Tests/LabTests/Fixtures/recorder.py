# Writes recorder.txt: what one step of SGD moves in small PyTorch networks, a list of numbers a line, `case/name extents: numbers`.
# Run: python3 Tests/LabTests/Fixtures/recorder.py > Tests/LabTests/Fixtures/recorder.txt
import copy
import torch
from torch import nn
from torch.nn.functional import cross_entropy

RATE = 0.3


def line(name, tensor):
    tensor = torch.as_tensor(tensor, dtype=torch.float64)
    numbers = " ".join(repr(float(v)) for v in tensor.detach().reshape(-1))
    print(f"{name} {','.join(map(str, tensor.shape))}: {numbers}")


def network(norm):
    def hidden(a, b):
        return [nn.Linear(a, b)] + ([nn.BatchNorm1d(b)] if norm else []) + [nn.Tanh()]

    return nn.Sequential(*hidden(6, 8), *hidden(8, 7), *hidden(7, 5), nn.Linear(5, 4))


def linears(net):
    return [i for i, layer in enumerate(net) if isinstance(layer, nn.Linear)]


def gradients(net, x, t):
    net.zero_grad()
    cross_entropy(net(x), t).backward()
    return [net[i].weight.grad.clone() for i in linears(net)]


def inputs(net, x):
    """What enters each Linear."""
    result = []
    for layer in net:
        if isinstance(layer, nn.Linear):
            result.append(x.detach())
        x = layer(x)
    return result


def mixed(old, new, count):
    """The net `old` with the parameters of the first `count` modules of `new`."""
    net = copy.deepcopy(old)
    with torch.no_grad():
        for i in range(count):
            for p, q in zip(net[i].parameters(), new[i].parameters()):
                p.copy_(q)
    return net


def shift(before, after):
    m, s = before.mean(0), before.std(0, unbiased=False)
    n, r = after.mean(0), after.std(0, unbiased=False)
    return ((n - m) / s).square().mean().sqrt(), (r / s).log().square().mean().sqrt()


def write(case, norm):
    torch.manual_seed(11)
    net = network(norm).to(torch.float64)
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_(torch.randn_like(p) * 0.6 + (1 if norm and p.dim() == 1 and "weight" in name else 0))
    x, t = torch.randn(12, 6, dtype=torch.float64), torch.randint(0, 4, (12,))
    for name, tensor in net.state_dict().items():
        if "num_batches" not in name:
            line(f"{case}/state/{name}", tensor)
    line(f"{case}/x", x)
    line(f"{case}/t", t + 1)
    old, new = copy.deepcopy(net), copy.deepcopy(net)
    optimiser = torch.optim.SGD(new.parameters(), lr=RATE)
    before = gradients(new, x, t)
    optimiser.step()
    after = [gradients(mixed(old, new, i), x, t)[k] for k, i in enumerate(linears(net))]
    pairs = list(zip(before, after))
    line(f"{case}/gradient_shift.distance", torch.stack([(b - a).norm() for b, a in pairs]))
    line(f"{case}/gradient_shift.relative", torch.stack([(b - a).norm() / b.norm() for b, a in pairs]))
    line(f"{case}/gradient_shift.cosine", torch.stack([(b * a).sum() / (b.norm() * a.norm()) for b, a in pairs]))
    shifts = [shift(b, a) for b, a in zip(inputs(old, x), inputs(new, x))]
    line(f"{case}/shift.mean", torch.stack([s[0] for s in shifts]))
    line(f"{case}/shift.std", torch.stack([s[1] for s in shifts]))
    line(f"{case}/update_ratio", torch.stack(
        [(new[i].weight - old[i].weight).norm() / old[i].weight.norm() for i in linears(net)]))
    line(f"{case}/weight_gradient.norm", torch.stack([b.norm() for b in before]))


print("# python3 Tests/LabTests/Fixtures/recorder.py > Tests/LabTests/Fixtures/recorder.txt, torch", torch.__version__)
write("plain", False)
write("batchnorm", True)
