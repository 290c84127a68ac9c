-- The founding experiment, told honestly: 20 layers of 100 ReLU units, 1000 samples, small random weights.
--
-- It reproduces the blog post 'Training very deep networks with Batchnorm' (2017) with its mistakes, then without them,
-- and trains the network that the post's title promises.
--
--   sonde scripts/experiments/founding.lua              the story, one seed, and the training
--   sonde scripts/experiments/founding.lua --seeds 20   means over seeds against the reference table; status 1 if they differ
--   --seed n   the first seed (1)      --no-training   leaves the last part out

local LAYERS, UNITS, SAMPLES = 20, 100, 1000
local SMALL = "normal(0.01)"

-- MARK: Options

local function refuse(form, ...)
  io.stderr:write("founding.lua: ", form:format(...), "\n")
  os.exit(1)
end

local function read_options(words)
  local options = { seed = 1, training = true }
  local position = 1
  while position <= #words do
    local word = words[position]
    if word == "--no-training" then
      options.training = false
    elseif word == "--seeds" or word == "--seed" then
      position = position + 1
      local number = math.tointeger(tonumber(words[position] or ""))
      if not number or number < 1 then
        refuse("%s expected a whole number from 1, got %s", word, words[position] or "nothing")
      end
      options[word:sub(3)] = number
    else
      refuse("unknown option '%s'; there are --seeds n, --seed n and --no-training", word)
    end
    position = position + 1
  end
  return options
end

-- MARK: Small helpers

local BLOCKS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

