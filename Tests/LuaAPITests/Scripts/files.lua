-- sonde.save and sonde.load: what goes in comes out, and every mistake is one sentence.
local folder = os.tmpname()
os.remove(folder)
local made = {}

local function path(name)
  made[#made + 1] = folder .. name
  return folder .. name
end

local function write(name, bytes)
  local file = assert(io.open(path(name), "wb"))
  file:write(bytes)
  file:close()
  return made[#made]
end

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("files.lua", 1, true), "blames " .. position)
end

local function same(a, b)
  assert(a.dtype == b.dtype, a.dtype .. " is not " .. b.dtype)
  assert(table.concat(a.shape, ",") == table.concat(b.shape, ","), tostring(a))
  if a:numel() > 0 then assert(a:eq(b):all():item(), tostring(a)) end
end

-- What goes in comes out.
local tensors = {
  float32 = sonde.tensor{ { 1, 2.5, -0.1 }, { 1e30, -1e-30, 7 } },
  float64 = sonde.tensor({ 0.1, 1e300, math.pi }, { dtype = "float64" }),
  int64 = sonde.tensor({ math.maxinteger, math.mininteger, (1 << 53) + 1 }, { dtype = "int64" }),
  bool = sonde.tensor{ true, false, true },
  scalar = sonde.tensor(4.5),
  empty = sonde.zeros(0, 3),
  strided = sonde.arange(1, 6):reshape(2, 3):t(),
  part = sonde.arange(1, 24):reshape(4, 6)[{ { 2, 3 }, { 2, 5 } }],
  expanded = sonde.tensor{ 1, 2 }:expand(3, 2),
}
for name, tensor in pairs(tensors) do
  local file = path(name .. ".npy")
  sonde.save(file, tensor)
  same(sonde.load(file), tensor)
end
for _, case in ipairs{ { "a.npz" }, { "b.npz", { compress = true } }, { "c.safetensors" }, { "d.SAFETENSORS" } } do
  local file = path(case[1])
  sonde.save(file, tensors, case[2] or {})
  local loaded = sonde.load(file)
  for name, tensor in pairs(tensors) do same(loaded[name], tensor) end
  for name in pairs(loaded) do assert(tensors[name], name) end
end

-- Names may be those of options, and no names at all.
local file = path("names.npz")
sonde.save(file, { compress = sonde.ones(1), header = sonde.ones(2) })
assert(#sonde.load(file).header == 2)
sonde.save(file, {})
assert(next(sonde.load(file)) == nil)
sonde.save(file, { sonde.ones(1), sonde.ones(2), x = sonde.ones(3) })
local loaded = sonde.load(file)
assert(#loaded.arr_0 == 1 and #loaded.arr_1 == 2 and #loaded.x == 3)
sonde.save(file, { ["a\0b"] = nil, [""] = sonde.ones(1) })
assert(sonde.load(file)[""])

-- A tensor that needs gradient saves its values.
local weight = nn.Sequential{ nn.Linear(2, 3) }.parameters["0.weight"]
assert(weight.requires_grad)
sonde.save(file, { w = weight })
assert(not sonde.load(file).w.requires_grad)
same(sonde.load(file).w, weight)

-- Metadata comes when it is asked for, so that load(path) is one value.
file = path("m.safetensors")
sonde.save(file, { w = weight }, { metadata = { format = "sonde" } })
assert(select("#", sonde.load(file)) == 1)
local _, metadata = sonde.load(file, { metadata = true })
assert(metadata.format == "sonde")
sonde.save(file, sonde.load(file))
_, metadata = sonde.load(file, { metadata = true })
assert(next(metadata) == nil)

-- Tables of text.
file = path("t.csv")
sonde.save(file, tensors.float32, { header = { "a", "b", "c" } })
same(sonde.load(file), tensors.float32)
sonde.save(file, tensors.float64)
same(sonde.load(file, { dtype = "float64" }), tensors.float64:reshape(3, 1))
sonde.save(file, tensors.int64, { delimiter = "\t" })
same(sonde.load(file, { dtype = "int64", delimiter = "\t" }), tensors.int64:reshape(3, 1))
sonde.save(file, tensors.bool)
same(sonde.load(file, { dtype = "bool" }), tensors.bool:reshape(3, 1))
local text = sonde.load(write("u.csv", "x,y\r\n1,\r\n\r\n3,4"))
assert(text.shape[1] == 2 and text[1][1] == 1 and text[1][2] ~= text[1][2] and text[2][2] == 4)
assert(sonde.load(write("h.csv", "2019,2020\n1,2\n"), { header = true }).shape[1] == 1)
assert(sonde.load(write("h.csv", "2019,2020\n1,2\n")).shape[1] == 2)
assert(sonde.load(write("e.csv", "")):numel() == 0)
assert(sonde.load(write("s.csv", " 1  2\n 3 4 \n"), { delimiter = " " })[2][2] == 4)

-- A failed save leaves the old file.
file = path("kept.npz")
sonde.save(file, { a = sonde.ones(1) })
fails(function() sonde.save(file, { a = sonde.ones(1), b = 3 }) end,
  "sonde.save: expected tensors in the table, got 3 at 'b'")
assert(sonde.load(file).a)

-- Mistakes.
fails(function() sonde.save("a.txt", sonde.ones(1)) end,
  "sonde.save: 'a.txt': expected a name that ends in .npy, .npz, .safetensors or .csv, got '.txt'")
fails(function() sonde.load("a.d/b") end,
  "sonde.load: 'a.d/b': expected a name that ends in .npy, .npz, .safetensors or .csv, got one without an ending")
fails(function() sonde.load("/no/such/file.npy") end,
  "sonde.load: '/no/such/file.npy': cannot open it: No such file or directory")
fails(function() sonde.save("/no/such/file.npy", sonde.ones(1)) end,
  "sonde.save: '/no/such/file.npy': cannot create it: No such file or directory")
fails(function() sonde.save("a.npy") end,
  "sonde.save: argument 2 'value' expected a tensor or a table of tensors, got nothing")
fails(function() sonde.save("a.npy", 3) end,
  "sonde.save: argument 2 'value' expected a tensor or a table of tensors, got 3")
fails(function() sonde.save("a.npy", { 1, 2 }) end,
  "sonde.save: expected a tensor for a .npy, got a table; sonde.tensor makes one of numbers, "
    .. ".npz and .safetensors hold a table of tensors")
fails(function() sonde.save("a.npz", sonde.ones(1)) end,
  "sonde.save: expected a table name -> tensor for a .npz, got a tensor of shape [1]; {name = tensor} makes one")
fails(function() sonde.save("a.npz", { a = { sonde.ones(1) } }) end,
  "sonde.save: expected tensors in the table, got a table at 'a'")
fails(function() sonde.save("a.npz", { [3] = sonde.ones(1) }) end,
  "sonde.save: expected names or a sequence as keys of the table, got 3")
fails(function() sonde.save("a.safetensors", { sonde.ones(1) }) end,
  "sonde.save: expected names as keys of the table, got 1")
fails(function() sonde.save("a.safetensors", { __metadata__ = sonde.ones(1) }) end,
  "sonde.save: expected names of tensors, got '__metadata__'")
fails(function() sonde.save("a.npz", { sonde.ones(1), arr_0 = sonde.ones(1) }) end,
  "sonde.save: expected a name of its own for every tensor, got two tensors named 'arr_0'")
fails(function() sonde.save("a.npz", { ["a\0"] = sonde.ones(1) }) end,
  "sonde.save: expected names without zero bytes, of at most 65531 bytes, got 'a\\x00'")
fails(function() sonde.save("a.csv", sonde.ones(1, 1, 1)) end,
  "sonde.save: expected a tensor of one or two dimensions for a .csv, got shape [1, 1, 1]")
fails(function() sonde.save("a.csv", sonde.ones(1, 2), { header = { "a" } }) end,
  "sonde.save: expected a name for each of the 2 columns as header, got 1")
fails(function() sonde.save("a.csv", sonde.ones(1), { header = { 1 } }) end,
  "sonde.save: option 'header' expected the names of columns, got 1")
fails(function() sonde.save("a.csv", sonde.ones(1), { delimiter = ", " }) end,
  "sonde.save: expected one character such as ',', ';', a tab or a space as the delimiter, got ', '")
fails(function() sonde.load("a.csv", { delimiter = "e" }) end,
  "sonde.load: expected one character such as ',', ';', a tab or a space as the delimiter, got 'e'")
fails(function() sonde.save("a.npz", {}, { compres = true }) end,
  "sonde.save: unknown option 'compres', did you mean 'compress'?")
fails(function() sonde.save("a.npy", sonde.ones(1), { compress = true }) end,
  "sonde.save: option 'compress' is for .npz, got a .npy")
fails(function() sonde.load("a.npz", { dtype = "float64" }) end,
  "sonde.load: option 'dtype' is for .csv, got a .npz")
fails(function() sonde.save("a.safetensors", {}, { metadata = { a = 1 } }) end,
  "sonde.save: option 'metadata' expected strings by name, got 1 at 'a'")

-- Damaged files name the byte, and absurd headers take no memory.
local function npy(header, data)
  header = header .. (" "):rep(63 - (10 + #header) % 64) .. "\n"
  return write("x.npy", "\x93NUMPY\1\0" .. string.pack("<I2", #header) .. header .. (data or ""))
end
local function shaped(shape) return "{'descr': '<f4', 'fortran_order': False, 'shape': " .. shape .. ", }" end
local function damaged(file, text)
  local before = sonde.memory().allocated
  fails(function() sonde.load(file) end, "sonde.load: '" .. file .. "': " .. text)
  assert(sonde.memory().allocated - before < 1 << 16)
end
damaged(npy(shaped("(1000000000000,)")),
  "expected 4000000000000 bytes of elements for shape [1000000000000], got 0 (at byte 128); "
    .. "the file is incomplete, fetch it again")
damaged(npy(shaped("(2,)"), ("x"):rep(9)), "expected 8 bytes of elements for shape [2], got 9 (at byte 136)")
damaged(npy(shaped("(-2,)")), "expected extents of at least 0, got a negative one (at byte 61)")
damaged(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"),
  "expected elements of type f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1, got '|O' (at byte 20); "
    .. "arrays of Python objects hold code and are never loaded")
damaged(npy("__import__('os').system('true')"),
  "expected a header that is a Python dictionary, which begins with '{', got '_' (at byte 10)")
damaged(write("y.npz", "hello"), "expected a zip archive, which begins with 'PK', got 'he' (at byte 0)")
damaged(write("y.safetensors", string.pack("<I8", 1 << 62)),
  "expected a header of at most 100000000 bytes, got 4611686018427387904 (at byte 0)")
damaged(write("y.safetensors", string.pack("<s8", '{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4]}}')),
  "expected two offsets of 'a' within the 0 bytes behind the header, got [0, 4] (at byte 9)")
damaged(write("y.csv", "1,2\n3,four\n"), "expected a number, got 'four' (at line 2, column 2, byte 6)")
damaged(write("z.csv", "1,2\n3\n"), "expected 2 cells as in line 1, got 1 (at line 2, column 2, byte 4)")

-- A deflated entry whose directory and header promise what its stream doesn't hold.
file = path("bomb.npz")
sonde.save(file, { a = sonde.zeros(1 << 16) }, { compress = true })
local stream = assert(io.open(file, "rb"))
local bytes = stream:read("a")
stream:close()
assert(#bytes < 1000)
local directory = bytes:find("PK\1\2", 1, true)
local size = string.unpack("<I4", bytes, directory + 24)
file = write("bomb.npz", bytes:sub(1, directory + 23) .. string.pack("<I4", size + 4) .. bytes:sub(directory + 28))
damaged(file, "expected " .. (1 << 18) .. " bytes of elements for shape [65536], got " .. (1 << 18) + 4
  .. " (at byte " .. (1 << 18) + 128 .. " of the entry 'a.npy')")

for _, name in ipairs(made) do os.remove(name) end
print("ok")
