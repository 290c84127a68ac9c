-- The collector: many small tables that die young, beside some that live long.
local function grow(depth)
  if depth == 0 then return {} end
  return {grow(depth - 1), grow(depth - 1)}
end

local function count(tree)
  return tree[1] and 1 + count(tree[1]) + count(tree[2]) or 1
end

local kept, total = grow(15), 0
for depth = 4, 12, 4 do
  for _ = 1, 2 ^ (16 - depth) do total = total + count(grow(depth)) end
end

return total + count(kept)
