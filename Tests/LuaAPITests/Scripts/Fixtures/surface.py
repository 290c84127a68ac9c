# Made surface.txt: python3 surface.py > surface.txt
"""Golden results of the tensor surface, from NumPy and PyTorch.

The first line of the output is the command that made it. Then an `input name dtype extents: numbers` a line, and a
`case expression => dtype extents: numbers` a line, several results divided by `|`. Inputs are exact in float32, and
are made float32 and float64 by the script that runs the expressions; `float` results have their dtype.
"""
import warnings

import numpy as np
import torch

warnings.simplefilter("ignore")
random = np.random.default_rng(20)
inf, nan = np.inf, np.nan


def eighths(*shape):
    return random.integers(-40, 41, shape) / 8


INPUTS = {
    "A": eighths(3, 4), "B": eighths(2, 3, 4), "C": eighths(3, 4), "V": eighths(7), "W": eighths(70), "R": eighths(3, 70),
    "O": eighths(1, 4), "Q": eighths(3, 1), "Z": np.zeros((0, 3)), "S": np.array(2.5), "T": eighths(2, 0, 3),
    "N": np.array([[1, nan, -2, inf, 0.5], [-inf, 3, 3, -0.0, 0], [nan, nan, 1, 2, -1]]),
    "X": np.array([0, -0.0, 1, -1, 0.5, -0.5, 2.75, -3.25, 2.0**-20, 20.5, -20.5, 25, -30, inf, -inf, nan]),
    "P": np.array([[0.25, 1, 1.5], [2, 3.75, 8]]), "D": np.array([3, 1, 1, 2, 3, 1, 2.5, -1]),
    "I": random.integers(-9, 10, (3, 4)), "J": random.integers(1, 6, (9,)), "K": random.integers(1, 4, (3, 4)),
    "L": np.array([3, 1, 3]), "E": np.array([[1, 3], [2, 2]]), "G": np.array([[4, 1, 2], [2, 2, 3]]),
    "M": random.random((3, 4)) < 0.5, "Y": np.array([True, False, True]), "H": random.random((3, 4)) < 0.5,
    "F": np.sort(eighths(6)), "w": np.abs(eighths(9)),
}
globals().update(INPUTS)
CASES = []


def numbers(array):
    if array.dtype == bool:
        return [str(int(x)) for x in array.ravel()]
    return [str(x) if array.dtype.kind == "i" else repr(float(x)) for x in array.ravel()]


def text(result):
    if isinstance(result, bool):
        return f"boolean : {int(result)}"
    if isinstance(result, int):
        return f"integer : {result}"
    array = result.numpy() if isinstance(result, torch.Tensor) else np.asarray(result)
    kind = {"f": "float", "i": "int64", "b": "bool"}[array.dtype.kind]
    return f"{kind} {','.join(map(str, array.shape))}: {' '.join(numbers(array))}"


def case(expression, *results):
    CASES.append(f"case {expression} => {' | '.join(text(result) for result in results)}")


def tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array)) if np.ndim(array) else torch.tensor(float(array), dtype=torch.float64)


def written(array, index, value):
    copy = np.array(array)
    copy[index] = value
    return copy


def put_along(array, dim, index, source, add=False):
    copy = tensor(array).clone()
    index, source = tensor(index - 1), tensor(source)
    return copy.scatter_add(dim, index, source) if add else copy.scatter(dim, index, source)


