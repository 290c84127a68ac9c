-- Functions written in Lua behave as all others: whose line is blamed, whose globals they see, coroutines, Ctrl-C, memory.
local function fails(pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and type(message) == "string" and message:find(pattern), tostring(message))
end

sonde.seed(1)
local net, x = nn.mlp{ inputs = 4, width = 4, depth = 2 }, sonde.randn(6, 4)

-- An error blames the line of the call, also through functions of the user's, and keeps an error object of theirs as it is.
local line = debug.getinfo(1, "l").currentline + 1
local function call() net:whatif(x, { depth = {} }) end
fails("^[^:]*library%.lua:" .. line .. ": network:whatif: option 'depth' expected", call)
fails("^[^:]*library%.lua:" .. line .. ": network:whatif: option 'depth' expected", coroutine.wrap(call))
fails("library%.lua:" .. line .. ": ", function() return net:whatif(x, { apply = call })[2].error == nil or call() end)
local report = net:probe(x)
fails("^[^:]*library%.lua:%d+: sonde.compare: expected at least two reports, got 1$", sonde.compare, report)

-- The arguments come as they are: nil options, trailing nils, too many.
assert(#net:whatif(x, nil) == 1 and #net:whatif(x, nil, nil) == 1 and #net:whatif(x, {}) == 1)
fails("takes 1 argument and options in braces, {depth=...}, got 3 as argument 2", net.whatif, net, x, 3)
fails("option 'seed' expected an integer, got 'one'", net.whatif, net, x, { seed = "one" })

-- One inside another, from inside a callback, many levels deep.
local inner
local outer = net:whatif(x, { apply = function(copy) inner = copy:whatif(x, { batchnorm = { "off", "before" } }) end })
assert(#outer == 2 and #inner == 2 and inner.base.number == 1)
local function nest(depth) return depth == 0 and 0 or #net:whatif(x, { apply = function() nest(depth - 1) end }) end
assert(nest(8) == 2)
local function endless() return net:whatif(x, { apply = function(copy) endless() end }) end
assert(#endless() == 2, "a recursion without end is an error of the variant that goes too deep")

-- help knows them, with their options.
local printed = {}
local original = print
print = function(text) printed[#printed + 1] = text end
help("network:whatif")
help(sonde.compare)
help("what-if")
print = original
assert(printed[1]:find("batchnorm +a value: 'before'") and printed[2]:find("sonde.compare(reports...", 1, true))
assert(printed[3]:find("best"))

-- Objects: their states can't be reached, their types are checked, they are freed.
local w = net:whatif(x, { batchnorm = "before" })
fails("what%-if:best: expected a what%-if as self, got a network", w.best, net)
fails("what%-if:best: expected a what%-if as self, got nil", w.best)
assert(getmetatable(w) == "locked" and w == w and w ~= net:whatif(x))
do
  local closed <close> = net:whatif(x)
  w = closed
end
fails("what%-if: this what%-if was closed", function() return #w end)
assert(tostring(w) == "what-if (closed)")
collectgarbage()
local before = sonde.memory().objects
for _ = 1, 20 do net:whatif(x, { batchnorm = { "off", "before" } }) end
w, outer, inner = nil, nil, nil
collectgarbage()
collectgarbage()
assert(sonde.memory().objects <= before, sonde.memory().objects - before)

-- Ctrl-C ends a what-if as it ends anything: an error of the line of the call, the net and the session's generator as they were.
local weights, state = net[1].linear.weight:clone(), sonde.random_state()
local ok, message = pcall(function()
  net:whatif(x, {
    apply = function(copy)
      copy[1].linear.weight:zero_()
      sonde.randn(5)
      os.execute("(sleep 0.2; kill -INT $PPID) &")
      while true do end
    end,
  })
end)
assert(not ok and message:find("^[^:]*library%.lua:%d+: interrupted!$"), message)
assert(weights:eq(net[1].linear.weight):all():item() and sonde.random_state() == state and #net:history() == 0)
assert(#net:whatif(x, { batchnorm = "before" }) == 2)

-- Scripts may lose their globals: the library keeps its own.
local check, compare, original_print, globals = assert, sonde.compare, print, _G
for name in pairs(_G) do globals[name] = nil end
local variants = net:whatif(x, { batchnorm = { "off", "before" }, init = "he_normal" })
check(#variants == 3)
print = function(text) check(text:find("std h")) end
compare(variants[1], variants[2])
original_print("ok")
