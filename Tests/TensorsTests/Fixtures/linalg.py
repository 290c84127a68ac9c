# Writes linalg.txt: NumPy's results in float64, a case a line: `function argument ; shape: numbers ; ...`, inputs first.
# Run: python3 Tests/TensorsTests/Fixtures/linalg.py > Tests/TensorsTests/Fixtures/linalg.txt
# Inputs are exact in float32, so that one line serves both dtypes. A shape of 0 dimensions is written as -.
import numpy as np

print("python3 Tests/TensorsTests/Fixtures/linalg.py > Tests/TensorsTests/Fixtures/linalg.txt")
rng = np.random.default_rng(3)
la = np.linalg


def draw(*shape):
    return np.round(rng.standard_normal(shape) * 64) / 64


def spd(*shape):
    a = np.round(draw(*shape) * 4) / 4
    return a @ np.swapaxes(a, -1, -2) + 2 * np.eye(shape[-1])


def text(x):
    x = np.asarray(x, dtype=np.float64)
    return f"{','.join(map(str, x.shape)) or '-'}: {' '.join(repr(float(v)) for v in x.reshape(-1))}"


def case(function, argument, *tensors):
    print(" ; ".join([f"{function} {argument}"] + [text(t) for t in tensors]))


rectangles = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4), (4, 1), (3, 3), (6, 4), (4, 6), (13, 7), (2, 5, 3), (0, 3, 2),
              (3, 1, 2, 2), (2, 0, 3)]
