-- Every mistake with data is one sentence: who, what was expected, what came, the cure; and nothing is half changed.
local path = os.tmpname()

local function check(ok, message, text)
  assert(not ok, "did not fail: " .. text)
  local got = tostring(message):gsub("^[^:]+:%d+: ", ""):gsub(path:gsub("%p", "%%%0"), "PATH")
  assert(got == text, "\n   got: " .. got .. "\nwanted: " .. text)
end
local function fails(text, f, ...)
  local state = sonde.random_state()
  local ok, message = pcall(f, ...)
  check(ok, message, text)
  assert(text:find("NaN", 1, true) or sonde.random_state() == state, "drew numbers: " .. text)
end

local x = sonde.randn(4, 2, { generator = sonde.generator(1) })
local bad = x:clone(); bad[{3,2}] = 0/0
local inf = sonde.tensor{1, 1/0, 2, 3}
fails("data.dataset: expected finite inputs, got NaN in feature 2 of sample 3",
  data.dataset, bad)
fails("data.dataset: expected inputs, a tensor [n, features], got nothing; data.dataset{inputs=x, targets=t}",
  data.dataset)
fails("data.dataset: expected inputs once, got argument 1 and the option",
  data.dataset, x, {inputs=x})
fails("data.dataset: expected inputs [samples, features] of float32 or float64 with at least one sample, got float32 [0, 3]",
  data.dataset, sonde.zeros(0, 3))
fails("data.dataset: expected inputs [samples, features] of float32 or float64 with at least one sample, got float32 [3]",
  data.dataset, sonde.zeros(3))
fails("data.dataset: expected inputs [samples, features] of float32 or float64 with at least one sample, got int64 [4, 2]",
  data.dataset, x:to("int64"))
fails("data.dataset: expected one target for each of the 4 inputs, got 3",
  data.dataset, x, sonde.tensor{1,2,3})
fails("data.dataset: expected classes from 1 to 1000000, got 0 for sample 3; {classes=false} takes whole numbers as they are",
  data.dataset, x, sonde.tensor{1,2,0,3})
fails("data.dataset: expected whole classes from 1 to 3, got 2.5 for sample 2",
  data.dataset, x, sonde.tensor{1,2.5,1,3}, {classes=3})
fails("data.dataset: expected whole classes from 1 to 3, got 4 for sample 4",
  data.dataset, x, sonde.tensor{1,2,1,4}, {classes=3})
fails("data.dataset: expected whole classes from 1 to 1000000, got 2.5 for sample 2",
  data.dataset, x, sonde.tensor{1,2.5,1,3}, {classes=true})
fails("data.dataset: expected finite targets, got inf for sample 2",
  data.dataset, x, inf)
fails("data.dataset: expected finite targets, got inf for sample 2",
  data.dataset, x, inf, {classes=2})
fails("data.dataset: expected finite targets, got NaN for sample 2",
  data.dataset, x, sonde.tensor{1,0/0,2,3})
fails("data.dataset: expected targets [samples] or [samples, outputs], got [4, 2, 2]",
  data.dataset, x, sonde.zeros(4,2,2))
fails("data.dataset: expected classes [samples], got [4, 2]",
  data.dataset, x, sonde.zeros(4,2), {classes=2})
fails("data.dataset: expected 1 to 1000000 classes, got 0",
  data.dataset, x, sonde.tensor{1,2,1,2}, {classes=0})
fails("data.dataset: expected whole classes from 1 to 1, got 2 for sample 2",
  data.dataset, x, sonde.tensor{1,2,1,2}, {class_names={"a"}})
fails("data.dataset: expected a name for each of the 3 classes, got 2",
  data.dataset, x, sonde.tensor{1,2,1,2}, {class_names={"a", "b"}, classes=3})
fails("data.dataset: expected a name for each of the 2 features, got 1",
  data.dataset, x, sonde.tensor{1,2,1,2}, {feature_names={"a"}})
fails("data.dataset: unknown option 'clases', did you mean 'classes'?",
  data.dataset, x, sonde.tensor{1,2,1,2}, {clases=3})
fails("data.dataset: expected classes from 1 to 1000000, got 10000000 for sample 1; {classes=false} takes whole numbers as they are",
  data.dataset, x, sonde.tensor{1e7,2,1,2})

-- Generated.
fails("data.blobs: expected at least a sample for each of the 3 classes, got 2",
  data.blobs, {samples=2})
fails("data.blobs: expected samples of 1 or more, got 0",
  data.blobs, {samples=0})
fails("data.blobs: expected std from 0 to 1e30, got -1.0",
  data.blobs, {std=-1})
fails("data.blobs: expected std from 0 to 1e30, got nan",
  data.blobs, {std=0/0})
