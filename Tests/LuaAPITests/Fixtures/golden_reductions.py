"""Reductions whole and along dimensions, cumulative sums, softmax."""

import numpy as np

from golden_kit import (
    BOOL,
    COMPOSED,
    EXACT,
    F32,
    F64,
    I64,
    INPUTS,
    ROUNDED,
    Expr,
    case,
    commas,
    fails,
    group,
    in_double,
    nan,
)

I = INPUTS


def norm(x, axis=None, keepdims=False):
    """In extended precision, where squares of doubles neither over- nor underflow."""
    return np.sqrt(np.sum(np.square(x.astype(np.longdouble)), axis=axis, keepdims=keepdims))


def reduce(name, x, axis, keepdims, ddof=0):
    options = dict(axis=axis, keepdims=keepdims)
    if name in ("all", "any"):
        return np.asarray(getattr(np, name)(x, **options), BOOL)
    if name in ("min", "max", "amin", "amax"):
        if x.dtype == BOOL:
            return np.asarray((np.all if "min" in name else np.any)(x, **options))
        return np.asarray(getattr(np, name)(x, **options), x.dtype)
    if name in ("sum", "prod"):
        whole = x.dtype.kind != "f"
        return np.asarray(getattr(np, name)(x.astype(I64 if whole else F64), **options)).astype(
            I64 if whole else x.dtype
        )
    if name in ("var", "std"):
        return in_double(lambda y: getattr(np, name)(y, ddof=ddof, **options), x)
    if name == "norm":
        return in_double(lambda y: norm(y, **options), x)
    return in_double(lambda y: getattr(np, name)(y, **options), x)


# sums of squares of deviations from a mean that is no dyadic fraction depend on the order, so do norms
TOLERANCE = {"var": COMPOSED, "std": COMPOSED, "norm": ROUNDED, "mean": ROUNDED}
NAMES = ["sum", "prod", "mean", "var", "std", "norm", "all", "any"]
AXES = {
    0: [()],
    1: [(0,)],
    2: [(0,), (1,), (0, 1)],
    3: [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)],
    4: [(1,), (3,), (0, 3), (1, 2)],
}


def arguments(axes, keepdims, negative, rank):
    """The Lua arguments for some dimensions, in one of their forms."""
    places = [a - rank if negative else a + 1 for a in axes]
    if len(places) == 1 and not keepdims:
        return f"({places[0]})" if not negative else f"{{dim={places[0]}}}"
    dim = str(places[0]) if len(places) == 1 else "{" + commas(places) + "}"
    return f"{{dim={dim}{', keepdim=true' if keepdims else ''}}}"


def operands():
    return [
        I["f34"].t(),
        I["d234"].permute(2, 0, 1),
        I["i34"],
        I["m234"],
        I["f55"].step(0, 0, 2).step(1, 1, 2),
        I["f14"].expand(3, 4),
        I["d2312"],
        I["fe03"],
        I["de203"],
        I["f70"],
        I["d370"],
        I["m43"].t(),
        I["i234"].transpose(0, 2),
    ]


