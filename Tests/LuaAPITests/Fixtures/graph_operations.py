"""The statements that random graphs are made of: each function gives the Lua and the Python of one, or nil where it doesn't suit."""

import math

OPERATIONS, CHANGES = [], []


def operation(weight):
    """Adds a function of a graph and a tensor's name to the operations, so many times."""

    def add(function):
        OPERATIONS.extend([function] * weight)
        return function

    return add


def templates(weight, *pairs):
    """Adds operations that are texts with {x}, and {y} for a tensor that broadcasts with it."""

    @operation(weight)
    def drawn(graph, x):
        lua, python = graph.rng.choice(pairs)
        y = graph.partner(x)
        return lua.format(x=x, y=y), python.format(x=x, y=y)


def methods(names, argument="{x}"):
    return [(f"({argument.replace('**2', ':square()')}):{name}()", f"({argument}).{name}()") for name in names]


templates(
    8,
    *methods(
        "neg abs square exp tanh sigmoid relu sin cos erf erfc floor ceil round sign trunc frac atan sinh cosh asinh expm1 exp2".split()
    ),
    *[(f"{{x}}:{name}()", f"F.{name}({{x}})") for name in "softplus gelu silu elu selu hardtanh".split()],
    ("{x}:leaky_relu(0.2)", "F.leaky_relu({x}, 0.2)"),
    ("{x}:nan_to_num()", "{x}.nan_to_num()"),
)
templates(
    3,
    *methods("log sqrt rsqrt reciprocal log1p log2 log10".split(), "{x}**2 + 0.5"),
    *methods(["acosh"], "{x}**2 + 1.5"),
    *[(f"({{x}}:tanh() * 0.9):{name}()", f"({{x}}.tanh() * 0.9).{name}()") for name in "asin acos atanh tan".split()],
)
templates(
    8,
    *[(f"{{x}} {sign} {{y}}", f"{{x}} {sign} {{y}}") for sign in "+-*"],
    ("{x} / ({y}:square() + 0.75)", "{x} / ({y}**2 + 0.75)"),
)
templates(
    4,
    *[(f"{{x}} {sign} {number}", f"{{x}} {sign} {number}") for sign in "+-*/" for number in ("2", "(-1.5)")],
    *[(f"{number} {sign} {{x}}", f"{number} {sign} {{x}}") for sign in "+-*" for number in ("2", "0.5")],
    ("3 / ({x}:abs() + 0.5)", "3 / ({x}.abs() + 0.5)"),
    ("2 ^ {x}", "2 ** {x}"),
)
templates(
    3,
    *[(f"{{x}} ^ {power}", f"{{x}} ** {power}") for power in (0, 1, 2, 3)],
    *[(f"({{x}}:abs() + 0.5) ^ {power}", f"({{x}}.abs() + 0.5) ** {power}") for power in (0.5, -1, -2)],
    ("({x}:abs() + 0.25):pow({y}:tanh())", "({x}.abs() + 0.25).pow({y}.tanh())"),
)
templates(
    4,
    *[(f"{{x}}:{name}({{y}})", f"torch.{name}({{x}}, {{y}})") for name in ("maximum", "minimum")],
    *[
        (f"{{x}}:{name}({{y}}:square() + 0.5)", f"torch.{name}({{x}}, {{y}}**2 + 0.5)")
        for name in ("atan2", "hypot", "fmod")
    ],
    ("{x}:mod({y}:abs() + 0.7)", "torch.remainder({x}, {y}.abs() + 0.7)"),
    ("{x}:floor_divide({y}:abs() + 0.7)", "torch.floor({x} / ({y}.abs() + 0.7))"),
    ("{x}:lerp({y}, 0.3)", "{x} + 0.3 * ({y} - {x})"),
    ("sonde.where({x}:gt({y}), {x}, {y} * 2)", "torch.where({x} > {y}, {x}, {y} * 2)"),
    ("{x}:clamp(-0.5, 1)", "{x}.clamp(-0.5, 1)"),
    ("{x}:clamp(-0.5)", "{x}.clamp(-0.5)"),
    ("{x}:masked_fill({x}:lt(0), 0.75)", "{x}.masked_fill({x} < 0, 0.75)"),
)
templates(2, ("{x}[{x}:gt(0)]", "{x}[{x} > 0]"), ("{x}:masked_select({x}:le(0))", "{x}.masked_select({x} <= 0)"))


