-- net:whatif: what it varies, that variants share their random numbers, and that the net is left as it was, bit for bit.
local function same(a, b) return a:eq(b):all():item() end
local function equal(a, b, what) if a ~= b then error(("%s: %s, expected %s"):format(what or "value", tostring(a), tostring(b)), 2) end end
local function close(a, b, tolerance) assert(math.abs(a - b) <= tolerance * math.abs(b), a .. " is not close to " .. b) end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. text)
  message = tostring(message)
  assert(message:find("^[^:]*whatif%.lua:%d+: "), "not blamed on this file: " .. message)
  message = message:gsub("^[^:]+%.lua:%d+: ", "")
  if message ~= text then error("expected: " .. text .. "\n     got: " .. message, 2) end
end

local FIGURES = { "activation.mean", "activation.std", "preactivation.std", "gradient.std", "gradient.mean", "weight.std", "weight_gradient.std" }
--- Two reports that are the same bit for bit.
local function identical(a, b)
  if #a ~= #b then return false end
  for _, path in ipairs(FIGURES) do
    local left, right = a:column(path), b:column(path)
    for place, value in ipairs(left) do
      if value ~= right[place] and (value == value or right[place] == right[place]) then return false end
    end
  end
  return a.upstream.std == b.upstream.std and a.loss == b.loss
end

sonde.seed(1)
local x = sonde.randn(40, 10)
local function make(settings)
  local options = { inputs = 10, width = 12, depth = 4, outputs = 3, seed = 7 }
  for name, value in pairs(settings or {}) do options[name] = value end
  return nn.mlp(options)
end

