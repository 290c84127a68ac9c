-- What Lua drops is given back, however its box ends: dropped, closed, kept by weak tables only, or alive at the end.
local function collect()
  collectgarbage()
  collectgarbage()
  return sonde.memory()
end

local before = collect()
local function rest(what)
  local now = collect()
  assert(now.objects == before.objects, what .. ": " .. now.objects - before.objects .. " objects")
  assert(now.tensors == before.tensors, what .. ": " .. now.tensors - before.tensors .. " tensors")
  assert(now.live == before.live, what .. ": " .. now.live - before.live .. " bytes")
end

do
  local kept = {}
  for i = 1, 3000 do kept[i] = sonde.full({ i % 40 }, i) end
  local held = sonde.memory()
  assert(held.objects == before.objects + 3000 and held.tensors == before.tensors + 3000)
  -- every other one goes; what takes their place doesn't touch the rest
  for i = 1, 3000, 2 do kept[i] = false end
  assert(collect().objects == before.objects + 1500)
  for i = 1, 3000, 2 do kept[i] = sonde.full({ 3 }, -i) end
  for i = 1, 3000 do
    local expected, count = i % 2 == 0 and i or -i, i % 2 == 0 and i % 40 or 3
    assert(#kept[i] == count)
    for j = 1, count do assert(kept[i][j] == expected) end
  end
end
rest("dropped in turns")

-- closed first, dropped then: once is enough
do
  local a <close> = sonde.ones(10)
  local b <close> = a + a
  assert(b[10] == 2)
end
rest("closed")

-- userdatas of others between ours
do
  local files = {}
  for i = 1, 50 do
    files[i] = assert(io.open(arg[0]))
    local t = sonde.ones(4) + i
    assert(t[4] == 1 + i)
  end
  for _, file in ipairs(files) do file:close() end
end
rest("among files")

-- weak tables let go of tensors, and a finaliser of the user's still sees the tensor it holds
do
  local weak, seen = setmetatable({}, { __mode = "v" }), 0
  local keys = setmetatable({}, { __mode = "k" })
  for i = 1, 100 do
    weak[i] = sonde.ones(10)
    keys[sonde.ones(5)] = i
    setmetatable({ t = sonde.full({ 2 }, i) }, { __gc = function(box) seen = seen + (box.t * 2)[1] end })
  end
  collect()
  assert(next(weak) == nil and next(keys) == nil)
  assert(seen == 100 * 101, seen)
end
rest("weak")

-- the end of a tensor that leads to a Lua function: its tape goes with it
do
  local square = sonde.func{
    forward = function(context, x) return x * x end,
    backward = function(context, gradient) return gradient end,
  }
  for _ = 1, 200 do
    local x = sonde.ones(10):requires_grad_()
    local y = square(x)
  end
end
rest("tape")

do
  local thread = coroutine.wrap(function()
    local a = sonde.ones(10)
    for i = 1, 500 do
      a = a + 1
      coroutine.yield(a)
    end
  end)
  for i = 1, 400 do assert(thread()[1] == 1 + i) end
end
rest("coroutine")

-- alive at the end
kept = { sonde.ones(10), sonde.ones(100) }
print("ok")
