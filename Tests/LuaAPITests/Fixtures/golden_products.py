"""Products of matrices and linear algebra."""

import numpy as np

from golden_kit import COMPOSED, F32, F64, I64, INPUTS, Expr, case, common, fails, group

I = INPUTS


def random_eighths(random, *shape):
    return random.integers(-64, 65, shape) / 8


def operands():
    """Tensors of every rank with inner extents 3 and 4, by views too."""
    return {
        "f34": I["f34"],
        "f43t": I["f43"].t(),
        "d43t": I["d43"].t(),
        "d34": I["d34"],
        "i34": I["i34"],
        "m34": I["m34"],
        "f4": I["f34"].select(0, 1),
        "f3": I["f34"].select(1, 2),
        "f43": I["f43"],
        "f34t": I["f34"].t(),
        "f234": I["f234"],
        "f243": I["f234"].transpose(1, 2),
        "f214": I["f214"],
        "d234": I["d234"],
        "i234": I["i234"],
        "f2143": Expr("f234:transpose(2, 3):unsqueeze(2)", np.swapaxes(I["f234"].value, 1, 2)[:, None]),
        "fe03": I["fe03"],
        "fe30": I["fe03"].t(),
        "de203": I["de203"],
        "stepped": I["f55"].step(0, 0, 2).narrow(1, 0, 4),
        "expanded": I["f14"].expand(3, 4),
        "columns": Expr("f234:permute(2, 3, 1)", I["f234"].value.transpose(1, 2, 0)),
        "e04": I["f34"].narrow(0, 1, 0),
        "v7": I["fv7"].narrow(0, 0, 4),
        "one": I["f1"],
    }


def matmul():
    """All pairs whose inner extents agree; sums of eighths are exact in float32, so results are too."""
    tensors = operands()
    count = 0
    for a in tensors.values():
        for b in tensors.values():
            dtype = common(a.value, b.value)
            inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
            try:
                result = np.matmul(a.value.astype(F64), b.value.astype(F64))
            except ValueError:
                count += 1
                if count % 12 == 0:
                    fails(f"{a.source}:matmul({b.source})")
                continue
            if dtype == I64:
                continue
            name = "mm" if a.ndim == b.ndim == 2 and count % 2 else "matmul"
            assert a.shape[-1] == inner
            case(f"{a.source}:{name}({b.source})", result.astype(dtype), anyzero=True)
    for source in ["fs:matmul(f34)", "f34:matmul(fs)", "f34:matmul(f34)", "f234:matmul(f34:t():narrow(1, 1, 3))"]:
        fails(source)
    for x, y in [
        (I["rf34"], I["rf34"].t()),
        (I["rd34"].t(), I["rd34"]),
        (I["rf234"], I["rd34"].t()),
        (I["rd234"].permute(0, 2, 1), I["rf234"]),
    ]:
        case(
            f"{x.source}:matmul({y.source})",
            np.matmul(x.value.astype(F64), y.value.astype(F64)).astype(common(x.value, y.value)),
            ulps=COMPOSED,
            scale=1,
        )
    case(
        "f14:expand(3, 4):matmul(sonde.full({4, 2}, math.huge))",
        np.matmul(np.broadcast_to(I["f14"].value, (3, 4)), np.full((4, 2), np.inf, F32)),
    )


def whole_products():
    """Products of integers are int64."""
    for a, b in [
        ("i34", "i43"),
        ("i34", "n34:t()"),
        ("i234", "i43"),
        ("m34", "i43"),
        ("i34:select(1, 1)", "i34:select(1, 2)"),
    ]:
        x, y = (evaluate(name) for name in (a, b))
        case(f"{a}:matmul({b})", np.matmul(x.astype(I64), y.astype(I64)))


def evaluate(name):
    head, _, view = name.partition(":")
    x = I[head].value
    return {"": x, "t()": x.T, "select(1, 1)": x[0], "select(1, 2)": x[1] if len(x) > 1 else x[0]}[view]


