-- Integers in short sequences: the most flips over all permutations.
local n = 8
local permutation, copy, counts = {}, {}, {}
for i = 1, n do permutation[i] = i end
local most, left = 0, n

while true do
  while left > 1 do
    counts[left - 1] = left
    left = left - 1
  end
  table.move(permutation, 1, n, 1, copy)
  local flips, first = 0, copy[1]
  while first ~= 1 do
    local low, high = 1, first
    while low < high do
      copy[low], copy[high] = copy[high], copy[low]
      low, high = low + 1, high - 1
    end
    flips, first = flips + 1, copy[1]
  end
  if flips > most then most = flips end
  -- the next permutation
  while true do
    if left == n then return most end
    table.insert(permutation, left + 1, table.remove(permutation, 1))
    counts[left] = counts[left] - 1
    if counts[left] > 0 then break end
    left = left + 1
  end
end