fails("data.blobs: expected 1 to 1000000 classes, got 0",
  data.blobs, {classes=0})
fails("data.blobs: option 'centers' expected [classes, features], got [3]",
  data.blobs, {centers=sonde.zeros(3)})
fails("data.blobs: expected centers [4, 2], got [3, 2]",
  data.blobs, {centers=sonde.zeros(3,2), classes=4})
fails("data.blobs: expected seed or generator, got both",
  data.blobs, {seed=1, generator=sonde.generator(1)})
fails("data.blobs: expected a seed of 0 or more, got -1",
  data.blobs, {seed=-1})
fails("data.blobs: expected dtype float32 or float64, got int64",
  data.blobs, {dtype="int64"})
local ok, message = pcall(data.blobs, { samples = 1 << 62, features = 100 })
assert(not ok and message:find("not enough memory", 1, true))
fails("data.blobs: expected finite inputs, got NaN in feature 1 of sample 1",
  data.blobs, {centers=sonde.full({3,2}, 0/0)})
fails("data.spirals: expected turns of at most 1e6, got inf",
  data.spirals, {turns=1/0})
fails("data.moons: expected at least a sample for each of the 2 classes, got 1",
  data.moons, {samples=1})
fails("data.moons: unknown option 'nois', did you mean 'noise'?",
  data.moons, {nois=1})
fails("data.normal: expected outputs of 0 or more, got -1",
  data.normal, {outputs=-1})

-- Selection.
local ds = data.blobs{samples=30, seed=1}
local line = data.normal{samples=30, seed=1}
fails("dataset:split: expected fractions that leave each part some of the 30 samples and add up to at most 1, got none",
  ds.split, ds)
fails("dataset:split: expected fractions that leave each part some of the 30 samples and add up to at most 1, got 1.0",
  ds.split, ds, 1)
fails("dataset:split: expected fractions that leave each part some of the 30 samples and add up to at most 1, got 0.8, 0.3",
  ds.split, ds, 0.8, 0.3)
fails("dataset:split: expected fractions that leave each part some of the 30 samples and add up to at most 1, got 0.001",
  ds.split, ds, 0.001)
fails("dataset:split: argument 1 'fractions' expected a number or a table, got 'half'",
  ds.split, ds, "half")
fails("dataset:split: expected fractions, got 'x'",
  ds.split, ds, {0.5, "x"})
fails("dataset:split: expected fractions that leave each part some of the 30 samples and add up to at most 1, got nan",
  ds.split, ds, 0/0)
fails("dataset:split: expected classes to stratify by, got a set without; leave stratify out",
  line.split, line, 0.5, {stratify=true})
fails("dataset:split: expected seed or generator, got both",
  ds.split, ds, 0.5, {seed=1, generator=sonde.generator(2)})
fails("dataset:shuffle: expected a seed of 0 or more, got -1",
  ds.shuffle, ds, -1)
fails("dataset:shuffle: expected seed or generator, got both",
  ds.shuffle, ds, 1, {generator=sonde.generator(2)})
fails("dataset:subset: expected at least one sample, got none",
  ds.subset, ds, {})
fails("dataset:subset: expected samples from 1 to 30 or -30 to -1, got 31",
  ds.subset, ds, {1, 31})
fails("dataset:subset: expected samples from 1 to 30 or -30 to -1, got 0",
  ds.subset, ds, {0})
fails("dataset:subset: expected whole indices, got 1.5",
  ds.subset, ds, {1.5})
fails("dataset:subset: expected whole indices, got 1.5",
  ds.subset, ds, sonde.tensor{1.5})
fails("dataset:subset: expected a vector of indices, got [2, 2]",
  ds.subset, ds, sonde.ones(2,2))
fails("dataset:subset: expected a mask of 30 samples, got 2",
  ds.subset, ds, sonde.ones(2):eq(1))
fails("dataset:subset: expected at least one sample, got none",
  ds.subset, ds, ds.targets:eq(9))
fails("dataset:take: expected 1 to 30 samples, got 31",
  ds.take, ds, 31)
fails("dataset:take: expected 1 to 30 samples, got 0",
  ds.take, ds, 0)
fails("dataset:batches: expected a batch of at most the 30 samples there are, got 31",
  ds.batches, ds, 31)
fails("dataset:batches: expected a batch size of 1 or more, got 0",
  ds.batches, ds, 0)
fails("dataset:batches: unknown option 'shufle', did you mean 'shuffle'?",
  ds.batches, ds, 5, {shufle=true})
fails("dataset: sample 32 is outside 1 to 30",
  function() return ds[31 + 1] end)
fails("dataset: no field 'input', did you mean 'inputs'?",
  function() return ds.input end)
