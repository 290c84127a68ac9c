-- 10 000 bad calls of every kind leave no object alive.
local function count()
  collectgarbage()
  collectgarbage()
  local m = sonde.memory()
  return m.tensors, m.objects
end

local t = sonde.ones(2, 3)
local bad = {
  function() return t + sonde.ones(4, 5) end,
  function() return t:matmul(sonde.ones(4, 5)) end,
  function() return t[{ 9, 9 }] end,
  function() return t[17] end,
  function() t[5] = 1 end,
  function() return t.no_such_field end,
  function() return t:sum(17) end,
  function() return t:reshape(7) end,
  function() return sonde.zeros(-1) end,
  function() return sonde.zeros(1 << 40, 1 << 40) end,
  function() return sonde.tensor({ { 1, 2 }, { 3 } }) end,
  function() return sonde.tensor({ 1, "x" }) end,
  function() return t + {} end,
  function() return t < t end,
  function() return sonde.randn(3, { generator = 7 }) end,
  function() return sonde.cat({ t, sonde.ones(2, 4) }) end,
  function() return t:copy_(sonde.ones(9)) end,
  function() return t.sum(nil) end,
  function() return sonde.zeros(2, { dtyp = "float32" }) end,
  function() t.grad = 3 end,
  function() return t:clone():copy_({ { 1, 2, 3 }, { 4, 5, {} } }) end,
}
local tensors, objects = count()
local rounds = 0
while rounds < 10000 do
  for i, f in ipairs(bad) do
    local ok, message = pcall(f)
    assert(not ok, "call " .. i .. " did not fail")
    assert(type(message) == "string" and #message > 10, "call " .. i .. " has no message")
    rounds = rounds + 1
  end
end
local tensors_after, objects_after = count()
assert(tensors_after == tensors, tensors_after .. " tensors alive, before " .. tensors)
assert(objects_after == objects, objects_after .. " objects alive, before " .. objects)
print("ok")
