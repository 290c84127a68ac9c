"""Arithmetic, comparisons, functions of one number, masks, promotion and broadcasting."""

import itertools
import math

import numpy as np

from golden_kit import (
    BOOL,
    COMPOSED,
    EXACT,
    F32,
    F64,
    GELU,
    I64,
    INPUTS,
    LIBM,
    Expr,
    as_dtype,
    case,
    common,
    fails,
    group,
    in_double,
    inf,
    literal,
    nan,
)

I = INPUTS

# Arithmetic.


def lua_modulo(a, b):
    """Lua's luai_nummod, in NumPy."""
    remainder = np.fmod(a, b)
    wrong = np.where(remainder > 0, b < 0, (remainder < 0) & (b > 0))
    return np.where(wrong, remainder + b, remainder).astype(remainder.dtype)


def floor_divide(a, b):
    return np.floor(a / b) if a.dtype.kind == "f" else np.floor_divide(a, b)


def modulo(a, b):
    return lua_modulo(a, b) if a.dtype.kind == "f" else np.mod(a, b)


# name, operator, NumPy's, whether integers give floats
BINARY = [
    ("add", "+", np.add, False),
    ("sub", "-", np.subtract, False),
    ("mul", "*", np.multiply, False),
    ("div", "/", np.divide, True),
    ("pow", "^", np.power, True),
    ("floor_divide", "//", floor_divide, False),
    ("mod", "%", modulo, False),
    ("maximum", None, np.maximum, False),
    ("minimum", None, np.minimum, False),
]
LATER_BINARY = [("fmod", None, np.fmod, False), ("atan2", None, np.arctan2, True), ("hypot", None, np.hypot, True)]
ROUNDING = {"pow": LIBM, "atan2": LIBM, "hypot": LIBM}


def compute(name, function, floats, x, y, dtype=None):
    dtype = dtype or common(x, y)
    if floats and dtype.kind != "f":
        dtype = F32
    x, y = as_dtype(x, dtype), as_dtype(y, dtype)
    with np.errstate(all="ignore"):
        if name in ROUNDING:
            return function(x.astype(F64), y.astype(F64)).astype(dtype)
        return np.asarray(function(x, y)).astype(dtype)


# Operators and methods take turns.
parity = itertools.cycle([True, False])


def value(x):
    return x.value if isinstance(x, Expr) else x


def source(x):
    return x.source if isinstance(x, Expr) else literal(x)


def binary_cases(table, x, y, only=None):
    """All operations of two operands, tensors or numbers, by operator and by method."""
    for name, sign, function, floats in table:
        if only and name not in only:
            continue
        whole = common(value(x), value(y)) == I64
        if whole and name in ("floor_divide", "mod", "fmod") and np.any(np.asarray(value(y)) == 0):
            continue
        result = compute(name, function, floats, value(x), value(y))
        options = dict(ulps=ROUNDING.get(name, EXACT), anyzero=name in ("maximum", "minimum", "mod"))
        if sign and (not isinstance(x, Expr) or next(parity)):
            case(f"{source(x)} {sign} {source(y)}", result, **options)
        elif isinstance(x, Expr):
            case(f"{source(x)}:{name}({source(y)})", result, **options)
        else:
            case(f"sonde.{name}({source(x)}, {source(y)})", result, **options)


def pairs_of_dtypes():
    for a in "fdim":
        for b in "fdim":
            yield I[f"{a}34"], (I["n34"] if b == "i" else I[f"{b}34"])


def broadcasting_pairs():
    f, d, i, m = (lambda s: I["f" + s]), (lambda s: I["d" + s]), (lambda s: I["i" + s]), (lambda s: I["m" + s])
    yield f("34"), f("14")
    yield f("31"), f("14")
    yield f("43").t(), f("34")
    yield d("43").t(), f("31")
    yield f("234"), f("34")
    yield f("34"), f("214")
    yield f("234").permute(2, 0, 1), d("31").t().select(0, 0).narrow(0, 0, 3)
    yield f("s"), f("34").t()
    yield i("s"), d("v5")
    yield f("e0"), f("1")
    yield f("e0"), f("s")
    yield f("e03"), f("1").expand(3)
    yield f("e203"), f("31").select(0, 0)
    yield i("34"), m("14")
    yield i("34").step(1, 1, 2), i("31")
    yield f("55").step(0, 0, 2).step(1, 1, 2), f("34").narrow(0, 0, 3).step(1, 0, 2)
    yield d("55").t().narrow(0, 1, 3), f("v5")
    yield f("14").expand(3, 4), f("43").t()
    yield f("2312"), f("31").unsqueeze(0)
    yield m("31"), m("14")


