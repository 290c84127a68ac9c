# Writes statistics.txt: figures of adversarial data, in 80 decimal digits from the exact values (so that no reference rounds where
# NumPy and SciPy do), percentiles and histograms by NumPy, and where their precision suffices the moments checked against SciPy.
# Run: python3 Tests/LabTests/Fixtures/statistics.py > Tests/LabTests/Fixtures/statistics.txt
import warnings
from decimal import Decimal, getcontext
from itertools import combinations
import numpy as np
from scipy import stats

warnings.filterwarnings("ignore")
getcontext().prec = 80
getcontext().Emax, getcontext().Emin = 10**6, -(10**6)
NAN = float("nan")
rng = np.random.default_rng(7)


def text(v):
    return repr(float(v)) if not isinstance(v, Decimal) else repr(rounded(v))


def rounded(v):
    try:
        return float(v)
    except OverflowError:
        return float("inf") if v > 0 else float("-inf")


def moments(values):
    """Mean, variance, std, rms, norm, skewness and kurtosis of finite numbers."""
    x = [Decimal(float(v)) for v in values]
    n = len(x)
    mean = sum(x) / n
    second, third, fourth = (sum((v - mean) ** k for v in x) / n for k in (2, 3, 4))
    square = sum(v * v for v in x)
    skew = kurt = NAN
    if second > 0:
        skew, kurt = third / (second * second.sqrt()), fourth / second**2 - 3
    return {"mean": mean, "variance": second, "std": second.sqrt(), "rms": (square / n).sqrt(), "norm": square.sqrt(),
            "skewness": skew, "kurtosis": kurt}


def batch(a):
    """Dead units, std over the batch, cosine; the latter two of finite numbers."""
    rows = a.reshape(a.shape[0], -1).astype(float)
    result = {"dead": (rows == 0).all(0).mean(), "batch_std": NAN, "cosine": NAN}
    if not np.isfinite(rows).all():
        return result
    x = [[Decimal(float(v)) for v in row] for row in rows]
    n, units = len(x), len(x[0])
    total = Decimal(0)
    for column in zip(*x):
        mean = sum(column) / n
        total += (sum((v - mean) ** 2 for v in column) / n).sqrt()
    result["batch_std"] = total / units
    alive = [row for row in x if any(row)]
    lengths = [sum(v * v for v in row).sqrt() for row in alive]
    if len(alive) > 1:
        pairs = [sum(u * v for u, v in zip(alive[i], alive[j])) / (lengths[i] * lengths[j])
                 for i, j in combinations(range(len(alive)), 2)]
        result["cosine"] = sum(pairs) / len(pairs)
    return result


def percentiles(x):
    """NumPy's, but for infinite neighbours, where its interpolation is NaN."""
    if len(x) == 0 or np.isnan(x).any():
        return [NAN] * 3
    s, out = np.sort(x), []
    for p in (15, 50, 85):
        place = p / 100 * (len(s) - 1)
        low, high = s[int(place)], s[min(int(place) + 1, len(s) - 1)]
        t = place - int(place)
        value = low if low == high or t == 0 else low * (1 - t) + high * t
        if np.isfinite(s).all():
            assert np.isclose(value, np.percentile(s, p), rtol=1e-12, atol=0) or abs(high - low) > 1e300
        out.append(value)
    return out


def histogram(x, bins):
    if len(x) == 0:
        return np.zeros(bins, int)
    low, high = x.min(), x.max()
    if not np.isfinite(high - low):
        x, low, high = x / 4, low / 4, high / 4
    try:
        return np.histogram(x, bins, (low, high))[0]
    except ValueError:  # a range of fewer numbers than bins: only how many there are is told
        return [len(x)]


def case(name, array):
    wide = array.astype(float).reshape(-1)
    finite = wide[np.isfinite(wide)]
    tiny = np.finfo(array.dtype).tiny if array.dtype.kind == "f" else np.finfo(float).tiny
    figures = dict.fromkeys(["mean", "variance", "std", "rms", "norm", "min", "max", "skewness", "kurtosis"], NAN)
    figures |= {"zeros": NAN, "dead": NAN, "batch_std": NAN, "cosine": NAN}
    if len(wide):
        figures["zeros"] = (wide == 0).mean()
        if len(finite) == len(wide):
            figures |= moments(wide)
        elif not np.isnan(wide).any():
            figures["mean"] = wide.sum() if not (np.isposinf(wide).any() and np.isneginf(wide).any()) else NAN
            figures["rms"] = figures["norm"] = float("inf")
        if not np.isnan(wide).any():
            figures["min"], figures["max"] = wide.min(), wide.max()
        if array.ndim > 1:
            figures |= batch(array)
    scale = np.abs(wide).max() if len(wide) else 0
    if len(finite) == len(wide) > 2 and 1e-60 < scale < 1e60 and wide.std() > 1e-3 * scale:
        assert np.isclose(rounded(figures["skewness"]), stats.skew(wide), rtol=1e-8, atol=1e-8), name
        assert np.isclose(rounded(figures["kurtosis"]), stats.kurtosis(wide), rtol=1e-8, atol=1e-8), name
        assert np.isclose(rounded(figures["std"]), wide.std(), rtol=1e-10), name
    magnitudes = np.abs(finite[finite != 0])
    figures |= {"underflow": ((wide != 0) & (np.abs(wide) < tiny)).sum(), "nan": np.isnan(wide).sum(),
                "inf": np.isinf(wide).sum(), "count": len(wide)}
    shape = ",".join(map(str, array.shape))
    print(f"case {name} {array.dtype} {shape}")
    print("data", *[float(v).hex() if np.isfinite(v) else repr(float(v)) for v in wide])
    for figure, value in figures.items():
        print(figure, text(value))
    print("percentiles", *map(text, percentiles(wide)))
    print("histogram", *histogram(finite, 8))
    print("log_histogram", *histogram(np.log10(magnitudes), 8))


