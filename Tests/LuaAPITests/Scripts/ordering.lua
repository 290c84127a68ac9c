-- What order promises beyond small cases: parts of a sort, quantiles of long lines, counts; NaN, ties and long extents.
sonde.seed(7)

local function same(a, b)
  assert(a:isclose(b, { rtol = 0, atol = 0, equal_nan = true }):all():item())
end

-- The k first of a sort, by heap and by radix, with ties and NaN.
for _, dtype in ipairs{ "float32", "float64", "int64" } do
  local x = sonde.randint(-50, 50, { 3, 1000 }):to(dtype)
  if dtype ~= "int64" then x:masked_fill_(x:eq(3), 0 / 0) end
  for _, layout in ipairs{ x, x:t():contiguous():t() } do
    for _, largest in ipairs{ true, false } do
      local values, order = layout:sort(2, { descending = largest })
      for _, k in ipairs{ 0, 1, 7, 125, 126, 999, 1000 } do
        local v, i = layout:topk(k, 2, { largest = largest })
        same(v, values[{ {}, { 1, k } }])
        assert(i:equal(order[{ {}, { 1, k } }]))
      end
    end
  end
end

-- NaN is taken where there is too little else, and none before.
local few, places = sonde.tensor{ 0 / 0, 2, 0 / 0, 1, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0,
  0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0, 0 / 0 }:topk(3)
assert(few[1] == 2 and few[2] == 1 and few[3] ~= few[3] and places[1] == 2 and places[2] == 4 and places[3] == 1)

-- Sorting is stable: indices of equal elements ascend, also when descending.
local ties = sonde.randint(1, 3, { 5000 })
for _, descending in ipairs{ true, false } do
  local values, order = ties:sort{ descending = descending }
  local step, rank = order:diff(), values:diff()
  assert((step:gt(0):logical_or(rank:ne(0))):all():item())
  assert(ties[order]:equal(values) and ties:argsort{ descending = descending }:equal(order))
end

-- Quantiles follow the definition on sorted data, on lines shorter and longer than what is sorted at once.
for _, n in ipairs{ 1, 2, 63, 64, 65, 1000 } do
  local x = sonde.randn(4, n, { dtype = "float64" })
  local sorted = x:sort()
  for _, q in ipairs{ 0, 0.1, 0.5, 0.77, 1 } do
    local position = q * (n - 1)
    local below = math.floor(position)
    local low, high = sorted[{ {}, below + 1 }], sorted[{ {}, math.min(below + 2, n) }]
    assert(x:quantile(q, 2):allclose(low + (high - low) * (position - below), { rtol = 1e-13, atol = 1e-13 }))
  end
  local median, index = x:median(2)
  assert(median:allclose(x:quantile(0.5, 2), { rtol = 1e-14, atol = 1e-15 }))
  assert(x:gather(2, index:unsqueeze(2)):squeeze(2):equal(sorted[{ {}, (n + 1) // 2 }]))
  x[{ 2, (n + 1) // 2 }] = 0 / 0
  local broken, where = x:median(2)
  assert(broken:isnan()[2] and not broken:isnan()[1] and where[2] == (n + 1) // 2)
  assert(x:quantile({ 0, 1 }, 2):isnan()[{ 2, 2 }] and not x:quantile({ 0, 1 }, 2):isnan()[{ 2, 1 }])
end

-- Distinct values: NaN once, zeros of either sign once, and the inverse brings the data back.
local v, n = sonde.tensor{ 0 / 0, 1, 0.0, 0 / 0, -0.0, 1 }:unique{ counts = true }
assert(#v == 3 and v[1] == 0 and v[2] == 1 and v[3] ~= v[3] and n[1] == 2 and n[2] == 2 and n[3] == 2)
local x = sonde.randint(1, 40, { 20, 30 })
local values, inverse, counts = x:unique{ inverse = true, counts = true }
assert(values[inverse]:equal(x) and counts:sum():item() == 600)
assert(x:bincount{ minlength = 40 }[values]:equal(counts))
assert(values:searchsorted(x):equal(inverse) and values:searchsorted(x, { right = true }):equal(inverse + 1))
assert(#sonde.zeros(0):unique() == 0 and #sonde.zeros(0, { dtype = "int64" }):bincount() == 0)

-- Lines without elements cost nothing, however many.
for _, name in ipairs{ "sort", "cumsum", "cumprod", "argsort" } do
  local empty = sonde.zeros(1 << 40, 0)
  assert(empty[name](empty, 2):numel() == 0 and empty[name](empty, 1):numel() == 0, name)
end
assert(sonde.zeros(1 << 40, 0):topk(0, 2):numel() == 0 and sonde.zeros(0, 1 << 40):median(2):numel() == 0)
assert(sonde.ones(3):tile(1 << 40, 0).shape[1] == 1 << 40)
assert(sonde.tensor{ 1e4, 1e4 }:logsumexp():item() == sonde.tensor(1e4 + math.log(2)):item())
assert(sonde.zeros(0):logsumexp():item() == -math.huge)
-- A 0-dim tensor is a line of one element.
local single = sonde.tensor(3)
local sorted, place = single:sort()
assert(sorted:dim() == 0 and sorted:item() == 3 and place:dim() == 0 and place:item() == 1 and single:argsort():item() == 1)
assert(single:cumsum():item() == 3 and single:cumprod():dim() == 0 and single:softmax():item() == 1 and single:log_softmax():item() == 0)
local ok, message = pcall(single.sum, single, 1)
assert(not ok and message:find("tensor:sum: expected a tensor with dimensions, got a 0-dim one", 1, true), message)
print("ok")