# Reductions and lines.


@operation(5)
def reduction(graph, x):
    name = graph.rng.choice("sum mean var std norm prod amax amin logsumexp max min median".split())
    rank, count = len(graph.shape(x)), math.prod(graph.shape(x))
    if count == 0 and name not in ("sum", "prod") or name == "median" and count % 2 == 0:
        return None
    if rank == 0 or graph.rng.random() < 0.3:
        python = {"logsumexp": "reshape(-1).logsumexp(0)", "var": "var(correction=0)", "std": "std(correction=0)"}
        return f"({x}:{name}())", f"{x}.{python.get(name, name + '()')}"
    dim, keep = graph.rng.randrange(rank), graph.rng.random() < 0.4
    if name == "median" and graph.shape(x)[dim] % 2 == 0:
        return None
    lua = f"({x}:{name}{{ dim = {dim - rank}, keepdim = {str(keep).lower()} }})"
    options = f"dim={dim}, keepdim={keep}"
    if name == "norm":
        return lua, f"torch.linalg.vector_norm({x}, {options})"
    if name in ("var", "std"):
        return lua, f"{x}.{name}({options}, correction=0)"
    return lua, f"{x}.{name}({options})" + ("[0]" if name in ("max", "min", "median") else "")


@operation(2)
def reduction_of_several(graph, x):
    rank = len(graph.shape(x))
    if rank < 2 or math.prod(graph.shape(x)) == 0:
        return None
    first, second = graph.rng.sample(range(rank), 2)
    name = graph.rng.choice(["sum", "mean", "var", "logsumexp", "amax"])
    correction = ", correction=0" if name == "var" else ""
    return (
        f"{x}:{name}{{ dim = {{ {first + 1}, {second - rank} }} }}",
        f"{x}.{name}(dim=({first}, {second}){correction})",
    )


@operation(5)
def line(graph, x):
    rank = len(graph.shape(x))
    if rank == 0 or math.prod(graph.shape(x)) == 0:
        return None
    dim = graph.rng.randrange(rank)
    d, extent = dim + 1, graph.shape(x)[dim]
    distinct = len(set(graph.env[x].flatten().tolist())) == math.prod(graph.shape(x))
    count = graph.rng.randint(1, extent)
    choices = [
        *[
            (f"{x}:{name}({d})", f"{x}.{name}({dim})")
            for name in ("softmax", "log_softmax", "cumsum", "cumprod", "flip")
        ],
        (f"({x}:sort({d}))", f"{x}.sort(dim={dim}, stable=True)[0]"),
        (f"{x}:diff(1, {d})", f"{x}.diff(dim={dim})"),
        (f"({x}:sort{{ dim = {d}, descending = true }})", f"{x}.sort(dim={dim}, descending=True, stable=True)[0]"),
        (f"{x}:roll(1, {d})", f"{x}.roll(1, {dim})"),
    ]
    if distinct:
        choices += [
            (f"({x}:topk({count}, {d}))", f"{x}.topk({count}, {dim})[0]"),
            (f"{x}:quantile(0.37, {d})", f"{x}.quantile(0.37, {dim})"),
            (f"({x}:topk({count}, {d}, {{ largest = false }}))", f"{x}.topk({count}, {dim}, largest=False)[0]"),
        ]
    return graph.rng.choice(choices)


# Views.


@operation(4)
def whole_view(graph, x):
    shape = graph.shape(x)
    rank, count = len(shape), math.prod(shape)
    dim, order = graph.rng.randint(0, rank), graph.rng.sample(range(rank), rank)
    wider = [2] + [3 if extent == 1 else extent for extent in shape]
    choices = [
        (f"{x}:unsqueeze({dim + 1})", f"{x}.unsqueeze({dim})"),
        (f"{x}:squeeze()", f"{x}.squeeze()"),
        (f"{x}:flatten()", f"{x}.flatten()"),
        (f"{x}:reshape({count})", f"{x}.reshape({count})"),
        (f"{x}:expand({', '.join(map(str, wider))})", f"{x}.expand({wider})"),
    ]
    if rank > 0:
        choices.append((f"{x}:permute({', '.join(str(k + 1) for k in order)})", f"{x}.permute({order})"))
    if rank == 2:
        choices += [(f"{x}:t()", f"{x}.t()"), (f"{x}:diagonal()", f"{x}.diagonal()"), (f"{x}:tril()", f"{x}.tril()")]
    return graph.rng.choice(choices)


