-- Batch normalisation makes gradients explode at initialisation (Yang et al. 2019): by pi/(pi - 1) a layer for ReLU.
--
-- Normalised before the activation, |dL/dh|^2 grows towards the input by E phi'^2 / Var phi per layer, whatever the weights; behind
-- it the factor depends on them, but for ReLU, which has no scale. A finite batch of B samples makes it larger: 1 / variance of few
-- samples is large on the mean, and diverges at 3. For ReLU and linear the law of any B is known.
--
--   sonde scripts/experiments/bn-growth.lua            width 1000, 12 layers, several activations and batches
--   sonde scripts/experiments/bn-growth.lua --short    width 200, fewer of both; status 1 where prediction and measurement differ

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("bn-growth.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local WIDTH, DEPTH = short and 200 or 1000, short and 7 or 12

local function say(...) print(string.format(...)) end

--- The factor per layer of |dL/dh|^2 between the layer before the last and the first, the mean over draws.
local function measure(settings)
  local sum, draws = 0, settings.draws or 1
  for _ = 1, draws do
    local net = nn.mlp{
      inputs = WIDTH, width = WIDTH, depth = DEPTH, activation = settings.activation, init = "lecun_normal", bias = false,
      norm = "batch", norm_position = settings.position or "before", eps = 0, affine = false, dtype = "float64",
    }
    local report = net:probe(sonde.randn(settings.batch, WIDTH, { dtype = "float64" }), { percentiles = {}, bins = 4 })
    sum = sum + (report[1].gradient.rms / report[DEPTH - 1].gradient.rms) ^ 2
  end
  return (sum / draws) ^ (1 / (DEPTH - 2))
end

local agrees = true
local function compare(name, settings, law, tolerance)
  local measured = measure(settings)
  local right = math.abs(measured / law - 1) <= tolerance
  say("  %-30s %.4f   %.4f%s", name, measured, law, right and "" or "   DIFFERS")
  agrees = agrees and right
end

sonde.seed(1)
say("Factor of |dL/dh|^2 per layer, %d layers of %d units", DEPTH, WIDTH)
print("\nLarge batches                    measured predicted")
local large = short and 300 or 2000
for _, name in ipairs(short and { "relu", "linear", "tanh" } or { "relu", "linear", "tanh", "silu", "sigmoid" }) do
  compare(name .. ", before", { activation = name, batch = large }, theory.growth(name), short and 0.025 or 0.01)
end
for _, name in ipairs{ "relu", "tanh" } do
  compare(name .. ", after", { activation = name, batch = large, position = "after" },
    theory.growth(name, { norm_position = "after", sigma_w2 = 1 }), short and 0.025 or 0.01)
end

-- with few samples the mean is made by rare small variances: it takes draws, and many units
print("\nSmall batches, before            measured predicted")
for _, batch in ipairs(short and { 8, 32 } or { 5, 6, 8, 16, 32, 64 }) do
  for _, name in ipairs{ "relu", "linear" } do
    compare(name .. ", " .. batch .. " samples", { activation = name, batch = batch, draws = short and 4 or 10 },
      theory.growth(name, { batch = batch }), batch < 8 and 0.15 or 0.05)
  end
end
say("  relu, 3 samples: %s", select(2, pcall(theory.growth, "relu", { batch = 3 })):gsub("^.-: theory", "theory"))

say("\npi/(pi - 1) = %.5f: after 50 layers the gradient is 10^%.1f times larger in mean square.", math.pi / (math.pi - 1),
  50 * math.log(theory.growth("relu"), 10))
if not agrees then
  print("Prediction and measurement DIFFER.")
  os.exit(1)
end
print("Prediction and measurement agree.")