squares = [(0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (4, 3, 3), (2, 3, 2, 2), (0, 2, 2), (5, 0, 0), (11, 11)]
deficient = [np.outer([1., 2, 3, 4], [1., -1, 2]), np.zeros((3, 2)), np.ones((2, 3, 3)),
             np.array([[1., 2, 3], [4, 5, 6], [7, 8, 9]])]

for shape in rectangles:
    a = draw(*shape)
    case("svdvals", "-", a, la.svdvals(a))
    if a.size:
        case("pinv", "-", a, la.pinv(a))
    case("matrix_rank", "-", a, la.matrix_rank(a))
    for mode in ["reduced", "complete"]:
        case("qr", mode, a, *la.qr(a, mode))
    case("norm", "none", a, la.norm(a))
    orders = ["fro", "nuc", "1", "2", "inf"] + (["-1", "-2", "-inf"] if min(shape[-2:]) else [])
    for order in orders:
        value = order if order in ("fro", "nuc") else float(order)
        case("matrix_norm", order, a, la.norm(a, value, axis=(-2, -1)))
    for order in ["0", "1", "2", "3", "0.5", "inf"] + (["-1", "-2.5", "-inf"] if shape[-1] else []):
        case("vector_norm", order, a, la.norm(a, float(order), axis=-1))
    if a.size:
        case("cond", "2", a, la.cond(a))
    for k in [0, 1, -1, 2, -9]:
        case("tril", k, a, np.tril(a, k))
        case("triu", k, a, np.triu(a, k))
        case("diagonal", k, a, np.diagonal(a, k, -2, -1))
for a in deficient:
    case("svdvals", "-", a, la.svdvals(a))
    case("matrix_rank", "-", a, la.matrix_rank(a))
    case("pinv", "0.0001", a, la.pinv(a, rcond=1e-4))
for shape in squares:
    a = draw(*shape) + 3 * np.eye(shape[-1])
    s = spd(*shape)
    case("det", "-", a, la.det(a))
    case("slogdet", "-", a, *la.slogdet(a))
    case("inv", "-", a, la.inv(a))
    case("eigvalsh", "-", s, la.eigvalsh(s))
    lower = la.cholesky(s)
    case("cholesky", "lower", s, lower)
    case("cholesky", "upper", s, np.swapaxes(lower, -1, -2))
    case("cholesky_solve", "-", s, a, la.solve(s, a))
    for power in [0, 1, 2, 5, -1, -2]:
        case("matrix_power", power, a, la.matrix_power(a, power))
    if shape[-1]:
        for order in ["1", "-1", "inf", "fro", "nuc"]:
            case("cond", order, a, la.cond(a, order if order in ("fro", "nuc") else float(order)))
    for k in [0, 1, 3]:
        b = draw(*shape[:-1], k)
        case("solve", "-", a, b, la.solve(a, b))
    b = draw(*shape[:-1])
    case("solve", "-", a, b, la.solve(a, b[..., None])[..., 0])
    case("lstsq", "-1", a, b, la.solve(a, b[..., None])[..., 0])
    t = draw(*shape[:-1], 2)
    case("solve_triangular", "lower", a, t, la.solve(np.tril(a), t))
    case("solve_triangular", "upper", a, t, la.solve(np.triu(a), t))
    case("solve_triangular", "right", a, np.swapaxes(t, -1, -2),
         np.swapaxes(la.solve(np.swapaxes(np.tril(a), -1, -2), t), -1, -2))
    case("solve_triangular", "unit", a, t, la.solve(np.tril(a, -1) + np.eye(shape[-1]), t))
# broadcasting of batches
case("solve", "-", (a := draw(3, 3)), (b := draw(4, 3, 2)), la.solve(a, b))
case("solve", "-", (a := draw(2, 1, 3, 3)), (b := draw(4, 3, 2)), la.solve(a, b))
case("solve", "-", (a := draw(5, 3, 3)), (b := draw(3, 2)), la.solve(a, b))
case("solve", "-", (a := draw(5, 3, 3)), (b := draw(3,)), la.solve(a, b))
# least squares: tall, wide, rank-deficient; x, residuals, rank, singular values
for shape, k in [((6, 3), 1), ((6, 3), 4), ((3, 6), 2), ((3, 3), 0), ((14, 8), 2), ((0, 3), 2), ((3, 0), 2), ((9, 1), 1)]:
    a, b = draw(*shape), draw(shape[0], k)
    case("lstsq", "-1", a, b, *la.lstsq(a, b))
a, b = draw(5, 2), draw(5)
case("lstsq", "-1", a, b, *la.lstsq(a, b))
for a in [deficient[0], deficient[3]]:
    b = draw(a.shape[0], 2)
    case("lstsq", "0.0001", a, b, *la.lstsq(a, b, rcond=1e-4))
# scales at which squares over- or underflow in float32
for scale in [2.0**-100, 2.0**100]:
    a = draw(4, 4) * scale
    case("svdvals", "-", a, la.svdvals(a))
    s = spd(4, 4)
    case("eigvalsh", "-", s * scale, la.eigvalsh(s) * scale)
    case("cholesky", "lower", s * scale, la.cholesky(s) * np.sqrt(scale))
    case("matrix_rank", "-", a, 4)
    for order in ["fro", "nuc", "1", "2", "inf"]:
        case("matrix_norm", order, a, la.norm(a / scale, order if order in ("fro", "nuc") else float(order)) * scale)
    for order in ["1", "2", "3", "0.5", "-2"]:
        case("vector_norm", order, a, la.norm(a / scale, float(order), axis=-1) * scale)
    b = draw(4, 2)
    case("solve", "-", a, b * scale, la.solve(a / scale, b))
    case("inv", "-", a, la.inv(a / scale) / scale)
    case("lstsq", "-1", a, b * scale, la.solve(a / scale, b))
    sign, log = la.slogdet(a / scale)
    case("slogdet", "-", a, sign, log + 4 * np.log(scale))
    case("cond", "2", a, la.cond(a / scale))
    case("det", "-", np.diag([scale, 1 / scale, scale, 2 / scale]), 2.0)
# singular
for a in [np.zeros((2, 2)), np.array([[1., 2], [2, 4]])]:
    case("det", "-", a, 0)
    case("slogdet", "-", a, 0, -np.inf)
    case("cond", "1", a, np.inf)
