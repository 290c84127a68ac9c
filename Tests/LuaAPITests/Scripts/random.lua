-- Random numbers as Lua sees them: distributions, generators and their states, choices, and every error's text.
local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("random.lua", 1, true), "blames " .. position)
end

local function same(a, b)
  assert(a.dtype == b.dtype and #a.shape == #b.shape)
  return a:numel() == 0 or a:eq(b):all():item()
end

-- Every function, from one state: the in-place method draws the same numbers, and so does another generator of the seed.
local draws = {
  { function(o) return sonde.rand(5, 3, o) end, function(t, o) return t:uniform_(o) end },
  { function(o) return sonde.uniform(-2, 3, { 5, 3 }, o) end, function(t, o) return t:uniform_(-2, 3, o) end },
  { function(o) return sonde.randn(5, 3, o) end, function(t, o) return t:normal_(o) end },
  { function(o) return sonde.normal(4, 0.5, { 5, 3 }, o) end, function(t, o) return t:normal_(4, 0.5, o) end },
  { function(o) return sonde.exponential(2, { 5, 3 }, o) end, function(t, o) return t:exponential_(2, o) end },
  { function(o) return sonde.truncated_normal(8, 9, { 5, 3 }, o) end,
    function(t, o) return t:truncated_normal_(0, 1, 8, 9, o) end },
  { function(o) return sonde.bernoulli(0.3, { 5, 3 }, o) end, function(t, o) return t:bernoulli_(0.3, o) end },
  { function(o) return sonde.bernoulli(sonde.tensor{ 0, 0.5, 1 }, { 5, 3 }, o) end,
    function(t, o) return t:bernoulli_(sonde.tensor{ 0, 0.5, 1 }, o) end },
  { function(o) return sonde.randint(-3, 3, { 5, 3 }, { generator = o.generator, dtype = "float32" }) end,
    function(t, o) return t:randint_(-3, 3, o) end },
}
for i, draw in ipairs(draws) do
  local g = sonde.generator(77)
  local first = draw[1]{ generator = g }
  assert(first.dtype == "float32" and first.shape[1] == 5 and first.shape[2] == 3, i)
  local t = sonde.zeros(5, 3)
  assert(draw[2](t, { generator = sonde.generator(77) }) == t and same(t, first), i)
  local turned = sonde.zeros(3, 5):t()
  draw[2](turned, { generator = sonde.generator(77) })
  assert(same(turned, first), "strides change " .. i)
  sonde.seed(77)
  assert(same(draw[1]{}, first), i)
  assert(not same(draw[1]{}, first), "a second call repeats the first: " .. i)
  -- 15 numbers take 8 blocks, none of them none
  assert(g:state() == "philox4x32-10 000000000000004d 0000000000000008", g:state())
  draw[2](sonde.zeros(0, 3), { generator = g })
  assert(g:state() == "philox4x32-10 000000000000004d 0000000000000008", g:state())
end

-- The number of threads changes nothing.
local before = sonde.threads()
local drawn = {}
for _, threads in ipairs{ 1, 4 } do
  sonde.threads(threads)
  local g = sonde.generator(5)
  drawn[#drawn + 1] = sonde.cat{
    sonde.randn(200000, { generator = g }), sonde.rand(200000, { generator = g }),
    sonde.exponential(1, 200000, { generator = g }), sonde.permutation(200000, { generator = g }):to("float32"),
    sonde.choice(200000, 1000, { replace = false, p = sonde.ones(200000), generator = g }):to("float32") }
end
sonde.threads(before)
assert(same(drawn[1], drawn[2]))

-- Integers of any range, without bias at either end.
local wide = sonde.randint(math.mininteger, math.maxinteger, { 1000 })
assert(wide:min():item() < -(1 << 61) and wide:max():item() > 1 << 61)
assert(sonde.randint(math.maxinteger, math.maxinteger):item() == math.maxinteger)
assert(sonde.randint(0, 1, { 100 }, { dtype = "bool" }).dtype == "bool")

-- States: stored as text, taken back, by a generator and by the session.
local g = sonde.generator(3)
local start = g:state()
assert(start == "philox4x32-10 0000000000000003 0000000000000000" and g.seed == 3)
local a = sonde.randn(7, { generator = g })
local twin = g:clone()
local b = sonde.randn(7, { generator = g })
assert(same(sonde.randn(7, { generator = twin }), b) and not same(a, b))
assert(g:set_state(start) == g and same(sonde.randn(7, { generator = g }), a))
assert(sonde.generator(99):set_state(start).seed == 3)
local session = sonde.random_state()
local c = sonde.rand(3)
assert(sonde.random_state(session) == session and same(sonde.rand(3), c))
sonde.seed(12)
assert(sonde.random_state() == "philox4x32-10 000000000000000c 0000000000000000")
local not_a_state = "expected a state that generator:state gave, got "
fails(function() g:set_state("") end, "generator:set_state: " .. not_a_state .. "''")
fails(function() g:set_state(start .. " ") end,
  "generator:set_state: " .. not_a_state .. "'philox4x32-10 0000000000000003 000000...'")
fails(function() g:set_state(("\255"):rep(1 << 20)) end,
  "generator:set_state: " .. not_a_state .. "'" .. ("\u{FFFD}"):rep(37) .. "...'")
fails(function() sonde.random_state("philox4x32-10 ffffffffffffffff 0000000000000000") end,
  "sonde.random_state: " .. not_a_state .. "'philox4x32-10 ffffffffffffffff 000000...'")
fails(function() g:set_state(5) end, "generator:set_state: argument 1 'state' expected a string, got 5")
fails(function() g:set_state{} end, "generator:set_state: argument 1 'state' expected a string, got a table")
fails(function() sonde.generator(-1) end, "sonde.generator: expected a seed of 0 or more, got -1")
assert(same(sonde.rand(3, { generator = g }), sonde.rand(3, { generator = g:clone():set_state(
  "philox4x32-10 0000000000000003 0000000000000004") })), "a refused state changes nothing")

-- Permutations of numbers and of a tensor's slices.
local order = sonde.permutation(1000)
assert(order.dtype == "int64" and order:sort()[1] == 1 and order:sort()[1000] == 1000)
assert(#sonde.permutation(0) == 0)
local table_of_ten = sonde.arange(10):reshape(5, 2)
local rows = sonde.permutation(table_of_ten, { generator = sonde.generator(1) })
local index = sonde.permutation(5, { generator = sonde.generator(1) })
for i = 1, 5 do assert(same(rows[i], table_of_ten[index[i]])) end
local columns = sonde.permutation(table_of_ten, { dim = -1, generator = sonde.generator(2) })
assert(same(columns:sum{ dim = 2 }, table_of_ten:sum{ dim = 2 }))
fails(function() sonde.permutation(-1) end, "sonde.permutation: expected n of at least 0, got -1")
fails(function() sonde.permutation(sonde.tensor(1)) end, "sonde.permutation: expected a tensor with rows, got a 0-dim one")
fails(function() sonde.permutation(table_of_ten, { dim = 3 }) end,
  "sonde.permutation: expected a dimension from 1 to 2 (or negative), got 3")

-- Choices: of numbers and of rows, in any shape.
assert(sonde.choice(5):dim() == 0 and #sonde.choice(5, 0) == 0)
local matrix = sonde.choice(3, { 20, 30 })
assert(matrix.shape[2] == 30 and matrix:min():item() == 1 and matrix:max():item() == 3)
assert(sonde.choice(6, 6, { replace = false }):sum():item() == 21)
local few = sonde.choice(1 << 60, 100, { replace = false })
assert(few:min():item() >= 1 and few:max():item() <= 1 << 60)
local picked = sonde.choice(table_of_ten, { 2, 3 })
assert(picked.shape[1] == 2 and picked.shape[2] == 3 and picked.shape[3] == 2)
assert(same(sonde.choice(table_of_ten, 2, { p = { 0, 0, 9, 0, 0 } }), sonde.tensor{ { 5, 6 }, { 5, 6 } }))
assert(sonde.choice(sonde.tensor{ 7 }):item() == 7)
assert(sonde.choice(sonde.zeros(0, 3), 0).shape[2] == 3)
fails(function() sonde.choice(0) end, "sonde.choice: expected something to draw from, got none")
fails(function() sonde.choice(-1, 0) end, "sonde.choice: expected n of at least 0, got -1")
fails(function() sonde.choice(3, -2) end, "sonde.choice: expected extents of at least 0, got [-2]")
fails(function() sonde.choice(3, 4, { replace = false }) end,
  "sonde.choice: expected to draw 0 to 3 without replacement, got 4")
fails(function() sonde.choice(3, 2, { p = { 1, 2 } }) end,
  "sonde.choice: expected option 'p' of shape [3], a weight for each, got [2]")
fails(function() sonde.choice(2, 2, { p = { 1, -2 } }) end,
  "sonde.choice: expected finite weights of at least 0, got -2.0")
fails(function() sonde.choice(2, 2, { p = { 1, 0 / 0 } }) end,
  "sonde.choice: expected finite weights of at least 0, got nan")
fails(function() sonde.choice(2, 2, { p = { 0, 0 } }) end,
  "sonde.choice: expected at least 1 weights above 0 to draw from, got 0")
fails(function() sonde.choice(2, 2, { p = { 3, 0 }, replace = false }) end,
  "sonde.choice: expected at least 2 weights above 0 to draw from, got 1")
fails(function() sonde.choice(sonde.tensor(3)) end, "sonde.choice: expected a tensor with rows, got a 0-dim one")
assert(not pcall(sonde.choice, 2, 1 << 50) and not pcall(sonde.choice, 2, { 1 << 40, 1 << 40 }))

-- Multinomial: a row of draws for each row of weights.
local m = sonde.multinomial(sonde.tensor{ { 0, 1, 0 }, { 0, 0, 2 } }, 4, { replace = true })
assert(same(m, sonde.tensor({ { 2, 2, 2, 2 }, { 3, 3, 3, 3 } }, { dtype = "int64" })))
assert(sonde.multinomial({ 1, 1, 1 }, 3):sum():item() == 6 and sonde.multinomial({ 0, 1 }):item() == 2)
fails(function() sonde.multinomial({ 1, 0 }, 2) end,
  "sonde.multinomial: expected at least 2 weights above 0 to draw from, got 1")
fails(function() sonde.multinomial({ 1, 0 }, -1) end, "sonde.multinomial: expected to draw at least 0, got -1")
fails(function() sonde.multinomial(sonde.ones(2, 2, 2), 1) end,
  "sonde.multinomial: expected a vector of weights, or a matrix with a row of them for each draw, got shape [2, 2, 2]")

-- Wrong figures.
fails(function() sonde.uniform(2, 1) end, "sonde.uniform: expected finite bounds in order, got 2.0 and 1.0")
fails(function() sonde.uniform(0, math.huge) end, "sonde.uniform: expected finite bounds in order, got 0.0 and inf")
fails(function() sonde.normal(0, -1) end,
  "sonde.normal: expected a finite mean and a finite std of at least 0, got 0.0 and -1.0")
fails(function() sonde.exponential(0) end, "sonde.exponential: expected a finite rate above 0, got 0.0")
fails(function() sonde.exponential(1, { 2 }, { dtype = "int64" }) end,
  "sonde.exponential: expected dtype float32 or float64, got int64")
fails(function() sonde.truncated_normal(1, 1) end, "sonde.truncated_normal: expected bounds in order, got 1.0 and 1.0")
fails(function() sonde.truncated_normal(1, 2, { std = 0 }) end,
  "sonde.truncated_normal: expected a finite mean and a finite std above 0, got 0.0 and 0.0")
fails(function() sonde.truncated_normal(1, 2, { sd = 1 }) end,
  "sonde.truncated_normal: unknown option 'sd', did you mean 'std'?")
fails(function() sonde.bernoulli(1.5) end, "sonde.bernoulli: expected a probability from 0 to 1, got 1.5")
fails(function() sonde.bernoulli(sonde.tensor{ 0, -1 }) end,
  "sonde.bernoulli: expected probabilities from 0 to 1, got -1.0")
fails(function() sonde.randint(2, 1) end, "sonde.randint: expected lo <= hi, got 2 and 1")
fails(function() sonde.randint(0, 1 << 25, { 2 }, { dtype = "float32" }) end,
  "sonde.randint: expected bounds that float32 holds exactly (up to 16777216), got 0 and 33554432")
local t = sonde.zeros(2)
fails(function() t:uniform_(3, 2) end, "tensor:uniform_: expected finite bounds in order, got 3.0 and 2.0")
fails(function() t:to("int64"):normal_() end, "tensor:normal_: expected dtype float32 or float64, got int64")
fails(function() t:expand(3, 2):normal_() end,
  "tensor:normal_: expected a tensor with an element of its own at every index, got an expanded view [3, 2]; clone() it first")
fails(function() t:bernoulli_(2) end, "tensor:bernoulli_: expected a probability from 0 to 1, got 2.0")
fails(function() t:bernoulli_(sonde.zeros(3)) end,
  "tensor:bernoulli_: shapes [3] and [2] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() t:exponential_(-1) end, "tensor:exponential_: expected a finite rate above 0, got -1.0")
fails(function() t:truncated_normal_(0, 1, 3, 2) end, "tensor:truncated_normal_: expected bounds in order, got 3.0 and 2.0")
fails(function() t:randint_(3, 2) end, "tensor:randint_: expected bounds in order, got 3 and 2")
fails(function() t:gt(0):randint_(0, 1) end, "tensor:randint_: expected a dtype of numbers, got bool")
assert(t:sum():item() == 0)
-- A seed reaches networks that were there before: what they draw afterwards repeats itself, as torch.manual_seed makes it.
do
  local net, drop = nn.mlp{ inputs = 4, width = 4, depth = 1 }, nn.Sequential{ nn.Dropout(0.5) }
  local x = sonde.ones(1, 50)
  local function draw(seed)
    sonde.seed(seed)
    net:init("he_normal")
    return net.parameters["0.linear.weight"]:detach():clone(), drop(x):detach()
  end
  local weight, mask = draw(4)
  local again, same = draw(4)
  assert(weight:equal(again) and mask:equal(same))
  local other, another = draw(5)
  assert(not weight:equal(other) and not mask:equal(another))
  local state = sonde.random_state()
  local y = drop(x):detach()
  sonde.random_state(state)
  assert(y:equal(drop(x):detach()))
  -- a network with a seed of its own goes its own way
  local own = nn.mlp{ inputs = 4, width = 4, depth = 1, seed = 3 }
  sonde.seed(4); own:init("he_normal"); local one = own.parameters["0.linear.weight"]:detach():clone()
  sonde.seed(4); own:init("he_normal")
  assert(not one:equal(own.parameters["0.linear.weight"]))
  -- the repetitions of a sweep draw numbers of their own, also with a network from outside
  local s = sonde.sweep{ grid = { lr = { 1 } }, repeats = 3, seed = 3, progress = false, run = function()
    net:init("he_normal")
    return { w = net.parameters["0.linear.weight"]:sum():item() }
  end }
  local seen = {}
  for i = 1, 3 do seen[s.runs[i].result.w] = true end
  local count = 0
  for _ in pairs(seen) do count = count + 1 end
  assert(count == 3, count)
end

print("ok")