def vectors_and_diagonals():
    for x, y in [("fv7", "fv7"), ("fv7", "dv7"), ("iv7", "nv7"), ("fe0", "fe0")]:
        dtype = common(I[x].value, I[y].value)
        case(f"{x}:dot({y})", np.asarray(np.dot(I[x].value.astype(dtype), I[y].value.astype(dtype))), anyzero=True)
    for x, y in [
        ("fv7", "fv5"),
        ("fv5", "dv7"),
        ("iv7", "nv7"),
        ("fe0", "fv5"),
        ("f34[2]", "f34:t()[1]"),
        ("fv5", "iv7"),
    ]:
        a = I[x].value if x in I else I["f34"].value[1]
        b = I[y].value if y in I else I["f34"].value[:, 0]
        dtype = common(a, b)
        case(f"{x}:outer({y})", np.outer(a.astype(dtype), b.astype(dtype)))
    for x, y in [
        (I["f234"], I["f234"].transpose(1, 2)),
        (I["d234"], I["d234"].transpose(1, 2)),
        (I["fe203"], I["f234"]),
    ]:
        case(f"{x.source}:bmm({y.source})", np.matmul(x.value, y.value), anyzero=True)
    fails("f234:bmm(f43)")
    for x in [I["f34"], I["f43"].t(), I["i34"], I["f55"].step(0, 0, 2), I["m34"]]:
        for k in [0, 1, -1, 3, -2]:
            case(f"{x.source}:diagonal({k})", np.diagonal(x.value, k))
            case(f"{x.source}:diag({k})", np.diag(x.value, k))
            case(f"{x.source}:tril({k})", np.tril(x.value, k))
            case(f"{x.source}:triu({k})", np.triu(x.value, k))
        if x.dtype.kind == "f":
            case(f"{x.source}:trace()", np.asarray(np.trace(x.value.astype(F64))).astype(x.dtype))
    for k in [0, 2, -1]:
        case(f"fv5:diag({k})", np.diag(I["fv5"].value, k))
        case(f"f234:tril({k})", np.tril(I["f234"].value, k))
        case(f"d234:permute(3, 1, 2):triu({k})", np.triu(I["d234"].value.transpose(2, 0, 1), k))
    case("f234:diagonal(1, {dim1=3, dim2=1})", np.diagonal(I["f234"].value, 1, 2, 0))
    b = I["f55"].value.copy()
    np.fill_diagonal(b, 7)
    case("local b = f55:clone(); b:diagonal():fill_(7); return b", b)


