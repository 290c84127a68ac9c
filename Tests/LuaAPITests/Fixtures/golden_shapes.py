"""Creation, views and what they alias, joining, cutting and turning."""

import numpy as np

from golden_kit import (
    F32,
    F64,
    I64,
    INPUTS,
    Expr,
    case,
    commas,
    element,
    fails,
    group,
    literal,
    table,
)

I = INPUTS


def creation():
    for shape in [(), (3,), (0,), (2, 3), (2, 0, 3), (1, 1, 1, 1, 2)]:
        text = "{" + commas(shape) + "}"
        for dtype in ["float32", "float64", "int64", "bool"]:
            case(f'sonde.zeros({text}, {{dtype="{dtype}"}})', np.zeros(shape, dtype))
            case(f'sonde.ones({text}, {{dtype="{dtype}"}})', np.ones(shape, dtype))
        case(f"sonde.full({text}, 0.1)", np.full(shape, 0.1, F32))
        case(f"sonde.full({text}, true)", np.full(shape, True))
        case(f'sonde.full({text}, -7, {{dtype="int64"}})', np.full(shape, -7, I64))
    for n in [0, 1, 4]:
        case(f"sonde.eye({n})", np.eye(n, dtype=F32))
        case(f'sonde.eye({n}, {{dtype="int64"}})', np.eye(n, dtype=I64))
    for first, last, step in [
        (1, 5, 1),
        (1, 5, 2),
        (1, 6, 2),
        (5, 1, -1),
        (5, 1, -2),
        (1, 0, 1),
        (0, 1, 0.25),
        (-1, 1, 0.5),
        (3, 3, 1),
        (2, 1, 1),
    ]:
        values = (
            np.arange(first, last + step / 2, step)
            if step < 1 or (last - first) % step == 0
            else np.arange(first, last + np.sign(step), step)
        )
        values = values[(values <= last) if step > 0 else (values >= last)]
        for dtype in ["float32", "float64"] + (["int64"] if step == int(step) else []):
            case(f'sonde.arange({first}, {last}, {literal(step)}, {{dtype="{dtype}"}})', values.astype(dtype))
    case("sonde.arange(4)", np.arange(1, 5).astype(F32))
    fails("sonde.arange(1, 2, 0)", lambda: np.arange(1, 2, 0))
    for a, b, n in [
        (0, 1, 5),
        (1, 0, 3),
        (-1, 1, 2),
        (0, 1, 1),
        (0, 1, 0),
        (0, 1, 7),
        (0.1, 0.7, 10),
        (1e30, -1e30, 4),
    ]:
        for dtype in ["float32", "float64"]:
            case(
                f'sonde.linspace({literal(a)}, {literal(b)}, {n}, {{dtype="{dtype}"}})',
                np.linspace(a, b, n).astype(dtype),
                ulps=2,
                scale=max(abs(a), abs(b)) / 2,
            )
    nested = [[1, -2], [3, 4.5]]
    case(f"sonde.tensor{table(nested)}", np.array(nested, F32))
    case("sonde.tensor{{true, false}, {false, false}}", np.array([[True, False], [False, False]]))
    case('sonde.tensor({1, 2, 9007199254740993}, {dtype="int64"})', np.array([1, 2, 2**53 + 1], I64))
    case("sonde.tensor(5)", np.array(5, F32))
    case("sonde.tensor(true)", np.array(True))
    case("sonde.tensor{}", np.zeros((0,), F32))
    case("sonde.tensor{{}, {}}", np.zeros((2, 0), F32))
    case("sonde.tensor(i34)", I["i34"].value)
    fails("sonde.tensor{{1, 2}, {3}}")


def view_chains():
    """Chains of random views, each read whole."""
    random = np.random.default_rng(17)
    for name in ["f34", "d234", "i2312", "m234", "f55", "de203", "f214", "i34", "d2312", "f234"]:
        for _ in range(12):
            x = I[name]
            for _ in range(int(random.integers(1, 5))):
                x = random_view(x, random)
            case(x.source, x.value)
            case(f"{x.source}:contiguous()", x.value)
            if random.random() < 0.3:
                case(f"{x.source}:reshape(-1)" if x.value.size else f"{x.source}:reshape(0)", x.value.reshape(-1))
                case(f"{x.source}:numel()", element(np.asarray(x.value.size, I64)))
                case(f"{x.source}:dim()", element(np.asarray(x.value.ndim, I64)))