fails("dataset: field 'inputs' can't be assigned",
  function() ds.inputs = x end)

-- Maps.
local function first(f, d) return function() (d or ds):map(f):batches(10)() end end
fails("dataset:map: argument 1 'f' expected a function, got 3",
  ds.map, ds, 3)
fails("dataset:map: expected its function to return inputs, a tensor, got 1",
  first(function(x, y) return 1 end))
fails("dataset:map: expected its function to return targets, a tensor, got 1",
  first(function(x, y) return x, 1 end))
fails("dataset:map: expected its function to return inputs, a tensor, got nil",
  first(function(x, y) return nil end))
fails("dataset:map: expected its function to return float inputs [rows, ...], got float32 [2]",
  first(function(x, y) return x[1], y end))
fails("dataset:map: expected its function to return float inputs [rows, ...], got int64 [10, 2]",
  first(function(x, y) return x:to("int64"), y end))
fails("dataset:map: expected its function to return 5 targets for 5 inputs, got [10]",
  first(function(x, y) return x[{{1,5}}], y end))
fails("dataset:map: expected finite inputs, got inf in feature 1 of sample 1",
  first(function(x, y) return x:abs() / 0, y end))
fails("dataset:map: expected finite inputs, got NaN in feature 1 of sample 1",
  first(function(x, y) return x * (0/0), y end))
fails("dataset:map: expected whole classes from 1 to 3, got 4 for sample 3",
  first(function(x, y) return x, y + 1 end))
fails("dataset:map: expected finite targets, got inf for sample 1",
  first(function(x, y) return x, y:to("float32") / 0 end))
fails("mine",
  first(function(x, y) error("mine", 0) end))

-- Normalise.
fails("dataset:normalize: expected a mean and a std for each of the 2 features, got 3",
  ds.normalize, ds, {mean=sonde.zeros(3), std=sonde.ones(3)})
fails("dataset:normalize: expected as many std as the 2 means, got 3",
  ds.normalize, ds, {mean=sonde.zeros(2), std=sonde.ones(3)})
fails("dataset:normalize: expected finite std above 0, got 0.0 for feature 1",
  ds.normalize, ds, {mean=sonde.zeros(2), std=sonde.zeros(2)})
fails("dataset:normalize: expected finite means, got nan for feature 1",
  ds.normalize, ds, {mean=sonde.full({2}, 0/0), std=sonde.ones(2)})
fails("dataset:normalize: expected a float vector as mean, got float32 [2, 1]",
  ds.normalize, ds, {mean=sonde.zeros(2,1), std=sonde.zeros(2)})
fails("dataset:normalize: expected stats {mean=, std=} as normalize returns them, got 1 as mean",
  ds.normalize, ds, {mean=1, std=2})
fails("dataset:normalize: expected stats {mean=, std=} as normalize returns them, got nil as mean",
  ds.normalize, ds, {})
fails("dataset:normalize: argument 1 'stats' expected a table, got a dataset",
  ds.normalize, ds, ds)
fails("dataset:normalize: expected finite inputs, got inf in feature 1 of sample 1",
  ds.normalize, ds, {mean=sonde.zeros(2), std=sonde.full({2}, 1e-44)})
local m = ds:map(function(x) return x end)
fails("dataset:normalize: expected stored samples, got a set whose batches go through a function; call map afterwards",
  m.normalize, m)
fails("dataset:denormalize: expected stored samples, got a set whose batches go through a function; call map afterwards",
  m.denormalize, m, {mean=sonde.zeros(2), std=sonde.ones(2)})

-- Files.
local function csv(text, content, options)
  local file = assert(io.open(path, "w"))
  file:write(content)
  file:close()
  fails(text, data.csv, path, options)
end
csv("data.csv: 'PATH': expected a column of the header, got 'knid', did you mean 'kind'?",
  "a,b,kind\n1,2,x\n", {target="knid"})
csv("data.csv: 'PATH': expected a column of the header, got 'zzzzzzzzzzzz'; it has 'a', 'b', 'kind'",
  "a,b,kind\n1,2,x\n", {target="zzzzzzzzzzzz"})
csv("data.csv: 'PATH': expected a column from 1 to 3, got 4",
  "a,b,kind\n1,2,x\n", {target=4})
csv("data.csv: 'PATH': expected a column from 1 to 3, got 0",
  "a,b,kind\n1,2,x\n", {target=0})
csv("data.csv: 'PATH': expected a column from 1 to 2, since there is no header, got 'a'; {header=true} takes the first row as one",
  "1,2\n3,4\n", {target="a"})
csv("data.csv: 'PATH': expected 2 cells as in line 1, got 1 (at line 3, column 2, byte 8)",
  "a,b\n1,2\n3\n", {target="b"})
