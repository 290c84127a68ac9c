-- What holds of tensors whatever their shape and strides. Run: sonde properties.lua [seed [rounds]].
-- Every failure tells the seed and the round, which are enough to see it again.
local seed, rounds = math.tointeger(arg[1]) or 20261123, math.tointeger(arg[2]) or 100

local random = math.random
local round, story = 0, ""

local function check(condition, what)
  if not condition then
    error(("seed %d, round %d: %s: %s"):format(seed, round, what, story), 2)
  end
end

local function pick(list) return list[random(#list)] end

-- The elements in row-major order, and their count even where there are none.
local function elements(tensor)
  local list = {}
  local function visit(value)
    if type(value) ~= "table" then
      list[#list + 1] = value
    else
      for index = 1, #value do visit(value[index]) end
    end
  end
  visit(tensor:totable())
  return list
end

-- Whether two tensors have the same dtype, shape and elements, NaN equal to itself and 0 to -0.
local function same(a, b)
  if a.dtype ~= b.dtype or table.concat(a.shape, ",") ~= table.concat(b.shape, ",") then return false end
  local left, right = elements(a), elements(b)
  for index, x in ipairs(left) do
    local y = right[index]
    if x ~= y and (x == x or y == y) then return false end
  end
  return #left == #right
end

local function count(shape)
  local product = 1
  for _, extent in ipairs(shape) do product = product * extent end
  return product
end

local function random_shape(most, least)
  local shape = {}
  for dim = 1, random(least or 0, most) do shape[dim] = pick { 0, 1, 1, 2, 2, 3, 4, 5 } end
  return shape
end

-- A contiguous tensor of random eighths, whole numbers or truths.
local function random_tensor(shape, dtype)
  local values = {}
  for index = 1, count(shape) do
    local whole = random(-40, 40)
    values[index] = dtype == "bool" and whole % 2 or dtype == "int64" and whole or whole / 8
  end
  if #values == 0 then return sonde.zeros(shape, { dtype = dtype }) end
  return sonde.tensor(values, { dtype = dtype }):reshape(shape)
end

-- Views, with the place in the base of every element kept beside them.

-- A view of a tensor: `shape`, and `places`, the position in the base of each element in row-major order.
local function whole(tensor)
  local places = {}
  for index = 1, tensor:numel() do places[index] = index end
  return { tensor = tensor, shape = tensor.shape, places = places }
end

-- Makes a view whose element at `index` (a table from 1) is the old one at `old(index)`.
local function derive(view, tensor, shape, old)
  local places, index = {}, {}
  local strides, step = {}, 1
  for dim = #view.shape, 1, -1 do
    strides[dim] = step
    step = step * view.shape[dim]
  end
  local function visit(dim)
    if dim > #shape then
      local place = 1
      for old_dim, position in ipairs(old(index)) do place = place + (position - 1) * strides[old_dim] end
      places[#places + 1] = view.places[place]
      return
    end
    for position = 1, shape[dim] do
      index[dim] = position
      visit(dim + 1)
    end
  end
  visit(1)
  return { tensor = tensor, shape = shape, places = places }
end

-- Whether two elements of a view lie at one place, so that it can't be written.
local function overlaps_itself(view)
  local seen = {}
  for _, place in ipairs(view.places) do
    if seen[place] then return true end
    seen[place] = true
  end
  return false
end

local function copy(list) return { table.unpack(list) } end

local function without(list, dim)
  local result = copy(list)
  table.remove(result, dim)
  return result
end

local moves = {}

-- A view with `extent` elements along a dimension, every `step`th from `first`.
local function cut(view, tensor, dim, extent, first, step)
  local shape = copy(view.shape)
  shape[dim] = extent
  return derive(view, tensor, shape, function(index)
    local old = copy(index)
    old[dim] = first + (index[dim] - 1) * step
    return old
  end)
end

function moves.range(view)
  local dim = random(#view.shape)
  local extent = view.shape[dim]
  if extent == 0 then return view end
  local first, step = random(extent), random(3)
  local last = random(first, extent)
  local key = {}
  for other = 1, dim - 1 do key[other] = {} end
  key[dim] = { first, random(2) == 1 and last or last - extent - 1, step }
  return cut(view, view.tensor[key], dim, (last - first) // step + 1, first, step)
end

function moves.narrow(view)
  local dim = random(#view.shape)
  local extent = view.shape[dim]
  if extent == 0 then return view end
  local first = random(extent)
  local length = random(0, extent - first + 1)
  return cut(view, view.tensor:narrow(dim, first, length), dim, length, first, 1)
end

function moves.select(view)
  local dim = random(#view.shape)
  if view.shape[dim] == 0 or #view.shape == 1 then return view end
  local position = random(view.shape[dim])
  return derive(view, view.tensor:select(dim, position), without(view.shape, dim), function(index)
    local old = copy(index)
    table.insert(old, dim, position)
    return old
  end)
end

function moves.unsqueeze(view)
  if #view.shape > 5 then return view end
  local dim = random(#view.shape + 1)
  local shape = copy(view.shape)
  table.insert(shape, dim, 1)
  return derive(view, view.tensor:unsqueeze(dim), shape, function(index) return without(index, dim) end)
end

function moves.expand(view)
  if random(3) > 1 then return view end
  local shape = copy(view.shape)
  for dim, extent in ipairs(shape) do
    if extent == 1 and random(2) == 1 then shape[dim] = 3 end
  end
  return derive(view, view.tensor:expand(shape), shape, function(index)
    local old = copy(index)
    for dim, extent in ipairs(view.shape) do
      if extent == 1 then old[dim] = 1 end
    end
    return old
  end)
end

function moves.permute(view)
  local order = {}
  for dim = 1, #view.shape do table.insert(order, random(dim), dim) end
  local shape = {}
  for dim, old in ipairs(order) do shape[dim] = view.shape[old] end
  return derive(view, view.tensor:permute(order), shape, function(index)
    local old = {}
    for dim, place in ipairs(order) do old[place] = index[dim] end
    return old
  end)
end

local names = { "range", "narrow", "select", "unsqueeze", "expand", "permute" }

-- A view by a few random moves; `story` tells them.
local function random_view(base, most)
  local view = whole(base)
  for _ = 1, random(0, most or 4) do
    if #view.shape == 0 then break end
    local name = pick(names)
    story = story .. " " .. name
    view = moves[name](view)
  end
  return view
end

-- A random view that can be written, and its base.
local function writable_view(dtype, shape)
  while true do
    local base = random_tensor(shape or random_shape(4, 1), dtype)
    local view = random_view(base)
    if #view.places > 0 and not overlaps_itself(view) then return base, view end
    story = ""
  end
end

-- The methods by name, as help knows them.
local function method_names()
  local list, known = sonde.reference("tensor").methods, {}
  for _, name in ipairs(list) do known[name] = true end
  return list, known
end

-- Properties.

local properties = {}

-- A view reads the base's elements, at the places that plain Lua computes; a write through one shows in the other.
function properties.views_alias()
  local base = random_tensor(random_shape(4, 1), pick { "float32", "float64", "int64", "bool" })
  local view = random_view(base)
  local flat, seen = elements(base), elements(view.tensor)
  check(table.concat(view.tensor.shape, ",") == table.concat(view.shape, ","), "the shape of a view")
  check(#seen == #view.places and view.tensor:numel() == #seen, "the number of elements of a view")
  for index, place in ipairs(view.places) do check(seen[index] == flat[place], "an element of a view") end
  check(same(view.tensor:contiguous(), view.tensor) and same(view.tensor:clone(), view.tensor), "a copy of a view")
  if #flat == 0 then return end

  local target = random(#flat)
  local value = base.dtype == "bool" and not flat[target] or base.dtype ~= "bool" and 99
  base:view(-1)[target] = value
  seen = elements(view.tensor)
  for index, place in ipairs(view.places) do
    check(seen[index] == (place == target and value or place ~= target and flat[place]), "a write to the base")
  end
  flat[target] = value

  if overlaps_itself(view) then
    check(not pcall(view.tensor.fill_, view.tensor, 1), "fill_ of an expanded view")
  elseif #seen > 0 then
    view.tensor:fill_(1)
    for _, place in ipairs(view.places) do flat[place] = base.dtype == "bool" or 1 end
  end
  for index, x in ipairs(elements(base)) do check(x == flat[index], "a write through the view") end
end

-- Shapes that broadcast with `shape`: extents of 1 and missing leading ones.
local function broadcast_partner(shape)
  local result = {}
  for dim = random(0, #shape) + 1, #shape do result[#result + 1] = random(3) == 1 and 1 or shape[dim] end
  return result
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local binary = words [[add sub mul div pow floor_divide mod maximum minimum eq lt le gt ge ne fmod atan2 hypot
  logical_and logical_or logical_xor]]

-- An operand of the given shape that is a view of something larger.
local function strided(shape, dtype)
  local larger, key = {}, {}
  for dim, extent in ipairs(shape) do
    local step = random(2)
    larger[dim] = extent * step + 1
    key[dim] = extent == 0 and { 2, 1 } or { 1 + random(0, 1), -1, step }
  end
  if #shape == 0 or random(3) == 1 then return random_tensor(shape, dtype) end
  local view = random_tensor(larger, dtype)[key]
  for dim, extent in ipairs(shape) do view = view:narrow(dim, 1, extent) end
  return view
end

function properties.broadcasting_is_expansion()
  local shape = random_shape(4)
  local left = strided(shape, pick { "float32", "float64", "int64" })
  local right = strided(broadcast_partner(shape), pick { "float32", "float64", "int64", "bool" })
  if right.dtype ~= "float32" and right.dtype ~= "float64" then right = right:abs():add(1) end
  if random(2) == 1 then left, right = right, left:abs():add(1) end
  local a, b = left:expand(shape):clone(), right:expand(shape):clone()
  story = ("%s {%s} and %s {%s}"):format(
    left.dtype, table.concat(left.shape, ","), right.dtype, table.concat(right.shape, ","))
  for _, name in ipairs(binary) do
    check(same(left[name](left, right), a[name](a, b)), name)
  end
  local mask = strided(broadcast_partner(shape), "bool")
  check(same(sonde.where(mask, left, right), sonde.where(mask:expand(shape):clone(), a, b)), "where")
end

-- The arguments of methods that have a form in place; none stands for functions of every element.
local function arguments(name, tensor)
  local shape, rank = tensor.shape, #tensor.shape
  local function index_tensor(extents, dim)
    local values = {}
    for place = 1, count(extents) do values[place] = random(shape[dim]) end
    if #values == 0 then return sonde.zeros(extents, { dtype = "int64" }) end
    return sonde.tensor(values, { dtype = "int64" }):reshape(extents)
  end
  local operand = strided(broadcast_partner(shape), tensor.dtype)
  if operand.dtype ~= "bool" then operand = operand:abs():add(1) end
  local dim = random(rank)
  local slices = copy(shape)
  slices[dim] = 2
  local function scattered() return dim, index_tensor(shape, dim), strided(shape, tensor.dtype) end
  local function sliced() return dim, index_tensor({ 2 }, dim), strided(slices, tensor.dtype) end
  local makers = {
    clamp = function() return -1, 2 end,
    lerp = function() return operand, 0.5 end,
    leaky_relu = function() return 0.25 end,
    nan_to_num = function() return 1, 2, 3 end,
    masked_fill = function() return strided(broadcast_partner(shape), "bool"), 1 end,
    masked_scatter = function() return strided(shape, "bool"), random_tensor({ count(shape) + 1 }, tensor.dtype) end,
    cumsum = function() return dim end,
    cumprod = function() return dim end,
    scatter = scattered, scatter_add = scattered, index_add = sliced, index_copy = sliced,
    index_fill = function() return dim, index_tensor({ 2 }, dim), 1 end,
    put = function() return sonde.tensor({ 1, count(shape) }, { dtype = "int64" }), 1 end,
  }
  if makers[name] then return makers[name]() end
  if name == "remainder" then return operand end
  for _, other in ipairs(binary) do
    if other == name then return operand end
  end
end

-- Methods in place without a form that isn't: they fill, draw, or belong to the tape.
local alone = {}
for _, name in ipairs(words [[copy_ fill_ zero_ requires_grad_ detach_ uniform_ normal_ truncated_normal_ bernoulli_
  exponential_ randint_]]) do
  alone[name] = true
end

function properties.in_place_is_out_of_place()
  local list, known = method_names()
  local found = 0
  for _, name in ipairs(list) do
    local plain = name:match("^(.*)_$")
    if plain and not alone[name] then
      check(known[plain], name .. " has no form that is not in place, and is not among those that need none")
      found, story = found + 1, ""
      local base, view = writable_view(pick { "float32", "float64", "int64", "bool" })
      local tensor = view.tensor
      if #view.shape > 0 then
        local given = table.pack(arguments(plain, tensor))
        local untouched = elements(base)
        local fits, result = pcall(tensor[plain], tensor, table.unpack(given, 1, given.n))
        for index, x in ipairs(elements(base)) do check(x == untouched[index], plain .. " changes its tensor") end
        local done, changed = pcall(tensor[name], tensor, table.unpack(given, 1, given.n))
        -- in place the dtype stays, so that what gives another may be refused; nothing else may differ
        if done then
          check(fits and changed == tensor, name .. " does not return its tensor")
          check(same(tensor, result:to(tensor.dtype)), name .. " differs from " .. plain)
          local kept = {}
          for _, place in ipairs(view.places) do kept[place] = true end
          for index, x in ipairs(elements(base)) do
            check(kept[index] or x == untouched[index], name .. " writes beside its view")
          end
        else
          check(not fits or result.dtype ~= tensor.dtype, ("%s fails, %s does not: %s"):format(name, plain, changed))
          for index, x in ipairs(elements(base)) do
            check(x == untouched[index], name .. " fails and changes its tensor")
          end
        end
      end
    end
  end
  check(found > 40, "only " .. found .. " methods in place")
end

-- Methods without arguments that give a tensor of numbers: what they make of a view and of a copy of it is the same.
local plain_methods = words [[neg abs sign floor ceil round square relu exp tanh sigmoid gelu erf sin isnan
  isfinite logical_not sum prod mean var std norm all any argsort sort cumsum cumprod softmax log_softmax logsumexp
  flip flatten nonzero count_nonzero unique nansum nan_to_num clone squeeze diff]]
local along = words [[sum prod mean var std norm all any argsort sort cumsum cumprod softmax log_softmax logsumexp
  flip min max argmin argmax median count_nonzero amin amax]]
local needs_elements = { min = true, max = true, argmin = true, argmax = true, median = true, amin = true, amax = true }

function properties.strides_do_not_matter()
  local view
  repeat
    story = ""
    view = random_view(random_tensor(random_shape(4, 1), pick { "float32", "float64", "int64", "bool" }))
  until #view.shape > 0
  local tensor, dense = view.tensor, view.tensor:clone()
  local function compare(name, ...)
    local results, others = table.pack(tensor[name](tensor, ...)), table.pack(dense[name](dense, ...))
    check(results.n == others.n, name)
    for index = 1, results.n do
      -- sums in double run in another order, and eighths make them exact but for functions and divisions
      local near = { rtol = 1e-6, atol = 1e-7, equal_nan = true }
      check(same(results[index], others[index]) or results[index]:allclose(others[index], near), name)
    end
  end
  for _, name in ipairs(plain_methods) do compare(name) end
  for dim, extent in ipairs(view.shape) do
    for _, name in ipairs(along) do
      if extent > 0 or not needs_elements[name] then compare(name, dim) end
    end
  end
end

-- Writes under every form of index are what `where` makes of a mask of the same places.
function properties.assignment_is_where()
  local dtype = pick { "float32", "float64", "int64" }
  local base = random_tensor(random_shape(3, 1), dtype)
  local expected = base:clone()
  local mask = random_tensor(base.shape, "bool")
  base[mask] = 7
  check(same(base, sonde.where(mask, 7, expected):to(dtype)), "a mask as index")
  check(same(base, expected:masked_fill(mask, 7)), "masked_fill")

  local source = random_tensor(base.shape, dtype)
  base:copy_(source)
  local places = mask:nonzero()
  if #places > 0 then
    local key = {}
    for dim = 1, #base.shape do key[dim] = places:select(2, dim) end
    base[key] = -3
    check(same(base, sonde.where(mask, -3, source):to(dtype)), "index tensors")
  end
end

-- Cutting and joining, turning there and back, sorting and gathering undo or agree with each other.
function properties.inverses()
  local view
  repeat
    story = ""
    view = random_view(random_tensor(random_shape(4, 1), pick { "float32", "int64", "bool" }))
  until #view.shape > 0
  local tensor, dim = view.tensor, random(#view.shape)
  check(same(tensor:flip(dim):flip(dim), tensor), "flip")
  check(same(tensor:roll(2, dim):roll(-2, dim), tensor), "roll")
  check(same(tensor:movedim(dim, 1):movedim(1, dim), tensor), "movedim")
  check(same(tensor:reshape(-1 * -1 * tensor:numel()):reshape(tensor.shape), tensor), "reshape")
  if view.shape[dim] > 0 then
    check(same(sonde.cat(tensor:split(2, dim), dim), tensor), "split and cat")
    check(same(sonde.cat(tensor:chunk(3, dim), dim), tensor), "chunk and cat")
    if #view.shape > 1 then check(same(sonde.stack(tensor:unbind(dim), dim), tensor), "unbind and stack") end
    local values, places = tensor:sort(dim)
    check(same(tensor:gather(dim, places), values), "sort and gather")
    check(same(values:scatter(dim, places, values), tensor), "sort and scatter")
    local most = tensor:topk(view.shape[dim], dim)
    check(same(most, (tensor:sort { dim = dim, descending = true })), "topk and sort")
  end
  if tensor.dtype ~= "bool" then
    local first = tensor:narrow(dim, 1, math.min(1, view.shape[dim]))
    local restored = sonde.cat({ first, tensor:diff(1, dim) }, dim)
    check(same(restored:cumsum(dim), tensor), "diff and cumsum")
  end
end

-- Products by views are those by copies.
function properties.products()
  local rows, inner, columns = random(0, 4), random(0, 4), random(0, 4)
  local a, b = strided({ rows, inner }, "float32"), strided({ columns, inner }, "float32"):t()
  local product = a:matmul(b)
  check(same(product, a:clone():matmul(b:clone())), "matmul of views")
  check(same(product, b:t():matmul(a:t()):t()), "matmul of transposes")
  check(same(product, (a:unsqueeze(2) * b:t():unsqueeze(1)):sum(3)), "matmul as sums of products")
end

local order = {}
for name in pairs(properties) do order[#order + 1] = name end
table.sort(order)
for _, name in ipairs(order) do
  math.randomseed(seed)
  for current = 1, name == "in_place_is_out_of_place" and rounds // 5 or rounds do
    round, story = current, ""
    local done, problem = pcall(properties[name])
    if not done then
      print(("%s: seed %d, round %d:%s: %s"):format(name, seed, round, story, problem))
      os.exit(1, true)
    end
  end
end
print("ok")
