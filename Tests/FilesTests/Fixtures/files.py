"""Writes golden files made by NumPy and safetensors, with what they hold.

python3 Tests/FilesTests/Fixtures/files.py > Tests/FilesTests/Fixtures/files.txt

Lines: 'file NAME KIND HEX' (KIND exact: our writer makes the same bytes; read: ours may differ; fails: it must be refused),
then 'tensor NAME DTYPE SHAPE VALUES' for each tensor in it; names are hexadecimal UTF-8, '-' stands for nothing.
"""

import io
import warnings
import zipfile

import numpy as np
import safetensors
import safetensors.numpy

warnings.simplefilter("ignore")
OURS = {"f2": "float32", "f4": "float32", "f8": "float64", "b1": "bool"}
SHAPES = [(), (1,), (3,), (0,), (2, 3), (0, 3), (3, 0), (2, 1, 3), (2, 2, 2, 2)]


def dtype_name(array):
    return OURS.get(array.dtype.str[1:], "int64")


def listed(items):
    return ",".join(items) or "-"


def tensor(name, array):
    values = [repr(v) for v in np.ravel(array, order="C").astype("O").tolist()]
    if array.dtype.kind == "b":
        values = ["1" if v == "True" else "0" for v in values]
    shape = listed(str(e) for e in array.shape)
    print("tensor", name.encode().hex() or "-", dtype_name(array), shape, listed(values))


def file(name, kind, data):
    print("file", name, kind, data.hex() or "-")


def array(dtype, shape):
    count = int(np.prod(shape))
    if dtype == "b1":
        return (np.arange(count) % 3 == 0).reshape(shape)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        special = [0.1, -0.0, np.inf, -np.inf, np.nan, 65504, 6e-8, 1.5]
        return np.array([special[i % 8] + i // 8 if i > 7 else special[i] for i in range(count)], dtype).reshape(shape)
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    special = [low, min(high, 2**63 - 1), 1, 2, 100]
    return np.array([special[i % 5] for i in range(count)], dtype).reshape(shape)


def npy(name, value, kind, version=None):
    data = io.BytesIO()
    np.lib.format.write_array(data, value, version)
    file(name + ".npy", kind, data.getvalue())
    if kind != "fails":
        tensor("", value)


def arrays():
    number = 0
    for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]:
        for order in "<>":
            for layout in "CF":
                for shape in SHAPES:
                    if layout == "F" and len(shape) < 2:
                        continue
                    value = np.array(array(dtype, shape), dtype=order + dtype, order=layout)
                    exact = dtype in ("f4", "f8", "i8", "b1") and (order == "<" or dtype == "b1")
                    exact = exact and value.flags.c_contiguous
                    npy(f"{dtype}-{number}", value, "exact" if exact else "read")
                    number += 1
    for version in [(2, 0), (3, 0)]:
        npy(f"version-{version[0]}", array("f4", (2, 3)), "read", version)
    npy("rank-8", array("i8", (1, 2, 1, 1, 2, 1, 1, 3)), "exact")
    npy("rank-9", np.zeros((1,) * 9), "fails")
    # Headers at whose length the padding turns over.
    for extents in [(10,) * 3, (1,) * 8, (10, 1, 1, 1, 1, 1, 1, 1), (10, 10, 1, 1, 1, 1, 1, 1), (10, 10, 10, 1, 1, 1, 1, 1)]:
        npy("padding-" + "x".join(map(str, extents)), array("b1", extents), "exact")
    npy("beyond", np.array([1, 2**63], "<u8"), "fails")
    npy("complex", np.array([1j]), "fails")
    npy("text", np.array(["a"]), "fails")
    npy("record", np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]), "fails")
    npy("date", np.array(["2020-01-01"], "M8[D]"), "fails")
    data = io.BytesIO()
    np.save(data, np.array([{}], dtype=object), allow_pickle=True)
    file("object.npy", "fails", data.getvalue())