def numbers_cases():
    for x in [I["f34"].t(), I["d34"], I["n34"].t(), I["m34"], I["fs"], I["fe03"]]:
        for y in [2, -3, 0.5, -2.25]:
            binary_cases(BINARY, x, y)
            binary_cases(BINARY, y, I["n34"] if x.dtype in (I64, BOOL) else x)
    for y in [inf, -inf, nan, 0.0, -0.0, 1e-45, 3e38]:
        binary_cases(BINARY, I["xf"], y)
        binary_cases(BINARY, I["xd"].step(0, 0, 2), y, only=("add", "mul", "floor_divide", "mod", "maximum", "minimum"))
    for y in [2**62, -1, 2**53 + 1]:
        binary_cases(BINARY, I["xi"], y, only=("add", "sub", "mul", "floor_divide", "mod", "maximum", "minimum", "div"))


def specials_cases():
    for x in ["xf", "xd"]:
        column, row = I[x].unsqueeze(1), I[x].step(0, 0, 2)
        binary_cases(BINARY, column.step(0, 0, 3), row)
        binary_cases(BINARY, column.step(0, 1, 3), row)
    xi = I["xi"]
    binary_cases(BINARY, xi.unsqueeze(1), xi.narrow(0, 1, 10), only=("add", "sub", "mul", "maximum", "minimum"))
    binary_cases(BINARY, xi.unsqueeze(1), xi.narrow(0, 1, 10).step(0, 0, 3), only=("floor_divide", "mod", "div"))
    binary_cases(BINARY, xi, I["fs"], only=("add", "mul", "maximum"))


def arithmetic():
    for name in ["n34 // 0", "n34 % 0", "n34 // i34:mul(0)", "m34 // m34:logical_not():mul(0)"]:
        fails(name)
    fails("f34 + f43", lambda: I["f34"].value + I["f43"].value)
    fails("f34 + fv5", lambda: I["f34"].value + I["fv5"].value)
    fails("fe03 * f14", lambda: I["fe03"].value * I["f14"].value)
    for x, y in pairs_of_dtypes():
        binary_cases(BINARY, x, y)
    for x, y in broadcasting_pairs():
        binary_cases(BINARY, x, y)
        binary_cases(BINARY, y, x, only=("sub", "div", "floor_divide"))
    for name, x, y in [("maximum", 1, I["f34"]), ("minimum", -0.5, I["n34"]), ("maximum", I["d34"], I["f34"])]:
        case(
            f"sonde.{name}({source(x)}, {source(y)})",
            compute(name, getattr(np, name), False, value(x), value(y)),
            anyzero=True,
        )


def in_place():
    targets = [(I["f34"], "f"), (I["d34"], "d"), (I["n34"], "i")]
    for target, kind in targets:
        others = [I["f14"], I["d31"], I["n34"], I["m34"], 2, -0.75, I["f43"].t()]
        for name, sign, function, floats in BINARY:
            for other in others:
                whole = common(target.value, value(other)) == I64
                if kind == "i" and (floats or not whole):
                    fails(f"{target.source}:clone():{name}_({source(other)})")
                    continue
                if whole and name in ("floor_divide", "mod") and np.any(np.asarray(value(other)) == 0):
                    continue
                result = compute(name, function, floats, target.value, value(other), target.dtype)
                case(
                    f"{target.source}:clone():{name}_({source(other)})",
                    result,
                    ulps=ROUNDING.get(name, EXACT),
                    anyzero=name in ("maximum", "minimum", "mod"),
                )
    # through views, seen in what they view; and overlapping operands
    for name, sign, function, floats in BINARY:
        for dtype in "fd":
            base, other = I[dtype + "55"], I[dtype + "v5"]
            expected = base.value.copy()
            expected[1:4, ::2] = compute(name, function, floats, expected[1:4, ::2], other.value[:3])
            case(
                f"local b = {base.source}:clone(); "
                f"b[{{{{2, 4}}, {{1, -1, 2}}}}]:{name}_({other.source}:narrow(1, 1, 3)); return b",
                expected,
                ulps=ROUNDING.get(name, EXACT),
                anyzero=name in ("maximum", "minimum", "mod"),
            )
            result = compute(name, function, floats, base.value, base.value.T)
            case(
                f"local b = {base.source}:clone(); return b:{name}_(b:t())",
                result,
                ulps=ROUNDING.get(name, EXACT),
                anyzero=name in ("maximum", "minimum", "mod"),
            )
            line = I[dtype + "v7"].value.copy()
            line[1:] = compute(name, function, floats, line[1:], line[:-1])
            case(
                f"local b = {dtype}v7:clone(); b:narrow(1, 2, 6):{name}_(b:narrow(1, 1, 6)); return b",
                line,
                ulps=ROUNDING.get(name, EXACT),
                anyzero=name in ("maximum", "minimum", "mod"),
            )
    for name, *_ in BINARY:
        fails(f"f14:expand(3, 4):{name}_(2)")
        fails(f"f14:clone():{name}_(f34)")
        fails(f"m34:clone():{name}_(m34)")


