"""Reading and writing through every form of index."""

import numpy as np

from golden_kit import BOOL, I64, INPUTS, Expr, case, commas, element, fails, group, literal, table

I = INPUTS
random = np.random.default_rng(11)


def item(extent):
    """A random index of one dimension: Lua text and NumPy's index."""
    kind = random.integers(0, 6)
    if extent == 0 or kind == 0:
        return "{}", slice(None)
    first = int(random.integers(0, extent))
    negative = random.random() < 0.5
    text = str(first - extent if negative else first + 1)
    if kind <= 2:
        return text, first
    last = int(random.integers(first, extent))
    end = str(last - extent if random.random() < 0.5 else last + 1)
    if kind == 3:
        return f"{{{text}, {end}}}", slice(first, last + 1)
    step = int(random.integers(1, 4))
    return f"{{{text}, {end}, {step}}}", slice(first, last + 1, step)


def random_index(shape, full=False):
    count = len(shape) if full else int(random.integers(1, len(shape) + 1))
    items = [item(extent) for extent in shape[:count]]
    return "{" + commas(text for text, _ in items) + "}", tuple(index for _, index in items)


def read(x, text, index):
    result = x.value[index]
    case(f"{x.source}[{text}]", element(result) if np.ndim(result) == 0 else result)


def operands():
    return [
        I["f34"],
        I["f43"].t(),
        I["d234"].permute(2, 0, 1),
        I["i34"].step(1, 1, 2),
        I["m234"],
        I["fv7"],
        I["f14"].expand(3, 4),
        I["d2312"],
        I["fe203"],
        I["i234"].transpose(0, 2).narrow(0, 1, 2),
        I["xf"],
        I["m43"].t(),
    ]


