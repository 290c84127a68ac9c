-- plot.*: what may be drawn, what is said of what is not, and every wrong call in one sentence.

local function text(f, data, options)
  options = options or {}
  options.text = true
  return f(data, options)
end

local function refuses(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "expected: " .. expected)
  assert(tostring(message):find(expected, 1, true), "expected: " .. expected .. "\ngot: " .. tostring(message))
end

-- The same curve from everything that may hold it.
local reference = text(plot.lines, {3, 1, 2})
assert(reference:find("⠛", 1, true) or reference:find("[\u{2801}-\u{28FF}]"), "braille")
for _, dtype in ipairs{"float32", "float64", "int64"} do
  assert(text(plot.lines, sonde.tensor({3, 1, 2}, {dtype = dtype})) == reference, dtype)
end
assert(text(plot.lines, sonde.tensor{{3, 1, 2}}) == reference)
assert(text(plot.lines, {{3, 1, 2}}) == reference)
assert(text(plot.lines, {sonde.tensor{3, 1, 2}}) == reference)
assert(text(plot.lines, sonde.tensor{{3, 0}, {1, 0}, {2, 0}}[{{}, 1}]) == reference, "views")
assert(text(plot.lines, {sonde.tensor{3}:sum(), 1, 2}) == reference, "numbers in tensors without dimensions")
assert(text(plot.lines, {3, 1, 2}, {x = {1, 2, 3}}) == reference)
assert(text(plot.lines, {3, 1, 2}, {x = sonde.arange(1, 3)}) == reference)
assert(text(plot.scatter, sonde.tensor{1, 0, 1}:gt(0)):find("1", 1, true), "masks")

-- To a file, and nothing comes back.
local name = os.tmpname()
assert(select("#", plot.lines({1, 2}, {path = name .. ".svg"})) == 0)
assert(io.open(name .. ".svg"):read("a"):find("<svg", 1, true))
os.remove(name .. ".svg")
os.remove(name)

-- Several curves: names in order, of a table by their names.
local function order(s, ...)
  local at = 0
  for _, name in ipairs{...} do
    local found = s:find(name, 1, true)
    assert(found and found > at, name .. " in\n" .. s)
    at = found
  end
end
order(text(plot.lines, {zeta = {1, 1}, alpha = {2, 2}, mid = {3, 3}}, {width = 30}), "alpha", "mid", "zeta")
order(text(plot.lines, {{1, 1}, {2, 2}}, {names = {"first", "second"}, width = 30}), "first", "second")
order(text(plot.lines, sonde.ones(2, 3), {names = {"first", 2}, width = 30}), "first", "2")
order(text(plot.lines, {a = {1, 2}}, {theory = {1, 2}, width = 30}), "theory", "a")
order(text(plot.lines, {1, 2}, {theory = {["mean field"] = {1, 2}}, width = 30}), "mean field")