# Functions of every element.
t = torch
UNARY = {
    "neg": t.neg, "abs": t.abs, "sign": lambda x: t.from_numpy(np.asarray(np.sign(x.numpy()))), "floor": t.floor, "ceil": t.ceil, "round": t.round, "square": t.square,
    "relu": t.relu, "exp": t.exp, "log": t.log, "sqrt": t.sqrt, "tanh": t.tanh, "sigmoid": t.sigmoid, "erf": t.erf,
    "sin": t.sin, "cos": t.cos, "reciprocal": t.reciprocal, "rsqrt": t.rsqrt, "expm1": t.expm1, "exp2": t.exp2,
    "log1p": t.log1p, "log2": t.log2, "log10": t.log10, "tan": t.tan, "asin": t.asin, "acos": t.acos, "atan": t.atan,
    "sinh": t.sinh, "cosh": t.cosh, "asinh": t.asinh, "acosh": t.acosh, "atanh": t.atanh, "trunc": t.trunc,
    "frac": t.frac, "erfc": t.erfc, "softplus": t.nn.functional.softplus, "elu": t.nn.functional.elu,
    "selu": t.nn.functional.selu, "hardtanh": t.nn.functional.hardtanh, "gelu": t.nn.functional.gelu,
    "silu": t.nn.functional.silu, "leaky_relu": t.nn.functional.leaky_relu, "isnan": t.isnan, "isfinite": t.isfinite,
    "isinf": t.isinf, "logical_not": t.logical_not, "nan_to_num": lambda x: t.nan_to_num(x, 0, 1e9, -1e9),
}
for name, function in UNARY.items():
    arguments = "0, 1e9, -1e9" if name == "nan_to_num" else ""
    for label in "XPSZT":
        result = function(tensor(INPUTS[label]))
        # where the engines differ: ours give the limits at minus infinity
        if name in ("gelu", "silu"):
            result = torch.where(tensor(INPUTS[label]) == -inf, torch.zeros_like(result), result)
        case(f"{label}:{name}({arguments})", result)
    if name not in ("isnan", "isfinite", "isinf", "logical_not"):
        case(f"P:{name}_({arguments})", function(tensor(P)))
case("A:leaky_relu(0.25)", t.nn.functional.leaky_relu(tensor(A), 0.25))
case("A:leaky_relu_(0.25)", t.nn.functional.leaky_relu(tensor(A), 0.25))
case("N:nansum()", np.nansum(N))
case("N:nansum(2)", np.nansum(N, 1))
case("N:nanmean{dim=1, keepdim=true}", np.nanmean(N, 0, keepdims=True))

# Two operands.
BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "maximum": np.maximum,
    "minimum": np.minimum, "mod": np.mod, "remainder": np.remainder, "fmod": np.fmod, "atan2": np.arctan2,
    "hypot": np.hypot, "eq": np.equal, "lt": np.less, "ge": np.greater_equal, "ne": np.not_equal,
    "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor,
}
for name, function in BINARY.items():
    for left, right in ("AC", "AO", "OQ", "QA", "AS", "SS", "ZS", "TT"):
        case(f"{left}:{name}({right})", function(INPUTS[left], INPUTS[right]))
    case(f"A:{name}(1.5)", function(A, 1.5))
    case(f"N:{name}(N:flip(2))", function(N, N[:, ::-1]))
    if name not in ("eq", "lt", "ge", "ne"):
        case(f"A:{name}_(O)", function(A, O).astype(float))
case("M:logical_and(H)", M & H)
case("M:logical_or_(H)", M | H)
case("M:logical_xor(H)", M ^ H)
case("M:logical_xor_(M)", M ^ M)
case("I:fmod(K)", np.fmod(I, K))
case("I:mod(K)", np.mod(I, K))
case("A:lerp(C, 0.25)", A + 0.25 * (C - A))
case("A:lerp(C, O)", A + O * (C - A))
case("A:lerp_(1, Q)", A + Q * (1 - A))
case("N:isclose(N)", np.isclose(N, N))
case("N:isclose(N, {equal_nan=true})", np.isclose(N, N, equal_nan=True))
case("A:isclose(C, {atol=2})", np.isclose(A, C, atol=2))
case("N:isclose(inf)", np.isclose(N, inf))
case("A:allclose(A)", True)
case("N:allclose(N)", False)
case("N:allclose(N, {equal_nan=true})", True)
case("Z:allclose(Z)", True)
case("A:equal(C)", False)
case("A:equal(A:clone())", True)
case("A:where(M, C)", np.where(M, A, C))
case("O:where(M, Q)", np.where(M, O, Q))
case("A:where(Y:reshape(3, 1), 7)", np.where(Y[:, None], A, 7))

