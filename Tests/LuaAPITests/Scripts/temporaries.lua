-- 100 000 temporaries of 1 MB stay under 100 MB of peak memory.
local function peak()
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^VmHWM:%s+(%d+)")
    if kb then return tonumber(kb) / 1024 end
  end
end

local rounds = tonumber(arg[1]) or 100000
for _ = 1, rounds do
  local t = sonde.zeros(1 << 18)
  assert(#t == 1 << 18)
end
-- Results of arithmetic too, which have a trampoline of their own.
local one = sonde.ones(1 << 18)
for _ = 1, rounds // 100 do
  local t = one + 1
  assert(t[1] == 2)
end
local megabytes = peak()
assert(megabytes < 100, "peak " .. megabytes .. " MB")
print("ok", megabytes)