@operation(6)
def part(graph, x):
    shape = graph.shape(x)
    if not shape or 0 in shape:
        return None
    dim = graph.rng.randrange(len(shape))
    first = graph.rng.randrange(shape[dim])
    last, d = graph.rng.randint(first, shape[dim] - 1), dim + 1
    lead, python = "{}, " * dim, ":, " * dim
    return graph.rng.choice(
        [
            (f"{x}:narrow({d}, {first + 1}, {last - first + 1})", f"{x}.narrow({dim}, {first}, {last - first + 1})"),
            (f"{x}:select({d}, {first + 1})", f"{x}.select({dim}, {first})"),
            (f"{x}[{{ {lead}{first + 1} }}]", f"{x}[{python}{first}]"),
            (f"{x}[{{ {lead}{{ {first + 1}, {last + 1} }} }}]", f"{x}[{python}{first}:{last + 1}]"),
            (f"{x}[{{ {lead}{{ {first + 1}, -1, 2 }} }}]", f"{x}[{python}{first}::2]"),
            (f"{x}:unbind({d})[{first + 1}]", f"{x}.unbind({dim})[{first}]"),
            (f"{x}:chunk(2, {d})[1]", f"{x}.chunk(2, {dim})[0]"),
            (f"{x}:split(2, {d})[1]", f"{x}.split(2, {dim})[0]"),
            (f"{x}:movedim({d}, -1)", f"{x}.movedim({dim}, -1)"),
        ]
    )


# Elements by index.


@operation(5)
def gathered(graph, x):
    shape = graph.shape(x)
    if not shape or 0 in shape:
        return None
    dim = graph.rng.randrange(len(shape))
    d, extent = dim + 1, shape[dim]
    some = graph.indices([graph.rng.randrange(extent) for _ in range(3)])
    one = [1 if k == dim else length for k, length in enumerate(shape)]
    line = graph.indices([graph.rng.randrange(extent) for _ in range(math.prod(one))], one)
    flat = graph.indices([graph.rng.randrange(math.prod(shape)) for _ in range(3)])
    lead, python = "{}, " * dim, ":, " * dim
    return graph.rng.choice(
        [
            (f"{x}:gather({d}, {line[0]})", f"{x}.gather({dim}, {line[1]})"),
            (f"{x}:take({flat[0]})", f"{x}.take({flat[1]})"),
            (f"{x}:index_select({d}, {some[0]})", f"{x}.index_select({dim}, {some[1]})"),
            (f"{x}[{{ {lead}{some[0]} }}]", f"{x}[{python}{some[1]}]"),
            *[
                (
                    f"{x}:{name}({d}, {line[0]}, {x}:narrow({d}, 1, 1) * 3)",
                    f"{x}.{name}({dim}, {line[1]}, {x}.narrow({dim}, 0, 1) * 3)",
                )
                for name in ("scatter_add", "scatter")
            ],
            (f"{x}:index_fill({d}, {some[0]}, 0.5)", f"{x}.index_fill({dim}, {some[1]}, 0.5)"),
            (f"{x}:repeat_interleave(2, {d})", f"{x}.repeat_interleave(2, {dim})"),
            (f"{x}:tile(2, 1)", f"{x}.tile(2, 1)"),
            (
                f"{x}:take_along_dim({x}:argsort({d}), {d})",
                f"{x}.take_along_dim({x}.argsort(dim={dim}, stable=True), {dim})",
            ),
        ]
    )


@operation(3)
def joined(graph, x):
    rank = len(graph.shape(x))
    other = graph.rng.choice([name for name in graph.names if graph.shape(name) == graph.shape(x)])
    if rank == 0 or graph.rng.random() < 0.5:
        dim = graph.rng.randint(0, rank)
        return f"sonde.stack({{ {x}, {other} }}, {dim + 1})", f"torch.stack([{x}, {other}], {dim})"
    dim = graph.rng.randrange(rank)
    return f"sonde.cat({{ {x}, {other}, {x} }}, {dim + 1})", f"torch.cat([{x}, {other}, {x}], {dim})"


