"""What the golden cases are made of: named inputs, views of them, Sonde's rules of dtypes, and the list of cases.

A case is Lua source and what NumPy computes of the same inputs. Where Sonde's rules differ from NumPy's (int64 meets
float32 in float32, indices from 1, var divides by n), the inputs are converted first or 1 is added after; the numbers
are NumPy's all the same.
"""

import numpy as np

F32, F64, I64, BOOL = np.dtype("float32"), np.dtype("float64"), np.dtype("int64"), np.dtype("bool")
inf, nan = np.inf, np.nan

# Tolerances in units in the last place of the result's dtype.
EXACT = 0
# Rounded once more, or from a sum in another order: the sums are in double and lose at most the last bit.
ROUNDED = 1
# The mathematical library: glibc documents at most 2 ulp for what is used here in float64, and NumPy has as many;
# float32 is compared with float64, rounded.
LIBM = 4
# Compositions of a few of those.
COMPOSED = 16
# erfc(z) multiplies the rounding of its argument by its condition, about 2 z^2: 81 for the largest |x| = 9, where
# z = x / sqrt 2.
GELU = 128


class Expr:
    """A Lua expression and its value."""

    def __init__(self, source, value):
        self.source, self.value = source, np.asarray(value)

    @property
    def shape(self):
        return self.value.shape

    @property
    def dtype(self):
        return self.value.dtype

    @property
    def ndim(self):
        return self.value.ndim

    # Views.

    def t(self):
        return Expr(f"{self.source}:t()", self.value.T)

    def permute(self, *order):
        return Expr(f"{self.source}:permute({commas(k + 1 for k in order)})", self.value.transpose(order))

    def transpose(self, a, b):
        return Expr(f"{self.source}:transpose({a + 1}, {b + 1})", self.value.swapaxes(a, b))

    def step(self, dim, first, step):
        """Every `step`th from `first` (counted from 0) to the end."""
        ranges = ["{}"] * dim + [f"{{{first + 1}, -1, {step}}}"]
        index = (slice(None),) * dim + (slice(first, None, step),)
        return Expr(f"{self.source}[{{{commas(ranges)}}}]", self.value[index])

    def narrow(self, dim, first, length):
        index = (slice(None),) * dim + (slice(first, first + length),)
        return Expr(f"{self.source}:narrow({dim + 1}, {first + 1}, {length})", self.value[index])

    def select(self, dim, index):
        return Expr(f"{self.source}:select({dim + 1}, {index + 1})", self.value[(slice(None),) * dim + (index,)])

    def unsqueeze(self, dim):
        return Expr(f"{self.source}:unsqueeze({dim + 1})", np.expand_dims(self.value, dim))

    def expand(self, *shape):
        return Expr(f"{self.source}:expand({commas(shape)})", np.broadcast_to(self.value, shape))

    def to(self, dtype):
        return Expr(f'{self.source}:to("{dtype}")', self.value.astype(dtype))


def commas(items):
    return ", ".join(str(item) for item in items)


def literal(x):
    """A Lua literal of a Python number."""
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, (int, np.integer)):
        return str(int(x)) if x >= 0 else f"({int(x)})"
    if x != x:
        return "(0/0)"
    if np.isinf(x):
        return "math.huge" if x > 0 else "(-math.huge)"
    return repr(float(x)) if x >= 0 and not np.signbit(x) else f"({float(x)!r})"


def table(x):
    """A nested Lua table of a nested list or an array."""
    if isinstance(x, np.ndarray):
        x = x.tolist()
    return "{" + commas(table(item) for item in x) + "}" if isinstance(x, list) else literal(x)


# Inputs.

INPUTS = {}


def define(name, array, dtype):
    INPUTS[name] = Expr(name, np.array(array).astype(dtype))
    INPUTS[name].value.setflags(write=False)
    return INPUTS[name]


MADE = {}


def made(name, source):
    """Defines what cases use by Lua source: large inputs, and functions."""
    MADE[name] = source


def number(x):
    """The shortest digits that read back as the same element."""
    if x.dtype == BOOL:
        return str(int(x))
    if x.dtype == I64:
        return str(int(x))
    if np.isnan(x):
        return "nan"
    text = str(x)
    if x.dtype == F32 and np.float32(float(text)) != x:
        text = repr(float(x))
    if text.endswith(".0") and x != 0:
        text = text[:-2]
    return text


def numbers(array):
    return " ".join(number(x) for x in np.asarray(array).reshape(-1))


# Cases.

GROUPS = {}
_group = None


def group(name):
    """Begins a group of cases."""
    global _group
    _group = GROUPS.setdefault(name, [])


def result_text(result):
    if isinstance(result, Scalar):
        return f"{result.kind};;{result.text}"
    array = np.asarray(result)
    assert array.dtype in (F32, F64, I64, BOOL), array.dtype
    return f"{array.dtype};{','.join(map(str, array.shape))};{numbers(array)}"


class Scalar:
    """A plain Lua value as a result: `number`, `integer` or `boolean`."""

    def __init__(self, x):
        x = np.asarray(x)
        self.kind = {"f": "number", "i": "integer", "b": "boolean"}[x.dtype.kind]
        self.text = numbers(x.astype(F64) if x.dtype.kind == "f" else x)


def element(x):
    """What a full index gives."""
    return Scalar(x)


def case(source, *results, ulps=EXACT, scale=0, anyzero=False):
    """Records a case.

    A float may differ by `ulps` units in the last place of the larger of the expected number and `scale`, the size of
    the terms that were added up. `anyzero` lets 0 stand for -0, where NumPy itself depends on the order of operations.
    """
    assert "\t" not in source and "\n" not in source
    scale = 0 if ulps == 0 or not np.isfinite(scale) else float(scale)
    tolerance = f"{ulps}" + (f"@{scale:.3g}" if scale else "") + ("z" if anyzero else "")
    _group.append((source, tolerance, "|".join(result_text(result) for result in results)))


def fails(source, reference=None):
    """Records a case that is an error; where NumPy has the operation, it must refuse it too."""
    if reference is not None:
        try:
            reference()
        except Exception:
            pass
        else:
            raise AssertionError(f"NumPy does not refuse {source}")
    _group.append((source, "0", "error"))


# Dtypes.


def common(*operands):
    """The dtype in which tensors (arrays) and Lua numbers (Python's) meet; see Sources/Tensors/Operand.swift."""
    arrays = [x.dtype for x in operands if isinstance(x, np.ndarray)]
    floats = [x for x in arrays if x.kind == "f"]
    if floats:
        return F64 if F64 in floats else F32
    return F32 if any(isinstance(x, float) for x in operands) else I64


def as_dtype(x, dtype):
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(dtype)


def float_dtype(array):
    """What a function that gives floats makes of an array: integers and masks become the default dtype."""
    return array.dtype if array.dtype.kind == "f" else F32


def in_double(function, array, dtype=None):
    """Computes in float64 and rounds to the dtype that Sonde gives."""
    with np.errstate(all="ignore"):
        return np.asarray(function(array.astype(F64))).astype(dtype or float_dtype(array))