# Along one dimension, or of the whole.
for label in "ABVNRSZT":
    array, rank = INPUTS[label], np.ndim(INPUTS[label])
    for axis in [None, *range(rank)]:
        reduced = array.size if axis is None else array.shape[axis]
        argument = "" if axis is None else axis + 1
        for keep in (False, True):
            options = (f"{{dim={axis + 1}, keepdim=true}}" if axis is not None else "{keepdim=true}") if keep else argument
            case(f"{label}:sum({options})", np.sum(array, axis, keepdims=keep))
            case(f"{label}:count_nonzero({options})", np.count_nonzero(array, axis, keepdims=keep) + np.array(0))
            case(f"{label}:all({options})", np.all(array, axis, keepdims=keep))
            case(f"{label}:any({options})", np.any(array, axis, keepdims=keep))
            axes = tuple(range(rank)) if axis is None else axis
            if rank:
                case(f"{label}:logsumexp({options})", torch.logsumexp(tensor(array), axes, keepdim=keep))
            if reduced:
                case(f"{label}:amax({options})", np.max(array, axis, keepdims=keep))
                case(f"{label}:amin({options})", np.min(array, axis, keepdims=keep))
                median = np.median(array, axis, keepdims=keep)
                case(f"(({label}:median({options})))", median)
                q = f"0.3, {options}" if options else "0.3"
                case(f"{label}:quantile({q})", np.quantile(array, 0.3, axis, keepdims=keep) if label != "N" else
                     np.where(np.isnan(array).any(axis, keepdims=keep), nan, np.quantile(array, 0.3, axis, keepdims=keep)))
    for axis in range(rank):
        dim = axis + 1
        case(f"{label}:cumsum({dim})", np.cumsum(array, axis))
        case(f"{label}:cumprod({dim})", np.cumprod(array, axis))
        case(f"{label}:cumprod_({dim})", np.cumprod(array, axis))
        case(f"{label}:flip({dim})", np.flip(array, axis))
        case(f"{label}:roll(2, {dim})", np.roll(array, 2, axis))
        case(f"{label}:roll(-9, {dim})", np.roll(array, -9, axis))
        case(f"{label}:repeat_interleave(2, {dim})", np.repeat(array, 2, axis))
        if array.shape[axis]:
            case(f"{label}:diff(1, {dim})", np.diff(array, 1, axis))
            case(f"{label}:diff(2, {dim})", np.diff(array, 2, axis))
            for descending in (False, True):
                flag = ", {descending=true}" if descending else ""
                order = np.argsort(-array if descending else array, axis, kind="stable")
                values = np.take_along_axis(array, order, axis)
                case(f"{label}:sort({dim}{flag})", values, order + 1)
                case(f"{label}:argsort({dim}{flag})", order + 1)
                largest = "largest=true" if descending else "largest=false"
                for k in {0, 1, min(2, array.shape[axis]), array.shape[axis]}:
                    part = np.take(order, range(k), axis)
                    case(f"{label}:topk({k}, {{dim={dim}, {largest}}})", np.take_along_axis(array, part, axis), part + 1)
    case(f"{label}:unique()", np.unique(array) + 0.0)
    case(f"{label}:nonzero()", np.argwhere(array) + 1 if rank else np.zeros((1, 0), int))
    case(f"{label}:flip()", np.flip(array))
    case(f"{label}:roll(1)", np.roll(array, 1))
    case(f"{label}:tile(2)", np.tile(array, 2))
    case(f"{label}:tile(2, 1, 3)", np.tile(array, (2, 1, 3)))
    case(f"{label}:tile(0)", np.tile(array, 0))
    case(f"{label}:repeat_interleave(3)", np.repeat(array, 3))
    case(f"{label}:flatten()", array.reshape(-1))
for q in ([0, 0.25, 0.5, 1], [0.1]):
    listed = "{" + ", ".join(map(str, q)) + "}"
    for label in "ABWR":
        for axis in [None, *range(np.ndim(INPUTS[label]))]:
            dim = "" if axis is None else f", {axis + 1}"
            case(f"{label}:quantile({listed}{dim})", np.quantile(INPUTS[label], q, axis))
case("B:quantile({0.2, 0.8}, {1, 3})", np.quantile(B, [0.2, 0.8], (0, 2)))
case("B:quantile(0.2, {dim={1, 3}, keepdim=true})", np.quantile(B, 0.2, (0, 2), keepdims=True))
case("B:median{1, 3}", np.median(B, (0, 2)))
case("B:amax{dim={1, 2}}", B.max((0, 1)))
case("B:logsumexp{dim={1, 3}, keepdim=true}", torch.logsumexp(tensor(B), (0, 2), keepdim=True))
case("V:median(1)", np.median(V), np.array(np.argsort(V, kind="stable")[3] + 1))
case("D:median(1)", np.median(D), np.array(np.argmax(D == np.sort(D)[3]) + 1))
case("N:median(2)", np.median(N, 1), np.array([2, 4, 1]))
case("W:topk(5)", np.sort(W)[::-1][:5], np.argsort(-W, kind="stable")[:5] + 1)
case("I:cumsum(2)", np.cumsum(I, 1))
case("I:cumprod(1)", np.cumprod(I, 0))
case("M:cumsum(1)", np.cumsum(M, 0))
case("M:diff()", np.diff(M))
case("I:sort(1)", np.sort(I, 0), np.argsort(I, 0, kind="stable") + 1)