# Products and linear algebra.


@operation(5)
def product(graph, x):
    if not graph.shape(x):
        return None
    inner = graph.shape(x)[-1]
    fits = [name for name in graph.names if graph.shape(name) and graph.shape(name)[-2:][0] == inner]
    if fits and graph.rng.random() < 0.7:
        other = graph.rng.choice(fits)
        return f"{x}:matmul({other})", f"{x}.matmul({other})"
    lua, python = graph.constant(graph.rng.choice([[inner], [inner, 2], [2, inner, 2]]))
    return f"{x}:matmul({lua})", f"{x}.matmul({python})"


@operation(3)
def solved(graph, x):
    shape = graph.shape(x)
    if len(shape) != 2 or 0 in shape:
        return None
    n = shape[0]
    spread = [float(k) for k in range(1, n + 1)]
    # symmetric, positive definite, its eigenvalues apart
    lua = f"({x}:tanh():mm({x}:tanh():t()) * 0.2 + T({'{'}{', '.join(map(str, spread))}{'}'}, {{ {n} }}):diag())"
    python = f"({x}.tanh().mm({x}.tanh().t()) * 0.2 + T({spread}, [{n}]).diag())"
    right = graph.constant([n, 2])
    return graph.rng.choice(
        [
            *[
                (f"sonde.linalg.{name}({lua})", f"torch.linalg.{name}({python})")
                for name in ("inv", "det", "cholesky", "pinv", "eigvalsh", "svdvals", "norm")
            ],
            *[
                (
                    f"sonde.linalg.{name}({lua}, {right[0]})",
                    f"torch.linalg.{name}({python}, {right[1]})" + "[0]" * (name == "lstsq"),
                )
                for name in ("solve", "lstsq")
            ],
            (f"(select(2, sonde.linalg.slogdet({lua})))", f"torch.linalg.slogdet({python})[1]"),
            (f"(select(2, sonde.linalg.qr({lua}))):abs()", f"torch.linalg.qr({python})[1].abs()"),
            (f"(select(2, sonde.linalg.eigh({lua}))):abs()", f"torch.linalg.eigh({python})[1].abs()"),
            (f"{lua}:trace() + {x}:triu():sum()", f"{python}.trace() + {x}.triu().sum()"),
        ]
    )


# Changes in place.


def change(function):
    CHANGES.append(function)
    return function


@change
def arithmetic_in_place(graph, y):
    other = graph.fitting(graph.shape(y))
    if other is None:
        return None
    name = graph.rng.choice(["add_", "sub_", "mul_", "copy_"])
    return f"{y}:{name}({other})", f"{y}.{name}({other})"


@change
def function_in_place(graph, y):
    call = graph.rng.choice(
        "tanh_() sigmoid_() sin_() relu_() abs_() neg_() add_(0.75) mul_(1.5) fill_(0.25) zero_() clamp_(-1,1)".split()
    )
    return f"{y}:{call}", f"{y}.{call}"


@change
def masked_in_place(graph, y):
    return f"{y}:masked_fill_({y}:gt(0.5), 0.5)", f"{y}.masked_fill_({y} > 0.5, 0.5)"


@change
def assignment(graph, y):
    shape = graph.shape(y)
    if not shape or 0 in shape:
        return None
    first = graph.rng.randrange(shape[0])
    last = graph.rng.randint(first, shape[0] - 1)
    rows = graph.indices(graph.rng.sample(range(shape[0]), 1))
    forms = [
        (f"{first + 1}", f"{first}", shape[1:]),
        (f"{{ {{ {first + 1}, {last + 1} }} }}", f"{first}:{last + 1}", (last - first + 1,) + shape[1:]),
        (rows[0], rows[1], (1,) + shape[1:]),
    ]
    if len(shape) > 1:
        column = graph.rng.randrange(shape[1])
        forms.append((f"{{ {{}}, {column + 1} }}", f":, {column}", shape[:1] + shape[2:]))
    lua, python, target = graph.rng.choice(forms)
    value = graph.fitting(target)
    value = "1.5" if value is None or graph.rng.random() < 0.2 else value
    return f"{y}[{lua}] = {value}", f"{y}[{python}] = {value}"