# Comparisons and masks.

COMPARISONS = [
    ("eq", np.equal),
    ("lt", np.less),
    ("le", np.less_equal),
    ("gt", np.greater),
    ("ge", np.greater_equal),
    ("ne", np.not_equal),
]


def compare(function, x, y):
    """Tensors of float and int64 meet in float64, numbers in a float tensor's dtype."""
    x, y = value(x), value(y)
    dtype = common(x, y)
    arrays = isinstance(x, np.ndarray) and isinstance(y, np.ndarray)
    if (arrays and (x.dtype.kind == "f") != (y.dtype.kind == "f")) or (
        not arrays and dtype == F32 and x.dtype.kind != "f"
    ):
        dtype = F64
    return function(as_dtype(x, dtype), as_dtype(y, dtype))


def comparisons():
    specials = [
        (I["xf"].unsqueeze(1).step(0, 0, 2), I["xf"]),
        (I["xd"].unsqueeze(1).step(0, 1, 2), I["xd"]),
        (I["xi"].unsqueeze(1), I["xi"]),
    ]
    pairs = list(pairs_of_dtypes()) + list(broadcasting_pairs())[:14] + specials
    pairs += [
        (I["tf"], I["tf"].t()),
        (I["xf"], I["xd"]),
        (I["xi"], I["xd"].narrow(0, 4, 12)),
        (I["xi"], I["xf"].narrow(0, 2, 12)),
    ]
    for x in [I["f34"].t(), I["d34"], I["i34"], I["m34"], I["xf"], I["xd"], I["fs"], I["fe203"]]:
        pairs += [(x, y) for y in (1, 0.5, -0.0, inf, nan)]
    for x, y in pairs:
        for name, function in COMPARISONS:
            case(f"{source(x)}:{name}({source(y)})", compare(function, x, y))


def predicates():
    tests = [("isnan", np.isnan), ("isfinite", np.isfinite), ("isinf", np.isinf), ("logical_not", np.logical_not)]
    for x in [I["xf"], I["xd"].step(0, 1, 3), I["xi"], I["m34"].t(), I["tf"].t(), I["fs"], I["fe03"]]:
        for name, function in tests:
            case(f"{x.source}:{name}()", function(x.value))


def choices():
    triples = [
        (I["m34"], I["f34"], I["d14"]),
        (I["m31"], I["f34"].narrow(0, 0, 3), 0),
        (I["m14"], 1, I["f31"]),
        (I["m34"], 1, 0),
        (I["m34"], 0.5, -1),
        (I["m34"], I["i34"], 0.5),
        (I["m34"], I["i34"], I["f14"]),
        (I["m43"].t(), I["f34"], I["f43"].t()),
        (I["ms"], I["f14"], I["f31"]),
        (I["me03"], I["fe03"], 2),
        (I["m34"], I["f34"], nan),
        (I["m34"], inf, I["d34"]),
        (I["m34"], I["i34"], I["i14"]),
        (I["m34"], I["m34"], I["m14"]),
        (I["m34"], I["m34"], I["i31"]),
        (I["m14"].expand(3, 4), I["i34"], -2),
    ]
    for mask, a, b in triples:
        x, y = value(a), value(b)
        dtype = (
            x.dtype if isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.dtype == y.dtype else common(x, y)
        )
        case(
            f"sonde.where({mask.source}, {source(a)}, {source(b)})",
            np.where(mask.value, as_dtype(x, dtype), as_dtype(y, dtype)),
        )


