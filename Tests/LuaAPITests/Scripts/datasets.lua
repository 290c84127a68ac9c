-- Datasets: generated sets and statistics against Python's, splits, batches, maps, normalisation, tables and arrays.
local directory = arg[0]:match("^(.*/)") or "./"
local golden = {}
for line in io.lines(directory .. "../Fixtures/datasets.txt") do
  local name, numbers = line:match("^([%a ]+): (.*)$")
  if name then
    golden[name] = {}
    for number in numbers:gmatch("%S+") do table.insert(golden[name], tonumber(number)) end
  end
end

local function close(tensor, name, tolerance)
  local flat, wanted = tensor:reshape(-1):totable(), golden[name]
  for i, value in ipairs(flat) do
    assert(math.abs(value - wanted[i]) <= tolerance * (1 + math.abs(wanted[i])),
      name .. " " .. i .. ": " .. value .. ", wanted " .. wanted[i])
  end
  return #flat == #wanted or error(name .. ": " .. #flat .. " numbers, wanted " .. #wanted)
end
local function same(a, b) return a.shape[1] == b.shape[1] and a:eq(b):all():item() end
local function count(ds, class) return ds.targets:eq(class):to("int64"):sum():item() end

-- Generated sets: double, then float32, whose last bit is 6e-8.
for dtype, tolerance in pairs{ float64 = 1e-12, float32 = 1e-6 } do
  local function with(options)
    options.dtype = dtype
    return options
  end
  close(data.moons(with{ samples = 9 }).inputs, "moons", tolerance)
  close(data.moons(with{ samples = 8, noise = 0.3, seed = 5 }).inputs, "moons noisy", tolerance)
  close(data.spirals(with{ samples = 10, classes = 3, turns = 1.5 }).inputs, "spirals", tolerance)
  close(data.spirals(with{ samples = 12, noise = 0.1, turns = -2.25, seed = 6 }).inputs, "spirals noisy", tolerance)
  local ds, centers = data.blobs(with{ samples = 11, features = 5, std = 0.5, seed = 7 })
  close(centers, "blobs centers", tolerance)
  close(ds.inputs, "blobs", tolerance)
  local again = data.blobs(with{ samples = 11, features = 5, std = 0.5, generator = sonde.generator(7):set_state("philox4x32-10 0000000000000007 4000000000000000") })
  assert(same(ds.inputs, again.inputs))
  local weights
  ds, weights = data.normal(with{ samples = 6, features = 4, outputs = 2, noise = 0.25, seed = 8 })
  close(ds.inputs, "normal inputs", tolerance)
  close(weights, "normal weights", tolerance)
  close(ds.targets, "normal targets", tolerance)
  assert(ds.inputs.dtype == dtype and ds.targets.dtype == dtype and ds.classes == nil)
end

-- Geometry in closed form: moons lie on half circles, spirals at their radius; classes alternate.
local moons = data.moons{ samples = 101, dtype = "float64" }
assert(count(moons, 1) == 51 and count(moons, 2) == 50)
for i, sample in ipairs(moons) do
  local x, class = sample[1], sample[2]
  assert(class == (i - 1) % 2 + 1)
  local dx, dy = x[1] - (class - 1), x[2] - 0.5 * (class - 1)
  assert(math.abs(dx * dx + dy * dy - 1) < 1e-14 and (class == 1 and dy or -dy) > -1e-15)