-- The net is left as it was: numbers, gradients, running statistics, mode, generator, history, its last forward.
do
  local net = make{ norm = "batch", dropout = 0.3 }
  net(x):sum():backward()
  net:activation("tanh"):freeze(2)
  local twin = net:clone()
  local state, history, grad = net:state(), table.concat(net:history(), " "), net[1].linear.weight.grad:clone()
  local text, y = tostring(net), net(x)
  twin(x)
  state = net:state()
  local w = net:whatif(x, {
    batchnorm = { "off", "before", "after" }, activation = { "relu", "tanh" }, init = "he_normal", depth = { 2, 6 },
    width = 5, normalize = { "layer", "none" }, lsuv = true, upstream = { "ones", "normal" },
    apply = { function(copy) copy:eval():unfreeze() copy(x):sum():backward() optim.SGD(copy, { lr = 1 }):step() end, false },
  })
  equal(#w, 3 * 2 * 2 * 2 * 2 * 2 + 1)
  for name, tensor in pairs(state) do assert(same(net:state()[name], tensor), name) end
  equal(tostring(net), text)
  equal(table.concat(net:history(), " "), history)
  assert(net.training and same(net[1].linear.weight.grad, grad) and net[2].frozen and not net[1].frozen)
  y:sum():backward()
  assert(not same(net[1].linear.weight.grad, grad), "the user's last forward was kept")
  -- the dropout's generator stands where it stood
  assert(same(net(x), twin(x)))
end

-- The base is the net as it is: its report is what net:probe would have given, and the session goes on from there.
do
  local net = make()
  local state = sonde.random_state()
  local report = net:probe(x)
  sonde.random_state(state)
  local w = net:whatif(x, { batchnorm = "before" })
  equal(#w, 2)
  assert(w[1].is_base and not w[2].is_base and w.base == w[1] and w[1].name == "as it is" and w[1].number == 1)
  assert(identical(w[1].report, report) and next(w[1].settings) == nil)
  equal(net:whatif(x)[1].name, "as it is")
  -- what varies in nothing is the base, at its own place
  w = net:whatif(x, { batchnorm = { "before", "off" }, activation = { "tanh", "relu" }, depth = 4 })
  equal(#w, 4)
  equal(w.base.number, 4)
  equal(w.base.name, "depth=4 activation=relu batchnorm=off")
  equal(w.base.settings.depth, 4)
  equal(net:whatif(x, { lsuv = false, apply = false, remove = false, normalize = "none", width = 12 }).base.number, 1)
  -- the same state of the generator gives the same what-if, and a generator of one's own leaves the session's alone
  sonde.random_state(state)
  local a = net:whatif(x, { init = { "he_normal" } })
  sonde.random_state(state)
  local b = net:whatif(x, { init = { "he_normal" } })
  assert(a.seed == b.seed and identical(a[2].report, b[2].report) and not identical(a[2].report, net:whatif(x, { init = "he_normal" })[2].report))
  local g, h = sonde.generator(3), sonde.generator(3)
  state = sonde.random_state()
  a, b = net:whatif(x, { init = "he_normal", generator = g }), net:whatif(x, { init = "he_normal", generator = h })
  assert(state == sonde.random_state() and g:state() == h:state() and g:state() ~= sonde.generator(3):state())
  assert(identical(a[1].report, b[1].report) and identical(a[2].report, b[2].report))
  equal(net:whatif(x, { seed = 77 }).seed, 77)
  -- a seed is all there is to repeat: upstream gradients, weights and what functions draw; the session's generator stands still
  local settings = { init = { "he_normal" }, apply = { function(copy) copy[1].linear.weight:add_(sonde.randn(12, 10)) end }, seed = 3 }
  state = sonde.random_state()
  a = net:whatif(x, settings)
  equal(sonde.random_state(), state)
  sonde.seed(9)
  b = net:whatif(x, settings)
  for place = 1, 2 do assert(identical(a[place].report, b[place].report), a[place].name) end
  local upstream = sonde.generator(3):set_state("philox4x32-10 0000000000000003 1000000000000000")
  assert(identical(a[1].report, net:probe(x, { generator = upstream })))
  settings.seed = 4
  assert(not identical(a[1].report, net:whatif(x, settings)[1].report))
  -- a generator beside it draws the upstream gradients, and goes on
  settings.generator, g = sonde.generator(5), sonde.generator(5)
  b = net:whatif(x, settings)
  assert(identical(b[1].report, net:probe(x, { generator = g })) and b.seed == 4)
  assert(settings.generator:state() ~= sonde.generator(5):state())
end

-- Common random numbers: what differs in nothing is the same bit for bit, also where functions draw from the session's generator.
do
  local net = make()
  local function noise(copy) copy[1].linear.weight:copy_(sonde.randn(12, 10)) end
  local w = net:whatif(x, { apply = { noise, noise, function() end, function() sonde.randn(5) end } })
  equal(#w, 5)
  assert(identical(w[2].report, w[3].report) and not identical(w[1].report, w[2].report))
  assert(identical(w[1].report, w[4].report) and identical(w[1].report, w[5].report))
  w = net:whatif(x, { init = { "he_normal", "he_normal", "normal(1)" }, depth = { 4, 9 } })
  assert(identical(w[2].report, w[3].report))
  -- depths share the layers that they share
  local short, long = w["depth=4 init=he_normal"].report, w["depth=9 init=he_normal"].report
  for row = 2, 4 do equal(long[row].activation.std, short[row].activation.std) end
  -- the same draws at another scale: he_normal is sqrt(2/12) of normal(1) on 12 units
  local unit = w["depth=4 init=normal(1)"].report
  close(short[2].weight.std, unit[2].weight.std * math.sqrt(2 / 12), 1e-6)
  close(short[2].weight.skewness, unit[2].weight.skewness, 1e-4)
end

-- Each key does what its verb does: the report is that of a copy changed by hand.
do
  local net = make{ norm = "batch", norm_position = "after" }
  local function byHand(seed, change)
    local copy = net:clone()
    copy = change(copy, seed) or copy
    return copy:probe(x, { generator = sonde.generator(5) })
  end
  local function check(options, change)
    options.generator = sonde.generator(5)
    local w = net:whatif(x, options)
    equal(#w, 2)
    if w[2].error then error(w[2].error, 2) end
    assert(identical(w[2].report, byHand(w.seed, change)), w[2].name)
    assert(not identical(w[2].report, w[1].report), w[2].name)
    return w[2]
  end
  check({ batchnorm = "before" }, function(copy) copy:batchnorm("before") end)
  local off = check({ batchnorm = false }, function(copy) copy:batchnorm("off") end)
  equal(off.name, "batchnorm=false")
  local one = check({ batchnorm = { "before", eps = 1, affine = false } }, function(copy) copy:batchnorm("before", { eps = 1, affine = false }) end)
  equal(one.name, "batchnorm=before affine=false eps=1")
  equal(one.settings.batchnorm.eps, 1)
  check({ normalize = { "layer", position = "before" } }, function(copy) copy:normalize("layer", { position = "before" }) end)
  check({ normalize = "none" }, function(copy) copy:normalize("none") end)
  check({ activation = { "leaky_relu", slope = 0.3 } }, function(copy) copy:activation("leaky_relu", 0.3) end)
  check({ init = "he_normal" }, function(copy, seed) return copy:rebuild{ init = "he_normal", seed = seed } end)
  check({ init = { "lecun_normal", gain = 2 } }, function(copy, seed) return copy:rebuild{ init = { "lecun_normal", gain = 2 }, seed = seed } end)
  check({ depth = 6 }, function(copy, seed) return copy:rebuild{ depth = 6, seed = seed } end)
  check({ width = 6 }, function(copy, seed) return copy:rebuild{ width = 6, seed = seed } end)
  check({ lsuv = true }, function(copy, seed) copy:lsuv(x, { seed = seed }) end)
  check({ lsuv = { true, tolerance = 0.5 } }, function(copy, seed) copy:lsuv(x, { seed = seed, tolerance = 0.5 }) end)
  check({ remove = 2 }, function(copy) copy:remove(2) end)
  check({ insert = { 2, nn.Tanh } }, function(copy) copy:insert(2, nn.Tanh()) end)
  check({ replace = { { 2, function() return nn.Sigmoid() end } } }, function(copy) copy:replace(2, nn.Sigmoid()) end)
  local frozen = net:whatif(x, { freeze = 1, generator = sonde.generator(5) })
  assert(frozen[2].settings.freeze == 1 and not frozen[2].error and identical(frozen[2].report, frozen[1].report), frozen[2].error)
  assert(net:whatif(x, { insert = 2 })[2].error:find("option 'insert' expected {place, function() return a layer end}, got 2", 1, true))
  check({ apply = function(copy) copy[1]:batchnorm("off") end }, function(copy) copy[1]:batchnorm("off") end)
  check({ apply = function(copy) return copy:rebuild{ depth = 1 } end }, function(copy) return copy:rebuild{ depth = 1 } end)
  -- init follows the activation, on whose gain it depends; lsuv and functions come last
  check({ activation = "tanh", init = { { "he_normal", gain = "unit" } }, batchnorm = "off" }, function(copy, seed)
    return copy:activation("tanh"):batchnorm("off"):rebuild{ init = { "he_normal", gain = "unit" }, seed = seed }
  end)
  local function constant(shape) return sonde.full(shape, 0.1) end
  check({ init = constant, depth = 5 }, function(copy, seed) return copy:rebuild{ depth = 5, init = constant, seed = seed } end)
end

-- Where the backward pass begins: one upstream for all, a list as a thing to vary, a loss.
do
  local net = make()
  local w = net:whatif(x, { upstream = "ones", batchnorm = "before" })
  equal(#w, 2)
  assert(w[1].report.upstream.mean == 1 and w[2].report.upstream.mean == 1 and w[2].settings.upstream == nil)
  w = net:whatif(x, { upstream = { "ones", "normal" } })
  assert(#w == 2 and w[1].report.upstream.std == 0 and w.base.number == 2)
  w = net:whatif(x, { upstream = { sonde.full({ 40, 3 }, 2) } })
  assert(#w == 2 and w[2].report.upstream.mean == 2 and w[2].name == "upstream=tensor")
  local target = sonde.randint(1, 3, { 40 })
  w = net:whatif(x, { target = target, init = { "zeros", "he_normal" }, percentiles = { 50 }, bins = 4 })
  close(w[2].report.loss, math.log(3), 1e-6)
  equal(w:best("loss").name, w[1].report.loss < math.log(3) and "as it is" or w[3].report.loss < math.log(3) and "init=he_normal" or "init=zeros")
  assert(tostring(w):find("loss") and #w[2].report[1].activation:histogram().counts == 4)
  assert(net:whatif(x, { target = sonde.randn(40, 3), loss = "mse" })[1].report.loss > 0)
end

-- Values: one, a list, names; settings tell them as they came.
do
  local net = make()
  local w = net:whatif(x, { apply = { twice = function(copy) copy[1].linear.weight:mul_(2) end, plain = function() end }, depth = { short = 2, long = 5 } })
  local names = {}
  for name, variant in pairs(w) do
    names[#names + 1] = name
    equal(variant.name, name)
  end
  equal(table.concat(names, ", "), "as it is, depth=long apply=plain, depth=long apply=twice, depth=short apply=plain, depth=short apply=twice")
  assert(w[3].settings.apply == "twice" and w[3].settings.depth == "long")
  close(w[5].report[1].weight.std, 2 * w[4].report[1].weight.std, 1e-6)
  local count = 0
  for place, variant in ipairs(w) do
    count = count + 1
    equal(variant.number, place)
  end
  assert(count == 5 and w[6] == nil and w[-1].number == 5 and w[2] == w[2])
  fails("what-if: variant 7 is outside 1 to 5", function() return w[7] end)
  fails("what-if: variant 0 is outside 1 to 5", function() return w[0] end)
  fails("what-if: no field 'bset', did you mean 'best'?", function() return w.bset end)
  fails("variant: no field 'reprot', did you mean 'report'?", function() return w[1].reprot end)
  fails("what-if: field 'seed' can't be assigned", function() w.seed = 1 end)
end

-- What fails is a row with its error; the others are there.
do
  local net = make()
  local single = x[{ { 1, 1 }, {} }]
  local w = net:whatif(single, { batchnorm = { "before", "off" } })
  equal(#w, 2)
  assert(w[1].error:find("^network:probe: layer 1 BatchNorm%(12%): expected more than 1 sample, got a batch of 1"), w[1].error)
  assert(w[1].report == nil and w[2].error == nil and w[2].report and w.base.number == 2)
  local function raise(value) return function() error(value, 0) end end
  w = net:whatif(x, {
    activation = { "tahn", "tanh" }, depth = { 0, 3 },
    apply = { raise("text"), raise({}), raise(nil), raise(setmetatable({}, { __tostring = function() return "object" end })), function() return 3 end, "no" },
  })
  equal(#w, 25)
  for place = 2, 25 do assert(w[place].error and w[place].report == nil) end
  equal(w["depth=3 activation=tanh apply=f1"].error, "text")
  assert(w["depth=3 activation=tanh apply=f2"].error:find("^table: "))
  equal(w["depth=3 activation=tanh apply=f3"].error, "nil")
  equal(w["depth=3 activation=tanh apply=f4"].error, "object")
  equal(w["depth=3 activation=tanh apply=f5"].error, "network:whatif: expected the function to return nothing or a network, got number")
  equal(w["depth=3 activation=tanh apply=no"].error, "network:whatif: option 'apply' expected functions of the net, got no")
  equal(w["depth=0 activation=tanh apply=f1"].error, "network:rebuild: expected depth of at least 1, got 0")
  assert(w["depth=0 activation=tahn apply=f1"].error:find("got 'tahn', did you mean 'tanh'?", 1, true))
  local text = w:text()
  assert(text:find("25 variants under the same random numbers, seed %d+, 24 failed"), text)
  assert(text:find("- 14, 20: text", 1, true) == nil and text:find("- 20: text", 1, true), text)
  -- an error in a function keeps the line it came from
  w = net:whatif(x, { apply = function(copy)
    local nothing
    return nothing.field
  end })
  assert(w[2].error:find("whatif%.lua:%d+: attempt to index a nil value %(local 'nothing'%)"), w[2].error)
  assert(net:whatif(x, { apply = function(copy) copy:remove(99) end })[2].error:find("network:remove: expected a layer from 1 to 5, got 99"))
  equal(net:whatif(x, { activation = { "tanh", slpe = 1 } })[2].error, "network:whatif: unknown option 'slpe' of an activation, there is slope")
  equal(net:whatif(x, { batchnorm = { "before", esp = 1 } })[2].error, "network:batchnorm: unknown option 'esp', did you mean 'eps'?")
  -- NaN and infinities are no errors
  w = net:whatif(x, { init = { "constant(1e30)" } })
  assert(w[2].report[2].activation.nan + w[2].report[2].activation.inf > 0 and tostring(w):find("to nan") and w:best().number == 1)
end

-- Where no variant can be probed there is nothing to show.
do
  local net = make{ norm = "batch" }
  fails("layer 1 Block(Linear(10 -> 12), BatchNorm(12), ReLU): expected input [batch, 10], got [3, 4]", net.whatif, net,
    sonde.randn(3, 4), { batchnorm = { "before" } })
  fails("network:whatif: unknown option 'dept', did you mean 'depth'?", net.whatif, net, x, { dept = 3 })
  fails("network:whatif: argument 1 'x' expected a tensor, got nothing", net.whatif, net, { batchnorm = "off" })
  fails("network:whatif: expected a seed of 0 or more, got -2", net.whatif, net, x, { seed = -2 })
  fails("network:whatif: option 'depth' expected at least one value, got an empty table", net.whatif, net, x, { depth = {} })
  fails("network:whatif: option 'depth' expected a list without gaps, got the key 2.5", net.whatif, net, x, { depth = { 1, [2.5] = 3 } })
  local many = {}
  for place = 1, 101 do many[place] = place end
  fails("network:whatif: expected at most 10000 combinations, got 10201; vary fewer things at once", net.whatif, net, x,
    { depth = many, width = many })
  fails("network:probe: takes upstream or target, not both", net.whatif, net, x, { upstream = "ones", target = x })
  fails("network:whatif: expected a network as self, got nil; call it with a colon", net.whatif)
end

-- A net that does not know its sizes yet: it learns nothing, and all variants have the same weights.
do
  sonde.seed(4)
  local net = nn.Sequential{ nn.Linear(6), nn.ReLU(), nn.Linear(6), nn.ReLU(), nn.Linear(2) }
  local w = net:whatif(x, { apply = { function() end }, depth = { 1, 2, 3 }, batchnorm = { "off", "before" } })
  equal(#w, 7)
  for place = 1, 7 do assert(w[place].error == nil, w[place].error) end
  assert(identical(w[1].report, w["depth=2 batchnorm=off apply=f1"].report) and net[1].inputs == nil and net[3].weight)
  equal(#w["depth=3 batchnorm=before apply=f1"].report, 10)
end

-- Figures: columns, the best, tables; flatness is the range of log10 of the std over the rows but a head.
do
  local net = make{ init = "normal(0.05)" }
  local w = net:whatif(x, { init = { "he_normal", "zeros" }, depth = { 2, 4 }, apply = { none = false, boom = function() error("boom") end } })
  equal(#w, 9)
  local function range(report, quantity)
    local least, most = math.huge, 0
    for row = 1, #report - 1 do
      local std = report[row][quantity].std
      least, most = math.min(least, std), math.max(most, std)
    end
    return least == 0 and math.huge or math.log(most / least, 10)
  end
  local flatness, best, least = w:column("gradient.flatness"), nil, math.huge
  for place, variant in ipairs(w) do
    if variant.error then
      assert(flatness[place] ~= flatness[place] and variant.error:find("boom$"))
    else
      local expected = range(variant.report, "gradient")
      assert(flatness[place] == expected or math.abs(flatness[place] - expected) < 1e-9, place)
    end
  end
  local names = w:column("activation.std[2]")
  equal(names[1], w[1].report[2].activation.std)
  equal(w:column("activation.std")[1], w[1].report[4].activation.std, "the last hidden row")
  equal(w:column("gradient.std")[1], w[1].report[1].gradient.std, "the first row")
  equal(w:column("activation.std[-1]")[1], w[1].report[5].activation.std)
  equal(w:column("activation.percentiles[85]")[1], w[1].report[4].activation.percentiles[85])
  equal(w:column("activation.percentiles.85[1]")[1], w[1].report[1].activation.percentiles[85])
  assert(w:column("activation.std[4]")[3] ~= w:column("activation.std[4]")[3], "no such row")
  assert(w:column("loss")[1] ~= w:column("loss")[1])
  fails("report:column: unknown column 'activation.sdt', did you mean 'activation.std'?", w.column, w, "activation.sdt")
  fails("what-if:best: expected a goal for 'activation.skewness', got none; 'smallest', 'largest' or a number to be near", w.best, w,
    "activation.skewness")
  fails("what-if:best: expected a variant with a number for 'loss', got none", w.best, w, "loss")
  fails("what-if:best: option 'goal' expected \"smallest\" or \"largest\" or a number, got 'smalest', did you mean 'smallest'?", w.best, w,
    "loss", { goal = "smalest" })
  equal(w:best("activation.std").settings.init, "he_normal")
  equal(w:best("activation.std", { goal = "smallest" }).settings.init, "zeros")
  equal(w:best("activation.std", { goal = 1e-300 }).settings.init ~= "zeros", true)
  equal(w:best{ goal = "largest" }.report[1].gradient.std, 0)
  local rows = w:table{ columns = { "activation.std", "gradient.flatness" } }
  equal(#rows, 9)
  assert(rows[1].base and rows[1].name == "as it is" and rows[2].base == nil and rows[1]["activation.std"] == w:column("activation.std")[1])
  assert(rows[3]["activation.std"] ~= nil or rows[3].error)
  assert(w:table()[1]["gradient.std"] and w:table()[1].loss == nil)
end

-- print: one line a variant, the best marked, factors to the base; never more than a screen.
do
  local net = make{ init = "normal(0.05)" }
  local w = net:whatif(x, { init = "he_normal", seed = 3, upstream = "ones" })
  local lines = {}
  for line in (w:text() .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  equal(lines[1], "what if: 2 variants under the same random numbers, seed 3")
  equal(lines[4]:gsub(" +", " "), " # init std h flatness h std dL/dh flatness dL/dh zeros h")
  assert(lines[5]:find("^base +1  as it is "), lines[5])
  assert(lines[6]:find("^%* +2  he_normal "), lines[6])
  local factor = w[2].report[4].activation.std / w[1].report[4].activation.std
  assert(lines[6]:find((" x%.3g "):format(factor), 1, true), lines[6])
  local many = {}
  for place = 1, 70 do many[place] = place end
  w = net:whatif(x, { depth = many, init = "zeros" })
  lines = select(2, tostring(w):gsub("\n", "\n")) + 1
  assert(lines <= 50, lines)
  assert(tostring(w):find("... of 71 variants; w:text() shows all", 1, true))
  assert(select(2, w:text():gsub("\n", "\n")) >= 74)
  assert(w:text{ columns = { "activation.zeros[1]", "gradient.rms[2]" } }:find("zeros h[1]", 1, true))
  fails("report:column: unknown column 'activation.stdd', did you mean 'activation.std'?", w.text, w, { columns = { "activation.stdd" } })
  assert(tostring(w[1]):find("^variant 1: as it is\n"))
  for _, line in ipairs{ "what if", "depth" } do assert(tostring(w):find(line)) end
  -- no line is wider than the terminal, what gives way is told, and the text has it all
  if not os.getenv("COLUMNS") then
    w = net:whatif(x, { activation = { "relu", "tanh" }, init = { "he_normal", "xavier_uniform" }, batchnorm = { "off", "before" } })
    for line in tostring(w):gmatch("[^\n]+") do assert(utf8.len(line) <= 80, line) end
    local head = tostring(w):match("\n( +#[^\n]+)")
    assert(head:find("std h .*std dL/dh$") and not head:find("zeros", 1, true), head)
    assert(tostring(w):find("xavier_", 1, true) and tostring(w):find("x%d"), tostring(w))
    assert(tostring(w):find("not shown: zeros h, flatness h, flatness dL/dh; w:text() has all columns", 1, true), tostring(w))
    assert(w:text():find("flatness dL/dh +zeros h\n") and not w:text():find("not shown", 1, true))
  end
end

-- Files and figures.
do
  local net = make{ init = "normal(0.05)" }
  local w = net:whatif(x, { init = "he_normal", apply = { ["a,b"] = function() end, ['"quoted"'] = function() error("no, never", 0) end } })
  local path = os.tmpname()
  assert(w:save(path .. ".csv") == w)
  local lines = {}
  for line in io.lines(path .. ".csv") do lines[#lines + 1] = line end
  -- of a report a line for the input, the upstream gradient, and each quantity of each of the five rows, all of which have a weight
  equal(#lines, 1 + 2 * (2 + 5 * 5) + 1)
  assert(lines[1]:find("^number,variant,init,apply,error,layer,name,kind,quantity,count,mean,"), lines[1])
  assert(lines[2]:find("^1,as it is,as it is,as it is,,0,input,input,input,400,"), lines[2])
  equal(lines[29]:match("^(.-),+$"), '2,"init=he_normal apply=""quoted""",he_normal,"""quoted""","no, never"')
  assert(lines[32]:find('^3,"init=he_normal apply=a,b",he_normal,"a,b",,1,0,Block,preactivation,480,'), lines[32])
  local commas = select(2, lines[1]:gsub(",", ""))
  equal(select(2, lines[2]:gsub(",", "")), commas)
  equal(select(2, lines[29]:gsub('"no, never"', ""):gsub(",", "")), commas)
  w:save(path .. ".json")
  local text = io.open(path .. ".json"):read("a")
  assert(text:find('"settings":{"init":"he_normal","apply":"a,b"}', 1, true) and text:find('"error":"no, never"', 1, true))
  assert(text:find(('"seed":%d,'):format(w.seed), 1, true))
  -- a report inside it is what report:save writes
  w[3].report:save(path .. ".report.json")
  local report = io.open(path .. ".report.json"):read("a"):gsub("\n$", "")
  assert(text:find(report, 1, true))
  for _, ending in ipairs{ "", ".csv", ".json", ".report.json" } do os.remove(path .. ending) end
  fails("what-if:save: expected a name that ends in .csv or .json, got 'w.txt'", w.save, w, "w.txt")
  fails("what-if:save: expected a name that ends in .csv or .json, got 'json'", w.save, w, "json")
  assert(not pcall(w.save, w, "/nowhere/at/all.json"))
  local picture = w:plot{ text = true }
  assert(picture:find("std of h") and picture:find("std of dL/dh", 1, true) and picture:find("he_normal, a,b", 1, true) and picture:find("theory"))
  picture = w:plot{ text = true, variants = { 3 } }
  assert(picture:find("1 of 3 variants") and not picture:find("as it is"))
  fails("what-if:plot: option 'variants' expected numbers from 1 to 3, got 4", w.plot, w, { variants = { 4 } })
  fails("what-if:plot: variant 2 failed and has nothing to draw", w.plot, w, { variants = { 1, 2 } })
  fails("what-if:plot: option 'variants' expected at least one number, got an empty table", w.plot, w, { variants = {} })
  assert(not pcall(w.plot, w, "/nowhere/at/all.svg"))
end

-- Garbage: thousands of variants keep no net.
do
  collectgarbage()
  local before = sonde.memory().tensors
  local depths = {}
  for place = 1, 30 do depths[place] = place end
  local w = make():whatif(x, { depth = depths, init = { "he_normal", "zeros" } })
  collectgarbage()
  collectgarbage()
  assert(#w == 61 and sonde.memory().tensors - before < 60, sonde.memory().tensors - before)
end

-- A table that holds itself is a value like any other that is none.
do
  local loop = {}
  loop[1] = loop
  for _, values in ipairs{ loop, { loop, "tanh" } } do
    local w = make():whatif(x, { activation = values })
    assert(w[2].error:find("^network:activation: argument 1 'name' expected .*, got a table$"), w[2].error)
  end
end
print("ok")
