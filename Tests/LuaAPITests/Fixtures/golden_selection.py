"""Sorting, ranks and quantiles, counting, gathering and scattering, covariances, histograms."""

import numpy as np

from golden_kit import (
    BOOL,
    COMPOSED,
    F32,
    F64,
    I64,
    INPUTS,
    case,
    fails,
    group,
    in_double,
    table,
)

I = INPUTS
random = np.random.default_rng(29)


def argsort(x, axis, descending=False):
    """Stable, NaN last, also when descending."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    # ~x reverses the order of integers without overflow
    return np.argsort(-x if x.dtype.kind == "f" else ~x.astype(I64), axis=axis, kind="stable")


def lined():
    return [
        I["tf"],
        I["td"].t(),
        I["ti"],
        I["tm"].t(),
        I["f34"].t(),
        I["d234"].permute(2, 0, 1),
        I["f70"],
        I["d370"],
        I["xf"],
        I["xd"],
        I["xi"],
        I["fe03"],
        I["f14"].expand(3, 4),
        I["i234"].transpose(0, 2).narrow(0, 1, 2),
        I["f55"].step(1, 0, 2),
    ]


def sorting():
    for x in lined():
        for axis in range(x.ndim):
            for descending in [False, True]:
                order = argsort(x.value, axis, descending)
                text = f"{{dim={axis + 1}, descending=true}}" if descending else f"({axis - x.ndim})"
                case(f"{x.source}:sort{text}", np.take_along_axis(x.value, order, axis), order + 1)
        order = argsort(x.value, -1)
        case(f"{x.source}:sort()", np.take_along_axis(x.value, order, -1), order + 1)


def index_select():
    for x in [I["f34"].t(), I["d234"], I["i34"], I["m43"].t(), I["fv7"], I["f14"].expand(3, 4), I["i2312"]]:
        for axis in range(x.ndim):
            for count in [0, 1, 4]:
                indices = random.integers(0, x.shape[axis], count)
                text = f'sonde.tensor({table(indices + 1)}, {{dtype="int64"}})'
                case(f"{x.source}:index_select({axis + 1}, {text})", np.take(x.value, indices, axis))
        fails(f'{x.source}:index_select(1, sonde.tensor({{{x.shape[0] + 1}}}, {{dtype="int64"}}))')
        fails(f'{x.source}:index_select(1, sonde.tensor({{0}}, {{dtype="int64"}}))')


def histograms():
    for x in [I["f70"], I["d370"], I["f34"].t(), I["i34"], I["fv7"]]:
        for bins, limits in [(5, None), (10, (-8, 8)), (4, (-2.5, 1.5)), (1, None)]:
            counts, edges = np.histogram(x.value.astype(F64), bins, range=limits)
            text = f"{bins}" if limits is None else f"{bins}, {limits[0]}, {limits[1]}"
            case(
                f"local h = {x.source}:histogram({text}); "
                'return sonde.tensor(h.counts, {dtype="int64"}), sonde.tensor(h.edges, {dtype="float64"})',
                counts.astype(I64),
                edges,
                ulps=2,
                scale=8,
            )


def ordering():
    for x in lined():
        if not x.value.size:
            continue
        for axis in range(x.ndim):
            for largest in [True, False]:
                k = int(random.integers(1, x.shape[axis] + 1))
                order = argsort(x.value, axis, largest)
                order = np.take(order, range(k), axis)
                text = f"{k}, {axis + 1}" + ("" if largest else ", {largest=false}")
                case(f"{x.source}:topk({text})", np.take_along_axis(x.value, order, axis), order + 1)
            case(f"{x.source}:argsort({axis + 1})", argsort(x.value, axis) + 1)
            case(f"{x.source}:argsort{{dim={axis + 1}, descending=true}}", argsort(x.value, axis, True) + 1)
    case("f34:topk(0)", np.zeros((3, 0), F32), np.zeros((3, 0), I64))
    fails("f34:topk(5)")


def median(x, axis=None, keepdims=False):
    return in_double(lambda y: np.median(y, axis=axis, keepdims=keepdims), x)


def quantiles():
    operands = [
        I["rf234"].permute(2, 0, 1),
        I["rd34"].t(),
        I["f34"].t(),
        I["i34"],
        I["m34"],
        I["f70"],
        I["d370"],
        I["td"],
        I["tf"].narrow(0, 0, 3),
        I["f14"].expand(3, 4),
        I["f1"],
        I["ti"].narrow(0, 0, 3),
    ]
    for x in operands:
        case(f"{x.source}:median()", median(x.value), anyzero=True)
        for axis in range(x.ndim):
            values = median(x.value, axis)
            case(f"(({x.source}:median({axis + 1})))", values, anyzero=True)
            case(
                f"(({x.source}:median{{dim={axis - x.ndim}, keepdim=true}}))",
                median(x.value, axis, True),
                anyzero=True,
            )
        if x.ndim == 3:
            case(f"{x.source}:median{{dim={{1, 3}}}}", median(x.value, (0, 2)), anyzero=True)
        scale = np.nanmax(np.where(np.isfinite(x.value), np.abs(x.value.astype(F64)), 0))
        for q in [0, 0.25, 0.5, 0.9, 1, [0.1, 0.5, 0.99], [0.3]]:
            text = table(q) if isinstance(q, list) else repr(q)
            if np.any(np.isinf(x.value.astype(F64))):
                # NumPy itself makes NaN of infinity where it interpolates with weight 0
                continue
            options = dict(ulps=4, scale=scale, anyzero=True)
            case(f"{x.source}:quantile({text})", in_double(lambda y: np.quantile(y, q), x.value), **options)
            for axis in range(x.ndim):
                keepdims = axis % 2 == 0
                result = in_double(lambda y: np.quantile(y, q, axis=axis, keepdims=keepdims), x.value)
                case(
                    f"{x.source}:quantile({text}, {{dim={axis + 1}{', keepdim=true' if keepdims else ''}}})",
                    result,
                    **options,
                )
    fails("fe0:median()")
    fails("f34:quantile(1.5)", lambda: np.quantile(I["f34"].value, 1.5))
    fails("f34:quantile(-0.1)", lambda: np.quantile(I["f34"].value, -0.1))


def counting():
    for x in [I["tf"], I["td"].t(), I["ti"], I["tm"], I["f70"], I["i34"].t(), I["fe0"], I["xi"], I["f14"].expand(3, 4)]:
        values, inverse, counts = np.unique(x.value, return_inverse=True, return_counts=True)
        case(f"{x.source}:unique()", values, anyzero=True)
        case(
            f"{x.source}:unique{{inverse=true, counts=true}}",
            values,
            inverse.reshape(x.shape) + 1,
            counts,
            anyzero=True,
        )
    for x in [I["iv7"].value, I["i34"].value[0], I["n34"].value[:, 1], np.array([5, 1, 1, 3]), np.zeros(0, I64)]:
        x = np.abs(x) + 1
        weights = np.round(random.standard_normal(len(x)) * 8) / 8
        text = f'sonde.tensor({table(x)}, {{dtype="int64"}})'
        case(f"{text}:bincount()", np.bincount(x, minlength=1)[1:])
        case(f"{text}:bincount{{minlength=12}}", np.bincount(x, minlength=13)[1:])
        if len(x):
            case(
                f"{text}:bincount(sonde.tensor({table(weights)}))", np.bincount(x, weights, minlength=1)[1:].astype(F32)
            )
    fails('sonde.tensor({0, 1}, {dtype="int64"}):bincount()')
    edges = np.sort(np.unique(I["fv7"].value))
    text = f"sonde.tensor({table(edges)})"
    for right in [False, True]:
        side = "right" if right else "left"
        for values in [I["f34"].t(), I["xf"], I["dv5"]]:
            case(
                f"{text}:searchsorted({values.source}, {{right={str(right).lower()}}})",
                np.searchsorted(edges.astype(F64), values.value.astype(F64), side) + 1,
            )
            case(
                f"{values.source}:bucketize({text}, {{right={str(right).lower()}}})",
                np.searchsorted(edges.astype(F64), values.value.astype(F64), side) + 1,
            )


def gathering():
    for x in [
        I["f34"],
        I["f43"].t(),
        I["d234"].permute(2, 0, 1),
        I["i34"],
        I["m34"],
        I["fv7"],
        I["f55"].step(0, 0, 2),
        I["f14"].expand(3, 4),
    ]:
        for axis in range(x.ndim):
            for length in [1, x.shape[axis], 5]:
                shape = list(x.shape)
                shape[axis] = length
                indices = random.integers(0, x.shape[axis], shape)
                named = np.where(random.random(shape) < 0.3, indices - x.shape[axis], indices + 1)
                text = f'sonde.tensor({table(named)}, {{dtype="int64"}})'
                case(f"{x.source}:gather({axis + 1}, {text})", np.take_along_axis(x.value, indices, axis))
                case(f"{x.source}:take_along_dim({text}, {axis + 1})", np.take_along_axis(x.value, indices, axis))
            fails(
                f"{x.source}:gather({axis + 1}, "
                f'sonde.full({table(list(x.shape))}, {x.shape[axis] + 1}, {{dtype="int64"}}))'
            )
            # without equal places: a permutation of a part of every line
            indices = np.argsort(random.random(x.shape), axis)
            text = f'sonde.tensor({table(indices + 1)}, {{dtype="int64"}})'
            values = random.integers(0, 2, x.shape) if x.dtype == BOOL else random.integers(-20, 20, x.shape)
            result = x.value.copy()
            np.put_along_axis(result, indices, values.astype(x.dtype), axis)
            value_text = f'sonde.tensor({table(values)}, {{dtype="{x.dtype}"}})'
            case(f"{x.source}:scatter({axis + 1}, {text}, {value_text})", result)
            if ":expand" not in x.source:
                case(f"{x.source}:clone():scatter_({axis + 1}, {text}, {value_text})", result)
            # with equal places, which add up
            if x.dtype != BOOL:
                indices = random.integers(0, x.shape[axis], x.shape)
                text = f'sonde.tensor({table(indices + 1)}, {{dtype="int64"}})'
                places = list(np.indices(x.shape))
                places[axis] = indices
                result = x.value.copy()
                np.add.at(result, tuple(places), values.astype(x.dtype))
                case(f"{x.source}:scatter_add({axis + 1}, {text}, {value_text})", result)
            # slices
            count = 4
            indices = random.integers(0, x.shape[axis], count)
            text = f'sonde.tensor({table(indices + 1)}, {{dtype="int64"}})'
            shape = list(x.shape)
            shape[axis] = count
            slices = random.integers(0, 2, shape) if x.dtype == BOOL else random.integers(-20, 20, shape)
            value_text = f'sonde.tensor({table(slices)}, {{dtype="{x.dtype}"}})'
            index = (slice(None),) * axis + (indices,)
            if x.dtype != BOOL:
                result = x.value.copy()
                np.add.at(result, index, slices.astype(x.dtype))
                case(f"{x.source}:index_add({axis + 1}, {text}, {value_text})", result)
            result = x.value.copy()
            for place, target in enumerate(indices):
                result[(slice(None),) * axis + (target,)] = np.take(slices, place, axis).astype(x.dtype)
            case(f"{x.source}:index_copy({axis + 1}, {text}, {value_text})", result)
            result = x.value.copy()
            result[index] = 1
            case(f"{x.source}:index_fill({axis + 1}, {text}, 1)", result)
        flat = random.permutation(x.value.size)[:4]
        text = f'sonde.tensor({table(flat + 1)}, {{dtype="int64"}})'
        case(f"{x.source}:take({text})", np.take(x.value, flat))
        result = x.value.copy()
        np.put(result, flat, 1)
        case(f"{x.source}:put({text}, 1)", result)
    for mask, x in [("m34", "f34"), ("m14", "f34"), ("m34", "i34")]:
        values = random.integers(-20, 20, 12)
        chosen = np.broadcast_to(I[mask].value, (3, 4))
        result = I[x].value.copy()
        result[chosen] = values[: int(chosen.sum())]
        case(f'{x}:masked_scatter({mask}, sonde.tensor({table(values)}, {{dtype="{I[x].dtype}"}}))', result)


def surveys():
    for x in [I["rf34"], I["rd34"].t(), I["i34"], I["rdv7"], I["rd34"].step(1, 0, 2), I["f31"].t()]:
        case(f"{x.source}:cov()", in_double(np.cov, x.value), ulps=COMPOSED, scale=1)
        case(
            f"{x.source}:cov{{unbiased=false}}",
            in_double(lambda y: np.cov(y, bias=True), x.value),
            ulps=COMPOSED,
            scale=1,
        )
        case(f"{x.source}:corrcoef()", in_double(np.corrcoef, x.value), ulps=COMPOSED, scale=1)
        if x.ndim == 2 and x.shape[0] > 1:
            case(
                f"{x.source}:cov{{rowvar=false}}",
                in_double(lambda y: np.cov(y, rowvar=False), x.value),
                ulps=COMPOSED,
                scale=1,
            )
            case(
                f"{x.source}:corrcoef{{rowvar=false}}",
                in_double(lambda y: np.corrcoef(y, rowvar=False), x.value),
                ulps=COMPOSED,
                scale=1,
            )


def write():
    group("sort")
    sorting()
    group("index_select")
    index_select()
    group("histograms")
    histograms()
    group("topk and argsort")
    ordering()
    group("median and quantile")
    quantiles()
    group("counting and searching")
    counting()
    group("gathering and scattering")
    gathering()
    group("covariances")
    surveys()