def clamps():
    bounds = [(-1, 2), (-0.5, 0.5), (None, 1), (0, None), (0.25, None), (2, 2), (-inf, inf), (-inf, 0.0), (None, -1.5)]
    for x in [I["f34"].t(), I["d34"], I["i34"], I["m34"], I["xf"], I["xd"], I["fs"], I["fe03"], I["i43"].t()]:
        for low, high in bounds:
            numbers = [b for b in (low, high) if b is not None]
            dtype = (
                common(x.value, *numbers) if any(isinstance(b, float) for b in numbers) or x.dtype.kind == "f" else I64
            )
            least = None if low is None else as_dtype(low, dtype)
            most = None if high is None else as_dtype(high, dtype)
            text = f"{'nil' if low is None else literal(low)}{'' if high is None else ', ' + literal(high)}"
            result = np.clip(x.value.astype(dtype), least, most)
            case(f"{x.source}:clamp({text})", result, anyzero=True)
            if x.dtype.kind == "f":
                case(f"{x.source}:clone():clamp_({text})", result, anyzero=True)
    fails("f34:clamp()")
    fails("f34:clamp(2, 1)")
    fails("i34:clone():clamp_(0.5, 1)")


# Functions of one number.


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def elementwise(function):
    """A function of Python floats, of every element: for the error function, which NumPy leaves to Python's library."""
    return lambda x: np.array([function(item) for item in x.reshape(-1)], F64).reshape(x.shape)


erf, erfc = elementwise(math.erf), elementwise(math.erfc)


def gelu(x):
    """0 at -infinity, its limit."""
    return np.where(x == -inf, 0.0, x / 2 * erfc(-x / math.sqrt(2)))


def silu(x):
    """0 at -infinity, its limit."""
    return np.where(x == -inf, 0.0, x * sigmoid(x))


# name, NumPy's, tolerance, whether integers stay integers
UNARY = [
    ("neg", np.negative, EXACT, True),
    ("abs", np.abs, EXACT, True),
    ("sign", np.sign, EXACT, True),
    ("floor", np.floor, EXACT, True),
    ("ceil", np.ceil, EXACT, True),
    ("round", np.round, EXACT, True),
    ("square", np.square, EXACT, True),
    ("relu", lambda x: np.maximum(x, 0), EXACT, True),
    ("exp", np.exp, LIBM, False),
    ("log", np.log, LIBM, False),
    ("sqrt", np.sqrt, EXACT, False),
    ("tanh", np.tanh, LIBM, False),
    ("sigmoid", sigmoid, COMPOSED, False),
    ("gelu", gelu, GELU, False),
    ("silu", silu, COMPOSED, False),
    ("erf", erf, LIBM, False),
    ("sin", np.sin, LIBM, False),
    ("cos", np.cos, LIBM, False),
    ("reciprocal", np.reciprocal, EXACT, False),
]
LATER_UNARY = [
    ("rsqrt", lambda x: 1 / np.sqrt(x), LIBM, False),
    ("expm1", np.expm1, LIBM, False),
    ("exp2", np.exp2, LIBM, False),
    ("log1p", np.log1p, LIBM, False),
    ("log2", np.log2, LIBM, False),
    ("log10", np.log10, LIBM, False),
    ("tan", np.tan, LIBM, False),
    ("asin", np.arcsin, LIBM, False),
    ("acos", np.arccos, LIBM, False),
    ("atan", np.arctan, LIBM, False),
    ("sinh", np.sinh, LIBM, False),
    ("cosh", np.cosh, LIBM, False),
    ("asinh", np.arcsinh, LIBM, False),
    ("acosh", np.arccosh, LIBM, False),
    ("atanh", np.arctanh, LIBM, False),
    ("trunc", np.trunc, EXACT, True),
    ("frac", lambda x: x - np.trunc(x), EXACT, False),
    ("erfc", erfc, LIBM, False),
    ("softplus", lambda x: np.where(x > 20, x, np.log1p(np.exp(x))), COMPOSED, False),
    ("elu", lambda x: np.where(x > 0, x, np.expm1(x)), LIBM, False),
    ("selu", lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)), COMPOSED, False),
    ("hardtanh", lambda x: np.clip(x, -1, 1), EXACT, False),
]


def unary_result(function, ulps, keeps, x):
    """Exact functions in the dtype itself, others in float64, rounded."""
    with np.errstate(all="ignore"):
        if x.dtype.kind != "f":
            if keeps:
                return np.asarray(function(x.astype(I64))).astype(I64)
            x = x.astype(F32)
        return np.asarray(function(x)).astype(x.dtype) if ulps == EXACT else in_double(function, x)


