-- Indices of every form: what they alias, what they refuse, and the whole texts of the mistakes.
local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("indexing.lua", 1, true), "blames " .. position)
end

local function list(t) return table.concat(t:reshape(t:numel()):totable(), " ") end

local t = sonde.arange(12):reshape(3, 4)
local rows = sonde.tensor({ 3, 1 }, { dtype = "int64" })

-- Integers and ranges view; tensors of indices copy; a 0-dim tensor is an integer.
t[{ 2, { 1, -1, 2 } }]:fill_(0)
assert(list(t) == "1.0 2.0 3.0 4.0 0.0 6.0 0.0 8.0 9.0 10.0 11.0 12.0")
t[rows]:fill_(7)
assert(t[1][1] == 1 and t[3][1] == 9)
assert(t[sonde.tensor(2, { dtype = "int64" })][2] == 6 and t[{ sonde.tensor(-1), 2 }] == 10)
assert(t[sonde.tensor{ 1, 2, 3 }:argmax()][1] == 9)
t[sonde.tensor(2)] = 5
assert(t[2][1] == 5 and t[2][4] == 5)
assert(t[{}].shape[1] == 3 and t[{ {}, {} }]:equal(t))
assert(#t[{ { 1, 0 } }] == 0 and #t[{ { 4, 3 } }] == 0)

-- An index that is written is read back, whatever its form.
local pairs_of = {
  2, -1, { 2, 3 }, { {}, 2 }, { { 2, 3 }, { 1, 4, 3 } }, rows, { {}, rows }, { rows, { 2, 3 } }, { rows, rows }, { rows, 2 },
  t:gt(4), { sonde.tensor{ true, false, true } }, { {}, sonde.tensor{ true, false, true, true } },
}
for i, index in ipairs(pairs_of) do
  local u = sonde.zeros(3, 4)
  u[index] = i
  local part = u[index]
  if type(part) == "number" then part = sonde.tensor(part) end
  assert(part:eq(i):all():item() and u:sum():item() == i * part:numel(), "index form " .. i)
  local v = t:clone()
  v[index] = v[index]
  assert(v:equal(t), "index form " .. i)
end

-- Assignment converts to the dtype, and takes nested tables, booleans and rows of a matrix.
local whole = sonde.zeros(2, 2, { dtype = "int64" })
whole[1] = { 1, 2 }
whole[{ 2, 1 }] = 1 << 62
assert(whole[{ 2, 1 }] == 1 << 62)
whole[2] = sonde.tensor{ { 3.0, 4.9 } }
assert(whole[{ 2, 2 }] == 4)
local mask = sonde.zeros(3, { dtype = "bool" })
mask[2] = true
assert(mask[2] == true and mask:nonzero()[{ 1, 1 }] == 2)
local u = sonde.arange(4)
u[{ { 2, 4 } }] = u[{ { 1, 3 } }]
assert(list(u) == "1.0 1.0 2.0 3.0")
u = sonde.arange(3)
u[sonde.tensor{ 1, 2, 3 }] = u:flip()
assert(list(u) == "3.0 2.0 1.0")
u[sonde.tensor{ 2, 2, 2 }] = { 7, 8, 9 }
assert(u[2] == 9)
local self = sonde.tensor({ 2, 3, 1 }, { dtype = "int64" })
self[self] = self
assert(list(self) == "1 2 3")

-- Writes into expanded views are refused in every form.
local wide = sonde.ones(1, 3):expand(4, 3)
local refused = "index: expected a tensor with an element of its own at every index, got an expanded view [4, 3]; clone() it first"
for _, index in ipairs{ 1, { 2, 2 }, { {}, 1 }, rows, { rows, rows }, wide:gt(0) } do
  fails(function() wide[index] = 0 end, refused)
end
for name, arguments in pairs{
  fill_ = { 0 }, zero_ = {}, add_ = { 1 }, exp_ = {}, clamp_ = { 0, 1 }, copy_ = { 0 }, masked_fill_ = { wide:gt(0), 0 },
  masked_scatter_ = { wide:gt(0), wide }, index_fill_ = { 1, { 1 }, 0 }, index_add_ = { 1, { 1 }, sonde.ones(1, 3) },
  index_copy_ = { 1, { 1 }, sonde.ones(1, 3) }, scatter_ = { 1, { { 1 } }, 0 }, scatter_add_ = { 1, { { 1 } }, 0 },
  put_ = { { 1 }, 0 }, cumsum_ = { 1 }, cumprod_ = { 1 }, lerp_ = { 1, 1 }, leaky_relu_ = {}, nan_to_num_ = {},
  logical_and_ = { true }, remainder_ = { 2 },
} do
  local ok, message = pcall(wide[name], wide, table.unpack(arguments))
  assert(not ok and message:find("got an expanded view [4, 3]; clone() it first", 1, true), name .. ": " .. tostring(message))
end
assert(wide:sum():item() == 12)

-- Mistakes.
fails(function() return t[sonde.tensor{ 4 }] end,
  "tensor: index 4 is outside dimension 1 of shape [3, 4]: expected 1 to 3 or -3 to -1")
fails(function() return t[{ {}, sonde.tensor{ 1, 0 } }] end,
  "tensor: index 0 is outside dimension 2 of shape [3, 4]: expected 1 to 4 or -4 to -1")
fails(function() return t[sonde.tensor{ 1.5 }] end, "tensor: expected whole numbers as indices, got 1.5")
fails(function() return t[sonde.tensor{ 0 / 0 }:abs()] end, "tensor: expected whole numbers as indices, got nan")
fails(function() return t[{ 1, 1, rows }] end, "tensor: expected at most 2 indices for shape [3, 4], got 3")
fails(function() return sonde.tensor(1)[rows] end, "tensor: a 0-dim tensor has no index 1; t:item() gives its number")
fails(function() return t[{ rows, sonde.tensor{ 1, 2, 3 } }] end,
  "index: shapes [2] and [3] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() return t[{ { 3, 1, -1 } }] end,
  "tensor: expected a step of at least 1 in a range, got -1; t:flip(dim) reverses a dimension")
fails(function() return t[{ { 1 } }] end,
  "tensor: expected {}, {first, last} or {first, last, step} as a range, got 1 numbers")
fails(function() return t[{ "x" }] end,
  "tensor: expected integers, tensors and ranges such as {1, 3} or {} as indices, got 'x'")
fails(function() return t[sonde.tensor{ true }] end,
  "mask: expected a mask of dtype bool with the leading extents of [3, 4], got bool [1]")
fails(function() return t[{ {}, sonde.tensor{ true } }] end,
  "tensor: expected a mask with extents of shape [3, 4] from dimension 2 on, got [1]")
fails(function() t[rows] = sonde.ones(5) end,
  "index: shapes [5] and [2, 4] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() t[rows] = nil end, "tensor: expected a number, a tensor or a table of numbers, got nil")
fails(function() t[1] = "x" end, "tensor: expected a number, a tensor or a table of numbers, got 'x'")
fails(function() whole[1] = 0.5 end, "tensor: expected a whole number for dtype int64, got 0.5")
fails(function() t[4] = 0 end, "tensor: index 4 is outside dimension 1 of shape [3, 4]: expected 1 to 3 or -3 to -1")
fails(function() return sonde.zeros(1, 1, 1, 1, 1, 1, 1, 1)[sonde.ones(1, 1)] end,
  "index: expected a result of at most 8 dimensions, got 9")

fails(function() return t:gather(2, { { 5 } }) end,
  "tensor:gather: index 5 is outside dimension 2 of shape [3, 4]: expected 1 to 4 or -4 to -1")
fails(function() return t:gather(1, { 1 }) end,
  "tensor:gather: expected indices of 2 dimensions within shape [3, 4] but for dimension 1, got [1]")
fails(function() return t:gather(1, t:gt(0)) end, "tensor:gather: expected whole numbers as indices, got a mask")
fails(function() return t:scatter(1, { { 1, 1 } }, sonde.ones(1, 1)) end,
  "tensor:scatter: expected a source of at least the extents of the indices, [1, 2], got [1, 1]")
fails(function() return whole:scatter_add_(1, { { 1 } }, 0.5) end,
  "tensor:scatter_add_: expected sums that dtype int64 can hold, got floats; to(\"float32\") first")
fails(function() return mask:index_add_(1, { 1 }, { 1 }) end,
  "tensor:index_add_: expected sums that dtype bool can hold, got integers; to(\"float32\") first")
fails(function() return t:index_add_(1, { 1 }, sonde.ones(3)) end, "tensor:index_add_: expected a source of shape [1, 4], got [3]")
fails(function() return t:index_copy(1, { 1 }, sonde.ones(3)) end, "tensor:index_copy: expected a source of shape [1, 4], got [3]")
fails(function() return t:index_select(1, { { 1 } }) end,
  "tensor:index_select: expected a vector of int64 indices, got int64 [1, 1]")
fails(function() return whole:index_fill_(1, { 1 }, 0.5) end, "tensor:index_fill_: expected a whole number for dtype int64, got 0.5")
fails(function() return t:take{ 13 } end, "tensor:take: expected indices from 1 to 12, the elements of shape [3, 4], got 13")
fails(function() return t:put_({ 1, 2 }, { 1 }) end, "tensor:put_: expected as many elements as indices, 2, got 1")
fails(function() return t:take_along_dim({ 1 }, 1) end, "tensor:take_along_dim: expected indices of 2 dimensions, got [1]")
fails(function() return t:masked_fill(t, 0) end, "tensor:masked_fill: expected a mask of dtype bool, got float32")
fails(function() return t:masked_scatter(t:gt(-1), sonde.ones(3)) end,
  "tensor:masked_scatter: expected a source of at least 12 elements, got 3")
fails(function() return t:where(t, 0) end, "tensor:where: expected a mask of dtype bool, got float32")
fails(function() return t:topk(5) end, "tensor:topk: expected k from 0 to 4 along dimension 2, got 5")
fails(function() return t:quantile(1.5) end, "tensor:quantile: expected numbers or a vector in 0 to 1, got 1.5")
fails(function() return sonde.zeros(0):median() end, "tensor:median: expected at least one element, got shape [0]")
fails(function() return t:searchsorted(1) end, "tensor:searchsorted: expected a sorted vector, got shape [3, 4]")
fails(function() return sonde.tensor{ 0, 1 }:bincount() end,
  "tensor:bincount: expected whole numbers from 1, got 0.0; add 1 to numbers that count from 0")
fails(function() return sonde.tensor{ 1.5 }:bincount() end, "tensor:bincount: expected whole numbers from 1, got 1.5")
fails(function() return rows:bincount{ 1 } end, "tensor:bincount: expected weights of shape [2], got [1]")
fails(function() return sonde.zeros(1, 1, 1):cov() end, "tensor:cov: expected a vector or a matrix, got shape [1, 1, 1]")
fails(function() return t:flip(1, 1) end, "tensor:flip: expected each dimension once, got 1 twice")
fails(function() return t:roll({ 1, 2 }, 1) end, "tensor:roll: expected as many shifts as dimensions, got 2 and 1")
fails(function() return t:chunk(0) end, "tensor:chunk: expected at least 1 part, got 0")
fails(function() return t:split{ 1, 1 } end, "tensor:split: expected sizes that add up to 3, the extent of dimension 1, got 1, 1")
fails(function() return t:tile(-1) end, "tensor:tile: expected extents of at least 0, got [-1]")
fails(function() return t:repeat_interleave({ 1, 2 }, 1) end, "tensor:repeat_interleave: expected 3 whole numbers, got int64 [2]")
fails(function() return t:unflatten(2, { 3, -1 }) end, "tensor:unflatten: expected extents that multiply to 4, got [3, -1]")
fails(function() return t:flatten(2, 1) end, "tensor:flatten: expected dimensions in order, got 2 and 1")
fails(function() return t:movedim({ 1, 2 }, 1) end, "tensor:movedim: expected as many places as dimensions, 2, got 1")
fails(function() return sonde.meshgrid(t) end, "sonde.meshgrid: expected at most 8 vectors, got shape [3, 4]")
fails(function() return whole:lerp_(1, 0.5) end,
  "tensor:lerp_: expected dtype float32 or float64, got int64; to(\"float32\") first")
fails(function() return mask:cumsum_() end, "tensor:cumsum_: expected a dtype of numbers, got bool; to(\"int64\") first")
fails(function() return mask:add_(1) end,
  "tensor:add_: expected a result that dtype bool can hold, got integers; to(\"float32\") first")
fails(function() return (whole:fmod(0)) end, "tensor:fmod: expected an int64 divisor other than 0, got 0")
fails(function() return sonde.arange(1, 2, 0, { dtype = "int64" }) end, "sonde.arange: expected a step other than 0, got 0")

-- Huge requests are refused before anything grows.
for _, request in ipairs{
  function() return sonde.ones(1):expand(1 << 40):unbind() end, function() return sonde.ones(1):expand(1 << 40):flip() end,
  function() return t:tile(1 << 40, 1 << 40) end, function() return t:repeat_interleave(1 << 61) end,
  function() return sonde.tensor({ 1 << 60 }, { dtype = "int64" }):bincount() end,
  function() return sonde.tensor({ math.maxinteger }, { dtype = "int64" }):bincount() end,
  function() return t:repeat_interleave({ 1 << 61, 1 << 61, 1 }, 1) end,
  function() return sonde.arange(math.mininteger, math.maxinteger, { dtype = "int64" }) end,
} do
  local ok, message = pcall(request)
  assert(not ok and message:find("memory", 1, true), message)
end
assert(sonde.ones(1):expand(1 << 40):index_select(1, { 1 << 40 })[1] == 1)
assert(#sonde.ones(3):split(math.maxinteger) == 1 and #sonde.ones(3):chunk(math.maxinteger) == 3)
assert(sonde.ones(3):roll(math.mininteger):sum():item() == 3 and sonde.ones(3):roll(math.maxinteger):sum():item() == 3)
assert(#sonde.ones(3):diff(math.maxinteger) == 0)

-- int64 counts exactly over its whole range.
local ends = sonde.arange(math.mininteger, math.maxinteger, math.maxinteger, { dtype = "int64" })
assert(#ends == 3 and ends[1] == math.mininteger and ends[2] == -1 and ends[3] == math.maxinteger - 1)
local odd = sonde.arange((1 << 53) + 1, (1 << 53) + 5, 2, { dtype = "int64" })
assert(#odd == 3 and odd[1] == (1 << 53) + 1 and odd[3] == (1 << 53) + 5)
assert(#sonde.arange(3, 1, { dtype = "int64" }) == 0 and #sonde.arange(math.maxinteger, math.mininteger, { dtype = "int64" }) == 0)
local large = sonde.tensor({ (1 << 53) + 1, 1 << 53 }, { dtype = "int64" })
assert(large:sort()[1] == 1 << 53 and large:topk(1)[1] == (1 << 53) + 1 and #large:unique() == 2)
assert(large:flip():searchsorted(large)[1] == 2)

-- Dtypes.
local i, f, d, b = rows, sonde.ones(2), sonde.ones(2, { dtype = "float64" }), sonde.tensor{ true, false }
local table_of = {
  { i, i, "int64" }, { i, f, "float32" }, { i, d, "float64" }, { f, d, "float64" }, { b, i, "int64" }, { b, f, "float32" },
  { b, b, "int64" }, { i, 1, "int64" }, { i, 1.5, "float32" }, { d, 1.5, "float64" }, { b, 2.5, "float32" },
}
for _, row in ipairs(table_of) do
  assert((row[1] + row[2]).dtype == row[3] and row[1]:maximum(row[2]).dtype == row[3])
end
assert(i:hypot(i).dtype == "float32" and i:fmod(2).dtype == "int64" and i:trunc().dtype == "int64" and i:log2().dtype == "float32")
assert(i:median().dtype == "float32" and i:quantile(0.5):item() == 2 and i:cov().dtype == "float32" and b:unique().dtype == "bool")
assert(i:bincount().dtype == "int64" and i:bincount(d).dtype == "float64" and i:bincount{ 1, 2 }.dtype == "float32")
assert(d:add_(f).dtype == "float64" and f:add_(d).dtype == "float32" and i:add_(b).dtype == "int64")
assert(sonde.rand_like(i).dtype == "float32" and sonde.randn_like(d).dtype == "float64")
assert(sonde.zeros_like(b).dtype == "bool" and sonde.ones_like(i, { dtype = "float64" }).dtype == "float64")
print("ok")