# Order and counts.
for label in "DVIN":
    if label != "N":
        values, inverse, counts = np.unique(INPUTS[label], return_inverse=True, return_counts=True)
        case(f"{label}:unique{{inverse=true, counts=true}}", values, inverse.reshape(INPUTS[label].shape) + 1, counts)
        case(f"{label}:unique{{counts=true}}", values, counts)
case("J:bincount()", np.bincount(J)[1:])
case("J:bincount{minlength=9}", np.bincount(J, minlength=10)[1:])
case("J:bincount(w)", np.bincount(J, w)[1:])
case("J:bincount(w, {minlength=8})", np.bincount(J, w, 9)[1:])
case("F:searchsorted(A)", np.searchsorted(F, A) + 1)
case("F:searchsorted(F, {right=true})", np.searchsorted(F, F, "right") + 1)
case("F:searchsorted(N)", np.searchsorted(F, N) + 1)
case("F:searchsorted(0.5)", int(np.searchsorted(F, 0.5)) + 1)
case("A:bucketize(F)", np.searchsorted(F, A) + 1)
case("I:bucketize({-3, 0, 3}, {right=true})", np.searchsorted([-3, 0, 3], I, "right") + 1)
for label in "ABVR":
    if np.ndim(INPUTS[label]) < 3:
        case(f"{label}:cov()", np.cov(INPUTS[label]))
        case(f"{label}:cov{{unbiased=false}}", np.cov(INPUTS[label], ddof=0))
        case(f"{label}:corrcoef()", np.corrcoef(INPUTS[label]))
        case(f"{label}:cov{{rowvar=false}}", np.cov(INPUTS[label], rowvar=np.ndim(INPUTS[label]) < 2))
        case(f"{label}:corrcoef{{rowvar=false}}", np.corrcoef(INPUTS[label], rowvar=np.ndim(INPUTS[label]) < 2))

# By index.
case("A:gather(1, K)", np.take_along_axis(A, K - 1, 0))
case("A:gather(2, G)", np.take_along_axis(A[:2], G - 1, 1))
case("I:gather(2, K)", np.take_along_axis(I, K - 1, 1))
case("M:gather(2, K)", np.take_along_axis(M, K - 1, 1))
case("A:gather(-1, K - 5)", np.take_along_axis(A, K - 1, 1))
case("A:take_along_dim(A:argsort(2), 2)", np.sort(A, 1))
case("A:take_along_dim(L:reshape(3, 1), 2)", np.take_along_axis(A, L[:, None] - 1, 1))
case("A:take_along_dim(L)", A.ravel()[L - 1])
for index, dim in (("K", 1), ("K", 2), ("G", 2)):
    array = INPUTS[index]
    case(f"A:scatter_add({dim}, {index}, C)", put_along(A, dim - 1, array, C, True))
    case(f"A:scatter_add_({dim}, {index}, C)", put_along(A, dim - 1, array, C, True))
unique = np.argsort(random.random((3, 4)), 0) + 1
listed = "{" + ", ".join("{" + ", ".join(map(str, row)) + "}" for row in unique) + "}"
case(f"A:scatter(1, {listed}, C)", put_along(A, 0, unique, C))
case(f"A:scatter_(1, {listed}, 7.5)", put_along(A, 0, unique, np.full((3, 4), 7.5)))
case("A:scatter(2, {{2, 2, 2}}, C)", written(A, (0, 1), C[0, 2]))
case("I:scatter_add(1, K, I)", put_along(I, 0, K, I, True))
for dim, label in (1, "A"), (1, "I"), (2, "A"), (2, "B"), (2, "I"), (3, "B"):
    array, before = INPUTS[label], (slice(None),) * (dim - 1)
    index, first = before + (L - 1,), before + (slice(0, 3),)
    source = f"{label}:index_select({dim}, {{1, 2, 3}})"
    total = array.copy()
    np.add.at(total, index, array[first])
    case(f"{label}:index_select({dim}, L)", array[index])
    case(f"{label}:index_fill({dim}, L, 6)", written(array, index, 6))
    case(f"{label}:index_fill_({dim}, {{-1}}, 6)", written(array, before + (-1,), 6))
    case(f"{label}:index_add({dim}, L, {source})", total)
    case(f"{label}:index_add_({dim}, L, {source})", total)
    case(f"{label}:index_copy({dim}, L, {source})", written(array, index, array[first]))
    case(f"{label}:index_copy_({dim}, {{2}}, {label}:narrow({dim}, 1, 1))", written(array, before + ([1],), array[before + ([0],)]))