def unary_cases(table):
    operands = [
        I["xf"],
        I["xd"],
        I["f34"].t(),
        I["rd34"].step(1, 0, 2),
        I["rf234"].permute(2, 0, 1).narrow(0, 1, 2),
        I["i34"].t(),
        I["m34"],
        I["fs"],
        I["de203"],
        I["f14"].expand(2, 4),
    ]
    for name, function, ulps, keeps in table:
        for x in operands:
            # silu multiplies by a sigmoid that may be subnormal
            case(
                f"{x.source}:{name}()",
                unary_result(function, ulps, keeps, x.value),
                ulps=ulps,
                scale=2e-37 if name == "silu" and x.dtype == F32 else 0,
                anyzero=name in ("relu", "gelu", "silu"),
            )
        for x in [I["f34"], I["xd"]]:
            case(
                f"{x.source}:clone():{name}_()",
                unary_result(function, ulps, keeps, x.value),
                ulps=ulps,
                anyzero=name in ("relu", "gelu", "silu"),
            )
        whole = I["i34"]
        if keeps:
            case(f"{whole.source}:clone():{name}_()", unary_result(function, ulps, keeps, whole.value))
        else:
            fails(f"{whole.source}:clone():{name}_()")
        base = I["rd34"]
        expected = base.value.copy()
        expected[:, 1::2] = unary_result(function, ulps, keeps, expected[:, 1::2])
        case(f"local b = {base.source}:clone(); b[{{{{}}, {{2, -1, 2}}}}]:{name}_(); return b", expected, ulps=ulps)
        fails(f"f14:expand(3, 4):{name}_()")
    if table is UNARY:
        for x in [I["f34"].t(), I["ds"], I["i34"], I["m14"]]:
            case(f"-{x.source}", unary_result(np.negative, EXACT, True, x.value))
        case("xi:neg()", np.negative(I["xi"].value))
        case("xi:abs()", np.abs(I["xi"].value))
        case("xi:square()", np.square(I["xi"].value))


def conversions():
    for x in [
        I["f34"].t(),
        I["rd34"],
        I["i34"],
        I["m34"],
        I["fs"],
        I["fe03"],
        I["xf"].narrow(0, 7, 5),
        I["xd"].narrow(0, 12, 5),
    ]:
        for dtype in [F32, F64, I64, BOOL]:
            if dtype == I64 and np.any(np.abs(x.value.astype(F64)) > 2.0**63):
                fails(f'{x.source}:to("int64")')
            else:
                case(f'{x.source}:to("{dtype}")', as_dtype(x.value, dtype))
    case('xd:to("float32")', as_dtype(I["xd"].value, F32))
    case('xf:to("float64")', as_dtype(I["xf"].value, F64))
    case('xi:to("float32")', as_dtype(I["xi"].value, F32))
    case('xi:to("float64")', as_dtype(I["xi"].value, F64))
    case('xf:to("bool")', as_dtype(I["xf"].value, BOOL))
    for name in ["xf", "xd"]:
        fails(f'{name}:to("int64")')