def random_view(x, random):
    rank = x.ndim
    kind = int(random.integers(0, 8))
    dim = int(random.integers(0, rank)) if rank else 0
    if rank == 0 or kind == 0:
        return x.unsqueeze(int(random.integers(0, rank + 1))) if rank < 5 else x
    if kind == 1:
        return x.permute(*random.permutation(rank).tolist())
    if kind == 2 and rank > 1:
        return x.transpose(dim, int(random.integers(0, rank)))
    extent = x.shape[dim]
    if kind == 3 and extent:
        first = int(random.integers(0, extent))
        return x.narrow(dim, first, int(random.integers(0, extent - first + 1)))
    if kind == 4 and extent:
        return x.step(dim, int(random.integers(0, extent)), int(random.integers(1, 4)))
    if kind == 5 and extent:
        index = int(random.integers(0, extent))
        if rank > 1:
            return x.select(dim, index)
    if kind == 6:
        shape = tuple(3 if extent == 1 and random.random() < 0.7 else extent for extent in x.shape)
        return x.expand(*((2,) + shape if rank < 5 and random.random() < 0.3 else shape))
    if rank == 2:
        return x.t()
    return Expr(f"{x.source}:squeeze()", np.squeeze(x.value))


def aliases():
    """A write through a view shows in the base, and a write to the base in the view."""
    forms = [
        ("[2]", lambda a: a[1]),
        ("[{{}, 2}]", lambda a: a[:, 1]),
        (":t()", lambda a: a.T),
        ("[{{2, 3}}]", lambda a: a[1:3]),
        (":narrow(2, 2, 2)", lambda a: a[:, 1:3]),
        ("[{{}, {1, -1, 2}}]", lambda a: a[:, ::2]),
        (":view(-1)", lambda a: a.reshape(-1)),
        (":reshape(1, -1)", lambda a: a.reshape(1, -1)),
        (":unsqueeze(2)", lambda a: a[:, None]),
        (":select(1, -1)", lambda a: a[-1]),
        (":transpose(1, 2)", lambda a: a.T),
        (":permute(2, 1)", lambda a: a.T),
        (":contiguous()", lambda a: a),
        (":detach()", lambda a: a),
        (":unsqueeze(1):squeeze()", lambda a: a),
        (":expand(3, 4)", lambda a: a),
        (":t():t()[{{2, -1}}]", lambda a: a[1:]),
    ]
    for name in ["f34", "i34", "m34"]:
        for lua, function in forms:
            base = I[name].value.copy()
            function(base)[...] = 1
            case(f"local b = {name}:clone(); b{lua}:fill_(1); return b", base)
            base = I[name].value.copy()
            seen = function(base)
            base[...] = base[::-1, ::-1].copy()
            case(f"local b = {name}:clone(); local v = b{lua}; b:copy_({table(base)}); return v", seen)
    # copies alias nothing
    for lua in [":clone()", ":t():contiguous()", ":t():reshape(-1)", ':to("float64")', "[m34]", ":abs()", " + 0"]:
        case(f"local b = f34:clone(); local c = b{lua}; c:fill_(9); return b", I["f34"].value)
    for source in [
        "f34:t():view(-1)",
        "f34:view(5)",
        "f34:reshape(5, -1)",
        "f34:reshape(-1, -1)",
        "f34:expand(3, 5)",
        "f34:expand(4)",
        "f34:permute(1, 1)",
        "f34:permute(1)",
        "f34:narrow(1, 3, 2)",
        "f34:narrow(3, 1, 1)",
        "f34:select(1, 4)",
        "f234:t()",
        "f34:squeeze(5)",
        "f34:transpose(1, 3)",
        "f34:unsqueeze(5)",
    ]:
        fails(source)


