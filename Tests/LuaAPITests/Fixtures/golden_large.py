"""Tensors large enough for threads, radix sorts and blocks of products, and the default dtype float64.

Results are told by one number each, the sum of elements times weights by place, which is exact in double.
"""

import numpy as np

from golden_kit import F32, F64, I64, INPUTS, Expr, case, group, made

I = INPUTS


def checksum(x):
    x = np.asarray(x)
    return np.asarray(np.dot(x.reshape(-1).astype(F64), weights(x.size)))


def weights(count):
    return (np.arange(1, count + 1) % 97 - 48).astype(F64)


def told(source, *results):
    """A case whose results are told by their checksums, after their shapes."""
    case(f"return told({source})", *[part for r in results for part in (np.array(np.shape(r), I64), checksum(r))])


def write():
    group("large")
    whole = np.arange(1, 60001) * 7919 % 1009 - 500
    made(
        "told",
        "function(...) local results = {}; for _, x in ipairs{...} do local n = x:numel(); "
        'table.insert(results, sonde.tensor(x.shape, {dtype="int64"})); '
        'local weights = sonde.arange(1, n, 1, {dtype="float64"}) % 97 - 48; '
        'table.insert(results, (x:to("float64"):reshape(-1) * weights):sum()) '
        "end; return table.unpack(results) end",
    )
    made("wide", 'sonde.arange(1, 60000, 1, {dtype="int64"}) * 7919 % 1009 - 500')
    for name, dtype in [("float32", F32), ("float64", F64), ("int64", I64)]:
        x = whole.astype(dtype).reshape(200, 300)
        source = f'wide:to("{name}"):reshape(200, 300)'
        for lua, view in [("", x), (":t()", x.T), ("[{{}, {2, -1, 3}}]", x[:, 1::3])]:
            y = source + lua
            told(f"{y} + {y}[1]", view + view[0])
            told(f"({y}:abs() * 3):neg()", -(np.abs(view) * 3))
            told(f"{y}:contiguous()", view)
            told(f"{y}:gt(0)", view > 0)
            told(f"sonde.where({y}:lt(100), {y}, 7)", np.where(view < 100, view, 7))
            told(f"{y}[{y}:gt(0)]", view[view > 0])
            told(f"{y}:cumsum(1)", np.cumsum(view, 0))
            for axis in [0, 1]:
                told(f"{y}:sum({axis + 1})", view.sum(axis))
                order = np.argsort(view, axis, kind="stable")
                told(f"{y}:sort({axis + 1})", np.take_along_axis(view, order, axis), order + 1)
                told(f"{y}:max({axis + 1})", view.max(axis), view.argmax(axis) + 1)
                told(f"({y}:median({axis + 1}))", np.median(view, axis))
                told(f"{y}:flip({axis + 1})", np.flip(view, axis))
            told(f"{y}:unique{{inverse=true, counts=true}}", *unique(view))
            told(f"{y}:reshape(-1):topk(100)", *top(view.reshape(-1), 100))
            case(f"{y}:argmin()", np.asarray(view.argmin() + 1, I64))
            case(f"{y}:sum()", np.asarray(view.sum(dtype=F64)).astype(dtype))
            small, other = view % 11 - 5, (view[:, :40] % 7 - 3).T
            told(
                f"({y} % 11 - 5):matmul(({y}[{{{{}}, {{1, 40}}}}] % 7 - 3):t():t():t():matmul({y} % 2):t())",
                small @ (other @ (view % 2)).T,
            )
    group("default dtype float64")
    for source, result in [
        ("i34 / n34", I["i34"].value / I["n34"].value),
        ("n34 ^ 2", I["n34"].value.astype(F64) ** 2),
        ("i34 + 0.5", I["i34"].value + 0.5),
        ("i34:mean()", np.mean(I["i34"].value)),
        ("i34:sqrt()", np.sqrt(I["i34"].value)),
        ("m34:mean(1)", np.mean(I["m34"].value, 0)),
        ("i34:quantile(0.5)", np.quantile(I["i34"].value, 0.5)),
        ("(i34:median())", np.median(I["i34"].value)),
        ("sonde.where(m34, 0.1, 0)", np.where(I["m34"].value, 0.1, 0)),
        ("sonde.tensor{0.1, 1e-300}", np.array([0.1, 1e-300])),
        ("sonde.zeros(2)", np.zeros(2)),
        ("sonde.full({2}, 0.1)", np.full(2, 0.1)),
        ("f34 + 0.1", I["f34"].value + np.float32(0.1)),
        ("f34 + i34", I["f34"].value + I["i34"].value.astype(F32)),
    ]:
        text = f'sonde.default_dtype("float64"); local r = {source}; sonde.default_dtype("float32"); return r'
        case(text, np.asarray(result))


def unique(x):
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.reshape(x.shape) + 1, counts


def top(x, count):
    order = np.argsort(-x, kind="stable")[:count]
    return x[order], order + 1
