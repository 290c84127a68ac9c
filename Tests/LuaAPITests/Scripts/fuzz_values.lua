-- The values that fuzz.lua works with: a pool of tensors of every dtype, shape and stride, and arguments good and bad.
-- A chunk that takes the paths of files to read and write, and returns a table of what makes values.
local temporary = ...
local random = math.random

local function pick(list) return list[random(#list)] end
local function chance(percent) return random(100) <= percent end

local dtypes = { "float32", "float64", "int64", "bool" }
local pool, generators = {}, {}

local function random_shape()
  local shape = {}
  for i = 1, pick{ 0, 1, 1, 2, 2, 2, 3, 3, 4, 8 } do shape[i] = i > 4 and random(2) or pick{ 0, 1, 1, 2, 2, 3, 3, 4, 5, 9 } end
  return shape
end

local function strided(t)
  for _ = 1, random(0, 3) do
    local rank = t:dim()
    local ok, view = pcall(pick{
      function() return t:transpose(random(rank), random(rank)) end,
      function() return t[{ { 1, t.shape[1], 2 } }] end,
      function() return t:narrow(rank, random(t.shape[rank]), 1) end,
      function() return t:unsqueeze(random(rank + 1)) end,
      function() return t:squeeze() end,
      function() return t:unsqueeze(1):expand(random(3), table.unpack(t.shape)) end,
      function() return t:flip(1) end,
      function() return t:detach() end,
    })
    if ok then t = view end
  end
  return t
end

local function new_tensor()
  local dtype = pick(dtypes)
  local shape = random_shape()
  local t
  if dtype == "bool" then
    t = sonde.bernoulli(0.5, shape, { dtype = "bool" })
  elseif dtype == "int64" then
    t = sonde.randint(pick{ 1, 1, -3 }, pick{ 3, 5, 9 }, shape)
  else
    t = sonde.randn(shape, { dtype = dtype })
    if chance(15) and t:numel() > 0 then
      t:flatten()[random(t:numel())] = pick{ 0 / 0, math.huge, -math.huge, 0, 1e38, -1e-38 }
    end
    if chance(35) then t:requires_grad_() end
  end
  return strided(t)
end

local function any_tensor()
  if chance(25) then pool[random(24)] = new_tensor() end
  local place = random(24)
  pool[place] = pool[place] or new_tensor()
  return pool[place]
end

local function small_integer() return pick{ 1, 1, 2, 2, 3, 4, 5, -1, -2, 0, 7 } end
local function any_number() return pick{ small_integer(), random() * 4 - 2, 0.5, 0, -0.0, 0 / 0, math.huge, -math.huge, 1e300 } end

local extremes = {
  math.maxinteger, math.mininteger, 1 << 53, 1 << 31, 1 << 40, -(1 << 40), 1.5, 2.0 ^ 63, 0 / 0, math.huge, -math.huge,
}

local raising = setmetatable({}, {
  __index = function() error("index") end, __len = function() error("length") end,
  __tostring = function() error("text") end, __name = "a name\nof two lines", __call = function() error("call") end,
})
local cyclic = {}
cyclic[1], cyclic.self = cyclic, cyclic

local function junk()
  return pick{
    function() return nil end, function() return pick(extremes) end, function() return "text" end,
    function() return ("x"):rep(random(200)) .. "\n\0" end, function() return raising end, function() return cyclic end,
    function() return {} end, function() return { 1, "x", {} } end, function() return { { 1, 2 }, { 3 } } end,
    function() return print end, function() return coroutine.create(print) end, function() return io.stdout end,
    function() return true end, function() return any_tensor() end, function() return sonde.generator(1) end,
    function() local t <close> = sonde.ones(2) return t end,
  }()
end

local function list_of(make)
  local list = {}
  for i = 1, random(0, 4) do list[i] = make() end
  return list
end

local function table_argument()
  return pick{
    function() return list_of(small_integer) end, function() return list_of(any_tensor) end,
    function() return any_tensor().shape end, function() return any_tensor():totable() end,
    function() local t = any_tensor() return { t, t } end, function() return { a = any_tensor(), b = any_tensor() } end,
    function() return { random(), random() } end, function() return { { 1, 2 }, { 3, 4 } } end,
  }()
end

local function argument(parameter)
  local text = parameter.type
  if chance(6) then return junk() end
  local choices = {}
  local function offer(word, make) if text:find(word, 1, true) then choices[#choices + 1] = make end end
  offer("tensor", any_tensor)
  offer("tensor", any_tensor)
  offer("integer", function() return chance(3) and pick(extremes) or small_integer() end)
  offer("number", any_number)
  offer("boolean", function() return chance(50) end)
  offer("table", table_argument)
  offer("string", function() return pick(temporary) end)
  offer("generator", function() return pick(generators) or sonde.generator(random(9)) end)
  offer("value", function() return chance(50) and junk() or table_argument() end)
  for word in text:gmatch('"([^"]*)"') do choices[#choices + 1] = function() return word end end
  return #choices > 0 and pick(choices)() or junk()
end

return {
  pick = pick, chance = chance, dtypes = dtypes, pool = pool, generators = generators, raising = raising, junk = junk,
  any_tensor = any_tensor, any_number = any_number, small_integer = small_integer, table_argument = table_argument,
  argument = argument,
}
