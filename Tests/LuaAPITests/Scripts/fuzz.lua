-- Random operations on tensors of every kind: sonde fuzz.lua AMOUNT [SEED], where AMOUNT is seconds such as 60s, or operations.
-- Results keep their promises, errors are sentences with a position, nothing is left behind. The seed decides every operation.
-- After a crash the journal, whose name the first line of output tells when AMOUNT is seconds, holds the operation that ran.
local amount = arg[1] or "1000"
local seconds, most = tonumber(amount:match("^(%d+)s$")), tonumber(amount:match("^%d+$"))
assert(seconds or most, "expected seconds such as 60s or a number of operations, got " .. amount)
local seed = math.tointeger(arg[2]) or os.time()
local random = math.random
math.randomseed(seed)
sonde.seed(seed)

local directory = os.tmpname()
os.remove(directory)
local temporary = {}
for _, ending in ipairs{ "npy", "npz", "safetensors", "csv", "gz", "txt" } do
  temporary[#temporary + 1] = directory .. "." .. ending
end
local journal = assert(io.open(directory .. ".journal", "w"))
if seconds then io.write(("seed %d, journal %s.journal\n"):format(seed, directory)) end
io.stdout:flush()

local values = assert(loadfile((arg[0]:gsub("fuzz%.lua$", "fuzz_values.lua"))))(temporary)
local pick, chance, pool, generators = values.pick, values.chance, values.pool, values.generators
local any_tensor, small_integer, raising, junk = values.any_tensor, values.small_integer, values.raising, values.junk

function print() end

-- MARK: What there is to call, as help knows it

local function parameters(list)
  local found = {}
  for _, parameter in ipairs(list) do
    found[#found + 1] = { name = parameter.name, type = parameter.type, optional = parameter.default ~= nil }
  end
  return found
end

local operations = {}

-- backward{create_graph=true} makes a ring of a leaf, its gradient and their graph, as PyTorch's does: it outlives the leaf
local function without_rings(options)
  for place = #options, 1, -1 do
    if options[place].name == "create_graph" then table.remove(options, place) end
  end
  return options
end

local function enter(name, body, receiver)
  local page = sonde.reference(body)
  operations[#operations + 1] = {
    name = name, body = body, receiver = receiver, in_place = receiver == "tensor" and name:sub(-1) == "_",
    parameters = parameters(page.parameters), options = without_rings(parameters(page.options)),
  }
end

local left_out = { -- ends sessions, changes them for good, or waits by design
  help = true, gradcheck = true, anomaly = true, default_dtype = true, no_grad = true, enable_grad = true, grad = true,
  value_and_grad = true, func = true, threads = true, seed = true, random_state = true, next = true, version = true,
}

local function enter_library(library, prefix)
  local names = {}
  for name, body in pairs(library) do
    if type(body) == "function" and not left_out[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do enter(prefix .. name, library[name]) end
end

local function enter_methods(object, kind)
  for _, name in ipairs(sonde.reference(kind).methods) do enter(name, object[name], kind) end
end

enter_library(sonde, "sonde.")
enter_library(sonde.linalg, "sonde.linalg.")
enter_methods(sonde.zeros(1), "tensor")
enter_methods(sonde.generator(1), "generator")
for _, loss in ipairs{ "cross_entropy", "mse", "squared_error" } do enter("nn." .. loss, nn[loss]) end
assert(#operations > 300, "help tells of too few functions: " .. #operations)

-- MARK: Arguments

local function arguments_of(operation)
  local list, count = {}, 0
  if operation.receiver == "tensor" then list[1], count = any_tensor(), 1 end
  if operation.receiver == "generator" then list[1], count = pick(generators) or sonde.generator(1), 1 end
  if chance(2) then list[1], count = junk(), 1 end
  for _, parameter in ipairs(operation.parameters) do
    if parameter.optional and chance(40) then break end
    count = count + 1
    list[count] = values.argument(parameter)
  end
  if #operation.options > 0 and chance(40) then
    local options = {}
    for _ = 1, random(2) do
      local option = pick(operation.options)
      options[option.name] = values.argument(option)
    end
    count = count + 1
    list[count] = options
  end
  if chance(1) then
    count = count + 1
    list[count] = junk()
  end
  list.n = count
  return list
end

-- MARK: Promises

local function fail(text) error(setmetatable({ text = text }, { __name = "broken promise" }), 0) end
local function promise(held, ...) if not held then fail(string.format(...)) end end

local inner_names = { "Optional(", "Swift", "Tensors.", "Kernels.", "Gradients.", "LuaAPI.", "nil:", "0x", "traceback" }

local function check_error(message)
  if message == "not enough memory" then return end
  promise(type(message) == "string", "an error of type %s", type(message))
  promise(not message:find("\n", 1, true), "an error of several lines: %s", message)
  promise(message:find("^[^\n]-fuzz%.lua:%d+: ."), "an error without the caller's line: %s", message)
  promise(#message < 2000, "an error of %d characters", #message)
  -- what is quoted may be bytes of a broken file
  local own = message:gsub("'[^']*'", "")
  for _, word in ipairs(inner_names) do promise(not own:find(word, 1, true), "an inner name: %s", message) end
end

local function check_tensor(t)
  local shape, count = t.shape, 1
  for _, extent in ipairs(shape) do
    promise(math.type(extent) == "integer" and extent >= 0, "an extent of %s", extent)
    count = count * extent
  end
  promise(table.concat(values.dtypes, " "):find(t.dtype, 1, true), "the dtype %s", t.dtype)
  promise(t:dim() == #shape and t:dim() <= 8, "%d dimensions of %d extents", t:dim(), #shape)
  promise(t:numel() == count, "%d elements of shape %s", t:numel(), sonde.inspect(shape))
  promise(#tostring(t) < 8000, "a text of %d characters", #tostring(t))
  if t:dim() > 0 then promise(#t == shape[1], "a length of %d", #t) end
end

local function is_tensor(value)
  return type(value) == "userdata" and pcall(function() return value.dtype end) and tostring(value) ~= "tensor (closed)"
end

local function same_text(left, right) return sonde.inspect(left, { items = 200 }) == sonde.inspect(right, { items = 200 }) end

local function broadcast(left, right)
  local shape = {}
  for i = 1, math.max(#left, #right) do
    local a, b = left[#left - i + 1] or 1, right[#right - i + 1] or 1
    table.insert(shape, 1, a == 1 and b or a)
  end
  return shape
end

local function set(names)
  local found = {}
  for name in names:gmatch("%S+") do found[name] = true end
  return found
end

local elementwise = set[[neg abs sign floor ceil round square relu exp log sqrt tanh sigmoid gelu silu erf sin cos clone isnan clamp
  isfinite isinf logical_not cumsum softmax log_softmax argsort flip roll tril triu detach contiguous nan_to_num]]
local binary = set"add sub mul div pow maximum minimum fmod atan2 hypot eq lt le gt ge ne logical_and isclose remainder"
local masks = set"eq lt le gt ge ne isnan isfinite isinf logical_not logical_and logical_or logical_xor isclose"

local function check_shape(operation, list, before, result)
  local name = operation.name
  if operation.receiver ~= "tensor" or not is_tensor(result) then return end
  if elementwise[name] then
    promise(same_text(result.shape, before), "%s made shape %s", name, sonde.inspect(result.shape))
  end
  if binary[name] then
    local other = is_tensor(list[2]) and list[2].shape or {}
    promise(same_text(result.shape, broadcast(before, other)), "%s made shape %s", name, sonde.inspect(result.shape))
  end
  if masks[name] then promise(result.dtype == "bool", "%s made %s", name, result.dtype) end
end

-- Views, and what is a view or the tensor itself where it can be.
local may_share = set[[t transpose permute reshape view squeeze unsqueeze expand narrow select contiguous to detach detach_
  flatten unflatten movedim chunk split unbind swapaxes swapdims view_as reshape_as expand_as diagonal zero_grad retain_grad]]

--- Whether a new tensor stays as it was when its source changes.
local function check_copy(operation, list, result)
  local source = list[1]
  if operation.receiver ~= "tensor" or operation.in_place or may_share[operation.name] then return end
  if not is_tensor(result) or not is_tensor(source) or source.requires_grad or source:numel() == 0 then return end
  local before = result:clone()
  local saved = source:clone()
  if not pcall(source.zero_, source) then return end
  local same = same_text(before:totable(), result:totable())
  source:copy_(saved)
  promise(same, "%s gave elements that its source shares", operation.name)
end

local function keep(result)
  if is_tensor(result) and result:numel() < 5000 then pool[random(24)] = result end
end

-- MARK: Steps

local function describe(operation, list)
  local words = {}
  for i = 1, list.n do words[i] = list[i] == raising and "raising" or sonde.inspect(list[i], { depth = 2, items = 8 }) end
  return operation.name .. "(" .. table.concat(words, ", ") .. ")"
end

local current = ""

local function note(text)
  current = text
  journal:seek("set", 0)
  journal:write(text:sub(1, 4000), "\n\n")
  journal:flush()
end

local function call_one()
  local operation = pick(operations)
  local list = arguments_of(operation)
  note(describe(operation, list))
  local before = is_tensor(list[1]) and list[1].shape
  local results = table.pack(pcall(function() return operation.body(table.unpack(list, 1, list.n)) end))
  if not results[1] then
    if results[2] ~= nil and type(results[2]) == "string" and results[2]:find("yield", 1, true) then return end
    return check_error(results[2])
  end
  for i = 2, results.n do if is_tensor(results[i]) then check_tensor(results[i]) end end
  if operation.in_place and operation.name ~= "requires_grad_" then
    promise(rawequal(results[2], list[1]), "%s did not return the tensor itself", operation.name)
  end
  check_shape(operation, list, before, results[2])
  check_copy(operation, list, results[2])
  for i = 2, results.n do keep(results[i]) end
end

local indices = {
  function() return small_integer() end, function() return {} end, function() return { {}, small_integer() } end,
  function() return { { small_integer(), small_integer() } } end, function() return { { 1, 3, small_integer() } } end,
  function() return any_tensor() end, function() return { small_integer(), small_integer() } end, junk,
  function() return { any_tensor(), small_integer() } end, function() return { any_tensor(), any_tensor() } end,
}

local function index_one()
  local t, key, value = any_tensor(), pick(indices)(), nil
  local writes = chance(50)
  if writes then value = pick{ small_integer, any_tensor, values.table_argument, values.any_number, junk }() end
  note("index " .. sonde.inspect({ t, key ~= raising and key or "raising", value ~= raising and value or "raising" }))
  local ok, result = pcall(function()
    if writes then t[key] = value else return t[key] end
  end)
  if not ok then return check_error(result) end
  if is_tensor(result) then check_tensor(result) end
  keep(result)
end

local arithmetic = {
  function(a, b) return a + b end, function(a, b) return a - b end, function(a, b) return a * b end,
  function(a, b) return a / b end, function(a, b) return a ^ b end, function(a, b) return a % b end,
  function(a, b) return a // b end, function(a) return -a end, function(a, b) return a < b end, function(a) return #a end,
}

local function calculate_one()
  local body = pick(arithmetic)
  local a, b = any_tensor(), pick{ any_tensor, any_tensor, values.any_number, junk }()
  if chance(20) then a, b = b, a end
  note("arithmetic " .. sonde.inspect({ a ~= raising and a or 0, b ~= raising and b or 0 }))
  local ok, result = pcall(function() return body(a, b) end)
  if ok then
    if is_tensor(result) then check_tensor(result) end
    return keep(result)
  end
  if is_tensor(a) and is_tensor(b) then check_error(result) end
end

local function backward_one()
  local t = any_tensor()
  for _ = 1, 8 do if not t.requires_grad then t = any_tensor() end end
  note("backward of " .. tostring(t))
  local ok, message = pcall(function()
    local loss = t:dim() > 0 and chance(70) and t:sum() or t
    local options = { retain_graph = chance(30), create_graph = false }
    if chance(20) then loss:backward(sonde.randn(loss.shape), options) else loss:backward(options) end
  end)
  if not ok then return check_error(message) end
  local gradient = t.grad
  if gradient then
    check_tensor(gradient)
    promise(same_text(gradient.shape, t.shape), "a gradient of shape %s", sonde.inspect(gradient.shape))
  end
end

local function chain(x)
  for _ = 1, random(4) do
    local operation = pick(operations)
    if operation.receiver == "tensor" then
      local list = arguments_of(operation)
      list[1] = x
      local results = table.pack(pcall(operation.body, table.unpack(list, 1, list.n)))
      if results[1] and is_tensor(results[2]) and results[2]:numel() < 5000 then x = results[2] end
    end
  end
  return x
end

local function body_with_backward()
  return sonde.func{
    name = "fuzzed",
    forward = function(ctx, x)
      if chance(50) then ctx.kept = pick{ x, x * 2, {} } end
      if chance(5) then error("forward raises") end
      return chain(x)
    end,
    backward = function(ctx, gradient)
      if chance(10) then error("backward raises") end
      if chance(10) then return nil end
      if chance(10) then pool[random(24)] = gradient end
      if chance(10) then gradient:zero_() end
      if chance(10) then local y = sonde.ones(2):requires_grad_() (y * y):sum():backward() end
      return ctx.kept or gradient
    end,
  }
end

local function gradient_one()
  local body = chance(30) and body_with_backward() or chain
  local t = any_tensor()
  note("gradient of a chain at " .. tostring(t))
  local how = pick{
    function() return sonde.grad(function(x) return body(x):sum() end, { create_graph = chance(20) })(t) end,
    function() return sonde.value_and_grad(function(p) return body(p.a):sum() end)({ a = t }) end,
    function() return sonde.grad(function(x) return sonde.grad(function(y) return body(y):sum() end)(x):sum() end)(t) end,
    function() return sonde.no_grad(body, t) end,
    function() return sonde.no_grad(function() return sonde.enable_grad(body, t) end) end,
    function() local y = body(t:clone():requires_grad_()) y:sum():backward() return y end,
    function() if t:numel() < 6 then sonde.gradcheck(function(x) return body(x):sum() end, t) end end,
    function() return coroutine.wrap(function() return body(t) end)() end,
  }
  if chance(10) then sonde.anomaly(true) end
  local results = table.pack(pcall(how))
  sonde.anomaly(false)
  if not results[1] then
    promise(type(results[2]) == "string", "an error of type %s", type(results[2]))
    return promise(not results[2]:find("Optional(", 1, true), "an inner name: %s", results[2])
  end
  for i = 2, results.n do
    if is_tensor(results[i]) then check_tensor(results[i]) end
    keep(results[i])
  end
end

local function file_one()
  local path = pick(temporary)
  note("file " .. path)
  local value = pick{ any_tensor, values.table_argument, function() return { a = any_tensor(), b = any_tensor() } end }()
  local ok, message = pcall(function() sonde.save(path, value) end)
  if not ok then check_error(message) end
  if chance(50) then
    local file = io.open(path, "r+b")
    if file then
      local size = file:seek("end")
      for _ = 1, random(4) do
        file:seek("set", random(0, math.max(size - 1, 0)))
        file:write(string.char(random(0, 255)))
      end
      file:close()
    end
  end
  local read, loaded = pcall(function() return sonde.load(path) end)
  if not read then return check_error(loaded) end
  if type(loaded) == "table" then
    for _, t in pairs(loaded) do check_tensor(t) end
  else
    check_tensor(loaded)
    keep(loaded)
  end
end

local function forget_some()
  for place = 1, 24 do if chance(30) then pool[place] = nil end end
  generators[random(4)] = sonde.generator(random(99))
  collectgarbage(pick{ "collect", "step", "generational", "incremental" })
end

local steps = { [45] = call_one, [57] = index_one, [69] = calculate_one, [78] = backward_one, [90] = gradient_one,
  [94] = file_one, [100] = forget_some }

local function step()
  local number = random(100)
  while not steps[number] do number = number + 1 end
  return steps[number]()
end

-- MARK: The run

generators[1] = sonde.generator(1)
collectgarbage()
collectgarbage()
local start, before, done = sonde.time(), sonde.memory().tensors, 0
local ceiling = 1 << 30
while seconds and sonde.time() - start < seconds or most and done < most do
  local began = sonde.time()
  local inside = chance(5) and coroutine.wrap(step) or step
  local ok, message = pcall(inside)
  local text = type(message) == "table" and message.text or tostring(message)
  if not ok and not text:find("attempt to yield", 1, true) then
    error(("seed %d, operation %d: %s\n  in %s"):format(seed, done + 1, text, current), 0)
  end
  promise(sonde.memory().live < ceiling, "seed %d, operation %d: %d bytes are alive", seed, done + 1, sonde.memory().live)
  if sonde.time() - began > 120 then fail(("seed %d, operation %d took long: %s"):format(seed, done + 1, current)) end
  done = done + 1
end
for place = 1, 24 do pool[place], generators[place] = nil, nil end
collectgarbage("generational")
collectgarbage()
collectgarbage()
for _, path in ipairs(temporary) do os.remove(path) end
journal:close()
os.remove(directory .. ".journal")
local left = sonde.memory().tensors - before
if left ~= 0 then error(("seed %d: %d tensors outlive %d operations"):format(seed, left, done), 0) end
io.write(("seed %d: %d operations in order\n"):format(seed, done))