def linear_algebra():
    """Well conditioned matrices, to some ulps of their size.

    Factors whose signs are free are checked by what they multiply to.
    """
    random = np.random.default_rng(23)
    for dtype, name in [(F64, "float64"), (F32, "float32")]:
        for size in [1, 2, 3, 5]:
            a = (random_eighths(random, size, size) + 12 * np.eye(size)).astype(dtype)
            b = random_eighths(random, size, 2).astype(dtype)
            s = (a + a.T + 64 * np.eye(size)).astype(dtype)
            text = lambda x: f'sonde.tensor({lua(x)}, {{dtype="{name}"}})'
            scale = lambda x: np.max(np.abs(x), initial=0)
            loose = 200
            for source, result in [
                ("det", np.linalg.det(a.astype(F64))),
                ("inv", np.linalg.inv(a.astype(F64))),
                ("svdvals", np.linalg.svd(a.astype(F64), compute_uv=False)),
                ("pinv", np.linalg.pinv(a.astype(F64))),
            ]:
                case(
                    f"sonde.linalg.{source}({text(a)})",
                    np.asarray(result).astype(dtype),
                    ulps=loose,
                    scale=scale(result),
                )
            sign, logarithm = np.linalg.slogdet(a.astype(F64))
            case(
                f"sonde.linalg.slogdet({text(a)})",
                np.asarray(sign).astype(dtype),
                np.asarray(logarithm).astype(dtype),
                ulps=loose,
            )
            x = np.linalg.solve(a.astype(F64), b.astype(F64))
            case(f"sonde.linalg.solve({text(a)}, {text(b)})", x.astype(dtype), ulps=loose, scale=scale(x))
            case(
                f"sonde.linalg.solve({text(a)}:t(), {text(b)}:t()[1])",
                np.linalg.solve(a.T.astype(F64), b[:, 0].astype(F64)).astype(dtype),
                ulps=loose,
                scale=scale(x),
            )
            case(
                f"sonde.linalg.cholesky({text(s)})",
                np.linalg.cholesky(s.astype(F64)).astype(dtype),
                ulps=loose,
                scale=scale(s) ** 0.5,
            )
            w = np.linalg.eigvalsh(s.astype(F64))
            case(f"sonde.linalg.eigvalsh({text(s)})", w.astype(dtype), ulps=loose, scale=scale(w))
            case(
                f"local w, v = sonde.linalg.eigh({text(s)}); return v:matmul(w:diag()):matmul(v:t())",
                s,
                ulps=loose,
                scale=scale(s),
            )
            case(
                f"local u, s, v = sonde.linalg.svd({text(a)}); return u:matmul(s:diag()):matmul(v)",
                a,
                ulps=loose,
                scale=scale(a),
            )
            case(
                f"local q, r = sonde.linalg.qr({text(a)}); return q:matmul(r), q:t():matmul(q)",
                a,
                np.eye(size, dtype=dtype),
                ulps=loose,
                scale=scale(a),
            )
            for order, text_order in [
                (1, "1"),
                (2, "2"),
                (np.inf, "math.huge"),
                ("fro", '"fro"'),
                (-1, "-1"),
                (-np.inf, "-math.huge"),
                ("nuc", '"nuc"'),
            ]:
                case(
                    f"sonde.linalg.norm({text(a)}, {text_order})",
                    np.asarray(np.linalg.norm(a.astype(F64), order)).astype(dtype),
                    ulps=loose,
                )
            case(f"sonde.linalg.matrix_rank({text(a)})", np.asarray(np.linalg.matrix_rank(a), I64))
            case(
                f"sonde.linalg.cond({text(a)})", np.asarray(np.linalg.cond(a.astype(F64))).astype(dtype), ulps=loose * 4
            )
    for x in ["rd34", "rd234"]:
        a = I[x].value
        case(f"sonde.linalg.svdvals({x})", np.linalg.svd(a, compute_uv=False), ulps=200, scale=1)
        case(f"sonde.linalg.pinv({x})", np.linalg.pinv(a), ulps=2000, scale=1)
        case(f"sonde.linalg.matrix_rank({x})", np.asarray(np.linalg.matrix_rank(a), I64))
    for order, text in [
        (1, "1"),
        (2, "2"),
        (np.inf, "math.huge"),
        (-np.inf, "-math.huge"),
        (0, "0"),
        (3, "3"),
        (0.5, "0.5"),
    ]:
        case(f"sonde.linalg.norm(rdv7, {text})", np.asarray(np.linalg.norm(I["rdv7"].value, order)), ulps=COMPOSED)
        case(
            f"sonde.linalg.norm(rd34, {text}, {{dim=1, keepdim=true}})",
            np.linalg.norm(I["rd34"].value, order, axis=0, keepdims=True),
            ulps=COMPOSED,
        )
    case("sonde.linalg.norm(rd234)", np.asarray(np.linalg.norm(I["rd234"].value)), ulps=COMPOSED)
    a, b = I["rd34"].value.T, I["rdv7"].value[:4]
    x, residuals, rank, s = np.linalg.lstsq(a, b)
    case(
        "local x, r, k, s = sonde.linalg.lstsq(rd34:t(), rdv7:narrow(1, 1, 4)); return x, r, k, s",
        x,
        residuals,
        np.asarray(rank, I64),
        s,
        ulps=2000,
        scale=1,
    )
    case(
        "sonde.linalg.matrix_power(sonde.tensor({{1, 1}, {0, 1}}, {dtype='int64'}), 5)",
        np.linalg.matrix_power(np.array([[1, 1], [0, 1]]), 5),
    )
    fails("sonde.linalg.inv(sonde.zeros(2, 2))", lambda: np.linalg.inv(np.zeros((2, 2))))
    fails("sonde.linalg.cholesky(-sonde.eye(2))", lambda: np.linalg.cholesky(-np.eye(2)))
    fails("sonde.linalg.det(f34)", lambda: np.linalg.det(I["f34"].value))
    case("sonde.linalg.det(sonde.zeros(0, 0))", np.asarray(np.linalg.det(np.zeros((0, 0)))).astype(F32))
    case("sonde.linalg.inv(sonde.zeros(2, 0, 0))", np.zeros((2, 0, 0), F32))


def lua(x):
    return "{" + ", ".join(lua(row) if np.ndim(row) else repr(float(row)) for row in x) + "}"


def write():
    group("matmul")
    matmul()
    group("matmul of integers")
    whole_products()
    group("vectors and diagonals")
    vectors_and_diagonals()
    group("linear algebra")
    linear_algebra()