def reductions():
    for name in NAMES:
        ulps = TOLERANCE.get(name, EXACT)
        for count, x in enumerate(operands()):
            scale = np.max(np.abs(x.value.astype(F64)), initial=0) ** (2 if name == "var" else 1)
            if name == "prod":
                ulps = 3
                if x.value.size > 60:
                    x = x.narrow(x.ndim - 1, 3, 9)
            case(
                f"{x.source}:{name}()",
                reduce(name, x.value, None, False),
                ulps=ulps,
                scale=scale if name != "prod" else 0,
                anyzero=True,
            )
            for place, axes in enumerate(AXES[x.ndim]):
                keepdims, negative = (count + place) % 2 == 1, (count + place) % 3 == 1
                result = reduce(name, x.value, axes, keepdims)
                case(
                    f"{x.source}:{name}{arguments(axes, keepdims, negative, x.ndim)}",
                    result,
                    ulps=ulps,
                    scale=scale if name != "prod" else 0,
                    anyzero=True,
                )
        for x in [I["fs"], I["i1"], I["fe0"], I["ms"], I["de0"]]:
            case(f"{x.source}:{name}()", reduce(name, x.value, None, False), ulps=ulps, anyzero=True)
    for name in ["var", "std"]:
        for x in [I["rf234"].transpose(0, 2), I["rd34"], I["i34"], I["m34"], I["f31"], I["d1"]]:
            case(f"{x.source}:{name}{{unbiased=true}}", reduce(name, x.value, None, False, 1), ulps=COMPOSED)
            case(
                f"{x.source}:{name}{{dim=1, keepdim=true, unbiased=true}}",
                reduce(name, x.value, (0,), True, 1),
                ulps=COMPOSED,
            )
    for name in ["sum", "mean", "norm", "var", "std", "prod"]:
        for x in [I["rf234"].permute(1, 2, 0), I["rd34"].t(), I["rd34"].step(1, 0, 2)]:
            for axes in AXES[x.ndim]:
                case(
                    f"{x.source}:{name}{arguments(axes, True, False, x.ndim)}",
                    reduce(name, x.value, axes, True),
                    ulps=COMPOSED,
                    scale=1 if name in ("sum", "mean") else 0,
                )
    fails("f34:sum(3)", lambda: I["f34"].value.sum(2))
    fails("f34:sum(0)")
    fails("f34:sum{dim={1, 1}}", lambda: I["f34"].value.sum((0, 0)))
    fails("f34:sum{dim={1, -2}}", lambda: I["f34"].value.sum((0, -2)))


def specials():
    # a NaN, an infinity, both infinities, overflow of float32 but not of double, zeros, subnormals
    rows32 = (
        "{{1, 0/0, 2}, {1, math.huge, 2}, {math.huge, -math.huge, 1}, {3e38, 3e38, -3e38}, {-0.0, 0.0, -0.0}, "
        "{1e-45, 1e-45, -1e-45}, {1e-30, 1e30, 1e-30}}"
    )
    rows64 = (
        rows32.replace("3e38", "1.5e308").replace("1e-45", "5e-324").replace("1e30", "1e200").replace("1e-30", "1e-200")
    )
    values32 = np.array(
        [
            [1, nan, 2],
            [1, np.inf, 2],
            [np.inf, -np.inf, 1],
            [3e38, 3e38, -3e38],
            [-0.0, 0.0, -0.0],
            [1e-45, 1e-45, -1e-45],
            [1e-30, 1e30, 1e-30],
        ]
    ).astype(F32)
    values64 = np.array(
        [
            [1, nan, 2],
            [1, np.inf, 2],
            [np.inf, -np.inf, 1],
            [1.5e308, 1.5e308, -1.5e308],
            [-0.0, 0.0, -0.0],
            [5e-324, 5e-324, -5e-324],
            [1e-200, 1e200, 1e-200],
        ]
    )
    x32 = Expr(f'sonde.tensor({rows32}, {{dtype="float32"}})', values32)
    x64 = Expr(f'sonde.tensor({rows64}, {{dtype="float64"}})', values64)
    for name in ["sum", "mean", "prod", "norm", "all", "any", "max", "min"]:
        for x in [x32, x64]:
            with np.errstate(all="ignore"):
                result = reduce(name, x.value, (1,), False)
                if name == "sum" and x is x64:
                    # NumPy adds from the left too: infinity less 1.5e308
                    assert np.isinf(result[3])
                if name == "mean" and x is x64:
                    assert np.isinf(result[3])
            first = f"({x.source}:{name}(2))" if name in ("max", "min") else f"{x.source}:{name}(2)"
            case(first, result, ulps=2, anyzero=True)
        case(f"xi:{name}()", reduce(name, I["xi"].value, None, False), ulps=2)
    # norms by views whose order is not that of a copy
    for x in [x32, x64]:
        with np.errstate(all="ignore"):
            case(f"{x.source}:t():norm(1)", reduce("norm", x.value.T, (0,), False), ulps=2)
            case(f"{x.source}:t()[{{{{1, 2}}}}]:norm(1)", reduce("norm", x.value.T[:2], (0,), False), ulps=2)
    for name in ["var", "std"]:
        case(f"{x32.source}:narrow(1, 1, 3):{name}(2)", reduce(name, values32[:3], (1,), False))
        case(f"{x64.source}:narrow(1, 5, 1):{name}(2)", reduce(name, values64[4:5], (1,), False))
    for name in ["sum", "max", "min", "mean", "norm"]:
        case(f"xf:{name}()", reduce(name, I["xf"].value, None, False))
        case(f"xd:narrow(1, 6, 2):{name}()", reduce(name, I["xd"].value[5:7], None, False))