def reshapes():
    for x in [
        I["f34"],
        I["f34"].t(),
        I["d234"].permute(2, 0, 1),
        I["i234"].narrow(2, 1, 2),
        I["f55"].step(0, 0, 2),
        I["m2312"],
        I["fe203"],
    ]:
        size = x.value.size
        shapes = (
            {(size,), (1, size), (size, 1)}
            | ({(2, size // 2)} if size % 2 == 0 else set())
            | ({(size // 3, 1, 3)} if size % 3 == 0 and size else set())
        )
        for shape in sorted(shapes):
            case(f"{x.source}:reshape({commas(shape)})", x.value.reshape(shape))
            if size:
                case(f"{x.source}:reshape({{-1, {shape[-1]}}})", x.value.reshape(-1, shape[-1]))


def squeezes():
    for name in ["f214", "f31", "f1", "d14", "i2312", "f34"]:
        x = I[name]
        case(f"{name}:squeeze()", np.squeeze(x.value))
        for axis, extent in enumerate(x.shape):
            if extent == 1:
                case(f"{name}:squeeze({axis + 1})", np.squeeze(x.value, axis))
                case(f"{name}:squeeze({axis - x.ndim})", np.squeeze(x.value, axis))
        for axis in range(x.ndim + 1):
            case(f"{name}:unsqueeze({axis - x.ndim - 1})", np.expand_dims(x.value, axis))


def joining():
    sets = [
        [I["f34"], I["f14"]],
        [I["f34"], I["f43"].t(), I["f55"].narrow(0, 0, 3).narrow(1, 0, 4)],
        [I["d31"], I["d34"]],
        [I["i34"], I["i34"].step(1, 0, 2)],
        [I["fe03"], I["f31"].t()],
        [I["m34"], I["m14"]],
        [I["f34"], I["d34"]],
        [I["f34"], I["i34"]],
        [I["i34"], I["m34"]],
        [I["d234"], I["d214"].expand(2, 3, 4)],
        [I["fe203"], I["f31"].t().unsqueeze(0).expand(2, 1, 3)],
        [I["f1"], I["fv5"], I["fe0"]],
        [I["f34"]],
        [I["f14"].expand(3, 4), I["f34"].t().t()],
    ]
    for tensors in sets:
        dtypes = {x.dtype for x in tensors}
        if len(dtypes) == 1:
            dtype = dtypes.pop()
        else:
            floats = [d for d in dtypes if d.kind == "f"]
            dtype = (F64 if F64 in floats else F32) if floats else I64
        values = [x.value.astype(dtype) for x in tensors]
        text = "{" + commas(x.source for x in tensors) + "}"
        for axis in range(tensors[0].ndim):
            try:
                result = np.concatenate(values, axis)
            except ValueError:
                fails(f"sonde.cat({text}, {axis + 1})")
                continue
            case(f"sonde.cat({text}, {axis + 1})", result)
            case(f"sonde.cat({text}, {axis - tensors[0].ndim})", result)
        if len({x.shape for x in tensors}) == 1:
            for axis in range(tensors[0].ndim + 1):
                case(f"sonde.stack({text}, {axis + 1})", np.stack(values, axis))
        else:
            fails(f"sonde.stack({text})", lambda: np.stack(values))
    case("sonde.stack{fs, fs}", np.stack([I["fs"].value] * 2))
    fails("sonde.cat{}")
    fails("sonde.stack{}")


def more_aliases():
    """What cuts and turns without copying aliases too."""
    forms = [
        (":chunk(2)[2]", lambda a: a[2:]),
        (":split({1, 3}, 2)[2]", lambda a: a[:, 1:]),
        (":unbind()[2]", lambda a: a[1]),
        (":flatten()", lambda a: a.reshape(-1)),
        (":unflatten(2, {2, 2})", lambda a: a.reshape(3, 2, 2)),
        (":movedim(1, 2)", lambda a: a.T),
        (":swapaxes(1, 2)[{{2, 3}}]", lambda a: a.T[1:3]),
    ]
    for name in ["f34", "d34", "i34", "m34"]:
        for lua, function in forms:
            base = I[name].value.copy()
            function(base)[...] = 1
            case(f"local b = {name}:clone(); b{lua}:fill_(1); return b", base)
    for lua in [
        ":flip(1)",
        ":roll(1)",
        ":tile(1)",
        ":repeat_interleave(1)",
        ":t():flatten()",
        ":gather(1, {{1, 1, 1, 1}})",
    ]:
        case(f"local b = f34:clone(); b{lua}:fill_(9); return b", I["f34"].value)
    fails("local b = f14:expand(3, 4); b:unbind()[1]:copy_(b); b:unbind(2)[1]:fill_(1)")


def later():
    group("aliases, more")
    more_aliases()
    group("cutting and turning")
    operands = [
        I["f34"].t(),
        I["d234"],
        I["i2312"],
        I["fv7"],
        I["m34"],
        I["fe203"],
        I["f55"].step(0, 0, 2),
        I["f14"].expand(3, 4),
    ]
    for x in operands:
        rank = x.ndim
        case(f"{x.source}:flip()", np.flip(x.value))
        case(f"{x.source}:flatten()", x.value.reshape(-1))
        for axis in range(rank):
            case(f"{x.source}:flip({axis + 1})", np.flip(x.value, axis))
            for n in [1, 2, 5]:
                # as PyTorch's: parts of equal size, the last perhaps smaller; array_split spreads them otherwise
                extent = x.shape[axis]
                if not extent:
                    continue
                size = -(-extent // n)
                parts = np.split(x.value, range(size, extent, size), axis)
                case(f"return table.unpack({x.source}:chunk({n}, {axis + 1}))", *parts)
                parts = np.split(x.value, range(n, extent, n), axis)
                case(f"return table.unpack({x.source}:split({n}, {axis + 1}))", *parts)
            if x.shape[axis] and rank > 1:
                case(
                    f"return table.unpack({x.source}:unbind({axis + 1}))",
                    *[np.take(x.value, k, axis) for k in range(x.shape[axis])],
                )
            for shift in [1, -2, 7]:
                case(f"{x.source}:roll({shift}, {axis + 1})", np.roll(x.value, shift, axis))
            for n in [0, 1, 2]:
                values = x.value
                if n <= x.shape[axis]:
                    case(f"{x.source}:diff({n}, {axis + 1})", np.diff(values, n, axis))
            case(f"{x.source}:repeat_interleave(2, {axis + 1})", np.repeat(x.value, 2, axis))
        case(f"{x.source}:roll(3)", np.roll(x.value, 3))
        case(f"{x.source}:tile(2)", np.tile(x.value, 2))
        case(f"{x.source}:tile(2, 1, 3)", np.tile(x.value, (2, 1, 3)))
        if rank > 1:
            case(f"{x.source}:flip{{1, -1}}", np.flip(x.value, (0, -1)))
            case(f"{x.source}:movedim(1, -1)", np.moveaxis(x.value, 0, -1))
            case(f"{x.source}:movedim({{1, 2}}, {{2, 1}})", np.moveaxis(x.value, (0, 1), (1, 0)))
            case(f"{x.source}:swapaxes(1, -1)", np.swapaxes(x.value, 0, -1))
            case(f"{x.source}:roll({{1, 2}}, {{1, 2}})", np.roll(x.value, (1, 2), (0, 1)))
            case(f"{x.source}:flatten(1, 2)", x.value.reshape((x.shape[0] * x.shape[1],) + x.shape[2:]))
    case("fv7:split{2, 4, 1}[2]", I["fv7"].value[2:6])
    case("fv5:repeat_interleave{1, 0, 2, 0, 3}", np.repeat(I["fv5"].value, [1, 0, 2, 0, 3]))
    case("f34:unflatten(2, {2, -1})", I["f34"].value.reshape(3, 2, 2))
    case("fs:flatten()", I["fs"].value.reshape(1))
    case("fv7:diff()", np.diff(I["fv7"].value))
    case("xi:diff()", np.diff(I["xi"].value))
    case("m34:diff()", np.diff(I["m34"].value))
    for indexing in ["ij", "xy"]:
        case(
            f'sonde.meshgrid(fv5, f1, {{indexing="{indexing}"}})',
            *np.meshgrid(I["fv5"].value, I["f1"].value, indexing=indexing),
        )
    for name in ["f34", "i34", "m34", "de203"]:
        x = I[name].value
        case(f"sonde.zeros_like({name})", np.zeros_like(x))
        case(f"sonde.ones_like({name})", np.ones_like(x))
        case(f'sonde.full_like({name}, 1, {{dtype="float64"}})', np.full_like(x, 1, F64))


def write():
    group("creation")
    creation()
    group("views")
    view_chains()
    group("aliases")
    aliases()
    group("reshape")
    reshapes()
    group("squeeze and unsqueeze")
    squeezes()
    group("cat and stack")
    joining()
    later()