--- A histogram of 8 bins as one word.
local function sparkline(stats)
  local counts = stats:histogram().counts
  local most = math.max(table.unpack(counts))
  local bars = {}
  for i, count in ipairs(counts) do
    local height = most > 0 and math.ceil(count / most * #BLOCKS) or 0
    bars[i] = BLOCKS[math.max(height, 1)]
  end
  return table.concat(bars)
end

local function log10(x) return x > 0 and math.log(x, 10) or -math.huge end

--- A number with two decimals that never shows as -0.00.
local function two(x) return (("%.2f"):format(x):gsub("^%-0%.00$", "0.00")) end

--- Log10 of a variance in six columns; 'zero' where a signal has ended.
local function decades(x) return x == 0 and "  zero" or ("%6s"):format(two(log10(x))) end

local function heading(text) print("\n" .. text .. "\n" .. ("-"):rep(utf8.len(text))) end

local function say(...) print(string.format(...)) end

-- MARK: What is measured of one configuration

-- Every configuration gives the same four lists, counted by layer: Stats of h, dL/dh and dL/dW, and dL/dh at the input.

local STATS = { percentiles = {}, bins = 8 }

--- Measures a network of Sonde's with one forward and one backward pass.
local function measure(net, x, upstream)
  local report = net:probe(x, { upstream = upstream, percentiles = {}, bins = 8 })
  local result = { h = {}, dh = {}, dw = {} }
  for layer = 1, #report do
    result.h[layer] = report[layer].activation
    result.dh[layer] = report[layer].gradient
    result.dw[layer] = report[layer].weight_gradient
  end
  net(x)
  result.dx = net:backward(upstream):stats(STATS)
  return result
end

local function deep_net(init, generator)
  local net = nn.mlp{ inputs = UNITS, width = UNITS, depth = LAYERS, bias = false, init = "zeros" }
  return net:init(init, { generator = generator })
end

-- MARK: The post's own normalisation, with tensor operations

-- The post keeps samples in columns and normalises along axis 0: over the units of each sample. Here samples are rows,
-- so that is dimension 2. This is layer normalisation, without gamma and beta (they are 1 and 0 there) and with eps 0.

local function normalise(a)
  local mean = a:mean{ dim = 2, keepdim = true }
  local centred = a - mean
  local variance = (centred * centred):mean{ dim = 2, keepdim = true }
  return centred / variance:sqrt(), { centred = centred, variance = variance, units = a.shape[2] }
end

--- dL/da of the normalisation. `sign` is -1 in the post and +1 in truth; `summed` tells whether the mean's path through
--- the variance is summed (it is then exactly 0) or left elementwise, as in the post.
local function normalise_backward(dy, saved, sign, summed)
  local root = saved.variance:sqrt()
  local dvariance = (dy * saved.centred):sum{ dim = 2, keepdim = true } * -0.5 / (saved.variance * root)
  local dmean = -(dy / root):sum{ dim = 2, keepdim = true }
  local through = dvariance * saved.centred * (-2 / saved.units)
  if summed then through = through:sum{ dim = 2, keepdim = true } end
  return dy / root + dvariance * saved.centred * (sign * 2 / saved.units) + (dmean + through) / saved.units
end

--- Forward through all layers: what each backward step needs.
local function post_forward(weights, x)
  local layers, h = {}, x
  for layer, weight in ipairs(weights) do
    local z = h:mm(weight:t())
    local y, saved = normalise(z:relu())
    layers[layer] = { input = h, positive = z:gt(0), saved = saved, output = y }
    h = y
  end
  return layers
end

--- Backward from `dy` at the output of layer `last`; `rule` says which of the post's mistakes are kept.
local function post_backward(weights, layers, dy, last, rule)
  local dh, dw = {}, {}
  for layer = last, 1, -1 do
    local state = layers[layer]
    dh[layer] = dy
    local dz = normalise_backward(dy, state.saved, rule.sign, rule.summed) * state.positive
    dw[layer] = dz:t():mm(state.input)
    dy = dz:mm(weights[layer])
  end
  return dh, dw, dy
end

local POST = { sign = -1, summed = false }
local CORRECT = { sign = 1, summed = true }

local function measure_post(weights, x, upstream, rule)
  local layers = post_forward(weights, x)
  local dh, dw, dx = post_backward(weights, layers, upstream, #weights, rule)
  local result = { h = {}, dh = {}, dw = {}, dx = dx:stats(STATS) }
  for layer = 1, #weights do
    result.h[layer] = layers[layer].output:stats(STATS)
    result.dh[layer] = dh[layer]:stats(STATS)
    result.dw[layer] = dw[layer]:stats(STATS)
  end
  return result
end

--- The weights of a network, from its first layer on.
local function weights_of(net)
  local weights = {}
  for layer = 1, #net do weights[layer] = net[layer].linear.weight end
  return weights
end

-- MARK: All configurations of one seed

local PLAIN = { position = "after", affine = false, eps = 0 }

--- x, upstream and the standard normal weights come from one seed; every configuration sees the same draws.
local function run_seed(seed)
  local generator = sonde.generator(seed)
  local x = sonde.randn(SAMPLES, UNITS, { generator = generator })
  local upstream = sonde.randn(SAMPLES, UNITS, { generator = generator })
  local function net(init) return deep_net(init, sonde.generator(1000000 + seed)) end
  local small = net(SMALL)
  local results = {
    small = measure(small, x, upstream),
    glorot = measure(net("xavier_normal"), x, upstream),
    he = measure(net("he_normal"), x, upstream),
    post = measure_post(weights_of(small), x, upstream, POST),
  }
  results.layer = measure(small:normalize("layer", PLAIN), x, upstream)
  small:undo()
  results.after = measure(small:batchnorm("after", { eps = 0, affine = false }), x, upstream)
  results.before = measure(small:batchnorm("before", { eps = 0, affine = false }), x, upstream)
  small:batchnorm("off")
  return results, small, x, upstream
end

-- MARK: Tables

local function print_pair(left_title, left, right_title, right)
  local function row(result, layer)
    local cells = {}
    for i, list in ipairs{ result.h, result.dh, result.dw } do
      cells[i] = decades(list[layer].variance) .. " " .. sparkline(list[layer])
    end
    return table.concat(cells, " ")
  end
  say("      %-47s | %s", left_title, right_title)
  local names = ("%-15s %-15s %-15s"):format("  h", "  dL/dh", "  dL/dW")
  say("layer %s | %s", names, names)
  for layer = 1, LAYERS do say("%5d %s | %s", layer, row(left, layer), row(right, layer)) end
end

-- MARK: The listing's four inits

local function print_inits(seed, x, upstream)
  heading("The listing's four inits, without normalisation: log10 variance of h")
  local glorot = math.sqrt(2 / (UNITS + UNITS))
  local inits = {
    { "normal(0, sqrt(2/(in+out)))", ("normal(%.17g)"):format(glorot) },
    { "randn*sqrt(2)/(sqrt(200)*sqrt(3))", ("normal(%.17g)"):format(math.sqrt(2 / 200 / 3)) },
    { "uniform(+-sqrt(6)/200)", ("uniform(%.17g,%.17g)"):format(-math.sqrt(6) / 200, math.sqrt(6) / 200) },
    { "0.01 * normal(0, sqrt(2/(in+out)))", ("normal(%.17g)"):format(0.01 * glorot) },
  }
  say("%-36s %8s %8s %8s %8s  %s", "weights", "std W", "layer 1", "layer 10", "layer 20", "per layer")
  for _, init in ipairs(inits) do
    local net = deep_net(init[2], sonde.generator(1000000 + seed))
    local result = measure(net, x, upstream)
    local weight = net[1].linear.weight:std():item()
    local h = result.h
    local factor = h[2].std / h[1].std
    say("%-36s %8.4f %8s %8s %8s  std x %.4f", init[1], weight, decades(h[1].variance), decades(h[10].variance),
      decades(h[LAYERS].variance), factor)
    if h[LAYERS].underflow > 0 or h[LAYERS].variance == 0 then
      local report = net:probe(x, { upstream = upstream })
      for _, finding in ipairs(report.findings) do say("    %s", finding.text) end
    end
  end
end

-- MARK: What is wrong in the post, with a figure for each point

local function relative_error(a, b) return (a - b):norm():item() / b:norm():item() end

--- One normalisation backward of the top layer under a rule, compared with the truth.
local function backward_error(layers, upstream, rule)
  local saved = layers[LAYERS].saved
  local truth = normalise_backward(upstream, saved, CORRECT.sign, CORRECT.summed)
  return relative_error(normalise_backward(upstream, saved, rule.sign, rule.summed), truth)
end

--- The mean growth of the variance of dL/dh per layer towards the input.
local function growth(result)
  return (result.dh[1].variance / result.dh[LAYERS].variance) ^ (1 / (LAYERS - 1))
end

--- The error of dL/dgamma when h stands in the place of xhat, for a gamma and a beta that training could reach.
local function gamma_error(layers, upstream)
  local xhat = layers[LAYERS].output
  local h = xhat * 1.5 + 0.5
  return relative_error((upstream * h):sum{ dim = 1 }, (upstream * xhat):sum{ dim = 1 })
end

local function print_mistakes(results, net, x, upstream)
  heading("What is wrong in the post, each point with its figure")
  local weights = weights_of(net)
  local layers = post_forward(weights, x)
  local point = 0
  local function tell(text, ...)
    point = point + 1
    say("%2d. " .. text, point, ...)
  end
  local top = layers[LAYERS].output
  tell("Its axis=0 runs over the units of each sample: layer normalisation. The mean over units is 0 to %.0e,\n"
    .. "    the mean of one unit over the samples is up to %.2f.",
    top:mean{ dim = 2 }:abs():max():item(), top:mean{ dim = 1 }:abs():max():item())
  tell("The variance's path has the wrong sign. It costs %.0f %% per layer, and layer 1's weight gradient comes out\n"
    .. "    at log10 variance %.2f instead of %.2f.",
    100 * backward_error(layers, upstream, { sign = -1, summed = true }),
    log10(results.post.dw[1].variance), log10(results.layer.dw[1].variance))
  tell("Its dldmean leaves a term unsummed that sums to exactly 0. Harmless: %.2f %% per layer.",
    100 * backward_error(layers, upstream, { sign = 1, summed = false }))
  local small = upstream * 0.01
  local _, listing = post_backward(weights, layers, small, LAYERS - 1, POST)
  tell("Its loop starts one layer too low: layer 20's weight gradient (log10 variance %.2f) is never computed,\n"
    .. "    and the upstream gradient enters at layer 19.", log10(results.layer.dw[LAYERS].variance))
  tell("Its titles count backwards: published 'layer 2' 16.40 and 'layer 3' 27.35 are layers 19 and 18: %.2f and %.2f here.",
    listing[LAYERS - 1]:var():item(), listing[LAYERS - 2]:var():item())
  tell("Its two scripts take upstreams of 100*randn and 0.01*randn: their gradient variances differ by 10^%.0f for that alone.",
    log10((upstream * 100):var():item() / small:var():item()))
  tell("Without normalisation the weight gradient is flat in depth (%.2f at layer 1, %.2f at layer 20).\n"
    .. "    What vanishes is dL/dh: %s at the input, %s at layer 20.",
    log10(results.small.dw[1].variance), log10(results.small.dw[LAYERS].variance), two(log10(results.small.dx.variance)),
    two(log10(results.small.dh[LAYERS].variance)))
  tell("Its dldgamma is not summed (%d numbers for %d units) and takes h for xhat: %.0f %% wrong at gamma 1.5, beta 0.5;\n"
    .. "    its dldbeta is one number for all. 'uniform(+-sqrt(6)/200)' has variance %.1e, meant was %.1e.",
    (upstream * top):numel(), UNITS, 100 * gamma_error(layers, upstream), (6 / 200 ^ 2) / 3, (6 / 200) / 3)
  local normal = nn.mlp{ inputs = UNITS, width = UNITS, depth = LAYERS, norm = "batch" }
  tell("It says one gamma and one beta: there is one of each per unit, %d and %d a layer, and normalisation may stand\n"
    .. "    before or after the ReLU: layer 1's dL/dW is %.2f before, %.2f after.",
    normal[1].norm.weight:numel(), normal[1].norm.bias:numel(), log10(results.before.dw[1].variance),
    log10(results.after.dw[1].variance))
  tell("With batch normalisation done right, gradients are not flat: the variance of dL/dh grows by %.3f per layer\n"
    .. "    towards the input (before the ReLU: %.3f; theory: pi/(pi-1) = %.3f, Yang et al. 2019).",
    growth(results.after), growth(results.before), math.pi / (math.pi - 1))
end

-- MARK: Means over seeds against the reference

-- log10 variances, mean and sd over 20 seeds, by NumPy in double precision. h at layers 1, 5, 10, 20; dL/dW at 1, 10, 20.
local REFERENCE = {
  { "small", "0.01*randn, no norm", { { -2.47, .01 }, { -11.71, .08 }, { -23.21, .21 }, { -46.39, .34 } },
    { { -41.06, .16 }, { -41.12, .24 }, { -41.25, .35 } } },
  { "glorot", "Glorot normal, no norm", { { -.47, .01 }, { -1.71, .08 }, { -3.21, .21 }, { -6.39, .34 } },
    { { -3.06, .16 }, { -3.12, .24 }, { -3.25, .35 } } },
  { "he", "He normal, no norm", { { -.16, .01 }, { -.21, .08 }, { -.20, .21 }, { -.37, .34 } },
    { { 2.66, .16 }, { 2.60, .24 }, { 2.47, .35 } } },
  { "layer", "the post's axis", { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } }, { { 8.55, .04 }, { 6.94, .03 }, { 5.18, .01 } } },
  { "post", "the post's own backward", { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { { 15.70, .02 }, { 10.25, .03 }, { 5.21, .01 } } },
  { "after", "batch norm after ReLU", { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { { 8.40, .03 }, { 6.86, .03 }, { 5.18, .01 } } },
}
local H_LAYERS, W_LAYERS = { 1, 5, 10, 20 }, { 1, 10, 20 }

-- The same of dL/dh at layers 0 (the input), 10, 19 and 20. The reference gives no sd for these: a gradient that has come
-- through k layers varies as h that has gone up through k, or as dL/dW there; at layer 20 stand 10^5 normal draws.
local GRADIENT_REFERENCE = {
  { "small", "0.01*randn, no norm", { { -46.06, .34 }, { -23.06, .21 }, { -2.29, .03 }, { 0, .002 } } },
  { "after", "batch norm after ReLU", { { 3.40, .03 }, { 1.73, .03 }, { .18, .01 }, { 0, .002 } } },
}
local GRADIENT_LAYERS = { 0, 10, 19, 20 }
-- Units dead on all samples at layer 20, in percent, and how much that varies from seed to seed.
local DEAD = { small = { 21.8, 8 }, after = { 0, 0 } }

local function mean_and_sd(values)
  local t = sonde.tensor(values, { dtype = "float64" })
  return t:mean():item(), #values > 1 and t:std{ unbiased = true }:item() or 0
end

--- Compares seeds' values with a reference mean and sd; both sides vary, and the table is rounded.
local function agrees(mean, reference, seeds)
  local expected, sd = reference[1], reference[2]
  local allowed = sd == 0 and 1e-6 or 4 * sd * math.sqrt(1 / seeds + 1 / 20) + 0.01
  return math.abs(mean - expected) <= allowed
end

local function cell(mean, sd, fits) return ("%7s+-%.2f%s"):format(two(mean), sd, fits and " " or "!") end

local function compare_row(all, row, seeds)
  local cells, good = {}, true
  local function add(list, layers, references)
    for i, layer in ipairs(layers) do
      local values = {}
      for seed, results in ipairs(all) do values[seed] = log10(results[row[1]][list][layer].variance) end
      local mean, sd = mean_and_sd(values)
      local fits = agrees(mean, references[i], seeds)
      good = good and fits
      cells[#cells + 1] = cell(mean, sd, fits)
    end
  end
  add("h", H_LAYERS, row[3])
  add("dw", W_LAYERS, row[4])
  say("%-24s %s", row[2], table.concat(cells))
  return good
end

--- dL/dh of one configuration against the reference.
local function compare_gradients(all, row, seeds)
  local cells, good = {}, true
  for i, layer in ipairs(GRADIENT_LAYERS) do
    local values = {}
    for seed, results in ipairs(all) do
      local result = results[row[1]]
      values[seed] = log10((layer == 0 and result.dx or result.dh[layer]).variance)
    end
    local mean, sd = mean_and_sd(values)
    local fits = agrees(mean, row[3][i], seeds)
    good = good and fits
    cells[i] = cell(mean, sd, fits)
  end
  say("%-24s %s", row[2], table.concat(cells))
  return good
end

local function compare_dead(all, name, seeds)
  local dead = {}
  for i, results in ipairs(all) do dead[i] = 100 * results[name].h[LAYERS].dead end
  local mean, sd = mean_and_sd(dead)
  local fits = agrees(mean, DEAD[name], seeds)
  say("units dead on all samples at layer 20, %s: %.1f +- %.1f %% (reference %.1f %%)%s",
    name == "small" and "no norm" or "batch norm after", mean, sd, DEAD[name][1], fits and "" or " !")
  return fits
end

local function run_seeds(first, seeds)
  heading(("Means over %d seeds against the reference (log10 variances; ! marks what differs)"):format(seeds))
  local all = {}
  for i = 1, seeds do
    all[i] = run_seed(first + i - 1)
  end
  say("%-24s %s", "", "  h L1         L5           L10          L20          dW L1        L10          L20")
  local good = true
  for _, row in ipairs(REFERENCE) do good = compare_row(all, row, seeds) and good end
  say("\n%-24s %s", "", "  dL/dh input  L10          L19          L20")
  for _, row in ipairs(GRADIENT_REFERENCE) do good = compare_gradients(all, row, seeds) and good end
  print()
  for _, name in ipairs{ "small", "after" } do good = compare_dead(all, name, seeds) and good end
  say(good and "\nAll rows agree with the reference." or "\nThere are rows that DISAGREE with the reference.")
  return good
end

-- MARK: Training

--- Test accuracy after 20 epochs at 0.01 and 10 at 0.001, SGD with momentum 0.9, batches of 60.
local function train_once(norm, position, seed, train, test)
  local net = nn.mlp{ inputs = 64, width = UNITS, depth = LAYERS, outputs = 10, init = SMALL, norm = norm,
    norm_position = position, seed = seed }
  local optimizer = optim.SGD(net, { lr = 0.01, momentum = 0.9 })
  local generator = sonde.generator(seed)
  net:fit{ train = train, optimizer = optimizer, batch = 60, epochs = 20, generator = generator, progress = false }
  optimizer.lr = 0.001
  net:fit{ train = train, optimizer = optimizer, batch = 60, epochs = 10, generator = generator, progress = false }
  return net:evaluate(test).accuracy
end

local function run_training(first)
  heading("(e) The title's promise: training 20 layers on the digits, 5 seeds, test accuracy")
  local train, test = data.digits()
  local good = true
  local function row(name, norm, position, fits, wanted)
    local accuracies, texts = {}, {}
    for i = 1, 5 do
      accuracies[i] = train_once(norm, position, first + i - 1, train, test)
      texts[i] = ("%.3f"):format(accuracies[i])
    end
    local mean = mean_and_sd(accuracies)
    local fine = fits(mean, math.max(table.unpack(accuracies)))
    good = good and fine
    say("%-24s %s   mean %.3f   %s", name, table.concat(texts, " "), mean, (fine and "as expected: " or "UNEXPECTED, ") .. wanted)
  end
  row("without norm", "none", "before", function(_, best) return best < 0.15 end, "stays at one in ten")
  row("batch norm before ReLU", "batch", "before", function(mean) return mean > 0.93 end, "above 0.93")
  row("batch norm after ReLU", "batch", "after", function(mean) return mean > 0.96 end, "above 0.96")
  return good
end

-- MARK: The story

local function tell_story(seed)
  print("Training very deep networks with Batchnorm, told honestly")
  say("%d layers of %d ReLU units, %d samples, seed %d. Numbers are log10 of the population variance over all entries;\n"
    .. "the blocks are histograms from the smallest to the largest value. The upstream gradient is unit normal.",
    LAYERS, UNITS, SAMPLES, seed)
  local results, net, x, upstream = run_seed(seed)
  heading("(a) Without normalisation signals vanish: h going up, dL/dh going down")
  print_pair("0.01*randn", results.small, "Glorot normal", results.glorot)
  heading("(b, c) The post's normalisation (over units), with its own backward and with the correct one")
  print_pair("the post's own backward", results.post, "the correct backward", results.layer)
  heading("(d) Batch normalisation over the samples, eps 0, no affine")
  print_pair("after the ReLU", results.after, "before the ReLU", results.before)
  print_inits(seed, x, upstream)
  print_mistakes(results, net, x, upstream)
end

local options = read_options(arg)
local good = true
if options.seeds then
  good = run_seeds(options.seed, options.seeds)
else
  tell_story(options.seed)
end
if options.training then good = run_training(options.seed) and good end
if not good then os.exit(1, true) end
