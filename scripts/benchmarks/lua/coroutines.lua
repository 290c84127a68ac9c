-- Coroutines: resumes and yields by wrap and resume, short-lived ones, and a pipeline of several.
local function numbers(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i) end
  end)
end

local function filtered(source, divisor)
  return coroutine.wrap(function()
    for i in source do
      if i % divisor ~= 0 then coroutine.yield(i) end
    end
  end)
end

local total = 0
for i in filtered(filtered(numbers(150000), 3), 5) do total = total + i end

local echo = coroutine.create(function(value)
  while true do value = coroutine.yield(value) end
end)
for i = 1, 300000 do
  local _, value = coroutine.resume(echo, i)
  total = total + value
end

for i = 1, 40000 do total = total + coroutine.wrap(function() return i end)() end

return total
