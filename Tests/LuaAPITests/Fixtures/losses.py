# Writes losses.txt: PyTorch's values and gradients of every loss, a case a line, in tab-separated fields:
#   tensor  name  extents  numbers
#   case    dtype  Lua expression of y and t  value  dL/dy  [dL/dt  [the gradient of (dL/dy * v):sum() at y]]
# L is the value times 0.5, or with reduction none the sum of the value times u, u being 1/n, 2/n, ..., 1.
# Run: python3 Tests/LuaAPITests/Fixtures/losses.py > Tests/LuaAPITests/Fixtures/losses.txt
import math

import torch
import torch.nn.functional as F

torch.manual_seed(11)
ROWS, COLUMNS = 6, 4
BASE = {
    "logits": torch.randn(ROWS, COLUMNS, dtype=torch.float64) * 2,
    "extreme": torch.tensor([[1e4, -1e4, 0, 5], [-1e4, 1e4, 1e4, -3], [80, -90, 700, -700], [1e4, 1e4, 1e4, 1e4],
                             [-1e4, -1e4, -1e4, -1e4], [0, 0, 0, 0]], dtype=torch.float64),
    "probabilities": torch.rand(ROWS, COLUMNS, dtype=torch.float64) * 0.96 + 0.02,
    "ends": torch.tensor([0, 1, 0, 1, 0.5, 0.25], dtype=torch.float64),
    "ends_target": torch.tensor([0, 1, 1, 0, 1, 0.75], dtype=torch.float64),
    "real": torch.randn(ROWS, COLUMNS, dtype=torch.float64) * 2,
    "zero_one": torch.rand(ROWS, COLUMNS, dtype=torch.float64),
    "binary": (torch.rand(ROWS, COLUMNS, dtype=torch.float64) > 0.5).double(),
    "shares": torch.softmax(torch.randn(ROWS, COLUMNS, dtype=torch.float64), 1),
    "weights": torch.rand(ROWS, COLUMNS, dtype=torch.float64) + 0.1,
    "row": torch.rand(COLUMNS, dtype=torch.float64) + 0.1,
    "v": torch.randn(ROWS, COLUMNS, dtype=torch.float64),
}
BASE["log_p"] = torch.log_softmax(BASE["logits"], 1)
BASE["log_shares"] = torch.log(BASE["shares"])
# every number is one of float32, so that both dtypes begin with the same
BASE = {name: t.float().double() for name, t in BASE.items()}
CLASSES = torch.tensor([1, 3, 4, 2, 2, 1])


def numbers(t):
    words = {math.inf: "inf", -math.inf: "-inf"}
    return " ".join(words.get(v, repr(v)) for v in t.detach().double().reshape(-1).tolist())


def tensor(name, t):
    print("tensor", name, ",".join(map(str, t.shape)), numbers(t), sep="\t")


def scalarised(value):
    if value.dim() == 0:
        return value * 0.5
    n = value.numel()
    return (value * (torch.arange(1, n + 1, dtype=value.dtype) / n).reshape(value.shape)).sum()


def case(dtype, expression, y, t, function, of_target=False, second=False):
    y = BASE[y].to(dtype).requires_grad_()
    t = CLASSES - 1 if t == "classes" else BASE[t].to(dtype)
    if of_target:
        t = t.clone().requires_grad_()
    value = function(y, t)
    total = scalarised(value)
    fields = [numbers(value), numbers(torch.autograd.grad(total, y, create_graph=True)[0])]
    if of_target:
        fields.append(numbers(torch.autograd.grad(total, t, retain_graph=True)[0]))
    if second:
        gradient = torch.autograd.grad(total, y, create_graph=True)[0]
        again = torch.zeros_like(y)
        if gradient.requires_grad:
            found = torch.autograd.grad((gradient * BASE["v"].to(dtype)).sum(), y, allow_unused=True)[0]
            again = again if found is None else again + found
        fields += ([""] if not of_target else []) + [numbers(again)]
    print("case", str(dtype)[6:], expression, *fields, sep="\t")


def options(**given):
    text = ", ".join(f"{key}={value}" for key, value in given.items())
    return f", {{{text}}}" if text else ""


