# Writes training.txt: a loop of PyTorch's over a small network, one tensor a line, `case/name extents: numbers`.
# Run: python3 Tests/NetworksTests/Fixtures/training.py > Tests/NetworksTests/Fixtures/training.txt
import torch
from torch import nn

torch.set_default_dtype(torch.float64)


def line(name, tensor):
    numbers = " ".join(repr(float(v)) for v in tensor.detach().reshape(-1))
    print(f"{name} {','.join(map(str, tensor.shape))}: {numbers}")


def network(outputs):
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, outputs))


def state(case, net):
    for name, tensor in net.state_dict().items():
        if "num_batches" not in name:
            line(f"{case}/{name}", tensor)


# 43 samples in batches of 10: the last has 3; the order is that of the data.
def train(case, net, x, y, loss_of, optimiser, steps, accumulate=1, clip=None):
    state(f"{case}/start", net)
    losses, norms, rates, epoch_losses = [], [], [], []
    batches = [slice(first, min(first + 10, len(x))) for first in range(0, len(x), 10)]
    net.train()
    while len(losses) < steps:
        total, samples = 0.0, 0
        for place in range(0, len(batches), accumulate):
            group = batches[place:place + accumulate]
            count = sum(part.stop - part.start for part in group)
            optimiser.zero_grad()
            value = 0.0
            for part in group:
                loss = loss_of(net(x[part]), y[part])
                share = (part.stop - part.start) / count
                (loss * share).backward()
                value += loss.item() * share
            if clip:
                norms.append(float(nn.utils.clip_grad_norm_(net.parameters(), clip)))
            optimiser.step()
            losses.append(value)
            total += value * count
            samples += count
            if len(losses) == steps:
                break
        epoch_losses.append(total / samples)
    line(f"{case}/losses", torch.tensor(losses))
    line(f"{case}/epochs", torch.tensor(epoch_losses))
    if clip:
        line(f"{case}/norms", torch.tensor(norms))
    state(f"{case}/end", net)
    net.eval()
    with torch.no_grad():
        output = net(x)
        line(f"{case}/test_loss", loss_of(output, y))
        if y.dim() == 1:
            line(f"{case}/accuracy", (output.argmax(1) == y).double().mean())


print("python3 Tests/NetworksTests/Fixtures/training.py > Tests/NetworksTests/Fixtures/training.txt")
torch.manual_seed(3)
x = torch.randn(43, 5)
classes = torch.randint(0, 3, (43,))
values = torch.randn(43, 2)
line("x", x)
line("classes", classes + 1)
line("values", values)
net = network(3)
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
train("classes", net, x, classes, nn.functional.cross_entropy, sgd, 30)
net = network(2)
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)
train("values", net, x, values, nn.functional.mse_loss, sgd, 30, accumulate=2, clip=0.5)
