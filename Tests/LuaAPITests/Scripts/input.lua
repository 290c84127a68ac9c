-- Run with --memory-limit 24M: an input of 15 MB leaves no room for a copy of it.
local net = nn.Sequential{ nn.Linear(1000, 4) }
local x = sonde.randn(4000, 1000)
net(x)
x:fill_(1)
local ok, message = pcall(function() net:backward(sonde.ones(4000, 4)) end)
assert(not ok)
local expected = "the network needs its input for its backward; it was changed in place at line 5 of %S*input%.lua "
  .. "with no memory left for a copy; run the forward again$"
assert(message:match(expected), message)
-- the session goes on
assert(#net(x) == 4000 and x[1][1] == 1)
print("ok")
