"""Reads what our writers wrote into a directory with the real numpy and safetensors, and writes files for our readers.

python3 Tests/FilesTests/Fixtures/exchange.py DIRECTORY

Element i of every array, in row-major order, is (7 i mod 11 - 5) / 4 as a float, 7 i mod 11 as an integer, and whether
i is a multiple of 3 as a mask; ExchangeTests.swift makes the same.
"""

import sys
import zipfile

import numpy as np
import safetensors
import safetensors.numpy

SHAPES = [(), (4,), (0,), (2, 3), (3, 0), (2, 3, 4), (1, 1, 5, 1)]
DTYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]
OURS = ["f4", "f8", "i8", "b1"]
folder = sys.argv[1]


def array(dtype, shape):
    i = np.arange(int(np.prod(shape)))
    kind = np.dtype(dtype).kind
    value = i % 3 == 0 if kind == "b" else (7 * i % 11 - 5) / 4 if kind == "f" else 7 * i % 11
    return value.astype(dtype).reshape(shape)


def name(dtype, shape):
    return dtype + "-" + "x".join(map(str, shape))


def check(found, dtype, shape, where):
    expected = array(dtype, shape)
    assert found.dtype == expected.dtype and found.shape == expected.shape, (where, found.dtype, found.shape)
    assert np.array_equal(found, expected), (where, found)


# Ours, read by them.
stored = np.load(f"{folder}/ours.npz")
deflated = np.load(f"{folder}/ours-deflated.npz")
tensors = safetensors.numpy.load_file(f"{folder}/ours.safetensors")
for names in (stored.files, deflated.files, tensors.keys()):
    assert set(names) == {name(d, s) for d in OURS for s in SHAPES}, names
for dtype in OURS:
    for shape in SHAPES:
        key = name(dtype, shape)
        check(np.load(f"{folder}/ours-{key}.npy", allow_pickle=False), dtype, shape, key)
        for values in (stored, deflated, tensors):
            check(values[key], dtype, shape, key)
for file in ("ours.npz", "ours-deflated.npz"):
    assert zipfile.ZipFile(f"{folder}/{file}").testzip() is None
with safetensors.safe_open(f"{folder}/ours.safetensors", "numpy") as file:
    assert file.metadata() == {"format": "sonde", "a\"b": "\n\u00e9"}, file.metadata()
for dtype in OURS:
    found = np.genfromtxt(f"{folder}/ours-{dtype}.csv", delimiter=",", skip_header=1)
    assert np.array_equal(found, array(dtype, (6, 2)).astype("f8")), found

# Theirs, for us.
arrays = {name(d, s): array(d, s) for d in DTYPES for s in SHAPES}
np.savez(f"{folder}/theirs.npz", **arrays)
np.savez_compressed(f"{folder}/theirs-deflated.npz", **arrays)
safetensors.numpy.save_file(arrays, f"{folder}/theirs.safetensors", {"by": "numpy"})
for key, value in arrays.items():
    np.save(f"{folder}/theirs-{key}.npy", value)
    np.save(f"{folder}/theirs-{key}-big.npy", value.astype(value.dtype.newbyteorder(">")))
    np.save(f"{folder}/theirs-{key}-columns.npy", np.array(value, order="F"))
np.savetxt(f"{folder}/theirs.csv", array("f8", (6, 2)), delimiter=",", header="a,b")
print("exchanged")
