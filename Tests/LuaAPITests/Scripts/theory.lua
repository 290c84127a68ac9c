-- Theory from Lua: the published figures, measured nets beside their predictions, and what is not covered saying so.
local function close(got, expected, tolerance, what)
  local off = math.abs(got - expected)
  assert(off <= tolerance * math.abs(expected), ("%s: %.8g is not within %g of %.8g"):format(what or "", got, tolerance, expected))
end
local function message(f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok, "no error")
  return (text:gsub("^[^:]*:%d+: ", ""))
end

-- Gains and growth, six digits (SciPy's quad; Yang et al. 2019).
for name, gain in pairs{
  relu = 1.41421, tanh = 1.59254, sigmoid = 1.84623, elu = 1.24520, silu = 1.67653, gelu = 1.53353, softplus = 1.04187,
} do close(theory.gain(name), gain, 5e-6, name) end
for name, growth in pairs{ relu = 1.46694, linear = 1, tanh = 1.17781, silu = 1.21208, sigmoid = 1.03359 } do
  close(theory.growth(name), growth, 5e-6, name)
end
close(theory.growth("relu", { norm_position = "after", sigma_w2 = 7 }), math.pi / (math.pi - 1), 1e-12)
for batch, growth in pairs{ [4] = 3.084, [16] = 1.590, [64] = 1.493 } do
  close(theory.growth("relu", { batch = batch }), growth, 4e-4)
  close(theory.growth("linear", { batch = batch }), (batch - 2) / (batch - 3), 1e-12)
end
-- Yang et al. 2019, theorem 8 (eq. 25) with alpha = 1, J and J' being the cosine map of ReLU and its slope.
for _, batch in ipairs{ 4, 5, 7, 8, 16, 100, 4096 } do
  local c = -1 / (batch - 1)
  local slope = 1 - math.acos(c) / math.pi
  local map = math.sqrt(1 - c * c) / math.pi + slope * c
  local rate = (batch - 1 + slope) / ((batch - 3) * (1 - map)) - 1 / (batch - 3)
  close(theory.growth("relu", { batch = batch }), rate, 1e-11)
end
close(theory.growth("relu", { batch = 10000000 }), math.pi / (math.pi - 1), 1e-6)
close(theory.growth("relu", { norm = "layer" }), 1, 1e-12)
close(theory.growth("relu", { norm = "layer", norm_position = "after" }), math.pi / (math.pi - 1), 1e-12)
close(theory.growth("relu", { norm = "rms", norm_position = "after", sigma_w2 = 3 }), 1, 1e-12)

-- Maps.
close(theory.variance("relu", 1e-40, { sigma_w2 = 1 }), 0.5e-40, 1e-12)
close(theory.variance("tanh", 1e20, { sigma_w2 = 2, sigma_b2 = 1 }), 3, 1e-9)
assert(theory.variance("sigmoid", 0, { sigma_w2 = 4 }) == 1)
assert(select(2, theory.variance("relu", 3, { sigma_w2 = 4 })) == 2)
local c = 0
for layer = 1, 20 do
  c = theory.correlation("relu", c, { sigma_w2 = 2 })
  local known = ({ [1] = 0.3183, [2] = 0.4937, [10] = 0.8715, [20] = 0.9484 })[layer]
  if known then assert(math.abs(c - known) < 5e-5, c) end
end
assert(theory.correlation("tanh", 1, { sigma_w2 = 2, q = 1 }) == 1)
close(theory.correlation("tanh", -1, { sigma_w2 = 2, q = 1 }), -1, 1e-12)

-- Fixed points (Schoenholz et al. 2017).
local point = theory.fixed_point("tanh", { sigma_w2 = 1.76095, sigma_b2 = 0.05 })
close(point.q, 0.57005, 1e-5)
close(point.chi, 1, 1e-5)
assert(point.c == 1 and point.stable)
point = theory.fixed_point("tanh", { sigma_w2 = 1, sigma_b2 = 0.05 })
close(point.q, 0.1936, 3e-4)
close(point.chi, 0.7590, 1e-4)
close(point.xi_c, 3.63, 2e-3)
point = theory.fixed_point("tanh", { sigma_w2 = 4, sigma_b2 = 0.05 })
close(point.q, 2.196, 3e-4)
close(point.chi, 1.3424, 1e-4)
close(point.xi_c, 6.98, 1e-3)
-- c is a fixed point of the map, and xi_c its slope's
close(theory.correlation("tanh", point.c, { sigma_w2 = 4, sigma_b2 = 0.05 }), point.c, 1e-9)
local h = 1e-4
local slope = (theory.correlation("tanh", point.c + h, { sigma_w2 = 4, sigma_b2 = 0.05 })
  - theory.correlation("tanh", point.c - h, { sigma_w2 = 4, sigma_b2 = 0.05 })) / (2 * h)
close(-1 / math.log(slope), point.xi_c, 1e-5)
point = theory.fixed_point("tanh", { sigma_w2 = 0.9 })
assert(point.q == 0 and point.stable)
close(point.chi, 0.9, 1e-12)
point = theory.fixed_point("selu", { sigma_w2 = 1 })
close(point.q, 1, 1e-9)
-- lambda^2 (1/2 + alpha^2 e^2 Phi(-2)) = 1.0715750 (SciPy's norm.cdf)
close(point.chi, 1.0715750, 1e-7)
-- xi_q is how fast iterating comes back
point = theory.fixed_point("elu", { sigma_w2 = 1, sigma_b2 = 0.1 })
local near = theory.variance("elu", point.q * 1.0001, { sigma_w2 = 1, sigma_b2 = 0.1 })
close(-1 / math.log((near / point.q - 1) / 1e-4), point.xi_q, 1e-3)
point = theory.fixed_point("relu", { sigma_w2 = 2 })
assert(point.chi == 1 and point.any_q and point.xi_c == math.huge and point.xi_q == nil and not point.stable)
close(theory.fixed_point("relu", { sigma_w2 = 1, sigma_b2 = 0.3 }).q, 0.6, 1e-12)
assert(message(theory.fixed_point, "relu", { sigma_w2 = 3 }) ==
  "theory.fixed_point: the variance of relu grows without bound for sigma_w2=3, sigma_b2=0 (searched up to q=1e12); "
  .. "a smaller sigma_w2 has a fixed point")

-- Edges of chaos (Hayou et al. 2019).
for name, known in pairs{ tanh = { 1.3041, true }, silu = { 1.6795, false }, gelu = { 1.5470, false }, elu = { 1.2293, true } } do
  local edge = theory.edge_of_chaos(name, { sigma_b = 0.2 })
  close(edge.sigma_w, known[1], 4e-5, name)
  assert(edge.stable == known[2], name)
  -- chi is 1 there, and q a fixed point
  local q, chi = theory.variance(name, edge.q, { sigma_w2 = edge.sigma_w ^ 2, sigma_b2 = 0.04 })
  close(q, edge.q, 1e-12)
  close(chi, 1, 1e-12)
end
close(theory.edge_of_chaos("sigmoid", { sigma_b = 0.2 }).sigma_w, 10.15, 5e-4)
close(theory.edge_of_chaos("sigmoid", { sigma_b = 0.2 }).q, 45.7, 5e-4)
close(theory.edge_of_chaos("relu").sigma_w, math.sqrt(2), 1e-12)
close(theory.edge_of_chaos("tanh").sigma_w, 1, 1e-12)
assert(theory.edge_of_chaos("tanh").q == 0)
-- dq'/dq is 1 there: what is of higher order decides, as iterating shows
for name, returns in pairs{ tanh = true, elu = true, selu = true, gelu = false, silu = false, hardtanh = false, relu = false } do
  local edge = theory.edge_of_chaos(name)
  assert(edge.stable == returns, name)
  local q = theory.variance(name, 0.01, { sigma_w2 = edge.sigma_w ^ 2 })
  assert((q < 0.01 * (1 - 1e-12)) == returns, name)
end
point = theory.fixed_point("tanh", { sigma_w2 = 1 })
assert(point.q == 0 and point.stable and point.xi_q == math.huge)
assert(message(theory.edge_of_chaos, "relu", { sigma_b = 0.2 }):find("it is one point, at sigma_b=0", 1, true))
assert(message(theory.edge_of_chaos, "softplus", { sigma_b = 0.2 }) ==
  "theory.edge_of_chaos: softplus has none for sigma_b=0.2: chi = 1 and a fixed point of q don't meet for q from 1e-8 to 1e6; "
  .. "try another sigma_b")

-- Errors name who, what was expected and what came.
assert(message(theory.growth, "relu", { batch = 3 }):find("diverges up to 3 samples; take a batch of 4 or more", 1, true))
assert(message(theory.growth, "tanh", { batch = 8 }):find("not for tanh with batch normalisation before it; without batch=", 1, true))
assert(message(theory.growth, "relu", { batch = 8, norm_position = "after" }):find("a finite batch is covered for", 1, true))
assert(message(theory.gain, "rely"):find("did you mean 'relu'", 1, true))
assert(message(theory.gain, "tanh", { slope = 1 }) == "theory.gain: option 'slope' is for leaky_relu and prelu, not for tanh")
assert(message(theory.fixed_point, "tanh", { sigma_w = 1 }):find("did you mean 'sigma_w2'", 1, true))
assert(message(theory.fixed_point, "tanh", { sigma_w2 = -1 }):find("sigma_w2' expected a variance of at least 0, got -1.0", 1, true))
assert(message(theory.variance, "tanh", 0 / 0):find("expected a variance of at least 0 as q", 1, true))
assert(message(theory.correlation, "relu", 0.5, { sigma_w2 = 3 }) ==
  "theory.correlation: the variance of relu has no fixed point at these sigmas; give q=, the variance of the preactivations")
assert(message(theory.correlation, "tanh", 2):find("from -1 to 1, got 2.0", 1, true))
assert(message(theory.predict, { width = 0 }) == "theory.predict: expected width of at least 1, got 0")
assert(message(theory.predict, { depth = 20000 }) == "theory.predict: expected a depth of at most 10000, got 20000")
assert(#theory.predict{ depth = 10000, batch = 1 << 50 } == 10000)
assert(message(theory.predict, { input_cosine = 2 }):find("input_cosine' expected a number from -1 to 1", 1, true))

-- Predictions without a net: the founding experiment's law, and where dtypes end.
local p = theory.predict{ init = "normal(0.01)", depth = 40, batch = 1000 }
assert(#p == 40 and p[41] == nil and p[-1].name == "39" and p[1].kind == "Block")
close(p[1].activation.variance, 10 ^ -2.47, 0.02)
close(p[20].activation.rms, 0.01 * math.sqrt(50) * p[19].activation.rms, 1e-12)
close(p[1].weight_gradient.std, p[40].weight_gradient.std, 1e-9)
close(p[1].gradient.std, math.sqrt(0.005) ^ 39, 1e-9)
assert(p[1].law == "normal(0.01): sigma*sqrt(n/2) = 0.07071" and p[1].factor < 0.0708 and p[1].reason == nil)
close(p.drift, -5 * 40 / 200, 1e-12)
close(p.drift_spread, math.sqrt(2), 1e-12)
local ends = {}
for _, e in ipairs(p.ends) do ends[e.quantity .. " " .. e.dtype .. " " .. e.kind] = e end
-- 0.1 * sqrt(1/2) * 0.0707^(l-1) against 1.4e-45 and 1.2e-38; exactly 0 from layer 40 on [measured]
assert(ends["activation float32 zero"].layers == 39 and ends["activation float32 zero"].within)
assert(ends["activation float32 subnormal"].layers == 33 and ends["gradient float32 zero"].layers == 40)
assert(ends["activation float64 zero"].layers == 282 and not ends["activation float64 zero"].within)
local exploding = theory.predict{ init = "normal(1)", depth = 10 }.ends[1]
assert(exploding.kind == "overflow" and exploding.dtype == "float32" and exploding.layers == 46)
assert(#theory.predict{ depth = 10 }.ends == 0)
local text = tostring(p)
assert(text:find("float32: activations lose digits after 33 layers, are 0 after 39 layers", 1, true), text)
local lines = select(2, text:gsub("\n", "\n")) + 1
assert(lines <= 45 and #p:text() > #text, lines)
assert(#p:column("activation.std") == 40 and message(p.column, p, "activation.sdt"):find("did you mean 'activation.std'", 1, true))
-- without a batch dL/dW is not told: NaN in a column
local open = theory.predict{ depth = 2 }
assert(open[1].weight_gradient == nil and open:column("weight_gradient.std")[1] ~= open:column("weight_gradient.std")[1])
assert(open[1].notes[1]:find("no dL/dW: it grows with the batch", 1, true))
-- a note names the very layers it is about
text = tostring(nn.Sequential{ nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8), nn.Linear(8, 8) }:theory())
assert(text:find("\n- layers 1, 3 to 4: no dL/dW: it grows with the batch, which is not given\n", 1, true), text)
-- the options of nn.mlp are read as nn.mlp reads them; affine changes nothing at the start
assert(theory.predict{ norm = "batch", affine = false, depth = 2 }[2].activation.std
  == theory.predict{ norm = "batch", depth = 2 }[2].activation.std)
assert(message(theory.predict, { dropuot = 0.5 }) == "theory.predict: unknown option 'dropuot', did you mean 'dropout'?")
-- what nn.mlp takes theory.predict takes, and says the same as theory of the net made of it
for _, options in ipairs{
  { activation = "leaky_relu", slope = 0.5, dropout = 0.5, momentum = "cumulative", seed = 7, dtype = "float64" },
  { activation = "prelu", slope = -0.75, outputs = 3, bias = false },
  { activation = "leaky_relu", init = "lecun_normal", norm = "batch", residual = true },
} do
  options.depth, options.inputs, options.width, options.input_mean, options.batch = 3, 40, 50, 2, 30
  local predicted = theory.predict(options)
  local input = { input_mean = 2, batch = 30 }
  options.input_mean, options.batch = nil, nil
  local read = nn.mlp(options):theory(input)
  assert(#predicted == #read)
  for _, path in ipairs{ "activation.std", "activation.mean", "activation.cosine", "gradient.std", "weight.std", "weight_gradient.std" } do
    for row, value in ipairs(predicted:column(path)) do close(value, read:column(path)[row], 1e-12, path) end
  end
end
-- He et al. 2015, eq. 15: a layer's root of n var(W) (1 + a^2)/2, which he_normal holds at 1
local leaky = theory.predict{ activation = "leaky_relu", slope = 0.5, init = "normal(0.1)", depth = 2 }
close(leaky[2].factor, math.sqrt(100 * 0.01 * 1.25 / 2), 1e-12)
close(theory.predict{ activation = "leaky_relu", slope = 0.5, depth = 9 }[9].activation.rms, 1, 1e-12)
assert(message(theory.predict, { activation = "tanh", slope = 0.1 }) == "theory.predict: option 'slope' is for leaky_relu and prelu, not for tanh")
assert(message(nn.mlp, { slope = 0.1 }) == "nn.mlp: option 'slope' is for leaky_relu and prelu, not for relu")
assert(message(theory.predict, { activation = "prelu", slope = 0 / 0 }):find("option 'slope' expected a finite number, got ", 1, true))
assert(tostring(nn.mlp{ activation = "leaky_relu", slope = 0.3, width = 4, depth = 1, inputs = 4 }):find("LeakyReLU(0.3)", 1, true))
assert(message(theory.predict, { dropout = 2 }) == "theory.predict: expected a dropout from 0 to 1, got 2.0")
-- an input with a mean: the samples have it in common, and the Linear sees its square
p = theory.predict{ input_mean = 3, depth = 1, init = "normal(0.1)", activation = "linear" }
close(p[1].activation.rms, math.sqrt(100 * 0.01 * 10), 1e-12)
close(p[1].activation.cosine, 0.9, 1e-12)
assert(theory.predict{ input_mean = 3, input_rms = 3, depth = 1, activation = "linear" }[1].activation.cosine == 1)
assert(theory.predict{ input_mean = 3, input_cosine = 0.95, depth = 1, activation = "linear" }[1].activation.cosine == 0.95)
assert(theory.predict{ input_rms = 0, depth = 1 }[1].activation.rms == 0)
assert(message(theory.predict, { input_mean = -2, input_rms = 1 })
  == "theory.predict: option 'input_mean' expected at most input_rms = 1 in size, got -2")
assert(message(theory.predict, { input_mean = 1 / 0 }) == "theory.predict: option 'input_mean' expected a finite number, got inf")
assert(nn.Sequential{ nn.Tanh(), nn.Linear(8, 8) }:theory{ input_mean = 1 }[1].reason
  == "tanh acts on the input, of which theory knows the moments alone")
-- a batch gives its moments and its width
local shifted = sonde.randn(50, 30) + 2
p = theory.predict{ input = shifted, depth = 2 }
local q2 = nn.mlp{ inputs = 30, depth = 2 }:theory{ input = shifted }
assert(p[1].activation.std == q2[1].activation.std and p[2].weight_gradient.std == q2[2].weight_gradient.std)
assert(message(theory.predict, { input = shifted, inputs = 20 })
  == "theory.predict: option 'input' expected a batch of 20 features, got 30; leave inputs away")
assert(message(theory.predict, { input = shifted, input_mean = 1 }) == "theory.predict: takes input or input_mean, not both")
-- the cosine too, as a probe measures it: the mean over all pairs of samples
local unlike = sonde.randn(6, 30, { dtype = "float64" }) + 1
local products = (unlike:mm(unlike:t())):totable()
local cosine = 0
for a = 1, 6 do
  for b = 1, 6 do
    if a ~= b then cosine = cosine + products[a][b] / math.sqrt(products[a][a] * products[b][b]) / 30 end
  end
end
p = theory.predict{ input = unlike, depth = 2, activation = "linear", dtype = "float64" }
close(p[1].activation.cosine, cosine, 1e-12)
-- which batch normalisation needs, before the first activation; its own cosine is -1/(B - 1)
p = theory.predict{ input = unlike, depth = 3, norm = "batch", activation = "linear" }
assert(p[1].reason == nil and p[3].reason == nil)
close(p[1].activation.cosine, -1 / 5, 1e-12)
close(p[2].gradient_factor, 4 / 3, 1e-3, "(B-2)/(B-3), eps aside")
-- one sample has no pairs, and batch normalisation nothing to divide by
assert(theory.predict{ input = sonde.randn(1, 8), depth = 1 }[1].activation.cosine == nil)
assert(theory.predict{ input = sonde.randn(1, 8), depth = 1, norm = "batch" }[1].reason
  == "batch normalisation needs a batch of at least 2")
-- up to 3 samples 1 / variance has no mean: a warning in place of numbers that eps alone holds, of every activation and dtype
for batch, cause in pairs{
  [2] = "leaves of 2 samples the sign of their difference alone, and nothing of dL/dh but what eps makes",
  [3] = "has no mean of dL/dh in front of it for a batch of 3: 1 / variance diverges up to 3 samples",
} do
  for _, options in ipairs{
    {}, { activation = "tanh" }, { eps = 0 }, { norm_position = "after" }, { residual = true },
    { activation = "linear", dtype = "float64" },
  } do
    options.norm, options.batch, options.depth = "batch", batch, 3
    p = theory.predict(options)
    assert(p[1].notes[1] == "batch normalisation " .. cause .. "; take a batch of 4 or more", p[1].notes[1])
    assert(p[1].activation.std > 0 and p[3].gradient.std == 1)
    for row = 1, 3 do
      assert(p[row].weight_gradient == nil and p[row].gradient_factor == nil)
      assert(row == 3 or p[row].gradient == nil
        and p[row].notes[2] == "no dL/dh: the batch normalisation in layer 3 has no law of it for a batch of up to 3 samples", p[row].notes[2])
    end
    assert(#p.ends == 0 or p.ends[1].quantity == "activation")
  end
end
assert(theory.predict{ norm = "batch", batch = 4, depth = 2 }[1].gradient and theory.predict{ norm = "layer", batch = 2, depth = 2 }[1].gradient)
-- growing without bound: elu and softplus are the relu there, which He's law multiplies by n/2 (a weight of std 1)
for _, name in ipairs{ "elu", "softplus" } do
  local wild = theory.predict{ activation = name, init = "normal(1)", depth = 150 }
  close(wild[150].factor, math.sqrt(50), 1e-9, name)
  close(wild[150].activation.rms / wild[149].activation.rms, math.sqrt(50), 1e-9, name)
end
-- residual blocks with batch norm: variance l + 1, share 1/(l+1) (De & Smith 2020); doubling without, but for the mean
local layers = {}
for block = 1, 6 do layers[block] = nn.Residual{ nn.BatchNorm(64, { eps = 0 }), nn.ReLU(), nn.Linear(64, 64, { init = "he_normal" }) } end
local stack = nn.Sequential(layers):theory()
for block = 1, 6 do close(stack[block].activation.variance, block + 1, 1e-9) end

-- Measured nets beside their predictions.
sonde.seed(21)
local function compare(net, x, tolerances, options)
  local r = net:probe(x, options or { percentiles = {}, bins = 4 })
  local q = r:theory()
  assert(#q == #r)
  for path, tolerance in pairs(tolerances) do
    local measured, predicted = r:column(path), q:column(path)
    for i = 1, #r do
      if predicted[i] == predicted[i] then close(measured[i], predicted[i], tolerance, ("%s of row %d of %s"):format(path, i, q[i].kind)) end
    end
  end
  return r, q
end
-- at width 256 a layer's own scatter of std is up to sqrt(5/256)/2 = 7 % for ReLU, and layers add up; less with batch norm
local WIDE = { ["activation.std"] = 0.2, ["activation.rms"] = 0.2, ["gradient.std"] = 0.25, ["weight_gradient.std"] = 0.25, ["weight.std"] = 0.02,
  ["activation.batch_std"] = 0.2 }
local HELD = { ["activation.std"] = 0.03, ["gradient.std"] = 0.05, ["weight_gradient.std"] = 0.05, ["activation.batch_std"] = 0.03, ["preactivation.std"] = 0.03 }
-- the law of an infinite batch in place of that of 128 samples costs about 1 % a layer
local INFINITE = { ["activation.std"] = 0.03, ["gradient.std"] = 0.1, ["weight_gradient.std"] = 0.1, ["activation.batch_std"] = 0.03 }
local x = sonde.randn(128, 256)
local function mlp(options)
  options.inputs, options.width, options.depth = 256, 256, options.depth or 4
  return nn.mlp(options)
end
for _, name in ipairs{ "relu", "tanh", "gelu", "silu", "elu", "selu", "sigmoid", "softplus", "hardtanh", "leaky_relu", "prelu", "linear" } do
  local r, q = compare(mlp{ activation = name }, x, WIDE)
  assert(q[4].reason == nil and q[4].weight_gradient)
  assert(math.abs(r[1].activation.cosine - q[1].activation.cosine) < 0.02, name)
end
for _, init in ipairs{ "orthogonal", "xavier_uniform", "uniform(-0.1,0.1)", "lecun_normal", "he_uniform", "normal(0.01)" } do
  compare(mlp{ init = init }, x, WIDE)
end
for _, norm in ipairs{ "batch", "layer", "rms" } do
  for _, position in ipairs{ "before", "after" } do
    for _, name in ipairs{ "relu", "tanh" } do
      local net = mlp{ activation = name, norm = norm, norm_position = position, depth = 5 }
      local closed = name == "relu" and position == "before"
      local _, q = compare(net, x, norm == "batch" and (closed and HELD or INFINITE) or WIDE)
      if norm == "batch" then assert((#q[1].notes == 0) == closed, "the infinite batch is noted where it stands in") end
    end
  end
end
-- eps matters where the variance is near it
compare(mlp{ init = "normal(0.001)", norm = "batch" }, x, HELD)
compare(mlp{ init = "normal(0.0001)", norm = "batch", norm_position = "after" }, x, INFINITE)
-- a small batch by the finite law: 40 % more than the infinite one at layer 1
compare(mlp{ norm = "batch", depth = 5 }, sonde.randn(6, 256), { ["gradient.std"] = 0.3 })
-- eps holds the mean of 3 samples where the variance is below it, by n var(W) = 2.56e-6 here
local _, held = compare(mlp{ init = "normal(0.0001)", norm = "batch", depth = 1 }, sonde.randn(3, 256), { ["activation.std"] = 0.15, ["weight_gradient.std"] = 0.2 })
assert(held[1].gradient_factor and #held[1].notes == 0)
-- residual, correlated input
compare(mlp{ residual = true }, x, WIDE)
compare(mlp{ residual = true, norm = "batch", residual_scale = 0.5 }, x, HELD)
local shared = sonde.randn(1, 256) * 0.8 + sonde.randn(128, 256) * 0.6
local r, q = compare(mlp{ activation = "tanh" }, shared, WIDE)
assert(math.abs(q[1].preactivation.cosine - r.input.cosine) < 1e-12 and math.abs(r[4].activation.cosine - q[4].activation.cosine) < 0.05)
compare(mlp{ norm = "batch" }, shared, HELD)
-- an input far from 0, given by its moments: what a probe of such numbers finds
local displaced = mlp{ activation = "leaky_relu", slope = 0.3 }
local found, said = displaced:probe(sonde.randn(128, 256) + 2), displaced:theory{ input_mean = 2, batch = 128 }
close(found[4].activation.rms, said[4].activation.rms, 0.2)
assert(math.abs(found[4].activation.cosine - said[4].activation.cosine) < 0.05)

-- A Sequential of rows: PyTorch's default init with its biases, norms and activations as rows of their own, Flatten, a shortcut.
local sequential = nn.Sequential{
  nn.Flatten(), nn.Linear(256, 300), nn.Tanh(), nn.Dropout(0.5), nn.Linear(300, 200), nn.LayerNorm(200), nn.GELU(),
  nn.Residual({ nn.Linear(200, 250, { init = "lecun_normal" }), nn.Tanh(), nn.Linear(250, 250, { init = "lecun_normal" }) },
    { shortcut = nn.Linear(200, 250, { init = "lecun_normal" }) }),
  nn.Linear(250, 10),
}
r, q = compare(sequential, x, { ["activation.std"] = 0.15, ["gradient.std"] = 0.3, ["weight_gradient.std"] = 0.3 })
assert(q[9].activation and q[1].activation and q[1].weight == nil and q[3].weight == nil and q[2].weight)
close(q[2].weight.std, 1 / math.sqrt(3 * 256), 1e-12)
-- an activation on the input is covered where the input is normal
assert(nn.Sequential{ nn.Tanh(), nn.Linear(8, 8) }:theory()[2].activation)
r, q = compare(nn.Sequential{ nn.Tanh(), nn.Linear(256, 8) }, x * x, {})
assert(q[1].reason == "tanh acts on the input, of which theory knows the moments alone")
assert(q[2].reason == "layer 1 in front of it is not covered" and q[2].activation == nil)

-- lsuv: the scale is measured, and its outputs have variance 1.
local scaled = mlp{ activation = "tanh" }
scaled:lsuv(x)
r, q = compare(scaled, x, WIDE)
close(q[3].preactivation.std, 1, 0.1)
assert(q[1].reason == nil)

-- What is not covered says so, and nothing is told from there on.
local function reason(net, row) local t = net:theory() return t[row].reason, t end
assert(reason(mlp{ init = "constant(0.1)" }, 1):find("all weights of constant(0.1) are equal", 1, true))
assert(reason(mlp{ init = "uniform(0,0.1)" }, 1):find("a mean other than 0", 1, true))
assert(reason(mlp{ init = function(shape) return sonde.randn(shape[1], shape[2]) end }, 1):find("a function draws its weights", 1, true))
assert(theory.predict{ init = "lsuv" }[1].reason:find("lsuv scales its weights by data", 1, true))
assert(reason(mlp{ residual = "post" }, 2):find("relu acts on numbers that are not normal", 1, true))
local custom = nn.layer{ name = "Twice", forward = function(_, h) return h * 2 end }
local why, whole = reason(nn.Sequential{ nn.Linear(8, 8), custom, nn.Linear(8, 8) }, 2)
assert(why == "what a layer written in Lua does to its input has no law here")
assert(whole[1].activation and whole[1].gradient == nil and whole[1].notes[1]:find("comes back through layer 2", 1, true))
assert(tostring(whole):find("layers 2 to 3 are not covered: what a layer written in Lua", 1, true))
assert(reason(nn.Sequential{ nn.Linear(8), nn.ReLU() }, 1):find("does not know its inputs yet", 1, true))
-- zeros are covered: everything is 0
r, q = compare(mlp{ init = "zeros", bias = false }, x, { ["activation.std"] = 0, ["gradient.std"] = 0.02, ["weight_gradient.std"] = 0 })
assert(q[1].activation.std == 0 and q[3].gradient.std == 0 and q[4].reason == nil)

-- A loss: dL/dh by chi, no dL/dW; with batch norm nothing behind it. Ones: no dL/dW either.
local classifier = mlp{ outputs = 10 }
r, q = compare(classifier, x, { ["activation.std"] = 0.2, ["gradient.rms"] = 0.35 }, { target = sonde.randint(1, 10, { 128 }) })
assert(q[1].gradient and q[1].weight_gradient == nil and q[5].name == "head")
assert(q[2].notes[1] == "no dL/dW: samples' gradients depend on each other")
r, q = compare(mlp{ outputs = 10, norm = "batch" }, x, {}, { target = sonde.randint(1, 10, { 128 }) })
assert(q[4].gradient and q[3].gradient == nil and q[1].notes[1]:find("no dL/dh: the batch normalisation in layer 4", 1, true))
-- ones without a head: WW' 1 lies along h, so that nothing is told behind the last row
r, q = compare(mlp{}, x, {}, { upstream = "ones" })
assert(q[4].gradient.std == 0 and q[4].gradient.mean == 1 and q[4].weight_gradient == nil and q[3].gradient == nil)
assert(q[3].notes[1]:find("no dL/dh: the gradient of a loss, or ones, depends on the activations", 1, true))
r, q = compare(mlp{ outputs = 10 }, x, { ["gradient.rms"] = 0.5 }, { upstream = "ones" })
assert(q[1].gradient and q[1].weight_gradient == nil)
-- an auxiliary classifier adds a gradient of its own where a loss is taken
classifier:add_auxiliary(2, nn.Linear(256, 10))
r, q = compare(classifier, x, {}, { target = sonde.randint(1, 10, { 128 }) })
assert(q[3].gradient and q[2].gradient == nil and q[1].notes[1]:find("an auxiliary classifier behind layer 2", 1, true))

-- A trained net is told from a fresh one; the report keeps what was true when it was probed.
local net = nn.mlp{ inputs = 64, width = 64, depth = 3, outputs = 10, seed = 4 }
local train = data.digits()
local before = net:probe(train.inputs[{ { 1, 200 } }])
net:fit{ train = train, optimizer = optim.SGD(net, { lr = 0.1, momentum = 0.9 }), batch = 60, epochs = 3, progress = false }
local after = net:probe(train.inputs[{ { 1, 200 } }])
assert(after:theory()[1].reason, "trained weights are not those of the init")
assert(before:theory()[4].reason == nil and before:theory()[4].activation.std > 0)
assert(net:theory()[1].reason:find("no longer those", 1, true))
net:init("he_normal")
assert(net:theory()[4].reason == nil)
net[2].linear.weight:mul_(1.5)
assert(net:theory()[2].reason:find("are no longer those of he_normal, of std 0.1768: trained, loaded or copied in", 1, true)
  and net:theory()[1].activation)
net:init("he_normal"):batchnorm("before")
net[1].norm.bias:add_(0.1)
assert(net:theory()[1].reason == "its beta is no longer 0, as after training")
net:init("he_normal"):batchnorm("off")
net[3].linear.bias:add_(0.1)
assert(net:theory()[3].reason == "its biases are no longer those it began with")

-- Inputs that are none.
r = mlp{}:probe(x * (0 / 0), { percentiles = {} })
assert(r:theory()[1].reason == "the input is not finite")
assert(nn.mlp{ depth = 2 }:theory{ input_rms = 0 }[2].activation.std == 0)
local given = nn.mlp{ depth = 2, inputs = 256 }:theory{ input = x, upstream_std = 2 }
assert(given[2].gradient.std == 2 and given[1].weight_gradient)
assert(message(net.theory, net, { input = x, input_rms = 1 }):find("takes input or input_rms, not both", 1, true))
assert(message(net.theory, net, { batch = 0 }):find("'batch' expected a number of at least 1, got 0", 1, true))
local one = mlp{ norm = "batch" }:theory{ batch = 1 }
assert(one[1].reason == "batch normalisation needs a batch of at least 2")
print("ok")