def pairs(dtype, name, y, t, function, extra="", of_target=True, weighted=True, reductions=("mean", "sum", "none"),
          second=True):
    for reduction in reductions:
        for weight in [None, "weights", "row"] if weighted else [None]:
            given = dict(reduction=f'"{reduction}"')
            w = None
            if weight:
                given["weight"] = weight
                # PyTorch's weights of distances do not broadcast
                w = BASE[weight].to(dtype).expand(ROWS, COLUMNS)
            text = f"nn.{name}({y}, {t}{options(**given)[:-1]}{extra}}})"
            case(dtype, text, y, t, lambda a, b: function(a, b, w, reduction), of_target and not weight,
                 second and dtype == torch.float64 and not weight)


def plain(function, **settings):
    return lambda a, b, w, reduction: function(a, b, reduction=reduction, **settings)


def weighable(function, **settings):
    return lambda a, b, w, reduction: function(a, b, reduction=reduction, **settings, **({"weight": w} if w is not None else {}))


def half_squares(a, b, w, reduction):
    return F.mse_loss(a, b, reduction=reduction) / 2


def distances(dtype):
    pairs(dtype, "mse", "logits", "real", weighable(F.mse_loss))
    pairs(dtype, "squared_error", "logits", "real", half_squares, weighted=False)
    pairs(dtype, "l1", "logits", "real", weighable(F.l1_loss))
    for delta in (0.3, 1.0, 2.5):
        pairs(dtype, "huber", "logits", "real", weighable(F.huber_loss, delta=delta), f", delta={delta}")
    for beta in (0, 0.3, 1.0, 2.5):
        pairs(dtype, "smooth_l1", "logits", "real", plain(F.smooth_l1_loss, beta=beta), f", beta={beta}", weighted=False)


def binaries(dtype):
    for target in ("zero_one", "binary"):
        pairs(dtype, "bce", "probabilities", target, weighable(F.binary_cross_entropy))
        pairs(dtype, "bce_with_logits", "logits", target, weighable(F.binary_cross_entropy_with_logits))
        positive = BASE["row"].to(dtype)
        pairs(dtype, "bce_with_logits", "logits", target,
              weighable(F.binary_cross_entropy_with_logits, pos_weight=positive), ", pos_weight=row")
    pairs(dtype, "bce_with_logits", "extreme", "zero_one", weighable(F.binary_cross_entropy_with_logits))
    pairs(dtype, "bce", "ends", "ends_target", plain(F.binary_cross_entropy), weighted=False, of_target=False, second=False)


def divergences(dtype):
    reductions = ("mean", "sum", "none", "batchmean")
    pairs(dtype, "kl", "log_p", "shares", plain(F.kl_div), weighted=False, reductions=reductions)
    pairs(dtype, "kl", "log_p", "binary", plain(F.kl_div), weighted=False, reductions=reductions, of_target=False)
    pairs(dtype, "kl", "log_p", "log_shares", plain(F.kl_div, log_target=True), ", log_target=true", weighted=False,
          reductions=reductions)


def classes(dtype):
    for reduction in ("mean", "sum", "none"):
        for weight in (None, "row"):
            for ignored in (None, 2):
                given = dict(reduction=f'"{reduction}"')
                settings = dict(reduction=reduction)
                if weight:
                    given["weight"], settings["weight"] = weight, BASE[weight].to(dtype)
                if ignored:
                    given["ignore_index"], settings["ignore_index"] = ignored, ignored - 1
                case(dtype, f"nn.nll(log_p, classes{options(**given)})", "log_p", "classes",
                     lambda a, b: F.nll_loss(a, b, **settings), second=dtype == torch.float64)
                for y in ("logits", "extreme"):
                    for smoothing in (0, 0.1):
                        more = dict(given, label_smoothing=smoothing)
                        case(dtype, f"nn.cross_entropy({y}, classes{options(**more)})", y, "classes",
                             lambda a, b: F.cross_entropy(a, b, label_smoothing=smoothing, **settings),
                             second=dtype == torch.float64)
                        if ignored:
                            continue
                        case(dtype, f"nn.cross_entropy({y}, shares{options(**more)})", y, "shares",
                             lambda a, b: F.cross_entropy(a, b, label_smoothing=smoothing, **settings), of_target=True,
                             second=dtype == torch.float64)


print("python3 Tests/LuaAPITests/Fixtures/losses.py > Tests/LuaAPITests/Fixtures/losses.txt")
for name, t in BASE.items():
    tensor(name, t)
tensor("classes", CLASSES)
for dtype in (torch.float32, torch.float64):
    distances(dtype)
    binaries(dtype)
    divergences(dtype)
    classes(dtype)