def arg(function, x, axis=None, keepdims=False):
    return np.asarray(function(x, axis=axis, keepdims=keepdims) + 1, I64)


def extremes():
    for name, pick in [("max", np.argmax), ("min", np.argmin)]:
        for x in [
            I["tf"],
            I["td"].t(),
            I["ti"].t(),
            I["tm"],
            I["f34"].t(),
            I["d234"].permute(1, 2, 0),
            I["i234"].transpose(0, 2),
            I["f70"],
            I["d370"],
            I["f14"].expand(3, 4),
            I["f55"].step(1, 0, 2),
        ]:
            case(f"{x.source}:{name}()", reduce(name, x.value, None, False), anyzero=True)
            case(f"{x.source}:arg{name}()", arg(pick, x.value))
            for axis in range(x.ndim):
                keepdims = axis % 2 == 0
                if x.ndim == 1:
                    continue
                values, indices = reduce(name, x.value, (axis,), keepdims), arg(pick, x.value, axis, keepdims)
                if keepdims:
                    case(f"{x.source}:{name}{{dim={axis + 1}, keepdim=true}}", values, indices, anyzero=True)
                    case(f"{x.source}:arg{name}{{dim={axis - x.ndim}, keepdim=true}}", indices)
                else:
                    case(f"{x.source}:{name}({axis + 1})", values, indices, anyzero=True)
                    case(f"{x.source}:arg{name}({axis - x.ndim})", indices)
        for x in ["fs", "i1", "ms"]:
            case(f"{x}:{name}()", reduce(name, I[x].value, None, False))
            case(f"{x}:arg{name}()", arg(pick, I[x].value))
        case(f"fe03:{name}(2)", np.zeros(0, F32), np.zeros(0, I64))
        fails(f"fe0:{name}()", lambda: getattr(np, name)(I["fe0"].value))
        fails(f"fe03:{name}(1)", lambda: getattr(np, name)(I["fe03"].value, axis=0))
        fails(f"fe0:arg{name}()", lambda: pick(I["fe0"].value))


def cumulative(name, x, axis):
    whole = x.dtype.kind != "f"
    return getattr(np, name)(x.astype(I64 if whole else F64), axis=axis).astype(I64 if whole else x.dtype)


def lines():
    for x in [
        I["f34"].t(),
        I["d234"].permute(2, 0, 1),
        I["i34"],
        I["m43"].t(),
        I["f70"],
        I["xf"],
        I["fe03"],
        I["de203"],
        I["f14"].expand(3, 4),
        I["xi"],
        I["d370"].step(1, 0, 5),
    ]:
        case(f"{x.source}:cumsum()", cumulative("cumsum", x.value, -1), anyzero=True)
        for axis in range(x.ndim):
            case(f"{x.source}:cumsum({axis + 1})", cumulative("cumsum", x.value, axis), anyzero=True)


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis):
    d = x - x.max(axis=axis, keepdims=True, initial=-np.inf)
    return d - np.log(np.exp(d).sum(axis=axis, keepdims=True))


