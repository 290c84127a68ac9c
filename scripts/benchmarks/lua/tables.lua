-- Tables: insertion, removal, sorting with and without a comparison, hashing of strings, and traversal.
local state = 42
local function random()
  state = (state * 1103515245 + 12345) % 2147483648
  return state
end

local list = {}
for _ = 1, 40000 do table.insert(list, random()) end
table.sort(list)
table.sort(list, function(a, b) return a > b end)
for i = 1, 200 do table.insert(list, i, random()) end
for i = 1, 200 do table.remove(list, i) end

local counts = {}
for _, number in ipairs(list) do
  local key = "k" .. number % 1000
  counts[key] = (counts[key] or 0) + 1
end
local sum = 0
for _ = 1, 20 do
  for _, count in pairs(counts) do sum = sum + count end
end

return sum
