-- Every function says in its errors who it is, by the one name that help has for it, and blames the caller's line: for wrong
-- arguments of every place, wrong and unknown options, too many arguments, and for what the engine refuses.
local say = print
function print() end
local stranger = coroutine.create(print)
local net = nn.mlp{ inputs = 3, width = 4, depth = 2, outputs = 2 }
local x = sonde.randn(8, 3)
local classes = sonde.tensor{ 1, 2, 1, 2, 1, 2, 1, 2 }
local optimizer = optim.SGD(net, { lr = 0.1 })
local train = data.blobs{ samples = 20, seed = 1 }
local report, variants, recorder = net:probe(x), net:whatif(x), sonde.recorder{}
local prediction, copy = net:theory(), net:clone()
local objects = {
  tensor = x, generator = sonde.generator(1), network = net, layer = net[1], parameters = net.parameters, optimizer = optimizer,
  dataset = train, batches = train:batches(3), ["parameter group"] = optimizer.groups[1], recorder = recorder,
  schedule = optim.schedule.cosine{ steps = 10 }, report = report, ["report row"] = report[1], stats = report[1].activation,
  ["what-if"] = variants, variant = variants[1], comparison = sonde.compare(report, report), prediction = prediction,
  ["prediction row"] = prediction[1], ["predicted stats"] = prediction[1].activation,
  history = copy:fit{ train = { x, classes }, optimizer = optim.SGD(copy, { lr = 0.1 }), epochs = 1, progress = false },
  sweep = sonde.sweep{ grid = { a = { 1 } }, run = function(c) return c.a end, progress = false },
}

local calls, functions = 0, 0
local function refused(name, f, ...)
  calls = calls + 1
  local ok, message = pcall(f, ...)
  assert(not ok, name .. " took it")
  assert(type(message) == "string", name)
  local text = message:match("^[^:]*error_names%.lua:%d+: (.*)$") or message
  assert(text:sub(1, #name + 2) == name .. ": " and not text:find("\n"), ("%s says: %s"):format(name, message))
  return text
end

for _, name in ipairs(sonde.reference()) do
  local entry = sonde.reference(name)
  if entry.kind == "a function" or entry.kind == "a method" then
    functions = functions + 1
    local owner, short = name:match("^(.*)[.:]([^.:]+)$")
    local object = entry.kind == "a method" and (objects[owner] or error("no object for " .. owner)) or nil
    local body = object and object[short] or assert(load("return " .. name))()
    local function call(...)
      if object then return body(object, ...) end
      return body(...)
    end
    if object then refused(name, body, stranger) end
    local required = 0
    for _, parameter in ipairs(entry.parameters) do if not parameter.default then required = required + 1 end end
    for place, parameter in ipairs(entry.parameters) do
      -- those before it are left out: the first that is wrong is told
      if parameter.type ~= "a value" and (place == 1 or required < 1) then
        local given = {}
        for before = 1, place - 1 do given[before] = nil end
        given[place] = stranger
        local text = refused(name, call, table.unpack(given, 1, place))
        assert(text:find("argument " .. place .. " '" .. parameter.name .. "' expected ", 1, true), text)
      end
    end
    if #entry.options > 0 and #entry.parameters == 0 then
      local text = refused(name, call, { no_such_option = 1 })
      assert(text:find("unknown option 'no_such_option'", 1, true), text)
      for _, option in ipairs(entry.options) do
        if option.type ~= "a value" then
          text = refused(name, call, { [option.name] = stranger })
          assert(text:find("option '" .. option.name .. "' ", 1, true), text)
        end
      end
    end
    if #entry.parameters == 0 and not entry.variadic then refused(name, call, 5) end
  end
end
assert(functions > 400 and calls > 700, functions .. " functions, " .. calls .. " calls")

-- What the engine refuses, under the name that was called.
for name, f in pairs{
  ["nn.cross_entropy"] = function() nn.cross_entropy(x, sonde.zeros(8)) end, ["nn.mse"] = function() nn.mse(x, sonde.ones(3)) end,
  ["nn.nll"] = function() nn.nll(x, sonde.zeros(8)) end, ["nn.huber"] = function() nn.huber(x, x, { delta = 0 }) end,
  ["nn.bce"] = function() nn.bce(x * 9, x) end, ["nn.kl"] = function() nn.kl(x, -x:abs()) end, ["nn.l1"] = function() nn.l1(x, sonde.ones(1)) end,
  ["tensor:sum"] = function() x:sum(3) end, ["tensor:matmul"] = function() x:matmul(x) end, ["tensor:mm"] = function() x:mm(x) end,
  ["tensor:reshape"] = function() x:reshape(5) end, ["tensor:gather"] = function() x:gather(1, sonde.tensor({ { 9 } }, { dtype = "int64" })) end,
  ["tensor:select"] = function() x:select(1, 9) end, ["tensor:add_"] = function() x:add_(sonde.ones(5)) end,
  ["tensor:backward"] = function() x:backward() end, ["tensor:item"] = function() x:item() end,
  ["sonde.cat"] = function() sonde.cat{ x, sonde.ones(2, 2) } end, ["sonde.stack"] = function() sonde.stack{ x, sonde.ones(2, 2) } end,
  ["sonde.arange"] = function() sonde.arange(1, 2, 0) end, ["sonde.linalg.inv"] = function() sonde.linalg.inv(x) end,
  ["sonde.linalg.svdvals"] = function() sonde.linalg.svdvals(sonde.ones(2)) end, ["sonde.load"] = function() sonde.load("none.npy") end,
  ["network:backward"] = function() net:clone():backward(x) end,
  ["network:recalibrate"] = function() net:clone():batchnorm(true):recalibrate(x, { batch = 1 }) end,
  ["network:load_state"] = function() net:load_state{} end, ["network:lsuv"] = function() net:clone():lsuv(sonde.zeros(8, 3)) end,
  ["network:fit"] = function() net:fit{ train = { x, classes }, optimizer = optimizer } end,
  ["nn.Dropout"] = function() nn.Dropout(2) end, ["optim.SGD"] = function() optim.SGD(net, { lr = -1 }) end,
} do
  refused(name, f)
end

say("ok")