for label in "ABI":
    array = INPUTS[label]
    case(f"{label}:take{{1, -1, 7}}", array.ravel()[[0, -1, 6]])
    case(f"{label}:take(E)", array.ravel()[E - 1])
    flat = array.copy().ravel()
    flat[[0, 6]] = [5, 6]
    case(f"{label}:put({{1, 7}}, {{5, 6}})", flat.reshape(array.shape))
    flat = array.copy().ravel()
    np.add.at(flat, [2, 2, 0], 3)
    case(f"{label}:put_({{3, 3, 1}}, 3, {{accumulate=true}})", flat.reshape(array.shape))

# In brackets; `set` assigns and gives the tensor back. Integers beside tensors select first, as in PyTorch.
case("A[L]", A[L - 1])
case("A[E]", A[E - 1])
case("A[-L]", A[-L])
case("A[{L}]", A[L - 1])
case("A[{{}, L}]", A[:, L - 1])
case("A[{{1, 2}, L}]", A[0:2, L - 1])
case("A[{{1, 3, 2}, L}]", A[0:3:2, L - 1])
case("A[{L, {2, 3}}]", A[L - 1, 1:3])
case("A[{L, L}]", A[L - 1, L - 1])
case("A[{L, 2}]", A[L - 1, 1])
case("A[{2, L}]", A[1, L - 1])
case("A[{E, L:narrow(1, 1, 2)}]", A[E - 1, L[:2] - 1])
case("B[{{}, L}]", B[:, L - 1])
case("B[{{}, {}, L}]", B[:, :, L - 1])
case("B[{E:narrow(1, 2, 1) - 1, {}, L:narrow(1, 1, 2)}]", B[E[1:] - 2, :, L[:2] - 1])
case("B[{{}, L, L}]", B[:, L - 1, L - 1])
case("B[{1, {}, L}]", B[0][:, L - 1])
case("B[{{}, E}]", B[:, E - 1])
case("A[M]", A[M])
case("A[Y]", A[Y])
case("A[{Y}]", A[Y])
case("A[{Y, {2, 3}}]", A[Y, 1:3])
case("A[{Y, 2}]", A[Y, 1])
case("B[{{}, M}]", B[:, M])
case("B[{{}, Y, {1, 2}}]", B[:, Y, 0:2])
case("A[sonde.zeros(3, {dtype='bool'})]", A[np.zeros(3, bool)])
case("A[sonde.zeros(0, {dtype='int64'})]", A[np.zeros(0, int)])
case("Z[{{}, L}]", Z[:, L - 1])
case("A[sonde.tensor{3, 1}]", A[[2, 0]])
case("I[L]", I[L - 1])
case("M[L]", M[L - 1])
case("set(A, L, 4)", written(A, L - 1, 4))
case("set(A, {{}, L}, 4)", written(A, (slice(None), L - 1), 4))
case("set(A, {L:narrow(1, 1, 2), {2, 3}}, {{1, 2}, {3, 4}})", written(A, (L[:2] - 1, slice(1, 3)), [[1, 2], [3, 4]]))
case("set(A, {L:narrow(1, 1, 2), L:narrow(1, 2, 2)}, {8, 9})", written(A, (L[:2] - 1, L[1:] - 1), [8, 9]))
case("set(A, {{}, L:narrow(1, 1, 2)}, Q)", written(A, (slice(None), L[:2] - 1), Q))
case("set(A, M, 4)", written(A, M, 4))
case("set(A, Y, O)", written(A, Y, O))
case("set(A, {Y, 2}, -1)", written(A, (Y, 1), -1))
case("set(A, {{}, sonde.tensor{true, false, false, true}}, Q)", written(A, (slice(None), [0, 3]), Q))
case("set(A, 2, {1, 2, 3, 4})", written(A, 1, [1, 2, 3, 4]))
case("set(A, -1, O)", written(A, -1, O))
case("set(A, L, O)", written(A, L - 1, O))
case("set(A, {1, {}}, O)", written(A, 0, O))
case("set(A, {2, 2}, O:narrow(2, 1, 1))", written(A, (1, 1), O[0, 0]))
case("set(A, {{}, -1}, 6)", written(A, (slice(None), -1), 6))
case("set(A, {{1, 3, 2}, {2, 3}}, C[{{1, 2}, {1, 2}}])", written(A, (slice(0, 3, 2), slice(1, 3)), C[:2, :2]))
case("set(A, {2, 3}, true)", written(A, (1, 2), 1))
case("set(A, L:narrow(1, 1, 2), A[{{1, 2}}])", written(A, L[:2] - 1, A[:2]))
case("set(I, L, K)", written(I, L - 1, K))
case("set(M, L, true)", written(M, L - 1, True))
case("set(A, M, A[M]:flip())", written(A, M, A[M][::-1]))

