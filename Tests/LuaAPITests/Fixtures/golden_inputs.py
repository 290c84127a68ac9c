"""The inputs of all cases.

Numbers that are eighths, of size up to 8: their sums and products are exact in float32 in any order, so that results
must agree to the last bit. `r` numbers are of full precision. Names tell dtype and shape: f is float32, d float64,
i int64, m a mask; then `s` is a 0-dim tensor, `v` a vector, `e` the empty ones, and digits are extents.
"""

import numpy as np

from golden_kit import BOOL, F32, F64, I64, INPUTS, define, inf, nan

SHAPES = {
    "s": (),
    "1": (1,),
    "e0": (0,),
    "v5": (5,),
    "v7": (7,),
    "34": (3, 4),
    "43": (4, 3),
    "14": (1, 4),
    "31": (3, 1),
    "e03": (0, 3),
    "e203": (2, 0, 3),
    "234": (2, 3, 4),
    "214": (2, 1, 4),
    "2312": (2, 3, 1, 2),
    "55": (5, 5),
}

# NaN, infinities, both zeros, subnormals, the ends of the ranges, halves and neighbours of 1.
SPECIAL32 = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    nan,
    inf,
    -inf,
    1e-45,
    -1e-40,
    1.17549435e-38,
    3.4028235e38,
    -3.4028235e38,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    1 + 2.0**-23,
    1 - 2.0**-24,
    1e-7,
    -3e4,
    16777217.0,
    88.9,
    -103.5,
]
SPECIAL64 = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    nan,
    inf,
    -inf,
    5e-324,
    -1e-310,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    1 + 2.0**-52,
    1 - 2.0**-53,
    1e-17,
    -3e4,
    2.0**53 + 2,
    709.9,
    -745.2,
]
SPECIALS_INT = [0, 1, -1, 2, -2, 7, -7, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63)]


def write():
    random = np.random.default_rng(3)
    for name, shape in SHAPES.items():
        define(f"f{name}", random.integers(-64, 65, shape) / 8, F32)
        define(f"d{name}", random.integers(-64, 65, shape) / 8, F64)
        define(f"i{name}", random.integers(-9, 10, shape), I64)
        define(f"m{name}", random.random(shape) < 0.5, BOOL)
    for name in ["v7", "34", "234"]:
        define(f"rf{name}", random.standard_normal(SHAPES[name]), F32)
        define(f"rd{name}", random.standard_normal(SHAPES[name]), F64)
    define("xf", SPECIAL32, F32)
    define("xd", SPECIAL64, F64)
    define("xi", SPECIALS_INT, I64)
    # other than 0, as divisors of integers
    define("nv7", [1, -1, 3, -3, 7, -5, 2], I64)
    define("n34", random.choice([1, -1, 2, -3, 5], (3, 4)), I64)
    # ties, NaN and both zeros in a matrix
    define(
        "tf",
        [
            [3, 1, 3, nan, 2],
            [-0.0, 0.0, 0.0, -0.0, 0.0],
            [nan, 5, nan, 5, 1],
            [inf, -inf, inf, 0, -inf],
            [2, 2, 1, 1, 2],
        ],
        F32,
    )
    define("td", INPUTS["tf"].value, F64)
    define(
        "ti",
        [[3, 1, 3, 2, 2], [0, 0, 0, 0, 0], [5, -5, 5, -5, 1], [2**53 + 1, 2**53, 2**53 + 1, 1, 1], [2, 2, 1, 1, 2]],
        I64,
    )
    define("tm", [[1, 0, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 1], [0, 0, 0, 0, 1]], BOOL)
    # long enough for the paths of larger sizes
    define("f70", random.integers(-64, 65, (70,)) / 8, F32)
    define("d370", random.integers(-64, 65, (3, 70)) / 8, F64)
