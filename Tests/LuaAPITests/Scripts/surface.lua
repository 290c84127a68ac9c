-- The tensor surface against NumPy and PyTorch: every case of Fixtures/surface.txt, in both float dtypes and three layouts.
local here = arg[0]:match("^(.*)/") or "."
local inputs, cases = {}, {}

local function parse(kind, extents, text)
  local shape, numbers = {}, {}
  for extent in extents:gmatch("%d+") do shape[#shape + 1] = math.tointeger(extent) end
  for word in text:gmatch("%S+") do
    local number = word:find("nan") and 0 / 0 or word == "inf" and 1 / 0 or word == "-inf" and -1 / 0 or tonumber(word)
    numbers[#numbers + 1] = number
  end
  return { kind = kind, shape = shape, numbers = numbers }
end

for line in io.lines(here .. "/Fixtures/surface.txt") do
  local name, kind, extents, numbers = line:match("^input (%w+) (%w+) ([%d,]*):(.*)$")
  if name then inputs[name] = parse(kind, extents, numbers) end
  local expression, results = line:match("^case (.-) => (.*)$")
  if expression then
    local wanted = {}
    for result in (results .. " | "):gmatch("(.-) | ") do
      local type_, shape, values = result:match("^(%w+) ([%d,]*):(.*)$")
      wanted[#wanted + 1] = parse(type_, shape, values)
    end
    cases[#cases + 1] = { expression = expression, wanted = wanted }
  end
end
assert(#cases > 1400, "only " .. #cases .. " cases")

-- A layout gives a tensor other strides, and a check that nothing but its elements was written.
local layouts = {}
function layouts.contiguous(t) return t, function() return true end end
function layouts.reversed(t)
  if t:dim() < 2 then return t, function() return true end end
  local order = {}
  for d = t:dim(), 1, -1 do order[#order + 1] = d end
  return t:permute(order):contiguous():permute(order), function() return true end
end
function layouts.gaps(t)
  local shape = t.shape
  if #shape == 0 then shape[1] = 1 end
  shape[#shape] = 2 * shape[#shape]
  local base = sonde.zeros(shape, { dtype = t.dtype })
  local index, rest = {}, {}
  for d = 1, #shape do index[d], rest[d] = {}, {} end
  index[#shape], rest[#shape] = { 1, -1, 2 }, { 2, -1, 2 }
  if shape[#shape] == 0 then return t, function() return true end end
  local part, between = base[index], base[rest]
  between:fill_(t.dtype == "bool" and true or 99)
  part:copy_(t)
  if t:dim() == 0 then part = part:select(1, 1) end
  return part, function() return between:eq(t.dtype == "bool" and true or 99):all():item() end
end

local function build(input, dtype)
  local t = sonde.zeros(input.shape, { dtype = input.kind == "float" and dtype or input.kind })
  local flat = t:view(-1 * (#input.numbers > 0 and 1 or 0))
  for i, number in ipairs(input.numbers) do flat[i] = number end
  return t
end

local tolerance = { float32 = 4e-6, float64 = 1e-12 }

local function same(got, wanted, dtype)
  if wanted.kind == "boolean" then return got == (wanted.numbers[1] == 1) end
  if wanted.kind == "integer" then return got == wanted.numbers[1] and math.type(got) == "integer" end
  if math.type(got) then got = sonde.tensor(got, { dtype = math.type(got) == "integer" and "int64" or dtype }) end
  if got.dtype ~= (wanted.kind == "float" and dtype or wanted.kind) then return false, "dtype " .. got.dtype end
  if table.concat(got.shape, ",") ~= table.concat(wanted.shape, ",") then
    return false, "shape " .. table.concat(got.shape, ",")
  end
  local flat = got:reshape(-1 * (#wanted.numbers > 0 and 1 or 0)):totable()
  for i, number in ipairs(wanted.numbers) do
    local value = flat[i]
    if type(value) == "boolean" then value = value and 1 or 0 end
    local close = value == number or (value ~= value and number ~= number)
    if not close and wanted.kind == "float" and number == number and math.abs(number) < math.huge then
      close = math.abs(value - number) <= tolerance[dtype] * math.max(1, math.abs(number))
    end
    if not close then return false, ("element %d is %s, not %s"):format(i, value, number) end
  end
  return true
end

local failures, checks = 0, 0
for _, case in ipairs(cases) do
  for _, dtype in ipairs{ "float32", "float64" } do
    for layout, lay in pairs(layouts) do
      local guards = {}
      local environment = { sonde = sonde, math = math, inf = 1 / 0, unpack = table.unpack }
      function environment.set(t, key, value) t[key] = value return t end
      setmetatable(environment, { __index = function(_, name)
        local input = assert(inputs[name], name)
        local t, guard = lay(build(input, dtype))
        guards[#guards + 1] = guard
        rawset(environment, name, t)
        return t
      end })
      local got = table.pack(pcall(load("return " .. case.expression, "=case", "t", environment)))
      local ok, why = got[1] and got.n - 1 == #case.wanted, got[2]
      if got[1] and not ok then why = (got.n - 1) .. " results" end
      for i, wanted in ipairs(case.wanted) do
        if ok then ok, why = same(got[i + 1], wanted, dtype) end
      end
      for _, guard in ipairs(guards) do
        if ok and not guard() then ok, why = false, "wrote beside the tensor" end
      end
      checks = checks + 1
      if not ok then
        failures = failures + 1
        if failures <= 40 then print(dtype, layout, case.expression, why) end
      end
    end
  end
end
assert(failures == 0, failures .. " of " .. checks .. " checks failed")
print("ok")