def reading():
    for x in operands():
        for _ in range(12):
            read(x, *random_index(x.shape))
        # a number alone, from both ends
        for index in {0, x.shape[0] - 1, x.shape[0] // 2}:
            read(x, str(index + 1), index)
            read(x, str(index - x.shape[0]), index)
        if x.ndim == 2:
            read(Expr(f"{x.source}[2]", x.value[1]), "-1", -1)
        case(f"#{x.source}", element(np.asarray(x.shape[0], I64)))
        case(f"{x.source}[{x.shape[0] + 1}] == nil", element(np.asarray(True)))
        for bad in [0, x.shape[0] + 2, -x.shape[0] - 1]:
            fails(f"{x.source}[{bad}]")
        fails(f"{x.source}[{{{commas(['1'] * (x.ndim + 1))}}}]")
        fails(f"{x.source}[{{{{1, {x.shape[0] + 1}}}}}]")
        fails(f"{x.source}[{{{{1, 1, 0}}}}]")
    for text, index in [
        ("{{3, 2}}", slice(2, 2)),
        ("{{1, 0}}", slice(0, 0)),
        ("{{5, 5}}", slice(4, 5)),
        ("{{-5, -1, 7}}", slice(0, 5, 7)),
        ("{{1, -1}}", slice(0, 5)),
        ("{{6, 5}}", slice(5, 5)),
        ("{{2, -2, 2}}", slice(1, 4, 2)),
    ]:
        read(I["fv5"], text, index)
    fails("fv5[{{4, 2}}]")
    fails("fs[1]")
    fails("fs[{1}]")
    fails("fe0[1.5]")


def masks_read():
    for x, m in [
        (I["f34"], I["m34"]),
        (I["f43"].t(), I["m34"]),
        (I["i34"], I["m43"].t()),
        (I["f234"], I["m1"].expand(2)),
        (I["d234"], I["m31"].t().expand(2, 3)),
        (I["m234"], I["m234"]),
        (I["fe03"], I["me03"]),
        (I["f34"], I["m31"].select(1, 0)),
        (I["xf"], Expr("xf:gt(0)", I["xf"].value > 0)),
        (I["f234"].permute(1, 0, 2), I["m31"].select(1, 0)),
        (I["tf"], Expr("tf:isnan()", np.isnan(I["tf"].value))),
        (I["f14"].expand(3, 4), I["m34"]),
    ]:
        case(f"{x.source}[{m.source}]", x.value[m.value])
    fails("f34[m43]", lambda: I["f34"].value[I["m43"].value])
    fails("f34[m14]", lambda: I["f34"].value[I["m14"].value])


def write_case(x, text, index, value, value_text, clone="clone"):
    """Assigns in a copy of the base of x; what is returned is the base, so that a view must alias it."""
    name = x.source.split(":")[0].split("[")[0]
    base, view = I[name].value.copy(), x.source[len(name) :]
    target = apply_view(base, x)
    target[index] = value
    case(f"local b = {name}:clone(); local v = b{view}; v[{text}] = {value_text}; return b", base)


VIEWS = {}


def view(name, lua, function):
    x = Expr(name + lua, function(I[name].value))
    VIEWS[x.source] = function
    return x


def apply_view(base, x):
    return VIEWS[x.source](base)


def writable():
    return [
        view("f34", "", lambda a: a),
        view("f43", ":t()", lambda a: a.T),
        view("d234", ":permute(3, 1, 2)", lambda a: a.transpose(2, 0, 1)),
        view("i34", "[{{}, {2, -1, 2}}]", lambda a: a[:, 1::2]),
        view("m34", "", lambda a: a),
        view("d2312", "", lambda a: a),
        view("fv7", "[{{2, -1, 2}}]", lambda a: a[1::2]),
        view("i234", ":transpose(1, 3)", lambda a: a.swapaxes(0, 2)),
        view("f55", ":narrow(1, 2, 3):t()", lambda a: a[1:4].T),
        view("d55", "[3]", lambda a: a[2]),
        view("d55", ":select(2, 4)", lambda a: a[:, 3]),
        view("f234", ":reshape(6, 4)", lambda a: a.reshape(6, 4)),
        view("fe03", "", lambda a: a),
    ]


def source_for(shape, dtype):
    """A random value to assign to a part of some shape: a number, a tensor that broadcasts to it, or a nested table."""
    kind = int(random.integers(0, 4))
    if kind == 0 or 0 in shape:
        x = int(random.integers(-9, 10)) if dtype != BOOL else int(random.integers(0, 2))
        return x, literal(x)
    if kind == 1 and dtype.kind == "f":
        x = float(random.integers(-9, 10)) / 2
        return x, literal(x)
    small = tuple(1 if random.random() < 0.3 else extent for extent in shape)[
        int(random.integers(0, len(shape) + 1)) if kind == 3 else 0 :
    ]
    values = random.integers(0, 2, small) if dtype == BOOL else random.integers(-9, 10, small)
    if kind == 2 and small:
        return values, table(values)
    names = ["bool"] if dtype == BOOL else ["float32", "int64", str(dtype)]
    name = names[int(random.integers(0, len(names)))]
    text = f'sonde.tensor({table(values)}, {{dtype="{name}"}})'
    return values.astype(name), text


def writing():
    for x in writable():
        for count in range(14):
            text, index = random_index(x.shape, full=count % 4 == 0)
            part = x.value[index]
            if np.ndim(part) == 0:
                number = 1 if x.dtype == BOOL else count - 5
                write_case(x, text, index, number, literal(number))
            else:
                value, value_text = source_for(part.shape, x.dtype)
                write_case(x, text, index, value, value_text)
        if x.value.size:
            write_case(x, "1", 0, 1, "1")
            write_case(x, "-1", -1, 0, "0")
            mask_text = "v:eq(v)"
            write_case(x, mask_text, np.ones(x.shape, bool), 1, "1")
            half = np.asarray(x.value > 0)
            write_case(x, "v:gt(0)", half, 0, "0")
            many = int(half.sum())
            if many > 1 and x.dtype != BOOL:
                values = random.integers(-9, 10, many)
                write_case(x, "v:gt(0)", half, values, f"sonde.tensor({table(values)})")
        fails(f"local v = {x.source}; v[{{{{1, {x.shape[0] + 1}}}}}] = 1")
        fails(f"local v = {x.source}; v[{x.shape[0] + 1}] = 1")
        fails(f"local v = {x.source}; v[0] = 1")
    # a float into int64: whole numbers fit, fractions don't
    write_case(view("i34", "", lambda a: a), "{2, 3}", (1, 2), 4, "4.0")
    fails("local v = i34:clone(); v[{2, 3}] = 0.5")
    # overlapping source
    write_case(view("f55", "", lambda a: a), "{}", slice(None), I["f55"].value.T, "b:t()")
    write_case(view("fv7", "", lambda a: a), "{{2, 7}}", slice(1, 7), I["fv7"].value[:6], "b[{{1, 6}}]")
    write_case(view("dv7", "", lambda a: a), "{{1, 6}}", slice(0, 6), I["dv7"].value[1:], "b[{{2, 7}}]")
    # special numbers
    for number in [np.nan, np.inf, -0.0, 1e-45]:
        write_case(view("f34", "", lambda a: a), "{2, {}}", (1, slice(None)), number, literal(number))
    fails("local v = f14:expand(3, 4); v[1] = 0")
    fails("local v = f14:expand(3, 4); v[{1, 1}] = 0")
    fails("local v = f14:expand(3, 4); v[m34] = 0")
    fails("local v = f34:clone(); v[1] = sonde.zeros(3)")
    fails("local v = f34:clone(); v[{{1, 2}}] = sonde.zeros(3, 4)")
    fails("local v = f34:clone(); v[{{}, 1}] = {1, 2}")
    # copies and fills
    for x, y in [
        ("f34", "d14"),
        ("i34", "m31"),
        ("d34", "i34"),
        ("m34", "i34"),
        ("f34", "f43:t()"),
        ("d34", "xd:narrow(1, 3, 4)"),
    ]:
        source = I[y] if y in I else {"f43:t()": I["f43"].t(), "xd:narrow(1, 3, 4)": I["xd"].narrow(0, 2, 4)}[y]
        case(f"{x}:clone():copy_({y})", np.broadcast_to(source.value, (3, 4)).astype(I[x].dtype))
    for x in ["f34", "d34", "i34", "m34"]:
        case(f"{x}:clone():fill_(1)", np.ones((3, 4), I[x].dtype))
    case("local b = f55:clone(); b:t()[{{2, 3}}]:fill_(7); return b", filled())


def filled():
    b = I["f55"].value.copy()
    b.T[1:3] = 7
    return b


# Index tensors.


def index_tensor(values):
    return f'sonde.tensor({table(np.asarray(values))}, {{dtype="int64"}})'


def one_based(values, extent):
    """The same indices as a user may write them: from 1, or from the end."""
    values = np.asarray(values)
    return np.where(random.random(values.shape) < 0.4, values - extent, values + 1)


def picks(shape):
    """Random indices of which one or two are tensors."""
    rank = len(shape)
    chosen = set(random.choice(rank, size=min(rank, int(random.integers(1, 3))), replace=False).tolist())
    common = [(3,), (2, 2), (4,), (1, 2)][int(random.integers(0, 4))]
    texts, index = [], []
    for dim in range(max(chosen) + 1):
        if dim in chosen:
            extents = common if random.random() < 0.7 else common[-1:]
            values = random.integers(0, shape[dim], extents)
            texts.append(index_tensor(one_based(values, shape[dim])))
            index.append(values)
        else:
            text, plain = item(shape[dim])
            if isinstance(plain, int):
                # NumPy takes a number among index tensors for one more index tensor
                text, plain = "{}", slice(None)
            texts.append(text)
            index.append(plain)
    return "{" + commas(texts) + "}", tuple(index)


def index_tensors():
    for x in [
        I["f34"],
        I["f43"].t(),
        I["d234"].permute(2, 0, 1),
        I["i34"],
        I["m234"],
        I["fv7"],
        I["d2312"],
        I["f55"].step(0, 0, 2),
        I["f14"].expand(3, 4),
    ]:
        for shape in [(3,), (2, 2), (1,), (0,)]:
            values = random.integers(0, x.shape[0], shape)
            text = (
                index_tensor(one_based(values, x.shape[0])) if 0 not in shape else 'sonde.zeros({0}, {dtype="int64"})'
            )
            case(f"{x.source}[{text}]", x.value[values])
        for _ in range(7):
            text, index = picks(x.shape)
            case(f"{x.source}[{text}]", x.value[index])
        fails(f"{x.source}[{index_tensor([1, x.shape[0] + 1])}]")
        fails(f"{x.source}[{index_tensor([0])}]")
    for x, text, index in [
        (I["f34"], "{{}, m14[1]}", (slice(None), I["m14"].value[0])),
        (I["f234"], "{1, m34}", (0, I["m34"].value)),
        (I["f234"], "{{}, m31:select(2, 1), {2, 3}}", (slice(None), I["m31"].value[:, 0], slice(1, 3))),
        (I["i34"], "{m31:select(2, 1)}", (I["m31"].value[:, 0],)),
    ]:
        case(f"{x.source}[{text}]", x.value[index])
    for x in writable()[:-1]:
        for _ in range(5):
            text, index = picks(x.shape)
            part = x.value[index]
            number = int(random.integers(0, 2)) if x.dtype == BOOL else int(random.integers(-9, 10))
            write_case(x, text, index, number, literal(number))
            # of equal places the last stays; NumPy's order is the same for one assignment of a whole array
            if x.dtype != BOOL and 0 not in part.shape:
                values = np.broadcast_to(random.integers(-9, 10, part.shape[-1:]), part.shape)
                write_case(x, text, index, values, f"sonde.tensor({table(values[(0,) * (values.ndim - 1)])})")


def write():
    group("indices")
    reading()
    group("masks as indices")
    masks_read()
    group("assignment")
    writing()
    group("index tensors")
    index_tensors()