print("# python3 Tests/LabTests/Fixtures/statistics.py > Tests/LabTests/Fixtures/statistics.txt, numpy", np.__version__)
for dtype in (np.float32, np.float64):
    def make(x):
        return np.asarray(x, float).astype(dtype)

    info = np.finfo(dtype)
    normal = rng.standard_normal((12, 5))
    case("tiny", make(normal * 1e-30))
    case("huge", make(normal * 1e30))
    case("relu", make(np.maximum(normal, 0)))
    signs = np.where(rng.random((11, 4)) < 0.5, -1, 1)
    low, high = (-37, 37) if dtype == np.float32 else (-300, 300)
    case("every-scale", make(signs * 10.0 ** rng.uniform(low, high, (11, 4))))
    case("one-element", make([[3.5]]))
    case("one-number", make([0.1]))
    case("one-zero", make([[0.0]]))
    case("equal", make(np.full((7, 3), 0.1)))
    case("zeros", make(np.zeros((4, 3))))
    case("signed-zeros", make(np.array([[0.0, -0.0], [-0.0, 0.0], [1.0, -1.0]])))
    case("nearly-constant", make(1 + rng.integers(0, 4, (9, 5)) * float(info.eps)))
    case("one-differs", make(np.where(np.arange(40) == 17, 1 + 8 * float(info.eps), 1.0).reshape(8, 5)))
    case("large-mean", make(1e6 + normal))
    case("outlier", make(np.where(np.arange(60) == 11, 1e9, normal.reshape(-1)).reshape(12, 5)))
    case("two-values", make(rng.integers(0, 2, (15, 3)) * 2.0 - 1))
    case("ties", make(rng.integers(-2, 3, (20, 4))))
    case("empty", make(np.zeros((0, 3))))
    case("half-nan", make(np.where(np.arange(20) % 2 == 0, NAN, np.arange(20)).reshape(5, 4)))
    case("all-nan", make(np.full((2, 2), NAN)))
    case("plus-infinity", make(np.array([[1, np.inf, 2], [3, -4, 0]])))
    case("minus-infinity", make(np.array([[1, -np.inf, 2], [3, -4, 0]])))
    case("both-infinities", make(np.array([[1, -np.inf, 2], [3, np.inf, 0]])))
    case("all-infinite", make(np.full((3, 2), np.inf)))
    case("infinity-and-nan", make(np.array([[NAN, -np.inf, 2], [3, np.inf, 0]])))
    sub = float(info.smallest_subnormal)
    case("subnormals", make(rng.integers(-9, 10, (6, 4)) * sub))
    case("around-normal", make(float(info.tiny) * rng.uniform(0.5, 2, (6, 4))))
    case("least-and-largest", make(np.array([[sub, float(info.max)], [0, 1]])))
    case("both-ends", make(np.array([[float(info.max), -float(info.max)], [float(info.max), 1]])))
    case("three-dimensions", make(rng.standard_normal((3, 4, 5))))
    case("vector", make(rng.standard_normal(17)))
    case("one-sample", make(rng.standard_normal((1, 6))))
    case("one-unit", make(rng.standard_normal((9, 1))))
    case("zero-rows", make(np.where(np.arange(6)[:, None] % 3 == 0, 0, normal[:6])))
    case("opposite", make(np.array([[1.0, 2], [-1, -2], [3, 6]])))
    spread = 10.0 ** np.linspace(-15 if dtype == np.float32 else -150, 15 if dtype == np.float32 else 150, 6)
    case("norms-apart", make(normal[:6] * spread[:, None]))
    case("more-than-a-block", make(rng.standard_normal((37, 19)) ** 3))
case("integers", rng.integers(-1000, 1000, (8, 5)))
case("large-integers", (1 << 40) + rng.integers(0, 7, (8, 5)))
case("mask", rng.random((8, 5)) < 0.3)