# Masks.
case("A:masked_fill(M, 3)", np.where(M, 3, A))
case("A:masked_fill_(M, 3)", np.where(M, 3, A))
case("A:masked_fill(Y:reshape(3, 1), S)", np.where(Y[:, None], 2.5, A))
case("M:masked_fill_(M, false)", np.zeros((3, 4), bool))
case("A:masked_select(M)", A[M])
case("O:masked_select(M)", np.broadcast_to(O, (3, 4))[M])
case("A:masked_select(Y:reshape(3, 1))", A[np.broadcast_to(Y[:, None], (3, 4))])
case("A:masked_scatter(M, C)", written(A, M, C.ravel()[: M.sum()]))
case("A:masked_scatter_(Y:reshape(3, 1), C)", written(A, Y, C.ravel()[:8].reshape(2, 4)))
case("M:nonzero()", np.argwhere(M) + 1)
case("M:argwhere()", np.argwhere(M) + 1)

# Shapes.
for n in (1, 2, 3, 5):
    case(f"unpack(V:chunk({n}))", *tensor(V).chunk(n))
    case(f"unpack(V:split({n}))", *tensor(V).split(n))
case("unpack(A:split({1, 3}, 2))", A[:, :1], A[:, 1:])
case("unpack(B:unbind())", B[0], B[1])
case("unpack(A:unbind(-1))", *A.T)
case("unpack(T:chunk(2, 2))", T, T)
case("B:flatten(2)", B.reshape(2, 12))
case("B:flatten(1, 2)", B.reshape(6, 4))
case("B:unflatten(3, {2, -1})", B.reshape(2, 3, 2, 2))
case("B:unflatten(1, {1, 2, 1})", B.reshape(1, 2, 1, 3, 4))
case("B:movedim(1, 3)", np.moveaxis(B, 0, 2))
case("B:movedim({1, 2}, {-1, 1})", np.moveaxis(B, (0, 1), (-1, 0)))
case("B:swapaxes(1, -1)", np.swapaxes(B, 0, 2))
case("O:expand_as(A)", np.broadcast_to(O, (3, 4)))
case("A:reshape_as(B[1])", A)
case("O:unsqueeze(1):unsqueeze(4):squeeze{1, -1}", O)
case("B:flip(1, 3)", np.flip(B, (0, 2)))
case("B:roll({1, 2}, {1, -1})", np.roll(B, (1, 2), (0, 2)))
case("A:tile(2, 3)", np.tile(A, (2, 3)))
case("V:tile{2, 2}", np.tile(V, (2, 2)))
case("A:repeat_interleave(L, 1)", np.repeat(A, L, 0))
case("A:repeat_interleave({1, 0, 2, 1}, 2)", np.repeat(A, [1, 0, 2, 1], 1))
case("sonde.meshgrid(V, L)", *(g.astype(INPUTS[k].dtype) for g, k in zip(np.meshgrid(V, L, indexing="ij"), "VL")))
case("sonde.meshgrid(V, L, {indexing='xy'})", *np.meshgrid(V, L))
case("sonde.zeros_like(A)", np.zeros((3, 4)))
case("sonde.ones_like(I)", np.ones((3, 4), int))
case("sonde.full_like(A, 2.5)", np.full((3, 4), 2.5))
case("sonde.arange(-3, 9, 4, {dtype='int64'})", np.arange(-3, 10, 4))
case("sonde.arange(5, -5, -3, {dtype='int64'})", np.arange(5, -6, -3))

print(f"made by: python3 surface.py > surface.txt (NumPy {np.__version__}, PyTorch {torch.__version__})")
for name, array in INPUTS.items():
    kind = {"f": "float", "i": "int64", "b": "bool"}[array.dtype.kind]
    print(f"input {name} {kind} {','.join(map(str, array.shape))}: {' '.join(numbers(array))}")
print("\n".join(CASES))