csv("data.csv: 'PATH': expected a value, got an empty cell (at line 3, column 2, byte 10); leave out samples with missing values",
  "a,b\n1,2\n3,\n", {target="b"})
csv("data.csv: 'PATH': expected a number, got 'x' (at line 3, column 1, byte 8)",
  "a,b\n1,2\nx,4\n", {target="b"})
csv("data.csv: expected finite inputs, got NaN in feature 1 of sample 2",
  "a,b\n1,2\nnan,4\n", {target="b"})
csv("data.csv: expected finite targets, got inf for sample 2",
  "a,b\n1,2\n3,inf\n", {target="b"})
csv("data.csv: expected finite targets, got inf for sample 2",
  "a,b\n1,2\n3,inf\n", {target="b", classes=false})
csv("data.csv: 'PATH': expected numbers as targets, got 'x'",
  "a,b\n1,2\n3,x\n", {target="b", classes=false})
csv("data.csv: 'PATH': expected 3 classes, got 2",
  "a,b\n1,2\n3,x\n", {target="b", classes=3})
csv("data.csv: 'PATH': expected at least one column of inputs, got none",
  "a,b\n1,2\n3,x\n", {target={"a", "b"}, classes=2})
csv("data.csv: 'PATH': expected at least one column of inputs, got none",
  "a,b\n1,2\n3,x\n", {target={"a", "b"}})
csv("data.csv: 'PATH': expected each column once, as an input or a target, got column 'b' twice",
  "a,b\n1,2\n3,4\n", {target="b", columns={"b"}})
csv("data.csv: 'PATH': expected each column once, as an input or a target, got column 'a' twice",
  "a,b\n1,2\n3,4\n", {target="b", columns={"a", 1}})
csv("data.csv: option 'columns' expected at least one column, got none",
  "a,b\n1,2\n3,4\n", {target="b", columns={}})
csv("data.csv: option 'columns' expected names or numbers of columns, got true",
  "a,b\n1,2\n3,4\n", {target="b", columns={true}})
csv("data.csv: expected inputs [samples, features] of float32 or float64 with at least one sample, got float32 [0, 1]",
  "a,b\n", {target="b"})
csv("data.csv: 'PATH': expected a column from 1 to 0, since there is no header, got 'b'; {header=true} takes the first row as one",
  "", {target="b"})
csv("data.csv: 'PATH': expected at least one column of inputs, got none",
  "", {})
csv("data.csv: expected one character such as ',', ';', a tab or a space as the delimiter, got '::'",
  "a,b\n1,2\n", {delimiter="::"})
csv("data.csv: 'PATH': expected the closing quote, got the end of the file (at line 2, column 2, byte 6)",
  'a,b\n1,"2\n', {target="b"})
csv("data.csv: 'PATH': expected at least one column of inputs, got none",
  "a\n1\n", {target="a"})
csv("data.csv: expected dtype float32 or float64, got int64",
  "a,b\n1,2\n", {dtype="int64"})
os.remove(path)
local function npy(text, ...) fails(text, data.npy, ...) end
npy("data.npy: 'PATH': expected a .npy or .npz file",
  path)
npy("data.npy: 'PATH.npy': cannot open it: No such file or directory",
  path .. ".npy")
sonde.save(path .. ".npz", {pixels=x, kinds=sonde.tensor{1,2,1}})
npy("data.npy: 'PATH.npz': expected an array of the archive, got 'inputs'; it holds 'kinds', 'pixels'",
  path .. ".npz")
npy("data.npy: 'PATH.npz': expected an array of the archive, got 'pixel', did you mean 'pixels'?",
  path .. ".npz", nil, {inputs="pixel"})
npy("data.npy: 'PATH.npz': expected an array of the archive, got 'kind', did you mean 'kinds'?",
  path .. ".npz", nil, {inputs="pixels", targets="kind"})
npy("data.npy: expected one target for each of the 4 inputs, got 3",
  path .. ".npz", nil, {inputs="pixels", targets="kinds"})
npy("data.npy: 'PATHnone.npy': cannot open it: No such file or directory",
  path .. ".npz", path .. "none.npy", {inputs="pixels"})
sonde.save(path .. ".npy", bad)
npy("data.npy: expected finite inputs, got NaN in feature 2 of sample 3",
  path .. ".npy")
sonde.save(path .. ".npy", sonde.tensor(3))
npy("data.npy: expected inputs [samples, features] of float32 or float64 with at least one sample, got float32 []",
  path .. ".npy")
npy("data.npy: 'PATH.csv': expected a .npy or .npz file",
  path .. ".csv")
os.remove(path .. ".npz") os.remove(path .. ".npy")
print("ok")
