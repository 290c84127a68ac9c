-- Tensors as Lua sees them: indices, views, assignment, results of reductions.
local t = sonde.tensor{ { 1, 2, 3 }, { 4, 5, 6 } }
assert(#t == 2 and t.shape[1] == 2 and t.shape[2] == 3 and t.dtype == "float32" and t:dim() == 2 and t:numel() == 6)

-- A full index is a number, a partial one a view.
assert(t[1][2] == 2 and t[{ 1, 2 }] == 2 and t[-1][-1] == 6 and math.type(t[1][1]) == "float")
t[2][3] = 60
assert(t[{ 2, 3 }] == 60)
local column = t[{ {}, 2 }]
assert(#column == 2 and column[2] == 5)
column[1] = 20
assert(t[1][2] == 20)
local part = t[{ { 1, 2 }, { 2, 3 } }]
assert(part.shape[1] == 2 and part.shape[2] == 2 and part[1][1] == 20)
assert(t[{ {}, { 1, 3, 2 } }].shape[2] == 2 and t[{ {}, { -2, -1 } }][1][2] == 3)
t[{ {}, { 1, 2 } }] = 0
assert(t:sum():item() == 63)
t[1] = sonde.tensor{ 7, 8, 9 }
t[{ 2 }] = { 1, 2, 3 }
assert(t[2][3] == 3)
assert(t[3] == nil and t[{ { 1, 0 } }].shape[1] == 0)
local count = 0
for i, row in ipairs(t) do count = count + row[1] end
assert(count == 8)

-- Masks.
local mask = t:gt(5)
assert(mask.dtype == "bool" and mask[1][1] == true and mask[2][1] == false)
assert(#t[mask] == 3)
t[mask] = -1
assert(t:min():item() == -1 and t:eq(-1):sum():item() == 3)

-- Integers stay integers.
local i = sonde.tensor({ 3, 1, 2 }, { dtype = "int64" })
assert(math.type(i[1]) == "integer" and i:sum():item() == 6 and (i + 1).dtype == "int64" and (i / 2).dtype == "float32")
assert((i // 2)[1] == 1 and (i % 2)[1] == 1 and (-i)[1] == -3)
assert((sonde.ones(2) + sonde.ones(2, { dtype = "float64" })).dtype == "float64" and (sonde.ones(2) + 1.5).dtype == "float32")

-- Broadcasting and scalars on either side.
local row, col = sonde.arange(3), sonde.arange(2):reshape(2, 1)
local sum = row + col * 10
assert(sum.shape[1] == 2 and sum[{ 2, 3 }] == 23 and (1 - row)[3] == -2 and (2 ^ row)[3] == 8 and (6 / row)[3] == 2)

-- Reductions.
local m = sonde.tensor({ { 1, 5, 3 }, { 4, 2, 6 } }, { dtype = "float64" })
assert(m:sum():dim() == 0 and m:mean():item() == 3.5 and m:var():item() == 35 / 12 and m:var{ unbiased = true }:item() == 3.5)
local values, indices = m:max{ dim = 2 }
assert(values[1] == 5 and indices[1] == 2 and indices.dtype == "int64" and m:argmax():item() == 6)
assert(m:sum{ dim = 1, keepdim = true }.shape[1] == 1 and m:sum{ dim = { 1, 2 } }:item() == 21)
assert(m:norm():item() == math.sqrt(91))
local sorted, order = sonde.tensor{ 3, 0 / 0, 1 }:sort()
assert(sorted[1] == 1 and sorted[3] ~= sorted[3] and order[1] == 3)
assert(sonde.tensor{ 1, 0 / 0 }:max():item() ~= sonde.tensor{ 1, 0 / 0 }:max():item())
assert(sonde.tensor{ 2 } < 3 and sonde.tensor{ 2 } <= sonde.tensor{ 2 } and not (4 < sonde.tensor{ 3 }))

-- Products, views, copies.
local a, b = sonde.arange(6):reshape(2, 3), sonde.arange(6):reshape(3, 2)
local p = a:mm(b)
assert(p[1][1] == 22 and p[2][2] == 64 and a:t():mm(b:t()).shape[1] == 3)
local view = a:t()
view[{ 3, 1 }] = 99
assert(a[{ 1, 3 }] == 99)
local expanded = sonde.ones(1, 3):expand(4, 3)
assert(not pcall(expanded.fill_, expanded, 2))
assert(sonde.zeros(0, 3):sum():item() == 0 and #sonde.zeros(0, 3) == 0)
local self = sonde.arange(4):reshape(2, 2)
self:add_(self:t())
assert(self[{ 1, 2 }] == 5 and self[{ 2, 1 }] == 5)

-- The same seed gives the same stream; a float32 draw is the rounded float64 draw.
local first = sonde.randn(5, { generator = sonde.generator(9), dtype = "float64" })
local again = sonde.randn(5, { generator = sonde.generator(9) })
assert(first:to("float32"):eq(again):all():item())

-- Printing never exceeds a screen, whatever the size.
local text = tostring(sonde.zeros(1000, 1000))
local lines = select(2, text:gsub("\n", "\n"))
assert(lines < 25 and not text:find(("[^\n]"):rep(82)))
assert(tostring(sonde.tensor(3)):find("3"))
print("ok")