def later():
    """What completes the surface: more functions, logic of masks, closeness, filling under masks."""
    group("functions of one number, more")
    unary_cases(LATER_UNARY)
    group("arithmetic, more")
    for x, y in list(pairs_of_dtypes()) + list(broadcasting_pairs())[:10]:
        binary_cases(LATER_BINARY, x, y)
    binary_cases(LATER_BINARY, I["xf"].unsqueeze(1).step(0, 0, 3), I["xf"])
    binary_cases(LATER_BINARY, I["xd"].unsqueeze(1).step(0, 1, 3), I["xd"])
    for x in [I["f34"].t(), I["xf"], I["n34"]]:
        for y in [3, -2.5]:
            case(f"{source(x)}:remainder({source(y)})", compute("mod", modulo, False, value(x), y), anyzero=True)
    for end, weight in [(2, 0.5), (I["f14"], 0.25), (I["f34"].t(), I["f31"].t()), (0, 1.5)]:
        x = I["f43"] if isinstance(end, Expr) and end.shape == (4, 3) else I["f34"]
        case(
            f"{x.source}:lerp({source(end)}, {source(weight)})",
            as_dtype(x.value + value(weight) * (value(end) - x.value), F32),
        )
    for slope in [0.5, 0.25]:
        case(
            f"xf:leaky_relu({slope})",
            np.where(I["xf"].value > 0, I["xf"].value, np.float32(slope) * I["xf"].value),
            anyzero=True,
        )
    for x in [I["xf"], I["xd"], I["tf"].t(), I["i34"]]:
        case(f"{x.source}:nan_to_num()", np.nan_to_num(x.value))
        case(f"{x.source}:nan_to_num(7, 8, -9)", np.nan_to_num(x.value, nan=7, posinf=8, neginf=-9))
    group("masks")
    logic = [("logical_and", np.logical_and), ("logical_or", np.logical_or), ("logical_xor", np.logical_xor)]
    for name, function in logic:
        for x, y in [
            (I["m34"], I["m14"]),
            (I["m43"].t(), I["m34"]),
            (I["m34"], True),
            (I["i34"], I["m31"]),
            (I["xf"], I["xf"].step(0, 0, 24)),
            (I["me03"], I["ms"]),
            (I["ms"], I["fs"]),
        ]:
            case(f"{source(x)}:{name}({source(y)})", function(value(x), value(y)))
        case(f"m34:clone():{name}_(m14)", function(I["m34"].value, I["m14"].value))
    for x, y in [
        (I["xf"], I["xf"].step(0, 0, 24)),
        (I["tf"], I["tf"]),
        (I["f34"], I["f34"].value + 1e-6),
        (I["xd"].unsqueeze(1), I["xd"]),
    ]:
        if not isinstance(y, Expr):
            y = Expr("(f34 + 1e-6)", I["f34"].value + np.float32(1e-6))
        for options, arguments in [
            ("", {}),
            (", {rtol=0.5, atol=0.25}", dict(rtol=0.5, atol=0.25)),
            (", {equal_nan=true}", dict(equal_nan=True)),
        ]:
            case(
                f"{x.source}:isclose({y.source}{options})",
                np.isclose(x.value.astype(F64), y.value.astype(F64), **arguments),
            )
    for x, m in [
        (I["f34"], I["m34"]),
        (I["f43"].t(), I["m34"]),
        (I["i34"], I["m14"]),
        (I["f234"], I["m34"]),
        (I["fe03"], I["me03"]),
        (I["d34"], I["ms"]),
    ]:
        mask = np.broadcast_to(m.value, x.shape)
        for fill in [-1, 0]:
            case(f"{x.source}:masked_fill({m.source}, {fill})", np.where(mask, np.array(fill, x.dtype), x.value))
        if x.source.isalnum():
            case(f"{x.source}:clone():masked_fill_({m.source}, 5)", np.where(mask, np.array(5, x.dtype), x.value))
        case(f"{x.source}:masked_select({m.source})", x.value[mask])
    case("f34:masked_fill(m34, 0/0)", np.where(I["m34"].value, np.float32(nan), I["f34"].value))
    case("f34:where(m34, d14)", np.where(I["m34"].value, I["f34"].value.astype(F64), I["d14"].value))
    case("f34:where(m31, 0)", np.where(I["m31"].value, I["f34"].value, np.float32(0)))
    for x in [I["f34"].t(), I["tf"], I["i34"], I["m34"].t(), I["m234"], I["fe203"], I["xf"], I["ds"]]:
        found = np.argwhere(x.value) if x.ndim else np.zeros((int(x.value != 0), 0), I64)
        for name in ["nonzero", "argwhere"]:
            case(f"{x.source}:{name}()", (found + 1).astype(I64))
        case(f"{x.source}:count_nonzero()", np.asarray(np.count_nonzero(x.value), I64))
        if x.ndim == 2:
            case(f"{x.source}:count_nonzero(1)", np.count_nonzero(x.value, axis=0).astype(I64))
            case(
                f"{x.source}:count_nonzero{{dim=2, keepdim=true}}",
                np.count_nonzero(x.value, axis=1, keepdims=True).astype(I64),
            )


def write():
    group("arithmetic")
    arithmetic()
    group("arithmetic with numbers")
    numbers_cases()
    group("arithmetic of special numbers")
    specials_cases()
    group("arithmetic in place")
    in_place()
    group("comparisons")
    comparisons()
    group("questions")
    predicates()
    group("where")
    choices()
    group("clamp")
    clamps()
    group("functions of one number")
    unary_cases(UNARY)
    group("conversions")
    conversions()
    later()