class Pipe(io.RawIOBase):
    """Can be written, but not sought: sizes then follow the contents."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def seekable(self):
        return False

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def archive(name, kind, values, save=np.savez):
    data = io.BytesIO()
    save(data, **values)
    file(name, kind, data.getvalue())
    for key, value in values.items():
        tensor(key, value)


def zipped(name, kind, contents, compression=zipfile.ZIP_STORED, target=None, flags=0):
    data = target or io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as z:
        for key, value in contents:
            z.writestr(zipfile.ZipInfo(key), value, compression)
    file(name, kind, data.data if target else data.getvalue())


def saved(value):
    data = io.BytesIO()
    np.save(data, value)
    return data.getvalue()


def archives():
    ours = {"a": array("f4", (2, 3)), "b/c": array("f8", ()), "i": array("i8", (0, 3)), "m": array("b1", (5,))}
    unicode = {"weight": array("f4", (2,)), "\u00e9\u2713": array("i8", (1,))}
    foreign = {"h": array("f2", (9,)), "big": array(">i4", (2, 3)), "f": np.asfortranarray(array("f4", (2, 3)))}
    archive("ours.npz", "exact", ours)
    archive("empty.npz", "exact", {})
    archive("unicode.npz", "exact", unicode)
    archive("foreign.npz", "read", foreign)
    for name, values in [("ours", ours), ("unicode", unicode), ("foreign", foreign)]:
        archive(f"{name}-deflated.npz", "read", values, np.savez_compressed)
    large = {"zeros": np.zeros((300, 1000), "<f8"), "u": np.arange(70000, dtype="<u2")}
    data = io.BytesIO()
    np.savez_compressed(data, **large)
    file("large-deflated.npz", "large", data.getvalue())
    for compression, name in [(zipfile.ZIP_STORED, "stored"), (zipfile.ZIP_DEFLATED, "deflated")]:
        contents = [("x.npy", saved(ours["a"])), ("y.npy", saved(ours["m"]))]
        zipped(f"piped-{name}.npz", "read", contents, compression, Pipe())
        tensor("x", ours["a"])
        tensor("y", ours["m"])
        limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 1
        zipped(f"zip64-{name}.npz", "read", contents, compression)
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
        tensor("x", ours["a"])
        tensor("y", ours["m"])
    zipped("directory.npz", "read", [("d/", b""), ("d/x.npy", saved(ours["a"]))])
    tensor("d/x", ours["a"])
    zipped("bzip2.npz", "fails", [("x.npy", saved(ours["a"]))], zipfile.ZIP_BZIP2)
    zipped("other.npz", "fails", [("x.npy", saved(ours["a"])), ("readme.txt", b"hello")])
    overlap()
    zipped("twice.npz", "fails", [("x.npy", saved(ours["a"])), ("x.npy", saved(ours["m"]))])


def overlap():
    """An archive whose first entry holds the second, header and all."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr(zipfile.ZipInfo("b.npy"), saved(array("f4", (3,))))
        inner_size = z.start_dir
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as z:
        z.writestr(zipfile.ZipInfo("a.npy"), inner.getvalue()[:inner_size])
        info = z.infolist()[0]
        hidden = zipfile.ZipFile(io.BytesIO(inner.getvalue())).infolist()[0]
        hidden.header_offset = 30 + len(info.filename)
        z.filelist.append(hidden)
        z._didModify = True
    file("overlap.npz", "fails", outer.getvalue())


def tensors():
    ours = {
        "a": array("b1", (5,)), "b": array("f4", (2, 3)), "c": array("f8", ()), "d": array("i8", (3,)),
        "aa": array("i8", (0, 3)), 'q"\\\n\u00e9\u0001/': array("f4", (1,)),
    }
    foreign = {t: array(t, (2, 3)) for t in ["f2", "i1", "i2", "i4", "u1", "u2", "u4"]}
    for name, kind, values, metadata in [
        ("ours", "exact", ours, None), ("noted", "noted", {"x": array("f4", (1,))}, {"format": "pt \u00e9\t"}),
        ("empty", "exact", {}, None), ("foreign", "read", foreign, None),
    ]:
        file(name + ".safetensors", kind, safetensors.numpy.save(values, metadata))
        for key, value in values.items():
            tensor(key, value)
    # bfloat16 is the upper half of a float32.
    floats = np.array([1.5, -2, np.inf, 2**-130], "<f4")
    half = (floats.view("<u4") >> 16).astype("<u2")
    serialized("bfloat16", "read", "bfloat16", half)
    tensor("x", ((floats.view("<u4") >> 16) << 16).astype("<u4").view("<f4"))
    serialized("complex", "fails", "complex64", np.zeros(4, "c8"))


def serialized(name, kind, dtype, value):
    spec = safetensors.TensorSpec(
        dtype=dtype, shape=value.shape, data_ptr=value.ctypes.data, data_len=value.nbytes)
    file(name + ".safetensors", kind, bytes(safetensors.serialize({"x": spec})))


def tables():
    def text(name, content, delimiter=","):
        file(name + ".csv", "read", content.encode())
        tensor("", np.atleast_2d(np.genfromtxt(io.StringIO(content, newline=None), delimiter=delimiter, ndmin=2)))

    text("plain", "1,2,3\n4,5,6\n")
    text("windows", "1,2\r\n3,4\r\n")
    text("no-end", "1,2\n3,4")
    text("empty-cells", "1,,3\n,5,\n")
    text("blank-lines", "\n1,2\n\n   \n3,4\n\n")
    text("comments", "# a,b\n1,2\n# more\n3,4\n")
    text("words", "nan,inf,-inf\nNaN,Infinity,-INF\n+inf,-nan,1\n")
    text("exponents", "1e3,1E-3,+.5e+2\n-1.,.25,-0\n1e400,1e-400,4.9e-324\n")
    text("spaces", " 1 , 2\t,3 \n")
    text("column", "1\n2\n3\n")
    text("row", "1,2,3")
    hard = ["9007199254740993", "0.1", "123456789012345678901234567890", "2.2250738585072011e-308", "7.2057594037927933e16"]
    text("rounding", ",".join(hard) + "\n")
    for name, delimiter in [("semicolon", ";"), ("tab", "\t")]:
        text(name, f"1{delimiter}2\n{delimiter}4\n", delimiter)
    text("space", "  1   2 \n3 \t 4\n", None)
    data = io.StringIO()
    np.savetxt(data, np.array([[0.1, -1e300], [np.nan, np.pi]]), header="x y")
    text("space-savetxt", data.getvalue(), None)


print(f"# python3 Tests/FilesTests/Fixtures/files.py > Tests/FilesTests/Fixtures/files.txt; "
      f"numpy {np.__version__}, safetensors {safetensors.__version__}")
arrays()
archives()
tensors()
tables()
