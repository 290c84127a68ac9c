-- Strings: concatenation, format, gsub with a pattern, a table and a function, find, and a buffer.
local pieces = {}
for i = 1, 20000 do pieces[#pieces + 1] = string.format("%d:%s;", i, ("key" .. i % 100):upper()) end
local text = table.concat(pieces)

local seen = 0
for key in text:gmatch("%u+%d+") do
  if key:find("7", 1, true) then seen = seen + 1 end
end
local swapped = text:gsub("(%d+):(%w+)", "%2=%1")
swapped = swapped:gsub("%w+", {KEY1 = "one", KEY2 = "two"})
swapped = swapped:gsub("%d%d", function(digits) return tonumber(digits) * 2 end)
local grown = ""
for i = 1, 2000 do grown = grown .. i end

return seen + #swapped + #grown
