-- Closures, methods found through __index, metamethods, pcall and varargs.
local Point = {}
Point.__index = Point

function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end

function Point:moved(dx, dy) return Point.new(self.x + dx, self.y + dy) end

function Point.__add(a, b) return Point.new(a.x + b.x, a.y + b.y) end

local function adder(n)
  return function(x) return x + n end
end

local function sum(...)
  local total = 0
  for i = 1, select("#", ...) do total = total + select(i, ...) end
  return total
end

local here, total = Point.new(0, 0), 0
for i = 1, 120000 do
  here = here:moved(1, 2) + here
  if here.x > 1e6 then here = Point.new(0, 0) end
  total = adder(i)(total) % 1000 + sum(1, 2, 3)
  local _, value = pcall(sum, i, 1)
  total = total + value % 2
  if i % 10 == 0 then pcall(error, here) end
end

return total
