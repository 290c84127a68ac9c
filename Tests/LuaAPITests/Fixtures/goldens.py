"""Writes goldens.txt: NumPy's results on the tensors of the Lua surface.

Lines, of fields divided by tabs: `input name dtype;extents;numbers`, `make name source` of what Lua makes itself, and
`case name tolerance results source`, where results are divided by `|`, each `dtype;extents;numbers`, or a plain Lua
value `kind;;value`, or `error`. A tolerance is `ulps[@scale][z]`; see golden_kit.case.
Tests/LuaAPITests/Scripts/goldens.lua reads it.
"""

import warnings

import numpy as np

import golden_elementwise
import golden_indexing
import golden_inputs
import golden_large
import golden_products
import golden_reductions
import golden_selection
import golden_shapes
from golden_kit import GROUPS, INPUTS, MADE, result_text

warnings.simplefilter("ignore")
np.seterr(all="ignore")

MODULES = [
    golden_elementwise,
    golden_reductions,
    golden_indexing,
    golden_shapes,
    golden_products,
    golden_selection,
    golden_large,
]

if __name__ == "__main__":
    print(
        "made by: python3 Tests/LuaAPITests/Fixtures/goldens.py > Tests/LuaAPITests/Fixtures/goldens.txt "
        f"(NumPy {np.__version__})"
    )
    golden_inputs.write()
    for module in MODULES:
        module.write()
    for name, expr in INPUTS.items():
        print("input", name, result_text(expr.value), sep="\t")
    for name, source in MADE.items():
        print("make", name, source, sep="\t")
    for name, cases in GROUPS.items():
        for place, (source, tolerance, results) in enumerate(cases, 1):
            print("case", f"{name}/{place}", tolerance, results, source, sep="\t")
