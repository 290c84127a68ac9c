-- Evaluates the cases of a golden file and compares every result with NumPy's. Run: sonde goldens.lua [file [group]].
-- All cases run; those that disagree are printed with what was expected and what came, and then the script fails.
local directory = arg[0]:match("^(.*/)") or "./"
local path, only = arg[1] or directory .. "../Fixtures/goldens.txt", arg[2]

-- A float, also where the digits are those of an integer; adding 0.0 would lose the sign of -0.
local function float(word)
  local x = tonumber(word)
  return math.type(x) == "integer" and x + 0.0 or x
end

local words = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }
local readers = {
  float32 = function(word) return string.unpack("<f", string.pack("<f", words[word] or float(word))) end,
  float64 = function(word) return words[word] or float(word) end,
  int64 = function(word) return math.tointeger(word) end,
  bool = function(word) return word == "1" end,
}
readers.number, readers.integer, readers.boolean = readers.float64, readers.int64, readers.bool

-- "dtype;extents;numbers" as a table {kind=, shape=, values=}.
local function parse(text)
  local kind, extents, numbers = text:match("^(%w+);([%d,]*);(.*)$")
  local shape, values = {}, {}
  for extent in extents:gmatch("%d+") do shape[#shape + 1] = math.tointeger(extent) end
  for word in numbers:gmatch("%S+") do values[#values + 1] = readers[kind](word) end
  return { kind = kind, shape = shape, values = values }
end

local function flatten(value, into)
  if type(value) ~= "table" then
    into[#into + 1] = value
  else
    for index = 1, #value do flatten(value[index], into) end
  end
  return into
end

-- What a case gave, in the same form.
local function describe(value)
  if type(value) == "userdata" then
    return { kind = value.dtype, shape = value.shape, values = flatten(value:totable(), {}) }
  end
  local kind = math.type(value)
  return { kind = kind == "float" and "number" or kind or type(value), shape = {}, values = { value } }
end

-- The distance of a float from its neighbour, from its exponent.
local function unit(x, kind)
  local exponent = (string.unpack("<i8", string.pack("<d", x)) >> 52 & 0x7ff) - 1023
  if kind == "float32" then return 2.0 ^ (math.max(exponent, -126) - 23) end
  return 2.0 ^ (math.max(exponent, -1022) - 52)
end

local function agree(got, want, kind, tolerance)
  if kind ~= "float32" and kind ~= "float64" and kind ~= "number" then return got == want end
  if math.type(got) ~= "float" then return false end
  if want ~= want then return got ~= got end
  if got == want then return want ~= 0 or tolerance.anyzero or 1 / got == 1 / want end
  if tolerance.ulps == 0 or math.abs(want) == math.huge or math.abs(got) == math.huge then return false end
  return math.abs(got - want) <= tolerance.ulps * unit(math.max(math.abs(want), tolerance.scale), kind)
end

-- Says where a result differs from what is expected, nil when it does not.
local function difference(got, want, tolerance)
  if got.kind ~= want.kind then return ("%s instead of %s"):format(got.kind, want.kind) end
  local shape, extents = table.concat(got.shape, ","), table.concat(want.shape, ",")
  if shape ~= extents then return ("shape {%s} instead of {%s}"):format(shape, extents) end
  if #got.values ~= #want.values then return ("%d elements instead of %d"):format(#got.values, #want.values) end
  for index, value in ipairs(want.values) do
    if not agree(got.values[index], value, want.kind, tolerance) then
      local number = math.type(value) == "float" and "%.17g" or "%s"
      return ("element %d is " .. number .. " instead of " .. number):format(index, got.values[index], value)
    end
  end
end

local inputs = setmetatable({ sonde = sonde, math = math, table = table }, { __index = _G })

local function define(name, text)
  local input = parse(text)
  if #input.values == 0 then
    inputs[name] = sonde.zeros(input.shape, { dtype = input.kind })
  else
    inputs[name] = sonde.tensor(input.values, { dtype = input.kind }):reshape(input.shape)
  end
end

-- Runs a case; returns why it fails, or nil.
local function check(source, tolerance, expected)
  local chunk = load("return " .. source, "=case", "t", inputs) or assert(load(source, "=case", "t", inputs))
  local results = table.pack(pcall(chunk))
  if expected == "error" then return results[1] and "no error" or nil end
  if not results[1] then return results[2] end
  local ulps, scale, anyzero = tolerance:match("^(%d+)@?([%d.e+-]*)(z?)$")
  local limits = { ulps = tonumber(ulps), scale = tonumber(scale) or 0, anyzero = anyzero == "z" }
  local count = 0
  for text in expected:gmatch("[^|]+") do
    count = count + 1
    if count >= results.n then return ("%d results, one more expected"):format(results.n - 1) end
    local problem = difference(describe(results[count + 1]), parse(text), limits)
    if problem then return results.n > 2 and ("result %d: %s"):format(count, problem) or problem end
  end
  if count ~= results.n - 1 then return ("%d results instead of %d"):format(results.n - 1, count) end
end

local function fields(line)
  local list = {}
  for field in (line .. "\t"):gmatch("([^\t]*)\t") do list[#list + 1] = field end
  return list
end

local cases, failures, definitions = 0, {}, {}
for line in io.lines(path) do
  local kind, name, first, second, source = table.unpack(fields(line))
  if kind == "input" then
    define(name, first)
    definitions[name] = first
  elseif kind == "make" then
    inputs[name] = assert(load("return " .. first, "=make", "t", inputs))()
  elseif kind == "case" and (not only or name:sub(1, #only) == only) then
    cases = cases + 1
    local problem = check(source, first, second)
    if problem then
      failures[#failures + 1] = ("%s: %s: %s; expected %s"):format(name, source, problem, second)
    end
  end
end

-- No case may change what it reads.
for name, text in pairs(definitions) do
  local problem = difference(describe(inputs[name]), parse(text), { ulps = 0, scale = 0 })
  if problem then failures[#failures + 1] = ("input %s was changed: %s"):format(name, problem) end
end

for _, failure in ipairs(failures) do print(failure) end
print(("%d cases, %d failures"):format(cases, #failures))
os.exit(#failures == 0 and cases > 0, true)
