# Writes optimisers.txt: PyTorch's optimisers over 100 steps on gradients given by formula, its schedules and its clipping, one list
# of numbers a line, `case/name extents: numbers`.
# Run: python3 Tests/NetworksTests/Fixtures/optimisers.py > Tests/NetworksTests/Fixtures/optimisers.txt
import torch
from torch.optim import lr_scheduler

COUNT, STEPS, MARKS = 6, 100, (1, 2, 10, 100)
CASES = {
    "sgd": ("SGD", dict(lr=0.05)),
    "sgd.momentum": ("SGD", dict(lr=0.02, momentum=0.9, weight_decay=0.01)),
    "sgd.nesterov": ("SGD", dict(lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.1)),
    "sgd.dampening": ("SGD", dict(lr=0.02, momentum=0.8, dampening=0.3)),
    "sgd.maximize": ("SGD", dict(lr=0.001, momentum=0.5, maximize=True)),
    "adam": ("Adam", dict()),
    "adam.decay": ("Adam", dict(lr=0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1)),
    "adam.amsgrad": ("Adam", dict(lr=0.05, amsgrad=True)),
    "adam.lerp": ("Adam", dict(lr=0.01, betas=(0.3, 0.9))),
    "adam.maximize": ("Adam", dict(lr=0.01, maximize=True)),
    "adamw": ("AdamW", dict()),
    "adamw.amsgrad": ("AdamW", dict(lr=0.03, betas=(0.85, 0.95), weight_decay=0.2, amsgrad=True)),
    "rmsprop": ("RMSprop", dict()),
    "rmsprop.momentum": ("RMSprop", dict(lr=0.005, alpha=0.9, momentum=0.9, weight_decay=0.03)),
    "rmsprop.centered": ("RMSprop", dict(lr=0.01, alpha=0.95, eps=1e-5, centered=True)),
    "rmsprop.all": ("RMSprop", dict(lr=0.002, alpha=0.8, eps=1e-4, centered=True, momentum=0.7, weight_decay=0.01)),
    "adagrad": ("Adagrad", dict()),
    "adagrad.all": ("Adagrad", dict(lr=0.1, lr_decay=0.01, weight_decay=0.05, initial_accumulator_value=0.2, eps=1e-8)),
}


def line(name, values):
    print(f"{name} {len(values)}: {' '.join(repr(float(v)) for v in values)}")


def start(dtype):
    i = torch.arange(COUNT, dtype=torch.float64)
    return ((i - 2.5) / 2).to(dtype)


def gradient(p, step):
    """Exact in both precisions but for the products: a_i (p_i - c_i) + a saw of the step."""
    i = torch.arange(COUNT, dtype=torch.float64)
    a, c, saw = (1 + i) / 4, (i - 1) / 2, ((step * 7 + i * 5) % 11 - 5) / 8
    return a.to(p.dtype) * (p - c.to(p.dtype)) + saw.to(p.dtype)


def descend(name, kind, settings, dtype, prefix):
    p = start(dtype).requires_grad_()
    optimiser = getattr(torch.optim, kind)([p], **settings)
    for step in range(1, STEPS + 1):
        p.grad = gradient(p.detach(), step)
        optimiser.step()
        if step in MARKS:
            line(f"{prefix}.{name}/{step}", p.detach())


def rates(name, make, steps=60):
    p = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([p], lr=0.4)
    schedule, values = make(optimiser), []
    for _ in range(steps):
        values.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    line(f"schedule/{name}", values)


def warm(optimiser):
    first = lr_scheduler.LinearLR(optimiser, start_factor=0.1, total_iters=10)
    then = lr_scheduler.CosineAnnealingLR(optimiser, 49, eta_min=0.01)
    return lr_scheduler.SequentialLR(optimiser, [first, then], milestones=[10])


def clip(name, dtype, limit, power, values):
    parts = [torch.tensor(values[:4], dtype=dtype).reshape(2, 2), torch.tensor(values[4:], dtype=dtype)]
    tensors = [torch.zeros_like(part, requires_grad=True) for part in parts]
    for tensor, part in zip(tensors, parts):
        tensor.grad = part.clone()
    norm = torch.nn.utils.clip_grad_norm_(tensors, limit, norm_type=power)
    line(f"clip/{name}/norm", [norm])
    line(f"clip/{name}/gradient", torch.cat([tensor.grad.flatten() for tensor in tensors]))


print("python3 Tests/NetworksTests/Fixtures/optimisers.py > Tests/NetworksTests/Fixtures/optimisers.txt")
for prefix, dtype in (("f64", torch.float64), ("f32", torch.float32)):
    for name, (kind, settings) in CASES.items():
        descend(name, kind, settings, dtype, prefix)
rates("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, 59, eta_min=0.05))
rates("step", lambda o: lr_scheduler.StepLR(o, 7, gamma=0.6))
rates("multistep", lambda o: lr_scheduler.MultiStepLR(o, [5, 6, 30], gamma=0.3))
rates("exponential", lambda o: lr_scheduler.ExponentialLR(o, 0.9))
rates("linear", lambda o: lr_scheduler.LinearLR(o, start_factor=0.25, end_factor=0.75, total_iters=20))
rates("linear.default", lambda o: lr_scheduler.LinearLR(o, total_iters=5))
rates("warmup", warm)
numbers, inf, nan = [3.0, -4.0, 0.5, 0.0, -1.5, 2.0, 7.0], float("inf"), float("nan")
for prefix, dtype in (("f64", torch.float64), ("f32", torch.float32)):
    for power in (1.0, 2.0, 3.5, inf):
        clip(f"{prefix}.{power}", dtype, 1.5, power, numbers)
    clip(f"{prefix}.loose", dtype, 100.0, 2.0, numbers)
    clip(f"{prefix}.zero", dtype, 1.0, 2.0, [0.0] * 7)
    clip(f"{prefix}.infinite", dtype, 1.0, 2.0, numbers[:6] + [inf])
    clip(f"{prefix}.nan", dtype, 1.0, 2.0, numbers[:6] + [nan])
    clip(f"{prefix}.nan.largest", dtype, 1.0, inf, numbers[:6] + [nan])