def softmaxes():
    operands = [
        I["f34"].t(),
        I["rd234"].permute(2, 0, 1),
        I["i34"],
        I["m34"],
        I["fv7"],
        I["fe03"],
        I["de203"],
        I["f14"].expand(3, 4),
        I["d370"].step(1, 0, 9),
        I["rf34"].step(1, 1, 2),
        I["f31"],
    ]
    for name, function in [("softmax", softmax), ("log_softmax", log_softmax)]:
        for x in operands:
            for axis in range(x.ndim):
                case(
                    f"{x.source}:{name}({axis + 1})",
                    in_double(lambda y: function(y, axis), x.value),
                    ulps=COMPOSED,
                    scale=1 if "log" in name else 0,
                )
            case(
                f"{x.source}:{name}()",
                in_double(lambda y: function(y, -1), x.value),
                ulps=COMPOSED,
                scale=1 if "log" in name else 0,
            )
        big = Expr(
            'sonde.tensor({{1000, 1001, -1e4}, {-1e30, 0, 1}, {1, 0/0, 2}}, {dtype="float64"})',
            np.array([[1000, 1001, -1e4], [-1e30, 0, 1], [1, nan, 2]]),
        )
        case(f"{big.source}:{name}(2)", function(big.value, 1), ulps=COMPOSED, scale=1 if "log" in name else 0)


def logsumexp(x, axis=None, keepdims=False):
    m = x.max(axis=axis, keepdims=True, initial=-np.inf)
    finite = np.where(np.isfinite(m), m, 0)
    result = np.log(np.sum(np.exp(x - finite), axis=axis, keepdims=True)) + finite
    return result if keepdims else np.squeeze(result, axis=axis)


def later():
    group("reductions, more")
    for x in operands() + [I["rf234"].permute(1, 2, 0), I["tf"]]:
        case(f"{x.source}:logsumexp()", in_double(logsumexp, x.value), ulps=COMPOSED, scale=1)
        for name in ["amin", "amax"]:
            if x.value.size:
                case(f"{x.source}:{name}()", reduce(name, x.value, None, False), anyzero=True)
        for place, axes in enumerate(AXES[x.ndim]):
            keepdims = place % 2 == 0
            text = arguments(axes, keepdims, place % 3 == 1, x.ndim)
            case(
                f"{x.source}:logsumexp{text}",
                in_double(lambda y: logsumexp(y, axes, keepdims), x.value),
                ulps=COMPOSED,
                scale=1,
            )
            if x.value.size:
                for name in ["amin", "amax"]:
                    case(f"{x.source}:{name}{text}", reduce(name, x.value, axes, keepdims), anyzero=True)
    for name in ["nansum", "nanmean"]:
        for x in [I["tf"].narrow(0, 0, 3), I["td"].t().narrow(1, 0, 3), I["f34"].t(), I["fe0"]]:
            case(f"{x.source}:{name}()", in_double(getattr(np, name), x.value), ulps=ROUNDED, anyzero=True)
            if x.ndim == 2:
                case(
                    f"{x.source}:{name}{{dim=1, keepdim=true}}",
                    in_double(lambda y: getattr(np, name)(y, axis=0, keepdims=True), x.value),
                    ulps=ROUNDED,
                    anyzero=True,
                )
    for x in [I["fv7"], I["f34"].t(), I["d234"].permute(2, 0, 1), I["i34"], I["m34"], I["fe03"], I["xi"]]:
        for axis in range(x.ndim):
            case(f"{x.source}:cumprod({axis + 1})", cumulative("cumprod", x.value, axis), ulps=4, anyzero=True)
        if x.source.isalnum() and x.dtype != BOOL:
            for name in ["cumsum", "cumprod"]:
                case(f"{x.source}:clone():{name}_()", cumulative(name, x.value, -1), ulps=4, anyzero=True)


def write():
    group("reductions")
    reductions()
    group("reductions of special numbers")
    specials()
    group("extremes")
    extremes()
    group("cumulative sums")
    lines()
    group("softmax")
    softmaxes()
    later()