end
local spirals = data.spirals{ samples = 300, classes = 3, turns = 2, dtype = "float64" }
for i, sample in ipairs(spirals) do
  assert(math.abs(sample[1]:norm():item() - ((i - 1) // 3 + 1) / 100) < 1e-15)
end
local given = data.blobs{ samples = 5, std = 0, centers = sonde.tensor{ { 1, 2, 3 }, { 4, 5, 6 } } }
assert(given.classes == 2 and given.features == 3 and given.inputs[4][2] == 5 and given.inputs[5][3] == 3)
local unlabelled = data.normal{ samples = 7, features = 3, outputs = 0 }
assert(unlabelled.targets == nil and #unlabelled[2] == 1 and #unlabelled == 7)

-- Draws are the seed's alone, for any number of threads; the session's generator is left where it was.
local function everything()
  local ds = data.blobs{ samples = 3000, features = 20, seed = 3 }
  local a, b = ds:split(0.7, { seed = 4, stratify = true })
  local scaled, stats = a:normalize()
  return { ds.inputs, a.inputs, b.inputs, scaled.inputs, stats.mean, stats.std, ds:shuffle(5).inputs,
    data.normal{ samples = 500, features = 300, seed = 6 }.targets }
end
local threads, state = sonde.threads(), sonde.random_state()
sonde.threads(1)
local alone = everything()
sonde.threads(4)
for i, tensor in ipairs(everything()) do assert(same(tensor, alone[i])) end
sonde.threads(threads)
assert(sonde.random_state() == state)

-- Targets: whole numbers in a vector are classes, other numbers values; false and a number decide.
local x = sonde.randn(4, 2)
assert(data.dataset(x, sonde.tensor{ 1, 2, 1, 3 }).classes == 3)
assert(data.dataset(x, sonde.tensor{ 1, 2, 1, 3 }, { classes = 5 }).classes == 5)
local whole = data.dataset{ inputs = x, targets = sonde.tensor{ 1, 2, 0, -3 }, classes = false }
assert(whole.classes == nil and whole[4][2] == -3 and whole.targets.dtype == "float32")
local real = data.tensors(x, sonde.tensor({ 0.5, 1, 2, 3 }, { dtype = "float64" }), { name = "line" })
assert(real.classes == nil and real.targets.dtype == "float32" and real[1][2] == 0.5 and real.name == "line")
local wide = data.tensors(x, sonde.arange(1, 12):reshape(4, 3))
assert(wide[2][2].shape[1] == 3 and wide[-1][2][3] == 12 and wide.classes == nil)
local named = data.tensors(x, sonde.tensor{ 1, 2, 1, 2 }, { class_names = { "no", "yes" }, feature_names = { "a", "b" } })
assert(named.class_names[2] == "yes" and named.feature_names[1] == "a" and named.class_counts[1] == 2)
local none = data.dataset(x)
assert(none.targets == nil and none.classes == nil and none.class_counts == nil and none.class_names == nil)
for a, b in none:batches(3) do assert(#a <= 3 and b == nil) end

-- Values go through everything that classes do.
for _, ds in ipairs{ real, wide, none, whole } do
  local a, b = ds:split(0.5, { seed = 1 })
  assert(#a == 2 and #b == 2)
  local seen = 0
  for bx, by in ds:shuffle(2):batches(3, { seed = 3 }) do
    seen = seen + #bx
    assert(by == nil or #by == #bx)
  end
  assert(seen == 4 and tostring(ds):find("4 samples of 2 features", 1, true))
  assert(same(ds:normalize().inputs, ds:normalize(select(2, ds:normalize())).inputs))
end
local order = real:subset{ 4, -3, 4 }
assert(order[1][2] == 3 and order[2][2] == 1 and order[3][2] == 3 and same(order.inputs[1], x[4]))

-- Selection.
local train, test = data.digits()
for i, label in ipairs(golden["digits labels"]) do assert(test.targets[i] == label) end
local zeros = train:subset(train.targets:eq(1))
assert(#zeros == 142 and zeros.classes == 10 and zeros.class_counts[1] == 142 and zeros.class_counts[2] == 0)
assert(#train:take(7) == 7 and same(train:take(7).inputs, train.inputs[{ { 1, 7 } }]))
assert(same(train:take{ 3, 1 }.targets, train:subset(sonde.tensor{ 3, 1 }).targets))
local shuffled = train:shuffle(9)
assert(not same(shuffled.targets, train.targets) and same(shuffled.targets, train:shuffle(9).targets))
assert(same(shuffled.targets:sort(), train.targets:sort()))
local drawn = train:subset(sonde.randperm(#train, { generator = sonde.generator(9) }))
assert(same(drawn.inputs, shuffled.inputs))

-- Splits: no sample lost or doubled; stratified parts hold each class's share, rounded up or down.
local numbered = data.tensors(sonde.arange(1, 1437):reshape(1437, 1), train.targets)
for _, fractions in ipairs{ { 0.8 }, { 0.6, 0.2 }, { 0.7, 0.2, 0.1 }, { 0.1, 0.01, 0.3, 0.2 } } do
  for _, options in ipairs{ { seed = 1 }, { seed = 2, stratify = true }, { shuffle = false, stratify = true }, { shuffle = false } } do
    local parts, total, sum = { numbered:split(fractions, options) }, 0, 0
    local seen = {}
    for place, part in ipairs(parts) do
      local share = fractions[place] or 1 - sum
      sum = sum + share
      total = total + #part
      assert(math.abs(#part - share * 1437) <= 1, #part .. " of " .. share)
      for _, sample in ipairs(part) do
        assert(not seen[sample[1][1]])
        seen[sample[1][1]] = true
        assert(train.targets[sample[1][1] // 1 | 0] == sample[2])
      end
      for class, all in ipairs(train.class_counts) do
        if options.stratify then assert(math.abs(part.class_counts[class] - share * all) < 2) end
      end
    end
    assert(total == 1437 and #parts == (sum > 1 - 1e-9 and #fractions == 3 and 3 or #fractions + 1))
  end
end
local half = data.blobs{ samples = 31, classes = 3 }:split(0.5, { stratify = true })
assert(#half == 16 and half.class_counts[1] == 6 and half.class_counts[2] == 5 and half.class_counts[3] == 5)
local first, second = train:split(0.8, { shuffle = false })
assert(same(first.inputs, train.inputs[{ { 1, 1150 } }]) and #second == 287)

-- Batches.
local function sizes(...)
  local result = {}
  for bx in train:take(25):batches(...) do table.insert(result, #bx) end
  return table.concat(result, " ")
end
assert(sizes(10) == "10 10 5" and sizes(10, { drop_last = true }) == "10 10" and sizes(25) == "25")
local a, b = train:batches(60, { seed = 4 })(), train:batches(60, { shuffle = true, generator = sonde.generator(4) })()
assert(same(a, b) and not same(a, train:batches(60)()) and same(train:batches(60, { seed = 4, shuffle = false })(), train:batches(60)()))
local kept = {}
for bx in train:take(20):batches(10) do table.insert(kept, bx) end
assert(not same(kept[1], kept[2]))

-- Maps: lazy, in order, every time a batch is cut; what they give may have other shapes.
local calls = 0
local mapped = train:take(30):map(function(bx, by)
  calls = calls + 1
  return bx * 2, by
end):map(function(bx) return bx + 1 end)
assert(calls == 0 and same(mapped.inputs, train:take(30).inputs) and same(mapped[3][1], train[3][1]))
for bx, by in mapped:batches(10) do assert(bx:min():item() >= 1 and #by == 10) end
assert(calls == 3)
local parts = { mapped:split(0.5, { seed = 1 }) }
for bx in parts[2]:shuffle(1):batches(15) do assert(bx:min():item() == 1) end
assert(calls == 4)
for bx, by in train:take(10):map(function(bx, by) return sonde.cat({ bx, bx }, 1), sonde.cat({ by, by }, 1) end):batches(5) do
  assert(#bx == 10 and #by == 10)
end
for bx, by in train:take(10):map(function(bx, by) return bx, bx:sum{ dim = 2, keepdim = true } end):batches(5) do
  assert(by.shape[2] == 1)
end
local weight = sonde.ones(64):requires_grad_()
for bx in train:take(10):map(function(bx) return bx * weight end):batches(10) do
  assert(not pcall(function() bx:sum():backward() end), "maps run off the tape")
end
for bx, by in none:map(function(bx, by)
  assert(by == nil)
  return bx, bx
end):batches(4) do assert(same(bx, by)) end

-- Normalisation: the training part's statistics for all, NumPy's numbers, 1 for constant features.
local scaled, stats = train:normalize()
close(stats.mean, "digits mean", 1e-6)
close(stats.std, "digits std", 1e-6)
local scaled_test, passed = test:normalize(stats)
close(scaled_test.inputs[{ { 1, 5 } }], "digits test", 1e-5)
assert(same(passed.mean, stats.mean) and stats.mean.dtype == "float32" and stats.std[1] == 1 and stats.mean[1] == 0)
assert(scaled.inputs:mean{ dim = 1 }:abs():max():item() < 1e-5)
local spread = scaled.inputs:std{ dim = 1 }
for i = 1, 64 do assert(math.abs(spread[i] - 1) < 1e-5 or spread[i] == 0) end
assert((scaled:denormalize(stats).inputs - train.inputs):abs():max():item() < 1e-6)
assert(same(scaled.targets, train.targets) and same(train:normalize(stats).inputs, scaled.inputs))
-- no leakage: whatever the test part holds, the training part and its statistics stay the same
local both = data.blobs{ samples = 100, seed = 1 }
local left, right = both:split(0.5, { shuffle = false })
local before, stats_before = left:normalize()
right.inputs:mul_(1000)
local after, stats_after = left:normalize()
assert(same(before.inputs, after.inputs) and same(stats_before.std, stats_after.std))
-- extremes of scale: neither squares overflow nor vanish, and a constant far from 0 is constant
for _, scale in ipairs{ 1e-30, 1, 1e30 } do
  local base = sonde.tensor({ { 1, 0.1 }, { 2, 0.1 }, { 3, 0.1 }, { 6, 0.1 } }, { dtype = "float64" }) * scale
  for _, dtype in ipairs{ "float32", "float64" } do
    local tiny, found = data.tensors(base:to(dtype)):normalize()
    assert(math.abs(found.mean[1] / scale - 3) < 1e-6 and math.abs(found.std[1] / scale - 3.5 ^ 0.5) < 1e-6)
    assert(found.std[2] == 1 and tiny.inputs[1][2] == 0 and math.abs(tiny.inputs[4][1] - 3 / 3.5 ^ 0.5) < 1e-6)
  end
end
local huge = sonde.tensor({ { -1.7e308 }, { 1.7e308 } }, { dtype = "float64" })
local hs, hstats = data.tensors(huge):normalize()
assert(hs.inputs[1][1] == -1 and hs.inputs[2][1] == 1 and hstats.mean[1] == 0 and hstats.std[1] == 1.7e308)

-- Tables of text.
local path = os.tmpname()
local function table_of(text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end
local iris = data.csv(table_of('long,wide,"kind of ""iris"""\n5.1,3.5,setosa\n7,3.2, virginica\n6.3,3.3,"setosa"\n'), { target = 'kind of "iris"' })
assert(iris.class_names[1] == "setosa" and iris.class_names[2] == "virginica" and #iris.class_names == 2)
assert(same(iris.targets, sonde.tensor{ 1, 2, 1 }) and iris.inputs[2][1] == 7 and iris.feature_names[2] == "wide")
local bare = data.csv(table_of("3;1,a\n4;2,b\n"), { delimiter = ";", target = -1, classes = true, columns = { 1 } })
assert(bare.class_names[2] == "2,b" and bare.features == 1 and bare.feature_names == nil)
local digits = data.csv(table_of("10,1\n9,2\n10,3\n0,4\n"), { target = 1 })
assert(same(digits.targets, sonde.tensor{ 3, 2, 3, 1 }) and table.concat(digits.class_names, " ") == "0 9 10")
assert(data.csv(path, { target = 1, classes = false }).targets[3] == 10)
assert(data.csv(path).targets == nil and data.csv(path).features == 2)
assert(data.csv(table_of("1,0.5\n2,1\n"), { target = 2 }).classes == nil)
local several = data.csv(table_of("id,x,y,z\na,1,2,3\nb,4,5,6\n"), { target = { "z", 3 }, columns = { "x" }, dtype = "float64" })
assert(several.targets[2][1] == 6 and several.targets[2][2] == 5 and several.inputs.dtype == "float64" and several.features == 1)
local headed = data.csv(table_of("1,2\n3,4\n"), { header = true, target = "2" })
assert(#headed == 1 and headed.class_names[1] == "4")
os.remove(path)

-- Arrays.
local images = sonde.randint(0, 255, { 6, 4, 4 })
sonde.save(path .. ".npy", images)
sonde.save(path .. "t.npy", sonde.tensor{ 1, 2, 3, 1, 2, 3 })
sonde.save(path .. ".npz", { pixels = images, kinds = sonde.tensor({ { 1 }, { 2 }, { 1 }, { 2 }, { 1 }, { 2 } }, { dtype = "int64" }) })
local arrays = data.npy(path .. ".npy", path .. "t.npy")
assert(arrays.features == 16 and arrays.inputs.dtype == "float32" and arrays.classes == 3)
assert(data.npy(path .. ".npy").targets == nil and data.npy(path .. ".npy", path .. "t.npy", { classes = false }).classes == nil)
local archive = data.npy(path .. ".npz", { inputs = "pixels", targets = "kinds" })
assert(archive.classes == 2 and same(archive.inputs, arrays.inputs))
sonde.save(path .. ".npz", { x = sonde.randn(3, 2), y = sonde.randn(3, 1) })
assert(data.npy(path .. ".npz").targets.shape[2] == 1 and data.npy(path .. ".npz").name == path:match("[^/]*$"))
for _, ending in ipairs{ ".npy", "t.npy", ".npz" } do os.remove(path .. ending) end

-- Printing: a screen whatever the size.
local text = tostring(train)
assert(text:match("^digits: 1437 samples of 64 features, 10 classes\n  inputs   float32 %[1437, 64%], 0 to 1%.000, mean 0%.3046, std 0%.3759\n  classes  1: 142, 2: 146, "), text)
local many = tostring(data.tensors(sonde.randn(3, 2), sonde.tensor{ 1, 2, 100000 }))
assert(many:find("and 99960 more", 1, true))
for line in many:gmatch("[^\n]+") do assert(#line <= 80) end
assert(tostring(wide):find("targets  float32 [4, 3], 1.000 to 12.00, mean 6.500, std 3.452", 1, true))
assert(tostring(mapped):find("every batch goes through 2 functions", 1, true))
assert(tostring(none):find("no targets", 1, true))
print("ok")