-- Titles, labels and limits.
local whole = text(plot.lines, {1, 10, 100}, {
  title = "loss", subtitle = "of a net", xlabel = "step", ylabel = "value", logy = true, ylim = {1, 100}, xlim = {1, 3},
})
order(whole, "loss\n", "of a net\n", "value\n", "100 ┤", "1 ┤", "step")
assert(#text(plot.lines, {1, 2}, {width = 40, height = 8}):gsub("[^\n]", "") == 8)
assert(text(plot.lines, {1, 2}, {title = "a\27[31mb\nc"}):find("a\\x1b[31mb\\nc\n", 1, true), "control characters")
-- the signs of a report's own titles have spellings
do
  local r = nn.mlp{inputs=4, width=4, depth=20, init="normal(0.01)"}:probe(sonde.randn(9, 4))
  local drawn = r:plot{text = true, ascii = true, width = 120}
  assert(drawn:find("9 x 4", 1, true) and drawn:find("log10", 1, true) and not drawn:find("[?\128-\255]"), drawn)
end
assert(not text(plot.lines, {1, 2}, {title = "日本 \u{202E}x", ascii = true}):find("[\128-\255]"), "ascii")
assert(text(plot.lines, {1, 2}, {color = true}):find("\27[", 1, true))
assert(not text(plot.lines, {1, 2}):find("\27", 1, true))

-- What is left out is told.
assert(text(plot.lines, {1, 0/0, 2, 1/0}):find("left out: 2 not finite", 1, true))
assert(text(plot.lines, {1, 0, -1, 10}, {logy = true}):find("left out: 2 not above 0 on a logarithmic scale", 1, true))
assert(text(plot.scatter, {1, 2, 3}, {xlim = {1, 2}}):find("left out: 1 outside the limits", 1, true))
assert(text(plot.histogram, {1, 2, 0/0, -1/0}):find("left out: 2 not finite", 1, true))
assert(text(plot.histogram, {1, 0, 10}, {log = true}):find("left out: 1 zero or not finite", 1, true))
assert(text(plot.histogram, {1, 2, 30}, {lo = 0, hi = 5}):find("left out: 1 not finite or outside the limits", 1, true))
assert(text(plot.heatmap, {{1, 0/0}, {2, 3}}):find("left out: 1 not finite", 1, true))

-- Data at the ends of what numbers can be.
for _, data in ipairs{
  {5}, {0}, {7, 7, 7}, {1e-300, 1e300}, {-1.7e308, 1.7e308}, {5e-324}, {1, 1 + 2^-52}, {-0.0, 0.0}, {1e308},
} do
  for _, options in ipairs{{}, {logy = true}, {width = 10}, {height = 4}, {ascii = true, width = 20}} do
    pcall(text, plot.lines, data, options)
    text(plot.scatter, data, {width = options.width, height = options.height})
    text(plot.histogram, data, {width = options.width})
    text(plot.ridges, {data, data})
    text(plot.heatmap, {data, data}, {width = options.width})
  end
end

-- Whatever the numbers are, there is a picture or one sentence that says why not.
do
  local ends = {5e-324, -5e-324, 2^-1022, 1e308, -1e308, 1.7976931348623157e308, 0, 1, -1, 2^53, 2^63, 1 + 2^-52, 0/0, 1/0, -1/0}
  local flags = {{}, {logx = true}, {logy = true}, {logx = true, logy = true}}
  local place = 0
  local function take(list)
    place = place + 1
    return list[place * 7 % #list + 1]
  end
  for first, low in ipairs(ends) do
    for second, high in ipairs(ends) do
      local options = {text = true, width = take{10, 11, 23, 80}, height = take{4, 5, 12}, ascii = place % 3 == 0, color = place % 2 == 0}
      for name, value in pairs(take(flags)) do options[name] = value end
      if place % 4 == 0 then options.xlim = {low, high} elseif place % 4 == 1 then options.ylim = {low, high} end
      for name, data in pairs{
        lines = {low, high, 1}, scatter = {low, high}, histogram = {low, high, high}, ridges = {{low, high}, {high}},
        heatmap = {{low, high}, {high, low}},
      } do
        local ok, message = pcall(plot[name], data, options)
        assert(ok or tostring(message):find("^[^\n]*plot%.%a+: "), message)
      end
      pcall(plot.histogram, {counts = {1, math.abs(high)}, edges = {low, high, 1e300}}, options)
      pcall(plot.heatmap, {{1, 2}}, {text = true, x = {low, high}, logx = options.logx, width = 20})
    end
  end
end
assert(text(plot.heatmap, {{0, 5e-324}}, {ascii = true, width = 40, height = 8}):find("@", 1, true), "the span of the smallest numbers")

-- On a logarithmic axis all cells of a heat map are there; bins that begin at or below 0 are told.
local columns = text(plot.heatmap, {{1, 2, 3}}, {x = {1, 10, 100}, logx = true, width = 36, height = 6, ascii = true})
assert(columns:find("[^\n]*  +%p+", 1) and not columns:find("left out", 1, true))
assert(text(plot.histogram, {counts = {1, 2, 3}, edges = {-1, 1, 10, 100}}, {logx = true}):find(
  "left out: 1 not above 0 on a logarithmic scale", 1, true))
refuses("plot.histogram: nothing to draw: left out: 1 not above 0 on a logarithmic scale", plot.histogram,
  {counts = {1}, edges = {-1, 1}}, {logx = true})

-- More points than a picture has pixels are a picture of the pixels.
do
  local path, many = os.tmpname(), sonde.linspace and sonde.arange(1, 100000):to("float64") or sonde.randn(100000)
  plot.lines(many:sin(), {path = path .. ".svg"})
  local file = io.open(path .. ".svg")
  assert(file:seek("end") < 500000, "thinned")
  file:close()
  os.remove(path .. ".svg")
  os.remove(path)
end

-- Histograms, counted here or before.
local sample = sonde.tensor{0, 1, 1, 2, 2, 2, 2}
local counted = text(plot.histogram, sample, {bins = 3})
assert(text(plot.histogram, {0, 1, 1, 2, 2, 2, 2}, {bins = 3}) == counted)
assert(text(plot.histogram, sample:stats{bins = 3}) == counted)
assert(text(plot.histogram, sample:stats{bins = 3}:histogram()) == counted)
assert(text(plot.histogram, sample:histogram(3)) == counted)
assert(text(plot.histogram, {counts = {1, 2, 4}, edges = sonde.tensor{0, 2 / 3, 4 / 3, 2}:to("float64")}):find("█", 1, true))
order(text(plot.histogram, {b = sample, a = sample:stats()}, {width = 30}), "a", "b")
order(text(plot.histogram, {sample, {1, 2}}, {width = 30, names = {"one", "two"}}), "one", "two")

-- Ridges: a row a layer.
order(text(plot.ridges, {sample, sample:stats(), sample:histogram(4), {1, 2}}), "1 ┤", "2 ┤", "3 ┤", "4 ┤")
order(text(plot.ridges, sonde.randn(3, 50), {labels = {"in", "mid", "out"}, log = true}), "in ┤", "mid ┤", "out ┤", "log10 |x|")
order(text(plot.ridges, {late = sample, early = sample}), "early ┤", "late ┤")
local many = {}
for i = 1, 100 do many[i] = sonde.randn(10) end
assert(text(plot.ridges, many):find("rows are shown", 1, true))

-- Heat maps: the first row at the bottom.
local heat = text(plot.heatmap, {{0, 0}, {1, 1}}, {label = "phase", width = 30})
assert(heat:find("█") < heat:find("phase", 1, true) and heat:find("^[^\n]*█"))
assert(text(plot.heatmap, sonde.tensor{{0, 0}, {1, 1}}, {label = "phase", width = 30}) == heat)
text(plot.heatmap, {{1, 10}, {100, 1000}}, {x = {0.1, 10}, y = {1, 2}, logx = true, log = true})

-- Training histories, in one picture.
local net = nn.mlp{inputs = 64, width = 8, depth = 1, outputs = 10, seed = 1}
local h = net:fit{train = data.digits(), optimizer = optim.SGD(net, {lr = 0.1}), epochs = 2, progress = false}
order(h:plot{text = true, title = "digits"}, "digits", "loss by epoch", "accuracy by epoch")
order(h:plot{text = true, width = 40, logy = true}, "loss by epoch", "train", "accuracy by epoch")
local one = net:fit{train = data.digits(), optimizer = optim.SGD(net, {lr = 0.1}), epochs = 1, progress = false}
order(one:plot{text = true}, "loss by step")
refuses("history:plot: unknown option 'titel', did you mean 'title'?", function() h:plot{titel = "x"} end)

-- Wrong calls.
refuses("plot.lines: argument 1 'curves' expected a tensor or a table of numbers or curves, got 3", plot.lines, 3)
refuses("plot.lines: argument 1 'curves' expected a tensor or a table of numbers or curves, got nothing", plot.lines)
refuses("plot.lines: unknown option 'titel', did you mean 'title'?", plot.lines, {1, 2}, {titel = "x"})
refuses("plot.lines: nothing to draw: curves is an empty table", plot.lines, {})
refuses("plot.lines: nothing to draw: curves is a tensor of shape [0]", plot.lines, sonde.zeros(0))
refuses("plot.lines: nothing to draw: there are no numbers", plot.lines, {{}, {}})
refuses("plot.lines: nothing to draw: left out: 2 not finite", plot.lines, {0/0, 1/0})
refuses("plot.lines: nothing to draw: left out: 2 not above 0 on a logarithmic scale", plot.lines, {0, -1}, {logy = true})
refuses("plot.lines: expected curves as a tensor [n] or [k, n], got a tensor of shape [2, 2, 2]", plot.lines, sonde.zeros(2, 2, 2))
refuses("plot.lines: expected numbers in curves, got 'two' as element 2", plot.lines, {1, "two", 3})
refuses("plot.lines: expected numbers in curve 2, got true as element 1", plot.lines, {{1}, {true}})
refuses("plot.lines: expected curve 'a' as a sequence of numbers or a tensor [n], got 'x'", plot.lines, {a = "x"})
refuses("plot.lines: expected curve 1 as a sequence of numbers or a tensor [n], got 'x'", plot.lines, {"x"})
refuses("got the name 'title' beside 2 elements; options stand in a table of their own", plot.lines, {1, 2, title = "x"})
refuses("got other keys or nil in between", plot.lines, {[0] = 1})
refuses("plot.lines: option 'x' expected 3 numbers as curve 1 has, got 2", plot.lines, {1, 2, 3}, {x = {1, 2}})
refuses("plot.lines: option 'x' expected 2 numbers as 'b' has, got 1", plot.lines, {a = {1}, b = {1, 2}}, {x = {1}})
refuses("option 'x' expected places for all curves or for each of 3, got 2 rows", plot.lines, sonde.ones(3, 2), {x = sonde.ones(2, 2)})
refuses("plot.lines: option 'names' expected 2 strings, one for each, got 1", plot.lines, {{1}, {2}}, {names = {"a"}})
refuses("plot.lines: option 'names' expected strings, got true", plot.lines, {1}, {names = {true}})
refuses("plot.lines: option 'xlim' expected {lower, upper} with lower < upper, got {2.0, 1.0}", plot.lines, {1}, {xlim = {2, 1}})
refuses("plot.lines: option 'ylim' expected {lower, upper} with lower < upper, got 1 numbers", plot.lines, {1}, {ylim = {2}})
refuses("option 'ylim' expected limits above 0 for a logarithmic axis, got 0.0", plot.lines, {1}, {ylim = {0, 1}, logy = true})
refuses("plot.lines: option 'width' expected 10 to 1000 columns of the terminal, got 3", plot.lines, {1}, {width = 3})
refuses("plot.lines: option 'height' expected 4 to 1000 lines of the terminal, got -1", plot.lines, {1}, {height = -1})
refuses("plot.lines: expected path or text=true, got both", plot.lines, {1}, {path = "a.svg", text = true})
refuses("plot.histogram: argument 1 'x' expected a tensor, a table of numbers or curves or stats, got 3", plot.histogram, 3)
refuses("plot.histogram: nothing to draw: a tensor of shape [0] has no elements", plot.histogram, sonde.zeros(0))
refuses("plot.histogram: nothing to draw: left out: 1 not finite", plot.histogram, {0/0})
refuses("plot.histogram: expected one edge more than counts, got 2 edges and 2 counts", plot.histogram, {counts = {1, 2}, edges = {0, 1}})
refuses("plot.histogram: expected finite edges that rise", plot.histogram, {counts = {1}, edges = {1, 1}})
refuses("plot.histogram: expected finite counts of at least 0", plot.histogram, {counts = {-1}, edges = {0, 1}})
refuses("option 'bins' is for tensors and numbers; stats and {counts=, edges=} are counted already", plot.histogram, sample:stats(), {bins = 3})
refuses("plot.ridges: expected a tensor, numbers, stats or {counts=, edges=} as row 2, got 'x'", plot.ridges, {sample, "x"})
refuses("plot.ridges: option 'labels' expected 1 strings, one for each, got 2", plot.ridges, {sample}, {labels = {"a", "b"}})
refuses("plot.heatmap: expected rows of one length, got one of 2 and one of 1", plot.heatmap, {{1, 2}, {1}})
refuses("plot.heatmap: option 'x' expected 2 numbers, one for each column, got 1", plot.heatmap, {{1, 2}}, {x = {1}})
refuses("plot.heatmap: option 'y' expected finite numbers that rise", plot.heatmap, {{1}, {2}}, {y = {2, 1}})
refuses("plot.heatmap: option 'x' expected numbers above 0 for a logarithmic axis, got 0.0", plot.heatmap, {{1, 2}}, {x = {0, 1}, logx = true})

-- An error of a user's in the middle leaves nothing behind, however often.
local before = sonde.memory().objects
for _ = 1, 200 do pcall(plot.lines, {{1, 2}, {3, "x"}}) end
collectgarbage()
assert(sonde.memory().objects <= before + 2)

io.write("ok\n")
