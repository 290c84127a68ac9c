-- Runs the random graphs of graphs.txt and compares values and gradients with PyTorch's. Run: sonde graphs.lua [file].
-- All graphs run; those that disagree are printed, and then the script fails.
local directory = arg[0]:match("^(.*/)") or "./"
local path = arg[1] or directory .. "../Fixtures/graphs.txt"

-- "dtype;extents;numbers" as a tensor, off the tape.
local function parse(text)
  local dtype, extents, numbers = text:match("^(%w+);([%d,]*);(.*)$")
  local shape, values = {}, {}
  for extent in extents:gmatch("%d+") do shape[#shape + 1] = math.tointeger(extent) end
  for word in numbers:gmatch("%S+") do values[#values + 1] = tonumber(word) end
  return #values == 0 and sonde.zeros(shape, { dtype = dtype }) or sonde.tensor(values, { dtype = dtype }):reshape(shape)
end

-- The constants of statements, of the graph's dtype, and indices.
function T(values, shape) return sonde.tensor(values):reshape(shape) end
function I(values, shape) return sonde.tensor(values, { dtype = "int64" }):reshape(shape) end

-- The graphs of the file, with names of leaves, statements, the loss as text, and what is expected by name.
local function graphs()
  local list = {}
  for entry in io.lines(path) do
    local word, rest = entry:match("^(%w+)\t(.*)$")
    local graph = list[#list]
    if word == "graph" then
      local order, kind, tolerance = rest:match("^(%w+)\t(%w+)\t(%S+)$")
      list[#list + 1] = { second = order == "second", kind = kind, tolerance = tonumber(tolerance), leaves = {}, start = {},
        statements = {}, expected = {} }
    elseif word == "leaf" or word == "is" then
      local name, value = rest:match("^(%w+)\t(.*)$")
      if word == "is" then
        table.insert(graph.expected, { name = name, value = parse(value) })
      else
        table.insert(graph.leaves, name)
        graph.start[name] = parse(value):requires_grad_()
      end
    elseif word == "do" then
      table.insert(graph.statements, rest)
    elseif word == "loss" then
      graph.loss = rest
    end
  end
  return list
end

-- The graph as a function of its leaves, which returns the loss and the tensors it made, by name.
local function compile(graph)
  local names, made = table.concat(graph.leaves, ", "), {}
  for _, expected in ipairs(graph.expected) do
    if not graph.start[expected.name] and not graph.second then made[#made + 1] = expected.name .. " = " .. expected.name end
  end
  local source = ("local %s = ...\n%s\nreturn %s, { %s }"):format(
    names, table.concat(graph.statements, "\n"), graph.loss, table.concat(made, ", "))
  return assert(load(source)), source
end

-- What the graph makes here, by the names of what is expected: its results and the gradients of its leaves.
local function run(graph, f)
  local leaves, made = {}, {}
  for place, name in ipairs(graph.leaves) do leaves[place] = graph.start[name] end
  if graph.second then
    local slopes = { sonde.grad(function(...) return (f(...)) end, { create_graph = true })(table.unpack(leaves)) }
    local total = 0
    for place, slope in ipairs(slopes) do
      made["d" .. place] = slope
      total = total + slope:square():sum()
    end
    if total.requires_grad then total:backward() end
  else
    local loss
    loss, made = f(table.unpack(leaves))
    loss:backward()
  end
  for _, name in ipairs(graph.leaves) do
    local leaf = graph.start[name]
    assert(not leaf.grad or leaf.grad.dtype == leaf.dtype, "the gradient's dtype is not the leaf's")
    made[name] = leaf.grad or leaf * 0
  end
  return made
end

-- Says where a result differs from what is expected, nil when it does not.
local function difference(got, expected, tolerance)
  local shape, extents = table.concat(got.shape, ","), table.concat(expected.shape, ",")
  if shape ~= extents then return ("shape {%s} instead of {%s}"):format(shape, extents) end
  if got:numel() == 0 then return nil end
  local distance = (got:detach():to("float64") - expected:to("float64")):abs():max():item()
  local limit = tolerance * math.max(expected:to("float64"):abs():max():item(), 1e-3)
  if distance <= limit then return nil end
  return ("%g away where %g is allowed: %s instead of %s"):format(distance, limit, tostring(got), tostring(expected))
end

local failures, compared, seconds = 0, 0, 0
for number, graph in ipairs(graphs()) do
  sonde.default_dtype(graph.kind == "float32" and "float32" or "float64")
  local f, source = compile(graph)
  local ok, made = pcall(run, graph, f)
  local problem = not ok and made
  for _, expected in ipairs(ok and graph.expected or {}) do
    local why = difference(made[expected.name], expected.value, graph.tolerance)
    problem = problem or why and expected.name .. " is " .. why
    compared = compared + 1
  end
  seconds = seconds + (graph.second and 1 or 0)
  if problem then
    failures = failures + 1
    print(("graph %d (%s): %s\n%s"):format(number, graph.kind, problem, source))
  end
end
assert(compared >= 600 and seconds >= 40, "the file holds too little")
assert(failures == 0, failures .. " graphs disagree")
print("ok")
