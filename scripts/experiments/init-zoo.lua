-- Every initialiser under every activation: how the std of h goes through the layers, measured and predicted.
--
-- A plain net without biases, standard-normal inputs. The variance map of mean-field theory says what the mean square of the
-- preactivations becomes from layer to layer, q' = n var(W) E[phi(sqrt(q) z)^2], and so the std of every layer's output. Some
-- pairs hold the signal (He with ReLU, gain 1/sqrt(E phi^2) with any), some lose it, some saturate.
-- Orthogonal weights and those that lsuv scales to the data follow the same map where theory covers them; what it does not
-- cover is told by a '-' and held to nothing.
--
--   sonde scripts/experiments/init-zoo.lua            12 layers of 300 units, 4 seeds
--   sonde scripts/experiments/init-zoo.lua --short    6 layers of 64 units, fewer initialisers; status 1 where they differ

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("init-zoo.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local WIDTH, DEPTH, SEEDS, SAMPLES = short and 64 or 300, short and 6 or 12, short and 1 or 4, short and 64 or 300

local ACTIVATIONS = {
  "linear", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "hardtanh",
}
local INITIALISERS = {
  small = "normal(0.01)", xavier_normal = "xavier_normal", xavier_uniform = "xavier_uniform", he_normal = "he_normal",
  he_uniform = "he_uniform", lecun_normal = "lecun_normal", orthogonal = "orthogonal", unit = { "lecun_normal", gain = "unit" },
  torch = { "lecun_normal", gain = "torch" },
}

if short then
  for _, name in ipairs{ "xavier_uniform", "he_uniform", "lecun_normal", "torch", "orthogonal" } do INITIALISERS[name] = nil end
end

local function say(...) print(string.format(...)) end

--- log10 of the std of the last layer's output, measured and predicted, of each variant; the prediction nil where there is none.
local function survey(seed)
  sonde.seed(seed)
  local net = nn.mlp{ inputs = WIDTH, width = WIDTH, depth = DEPTH, bias = false }
  -- another seed than the inputs': they would be the first layer's weights
  local w = net:whatif(sonde.randn(SAMPLES, WIDTH), {
    activation = ACTIVATIONS, init = INITIALISERS, seed = 1000 + seed, percentiles = {}, bins = 1,
  })
  local found = {}
  for _, variant in ipairs(w) do
    local settings = variant.settings
    if settings.activation then
      local report, predicted = variant.report, variant.report:theory()[DEPTH].activation
      found[settings.activation] = found[settings.activation] or {}
      found[settings.activation][settings.init] = {
        measured = math.log(report[DEPTH].activation.std, 10),
        predicted = predicted and predicted.std and math.log(predicted.std, 10),
      }
    end
  end
  return found
end

--- The mean over seeds of what was measured, and of the predictions.
local function average(surveys, activation, init)
  local measured, predicted = 0, 0
  for _, found in ipairs(surveys) do
    local cell = found[activation][init]
    measured = measured + cell.measured / #surveys
    predicted = predicted and cell.predicted and predicted + cell.predicted / #surveys
  end
  return measured, predicted
end

-- log q of one net of ReLU layers scatters by sqrt(5 L/n) nats and falls short by 5 L/(2 n) on the mean; in decades of the std,
-- four standard errors and that drift
local TOLERANCE = (4 * math.sqrt(5 * DEPTH / WIDTH / SEEDS) + 5 * DEPTH / (2 * WIDTH)) / 2 / math.log(10) + 0.01

local surveys = {}
for seed = 1, SEEDS do surveys[seed] = survey(seed) end

local names = {}
for name in pairs(INITIALISERS) do names[#names + 1] = name end
table.sort(names)
say("log10 of the std after %d layers of %d units, mean over %d seeds: measured, and predicted in brackets.\n", DEPTH, WIDTH, SEEDS)
local head = ("%-11s"):format("")
for _, name in ipairs(names) do head = head .. (" %15s"):format(name) end
print(head)

local worst, where, covered = 0, "", 0
for _, activation in ipairs(ACTIVATIONS) do
  local line = ("%-11s"):format(activation)
  for _, name in ipairs(names) do
    local measured, predicted = average(surveys, activation, name)
    line = line .. (" %15s"):format(("%.2f (%s)"):format(measured, predicted and ("%.2f"):format(predicted) or "-"))
    if predicted then
      covered = covered + 1
      local difference = math.abs(measured - predicted)
      if not (difference <= worst) then worst, where = difference, activation .. " with " .. name end
    end
  end
  print(line)
end
say("\n%d of %d pairs are covered by theory; largest difference %.2f decades (%s), allowed are %.2f.", covered, #ACTIVATIONS * #names,
  worst, where, TOLERANCE)
say("small is normal(0.01); unit and torch are lecun_normal with these gains.")
if not (worst <= TOLERANCE) or covered < #ACTIVATIONS * #names / 2 then
  print("Measurement and prediction DISAGREE.")
  os.exit(1)
end
print("Measurement and prediction agree.")
